//! Driving connections.

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

/// What a handle of a connection holds: the connection, and what of the caller's goes with it.
pub struct Connection {
    conn: Conn,
    /// The context it is under.
    pub(super) ctx: Mutex<Held<tlsw_ctx>>,
    /// The value that its user keeps with it.
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

/// `tlsw_conn_free` frees a connection. It sends nothing: say goodbye first with
/// tlsw_conn_shutdown, or the peer takes what it read for cut short. A call that runs in another
/// thread, or further up this one's stack, finishes first. NULL is fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_conn_free(conn: *mut tlsw_conn) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(conn) };
        Some(())
    });
}

/// `tlsw_conn_handshake` makes the handshake; if it is made already, it does nothing. Reading and
/// writing make it by themselves, but only here is a verdict on the peer had before a byte is sent.
/// A thread that is cancelled (pthread_cancel) ends after the call, not in it.
/// Also WANT_READ, WANT_WRITE when it may not wait longer; call again.
/// Errors: ERR_ARGUMENT; ERR_VERIFY: the peer's certificate was refused (tlsw_get_peer_chain_der
/// still gives what it sent, tlsw_get_failed_cert_der what failed); ERR_TLS; ERR_EOF, ERR_IO,
/// ERR_TIMEOUT, ERR_HOOK from the transport; ERR_BUSY from inside a hook of this connection, and of
/// another while one of this connection runs; ERR_MEMORY; ERR_STATE.
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

/// `tlsw_conn_read` reads what has come, at most `len` bytes, into `buf` (fills) and sets `*n`;
/// shakes hands first if need be. `len` 0 gives 0 bytes.
/// Also WANT_READ, WANT_WRITE when it may not wait longer; CLOSED after the peer's goodbye.
/// Errors: as tlsw_conn_handshake; ERR_EOF if the peer closed the transport without a goodbye. Once
/// the transport has ended or was reset, reading and writing give that error again.
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

/// `tlsw_conn_peek` is tlsw_conn_read, but the bytes stay to be read.
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

/// `tlsw_conn_write` encrypts and sends bytes of `buf` (borrows) and sets `*n` to how many; like
/// write(2) it may take less than `len`: call again with the rest. Over a descriptor several
/// records leave in one send. Shakes hands first if need be. `len` 0 writes nothing, and succeeds.
/// Also WANT_READ, WANT_WRITE when it may not wait longer: call again with the same bytes (they may
/// stand elsewhere in memory, and more may follow them).
/// Errors: as tlsw_conn_handshake; ERR_ARGUMENT if a repeated call brings fewer bytes.
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

/// `tlsw_conn_write_all` encrypts and sends all of `buf` (borrows), however many times it has to wait;
/// the timeout is for all of it together. Shakes hands first if need be.
/// Also WANT_READ, WANT_WRITE when it may not wait longer, or a signal came
/// (tlsw_conn_set_interruptible): call again with the same bytes (they may stand elsewhere in memory),
/// and it goes on where it ended. tlsw_get_written is how many have left until then; the rest may be
/// given to tlsw_conn_write instead.
/// Errors: as tlsw_conn_write. After ERR_TIMEOUT it can be called again in the same way; ERR_ARGUMENT if
/// it is called with other bytes before the rest was sent.
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

/// `tlsw_conn_shutdown` says goodbye (close_notify, RFC 8446, section 6.1). `how` is
/// TLSW_SHUT_WRITE: send ours, after which reading goes on; or TLSW_SHUT_BOTH: and wait for the
/// peer's, after which the descriptor carries plain text again, unless reading ahead was on.
/// Also WANT_READ, WANT_WRITE when it may not wait longer; call again.
/// Errors: ERR_STATE with reason SHUTDOWN_WHILE_IN_INIT before the handshake is done; ERR_TLS with
/// reason APPLICATION_DATA_AFTER_CLOSE_NOTIFY if the peer sent data that was not read; and as
/// tlsw_conn_read.
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

/// `tlsw_conn_set_timeout` sets how long each call may take from now on: negative for ever, 0 never
/// wait, else milliseconds for the whole call, then ERR_TIMEOUT. A call that timed out may be made
/// again.
/// Errors: ERR_ARGUMENT, also for anything but 0 on a connection that is not over a descriptor.
/// Any thread; a call that runs keeps its time.
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

/// `tlsw_conn_set_interruptible` sets whether a signal ends a wait: a call that waits for a
/// descriptor then answers WANT_READ or WANT_WRITE, as if it might not wait longer, and can be made
/// again; nothing of what was read or written is lost. 1, or 0, the default: it waits on. For
/// languages that handle signals between calls.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_conn_set_suppress_ragged_eofs` sets whether the end of the transport is as good as the peer's
/// goodbye: reading answers CLOSED then, not ERR_EOF, and writing goes on. 0, the default, or 1.
/// In the handshake an end is an error all the same. With it nobody knows whether the data is whole:
/// for protocols that tell their own end. TLSW_OP_IGNORE_UNEXPECTED_EOF is the same for a context.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_conn_set_read_ahead` sets whether the connection receives more than the record it needs:
/// faster for bulk, for 64 KiB of memory. Off by default, for bytes that follow the peer's goodbye
/// may be swallowed with it: leave it off where the descriptor will carry plain text again.
/// Errors: ERR_ARGUMENT; ERR_BUSY from inside a hook; ERR_STATE.
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

/// `tlsw_conn_set_user` keeps a value of the caller's with a connection, for hooks to find with
/// tlsw_get_user; NULL for none. `free_user` (or NULL) is called with it once, when it is replaced
/// or the connection is freed. If this call fails, `user` stays the caller's.
/// Errors: ERR_ARGUMENT. Any thread; a thread that uses the value must not have it replaced.
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
        // Its end is a call to the caller, who may ask for the new one.
        drop(kept);
        drop(before);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_conn_set_ctx` puts a connection under another context (keeps), of the same role.
/// Before the handshake, and inside the hook for server names, the handshake is made as if the
/// connection had been made from `ctx`: by its certificates, trust, verification, versions, suites,
/// options, protocols and hooks. A session that tlsw_conn_set_session gave is dropped unless it is
/// of `ctx`. Three things stay the first context's: its hook for server names where `ctx` has none,
/// what makes and keeps sessions on servers (the keys of tickets, the cache, the lifetime, the
/// number of tickets), and the numbers of tlsw_ctx_get_session_stats.
/// During a handshake, and after one that failed, the context cannot be changed (ERR_STATE).
/// After the handshake two things change: what tlsw_get_ctx gives, and whose hooks for steps and
/// messages are called. All else stays what the handshake was made by: the verdict on the peer, the
/// context that sessions are of and whose hook gets them, where secrets are logged, channel
/// bindings, the shared suites, and the options.
/// Errors: ERR_ARGUMENT, also for another role, or, before the handshake, if the context checks
/// host names and there is none; ERR_STATE; ERR_BUSY from inside another hook; if the context
/// cannot be set up, ERR_STATE, ERR_TLS or ERR_MEMORY as tlsw_wrap_fd. Any thread.
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
        // Its end may be that of hooks, whose ends are calls to the caller.
        drop(now);
        drop(before);
        Ok(Progress::Done(()))
    })
}
