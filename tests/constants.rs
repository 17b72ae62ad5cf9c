//! Numbers that programs carry over are those of CPython's `ssl`; and what the library says about
//! itself.

mod support;
use support::*;

use std::collections::BTreeMap;
use std::ffi::CStr;

/// The numbers that the header defines under a prefix, by the names behind it.
fn defined(prefix: &str) -> BTreeMap<String, i64> {
    let header = concat!(env!("CARGO_MANIFEST_DIR"), "/include/tlswrap.h");
    let header = std::fs::read_to_string(header).unwrap();
    let lines = header.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    lines
        .filter_map(|(name, value)| {
            let value = value.strip_prefix("0x").map_or_else(
                || value.parse().ok(),
                |digits| i64::from_str_radix(digits, 16).ok(),
            )?;
            Some((name.strip_prefix(prefix)?.to_owned(), value))
        })
        .collect()
}

/// The numbers that Python's `ssl` module has under a prefix.
fn python_has(prefix: &str) -> BTreeMap<String, i64> {
    let program = format!(
        "import ssl\nfor name in dir(ssl):\n    if name.startswith('{prefix}'): \
         print(name[{}:], int(getattr(ssl, name)))",
        prefix.len()
    );
    let lines = python(&program, "");
    let pairs = lines.lines().map(|line| line.split_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

#[test]
fn alerts_errors_and_modes_are_all_there_with_pythons_numbers() {
    for (ours, theirs, least) in [
        ("TLSW_ALERT_", "ALERT_DESCRIPTION_", 27),
        ("TLSW_SSL_ERROR_", "SSL_ERROR_", 9),
        ("TLSW_CERT_", "CERT_", 3),
    ] {
        let mut defined = defined(ours);
        if ours == "TLSW_CERT_" {
            // For programs of other languages; Python's have nothing like it.
            assert_eq!(defined.remove("UNENFORCED"), Some(3));
        }
        if ours == "TLSW_ALERT_" {
            // What came after Python's list, by IANA's numbers.
            for (name, number) in [
                ("INAPPROPRIATE_FALLBACK", 86),
                ("MISSING_EXTENSION", 109),
                ("CERTIFICATE_REQUIRED", 116),
                ("NO_APPLICATION_PROTOCOL", 120),
            ] {
                assert_eq!(defined.remove(name), Some(number));
            }
        }
        assert!(defined.len() >= least, "{ours}");
        assert_eq!(defined, python_has(theirs));
    }
}

#[test]
fn protocols_have_pythons_numbers() {
    let theirs = python_has("PROTOCOL_").into_iter();
    let mut theirs: BTreeMap<_, _> =
        theirs.map(|(name, value)| (name.to_uppercase(), value)).collect();
    // Python leaves out what its OpenSSL was built without; these are the numbers kept for them.
    theirs.insert("SSLV2".to_owned(), 0);
    theirs.insert("SSLV3".to_owned(), 1);
    assert_eq!(theirs.len(), 9);
    assert_eq!(defined("TLSW_PROTOCOL_"), theirs);
}

#[test]
fn options_and_flags_have_pythons_numbers() {
    for (ours, theirs, least) in [("TLSW_OP_", "OP_", 15), ("TLSW_VERIFY_", "VERIFY_", 7)] {
        let (defined, theirs) = (defined(ours), python_has(theirs));
        assert!(theirs.len() >= least, "{theirs:?}");
        for (name, value) in theirs {
            let name = name.to_uppercase();
            assert_eq!(defined.get(&name), Some(&value), "{ours}{name}");
        }
    }
}

#[test]
fn versions_have_pythons_numbers() {
    let program = "import ssl\nfor v in 'TLSv1 TLSv1_1 TLSv1_2 TLSv1_3'.split(): \
                   print(int(ssl.TLSVersion[v]))";
    let theirs = python(program, "");
    let ours = [TLSW_TLS_1_0, TLSW_TLS_1_1, TLSW_TLS_1_2, TLSW_TLS_1_3].map(|v| v.to_string());
    assert_eq!(theirs.lines().collect::<Vec<_>>(), ours);
}

#[test]
fn purposes_are_pythons_objects() {
    let program = "import json, ssl\nfor p in ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH: \
                   print(json.dumps(p._asdict()))";
    let theirs = python(program, "");
    for (theirs, nid) in theirs.lines().zip([TLSW_PURPOSE_SERVER_AUTH, TLSW_PURPOSE_CLIENT_AUTH]) {
        let mut json = empty();
        call(|err| unsafe { tlsw_nid2obj(nid, &mut json, err) }).unwrap();
        assert_eq!(String::from_utf8(take(json)).unwrap(), theirs);
    }
    assert_eq!(theirs.lines().count(), 2);
}

#[test]
fn each_status_has_openssls_number() {
    for (status, number) in [
        (TLSW_OK, 0),
        (TLSW_NONE, 0),
        (TLSW_NONE_FAILED, 0),
        (TLSW_WANT_READ, TLSW_SSL_ERROR_WANT_READ),
        (TLSW_WANT_WRITE, TLSW_SSL_ERROR_WANT_WRITE),
        (TLSW_WANT_HOOK, TLSW_SSL_ERROR_WANT_X509_LOOKUP),
        (TLSW_CLOSED, TLSW_SSL_ERROR_ZERO_RETURN),
        (TLSW_ERR_TLS, TLSW_SSL_ERROR_SSL),
        (TLSW_ERR_VERIFY, TLSW_SSL_ERROR_SSL),
        (TLSW_ERR_IO, TLSW_SSL_ERROR_SYSCALL),
        (TLSW_ERR_EOF, TLSW_SSL_ERROR_EOF),
        (TLSW_ERR_ARGUMENT, TLSW_SSL_ERROR_INVALID_ERROR_CODE),
        (i32::MIN, TLSW_SSL_ERROR_INVALID_ERROR_CODE),
        (i32::MAX, 0),
    ] {
        assert_eq!(unsafe { tlsw_status_ssl_error(status) }, number, "{}", name_of(status));
    }
}

#[test]
fn alerts_have_words() {
    let words = |alert| unsafe { CStr::from_ptr(tlsw_alert_string(alert)) }.to_str().unwrap();
    assert_eq!(words(TLSW_ALERT_HANDSHAKE_FAILURE), "handshake failure");
    assert_eq!(words(TLSW_ALERT_CLOSE_NOTIFY), "close notify");
    for (name, alert) in defined("TLSW_ALERT_") {
        assert_ne!(words(alert.try_into().unwrap()), "unknown", "{name}");
    }
    for none in [-1, 1, 255, 256, i32::MIN, i32::MAX] {
        assert_eq!(words(none), "unknown", "{none}");
    }
}

#[test]
fn the_backend_counts_as_openssl_1_1_1() {
    let number = unsafe { tlsw_backend_version_number() };
    assert_eq!(number, 0x1010_107f);
    assert!(number >= 0x1010_1000);
    let parts = [0, 1, 2, 3, 4, 5, u32::MAX].map(|part| unsafe { tlsw_backend_version_info(part) });
    assert_eq!(parts, [1, 1, 1, 7, 15, 0, 0]);
    let text = unsafe { CStr::from_ptr(tlsw_backend_version()) }.to_str().unwrap();
    let api = boring_sys::BORINGSSL_API_VERSION;
    assert_eq!(text, format!("BoringSSL (API {api}, boring-sys 5.4.0)"));
}

#[test]
fn what_the_library_can_do_is_asked_by_name() {
    let has = |feature| unsafe { tlsw_has(c(feature).as_ptr()) };
    // Python's HAS_*, and what each is here.
    for (name, feature, can) in [
        ("ALPN", "alpn", 1),
        ("ECDH", "ecdh", 1),
        ("NEVER_CHECK_COMMON_NAME", "never-check-common-name", 1),
        ("NPN", "npn", 0),
        ("SNI", "sni", 1),
        ("SSLv2", "sslv2", 0),
        ("SSLv3", "sslv3", 0),
        ("TLSv1", "tls1.0", 1),
        ("TLSv1_1", "tls1.1", 1),
        ("TLSv1_2", "tls1.2", 1),
        ("TLSv1_3", "tls1.3", 1),
    ] {
        assert_eq!(has(feature), can, "{name}");
    }
    for lacking in ["post-handshake-auth", "compression", "ALPN", "", "no such thing"] {
        assert_eq!(has(lacking), 0, "{lacking}");
    }
    assert_eq!(has("fd"), i32::from(cfg!(unix)));
    assert_eq!(unsafe { tlsw_has(std::ptr::null()) }, 0);
}
