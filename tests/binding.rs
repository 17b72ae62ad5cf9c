//! Channel bindings and exported keying material: equal on both ends, and only where they bind.

mod support;
use support::*;

use std::ptr::null;

fn binding(conn: &Conn, kind: &str) -> Result<Result<Vec<u8>, tlsw_status>, Error> {
    let (kind, mut bytes) = (c(kind), empty());
    let status =
        call(|err| unsafe { tlsw_get_channel_binding(conn.0, kind.as_ptr(), &mut bytes, err) })?;
    Ok(if status == TLSW_OK { Ok(take(bytes)) } else { Err(status) })
}

fn export(conn: &Conn, label: &str, context: Option<&[u8]>, len: usize) -> Result<Vec<u8>, Error> {
    let (label, mut bytes) = (c(label), empty());
    let (data, data_len) = context.map_or((null(), 0), |data| (data.as_ptr(), data.len()));
    call(|err| unsafe {
        tlsw_export_keying_material(conn.0, label.as_ptr(), data, data_len, len, &mut bytes, err)
    })?;
    Ok(take(bytes))
}

fn connected(version: i32, server: &str) -> Pair {
    let client = Ctx::client("root.pem");
    client.set_versions(version);
    Pair::connected(&client, &Ctx::server(server), Some("localhost"))
}

#[test]
fn tls_unique_is_equal_on_both_ends_below_1_3_only() {
    let pair = connected(TLSW_TLS_1_2, "localhost");
    let ours = binding(&pair.client, "tls-unique").unwrap().unwrap();
    assert_eq!(ours.len(), 12);
    assert_eq!(binding(&pair.server, "tls-unique"), Ok(Ok(ours.clone())));
    let other = connected(TLSW_TLS_1_2, "localhost");
    assert_ne!(binding(&other.client, "tls-unique"), Ok(Ok(ours)));

    let error = binding(&connected(TLSW_TLS_1_3, "localhost").client, "tls-unique").unwrap_err();
    assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
    assert!(error.message.contains("use tls-exporter"), "{}", error.message);
}

#[test]
fn a_resumed_connection_has_a_tls_unique_of_its_own() {
    let client = Ctx::client("root.pem");
    client.set_versions(TLSW_TLS_1_2);
    let server = Ctx::server("localhost");
    let first = Pair::connected(&client, &server, Some("localhost"));
    let session = first.client.session().unwrap().unwrap();
    let second = Pair::new(&client, &server, Some("localhost"));
    second.client.set_session(&session).unwrap();
    assert_eq!(second.handshake(), (Ok(()), Ok(())));
    assert!(second.client.is_reused());
    let ours = binding(&second.client, "tls-unique").unwrap().unwrap();
    assert_eq!(ours.len(), 12);
    assert_eq!(binding(&second.server, "tls-unique"), Ok(Ok(ours.clone())));
    assert_ne!(binding(&first.client, "tls-unique"), Ok(Ok(ours)));
}

#[test]
fn tls_exporter_is_equal_on_both_ends() {
    for version in [TLSW_TLS_1_2, TLSW_TLS_1_3] {
        let pair = connected(version, "localhost");
        let ours = binding(&pair.client, "tls-exporter").unwrap().unwrap();
        assert_eq!(ours.len(), 32);
        assert_eq!(binding(&pair.server, "tls-exporter"), Ok(Ok(ours.clone())));
        // RFC 9266 defines it as this export.
        assert_eq!(export(&pair.client, "EXPORTER-Channel-Binding", Some(b""), 32), Ok(ours));
    }
}

#[test]
fn tls_server_end_point_is_the_hash_of_the_certificate() {
    for (server, bits) in [("localhost", 256), ("rsa", 256)] {
        let pair = connected(TLSW_TLS_1_3, server);
        let leaf = &pki_ders(&format!("{server}.chain.pem"))[0];
        let want = tlswrap::bssl::digest::sha256(leaf).to_vec();
        assert_eq!(want.len() * 8, bits);
        assert_eq!(binding(&pair.client, "tls-server-end-point"), Ok(Ok(want.clone())));
        assert_eq!(binding(&pair.server, "tls-server-end-point"), Ok(Ok(want)));
    }
}

#[test]
fn a_server_with_two_certificates_says_that_it_cannot_tell() {
    let server = Ctx::server("localhost");
    server.load_cert_chain("rsa.chain.pem", "rsa.key.pem").unwrap();
    let pair = Pair::connected(&Ctx::client("root.pem"), &server, Some("localhost"));
    let error = binding(&pair.server, "tls-server-end-point").unwrap_err();
    assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
    assert!(binding(&pair.client, "tls-server-end-point").unwrap().is_ok());
}

#[test]
fn exports_differ_by_label_and_context() {
    let pair = connected(TLSW_TLS_1_3, "localhost");
    let one = export(&pair.client, "EXPERIMENTAL one", None, 48).unwrap();
    assert_eq!(one.len(), 48);
    assert_eq!(export(&pair.server, "EXPERIMENTAL one", None, 48), Ok(one.clone()));
    assert_ne!(export(&pair.client, "EXPERIMENTAL two", None, 48), Ok(one.clone()));
    assert_ne!(export(&pair.client, "EXPERIMENTAL one", Some(b"x"), 48), Ok(one));
    // Below TLS 1.3 no context and an empty one are different things (RFC 5705, section 4).
    let pair = connected(TLSW_TLS_1_2, "localhost");
    let none = export(&pair.client, "EXPERIMENTAL one", None, 16);
    assert_ne!(export(&pair.client, "EXPERIMENTAL one", Some(b""), 16), none);
}

#[test]
fn wrong_questions_are_answered() {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(binding(&pair.client, "tls-exporter").unwrap_err().status, TLSW_ERR_STATE);
    assert_eq!(export(&pair.client, "x", None, 1).unwrap_err().status, TLSW_ERR_STATE);
    let pair = connected(TLSW_TLS_1_3, "localhost");
    let error = binding(&pair.client, "tls-unicorn").unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    for len in [0, 16 * 1024 + 1, usize::MAX] {
        assert_eq!(export(&pair.client, "x", None, len).unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
}

#[test]
fn a_connection_knows_its_side_name_and_time() {
    let pair = connected(TLSW_TLS_1_3, "localhost");
    unsafe {
        assert_eq!(tlsw_get_role(pair.client.0), TLSW_CLIENT);
        assert_eq!(tlsw_get_role(pair.server.0), TLSW_SERVER);
        assert_eq!(tlsw_get_cipher_bits(pair.client.0), 128);
        let iana = std::ffi::CStr::from_ptr(tlsw_get_cipher_standard_name(pair.client.0));
        assert_eq!(iana, c"TLS_AES_128_GCM_SHA256");
        let older = connected(TLSW_TLS_1_2, "localhost");
        let iana = std::ffi::CStr::from_ptr(tlsw_get_cipher_standard_name(older.client.0));
        assert_eq!(iana, c"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(tlsw_get_timeout(pair.client.0), 0);
    }
    let mut name = empty();
    let status = call(|err| unsafe { tlsw_get_server_hostname(pair.client.0, &mut name, err) });
    assert_eq!((status, take(name)), (Ok(TLSW_OK), b"localhost".to_vec()));
    let mut name = empty();
    let status = call(|err| unsafe { tlsw_get_server_hostname(pair.server.0, &mut name, err) });
    assert_eq!((status, take(name)), (Ok(TLSW_OK), b"localhost".to_vec()), "as the client sent it");
}
