//! Sockets: connecting and accepting, whose the descriptor is, files.

use std::ffi::c_char;

use super::enter;
use super::get::question;
use super::ptr::{Held, Out, hold, out, release, text};
use super::types::*;
use super::wrap::handle;
use crate::conn::Conn;
use crate::error::{Error, Progress, Result};
use crate::io::deadline::Deadline;

/// For tlsw_connect and tlsw_accept: shake hands too, within the same time.
pub const TLSW_HANDSHAKE: u32 = 1;

/// The end of a file, however far it is (tlsw_conn_sendfile).
pub const TLSW_TO_THE_END: u64 = u64::MAX;

/// What makes connections with sockets of their own.
#[cfg(unix)]
use crate::sockets;

/// Where there are no descriptors.
#[cfg(not(unix))]
mod sockets {
    use super::*;
    use crate::ctx::Ctx;

    fn none<T>() -> Result<T> {
        Err(Error::new(
            crate::error::Kind::Unsupported,
            "this build has no sockets of its own; use tlsw_wrap_bio or tlsw_wrap_io",
        ))
    }

    pub fn connect(_: &Ctx, _: &str, _: u16, _: &Deadline) -> Result<Conn> {
        none()
    }

    pub fn accept(_: &Ctx, _: isize, _: &Deadline) -> Result<Progress<Conn>> {
        none()
    }

    pub fn shake_hands(_: &Conn, _: Deadline) -> Result<()> {
        none()
    }
}

/// Whether to shake hands.
fn handshake(flags: u32, timeout_ms: i64) -> Result<bool> {
    if flags & !TLSW_HANDSHAKE != 0 {
        return Err(Error::argument(format!("flags: {flags:#x} has unknown bits")));
    }
    if flags != 0 && timeout_ms == 0 {
        return Err(Error::argument(
            "flags: without waiting there is no shaking hands at once; leave TLSW_HANDSHAKE out",
        ));
    }
    Ok(flags != 0)
}

/// Gives a connection that has its socket, with its handshake if that is asked for.
fn finish(
    made: Conn,
    ctx: Held<tlsw_ctx>,
    conn: Out<'_, *mut tlsw_conn>,
    (handshake, timeout_ms, deadline): (bool, i64, Deadline),
) -> Result<Progress> {
    made.set_timeout(timeout_ms)?;
    // Hooks are told of the handle, so the handshake needs one.
    let handle = handle(made, ctx);
    let shaken = if handshake {
        // SAFETY: fresh, and nobody else's yet.
        unsafe { hold(handle, "conn") }.and_then(|conn| sockets::shake_hands(&conn, deadline))
    } else {
        Ok(())
    };
    match shaken {
        Ok(()) => conn.put(handle),
        Err(error) => {
            // SAFETY: as above.
            unsafe { release(handle) };
            return Err(error);
        }
    }
    Ok(Progress::Done(()))
}

/// `tlsw_connect` connects to a host and makes a client's connection over the socket, which is the
/// connection's own and closed with it. `host` is a DNS name, which the server's certificate must
/// carry as server_hostname of tlsw_wrap_fd, or an address; its addresses are tried one after another,
/// IPv6 and IPv4. `flags` is TLSW_HANDSHAKE, or 0 to shake hands later. `timeout_ms` is for all of it
/// together, and afterwards for each call on the connection (tlsw_conn_set_timeout): milliseconds,
/// negative for ever. Only the system's resolver cannot be interrupted, though the time it takes
/// counts. After a handshake that failed there is no connection to ask about the server: for that,
/// shake hands later. Gives `*conn`, to be freed with tlsw_conn_free.
/// Errors: ERR_ARGUMENT, also for a timeout of 0; ERR_UNSUPPORTED where tlsw_has("fd") is 0; ERR_IO
/// if the name has no address or nobody answers; ERR_TIMEOUT; with TLSW_HANDSHAKE also as
/// tlsw_conn_handshake. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_connect(
    ctx: *mut tlsw_ctx,
    host: *const c_char,
    port: u16,
    flags: u32,
    timeout_ms: i64,
    conn: *mut *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string; NULL or room for the handle.
        let (ctx, host, conn) =
            unsafe { (hold(ctx, "ctx")?, text(host, "host")?, out(conn, "conn")?) };
        if timeout_ms == 0 {
            return Err(Error::argument("timeout_ms: without waiting nobody can be connected to"));
        }
        let (handshake, deadline) = (handshake(flags, timeout_ms)?, Deadline::after(timeout_ms));
        let made = sockets::connect(&ctx, host, port, &deadline)?;
        finish(made, ctx, conn, (handshake, timeout_ms, deadline))
    })
}

/// `tlsw_accept` accepts a client from `fd` (borrows), a stream socket that listens, and makes a
/// server's connection over the new socket, which is the connection's own and closed with it;
/// tlsw_get_fd is its number, for getpeername and the like. `flags` is 0: the handshake is left to
/// tlsw_conn_handshake or the first read, so that a slow client does not keep the next ones waiting; or
/// TLSW_HANDSHAKE. `timeout_ms` is for all of it together, and afterwards for each call on the
/// connection: milliseconds, negative for ever, 0 never wait. Where several threads accept from one
/// socket, make it non-blocking: who comes late would wait for the next client, whatever the timeout.
/// Gives `*conn`, to be freed with tlsw_conn_free. After an error the socket listens on.
/// Also WANT_READ if nobody is there and it may not wait.
/// Errors: ERR_ARGUMENT, also if `fd` does not listen; ERR_UNSUPPORTED where tlsw_has("fd") is 0;
/// ERR_IO; ERR_TIMEOUT; with TLSW_HANDSHAKE also as tlsw_conn_handshake. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_accept(
    ctx: *mut tlsw_ctx,
    fd: isize,
    flags: u32,
    timeout_ms: i64,
    conn: *mut *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the handle.
        let (ctx, conn) = unsafe { (hold(ctx, "ctx")?, out(conn, "conn")?) };
        let (handshake, deadline) = (handshake(flags, timeout_ms)?, Deadline::after(timeout_ms));
        let made = match sockets::accept(&ctx, fd, &deadline)? {
            Progress::Done(made) => made,
            not_yet => return Ok(not_yet.map(drop)),
        };
        finish(made, ctx, conn, (handshake, timeout_ms, deadline))
    })
}

/// `tlsw_get_fd` is the descriptor that a connection is over; -1 if it is over none, or for no
/// connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_fd(conn: *const tlsw_conn) -> isize {
    question(conn, -1, |conn| isize::try_from(conn.descriptor()).ok())
}

/// `tlsw_conn_take_fd` hands the descriptor over to the connection: it is closed when the connection is
/// freed. Done again, or for a connection that has a socket of its own, it does nothing.
/// Errors: ERR_ARGUMENT; ERR_STATE if it is over no descriptor; ERR_BUSY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_take_fd(
    conn: *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(conn, "conn") }?.take_over_descriptor()?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_conn_detach_fd` gives the descriptor back (`*fd`), whoever owned it: it is the caller's, and
/// the connection does not use it any more. What is asked of the connection that needs it is
/// ERR_STATE. For going on in plain text after tlsw_conn_shutdown with TLSW_SHUT_BOTH.
/// Errors: ERR_ARGUMENT; ERR_STATE if it is over no descriptor; ERR_BUSY. No other thread may be
/// waiting in a call on the connection.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_detach_fd(
    conn: *mut tlsw_conn,
    fd: *mut isize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the number.
        let (conn, fd) = unsafe { (hold(conn, "conn")?, out(fd, "fd")?) };
        let number = conn.detach_descriptor()?;
        fd.put(isize::try_from(number).unwrap_or(-1));
        Ok(Progress::Done(()))
    })
}

/// `tlsw_conn_sendfile` writes what the file `file` (borrows a descriptor open for reading) has from
/// `offset` on: `count` bytes, or TLSW_TO_THE_END; fewer if the file ends before. Sets `*sent` to how
/// many there were. Where the file is read and written afterwards does not change. Shakes hands first
/// if need be.
/// Also WANT_READ, WANT_WRITE when it may not wait longer, or a signal came: call again with the same
/// arguments, and it goes on where it ended, and at last sets `*sent` to the sum; tlsw_get_written is
/// how many were sent until then.
/// Errors: as tlsw_conn_write_all; ERR_IO with os_error if the file cannot be read (ESPIPE for a pipe);
/// ERR_UNSUPPORTED where tlsw_has("fd") is 0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_sendfile(
    conn: *mut tlsw_conn,
    file: isize,
    offset: u64,
    count: u64,
    sent: *mut u64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the number.
        let (conn, sent) = unsafe { (hold(conn, "conn")?, out(sent, "sent")?) };
        let number = i32::try_from(file).ok().filter(|number| *number >= 0);
        let number = number
            .ok_or_else(|| Error::argument(format!("file: {file} is not a file descriptor")))?;
        Ok(send_file(&conn, number, offset, count)?.map(|n| sent.put(n)))
    })
}

#[cfg(unix)]
fn send_file(conn: &Conn, file: i32, offset: u64, count: u64) -> Result<Progress<u64>> {
    conn.send_file(file, offset, count)
}

#[cfg(not(unix))]
fn send_file(_: &Conn, _: i32, _: u64, _: u64) -> Result<Progress<u64>> {
    Err(Error::new(crate::error::Kind::Unsupported, "this build has no descriptors"))
}
