//! Sets pre-shared keys of contexts, and returns the identity that a connection used.

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

/// Checks a PSK hook's status and the length of the key that the hook wrote; returns the length.
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

/// Sets the hook that supplies the identity and the key on clients when a server selects a cipher
/// suite with a pre-shared key (RFC 4279, RFC 5489). tlsw_psk_client_fn describes the hook. NULL
/// removes the hook; without a hook, clients do not offer these suites.
/// Keeps `user` with the hook, unless `hook` is NULL, and passes `user` to each call of the hook.
/// `free_user` (or NULL) is called once with `user`: after the hook was replaced or the context
/// freed, and after the last connection that may call the hook was freed. If this call fails,
/// `user` remains the caller's. Connections call the hook that was set when they were made. The
/// rules of tlsw_ctx_set_sni_hook for code inside a hook apply.
/// The default cipher suites contain none with pre-shared keys; enable them with
/// tlsw_ctx_set_ciphers(ctx, "ECDHE-PSK-CHACHA20-POLY1305", err). TLS 1.3 has no such suites. If
/// both sides allow TLS 1.3, they negotiate TLS 1.3 with certificates; to prevent this, lower the
/// highest version (tlsw_ctx_set_max_version). In a handshake with a pre-shared key the key
/// authenticates the server, and the server sends no certificate. The verify mode and the host name
/// check apply to all other handshakes.
/// Errors: TLSW_ERR_ARGUMENT, also on a server context; TLSW_ERR_UNSUPPORTED if the context allows
/// TLS 1.3 only; TLSW_ERR_STATE if the context has keys of tlsw_ctx_add_psk but does not allow TLS
/// 1.3, or if the security level rules out all versions that the context allows. If a later setting
/// allows TLS 1.3 only, making a connection fails. Callable from any thread.
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
        // SAFETY: as for this function; the hook follows the contract of tlsw_psk_client_fn.
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

/// Sets the hook that supplies the key for a client's identity on servers when a cipher suite with
/// a pre-shared key was selected. tlsw_psk_server_fn describes the hook. NULL removes the hook;
/// without a hook, servers do not select these suites.
/// `user`, `free_user` and connections are treated as in tlsw_ctx_set_psk_client_hook, which also
/// describes the suites and versions. A server with neither a certificate nor a key of
/// tlsw_ctx_add_psk negotiates TLS 1.2 at most. In a handshake with a pre-shared key the server
/// requests no certificate, whatever the verify mode; tlsw_get_psk_identity returns the client's
/// identity. The resumption of a session does not call the hook.
/// Errors: TLSW_ERR_ARGUMENT, also on a client context; TLSW_ERR_UNSUPPORTED and TLSW_ERR_STATE as
/// in tlsw_ctx_set_psk_client_hook. Callable from any thread.
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
        // SAFETY: as for this function; the hook follows the contract of tlsw_psk_server_fn.
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

/// Sets the hint that a server sends to help clients select an identity (TLS 1.2 and older).
/// Borrows `hint`, at most 128 bytes. NULL and "" remove the hint.
/// Errors: TLSW_ERR_ARGUMENT, also on a client context. Callable from any thread.
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

/// Adds a pre-shared key for TLS 1.3, which is imported as RFC 9258 describes. Borrows `identity`,
/// `key`, `context` and `hash`.
/// `identity` names the key and must not be empty. `key` has at least 16 random bytes. `context`
/// describes the use of the key; pass (NULL, 0) for an empty context. `identity` and `context`
/// together have at most 1024 bytes. `hash` is the hash function that the key is bound to,
/// "SHA-256" or "SHA-384"; NULL means "SHA-256". All four must be the same on both sides.
/// A client offers all its keys, which take at most 12 KiB of the ClientHello: about 70 keys with
/// identities of 32 bytes and no context. A server selects the first of its keys that the client
/// offers; if the client offers none of them, the server authenticates with its certificate. In a
/// handshake with a pre-shared key neither side sends a certificate. The verify mode and the host
/// name check apply to all other handshakes. A client with TLSW_CERT_NONE, no verify hook and no
/// PSK client hook refuses every server that selects none of its keys. Clients store no sessions of
/// handshakes with pre-shared keys, because the key serves the same purpose.
/// Errors: TLSW_ERR_ARGUMENT, also if a client's keys take more than 12 KiB; TLSW_ERR_STATE if the
/// context does not allow TLS 1.3. If a later setting excludes TLS 1.3, making a connection fails.
/// Callable from any thread.
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
        // SAFETY: NULL or a live handle; pointers with their lengths; NULL or a C string.
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

/// Returns the identity of the pre-shared key that authenticated both sides, as the client sent it.
/// Gives `*identity`; free the buffer with tlsw_buf_free. For a resumed TLS 1.2 session the result
/// is the identity of the session's first handshake. Returns TLSW_NONE if no pre-shared key was
/// used or if the handshake is not complete.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_psk_identity(
    conn: *const tlsw_conn,
    identity: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (conn, identity) = unsafe { (hold(conn, "conn")?, out(identity, "identity")?) };
        let Some(name) = conn.psk_identity() else {
            return Ok(Progress::Absent(Absence::None));
        };
        identity.put(buf(&mut [name.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
