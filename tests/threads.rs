//! Many threads: on contexts that change, on one connection, and on their way out.

mod support;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

use support::*;

const THREADS: usize = 8;

/// The protocols that are offered and taken at one time or another.
const PROTOCOLS: [&[u8]; 3] = [b"", b"\x02h2", b"\x08http/1.1\x02h2"];

fn set<T>(
    set: unsafe extern "C" fn(*mut tlsw_ctx, T, *mut tlsw_error) -> tlsw_status,
    ctx: &Ctx,
    value: T,
) {
    assert_eq!(call(|err| unsafe { set(ctx.0, value, err) }), Ok(TLSW_OK));
}

/// One round of changes, back and forth. What it leaves behind serves a client.
fn change(client: &Ctx, server: &Ctx, round: usize) {
    client.set_alpn(PROTOCOLS[round % 3]).unwrap();
    server.set_alpn(PROTOCOLS[round / 3 % 3]).unwrap();
    set(tlsw_ctx_set_min_version, client, TLSW_TLS_1_3);
    set(tlsw_ctx_set_max_version, server, TLSW_TLS_1_2);
    set(tlsw_ctx_set_min_version, client, TLSW_TLS_1_2);
    set(tlsw_ctx_set_max_version, client, TLSW_TLS_1_2);
    set(tlsw_ctx_set_max_version, server, TLSW_TLS_1_3);
    set(tlsw_ctx_set_max_version, client, TLSW_TLS_1_3);
    client.insecure();
    client.set_check_hostname(1).unwrap();
    for mode in [TLSW_CERT_REQUIRED, TLSW_CERT_OPTIONAL, TLSW_CERT_NONE] {
        server.set_verify_mode(mode).unwrap();
    }
    // What is loaded stays, so not in every round.
    if round < 10 {
        client.load_ca_file(&pki("old-root.pem")).unwrap();
        server.load_ca_file(&pki("root.pem")).unwrap();
    }
    if round < 2 {
        server.load_cert_chain("rsa.chain.pem", "rsa.key.pem").unwrap();
    }
    let broken = client.load_ca_file(&pki("bad/truncated-der.pem")).unwrap_err();
    assert_eq!(broken.status, TLSW_ERR_DECODE);
}

/// Whether an error is one that the settings of [`change`] explain.
fn is_explained(error: &Error) -> bool {
    const REASONS: [&str; 5] = [
        // One side allowed TLS 1.2 alone and the other TLS 1.3.
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        // The server wanted a certificate, and the client has none.
        "PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
    ];
    error.status == TLSW_ERR_TLS && REASONS.contains(&error.reason.as_str())
}

/// Shakes hands and talks; whether it came to that.
fn talks(pair: &Pair) -> bool {
    let (client, server) = pair.handshake();
    let failed = [client.as_ref().err(), server.as_ref().err()];
    for error in failed.into_iter().flatten() {
        // The one that waited for the other when that failed met its end.
        let is_end = error.status == TLSW_ERR_EOF && failed.iter().flatten().count() == 2;
        assert!(is_explained(error) || is_end, "{error:?}");
    }
    if failed.iter().flatten().count() > 0 {
        assert!(failed.into_iter().flatten().any(is_explained), "{failed:?}");
        return false;
    }
    let (client, server) = (&pair.client, &pair.server);
    assert!(["TLSv1.2", "TLSv1.3"].map(Some).contains(&client.version()));
    assert_eq!(client.version(), server.version());
    assert_eq!(client.cipher(), server.cipher());
    assert_eq!(client.group(), server.group());
    assert!(
        [None, Some("h2"), Some("http/1.1")]
            .contains(&client.alpn().as_deref().map(|alpn| std::str::from_utf8(alpn).unwrap()))
    );
    assert_eq!(client.alpn(), server.alpn());
    let chain = client.chain(TLSW_CHAIN_SENT).unwrap().unwrap();
    assert!([pki_ders("localhost.chain.pem"), pki_ders("rsa.chain.pem")].contains(&chain));
    // It would have been verified even where nobody insisted on it.
    assert_eq!(client.verify_result(), Ok(TLSW_OK));
    for (from, to) in [(client, server), (server, client)] {
        assert_eq!(from.write(b"hello"), Ok(Ok(5)));
        assert_eq!(to.read(9), Ok(Read::Bytes(b"hello".to_vec())));
    }
    true
}

#[test]
fn connections_share_a_context_while_it_is_changed() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let (rounds, at_work) = (AtomicUsize::new(0), AtomicUsize::new(THREADS));
    let (good, bad) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // All connections of the last generation live until the end.
    let living = Mutex::new(Vec::new());
    /// Counts a thread out, also one that panics.
    struct Leaves<'a>(&'a AtomicUsize);
    impl Drop for Leaves<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let _leaves = Leaves(&at_work);
                let mut generation = 0;
                while generation < 4 || rounds.load(Ordering::SeqCst) < 20 {
                    generation += 1;
                    let pairs: Vec<_> =
                        std::iter::repeat_with(|| Pair::new(&client, &server, Some("localhost")))
                            .take(64 / THREADS)
                            .collect();
                    for pair in &pairs {
                        let count = if talks(pair) { &good } else { &bad };
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    if generation == 4 {
                        living.lock().unwrap().extend(pairs);
                    }
                }
            });
        }
        while at_work.load(Ordering::SeqCst) > 0 {
            change(&client, &server, rounds.load(Ordering::SeqCst));
            rounds.fetch_add(1, Ordering::SeqCst);
        }
    });
    let good = good.load(Ordering::SeqCst);
    assert!(good > 0, "{} failed", bad.load(Ordering::SeqCst));
    assert!(talks(&Pair::new(&client, &server, Some("localhost"))), "the last settings agree");
    // The connections are as they were made, whatever became of their context since.
    drop((client, server));
    let living = living.into_inner().unwrap();
    assert_eq!(living.len(), 64);
    for pair in living.iter().filter(|pair| pair.server.version().is_some()) {
        if pair.client.write(b"still here").is_ok_and(|written| written.is_ok()) {
            assert_eq!(pair.server.read(99), Ok(Read::Bytes(b"still here".to_vec())));
        }
    }
}

#[test]
fn no_change_is_lost_among_others() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                client.set_versions(TLSW_TLS_1_2);
                call(|err| unsafe { tlsw_ctx_set_max_version(client.0, TLSW_TLS_1_3, err) })
                    .unwrap();
                server.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
                server.set_verify_mode(TLSW_CERT_NONE).unwrap();
            }
        });
        scope.spawn(|| {
            // Ends the other thread also if this one panics.
            struct Sets<'a>(&'a AtomicBool);
            impl Drop for Sets<'_> {
                fn drop(&mut self) {
                    self.0.store(true, Ordering::SeqCst);
                }
            }
            let _over = Sets(&over);
            for round in 0..200 {
                let name = format!("round-{round}");
                let list = [&[name.len() as u8], name.as_bytes()].concat();
                client.set_alpn(&list).unwrap();
                server.set_alpn(&list).unwrap();
                let pair = Pair::new(&client, &server, Some("localhost"));
                assert_eq!(pair.handshake(), (Ok(()), Ok(())));
                assert_eq!(pair.client.alpn(), Some(name.into_bytes()));
            }
        });
    });
}

/// What can be asked of a connection whose handshake is done, as one value.
fn facts(conn: &Conn) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        (conn.version(), conn.cipher(), conn.group(), conn.alpn(), conn.is_reused()),
        (conn.chain(TLSW_CHAIN_SENT), conn.chain(TLSW_CHAIN_VERIFIED)),
        (conn.verify_result(), conn.failed_cert()),
    )
}

/// Asks `conns` everything on threads of their own until `work` is over.
fn while_asked<T>(conns: &[&Conn], work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    struct Sets<'a>(&'a AtomicBool);
    impl Drop for Sets<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    std::thread::scope(|scope| {
        for conn in conns {
            for _ in 0..2 {
                scope.spawn(|| {
                    let first = facts(conn);
                    while !over.load(Ordering::SeqCst) {
                        assert_eq!(facts(conn), first);
                        // A record that is decrypted, and what was received ahead.
                        assert!(conn.pending() <= 16_384 + 65_536);
                    }
                });
            }
        }
        let _over = Sets(&over);
        work()
    })
}

/// Writes the stream and says goodbye.
fn writes(conn: &Conn, seed: u64, len: usize) {
    let (mut dice, mut at) = (Dice::new(seed), 0);
    while at < len {
        let most = [200, 20_000, 300_000][dice.below(3)];
        let data = stream(at, (1 + dice.below(most)).min(len - at));
        at += conn.write(&data).unwrap().unwrap();
    }
    assert_eq!(conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
}

/// Reads the stream to the goodbye.
fn reads(conn: &Conn, seed: u64, len: usize) {
    let (mut dice, mut at) = (Dice::new(seed), 0);
    loop {
        match conn.read(1 + dice.below(40_000)).unwrap() {
            Read::Bytes(bytes) => {
                check_stream(at, &bytes);
                at += bytes.len();
            }
            Read::Status(status) => {
                assert_eq!((name_of(status), at), ("TLSW_CLOSED", len));
                return;
            }
        }
    }
}

#[test]
fn a_reader_and_a_writer_share_a_connection() {
    const LEN: usize = 32 << 20;
    for (i, (version, timeout, read_ahead)) in [
        (TLSW_TLS_1_2, -1, 0),
        (TLSW_TLS_1_3, -1, 1),
        (TLSW_TLS_1_2, 60_000, 1),
        (TLSW_TLS_1_3, 60_000, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let seed = 4 * i as u64;
        let (client_ctx, server_ctx) = contexts(version);
        let (one, other) = UnixStream::pair().unwrap();
        let client = client_ctx.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        let server = server_ctx.wrap_fd(other.as_raw_fd(), TLSW_SERVER, None).unwrap();
        for conn in [&client, &server] {
            conn.set_timeout(timeout).unwrap();
            conn.set_read_ahead(read_ahead).unwrap();
        }
        shake_hands(&client, &server);
        while_asked(&[&client, &server], || {
            std::thread::scope(|scope| {
                scope.spawn(|| writes(&client, seed, LEN));
                scope.spawn(|| writes(&server, seed + 1, LEN));
                scope.spawn(|| reads(&client, seed + 2, LEN));
                reads(&server, seed + 3, LEN);
            });
        });
        assert_eq!(client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    }
}

#[test]
fn asked_during_the_handshake_a_connection_knows_nothing_or_all() {
    for round in 0..40 {
        let (client_ctx, server_ctx) = contexts(VERSIONS[round % 2]);
        let pair = Pair::new(&client_ctx, &server_ctx, Some("localhost"));
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for conn in [&pair.client, &pair.server] {
                scope.spawn(|| {
                    let mut done = false;
                    while !over.load(Ordering::SeqCst) {
                        // The last to be asked knows at least as much as the first.
                        let version = conn.version();
                        let group = conn.group();
                        assert!(version.is_none() || group.is_some());
                        assert!(version.is_some() || !done, "it knew before");
                        done = version.is_some();
                        match conn.chain(TLSW_CHAIN_SENT) {
                            Err(error) => {
                                assert!(!done && error.status == TLSW_ERR_STATE, "{error:?}");
                            }
                            Ok(Ok(chain)) => assert_eq!(chain.len(), 2),
                            Ok(Err(status)) => assert_eq!(status, TLSW_NONE),
                        }
                        assert!(done || conn.alpn().is_none());
                        assert_eq!(conn.pending(), 0);
                    }
                });
            }
            let both = pair.handshake();
            over.store(true, Ordering::SeqCst);
            assert_eq!(both, (Ok(()), Ok(())));
        });
        assert!(pair.client.version().is_some());
    }
}

// ---- The caller's functions ----

type Pipe = Arc<Mutex<VecDeque<u8>>>;

/// What a pair of functions works on.
struct User {
    incoming: Pipe,
    outgoing: Pipe,
    /// Whether one of them runs.
    inside: AtomicBool,
    /// Tells that reading has begun, then waits for leave to end it.
    visit: Option<(SyncSender<()>, Receiver<()>)>,
    freed: SyncSender<()>,
}

impl User {
    fn new(incoming: &Pipe, outgoing: &Pipe) -> (Self, Receiver<()>) {
        let (freed, is_freed) = sync_channel(1);
        let user = Self {
            incoming: incoming.clone(),
            outgoing: outgoing.clone(),
            inside: AtomicBool::new(false),
            visit: None,
            freed,
        };
        (user, is_freed)
    }

    fn wrap(self, ctx: &Ctx, role: u32) -> Conn {
        let user = Box::into_raw(Box::new(self)).cast();
        let name = c("localhost");
        let name = if role == TLSW_CLIENT { name.as_ptr() } else { std::ptr::null() };
        let mut conn = null_mut();
        call(|err| unsafe {
            let (read, write, free) = (Some(read as _), Some(write as _), Some(free as _));
            tlsw_wrap_io(ctx.0, read, write, user, free, role, name, &mut conn, err)
        })
        .unwrap();
        Conn(conn)
    }
}

unsafe extern "C" fn read(
    user: *mut c_void,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    let user = unsafe { &*user.cast::<User>() };
    assert!(!user.inside.swap(true, Ordering::SeqCst), "two at a time");
    if let Some((here, leave)) = &user.visit {
        here.send(()).unwrap();
        leave.recv().unwrap();
    }
    let mut pipe = user.incoming.lock().unwrap();
    let count = len.min(pipe.len());
    for (i, byte) in pipe.drain(..count).enumerate() {
        unsafe { *buf.add(i) = byte };
    }
    unsafe { *n = count };
    user.inside.store(false, Ordering::SeqCst);
    if count == 0 { TLSW_WANT_READ } else { TLSW_OK }
}

unsafe extern "C" fn write(
    user: *mut c_void,
    buf: *const u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    let user = unsafe { &*user.cast::<User>() };
    assert!(!user.inside.swap(true, Ordering::SeqCst), "two at a time");
    let mut pipe = user.outgoing.lock().unwrap();
    let count = len.min(100_000 - pipe.len());
    pipe.extend(unsafe { std::slice::from_raw_parts(buf, count) });
    unsafe { *n = count };
    user.inside.store(false, Ordering::SeqCst);
    if count == 0 { TLSW_WANT_WRITE } else { TLSW_OK }
}

unsafe extern "C" fn free(user: *mut c_void) {
    let user = unsafe { Box::from_raw(user.cast::<User>()) };
    // Not everybody wants to know.
    let _ = user.freed.send(());
}

/// Two connections over functions that have shaken hands.
fn over_functions(version: i32) -> (Conn, Conn) {
    let (client_ctx, server_ctx) = contexts(version);
    let (up, down) = (Pipe::default(), Pipe::default());
    let client = User::new(&down, &up).0.wrap(&client_ctx, TLSW_CLIENT);
    let server = User::new(&up, &down).0.wrap(&server_ctx, TLSW_SERVER);
    while (client.handshake().unwrap(), server.handshake().unwrap()) != (TLSW_OK, TLSW_OK) {}
    (client, server)
}

#[test]
fn a_callers_functions_run_one_at_a_time() {
    const LEN: usize = 4 << 20;
    for version in VERSIONS {
        let (client, server) = over_functions(version);
        std::thread::scope(|scope| {
            for conn in [&client, &server] {
                scope.spawn(|| {
                    let mut at = 0;
                    while at < LEN {
                        match conn.write(&stream(at, 50_000.min(LEN - at))).unwrap() {
                            Ok(n) => at += n,
                            Err(_) => std::thread::yield_now(),
                        }
                    }
                });
                scope.spawn(|| {
                    let mut at = 0;
                    while at < LEN {
                        match conn.read(50_000).unwrap() {
                            Read::Bytes(bytes) => {
                                check_stream(at, &bytes);
                                at += bytes.len();
                            }
                            Read::Status(_) => std::thread::yield_now(),
                        }
                    }
                });
            }
        });
    }
}

#[test]
fn freed_during_a_call_of_another_thread_the_call_ends_first() {
    let ctx = Ctx::client("root.pem");
    let (here, visited) = sync_channel(0);
    let (leave, may_leave) = sync_channel(0);
    let (mut user, is_freed) = User::new(&Pipe::default(), &Pipe::default());
    user.visit = Some((here, may_leave));
    let conn = user.wrap(&ctx, TLSW_CLIENT);
    // A number, for a thread cannot be handed a pointer.
    let handle = std::mem::ManuallyDrop::new(conn).0.expose_provenance();
    let other = std::thread::spawn(move || {
        let conn = std::ptr::with_exposed_provenance_mut(handle);
        call(|err| unsafe { tlsw_conn_handshake(conn, err) })
    });
    visited.recv().unwrap();
    unsafe { tlsw_conn_free(std::ptr::with_exposed_provenance_mut(handle)) };
    assert!(is_freed.try_recv().is_err(), "the call still runs");
    leave.send(()).unwrap();
    assert_eq!(other.join().unwrap(), Ok(TLSW_WANT_READ));
    assert_eq!(is_freed.try_recv(), Ok(()));
}

// ---- Default roots ----

#[test]
fn default_roots_serve_contexts_that_come_and_go_everywhere() {
    const CHILD: &str = "TLSW_TEST_ROOTS";
    // The environment is the process's, so this needs one of its own.
    if std::env::var_os(CHILD).is_none() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "default_roots_serve_contexts_that_come_and_go_everywhere"])
            .env(CHILD, "")
            .env("SSL_CERT_FILE", pki("root.pem"))
            .env_remove("SSL_CERT_DIR")
            .env("TLSW_TEST_PKI", pki(""))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let theirs = std::path::PathBuf::from(std::env::var_os("TLSW_TEST_PKI").unwrap());
    let server = Ctx::new(TLSW_SERVER);
    call(|err| unsafe {
        let chain = c_path(&theirs.join("localhost.chain.pem"));
        let key = c_path(&theirs.join("localhost.key.pem"));
        let none = std::ptr::null();
        tlsw_ctx_load_cert_chain_file(server.0, chain.as_ptr(), key.as_ptr(), none, 0, err)
    })
    .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (server, other_root) = (&server, theirs.join("old-root.pem"));
            scope.spawn(move || {
                for round in 0..50 {
                    let client = Ctx::new(TLSW_CLIENT);
                    if (thread + round) % 3 == 0 {
                        // Beside roots that are loaded, and so in a store of their own.
                        call(|err| unsafe { tlsw_ctx_load_system_roots(client.0, err) }).unwrap();
                        client.load_ca_file(&other_root).unwrap();
                    }
                    let pair = Pair::new(&client, server, Some("localhost"));
                    drop(client);
                    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
                    assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
                }
            });
        }
    });
}

// ---- Threads that end ----

#[test]
fn a_connection_outlives_the_threads_it_was_made_and_used_in() {
    for version in VERSIONS {
        let pair = std::thread::spawn(move || {
            let (client, server) = contexts(version);
            Pair::new(&client, &server, Some("localhost"))
        });
        let mut pair = pair.join().unwrap();
        // Every step in a thread of its own, which ends before the next begins.
        for step in 0.. {
            let done = std::thread::spawn(move || {
                let client = pair.client.handshake().unwrap();
                let server = pair.server.handshake().unwrap();
                (pair, (client, server) == (TLSW_OK, TLSW_OK))
            });
            let done = done.join().unwrap();
            pair = done.0;
            if done.1 {
                break;
            }
            assert!(step < 10);
        }
        for _ in 0..50 {
            pair = std::thread::spawn(move || {
                assert_eq!(pair.client.write(b"hello"), Ok(Ok(5)));
                assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"hello".to_vec())));
                // Errors are the call's, and none stays behind in a thread or gets out of one.
                assert_eq!(pair.client.set_timeout(1).unwrap_err().status, TLSW_ERR_ARGUMENT);
                pair
            })
            .join()
            .unwrap();
        }
        std::thread::spawn(move || drop(pair)).join().unwrap();
    }
}

#[test]
fn a_connection_may_be_used_and_freed_while_its_thread_ends() {
    /// Uses and frees a connection when the thread's own values are dropped.
    struct Last(Pair, SyncSender<Result<Read, Error>>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.server.write(b"goodbye").unwrap().unwrap();
            self.1.send(self.0.client.read(9)).unwrap();
            assert_eq!(self.0.client.set_timeout(1).unwrap_err().status, TLSW_ERR_ARGUMENT);
            // Also what was never used in the thread before.
            let (client, server) = contexts(TLSW_TLS_1_3);
            let pair = Pair::new(&client, &server, Some("localhost"));
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    for first_of_all in [false, true] {
        let (sent, got) = sync_channel(1);
        let connect = || {
            let (client, server) = contexts(TLSW_TLS_1_3);
            Pair::connected(&client, &server, Some("localhost"))
        };
        let pair = connect();
        std::thread::spawn(move || {
            // Thread-local values go in the order they came, or the other way round: here ours
            // comes before those of the library, and there after them.
            if first_of_all {
                LAST.with(|last| *last.borrow_mut() = Some(Last(pair, sent)));
                drop(connect());
            } else {
                drop(connect());
                LAST.with(|last| *last.borrow_mut() = Some(Last(pair, sent)));
            }
        })
        .join()
        .unwrap();
        assert_eq!(got.recv().unwrap(), Ok(Read::Bytes(b"goodbye".to_vec())));
    }
}

#[test]
fn threads_that_come_and_go_share_one_connection() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::connected(&client, &server, Some("localhost"));
    let (words, heard) = channel();
    std::thread::scope(|scope| {
        let pair = &pair;
        for i in 0..200_u8 {
            let words = words.clone();
            scope.spawn(move || {
                // One record each, so they come out whole and in whatever order.
                assert_eq!(pair.client.write(&[i; 3]), Ok(Ok(3)));
                match pair.server.read(3).unwrap() {
                    Read::Bytes(bytes) => words.send(bytes).unwrap(),
                    Read::Status(status) => panic!("{}", name_of(status)),
                }
            });
        }
    });
    drop(words);
    let mut heard: Vec<_> = heard.iter().collect();
    heard.sort();
    assert_eq!(heard, (0..200).map(|i| vec![i; 3]).collect::<Vec<_>>());
}
