//! Hooks of contexts.

use std::ffi::{CStr, c_void};
use std::ptr::{null, with_exposed_provenance_mut};
use std::sync::Arc;

use super::callout::call;
use super::enter;
use super::ptr::{give, hold};
use super::types::*;
use super::user::User;
use crate::bssl::observe::{Answer, Message};
use crate::ctx::settings::Settings;
use crate::error::{Progress, Result};
use crate::hooks::Id;

/// `handshake_failure` (RFC 8446, section 6.2).
const HANDSHAKE_FAILURE: u8 = 40;

/// The handle of a connection, which is held by the call that drives it.
pub(super) fn handle(id: Id) -> *mut tlsw_conn {
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
pub(super) unsafe fn set<F, Hook: ?Sized>(
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
/// fails, `user` stays the caller's. A connection calls the hook that is there when the ClientHello
/// has come, also if it was made before. While a hook runs, other threads may ask about its
/// connection, and wait if they drive it. A hook must not throw, longjmp or end its thread:
/// pthread_cancel has no effect until the call returns, and a thread that calls pthread_exit all
/// the same stops or ends there, with its connection busy for good.
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
                    let status =
                        call(hook, |hook| hook(user.value(), handle(id), name, &raw mut alert));
                    answer(status, alert)
                })
            })
        }
    })
}

/// `tlsw_ctx_set_verify_hook` has `hook` called when the peer's certificates were verified, to refuse
/// more than the built-in verification does; NULL takes the hook out. See tlsw_verify_fn. Everything
/// else as tlsw_ctx_set_sni_hook, for both sides.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_verify_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_verify_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_verify_fn.
        unsafe {
            set(
                ctx,
                hook,
                user,
                free_user,
                |settings, hook| {
                    settings.hooks.verify = hook;
                    Ok(())
                },
                |hook, user| {
                    Arc::new(move |id, code, mut alert: u8| {
                        let status =
                            call(hook, |hook| hook(user.value(), handle(id), code, &raw mut alert));
                        answer(status, alert)
                    })
                },
            )
        }
    })
}

/// `tlsw_ctx_set_msg_hook` has `hook` called with every message of the protocol and the head of every
/// record, as OpenSSL's SSL_CTX_set_msg_callback; NULL takes the hook out. See tlsw_msg_fn.
/// Everything else as tlsw_ctx_set_sni_hook, for both sides.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_msg_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_msg_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_msg_fn.
        unsafe {
            set(
                ctx,
                hook,
                user,
                free_user,
                |settings, hook| {
                    settings.hooks.messages = hook;
                    Ok(())
                },
                |hook, user| {
                    Arc::new(move |id, message: &Message<'_>| {
                        call(hook, |hook| {
                            hook(
                                user.value(),
                                handle(id),
                                message.is_write.into(),
                                message.version,
                                message.content_type,
                                message.data.as_ptr(),
                                message.data.len(),
                            );
                        });
                    })
                },
            )
        }
    })
}

/// `tlsw_ctx_set_info_hook` has `hook` called at every step of a connection, as OpenSSL's
/// SSL_CTX_set_info_callback; NULL takes the hook out. See tlsw_info_fn. Everything else as
/// tlsw_ctx_set_sni_hook, for both sides.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_info_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_info_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_info_fn.
        unsafe {
            set(
                ctx,
                hook,
                user,
                free_user,
                |settings, hook| {
                    settings.hooks.info = hook;
                    Ok(())
                },
                |hook, user| {
                    Arc::new(move |id, step, value| {
                        call(hook, |hook| hook(user.value(), handle(id), step, value));
                    })
                },
            )
        }
    })
}

/// `tlsw_ctx_set_keylog_hook` has `hook` called with every line for a key log; NULL takes the hook
/// out. See tlsw_keylog_fn: the lines give away what connections carry. Everything else as
/// tlsw_ctx_set_sni_hook, for both sides.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_keylog_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_keylog_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_keylog_fn.
        unsafe {
            set(
                ctx,
                hook,
                user,
                free_user,
                |settings, hook| {
                    settings.hooks.key_log = hook;
                    Ok(())
                },
                |hook, user| {
                    Arc::new(move |id, line: &CStr| {
                        call(hook, |hook| hook(user.value(), handle(id), line.as_ptr()));
                    })
                },
            )
        }
    })
}

/// `tlsw_ctx_set_session_hook` has `hook` called on clients with every session that a server gives;
/// NULL takes the hook out. See tlsw_session_fn. Everything else as tlsw_ctx_set_sni_hook.
/// Errors: ERR_ARGUMENT, also on a server's context. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_session_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_session_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_session_fn.
        unsafe {
            set(ctx, hook, user, free_user, Settings::set_session_hook, |hook, user| {
                Arc::new(move |id, session| {
                    let session = give(session);
                    call(hook, |hook| hook(user.value(), handle(id), session));
                })
            })
        }
    })
}
