//! Hooks, the value that a connection keeps for its user, and the context that it is under.

use std::ffi::{CStr, c_void};
use std::ptr::{null, null_mut, with_exposed_provenance_mut};
use std::sync::{Arc, PoisonError};

use super::ptr::{hold, out, share};
use super::types::*;
use super::user::User;
use super::{ask, enter};
use crate::bssl::observe::Answer;
use crate::ctx::settings::Settings;
use crate::error::{Progress, Result};
use crate::hooks::Id;

/// `handshake_failure` (RFC 8446, section 6.2).
const HANDSHAKE_FAILURE: u8 = 40;

/// The handle of a connection, which is held by the call that drives it.
fn handle(id: Id) -> *mut tlsw_conn {
    with_exposed_provenance_mut(id)
}

/// What a hook's status means.
fn answer(status: tlsw_status, alert: u8) -> Answer {
    match status {
        TLSW_OK => Answer::GoOn,
        TLSW_WANT_HOOK => Answer::Later,
        _ => Answer::Refuse(alert),
    }
}

/// Puts what `make` makes of a function into a context, or takes it out; `user` is kept with it.
unsafe fn set<F, Hook: ?Sized>(
    ctx: *mut tlsw_ctx,
    function: Option<F>,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    put: impl FnOnce(&mut Settings, Option<Arc<Hook>>) -> Result<()>,
    make: impl FnOnce(F, Arc<User>) -> Arc<Hook>,
) -> Result<Progress> {
    // SAFETY: NULL or a live handle.
    let ctx = unsafe { hold(ctx, "ctx") }?;
    let user = Arc::new(User::new(user, free_user));
    let hook = function.map(|function| make(function, Arc::clone(&user)));
    let is_hook = hook.is_some();
    ctx.change(|settings| put(settings, hook))?;
    if is_hook {
        user.keep();
    }
    Ok(Progress::Done(()))
}

/// `tlsw_ctx_set_sni_hook` has `hook` called on servers for each ClientHello, with the name it asks
/// for, before anything is chosen; NULL takes the hook out. See tlsw_sni_fn. Keeps `user` with the
/// hook (not with NULL) and hands it over; `free_user` (or NULL) is called with it once, when the hook
/// was replaced or the context freed and the last connection that may call it is gone. If this call
/// fails, `user` stays the caller's. Connections that exist keep what they had.
/// Errors: ERR_ARGUMENT, also on a client's context. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_sni_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_sni_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_sni_fn.
        unsafe {
            set(ctx, hook, user, free_user, Settings::set_sni_hook, |hook, user| {
                Arc::new(move |id, name: Option<&CStr>| {
                    let name = name.map_or(null(), CStr::as_ptr);
                    let mut alert = HANDSHAKE_FAILURE;
                    let status = hook(user.value(), handle(id), name, &raw mut alert);
                    answer(status, alert)
                })
            })
        }
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

/// `tlsw_get_user` is the value that tlsw_conn_set_user left; NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_user(conn: *const tlsw_conn) -> *mut c_void {
    ask(null_mut(), || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }.ok()?;
        let user = conn.user.lock().unwrap_or_else(PoisonError::into_inner);
        Some(user.as_ref()?.value())
    })
}

/// `tlsw_conn_set_ctx` puts a connection under another context (keeps), of the same role. Before the
/// handshake, and in the hook for server names, it is as if the connection had been made from it:
/// its certificates, trust, verification, versions, suites, options and protocols hold from then on,
/// and sessions are resumed only if they were made under it. The hook that is asked about the client
/// stays that of the first context. After the handshake nothing changes in what was agreed on: only
/// tlsw_get_ctx and the hooks that are called are the new one's.
/// Errors: ERR_ARGUMENT, also for another role, or if the context checks host names and there is
/// none; ERR_STATE amid a handshake; ERR_BUSY from inside another hook; ERR_TLS or ERR_MEMORY if the
/// context cannot be set up. Any thread.
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

/// `tlsw_get_ctx` gives the context that a connection is under: the handle that it was made with, or
/// that tlsw_conn_set_ctx was given last, counted once more, to be freed with tlsw_ctx_free.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_ctx(
    conn: *const tlsw_conn,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the handle.
        let (conn, ctx) = unsafe { (hold(conn, "conn")?, out(ctx, "ctx")?) };
        ctx.put(share(&conn.ctx.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(Progress::Done(()))
    })
}
