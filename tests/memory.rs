//! A handshake in memory and what can be asked after it.

mod support;
use support::*;

#[test]
fn a_client_and_a_server_talk() {
    let pair =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.version(), Some("TLSv1.3"));
    assert_eq!(pair.client.group(), Some("X25519MLKEM768"));
    assert_eq!(pair.client.cipher(), pair.server.cipher());
    assert_eq!(pair.client.write(b"hello"), Ok(Ok(5)));
    assert_eq!(pair.server.peek(3), Ok(Read::Bytes(b"hel".to_vec())));
    assert_eq!(pair.server.pending(), 5);
    assert_eq!(pair.server.read(100), Ok(Read::Bytes(b"hello".to_vec())));
    assert_eq!(pair.server.pending(), 0);
    assert_eq!(pair.server.read(100), Ok(Read::Status(TLSW_WANT_READ)));
    let sent = pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap();
    assert_eq!(sent, pki_ders("localhost.chain.pem"));
    let verified = pair.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap();
    assert_eq!(verified[..sent.len()], sent);
    assert_eq!(verified[sent.len()..], pki_ders("root.pem"));
    assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
}

#[test]
fn goodbyes_go_both_ways() {
    let pair =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    assert_eq!(pair.server.read(100), Ok(Read::Status(TLSW_CLOSED)));
    // The half that is still open carries data.
    assert_eq!(pair.server.write(b"bye"), Ok(Ok(3)));
    assert_eq!(pair.client.read(100), Ok(Read::Bytes(b"bye".to_vec())));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_READ));
    assert_eq!(pair.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    assert_eq!(pair.to_client.pending() + pair.to_server.pending(), 0);
}
