//! Pre-shared keys: TLS 1.2's by hooks, between our two sides and with others.

mod support;
use support::*;
#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{Peer, Server, Wired, gnutls_echo, listener, openssl, tool};

use std::ffi::CStr;
use std::ptr::null_mut;

/// The suites of TLS 1.2 that need a pre-shared key, without a certificate.
const SUITES: [&str; 5] = [
    "ECDHE-PSK-CHACHA20-POLY1305",
    "ECDHE-PSK-AES128-CBC-SHA",
    "ECDHE-PSK-AES256-CBC-SHA",
    "PSK-AES128-CBC-SHA",
    "PSK-AES256-CBC-SHA",
];
const KEY: &[u8] = b"\xde\xad\xbe\xef of two who know each other";

const HANDSHAKE_FAILURE: i32 = 40;
const UNKNOWN_PSK_IDENTITY: i32 = 115;

/// Writes what a hook gives into its room.
fn write(bytes: &[u8], room: &mut [u8]) {
    room[..bytes.len()].copy_from_slice(bytes);
}

impl Ctx {
    fn set_ciphers(&self, list: &str) {
        let list = c(list);
        call(|err| unsafe { tlsw_ctx_set_ciphers(self.0, list.as_ptr(), err) }).unwrap();
    }

    fn set_psk_identity_hint(&self, hint: Option<&str>) -> Result<tlsw_status, Error> {
        let hint = hint.map(c);
        let hint = hint.as_ref().map_or(std::ptr::null(), |hint| hint.as_ptr());
        call(|err| unsafe { tlsw_ctx_set_psk_identity_hint(self.0, hint, err) })
    }

    /// Has a client name `identity`, with `key`.
    fn psk(&self, identity: &'static str, key: &'static [u8]) -> &Self {
        self.set_psk_client_hook(Box::new(move |_, _, name, room, len| {
            write(identity.as_bytes(), name);
            write(key, room);
            *len = key.len();
            TLSW_OK
        }))
        .unwrap();
        self
    }

    /// Has a server know one identity.
    fn knows(&self, identity: &'static str, key: &'static [u8]) -> &Self {
        self.set_psk_server_hook(Box::new(move |_, name, room, len| {
            if name.to_bytes() == identity.as_bytes() {
                write(key, room);
                *len = key.len();
            }
            TLSW_OK
        }))
        .unwrap();
        self
    }
}

/// A client that verifies by default and trusts nobody, and a server without a certificate.
fn strangers() -> (Ctx, Ctx) {
    let (client, server) = (Ctx::client("old-root.pem"), Ctx::new(TLSW_SERVER));
    client.set_ciphers("PSK");
    server.set_ciphers("PSK");
    (client, server)
}

#[test]
fn both_sides_are_who_has_the_key() {
    for suite in SUITES {
        let (client, server) = strangers();
        client.set_ciphers(suite);
        server.set_ciphers(suite);
        client.psk("me", KEY);
        server.knows("me", KEY);
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.client.psk_identity(), None);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())), "{suite}");
        for conn in [&pair.client, &pair.server] {
            assert_eq!(conn.version(), Some("TLSv1.2"));
            assert_eq!(conn.cipher(), Some(suite));
            assert_eq!(conn.psk_identity().as_deref(), Some(&b"me"[..]));
            // The key says who the peer is; there is no certificate to say it.
            assert_eq!(conn.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
            assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE)));
            assert_eq!(conn.verify_result(), Ok(TLSW_NONE));
        }
        assert_eq!(pair.client.write(b"there"), Ok(Ok(5)));
        assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"there".to_vec())));
        assert_eq!(pair.server.write(b"back"), Ok(Ok(4)));
        assert_eq!(pair.client.read(9), Ok(Read::Bytes(b"back".to_vec())));
    }
}

#[test]
fn the_words_for_suites_are_openssls() {
    let ctx = Ctx::new(TLSW_CLIENT);
    for (list, want) in [
        ("PSK", &SUITES[..]),
        ("aPSK", &SUITES),
        ("kECDHEPSK", &SUITES[..3]),
        ("kPSK", &SUITES[3..]),
        ("PSK+AES128", &[SUITES[1], SUITES[3]]),
        ("PSK:-kECDHEPSK", &SUITES[3..]),
        ("ECDHE+CHACHA20:!PSK:kPSK", &[]),
    ] {
        ctx.set_ciphers(list);
        let mut json = empty();
        call(|err| unsafe { tlsw_ctx_get_ciphers(ctx.0, &mut json, err) }).unwrap();
        let json = String::from_utf8(take(json)).unwrap();
        let names = json.split(r#""name": ""#).skip(1).map(|rest| rest.split('"').next().unwrap());
        let names: Vec<_> = names.filter(|name| name.contains("PSK")).collect();
        assert_eq!(names, want, "{list}");
    }
}

#[test]
fn hints_identities_and_keys_go_up_to_their_limits() {
    let longest = "é".repeat(64);
    let names = ["", "身份暗示", &longest];
    for hint in names {
        for identity in names {
            let (client, server) = strangers();
            let seen = Notes::new();
            let (note, other) = (seen.clone(), seen.clone());
            let named = identity.to_owned();
            client
                .set_psk_client_hook(Box::new(move |_, hint, name, key, len| {
                    note.add(hint.map(str::to_owned));
                    assert!(name.len() == 129 && key.len() == 256 && *len == 0);
                    assert!(name.iter().chain(&*key).all(|byte| *byte == 0));
                    write(named.as_bytes(), name);
                    key.fill(7);
                    *len = key.len();
                    TLSW_OK
                }))
                .unwrap();
            server
                .set_psk_server_hook(Box::new(move |_, name, key, len| {
                    other.add(Some(name.to_str().unwrap().to_owned()));
                    assert!(key.len() == 256 && *len == 0 && key.iter().all(|byte| *byte == 0));
                    key.fill(7);
                    *len = key.len();
                    TLSW_OK
                }))
                .unwrap();
            server.set_psk_identity_hint(Some(hint)).unwrap();
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            // An empty hint is none.
            let hint = (!hint.is_empty()).then(|| hint.to_owned());
            assert_eq!(seen.take(), [hint, Some(identity.to_owned())]);
            assert_eq!(pair.server.psk_identity().as_deref(), Some(identity.as_bytes()));
        }
    }

    let server = Ctx::new(TLSW_SERVER);
    let error = server.set_psk_identity_hint(Some(&format!("{longest}x"))).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert!(error.message.starts_with("hint: it has 129 bytes"), "{}", error.message);
}

#[test]
fn a_hint_is_taken_back() {
    let (client, server) = strangers();
    let seen = Notes::new();
    let note = seen.clone();
    client
        .set_psk_client_hook(Box::new(move |_, hint, _, key, len| {
            note.add(hint.map(str::to_owned));
            write(KEY, key);
            *len = KEY.len();
            TLSW_OK
        }))
        .unwrap();
    server.knows("", KEY);
    for hint in [Some("a"), None] {
        server.set_psk_identity_hint(hint).unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(seen.take(), [hint.map(str::to_owned)]);
    }
}

#[test]
fn a_wrong_key_is_found_out() {
    let (client, server) = strangers();
    client.psk("me", b"\xca\xfe");
    server.knows("me", KEY);
    let pair = Pair::new(&client, &server, Some("localhost"));
    let (ours, theirs) = pair.handshake();
    let (ours, theirs) = (ours.unwrap_err(), theirs.unwrap_err());
    assert_eq!(
        (theirs.status, &*theirs.reason),
        (TLSW_ERR_TLS, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC")
    );
    assert_eq!((ours.status, &*ours.reason), (TLSW_ERR_TLS, "SSLV3_ALERT_BAD_RECORD_MAC"));
    for conn in [&pair.client, &pair.server] {
        assert_eq!(conn.psk_identity(), None, "nobody has shown anything");
    }
}

#[test]
fn an_empty_key_refuses() {
    let (client, server) = strangers();
    client.psk("nobody", KEY);
    server.knows("me", KEY);
    let (ours, theirs) = Pair::new(&client, &server, Some("localhost")).handshake();
    let (ours, theirs) = (ours.unwrap_err(), theirs.unwrap_err());
    assert_eq!((theirs.status, &*theirs.reason), (TLSW_ERR_TLS, "PSK_IDENTITY_NOT_FOUND"));
    assert_eq!((ours.status, &*ours.reason), (TLSW_ERR_TLS, "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY"));
    assert_eq!((ours.alert, theirs.alert), (UNKNOWN_PSK_IDENTITY, UNKNOWN_PSK_IDENTITY));

    let (client, server) = strangers();
    client.psk("me", b"");
    server.knows("me", KEY);
    let (ours, theirs) = Pair::new(&client, &server, Some("localhost")).handshake();
    let (ours, theirs) = (ours.unwrap_err(), theirs.unwrap_err());
    assert_eq!((ours.status, &*ours.reason), (TLSW_ERR_TLS, "PSK_IDENTITY_NOT_FOUND"));
    assert_eq!((theirs.status, &*theirs.reason), (TLSW_ERR_TLS, "SSLV3_ALERT_HANDSHAKE_FAILURE"));
    assert_eq!((ours.alert, theirs.alert), (HANDSHAKE_FAILURE, HANDSHAKE_FAILURE));
}

#[test]
fn a_hook_that_fails_ends_the_handshake() {
    type Give = fn(&mut [u8], &mut [u8], &mut usize) -> tlsw_status;
    let cases: [(Give, &str); 5] = [
        (|_, _, _| TLSW_ERR_ARGUMENT, "returned -1"),
        (|_, _, _| TLSW_WANT_HOOK, "returned 3"),
        (|_, _, len| (TLSW_NONE, *len = 3).0, "returned 5"),
        (|_, _, len| (TLSW_OK, *len = 257).0, "257 bytes in a room of 256"),
        (|name, _, len| (TLSW_OK, name.fill(b'x'), *len = 3).0, "an identity without an end"),
    ];
    for (give, why) in cases {
        let (client, server) = strangers();
        client
            .set_psk_client_hook(Box::new(move |conn, _, name, key, len| {
                assert_eq!(conn.handshake().unwrap_err().status, TLSW_ERR_BUSY);
                give(name, key, len)
            }))
            .unwrap();
        server.knows("me", KEY);
        let (ours, theirs) = Pair::new(&client, &server, Some("localhost")).handshake();
        let ours = ours.unwrap_err();
        assert_eq!((ours.status, &*ours.reason), (TLSW_ERR_HOOK, "CALLBACK_FAILED"), "{why}");
        assert!(ours.message.contains(why), "{}", ours.message);
        assert_eq!((ours.alert, theirs.unwrap_err().alert), (HANDSHAKE_FAILURE, HANDSHAKE_FAILURE));
    }
    for (give, why) in &cases[..4] {
        let (client, server) = strangers();
        client.psk("me", KEY);
        let give = *give;
        server
            .set_psk_server_hook(Box::new(move |_, _, key, len| give(&mut [], key, len)))
            .unwrap();
        let (ours, theirs) = Pair::new(&client, &server, Some("localhost")).handshake();
        let theirs = theirs.unwrap_err();
        assert_eq!((theirs.status, &*theirs.reason), (TLSW_ERR_HOOK, "CALLBACK_FAILED"), "{why}");
        assert!(theirs.message.contains(why), "{}", theirs.message);
        assert_eq!(ours.unwrap_err().alert, UNKNOWN_PSK_IDENTITY);
    }
}

#[test]
fn certificates_are_asked_of_those_without_a_key_alone() {
    let everything = "ECDHE-PSK-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256";
    let server = Ctx::server("localhost");
    server.set_ciphers(everything);
    server.knows("me", KEY);
    server.load_ca_file(&pki("root.pem")).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();

    let friend = Ctx::client("root.pem");
    friend.set_ciphers(everything);
    friend.set_versions(TLSW_TLS_1_2);
    friend.psk("me", KEY);
    let pair = Pair::new(&friend, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
    assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));

    // Without the key, or in TLS 1.3, where it has no place, the certificates decide as ever.
    for version in VERSIONS {
        let other = Ctx::client("root.pem");
        other.set_versions(version);
        let pair = Pair::new(&other, &server, Some("localhost"));
        let (_, theirs) = pair.handshake();
        assert_eq!(theirs.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        other.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let pair = Pair::new(&other, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(pair.server.psk_identity(), None);
    }
    for (ca, name) in [("old-root.pem", "localhost"), ("root.pem", "elsewhere.example")] {
        let friend = Ctx::client(ca);
        friend.psk("me", KEY);
        let server = Ctx::server("localhost");
        let pair = Pair::new(&friend, &server, Some(name));
        assert_eq!(pair.handshake().0.unwrap_err().status, TLSW_ERR_VERIFY);
    }
}

#[test]
fn the_verify_hook_is_not_asked() {
    let (client, server) = strangers();
    client.psk("me", KEY);
    server.knows("me", KEY);
    for ctx in [&client, &server] {
        ctx.set_verify_hook(Box::new(|_, _, _| TLSW_ERR_VERIFY)).unwrap();
    }
    assert_eq!(Pair::new(&client, &server, Some("localhost")).handshake(), (Ok(()), Ok(())));
}

#[test]
fn a_server_with_nothing_else_speaks_what_has_keys() {
    // The same two with a certificate agree on TLS 1.3, and on that.
    let (client, server) = strangers();
    client.load_ca_file(&pki("root.pem")).unwrap();
    client.psk("me", KEY);
    server.knows("me", KEY);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.version(), Some("TLSv1.2"));
    server.load_cert_chain("localhost.chain.pem", "localhost.key.pem").unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.version(), Some("TLSv1.3"));
    assert_eq!(pair.client.psk_identity(), None);
    client.set_versions(TLSW_TLS_1_2);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
}

#[test]
fn suites_are_there_as_long_as_a_hook_is() {
    let (client, server) = strangers();
    client.set_versions(TLSW_TLS_1_2);
    client.psk("me", KEY);
    server.knows("me", KEY);
    let before = Pair::new(&client, &server, Some("localhost"));
    call(|err| unsafe { tlsw_ctx_set_psk_server_hook(server.0, None, null_mut(), None, err) })
        .unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake().1.unwrap_err().reason, "NO_SHARED_CIPHER");
    call(|err| unsafe { tlsw_ctx_set_psk_client_hook(client.0, None, null_mut(), None, err) })
        .unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.handshake().0.unwrap_err().reason, "NO_CIPHERS_AVAILABLE");
    assert_eq!(before.handshake(), (Ok(()), Ok(())));
}

#[test]
fn what_a_hook_keeps_is_released() {
    let (client, server) = strangers();
    let notes = Notes::<()>::new();
    for _ in 0..2 {
        let (one, two) = (notes.clone(), notes.clone());
        client
            .set_psk_client_hook(Box::new(move |_, _, _, _, _| (TLSW_OK, one.add(())).0))
            .unwrap();
        server.set_psk_server_hook(Box::new(move |_, _, _, _| (TLSW_OK, two.add(())).0)).unwrap();
        assert_eq!(notes.holders(), 3);
    }
    let pair = Pair::new(&client, &server, Some("localhost"));
    drop((client, server));
    assert_eq!(notes.holders(), 3);
    drop(pair);
    assert_eq!(notes.holders(), 1);
}

#[test]
fn a_session_goes_on_without_the_hooks() {
    let (client, server) = strangers();
    let asked = Notes::new();
    let (one, two) = (asked.clone(), asked.clone());
    client
        .set_psk_client_hook(Box::new(move |_, _, name, key, len| {
            one.add(TLSW_CLIENT);
            write(b"me", name);
            write(KEY, key);
            *len = KEY.len();
            TLSW_OK
        }))
        .unwrap();
    server
        .set_psk_server_hook(Box::new(move |_, _, key, len| {
            two.add(TLSW_SERVER);
            write(KEY, key);
            *len = KEY.len();
            TLSW_OK
        }))
        .unwrap();
    let first = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(asked.take(), [TLSW_CLIENT, TLSW_SERVER]);
    let session = first.client.session().unwrap().unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    pair.client.set_session(&session).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(pair.client.is_reused() && pair.server.is_reused());
    assert_eq!(asked.take(), []);
    for conn in [&pair.client, &pair.server] {
        assert_eq!(conn.psk_identity().as_deref(), Some(&b"me"[..]));
    }
}

#[test]
fn a_virtual_host_has_keys_of_its_own() {
    let (client, first) = strangers();
    let host = Ctx::new(TLSW_SERVER);
    host.set_ciphers("PSK");
    client.psk("me", KEY);
    first.knows("me", b"that of another");
    first.set_psk_identity_hint(Some("first")).unwrap();
    host.knows("me", KEY);
    let under = host.0 as usize;
    first
        .set_sni_hook(move |conn, _, _| {
            conn.set_ctx(&std::mem::ManuallyDrop::new(Ctx(under as *mut tlsw_ctx))).unwrap()
        })
        .unwrap();
    let pair = Pair::new(&client, &first, Some("localhost"));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    // And one without keys takes them away.
    call(|err| unsafe { tlsw_ctx_set_psk_server_hook(host.0, None, null_mut(), None, err) })
        .unwrap();
    let pair = Pair::new(&client, &first, Some("localhost"));
    assert!(pair.handshake().1.is_err());
}

#[test]
fn what_could_never_be_asked_is_refused() {
    let (client, server) = (Ctx::new(TLSW_CLIENT), Ctx::new(TLSW_SERVER));
    let on_client = |ctx: &Ctx| ctx.set_psk_client_hook(Box::new(|_, _, _, _, _| TLSW_OK));
    let on_server = |ctx: &Ctx| ctx.set_psk_server_hook(Box::new(|_, _, _, _| TLSW_OK));
    for refused in [
        on_client(&server),
        on_server(&client),
        client.set_psk_identity_hint(Some("me")),
        client.set_psk_identity_hint(None),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }

    // TLS 1.3 alone: said when both are known, whichever comes first.
    let narrow: [fn(&Ctx); 2] = [
        |ctx| ctx.set_versions(TLSW_TLS_1_3),
        |ctx| {
            let options = unsafe { tlsw_ctx_get_options(ctx.0) } | TLSW_OP_NO_TLSV1_2;
            call(|err| unsafe { tlsw_ctx_set_options(ctx.0, options, err) }).unwrap();
        },
    ];
    for narrow in narrow {
        let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
        narrow(&client);
        narrow(&server);
        for refused in [on_client(&client), on_server(&server)] {
            let error = refused.unwrap_err();
            assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
            assert!(error.message.contains("TLS 1.3"), "{}", error.message);
        }
        // Nothing was changed.
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));

        let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
        on_client(&client).unwrap();
        on_server(&server).unwrap();
        narrow(&client);
        narrow(&server);
        let (incoming, outgoing) = (Bio::new(), Bio::new());
        for (ctx, role, name) in
            [(&client, TLSW_CLIENT, Some("localhost")), (&server, TLSW_SERVER, None)]
        {
            let error = ctx.wrap_bio(&incoming, &outgoing, role, name).err().unwrap();
            assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
        }
    }
}

#[test]
fn what_there_is_is_told() {
    let has = |feature: &CStr| unsafe { tlsw_has(feature.as_ptr()) };
    assert_eq!((has(c"psk"), has(c"psk-tls1.3")), (1, 0));
    let mut identity = empty();
    let nobody = call(|err| unsafe { tlsw_get_psk_identity(null_mut(), &mut identity, err) });
    assert_eq!(nobody.unwrap_err().status, TLSW_ERR_ARGUMENT);
}

// With others. GnuTLS and OpenSSL take keys as hexadecimal digits.

const HEX: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn from_hex() -> &'static [u8] {
    &[15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195, 210, 225, 240]
}

/// The suites as GnuTLS calls their key exchange, and one of each.
const EXCHANGES: [(&str, &str); 2] =
    [("PSK", "PSK-AES128-CBC-SHA"), ("ECDHE-PSK", "ECDHE-PSK-AES256-CBC-SHA")];

fn gnutls_priority(exchange: &str) -> String {
    format!("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+{exchange}")
}

/// A file of keys for GnuTLS's server, and its name.
fn keys() -> &'static str {
    std::fs::write(pki("psk.keys"), format!("me:{HEX}\n")).unwrap();
    "psk.keys"
}

/// Shakes hands, and says something each way.
#[track_caller]
fn talk(suite: &str, wired: &Wired, peer: &mut Peer, echoes: bool) {
    let conn = &wired.conn;
    if let Err(error) = conn.handshake() {
        panic!("{suite}: {}\n{}", error.message, peer.words());
    }
    assert_eq!((conn.version(), conn.cipher()), (Some("TLSv1.2"), Some(suite)));
    assert_eq!(conn.psk_identity().as_deref(), Some(&b"me"[..]));
    assert_eq!(conn.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
    conn.write_all(b"from us\n").unwrap();
    if !echoes {
        peer.feed(b"to us\n");
    }
    let come = if echoes { &b"from us\n"[..] } else { b"to us\n" };
    let mut heard = Vec::new();
    while heard.len() < come.len() {
        match conn.read(16) {
            Ok(Read::Bytes(bytes)) => heard.extend(bytes),
            other => panic!("{suite}: {other:?}\n{}", peer.words()),
        }
    }
    assert_eq!(heard, come);
}

/// Our client, which wants the hint that was given.
fn friend(suite: &str, hint: Option<&'static str>) -> Ctx {
    let client = Ctx::client("old-root.pem");
    client.set_versions(TLSW_TLS_1_2);
    client.set_ciphers(suite);
    client
        .set_psk_client_hook(Box::new(move |_, given, name, key, len| {
            if given != hint {
                return TLSW_ERR_ARGUMENT;
            }
            write(b"me", name);
            write(from_hex(), key);
            *len = from_hex().len();
            TLSW_OK
        }))
        .unwrap();
    client
}

fn host(suite: &str) -> Ctx {
    let server = Ctx::new(TLSW_SERVER);
    server.set_ciphers(suite);
    server.knows("me", from_hex());
    server.set_psk_identity_hint(Some("a hint")).unwrap();
    server
}

#[test]
fn our_client_and_openssls_server() {
    for suite in SUITES {
        let mut command = openssl(&["s_server", "-accept", "127.0.0.1:0", "-nocert", "-tls1_2"]);
        command.args(["-psk", HEX, "-psk_identity", "me", "-psk_hint", "a hint"]);
        command.args(["-cipher", suite]);
        let peer = Peer::start(command);
        let port = peer.wait_for_line("ACCEPT 127.0.0.1:").trim().parse().unwrap();
        let mut server = Server { peer, port };
        let wired = Wired::client(&friend(suite, Some("a hint")), &server);
        talk(suite, &wired, &mut server.peer, false);
        server.peer.wait_for(b"from us\n");
        assert_eq!(wired.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{suite}");
    }
}

#[test]
fn our_server_and_openssls_client() {
    for suite in SUITES {
        let (listener, port) = listener();
        let mut command = openssl(&["s_client", "-connect", &format!("127.0.0.1:{port}")]);
        command.args(["-psk", HEX, "-psk_identity", "me", "-cipher", suite, "-tls1_2"]);
        let mut peer = Peer::start(command);
        let wired = Wired::server(&host(suite), &listener, &peer);
        talk(suite, &wired, &mut peer, false);
        for said in ["PSK identity: me\n", "PSK identity hint: a hint\n", "from us\n"] {
            peer.wait_for(said.as_bytes());
        }
        assert_eq!(wired.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{suite}");
        peer.end().well();
    }
}

#[test]
fn our_client_and_gnutls_server() {
    for (exchange, suite) in EXCHANGES {
        let priority = gnutls_priority(exchange);
        let more = ["--pskpasswd", keys(), "--pskhint", "a hint"];
        let mut server = gnutls_echo(&priority, &more);
        let wired = Wired::client(&friend(suite, Some("a hint")), &server);
        talk(suite, &wired, &mut server.peer, true);
        assert_eq!(wired.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{suite}");
    }
}

/// gnutls-cli 3.7 crashes once it has shaken hands with ECDHE-PSK, with its own server too.
#[test]
fn our_server_and_gnutls_client() {
    let (exchange, suite) = EXCHANGES[0];
    let (listener, port) = listener();
    let mut command = tool("gnutls-cli", "gnutls-bin");
    command.args(["--port", &port.to_string(), "--priority", &gnutls_priority(exchange)]);
    command.args(["--pskusername", "me", "--pskkey", HEX, "127.0.0.1"]);
    let mut peer = Peer::start(command);
    let wired = Wired::server(&host(suite), &listener, &peer);
    talk(suite, &wired, &mut peer, false);
    peer.close_stdin();
    assert_eq!(wired.conn.read(1), Ok(Read::Status(TLSW_CLOSED)), "{suite}");
    assert_eq!(wired.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{suite}");
    let said = peer.end().well().text();
    assert!(said.contains("from us\n") && said.contains("Connected as 'me'"), "{said}");
}
