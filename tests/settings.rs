//! Options, version bounds and the other settings: they read back, and they take effect.

#![allow(clippy::zombie_processes, reason = "a test that fails ends the process, and its peers")]

mod support;
use std::ptr::null;
use support::*;

fn options(ctx: &Ctx) -> u64 {
    unsafe { tlsw_ctx_get_options(ctx.0) }
}

fn set_options(ctx: &Ctx, options: u64) {
    call(|err| unsafe { tlsw_ctx_set_options(ctx.0, options, err) }).unwrap();
}

fn set_min(ctx: &Ctx, version: i32) -> Result<i32, Error> {
    call(|err| unsafe { tlsw_ctx_set_min_version(ctx.0, version, err) })
}

fn set_max(ctx: &Ctx, version: i32) -> Result<i32, Error> {
    call(|err| unsafe { tlsw_ctx_set_max_version(ctx.0, version, err) })
}

fn bounds(ctx: &Ctx) -> (i32, i32) {
    unsafe { (tlsw_ctx_get_min_version(ctx.0), tlsw_ctx_get_max_version(ctx.0)) }
}

fn pair(client: &Ctx, server: &Ctx) -> Pair {
    Pair::connected(client, server, Some("localhost"))
}

#[test]
fn options_read_back_as_they_were_set() {
    for role in [TLSW_CLIENT, TLSW_SERVER] {
        let ctx = Ctx::new(role);
        assert_eq!(options(&ctx), 0x8252_0050);
        let named = TLSW_OP_ALL
            | TLSW_OP_NO_COMPRESSION
            | TLSW_OP_ENABLE_MIDDLEBOX_COMPAT
            | TLSW_OP_CIPHER_SERVER_PREFERENCE
            | TLSW_OP_NO_SSLV2
            | TLSW_OP_NO_SSLV3
            | TLSW_OP_SINGLE_DH_USE
            | TLSW_OP_SINGLE_ECDH_USE;
        assert_eq!(options(&ctx), named);
        // Also bits nobody knows, and all of them cleared.
        for bits in [0, 1 << 63 | 1 << 40 | 1, !TLSW_OP_ENABLE_KTLS, TLSW_OP_NO_TLSV1] {
            set_options(&ctx, bits);
            assert_eq!(options(&ctx), bits);
        }
        let error = call(|err| unsafe { tlsw_ctx_set_options(ctx.0, TLSW_OP_ENABLE_KTLS, err) });
        assert_eq!(error.unwrap_err().status, TLSW_ERR_UNSUPPORTED);
        assert_eq!(options(&ctx), TLSW_OP_NO_TLSV1);
    }
    assert_eq!(unsafe { tlsw_ctx_get_options(null()) }, 0);
}

#[test]
fn versions_can_be_taken_out() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    set_options(&client, TLSW_OP_NO_TLSV1_3);
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1.2"));
    set_options(&client, TLSW_OP_NO_TLSV1_2);
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1.3"));
    // With a gap between them the lower ones remain.
    for ctx in [&client, &server] {
        let list = c("ALL:@SECLEVEL=0");
        call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
        set_min(ctx, TLSW_TLS_1_0).unwrap();
    }
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1.1"));
    set_options(&client, TLSW_OP_NO_TLSV1_2 | TLSW_OP_NO_TLSV1_1);
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1"));
    // None left.
    let all = TLSW_OP_NO_TLSV1 | TLSW_OP_NO_TLSV1_1 | TLSW_OP_NO_TLSV1_2 | TLSW_OP_NO_TLSV1_3;
    set_options(&client, all);
    let error = Pair::new(&client, &server, Some("localhost")).client.handshake().unwrap_err();
    assert_eq!(error.reason, "NO_PROTOCOLS_AVAILABLE");
    // Cleared again.
    set_options(&client, 0);
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1.3"));
}

#[test]
fn version_bounds_read_back_as_cpython_s() {
    let ctx = Ctx::new(TLSW_CLIENT);
    assert_eq!(bounds(&ctx), (TLSW_TLS_1_2, TLSW_TLS_MAXIMUM_SUPPORTED));
    set_min(&ctx, TLSW_TLS_MINIMUM_SUPPORTED).unwrap();
    set_max(&ctx, TLSW_TLS_1_0).unwrap();
    assert_eq!(bounds(&ctx), (TLSW_TLS_MINIMUM_SUPPORTED, TLSW_TLS_1_0));
    set_max(&ctx, TLSW_TLS_MAXIMUM_SUPPORTED).unwrap();
    assert_eq!(bounds(&ctx).1, TLSW_TLS_MAXIMUM_SUPPORTED);
    set_max(&ctx, TLSW_TLS_MINIMUM_SUPPORTED).unwrap();
    set_min(&ctx, TLSW_TLS_MAXIMUM_SUPPORTED).unwrap();
    assert_eq!(bounds(&ctx), (TLSW_TLS_1_3, TLSW_TLS_1_0));
    // Nonsense together, and a handshake says so.
    let (a, b) = (Bio::new(), Bio::new());
    let conn = ctx.wrap_bio(&a, &b, TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(conn.handshake().unwrap_err().reason, "NO_PROTOCOLS_AVAILABLE");
    for wrong in [0, 42, -3, 0x0305, 0x10301, i32::MIN] {
        assert_eq!(set_min(&ctx, wrong).unwrap_err().status, TLSW_ERR_ARGUMENT, "{wrong}");
        assert_eq!(set_max(&ctx, wrong).unwrap_err().status, TLSW_ERR_ARGUMENT, "{wrong}");
    }
    for set in [set_min, set_max] {
        let error = set(&ctx, TLSW_SSL_3_0).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
        assert!(error.message.contains("SSL 3.0 is not available"), "{}", error.message);
    }
    assert_eq!(bounds(&ctx), (TLSW_TLS_1_3, TLSW_TLS_1_0));
    assert_eq!(unsafe { tlsw_ctx_get_min_version(null()) }, 0);
    assert_eq!(unsafe { tlsw_ctx_get_max_version(null()) }, 0);
}

#[test]
fn both_bounds_leave_one_version() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    set_min(&client, TLSW_TLS_1_3).unwrap();
    set_max(&client, TLSW_TLS_1_3).unwrap();
    assert_eq!(pair(&client, &server).client.version(), Some("TLSv1.3"));
    server.set_versions(TLSW_TLS_1_2);
    let (ours, theirs) = Pair::new(&client, &server, Some("localhost")).handshake();
    assert_eq!(theirs.unwrap_err().reason, "UNSUPPORTED_PROTOCOL");
    assert_eq!(ours.unwrap_err().alert, TLSW_ALERT_PROTOCOL_VERSION);
}

#[test]
fn signatures_are_offered_without_sha_1_and_with_ed25519() {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    let offered = extension(&pair.to_server.drain(), 13).unwrap();
    let offered: Vec<_> = offered[2..].chunks(2).map(|id| [id[0], id[1]]).collect();
    assert!(offered.contains(&[4, 3]), "ecdsa_secp256r1_sha256");
    assert!(offered.contains(&[8, 7]), "ed25519");
    assert!(!offered.iter().any(|id| id[0] <= 2), "SHA-1 or older: {offered:?}");
}

#[test]
fn the_order_of_suites_is_the_server_s_unless_told() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.set_versions(TLSW_TLS_1_2);
    let (ours, theirs) = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256");
    for (ctx, list) in [(&server, [ours, theirs]), (&client, [theirs, ours])] {
        let list = c(&list.join(":"));
        call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
    }
    assert_eq!(pair(&client, &server).client.cipher(), Some(ours));
    set_options(&server, options(&server) & !TLSW_OP_CIPHER_SERVER_PREFERENCE);
    assert_eq!(pair(&client, &server).client.cipher(), Some(theirs));
}

#[test]
fn an_end_without_goodbye_may_be_ignored() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let strict = pair(&client, &server);
    set_options(&client, options(&client) | TLSW_OP_IGNORE_UNEXPECTED_EOF);
    let lax = pair(&client, &server);
    for pair in [&strict, &lax] {
        pair.to_client.write_eof();
    }
    assert_eq!(strict.client.read(1).unwrap_err().status, TLSW_ERR_EOF);
    assert_eq!(lax.client.read(1), Ok(Read::Status(TLSW_CLOSED)));
    assert_eq!(lax.client.peek(1), Ok(Read::Status(TLSW_CLOSED)));
    // A handshake that is cut off has failed, whatever the option.
    let cut = Pair::new(&client, &server, Some("localhost"));
    cut.to_client.write_eof();
    assert_eq!(cut.client.handshake().unwrap_err().status, TLSW_ERR_EOF);
    assert!(cut.client.read(1).is_err());
}

#[test]
fn servers_send_as_many_tickets_as_they_are_told() {
    let num = |ctx: &Ctx| unsafe { tlsw_ctx_get_num_tickets(ctx.0) };
    let set = |ctx: &Ctx, n| call(|err| unsafe { tlsw_ctx_set_num_tickets(ctx.0, n, err) });
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    assert_eq!((num(&server), num(&client)), (2, 2));
    // They leave with the first write.
    let sent = || {
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        pair.to_client.drain();
        pair.server.write(b"x").unwrap().unwrap();
        pair.to_client.pending()
    };
    let sizes = [0, 1, 2, 7, 16].map(|n| {
        set(&server, n).unwrap();
        assert_eq!(num(&server), n);
        sent()
    });
    assert!(sizes.is_sorted_by(|a, b| a + 100 < *b), "{sizes:?}");
    assert!(sizes[0] < 30, "one byte of data and no ticket: {sizes:?}");
    // TLS 1.2 has its one ticket in the handshake, whatever the number.
    client.set_versions(TLSW_TLS_1_2);
    assert_eq!(sent(), sizes[0] + 7, "one byte of data, with the explicit nonce of TLS 1.2");
    set_max(&client, TLSW_TLS_1_3).unwrap();
    set_options(&server, TLSW_OP_NO_TICKET);
    assert_eq!(sent(), sizes[0], "no ticket at all");
    // BoringSSL's most.
    set(&server, 100).unwrap();
    assert_eq!(num(&server), 16);
    assert_eq!(set(&server, -1).unwrap_err().status, TLSW_ERR_ARGUMENT);
    let error = set(&client, 1).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("client"), "{}", error.message);
    assert_eq!(unsafe { tlsw_ctx_get_num_tickets(null()) }, -1);
}

#[test]
fn what_boringssl_lacks_is_refused() {
    for role in [TLSW_CLIENT, TLSW_SERVER] {
        let ctx = Ctx::new(role);
        let pha = |on| call(|err| unsafe { tlsw_ctx_set_post_handshake_auth(ctx.0, on, err) });
        assert_eq!(pha(0), Ok(TLSW_OK));
        assert_eq!(pha(1).unwrap_err().status, TLSW_ERR_UNSUPPORTED);
        assert_eq!(pha(2).unwrap_err().status, TLSW_ERR_ARGUMENT);
        assert_eq!(unsafe { tlsw_ctx_get_post_handshake_auth(ctx.0) }, 0);
        let npn = b"\x08http/1.1";
        let error =
            call(|err| unsafe { tlsw_ctx_set_npn_protocols(ctx.0, npn.as_ptr(), npn.len(), err) });
        assert_eq!(error.unwrap_err().status, TLSW_ERR_UNSUPPORTED);
    }
    assert_eq!(unsafe { tlsw_ctx_get_post_handshake_auth(null()) }, -1);
    for feature in ["post-handshake-auth", "npn", "ktls", "sslv3", "dhe", "compression"] {
        assert_eq!(unsafe { tlsw_has(c(feature).as_ptr()) }, 0, "{feature}");
    }
}

#[test]
fn settings_read_back() {
    let (client, server) = (Ctx::new(TLSW_CLIENT), Ctx::new(TLSW_SERVER));
    let mode = |ctx: &Ctx| unsafe { tlsw_ctx_get_verify_mode(ctx.0) };
    let checks = |ctx: &Ctx| unsafe { tlsw_ctx_get_check_hostname(ctx.0) };
    assert_eq!((mode(&client), checks(&client)), (TLSW_CERT_REQUIRED as i32, 1));
    assert_eq!((mode(&server), checks(&server)), (TLSW_CERT_NONE as i32, 0));
    assert_eq!(client.set_verify_mode(TLSW_CERT_NONE).unwrap_err().status, TLSW_ERR_STATE);
    assert_eq!(mode(&client), TLSW_CERT_REQUIRED as i32);
    client.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
    assert_eq!(mode(&client), TLSW_CERT_OPTIONAL as i32);
    client.set_verify_mode(TLSW_CERT_UNENFORCED).unwrap();
    assert_eq!((mode(&client), checks(&client)), (TLSW_CERT_UNENFORCED as i32, 1));
    assert_eq!(client.set_verify_mode(4).unwrap_err().status, TLSW_ERR_ARGUMENT);
    client.insecure();
    assert_eq!((mode(&client), checks(&client)), (TLSW_CERT_NONE as i32, 0));
    client.set_check_hostname(1).unwrap();
    assert_eq!((mode(&client), checks(&client)), (TLSW_CERT_REQUIRED as i32, 1));
    assert_eq!(unsafe { tlsw_ctx_get_verify_mode(null()) }, -1);
    assert_eq!(unsafe { tlsw_ctx_get_check_hostname(null()) }, -1);

    let alpn = |ctx: &Ctx| {
        let mut list = empty();
        let status = call(|err| unsafe { tlsw_ctx_get_alpn_protocols(ctx.0, &mut list, err) });
        (status.unwrap(), take(list))
    };
    assert_eq!(alpn(&client), (TLSW_NONE, vec![]));
    client.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    assert_eq!(alpn(&client), (TLSW_OK, b"\x02h2\x08http/1.1".to_vec()));
}

/// Runs `openssl s_server` on a free port; its input is kept so that commands can be typed.
fn s_server(arguments: &[&str]) -> (std::process::Child, std::net::TcpStream) {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut child = std::process::Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
        .arg(pki("rsa.chain.pem"))
        .arg("-cert_chain")
        .arg(pki("rsa.chain.pem"))
        .arg("-key")
        .arg(pki("rsa.key.pem"))
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..100 {
        if let Ok(socket) = std::net::TcpStream::connect(("127.0.0.1", port)) {
            return (child, socket);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("openssl s_server did not come up");
}

#[test]
fn a_client_follows_a_server_that_renegotiates_unless_told() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    if std::process::Command::new("openssl").arg("version").output().is_err() {
        skipped("a renegotiation with openssl s_server", "there is no openssl command");
        return;
    }
    let client = Ctx::client("root.pem");
    for refuses in [false, true] {
        let bit = if refuses { TLSW_OP_NO_RENEGOTIATION } else { 0 };
        set_options(&client, 0x8252_0050 | bit);
        let (mut child, socket) = s_server(&["-tls1_2"]);
        let conn = client.wrap_fd(socket.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        conn.set_timeout(10_000).unwrap();
        conn.handshake().unwrap();
        let mut keys = child.stdin.take().unwrap();
        keys.write_all(b"before\n").unwrap();
        keys.flush().unwrap();
        assert_eq!(conn.read(100), Ok(Read::Bytes(b"before\n".to_vec())));
        // The key that makes it send a HelloRequest, then data.
        keys.write_all(b"r\n").unwrap();
        keys.flush().unwrap();
        let after = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(1500));
            let _ = keys.write_all(b"after\n").and_then(|()| keys.flush());
            keys
        });
        let outcome = conn.read(100);
        let _ = after.join().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        if refuses {
            assert_eq!(outcome.unwrap_err().reason, "NO_RENEGOTIATION");
        } else {
            assert_eq!(outcome, Ok(Read::Bytes(b"after\n".to_vec())));
        }
        let mut stats = empty();
        call(|err| unsafe { tlsw_ctx_get_session_stats(client.0, &mut stats, err) }).unwrap();
        let stats = String::from_utf8(take(stats)).unwrap();
        assert!(stats.contains("\"connect_renegotiate\": 1,"), "{stats}");
    }
}

#[test]
fn a_server_that_cannot_renegotiate_securely_is_refused_unless_told() {
    let client = Ctx::client("root.pem");
    client.set_versions(TLSW_TLS_1_2);
    // ECDHE-ECDSA-AES128-GCM-SHA256, no compression, and no renegotiation_info among no extensions.
    let hello = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2b, 0]].concat();
    let message = [&[2, 0, 0, hello.len() as u8][..], &hello].concat();
    let record = [&[22, 3, 3, 0, message.len() as u8][..], &message].concat();
    for bit in [0, TLSW_OP_LEGACY_SERVER_CONNECT] {
        set_options(&client, 0x8252_0050 | bit);
        let (incoming, outgoing) = (Bio::new(), Bio::new());
        let conn = client.wrap_bio(&incoming, &outgoing, TLSW_CLIENT, Some("localhost")).unwrap();
        assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
        incoming.write(&record).unwrap();
        match conn.handshake() {
            Ok(status) => assert_eq!((bit, status), (4, TLSW_WANT_READ)),
            Err(error) => {
                assert_eq!((bit, &*error.reason), (0, "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"));
            }
        }
    }
}

#[test]
fn a_client_without_tickets_asks_for_none() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    client.set_versions(TLSW_TLS_1_2);
    // The session_ticket extension (35), empty, as it stands in a ClientHello.
    let asks = || {
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        pair.to_server.drain().windows(4).any(|bytes| bytes == [0, 35, 0, 0])
    };
    assert!(asks());
    set_options(&client, TLSW_OP_NO_TICKET);
    assert!(!asks());
    // The handshake goes on without.
    let pair = pair(&client, &server);
    assert_eq!(pair.client.version(), Some("TLSv1.2"));
    assert!(unsafe { tlsw_get_compression(pair.client.0) }.is_null());
    assert!(unsafe { tlsw_get_compression(null()) }.is_null());
}

#[test]
fn wrong_handles_and_pointers_are_told() {
    let ctx = Ctx::new(TLSW_SERVER);
    let none = std::ptr::null_mut();
    let wrong: Vec<(&str, tlsw_status)> = unsafe {
        let e = null::<tlsw_error>().cast_mut();
        vec![
            ("options", tlsw_ctx_set_options(none, 0, e)),
            ("verify_flags", tlsw_ctx_set_verify_flags(none, 0, e)),
            ("num_tickets", tlsw_ctx_set_num_tickets(none, 0, e)),
            ("pha", tlsw_ctx_set_post_handshake_auth(none, 0, e)),
            ("common name", tlsw_ctx_set_hostname_checks_common_name(none, 0, e)),
            ("chains", tlsw_ctx_set_keep_cert_chains(none, 0, e)),
            ("npn", tlsw_ctx_set_npn_protocols(none, null(), 0, e)),
            ("npn bytes", tlsw_ctx_set_npn_protocols(ctx.0, null(), 1, e)),
            ("clear", tlsw_ctx_clear_ca(none, e)),
            ("dh", tlsw_ctx_load_dh_params_file(ctx.0, null(), e)),
            ("suites", tlsw_ctx_set_ciphersuites(ctx.0, null(), e)),
            ("not UTF-8", tlsw_ctx_set_ciphers(ctx.0, c"\xff".as_ptr(), e)),
            ("groups", tlsw_ctx_set_groups(ctx.0, null(), e)),
            ("curve", tlsw_ctx_set_ecdh_curve(ctx.0, null(), e)),
            ("get_ciphers", tlsw_ctx_get_ciphers(ctx.0, none.cast(), e)),
            ("get_groups", tlsw_ctx_get_groups(ctx.0, 0, none.cast(), e)),
            ("aliases", tlsw_ctx_get_groups(ctx.0, 2, &mut empty(), e)),
            ("get_alpn", tlsw_ctx_get_alpn_protocols(none, &mut empty(), e)),
            ("get_ca_certs", tlsw_ctx_get_ca_certs(none, &mut empty(), e)),
            ("get_ca_certs_der", tlsw_ctx_get_ca_certs_der(ctx.0, none.cast(), e)),
            ("stats", tlsw_ctx_get_cert_store_stats(none, &mut empty(), e)),
        ]
    };
    for (what, status) in wrong {
        assert_eq!(status, TLSW_ERR_ARGUMENT, "{what}");
    }
}
