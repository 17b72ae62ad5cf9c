//! What ended a handshake, or a connection, is the error, whatever becomes of the alert about it: a
//! peer that is gone by then does not hide it.

mod support;

use std::io::Write as _;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use support::*;
#[path = "support/functions.rs"]
mod functions;
use functions::*;
#[path = "support/hooks.rs"]
mod hooks;

/// What a write function answers for which nobody is there any more.
const GONE: [(tlsw_status, usize); 4] =
    [(TLSW_CLOSED, 0), (TLSW_ERR_IO, 0), (TLSW_OK, 0), (TLSW_WANT_WRITE, 0)];

/// Two ends whose contexts are these; each one's writes fail with `answer` once it is told to.
fn ends(contexts: &(Ctx, Ctx), answer: (tlsw_status, usize)) -> (Ends, [Arc<AtomicBool>; 2]) {
    let gone: [Arc<AtomicBool>; 2] = Default::default();
    let act = |gone: &Arc<AtomicBool>| {
        let gone = gone.clone();
        move |which, _| match which {
            Which::Write if gone.load(Ordering::SeqCst) => Act::Answer(answer.0, answer.1),
            _ => ALL,
        }
    };
    (Ends::of(contexts, act(&gone[0]), act(&gone[1])), gone)
}

/// The client's handshake, in which the server has sent its flight and the client's alert fails to
/// leave.
fn client_refuses(contexts: &(Ctx, Ctx), answer: (tlsw_status, usize)) -> (Ends, Error) {
    let (ends, [gone, _]) = ends(contexts, answer);
    assert_eq!(ends.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(ends.server.handshake(), Ok(TLSW_WANT_READ));
    gone.store(true, Ordering::SeqCst);
    let error = ends.client.handshake().unwrap_err();
    assert_eq!(ends.client.handshake().as_ref(), Err(&error), "it is the error from then on");
    assert_eq!(ends.client.read(9).as_ref(), Err(&error));
    assert_eq!(ends.client.write(b"x").as_ref(), Err(&error));
    (ends, error)
}

/// The server's handshake, which has the client's flight and whose alert fails to leave.
fn server_refuses(contexts: &(Ctx, Ctx), answer: (tlsw_status, usize)) -> (Ends, Error) {
    let (ends, [_, gone]) = ends(contexts, answer);
    assert_eq!(ends.client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(ends.server.handshake(), Ok(TLSW_WANT_READ));
    assert!(ends.client.handshake().is_ok());
    gone.store(true, Ordering::SeqCst);
    let error = ends.server.handshake().unwrap_err();
    assert_eq!(ends.server.handshake().as_ref(), Err(&error), "it is the error from then on");
    (ends, error)
}

#[test]
fn a_certificate_that_was_refused() {
    for version in VERSIONS {
        for answer in GONE {
            let contexts = (Ctx::client("untrusted.pem"), contexts(version).1);
            let (ends, error) = client_refuses(&contexts, answer);
            assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{error:?}");
            assert_eq!((error.os_error, error.alert), (0, -1), "no alert has left");
            // As after any refusal.
            assert_eq!(ends.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("localhost.chain.pem"))));
            assert_eq!(ends.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_FAILED)));
            assert_eq!(ends.client.verify_result().unwrap_err().verify_error, 20);
            assert_eq!(ends.client.failed_cert(), pki_ders("localhost.chain.pem").pop());
        }
    }
}

#[test]
fn a_client_s_certificate_that_was_refused() {
    for version in VERSIONS {
        for answer in GONE {
            let (client, server) = contexts(version);
            client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
            server.load_ca_file(&pki("untrusted.pem")).unwrap();
            server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
            let (ends, error) = server_refuses(&(client, server), answer);
            assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{error:?}");
            assert_eq!(ends.server.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("client.chain.pem"))));
        }
    }
}

#[test]
fn a_client_s_certificate_that_was_not_shown() {
    for version in VERSIONS {
        for answer in GONE {
            let (client, server) = contexts(version);
            server.load_ca_file(&pki("root.pem")).unwrap();
            server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
            let (_, error) = server_refuses(&(client, server), answer);
            let wanted = (TLSW_ERR_TLS, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
            assert_eq!((error.status, &*error.reason), wanted, "{error:?}");
        }
    }
}

#[test]
fn what_a_hook_refused() {
    for version in VERSIONS {
        for answer in GONE {
            let contexts = contexts(version);
            contexts.0.set_verify_hook(Box::new(|_, _, _| TLSW_ERR_VERIFY)).unwrap();
            let (_, error) = client_refuses(&contexts, answer);
            assert_eq!(error.status, TLSW_ERR_VERIFY, "{error:?}");

            let contexts = (Ctx::client("root.pem"), contexts.1);
            contexts.1.set_sni_hook(|_, _, _| TLSW_ERR_ARGUMENT).unwrap();
            let (ends, [_, gone]) = ends(&contexts, answer);
            assert_eq!(ends.client.handshake(), Ok(TLSW_WANT_READ));
            gone.store(true, Ordering::SeqCst);
            for _ in 0..2 {
                let error = ends.server.handshake().unwrap_err();
                let wanted = (TLSW_ERR_HOOK, "CALLBACK_FAILED");
                assert_eq!((error.status, &*error.reason), wanted, "{error:?}");
            }
        }
    }
}

#[test]
fn what_is_not_tls() {
    for answer in GONE {
        let (ends, [gone, _]) = ends(&contexts(TLSW_TLS_1_3), answer);
        assert_eq!(ends.client.handshake(), Ok(TLSW_WANT_READ));
        ends.to_client.lock().unwrap().extend(b"SSH-2.0-OpenSSH_9.2\r\n");
        gone.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            let error = ends.client.handshake().unwrap_err();
            let wanted = (TLSW_ERR_TLS, "WRONG_VERSION_NUMBER");
            assert_eq!((error.status, &*error.reason), wanted, "{error:?}");
            assert!(error.message.contains("not TLS"), "{}", error.message);
        }
    }
}

/// A record of application data that nobody has sealed.
const FORGED: [u8; 37] = {
    let mut record = [7; 37];
    (record[0], record[1], record[2], record[3], record[4]) = (23, 3, 3, 0, 32);
    record
};

#[test]
fn a_record_that_was_forged_after_the_handshake() {
    for version in VERSIONS {
        for answer in GONE {
            for peek in [false, true] {
                let (ends, [gone, _]) = ends(&contexts(version), answer);
                ends.shake();
                assert_eq!(ends.client.read(9), Ok(Read::Status(TLSW_WANT_READ)));
                ends.to_client.lock().unwrap().extend(FORGED);
                gone.store(true, Ordering::SeqCst);
                let wanted = (TLSW_ERR_TLS, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
                for _ in 0..2 {
                    let now = if peek { ends.client.peek(9) } else { ends.client.read(9) };
                    let error = now.unwrap_err();
                    assert_eq!((error.status, &*error.reason), wanted, "{error:?}");
                }
            }
        }
    }
}

#[test]
fn a_record_that_was_forged_while_a_goodbye_is_awaited() {
    for version in VERSIONS {
        let (ends, [gone, _]) = ends(&contexts(version), GONE[0]);
        ends.shake();
        assert_eq!(ends.client.read(9), Ok(Read::Status(TLSW_WANT_READ)));
        assert_eq!(ends.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        ends.to_client.lock().unwrap().extend(FORGED);
        gone.store(true, Ordering::SeqCst);
        let error = ends.client.shutdown(TLSW_SHUT_BOTH).unwrap_err();
        let wanted = (TLSW_ERR_TLS, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
        assert_eq!((error.status, &*error.reason), wanted, "{error:?}");
    }
}

#[test]
fn over_memory_whose_end_was_written() {
    for version in VERSIONS {
        let server = contexts(version).1;
        let pair = Pair::new(&Ctx::client("untrusted.pem"), &server, Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
        pair.to_server.write_eof();
        let error = pair.client.handshake().unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{error:?}");
    }
}

/// Whether the socket comes to one of `events`, an error or its end within so many milliseconds.
fn polled(socket: &TcpStream, events: i16, milliseconds: i32) -> bool {
    let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
    unsafe { libc::poll(&raw mut poll, 1, milliseconds) == 1 }
}

/// Has a socket closed with a reset, and waits until its peer knows.
fn reset(socket: TcpStream, peer: &TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let size = size_of::<libc::linger>() as u32;
    let (fd, option) = (socket.as_raw_fd(), (&raw const linger).cast());
    let set = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, option, size) };
    assert_eq!(set, 0);
    drop(socket);
    assert!(polled(peer, 0, 60_000));
}

#[test]
fn over_a_socket_that_was_reset() {
    for version in VERSIONS {
        for answers in ["a flight", "SSH-2.0-OpenSSH_9.2\r\n"] {
            let (here, mut there) = sockets();
            let client = Ctx::client("untrusted.pem");
            let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
            client.set_timeout(0).unwrap();
            assert_eq!(client.handshake(), Ok(TLSW_WANT_READ));
            if answers == "a flight" {
                let server = contexts(version).1;
                let server = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
                server.set_timeout(0).unwrap();
                while !polled(&here, libc::POLLIN, 20) {
                    assert_eq!(server.handshake(), Ok(TLSW_WANT_READ));
                }
            } else {
                there.write_all(answers.as_bytes()).unwrap();
            }
            reset(there, &here);
            let error = client.handshake().unwrap_err();
            if answers == "a flight" {
                assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20), "{error:?}");
                let sent = client.chain(TLSW_CHAIN_SENT);
                assert_eq!(sent, Ok(Ok(pki_ders("localhost.chain.pem"))));
            } else {
                assert_eq!(error.reason, "WRONG_VERSION_NUMBER", "{error:?}");
            }
            assert_eq!(client.handshake(), Err(error));
        }
    }
}

#[test]
fn a_client_that_was_refused_after_its_handshake_learns_why_when_it_writes() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    server.load_ca_file(&pki("root.pem")).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    let (here, there) = sockets();
    let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let server = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
    let (ours, theirs) = std::thread::scope(|scope| {
        let server = scope.spawn(|| server.handshake());
        (client.handshake(), server.join().unwrap())
    });
    assert_eq!(ours, Ok(TLSW_OK), "a client is done before the server has judged it");
    assert_eq!(theirs.unwrap_err().reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    reset(there, &here);
    for _ in 0..2 {
        let error = client.write(b"hello").unwrap_err();
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, 116), "{error:?}");
        assert_eq!(client.read(9), Err(error));
    }
}
