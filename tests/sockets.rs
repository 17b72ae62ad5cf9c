//! Sockets of the library's own and of the caller's: connecting, accepting, handing descriptors over
//! and back; and writing all of something.

mod support;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::null_mut;
use std::thread::{self, scope};
use std::time::{Duration, Instant};
use support::*;

/// Longer than any of this takes.
const LONG: i64 = 60_000;

fn connect(ctx: &Ctx, host: &str, port: u16, flags: u32, timeout: i64) -> Result<Conn, Error> {
    let (host, mut conn) = (c(host), null_mut());
    call(|err| unsafe {
        tlsw_connect(ctx.0, host.as_ptr(), port, flags, timeout, &mut conn, err)
    })?;
    Ok(Conn(conn))
}

/// `Ok(Err)` for another status than TLSW_OK.
fn accept(
    ctx: &Ctx,
    listener: i32,
    flags: u32,
    timeout: i64,
) -> Result<Result<Conn, tlsw_status>, Error> {
    let mut conn = null_mut();
    let status = call(|err| unsafe {
        tlsw_accept(ctx.0, listener as isize, flags, timeout, &mut conn, err)
    })?;
    Ok(if status == TLSW_OK { Ok(Conn(conn)) } else { Err(status) })
}

fn fd(conn: &Conn) -> i32 {
    i32::try_from(unsafe { tlsw_get_fd(conn.0) }).unwrap()
}

/// What the system knows of a connection's socket; it stays whose it is.
fn socket(conn: &Conn) -> std::mem::ManuallyDrop<TcpStream> {
    std::mem::ManuallyDrop::new(unsafe { TcpStream::from_raw_fd(fd(conn)) })
}

fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn write_all(conn: &Conn, data: &[u8]) -> Result<tlsw_status, Error> {
    call(|err| unsafe { tlsw_conn_write_all(conn.0, data.as_ptr(), data.len(), err) })
}

fn detach(conn: &Conn) -> Result<TcpStream, Error> {
    let mut number = -1;
    call(|err| unsafe { tlsw_conn_detach_fd(conn.0, &mut number, err) })?;
    Ok(unsafe { TcpStream::from_raw_fd(i32::try_from(number).unwrap()) })
}

/// A client and a server over TCP that have shaken hands, each with a socket of its own.
fn pair(client: &Ctx, server: &Ctx) -> (Conn, Conn) {
    let (listener, port) = listen();
    scope(|scope| {
        let there = scope.spawn(|| accept(server, listener.as_raw_fd(), TLSW_HANDSHAKE, LONG));
        let here = connect(client, "localhost", port, TLSW_HANDSHAKE, LONG).unwrap();
        (here, there.join().unwrap().unwrap().unwrap())
    })
}

#[test]
fn a_listener_serves_one_client_after_another() {
    let server = Ctx::server("localhost");
    let (listener, port) = listen();
    scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                let conn = accept(&server, listener.as_raw_fd(), 0, LONG).unwrap().unwrap();
                assert_eq!(conn.handshake(), Ok(TLSW_OK));
                // Reads until the client says goodbye, gives all of it back, says goodbye too.
                let said = conn.read_to_end().unwrap();
                assert_eq!(write_all(&conn, &said), Ok(TLSW_OK));
                assert_eq!(conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
            }
        });
        for turn in 0..3 {
            let client = Ctx::client("root.pem");
            // The name is asked for, checked, and looked up, IPv6 or IPv4.
            let conn = connect(&client, "localhost", port, TLSW_HANDSHAKE, LONG).unwrap();
            assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
            let said = stream(turn, 100_000);
            assert_eq!(write_all(&conn, &said), Ok(TLSW_OK));
            assert_eq!(conn.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
            assert_eq!(conn.read_to_end().unwrap(), said);
        }
    });
}

#[test]
fn a_client_may_have_its_own_cas_and_an_address() {
    let server = Ctx::server("localhost");
    let (listener, port) = listen();
    scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2 {
                // Of the second client only the refusal comes.
                let _ = accept(&server, listener.as_raw_fd(), TLSW_HANDSHAKE, LONG);
            }
        });
        let mut ctx = null_mut();
        let protocol = TLSW_PROTOCOL_TLS_CLIENT;
        call(|err| unsafe { tlsw_ctx_new_protocol(protocol, 0, &mut ctx, err) }).unwrap();
        let client = Ctx(ctx);
        client.load_ca_file(&pki("root.pem")).unwrap();
        let conn = connect(&client, "127.0.0.1", port, TLSW_HANDSHAKE, LONG).unwrap();
        assert_eq!(conn.version(), Some("TLSv1.3"));
        drop(conn);
        let error = connect(&Ctx::client("old-root.pem"), "127.0.0.1", port, TLSW_HANDSHAKE, LONG);
        assert_eq!(error.map(drop).unwrap_err().status, TLSW_ERR_VERIFY);
    });
}

#[test]
fn the_descriptor_is_the_one_that_the_system_knows() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    // bind and listen are the caller's: it is his socket that is listened on.
    let (listener, port) = listen();
    let (here, there) = scope(|scope| {
        let there = scope.spawn(|| accept(&server, listener.as_raw_fd(), TLSW_HANDSHAKE, LONG));
        let here = connect(&client, "127.0.0.1", port, TLSW_HANDSHAKE, LONG).unwrap();
        (here, there.join().unwrap().unwrap().unwrap())
    });
    // getsockname, getpeername.
    assert_eq!(socket(&here).peer_addr().unwrap(), listener.local_addr().unwrap());
    assert_eq!(socket(&here).local_addr().unwrap(), socket(&there).peer_addr().unwrap());
    assert_eq!(socket(&there).local_addr().unwrap(), listener.local_addr().unwrap());
    // setsockopt, getsockopt.
    for on in [true, false] {
        socket(&here).set_nodelay(on).unwrap();
        assert_eq!(socket(&here).nodelay().unwrap(), on);
    }
    // What it is closed with an exec, and blocking, as sockets of a library should be.
    let flags = |command| unsafe { libc::fcntl(fd(&there), command) };
    assert_eq!(flags(libc::F_GETFD) & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    assert_eq!(flags(libc::F_GETFL) & libc::O_NONBLOCK, 0);
    // The same over a descriptor of the caller's, and none over memory.
    let (one, _other) = sockets();
    let conn = client.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(fd(&conn), one.as_raw_fd());
    let conn = client.wrap_bio(&Bio::new(), &Bio::new(), TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(fd(&conn), -1);
    assert_eq!(unsafe { tlsw_get_fd(null_mut()) }, -1);
}

#[test]
fn the_timeout_is_that_of_the_connection_and_can_be_changed() {
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    let timeout = |conn: &Conn| unsafe { tlsw_get_timeout(conn.0) };
    assert_eq!((timeout(&here), timeout(&there)), (LONG, LONG));
    // Never wait, whatever the flags of the descriptor; those stay as they are.
    here.set_timeout(0).unwrap();
    while here.read(9).unwrap() != Read::Status(TLSW_WANT_READ) {}
    let flags = unsafe { libc::fcntl(fd(&here), libc::F_GETFL) };
    assert_eq!(flags & libc::O_NONBLOCK, 0);
    here.set_timeout(30).unwrap();
    assert_eq!(here.read(9).unwrap_err().status, TLSW_ERR_TIMEOUT);
    here.set_timeout(-1).unwrap();
    assert_eq!(there.write(b"x"), Ok(Ok(1)));
    assert_eq!(here.read(9), Ok(Read::Bytes(b"x".to_vec())));
}

#[test]
fn accepting_waits_as_long_as_it_may() {
    let server = Ctx::server("localhost");
    let (listener, port) = listen();
    let fd = listener.as_raw_fd();
    assert_eq!(accept(&server, fd, 0, 0).unwrap().map(drop), Err(TLSW_WANT_READ));
    let begin = Instant::now();
    let error = accept(&server, fd, TLSW_HANDSHAKE, 60).map(drop).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TIMEOUT);
    assert!(begin.elapsed() >= Duration::from_millis(60));
    // One deadline for both: a client that does not speak has no more time than one that comes not.
    let silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let error = accept(&server, fd, TLSW_HANDSHAKE, 60).map(drop).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TIMEOUT);
    // Its socket was closed with it; the next one is served.
    assert_eq!((&silent).read(&mut [0; 9]).unwrap(), 0);
    let _next = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert!(accept(&server, fd, 0, LONG).unwrap().is_ok());
    listener.set_nonblocking(true).unwrap();
    assert_eq!(accept(&server, fd, 0, 0).unwrap().map(drop), Err(TLSW_WANT_READ));
    assert_eq!(accept(&server, fd, 0, 20).map(drop).unwrap_err().status, TLSW_ERR_TIMEOUT);
}

#[test]
fn a_handshake_that_fails_closes_the_socket_it_was_for() {
    let server = Ctx::server("localhost");
    let (listener, port) = listen();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let error = accept(&server, listener.as_raw_fd(), TLSW_HANDSHAKE, LONG).map(drop).unwrap_err();
    assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "HTTP_REQUEST"));
    // The end, or a reset where something is unread.
    client.set_read_timeout(Some(Duration::from_millis(LONG as u64))).unwrap();
    if let Err(error) = client.read_to_end(&mut Vec::new()) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn what_cannot_be_accepted_or_connected_is_told() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let refused = |fd, flags, timeout, word: &str| {
        let error = accept(&server, fd, flags, timeout).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{}", error.message);
        assert!(error.message.contains(word), "{}", error.message);
    };
    let (one, _other) = sockets();
    refused(one.as_raw_fd(), 0, LONG, "listens");
    let datagrams = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    refused(datagrams.as_raw_fd(), 0, LONG, "SOCK_STREAM");
    refused(-1, 0, LONG, "fd");
    let (listener, port) = listen();
    refused(listener.as_raw_fd(), 2, LONG, "flags");
    // Shaking hands at once needs time.
    refused(listener.as_raw_fd(), TLSW_HANDSHAKE, 0, "flags");
    let error = accept(&client, listener.as_raw_fd(), 0, LONG).map(drop).unwrap_err();
    assert!(error.message.contains("the context is a client's"), "{}", error.message);

    let refused = |ctx, host, flags, timeout, word: &str| {
        let error = connect(ctx, host, port, flags, timeout).map(drop).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{}", error.message);
        assert!(error.message.contains(word), "{}", error.message);
    };
    refused(&client, "localhost", 0, 0, "timeout_ms");
    refused(&client, "localhost", 2, LONG, "flags");
    refused(&client, "", 0, LONG, "host");
    refused(&client, "local host", 0, LONG, "host");
    refused(&server, "localhost", 0, LONG, "server's");
    // Nobody listens there any more.
    drop(listener);
    let error = connect(&client, "127.0.0.1", port, 0, LONG).map(drop).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ECONNREFUSED));
}

/// A TCP socket that is not connected.
fn unconnected() -> TcpStream {
    let number = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
    assert!(number >= 0);
    unsafe { TcpStream::from_raw_fd(number) }
}

/// connect(2) to a port of loopback; 0 or the error number.
fn connect_to(socket: &TcpStream, port: u16) -> i32 {
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as libc::sa_family_t;
    address.sin_port = port.to_be();
    address.sin_addr.s_addr = u32::from_be_bytes([127, 0, 0, 1]).to_be();
    let len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    let done = unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), len) };
    if done == 0 { 0 } else { std::io::Error::last_os_error().raw_os_error().unwrap() }
}

#[test]
fn a_client_may_be_wrapped_before_it_is_connected() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let (listener, port) = listen();
    let socket = unconnected();
    let conn = client.wrap_fd(socket.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(conn.version(), None);
    assert_eq!(connect_to(&socket, port), 0);
    scope(|scope| {
        let there = scope.spawn(|| accept(&server, listener.as_raw_fd(), TLSW_HANDSHAKE, LONG));
        assert_eq!(conn.handshake(), Ok(TLSW_OK));
        let there = there.join().unwrap().unwrap().unwrap();
        // A second connect is the system's to refuse, and costs nothing.
        assert_eq!(connect_to(&socket, port), libc::EISCONN);
        assert_eq!(there.write(b"still here"), Ok(Ok(10)));
        assert_eq!(conn.read(10), Ok(Read::Bytes(b"still here".to_vec())));
    });
}

#[test]
fn what_came_before_tls_is_never_handed_out() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    for (ctx, role, name) in
        [(&server, TLSW_SERVER, None), (&client, TLSW_CLIENT, Some("localhost"))]
    {
        // The peer sends plain text and leaves, with a reset, before TLS begins.
        let (here, mut there) = sockets();
        there.write_all(b"DELETE /everything HTTP/1.0\r\n\r\n").unwrap();
        while here.peek(&mut [0; 9]).unwrap() == 0 {}
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        let len = size_of::<libc::linger>() as libc::socklen_t;
        let (level, option) = (libc::SOL_SOCKET, libc::SO_LINGER);
        let number = there.as_raw_fd();
        let set =
            unsafe { libc::setsockopt(number, level, option, (&raw const linger).cast(), len) };
        assert_eq!(set, 0);
        drop(there);
        while here.peer_addr().is_ok() {
            thread::yield_now();
        }
        let conn = ctx.wrap_fd(here.as_raw_fd(), role, name).unwrap();
        for _ in 0..2 {
            let error = conn.read(99).unwrap_err();
            assert!([TLSW_ERR_TLS, TLSW_ERR_IO, TLSW_ERR_EOF].contains(&error.status));
        }
    }
}

#[test]
fn a_descriptor_that_is_handed_over_is_closed_with_the_connection() {
    let (client, _) = contexts(TLSW_TLS_1_3);
    for takes in [true, false] {
        let (here, mut there) = sockets();
        let conn = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        there.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        if takes {
            let take = || call(|err| unsafe { tlsw_conn_take_fd(conn.0, err) });
            assert_eq!((take(), take()), (Ok(TLSW_OK), Ok(TLSW_OK)));
            std::mem::forget(here);
            drop(conn);
            assert_eq!(there.read(&mut [0; 9]).unwrap(), 0);
        } else {
            drop(conn);
            let nothing = there.read(&mut [0; 9]).unwrap_err();
            assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
        }
    }
    let conn = client.wrap_bio(&Bio::new(), &Bio::new(), TLSW_CLIENT, Some("localhost")).unwrap();
    let error = call(|err| unsafe { tlsw_conn_take_fd(conn.0, err) }).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_STATE);
    assert_eq!(detach(&conn).map(drop).unwrap_err().status, TLSW_ERR_STATE);
}

#[test]
fn after_the_goodbyes_a_detached_descriptor_carries_plain_text() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (here, there) = pair(&client, &server);
        scope(|scope| {
            scope.spawn(|| assert_eq!(there.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK)));
            assert_eq!(here.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        });
        let (number, mut plain) = (fd(&here), detach(&here).unwrap());
        assert_eq!(plain.as_raw_fd(), number);
        assert_eq!(fd(&here), -1);
        // The connection has let go of it, also where it still has something to say.
        assert_eq!(detach(&here).map(drop).unwrap_err().status, TLSW_ERR_STATE);
        drop(here);
        let mut other = detach(&there).unwrap();
        drop(there);
        plain.write_all(b"plain text").unwrap();
        let mut text = [0; 10];
        other.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"plain text");
    }
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    let _plain = detach(&here).unwrap();
    assert_eq!(here.write(b"x").unwrap_err().status, TLSW_ERR_STATE);
    assert_eq!(here.shutdown(TLSW_SHUT_WRITE).unwrap_err().status, TLSW_ERR_STATE);
    drop(there);
}

#[test]
fn shutting_the_socket_is_no_goodbye() {
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    socket(&here).shutdown(std::net::Shutdown::Both).unwrap();
    assert_eq!(there.read(9).unwrap_err().status, TLSW_ERR_EOF);
}

#[test]
fn an_end_may_be_as_good_as_a_goodbye() {
    let suppress = |conn: &Conn, on| {
        call(|err| unsafe { tlsw_conn_set_suppress_ragged_eofs(conn.0, on, err) })
    };
    for version in VERSIONS {
        let (client, server) = contexts(version);
        for on in [0, 1] {
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(suppress(&pair.client, on), Ok(TLSW_OK));
            pair.server.write(b"last words").unwrap().unwrap();
            pair.to_client.write_eof();
            assert_eq!(pair.client.read(99), Ok(Read::Bytes(b"last words".to_vec())));
            let end = pair.client.read(99);
            if on == 1 {
                assert_eq!(end, Ok(Read::Status(TLSW_CLOSED)));
                assert_eq!(pair.client.write(b"x"), Ok(Ok(1)));
            } else {
                assert_eq!(end.unwrap_err().status, TLSW_ERR_EOF);
            }
        }
        // An end in the middle of a record, or of the handshake.
        let pair = Pair::connected(&client, &server, Some("localhost"));
        suppress(&pair.client, 1).unwrap();
        pair.server.write(b"cut short").unwrap().unwrap();
        let record = pair.to_client.drain();
        pair.to_client.write(&record[..9]).unwrap();
        pair.to_client.write_eof();
        assert_eq!(pair.client.read(99), Ok(Read::Status(TLSW_CLOSED)));
        let pair = Pair::new(&client, &server, Some("localhost"));
        suppress(&pair.client, 1).unwrap();
        pair.client.handshake().unwrap();
        pair.to_client.write_eof();
        assert_eq!(pair.client.read(99).unwrap_err().status, TLSW_ERR_EOF);
    }
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(suppress(&pair.client, 2).unwrap_err().status, TLSW_ERR_ARGUMENT);
}

#[test]
fn all_of_it_is_written_under_one_deadline() {
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    let data = stream(0, 8 << 20);
    scope(|scope| {
        scope.spawn(|| assert_eq!(write_all(&here, &data), Ok(TLSW_OK)));
        let mut got = 0;
        while got < data.len() {
            let Read::Bytes(bytes) = there.read(10_000).unwrap() else { panic!("no bytes") };
            check_stream(got, &bytes);
            got += bytes.len();
            // Slowly, so that the writer has to wait time and again.
            if got < 1 << 20 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    });
    assert_eq!(write_all(&here, b""), Ok(TLSW_OK));
    // Nobody reads: the deadline is not put off by what leaves at first, nor by each wait.
    here.set_timeout(150).unwrap();
    let (begin, data) = (Instant::now(), vec![0; 64 << 20]);
    let error = write_all(&here, &data).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TIMEOUT);
    assert!(begin.elapsed() >= Duration::from_millis(150));
    // Before the handshake nothing has.
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(write_all(&pair.client, b"hello"), Ok(TLSW_WANT_READ));
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert_eq!(write_all(&pair.client, &stream(0, 200_000)), Ok(TLSW_OK));
}

#[test]
fn a_file_is_sent_from_where_and_as_far_as_was_asked() {
    let path = std::env::temp_dir().join(format!("tlswrap-sendfile-{}", std::process::id()));
    let data = stream(0, 300_000);
    std::fs::write(&path, &data).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    let send = |conn: &Conn, file: i32, offset, count| {
        let mut sent = u64::MAX;
        call(|err| unsafe {
            tlsw_conn_sendfile(conn.0, file as isize, offset, count, &mut sent, err)
        })
        .map(|status| (status, sent))
    };
    for (offset, count, expected) in [
        (0, TLSW_TO_THE_END, 0..300_000),
        (0, 300_000, 0..300_000),
        (1000, 70_000, 1000..71_000),
        (299_999, 5, 299_999..300_000),
        (400_000, 5, 0..0),
        (7, 0, 0..0),
        (65_536, TLSW_TO_THE_END, 65_536..300_000),
    ] {
        scope(|scope| {
            let reader = scope.spawn(|| {
                let mut got = Vec::new();
                while got.len() < expected.len() {
                    let Read::Bytes(bytes) = there.read(100_000).unwrap() else { panic!() };
                    got.extend(bytes);
                }
                got
            });
            let sent = send(&here, file.as_raw_fd(), offset, count);
            assert_eq!(sent, Ok((TLSW_OK, expected.len() as u64)));
            assert!(reader.join().unwrap() == data[expected.clone()]);
        });
    }
    // Where the file is read by others is not touched.
    let mut begin = [0; 9];
    (&file).read_exact(&mut begin).unwrap();
    assert_eq!(begin, data[..9]);
    // What is no file.
    let (pipe, _writer) = std::io::pipe().unwrap();
    let error = send(&here, pipe.as_raw_fd(), 0, 5).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ESPIPE));
    let directory = std::fs::File::open("/").unwrap();
    let error = send(&here, directory.as_raw_fd(), 0, 5).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::EISDIR));
    assert_eq!(send(&here, -1, 0, 5).unwrap_err().status, TLSW_ERR_ARGUMENT);
    let error = send(&here, file.as_raw_fd(), u64::MAX, 5).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    // Over memory too, and before the handshake not yet.
    let (client, server) = contexts(TLSW_TLS_1_3);
    let memory = Pair::new(&client, &server, Some("localhost"));
    let not_yet = send(&memory.client, file.as_raw_fd(), 0, 5);
    assert_eq!(not_yet, Ok((TLSW_WANT_READ, u64::MAX)));
}

/// A connection as a stream of Rust's: all that a file over it takes.
struct File<'a>(&'a Conn);

impl std::io::Read for File<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(room.len()).map_err(|error| std::io::Error::other(error.message))? {
            Read::Bytes(bytes) => {
                room[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Read::Status(status) => {
                assert_eq!(status, TLSW_CLOSED);
                Ok(0)
            }
        }
    }
}

impl std::io::Write for File<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        write_all(self.0, data).map_err(|error| std::io::Error::other(error.message))?;
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn two_functions_make_a_buffered_file_of_a_connection() {
    use std::io::{BufRead as _, BufReader, BufWriter};
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    scope(|scope| {
        scope.spawn(|| {
            let mut file = BufWriter::new(File(&there));
            for line in 0..10_000 {
                writeln!(file, "line {line}").unwrap();
            }
            file.flush().unwrap();
            assert_eq!(there.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        });
        let lines = BufReader::new(File(&here)).lines().map(Result::unwrap);
        assert!(lines.eq((0..10_000).map(|line| format!("line {line}"))));
    });
}

#[test]
fn what_makes_no_sense_over_tls_has_no_function_and_no_flags() {
    let header = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/include/tlswrap.h"));
    let header = header.unwrap();
    for name in ["sendto", "recvfrom", "sendmsg", "recvmsg", "dup"] {
        assert!(!header.contains(&format!("tlsw_conn_{name}(")), "{name}");
    }
    // MSG_PEEK is a function of its own, other flags there are not.
    let (here, there) = pair(&Ctx::client("root.pem"), &Ctx::server("localhost"));
    there.write(b"once").unwrap().unwrap();
    assert_eq!(here.peek(9), Ok(Read::Bytes(b"once".to_vec())));
    assert_eq!(here.read(9), Ok(Read::Bytes(b"once".to_vec())));
}
