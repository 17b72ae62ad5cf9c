//! The security level and what it filters: an emptied list is an error, and never BoringSSL's own.
//! Handshake signatures, with OpenSSL as the peer, are signed and accepted as the level says.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{Peer, Wired, listener, openssl, openssl_server};

/// What there is to say of a signature that both sides could make and take; below TLS 1.3 servers
/// find no suite that goes with one.
fn is_no_common_signature(error: &Error) -> bool {
    error.status == TLSW_ERR_TLS
        && ["NO_SUITABLE_SIGNATURE_ALGORITHM", "NO_SHARED_CIPHER"].contains(&&*error.reason)
}

fn set_ciphers(ctx: &Ctx, list: &str) {
    let list = c(list);
    call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
}

fn set_level(ctx: &Ctx, level: u32) {
    set_ciphers(ctx, &format!("@SECLEVEL={level}"));
}

fn set_ciphersuites(ctx: &Ctx, list: &str) {
    let list = c(list);
    call(|err| unsafe { tlsw_ctx_set_ciphersuites(ctx.0, list.as_ptr(), err) }).unwrap();
}

fn set_curve(ctx: &Ctx, name: &str) {
    let name = c(name);
    call(|err| unsafe { tlsw_ctx_set_ecdh_curve(ctx.0, name.as_ptr(), err) }).unwrap();
}

fn max_version(ctx: &Ctx, version: i32) {
    call(|err| unsafe { tlsw_ctx_set_max_version(ctx.0, version, err) }).unwrap();
}

/// A connection of `ctx`, or why there is none.
fn made(ctx: &Ctx, role: u32) -> Result<Conn, Error> {
    let name = (role == TLSW_CLIENT).then_some("localhost");
    ctx.wrap_bio(&Bio::new(), &Bio::new(), role, name)
}

#[track_caller]
fn refused(ctx: &Ctx, role: u32, words: &str) {
    let error = made(ctx, role).err().expect("no connection");
    assert_eq!(error.status, TLSW_ERR_STATE, "{}", error.message);
    assert!(error.message.contains(words), "{}", error.message);
}

#[test]
fn an_emptied_list_of_suites_of_tls_1_3_is_an_error() {
    for role in [TLSW_CLIENT, TLSW_SERVER] {
        let ctx = Ctx::new(role);
        set_ciphersuites(&ctx, "TLS_AES_128_GCM_SHA256");
        drop(made(&ctx, role).unwrap());
        set_level(&ctx, 4);
        refused(&ctx, role, "no cipher suite of TLS 1.3 is left");
        // Nobody misses them without the version.
        let options = unsafe { tlsw_ctx_get_options(ctx.0) };
        let set = |options| call(|err| unsafe { tlsw_ctx_set_options(ctx.0, options, err) });
        set(options | TLSW_OP_NO_TLSV1_3).unwrap();
        drop(made(&ctx, role).unwrap());
        set(options).unwrap();
        refused(&ctx, role, "security level 4 wants 192 bits");
        max_version(&ctx, TLSW_TLS_1_2);
        drop(made(&ctx, role).unwrap());
        max_version(&ctx, TLSW_TLS_1_3);
        set_ciphersuites(&ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
        drop(made(&ctx, role).unwrap());
    }
}

#[test]
fn the_one_curve_of_a_server_is_as_strong_as_the_level_asks() {
    let server = Ctx::server("p384");
    let client = Ctx::client("p384-root.pem");
    for (level, curve, is_taken) in [
        (3, "x25519", true),
        (3, "prime256v1", true),
        (4, "x25519", false),
        (4, "prime256v1", false),
        (4, "secp384r1", true),
    ] {
        set_level(&server, level);
        set_curve(&server, curve);
        if is_taken {
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(pair.handshake(), (Ok(()), Ok(())), "{level} {curve}");
        } else {
            refused(&server, TLSW_SERVER, "the curve of the server is too weak");
        }
    }
    // On clients it is nothing.
    set_curve(&client, "x25519");
    set_level(&client, 4);
    drop(made(&client, TLSW_CLIENT).unwrap());
}

#[test]
fn no_level_leaves_an_empty_list_of_groups() {
    let ctx = Ctx::new(TLSW_CLIENT);
    for level in 0..=4 {
        set_level(&ctx, level);
        drop(made(&ctx, TLSW_CLIENT).unwrap());
    }
    set_level(&ctx, 5);
    refused(&ctx, TLSW_CLIENT, "no group of the key exchange is left");
    let groups = c("secp521r1:MLKEM1024");
    call(|err| unsafe { tlsw_ctx_set_groups(ctx.0, groups.as_ptr(), err) }).unwrap();
    drop(made(&ctx, TLSW_CLIENT).unwrap());
}

#[test]
fn own_chains_are_measured_again_when_the_level_has_risen() {
    for (name, role, level) in
        [("rsa", TLSW_SERVER, 3), ("localhost", TLSW_SERVER, 4), ("client", TLSW_CLIENT, 4)]
    {
        let ctx = Ctx::new(role);
        ctx.load_cert_chain(&format!("{name}.chain.pem"), &format!("{name}.key.pem")).unwrap();
        drop(made(&ctx, role).unwrap());
        set_level(&ctx, level);
        let error = made(&ctx, role).err().unwrap();
        assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "EE_KEY_TOO_SMALL"));
    }
}

#[test]
fn from_level_3_on_there_is_no_version_that_signs_with_sha_1() {
    let contexts = |level| {
        let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
        for ctx in [&client, &server] {
            set_level(ctx, level);
            call(|err| unsafe { tlsw_ctx_set_min_version(ctx.0, TLSW_TLS_1_0, err) }).unwrap();
        }
        (client, server)
    };
    for (level, is_spoken) in [(0, true), (1, true), (2, true), (3, false)] {
        let (client, _) = contexts(level);
        let (_, old) = contexts(0);
        max_version(&old, TLSW_TLS_1_1);
        let (ours, _) = Pair::new(&client, &old, Some("localhost")).handshake();
        assert_eq!(ours.is_ok(), is_spoken, "{level}: {ours:?}");
        let (old, _) = contexts(0);
        max_version(&old, TLSW_TLS_1_1);
        let (_, server) = contexts(level);
        let (_, ours) = Pair::new(&old, &server, Some("localhost")).handshake();
        assert_eq!(ours.is_ok(), is_spoken, "{level}: {ours:?}");
    }
    let (client, server) = contexts(3);
    assert_eq!(Pair::new(&client, &server, Some("localhost")).handshake(), (Ok(()), Ok(())));
    for (ctx, role) in [(&client, TLSW_CLIENT), (&server, TLSW_SERVER)] {
        max_version(ctx, TLSW_TLS_1_1);
        refused(ctx, role, "versions below TLS 1.2 sign with SHA-1");
    }
}

/// A signature for OpenSSL's `-sigalgs`, with the key that makes it, and its bits of security.
struct Signature {
    name: &'static str,
    key: &'static str,
    bits: u32,
    in_1_3: bool,
}

const fn signature(name: &'static str, key: &'static str, bits: u32, in_1_3: bool) -> Signature {
    Signature { name, key, bits, in_1_3 }
}

const SIGNATURES: [Signature; 9] = [
    signature("RSA+SHA1", "rsa", 63, false),
    signature("RSA+SHA224", "rsa", 112, false),
    signature("RSA+SHA256", "rsa", 128, false),
    signature("RSA-PSS+SHA256", "rsa", 128, true),
    signature("ECDSA+SHA1", "localhost", 63, false),
    signature("ECDSA+SHA256", "localhost", 128, true),
    // TLS 1.2 does not tie the digest to the curve.
    signature("ECDSA+SHA256", "p384", 128, false),
    signature("ECDSA+SHA384", "p384", 192, true),
    signature("ed25519", "ed25519", 128, true),
];

const BITS: [u32; 6] = [0, 80, 112, 128, 192, 256];

/// No level, the default one, and the highest that takes the key.
fn levels(key: &str) -> &'static [usize] {
    match key {
        "rsa" => &[0, 1, 2],
        "p384" => &[0, 2, 4],
        _ => &[0, 2, 3],
    }
}

impl Signature {
    /// The handshakes to try: a version, by OpenSSL's option too; a level; whether there is a
    /// signature that both sides take.
    fn cases(&self) -> impl Iterator<Item = (&'static str, u32, bool)> + '_ {
        let versions = [("-tls1_2", true), ("-tls1_3", self.in_1_3)];
        versions.into_iter().filter(|(_, there)| *there).flat_map(move |(option, _)| {
            levels(self.key).iter().map(move |&level| {
                // BoringSSL signs with no SHA-224.
                let is_strong = self.bits >= BITS[level] && self.bits != 112;
                (option, level as u32, is_strong)
            })
        })
    }

    fn root(&self) -> &'static str {
        if self.key == "p384" { "p384-root.pem" } else { "root.pem" }
    }

    /// What OpenSSL says of the digest.
    fn digest(&self) -> Option<&'static str> {
        self.name.split_once('+').map(|(_, digest)| digest)
    }
}

/// The same key and certificate with the key in the first version of PKCS#8: OpenSSL 3.0 reads no
/// other, and the test PKI's Ed25519 keys are in the second (RFC 5958).
fn for_openssl_3_0(name: &str) -> String {
    let pem = pki_bytes(&format!("{name}.key.pem"));
    let der = tlswrap::pem::blocks(&pem).next().unwrap().unwrap().decode().unwrap();
    let head = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    let first = tlswrap::pem::encode("PRIVATE KEY", &[head, &der[16..48]].concat());
    std::fs::write(pki(&format!("{name}-1.key.pem")), first).unwrap();
    std::fs::copy(pki(&format!("{name}.pem")), pki(&format!("{name}-1.pem"))).unwrap();
    format!("{name}-1")
}

fn anything_goes<'a>(option: &'a str, sigalgs: &'a str) -> [&'a str; 5] {
    [option, "-sigalgs", sigalgs, "-cipher", "ALL:@SECLEVEL=0"]
}

#[test]
fn own_signatures_are_as_strong_as_the_level_asks() {
    for signature in &SIGNATURES {
        let server = Ctx::server(signature.key);
        for (option, level, is_strong) in signature.cases() {
            let what = format!("{} with {} at {level}, {option}", signature.name, signature.key);
            set_level(&server, level);
            let (listener, port) = listener();
            let mut command = openssl(&["s_client", "-connect", &format!("127.0.0.1:{port}")]);
            command.args(anything_goes(option, signature.name));
            let peer = Peer::start(command);
            let wired = Wired::server(&server, &listener, &peer);
            match wired.conn.handshake() {
                Ok(_) => {
                    assert!(is_strong, "{what} was made");
                    if let Some(digest) = signature.digest() {
                        assert_eq!(peer.wait_for_line("Peer signing digest: "), digest, "{what}");
                    }
                }
                Err(error) => {
                    assert!(!is_strong, "{what}: {}", error.message);
                    assert!(is_no_common_signature(&error), "{what}: {error:?}");
                }
            }
        }
    }
}

#[test]
fn what_the_peer_signs_is_as_strong_as_the_level_asks() {
    let ed25519 = for_openssl_3_0("ed25519");
    for signature in &SIGNATURES {
        let key = if signature.key == "ed25519" { &ed25519 } else { signature.key };
        for (option, level, is_strong) in signature.cases() {
            let what = format!("{} with {key} at {level}, {option}", signature.name);
            let server = openssl_server(key, &anything_goes(option, signature.name));
            let client = Ctx::client(signature.root());
            // OpenSSL's server shows its intermediate of P-256 beside this one.
            client.insecure();
            set_level(&client, level);
            match Wired::client(&client, &server).conn.handshake() {
                Ok(_) => assert!(is_strong, "{what} was taken"),
                Err(error) => {
                    assert!(!is_strong, "{what}: {}", error.message);
                    assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, 40), "{what}");
                }
            }
        }
    }
}

#[test]
fn a_client_s_own_signatures_are_as_strong_as_the_level_asks() {
    for signature in &SIGNATURES {
        for (option, level, is_strong) in signature.cases() {
            let what = format!("{} with {} at {level}, {option}", signature.name, signature.key);
            let more = [option, "-client_sigalgs", signature.name, "-cipher", "ALL:@SECLEVEL=0"];
            // One whose own signature is strong enough too.
            let shown = if level == 4 { "p384" } else { "localhost" };
            let server = openssl_server(shown, &[&more[..], &["-Verify", "3"]].concat());
            let client = Ctx::client("root.pem");
            let (chain, key) =
                (format!("{}.chain.pem", signature.key), format!("{}.key.pem", signature.key));
            client.load_cert_chain(&chain, &key).unwrap();
            client.insecure();
            set_level(&client, level);
            let wired = Wired::client(&client, &server);
            match wired.conn.handshake() {
                Ok(_) => {
                    assert!(is_strong, "{what} was made");
                    // In TLS 1.3 the handshake is over before the server has judged.
                    server.peer.wait_for(b"-----END SSL SESSION PARAMETERS-----");
                }
                Err(error) => {
                    assert!(!is_strong, "{what}: {}", error.message);
                    assert!(is_no_common_signature(&error), "{what}: {error:?}");
                }
            }
        }
    }
}

#[test]
fn at_level_4_both_sides_sign_with_sha_384() {
    let (client, server) = (Ctx::client("p384-root.pem"), Ctx::server("p384"));
    for version in [TLSW_TLS_1_2, TLSW_TLS_1_3] {
        client.set_versions(version);
        set_level(&client, 4);
        for level in [2, 4] {
            set_level(&server, level);
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(pair.handshake(), (Ok(()), Ok(())), "{version:x} {level}");
        }
        max_version(&client, TLSW_TLS_1_3);
    }
}
