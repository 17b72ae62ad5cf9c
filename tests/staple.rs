//! What a server shows: the chain that its trust store completes, OCSP responses, and timestamps of
//! certificate logs.

mod support;
use support::*;

use std::ptr::{null, null_mut};

/// A server for localhost whose own chain is one certificate.
fn leaf_alone() -> Ctx {
    let server = Ctx::new(TLSW_SERVER);
    server.load_cert_chain("localhost.pem", "localhost.key.pem").unwrap();
    server
}

fn sent(server: &Ctx) -> Vec<Vec<u8>> {
    let client = Ctx::client("root.pem");
    client.insecure();
    let pair = Pair::new(&client, server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap()
}

#[test]
fn a_leaf_alone_is_sent_with_the_chain_that_its_server_trusts() {
    let [leaf, intermediate, root] =
        ["localhost.pem", "intermediate.pem", "root.pem"].map(|name| pki_ders(name).remove(0));
    let server = leaf_alone();
    assert_eq!(sent(&server), pki_ders("localhost.pem"));
    // As far as it leads.
    server.load_ca_file(&pki("intermediate.pem")).unwrap();
    assert_eq!(sent(&server), [leaf.clone(), intermediate.clone()]);
    server.load_ca_file(&pki("root.pem")).unwrap();
    assert_eq!(sent(&server), [leaf.clone(), intermediate.clone(), root]);
    // And that is a chain which verifies.
    let client = Ctx::client("root.pem");
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    // What is loaded as a chain is sent as it is.
    let server = Ctx::server("localhost");
    server.load_ca_file(&pki("root.pem")).unwrap();
    assert_eq!(sent(&server), [leaf, intermediate]);
}

#[test]
fn what_is_trusted_of_others_does_not_get_into_the_chain() {
    let server = leaf_alone();
    server.load_ca_file(&pki("old-root.pem")).unwrap();
    assert_eq!(sent(&server), pki_ders("localhost.pem"));
}

#[test]
fn a_client_completes_its_chain_too() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.load_ca_file(&pki("intermediate.pem")).unwrap();
    client.load_cert_chain("client.pem", "client.key.pem").unwrap();
    server.load_ca_file(&pki("root.pem")).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.chain(TLSW_CHAIN_SENT).unwrap().unwrap().len(), 3);
}

/// A list of one timestamp: both are led by their lengths.
const SCTS: &[u8] = b"\x00\x06\x00\x04time";

type Set = unsafe extern "C" fn(*mut tlsw_ctx, *const u8, usize, *mut tlsw_error) -> tlsw_status;
type Ask = unsafe extern "C" fn(*mut tlsw_ctx, i32, *mut tlsw_error) -> tlsw_status;
type Get = unsafe extern "C" fn(*const tlsw_conn, *mut tlsw_buf, *mut tlsw_error) -> tlsw_status;

fn got(get: Get, conn: &Conn) -> Option<Vec<u8>> {
    let mut bytes = empty();
    let status = call(|err| unsafe { get(conn.0, &mut bytes, err) }).unwrap();
    (status == TLSW_OK).then(|| take(bytes))
}

#[test]
fn staples_are_shown_to_clients_that_ask() {
    let ocsp: (Ask, Set, Get, &[u8]) = (
        tlsw_ctx_set_ocsp_stapling,
        tlsw_ctx_set_ocsp_response,
        tlsw_get_ocsp_response,
        b"\x30\x03\x0a\x01\x00",
    );
    let scts: (Ask, Set, Get, &[u8]) =
        (tlsw_ctx_set_sct, tlsw_ctx_set_sct_list, tlsw_get_sct_list, SCTS);
    for (ask, set, get, bytes) in [ocsp, scts] {
        for version in VERSIONS {
            let (client, server) = contexts(version);
            let show = |bytes: &[u8]| {
                call(|err| unsafe { set(server.0, bytes.as_ptr(), bytes.len(), err) })
            };
            show(bytes).unwrap();
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(got(get, &pair.client), None, "nobody asked");
            call(|err| unsafe { ask(client.0, 1, err) }).unwrap();
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(got(get, &pair.client), None, "nothing has come");
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            assert_eq!(got(get, &pair.client).as_deref(), Some(bytes), "{version:x}");
            assert_eq!(got(get, &pair.server), None);
            // With the certificate that was loaded last, and with no other.
            server.load_cert_chain("rsa.chain.pem", "rsa.key.pem").unwrap();
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(got(get, &pair.client).as_deref(), Some(bytes));
            call(|err| unsafe { set(server.0, null(), 0, err) }).unwrap();
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(got(get, &pair.client).as_deref(), Some(bytes), "that was rsa's");
            call(|err| unsafe { ask(client.0, 0, err) }).unwrap();
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(got(get, &pair.client), None);
        }
        let empty_ctx = Ctx::new(TLSW_SERVER);
        let early = call(|err| unsafe { set(empty_ctx.0, bytes.as_ptr(), bytes.len(), err) });
        assert_eq!(early.unwrap_err().status, TLSW_ERR_STATE);
        let wrong = call(|err| unsafe { ask(empty_ctx.0, 2, err) });
        assert_eq!(wrong.unwrap_err().status, TLSW_ERR_ARGUMENT);
        let nobody = call(|err| unsafe { get(null(), null_mut(), err) });
        assert_eq!(nobody.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
}

#[test]
fn a_list_of_timestamps_that_is_none_is_told_by_the_first_connection() {
    let server = Ctx::server("localhost");
    let list = b"no list";
    call(|err| unsafe { tlsw_ctx_set_sct_list(server.0, list.as_ptr(), list.len(), err) }).unwrap();
    let made = server.wrap_bio(&Bio::new(), &Bio::new(), TLSW_SERVER, None);
    assert_eq!(made.map(drop).unwrap_err().status, TLSW_ERR_TLS);
}
