//! What a server of TLS 1.3 may ask for after the handshake, and BoringSSL does not do: a client that
//! is asked for its certificate then says so, and the connection is over.

mod support;
use support::*;
#[path = "support/hooks.rs"]
mod hooks;
#[path = "support/records.rs"]
mod records;
use records::{Forger, forgeable};

#[test]
fn a_client_that_is_asked_for_a_certificate_later_fails_to_read() {
    let ((client, server), notes) = forgeable();
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    let connected = || {
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        pair
    };

    // A CertificateRequest (RFC 8446, section 4.3.2) with an identifier, as after the handshake, and
    // with the signature algorithms that it must have.
    let request = [13, 0, 0, 13, 1, 7, 0, 10, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4];
    let pair = connected();
    pair.to_client.write(&Forger::of_server(&notes.take()).seal(22, &request)).unwrap();
    let error = pair.client.read(1).unwrap_err();
    assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "UNEXPECTED_MESSAGE"));
    assert_eq!(error.alert, TLSW_ALERT_UNEXPECTED_MESSAGE);
    assert_eq!(pair.client.read(1).unwrap_err().reason, "UNEXPECTED_MESSAGE");
    let error = pair.server.read(1).unwrap_err();
    assert_eq!(error.alert, TLSW_ALERT_UNEXPECTED_MESSAGE);

    // The same keys, and a message that it knows: new keys for the other direction.
    let pair = connected();
    pair.to_client.write(&Forger::of_server(&notes.take()).seal(22, &[24, 0, 0, 1, 0])).unwrap();
    assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
}

#[test]
fn a_client_does_not_offer_to_be_asked_later() {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(extension(&pair.to_server.drain(), 49), None, "post_handshake_auth");
}

#[test]
fn new_keys_are_followed_32_times_in_a_row_and_no_more() {
    // BoringSSL's number. Data between them begins a new row.
    let ((client, server), notes) = forgeable();
    for asks in [false, true] {
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let mut forger = Forger::of_server(&notes.take());
        for _ in 0..3 {
            for _ in 0..32 {
                pair.to_client.write(&forger.update(asks)).unwrap();
                assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
            }
            pair.to_client.write(&forger.seal(23, b"x")).unwrap();
            assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        }
        for _ in 0..33 {
            pair.to_client.write(&forger.update(asks)).unwrap();
        }
        let error = pair.client.read(1).unwrap_err();
        assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "TOO_MANY_KEY_UPDATES"));
        assert_eq!(pair.client.read(1).unwrap_err().reason, "TOO_MANY_KEY_UPDATES");
    }
}
