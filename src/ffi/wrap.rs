//! Making connections over a descriptor, memory or functions of the caller.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::callout::call;
use super::conn::Connection;
use super::ctx::role;
use super::enter;
use super::ptr::{Held, borrow, give, hold, optional_text, out};
use super::types::*;
use super::user::User;
use crate::conn::Conn;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::bio::Pair;
use crate::io::calls::Calls;
use crate::io::{Step, Transport};

/// Makes the connection for all three functions.
unsafe fn wrap(
    ctx: Held<tlsw_ctx>,
    transport: Transport,
    role: u32,
    server_hostname: *const c_char,
    conn: *mut *mut tlsw_conn,
) -> Result<Progress> {
    // SAFETY: NULL or a C string; NULL or room for the handle.
    let (name, conn) =
        unsafe { (optional_text(server_hostname, "server_hostname")?, out(conn, "conn")?) };
    let made = Conn::new(ctx.sealed(self::role(role)?)?, transport, name)?;
    conn.put(handle(made, ctx));
    Ok(Progress::Done(()))
}

/// The handle of a new connection.
pub(super) fn handle(made: Conn, ctx: Held<tlsw_ctx>) -> *mut tlsw_conn {
    let handle = give(Connection::new(made, ctx));
    // SAFETY: a new handle, which nothing else uses yet. Callbacks receive its address.
    if let Some(connection) = unsafe { borrow::<tlsw_conn>(handle) } {
        connection.set_id(handle.expose_provenance());
    }
    handle
}

/// Makes a connection over `fd`, a connected stream socket. Sends nothing yet. Gives `*conn`, to be
/// freed with tlsw_conn_free.
/// The caller still owns `fd`: the library never closes it and never changes its flags. Keep it
/// open until the connection is freed. `role` is TLSW_CLIENT or TLSW_SERVER and must match the
/// context; with a context for both roles (tlsw_ctx_new_protocol) either is allowed.
/// `server_hostname` is for clients: the DNS name or IP address (without its zone) that the
/// server's certificate must contain. International names are converted to A-labels
/// (tlsw_hostname_to_ascii). A DNS name is sent as server_name (RFC 6066), an IP address is not.
/// Pass NULL on servers, and on clients that do not check host names.
/// Calls on the connection wait without limit at first, or never if `fd` is non-blocking;
/// tlsw_conn_set_timeout changes that.
/// Errors: TLSW_ERR_ARGUMENT, also if `fd` is not a stream socket; TLSW_ERR_UNSUPPORTED if the
/// system has no such descriptors; TLSW_ERR_STATE if the security level leaves no cipher suite,
/// group or version (tlsw_ctx_get_security_level); TLSW_ERR_TLS or TLSW_ERR_MEMORY if the context
/// cannot be set up. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_wrap_fd(
    ctx: *mut tlsw_ctx,
    fd: isize,
    role: u32,
    server_hostname: *const c_char,
    conn: *mut *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        // SAFETY: passed on.
        unsafe { wrap(ctx, descriptor(fd)?, role, server_hostname, conn) }
    })
}

#[cfg(unix)]
fn descriptor(fd: isize) -> Result<Transport> {
    Ok(Transport::Fd(crate::io::fd::Fd::new(fd)?))
}

#[cfg(not(unix))]
fn descriptor(_: isize) -> Result<Transport> {
    Err(Error::new(
        Kind::Unsupported,
        "this build has no descriptors; use tlsw_wrap_bio or tlsw_wrap_io",
    ))
}

/// Makes a connection over memory. The caller writes the bytes received from the peer into
/// `incoming` and reads the bytes to send to the peer from `outgoing`. Keeps both until the
/// connection is freed. The outgoing BIO of one connection may be the incoming BIO of another.
/// Gives `*conn`, to be freed with tlsw_conn_free. `role`, `server_hostname` and everything else as
/// for tlsw_wrap_fd.
/// Calls never wait; they return TLSW_WANT_READ if `incoming` is empty.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY as tlsw_wrap_fd.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_wrap_bio(
    ctx: *mut tlsw_ctx,
    incoming: *mut tlsw_bio,
    outgoing: *mut tlsw_bio,
    role: u32,
    server_hostname: *const c_char,
    conn: *mut *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or live handles.
        let (ctx, incoming, outgoing) = unsafe {
            (hold(ctx, "ctx")?, hold(incoming, "incoming")?, hold(outgoing, "outgoing")?)
        };
        let transport = Transport::Bio(Pair {
            incoming: Arc::clone(&incoming),
            outgoing: Arc::clone(&outgoing),
        });
        // SAFETY: passed on.
        unsafe { wrap(ctx, transport, role, server_hostname, conn) }
    })
}

/// The caller's functions, and the value that is passed to them.
struct Functions {
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut usize) -> tlsw_status,
    write: unsafe extern "C" fn(*mut c_void, *const u8, usize, *mut usize) -> tlsw_status,
    user: Arc<User>,
}

/// Converts the result of a function of the caller.
fn answer(what: &str, status: tlsw_status, n: usize, most: usize) -> Step {
    match status {
        TLSW_OK if (1..=most).contains(&n) => Step::Moved(n),
        TLSW_WANT_READ => Step::WantRead,
        TLSW_WANT_WRITE => Step::WantWrite,
        TLSW_CLOSED => Step::End,
        TLSW_OK => Step::Failed(Error::new(
            Kind::Hook,
            format!("the {what} function moved {n} bytes, where 1 to {most} were possible"),
        )),
        _ => Step::Failed(Error::new(
            Kind::Hook,
            format!("the {what} function failed with status {status}"),
        )),
    }
}

impl Calls for Functions {
    fn read(&mut self, room: &mut [u8]) -> Step {
        let mut n = 0;
        // SAFETY: the function keeps the contract of tlsw_read_fn.
        let status = call(self.read, |read| unsafe {
            read(self.user.value(), room.as_mut_ptr(), room.len(), &raw mut n)
        });
        answer("read", status, n, room.len())
    }

    fn write(&mut self, data: &[u8]) -> Step {
        let mut n = 0;
        // SAFETY: the function keeps the contract of tlsw_write_fn.
        let status = call(self.write, |write| unsafe {
            write(self.user.value(), data.as_ptr(), data.len(), &raw mut n)
        });
        answer("write", status, n, data.len())
    }
}

/// Makes a connection over two functions of the caller. The functions run on the thread that drives
/// the connection, one at a time. They must not block and must not drive the connection. Gives
/// `*conn`, to be freed with tlsw_conn_free. `role`, `server_hostname` and everything else as for
/// tlsw_wrap_fd.
/// `user` (keeps) is passed to both functions. `free_user` (or NULL) is called with it once, when
/// the connection is freed. If this call fails, `free_user` is not called and the caller still owns
/// `user`.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY as tlsw_wrap_fd.
/// Later, if a function fails: TLSW_ERR_HOOK from the call on the connection that called it.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_wrap_io(
    ctx: *mut tlsw_ctx,
    read: tlsw_read_fn,
    write: tlsw_write_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    role: u32,
    server_hostname: *const c_char,
    conn: *mut *mut tlsw_conn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let (Some(read), Some(write)) = (read, write) else {
            return Err(Error::argument("read and write must both be given"));
        };
        let user = Arc::new(User::new(user, free_user));
        let functions = Functions { read, write, user: Arc::clone(&user) };
        let transport = Transport::Calls(Box::new(functions));
        // SAFETY: passed on.
        let done = unsafe { wrap(ctx, transport, role, server_hostname, conn) }?;
        user.keep();
        Ok(done)
    })
}
