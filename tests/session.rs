//! Sessions: what one connection leaves behind, another of the same context resumes.

mod support;
use support::*;

use std::ptr::{null, null_mut};

const VERSIONS: [i32; 2] = [TLSW_TLS_1_2, TLSW_TLS_1_3];

fn contexts(version: i32) -> (Ctx, Ctx) {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.set_versions(version);
    (client, server)
}

/// A first connection, and its session. The server's write brings the tickets of TLS 1.3.
fn first(client: &Ctx, server: &Ctx) -> Session {
    let pair = Pair::connected(client, server, Some("localhost"));
    assert!(!pair.client.is_reused() && !pair.server.is_reused());
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    pair.client.session().unwrap().unwrap_or_else(|status| panic!("{}", name_of(status)))
}

/// A pair whose client is to resume `session`.
fn resuming(client: &Ctx, server: &Ctx, name: &str, session: &Session) -> Pair {
    let pair = Pair::new(client, server, Some(name));
    assert_eq!(pair.client.set_session(session), Ok(TLSW_OK));
    pair
}

#[test]
fn a_session_is_resumed_and_both_chains_are_still_there() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let session = first(&client, &server);
        let pair = resuming(&client, &server, "localhost", &session);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(pair.client.is_reused() && pair.server.is_reused());
        let sent = pki_ders("localhost.chain.pem");
        assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(sent.clone())));
        let verified = [sent, pki_ders("root.pem")].concat();
        assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Ok(verified)));
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
        assert_eq!(pair.client.write(b"again"), Ok(Ok(5)));
        assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"again".to_vec())));
    }
}

#[test]
fn tickets_of_tls_1_3_are_there_once_they_were_read() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert!(pair.client.session().unwrap_err().status == TLSW_ERR_STATE);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.session().unwrap().err(), Some(TLSW_NONE));
    assert_eq!(pair.server.session().unwrap().err(), Some(TLSW_NONE));
    assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
    let one = pair.client.session().unwrap();
    // Whether the server sends tickets with its last flight or its first write is its affair.
    let one = one.unwrap_or_else(|_| first(&client, &server));
    assert!(one.id().is_empty() || one.id().len() == 32);
    assert_eq!(unsafe { tlsw_session_has_ticket(one.0) }, 1);
    assert!(unsafe { tlsw_session_ticket_lifetime_hint(one.0) } > 0);
}

#[test]
fn facts_of_a_session() {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (one, other) = (first(&client, &server), first(&client, &server));
        let time = unsafe { tlsw_session_time(one.0) };
        assert!((time - now).abs() < 60, "{time} is not about {now}");
        assert!(unsafe { tlsw_session_timeout(one.0) } >= 3600);
        assert!(one.equals(&one) && !one.equals(&other));
        let copy = Session::from_bytes(&client, &one.to_bytes()).unwrap();
        assert!(one.equals(&copy));
        assert_eq!(one.id(), copy.id());
    }
}

#[test]
fn both_sides_can_look_at_a_session() {
    let (client, server) = contexts(TLSW_TLS_1_2);
    let pair = Pair::new(&client, &server, Some("localhost"));
    for conn in [&pair.client, &pair.server] {
        assert_eq!(conn.session().unwrap_err().status, TLSW_ERR_STATE);
    }
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    let [ours, theirs] = [&pair.client, &pair.server].map(|conn| conn.session().unwrap().unwrap());
    for session in [&ours, &theirs] {
        assert!(unsafe { tlsw_session_time(session.0) } > 0);
        assert!(unsafe { tlsw_session_timeout(session.0) } > 0);
    }
    // To resume it is the client's: the server keeps its part in the ticket.
    assert_eq!(unsafe { tlsw_session_has_ticket(ours.0) }, 1);
    assert_eq!(ours.id().len(), 32);
}

#[test]
fn there_is_a_session_of_now_that_may_be_one_nobody_resumes() {
    let current = |conn: &Conn| {
        let mut session = null_mut();
        call(|err| unsafe { tlsw_get_current_session(conn.0, &mut session, err) })
            .map(|_| Session(session))
    };
    let has_ticket = |session: &Session| unsafe { tlsw_session_has_ticket(session.0) };
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(current(&pair.client).map(drop).unwrap_err().status, TLSW_ERR_STATE);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let [early, theirs] = [&pair.client, &pair.server].map(|conn| current(conn).unwrap());
        for session in [&early, &theirs] {
            assert!(unsafe { tlsw_session_time(session.0) } > 0);
            assert!(unsafe { tlsw_session_timeout(session.0) } > 0);
        }
        assert_eq!(has_ticket(&early), i32::from(version != TLSW_TLS_1_3));
        let equal = |one: &Session, other: &Session| unsafe { tlsw_session_equal(one.0, other.0) };
        assert_eq!(equal(&early, &current(&pair.client).unwrap()), 1);
        assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let late = current(&pair.client).unwrap();
        assert_eq!(has_ticket(&late), 1);
        assert_eq!(equal(&early, &late), i32::from(version != TLSW_TLS_1_3));
        let again = |session: &Session| {
            let pair = Pair::new(&client, &server, Some("localhost"));
            pair.client.set_session(session).unwrap();
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            pair.client.is_reused()
        };
        assert_eq!((again(&early), again(&late)), (version != TLSW_TLS_1_3, true));
        if version == TLSW_TLS_1_3 {
            // Two of these are not the same for having nothing, and neither can be kept.
            assert_eq!(equal(&early, &theirs), 0);
            let mut bytes = empty();
            let kept =
                call(|err| unsafe { tlsw_session_to_bytes(early.0, null(), &mut bytes, err) });
            assert_eq!(kept.unwrap_err().status, TLSW_ERR_UNSUPPORTED);
        }
    }
}

#[test]
fn without_tickets_a_server_of_tls_1_2_remembers_its_sessions() {
    let (client, server) = contexts(TLSW_TLS_1_2);
    let options = TLSW_OP_NO_TICKET;
    call(|err| unsafe { tlsw_ctx_set_options(server.0, options, err) }).unwrap();
    let session = first(&client, &server);
    assert_eq!(session.id().len(), 32);
    assert_eq!(unsafe { tlsw_session_has_ticket(session.0) }, 0);
    assert_eq!(unsafe { tlsw_session_ticket_lifetime_hint(session.0) }, 0);
    let pair = resuming(&client, &server, "localhost", &session);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(pair.client.is_reused() && pair.server.is_reused());
    // TLS 1.3 has nothing to resume by, then.
    let (client, _) = contexts(TLSW_TLS_1_3);
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    assert_eq!(pair.client.session().unwrap().err(), Some(TLSW_NONE));
}

#[test]
fn nothing_is_said_before_the_handshake() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let session = first(&client, &server);
    let pair = resuming(&client, &server, "localhost", &session);
    // Written at once, and yet kept until the server has answered.
    assert_eq!(pair.client.write(b"early"), Ok(Err(TLSW_WANT_READ)));
    let hello = pair.to_server.drain();
    assert!(extension(&hello, 41).is_some(), "pre_shared_key");
    assert_eq!(extension(&hello, 42), None, "early_data");
    assert_eq!(hello.len(), 5 + usize::from(u16::from_be_bytes([hello[3], hello[4]])));
}

#[test]
fn bytes_resume_in_another_context_of_the_same_settings() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let bytes = first(&client, &server).to_bytes();
        let later = Ctx::client("root.pem");
        let session = Session::from_bytes(&later, &bytes).unwrap();
        let pair = resuming(&later, &server, "localhost", &session);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())), "{version:x}");
        // The context's own mark on its sessions is part of what was kept.
        assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("localhost.chain.pem"))));
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    }
}

#[test]
fn bytes_that_are_no_session_are_refused() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let bytes = first(&client, &server).to_bytes();
    let refused = |bytes: &[u8]| match Session::from_bytes(&client, bytes) {
        Ok(_) => panic!("{} bytes made a session", bytes.len()),
        Err(error) => error,
    };
    for bad in [&b""[..], b"rubbish", b"tlswrap session 1", &bytes[..bytes.len() - 1]] {
        assert_eq!(refused(bad).status, TLSW_ERR_DECODE);
    }
    let newer = [b"tlswrap session 2\n", &bytes[18..]].concat();
    assert!(refused(&newer).message.contains("another version"));
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x40;
        // Some bytes may say anything; what matters is that nothing breaks.
        if let Ok(session) = Session::from_bytes(&client, &flipped) {
            let pair = resuming(&client, &server, "localhost", &session);
            let _ = pair.handshake();
        }
    }
}

#[test]
fn a_session_is_refused_where_it_does_not_belong() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let session = first(&client, &server);
    let stranger = Ctx::client("root.pem");
    let pair = Pair::new(&stranger, &server, Some("localhost"));
    let error = pair.client.set_session(&session).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("another context"), "{}", error.message);

    let own = Session::from_bytes(&server, &session.to_bytes()).unwrap();
    let error = pair.server.set_session(&own).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("only a client"), "{}", error.message);

    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    let error = pair.client.set_session(&session).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_STATE);
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(pair.client.set_session(&session).unwrap_err().status, TLSW_ERR_STATE);
}

#[test]
fn resuming_does_not_get_around_the_name() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let session = first(&client, &server);
        let pair = resuming(&client, &server, "other.example", &session);
        let (ours, _) = pair.handshake();
        let error = ours.unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 62), "{version:x}");
        assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("localhost.chain.pem"))));
    }
}

#[test]
fn resuming_does_not_get_around_verification() {
    for version in VERSIONS {
        // Made while nobody verified, by a server that nobody trusts.
        let server = Ctx::server("localhost");
        let client = Ctx::client("old-root.pem");
        client.set_versions(version);
        client.insecure();
        let session = first(&client, &server);
        client.set_check_hostname(1).unwrap();
        let pair = resuming(&client, &server, "localhost", &session);
        let error = pair.handshake().0.unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{version:x}");
    }
}

#[test]
fn a_resumed_session_is_judged_by_the_trust_of_today() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let session = first(&client, &server);
        // Another CA more: the earlier verification no longer answers, a new one does.
        client.load_ca_file(&pki("old-root.pem")).unwrap();
        let pair = resuming(&client, &server, "localhost", &session);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(pair.client.is_reused());
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    }
}

#[test]
fn a_server_that_forgot_shakes_hands_in_full() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let session = first(&client, &server);
        let pair = resuming(&client, &Ctx::server("localhost"), "localhost", &session);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert!(!pair.client.is_reused());
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    }
}

#[test]
fn a_chain_is_valid_as_long_as_all_of_it_is() {
    use boring::stack::Stack;
    use boring::x509::X509;
    let validity = |names: &[&str]| {
        let mut chain = Stack::new().unwrap();
        for der in names.iter().flat_map(|name| pki_ders(name)) {
            chain.push(X509::from_der(&der).unwrap()).unwrap();
        }
        tlswrap::bssl::x509::validity(&chain).unwrap()
    };
    let [root, leaf, expired] =
        ["root.pem", "localhost.pem", "expired.pem"].map(|name| validity(&[name]));
    assert!(root.0 <= leaf.0 && leaf.1 < root.1 && expired.0 < root.0);
    for names in [["root.pem", "localhost.pem"], ["localhost.pem", "root.pem"]] {
        assert_eq!(validity(&names), (root.0.max(leaf.0), leaf.1));
    }
    assert_eq!(validity(&["root.pem", "expired.pem"]), (root.0, expired.1));
}

#[test]
fn sealed_bytes_are_of_their_key_alone() {
    let (key, other) = ([7; 32], [8; 32]);
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let session = first(&client, &server);
        let (plain, sealed) = (session.to_bytes(), session.seal(Some(&key)));
        // Nothing of the session can be read, and no two are the same.
        let chain = pki_ders("localhost.chain.pem");
        let shows = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|at| at == part);
        assert!(shows(&plain, &chain[0]) && !shows(&sealed, &chain[0][..16]));
        assert_ne!(sealed, session.seal(Some(&key)));

        let later = Ctx::client("root.pem");
        later.set_versions(version);
        let opened = Session::open(&later, &sealed, Some(&key)).unwrap();
        assert!(opened.equals(&session));
        let pair = resuming(&later, &server, "localhost", &opened);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())), "{version:x}");
        assert!(pair.client.is_reused());

        let refused = |bytes: &[u8], key: Option<&[u8; 32]>, words: &str| {
            let error = Session::open(&later, bytes, key).expect_err(words);
            assert_eq!(error.status, TLSW_ERR_DECODE, "{}", error.message);
            assert!(error.message.contains(words), "{}", error.message);
        };
        refused(&sealed, Some(&other), "sealed with another key, or its bytes were altered");
        refused(&sealed, None, "is sealed: give the key");
        refused(&plain, Some(&key), "is not sealed");
        // The rest of one under the first line of the other.
        let body =
            |bytes: &[u8]| bytes[bytes.iter().position(|b| *b == b'\n').unwrap() + 1..].to_vec();
        let head =
            |bytes: &[u8]| bytes[..=bytes.iter().position(|b| *b == b'\n').unwrap()].to_vec();
        refused(&[head(&sealed), body(&plain)].concat(), Some(&key), "altered");
        refused(&[head(&plain), body(&sealed)].concat(), Some(&key), "is not sealed");
        refused(&[head(&plain), body(&sealed)].concat(), None, "damaged");
        refused(&head(&sealed), Some(&key), "altered");
        refused(&[&sealed[..], b"\0"].concat(), Some(&key), "altered");
        refused(&sealed[..sealed.len() - 1], Some(&key), "altered");
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(Session::open(&later, &flipped, Some(&key)).is_err(), "{version:x}: {at}");
            assert!(Session::open(&later, &flipped, None).is_err(), "{version:x}: {at}");
        }
    }
}

#[test]
fn a_certificate_that_was_put_into_sealed_bytes_is_not_believed() {
    // The server of the session showed one, and whoever had the bytes would have it that it had
    // shown another: without a key that is what the client is told.
    let (client, _) = contexts(TLSW_TLS_1_3);
    let impostor = Ctx::server("untrusted");
    let careless = Ctx::client("root.pem");
    careless.insecure();
    let session = first(&careless, &impostor);
    let swap = |bytes: &[u8]| {
        let [own, other] = ["untrusted.pem", "localhost.pem"].map(|name| pki_ders(name).remove(0));
        let at = bytes.windows(own.len()).position(|part| part == own)?;
        let mut swapped = bytes.to_vec();
        swapped.splice(at..at + own.len(), other);
        Some(swapped)
    };
    let key = [7; 32];
    assert!(swap(&session.to_bytes()).is_some());
    assert_eq!(swap(&session.seal(Some(&key))), None);
    let error = Session::open(&client, &session.to_bytes(), Some(&key)).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_DECODE);
}
