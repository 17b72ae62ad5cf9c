//! Objects by number, name and identifier are those of CPython's `ssl`.

mod support;
use support::*;

use std::ffi::CString;
use std::ptr::{null, null_mut};

fn by_text(text: &str, name: i32) -> Result<String, Error> {
    let (text, mut json) = (CString::new(text).unwrap(), empty());
    call(|err| unsafe { tlsw_txt2obj(text.as_ptr(), name, &mut json, err) })?;
    Ok(String::from_utf8(take(json)).unwrap())
}

fn by_number(nid: i32) -> Result<String, Error> {
    let mut json = empty();
    call(|err| unsafe { tlsw_nid2obj(nid, &mut json, err) })?;
    Ok(String::from_utf8(take(json)).unwrap())
}

/// The object that OpenSSL has renamed after 3.0, whose names these are: what it was, and is.
const RENAMED: [&str; 2] = [
    r#"{"nid": 287, "shortname": "ac-auditEntity", "longname": "ac-auditEntity", "oid": "1.3.6.1.5.5.7.1.4"}"#,
    r#"{"nid": 287, "shortname": "ac-auditIdentity", "longname": "X509v3 Audit Identity", "oid": "1.3.6.1.5.5.7.1.4"}"#,
];

/// Returns what OpenSSL 3.0 says where a later one says `theirs`.
fn as_openssl_3_0(theirs: &str) -> &str {
    if theirs == RENAMED[1] { RENAMED[0] } else { theirs }
}

/// Whether this is an object that OpenSSL 3.0 does not have.
fn is_later(theirs: &str) -> bool {
    let number = theirs.strip_prefix(r#"{"nid": "#).and_then(|rest| rest.split(',').next());
    number.is_some_and(|number| number.parse::<u32>().unwrap() >= 1248)
}

/// Ends with the last number that OpenSSL 3.0 has; what is beyond is not compared.
const NUMBERS: &str = r#"
import json, ssl
for nid in range(1248):
    try:
        print(json.dumps(ssl._ASN1Object.fromnid(nid)._asdict()))
    except ValueError:
        print("refused")
"#;

#[test]
fn every_number_is_that_of_cpython() {
    let theirs = python(NUMBERS, "");
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(theirs.len(), 1248);
    assert!(theirs.iter().filter(|line| **line != "refused").count() > 1_000);
    for (nid, theirs) in (0..).zip(theirs) {
        let ours = by_number(nid).unwrap_or("refused".to_owned());
        assert_eq!(ours, as_openssl_3_0(theirs), "{nid}");
    }
}

/// Every short name, long name and identifier there is, then what is none.
const TEXTS: &str = r#"
import json, ssl
texts = ["", "UNDEF", "undefined", "serverauth", "SERVERAUTH", "1", "1.2.3", "1..2", "9.9", ".",
         "1.3.6.1.4.1.99999.1", "server", "rsaEncryption "]
for nid in range(1248):
    try:
        _, *names = ssl._ssl.nid2obj(nid)
        texts += names
    except ValueError:
        pass
for text in dict.fromkeys(texts):
    for name in 0, 1:
        if text is not None:
            try:
                found = ssl._ssl.txt2obj(text, name=bool(name))
                found = json.dumps(dict(zip(("nid", "shortname", "longname", "oid"), found)))
            except ValueError:
                found = "refused"
            print(text, name, found, sep="\t")
"#;

#[test]
fn every_text_is_that_of_cpython() {
    let theirs = python(TEXTS, "");
    assert!(theirs.lines().count() > 5_000);
    for line in theirs.lines() {
        let [text, name, theirs] = *line.split('\t').collect::<Vec<_>>() else {
            panic!("{line}");
        };
        // The new names of what was renamed are not ours; nor are objects of later numbers, one of
        // which has taken the name NULL.
        if ["ac-auditIdentity", "X509v3 Audit Identity"].contains(&text) || is_later(theirs) {
            continue;
        }
        let ours = by_text(text, name.parse().unwrap()).unwrap_or("refused".to_owned());
        assert_eq!(ours, as_openssl_3_0(theirs), "{text} {name}");
    }
}

#[test]
fn the_purposes_are_found_by_all_their_names() {
    let server = r#"{"nid": 129, "shortname": "serverAuth", "longname": "TLS Web Server Authentication", "oid": "1.3.6.1.5.5.7.3.1"}"#;
    assert_eq!(by_number(129).as_deref(), Ok(server));
    assert_eq!(by_text("1.3.6.1.5.5.7.3.1", 0).as_deref(), Ok(server));
    assert_eq!(by_text("1.3.6.1.5.5.7.3.1", 1).as_deref(), Ok(server));
    assert_eq!(by_text("serverAuth", 1).as_deref(), Ok(server));
    assert_eq!(by_text("TLS Web Server Authentication", 1).as_deref(), Ok(server));
    let mode = r#"{"nid": 36, "shortname": "IDEA-ECB", "longname": "idea-ecb", "oid": null}"#;
    assert_eq!(by_text("idea-ecb", 1).as_deref(), Ok(mode));
}

#[test]
fn what_is_unknown_is_told() {
    for (refused, message) in [
        (by_text("serverAuth", 0), "unknown object 'serverAuth'"),
        (by_text("serverauth", 1), "unknown object 'serverauth'"),
        (by_text("1.3.6.1.4.1.99999.1", 1), "unknown object '1.3.6.1.4.1.99999.1'"),
        (by_number(100_000), "unknown NID 100000"),
        (by_number(0), "unknown NID 0"),
        (by_number(-1), "nid: -1 is negative"),
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.status, &*error.message), (TLSW_ERR_ARGUMENT, message));
    }
    let (text, mut json) = (c("serverAuth"), empty());
    for refused in [
        call(|err| unsafe { tlsw_txt2obj(null(), 0, &mut json, err) }),
        call(|err| unsafe { tlsw_txt2obj(text.as_ptr(), 1, null_mut(), err) }),
        call(|err| unsafe { tlsw_nid2obj(129, null_mut(), err) }),
        call(|err| unsafe { tlsw_txt2obj(text.as_ptr(), 2, &mut json, err) }),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
}
