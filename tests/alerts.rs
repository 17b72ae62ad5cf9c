//! Alerts that come in clear text where ciphertext is due. OpenSSL's clients have keys of their own in
//! TLS 1.3 only once they answer: a certificate that they do not like they refuse before.

mod support;
use support::*;

/// A record of a fatal alert.
fn alert(description: u8) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, description]
}

/// A server of TLS 1.3 whose client has got everything and said nothing yet.
fn awaiting() -> Pair {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
    pair
}

fn refusal(pair: &Pair) -> (tlsw_status, i32, String) {
    let error = pair.server.handshake().unwrap_err();
    assert_eq!(pair.server.handshake().unwrap_err().reason, error.reason, "the second time");
    (error.status, error.alert, error.reason)
}

#[test]
fn a_server_is_told_why_its_certificate_was_refused() {
    for ahead in [0, 1] {
        let pair = awaiting();
        pair.server.set_read_ahead(ahead).unwrap();
        // As OpenSSL does it: a change of keys for the eyes of middleboxes, then the alert.
        pair.to_server.write(&[20, 3, 3, 0, 1, 1]).unwrap();
        pair.to_server.write(&alert(48)).unwrap();
        let expected = (TLSW_ERR_TLS, TLSW_ALERT_UNKNOWN_CA, "TLSV1_ALERT_UNKNOWN_CA".to_owned());
        assert_eq!(refusal(&pair), expected);
    }
}

#[test]
fn byte_by_byte() {
    let pair = awaiting();
    for byte in alert(42) {
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
        pair.to_server.write(&[byte]).unwrap();
    }
    assert_eq!(refusal(&pair).2, "SSLV3_ALERT_BAD_CERTIFICATE");
}

#[test]
fn what_is_no_alert_is_none() {
    let mut warning = alert(48);
    warning[5] = 1;
    let mut data = alert(48);
    data[0] = 23;
    for record in [warning, data] {
        let pair = awaiting();
        pair.to_server.write(&record).unwrap();
        assert_eq!(
            refusal(&pair),
            (TLSW_ERR_TLS, TLSW_ALERT_BAD_RECORD_MAC, "BAD_PACKET_LENGTH".to_owned())
        );
    }
}

#[test]
fn a_finished_handshake_is_not_ended_in_clear_text() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::connected(&client, &server, Some("localhost"));
    pair.to_server.write(&alert(48)).unwrap();
    let error = pair.server.read(1).unwrap_err();
    assert_eq!((error.alert, &*error.reason), (TLSW_ALERT_BAD_RECORD_MAC, "BAD_PACKET_LENGTH"));
}

#[test]
fn an_alert_of_any_number_is_told() {
    let (client, _) = contexts(TLSW_TLS_1_3);
    for number in 1..=255 {
        let pair = Pair::new(&client, &Ctx::server("localhost"), Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        pair.to_client.write(&alert(number)).unwrap();
        let error = pair.client.handshake().unwrap_err();
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, i32::from(number)));
        let words = unsafe { std::ffi::CStr::from_ptr(tlsw_alert_string(error.alert)) };
        if error.reason == format!("REASON({})", 1000 + i32::from(number)) {
            assert!(error.message.contains(&format!("alert {number}")), "{}", error.message);
            assert_eq!(words, c"unknown", "{number}");
        } else {
            assert!(error.reason.contains("TLS") || error.reason.contains("SSL"), "{error:?}");
            assert!(!error.message.contains("\"\""), "{}", error.message);
            assert_ne!(words, c"unknown", "{number}");
        }
    }
}

#[test]
fn alerts_of_the_header_have_words() {
    for (number, words) in [
        (TLSW_ALERT_INAPPROPRIATE_FALLBACK, c"inappropriate fallback"),
        (TLSW_ALERT_MISSING_EXTENSION, c"missing extension"),
        (TLSW_ALERT_CERTIFICATE_REQUIRED, c"certificate required"),
        (TLSW_ALERT_NO_APPLICATION_PROTOCOL, c"no application protocol"),
    ] {
        assert_eq!(unsafe { std::ffi::CStr::from_ptr(tlsw_alert_string(number)) }, words);
    }
}
