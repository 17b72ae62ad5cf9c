//! What an error is: the caller's own struct, and of a transport that is gone the same each time.

mod support;
use std::os::fd::AsRawFd;
use support::*;

/// Every call that would move bytes gives `error`.
fn is_told_again(conn: &Conn, error: &Error) {
    for _ in 0..2 {
        assert_eq!(conn.read(9).as_ref(), Err(error));
        assert_eq!(conn.peek(9).as_ref(), Err(error));
        assert_eq!(conn.write(b"anyone there?").as_ref(), Err(error));
        assert_eq!(conn.handshake().as_ref(), Err(error));
    }
}

#[test]
fn the_end_of_the_transport_is_told_by_every_call_from_then_on() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.server.write(b"the last words"), Ok(Ok(14)));
        pair.to_client.write_eof();
        // What came before it is read, and until it is met one can write.
        assert_eq!(pair.client.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(99), Ok(Read::Bytes(b"the last words".to_vec())));
        let error = pair.client.read(9).unwrap_err();
        assert_eq!((error.status, &*error.reason), (TLSW_ERR_EOF, "UNEXPECTED_EOF_WHILE_READING"));
        pair.to_server.drain();
        is_told_again(&pair.client, &error);
        assert!(pair.to_server.drain().is_empty(), "nothing is sent to a peer that is gone");
    }
}

#[test]
fn an_end_amid_the_handshake_is_too() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    pair.to_client.write_eof();
    let error = pair.client.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_EOF);
    is_told_again(&pair.client, &error);
}

/// What a client says of a server that sends `answer` to its ClientHello and closes.
fn answered(answer: &[u8]) -> Error {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    pair.to_client.write(answer).unwrap();
    pair.to_client.write_eof();
    pair.client.handshake().unwrap_err()
}

#[test]
fn an_end_amid_the_handshake_says_how_far_that_was() {
    // Nothing was read that could be cut short.
    let error = answered(b"");
    assert!(error.message.contains("before it sent anything"), "{}", error.message);
    assert!(error.message.contains("STARTTLS"), "{}", error.message);
    let error = answered(&[22, 3, 3, 0, 9, 2]);
    assert!(error.message.contains("in the middle of the handshake"), "{}", error.message);
    // A server is not told to look for TLS.
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    pair.to_server.write_eof();
    let error = pair.server.handshake().unwrap_err();
    assert_eq!(error.message, "the client closed the transport before it sent anything");
    for error in [answered(b""), answered(&[22]), error] {
        let wanted = (TLSW_ERR_EOF, "UNEXPECTED_EOF_WHILE_READING");
        assert_eq!((error.status, &*error.reason), wanted);
    }
}

#[test]
fn a_message_that_is_too_long_is_told_with_a_remedy() {
    // A Certificate of 16 MiB where a ServerHello is due.
    let error = answered(&[22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff]);
    assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "EXCESSIVE_MESSAGE_SIZE"));
    assert!(error.message.contains("100 KiB"), "{}", error.message);
    assert!(error.message.contains("fewer certificates"), "{}", error.message);
}

#[test]
fn a_reset_is_told_by_every_call_from_then_on() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (here, there) = sockets();
        let one = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
        let other = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
        shake_hands(&one, &other);
        // A socket that is closed with bytes unread resets the connection.
        assert_eq!(one.write(b"unread"), Ok(Ok(6)));
        let mut byte = [0];
        assert_eq!(there.peek(&mut byte).unwrap(), 1);
        drop((other, there));
        // In TLS 1.3 the tickets may be there to read first.
        let error = loop {
            match one.read(9) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(
            (error.status, error.os_error),
            (TLSW_ERR_IO, libc::ECONNRESET),
            "{}",
            error.message
        );
        is_told_again(&one, &error);
    }
}

#[test]
fn an_end_that_is_as_good_as_a_goodbye_leaves_the_other_half_alone() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let options = unsafe { tlsw_ctx_get_options(client.0) } | TLSW_OP_IGNORE_UNEXPECTED_EOF;
        call(|err| unsafe { tlsw_ctx_set_options(client.0, options, err) }).unwrap();
        let pair = Pair::connected(&client, &server, Some("localhost"));
        pair.to_client.write_eof();
        for _ in 0..2 {
            assert_eq!(pair.client.read(9), Ok(Read::Status(TLSW_CLOSED)));
            assert_eq!(pair.client.write(b"x"), Ok(Ok(1)));
            assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"x".to_vec())));
        }
    }
}

#[test]
fn an_error_is_the_caller_s_and_stays_as_it_is() {
    let fail = |verify: bool| {
        let ctx = Ctx::client(if verify { "untrusted.pem" } else { "root.pem" });
        let server = Ctx::server(if verify { "localhost" } else { "wrong-name" });
        let pair = Pair::new(&ctx, &server, Some("localhost"));
        pair.handshake().0.unwrap_err()
    };
    // Two threads fail in two ways at once, each with errors of its own.
    std::thread::scope(|scope| {
        for verify in [true, false] {
            scope.spawn(move || {
                let first = fail(verify);
                assert_eq!(first.verify_error, if verify { 20 } else { 62 });
                for _ in 0..20 {
                    assert_eq!(fail(verify), first);
                }
            });
        }
    });
    // Written by the call that failed, and by none after it that succeeds.
    let mut err = blank();
    let ctx = Ctx::new(TLSW_CLIENT);
    let status = unsafe { tlsw_ctx_set_verify_mode(ctx.0, 7, &mut err) };
    assert_eq!((status, err.status), (TLSW_ERR_ARGUMENT, TLSW_ERR_ARGUMENT));
    let message = err.message;
    assert_eq!(unsafe { tlsw_ctx_set_verify_mode(ctx.0, TLSW_CERT_REQUIRED, &mut err) }, TLSW_OK);
    assert_eq!(err.status, TLSW_ERR_ARGUMENT);
    assert!(err.message == message);
}

#[test]
fn a_name_that_does_not_fit_is_told_in_python_s_words() {
    for (server, name, code, words) in [
        (
            "localhost",
            "else.example",
            62,
            "Hostname mismatch, certificate is not valid for 'else.example'.",
        ),
        (
            "wrong-name",
            "127.0.0.1",
            64,
            "IP address mismatch, certificate is not valid for '127.0.0.1'.",
        ),
        ("expired", "localhost", 10, "certificate has expired"),
    ] {
        let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server(server), Some(name));
        let error = pair.handshake().0.unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, code));
        let mut message = empty();
        let ask = |message: &mut tlsw_buf, conn: &Conn| {
            call(|err| unsafe { tlsw_get_verify_message(conn.0, message, err) })
        };
        assert_eq!(ask(&mut message, &pair.client), Ok(TLSW_OK));
        assert_eq!(String::from_utf8(take(message)).unwrap(), words);
        // The other side refused nothing.
        assert_eq!(ask(&mut empty(), &pair.server), Ok(TLSW_NONE));
    }
}
