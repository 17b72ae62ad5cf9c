//! The callbacks (hooks) of a context.

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

/// The alert `handshake_failure` (RFC 8446, section 6.2).
const HANDSHAKE_FAILURE: u8 = 40;

/// Returns the handle of a connection. The call that drives the connection keeps the handle alive.
pub(super) fn handle(id: Id) -> *mut tlsw_conn {
    with_exposed_provenance_mut(id)
}

/// Converts the status and the alert that a hook returned.
fn answer(status: tlsw_status, alert: u8) -> Answer {
    match status {
        TLSW_OK => Answer::GoOn,
        TLSW_WANT_HOOK => Answer::Later,
        _ => Answer::Refuse(alert),
    }
}

/// Sets a hook of a context, or removes the hook if `function` is `None`. `make` wraps the C
/// function, `put` stores the result in the settings. `user` is kept with the hook.
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

/// Sets the callback that a server calls for each ClientHello, before the version, the cipher suite
/// and the certificate are chosen. The callback receives the server name that the client sent (SNI,
/// RFC 6066); see tlsw_sni_fn. NULL removes the hook.
/// Keeps `user` with the hook and passes `user` to each call of the hook; if `hook` is NULL, `user`
/// is not kept. `free_user` may be NULL. Otherwise `free_user` is called with `user`, once, when
/// the hook was replaced or the context was freed, and the last connection that can call the hook
/// is gone. If this function fails, `user` stays the caller's and `free_user` is not called.
/// A connection calls the hook that its context has when the ClientHello arrives, even if the
/// connection was made before the hook was set.
/// While a hook runs, other threads may query the connection (tlsw_get_*). Other threads that drive
/// the connection wait until the hook has returned.
/// A hook must not throw, longjmp or end its thread. pthread_cancel has no effect until the call
/// that runs the hook returns. If a hook calls pthread_exit, its thread stops for good (with glibc)
/// or ends (elsewhere), and its connection stays busy for good.
/// Errors: TLSW_ERR_ARGUMENT, also if `ctx` is a context for clients only. Callable from any
/// thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_sni_fn.
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

/// Sets the callback that is called after the built-in verification of the peer's certificates, on
/// clients and on servers. The callback can refuse a peer that the built-in verification accepts;
/// see tlsw_verify_fn. NULL removes the hook.
/// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
/// A connection calls the hook that its context had when the connection was made from the context
/// or moved to it (tlsw_conn_set_ctx). Later changes do not affect the connection.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_verify_fn.
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

/// Sets the callback that is called with each protocol message and with the header of each record,
/// on clients and on servers, as by OpenSSL's SSL_CTX_set_msg_callback; see tlsw_msg_fn. NULL
/// removes the hook.
/// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
/// A connection calls the hook that its context had when the connection was made from the context
/// or moved to it (tlsw_conn_set_ctx, also after the handshake). Later changes do not affect the
/// connection.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_msg_fn.
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

/// Sets the callback that is called at each step of a connection, on clients and on servers, as by
/// OpenSSL's SSL_CTX_set_info_callback; see tlsw_info_fn. NULL removes the hook.
/// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
/// A client connection calls the hook that its context has when the handshake begins. A server
/// connection calls the hook that its context has when the ClientHello arrives. After the
/// handshake, tlsw_conn_set_ctx replaces the hook by that of the other context.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_info_fn.
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

/// Sets the callback that is called with each line for a key log file, on clients and on servers;
/// see tlsw_keylog_fn. NULL removes the hook. The lines contain secrets: with them, recorded
/// connections can be decrypted.
/// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
/// A client connection calls the hook that its context has when the handshake begins. A server
/// connection calls the hook that its context has when the ClientHello arrives.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_keylog_fn.
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

/// Sets the callback that a client calls with each session that it receives from the server; see
/// tlsw_session_fn. NULL removes the hook. The callback is not called for handshakes that use an
/// imported pre-shared key (tlsw_ctx_add_psk).
/// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
/// A connection calls the hook that its context has when the handshake begins.
/// Errors: TLSW_ERR_ARGUMENT, also if `ctx` is a context for servers only. Callable from any
/// thread.
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
        // SAFETY: passed on; the hook keeps the contract of tlsw_session_fn.
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
