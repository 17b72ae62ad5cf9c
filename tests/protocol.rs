//! Contexts made the way Python's `ssl` module makes them: by a protocol, and for a purpose.

mod support;
use std::ptr::null_mut;
use support::*;

const FIXED: [(u32, &str); 3] = [
    (TLSW_PROTOCOL_TLSV1, "TLSv1"),
    (TLSW_PROTOCOL_TLSV1_1, "TLSv1.1"),
    (TLSW_PROTOCOL_TLSV1_2, "TLSv1.2"),
];

fn make(protocol: u32, role: u32) -> Result<Ctx, Error> {
    let mut ctx = null_mut();
    call(|err| unsafe { tlsw_ctx_new_protocol(protocol, role, &mut ctx, err) })?;
    Ok(Ctx(ctx))
}

fn make_default(purpose: i32, flags: u32) -> Result<Ctx, Error> {
    let mut ctx = null_mut();
    call(|err| unsafe { tlsw_ctx_new_default(purpose, flags, &mut ctx, err) })?;
    Ok(Ctx(ctx))
}

/// What a context says about itself, in the words of the Python program below.
fn facts(ctx: &Ctx) -> String {
    let ask = |mut json: tlsw_buf, question: &dyn Fn(&mut tlsw_buf)| {
        question(&mut json);
        String::from_utf8(take(json)).unwrap()
    };
    let stats = ask(empty(), &|json| {
        call(|err| unsafe { tlsw_ctx_get_cert_store_stats(ctx.0, json, err) }).unwrap();
    });
    unsafe {
        format!(
            "protocol {} mode {} hostname {} common name {} bounds {} {} options {:#x} flags {:#x} \
             tickets {} store {stats}",
            tlsw_ctx_get_protocol(ctx.0),
            tlsw_ctx_get_verify_mode(ctx.0),
            tlsw_ctx_get_check_hostname(ctx.0),
            tlsw_ctx_get_hostname_checks_common_name(ctx.0),
            tlsw_ctx_get_min_version(ctx.0),
            tlsw_ctx_get_max_version(ctx.0),
            tlsw_ctx_get_options(ctx.0),
            tlsw_ctx_get_verify_flags(ctx.0),
            tlsw_ctx_get_num_tickets(ctx.0),
        )
    }
}

#[test]
fn what_is_made_by_hand_is_what_python_makes() {
    // Debian builds its Python to leave the lowest version to OpenSSL (2, by --with-ssl-default-suites);
    // as it comes it sets that itself for the protocols that are not one version. And until 3.11.3 it
    // took an end of file for the end of the connection, which it said by an option that is gone.
    let program = "\
import json, ssl, sys, sysconfig
left_to_openssl = sysconfig.get_config_var('PY_SSL_DEFAULT_CIPHERS') == 2
for p in 2, 16, 17, 3, 4, 5:
    c = ssl.SSLContext(p)
    if left_to_openssl and p in (2, 16, 17):
        assert c.minimum_version == ssl.TLSVersion.MINIMUM_SUPPORTED
        c.minimum_version = ssl.TLSVersion.TLSv1_2
    if sys.version_info < (3, 11, 4):
        c.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0)
    store = {k: c.cert_store_stats()[k] for k in ('x509', 'x509_ca', 'crl')}
    print(f'protocol {int(c.protocol)} mode {int(c.verify_mode)} hostname {int(c.check_hostname)} '
          f'common name {int(c.hostname_checks_common_name)} '
          f'bounds {int(c.minimum_version)} {int(c.maximum_version)} options {c.options:#x} '
          f'flags {c.verify_flags:#x} tickets {c.num_tickets} store {json.dumps(store)}')
";
    let theirs = python(program, "");
    let ours = [
        TLSW_PROTOCOL_TLS,
        TLSW_PROTOCOL_TLS_CLIENT,
        TLSW_PROTOCOL_TLS_SERVER,
        TLSW_PROTOCOL_TLSV1,
        TLSW_PROTOCOL_TLSV1_1,
        TLSW_PROTOCOL_TLSV1_2,
    ]
    .map(|protocol| facts(&make(protocol, 0).unwrap()));
    assert_eq!(ours.join("\n"), theirs.trim_end());
}

#[test]
fn a_protocol_that_is_none_or_is_gone_is_told() {
    for gone in [TLSW_PROTOCOL_SSLV2, TLSW_PROTOCOL_SSLV3] {
        let error = make(gone, 0).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
        assert!(error.message.contains("not available"), "{}", error.message);
    }
    for none in [6, 15, 18, u32::MAX] {
        let error = make(none, 0).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("protocol"), "{}", error.message);
    }
    assert_eq!(unsafe { tlsw_ctx_get_protocol(std::ptr::null()) }, 0);
}

#[test]
fn contexts_of_one_side_refuse_the_other() {
    let wrap = |ctx: &Ctx, role| {
        ctx.wrap_bio(&Bio::new(), &Bio::new(), role, None).map(drop).map_err(|e| e.status)
    };
    for (protocol, role, client, server) in [
        (TLSW_PROTOCOL_TLS_CLIENT, 0, true, false),
        (TLSW_PROTOCOL_TLS_SERVER, 0, false, true),
        (TLSW_PROTOCOL_TLS_CLIENT, TLSW_CLIENT, true, false),
        (TLSW_PROTOCOL_TLS, 0, true, true),
        (TLSW_PROTOCOL_TLS, TLSW_CLIENT, true, false),
        (TLSW_PROTOCOL_TLS, TLSW_SERVER, false, true),
        (TLSW_PROTOCOL_TLSV1_2, 0, true, true),
        (TLSW_PROTOCOL_TLSV1_2, TLSW_SERVER, false, true),
    ] {
        let ctx = make(protocol, role).unwrap();
        if protocol == TLSW_PROTOCOL_TLS_CLIENT {
            ctx.insecure();
        }
        let due = |allowed| if allowed { Ok(()) } else { Err(TLSW_ERR_ARGUMENT) };
        assert_eq!(wrap(&ctx, TLSW_CLIENT), due(client), "{protocol} {role}");
        assert_eq!(wrap(&ctx, TLSW_SERVER), due(server), "{protocol} {role}");
    }
    for (protocol, role) in [
        (TLSW_PROTOCOL_TLS_CLIENT, TLSW_SERVER),
        (TLSW_PROTOCOL_TLS_SERVER, TLSW_CLIENT),
        (TLSW_PROTOCOL_TLS, 3),
    ] {
        let error = make(protocol, role).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("role"), "{}", error.message);
    }
}

/// A context whose connections are servers' and clients' alike.
fn both(protocol: u32) -> Ctx {
    let ctx = make(protocol, 0).unwrap();
    ctx.load_cert_chain("localhost.chain.pem", "localhost.key.pem").unwrap();
    ctx
}

#[test]
fn one_context_is_both_sides() {
    let ctx = both(TLSW_PROTOCOL_TLS);
    ctx.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    // Neither verified nor checked for a name, and no name needed.
    let pair = Pair::connected(&ctx, &ctx, None);
    assert_eq!(unsafe { tlsw_get_role(pair.client.0) }, TLSW_CLIENT);
    assert_eq!(unsafe { tlsw_get_role(pair.server.0) }, TLSW_SERVER);
    assert_eq!(pair.client.alpn().unwrap(), b"h2");
    assert_eq!(pair.client.version(), Some("TLSv1.3"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_UNVERIFIED)));
    // Its client resumes what its server gave, in both versions.
    for version in VERSIONS {
        let ctx = both(TLSW_PROTOCOL_TLS);
        ctx.set_versions(version);
        let first = Pair::connected(&ctx, &ctx, None);
        assert_eq!(first.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(first.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let session = first.client.session().unwrap().unwrap();
        let again = Pair::new(&ctx, &ctx, None);
        again.client.set_session(&session).unwrap();
        assert_eq!(again.handshake(), (Ok(()), Ok(())));
        assert!(again.client.is_reused() && again.server.is_reused());
        // From bytes too, as a client's.
        let session = Session::from_bytes(&ctx, &session.to_bytes()).unwrap();
        let again = Pair::new(&ctx, &ctx, None);
        again.client.set_session(&session).unwrap();
        assert_eq!(again.handshake(), (Ok(()), Ok(())));
        assert!(again.client.is_reused());
    }
    // Turned on, the check of names is for its clients alone.
    let ctx = both(TLSW_PROTOCOL_TLS);
    ctx.load_ca_file(&pki("root.pem")).unwrap();
    ctx.set_check_hostname(1).unwrap();
    assert_eq!(unsafe { tlsw_ctx_get_verify_mode(ctx.0) }, TLSW_CERT_REQUIRED as i32);
    let error = ctx.wrap_bio(&Bio::new(), &Bio::new(), TLSW_CLIENT, None).map(drop).unwrap_err();
    assert!(error.message.contains("server_hostname"), "{}", error.message);
    let client = Pair::new(&ctx, &both(TLSW_PROTOCOL_TLS), Some("localhost"));
    assert_eq!(client.handshake(), (Ok(()), Ok(())));
    assert_eq!(client.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
}

#[test]
fn a_raw_context_lets_anyone_in_unless_it_is_a_client_s() {
    // One that nobody trusts, for another name, whose time is over.
    let server = Ctx::server("expired");
    for (protocol, lets_in) in [
        (TLSW_PROTOCOL_TLS, true),
        (TLSW_PROTOCOL_TLSV1_2, true),
        (TLSW_PROTOCOL_TLS_CLIENT, false),
    ] {
        let pair = Pair::new(&make(protocol, 0).unwrap(), &server, Some("else.example"));
        let (client, _) = pair.handshake();
        assert_eq!(client.is_ok(), lets_in, "{protocol}");
        if let Err(error) = client {
            assert_eq!(error.status, TLSW_ERR_VERIFY);
            assert!(error.message.contains("no CA was loaded"), "{}", error.message);
        }
    }
}

#[test]
fn fixed_versions_meet_themselves_and_those_that_are_open() {
    let open = |lowest| {
        let ctx = both(TLSW_PROTOCOL_TLS);
        call(|err| unsafe { tlsw_ctx_set_min_version(ctx.0, lowest, err) }).unwrap();
        ctx
    };
    let meet = |client: &Ctx, server: &Ctx| {
        let pair = Pair::new(client, server, None);
        let met = pair.handshake() == (Ok(()), Ok(()));
        met.then(|| pair.client.version().unwrap())
    };
    for (one, name) in FIXED {
        let fixed = both(one);
        for (other, _) in FIXED {
            let expected = (one == other).then_some(name);
            assert_eq!(meet(&fixed, &both(other)), expected, "{one} {other}");
        }
        assert_eq!(meet(&fixed, &open(TLSW_TLS_1_0)), Some(name));
        assert_eq!(meet(&open(TLSW_TLS_1_0), &fixed), Some(name));
        // By default those that are open begin with TLS 1.2.
        let by_default = (name == "TLSv1.2").then_some(name);
        assert_eq!(meet(&fixed, &both(TLSW_PROTOCOL_TLS)), by_default);
        assert_eq!(meet(&both(TLSW_PROTOCOL_TLS), &fixed), by_default);
    }
    assert_eq!(meet(&open(TLSW_TLS_1_0), &open(TLSW_TLS_1_0)), Some("TLSv1.3"));
}

#[test]
fn the_bounds_of_a_fixed_version_cannot_be_set() {
    for (protocol, _) in FIXED {
        let ctx = make(protocol, 0).unwrap();
        for (what, set) in [
            ("lowest", tlsw_ctx_set_min_version as unsafe extern "C" fn(_, _, _) -> _),
            ("highest", tlsw_ctx_set_max_version),
        ] {
            for version in [TLSW_TLS_1_2, TLSW_TLS_MINIMUM_SUPPORTED] {
                let error = call(|err| unsafe { set(ctx.0, version, err) }).unwrap_err();
                assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{what}");
                assert!(error.message.contains("version"), "{}", error.message);
            }
        }
        let bounds = unsafe { (tlsw_ctx_get_min_version(ctx.0), tlsw_ctx_get_max_version(ctx.0)) };
        assert_eq!(bounds, (TLSW_TLS_MINIMUM_SUPPORTED, TLSW_TLS_MAXIMUM_SUPPORTED));
    }
}

#[test]
fn a_default_context_is_the_safe_one_of_its_purpose() {
    let made = make_default(TLSW_PURPOSE_SERVER_AUTH, 0).unwrap();
    assert_eq!(facts(&made), facts(&Ctx::new(TLSW_CLIENT)));
    assert_eq!(unsafe { tlsw_ctx_get_verify_mode(made.0) }, TLSW_CERT_REQUIRED as i32);
    assert_eq!(unsafe { tlsw_ctx_get_check_hostname(made.0) }, 1);
    // A CA that is loaded takes the place of the system's.
    made.load_ca_file(&pki("root.pem")).unwrap();
    assert!(facts(&made).ends_with(r#"store {"x509": 1, "x509_ca": 1, "crl": 0}"#));
    let pair = Pair::connected(&made, &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);

    let made = make_default(TLSW_PURPOSE_CLIENT_AUTH, 0).unwrap();
    assert_eq!(facts(&made), facts(&Ctx::new(TLSW_SERVER)));
    assert_eq!(unsafe { tlsw_ctx_get_verify_mode(made.0) }, TLSW_CERT_NONE as i32);
    assert_eq!(unsafe { tlsw_ctx_get_protocol(made.0) }, TLSW_PROTOCOL_TLS_SERVER);
}

#[test]
fn a_purpose_that_is_none_is_told() {
    for purpose in [0, 1, 128, 131, -1] {
        let error = make_default(purpose, 0).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("purpose"), "{}", error.message);
    }
    let error = make_default(TLSW_PURPOSE_SERVER_AUTH, 0x10).map(drop).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("flags"), "{}", error.message);
}

/// The file that a context logs secrets to.
fn key_log(ctx: &Ctx) -> Option<String> {
    let mut path = empty();
    let status = call(|err| unsafe { tlsw_ctx_get_keylog_file(ctx.0, &mut path, err) }).unwrap();
    (status == TLSW_OK).then(|| String::from_utf8(take(path)).unwrap())
}

#[test]
fn the_environment_may_want_secrets_logged() {
    let path = std::env::temp_dir().join(format!("tlswrap-keylog-{}", std::process::id()));
    let test = "the_environment_may_want_secrets_logged";
    alone(test, &[("SSLKEYLOGFILE", &path)], || {
        let told = std::env::var("SSLKEYLOGFILE").unwrap();
        for purpose in [TLSW_PURPOSE_SERVER_AUTH, TLSW_PURPOSE_CLIENT_AUTH] {
            let ctx = make_default(purpose, 0).unwrap();
            assert_eq!(key_log(&ctx), Some(told.clone()));
            let ctx = make_default(purpose, TLSW_DEFAULT_IGNORE_ENV).unwrap();
            assert_eq!(key_log(&ctx), None);
        }
        // Only there.
        assert_eq!(key_log(&Ctx::new(TLSW_CLIENT)), None);
        assert_eq!(key_log(&make(TLSW_PROTOCOL_TLS, 0).unwrap()), None);
        let client = make_default(TLSW_PURPOSE_SERVER_AUTH, 0).unwrap();
        client.load_ca_file(&pki("root.pem")).unwrap();
        Pair::connected(&client, &Ctx::server("localhost"), Some("localhost"));
        let log = std::fs::read_to_string(&told).unwrap();
        assert!(log.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), "{log}");
        std::fs::remove_file(&told).unwrap();
        // A file that cannot be opened is an error; an empty name is none.
        unsafe { std::env::set_var("SSLKEYLOGFILE", "/no such directory/keys") };
        let error = make_default(TLSW_PURPOSE_SERVER_AUTH, 0).map(drop).unwrap_err();
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ENOENT));
        make_default(TLSW_PURPOSE_SERVER_AUTH, TLSW_DEFAULT_IGNORE_ENV).unwrap();
        unsafe { std::env::set_var("SSLKEYLOGFILE", "") };
        assert_eq!(key_log(&make_default(TLSW_PURPOSE_SERVER_AUTH, 0).unwrap()), None);
    });
}

/// Python's ssl.wrap_socket() in the calls that docs/from-python.md puts in its place.
fn wrap_socket(
    fd: i32,
    pair: Option<(&str, &str)>,
    server_side: bool,
    (protocol, mode, cas): (u32, u32, Option<&str>),
    ciphers: Option<&str>,
) -> Result<Conn, Error> {
    let role = if server_side { TLSW_SERVER } else { TLSW_CLIENT };
    let ctx = make(protocol, role)?;
    ctx.set_verify_mode(mode)?;
    if let Some(cas) = cas {
        ctx.load_ca_file(&pki(cas))?;
    }
    if let Some((chain, key)) = pair {
        ctx.load_cert_chain(chain, key)?;
    }
    if let Some(list) = ciphers.map(c) {
        call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) })?;
    }
    let conn = ctx.wrap_fd(fd, role, None)?;
    call(|err| unsafe { tlsw_conn_set_suppress_ragged_eofs(conn.0, 1, err) })?;
    Ok(conn)
}

#[test]
fn the_old_call_for_everything_is_a_few_calls() {
    use std::os::fd::AsRawFd;
    let localhost = Some(("localhost.chain.pem", "localhost.key.pem"));
    let any = (TLSW_PROTOCOL_TLS, TLSW_CERT_NONE, None);
    let verifying = (TLSW_PROTOCOL_TLS, TLSW_CERT_REQUIRED, Some("root.pem"));
    for (settings, ciphers) in [
        (any, None),
        // The name is not checked, whatever is: it is not even asked for.
        (verifying, None),
        ((TLSW_PROTOCOL_TLSV1_2, TLSW_CERT_NONE, None), Some("ECDHE-ECDSA-CHACHA20-POLY1305")),
    ] {
        let (here, there) = sockets();
        let server = wrap_socket(there.as_raw_fd(), localhost, true, any, None).unwrap();
        let client = wrap_socket(here.as_raw_fd(), None, false, settings, ciphers).unwrap();
        shake_hands(&client, &server);
        let mut name = empty();
        for conn in [&client, &server] {
            let told = call(|err| unsafe { tlsw_get_server_hostname(conn.0, &mut name, err) });
            assert_eq!(told, Ok(TLSW_NONE), "no name was sent");
        }
        if let Some(suite) = ciphers {
            assert_eq!(client.version(), Some("TLSv1.2"));
            assert_eq!(client.cipher(), Some(suite));
        }
        // The context that was made for it can be asked for.
        let mut ctx = null_mut();
        call(|err| unsafe { tlsw_get_ctx(client.0, &mut ctx, err) }).unwrap();
        let ctx = Ctx(ctx);
        assert_eq!(unsafe { tlsw_ctx_get_protocol(ctx.0) }, settings.0);
        assert_eq!(unsafe { tlsw_ctx_get_verify_mode(ctx.0) }, settings.1 as i32);
        // A ragged end is as good as a goodbye.
        drop((server, there));
        let end = loop {
            match client.read(9).unwrap() {
                Read::Bytes(_) => {}
                Read::Status(status) => break status,
            }
        };
        assert_eq!(end, TLSW_CLOSED);
    }
    // A peer that does not verify is refused all the same.
    let (here, there) = sockets();
    let strange = Some(("untrusted.chain.pem", "untrusted.key.pem"));
    let server = wrap_socket(there.as_raw_fd(), strange, true, any, None).unwrap();
    let client = wrap_socket(here.as_raw_fd(), None, false, verifying, None).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| server.handshake());
        assert_eq!(client.handshake().unwrap_err().status, TLSW_ERR_VERIFY);
    });
}

#[test]
fn the_old_call_needs_a_certificate_and_a_stream() {
    use std::os::fd::AsRawFd;
    let any = (TLSW_PROTOCOL_TLS, TLSW_CERT_NONE, None);
    // A server without a certificate has nothing to show; a key alone is none.
    let (here, there) = sockets();
    let server = wrap_socket(there.as_raw_fd(), None, true, any, None).unwrap();
    let client = wrap_socket(here.as_raw_fd(), None, false, any, None).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| client.handshake());
        let error = server.handshake().unwrap_err();
        assert_eq!(error.status, TLSW_ERR_TLS);
        assert!(error.message.contains("needs a certificate"), "{}", error.message);
    });
    let (ctx, key) = (make(TLSW_PROTOCOL_TLS, 0).unwrap(), c_path(&pki("localhost.key.pem")));
    let none = std::ptr::null();
    let error = call(|err| unsafe {
        tlsw_ctx_load_cert_chain_file(ctx.0, none, key.as_ptr(), none.cast(), 0, err)
    })
    .unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("cert_path"), "{}", error.message);
    let datagrams = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let error = wrap_socket(datagrams.as_raw_fd(), None, false, any, None).map(drop).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.contains("stream"), "{}", error.message);
}
