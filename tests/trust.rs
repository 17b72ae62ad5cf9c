//! Loading CAs, asking for certificates, matching names: what the documentation of Python's ssl
//! module promises of a context.

mod support;
use support::*;

fn stats(ctx: &Ctx) -> String {
    let mut buf = empty();
    call(|err| unsafe { tlsw_ctx_get_cert_store_stats(ctx.0, &mut buf, err) }).unwrap();
    String::from_utf8(take(buf)).unwrap()
}

fn connect(
    client: &Ctx,
    server: &Ctx,
    name: Option<&str>,
) -> (Result<(), Error>, Result<(), Error>) {
    Pair::new(client, server, name).handshake()
}

/// The verification code a client comes to, 0 for none.
fn code(client: &Ctx, server: &str, name: &str) -> i32 {
    match connect(client, &Ctx::server(server), Some(name)).0 {
        Ok(()) => 0,
        Err(error) => error.verify_error,
    }
}

#[test]
fn cas_come_from_files_and_memory() {
    let ctx = Ctx::new(TLSW_SERVER);
    // A file of several, with prose between them; twice is once.
    for _ in 0..2 {
        ctx.load_ca_file(&pki("roots.pem")).unwrap();
        assert_eq!(stats(&ctx), r#"{"x509": 3, "x509_ca": 3, "crl": 0}"#);
    }
    ctx.load_ca_mem(&pki_bytes("bad/garbage-between.pem")).unwrap();
    assert_eq!(stats(&ctx), r#"{"x509": 5, "x509_ca": 4, "crl": 0}"#);
    ctx.load_ca_mem(&pki_bytes("chain.der")).unwrap();
    assert_eq!(stats(&ctx), r#"{"x509": 5, "x509_ca": 4, "crl": 0}"#);

    let error = ctx.load_ca_file(&pki("no-such-file")).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, 2));
    for file in
        ["bad/empty.pem", "bad/no-certificate.pem", "bad/key-only.pem", "bad/second-block.pem"]
    {
        assert_eq!(ctx.load_ca_file(&pki(file)).unwrap_err().status, TLSW_ERR_DECODE, "{file}");
    }
    let rubbish = [pki_bytes("root.der"), b"rubbish".to_vec()].concat();
    for bad in [&b""[..], b"\xc3\xa4", b"broken", &rubbish] {
        assert_eq!(ctx.load_ca_mem(bad).unwrap_err().status, TLSW_ERR_DECODE);
    }
    let error = call(|err| unsafe { tlsw_ctx_load_ca_file(ctx.0, std::ptr::null(), err) });
    assert_eq!(error.unwrap_err().status, TLSW_ERR_ARGUMENT);
    assert_eq!(stats(&ctx), r#"{"x509": 5, "x509_ca": 4, "crl": 0}"#);
}

#[test]
fn a_client_that_does_not_verify_takes_anything() {
    let client = Ctx::new(TLSW_CLIENT);
    client.insecure();
    for server in ["untrusted", "expired", "wrong-name", "self-signed"] {
        assert_eq!(connect(&client, &Ctx::server(server), None).0, Ok(()), "{server}");
    }
    // Optional is required, on a client.
    client.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
    assert!(connect(&client, &Ctx::server("untrusted"), None).0.is_err());
    // Verified, but the name is nobody's business.
    let client = Ctx::client("root.pem");
    client.set_check_hostname(0).unwrap();
    assert_eq!(connect(&client, &Ctx::server("wrong-name"), Some("localhost")).0, Ok(()));
    assert_eq!(client.set_verify_mode(4).unwrap_err().status, TLSW_ERR_ARGUMENT);
}

#[test]
fn a_server_asks_as_its_mode_says() {
    let plain = Ctx::client("root.pem");
    let known = Ctx::client("root.pem");
    known.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    let stranger = Ctx::client("root.pem");
    stranger.load_cert_chain("untrusted.chain.pem", "untrusted.key.pem").unwrap();
    for (mode, want) in [
        (TLSW_CERT_NONE, [true, true, true]),
        (TLSW_CERT_OPTIONAL, [true, true, false]),
        (TLSW_CERT_REQUIRED, [false, true, false]),
    ] {
        let server = Ctx::server("localhost");
        server.load_ca_file(&pki("root.pem")).unwrap();
        server.set_verify_mode(mode).unwrap();
        for (client, want) in [&plain, &known, &stranger].into_iter().zip(want) {
            let pair = Pair::new(client, &server, Some("localhost"));
            let (first, came) = pair.handshake();
            assert_eq!(came.is_ok(), want, "{mode}");
            if mode == TLSW_CERT_REQUIRED && std::ptr::eq(client, &plain) {
                assert_eq!(came.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
                // In TLS 1.3 the client is done by then, and learns it from its first read.
                assert_eq!(first, Ok(()));
                assert_eq!(pair.client.read(1).unwrap_err().alert, 116);
            }
        }
    }
}

#[test]
fn names_match_as_they_should() {
    let client = Ctx::client("root.pem");
    for (server, name, want) in [
        ("localhost", "LOCALHOST", 0),
        ("localhost", "127.0.0.1", 0),
        ("localhost", "127.0.0.2", 64),
        ("localhost", "localhost.", 0),
        ("wildcard", "a.example.test", 0),
        ("wildcard", "A.Example.Test", 0),
        ("wildcard", "a.b.example.test", 62),
        ("wildcard", "example.test", 62),
        ("ip-only", "localhost", 62),
    ] {
        assert_eq!(code(&client, server, name), want, "{server} as {name}");
    }
    let (a, b) = (Bio::new(), Bio::new());
    for name in ["localhost:443", "https://localhost", "[localhost]"] {
        let error = client.wrap_bio(&a, &b, TLSW_CLIENT, Some(name)).err().unwrap();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{name}");
    }
    // Inherited from the days of inet_aton, and no address to anybody who checks.
    assert_eq!(code(&client, "localhost", "127.1"), 62);
}

#[test]
fn servers_with_p_521_and_ed25519_are_understood() {
    use boring::{asn1::Asn1Time, ec::*, hash::MessageDigest, nid::Nid, pkey::PKey, x509::*};
    let group = EcGroup::from_curve_name(Nid::SECP521R1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    cert.set_subject_name(&name).unwrap();
    cert.set_issuer_name(&name).unwrap();
    cert.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    cert.set_not_after(&Asn1Time::days_from_now(9).unwrap()).unwrap();
    cert.set_pubkey(&key).unwrap();
    let context = cert.x509v3_context(None, None);
    let san = extension::SubjectAlternativeName::new().dns("localhost").build(&context).unwrap();
    cert.append_extension(&san).unwrap();
    cert.sign(&key, MessageDigest::sha512()).unwrap();
    let (pem, key) = (cert.build().to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap());
    let server = Ctx::new(TLSW_SERVER);
    call(|err| unsafe {
        let (cert, key) = ((pem.as_ptr(), pem.len()), (key.as_ptr(), key.len()));
        let none = std::ptr::null();
        tlsw_ctx_load_cert_chain_mem(server.0, cert.0, cert.1, key.0, key.1, none, 0, err)
    })
    .unwrap();
    // The maker of the PKI writes the second version of PKCS#8 (RFC 5958), with the public key behind
    // the private one, which BoringSSL does not read.
    let text = pki_bytes("ed25519.key.pem");
    let new = tlswrap::pem::blocks(&text).next().unwrap().unwrap().decode().unwrap();
    let head = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    let ed_key = [&head[..], &new[16..48]].concat();
    let ed_chain = pki_bytes("ed25519.chain.pem");
    let ed25519 = Ctx::new(TLSW_SERVER);
    call(|err| unsafe {
        let (cert, key) = ((ed_chain.as_ptr(), ed_chain.len()), (ed_key.as_ptr(), ed_key.len()));
        let none = std::ptr::null();
        tlsw_ctx_load_cert_chain_mem(ed25519.0, cert.0, cert.1, key.0, key.1, none, 0, err)
    })
    .unwrap();
    for version in [TLSW_TLS_1_2, TLSW_TLS_1_3] {
        let client = Ctx::new(TLSW_CLIENT);
        client.load_ca_mem(&pem).unwrap();
        client.set_versions(version);
        if version == TLSW_TLS_1_2 {
            // There the group of the certificate's key must be among those of the key exchange.
            let groups = c("x25519:P-256:P-521");
            call(|err| unsafe { tlsw_ctx_set_groups(client.0, groups.as_ptr(), err) }).unwrap();
        }
        assert_eq!(connect(&client, &server, Some("localhost")), (Ok(()), Ok(())), "{version:x}");
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        assert_eq!(connect(&client, &ed25519, Some("localhost")).0, Ok(()));
    }
}

#[test]
fn a_root_is_found_among_thousands() {
    // As many roots as nobody has, each with a name of its own; that they were not signed like this
    // is nothing that loading looks at.
    const ROOTS: usize = 12_000;
    let root = pki_ders("untrusted-root.pem").swap_remove(0);
    let name = Cert::new(&root);
    let name = unsafe { std::ffi::CStr::from_ptr(tlsw_cert_common_name(name.0)) }.to_bytes();
    let places: Vec<_> = (0..root.len()).filter(|at| root[*at..].starts_with(name)).collect();
    assert_eq!(places.len(), 2, "subject and issuer");
    let mut all = Vec::new();
    for number in 0..ROOTS {
        let mut one = root.clone();
        for place in &places {
            let word = format!("{number:0width$}", width = name.len());
            one[*place..place + name.len()].copy_from_slice(word.as_bytes());
        }
        all.extend(one);
        if number == ROOTS / 2 {
            all.extend(pki_bytes("root.der"));
        }
    }
    let client = Ctx::new(TLSW_CLIENT);
    client.load_ca_mem(&all).unwrap();
    let all_there = format!(r#"{{"x509": {0}, "x509_ca": {0}, "crl": 0}}"#, ROOTS + 1);
    assert_eq!(stats(&client), all_there);
    assert_eq!(code(&client, "localhost", "localhost"), 0);
    assert_eq!(code(&client, "p384", "localhost"), 20);
    // One more, time and again, costs little beside so many.
    for _ in 0..50 {
        client.load_ca_file(&pki("p384-root.pem")).unwrap();
    }
    assert_eq!(code(&client, "p384", "localhost"), 0);
    assert_eq!(code(&client, "untrusted", "localhost"), 20);
}
