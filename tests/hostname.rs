//! `tlsw_match_hostname` says what CPython's `ssl.match_hostname` says.

mod support;
use support::*;

use std::fmt::Write;
use std::ptr::{null, null_mut};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, KeyPair};

/// One name of the subjectAltName: its tag number in RFC 5280's ASN.1, and its bytes.
type Name<'a> = (u8, &'a [u8]);

const EMAIL: u8 = 1;
const DNS: u8 = 2;
const URI: u8 = 6;
const IP: u8 = 7;

fn certificate(key: &KeyPair, common_names: &[&str], san: Option<&[Name<'_>]>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (index, name) in common_names.iter().enumerate() {
        // rcgen keeps one attribute of a type: the second common name is one by its number.
        let kind =
            if index == 0 { DnType::CommonName } else { DnType::CustomDnType(vec![2, 5, 4, 3]) };
        params.distinguished_name.push(kind, *name);
    }
    if let Some(names) = san {
        let mut der = Vec::new();
        for (tag, bytes) in names {
            der.extend([0x80 | tag, bytes.len() as u8]);
            der.extend(*bytes);
        }
        let mut sequence = vec![0x30, 0x82];
        sequence.extend((der.len() as u16).to_be_bytes());
        sequence.extend(der);
        params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 17], sequence));
    }
    params.self_signed(key).unwrap().der().to_vec()
}

fn matches(cert: &Cert, hostname: &str) -> Result<tlsw_status, Error> {
    let hostname = c(hostname);
    call(|err| unsafe { tlsw_match_hostname(cert.0, hostname.as_ptr(), err) })
}

/// DNS names as certificates have them, and should not.
const PATTERNS: [&str; 38] = [
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "www.example.com",
    "a.com",
    "com",
    "*.com",
    "*.a.com",
    "*.example.com",
    "*.Example.COM",
    "*.b.example.com",
    "*",
    "*.",
    "*.*",
    "*.*.com",
    "a.*.com",
    "www.*",
    "f*.com",
    "*f.com",
    "f*o.com",
    "*a.example.com",
    "**.example.com",
    "*.example.*",
    "xn--tirag-oxa.de",
    "xn--tirag-oxa.python.org",
    "*.xn--tirag-oxa.python.org",
    "xn--*.python.org",
    "*.python.org",
    "",
    ".",
    ".com",
    "null.python.org\0example.org",
    "example.com\0",
    "127.0.0.1",
    "*.0.0.1",
    "2001:db8::1",
    "under_score.example.com",
    "a b.example.com",
];

const ADDRESSES: [&[u8]; 8] = [
    &[127, 0, 0, 1],
    &[10, 11, 12, 13],
    &[192, 0, 2, 255],
    &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1],
    &[0; 16],
    &[127, 0, 0],
];

const HOSTS: [&str; 58] = [
    "example.com",
    "Example.COM",
    "example.com.",
    "www.example.com",
    "WWW.EXAMPLE.COM",
    "www.example.com.",
    "a.b.example.com",
    "b.example.com",
    ".example.com",
    "..example.com",
    "a.com",
    "A.COM",
    "a.a.com",
    "b.a.com",
    "com",
    "f.com",
    "fo.com",
    "foo.com",
    "foo.a.com",
    "bar.foo.com",
    "foo",
    "foo.",
    ".",
    "",
    " ",
    "*",
    "*.com",
    "*.example.com",
    "*.*.com",
    "xn--tirag-oxa.de",
    "XN--TIRAG-OXA.de",
    "xn--tirag-oxa.python.org",
    "www.xn--tirag-oxa.python.org",
    "python.org",
    "null.python.org",
    "null.python.org.example.org",
    "example.org",
    "under_score.example.com",
    "a b.example.com",
    "www.example.net",
    "127.0.0.1",
    "127.1",
    "127.0.0.01",
    "0127.0.0.1",
    "127.0.0.1 ",
    "2130706433",
    "0x7f.0.0.1",
    "10.11.12.13",
    "192.0.2.255",
    "1.0.0.1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "[::1]",
    "2001:db8::1",
    "2001:DB8:0::1",
    "::ffff:127.0.0.1",
    "::1%lo",
    "::",
];

/// A generator of numbers that are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

/// Every name alone, in each place; and some hundred mixtures.
fn certificates() -> Vec<Vec<u8>> {
    let key = KeyPair::generate().unwrap();
    let dns = |name: &'static str| (DNS, name.as_bytes());
    let mut all = vec![
        certificate(&key, &[], None),
        certificate(&key, &[], Some(&[])),
        certificate(&key, &["example.com"], Some(&[])),
        certificate(&key, &["example.com"], Some(&[(EMAIL, b"a@example.com")])),
        certificate(&key, &["example.com"], Some(&[(URI, b"https://www.example.com/")])),
        certificate(&key, &["example.com", "a.com"], None),
        certificate(&key, &["f*.com", "a.com"], None),
    ];
    for pattern in PATTERNS {
        all.push(certificate(&key, &[], Some(&[dns(pattern)])));
        all.push(certificate(&key, &[pattern], None));
        all.push(certificate(&key, &["example.com"], Some(&[(EMAIL, b"x"), dns(pattern)])));
    }
    for address in ADDRESSES {
        all.push(certificate(&key, &["127.0.0.1"], Some(&[(IP, address)])));
    }
    let mut draw = Draw(1);
    for _ in 0..400 {
        let names: Vec<Name<'_>> = (0..draw.below(5))
            .map(|_| match draw.below(8) {
                0 => (EMAIL, &b"a@example.com"[..]),
                1 => (URI, &b"https://example.com"[..]),
                2 | 3 => (IP, ADDRESSES[draw.below(ADDRESSES.len())]),
                _ => dns(PATTERNS[draw.below(PATTERNS.len())]),
            })
            .collect();
        let common_names: Vec<&str> =
            (0..draw.below(3)).map(|_| PATTERNS[draw.below(PATTERNS.len())]).collect();
        let san = (draw.below(4) > 0).then_some(names.as_slice());
        all.push(certificate(&key, &common_names, san));
    }
    all
}

/// The answers of CPython 3.11.7 to all that is asked, hashed. Python has had no such function since
/// 3.12; there ours are held against these.
const ANSWERS: u64 = 0x18BA_6A1F_7041_2AE8;

/// For each certificate, one letter a host: `m` for a match, `x` for any exception. Nothing where
/// Python has no such function any more.
const ORACLE: &str = r#"
import os, ssl, sys, tempfile
hosts, *pems = sys.stdin.read().split("\0\0")
if sys.version_info >= (3, 12):
    sys.exit()
hosts = hosts.split("\n")
def judge(cert, host):
    try:
        ssl.match_hostname(cert, host)
    except ValueError:
        return "x"
    return "m"
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "one.pem")
    for pem in pems:
        with open(path, "w") as file:
            file.write(pem)
        cert = ssl._ssl._test_decode_cert(path)
        print("".join(judge(cert, host) for host in hosts))
"#;

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Our answers about a certificate, in the letters of the oracle.
fn answers(cert: &Cert) -> String {
    HOSTS
        .iter()
        .map(|host| match matches(cert, host) {
            Ok(status) => {
                assert_eq!(status, TLSW_OK);
                'm'
            }
            Err(error) => {
                assert_eq!(error.status, TLSW_ERR_VERIFY);
                'x'
            }
        })
        .collect()
}

#[test]
fn cpython_agrees_on_every_pair() {
    let ders = certificates();
    let mut input = HOSTS.join("\n");
    for der in &ders {
        write!(input, "\0\0{}", tlswrap::pem::encode("CERTIFICATE", der)).unwrap();
    }
    let mut ours = String::new();
    let theirs = python(ORACLE, &input);
    let mut theirs = theirs.lines();
    let has_oracle = theirs.clone().next().is_some();
    for der in &ders {
        let cert = Cert::new(der);
        let answers = answers(&cert);
        if has_oracle {
            let theirs = theirs.next().unwrap();
            let wrong: Vec<_> = (HOSTS.iter().zip(answers.chars()).zip(theirs.chars()))
                .filter(|((_, ours), theirs)| ours != theirs)
                .collect();
            let mut json = empty();
            call(|err| unsafe { tlsw_cert_json(cert.0, &mut json, err) }).unwrap();
            assert!(wrong.is_empty(), "{}: {wrong:?}", String::from_utf8_lossy(&take(json)));
            assert_eq!(answers.len(), theirs.len());
        }
        ours += &answers;
    }
    assert_eq!(theirs.next(), None);
    let matched = ours.chars().filter(|answer| *answer == 'm').count();
    let refused = ours.len() - matched;
    assert!(matched > 800 && refused > 20_000, "{matched} matched, {refused} refused");
    // Where CPython has just agreed, the number is that of other questions, and is to be replaced.
    assert_eq!(hash(&ours), ANSWERS, "CPython was asked: {has_oracle}");
}

fn refused(common_names: &[&str], san: Option<&[Name<'_>]>, hostname: &str) -> Error {
    let der = certificate(&KeyPair::generate().unwrap(), common_names, san);
    let error = matches(&Cert::new(&der), hostname).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_VERIFY);
    assert_eq!(error.verify_depth, 0);
    error
}

#[test]
fn a_refusal_names_the_host_and_the_names_tried() {
    let names: [Name<'_>; 3] = [(DNS, b"a.com"), (EMAIL, b"a@a.com"), (IP, &[10, 0, 0, 1])];
    let error = refused(&["c.com"], Some(&names), "b.com");
    assert_eq!(error.message, r#"the certificate is not for "b.com" but for "a.com", "10.0.0.1""#);
    assert_eq!(error.verify_error, 62);
    let error = refused(&["c.com"], Some(&names), "10.0.0.2");
    assert!(error.message.contains("10.0.0.2"), "{}", error.message);
    assert_eq!(error.verify_error, 64);
    let error = refused(&["c.com"], None, "b.com");
    assert_eq!(error.message, r#"the certificate is not for "b.com" but for "c.com""#);
    let error = refused(&[], None, "b.com");
    assert_eq!(error.message, "the certificate has no DNS name, address or common name");
}

#[test]
fn a_name_that_may_not_be_compared_is_told() {
    for (pattern, what) in [
        ("*.*.com", r#"the certificate's name "*.*.com" has more than one wildcard"#),
        ("a.*.com", r#"the certificate's name "a.*.com" has a wildcard behind its first label"#),
        ("f*.com", r#"the certificate's name "f*.com" has a wildcard for a part of a label"#),
        ("*", r#"the certificate's name "*" is a wildcard for everything"#),
    ] {
        let names: [Name<'_>; 2] = [(DNS, pattern.as_bytes()), (DNS, b"foo.com")];
        assert_eq!(refused(&[], Some(&names), "foo.com").message, what);
    }
}

#[test]
fn without_a_certificate_or_a_name_there_is_nothing_to_compare() {
    let host = c("example.com");
    let error = call(|err| unsafe { tlsw_match_hostname(null(), host.as_ptr(), err) }).unwrap_err();
    assert_eq!((error.status, &*error.message), (TLSW_ERR_ARGUMENT, "cert is NULL"));
    let cert = Cert::new(&pki_ders("localhost.pem")[0]);
    let error = call(|err| unsafe { tlsw_match_hostname(cert.0, null(), err) }).unwrap_err();
    assert_eq!((error.status, &*error.message), (TLSW_ERR_ARGUMENT, "hostname is NULL"));
    let pipe = Bio::new();
    let other = pipe.0.cast_const().cast();
    let refused = call(|err| unsafe { tlsw_match_hostname(other, host.as_ptr(), err) });
    assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    assert_eq!(unsafe { tlsw_match_hostname(null_mut(), null(), null_mut()) }, TLSW_ERR_ARGUMENT);
}

/// The handshake does its own check, by its own rules: a common name does for the one and not for
/// the other.
#[test]
fn a_handshake_does_not_ask_it() {
    let cert = Cert::new(&pki_ders("cn-only.pem")[0]);
    assert_eq!(matches(&cert, "localhost"), Ok(TLSW_OK));
    let client = Ctx::client("root.pem");
    let pair = Pair::new(&client, &Ctx::server("cn-only"), Some("localhost"));
    let error = pair.handshake().0.unwrap_err();
    assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 62));
}
