//! Driving connections: handshake, reading, writing, closing, and the settings of a connection.

use std::ffi::c_void;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use super::ctx::switch;
use super::ptr::{Held, bytes, hold, out, release, room};
use super::types::*;
use super::user::User;
use super::{ask, enter, enter_often};
use crate::conn::{Conn, Goodbye};
use crate::error::{Error, Progress};

/// The content of a connection's handle: the connection, and the caller's objects that belong to
/// it.
pub struct Connection {
    conn: Conn,
    /// The context of the connection.
    pub(super) ctx: Mutex<Held<tlsw_ctx>>,
    /// The caller's value (`tlsw_conn_set_user`).
    pub(super) user: Mutex<Option<User>>,
}

impl Connection {
    /// A connection made from `ctx`.
    pub(super) fn new(conn: Conn, ctx: Held<tlsw_ctx>) -> Self {
        Self { conn, ctx: Mutex::new(ctx), user: Mutex::default() }
    }
}

impl Deref for Connection {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

/// Frees a connection. Does not send close_notify: call tlsw_conn_shutdown first, or the peer
/// treats the data that it received as truncated. A call on the connection that is still running,
/// in another thread or further up the stack of this thread, finishes first. NULL is allowed.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_conn_free(conn: *mut tlsw_conn) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(conn) };
        Some(())
    });
}

/// Performs the handshake; does nothing if the handshake is complete. Reading and writing perform
/// the handshake when needed. Call this function first if you need the verification result before
/// sending data.
/// pthread_cancel does not end a thread inside the call; the thread ends at its next cancellation
/// point after the call.
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer, and
/// TLSW_WANT_HOOK if a callback returned it: call again.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_VERIFY if the peer's certificate was refused
/// (tlsw_get_peer_chain_der returns the peer's certificates, tlsw_get_failed_cert_der the
/// certificate that failed); TLSW_ERR_TLS; TLSW_ERR_EOF, TLSW_ERR_IO, TLSW_ERR_TIMEOUT and
/// TLSW_ERR_HOOK from the transport; TLSW_ERR_HOOK from a callback; TLSW_ERR_BUSY inside a callback
/// of this connection, and inside a callback of another connection while a callback of this
/// connection is running in another thread; TLSW_ERR_MEMORY; TLSW_ERR_STATE.
/// One thread at a time performs the handshake.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_handshake(
    conn: *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(conn, "conn") }?.handshake()
    })
}

/// Reads up to `len` bytes of received data into `buf` (fills) and sets `*n` to their number.
/// Performs the handshake first if it is not complete. With `len` 0 sets `*n` to 0.
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer; TLSW_WANT_HOOK
/// as tlsw_conn_handshake; TLSW_CLOSED after the peer's close_notify.
/// Errors: as tlsw_conn_handshake; TLSW_ERR_EOF if the peer closed the transport without
/// close_notify. Once the transport has ended or was reset, further reads and writes return the
/// same error.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_read(
    conn: *mut tlsw_conn,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter_often(err, || {
        // SAFETY: NULL or a live handle, room for `len` bytes, room for the number.
        let (conn, buf, n) = unsafe { (hold(conn, "conn")?, room(buf, len, "buf")?, out(n, "n")?) };
        Ok(conn.read(buf)?.map(|count| n.put(count)))
    })
}

/// Reads like tlsw_conn_read, but leaves the bytes to be read again.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_peek(
    conn: *mut tlsw_conn,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter_often(err, || {
        // SAFETY: as in tlsw_conn_read.
        let (conn, buf, n) = unsafe { (hold(conn, "conn")?, room(buf, len, "buf")?, out(n, "n")?) };
        Ok(conn.peek(buf)?.map(|count| n.put(count)))
    })
}

/// Encrypts and sends bytes of `buf` (borrows) and sets `*n` to the number of bytes accepted. As
/// with write(2), that may be less than `len`: call again with the rest. Over a descriptor several
/// records are sent with one system call. Performs the handshake first if it is not complete. With
/// `len` 0 writes nothing and succeeds.
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer, and
/// TLSW_WANT_HOOK as tlsw_conn_handshake: call again with the same bytes. The bytes may be at
/// another address, and more bytes may follow them.
/// Errors: as tlsw_conn_handshake; TLSW_ERR_ARGUMENT if a repeated call has fewer bytes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_write(
    conn: *mut tlsw_conn,
    buf: *const u8,
    len: usize,
    n: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter_often(err, || {
        // SAFETY: NULL or a live handle, `len` bytes, room for the number.
        let (conn, buf, n) =
            unsafe { (hold(conn, "conn")?, bytes(buf, len, "buf")?, out(n, "n")?) };
        Ok(conn.write(buf)?.map(|count| n.put(count)))
    })
}

/// Encrypts and sends all `len` bytes of `buf` (borrows), waiting as often as needed. The time
/// limit applies to the whole call. Performs the handshake first if it is not complete.
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer or a signal
/// arrived (tlsw_conn_set_interruptible), and TLSW_WANT_HOOK as tlsw_conn_handshake: call again
/// with the same bytes, and the call continues where it stopped. The bytes may be at another
/// address. tlsw_get_written returns the number of bytes sent so far. The remaining bytes may be
/// passed to tlsw_conn_write instead.
/// Errors: as tlsw_conn_write. After TLSW_ERR_TIMEOUT the call can be repeated in the same way.
/// TLSW_ERR_ARGUMENT if the call is repeated with other bytes before all bytes were sent.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_write_all(
    conn: *mut tlsw_conn,
    buf: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle, `len` bytes.
        let (conn, buf) = unsafe { (hold(conn, "conn")?, bytes(buf, len, "buf")?) };
        conn.write_all(buf)
    })
}

/// Closes the sending direction with close_notify (RFC 8446, section 6.1). `how` is TLSW_SHUT_WRITE
/// or TLSW_SHUT_BOTH. TLSW_SHUT_WRITE sends close_notify; reading is still possible. TLSW_SHUT_BOTH
/// also waits for the peer's close_notify; afterwards the descriptor carries plain text again,
/// unless reading ahead was on (tlsw_conn_set_read_ahead).
/// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer: call again.
/// Errors: TLSW_ERR_STATE with reason SHUTDOWN_WHILE_IN_INIT before the handshake is complete;
/// TLSW_ERR_TLS with reason APPLICATION_DATA_AFTER_CLOSE_NOTIFY if the peer sent data that was not
/// read; otherwise as tlsw_conn_read.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_shutdown(
    conn: *mut tlsw_conn,
    how: u32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }?;
        conn.shutdown(match how {
            TLSW_SHUT_WRITE => Goodbye::Send,
            TLSW_SHUT_BOTH => Goodbye::Both,
            _ => {
                return Err(Error::argument(format!(
                    "how: {how} is neither TLSW_SHUT_WRITE nor TLSW_SHUT_BOTH"
                )));
            }
        })
    })
}

/// Sets the time limit of each later call on the connection, in milliseconds. Negative: unlimited.
/// 0: a call never waits. Otherwise a call that takes longer returns TLSW_ERR_TIMEOUT and may be
/// repeated.
/// Errors: TLSW_ERR_ARGUMENT, also for a value other than 0 on a connection that is not over a
/// descriptor. Callable from any thread. A call that is already waiting keeps its time limit.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_timeout(
    conn: *mut tlsw_conn,
    milliseconds: i64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(conn, "conn") }?.set_timeout(milliseconds)?;
        Ok(Progress::Done(()))
    })
}

/// Sets whether a signal ends a wait: `on` is 1, or 0, the default. With 1 a call that waits for a
/// descriptor returns TLSW_WANT_READ or TLSW_WANT_WRITE when a signal arrives, as if it were not
/// allowed to wait longer. The call can be repeated, and no data is lost. For languages that handle
/// signals between calls.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_interruptible(
    conn: *mut tlsw_conn,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(conn, "conn") }?.set_interruptible(switch(on, "on")?);
        Ok(Progress::Done(()))
    })
}

/// Sets whether the end of the transport counts as the peer's close_notify: `on` is 1, or 0, the
/// default. With 1 reading returns TLSW_CLOSED instead of TLSW_ERR_EOF at the end of the transport,
/// and writing is still possible. During the handshake the end of the transport is always an error.
/// With 1 truncated data is not detected, so it is for protocols that mark their own end of data.
/// TLSW_OP_IGNORE_UNEXPECTED_EOF does the same for all connections of a context.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_suppress_ragged_eofs(
    conn: *mut tlsw_conn,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }?;
        conn.set_forgives_ends(switch(on, "on")?);
        Ok(Progress::Done(()))
    })
}

/// Sets whether the connection receives more than the record that it needs: `on` is 1, or 0, the
/// default. Reading ahead is faster for large transfers and uses 64 KiB of memory. Leave it off if
/// the descriptor is to carry plain text again: reading ahead may receive, and lose, bytes that
/// follow the peer's close_notify.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_BUSY inside a callback; TLSW_ERR_STATE after a call that
/// returned TLSW_ERR_PANIC.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_read_ahead(
    conn: *mut tlsw_conn,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }?;
        conn.set_read_ahead(switch(on, "on")?)?;
        Ok(Progress::Done(()))
    })
}

/// Sets the value `user` (keeps) that tlsw_get_user returns, for use in callbacks; NULL for none.
/// `free_user` (or NULL) is called with the value once, when it is replaced or the connection is
/// freed. If this call fails, the caller still owns `user`.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread. The value must not be replaced while
/// another thread uses it.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_user(
    conn: *mut tlsw_conn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }?;
        let user = User::new(user, free_user);
        user.keep();
        let mut kept = conn.user.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.replace(user);
        // Dropping it calls the caller's function, which may query the new value.
        drop(kept);
        drop(before);
        Ok(Progress::Done(()))
    })
}

/// Sets another context (keeps) of the same role for a connection.
/// Before the handshake, and inside the callback for server names, the handshake then runs as if
/// the connection had been made from `ctx`: with its certificates, trust anchors, verification,
/// versions, cipher suites, options, application protocols and callbacks. A session set with
/// tlsw_conn_set_session is discarded unless it belongs to `ctx`. Three things stay with the first
/// context: its callback for server names if `ctx` has none; the settings for a server's sessions
/// (ticket keys, cache, lifetime, number of tickets); and the numbers of
/// tlsw_ctx_get_session_stats.
/// During a handshake, and after a failed handshake, the context cannot be changed
/// (TLSW_ERR_STATE).
/// After the handshake two things change: the context that tlsw_get_ctx returns, and the callbacks
/// for steps and messages. All other things stay with the context of the handshake: the
/// verification result, the context that sessions belong to and whose callback receives them, the
/// key log, channel bindings, the shared cipher suites, and the options.
/// Errors: TLSW_ERR_ARGUMENT, also for another role, or, before the handshake, if the context
/// checks host names and the connection has none; TLSW_ERR_STATE; TLSW_ERR_BUSY inside another
/// callback; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY if the context cannot be set up, as
/// for tlsw_wrap_fd. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_ctx(
    conn: *mut tlsw_conn,
    ctx: *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or live handles.
        let (conn, ctx) = unsafe { (hold(conn, "conn")?, hold(ctx, "ctx")?) };
        conn.set_context(ctx.sealed(conn.role())?)?;
        let mut now = conn.ctx.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, ctx);
        // Dropping it may drop callbacks, which calls functions of the caller.
        drop(now);
        drop(before);
        Ok(Progress::Done(()))
    })
}
