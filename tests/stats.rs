//! What a context counts, the sessions that a server keeps, and two more facts of a handshake: the
//! suites that both sides have, and the Finished messages.

mod support;
use support::*;

use std::time::Duration;

fn text(ask: impl FnOnce(*mut tlsw_buf, *mut tlsw_error) -> tlsw_status) -> Option<String> {
    let mut json = empty();
    let status = call(|err| ask(&mut json, err)).unwrap();
    (status == TLSW_OK).then(|| String::from_utf8(take(json)).unwrap())
}

impl Ctx {
    fn stats(&self) -> String {
        text(|json, err| unsafe { tlsw_ctx_get_session_stats(self.0, json, err) }).unwrap()
    }

    /// One of its numbers.
    fn count(&self, key: &str) -> u64 {
        let stats = self.stats();
        let value = stats.split(&format!("\"{key}\": ")).nth(1).unwrap();
        value.split([',', '}']).next().unwrap().parse().unwrap()
    }

    fn counts(&self, keys: &[&str]) -> Vec<u64> {
        keys.iter().map(|key| self.count(key)).collect()
    }

    fn no_tickets(&self) {
        call(|err| unsafe { tlsw_ctx_set_options(self.0, TLSW_OP_NO_TICKET, err) }).unwrap();
    }

    fn set_ciphers(&self, list: &str) {
        let list = c(list);
        call(|err| unsafe { tlsw_ctx_set_ciphers(self.0, list.as_ptr(), err) }).unwrap();
    }

    fn set_ciphersuites(&self, names: &str) {
        let names = c(names);
        call(|err| unsafe { tlsw_ctx_set_ciphersuites(self.0, names.as_ptr(), err) }).unwrap();
    }
}

/// A client and a server of one version alone. A client that would speak TLS 1.3 too makes up an
/// identifier, for old boxes on the way (RFC 8446, section 4.1.2), and an older server looks for it.
fn of(version: i32) -> (Ctx, Ctx) {
    let (client, server) = contexts(version);
    client.set_versions(version);
    (client, server)
}

/// A client and a server of TLS 1.2, the server without tickets.
fn without_tickets() -> (Ctx, Ctx) {
    let (client, server) = of(TLSW_TLS_1_2);
    server.no_tickets();
    (client, server)
}

fn first(client: &Ctx, server: &Ctx) -> Session {
    let pair = Pair::connected(client, server, Some("localhost"));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    pair.client.session().unwrap().unwrap()
}

fn resumes(client: &Ctx, server: &Ctx, session: &Session) -> bool {
    let pair = Pair::new(client, server, Some("localhost"));
    pair.client.set_session(session).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    pair.client.is_reused()
}

#[test]
fn the_keys_are_cpythons() {
    let program =
        "import json, ssl\nprint(json.dumps(ssl.create_default_context().session_stats()))";
    let theirs = python(program, "");
    let keys = |json: &str| -> Vec<String> {
        let mut keys: Vec<_> = json.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        keys.sort();
        keys
    };
    let ours = Ctx::new(TLSW_CLIENT).stats();
    assert_eq!(keys(&ours), keys(&theirs));
    assert!(!ours.contains(|digit: char| ('1'..='9').contains(&digit)), "{ours}");
}

const HANDSHAKES: [&str; 6] = [
    "connect",
    "connect_good",
    "connect_renegotiate",
    "accept",
    "accept_good",
    "accept_renegotiate",
];

#[test]
fn handshakes_are_counted_where_they_are_made() {
    for version in VERSIONS {
        let (client, server) = of(version);
        for _ in 0..3 {
            drop(Pair::connected(&client, &server, Some("localhost")));
        }
        assert_eq!(client.counts(&HANDSHAKES), [3, 3, 0, 0, 0, 0]);
        assert_eq!(server.counts(&HANDSHAKES), [0, 0, 0, 3, 3, 0]);
        // One that fails has begun.
        let stranger = Ctx::client("old-root.pem");
        assert!(Pair::new(&stranger, &server, Some("localhost")).handshake().0.is_err());
        assert_eq!(stranger.counts(&HANDSHAKES), [1, 0, 0, 0, 0, 0]);
        assert_eq!(server.counts(&["accept", "accept_good"]), [4, 3]);
        // A change of the context does not begin the numbers anew.
        server.set_alpn(b"\x02h2").unwrap();
        drop(Pair::connected(&client, &server, Some("localhost")));
        assert_eq!(server.counts(&["accept", "accept_good"]), [5, 4]);
    }
}

#[test]
fn a_resumed_session_is_a_hit_on_both_sides() {
    for version in VERSIONS {
        let (client, server) = of(version);
        let session = first(&client, &server);
        assert_eq!((client.count("hits"), server.count("hits")), (0, 0));
        assert!(resumes(&client, &server, &session));
        assert_eq!((client.count("hits"), server.count("hits")), (1, 1));
        assert_eq!(server.counts(&["accept", "accept_good", "misses"]), [2, 2, 0]);
    }
}

#[test]
fn a_server_keeps_sessions_of_clients_without_tickets() {
    let (client, server) = without_tickets();
    let session = first(&client, &server);
    assert_eq!(session.id().len(), 32);
    assert_eq!(unsafe { tlsw_session_has_ticket(session.0) }, 0);
    assert_eq!(server.counts(&["number", "hits", "misses"]), [1, 0, 0]);
    assert!(resumes(&client, &server, &session));
    assert!(resumes(&client, &server, &session));
    assert_eq!(server.counts(&["number", "hits", "misses"]), [1, 2, 0]);
    // Another server knows nothing of it.
    let other = Ctx::server("localhost");
    other.set_versions(TLSW_TLS_1_2);
    other.no_tickets();
    assert!(!resumes(&client, &other, &session));
    assert_eq!(other.counts(&["number", "hits", "misses"]), [1, 0, 1]);
    // With tickets, clients keep what servers would.
    let (client, server) = of(TLSW_TLS_1_2);
    assert!(resumes(&client, &server, &first(&client, &server)));
    assert_eq!(server.counts(&["number", "hits", "misses"]), [0, 1, 0]);
}

#[test]
fn the_oldest_sessions_make_room() {
    let (client, server) = without_tickets();
    assert_eq!(unsafe { tlsw_ctx_get_session_cache_size(server.0) }, 20_480);
    call(|err| unsafe { tlsw_ctx_set_session_cache_size(server.0, 2, err) }).unwrap();
    assert_eq!(unsafe { tlsw_ctx_get_session_cache_size(server.0) }, 2);
    let sessions = [0; 3].map(|_| first(&client, &server));
    assert_eq!(server.counts(&["number", "cache_full"]), [2, 1]);
    let [oldest, middle, newest] = &sessions;
    assert!(resumes(&client, &server, middle) && resumes(&client, &server, newest));
    assert!(!resumes(&client, &server, oldest));
    assert_eq!(server.counts(&["number", "hits", "misses", "cache_full"]), [2, 2, 1, 2]);
    // Any number.
    call(|err| unsafe { tlsw_ctx_set_session_cache_size(server.0, 0, err) }).unwrap();
    for _ in 0..4 {
        first(&client, &server);
    }
    assert_eq!(server.counts(&["number", "cache_full"]), [4, 2]);
}

#[test]
fn a_session_whose_time_is_over_is_not_resumed() {
    let (client, server) = without_tickets();
    assert_eq!(unsafe { tlsw_ctx_get_session_timeout(server.0) }, 0);
    call(|err| unsafe { tlsw_ctx_set_session_timeout(server.0, 1, err) }).unwrap();
    assert_eq!(unsafe { tlsw_ctx_get_session_timeout(server.0) }, 1);
    let session = first(&client, &server);
    assert_eq!(server.count("number"), 1);
    std::thread::sleep(Duration::from_millis(2_100));
    assert!(!resumes(&client, &server, &session));
    // The one that is over has gone, the new one has come.
    assert_eq!(server.counts(&["number", "hits", "misses", "timeouts"]), [1, 0, 0, 1]);
    // With tickets it is the same, and the client knows it by itself.
    for version in VERSIONS {
        let (client, server) = of(version);
        call(|err| unsafe { tlsw_ctx_set_session_timeout(server.0, 1, err) }).unwrap();
        let session = first(&client, &server);
        assert_eq!(unsafe { tlsw_session_ticket_lifetime_hint(session.0) }, 1, "{version:x}");
        std::thread::sleep(Duration::from_millis(2_100));
        assert!(!resumes(&client, &server, &session), "{version:x}");
    }
    let none = call(|err| unsafe { tlsw_ctx_set_session_timeout(std::ptr::null_mut(), 1, err) });
    assert_eq!(none.unwrap_err().status, TLSW_ERR_ARGUMENT);
}

impl Conn {
    fn shared_ciphers(&self) -> Option<String> {
        text(|json, err| unsafe { tlsw_get_shared_ciphers(self.0, json, err) })
    }

    fn finished(&self, whose: u32) -> Option<Vec<u8>> {
        let mut bytes = empty();
        let status = call(|err| unsafe { tlsw_get_finished(self.0, whose, &mut bytes, err) });
        (status.unwrap() == TLSW_OK).then(|| take(bytes))
    }
}

#[test]
fn shared_ciphers_are_the_servers_that_the_client_offered() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
    client.set_ciphersuites("TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
    server.set_ciphers(
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
    );
    server.set_ciphersuites("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384");
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.server.shared_ciphers(), None);
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.client.shared_ciphers(), None);
    let want = r#"[["TLS_AES_256_GCM_SHA384", "TLSv1.3", 256], ["ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256], ["ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", 128]]"#;
    assert_eq!(pair.server.shared_ciphers().as_deref(), Some(want));
    // A client that has no suites of TLS 1.3 offers none.
    client.set_versions(TLSW_TLS_1_2);
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert!(!pair.server.shared_ciphers().unwrap().contains("TLSv1.3"));
}

#[test]
fn both_sides_know_both_finished_messages() {
    for (version, suite, len) in [
        (TLSW_TLS_1_2, None, 12),
        (TLSW_TLS_1_3, Some("TLS_AES_128_GCM_SHA256"), 32),
        (TLSW_TLS_1_3, Some("TLS_AES_256_GCM_SHA384"), 48),
    ] {
        let (client, server) = of(version);
        if let Some(suite) = suite {
            server.set_ciphersuites(suite);
        }
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.client.finished(TLSW_FINISHED_OWN), None);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let own = pair.client.finished(TLSW_FINISHED_OWN).unwrap();
        let peer = pair.client.finished(TLSW_FINISHED_PEER).unwrap();
        assert_eq!((own.len(), peer.len()), (len, len));
        assert_ne!(own, peer);
        assert_eq!(pair.server.finished(TLSW_FINISHED_OWN), Some(peer));
        assert_eq!(pair.server.finished(TLSW_FINISHED_PEER), Some(own.clone()));
        if version == TLSW_TLS_1_2 {
            // In a full handshake the client's is the first, and so the channel binding.
            let (mut binding, kind) = (empty(), c("tls-unique"));
            call(|err| unsafe {
                tlsw_get_channel_binding(pair.client.0, kind.as_ptr(), &mut binding, err)
            })
            .unwrap();
            assert_eq!(take(binding), own);
        }
        let mut nothing = empty();
        let wrong = call(|err| unsafe { tlsw_get_finished(pair.client.0, 2, &mut nothing, err) });
        let error = wrong.unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("whose"), "{}", error.message);
    }
}
