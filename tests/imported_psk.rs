//! Pre-shared keys of TLS 1.3, imported as RFC 9258 has it.

mod support;
use support::*;
#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;

use std::mem::ManuallyDrop;
use std::ptr::{null, null_mut};

const KEY: &[u8] = b"0123456789abcdef";

/// A key as a context is given it.
#[derive(Clone, Copy)]
struct Psk<'a> {
    identity: &'a [u8],
    key: &'a [u8],
    context: &'a [u8],
    hash: Option<&'a str>,
}

const ME: Psk<'_> = Psk { identity: b"me", key: KEY, context: b"", hash: None };

impl Ctx {
    fn add_psk(&self, psk: Psk<'_>) -> Result<tlsw_status, Error> {
        let hash = psk.hash.map(c);
        call(|err| unsafe {
            tlsw_ctx_add_psk(
                self.0,
                psk.identity.as_ptr(),
                psk.identity.len(),
                psk.key.as_ptr(),
                psk.key.len(),
                psk.context.as_ptr(),
                psk.context.len(),
                hash.as_ref().map_or(null(), |hash| hash.as_ptr()),
                err,
            )
        })
    }

    /// A client that trusts nobody there is.
    fn friend(psk: Psk<'_>) -> Self {
        let client = Self::client("old-root.pem");
        client.add_psk(psk).unwrap();
        client
    }

    /// A server without a certificate.
    fn host(psk: Psk<'_>) -> Self {
        let server = Self::new(TLSW_SERVER);
        server.add_psk(psk).unwrap();
        server
    }
}

/// What a handshake came to on each side.
type Came = (Result<(), Error>, Result<(), Error>);

fn meet(client: &Ctx, server: &Ctx) -> (Pair, Came) {
    let pair = Pair::new(client, server, Some("localhost"));
    let came = pair.handshake();
    (pair, came)
}

fn reasons(client: &Ctx, server: &Ctx) -> (String, String) {
    let (_, (ours, theirs)) = meet(client, server);
    (ours.unwrap_err().reason, theirs.unwrap_err().reason)
}

#[test]
fn both_sides_are_who_has_the_key() {
    let suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
    let longest = vec![0; 1024 - 3];
    for psk in [
        ME,
        Psk { hash: Some("SHA-256"), context: b"the shop", ..ME },
        Psk { hash: Some("SHA-384"), key: &[7; 100], ..ME },
        Psk { identity: b"\0\xff", ..ME },
        Psk { identity: &longest, context: b"\0ab", ..ME },
    ] {
        for suite in suites {
            let (client, server) = (Ctx::friend(psk), Ctx::host(psk));
            let suite = c(suite);
            call(|err| unsafe { tlsw_ctx_set_ciphersuites(server.0, suite.as_ptr(), err) })
                .unwrap();
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(pair.client.psk_identity(), None);
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            for conn in [&pair.client, &pair.server] {
                assert_eq!(conn.version(), Some("TLSv1.3"));
                assert_eq!(conn.cipher(), suite.to_str().ok());
                assert!(conn.group().is_some(), "the secrets of today are not in the key");
                assert_eq!(conn.psk_identity().as_deref(), Some(psk.identity));
                assert_eq!(conn.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
                assert_eq!(conn.verify_result(), Ok(TLSW_NONE));
                assert!(!conn.is_reused());
            }
            assert_eq!(pair.client.write(b"there"), Ok(Ok(5)));
            assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"there".to_vec())));
        }
    }
}

#[test]
fn what_is_not_the_same_is_found_out() {
    let server = Ctx::host(Psk { context: b"the shop", ..ME });
    let same = Psk { context: b"the shop", ..ME };
    assert_eq!(meet(&Ctx::friend(same), &server).1, (Ok(()), Ok(())));
    for other in [
        Psk { key: b"another one here", ..same },
        // To the peer it is another key.
        Psk { hash: Some("SHA-384"), ..same },
    ] {
        let (ours, theirs) = reasons(&Ctx::friend(other), &server);
        assert_eq!(theirs, "DIGEST_CHECK_FAILED");
        assert_eq!(ours, "TLSV1_ALERT_DECRYPT_ERROR");
    }
    for other in [Psk { identity: b"you", ..same }, Psk { context: b"", ..same }] {
        let (_, theirs) = reasons(&Ctx::friend(other), &server);
        assert_eq!(theirs, "PSK_IDENTITY_NOT_FOUND");
    }
    let (_, theirs) = reasons(&Ctx::client("root.pem"), &server);
    assert_eq!(theirs, "MISSING_EXTENSION");
    // TLS 1.2 has no place for it.
    let old = Ctx::client("root.pem");
    old.set_versions(TLSW_TLS_1_2);
    assert!(meet(&old, &server).1.1.is_err());
}

#[test]
fn of_several_keys_the_first_of_the_servers_is_taken() {
    let named = |identity| Psk { identity, ..ME };
    let client = Ctx::friend(named(b"one"));
    client.add_psk(named(b"two")).unwrap();
    client.add_psk(named(b"three")).unwrap();
    let server = Ctx::host(named(b"four"));
    server.add_psk(named(b"three")).unwrap();
    server.add_psk(named(b"two")).unwrap();
    let (pair, came) = meet(&client, &server);
    assert_eq!(came, (Ok(()), Ok(())));
    assert_eq!(pair.client.psk_identity().as_deref(), Some(&b"three"[..]));
}

#[test]
fn a_client_offers_as_many_keys_as_a_hello_holds() {
    let (client, server) = (Ctx::new(TLSW_CLIENT), Ctx::new(TLSW_SERVER));
    let mut fits = 0;
    let refused = loop {
        let identity = format!("identity {fits:7}");
        let psk = Psk { identity: identity.as_bytes(), ..ME };
        server.add_psk(psk).unwrap();
        match client.add_psk(psk) {
            Ok(_) => fits += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused.status, TLSW_ERR_ARGUMENT);
    assert!(refused.message.contains("no room"), "{}", refused.message);
    assert!(fits > 70, "{fits}");
    assert_eq!(meet(&client, &server).1, (Ok(()), Ok(())));
}

#[test]
fn certificates_count_for_who_has_no_key() {
    let server = Ctx::server("localhost");
    server.load_ca_file(&pki("root.pem")).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    server.add_psk(ME).unwrap();
    let (pair, came) = meet(&Ctx::friend(ME), &server);
    assert_eq!(came, (Ok(()), Ok(())));
    assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
    assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));

    // One without a key, and one with a key of others.
    for psk in [None, Some(Psk { identity: b"you", ..ME })] {
        let client = Ctx::client("root.pem");
        psk.map(|psk| client.add_psk(psk).unwrap());
        let (_, (_, theirs)) = meet(&client, &server);
        assert_eq!(theirs.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let (pair, came) = meet(&client, &server);
        assert_eq!(came, (Ok(()), Ok(())));
        assert_eq!((pair.client.psk_identity(), pair.server.psk_identity()), (None, None));
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    }
    // A server without the key is judged by its certificate.
    let (_, (ours, _)) = meet(&Ctx::friend(ME), &Ctx::server("localhost"));
    assert_eq!(ours.unwrap_err().status, TLSW_ERR_VERIFY);
}

#[test]
fn a_client_that_verifies_nothing_takes_keys_alone() {
    for version in VERSIONS {
        let client = Ctx::friend(ME);
        client.insecure();
        let server = Ctx::server("localhost");
        server.set_versions(version);
        let (_, (ours, _)) = meet(&client, &server);
        // It names no signatures that it would take, without which a server gives up.
        assert_eq!(ours.unwrap_err().reason, "SSLV3_ALERT_HANDSHAKE_FAILURE");
        // In TLS 1.2 that stands for SHA-1, which is for level 0; then the client gives up.
        let lowest = c("@SECLEVEL=0");
        call(|err| unsafe { tlsw_ctx_set_ciphers(server.0, lowest.as_ptr(), err) }).unwrap();
        let want = match version {
            TLSW_TLS_1_3 => "SSLV3_ALERT_HANDSHAKE_FAILURE",
            _ => "UNSUPPORTED_PROTOCOL",
        };
        assert_eq!(meet(&client, &server).1.0.unwrap_err().reason, want);
    }
    let client = Ctx::friend(ME);
    client.insecure();
    assert_eq!(meet(&client, &Ctx::host(ME)).1, (Ok(()), Ok(())));
    // With a hook it has somebody who judges.
    let judged = Notes::new();
    let note = judged.clone();
    client.set_verify_hook(Box::new(move |_, code, _| (TLSW_OK, note.add(code)).0)).unwrap();
    assert_eq!(meet(&client, &Ctx::server("localhost")).1, (Ok(()), Ok(())));
    assert_eq!(judged.take().len(), 1);
    assert_eq!(meet(&client, &Ctx::host(ME)).1, (Ok(()), Ok(())));
    assert_eq!(judged.take().len(), 0, "there is no certificate to judge");
}

#[test]
fn another_key_exchange_is_asked_for_with_the_key_too() {
    let (client, server) = (Ctx::friend(ME), Ctx::host(ME));
    let group = c("P-384");
    call(|err| unsafe { tlsw_ctx_set_groups(server.0, group.as_ptr(), err) }).unwrap();
    let (pair, came) = meet(&client, &server);
    assert_eq!(came, (Ok(()), Ok(())));
    assert_eq!(pair.client.group(), Some("secp384r1"));
    assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
}

#[test]
fn a_client_keeps_no_session_of_a_key() {
    let (client, server) = (Ctx::friend(ME), Ctx::host(ME));
    let given = Notes::new();
    let note = given.clone();
    client.set_session_hook(Box::new(move |_, session| note.add(session))).unwrap();
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    assert_eq!(given.take().len(), 0);
    assert_eq!(pair.client.session().unwrap().unwrap_err(), TLSW_NONE);
    assert_eq!(meet(&client, &server).1, (Ok(()), Ok(())));
}

#[test]
fn who_resumes_a_session_of_a_certificate_shows_no_key() {
    let client = Ctx::client("root.pem");
    let server = Ctx::server("localhost");
    // The client has a key that the server has not, and then one that it has.
    client.add_psk(Psk { identity: b"you", ..ME }).unwrap();
    server.add_psk(ME).unwrap();
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    let session = pair.client.session().unwrap().unwrap();
    client.add_psk(ME).unwrap();
    let pair = Pair::new(&client, &server, Some("localhost"));
    pair.client.set_session(&session).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(pair.client.is_reused() && pair.server.is_reused());
    assert_eq!((pair.client.psk_identity(), pair.server.psk_identity()), (None, None));
    assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
}

#[test]
fn a_virtual_host_has_keys_of_its_own() {
    let (client, host) = (Ctx::friend(ME), Ctx::host(ME));
    let first = Ctx::host(Psk { identity: b"you", ..ME });
    let under = host.0 as usize;
    first
        .set_sni_hook(move |conn, _, _| {
            conn.set_ctx(&ManuallyDrop::new(Ctx(under as *mut tlsw_ctx))).unwrap()
        })
        .unwrap();
    let (pair, came) = meet(&client, &first);
    assert_eq!(came, (Ok(()), Ok(())));
    assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
}

#[test]
fn hooks_and_keys_serve_both_versions() {
    let server = Ctx::host(ME);
    server
        .set_psk_server_hook(Box::new(|_, _, key, len| {
            key[..16].copy_from_slice(KEY);
            *len = 16;
            TLSW_OK
        }))
        .unwrap();
    let hooked = |client: Ctx| {
        client
            .set_psk_client_hook(Box::new(|_, _, name, key, len| {
                name[..2].copy_from_slice(b"me");
                key[..16].copy_from_slice(KEY);
                *len = 16;
                TLSW_OK
            }))
            .unwrap();
        client
    };
    let new = hooked(Ctx::friend(ME));
    let old = hooked(Ctx::client("old-root.pem"));
    old.set_versions(TLSW_TLS_1_2);
    let list = c("PSK");
    for ctx in [&server, &new, &old] {
        call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
    }
    for (client, version) in [(&new, "TLSv1.3"), (&old, "TLSv1.2")] {
        let (pair, came) = meet(client, &server);
        assert_eq!(came, (Ok(()), Ok(())));
        assert_eq!(pair.client.version(), Some(version));
        assert_eq!(pair.server.psk_identity().as_deref(), Some(&b"me"[..]));
    }
}

#[test]
fn a_context_that_leaves_tls_1_3_out_makes_no_connections() {
    let (client, server) = (Ctx::friend(ME), Ctx::host(ME));
    call(|err| unsafe { tlsw_ctx_set_max_version(client.0, TLSW_TLS_1_2, err) }).unwrap();
    let options = unsafe { tlsw_ctx_get_options(server.0) } | TLSW_OP_NO_TLSV1_3;
    call(|err| unsafe { tlsw_ctx_set_options(server.0, options, err) }).unwrap();
    let (incoming, outgoing) = (Bio::new(), Bio::new());
    for (ctx, role, name) in
        [(&client, TLSW_CLIENT, Some("localhost")), (&server, TLSW_SERVER, None)]
    {
        assert_eq!(ctx.add_psk(ME).unwrap_err().status, TLSW_ERR_STATE);
        let error = ctx.wrap_bio(&incoming, &outgoing, role, name).err().unwrap();
        assert_eq!(error.status, TLSW_ERR_STATE);
        assert!(error.message.contains("TLS 1.3"), "{}", error.message);
    }
}

#[test]
fn what_is_wrong_with_a_key_is_told() {
    let ctx = Ctx::new(TLSW_CLIENT);
    let too_long = vec![1; 1025];
    for (psk, what) in [
        (Psk { identity: b"", ..ME }, "identity"),
        (Psk { identity: &too_long, ..ME }, "identity"),
        (Psk { identity: &too_long[1..], context: b"x", ..ME }, "identity"),
        (Psk { key: &KEY[1..], ..ME }, "key: it has 15 bytes"),
        (Psk { hash: Some("SHA-1"), ..ME }, "hash"),
        (Psk { hash: Some(""), ..ME }, "hash"),
    ] {
        let error = ctx.add_psk(psk).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains(what), "{}", error.message);
    }
    let old = Ctx::new(TLSW_CLIENT);
    old.set_versions(TLSW_TLS_1_2);
    assert_eq!(old.add_psk(ME).unwrap_err().status, TLSW_ERR_STATE);
    // Nothing was added.
    let (pair, came) = meet(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    assert_eq!(came, (Ok(()), Ok(())));
    assert_eq!(pair.client.psk_identity(), None);
    assert_eq!(unsafe { tlsw_has(c"psk-importer".as_ptr()) }, 1);
    let nobody = call(|err| unsafe {
        tlsw_ctx_add_psk(null_mut(), KEY.as_ptr(), 16, KEY.as_ptr(), 16, null(), 0, null(), err)
    });
    assert_eq!(nobody.unwrap_err().status, TLSW_ERR_ARGUMENT);
}
