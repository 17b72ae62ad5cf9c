//! Server names: the hook that is asked about them, and the context that it puts a client under.

mod support;
use support::*;

#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A client that asks for `name` and takes any certificate.
fn asking(ctx: &Ctx, server: &Ctx, name: Option<&str>) -> Pair {
    ctx.insecure();
    Pair::new(ctx, server, name)
}

fn leaf(name: &str) -> Vec<u8> {
    pki_ders(&format!("{name}.pem")).remove(0)
}

/// The first certificate that a client was shown.
fn shown(pair: &Pair) -> Vec<u8> {
    pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap().remove(0)
}

/// A server for localhost that serves other.example from a context of its own.
fn two_hosts() -> (Ctx, Arc<Ctx>) {
    let (server, other) = (Ctx::server("localhost"), Arc::new(Ctx::server("wrong-name")));
    let switch = Arc::clone(&other);
    server
        .set_sni_hook(move |conn, name, _| match name {
            Some("other.example") => match conn.set_ctx(&switch) {
                Ok(status) => status,
                Err(error) => error.status,
            },
            _ => TLSW_OK,
        })
        .unwrap();
    (server, other)
}

#[test]
fn the_hook_gets_the_connection_and_the_name_or_none() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let notes = Notes::new();
        let note = notes.clone();
        server
            .set_sni_hook(move |conn, name, alert| {
                note.add((conn.0 as usize, name.map(str::to_owned), *alert));
                TLSW_OK
            })
            .unwrap();
        for name in [Some("localhost"), Some("xn--knig-5qa.example"), None] {
            let pair = asking(&client, &server, name);
            assert_eq!(pair.server.server_hostname(), None);
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            assert_eq!(notes.take(), [(pair.server.0 as usize, name.map(str::to_owned), 40)]);
            assert_eq!(pair.server.server_hostname().as_deref(), name);
            assert_eq!(shown(&pair), leaf("localhost"));
        }
        // An address is sent as no name.
        assert_eq!(asking(&client, &server, Some("127.0.0.1")).handshake(), (Ok(()), Ok(())));
        assert_eq!(notes.take()[0].1, None);
    }
}

#[test]
fn the_hook_may_ask_and_not_drive() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    server.set_alpn(b"\x02h2").unwrap();
    let notes = Notes::new();
    let note = notes.clone();
    server
        .set_sni_hook(move |conn, _, _| {
            let busy = [
                conn.handshake().unwrap_err(),
                conn.read(1).unwrap_err(),
                conn.write(b"x").unwrap_err(),
                conn.shutdown(TLSW_SHUT_BOTH).unwrap_err(),
                conn.set_read_ahead(1).unwrap_err(),
            ];
            note.add((
                busy.map(|error| error.status),
                (conn.version(), conn.cipher(), conn.alpn(), conn.group()),
                (conn.server_hostname(), conn.session().unwrap_err().status),
                conn.chain(TLSW_CHAIN_SENT).unwrap_err().status,
            ));
            TLSW_OK
        })
        .unwrap();
    let pair = asking(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    // Nothing is chosen yet, so there is nothing to tell but what the client asked for.
    assert_eq!(
        notes.take(),
        [(
            [TLSW_ERR_BUSY; 5],
            (None, None, None, None),
            (Some("localhost".to_owned()), TLSW_ERR_STATE),
            TLSW_ERR_STATE
        )]
    );
    assert_eq!(pair.server.write(b"still whole"), Ok(Ok(11)));
    assert_eq!(pair.client.read(20), Ok(Read::Bytes(b"still whole".to_vec())));
}

#[test]
fn another_context_shows_its_certificate() {
    for version in VERSIONS {
        let (server, other) = two_hosts();
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        let pair = Pair::new(&client, &server, Some("other.example"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(shown(&pair), leaf("wrong-name"));
        assert_eq!(pair.server.ctx().0, other.0);
        assert_eq!(pair.client.ctx().0, client.0);
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(shown(&pair), leaf("localhost"));
        assert_eq!(pair.server.ctx().0, server.0);
    }
}

#[test]
fn a_context_with_two_kinds_of_keys_brings_both() {
    let both = Arc::new(Ctx::server("localhost"));
    both.load_cert_chain("rsa.chain.pem", "rsa.key.pem").unwrap();
    let server = Ctx::server("wrong-name");
    server.set_versions(TLSW_TLS_1_2);
    let switch = Arc::clone(&both);
    server.set_sni_hook(move |conn, _, _| conn.set_ctx(&switch).unwrap()).unwrap();
    both.set_versions(TLSW_TLS_1_2);
    for (suites, name) in [("aRSA", "rsa"), ("aECDSA", "localhost")] {
        let client = Ctx::client("root.pem");
        let text = c(suites);
        call(|err| unsafe { tlsw_ctx_set_ciphers(client.0, text.as_ptr(), err) }).unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(shown(&pair), leaf(name));
    }
}

/// What a server under another context came to, after one setting of that context.
fn under(set: impl FnOnce(&Ctx), client: &Ctx) -> (Pair, Result<(), Error>, Result<(), Error>) {
    let (server, other) = two_hosts();
    set(&other);
    let pair = Pair::new(client, &server, Some("other.example"));
    let (one, two) = pair.handshake();
    (pair, one, two)
}

#[test]
fn all_that_is_not_chosen_yet_is_the_other_contexts() {
    let plain = || Ctx::client("root.pem");

    let client = plain();
    client.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    let http = |other: &Ctx| assert!(other.set_alpn(b"\x08http/1.1").is_ok());
    let (pair, one, two) = under(http, &client);
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(pair.client.alpn().as_deref(), Some(&b"http/1.1"[..]));

    let (pair, one, two) = under(|other| other.set_versions(TLSW_TLS_1_2), &plain());
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(pair.server.version(), Some("TLSv1.2"));

    let suites = |other: &Ctx| {
        let (old, new) = (c("ECDHE-ECDSA-CHACHA20-POLY1305"), c("TLS_AES_256_GCM_SHA384"));
        call(|err| unsafe { tlsw_ctx_set_ciphers(other.0, old.as_ptr(), err) }).unwrap();
        call(|err| unsafe { tlsw_ctx_set_ciphersuites(other.0, new.as_ptr(), err) }).unwrap();
    };
    let (pair, ..) = under(suites, &plain());
    assert_eq!(pair.server.cipher(), Some("TLS_AES_256_GCM_SHA384"));
    let older = plain();
    older.set_versions(TLSW_TLS_1_2);
    let (pair, ..) = under(suites, &older);
    assert_eq!(pair.server.cipher(), Some("ECDHE-ECDSA-CHACHA20-POLY1305"));

    let groups = |other: &Ctx| {
        let list = c("secp384r1");
        call(|err| unsafe { tlsw_ctx_set_groups(other.0, list.as_ptr(), err) }).unwrap();
    };
    let (pair, ..) = under(groups, &plain());
    assert_eq!(pair.server.group(), Some("secp384r1"));

    let options = |other: &Ctx| {
        call(|err| unsafe { tlsw_ctx_set_options(other.0, TLSW_OP_NO_TICKET, err) }).unwrap();
    };
    let (pair, ..) = under(options, &plain());
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    assert_eq!(pair.client.session().unwrap().err(), Some(TLSW_NONE));
}

#[test]
fn the_other_context_decides_about_client_certificates() {
    for version in VERSIONS {
        let demanding = |other: &Ctx| {
            other.load_ca_file(&pki("root.pem")).unwrap();
            other.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        };
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        let (_, _, two) = under(demanding, &client);
        assert_eq!(two.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let (pair, one, two) = under(demanding, &client);
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK));
        // Its trust too: it knows nobody who would know this client.
        let (_, _, two) = under(|other| drop(other.set_verify_mode(TLSW_CERT_REQUIRED)), &client);
        assert_eq!(two.unwrap_err().status, TLSW_ERR_VERIFY);
        // The first context may demand what the other does not.
        let (server, _) = two_hosts();
        demanding(&server);
        let anonymous = Ctx::client("root.pem");
        anonymous.set_versions(version);
        let pair = Pair::new(&anonymous, &server, Some("other.example"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let pair = Pair::new(&anonymous, &server, Some("localhost"));
        assert!(pair.handshake().1.is_err());
    }
}

#[test]
fn a_refusal_sends_the_alert_of_choice() {
    for version in VERSIONS {
        for (status, choice, want) in [
            (TLSW_ERR_ARGUMENT, None, 40),
            (TLSW_ERR_STATE, Some(112), 112),
            (TLSW_NONE, Some(80), 80),
            (-1000, Some(49), 49),
        ] {
            let (client, server) = contexts(version);
            server
                .set_sni_hook(move |_, _, alert| {
                    *alert = choice.unwrap_or(*alert);
                    status
                })
                .unwrap();
            let (ours, theirs) = asking(&client, &server, Some("localhost")).handshake();
            let (ours, theirs) = (ours.unwrap_err(), theirs.unwrap_err());
            assert_eq!((ours.status, ours.alert), (TLSW_ERR_TLS, want));
            assert_eq!((theirs.status, theirs.alert), (TLSW_ERR_HOOK, want));
            assert_eq!((&*theirs.library, &*theirs.reason), ("SSL", "CALLBACK_FAILED"));
        }
    }
}

#[test]
fn the_hook_may_answer_later() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (calls, other) = (Arc::new(AtomicUsize::new(0)), Arc::new(Ctx::server("wrong-name")));
        let (count, switch) = (Arc::clone(&calls), Arc::clone(&other));
        server
            .set_sni_hook(move |conn, _, _| match count.fetch_add(1, Ordering::Relaxed) {
                0 => TLSW_WANT_HOOK,
                1 => conn.set_ctx(&switch).map(|_| TLSW_WANT_HOOK).unwrap(),
                _ => TLSW_OK,
            })
            .unwrap();
        let pair = asking(&client, &server, Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_HOOK));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        // Between two askings, the context can be changed from outside as well.
        pair.server.set_ctx(&server).unwrap();
        assert_eq!(pair.server.read(1), Ok(Read::Status(TLSW_WANT_HOOK)));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        assert_eq!(shown(&pair), leaf("wrong-name"));
    }
}

#[test]
fn only_servers_are_asked() {
    let client = Ctx::new(TLSW_CLIENT);
    let notes = Notes::<()>::new();
    let note = notes.clone();
    let error = client
        .set_sni_hook(move |_, _, _| {
            note.add(());
            TLSW_OK
        })
        .unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("hook"), "{}", error.message);
    assert_eq!(notes.holders(), 1, "what was refused stayed the caller's, who released it");
}

#[test]
fn what_a_hook_keeps_is_released_when_nothing_can_call_it() {
    let server = Ctx::server("localhost");
    let client = Ctx::client("root.pem");
    let notes = Notes::<&str>::new();
    let set = |name: &'static str| {
        let note = notes.clone();
        let hook = move |_: Lent, _: Option<&str>, _: &mut u8| {
            note.add(name);
            TLSW_OK
        };
        server.set_sni_hook(hook).unwrap();
    };
    set("one");
    assert_eq!(notes.holders(), 2);
    let before = Pair::new(&client, &server, Some("localhost"));
    set("two");
    assert_eq!(notes.holders(), 3, "the state that a connection was made from has the first one");
    assert_eq!(before.handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take(), ["two"]);
    server.clear_sni_hook();
    assert_eq!(notes.holders(), 3);
    drop(before);
    assert_eq!(notes.holders(), 1);
    set("three");
    drop(server);
    assert_eq!(notes.holders(), 1);
}

#[test]
fn a_connection_may_be_freed_in_the_hook_that_it_calls() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    server
        .set_sni_hook(|conn, _, _| {
            drop(std::mem::ManuallyDrop::into_inner(conn));
            TLSW_OK
        })
        .unwrap();
    let pair = asking(&client, &server, Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    // The call finishes, and with it the connection.
    assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
    std::mem::forget(pair.server);
    assert_eq!(pair.client.handshake(), Ok(TLSW_OK));
}

#[test]
fn the_hook_is_replaced_while_it_runs() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let notes = Notes::<()>::new();
    let note = notes.clone();
    let again = server.0 as usize;
    server
        .set_sni_hook(move |_, _, _| {
            let server = std::mem::ManuallyDrop::new(Ctx(again as *mut tlsw_ctx));
            server.clear_sni_hook();
            note.add(());
            TLSW_OK
        })
        .unwrap();
    let pair = asking(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take().len(), 1);
    drop(pair);
    assert_eq!(notes.holders(), 1);
    assert_eq!(asking(&client, &server, Some("localhost")).handshake(), (Ok(()), Ok(())));
    assert_eq!(notes.take().len(), 0);
}

#[test]
fn the_context_changes_before_the_handshake_and_after_and_not_amid() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let other = Ctx::server("wrong-name");
        let pair = asking(&client, &server, Some("localhost"));
        pair.server.set_ctx(&other).unwrap();
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
        for conn in [&pair.client, &pair.server] {
            let same = if conn.0 == pair.client.0 { &client } else { &server };
            assert_eq!(conn.set_ctx(same).unwrap_err().status, TLSW_ERR_STATE);
        }
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(shown(&pair), leaf("wrong-name"));
        pair.server.set_ctx(&server).unwrap();
        assert_eq!(pair.server.ctx().0, server.0);
        assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    }
}

#[test]
fn a_client_verifies_by_the_context_that_it_was_put_under() {
    let server = Ctx::server("localhost");
    let (trusting, stranger) = (Ctx::client("root.pem"), Ctx::client("old-root.pem"));
    let pair = Pair::new(&stranger, &server, Some("localhost"));
    pair.client.set_ctx(&trusting).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    let pair = Pair::new(&trusting, &server, Some("localhost"));
    pair.client.set_ctx(&stranger).unwrap();
    assert_eq!(pair.handshake().0.unwrap_err().status, TLSW_ERR_VERIFY);

    // And brings sessions of that one.
    trusting.set_versions(TLSW_TLS_1_2);
    let first = Pair::connected(&trusting, &server, Some("localhost"));
    let session = first.client.session().unwrap().unwrap();
    let pair = Pair::new(&stranger, &server, Some("localhost"));
    assert_eq!(pair.client.set_session(&session).unwrap_err().status, TLSW_ERR_ARGUMENT);
    pair.client.set_ctx(&trusting).unwrap();
    pair.client.set_session(&session).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(pair.client.is_reused());
}

#[test]
fn a_context_that_does_not_fit_is_refused() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let pair = Pair::new(&client, &server, Some("localhost"));
    for (conn, wrong) in [(&pair.client, &server), (&pair.server, &client)] {
        let error = conn.set_ctx(wrong).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("role"), "{}", error.message);
    }
    let careless = Ctx::client("root.pem");
    careless.insecure();
    let pair = Pair::new(&careless, &server, None);
    let error = pair.client.set_ctx(&client).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("server_hostname"), "{}", error.message);
    let none = call(|err| unsafe { tlsw_conn_set_ctx(pair.client.0, null_mut(), err) });
    assert_eq!(none.unwrap_err().status, TLSW_ERR_ARGUMENT);
    let nowhere = call(|err| unsafe { tlsw_get_ctx(pair.client.0, null_mut(), err) });
    assert_eq!(nowhere.unwrap_err().status, TLSW_ERR_ARGUMENT);
}

/// A session of TLS 1.2 or 1.3 with `server`.
fn first(client: &Ctx, server: &Ctx, name: &str) -> Session {
    let pair = Pair::connected(client, server, Some(name));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    pair.client.session().unwrap().unwrap()
}

fn resumes(client: &Ctx, server: &Ctx, name: &str, session: &Session) -> bool {
    let pair = Pair::new(client, server, Some(name));
    pair.client.set_session(session).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.is_reused(), pair.server.is_reused());
    pair.client.is_reused()
}

#[test]
fn sessions_stay_with_their_host() {
    for version in VERSIONS {
        let (server, _other) = two_hosts();
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        client.insecure();
        let (one, two) = ("localhost", "other.example");
        for (made_under, other) in [(one, two), (two, one)] {
            let session = first(&client, &server, made_under);
            assert!(!resumes(&client, &server, other, &session), "{version:x} {made_under}");
            let session = first(&client, &server, made_under);
            assert!(resumes(&client, &server, made_under, &session), "{version:x} {made_under}");
        }
    }
}

#[test]
fn a_host_that_now_demands_certificates_forgets_who_had_none() {
    for version in VERSIONS {
        let (server, other) = two_hosts();
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        client.insecure();
        let session = first(&client, &server, "other.example");
        other.load_ca_file(&pki("root.pem")).unwrap();
        other.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        let pair = Pair::new(&client, &server, Some("other.example"));
        pair.client.set_session(&session).unwrap();
        let (_, theirs) = pair.handshake();
        assert_eq!(theirs.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    }
}

#[test]
fn sessions_of_clients_with_certificates_are_resumed() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        server.load_ca_file(&pki("root.pem")).unwrap();
        server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        let session = first(&client, &server, "localhost");
        let pair = Pair::new(&client, &server, Some("localhost"));
        pair.client.set_session(&session).unwrap();
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(pair.server.is_reused());
        let sent = pair.server.chain(TLSW_CHAIN_SENT).unwrap();
        assert_eq!(sent, Ok(pki_ders("client.chain.pem")));
    }
}

#[test]
fn contexts_of_the_same_name_share_no_sessions() {
    for version in VERSIONS {
        let servers = [Ctx::server("localhost"), Ctx::server("localhost")];
        let client = Ctx::client("root.pem");
        client.set_versions(version);
        for (at, server) in servers.iter().enumerate() {
            let session = first(&client, server, "localhost");
            assert!(!resumes(&client, &servers[1 - at], "localhost", &session), "{version:x}");
            let session = first(&client, server, "localhost");
            assert!(resumes(&client, server, "localhost", &session), "{version:x}");
        }
    }
}

#[test]
fn a_connection_keeps_a_value_for_its_user() {
    let server = Ctx::server("localhost");
    let seen = Notes::new();
    let see = seen.clone();
    server
        .set_sni_hook(move |conn, _, _| {
            see.add(unsafe { (*tlsw_get_user(conn.0).cast::<(u32, Notes<()>)>()).0 });
            TLSW_OK
        })
        .unwrap();
    let pair = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
    assert!(unsafe { tlsw_get_user(pair.server.0) }.is_null());
    let life = Notes::<()>::new();
    let set = |number: u32| {
        let user = kept((number, life.clone()));
        call(|err| unsafe {
            tlsw_conn_set_user(pair.server.0, user, Some(release::<(u32, Notes<()>)>), err)
        })
        .unwrap();
        assert_eq!(unsafe { tlsw_get_user(pair.server.0) }, user);
    };
    set(7);
    set(8);
    assert_eq!(life.holders(), 2, "the first was released");
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(seen.take(), [8]);
    drop(pair);
    assert_eq!(life.holders(), 1);

    let pair = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
    let plain: *mut c_void = (&raw const life).cast_mut().cast();
    call(|err| unsafe { tlsw_conn_set_user(pair.client.0, plain, None, err) }).unwrap();
    assert_eq!(unsafe { tlsw_get_user(pair.client.0) }, plain);
    assert!(unsafe { tlsw_get_user(null()) }.is_null());
    let nobody = call(|err| unsafe { tlsw_conn_set_user(null_mut(), plain, None, err) });
    assert_eq!(nobody.unwrap_err().status, TLSW_ERR_ARGUMENT);
}

#[test]
fn a_context_lives_as_long_as_a_connection_is_under_it() {
    let server = Ctx::server("localhost");
    let pair = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
    drop(server);
    let server = pair.server.ctx();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    drop(pair);
    let again = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
    assert_eq!(again.handshake(), (Ok(()), Ok(())));
}
