//! Sets options of contexts, and returns settings.

use std::ffi::c_char;
use std::sync::Arc;

use super::ctx::question;
use super::enter;
use super::ptr::{buf, bytes, hold, optional_path, out};
use super::types::*;
use crate::bssl::stream::Demand;
use crate::ctx::key_log::KeyLogFile;
use crate::error::{Absence, Error, Kind, Progress};

/// OpenSSL's set of workarounds for bugs of old peers; on by default. No effect: BoringSSL has none
/// of these workarounds.
pub const TLSW_OP_ALL: u64 = 0x8000_0050;
/// A client connects to servers that do not support secure renegotiation (RFC 5746).
pub const TLSW_OP_LEGACY_SERVER_CONNECT: u64 = 0x4;
/// TLS in the kernel. tlsw_ctx_set_options refuses this option with TLSW_ERR_UNSUPPORTED, because
/// BoringSSL does not support kernel TLS.
pub const TLSW_OP_ENABLE_KTLS: u64 = 0x8;
/// If the transport ends without the peer's close_notify, a read returns TLSW_CLOSED instead of
/// TLSW_ERR_EOF. An attacker can then truncate the received data unnoticed.
pub const TLSW_OP_IGNORE_UNEXPECTED_EOF: u64 = 0x80;
/// No session tickets. A client does not request tickets. A server resumes TLS 1.2 sessions by
/// session identifier, and resumes no TLS 1.3 sessions.
pub const TLSW_OP_NO_TICKET: u64 = 0x4000;
/// No TLS compression; on by default. No effect: BoringSSL never compresses.
pub const TLSW_OP_NO_COMPRESSION: u64 = 0x2_0000;
/// Middlebox compatibility mode of TLS 1.3 (RFC 8446, appendix D.4); on by default. No effect:
/// BoringSSL always uses this mode.
pub const TLSW_OP_ENABLE_MIDDLEBOX_COMPAT: u64 = 0x10_0000;
/// A server selects the first cipher suite of its own list that the client offers, instead of the
/// first of the client's list; on by default. In TLS 1.3 the server's order applies if
/// tlsw_ctx_set_ciphersuites set a list.
pub const TLSW_OP_CIPHER_SERVER_PREFERENCE: u64 = 0x40_0000;
/// Disables SSL 2.0. No effect, and no bit: SSL 2.0 is not supported.
pub const TLSW_OP_NO_SSLV2: u64 = 0;
/// Disables SSL 3.0; on by default. No effect: BoringSSL does not support SSL 3.0, and clearing the
/// bit does not enable it.
pub const TLSW_OP_NO_SSLV3: u64 = 0x200_0000;
/// Disables TLS 1.0, even if the version bounds allow TLS 1.0.
pub const TLSW_OP_NO_TLSV1: u64 = 0x400_0000;
/// Disables TLS 1.2, even if the version bounds allow TLS 1.2. If the enabled versions have a gap,
/// only the versions below the gap are used.
pub const TLSW_OP_NO_TLSV1_2: u64 = 0x800_0000;
/// Disables TLS 1.1, even if the version bounds allow TLS 1.1.
pub const TLSW_OP_NO_TLSV1_1: u64 = 0x1000_0000;
/// Disables TLS 1.3, even if the version bounds allow TLS 1.3.
pub const TLSW_OP_NO_TLSV1_3: u64 = 0x2000_0000;
/// A client refuses renegotiation (TLS 1.2 and older): the read that receives the server's request
/// fails. Without this option a client renegotiates when the server requests it. A server never
/// renegotiates.
pub const TLSW_OP_NO_RENEGOTIATION: u64 = 0x4000_0000;
/// A new Diffie-Hellman key for each connection. No effect, and no bit: DHE is not supported.
pub const TLSW_OP_SINGLE_DH_USE: u64 = 0;
/// A new ECDH key for each connection. No effect, and no bit: each connection has a new ECDH key
/// anyway.
pub const TLSW_OP_SINGLE_ECDH_USE: u64 = 0;

/// Sets the options. `options` is a combination of TLSW_OP_* bits, which have OpenSSL's values.
/// Options whose bits are not set are turned off.
/// Bits without a TLSW_OP_* name have no effect; tlsw_ctx_get_options returns them as they were
/// set. The default is 0x82520050: TLSW_OP_ALL, TLSW_OP_NO_COMPRESSION,
/// TLSW_OP_ENABLE_MIDDLEBOX_COMPAT, TLSW_OP_CIPHER_SERVER_PREFERENCE and TLSW_OP_NO_SSLV3.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for TLSW_OP_ENABLE_KTLS. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_options(
    ctx: *mut tlsw_ctx,
    options: u64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| settings.set_options(options))?;
        Ok(Progress::Done(()))
    })
}

/// Returns the options as they were set, or 0 if `ctx` is not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_options(ctx: *const tlsw_ctx) -> u64 {
    question(ctx, 0, |settings| Some(settings.options))
}

/// Returns the verify mode: TLSW_CERT_NONE, TLSW_CERT_OPTIONAL, TLSW_CERT_REQUIRED or
/// TLSW_CERT_UNENFORCED; or -1 if `ctx` is not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_verify_mode(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| {
        Some(match settings.demand {
            Demand::None => 0,
            Demand::Optional => 1,
            Demand::Required => 2,
            Demand::Unenforced => 3,
        })
    })
}

/// Returns 1 if clients check the server's host name, 0 if they do not, or -1 if `ctx` is not a
/// context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_check_hostname(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.check_hostname.into()))
}

/// Returns the lowest TLS version as it was set, or 0 if `ctx` is not a context.
/// TLSW_TLS_MAXIMUM_SUPPORTED is returned as TLSW_TLS_1_3. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_min_version(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, 0, |settings| Some(settings.versions.min))
}

/// Returns the highest TLS version as it was set, or 0 if `ctx` is not a context.
/// TLSW_TLS_MINIMUM_SUPPORTED is returned as TLSW_TLS_1_0. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_max_version(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, 0, |settings| Some(settings.versions.max))
}

/// Returns the application protocols that tlsw_ctx_set_alpn_protocols set, in the same encoding.
/// Gives `*protocols`; free the buffer with tlsw_buf_free. Returns TLSW_NONE if no protocols are
/// set.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_alpn_protocols(
    ctx: *const tlsw_ctx,
    protocols: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, protocols) = unsafe { (hold(ctx, "ctx")?, out(protocols, "protocols")?) };
        let alpn = ctx.ask(|settings| settings.alpn.clone());
        if alpn.is_empty() {
            return Ok(Progress::Absent(Absence::None));
        }
        protocols.put(buf(&mut [&*alpn].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Sets the number of session tickets that a server sends after a TLS 1.3 handshake. The default is
/// 2. Numbers above 16 count as 16. The setting has no effect below TLS 1.3.
/// Errors: TLSW_ERR_ARGUMENT, also for a negative number and on a client context. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_num_tickets(
    ctx: *mut tlsw_ctx,
    tickets: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| settings.set_num_tickets(tickets))?;
        Ok(Progress::Done(()))
    })
}

/// Returns the number of session tickets that a server sends after a TLS 1.3 handshake, or -1 if
/// `ctx` is not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_num_tickets(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| i32::try_from(settings.num_tickets).ok())
}

/// Accepts 0 and refuses 1, for programs written for OpenSSL. BoringSSL does not support
/// post-handshake authentication (RFC 8446, section 4.6.2), neither on clients nor on servers. If a
/// server requests a certificate after the handshake, the client's read fails with reason
/// UNEXPECTED_MESSAGE.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for 1. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_post_handshake_auth(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(ctx, "ctx") }?;
        if super::ctx::switch(on, "on")? {
            return Err(Error::new(
                Kind::Unsupported,
                "TLS 1.3 post-handshake authentication is not available in BoringSSL",
            ));
        }
        Ok(Progress::Done(()))
    })
}

/// Returns 0, because post-handshake authentication is not supported; or -1 if `ctx` is not a
/// context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_post_handshake_auth(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |_| Some(0))
}

/// Fails always: Next Protocol Negotiation, a draft that ALPN replaced, is not supported. Use
/// tlsw_ctx_set_alpn_protocols.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_npn_protocols(
    ctx: *mut tlsw_ctx,
    protocols: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes.
        unsafe { (hold(ctx, "ctx")?, bytes(protocols, len, "protocols")?) };
        Err(Error::new(
            Kind::Unsupported,
            "NPN is not available: it was a draft that ALPN replaced; use \
             tlsw_ctx_set_alpn_protocols",
        ))
    })
}

/// Appends the TLS secrets of connections to a file, one line per secret in NSS key log format, so
/// that programs such as Wireshark can decrypt captured traffic. Borrows `path`. NULL turns the key
/// log off. Use the key log for debugging only: whoever reads the file can decrypt the connections.
/// On Unix, a new file is readable and writable by its owner only, and begins with a comment line.
/// If an existing regular file belongs to the effective user of the process, the permissions of
/// other users are removed, and those of the group are kept. In a directory that every user can
/// write to, the call refuses a symbolic link, a file with several hard links, and a file of a user
/// other than root and the effective user.
/// Each line is written completely or not at all, and lines of several threads and processes do not
/// mix. If the disk or the pipe is full, or if the reader of a pipe closed it, the line is lost and
/// the connection continues. Writing to a pipe or terminal neither waits nor raises a signal. A
/// pipe without a reader stores lines up to its capacity.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be opened, with os_error
/// EACCES if the call refuses it. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_keylog_file(
    ctx: *mut tlsw_ctx,
    path: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, path) = unsafe { (hold(ctx, "ctx")?, optional_path(path, "path")?) };
        let file = path.map(KeyLogFile::open).transpose()?.map(Arc::new);
        ctx.change(|settings| {
            settings.key_log = file;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Returns the path that tlsw_ctx_set_keylog_file set. Gives `*path`; free the buffer with
/// tlsw_buf_free. Returns TLSW_NONE if secrets are not logged to a file.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_keylog_file(
    ctx: *const tlsw_ctx,
    path: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, path) = unsafe { (hold(ctx, "ctx")?, out(path, "path")?) };
        let Some(file) = ctx.ask(|settings| settings.key_log.clone()) else {
            return Ok(Progress::Absent(Absence::None));
        };
        path.put(buf(&mut [file.path().as_os_str().as_encoded_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Returns statistics of the context's connections as a JSON object in the form of Python's
/// session_stats(). Gives `*json`; free the buffer with tlsw_buf_free.
/// The counters begin when the context is made. "connect" and "accept" count the handshakes begun
/// as client and as server, "connect_good" and "accept_good" the completed handshakes,
/// "connect_renegotiate" and "accept_renegotiate" the renegotiations; "accept_renegotiate" is
/// always 0, because servers never renegotiate. "hits" counts resumed sessions on both sides.
/// "number" is the number of sessions that a server stores at present for resumption by session
/// identifier (TLS 1.2 and older, without tickets). "misses" counts requested sessions that were
/// not stored, "timeouts" requested sessions that had expired, and "cache_full" sessions that were
/// removed because the cache was full. A connection whose context was changed counts for the first
/// context.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_session_stats(
    ctx: *const tlsw_ctx,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, json) = unsafe { (hold(ctx, "ctx")?, out(json, "json")?) };
        json.put(buf(&mut [ctx.session_stats_json().as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Sets the lifetime of sessions in seconds. On a server a session can be resumed for that time; on
/// a client at most for that time. The default, 0, means two hours below TLS 1.3 and two days in
/// TLS 1.3.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_session_timeout(
    ctx: *mut tlsw_ctx,
    seconds: u32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| {
            settings.session_timeout = (seconds > 0).then_some(seconds);
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Returns the lifetime of sessions in seconds that tlsw_ctx_set_session_timeout set. Returns 0 for
/// the default, and also if `ctx` is not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_session_timeout(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| settings.session_timeout)
}

/// Sets the number of sessions that a server stores for resumption by session identifier (TLS 1.2
/// and older, without tickets). The default is 20,480; 0 means no limit. When the cache is full,
/// the oldest session is removed.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_session_cache_size(
    ctx: *mut tlsw_ctx,
    sessions: u32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| {
            settings.session_cache_size = sessions;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Returns the number of sessions that tlsw_ctx_set_session_cache_size set. Returns 0 for no limit,
/// and also if `ctx` is not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_session_cache_size(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(settings.session_cache_size))
}
