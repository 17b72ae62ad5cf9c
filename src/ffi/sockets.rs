//! Sockets: connecting and accepting, ownership of the descriptor, sending files.

use std::ffi::c_char;

use super::enter;
use super::get::question;
use super::ptr::{Held, Out, hold, out, release, text};
use super::types::*;
use super::wrap::handle;
use crate::conn::Conn;
use crate::error::{Error, Progress, Result};
use crate::io::deadline::Deadline;

/// Flag of tlsw_connect and tlsw_accept: also perform the handshake, within the same time limit.
pub const TLSW_HANDSHAKE: u32 = 1;

/// Byte count of tlsw_conn_sendfile: send up to the end of the file.
pub const TLSW_TO_THE_END: u64 = u64::MAX;

/// Makes connections that own their sockets.
#[cfg(unix)]
use crate::sockets;

/// Reports that connections cannot own sockets, on systems without descriptors.
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

/// Whether the flags request a handshake.
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

/// Completes a connection that has its socket, with the handshake if it is requested.
fn finish(
    made: Conn,
    ctx: Held<tlsw_ctx>,
    conn: Out<'_, *mut tlsw_conn>,
    (handshake, timeout_ms, deadline): (bool, i64, Deadline),
) -> Result<Progress> {
    made.set_timeout(timeout_ms)?;
    // Callbacks receive the handle, so the handshake needs a handle.
    let handle = handle(made, ctx);
    let shaken = if handshake {
        // SAFETY: a new handle, which nothing else uses yet.
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

/// Connects to a host and makes a client connection over the new socket. The connection owns the
/// socket and closes it when the connection is freed. Gives `*conn`, to be freed with
/// tlsw_conn_free.
/// `host` is a DNS name or an IP address, and also the `server_hostname` (tlsw_wrap_fd) that the
/// server's certificate must contain. The addresses of the host are tried one after another, IPv6
/// and IPv4. `flags` is TLSW_HANDSHAKE, or 0 to perform the handshake later. `timeout_ms` is the
/// time limit in milliseconds of the whole call, and afterwards of each call on the connection
/// (tlsw_conn_set_timeout); negative is unlimited. The system's name resolver cannot be
/// interrupted, but the time that it takes counts.
/// With TLSW_HANDSHAKE, a failed handshake leaves no connection to query about the server: use 0 if
/// you need that information.
/// Errors: TLSW_ERR_ARGUMENT, also for a timeout of 0; TLSW_ERR_UNSUPPORTED if tlsw_has("fd")
/// returns 0; TLSW_ERR_IO if the name has no address or no address answers; TLSW_ERR_TIMEOUT; with
/// TLSW_HANDSHAKE also as tlsw_conn_handshake, and TLSW_ERR_STATE if a callback returns
/// TLSW_WANT_HOOK. Callable from any thread.
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

/// Accepts a client from `fd` (borrows), a listening stream socket, and makes a server connection
/// over the new socket. The connection owns the new socket and closes it when the connection is
/// freed. tlsw_get_fd returns the number of the new socket, for getpeername and the like. Gives
/// `*conn`, to be freed with tlsw_conn_free.
/// `flags` is 0 to leave the handshake to tlsw_conn_handshake or the first read, so that a slow
/// client does not delay the next clients; or TLSW_HANDSHAKE. `timeout_ms` is the time limit in
/// milliseconds of the whole call, and afterwards of each call on the connection; negative is
/// unlimited, 0 never waits. With 0, TLSW_HANDSHAKE is not allowed.
/// If several threads accept from one socket, make the socket non-blocking. Otherwise a thread may
/// wait for the next client in spite of the time limit, after another thread has accepted the first
/// one. After an error the socket still listens.
/// Also returns TLSW_WANT_READ if no client is waiting and the call may not wait.
/// Errors: TLSW_ERR_ARGUMENT, also if `fd` does not listen; TLSW_ERR_UNSUPPORTED if tlsw_has("fd")
/// returns 0; TLSW_ERR_IO; TLSW_ERR_TIMEOUT; with TLSW_HANDSHAKE also as tlsw_conn_handshake, and
/// TLSW_ERR_STATE if a callback returns TLSW_WANT_HOOK. Callable from any thread.
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

/// Returns the descriptor of a connection; -1 if the connection has none, and for an invalid
/// handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_fd(conn: *const tlsw_conn) -> isize {
    question(conn, -1, |conn| isize::try_from(conn.descriptor()).ok())
}

/// Makes the connection the owner of its descriptor: the descriptor is closed when the connection
/// is freed. Does nothing if the connection owns its descriptor already.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the connection is not over a descriptor;
/// TLSW_ERR_BUSY. Callable from any thread.
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

/// Gives the descriptor (`*fd`) to the caller, whoever owned it before. The connection does not use
/// the descriptor any more; later calls on the connection that need it return TLSW_ERR_STATE. For
/// plain text after tlsw_conn_shutdown with TLSW_SHUT_BOTH.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the connection is not over a descriptor;
/// TLSW_ERR_BUSY.
/// No other thread may be waiting in a call on the connection.
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

/// Sends `count` bytes of a file, starting at `offset`, or all bytes up to its end with
/// TLSW_TO_THE_END. Sends fewer bytes if the file ends before, and sets `*sent` to the number of
/// bytes sent. `file` (borrows) is a descriptor open for reading; its file position does not
/// change. Performs the handshake first if it is not complete.
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer or a signal
/// arrived, and TLSW_WANT_HOOK as tlsw_conn_handshake: call again with the same arguments, and the
/// call continues where it stopped. The last call sets `*sent` to the sum. tlsw_get_written returns
/// the number of bytes sent so far.
/// Errors: as tlsw_conn_write_all; TLSW_ERR_IO with os_error if the file cannot be read (ESPIPE for
/// a pipe); TLSW_ERR_UNSUPPORTED if tlsw_has("fd") returns 0.
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
