//! Signals that come while a call waits for a descriptor.

mod support;

use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::thread::JoinHandleExt as _;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::*;

static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

/// Counts SIGUSR1 from now on, without ending the process.
fn handle() {
    let handler = count as extern "C" fn(libc::c_int) as libc::sighandler_t;
    assert_ne!(unsafe { libc::signal(libc::SIGUSR1, handler) }, libc::SIG_ERR);
}

/// A client whose server never says a word, and the server's end.
fn waiting() -> (Conn, UnixStream, UnixStream) {
    let (one, other) = UnixStream::pair().unwrap();
    let ctx = Ctx::new(TLSW_CLIENT);
    let conn = ctx.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    (conn, one, other)
}

#[test]
fn a_signal_ends_a_wait_only_where_it_was_asked_for() {
    handle();
    for on in [0, 1] {
        let (conn, socket, silent) = waiting();
        conn.set_timeout(-1).unwrap();
        if on == 1 {
            assert_eq!(
                call(|err| unsafe { tlsw_conn_set_interruptible(conn.0, 1, err) }),
                Ok(TLSW_OK)
            );
        }
        let waiter = std::thread::spawn(move || {
            let ended = conn.handshake();
            drop((conn, socket));
            ended
        });
        let before = HANDLED.load(Ordering::SeqCst);
        // Again and again: the first may come before the call waits.
        while HANDLED.load(Ordering::SeqCst) < before + 5 && !waiter.is_finished() {
            unsafe { libc::pthread_kill(waiter.as_pthread_t(), libc::SIGUSR1) };
            std::thread::sleep(Duration::from_millis(20));
        }
        if on == 0 {
            assert!(!waiter.is_finished(), "a signal ended a wait that should go on");
            silent.shutdown(Shutdown::Write).unwrap();
            assert_eq!(waiter.join().unwrap().unwrap_err().status, TLSW_ERR_EOF);
        } else {
            while !waiter.is_finished() {
                unsafe { libc::pthread_kill(waiter.as_pthread_t(), libc::SIGUSR1) };
                std::thread::sleep(Duration::from_millis(20));
            }
            assert_eq!(waiter.join().unwrap(), Ok(TLSW_WANT_READ));
        }
    }
}

#[test]
fn nonsense_is_told() {
    let (conn, _socket, _silent) = waiting();
    for on in [-1, 2] {
        let told = call(|err| unsafe { tlsw_conn_set_interruptible(conn.0, on, err) });
        assert_eq!(told.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
    let told = call(|err| unsafe { tlsw_conn_set_interruptible(null_mut(), 1, err) });
    assert_eq!(told.unwrap_err().status, TLSW_ERR_ARGUMENT);
}
