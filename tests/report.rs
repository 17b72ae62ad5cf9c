//! Everything about the peer in one answer: what the commands of every language print.

mod support;
use support::*;

fn report(conn: &Conn) -> Result<String, Error> {
    let mut json = empty();
    let status = call(|err| unsafe { tlsw_get_report_json(conn.0, &mut json, err) })?;
    assert_eq!(status, TLSW_OK);
    Ok(String::from_utf8(take(json)).unwrap())
}

/// The object of one certificate, made from what the library says of it by itself.
fn certificate(der: &[u8]) -> String {
    let (mut cert, mut pem, mut json) = (std::ptr::null_mut(), empty(), empty());
    let mut digest = [0; 32];
    call(|err| unsafe {
        tlsw_cert_new(der.as_ptr(), der.len(), std::ptr::null_mut(), &mut cert, err)
    })
    .unwrap();
    call(|err| unsafe { tlsw_cert_pem(cert, &mut pem, err) }).unwrap();
    call(|err| unsafe { tlsw_cert_json(cert, &mut json, err) }).unwrap();
    call(|err| unsafe { tlsw_cert_sha256(cert, digest.as_mut_ptr(), 32, err) }).unwrap();
    unsafe { tlsw_cert_free(cert) };
    let (pem, json) =
        (String::from_utf8(take(pem)).unwrap(), String::from_utf8(take(json)).unwrap());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let pem = pem.replace('\n', "\\n");
    format!("{{\"pem\": \"{pem}\", \"sha256\": \"{hex}\", {}", &json[1..])
}

/// The list of the certificates in some files.
fn list(names: &[&str]) -> String {
    let ders = names.iter().flat_map(|name| pki_ders(name));
    format!("[{}]", ders.map(|der| certificate(&der)).collect::<Vec<_>>().join(", "))
}

fn server() -> Ctx {
    let server = Ctx::new(TLSW_SERVER);
    server.load_cert_chain("localhost.chain.pem", "localhost.key.pem").unwrap();
    server
}

#[test]
fn a_verified_peer_is_reported_with_both_chains() {
    let pair = Pair::connected(&Ctx::client("root.pem"), &server(), Some("localhost"));
    let sent = list(&["localhost.pem", "intermediate.pem"]);
    let verified = list(&["localhost.pem", "intermediate.pem", "root.pem"]);
    let cipher = unsafe { std::ffi::CStr::from_ptr(tlsw_get_cipher(pair.client.0)) };
    assert_eq!(
        report(&pair.client).unwrap(),
        format!(
            "{{\"protocol\": \"TLSv1.3\", \"cipher\": \"{}\", \"group\": \"X25519MLKEM768\", \
             \"alpn\": null, \"verified\": true, \"verify_error\": null, \"sent\": {sent}, \
             \"verified_chain\": {verified}}}",
            cipher.to_str().unwrap()
        )
    );
    // Nobody showed the server a certificate.
    let about_client = report(&pair.server).unwrap();
    assert!(
        about_client.ends_with(
            "\"verified\": false, \"verify_error\": null, \"sent\": [], \"verified_chain\": null}"
        ),
        "{about_client}"
    );
}

#[test]
fn a_refused_peer_is_reported_with_the_reason_and_what_it_sent() {
    let pair = Pair::new(&Ctx::client("untrusted-root.pem"), &server(), Some("localhost"));
    let refused = pair.handshake().0.unwrap_err();
    assert_eq!(refused.status, TLSW_ERR_VERIFY);
    let text = report(&pair.client).unwrap();
    let told = format!(
        "\"alpn\": null, \"verified\": false, \"verify_error\": {{\"code\": 20, \"reason\": \
         \"unable to get local issuer certificate\", \"depth\": 1, \"subject\": \"CN=tlswrap test \
         intermediate,O=tlswrap\", \"message\": \"{}\"}}, \"sent\": {}, \"verified_chain\": null}}",
        refused.message.replace('"', "\\\""),
        list(&["localhost.pem", "intermediate.pem"])
    );
    assert!(text.ends_with(&told), "{text}\n{told}");
}

#[test]
fn with_cert_none_it_says_what_would_have_failed() {
    let client = Ctx::client("untrusted-root.pem");
    call(|err| unsafe { tlsw_ctx_set_check_hostname(client.0, 0, err) }).unwrap();
    client.set_verify_mode(TLSW_CERT_NONE).unwrap();
    let pair = Pair::connected(&client, &server(), Some("localhost"));
    let text = report(&pair.client).unwrap();
    assert!(text.contains("\"verified\": false, \"verify_error\": {\"code\": 20, "), "{text}");
    assert!(text.ends_with(", \"verified_chain\": null}"), "{text}");
}

#[test]
fn hostile_names_come_as_ascii() {
    let server = Ctx::new(TLSW_SERVER);
    server.load_cert_chain("terminal-escapes.chain.pem", "terminal-escapes.key.pem").unwrap();
    let pair = Pair::connected(&Ctx::client("root.pem"), &server, Some("localhost"));
    let text = report(&pair.client).unwrap();
    assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
    assert!(text.contains("\\u001b[31m"), "{text}");
}

#[test]
fn alpn_is_told() {
    let (client, server) = (Ctx::client("root.pem"), server());
    for ctx in [&client, &server] {
        let list = b"\x02h2";
        call(|err| unsafe { tlsw_ctx_set_alpn_protocols(ctx.0, list.as_ptr(), list.len(), err) })
            .unwrap();
    }
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert!(report(&pair.client).unwrap().contains("\"alpn\": \"h2\", "));
    assert!(report(&pair.server).unwrap().contains("\"alpn\": \"h2\", "));
}

#[test]
fn before_the_handshake_has_ended_there_is_nothing_to_report() {
    let pair = Pair::new(&Ctx::client("root.pem"), &server(), Some("localhost"));
    assert_eq!(report(&pair.client).unwrap_err().status, TLSW_ERR_STATE);
    let mut json = empty();
    for refused in [
        call(|err| unsafe { tlsw_get_report_json(std::ptr::null(), &mut json, err) }),
        call(|err| unsafe { tlsw_get_report_json(pair.client.0, std::ptr::null_mut(), err) }),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
}
