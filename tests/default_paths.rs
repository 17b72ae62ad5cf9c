//! Where the system's roots are: what is told is what is read.

mod support;
use support::*;

use std::env;
use std::path::Path;
use std::ptr::null_mut;

fn paths() -> String {
    let mut json = empty();
    call(|err| unsafe { tlsw_get_default_verify_paths(&mut json, err) }).unwrap();
    String::from_utf8(take(json)).unwrap()
}

fn set(variable: &str, value: Option<&Path>) {
    // SAFETY: no other test of this program writes the environment, and all read it by std.
    unsafe {
        match value {
            Some(value) => env::set_var(variable, value),
            None => env::remove_var(variable),
        }
    }
}

/// Whether a client that trusts the system's roots takes a server of the test PKI.
fn takes_the_test_server() -> bool {
    let client = Ctx::new(TLSW_CLIENT);
    Pair::new(&client, &Ctx::server("localhost"), Some("localhost")).handshake().0.is_ok()
}

fn value(path: Option<&Path>) -> String {
    path.map_or("null".to_owned(), |path| format!("\"{}\"", path.display()))
}

/// One test, for the environment is one.
#[test]
fn what_is_told_is_what_is_read() {
    set("SSL_CERT_FILE", None);
    set("SSL_CERT_DIR", None);
    let usual = paths();
    let key = |key: &str| {
        let (_, rest) = usual.split_once(&format!("\"{key}\": ")).unwrap();
        rest.trim_end_matches('}').split(", \"").next().unwrap().to_owned()
    };
    let keys = |file: Option<&Path>, directory: Option<&Path>| {
        format!(
            "{{\"cafile\": {}, \"capath\": {}, \"openssl_cafile_env\": \"SSL_CERT_FILE\", \
             \"openssl_cafile\": {}, \"openssl_capath_env\": \"SSL_CERT_DIR\", \
             \"openssl_capath\": {}}}",
            value(file),
            value(directory),
            key("openssl_cafile"),
            key("openssl_capath")
        )
    };
    // The package ca-certificates is there: other tests need it too.
    assert_eq!(key("cafile"), key("openssl_cafile"));
    assert_eq!(key("capath"), "null");
    assert!(Path::new(key("cafile").trim_matches('"')).is_file());
    assert!(Path::new(key("openssl_capath").trim_matches('"')).is_dir());
    assert!(!takes_the_test_server());

    let root = pki("root.pem");
    set("SSL_CERT_FILE", Some(&root));
    assert_eq!(paths(), keys(Some(&root), None));
    assert!(takes_the_test_server());

    set("SSL_CERT_FILE", Some(Path::new("/no/such/file")));
    assert_eq!(paths(), keys(None, None));
    assert!(!takes_the_test_server());

    let directory = root.parent().unwrap();
    set("SSL_CERT_DIR", Some(directory));
    set("SSL_CERT_FILE", None);
    assert_eq!(paths(), keys(None, Some(directory)));

    let two = env::join_paths([directory, &directory.join("bad"), Path::new("/no/such")]).unwrap();
    let both = env::join_paths([directory, &directory.join("bad")]).unwrap();
    set("SSL_CERT_DIR", Some(Path::new(&two)));
    assert_eq!(paths(), keys(None, Some(Path::new(&both))));

    // What is set to nothing is not set.
    set("SSL_CERT_DIR", Some(Path::new("")));
    assert_eq!(paths(), usual);
}

#[test]
fn its_names_are_pythons() {
    let program = "import ssl\nprint(*ssl.get_default_verify_paths()._fields)";
    let theirs = python(program, "");
    let ours = paths();
    let ours = ours.split('"').filter(|part| theirs.split_whitespace().any(|key| key == *part));
    assert_eq!(ours.collect::<Vec<_>>(), theirs.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn a_result_needs_a_place() {
    let refused = call(|err| unsafe { tlsw_get_default_verify_paths(null_mut(), err) });
    assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
}
