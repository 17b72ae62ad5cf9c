//! Writing all of something in more than one call: nothing is lost and nothing is sent twice,
//! whatever ended the calls before.

mod support;

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use support::*;
#[path = "support/functions.rs"]
mod functions;
use functions::*;

/// Longer than any of this takes.
const LONG: i64 = 60_000;
/// More than a socket takes.
const LEN: usize = 3 << 20;

/// A connection that writes, one that reads, and their sockets.
fn connected(version: i32) -> (Conn, Conn, [UnixStream; 2]) {
    let (client, server) = contexts(version);
    let (here, there) = UnixStream::pair().unwrap();
    let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let server = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
    shake_hands(&client, &server);
    for conn in [&client, &server] {
        conn.set_timeout(LONG).unwrap();
    }
    (client, server, [here, there])
}

fn write_all(conn: &Conn, data: &[u8]) -> Result<tlsw_status, Error> {
    call(|err| unsafe { tlsw_conn_write_all(conn.0, data.as_ptr(), data.len(), err) })
}

fn written(conn: &Conn) -> usize {
    usize::try_from(unsafe { tlsw_get_written(conn.0) }).unwrap()
}

/// A file that holds [`stream`].
fn file(name: &str) -> std::fs::File {
    let path = std::env::temp_dir().join(format!("tlswrap-{name}-{}", std::process::id()));
    std::fs::write(&path, stream(0, LEN)).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    file
}

/// The two calls, each of which sends [`stream`].
#[derive(Clone, Copy, Debug)]
enum Way {
    WriteAll,
    SendFile,
}

const WAYS: [Way; 2] = [Way::WriteAll, Way::SendFile];

/// What `way` sends, and a call that does.
struct Source {
    way: Way,
    data: Vec<u8>,
    file: std::fs::File,
}

impl Source {
    fn new(way: Way, name: &str) -> Self {
        Self { way, data: stream(0, LEN), file: file(name) }
    }

    fn send(&self, conn: &Conn) -> Result<tlsw_status, Error> {
        match self.way {
            Way::WriteAll => write_all(conn, &self.data),
            Way::SendFile => {
                let (file, mut sent) = (self.file.as_raw_fd() as isize, u64::MAX);
                let now = call(|err| unsafe {
                    tlsw_conn_sendfile(conn.0, file, 0, TLSW_TO_THE_END, &mut sent, err)
                });
                let is_done = now == Ok(TLSW_OK);
                assert_eq!(sent, if is_done { LEN as u64 } else { u64::MAX });
                now
            }
        }
    }
}

/// Reads so much of the stream, from `from` on.
fn read_on(conn: &Conn, from: usize, len: usize) {
    let mut got = 0;
    while got < len {
        let Read::Bytes(bytes) = conn.read((len - got).min(100_000)).unwrap() else { panic!() };
        check_stream(from + got, &bytes);
        got += bytes.len();
    }
}

#[test]
fn a_connection_that_may_not_wait_goes_on_where_it_ended() {
    for version in VERSIONS {
        for way in WAYS {
            let (conn, peer, _sockets) = connected(version);
            let source = Source::new(way, "bulk-nowait");
            conn.set_timeout(0).unwrap();
            let (mut read, mut calls) = (0, 0);
            while source.send(&conn).unwrap() == TLSW_WANT_WRITE {
                assert!((read..LEN).contains(&written(&conn)), "what was read had left");
                calls += 1;
                read_on(&peer, read, 50_000);
                read += 50_000;
            }
            assert!(calls > 10, "{way:?}: {calls}");
            assert_eq!(written(&conn), 0);
            read_on(&peer, read, LEN - read);
            // And nothing besides.
            assert_eq!(conn.write(b"!"), Ok(Ok(1)));
            assert_eq!(peer.read(9), Ok(Read::Bytes(b"!".to_vec())));
        }
    }
}

#[test]
fn a_deadline_that_passed_costs_nothing() {
    for way in WAYS {
        let (conn, peer, _sockets) = connected(TLSW_TLS_1_3);
        let source = Source::new(way, "bulk-deadline");
        conn.set_timeout(1).unwrap();
        for _ in 0..3 {
            assert_eq!(source.send(&conn).unwrap_err().status, TLSW_ERR_TIMEOUT);
        }
        assert!((1..LEN).contains(&written(&conn)));
        conn.set_timeout(LONG).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| read_on(&peer, 0, LEN));
            assert_eq!(source.send(&conn), Ok(TLSW_OK));
        });
        assert_eq!(written(&conn), 0);
    }
}

static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn signals_cost_nothing() {
    let handler = count as extern "C" fn(libc::c_int) as libc::sighandler_t;
    assert_ne!(unsafe { libc::signal(libc::SIGUSR1, handler) }, libc::SIG_ERR);
    for way in WAYS {
        let (conn, peer, _sockets) = connected(TLSW_TLS_1_3);
        call(|err| unsafe { tlsw_conn_set_interruptible(conn.0, 1, err) }).unwrap();
        let interrupted = AtomicUsize::new(0);
        let source = Source::new(way, "bulk-signals");
        std::thread::scope(|scope| {
            let (tell, told) = std::sync::mpsc::channel();
            let (source, conn, interrupted) = (&source, &conn, &interrupted);
            let writer = scope.spawn(move || {
                tell.send(unsafe { libc::pthread_self() }).unwrap();
                while source.send(conn).unwrap() == TLSW_WANT_WRITE {
                    interrupted.fetch_add(1, Ordering::SeqCst);
                }
            });
            let thread = told.recv().unwrap();
            // The writer waits until the peer reads, which it does once that wait was ended often.
            for turn in 0..5 {
                while interrupted.load(Ordering::SeqCst) <= turn && !writer.is_finished() {
                    unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                read_on(&peer, turn * 100_000, 100_000);
            }
            read_on(&peer, 500_000, LEN - 500_000);
        });
        assert!(interrupted.load(Ordering::SeqCst) >= 5, "{way:?}");
    }
}

#[test]
fn a_transport_that_fails_for_a_while_costs_nothing() {
    let (fails, calls) = (std::sync::Arc::new(AtomicBool::new(true)), AtomicUsize::new(0));
    let is_failing = fails.clone();
    let act = move |which, _| match which {
        Which::Write if is_failing.load(Ordering::SeqCst) => {
            match calls.fetch_add(1, Ordering::SeqCst) % 3 {
                1 => Act::Answer(TLSW_ERR_IO, 0),
                2 => Act::Answer(TLSW_WANT_WRITE, 0),
                _ => Act::Move(40_000),
            }
        }
        _ => ALL,
    };
    let contexts = contexts(TLSW_TLS_1_3);
    fails.store(false, Ordering::SeqCst);
    let ends = Ends::of(&contexts, act, |_, _| ALL);
    ends.shake();
    fails.store(true, Ordering::SeqCst);
    let data = stream(0, LEN);
    let mut failed = 0;
    loop {
        match write_all(&ends.client, &data) {
            Ok(TLSW_OK) => break,
            Ok(status) => assert_eq!(status, TLSW_WANT_WRITE),
            Err(error) => assert_eq!(error.status, TLSW_ERR_HOOK, "{error:?}"),
        }
        failed += 1;
    }
    assert!(failed > 20, "{failed}");
    assert_eq!(ends.server_reads(0), LEN);
}

#[test]
fn another_call_is_not_taken_for_the_same() {
    let (conn, peer, _sockets) = connected(TLSW_TLS_1_3);
    let source = Source::new(Way::WriteAll, "bulk-other");
    conn.set_timeout(0).unwrap();
    assert_eq!(source.send(&conn), Ok(TLSW_WANT_WRITE));
    let sent = written(&conn);
    let is_refused = |now: Result<tlsw_status, Error>| {
        let error = now.unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
        assert!(error.message.contains(&format!("{sent} bytes")), "{}", error.message);
    };
    is_refused(write_all(&conn, &source.data[1..]));
    is_refused(write_all(&conn, &vec![0; LEN]));
    is_refused(Source::new(Way::SendFile, "bulk-other-file").send(&conn));
    assert_eq!(write_all(&conn, b""), Ok(TLSW_OK));
    assert_eq!(written(&conn), sent);
    // The rest may be written in another way, and then the next is a new one.
    conn.set_timeout(LONG).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| read_on(&peer, 0, LEN));
        conn.write_all(&source.data[sent..]).unwrap();
    });
    assert_eq!(written(&conn), 0);
    assert_eq!(write_all(&conn, b"next"), Ok(TLSW_OK));
    assert_eq!(peer.read(9), Ok(Read::Bytes(b"next".to_vec())));
    assert_eq!(unsafe { tlsw_get_written(std::ptr::null()) }, 0);
}
