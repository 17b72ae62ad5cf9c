//! Sessions and their resumption.

use super::ptr::{borrow, buf, bytes, give, hold, optional_array, out, release};
use super::types::*;
use super::{ask, enter};
use crate::bssl::stream::Role;
use crate::error::Progress;
use crate::session::Session;

/// Gives the session of a connection, to be freed with tlsw_session_free, for a later connection of
/// the same context to resume. In TLS 1.2 and older it is the session of the handshake. In TLS 1.3
/// it is the newest ticket that the server sent; tickets arrive after the handshake, with the first
/// bytes that are read. Use the session only for the server that it came from.
/// Also returns TLSW_NONE if there is none, or none yet.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete. Callable from any
/// thread.
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

/// Gives the session of a connection, whether or not it can be resumed, to be freed with
/// tlsw_session_free. This is the session of Python's SSLSocket.session. In TLS 1.3, until a ticket
/// arrives, and on servers, it has no ticket (tlsw_session_has_ticket returns 0). A connection that
/// is given such a session performs a full handshake.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete. Callable from any
/// thread.
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

/// Sets the session that a client's handshake may resume (keeps `session`). If the server does not
/// resume it, the handshake is a full handshake; tlsw_get_session_reused returns which. The
/// server's certificates, which the session contains, are verified again with the settings of this
/// connection.
/// Errors: TLSW_ERR_ARGUMENT, also on a server and for a session of another context; TLSW_ERR_STATE
/// once the handshake has begun; TLSW_ERR_BUSY.
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

/// Frees the caller's reference to a session. NULL is allowed. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_free(session: *mut tlsw_session) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(session) };
        Some(())
    });
}

/// Gives a session as bytes, to be freed with tlsw_buf_free, which wipes them.
/// With `key` (borrows), 32 bytes that nobody can guess (tlsw_rand_bytes), the bytes are encrypted
/// and authenticated (XChaCha20-Poly1305), and may be stored anywhere. With NULL they are not
/// encrypted; protect them from being read and from being changed. Whoever can read them can
/// decrypt connections that resume the session. Whoever can change them can pose as the server of
/// such a connection, with any certificate.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED if the session cannot be resumed;
/// TLSW_ERR_MEMORY. Callable from any thread.
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

/// Makes a session of `ctx` from the bytes of tlsw_session_to_bytes (borrows), of this process or
/// another. Gives `*session`, to be freed with tlsw_session_free.
/// With `key` (borrows), the 32 bytes that tlsw_session_to_bytes was given, only bytes made with
/// that key are accepted. With NULL only bytes made without a key are accepted; they must have been
/// protected from being read and from being changed. The certificates in the bytes are verified
/// when the session is resumed, but whoever wrote the bytes chose both the certificates and the
/// secrets.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the bytes are not a session, belong to another
/// version, are damaged, were made with another key, were made with a key while `key` is NULL, or
/// were made without a key while `key` is given. Callable from any thread.
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
        // With a context for both roles the session is a client's: clients resume sessions.
        let context = ctx.sealed(ctx.ask(|settings| settings.role).unwrap_or(Role::Client))?;
        session.put(give(Session::from_bytes(data, key, &context)?));
        Ok(Progress::Done(()))
    })
}

/// Gives the identifier of a session, to be freed with tlsw_buf_free. In TLS 1.3 a session has no
/// identifier, and the result is empty.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
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

/// Queries a session; `default` if the handle is invalid.
fn question<T>(session: *const tlsw_session, default: T, read: impl FnOnce(&Session) -> T) -> T {
    // SAFETY: NULL or a live handle, which the caller does not free during the call.
    ask(default, || Some(read(unsafe { borrow(session) }?)))
}

/// Returns the time when the session was made, in seconds since 1970 (UTC); 0 for an invalid
/// handle. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_time(session: *const tlsw_session) -> i64 {
    question(session, 0, |session| session.facts().time)
}

/// Returns the number of seconds after tlsw_session_time during which the session can be resumed; 0
/// for an invalid handle. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_timeout(session: *const tlsw_session) -> u32 {
    question(session, 0, |session| session.facts().timeout)
}

/// Returns the number of seconds for which the server promised to accept the ticket; 0 if the
/// server promised none, and for an invalid handle. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_ticket_lifetime_hint(session: *const tlsw_session) -> u32 {
    question(session, 0, |session| session.facts().ticket_lifetime_hint)
}

/// Returns 1 if the session has a ticket, in which the server keeps its state (RFC 5077, RFC 8446),
/// else 0. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_session_has_ticket(session: *const tlsw_session) -> i32 {
    question(session, 0, |session| session.facts().has_ticket.into())
}

/// Returns 1 if both sessions are the same, else 0. Sessions are compared by identifier, or by
/// ticket if they have no identifier; sessions without either are the same only if both handles
/// refer to one BoringSSL session. Callable from any thread.
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
