//! Hashed directories: what is found in them, when, and what does not keep anything from being found.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::openssl;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

/// An empty directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let path = pki(&format!("dir-{name}"));
    fs::create_dir(&path).unwrap();
    path
}

/// What `openssl x509` or `openssl crl` calls a file by.
fn hash(command: &[&str]) -> String {
    let output = openssl(command).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn hash_of(name: &str) -> String {
    hash(&["x509", "-noout", "-subject_hash", "-in", name])
}

fn load(ctx: &Ctx, path: &Path) {
    let path = c_path(path);
    call(|err| unsafe { tlsw_ctx_load_ca_dir(ctx.0, path.as_ptr(), err) }).unwrap();
}

fn client(path: &Path) -> Ctx {
    let client = Ctx::new(TLSW_CLIENT);
    load(&client, path);
    client
}

/// The code with which a client refuses NAME.chain.pem; 0 if it does not.
fn code(client: &Ctx, name: &str) -> i32 {
    let pair = Pair::new(client, &Ctx::server(name), Some("localhost"));
    pair.handshake().0.map_or_else(|error| error.verify_error, |()| 0)
}

fn stats(ctx: &Ctx) -> String {
    let mut buf = empty();
    call(|err| unsafe { tlsw_ctx_get_cert_store_stats(ctx.0, &mut buf, err) }).unwrap();
    String::from_utf8(take(buf)).unwrap()
}

fn want_lists(client: &Ctx) {
    let flags = TLSW_VERIFY_CRL_CHECK_LEAF;
    call(|err| unsafe { tlsw_ctx_set_verify_flags(client.0, flags, err) }).unwrap();
}

#[test]
fn a_broken_file_does_not_hide_the_next() {
    let root = hash_of("root.pem");
    let good = pki_bytes("root.pem");
    let der = tlswrap::pem::blocks(&good).next().unwrap().unwrap().decode().unwrap();
    let half = &good[..good.len() / 2];
    type Break<'a> = &'a dyn Fn(&Path);
    let write = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        move |path: &Path| fs::write(path, &bytes).unwrap()
    };
    let kinds: [(&str, Break<'_>); 14] = [
        ("dangling", &|path| symlink("nowhere.pem", path).unwrap()),
        ("loop", &|path| symlink(path, path).unwrap()),
        ("empty", &write(b"")),
        ("der", &write(&der)),
        ("key", &write(&pki_bytes("localhost.key.pem"))),
        ("directory", &|path| fs::create_dir(path).unwrap()),
        ("garbage", &write(b"\0\xff rubbish\n")),
        ("prose", &write(b"There is nothing of use in here.\n")),
        ("crl", &write(&pki_bytes("root.crl.pem"))),
        ("bad-certificate", &write(&pki_bytes("bad/truncated-der.pem"))),
        ("bad-base64", &write(&pki_bytes("bad/truncated-base64.pem"))),
        ("no-end", &write(half)),
        ("socket", &|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
        ("fifo", &|path| assert_eq!(unsafe { libc::mkfifo(c_path(path).as_ptr(), 0o600) }, 0)),
    ];
    for (name, make) in kinds {
        // The path of a socket is short.
        let path = std::env::temp_dir().join(format!("tlsw-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        make(&path.join(format!("{root}.0")));
        make(&path.join(format!("{root}.1")));
        fs::write(path.join(format!("{root}.2")), &good).unwrap();
        assert_eq!(code(&client(&path), "localhost"), 0, "{name}");
        assert_eq!(code(&client(&path), "p384"), 20, "{name}");
        fs::remove_dir_all(path).unwrap();
    }
}

#[test]
fn a_good_certificate_in_a_file_with_a_bad_one_is_found() {
    let path = directory("mixed");
    let parts = ["bad/truncated-der.pem", "root.pem", "bad/truncated-base64.pem"];
    let text: Vec<u8> = parts.iter().flat_map(|part| pki_bytes(part)).collect();
    fs::write(path.join(format!("{}.0", hash_of("root.pem"))), text).unwrap();
    assert_eq!(code(&client(&path), "localhost"), 0);
}

#[test]
fn what_comes_later_is_found_and_counted() {
    let path = directory("later");
    let client = client(&path);
    assert_eq!(code(&client, "localhost"), 20);
    // One of the same name with another key, and a file that is of no use yet.
    let root = hash_of("root.pem");
    fs::write(path.join(format!("{root}.0")), "not yet\n").unwrap();
    assert_eq!(code(&client, "localhost"), 20);
    fs::write(path.join(format!("{root}.0")), pki_bytes("root.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), 0);
    assert_eq!(stats(&client), r#"{"x509": 1, "x509_ca": 1, "crl": 0}"#);
    // By the old hash of names too.
    let old = hash(&["x509", "-noout", "-subject_hash_old", "-in", "p384-root.pem"]);
    fs::write(path.join(format!("{old}.0")), pki_bytes("p384-root.pem")).unwrap();
    assert_eq!(code(&client, "p384"), 0);
    assert_eq!(stats(&client), r#"{"x509": 2, "x509_ca": 2, "crl": 0}"#);
    // What was found stays, as it does in OpenSSL.
    fs::remove_file(path.join(format!("{old}.0"))).unwrap();
    assert_eq!(code(&client, "p384"), 0);
}

#[test]
fn an_intermediate_and_its_root_are_found() {
    let path = directory("both");
    for name in ["root.pem", "intermediate.pem"] {
        fs::write(path.join(format!("{}.0", hash_of(name))), pki_bytes(name)).unwrap();
    }
    let server = Ctx::new(TLSW_SERVER);
    server.load_cert_chain("localhost.pem", "localhost.key.pem").unwrap();
    let pair = Pair::connected(&client(&path), &server, Some("localhost"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap().len(), 1);
    assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
    // A server completes its own chain from there.
    load(&server, &path);
    let pair = Pair::connected(&Ctx::client("root.pem"), &server, Some("localhost"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap().len(), 3);
}

#[test]
fn lists_are_found_behind_broken_ones_and_when_newer_ones_come() {
    let path = directory("lists");
    fs::write(path.join(format!("{}.0", hash_of("root.pem"))), pki_bytes("root.pem")).unwrap();
    let client = client(&path);
    want_lists(&client);
    assert_eq!(code(&client, "localhost"), 3);
    let issuer = hash(&["crl", "-noout", "-hash", "-in", "intermediate.crl.pem"]);
    let file = |number: u32| path.join(format!("{issuer}.r{number}"));
    symlink("nowhere", file(0)).unwrap();
    fs::write(file(1), pki_bytes("root.pem")).unwrap();
    // One that is too old, and then a newer one.
    fs::write(file(2), pki_bytes("intermediate.old.crl.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), 12);
    fs::write(file(3), pki_bytes("intermediate.crl.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), 0);
    assert_eq!(code(&client, "revoked"), 23);
    assert_eq!(stats(&client), r#"{"x509": 1, "x509_ca": 1, "crl": 2}"#);
}

#[test]
fn what_could_not_be_read_is_tried_again() {
    alone("what_could_not_be_read_is_tried_again", &[], || {
        let path = directory("denied");
        let file = path.join(format!("{}.0", hash_of("root.pem")));
        fs::write(&file, pki_bytes("root.pem")).unwrap();
        let (client, server) = (client(&path), Ctx::server("localhost"));
        let code = || {
            let pair = Pair::new(&client, &server, Some("localhost"));
            pair.handshake().0.map_or_else(|error| error.verify_error, |()| 0)
        };
        // There is no descriptor left to open it with.
        let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
        let full: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
        assert_eq!(code(), 20);
        drop(full);
        assert_eq!(code(), 0);
    });
}

#[test]
fn many_threads_find_the_same() {
    let path = directory("threads");
    let root = path.join(format!("{}.0", hash_of("root.pem")));
    fs::write(&root, pki_bytes("root.pem")).unwrap();
    let client = client(&path);
    let server = Ctx::server("localhost");
    let failed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let pair = Pair::new(&client, &server, Some("localhost"));
                    if pair.handshake().0.is_err() {
                        failed.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
        for round in 0..50 {
            // Written anew under the readers' hands, in one step as administrators do it.
            let next = path.join("next");
            fs::write(
                &next,
                [&pki_bytes("root.pem")[..], format!("{round}\n").as_bytes()].concat(),
            )
            .unwrap();
            fs::set_permissions(&next, fs::Permissions::from_mode(0o600)).unwrap();
            fs::rename(&next, &root).unwrap();
        }
    });
    assert!(!failed.load(Ordering::Relaxed), "the root was not found once");
    assert_eq!(stats(&client), r#"{"x509": 1, "x509_ca": 1, "crl": 0}"#);
}
