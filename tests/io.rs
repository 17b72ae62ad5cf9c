//! Connections over the caller's own functions: good ones, slow ones, and ones that lie.

mod support;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use support::*;
#[path = "support/functions.rs"]
mod functions;
use functions::*;

#[test]
fn functions_carry_a_session() {
    for version in VERSIONS {
        let ends = Ends::new(version, |_, _| ALL, |_, _| ALL);
        ends.shake();
        assert_eq!(ends.client.write(b"hello"), Ok(Ok(5)));
        assert_eq!(ends.server.read(100), Ok(Read::Bytes(b"hello".to_vec())));
        assert_eq!(ends.server.write(b"you too"), Ok(Ok(7)));
        assert_eq!(ends.client.read(100), Ok(Read::Bytes(b"you too".to_vec())));
        assert_eq!(ends.client.read(100), Ok(Read::Status(TLSW_WANT_READ)));
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_READ));
        assert_eq!(ends.server.read(100), Ok(Read::Status(TLSW_CLOSED)));
        assert_eq!(ends.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(ends.to_client.lock().unwrap().len(), 0);
        assert_eq!(ends.to_server.lock().unwrap().len(), 0);
    }
}

#[test]
fn short_and_hesitant_functions_change_nothing() {
    const LEN: usize = 1 << 20;
    fn hesitant(seed: u64) -> impl FnMut(Which, usize) -> Act + Send {
        let mut dice = Dice::new(seed);
        move |which, len| match (dice.below(8), which) {
            (0, Which::Read) => Act::Answer(TLSW_WANT_READ, 0),
            (0, Which::Write) => Act::Answer(TLSW_WANT_WRITE, 0),
            (1, _) => Act::Move(1),
            (2, _) => Act::Move(1 + dice.below(7)),
            _ => Act::Move(1 + dice.below(len)),
        }
    }
    for (seed, version) in VERSIONS.into_iter().enumerate() {
        let seed = seed as u64;
        let ends = Ends::new(version, hesitant(2 * seed), hesitant(2 * seed + 1));
        ends.shake();
        let mut dice = Dice::new(100 + seed);
        for (from, to) in [(&ends.client, &ends.server), (&ends.server, &ends.client)] {
            let (mut sent, mut received, mut waiting) = (0, 0, 0);
            while received < LEN {
                // A write that was not taken is repeated, at another place, with more after it.
                let len = (waiting + dice.below(60_000)).max(1).min(LEN - sent);
                match from.write(&stream(sent, len)).unwrap() {
                    Ok(n) => {
                        (sent, waiting) = (sent + n, 0);
                    }
                    Err(status) => {
                        assert_eq!(status, TLSW_WANT_WRITE);
                        waiting = len;
                    }
                }
                match to.read(1 + dice.below(40_000)).unwrap() {
                    Read::Bytes(bytes) => {
                        check_stream(received, &bytes);
                        received += bytes.len();
                    }
                    Read::Status(status) => assert_eq!(status, TLSW_WANT_READ),
                }
            }
            assert_eq!((sent, received), (LEN, LEN));
        }
    }
}

#[test]
fn a_read_may_want_to_write_and_a_write_to_read() {
    let (one, other) = std::os::unix::net::UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd;
    let mut filled = 0;
    while let Ok(n) = (&one).write(&[0; 65_536]) {
        filled += n;
    }
    let client = Ctx::client("root.pem");
    let conn = client.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    // There is no room for the hello that reading begins with.
    assert_eq!(conn.read(1), Ok(Read::Status(TLSW_WANT_WRITE)));
    assert_eq!(conn.peek(1), Ok(Read::Status(TLSW_WANT_WRITE)));
    (&other).read_exact(&mut vec![0; filled]).unwrap();
    // There is, and what is to be written waits for the answer.
    assert_eq!(conn.write(b"x"), Ok(Err(TLSW_WANT_READ)));
    assert_eq!(conn.read(1), Ok(Read::Status(TLSW_WANT_READ)));
}

#[test]
fn several_records_leave_in_one_write() {
    let longest = Arc::new(AtomicUsize::new(0));
    let calls = Arc::new(AtomicUsize::new(0));
    let (in_longest, in_calls) = (longest.clone(), calls.clone());
    let watch = move |which, len| {
        if which == Which::Write {
            in_longest.fetch_max(len, Ordering::SeqCst);
            in_calls.fetch_add(1, Ordering::SeqCst);
        }
        ALL
    };
    let ends = Ends::new(TLSW_TLS_1_3, watch, |_, _| ALL);
    ends.shake();
    calls.store(0, Ordering::SeqCst);
    let mut sent = 0;
    while sent < 64 * 1024 {
        sent += ends.client.write(&stream(sent, 64 * 1024 - sent)).unwrap().unwrap();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(longest.load(Ordering::SeqCst) > 64 * 1024);
    assert_eq!(ends.server_reads(0), sent);
}

#[test]
fn a_repeated_write_may_bring_more_bytes_but_not_fewer() {
    for version in VERSIONS {
        for len in [2, 100, 16_384, 16_385, 50_000, 65_536, 100_000] {
            let (blocked, act) = blockable();
            let ends = Ends::new(version, act, |_, _| ALL);
            ends.shake();
            blocked.store(true, Ordering::SeqCst);
            assert_eq!(ends.client.write(&stream(0, len)), Ok(Err(TLSW_WANT_WRITE)), "{len}");
            // What BoringSSL has sealed of it is bound; more than that was never looked at.
            let bound = len.min(65_536);
            // The right bytes, at another place in memory and with more after them, do it; also
            // after wrong ones.
            let mut sent = 0;
            for is_blocked in [true, false] {
                blocked.store(is_blocked, Ordering::SeqCst);
                let error = ends.client.write(&stream(0, bound - 1)).unwrap_err();
                assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{len}: {error:?}");
                assert!(error.message.contains("repeated"), "{}", error.message);
                match ends.client.write(&stream(0, len + 60_000)).unwrap() {
                    Ok(n) => sent = n,
                    Err(status) => assert!(is_blocked && status == TLSW_WANT_WRITE),
                }
            }
            assert!(sent >= bound, "{len}: {sent}");
            assert_eq!(ends.server_reads(0), sent, "{len}");
            let more = ends.client.write(&stream(sent, 60_000)).unwrap().unwrap();
            assert_eq!(ends.server_reads(sent), more, "{len}");
        }
    }
}

#[test]
fn a_goodbye_follows_what_could_not_leave() {
    for version in VERSIONS {
        for len in [1, 16_384, 16_385, 65_536] {
            let (blocked, act) = blockable();
            let ends = Ends::new(version, act, |_, _| ALL);
            ends.shake();
            blocked.store(true, Ordering::SeqCst);
            assert_eq!(ends.client.write(&stream(0, len)), Ok(Err(TLSW_WANT_WRITE)));
            for _ in 0..2 {
                let now = ends.client.shutdown(TLSW_SHUT_WRITE);
                assert_eq!(now, Ok(TLSW_WANT_WRITE), "{len}");
            }
            blocked.store(false, Ordering::SeqCst);
            assert_eq!(ends.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK), "{len}");
            // What was sealed cannot be taken back: it goes first, whole.
            assert_eq!(ends.server_reads(0), len);
            assert_eq!(ends.server.read(1), Ok(Read::Status(TLSW_CLOSED)));
            assert_eq!(ends.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
            assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        }
    }
}

#[test]
fn a_goodbye_that_cannot_leave_leaves_later() {
    for version in VERSIONS {
        let (blocked, act) = blockable();
        let ends = Ends::new(version, act, |_, _| ALL);
        ends.shake();
        blocked.store(true, Ordering::SeqCst);
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_WRITE));
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_WRITE));
        let error = ends.client.write(b"after it").unwrap_err();
        assert_eq!(error.reason, "PROTOCOL_IS_SHUTDOWN");
        blocked.store(false, Ordering::SeqCst);
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_READ));
        assert_eq!(ends.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    }
}

/// The answers that no function may give.
const WRONG: [tlsw_status; 10] = [
    TLSW_WANT_HOOK,
    TLSW_NONE,
    TLSW_NONE_FAILED,
    99,
    i32::MAX,
    TLSW_ERR_ARGUMENT,
    TLSW_ERR_IO,
    TLSW_ERR_PANIC,
    -1234,
    i32::MIN,
];

/// A pair whose client's function `which` answers `answer` from when the switch is turned on.
fn failing(version: i32, which: Which, answer: (tlsw_status, usize)) -> (Ends, Arc<AtomicBool>) {
    let on = Arc::new(AtomicBool::new(false));
    let is_on = on.clone();
    let act = move |now, len: usize| {
        let (status, n) = answer;
        match now == which && is_on.load(Ordering::SeqCst) {
            // A lie by one is told in relation to what would have been right.
            true => Act::Answer(status, if n == 1 { len + 1 } else { n }),
            false => ALL,
        }
    };
    (Ends::new(version, act, |_, _| ALL), on)
}

/// Everything that calls the function `which`, each on a connection of its own.
fn each_call(which: Which, answer: (tlsw_status, usize), check: impl Fn(&Error)) {
    for version in VERSIONS {
        let (ends, on) = failing(version, which, answer);
        on.store(true, Ordering::SeqCst);
        if which == Which::Read {
            on.store(false, Ordering::SeqCst);
            assert_eq!(ends.client.handshake(), Ok(TLSW_WANT_READ));
            on.store(true, Ordering::SeqCst);
        }
        check(&ends.client.handshake().unwrap_err());

        let (ends, on) = failing(version, which, answer);
        ends.shake();
        on.store(true, Ordering::SeqCst);
        check(&match which {
            Which::Read => ends.client.read(10).unwrap_err(),
            Which::Write => ends.client.write(b"hello").unwrap_err(),
        });

        let (ends, on) = failing(version, which, answer);
        ends.shake();
        on.store(true, Ordering::SeqCst);
        check(&match which {
            Which::Read => ends.client.peek(10).unwrap_err(),
            Which::Write => ends.client.write(&stream(0, 50_000)).unwrap_err(),
        });

        let (ends, on) = failing(version, which, answer);
        ends.shake();
        on.store(true, Ordering::SeqCst);
        check(&ends.client.shutdown(TLSW_SHUT_BOTH).unwrap_err());
    }
}

#[test]
fn a_failing_function_is_named_with_its_answer() {
    for which in [Which::Read, Which::Write] {
        for status in WRONG {
            each_call(which, (status, 0), |error| {
                assert_eq!(error.status, TLSW_ERR_HOOK, "{error:?}");
                let name = format!("{which:?} function").to_lowercase();
                assert!(error.message.contains(&name), "{}", error.message);
                assert!(error.message.contains(&status.to_string()), "{}", error.message);
            });
        }
    }
}

#[test]
fn a_function_that_lies_about_its_count_is_caught() {
    for which in [Which::Read, Which::Write] {
        // 1 stands for one more than was possible.
        for n in [0, 1, usize::MAX, usize::MAX / 2] {
            each_call(which, (TLSW_OK, n), |error| {
                assert_eq!(error.status, TLSW_ERR_HOOK, "{error:?}");
                let name = format!("{which:?} function").to_lowercase();
                assert!(error.message.contains(&name), "{}", error.message);
            });
        }
    }
}

#[test]
fn the_end_of_the_stream_is_no_goodbye() {
    each_call(Which::Read, (TLSW_CLOSED, 0), |error| {
        assert_eq!(error.status, TLSW_ERR_EOF, "{error:?}");
    });
}

#[test]
fn a_failure_that_passes_can_be_got_over() {
    for version in VERSIONS {
        let (ends, on) = failing(version, Which::Read, (-77, 0));
        for _ in 0..40 {
            on.store(true, Ordering::SeqCst);
            let failed = ends.client.handshake();
            on.store(false, Ordering::SeqCst);
            let client = ends.client.handshake().unwrap();
            let server = ends.server.handshake().unwrap();
            if client == TLSW_OK && server == TLSW_OK {
                break;
            }
            assert_eq!(failed.unwrap_err().status, TLSW_ERR_HOOK);
        }
        assert_eq!(ends.server.write(b"hello"), Ok(Ok(5)));
        on.store(true, Ordering::SeqCst);
        assert_eq!(ends.client.read(9).unwrap_err().status, TLSW_ERR_HOOK);
        on.store(false, Ordering::SeqCst);
        assert_eq!(ends.client.read(9), Ok(Read::Bytes(b"hello".to_vec())));
    }
}

#[test]
fn a_write_that_failed_is_not_sent_twice_when_it_is_repeated() {
    for version in VERSIONS {
        for len in [1, 16_384, 16_385, 65_536] {
            let (ends, on) = failing(version, Which::Write, (-77, 0));
            ends.shake();
            on.store(true, Ordering::SeqCst);
            for _ in 0..2 {
                let error = ends.client.write(&stream(0, len)).unwrap_err();
                assert_eq!(error.status, TLSW_ERR_HOOK, "{len}");
            }
            // It is no matter of the bytes given as long as the transport fails.
            let error = ends.client.write(&stream(0, len.div_ceil(2))).unwrap_err();
            assert_eq!(error.status, TLSW_ERR_HOOK, "{len}");
            on.store(false, Ordering::SeqCst);
            assert_eq!(ends.client.write(&stream(0, len)), Ok(Ok(len)));
            assert_eq!(ends.server_reads(0), len);
        }
    }
}

#[test]
fn only_0_is_a_timeout_here() {
    let ends = Ends::new(TLSW_TLS_1_3, |_, _| ALL, |_, _| ALL);
    for milliseconds in [-1, 1, i64::MIN, i64::MAX] {
        let error = ends.client.set_timeout(milliseconds).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    }
    assert_eq!(ends.client.set_timeout(0), Ok(TLSW_OK));
}

#[test]
fn user_is_freed_once_with_the_connection() {
    let ctx = Ctx::client("root.pem");
    let freed = Arc::new(AtomicUsize::new(0));
    let user = |freed: &Arc<AtomicUsize>| User {
        incoming: Pipe::default(),
        outgoing: Pipe::default(),
        act: Box::new(|_, _| ALL),
        freed: freed.clone(),
    };
    let conn = wrap(&ctx, TLSW_CLIENT, Some("localhost"), user(&freed));
    assert_eq!(freed.load(Ordering::SeqCst), 0);
    unsafe { tlsw_conn_free(conn) };
    assert_eq!(freed.load(Ordering::SeqCst), 1);
    // In the midst of a handshake, and with the context gone before.
    let conn = Conn(wrap(&ctx, TLSW_CLIENT, Some("localhost"), user(&freed)));
    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
    drop(ctx);
    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(freed.load(Ordering::SeqCst), 1);
    drop(conn);
    assert_eq!(freed.load(Ordering::SeqCst), 2);
}

#[test]
fn a_failed_wrap_leaves_user_to_the_caller() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let none = Ctx(null_mut());
    let freed = Arc::new(AtomicUsize::new(0));
    let good_name = c("localhost");
    let bad_name = c("https://localhost");
    let name = good_name.as_ptr();
    let mut room = null_mut();
    let there: *mut *mut tlsw_conn = &mut room;
    let (reads, writes): (tlsw_read_fn, tlsw_write_fn) = (Some(read), Some(write));
    let cases = [
        ("no context", &none, reads, writes, TLSW_CLIENT, name, there),
        ("no read", &client, None, writes, TLSW_CLIENT, name, there),
        ("no write", &client, reads, None, TLSW_CLIENT, name, there),
        ("another role", &client, reads, writes, TLSW_SERVER, null(), there),
        ("another role", &server, reads, writes, TLSW_CLIENT, name, there),
        ("no role", &client, reads, writes, 0, name, there),
        ("no name", &client, reads, writes, TLSW_CLIENT, null(), there),
        ("a name for a server", &server, reads, writes, TLSW_SERVER, name, there),
        ("a bad name", &client, reads, writes, TLSW_CLIENT, bad_name.as_ptr(), there),
        ("no room", &client, reads, writes, TLSW_CLIENT, name, null_mut()),
    ];
    for (what, ctx, reads, writes, role, name, room) in cases {
        let user = Box::into_raw(Box::new(User {
            incoming: Pipe::default(),
            outgoing: Pipe::default(),
            act: Box::new(|_, _| ALL),
            freed: freed.clone(),
        }));
        let failed = call(|err| unsafe {
            let free: tlsw_free_fn = Some(free_user);
            tlsw_wrap_io(ctx.0, reads, writes, user.cast(), free, role, name, room, err)
        });
        assert_eq!(failed.unwrap_err().status, TLSW_ERR_ARGUMENT, "{what}");
        assert_eq!(freed.load(Ordering::SeqCst), 0, "{what}");
        drop(unsafe { Box::from_raw(user) });
    }
    assert!(room.is_null());
}

#[test]
fn free_user_and_user_may_be_null() {
    unsafe extern "C" fn read(user: *mut c_void, _: *mut u8, _: usize, _: *mut usize) -> i32 {
        assert!(user.is_null());
        TLSW_WANT_READ
    }
    unsafe extern "C" fn write(user: *mut c_void, _: *const u8, len: usize, n: *mut usize) -> i32 {
        assert!(user.is_null());
        unsafe { *n = len };
        TLSW_OK
    }
    let (ctx, name) = (Ctx::client("root.pem"), c("localhost"));
    let mut conn = null_mut();
    call(|err| unsafe {
        let (read, write) = (Some(read as _), Some(write as _));
        let (role, name) = (TLSW_CLIENT, name.as_ptr());
        tlsw_wrap_io(ctx.0, read, write, null_mut(), None, role, name, &mut conn, err)
    })
    .unwrap();
    assert_eq!(Conn(conn).handshake(), Ok(TLSW_WANT_READ));
}

#[test]
fn from_inside_a_function_one_may_ask_and_not_drive() {
    for version in VERSIONS {
        for inside in [Which::Read, Which::Write] {
            let handle = Arc::new(AtomicPtr::new(null_mut::<tlsw_conn>()));
            let times = Arc::new(AtomicUsize::new(0));
            let (mine, count) = (handle.clone(), times.clone());
            let act = move |which, _| {
                if which == inside {
                    // Dropped, this would free what the test still uses.
                    let conn = std::mem::ManuallyDrop::new(Conn(mine.load(Ordering::SeqCst)));
                    try_everything(&conn);
                    count.fetch_add(1, Ordering::SeqCst);
                }
                ALL
            };
            let ends = Ends::new(version, act, |_, _| ALL);
            handle.store(ends.client.0, Ordering::SeqCst);
            ends.shake();
            assert_eq!(ends.client.write(b"hello"), Ok(Ok(5)));
            assert_eq!(ends.server.read(9), Ok(Read::Bytes(b"hello".to_vec())));
            assert_eq!(ends.server.write(b"hello"), Ok(Ok(5)));
            assert_eq!(ends.client.read(9), Ok(Read::Bytes(b"hello".to_vec())));
            assert_eq!(ends.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
            assert_eq!(ends.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
            assert!(times.load(Ordering::SeqCst) > 2);
        }
    }
}

/// What may and may not be done with a connection from inside one of its functions.
fn try_everything(conn: &Conn) {
    let busy = [
        conn.handshake().unwrap_err(),
        conn.read(10).unwrap_err(),
        conn.peek(10).unwrap_err(),
        conn.write(b"no").unwrap_err(),
        conn.shutdown(TLSW_SHUT_WRITE).unwrap_err(),
        conn.shutdown(TLSW_SHUT_BOTH).unwrap_err(),
        conn.set_read_ahead(1).unwrap_err(),
    ];
    for error in busy {
        assert_eq!(error.status, TLSW_ERR_BUSY, "{error:?}");
    }
    conn.set_timeout(0).unwrap();
    // What is asked has an answer, before the end of the handshake and after it.
    let done = conn.version().is_some();
    assert_eq!(conn.cipher().is_some(), done);
    assert_eq!(conn.group().is_some(), done);
    assert_eq!(conn.alpn(), None);
    assert!(!conn.is_reused());
    assert_eq!(conn.pending(), 0);
    assert_eq!(conn.failed_cert(), None);
    if done {
        assert_eq!(conn.chain(TLSW_CHAIN_SENT).unwrap().unwrap().len(), 2);
        assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
        assert_eq!(conn.verify_result(), Ok(TLSW_OK));
    } else {
        assert_eq!(conn.chain(TLSW_CHAIN_SENT).unwrap_err().status, TLSW_ERR_STATE);
        assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED).unwrap_err().status, TLSW_ERR_STATE);
    }
}

/// When the connection is freed from inside one of its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Handshake,
    Read,
    Peek,
    Write,
    Gather,
    Goodbye,
}

#[test]
fn freed_from_inside_a_function_the_call_ends_first() {
    for version in VERSIONS {
        for (inside, moment) in [
            (Which::Write, Moment::Handshake),
            (Which::Read, Moment::Handshake),
            (Which::Read, Moment::Read),
            (Which::Read, Moment::Peek),
            (Which::Write, Moment::Write),
            (Which::Write, Moment::Gather),
            (Which::Write, Moment::Goodbye),
            (Which::Read, Moment::Goodbye),
        ] {
            freed_inside(version, inside, moment);
        }
    }
}

fn freed_inside(version: i32, inside: Which, moment: Moment) {
    let (client_ctx, server_ctx) = contexts(version);
    let (to_client, to_server) = (Pipe::default(), Pipe::default());
    let (freed, server_freed) = (Arc::new(AtomicUsize::new(0)), Arc::default());
    let armed = Arc::new(AtomicPtr::new(null_mut::<tlsw_conn>()));
    let (trigger, watched) = (armed.clone(), freed.clone());
    let client = wrap(
        &client_ctx,
        TLSW_CLIENT,
        Some("localhost"),
        User {
            incoming: to_client.clone(),
            outgoing: to_server.clone(),
            act: Box::new(move |which, _| {
                if which == inside {
                    unsafe { tlsw_conn_free(trigger.swap(null_mut(), Ordering::SeqCst)) };
                    assert_eq!(watched.load(Ordering::SeqCst), 0, "freed under the running call");
                }
                ALL
            }),
            freed: freed.clone(),
        },
    );
    let server = Conn(wrap(
        &server_ctx,
        TLSW_SERVER,
        None,
        User {
            incoming: to_server,
            outgoing: to_client,
            act: Box::new(|_, _| ALL),
            freed: server_freed,
        },
    ));
    let status = |f: &dyn Fn(*mut tlsw_error) -> tlsw_status| call(f).unwrap();
    if moment != Moment::Handshake {
        while status(&|err| unsafe { tlsw_conn_handshake(client, err) }) != TLSW_OK {
            assert!(server.handshake().is_ok());
        }
        assert_eq!(server.handshake(), Ok(TLSW_OK));
        server.write(b"hello").unwrap().unwrap();
    }
    if moment == Moment::Goodbye {
        // What is unread would be in the way of a goodbye.
        let mut room = [0; 100];
        let mut n = 0;
        let (buf, len) = (room.as_mut_ptr(), room.len());
        call(|err| unsafe { tlsw_conn_read(client, buf, len, &mut n, err) }).unwrap();
    }
    armed.store(client, Ordering::SeqCst);
    let mut room = [0; 100];
    let mut n = 0;
    let big = stream(0, 50_000);
    let (buf, len) = (room.as_mut_ptr(), room.len());
    let ended = call(|err| unsafe {
        match moment {
            Moment::Handshake => tlsw_conn_handshake(client, err),
            Moment::Read => tlsw_conn_read(client, buf, len, &mut n, err),
            Moment::Peek => tlsw_conn_peek(client, buf, len, &mut n, err),
            Moment::Write => tlsw_conn_write(client, big.as_ptr(), 5, &mut n, err),
            Moment::Gather => tlsw_conn_write(client, big.as_ptr(), big.len(), &mut n, err),
            Moment::Goodbye => tlsw_conn_shutdown(client, TLSW_SHUT_BOTH, err),
        }
    });
    let (want, count) = match moment {
        Moment::Handshake | Moment::Goodbye => (TLSW_WANT_READ, 0),
        Moment::Read | Moment::Peek | Moment::Write => (TLSW_OK, 5),
        Moment::Gather => (TLSW_OK, big.len()),
    };
    assert_eq!((ended, n), (Ok(want), count), "{inside:?} {moment:?}");
    assert_eq!(freed.load(Ordering::SeqCst), 1, "{inside:?} {moment:?}");
    // What had left before is whole.
    match moment {
        Moment::Write | Moment::Gather => {
            let mut got = 0;
            while got < count {
                let Read::Bytes(bytes) = server.read(100_000).unwrap() else { panic!("{got}") };
                check_stream(got, &bytes);
                got += bytes.len();
            }
        }
        Moment::Goodbye => assert_eq!(server.read(9), Ok(Read::Status(TLSW_CLOSED))),
        _ => {}
    }
}

#[test]
fn a_connection_carries_another() {
    unsafe extern "C" fn read(
        outer: *mut c_void,
        buf: *mut u8,
        len: usize,
        n: *mut usize,
    ) -> tlsw_status {
        unsafe { tlsw_conn_read(outer.cast(), buf, len, n, null_mut()) }
    }
    unsafe extern "C" fn write(
        outer: *mut c_void,
        buf: *const u8,
        len: usize,
        n: *mut usize,
    ) -> tlsw_status {
        unsafe { tlsw_conn_write(outer.cast(), buf, len, n, null_mut()) }
    }
    unsafe extern "C" fn free(outer: *mut c_void) {
        unsafe { tlsw_conn_free(outer.cast()) }
    }
    fn inside(ctx: &Ctx, outer: Conn, role: u32, name: Option<&str>) -> Conn {
        let name = name.map(c);
        let name = name.as_ref().map_or(null(), |name| name.as_ptr());
        let mut conn = null_mut();
        let outer = std::mem::ManuallyDrop::new(outer);
        call(|err| unsafe {
            let (read, write, free) = (Some(read as _), Some(write as _), Some(free as _));
            let outer = outer.0.cast();
            tlsw_wrap_io(ctx.0, read, write, outer, free, role, name, &mut conn, err)
        })
        .unwrap();
        Conn(conn)
    }
    for version in VERSIONS {
        let (client_ctx, server_ctx) = contexts(version);
        let Pair { client, server, to_server, to_client } =
            Pair::connected(&client_ctx, &server_ctx, Some("localhost"));
        let client = inside(&client_ctx, client, TLSW_CLIENT, Some("127.0.0.1"));
        let server = inside(&server_ctx, server, TLSW_SERVER, None);
        let pair = Pair { client, server, to_server, to_client };
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let mut sent = 0;
        while sent < 200_000 {
            sent += pair.client.write(&stream(sent, 200_000 - sent)).unwrap().unwrap();
        }
        let mut got = 0;
        while let Read::Bytes(bytes) = pair.server.read(50_000).unwrap() {
            check_stream(got, &bytes);
            got += bytes.len();
        }
        assert_eq!(got, sent);
        assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        assert_eq!(pair.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    }
}
