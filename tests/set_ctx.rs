//! `tlsw_conn_set_ctx`: what it changes before and after a handshake, and that it changes nothing
//! else. What judged the peer, and what was agreed on, stay with the connection.

mod support;
use support::*;

#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;

const VERSIONS: [i32; 2] = [TLSW_TLS_1_2, TLSW_TLS_1_3];
const NAME: Option<&str> = Some("localhost");

fn client(ca: &str, version: i32) -> Ctx {
    let ctx = Ctx::client(ca);
    ctx.set_versions(version);
    ctx
}

/// Brings the tickets of TLS 1.3 to the client.
fn speak(pair: &Pair) {
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
}

/// A client's connection that was made under `one` and put under `other` after its handshake.
fn moved(one: &Ctx, other: &Ctx, server: &Ctx, name: Option<&str>) -> Pair {
    let pair = Pair::new(one, server, name);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    pair.client.set_ctx(other).unwrap();
    assert_eq!(pair.client.ctx().0, other.0);
    speak(&pair);
    pair
}

/// What a client under `ctx` comes to that resumes `session`; and whether it resumed.
fn resumed(ctx: &Ctx, server: &Ctx, name: Option<&str>, session: &Session) -> Result<bool, Error> {
    let pair = Pair::new(ctx, server, name);
    pair.client.set_session(session)?;
    pair.handshake().0?;
    Ok(pair.client.is_reused())
}

fn binding(conn: &Conn) -> Vec<u8> {
    let (kind, mut bytes) = (c("tls-server-end-point"), empty());
    call(|err| unsafe { tlsw_get_channel_binding(conn.0, kind.as_ptr(), &mut bytes, err) })
        .unwrap();
    take(bytes)
}

fn shared_ciphers(conn: &Conn) -> Vec<u8> {
    let mut json = empty();
    call(|err| unsafe { tlsw_get_shared_ciphers(conn.0, &mut json, err) }).unwrap();
    take(json)
}

fn current_session(conn: &Conn) -> Session {
    let mut session = std::ptr::null_mut();
    call(|err| unsafe { tlsw_get_current_session(conn.0, &mut session, err) }).unwrap();
    Session(session)
}

#[test]
fn a_session_belongs_to_the_context_of_its_handshake() {
    for version in VERSIONS {
        let server = Ctx::server("localhost");
        let (one, other) = (client("root.pem", version), client("old-root.pem", version));
        let pair = moved(&one, &other, &server, NAME);
        for session in [pair.client.session().unwrap().unwrap(), current_session(&pair.client)] {
            let error = resumed(&other, &server, NAME, &session).unwrap_err();
            assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{version:x}: {}", error.message);
            // As bytes it is anybody's, and verified by who takes it.
            let session = Session::from_bytes(&other, &session.to_bytes()).unwrap();
            let error = resumed(&other, &server, NAME, &session).unwrap_err();
            assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{version:x}");
        }
        let session = pair.client.session().unwrap().unwrap();
        assert_eq!(resumed(&one, &server, NAME, &session), Ok(true), "{version:x}");
    }
}

#[test]
fn a_session_s_verification_is_of_the_settings_that_judged() {
    for version in VERSIONS {
        let server = Ctx::server("localhost");
        // The same context, which trusts another when the connection is put under it again.
        let ctx = client("root.pem", version);
        let pair = Pair::new(&ctx, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        call(|err| unsafe { tlsw_ctx_clear_ca(ctx.0, err) }).unwrap();
        ctx.load_ca_file(&pki("old-root.pem")).unwrap();
        pair.client.set_ctx(&ctx).unwrap();
        speak(&pair);
        let session = pair.client.session().unwrap().unwrap();
        let error = resumed(&ctx, &server, NAME, &session).unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{version:x}");

        // And one that has come to check names.
        let server = Ctx::server("wrong-name");
        let ctx = client("root.pem", version);
        ctx.set_check_hostname(0).unwrap();
        let pair = Pair::new(&ctx, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        ctx.set_check_hostname(1).unwrap();
        pair.client.set_ctx(&ctx).unwrap();
        speak(&pair);
        let session = pair.client.session().unwrap().unwrap();
        let error = resumed(&ctx, &server, NAME, &session).unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 62), "{version:x}");
    }
}

#[test]
fn a_client_that_is_put_under_another_context_before_its_handshake_leaves_its_session() {
    for version in VERSIONS {
        let server = Ctx::server("localhost");
        let (one, other) = (client("root.pem", version), client("root.pem", version));
        let pair = Pair::new(&one, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        speak(&pair);
        let session = pair.client.session().unwrap().unwrap();
        for (ctx, is_reused) in [(&other, false), (&one, true)] {
            let pair = Pair::new(&one, &server, NAME);
            pair.client.set_session(&session).unwrap();
            pair.client.set_ctx(ctx).unwrap();
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            assert_eq!(pair.client.is_reused(), is_reused, "{version:x}");
            assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
        }
    }
}

#[test]
fn the_channel_binding_and_the_shared_suites_stay_those_of_the_handshake() {
    for version in VERSIONS {
        let client = client("root.pem", version);
        let (server, other) = (Ctx::server("localhost"), Ctx::server("wrong-name"));
        let suites = c("ECDHE-ECDSA-AES128-GCM-SHA256");
        call(|err| unsafe { tlsw_ctx_set_ciphers(other.0, suites.as_ptr(), err) }).unwrap();
        let pair = Pair::new(&client, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let (bound, shared) = (binding(&pair.server), shared_ciphers(&pair.server));
        assert_eq!(bound, binding(&pair.client));
        pair.server.set_ctx(&other).unwrap();
        assert_eq!((binding(&pair.server), shared_ciphers(&pair.server)), (bound, shared));
    }
}

#[test]
fn a_transport_that_is_cut_off_is_what_it_was() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let lenient = Ctx::client("root.pem");
    let options = unsafe { tlsw_ctx_get_options(lenient.0) } | TLSW_OP_IGNORE_UNEXPECTED_EOF;
    call(|err| unsafe { tlsw_ctx_set_options(lenient.0, options, err) }).unwrap();
    let cut_off = |one: &Ctx, other: &Ctx| {
        let pair = moved(one, other, &server, NAME);
        pair.to_client.write_eof();
        pair.client.read(1).map_err(|error| error.status)
    };
    assert_eq!(cut_off(&client, &client), Err(TLSW_ERR_EOF));
    assert_eq!(cut_off(&client, &lenient), Err(TLSW_ERR_EOF));
    assert_eq!(cut_off(&lenient, &client), Ok(Read::Status(TLSW_CLOSED)));
}

#[test]
fn the_verdict_stays_that_of_the_handshake() {
    let careless = Ctx::client("old-root.pem");
    careless.insecure();
    let (careful, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    for (one, other) in [(&careful, &careless), (&careless, &careful)] {
        let pair = Pair::new(one, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let told = || {
            let (chain, result) =
                (pair.client.chain(TLSW_CHAIN_VERIFIED), pair.client.verify_result());
            let mut report = empty();
            call(|err| unsafe { tlsw_get_report_json(pair.client.0, &mut report, err) }).unwrap();
            (chain, result.map_err(|error| error.verify_error), take(report))
        };
        let before = told();
        pair.client.set_ctx(other).unwrap();
        assert_eq!(told(), before);
    }
}

#[test]
fn a_server_judges_a_resumed_client_by_the_context_of_the_handshake() {
    for version in VERSIONS {
        let client = client("root.pem", version);
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let (server, stranger) = (Ctx::server("localhost"), Ctx::server("localhost"));
        server.load_ca_file(&pki("root.pem")).unwrap();
        stranger.load_ca_file(&pki("old-root.pem")).unwrap();
        for server in [&server, &stranger] {
            server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        }
        let pair = Pair::new(&client, &server, NAME);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        speak(&pair);
        let session = pair.client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, NAME);
        pair.client.set_session(&session).unwrap();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(pair.server.is_reused());
        // Asked for the first time when it is under a context that trusts nobody of these.
        pair.server.set_ctx(&stranger).unwrap();
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK), "{version:x}");
    }
}

#[test]
fn after_the_handshake_the_name_is_nothing_to_the_new_context() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let careless = Ctx::client("root.pem");
    careless.insecure();
    let pair = Pair::new(&careless, &server, None);
    assert_eq!(pair.client.set_ctx(&client).unwrap_err().status, TLSW_ERR_ARGUMENT);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    pair.client.set_ctx(&client).unwrap();
    speak(&pair);
}

#[test]
fn the_hooks_for_steps_and_messages_change_and_those_that_get_secrets_do_not() {
    // In TLS 1.3 sessions come after the handshake.
    let (one, other) = (client("root.pem", TLSW_TLS_1_3), client("root.pem", TLSW_TLS_1_3));
    let server = Ctx::server("localhost");
    let notes = Notes::new();
    for (ctx, which) in [(&one, "one"), (&other, "other")] {
        let note = |what: &'static str| {
            let notes = notes.clone();
            move || notes.add((which, what))
        };
        let (step, message, session) = (note("step"), note("message"), note("session"));
        ctx.set_info_hook(Box::new(move |_, _, _| step())).unwrap();
        ctx.set_msg_hook(Box::new(move |_, _| message())).unwrap();
        ctx.set_session_hook(Box::new(move |_, _| session())).unwrap();
    }
    let pair = Pair::new(&one, &server, NAME);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(notes.take().iter().all(|(which, _)| *which == "one"));
    pair.client.set_ctx(&other).unwrap();
    speak(&pair);
    assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    let mut called = notes.take();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, [("one", "session"), ("other", "message"), ("other", "step")]);
}
