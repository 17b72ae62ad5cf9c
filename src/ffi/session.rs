//! Sessions: resuming.

use super::ptr::{borrow, buf, bytes, give, hold, optional_array, out, release};
use super::types::*;
use super::{ask, enter};
use crate::bssl::stream::Role;
use crate::error::Progress;
use crate::session::Session;

/// `tlsw_get_session` gives the session of a connection, to be freed with tlsw_session_free, for a
/// later connection of the same context to resume: the one that the handshake was made by. In TLS
/// 1.3 it is the newest ticket that the server has sent; tickets come after the handshake, with the
/// first bytes that are read. Keep it for the server it came from.
/// Also NONE if there is none (yet).
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake is done. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_session(
    conn: *const tlsw_conn,
    session: *mut *mut tlsw_session,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the handle.
        let (conn, session) = unsafe { (hold(conn, "conn")?, out(session, "session")?) };
        Ok(conn.session()?.map(|found| session.put(give(found))))
    })
}

/// `tlsw_get_current_session` gives the session of a connection whether or not it can be resumed, to
/// be freed with tlsw_session_free: what Python's SSLSocket.session is. In TLS 1.3, as long as no
/// ticket has come, and on servers, it is one that has none (tlsw_session_has_ticket 0); a connection
/// that is given it shakes hands in full.
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake is done. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_current_session(
    conn: *const tlsw_conn,
    session: *mut *mut tlsw_session,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the handle.
        let (conn, session) = unsafe { (hold(conn, "conn")?, out(session, "session")?) };
        Ok(conn.current_session()?.map(|found| session.put(give(found))))
    })
}

/// `tlsw_conn_set_session` lets a client's handshake resume `session` (keeps it). If the server does
/// not, the handshake is a full one; tlsw_get_session_reused tells. The server's certificates, which
/// the session holds, are verified again by the settings of this connection.
/// Errors: ERR_ARGUMENT, also on a server and for a session of another context; ERR_STATE once the
/// handshake has begun; ERR_BUSY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_conn_set_session(
    conn: *mut tlsw_conn,
    session: *const tlsw_session,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or live handles.
        let (conn, session) = unsafe { (hold(conn, "conn")?, hold(session, "session")?) };
        conn.set_session(&session)?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_session_free` frees the caller's hold on a session. NULL is fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_free(session: *mut tlsw_session) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(session) };
        Some(())
    });
}

/// `tlsw_session_to_bytes` gives a session as bytes, to be freed with tlsw_buf_free (which wipes
/// them). Without a key they must be kept from being read as well as from being written: who reads
/// them can decrypt connections that resume the session, and who writes them can be the server of
/// such a connection, whatever certificate it is to have. With `key` (borrows), 32 bytes that
/// nobody can guess (tlsw_rand_bytes), they are encrypted and authenticated with it
/// (XChaCha20-Poly1305), and may be kept anywhere. NULL is no key.
/// Errors: ERR_ARGUMENT; ERR_UNSUPPORTED if it cannot be resumed; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_session_to_bytes(
    session: *const tlsw_session,
    key: *const u8,
    data: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a key's bytes; NULL or room for the buffer.
        let (session, key, data) =
            unsafe { (hold(session, "session")?, optional_array(key), out(data, "data")?) };
        data.put(buf(&mut [session.to_bytes(key)?.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_session_from_bytes` makes a session of `ctx` from bytes of tlsw_session_to_bytes (borrows),
/// of this process or another. Without a key they must have been kept from being read as well as
/// from being written: the certificates in them are verified when the session is resumed, but
/// whoever wrote them chose both them and the secrets. With `key` (borrows), the 32 bytes that they
/// were made with, only what was made with it is taken; NULL takes only what was made without one.
/// Gives `*session`, to be freed with tlsw_session_free.
/// Errors: ERR_ARGUMENT; ERR_DECODE if they are something else, of another version, damaged, made
/// with another key, with one where there is none here, or without one where there is. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_session_from_bytes(
    ctx: *mut tlsw_ctx,
    data: *const u8,
    len: usize,
    key: *const u8,
    session: *mut *mut tlsw_session,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes; NULL or room for the handle.
        let (ctx, data, session) =
            unsafe { (hold(ctx, "ctx")?, bytes(data, len, "data")?, out(session, "session")?) };
        // SAFETY: NULL or a key's bytes.
        let key = unsafe { optional_array(key) };
        // Sessions are for clients to resume, where the context leaves that open.
        let context = ctx.sealed(ctx.ask(|settings| settings.role).unwrap_or(Role::Client))?;
        session.put(give(Session::from_bytes(data, key, &context)?));
        Ok(Progress::Done(()))
    })
}

/// `tlsw_session_id` gives the session's identifier, to be freed with tlsw_buf_free. In TLS 1.3
/// sessions have none, and it is empty.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_session_id(
    session: *const tlsw_session,
    id: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (session, id) = unsafe { (hold(session, "session")?, out(id, "id")?) };
        id.put(buf(&mut [session.id()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Asks a session, if it is one.
fn question<T>(session: *const tlsw_session, default: T, read: impl FnOnce(&Session) -> T) -> T {
    // SAFETY: NULL or a live handle, which the caller does not free during the call.
    ask(default, || Some(read(unsafe { borrow(session) }?)))
}

/// `tlsw_session_time` is when the session was made, in seconds since 1970 (UTC); 0 for no session.
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_time(session: *const tlsw_session) -> i64 {
    question(session, 0, |session| session.facts().time)
}

/// `tlsw_session_timeout` is for how many seconds after that it can be resumed; 0 for no session.
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_timeout(session: *const tlsw_session) -> u32 {
    question(session, 0, |session| session.facts().timeout)
}

/// `tlsw_session_ticket_lifetime_hint` is how many seconds the server said it would honour the
/// ticket; 0 if it said nothing, and for no session. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_ticket_lifetime_hint(session: *const tlsw_session) -> u32 {
    question(session, 0, |session| session.facts().ticket_lifetime_hint)
}

/// `tlsw_session_has_ticket` is 1 if the server keeps the session's state in a ticket (RFC 5077,
/// RFC 8446), else 0. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_has_ticket(session: *const tlsw_session) -> i32 {
    question(session, 0, |session| session.facts().has_ticket.into())
}

/// `tlsw_session_equal` is 1 if both are the same session: by identifier, or where there is none by
/// ticket; else 0. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_equal(
    one: *const tlsw_session,
    other: *const tlsw_session,
) -> i32 {
    ask(0, || {
        // SAFETY: NULL or live handles, which the caller does not free during the call.
        let (one, other) = unsafe { (borrow(one)?, borrow(other)?) };
        Some(one.equals(other).into())
    })
}
