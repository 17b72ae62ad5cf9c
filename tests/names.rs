//! The name that a client wraps a connection with: what it may be, what becomes of it, what is sent.

mod support;
use support::*;

fn ascii(name: &str) -> Result<String, Error> {
    let (name, mut out) = (c(name), empty());
    call(|err| unsafe { tlsw_hostname_to_ascii(name.as_ptr(), &mut out, err) })?;
    Ok(String::from_utf8(take(out)).unwrap())
}

fn unicode(name: &str) -> Result<String, Error> {
    let (name, mut out) = (c(name), empty());
    call(|err| unsafe { tlsw_hostname_to_unicode(name.as_ptr(), &mut out, err) })?;
    Ok(String::from_utf8(take(out)).unwrap())
}

/// What a client's connection of this name answers, and what a server is told of it.
fn wrapped(name: &str) -> Result<(String, Option<String>), Error> {
    let (client, server) = contexts(TLSW_TLS_1_3);
    client.insecure();
    let (to_server, to_client) = (Bio::new(), Bio::new());
    let client = client.wrap_bio(&to_client, &to_server, TLSW_CLIENT, Some(name))?;
    let server = server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap();
    for _ in 0..3 {
        client.handshake().unwrap();
        server.handshake().unwrap();
    }
    let told = |conn: &Conn| {
        let mut out = empty();
        let status =
            call(|err| unsafe { tlsw_get_server_hostname(conn.0, &mut out, err) }).unwrap();
        (status == TLSW_OK).then(|| String::from_utf8(take(out)).unwrap())
    };
    Ok((told(&client).unwrap(), told(&server)))
}

#[test]
fn international_names_become_a_labels() {
    for (name, a_label) in [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example.", "xn--bcher-kva.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("faß.de", "xn--fa-hia.de"),
        ("straße.example", "xn--strae-oqa.example"),
        ("königsgäßchen.idna2008.example", "xn--knigsgchen-b4a3dun.idna2008.example"),
        ("Example.COM", "example.com"),
        ("localhost", "localhost"),
        ("my_host", "my_host"),
    ] {
        assert_eq!(ascii(name).unwrap(), a_label);
        // On a client as it was made, on a server as it was sent.
        assert_eq!(wrapped(name), Ok((a_label.to_owned(), Some(a_label.to_owned()))), "{name}");
    }
}

#[test]
fn a_labels_pass_through() {
    for name in ["xn--bcher-kva.example", "xn--fa-hia.de", "xn--nonsense", "xn--"] {
        assert_eq!(ascii(name).unwrap(), name);
        assert_eq!(wrapped(name), Ok((name.to_owned(), Some(name.to_owned()))));
    }
}

#[test]
fn addresses_are_not_sent() {
    for (name, address) in [
        ("127.0.0.1", "127.0.0.1"),
        ("[2001:DB8::0:1]", "2001:db8::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ] {
        assert_eq!(ascii(name).unwrap(), address);
        assert_eq!(wrapped(name), Ok((address.to_owned(), None)));
    }
    // But they are what the certificate must carry.
    let client = Ctx::client("root.pem");
    for (server, fits) in [("localhost", true), ("ip-only", true), ("cn-only", false)] {
        for address in ["127.0.0.1", "::1"] {
            let pair = Pair::new(&client, &Ctx::server(server), Some(address));
            let end = pair.handshake().0;
            assert_eq!(
                end.map_err(|error| error.verify_error),
                if fits { Ok(()) } else { Err(64) }
            );
        }
    }
}

#[test]
fn what_is_no_name_is_refused() {
    let label = "a".repeat(63);
    let longest = [&*label, &label, &label, &"a".repeat(61)].join(".");
    assert_eq!(longest.len(), 253);
    assert_eq!(ascii(&longest).unwrap(), longest);
    assert_eq!(wrapped(&longest).unwrap().0, longest);
    // In its A-label a name is longer: 59 letters and one more, over 63.
    let hidden = format!("ü{}", "a".repeat(60));
    for name in [
        "",
        ".",
        ".example.com",
        "a..b",
        "..",
        "a b",
        "https://a",
        "a:443",
        "a/b",
        "a*b.c",
        "*",
        "*.",
        "a.*.b",
        "\u{1}",
        "-\u{2}.example",
        "a\u{fdd0}",
        "xn--\u{fc}",
        &format!("{longest}a"),
        &format!("{label}a.example"),
        &hidden,
    ] {
        let error = ascii(name).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{name:?}");
        assert!(error.message.contains("hostname"), "{}", error.message);
        let error = wrapped(name).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{name:?}");
        assert!(error.message.contains("server_hostname"), "{}", error.message);
    }
    let not_text = c"\xff\xfe";
    let mut out = empty();
    let error = call(|err| unsafe { tlsw_hostname_to_ascii(not_text.as_ptr(), &mut out, err) });
    assert_eq!(error.unwrap_err().status, TLSW_ERR_ARGUMENT);
}

#[test]
fn a_name_ends_at_its_nul() {
    // C's texts end there: what a longer one would hide behind it is never seen.
    let (client, server) = contexts(TLSW_TLS_1_3);
    let (to_server, to_client) = (Bio::new(), Bio::new());
    let name = b"localhost\0.example.test\0";
    let mut conn = std::ptr::null_mut();
    call(|err| unsafe {
        let name = name.as_ptr().cast();
        tlsw_wrap_bio(client.0, to_client.0, to_server.0, TLSW_CLIENT, name, &mut conn, err)
    })
    .unwrap();
    let pair = Pair {
        client: Conn(conn),
        server: server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap(),
        to_server,
        to_client,
    };
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    // Nor does a certificate get around it: one for "localhost\0.example.test" is not for localhost.
    let pair = Pair::new(&client, &Ctx::server("nul-name"), Some("localhost"));
    assert_eq!(pair.handshake().0.unwrap_err().verify_error, 62);
}

#[test]
fn a_star_in_the_name_finds_the_same_star() {
    let client = Ctx::client("root.pem");
    for (server, name, fits) in [
        ("wildcard", "*.example.test", true),
        ("wildcard", "a.example.test", true),
        ("wildcard", "*.a.example.test", false),
        ("localhost", "*.example.test", false),
    ] {
        let pair = Pair::new(&client, &Ctx::server(server), Some(name));
        assert_eq!(pair.handshake().0.is_ok(), fits, "{name}");
    }
    assert_eq!(wrapped("*.example.test").unwrap().1.unwrap(), "*.example.test");
}

#[test]
fn who_names_a_server_is_a_client_that_may() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pipes = (Bio::new(), Bio::new());
    let wrap = |ctx: &Ctx, role, name| ctx.wrap_bio(&pipes.0, &pipes.1, role, name).map(drop);
    // A server names nobody, and a client that checks names must.
    for (ctx, role, name) in
        [(&server, TLSW_SERVER, Some("localhost")), (&client, TLSW_CLIENT, None)]
    {
        let error = wrap(ctx, role, name).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains("server_hostname"), "{}", error.message);
    }
    // One that does not check may name a server or not.
    client.set_check_hostname(0).unwrap();
    assert_eq!(wrap(&client, TLSW_CLIENT, None), Ok(()));
    assert_eq!(wrap(&client, TLSW_CLIENT, Some("localhost")), Ok(()));
}

#[test]
fn a_labels_are_shown_as_people_read_them() {
    for (name, shown) in [
        ("xn--bcher-kva.example", "bücher.example"),
        ("xn--r8jz45g.xn--zckzah", "例え.テスト"),
        ("localhost", "localhost"),
        ("bücher.example", "bücher.example"),
    ] {
        assert_eq!(unicode(name).unwrap(), shown);
    }
    for broken in ["xn--nonsense-\u{fc}", "xn--0", "xn--a-ecp.ru", "xn--zzzzzzzzzzzz99999999"] {
        assert_eq!(unicode(broken).unwrap_err().status, TLSW_ERR_DECODE, "{broken}");
    }
}

/// A hook that wants the name as people read it; what does not decode is an internal error.
unsafe extern "C" fn by_unicode(
    user: *mut std::ffi::c_void,
    _: *mut tlsw_conn,
    name: *const std::ffi::c_char,
    alert: *mut u8,
) -> tlsw_status {
    let (mut shown, heard) = (empty(), unsafe { &*user.cast::<std::sync::Mutex<String>>() });
    let status = unsafe { tlsw_hostname_to_unicode(name, &mut shown, std::ptr::null_mut()) };
    if status != TLSW_OK {
        unsafe { *alert = TLSW_ALERT_INTERNAL_ERROR as u8 };
        return TLSW_ERR_HOOK;
    }
    *heard.lock().unwrap() = String::from_utf8(take(shown)).unwrap();
    TLSW_OK
}

#[test]
fn a_hook_can_have_the_name_decoded() {
    let heard = std::sync::Mutex::new(String::new());
    let user = (&raw const heard).cast_mut().cast();
    let (client, server) = contexts(TLSW_TLS_1_3);
    client.set_check_hostname(0).unwrap();
    call(|err| unsafe { tlsw_ctx_set_sni_hook(server.0, Some(by_unicode), user, None, err) })
        .unwrap();
    let pair = Pair::new(&client, &server, Some("bücher.example"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(*heard.lock().unwrap(), "bücher.example");
    let pair = Pair::new(&client, &server, Some("xn--zzzzzzzzzzzz99999999.example"));
    let (client, server) = pair.handshake();
    assert_eq!(client.unwrap_err().reason, "TLSV1_ALERT_INTERNAL_ERROR");
    assert_eq!(server.unwrap_err().status, TLSW_ERR_HOOK);
}
