//! Pre-shared keys.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;
use std::sync::Arc;

use super::callout::call;
use super::enter;
use super::hook::{handle, set};
use super::ptr::{buf, bytes, hold, optional_text, out};
use super::types::*;
use crate::bssl::psk::Hash;
use crate::ctx::settings::Settings;
use crate::error::{Absence, Error, Kind, Progress, Result};

/// What a hook's status and the length that it gives mean.
fn length(status: tlsw_status, len: usize, size: usize) -> Result<usize> {
    if status != TLSW_OK {
        return Err(failed(format!("the hook for pre-shared keys returned {status}")));
    }
    if len > size {
        return Err(failed(format!(
            "the hook for pre-shared keys claims {len} bytes in a room of {size}"
        )));
    }
    Ok(len)
}

fn failed(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::Hook, what).named("SSL", "CALLBACK_FAILED")
}

/// `tlsw_ctx_set_psk_client_hook` has `hook` called on clients for the identity and the key when a
/// server chooses a suite with a pre-shared key (RFC 4279, RFC 5489); NULL takes the hook out, and the
/// suites with it. See tlsw_psk_client_fn. The suites must be in the list, in which they are not by
/// default: tlsw_ctx_set_ciphers(ctx, "ECDHE-PSK-CHACHA20-POLY1305", …). TLS 1.3 has none of them: where
/// both sides allow it, they agree on it, with certificates; tlsw_ctx_set_max_version keeps it out. In
/// such a suite the key proves who the server is, and no certificate is sent: verify mode and host
/// name check say what holds for all others. Everything else as tlsw_ctx_set_sni_hook.
/// Errors: ERR_ARGUMENT, also on a server's context; ERR_UNSUPPORTED for a context of TLS 1.3 alone
/// (if it becomes one later, its connections cannot be made). Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_psk_client_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_psk_client_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_psk_client_fn.
        unsafe {
            set(ctx, hook, user, free_user, Settings::set_psk_client_hook, |hook, user| {
                Arc::new(move |id, hint: Option<&CStr>, identity: &mut [u8], key: &mut [u8]| {
                    let hint = hint.map_or(null(), CStr::as_ptr);
                    let mut len = 0;
                    let status = call(hook, |hook| {
                        hook(
                            user.value(),
                            handle(id),
                            hint,
                            identity.as_mut_ptr().cast(),
                            identity.len(),
                            key.as_mut_ptr(),
                            key.len(),
                            &raw mut len,
                        )
                    });
                    let len = length(status, len, key.len())?;
                    if !identity.contains(&0) {
                        return Err(failed(
                            "the hook for pre-shared keys gave an identity without an end",
                        ));
                    }
                    Ok(len)
                })
            })
        }
    })
}

/// `tlsw_ctx_set_psk_server_hook` has `hook` called on servers for the key of the identity that a client
/// names, where a suite with a pre-shared key was chosen; NULL takes the hook out, and the suites with
/// it. See tlsw_psk_server_fn, and tlsw_ctx_set_psk_client_hook for suites and versions. A server that
/// has no certificate needs none for them, and speaks TLS 1.2 at most. Clients in such a suite are
/// not asked for a certificate, whatever the verify mode; tlsw_get_psk_identity tells who they are. A
/// session that is resumed does not ask again. Everything else as tlsw_ctx_set_sni_hook.
/// Errors: ERR_ARGUMENT, also on a client's context; ERR_UNSUPPORTED for a context of TLS 1.3 alone
/// (if it becomes one later, its connections cannot be made). Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_psk_server_hook(
    ctx: *mut tlsw_ctx,
    hook: tlsw_psk_server_fn,
    user: *mut c_void,
    free_user: tlsw_free_fn,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on; the hook keeps to the words of tlsw_psk_server_fn.
        unsafe {
            set(ctx, hook, user, free_user, Settings::set_psk_server_hook, |hook, user| {
                Arc::new(move |id, identity: &CStr, key: &mut [u8]| {
                    let mut len = 0;
                    let status = call(hook, |hook| {
                        hook(
                            user.value(),
                            handle(id),
                            identity.as_ptr(),
                            key.as_mut_ptr(),
                            key.len(),
                            &raw mut len,
                        )
                    });
                    length(status, len, key.len())
                })
            })
        }
    })
}

/// `tlsw_ctx_set_psk_identity_hint` sets the hint that a server gives to clients that are to choose an
/// identity: at most 128 bytes; NULL or empty for none.
/// Errors: ERR_ARGUMENT, also on a client's context. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_psk_identity_hint(
    ctx: *mut tlsw_ctx,
    hint: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, hint) = unsafe { (hold(ctx, "ctx")?, optional_text(hint, "hint")?) };
        ctx.change(|settings| settings.set_psk_identity_hint(hint))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_add_psk` adds a pre-shared key for TLS 1.3 (borrows all), to be imported as RFC 9258 has it:
/// `identity` says whose it is, with `context` in at most 1024 bytes; `key` has at least 16 bytes, all of them random; `hash` is the hash
/// function that the key is bound to, "SHA-256", "SHA-384", or NULL for the first, and `context` what
/// both sides call the use they make of it, (NULL, 0) for nothing: these must be the same on both sides.
/// Clients offer all their keys, which must fit into a hello: some seventy with short identities. Servers take a client by the first of theirs that it offers, else by a
/// certificate. Then no certificate is sent by either side, and verify mode and host name check say
/// what holds for others; but a client of TLSW_CERT_NONE, unless it has a hook to judge by, takes no server
/// without a key. Clients keep no sessions of such connections: the key does the same.
/// Errors: ERR_ARGUMENT; ERR_STATE if the context does not allow TLS 1.3 (if that comes later, its
/// connections cannot be made). Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_add_psk(
    ctx: *mut tlsw_ctx,
    identity: *const u8,
    identity_len: usize,
    key: *const u8,
    key_len: usize,
    context: *const u8,
    context_len: usize,
    hash: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or so many bytes; NULL or a C string.
        let (ctx, identity, key, context, hash) = unsafe {
            (
                hold(ctx, "ctx")?,
                bytes(identity, identity_len, "identity")?,
                bytes(key, key_len, "key")?,
                bytes(context, context_len, "context")?,
                optional_text(hash, "hash")?,
            )
        };
        let hash = match hash {
            None | Some("SHA-256") => Hash::Sha256,
            Some("SHA-384") => Hash::Sha384,
            Some(_) => return Err(Error::argument("hash: neither \"SHA-256\" nor \"SHA-384\"")),
        };
        ctx.change(|settings| settings.add_psk(identity, key, context, hash))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_get_psk_identity` gives the identity of the pre-shared key that both sides have shown to have,
/// as the client named it, to be freed with tlsw_buf_free; of a session of TLS 1.2 that was resumed, that
/// of its first handshake. NONE if there was none, or the handshake is not done.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_psk_identity(
    conn: *const tlsw_conn,
    identity: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, identity) = unsafe { (hold(conn, "conn")?, out(identity, "identity")?) };
        let Some(name) = conn.psk_identity() else {
            return Ok(Progress::Absent(Absence::None));
        };
        identity.put(buf(&mut [name.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
