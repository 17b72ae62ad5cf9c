//! Connections over descriptors: whose they are, how long calls may take, and how a stream ends.

mod support;

use std::ffi::{c_int, c_void};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::ptr::null_mut;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use foreign_types::ForeignTypeRef;
use support::*;

/// A stream socket of whatever family.
type Socket = UnixStream;

/// How long a call may take that should not have to wait long: so that a test that fails ends.
const LONG: i64 = 60_000;

fn unix() -> (Socket, Socket) {
    Socket::pair().unwrap()
}

fn tcp() -> (Socket, Socket) {
    let (one, other) = sockets();
    one.set_nodelay(true).unwrap();
    other.set_nodelay(true).unwrap();
    (OwnedFd::from(one).into(), OwnedFd::from(other).into())
}

const KINDS: [fn() -> (Socket, Socket); 2] = [unix, tcp];

fn set_option(socket: &Socket, level: c_int, name: c_int, value: c_int) {
    let done = unsafe {
        let value = (&raw const value).cast();
        libc::setsockopt(socket.as_raw_fd(), level, name, value, size_of::<c_int>() as u32)
    };
    assert_eq!(done, 0);
}

/// How many bytes wait to be received.
fn waiting(socket: &Socket) -> usize {
    let mut count: c_int = 0;
    assert_eq!(unsafe { libc::ioctl(socket.as_raw_fd(), libc::FIONREAD, &raw mut count) }, 0);
    count.try_into().unwrap()
}

/// Status flags and descriptor flags.
fn flags(fd: RawFd) -> (c_int, c_int) {
    let flags = unsafe { (libc::fcntl(fd, libc::F_GETFL), libc::fcntl(fd, libc::F_GETFD)) };
    assert!(flags.0 >= 0 && flags.1 >= 0);
    flags
}

/// A connection and its socket, which is closed after it.
struct End {
    conn: Conn,
    socket: Socket,
}

impl End {
    fn new(ctx: &Ctx, socket: Socket, role: u32) -> Self {
        let name = (role == TLSW_CLIENT).then_some("localhost");
        let conn = ctx.wrap_fd(socket.as_raw_fd(), role, name).unwrap();
        conn.set_timeout(LONG).unwrap();
        Self { conn, socket }
    }

    /// Writes as much of the stream from `at` on as leaves at once; where it ended.
    fn fill(&self, mut at: usize, len: usize) -> usize {
        self.conn.set_timeout(0).unwrap();
        loop {
            match self.conn.write(&stream(at, len)).unwrap() {
                Ok(n) => at += n,
                Err(status) => {
                    assert_eq!(status, TLSW_WANT_WRITE);
                    self.conn.set_timeout(LONG).unwrap();
                    return at;
                }
            }
        }
    }
}

/// A client and a server that have not shaken hands.
fn ends(version: i32, sockets: (Socket, Socket)) -> (End, End) {
    ends_by(&contexts(version), sockets)
}

/// The same by given contexts.
fn ends_by(contexts: &(Ctx, Ctx), (client, server): (Socket, Socket)) -> (End, End) {
    (End::new(&contexts.0, client, TLSW_CLIENT), End::new(&contexts.1, server, TLSW_SERVER))
}

/// A client and a server that have. No tickets are under way.
fn connected(version: i32, sockets: (Socket, Socket)) -> (End, End) {
    connected_by(&contexts(version), sockets)
}

/// The same by given contexts.
fn connected_by(contexts: &(Ctx, Ctx), sockets: (Socket, Socket)) -> (End, End) {
    let (client, server) = ends_by(contexts, sockets);
    shake_hands(&client.conn, &server.conn);
    // Reading takes the tickets that came before the first data.
    assert_eq!(server.conn.write(b"!"), Ok(Ok(1)));
    assert_eq!(client.conn.read(1), Ok(Read::Bytes(b"!".to_vec())));
    (client, server)
}

// ---- Whose the descriptor is ----

#[test]
fn the_flags_of_a_descriptor_stay_as_they_are() {
    for kind in KINDS {
        for nonblocking in [false, true] {
            let (one, other) = kind();
            one.set_nonblocking(nonblocking).unwrap();
            let fd = one.as_raw_fd();
            let before = flags(fd);
            assert_eq!(before.0 & libc::O_NONBLOCK != 0, nonblocking);
            let (client, server) = ends(TLSW_TLS_1_3, (one, other));
            let (begun, over) = (Barrier::new(2), AtomicBool::new(false));
            std::thread::scope(|scope| {
                // Not even while a call waits.
                let watch = scope.spawn(|| {
                    begun.wait();
                    while !over.load(Ordering::SeqCst) {
                        assert_eq!(flags(fd), before);
                    }
                });
                begun.wait();
                shake_hands(&client.conn, &server.conn);
                scope.spawn(|| {
                    server.conn.write_all(&stream(0, 1 << 20)).unwrap();
                    server.conn.shutdown(TLSW_SHUT_BOTH).unwrap();
                });
                assert_eq!(client.conn.read_to_end().unwrap().len(), 1 << 20);
                assert_eq!(client.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
                over.store(true, Ordering::SeqCst);
                watch.join().unwrap();
            });
            client.conn.set_timeout(50).unwrap();
            assert_eq!(client.conn.read(1), Ok(Read::Status(TLSW_CLOSED)));
            assert_eq!(flags(fd), before);
            drop(client.conn);
            assert_eq!(flags(fd), before);
        }
    }
}

#[test]
fn a_freed_connection_leaves_the_descriptor_open_and_silent() {
    for kind in KINDS {
        let (mut client, mut server) = connected(TLSW_TLS_1_3, kind());
        drop((client.conn, server.conn));
        client.socket.write_all(b"clear text").unwrap();
        let mut text = [0; 10];
        server.socket.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"clear text", "and nothing before it");
    }
}

#[test]
fn what_is_no_stream_socket_is_refused_with_a_word_on_why() {
    let ctx = Ctx::client("root.pem");
    let refused = |fd: isize, words: &[&str], os: i32| {
        let name = c("localhost");
        let mut conn = null_mut();
        let error = call(|err| unsafe {
            tlsw_wrap_fd(ctx.0, fd, TLSW_CLIENT, name.as_ptr(), &mut conn, err)
        })
        .unwrap_err();
        assert!(conn.is_null());
        assert_eq!((error.status, error.os_error), (TLSW_ERR_ARGUMENT, os), "{}", error.message);
        for word in words {
            assert!(error.message.contains(word), "{}", error.message);
        }
    };
    for fd in [-1, isize::MIN, isize::MAX, 1 << 32] {
        refused(fd, &[&fd.to_string(), "not a file descriptor"], 0);
    }

    // A number that no other test will be given meanwhile.
    let (socket, _other) = unix();
    let closed = unsafe {
        let fd = libc::fcntl(socket.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 900);
        drop(OwnedFd::from_raw_fd(fd));
        fd
    };
    refused(closed as isize, &[&closed.to_string(), "not open"], libc::EBADF);

    let (reader, writer) = std::io::pipe().unwrap();
    let file = std::fs::File::open(pki("root.pem")).unwrap();
    for fd in [reader.as_raw_fd(), writer.as_raw_fd(), file.as_raw_fd()] {
        refused(fd as isize, &["not a socket", "functions"], libc::ENOTSOCK);
    }

    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (datagram, _other) = UnixDatagram::pair().unwrap();
    for fd in [udp.as_raw_fd(), datagram.as_raw_fd()] {
        refused(fd as isize, &["SOCK_STREAM"], 0);
    }
}

#[test]
fn a_socket_that_is_not_connected_fails_when_it_is_used() {
    let ctx = Ctx::client("root.pem");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let conn = ctx.wrap_fd(listener.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    conn.set_timeout(LONG).unwrap();
    let error = conn.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_IO);
    assert!([libc::ENOTCONN, libc::EPIPE].contains(&error.os_error), "{error:?}");
}

#[test]
fn clear_text_right_behind_the_goodbye_is_not_swallowed() {
    /// Says goodbye and goes on in clear text within one segment, as far as that can be had.
    fn leave(end: &mut End, kind: usize, text: &[u8]) {
        let cork = |on| {
            if kind == 1 {
                set_option(&end.socket, libc::IPPROTO_TCP, libc::TCP_CORK, on);
            }
        };
        cork(1);
        assert_eq!(end.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        (&end.socket).write_all(text).unwrap();
        cork(0);
    }
    /// Receives exactly this.
    fn receive(socket: &mut Socket, text: &[u8]) {
        let mut got = vec![0; text.len()];
        socket.read_exact(&mut got).unwrap();
        assert_eq!(got, text);
        assert_eq!(waiting(socket), 0);
    }
    for version in VERSIONS {
        for (kind, sockets) in KINDS.iter().enumerate() {
            let (mut one, mut other) = sockets();
            // More than once on the same sockets; the first to leave is the client, then the server.
            for round in 0..4 {
                one.write_all(b"STARTTLS\r\n").unwrap();
                receive(&mut other, b"STARTTLS\r\n");
                other.write_all(b"220 go ahead\r\n").unwrap();
                receive(&mut one, b"220 go ahead\r\n");
                let (client, server) = ends(version, (one, other));
                shake_hands(&client.conn, &server.conn);
                assert_eq!(client.conn.write(b"hello"), Ok(Ok(5)));
                assert_eq!(server.conn.read(9), Ok(Read::Bytes(b"hello".to_vec())));
                let (mut first, mut second) =
                    if round % 2 == 0 { (client, server) } else { (server, client) };
                leave(&mut first, kind, b"the first's clear text\r\n");
                if round < 2 {
                    assert_eq!(second.conn.read(9), Ok(Read::Status(TLSW_CLOSED)));
                }
                leave(&mut second, kind, b"the second's clear text\r\n");
                assert_eq!(first.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
                assert_eq!(second.conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
                receive(&mut first.socket, b"the second's clear text\r\n");
                receive(&mut second.socket, b"the first's clear text\r\n");
                let (client, server) =
                    if round % 2 == 0 { (first, second) } else { (second, first) };
                drop((client.conn, server.conn));
                (one, other) = (client.socket, server.socket);
            }
        }
    }
}

// ---- How long a call may take ----

#[test]
fn a_connection_waits_as_its_descriptor_says() {
    for kind in KINDS {
        let (client_ctx, server_ctx) = contexts(TLSW_TLS_1_3);
        let (one, other) = kind();
        one.set_nonblocking(true).unwrap();
        let hasty = client_ctx.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        assert_eq!(hasty.handshake(), Ok(TLSW_WANT_READ));
        assert_eq!(hasty.handshake(), Ok(TLSW_WANT_READ));

        // The other end's descriptor blocks, so the call waits until there is something.
        let patient = server_ctx.wrap_fd(other.as_raw_fd(), TLSW_SERVER, None).unwrap();
        std::thread::scope(|scope| {
            let server = scope.spawn(|| patient.handshake());
            // Whatever the descriptor says, the connection may be told otherwise.
            hasty.set_timeout(-1).unwrap();
            assert_eq!(hasty.handshake(), Ok(TLSW_OK));
            assert_eq!(server.join().unwrap(), Ok(TLSW_OK));
        });
        patient.set_timeout(0).unwrap();
        assert_eq!(patient.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        for for_ever in [i64::MIN, -1, i64::MAX] {
            patient.set_timeout(for_ever).unwrap();
            std::thread::scope(|scope| {
                let server = scope.spawn(|| patient.read(9));
                assert_eq!(hasty.write(b"hello"), Ok(Ok(5)));
                assert_eq!(server.join().unwrap(), Ok(Read::Bytes(b"hello".to_vec())));
            });
        }
    }
}

#[test]
fn a_call_that_may_not_wait_says_what_for() {
    for kind in KINDS {
        for version in VERSIONS {
            let (client, server) = connected(version, kind());
            for len in [100, 100_000] {
                let before = client.fill(0, len);
                client.conn.set_timeout(0).unwrap();
                let now = client.conn.write(&stream(before, len));
                assert_eq!(now, Ok(Err(TLSW_WANT_WRITE)));
                // Reading is not in the way of it, nor it of reading.
                assert_eq!(client.conn.read(1), Ok(Read::Status(TLSW_WANT_READ)));
                server.conn.write(b"hello").unwrap().unwrap();
                assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"hello".to_vec())));
                // The peer reads, and then there is room.
                let mut got = 0;
                let read = |got: &mut usize| {
                    if let Read::Bytes(bytes) = server.conn.read(100_000).unwrap() {
                        check_stream(*got, &bytes);
                        *got += bytes.len();
                    }
                };
                let after = loop {
                    read(&mut got);
                    if let Ok(n) = client.conn.write(&stream(before, len)).unwrap() {
                        break before + n;
                    }
                };
                while got < after {
                    read(&mut got);
                }
            }
        }
    }
}

/// How much a deadline of 200 ms may be missed by when nobody else wants the processor.
const DEADLINE: Duration = Duration::from_millis(200);
const TENTH: Duration = Duration::from_millis(20);
/// And by how much when others do.
const BUSY: Duration = Duration::from_secs(2);

/// Makes a call that has [`DEADLINE`] and must run into it: never before, never long after, and
/// in one of a few attempts within a tenth, for the others may have met a busy machine.
fn meets_its_deadline(call: impl Fn() -> Error) {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let error = call();
        let took = began.elapsed();
        assert_eq!(error.status, TLSW_ERR_TIMEOUT, "{error:?}");
        assert!(error.message.contains("timed out"), "{}", error.message);
        assert!(took >= DEADLINE, "{took:?} is too early");
        assert!(took < DEADLINE + BUSY, "{took:?} is too late");
        best = best.min(took);
        if best <= DEADLINE + TENTH {
            return;
        }
    }
    panic!("the best of five was {best:?}");
}

/// How fast a peer is: what it takes and gives in each tick, in bytes.
#[derive(Clone, Copy)]
struct Pace {
    tick: u64,
    takes: usize,
    gives: usize,
}

const FAST: Pace = Pace { tick: 1, takes: usize::MAX, gives: usize::MAX };
const STILL: Pace = Pace { tick: 1, takes: 0, gives: 0 };

enum Order {
    Pace(Pace),
    Say(Vec<u8>),
    Goodbye,
}

/// A server that goes at the pace it is told.
struct Peer {
    orders: SyncSender<Order>,
    heard: JoinHandle<Vec<u8>>,
}

impl Peer {
    fn start(version: i32, socket: Socket, pace: Pace) -> Self {
        // Nobody sends an order before the one before it is followed.
        let (orders, inbox) = sync_channel(0);
        let heard = std::thread::spawn(move || Self::run(version, &socket, pace, &inbox));
        Self { orders, heard }
    }

    fn run(version: i32, mut socket: &Socket, pace: Pace, inbox: &Receiver<Order>) -> Vec<u8> {
        let mut pace = pace;
        let (client, server) = contexts(version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (mut is_shaken, mut is_over) = (false, false);
        let (mut heard, mut to_say, mut words) = (Vec::new(), Vec::new(), Vec::new());
        socket.set_nonblocking(true).unwrap();
        while !is_over {
            match inbox.recv_timeout(Duration::from_millis(pace.tick)) {
                Ok(Order::Pace(new)) => pace = new,
                Ok(Order::Say(more)) => words.extend(more),
                Ok(Order::Goodbye) => {
                    assert_eq!(pair.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => is_over = true,
            }
            let mut room = vec![0; 1 << 20];
            let most = room.len().min(pace.takes);
            match socket.read(&mut room[..most]) {
                Ok(n) => {
                    pair.to_server.write(&room[..n]).unwrap();
                    is_over &= n == 0;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            if !is_shaken {
                is_shaken = pair.server.handshake().unwrap() == TLSW_OK;
            }
            while is_shaken && let Ok(Read::Bytes(bytes)) = pair.server.read(100_000) {
                heard.extend(bytes);
            }
            while is_shaken && !words.is_empty() {
                let n = pair.server.write(&words).unwrap().unwrap();
                words.drain(..n);
            }
            to_say.extend(pair.to_client.drain());
            let most = to_say.len().min(pace.gives);
            if most > 0 {
                match socket.write(&to_say[..most]) {
                    Ok(n) => drop(to_say.drain(..n)),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
            }
        }
        heard
    }

    fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    /// Everything the peer has heard. No more orders.
    fn heard(self) -> Vec<u8> {
        drop(self.orders);
        self.heard.join().unwrap()
    }
}

/// Every call that can wait runs into its deadline, and does its work when it is made again and
/// the peer has become as fast as peers are.
fn deadlines_are_met(version: i32, sockets: (Socket, Socket), is_still: bool) {
    // Each call is woken several times by bytes that do not help.
    let (trickle, sip, drip) = match is_still {
        true => (STILL, STILL, STILL),
        false => (
            Pace { tick: 5, takes: usize::MAX, gives: 1 },
            Pace { tick: 20, takes: 512, gives: usize::MAX },
            Pace { tick: 100, takes: usize::MAX, gives: 1 },
        ),
    };
    let (one, other) = sockets;
    let deadline = i64::try_from(DEADLINE.as_millis()).unwrap();
    for buffer in [libc::SO_SNDBUF, libc::SO_RCVBUF] {
        set_option(&one, libc::SOL_SOCKET, buffer, 16_384);
        set_option(&other, libc::SOL_SOCKET, buffer, 16_384);
    }
    let peer = Peer::start(version, other, trickle);
    let End { conn: client, socket: _socket } =
        End::new(&Ctx::client("root.pem"), one, TLSW_CLIENT);

    client.set_timeout(deadline).unwrap();
    meets_its_deadline(|| client.handshake().unwrap_err());
    meets_its_deadline(|| client.read(9).unwrap_err());
    meets_its_deadline(|| client.write(b"hello").unwrap_err());
    peer.order(Order::Pace(FAST));
    client.set_timeout(LONG).unwrap();
    assert_eq!(client.handshake(), Ok(TLSW_OK));
    // Once it speaks, it has shaken hands too.
    peer.order(Order::Say(b"!".to_vec()));
    assert_eq!(client.read(1), Ok(Read::Bytes(b"!".to_vec())));

    peer.order(Order::Pace(trickle));
    peer.order(Order::Say(stream(0, 10_000)));
    client.set_timeout(deadline).unwrap();
    meets_its_deadline(|| client.read(10_000).unwrap_err());
    meets_its_deadline(|| client.peek(10_000).unwrap_err());
    peer.order(Order::Pace(FAST));
    client.set_timeout(LONG).unwrap();
    assert_eq!(client.read(10_000), Ok(Read::Bytes(stream(0, 10_000))));

    peer.order(Order::Pace(STILL));
    client.set_timeout(0).unwrap();
    let mut sent = 0;
    while let Ok(n) = client.write(&stream(sent, 100_000)).unwrap() {
        sent += n;
    }
    peer.order(Order::Pace(sip));
    client.set_timeout(deadline).unwrap();
    meets_its_deadline(|| client.write(&stream(sent, 100_000)).unwrap_err());
    peer.order(Order::Pace(FAST));
    client.set_timeout(LONG).unwrap();
    sent += client.write(&stream(sent, 100_000)).unwrap().unwrap();

    peer.order(Order::Pace(drip));
    peer.order(Order::Goodbye);
    client.set_timeout(deadline).unwrap();
    meets_its_deadline(|| client.shutdown(TLSW_SHUT_BOTH).unwrap_err());
    peer.order(Order::Pace(FAST));
    client.set_timeout(LONG).unwrap();
    assert_eq!(client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    drop((client, _socket));
    let heard = peer.heard();
    assert_eq!(heard.len(), sent);
    check_stream(0, &heard);
}

#[test]
fn a_peer_that_hangs_costs_no_more_than_the_deadline() {
    for kind in KINDS {
        deadlines_are_met(TLSW_TLS_1_3, kind(), true);
    }
    deadlines_are_met(TLSW_TLS_1_2, unix(), true);
}

#[test]
fn a_deadline_is_for_the_whole_call_however_the_peer_trickles() {
    for kind in KINDS {
        deadlines_are_met(TLSW_TLS_1_3, kind(), false);
    }
    deadlines_are_met(TLSW_TLS_1_2, unix(), false);
}

#[test]
fn a_handshake_waits_for_room_too() {
    for kind in KINDS {
        let (mut one, mut other) = kind();
        let mut filled = 0;
        one.set_nonblocking(true).unwrap();
        while let Ok(n) = one.write(&[7; 65_536]) {
            filled += n;
        }
        one.set_nonblocking(false).unwrap();
        let client = Ctx::client("root.pem");
        let client = client.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        client.set_timeout(0).unwrap();
        assert_eq!(client.handshake(), Ok(TLSW_WANT_WRITE));
        client.set_timeout(200).unwrap();
        meets_its_deadline(|| client.handshake().unwrap_err());
        let mut room = vec![0; filled];
        other.read_exact(&mut room).unwrap();
        let peer = Peer::start(TLSW_TLS_1_3, other, FAST);
        client.set_timeout(LONG).unwrap();
        assert_eq!(client.handshake(), Ok(TLSW_OK));
        drop((client, one));
        peer.heard();
    }
}

/// How often the handler ran.
static INTERRUPTIONS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn interrupted(_: c_int) {
    INTERRUPTIONS.fetch_add(1, Ordering::SeqCst);
}

/// Runs `work` while a signal hits this thread every few milliseconds.
fn under_signals(work: impl FnOnce()) {
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = interrupted as extern "C" fn(c_int) as *const c_void as usize;
        // Without SA_RESTART.
        action.sa_flags = 0;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, null_mut()), 0);
    }
    let before = INTERRUPTIONS.load(Ordering::SeqCst);
    let target = unsafe { libc::pthread_self() };
    let (over, is_over): (Sender<()>, Receiver<()>) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while is_over.recv_timeout(Duration::from_millis(3)) == Err(RecvTimeoutError::Timeout) {
                assert_eq!(unsafe { libc::pthread_kill(target, libc::SIGUSR1) }, 0);
            }
        });
        // Dropped at its end, and also when it panics.
        let _over = over;
        work();
    });
    assert!(INTERRUPTIONS.load(Ordering::SeqCst) - before > 20, "the signals did not come");
}

#[test]
fn signals_neither_fail_a_call_nor_stretch_its_deadline() {
    under_signals(|| deadlines_are_met(TLSW_TLS_1_3, unix(), true));
    under_signals(|| deadlines_are_met(TLSW_TLS_1_3, tcp(), false));
}

// ---- How a stream ends ----

#[test]
fn writing_to_a_peer_that_is_gone_raises_no_signal() {
    const CHILD: &str = "TLSW_TEST_SIGPIPE";
    // A program of Rust ignores SIGPIPE, so a child of this one undoes that.
    if let Some(what) = std::env::var_os(CHILD) {
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        if what == "raw" {
            let one = unix().0;
            unsafe { libc::write(one.as_raw_fd(), [0].as_ptr().cast(), 1) };
            unreachable!("SIGPIPE ends this");
        }
        write_to_the_departed();
        return;
    }
    let child = |what| {
        let name = "writing_to_a_peer_that_is_gone_raises_no_signal";
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--test-threads=1"])
            .env(CHILD, what)
            .output()
            .unwrap()
    };
    let output = child("raw");
    assert_eq!(output.status.signal(), Some(libc::SIGPIPE), "the test can see a SIGPIPE");
    let output = child("tls");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{}\n{text}", output.status);
}

fn write_to_the_departed() {
    let gone = |error: &Error| {
        let os = [libc::EPIPE, libc::ECONNRESET].contains(&error.os_error);
        assert!(error.status == TLSW_ERR_IO && os || error.status == TLSW_ERR_EOF, "{error:?}");
    };
    for kind in KINDS {
        for version in VERSIONS {
            let (client, server) = ends(version, kind());
            drop(server);
            gone(&client.conn.handshake().unwrap_err());
            gone(&client.conn.write(b"hello").unwrap_err());
            for len in [5, 100_000] {
                let (client, server) = connected(version, kind());
                drop(server);
                let error = loop {
                    if let Err(error) = client.conn.write(&stream(0, len)) {
                        break error;
                    }
                };
                gone(&error);
                // Also when something else is written now.
                gone(&client.conn.write(b"hell").unwrap_err());
                gone(&client.conn.shutdown(TLSW_SHUT_WRITE).unwrap_err());
            }
            let (client, server) = connected(version, kind());
            drop(client);
            let error = loop {
                if let Err(error) = server.conn.write(b"hello") {
                    break error;
                }
            };
            gone(&error);
        }
    }
}

fn assert_eof(error: &Error) {
    assert_end(error, "without a close_notify");
}

/// The transport ended, and the message says when.
fn assert_end(error: &Error, when: &str) {
    assert_eq!((error.status, error.os_error), (TLSW_ERR_EOF, 0), "{error:?}");
    assert!(error.message.contains(when), "{}", error.message);
}

#[test]
fn a_peer_that_leaves_before_it_speaks() {
    for kind in KINDS {
        for version in VERSIONS {
            let (client, server) = ends(version, kind());
            server.socket.shutdown(Shutdown::Write).unwrap();
            for _ in 0..2 {
                assert_end(&client.conn.handshake().unwrap_err(), "before it sent anything");
            }
            assert_end(&client.conn.read(9).unwrap_err(), "before it sent anything");
            assert_end(&client.conn.write(b"hello").unwrap_err(), "before it sent anything");

            let (client, server) = ends(version, kind());
            drop(client);
            assert_end(&server.conn.handshake().unwrap_err(), "before it sent anything");
            assert_end(&server.conn.read(9).unwrap_err(), "before it sent anything");
        }
    }
}

#[test]
fn a_peer_that_leaves_amid_the_handshake() {
    for kind in KINDS {
        for version in VERSIONS {
            // After the client's hello.
            let (client, server) = ends(version, kind());
            client.conn.set_timeout(0).unwrap();
            assert_eq!(client.conn.handshake(), Ok(TLSW_WANT_READ));
            let mut hello = vec![0; waiting(&server.socket)];
            assert!(hello.len() > 100);
            (&server.socket).read_exact(&mut hello).unwrap();
            drop(server);
            client.conn.set_timeout(LONG).unwrap();
            assert_end(&client.conn.handshake().unwrap_err(), "before it sent anything");

            // Within it.
            let (client, server) = ends(version, kind());
            (&client.socket).write_all(&hello[..hello.len() - 1]).unwrap();
            drop(client);
            assert_end(&server.conn.handshake().unwrap_err(), "in the middle of the handshake");

            // After the server's answer.
            let (client, server) = ends(version, kind());
            for end in [&client, &server] {
                end.conn.set_timeout(0).unwrap();
                assert_eq!(end.conn.handshake(), Ok(TLSW_WANT_READ));
            }
            let mut answer = vec![0; waiting(&client.socket)];
            assert!(answer.len() > 100);
            (&client.socket).read_exact(&mut answer).unwrap();
            drop(client);
            server.conn.set_timeout(LONG).unwrap();
            assert_end(&server.conn.handshake().unwrap_err(), "in the middle of the handshake");
        }
    }
}

#[test]
fn a_peer_that_leaves_without_a_goodbye_is_told_from_one_that_says_it() {
    for kind in KINDS {
        for version in VERSIONS {
            for says_it in [false, true] {
                let (client, server) = connected(version, kind());
                for (stays, goes) in [(client, server), connected(version, kind())] {
                    assert_eq!(goes.conn.write(b"hello"), Ok(Ok(5)));
                    if says_it {
                        assert_eq!(goes.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
                    }
                    drop(goes);
                    assert_eq!(stays.conn.read(9), Ok(Read::Bytes(b"hello".to_vec())));
                    for _ in 0..2 {
                        if says_it {
                            assert_eq!(stays.conn.read(9), Ok(Read::Status(TLSW_CLOSED)));
                        } else {
                            assert_eof(&stays.conn.read(9).unwrap_err());
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_call_that_waits_is_told_when_the_peer_leaves() {
    for kind in KINDS {
        for version in VERSIONS {
            let (client, server) = connected(version, kind());
            std::thread::scope(|scope| {
                let waits = scope.spawn(|| client.conn.read(9));
                drop(server);
                assert_eof(&waits.join().unwrap().unwrap_err());
            });
            // Whoever waits for room is told too.
            let (client, server) = connected(version, kind());
            let mut sent = client.fill(0, 60_000);
            std::thread::scope(|scope| {
                // The system may find more room while nobody reads; then it writes on.
                let waits = scope.spawn(move || {
                    loop {
                        match client.conn.write(&stream(sent, 60_000)) {
                            Ok(now) => sent += now.unwrap(),
                            Err(error) => break error,
                        }
                    }
                });
                drop(server);
                let error = waits.join().unwrap();
                assert_eq!(error.status, TLSW_ERR_IO, "{error:?}");
                assert!([libc::EPIPE, libc::ECONNRESET].contains(&error.os_error), "{error:?}");
            });
        }
    }
}

#[test]
fn a_reset_is_told_from_an_end() {
    /// Closes so that the peer gets a RST.
    fn reset(end: End) {
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        let done = unsafe {
            let (option, len) = ((&raw const linger).cast(), size_of::<libc::linger>() as u32);
            let fd = end.socket.as_raw_fd();
            libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, option, len)
        };
        assert_eq!(done, 0);
    }
    fn assert_reset(error: &Error) {
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ECONNRESET), "{error:?}");
        assert!(error.message.contains("peer"), "{}", error.message);
    }
    for version in VERSIONS {
        let (client, server) = connected(version, tcp());
        reset(server);
        assert_reset(&client.conn.read(9).unwrap_err());

        let (client, server) = connected(version, tcp());
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| client.conn.read(9));
            reset(server);
            assert_reset(&waits.join().unwrap().unwrap_err());
        });

        let (client, server) = connected(version, tcp());
        assert_eq!(client.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        reset(server);
        assert_reset(&client.conn.shutdown(TLSW_SHUT_BOTH).unwrap_err());

        let (client, server) = ends(version, tcp());
        client.conn.set_timeout(0).unwrap();
        assert_eq!(client.conn.handshake(), Ok(TLSW_WANT_READ));
        reset(server);
        client.conn.set_timeout(LONG).unwrap();
        assert_reset(&client.conn.handshake().unwrap_err());

        let (client, server) = connected(version, tcp());
        let sent = client.fill(0, 60_000);
        reset(server);
        assert_reset(&client.conn.write(&stream(sent, 60_000)).unwrap_err());
    }
}

#[test]
fn one_half_ends_and_the_other_goes_on() {
    for kind in KINDS {
        for version in VERSIONS {
            for says_goodbye in [false, true] {
                let contexts = contexts(version);
                if !says_goodbye {
                    // Else it is an error, and an error is the end of both halves.
                    let options = TLSW_OP_IGNORE_UNEXPECTED_EOF;
                    call(|err| unsafe { tlsw_ctx_set_options(contexts.0.0, options, err) })
                        .unwrap();
                }
                let (client, server) = connected_by(&contexts, kind());
                if says_goodbye {
                    assert_eq!(server.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
                }
                server.socket.shutdown(Shutdown::Write).unwrap();
                assert_eq!(client.conn.read(9), Ok(Read::Status(TLSW_CLOSED)));
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        client.conn.write_all(&stream(0, 1 << 20)).unwrap();
                        client.conn.shutdown(TLSW_SHUT_WRITE).unwrap();
                    });
                    let got = server.conn.read_to_end().unwrap();
                    assert_eq!(got.len(), 1 << 20);
                    check_stream(0, &got);
                });
            }
        }
    }
}

// ---- Reading ahead ----

#[test]
fn reading_ahead_receives_more_than_a_record_and_only_then() {
    for kind in KINDS {
        for version in VERSIONS {
            let (client, server) = connected(version, kind());
            for read_ahead in [0, 1, 0] {
                assert_eq!(client.conn.set_read_ahead(read_ahead), Ok(TLSW_OK));
                for word in [b"one", b"two", b"six"] {
                    server.conn.write(word).unwrap().unwrap();
                }
                let all = waiting(&client.socket);
                assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"one".to_vec())));
                let left = waiting(&client.socket);
                assert_eq!(left, if read_ahead == 1 { 0 } else { all / 3 * 2 });
                // Off again, what was read ahead is not lost.
                assert_eq!(client.conn.set_read_ahead(0), Ok(TLSW_OK));
                assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"two".to_vec())));
                assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"six".to_vec())));
                client.conn.set_timeout(0).unwrap();
                assert_eq!(client.conn.read(9), Ok(Read::Status(TLSW_WANT_READ)));
                client.conn.set_timeout(LONG).unwrap();
            }
        }
    }
}

#[test]
fn reading_ahead_changes_nothing_of_what_is_read() {
    const LEN: usize = 8 << 20;
    for (seed, version) in VERSIONS.into_iter().enumerate() {
        for says_goodbye in [true, false] {
            let (client, server) = ends(version, unix());
            // From the first byte on.
            client.conn.set_read_ahead(1).unwrap();
            server.conn.set_read_ahead(1).unwrap();
            shake_hands(&client.conn, &server.conn);
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    // With its socket, which is closed at the end.
                    let server = server;
                    let (mut dice, mut at) = (Dice::new(seed as u64), 0);
                    while at < LEN {
                        let most = if dice.below(2) == 0 { 300 } else { 90_000 };
                        let len = (1 + dice.below(most)).min(LEN - at);
                        at += server.conn.write(&stream(at, len)).unwrap().unwrap();
                    }
                    if says_goodbye {
                        assert_eq!(server.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
                    }
                });
                let (mut dice, mut at) = (Dice::new(9 + seed as u64), 0);
                loop {
                    if dice.below(20) == 0 {
                        client.conn.set_read_ahead(i32::from(dice.below(3) != 0)).unwrap();
                    }
                    match client.conn.read(1 + dice.below(40_000)) {
                        Ok(Read::Bytes(bytes)) => {
                            check_stream(at, &bytes);
                            at += bytes.len();
                        }
                        Ok(Read::Status(status)) => {
                            assert!(says_goodbye && status == TLSW_CLOSED, "{}", name_of(status));
                            break;
                        }
                        Err(error) => {
                            assert!(!says_goodbye, "{error:?}");
                            assert_eof(&error);
                            break;
                        }
                    }
                }
                assert_eq!(at, LEN);
            });
        }
    }
}

#[test]
fn a_peek_takes_nothing_and_pending_is_what_is_left() {
    for version in VERSIONS {
        for read_ahead in [0, 1] {
            let (client, server) = connected(version, unix());
            client.conn.set_read_ahead(read_ahead).unwrap();
            server.conn.write(b"hello").unwrap().unwrap();
            server.conn.write(b"world").unwrap().unwrap();
            let pending_is = |decrypted: usize| {
                // With what was received ahead: "world", with what encryption adds to it.
                let ahead = if read_ahead == 1 { 5 + 16..5 + 16 + 9 } else { 0..1 };
                assert!(ahead.contains(&(client.conn.pending() - decrypted)));
            };
            assert_eq!(client.conn.pending(), 0);
            for _ in 0..2 {
                assert_eq!(client.conn.peek(3), Ok(Read::Bytes(b"hel".to_vec())));
                pending_is(5);
            }
            assert_eq!(client.conn.read(2), Ok(Read::Bytes(b"he".to_vec())));
            pending_is(3);
            assert_eq!(client.conn.peek(9), Ok(Read::Bytes(b"llo".to_vec())));
            assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"llo".to_vec())));
            pending_is(0);
            assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"world".to_vec())));
            assert_eq!(client.conn.pending(), 0);
        }
    }
}

// ---- Much data ----

#[test]
fn much_gets_through_a_slow_reader_however_writes_are_repeated() {
    const LEN: usize = 64 << 20;
    for (seed, version) in VERSIONS.into_iter().enumerate() {
        let (client, server) = connected(version, unix());
        client.conn.set_timeout(0).unwrap();
        server.conn.set_timeout(0).unwrap();
        let (mut dice, mut sent, mut received, mut waits) = (Dice::new(seed as u64), 0, 0, 0);
        while sent < LEN {
            // Small, of about a record, or of many.
            let most = [100, 17_000, 1 << 20][dice.below(3)];
            let data = stream(sent, (1 + dice.below(most)).min(LEN - sent));
            let mut moved = data.clone();
            sent += loop {
                match client.conn.write(&moved).unwrap() {
                    Ok(n) => break n,
                    Err(status) => assert_eq!(status, TLSW_WANT_WRITE),
                }
                waits += 1;
                // What was refused is repeated: as it is, elsewhere, or with more behind it;
                // before that, sometimes, wrongly.
                if dice.below(4) == 0 && data.len() > 1 && data.len() <= 65_536 {
                    let error = client.conn.write(&data[..data.len() - 1]).unwrap_err();
                    assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{error:?}");
                }
                if dice.below(2) == 0 {
                    let more = dice.below(50_000).min(LEN - sent - data.len());
                    moved = stream(sent, data.len() + more);
                }
                for _ in 0..1 + dice.below(20) {
                    if let Read::Bytes(bytes) = server.conn.read(1 + dice.below(20_000)).unwrap() {
                        check_stream(received, &bytes);
                        received += bytes.len();
                    }
                }
            };
        }
        assert!(waits > 100, "the reader was not slow: {waits}");
        assert!(received < sent);
        server.conn.set_timeout(LONG).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                client.conn.set_timeout(LONG).unwrap();
                assert_eq!(client.conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
            });
            let rest = server.conn.read_to_end().unwrap();
            check_stream(received, &rest);
            assert_eq!(received + rest.len(), LEN);
        });
    }
}

/// Memory that is zero and costs nothing until it is written to.
struct Vast(*mut u8);

impl Vast {
    const LEN: usize = 5 << 30;

    fn new() -> Self {
        let (protection, kind) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let kind = kind | libc::MAP_NORESERVE;
        let memory = unsafe { libc::mmap(null_mut(), Self::LEN, protection, kind, -1, 0) };
        assert_ne!(memory, libc::MAP_FAILED);
        Self(memory.cast())
    }
}

impl Drop for Vast {
    fn drop(&mut self) {
        unsafe { libc::munmap(self.0.cast(), Self::LEN) };
    }
}

#[test]
fn more_than_two_gigabytes_may_be_asked_for() {
    let vast = Vast::new();
    // Numbers that are negative, 0 or small in 32 bits.
    for len in [1 << 31, (1 << 31) + 1, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, Vast::LEN] {
        let write = |conn: &Conn| {
            let mut n = usize::MAX;
            let (buf, to) = (vast.0.cast_const(), &raw mut n);
            let status = call(|err| unsafe { tlsw_conn_write(conn.0, buf, len, to, err) });
            (status, n)
        };
        for version in VERSIONS {
            let (client, server) = ends(version, unix());
            std::thread::scope(|scope| {
                let server_writes = scope.spawn(|| {
                    assert_eq!(server.conn.handshake(), Ok(TLSW_OK));
                    assert_eq!(server.conn.write(b"hello"), Ok(Ok(5)));
                    let mut got = Vec::new();
                    while got.len() < 2 || got[got.len() - 1] == 0 {
                        let Read::Bytes(bytes) = server.conn.read(65_536).unwrap() else {
                            panic!("{}", got.len())
                        };
                        got.extend(bytes);
                    }
                    got
                });
                // The first shakes hands by the way.
                let mut sent = 0;
                for _ in 0..3 {
                    let (status, n) = write(&client.conn);
                    assert_eq!(status, Ok(TLSW_OK));
                    assert!((1..=len).contains(&n));
                    sent += n;
                }
                assert_eq!(client.conn.write(b"."), Ok(Ok(1)));
                let got = server_writes.join().unwrap();
                assert_eq!(got.len(), sent + 1);
                assert!(got[..sent].iter().all(|byte| *byte == 0));
            });
            for f in [tlsw_conn_peek, tlsw_conn_read] {
                let mut n = usize::MAX;
                let to = &raw mut n;
                let status = call(|err| unsafe { f(client.conn.0, vast.0, len, to, err) });
                assert_eq!((status, n), (Ok(TLSW_OK), 5));
                unsafe {
                    assert_eq!(std::slice::from_raw_parts(vast.0, 6), b"hello\0");
                    vast.0.write_bytes(0, 5);
                }
            }
        }
    }
}

// ---- The order of records ----

/// A server that is BoringSSL alone, and can renew its keys.
struct Raw(boring::ssl::SslStream<Socket>);

impl Raw {
    fn accept(version: i32, socket: Socket) -> Self {
        use boring::ssl::{Ssl, SslContext, SslFiletype, SslMethod, SslVersion};
        let mut builder = SslContext::builder(SslMethod::tls()).unwrap();
        let version = if version == TLSW_TLS_1_3 { SslVersion::TLS1_3 } else { SslVersion::TLS1_2 };
        builder.set_max_proto_version(Some(version)).unwrap();
        builder.set_certificate_chain_file(pki("localhost.chain.pem")).unwrap();
        builder.set_private_key_file(pki("localhost.key.pem"), SslFiletype::PEM).unwrap();
        let stream = Ssl::new(&builder.build()).unwrap().accept(socket).unwrap();
        stream.get_ref().set_nonblocking(true).unwrap();
        Self(stream)
    }

    /// Renews the keys and wants the peer to do so too; then says something, so that it leaves.
    fn renew(&mut self) {
        let request = boring_sys::SSL_KEY_UPDATE_REQUESTED as c_int;
        assert_eq!(unsafe { boring_sys::SSL_key_update(self.0.ssl().as_ptr(), request) }, 1);
        assert_eq!(self.0.ssl_write(b"renewed").unwrap(), 7);
    }

    /// Reads what has come: the stream from `at` on. How much, and whether the end came after it.
    fn read(&mut self, at: usize) -> (usize, bool) {
        let (mut count, mut room) = (0, vec![0; 65_536]);
        loop {
            match self.0.ssl_read(&mut room) {
                Ok(n) => {
                    check_stream(at + count, &room[..n]);
                    count += n;
                }
                Err(error) if error.code() == boring::ssl::ErrorCode::WANT_READ => {
                    return (count, false);
                }
                Err(error) if error.code() == boring::ssl::ErrorCode::ZERO_RETURN => {
                    return (count, true);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn records_of_the_protocol_keep_their_place_among_those_that_wait_to_leave() {
    for len in [1, 100, 16_384, 60_000] {
        for kind in KINDS {
            let (one, other) = kind();
            let client = End::new(&Ctx::client("root.pem"), one, TLSW_CLIENT);
            let mut server = std::thread::scope(|scope| {
                let server = scope.spawn(|| Raw::accept(TLSW_TLS_1_3, other));
                assert_eq!(client.conn.handshake(), Ok(TLSW_OK));
                server.join().unwrap()
            });
            // The keys change while a write waits, which was sealed with the old ones.
            let (mut sent, mut received) = (0, 0);
            for _ in 0..3 {
                sent = client.fill(sent, len);
                server.renew();
                assert_eq!(client.conn.read(9), Ok(Read::Bytes(b"renewed".to_vec())));
                client.conn.set_timeout(0).unwrap();
                for _ in 0..5 {
                    sent += loop {
                        if let Ok(n) = client.conn.write(&stream(sent, len)).unwrap() {
                            break n;
                        }
                        received += server.read(received).0;
                    };
                }
                client.conn.set_timeout(LONG).unwrap();
            }
            // The goodbye comes after all of it, and after what the last write left behind.
            sent = client.fill(sent, len);
            client.conn.set_timeout(0).unwrap();
            while client.conn.shutdown(TLSW_SHUT_WRITE).unwrap() != TLSW_OK {
                received += server.read(received).0;
            }
            loop {
                let (n, is_end) = server.read(received);
                received += n;
                if is_end {
                    break;
                }
            }
            assert_eq!(received, sent + len);
        }
    }
}
