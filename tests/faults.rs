//! A fault of the transport at every point of a connection's life, one after another: what passes
//! costs nothing, what does not is told, and never is a peer taken for verified that was not.

mod support;

use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use support::*;
#[path = "support/functions.rs"]
mod functions;
use functions::*;

/// What each side sends: more than a record.
const LEN: usize = 20_000;

/// What happens to a call of a transport's functions.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It has nothing, or no room, this one time.
    NotNow,
    /// It moves a byte.
    Short,
    /// It fails this one time.
    Passing,
    /// It fails from now on.
    Broken,
    /// It has ended.
    Ended,
    /// It says that it moved nothing.
    Nothing,
}

/// The transports of both ends: they count their calls together, and one of these is `fault`.
struct Line {
    calls: AtomicUsize,
    at: usize,
    fault: Fault,
    /// Whether an end is gone, and the other meets nobody.
    is_over: AtomicBool,
}

impl Line {
    fn act(&self, which: Which) -> Act {
        let not_now = match which {
            Which::Read => TLSW_WANT_READ,
            Which::Write => TLSW_WANT_WRITE,
        };
        if self.is_over.load(Ordering::SeqCst) {
            return match which {
                Which::Read => Act::Answer(TLSW_CLOSED, 0),
                Which::Write => Act::Answer(TLSW_ERR_IO, 0),
            };
        }
        let now = self.calls.fetch_add(1, Ordering::SeqCst);
        let is_broken = matches!(self.fault, Fault::Broken | Fault::Ended) && now > self.at;
        if now != self.at && !is_broken {
            return ALL;
        }
        match self.fault {
            Fault::NotNow => Act::Answer(not_now, 0),
            Fault::Short => Act::Move(1),
            Fault::Passing | Fault::Broken => Act::Answer(TLSW_ERR_IO, 0),
            Fault::Ended => Act::Answer(TLSW_CLOSED, 0),
            Fault::Nothing => Act::Answer(TLSW_OK, 0),
        }
    }
}

/// One end: it shakes hands, sends, receives, and says close_notify.
struct Side<'a> {
    conn: &'a Conn,
    is_shaken: bool,
    sent: usize,
    got: usize,
    is_done: bool,
}

impl<'a> Side<'a> {
    fn new(conn: &'a Conn) -> Self {
        Self { conn, is_shaken: false, sent: 0, got: 0, is_done: false }
    }

    /// As far as it goes now.
    fn go_on(&mut self) -> Result<(), Error> {
        if !self.is_shaken {
            self.is_shaken = self.conn.handshake()? == TLSW_OK;
            if !self.is_shaken {
                return Ok(());
            }
        }
        while self.sent < LEN {
            match self.conn.write(&stream(self.sent, LEN - self.sent))? {
                Ok(n) => self.sent += n,
                Err(_) => return Ok(()),
            }
        }
        while self.got < LEN {
            match self.conn.read(LEN - self.got)? {
                Read::Bytes(bytes) => {
                    check_stream(self.got, &bytes);
                    self.got += bytes.len();
                }
                Read::Status(status) => {
                    assert!([TLSW_WANT_READ, TLSW_WANT_WRITE].contains(&status), "cut short");
                    return Ok(());
                }
            }
        }
        self.is_done = self.is_done || self.conn.shutdown(TLSW_SHUT_BOTH)? == TLSW_OK;
        Ok(())
    }
}

/// Drives both ends to their end, with a fault at the call number `at`. Gives the last error of
/// either; `None` if there was no such call any more.
fn live(contexts: &(Ctx, Ctx), fault: Fault, at: usize) -> Option<[Option<Error>; 2]> {
    let line =
        Arc::new(Line { calls: AtomicUsize::new(0), at, fault, is_over: AtomicBool::new(false) });
    let act = |line: &Arc<Line>| {
        let line = line.clone();
        move |which, _| line.act(which)
    };
    let ends = Ends::of(contexts, act(&line), act(&line));
    let mut sides = [Side::new(&ends.client), Side::new(&ends.server)];
    let mut errors = [None, None];
    let is_final = |error: &Error| {
        [TLSW_ERR_EOF, TLSW_ERR_TLS, TLSW_ERR_VERIFY].contains(&error.status)
            || matches!(fault, Fault::Broken | Fault::Ended)
    };
    for turn in 0.. {
        assert!(turn < 100, "no end: {fault:?} at {at}");
        for (side, error) in sides.iter_mut().zip(&mut errors) {
            if side.is_done || error.as_ref().is_some_and(is_final) {
                continue;
            }
            if let Err(told) = side.go_on() {
                assert_ne!(told.status, TLSW_ERR_PANIC, "{told:?}");
                assert!(error.is_none() || is_final(&told) || line.is_over.load(Ordering::SeqCst));
                *error = Some(told);
            }
        }
        let ended = |error: &Option<Error>| error.as_ref().is_some_and(is_final);
        if errors.iter().zip(&sides).all(|(error, side)| ended(error) || side.is_done) {
            break;
        }
        if errors.iter().any(ended) {
            line.is_over.store(true, Ordering::SeqCst);
        }
    }
    // Whatever happened, every call has an answer.
    for side in &sides {
        for status in [
            side.conn.handshake().map(drop),
            side.conn.read(9).map(drop),
            side.conn.write(b"x").map(drop),
            side.conn.shutdown(TLSW_SHUT_BOTH).map(drop),
        ] {
            assert_ne!(status.err().map(|error| error.status), Some(TLSW_ERR_PANIC));
        }
        assert!(side.is_shaken || side.sent + side.got == 0);
    }
    let is_whole = sides.iter().all(|side| side.is_done && side.got == LEN);
    assert!(is_whole || errors.iter().any(Option::is_some), "{fault:?} at {at}");
    (line.calls.load(Ordering::SeqCst) > at).then_some(errors)
}

/// At each call in turn.
fn at_every_call(contexts: &(Ctx, Ctx), fault: Fault, check: impl Fn(&[Option<Error>; 2], usize)) {
    let mut at = 0;
    while let Some(errors) = live(contexts, fault, at) {
        check(&errors, at);
        at += 1;
    }
    assert!(at > 10, "{at} calls are no connection");
}

#[test]
fn what_passes_costs_nothing() {
    for version in VERSIONS {
        for fault in [Fault::NotNow, Fault::Short] {
            at_every_call(&contexts(version), fault, |errors, at| {
                assert!(errors.iter().all(Option::is_none), "{fault:?} at {at}: {errors:?}");
            });
        }
    }
}

#[test]
fn a_failure_that_passes_costs_one_error() {
    for version in VERSIONS {
        for fault in [Fault::Passing, Fault::Nothing] {
            at_every_call(&contexts(version), fault, |errors, at| {
                let told: Vec<_> = errors.iter().flatten().collect();
                assert_eq!(told.len(), 1, "{fault:?} at {at}: {errors:?}");
                assert_eq!(told[0].status, TLSW_ERR_HOOK, "{fault:?} at {at}: {errors:?}");
            });
        }
    }
}

#[test]
fn a_failure_that_stays_is_told_as_what_it_is() {
    for version in VERSIONS {
        for (fault, status) in [(Fault::Broken, TLSW_ERR_HOOK), (Fault::Ended, TLSW_ERR_EOF)] {
            at_every_call(&contexts(version), fault, |errors, at| {
                let told: Vec<_> = errors.iter().flatten().map(|error| error.status).collect();
                assert!(told.contains(&status), "{fault:?} at {at}: {errors:?}");
                let may = [TLSW_ERR_HOOK, TLSW_ERR_EOF];
                assert!(told.iter().all(|status| may.contains(status)), "{at}: {errors:?}");
            });
        }
    }
}

#[test]
fn a_peer_that_is_not_trusted_never_is() {
    for version in VERSIONS {
        let contexts = (Ctx::client("untrusted.pem"), contexts(version).1);
        for fault in [
            Fault::NotNow,
            Fault::Short,
            Fault::Passing,
            Fault::Broken,
            Fault::Ended,
            Fault::Nothing,
        ] {
            let (mut at, mut refused) = (0, 0);
            while let Some([client, _]) = live(&contexts, fault, at) {
                let error = client.expect("the client never gets through");
                let verified = error.status == TLSW_ERR_VERIFY && error.verify_error == 20;
                let may = [TLSW_ERR_HOOK, TLSW_ERR_EOF];
                assert!(verified || may.contains(&error.status), "{fault:?} at {at}: {error:?}");
                refused += usize::from(verified);
                at += 1;
            }
            assert!(at > 3 && refused > 0, "{fault:?}: {refused} of {at}");
        }
    }
}

/// A client over TCP whose server is in memory.
fn over_tcp(client: &Ctx, server: &Ctx) -> (Conn, TcpStream, TcpStream, Pair) {
    let (here, there) = sockets();
    let conn = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    conn.set_timeout(0).unwrap();
    there.set_nodelay(true).unwrap();
    // Of this pair only the server is used.
    let pair = Pair::new(&Ctx::client("root.pem"), server, Some("localhost"));
    (conn, here, there, pair)
}

fn reset(socket: TcpStream, peer: &TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let (fd, size) = (socket.as_raw_fd(), size_of::<libc::linger>() as u32);
    let option = (&raw const linger).cast();
    let set = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, option, size) };
    assert_eq!(set, 0);
    drop(socket);
    let mut poll = libc::pollfd { fd: peer.as_raw_fd(), events: 0, revents: 0 };
    assert_eq!(unsafe { libc::poll(&raw mut poll, 1, 60_000) }, 1);
}

#[test]
fn a_reset_or_an_end_behind_any_byte_of_the_server_s_flight() {
    use std::io::{Read as _, Write as _};
    for version in VERSIONS {
        let server = contexts(version).1;
        for (ca, trusts) in [("root.pem", true), ("untrusted.pem", false)] {
            let client = Ctx::client(ca);
            for resets in [true, false] {
                let (mut cut, mut is_whole) = (0, false);
                while !is_whole {
                    let (conn, here, mut there, pair) = over_tcp(&client, &server);
                    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
                    let mut room = vec![0; 65_536];
                    while pair.to_client.pending() == 0 {
                        let n = there.read(&mut room).unwrap();
                        pair.to_server.write(&room[..n]).unwrap();
                        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
                    }
                    let flight = pair.to_client.drain();
                    is_whole = cut >= flight.len();
                    there.write_all(&flight[..cut.min(flight.len())]).unwrap();
                    if resets {
                        reset(there, &here);
                    } else {
                        drop(there);
                    }
                    conn.set_timeout(60_000).unwrap();
                    let outcome = conn.handshake().and_then(|_| conn.read(9));
                    let error = outcome.expect_err("nobody is there");
                    let is_gone = error.status == TLSW_ERR_EOF
                        || error.status == TLSW_ERR_IO
                            && [libc::ECONNRESET, libc::EPIPE].contains(&error.os_error);
                    let is_refused = error.status == TLSW_ERR_VERIFY;
                    assert!(is_gone || is_refused && !trusts, "{cut}: {error:?}");
                    assert!(is_refused || !is_whole || trusts, "{cut}: {error:?}");
                    cut += if cut < 12 { 1 } else { 97 };
                }
            }
        }
    }
}
