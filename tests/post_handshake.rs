//! What a server of TLS 1.3 may ask for after the handshake, and BoringSSL does not do: a client that
//! is asked for its certificate then says so, and the connection is over.

mod support;
use support::*;
#[path = "support/hooks.rs"]
mod hooks;
use hooks::Notes;

use boring::hash::hmac_sha256;
use boring::symm::{Cipher, encrypt_aead};

/// HKDF-Expand-Label of RFC 8446, section 7.1, without a context and for no more than one block.
fn expand(secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let info = [&[0, len as u8, label.len() as u8], label.as_bytes(), &[0, 1]].concat();
    hmac_sha256(secret, &info).unwrap()[..len].to_vec()
}

/// The first record of application keys that a server with this traffic secret would send, with one
/// message in it, under AES-128-GCM.
fn record(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let (key, iv) = (expand(secret, "key", 16), expand(secret, "iv", 12));
    let inner = [message, &[22]].concat();
    let head = [&[23, 3, 3][..], &(inner.len() as u16 + 16).to_be_bytes()].concat();
    let mut tag = [0; 16];
    let sealed =
        encrypt_aead(Cipher::aes_128_gcm(), &key, Some(&iv), &head, &inner, &mut tag).unwrap();
    [head, sealed, tag.to_vec()].concat()
}

fn secret(lines: &[String]) -> Vec<u8> {
    let line = lines.iter().find(|line| line.starts_with("SERVER_TRAFFIC_SECRET_0 ")).unwrap();
    let hex = line.rsplit(' ').next().unwrap();
    let digits = hex.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn a_client_that_is_asked_for_a_certificate_later_fails_to_read() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    let suite = c("TLS_AES_128_GCM_SHA256");
    call(|err| unsafe { tlsw_ctx_set_ciphersuites(client.0, suite.as_ptr(), err) }).unwrap();
    // Nothing else is to be sent under the new keys.
    call(|err| unsafe { tlsw_ctx_set_num_tickets(server.0, 0, err) }).unwrap();
    let notes = Notes::new();
    let note = notes.clone();
    client.set_keylog_hook(Box::new(move |_, line| note.add(line.to_owned()))).unwrap();
    let connected = || {
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        pair
    };

    // A CertificateRequest (RFC 8446, section 4.3.2) with an identifier, as after the handshake, and
    // with the signature algorithms that it must have.
    let request = [13, 0, 0, 13, 1, 7, 0, 10, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4];
    let pair = connected();
    pair.to_client.write(&record(&secret(&notes.take()), &request)).unwrap();
    let error = pair.client.read(1).unwrap_err();
    assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "UNEXPECTED_MESSAGE"));
    assert_eq!(error.alert, TLSW_ALERT_UNEXPECTED_MESSAGE);
    assert_eq!(pair.client.read(1).unwrap_err().reason, "UNEXPECTED_MESSAGE");
    let error = pair.server.read(1).unwrap_err();
    assert_eq!(error.alert, TLSW_ALERT_UNEXPECTED_MESSAGE);

    // The same keys, and a message that it knows: new keys for the other direction.
    let pair = connected();
    pair.to_client.write(&record(&secret(&notes.take()), &[24, 0, 0, 1, 0])).unwrap();
    assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
}

#[test]
fn a_client_does_not_offer_to_be_asked_later() {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(extension(&pair.to_server.drain(), 49), None, "post_handshake_auth");
}
