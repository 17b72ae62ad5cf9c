//! A context that changes between the birth of a connection and its handshake: what counts, and what
//! does not. As in OpenSSL, whose connections copy one part and look up the other.

mod support;
use support::*;

#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;

const NAME: Option<&str> = Some("localhost");

fn verify_error(pair: &Pair) -> i32 {
    pair.handshake().0.unwrap_err().verify_error
}

#[test]
fn trust_counts_as_it_is_when_the_handshake_begins() {
    for version in VERSIONS {
        let (_, server) = contexts(version);
        let client = Ctx::client("old-root.pem");
        let pair = Pair::new(&client, &server, NAME);
        client.load_ca_file(&pki("root.pem")).unwrap();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        // Less trust counts as well.
        let pair = Pair::new(&client, &server, NAME);
        call(|err| unsafe { tlsw_ctx_clear_ca(client.0, err) }).unwrap();
        assert_eq!(verify_error(&pair), 20);
        // And what servers think of their clients.
        server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        let client = Ctx::client("root.pem");
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let pair = Pair::new(&client, &server, NAME);
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        server.load_ca_file(&pki("root.pem")).unwrap();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    }
}

#[test]
fn trust_does_not_change_amid_a_handshake() {
    let (_, server) = contexts(TLSW_TLS_1_3);
    let client = Ctx::client("old-root.pem");
    let pair = Pair::new(&client, &server, NAME);
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    client.load_ca_file(&pki("root.pem")).unwrap();
    assert_eq!(verify_error(&pair), 20);
}

#[test]
fn nothing_that_was_demanded_is_given_up() {
    let server = Ctx::server("untrusted");
    let client = Ctx::client("root.pem");
    let pair = Pair::new(&client, &server, NAME);
    client.insecure();
    assert_eq!(verify_error(&pair), 20);
    assert_eq!(Pair::new(&client, &server, None).handshake(), (Ok(()), Ok(())));

    let (client, server) = (Ctx::client("root.pem"), Ctx::server("wrong-name"));
    let pair = Pair::new(&client, &server, NAME);
    client.set_check_hostname(0).unwrap();
    assert_eq!(verify_error(&pair), 62);

    let (client, server) = contexts(TLSW_TLS_1_2);
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    let pair = Pair::new(&client, &server, NAME);
    server.set_verify_mode(TLSW_CERT_NONE).unwrap();
    assert_eq!(pair.handshake().1.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
}

#[test]
fn versions_and_certificates_stay_those_of_its_birth() {
    let (client, server) = contexts(TLSW_TLS_1_2);
    let pair = Pair::new(&client, &server, NAME);
    call(|err| unsafe { tlsw_ctx_set_max_version(server.0, TLSW_TLS_1_3, err) }).unwrap();
    server.load_cert_chain("rsa.chain.pem", "rsa.key.pem").unwrap();
    client.load_ca_file(&pki("old-root.pem")).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.version(), Some("TLSv1.2"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("localhost.chain.pem"))));
}

#[test]
fn a_server_chooses_protocols_and_suites_late_and_a_client_has_offered_its_own() {
    let (client, server) = contexts(TLSW_TLS_1_2);
    client.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    let pair = Pair::new(&client, &server, NAME);
    server.set_alpn(b"\x08http/1.1").unwrap();
    client.set_alpn(b"\x02h2").unwrap();
    let suites = c("ECDHE-ECDSA-CHACHA20-POLY1305");
    call(|err| unsafe { tlsw_ctx_set_ciphers(server.0, suites.as_ptr(), err) }).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.alpn().as_deref(), Some(&b"http/1.1"[..]));
    assert_eq!(pair.server.cipher(), Some("ECDHE-ECDSA-CHACHA20-POLY1305"));
}

/// A hook for server names that writes down which one it is.
fn name_hook(server: &Ctx, notes: &Notes<&'static str>, which: &'static str, answer: tlsw_status) {
    let note = notes.clone();
    let hook = move |_: Lent, _: Option<&str>, _: &mut u8| {
        note.add(which);
        answer
    };
    server.set_sni_hook(hook).unwrap();
}

#[test]
fn the_hook_for_names_is_the_one_of_the_moment_the_client_speaks() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let notes = Notes::new();
        let pair = Pair::new(&client, &server, NAME);
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
        name_hook(&server, &notes, "first", TLSW_OK);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(notes.take(), ["first"]);
        // Another takes its place, and then none.
        let pair = Pair::new(&client, &server, NAME);
        name_hook(&server, &notes, "second", TLSW_OK);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(notes.take(), ["second"]);
        let pair = Pair::new(&client, &server, NAME);
        server.clear_sni_hook();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(notes.take().is_empty());
    }
}

#[test]
fn a_hook_that_answers_later_is_the_one_that_is_asked_again() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let notes = Notes::new();
    name_hook(&server, &notes, "first", TLSW_WANT_HOOK);
    let pair = Pair::new(&client, &server, NAME);
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_HOOK));
    name_hook(&server, &notes, "second", TLSW_OK);
    assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_HOOK));
    assert_eq!(notes.take(), ["first", "first"]);
}

#[test]
fn the_hook_of_the_context_it_was_put_under_comes_before_the_first_ones() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let other = Ctx::server("localhost");
    let notes = Notes::new();
    name_hook(&server, &notes, "first", TLSW_OK);
    let pair = Pair::new(&client, &server, NAME);
    pair.server.set_ctx(&other).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take(), ["first"]);
    let pair = Pair::new(&client, &server, NAME);
    pair.server.set_ctx(&other).unwrap();
    name_hook(&other, &notes, "other", TLSW_OK);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take(), ["other"]);
}

#[test]
fn hooks_that_look_on_are_called_and_the_message_hook_is_not() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let notes = Notes::new();
    let pair = Pair::new(&client, &server, NAME);
    let note = |what: &'static str| {
        let notes = notes.clone();
        move || notes.add(what)
    };
    let (info, key_log, session, message) =
        (note("info"), note("key log"), note("session"), note("message"));
    let steps = Box::new(move |_: Lent, step: i32, _| {
        // Not only those that the library takes note of itself.
        if step == TLSW_CB_CONNECT | TLSW_CB_LOOP {
            info();
        }
    });
    client.set_info_hook(steps).unwrap();
    client.set_keylog_hook(Box::new(move |_, _| key_log())).unwrap();
    client.set_session_hook(Box::new(move |_, _| session())).unwrap();
    client.set_msg_hook(Box::new(move |_, _| message())).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    let mut called = notes.take();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, ["info", "key log", "session"]);
}

#[test]
fn a_session_is_still_resumed() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let first = Pair::connected(&client, &server, NAME);
        assert_eq!(first.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(first.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let session = first.client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, NAME);
        pair.client.set_session(&session).unwrap();
        client.load_ca_file(&pki("old-root.pem")).unwrap();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(pair.client.is_reused(), "{version:x}");
    }
}

#[test]
fn a_client_that_is_put_under_another_context_asks_as_that_one_does() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let ocsp = b"\x30\x03\x0a\x01\x00";
    call(|err| unsafe { tlsw_ctx_set_ocsp_response(server.0, ocsp.as_ptr(), ocsp.len(), err) })
        .unwrap();
    let asking = Ctx::client("root.pem");
    call(|err| unsafe { tlsw_ctx_set_ocsp_stapling(asking.0, 1, err) }).unwrap();
    let pair = Pair::new(&client, &server, NAME);
    pair.client.set_ctx(&asking).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    let mut got = empty();
    let status = call(|err| unsafe { tlsw_get_ocsp_response(pair.client.0, &mut got, err) });
    assert_eq!((status, take(got)), (Ok(TLSW_OK), ocsp.to_vec()));
}

#[test]
fn a_context_that_was_freed_is_as_it_was() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let notes = Notes::new();
    name_hook(&server, &notes, "asked", TLSW_OK);
    let pair = Pair::new(&client, &server, NAME);
    drop((client, server));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take(), ["asked"]);
}

#[test]
fn a_change_that_cannot_be_followed_fails_the_handshake_and_says_why() {
    // The stronger level of its birth takes no suite of the list that came later.
    let client = Ctx::client("root.pem");
    let (strong, weak) = (c("ECDHE+AESGCM:@SECLEVEL=3"), c("AES128-SHA:@SECLEVEL=1"));
    call(|err| unsafe { tlsw_ctx_set_ciphers(client.0, strong.as_ptr(), err) }).unwrap();
    let (to, from) = (Bio::new(), Bio::new());
    let conn = client.wrap_bio(&from, &to, TLSW_CLIENT, NAME).unwrap();
    call(|err| unsafe { tlsw_ctx_set_ciphers(client.0, weak.as_ptr(), err) }).unwrap();
    let error = conn.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TLS, "{}", error.message);
    assert_eq!(to.pending(), 0);
}
