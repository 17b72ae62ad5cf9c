//! The main job: the peer's certificate chain, as it was sent and as it was verified.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{Peer, Wired, listener, openssl, run};

use std::ffi::CStr;

/// A server that shows any chain file of the test PKI.
fn server_of(chain: &str, key: &str) -> Ctx {
    let ctx = Ctx::new(TLSW_SERVER);
    ctx.load_cert_chain(chain, key).unwrap();
    ctx
}

/// A server like `server_of` that asks clients for a certificate of `ca`.
fn demanding(chain: &str, key: &str, ca: &str) -> Ctx {
    let ctx = server_of(chain, key);
    ctx.load_ca_file(&pki(ca)).unwrap();
    ctx.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    ctx
}

/// Makes a server speak no version above `version`.
fn limit(server: &Ctx, version: i32) {
    call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
}

/// Shakes hands with both versions, and hands each pair to `look`.
fn both_versions(client: &Ctx, server: &Ctx, look: impl Fn(&Pair)) {
    for version in VERSIONS {
        limit(server, version);
        let pair = Pair::connected(client, server, Some("localhost"));
        let name = if version == TLSW_TLS_1_3 { "TLSv1.3" } else { "TLSv1.2" };
        assert_eq!(pair.client.version(), Some(name));
        assert!(!pair.client.is_reused());
        look(&pair);
    }
}

fn sent(conn: &Conn) -> Vec<Vec<u8>> {
    conn.chain(TLSW_CHAIN_SENT).unwrap().expect("a sent chain")
}

fn verified(conn: &Conn) -> Vec<Vec<u8>> {
    conn.chain(TLSW_CHAIN_VERIFIED).unwrap().expect("a verified chain")
}

/// The certificates of several files, one after another.
fn ders(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().flat_map(|name| pki_ders(name)).collect()
}

#[test]
fn a_superfluous_certificate_stays_where_it_was_sent() {
    let server = server_of("localhost.superfluous.chain.pem", "localhost.key.pem");
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        assert_eq!(
            sent(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "superfluous.pem"])
        );
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
    });
}

#[test]
fn a_shuffled_chain_is_given_as_sent_and_verified_in_order() {
    let server = server_of("localhost.shuffled.chain.pem", "localhost.key.pem");
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        assert_eq!(
            sent(&pair.client),
            ders(&["localhost.pem", "superfluous.pem", "intermediate.pem"])
        );
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
    });
}

#[test]
fn a_long_chain_with_repetitions_comes_whole() {
    // More than three records of certificates that are of no use, again and again.
    let mut chain = pki_bytes("localhost.chain.pem");
    let mut expected = pki_ders("localhost.chain.pem");
    while expected.iter().map(Vec::len).sum::<usize>() <= 3 * 16384 {
        for name in ["superfluous.pem", "many-names.pem", "roots.pem", "rsa.chain.pem", "p384.pem"]
        {
            chain.extend(pki_bytes(name));
            expected.extend(pki_ders(name));
        }
    }
    let key = pki_bytes("localhost.key.pem");
    let server = Ctx::new(TLSW_SERVER);
    call(|err| unsafe {
        tlsw_ctx_load_cert_chain_mem(
            server.0,
            chain.as_ptr(),
            chain.len(),
            key.as_ptr(),
            key.len(),
            std::ptr::null(),
            0,
            err,
        )
    })
    .unwrap();
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        assert_eq!(sent(&pair.client), expected);
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
    });
}

#[test]
fn mutual_tls_gives_both_chains_to_both_sides_the_leaf_included() {
    let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
    let client = Ctx::client("root.pem");
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    both_versions(&client, &server, |pair| {
        assert_eq!(sent(&pair.client), ders(&["localhost.pem", "intermediate.pem"]));
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
        assert_eq!(sent(&pair.server), ders(&["client.pem", "intermediate.pem"]));
        assert_eq!(verified(&pair.server), ders(&["client.pem", "intermediate.pem", "root.pem"]));
    });
}

#[test]
fn a_leaf_sent_alone_is_the_whole_sent_chain_on_both_sides() {
    // Who has no CA to complete it with sends it alone; the other knows the intermediate.
    let server = Ctx::new(TLSW_SERVER);
    server.load_cert_chain("localhost.pem", "localhost.key.pem").unwrap();
    let client = Ctx::client("root.pem");
    client.load_ca_file(&pki("intermediate.pem")).unwrap();
    both_versions(&client, &server, |pair| {
        assert_eq!(sent(&pair.client), pki_ders("localhost.pem"));
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
    });
    let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
    server.load_ca_file(&pki("intermediate.pem")).unwrap();
    let client = Ctx::client("root.pem");
    client.load_cert_chain("client.pem", "client.key.pem").unwrap();
    both_versions(&client, &server, |pair| {
        assert_eq!(sent(&pair.server), pki_ders("client.pem"));
        assert_eq!(verified(&pair.server), ders(&["client.pem", "intermediate.pem", "root.pem"]));
    });
}

#[test]
fn the_verified_chain_ends_in_the_root_that_was_not_sent() {
    both_versions(&Ctx::client("root.pem"), &Ctx::server("localhost"), |pair| {
        let (sent, verified) = (sent(&pair.client), verified(&pair.client));
        assert_eq!(sent, pki_ders("localhost.chain.pem"));
        assert_eq!(sent.len(), 2);
        assert_eq!(verified, ders(&["localhost.chain.pem", "root.pem"]));
    });
}

#[test]
fn a_root_that_was_sent_is_in_both_chains_once() {
    let server = server_of("localhost.with-root.chain.pem", "localhost.key.pem");
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        let chain = ders(&["localhost.pem", "intermediate.pem", "root.pem"]);
        assert_eq!(sent(&pair.client), chain);
        assert_eq!(verified(&pair.client), chain);
    });
}

#[test]
fn a_cross_signed_intermediate_is_replaced_by_the_one_of_the_trust_store() {
    let server = Ctx::server("cross");
    let as_sent = ders(&["cross.pem", "cross-intermediate-by-old-root.pem"]);
    // Who trusts the old root verifies by what was sent.
    both_versions(&Ctx::client("old-root.pem"), &server, |pair| {
        assert_eq!(sent(&pair.client), as_sent);
        assert_eq!(
            verified(&pair.client),
            ders(&["cross.pem", "cross-intermediate-by-old-root.pem", "old-root.pem"])
        );
    });
    // Who knows the other issue of the intermediate goes that way, to the new root.
    both_versions(&Ctx::client("cross-store.pem"), &server, |pair| {
        assert_eq!(sent(&pair.client), as_sent);
        assert_eq!(
            verified(&pair.client),
            ders(&["cross.pem", "cross-intermediate.pem", "root.pem"])
        );
    });
}

#[test]
fn a_cross_signed_root_leads_to_whichever_root_is_trusted() {
    let server = server_of("localhost.cross-root.chain.pem", "localhost.key.pem");
    let as_sent = ders(&["localhost.pem", "intermediate.pem", "root-by-old-root.pem"]);
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        assert_eq!(sent(&pair.client), as_sent);
        assert_eq!(
            verified(&pair.client),
            ders(&["localhost.pem", "intermediate.pem", "root.pem"])
        );
    });
    both_versions(&Ctx::client("old-root.pem"), &server, |pair| {
        assert_eq!(sent(&pair.client), as_sent);
        assert_eq!(verified(&pair.client), [as_sent.clone(), pki_ders("old-root.pem")].concat());
    });
}

#[test]
fn every_kind_of_key_gives_the_same_chains_on_tls_1_2_and_1_3() {
    for (name, above, root) in [
        ("localhost", "intermediate.pem", "root.pem"),
        ("rsa", "intermediate.pem", "root.pem"),
        ("ed25519", "intermediate.pem", "root.pem"),
        ("p384", "p384-intermediate.pem", "p384-root.pem"),
    ] {
        let leaf = format!("{name}.pem");
        let server = Ctx::server(name);
        both_versions(&Ctx::client(root), &server, |pair| {
            assert_eq!(sent(&pair.client), ders(&[&leaf, above]), "{name}");
            assert_eq!(verified(&pair.client), ders(&[&leaf, above, root]), "{name}");
        });
    }
}

#[test]
fn a_server_with_two_identities_shows_the_chain_of_the_one_it_used() {
    let server = Ctx::server("rsa");
    server.load_cert_chain("p384.chain.pem", "p384.key.pem").unwrap();
    both_versions(&Ctx::client("roots.pem"), &server, |pair| {
        let chain = sent(&pair.client);
        let of = |name: &str, root: &str| {
            (pki_ders(&format!("{name}.chain.pem")), [&pki_ders(root)[..]].concat())
        };
        let (expected, root) = [of("rsa", "root.pem"), of("p384", "p384-root.pem")]
            .into_iter()
            .find(|(expected, _)| *expected == chain)
            .expect("one of the two chains");
        assert_eq!(verified(&pair.client), [expected, root].concat());
    });
}

#[test]
fn no_chain_of_a_peer_that_sent_none() {
    // Not asked for.
    both_versions(&Ctx::client("root.pem"), &Ctx::server("localhost"), |pair| {
        assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE)));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_NONE));
    });
    // Asked for, and the client had none.
    let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
    server.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
    both_versions(&Ctx::client("root.pem"), &server, |pair| {
        assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE)));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_NONE));
    });
}

#[test]
fn without_verification_there_is_the_sent_chain_only() {
    for (ca, name) in [("root.pem", "localhost"), ("root.pem", "expired"), ("p384-root.pem", "rsa")]
    {
        let client = Ctx::client(ca);
        client.insecure();
        both_versions(&client, &Ctx::server(name), |pair| {
            assert_eq!(sent(&pair.client), pki_ders(&format!("{name}.chain.pem")));
            assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_UNVERIFIED)));
        });
    }
}

#[test]
fn a_refused_chain_is_there_as_sent_and_not_as_verified() {
    for version in VERSIONS {
        let (client, server) = (Ctx::client("p384-root.pem"), Ctx::server("localhost"));
        limit(&server, version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (refusal, _) = pair.handshake();
        assert_eq!(refusal.unwrap_err().status, TLSW_ERR_VERIFY);
        for _ in 0..2 {
            assert_eq!(sent(&pair.client), pki_ders("localhost.chain.pem"));
            assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_FAILED)));
        }
    }
}

#[test]
fn before_the_handshake_is_done_there_is_no_chain_to_ask_for() {
    let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
    let client = Ctx::client("root.pem");
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    for version in VERSIONS {
        limit(&server, version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let not_yet = |conn: &Conn| {
            for which in [TLSW_CHAIN_SENT, TLSW_CHAIN_VERIFIED] {
                let error = conn.chain(which).unwrap_err();
                assert_eq!(error.status, TLSW_ERR_STATE);
                assert!(error.message.contains("the handshake is not done"), "{}", error.message);
            }
            assert_eq!(conn.verify_result().unwrap_err().status, TLSW_ERR_STATE);
            assert_eq!(conn.failed_cert(), None);
        };
        // Step by step until each is done: it answers from its own end of the handshake on, though
        // the certificates were known before.
        let (mut client_done, mut server_done) = (false, false);
        let mut steps = 0;
        while !(client_done && server_done) {
            if !client_done {
                not_yet(&pair.client);
                client_done = pair.client.handshake() == Ok(TLSW_OK);
            }
            if !server_done {
                not_yet(&pair.server);
                server_done = pair.server.handshake() == Ok(TLSW_OK);
            }
            steps += 1;
            assert!(steps < 10);
        }
        assert!(steps > 1);
        assert_eq!(verified(&pair.client).len(), 3);
        assert_eq!(verified(&pair.server).len(), 3);
    }
}

#[test]
fn a_chain_outlives_the_connection_and_the_context_it_came_from() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let pair = Pair::connected(&client, &server, Some("localhost"));
    let mut chains = Vec::new();
    for which in [TLSW_CHAIN_SENT, TLSW_CHAIN_VERIFIED] {
        let mut chain = empty();
        call(|err| unsafe { tlsw_get_peer_chain_der(pair.client.0, which, &mut chain, err) })
            .unwrap();
        chains.push(chain);
    }
    drop((pair, client, server));
    // Whatever the freed memory held is written over.
    drop(Pair::connected(&Ctx::client("root.pem"), &Ctx::server("rsa"), Some("localhost")));
    let verified = take(chains.pop().unwrap());
    assert_eq!(split(&verified), ders(&["localhost.chain.pem", "root.pem"]));
    let sent = take(chains.pop().unwrap());
    assert_eq!(split(&sent), pki_ders("localhost.chain.pem"));
}

#[test]
fn asking_twice_gives_two_chains_that_are_equal() {
    let pair =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(sent(&pair.client), sent(&pair.client));
    assert_eq!(verified(&pair.client), verified(&pair.client));
    // And after the goodbye as before it.
    let before = (sent(&pair.client), verified(&pair.client));
    assert_eq!(pair.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    assert_eq!((sent(&pair.client), verified(&pair.client)), before);
}

#[test]
fn a_client_with_a_certificate_prints_the_chain_of_the_server_it_connected_to() {
    use std::os::fd::AsRawFd;
    let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
    let client = Ctx::new(TLSW_CLIENT);
    client.set_verify_mode(2).unwrap();
    client.load_ca_file(&pki("root.pem")).unwrap();
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    let (one, other) = sockets();
    let conn = client.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let peer = server.wrap_fd(other.as_raw_fd(), TLSW_SERVER, None).unwrap();
    shake_hands(&conn, &peer);
    let names = |chain: Vec<Vec<u8>>| -> Vec<String> {
        let name = |der: &Vec<u8>| {
            let (cert, mut json) = (Cert::new(der), empty());
            call(|err| unsafe { tlsw_cert_json(cert.0, &mut json, err) }).unwrap();
            assert!(take(json).starts_with(b"{\"subject\": [[["));
            let name = unsafe { CStr::from_ptr(tlsw_cert_common_name(cert.0)) };
            name.to_str().unwrap().to_owned()
        };
        chain.iter().map(name).collect()
    };
    for (conn, leaf) in [(&conn, "localhost"), (&peer, "tlswrap test client")] {
        let above = ["tlswrap test intermediate", "tlswrap test root"];
        assert_eq!(names(verified(conn)), [leaf, above[0], above[1]]);
        assert_eq!(names(sent(conn)), [leaf, above[0]]);
    }
}

/// One visit of `openssl s_client`, which shows the certificate client.pem; `look` is handed our
/// side of it.
fn visit(server: &Ctx, version: &str, more: &[&str], look: impl FnOnce(&Conn)) {
    let (listener, port) = listener();
    let mut command = openssl(&["s_client", version, "-quiet", "-servername", "localhost"]);
    command.args(["-connect", &format!("127.0.0.1:{port}"), "-CAfile", "root.pem"]);
    command.args(["-verify_hostname", "localhost", "-verify_return_error"]);
    command.args(["-cert", "client.pem", "-key", "client.key.pem"]);
    command.args(["-cert_chain", "intermediate.pem"]).args(more);
    let peer = Peer::start(command);
    let wired = Wired::server(server, &listener, &peer);
    if let Err(error) = wired.conn.handshake() {
        panic!("{}\n{}", error.message, peer.words());
    }
    look(&wired.conn);
    // The tickets of TLS 1.3 travel before this; it saves the session when they come.
    wired.conn.write_all(b"hello\n").unwrap();
    peer.wait_for(b"hello\n");
    assert_eq!(wired.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    peer.end().well();
}

#[test]
fn a_server_that_resumes_has_both_chains_of_the_client() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
        let session = pki(&format!("session{version}.pem"));
        let session = session.to_str().unwrap();
        visit(&server, version, &["-sess_out", session], |conn| {
            assert!(!conn.is_reused());
            assert_eq!(sent(conn), pki_ders("client.chain.pem"));
            assert_eq!(verified(conn), ders(&["client.chain.pem", "root.pem"]));
            assert_eq!(conn.verify_result(), Ok(TLSW_OK));
        });
        run(openssl(&["sess_id", "-in", session, "-noout"]));
        visit(&server, version, &["-sess_in", session], |conn| {
            assert!(conn.is_reused(), "{version}");
            assert_eq!(conn.failed_cert(), None);
            assert_eq!(conn.verify_result(), Ok(TLSW_OK));
            // The session carries what was sent when it was made.
            assert_eq!(sent(conn), pki_ders("client.chain.pem"));
            assert_eq!(verified(conn), ders(&["client.chain.pem", "root.pem"]));
        });
        // Another context is another virtual host: what that one trusted is nothing to it.
        let stranger = demanding("localhost.chain.pem", "localhost.key.pem", "root.pem");
        visit(&stranger, version, &["-sess_in", session], |conn| {
            assert!(!conn.is_reused(), "{version}");
            assert_eq!(verified(conn), ders(&["client.chain.pem", "root.pem"]));
        });
    }
}
