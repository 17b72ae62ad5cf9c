//! The system's roots, in a program of its own: the environment is the whole process's.

mod support;
use support::*;

fn stats(ctx: &Ctx) -> String {
    let mut buf = empty();
    call(|err| unsafe { tlsw_ctx_get_cert_store_stats(ctx.0, &mut buf, err) }).unwrap();
    String::from_utf8(take(buf)).unwrap()
}

fn load(ctx: &Ctx) {
    call(|err| unsafe { tlsw_ctx_load_system_roots(ctx.0, err) }).unwrap();
}

#[test]
fn the_environment_says_where_the_roots_are() {
    let set = |file: &str, dir: &str| unsafe {
        std::env::set_var("SSL_CERT_FILE", pki(file));
        std::env::set_var("SSL_CERT_DIR", pki(dir));
    };
    let one = r#"{"x509": 1, "x509_ca": 1, "crl": 0}"#;
    set("root.pem", "");
    // A client has them from the beginning, a server when it asks.
    assert_eq!(stats(&Ctx::new(TLSW_CLIENT)), one);
    let server = Ctx::new(TLSW_SERVER);
    assert_eq!(stats(&server), r#"{"x509": 0, "x509_ca": 0, "crl": 0}"#);
    load(&server);
    assert_eq!(stats(&server), one);
    let client = Ctx::new(TLSW_CLIENT);
    let pair = Pair::new(&client, &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.handshake().0, Ok(()));

    // The first CA of one's own takes their place, unless they were asked for.
    client.load_ca_file(&pki("roots.pem")).unwrap();
    assert_eq!(stats(&client), r#"{"x509": 3, "x509_ca": 3, "crl": 0}"#);
    server.load_ca_file(&pki("old-root.pem")).unwrap();
    assert_eq!(stats(&server), r#"{"x509": 2, "x509_ca": 2, "crl": 0}"#);

    // Read again when the environment has changed; none at all is no error.
    set("roots.pem", "");
    assert_eq!(stats(&Ctx::new(TLSW_CLIENT)), r#"{"x509": 3, "x509_ca": 3, "crl": 0}"#);
    set("no-such-file", "no-such-directory");
    let client = Ctx::new(TLSW_CLIENT);
    load(&client);
    assert_eq!(stats(&client), r#"{"x509": 0, "x509_ca": 0, "crl": 0}"#);
    let pair = Pair::new(&client, &Ctx::server("localhost"), Some("localhost"));
    let error = pair.handshake().0.unwrap_err();
    assert_eq!(error.verify_error, 20);
    assert!(error.message.contains("no-such-file"), "{}", error.message);
}
