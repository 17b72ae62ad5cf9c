//! Contexts: options, and what is set reads back.

use std::ffi::c_char;
use std::sync::Arc;

use super::ctx::question;
use super::enter;
use super::ptr::{buf, bytes, hold, optional_path, out};
use super::types::*;
use crate::bssl::stream::Demand;
use crate::ctx::key_log::KeyLogFile;
use crate::error::{Absence, Error, Kind, Progress};

/// OpenSSL's bundle of workarounds for old peers; on by default. No effect: BoringSSL has none of these
/// bugs and none of the workarounds.
pub const TLSW_OP_ALL: u64 = 0x8000_0050;
/// A client goes on with a server that cannot renegotiate securely (RFC 5746).
pub const TLSW_OP_LEGACY_SERVER_CONNECT: u64 = 0x4;
/// TLS in the kernel: refused with ERR_UNSUPPORTED, BoringSSL has no such thing.
pub const TLSW_OP_ENABLE_KTLS: u64 = 0x8;
/// Reading answers CLOSED, not ERR_EOF, when the transport ends without the peer's goodbye: what was
/// read may be cut short by an attacker.
pub const TLSW_OP_IGNORE_UNEXPECTED_EOF: u64 = 0x80;
/// No session tickets: a client asks for none; a server resumes TLS 1.2 by session identifiers, and
/// TLS 1.3 not at all.
pub const TLSW_OP_NO_TICKET: u64 = 0x4000;
/// No TLS compression; on by default. No effect: BoringSSL never compresses.
pub const TLSW_OP_NO_COMPRESSION: u64 = 0x2_0000;
/// TLS 1.3 disguised as TLS 1.2; on by default. No effect: BoringSSL always does so.
pub const TLSW_OP_ENABLE_MIDDLEBOX_COMPAT: u64 = 0x10_0000;
/// A server takes the first suite of its own order that the client offers, else of the client's; on
/// by default. TLS 1.3 follows the server's list where one was set (tlsw_ctx_set_ciphersuites).
pub const TLSW_OP_CIPHER_SERVER_PREFERENCE: u64 = 0x40_0000;
/// Not SSL 2.0. No effect, and no bit: it is never possible.
pub const TLSW_OP_NO_SSLV2: u64 = 0;
/// Not SSL 3.0; on by default. No effect: BoringSSL does not have it, and clearing the bit does not
/// bring it back.
pub const TLSW_OP_NO_SSLV3: u64 = 0x200_0000;
/// Not TLS 1.0, whatever the version bounds say.
pub const TLSW_OP_NO_TLSV1: u64 = 0x400_0000;
/// Not TLS 1.2. Of versions with a gap between them, the lower ones are used.
pub const TLSW_OP_NO_TLSV1_2: u64 = 0x800_0000;
/// Not TLS 1.1.
pub const TLSW_OP_NO_TLSV1_1: u64 = 0x1000_0000;
/// Not TLS 1.3.
pub const TLSW_OP_NO_TLSV1_3: u64 = 0x2000_0000;
/// A client does not follow a server that renegotiates (TLS 1.2 and older): reading fails. Without it
/// a client does. Servers never renegotiate.
pub const TLSW_OP_NO_RENEGOTIATION: u64 = 0x4000_0000;
/// A fresh Diffie-Hellman key for each connection. No effect, and no bit: there is no DHE.
pub const TLSW_OP_SINGLE_DH_USE: u64 = 0;
/// A fresh ECDH key for each connection. No effect, and no bit: they are always fresh.
pub const TLSW_OP_SINGLE_ECDH_USE: u64 = 0;

/// `tlsw_ctx_set_options` sets the options: TLSW_OP_*, with OpenSSL's numbers, all others off. Bits
/// without a name here do nothing; they are kept and read back. The default is 0x82520050:
/// TLSW_OP_ALL, _NO_COMPRESSION, _ENABLE_MIDDLEBOX_COMPAT, _CIPHER_SERVER_PREFERENCE, _NO_SSLV3.
/// Errors: ERR_ARGUMENT; ERR_UNSUPPORTED for TLSW_OP_ENABLE_KTLS. Any thread.
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

/// `tlsw_ctx_get_options` is the options as they were set; 0 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_options(ctx: *const tlsw_ctx) -> u64 {
    question(ctx, 0, |settings| Some(settings.options))
}

/// `tlsw_ctx_get_verify_mode` is TLSW_CERT_NONE, _OPTIONAL, _REQUIRED or _UNENFORCED; -1 for no context. Any
/// thread.
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

/// `tlsw_ctx_get_check_hostname` is 1 if a client checks the server's name, else 0; -1 for no
/// context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_check_hostname(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.check_hostname.into()))
}

/// `tlsw_ctx_get_min_version` is the lowest TLS version as it was set; but
/// TLSW_TLS_MAXIMUM_SUPPORTED reads back as TLSW_TLS_1_3. 0 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_min_version(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, 0, |settings| Some(settings.versions.min))
}

/// `tlsw_ctx_get_max_version` is the highest TLS version as it was set; but
/// TLSW_TLS_MINIMUM_SUPPORTED reads back as TLSW_TLS_1_0. 0 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_max_version(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, 0, |settings| Some(settings.versions.max))
}

/// `tlsw_ctx_get_alpn_protocols` gives the application protocols as they were set
/// (tlsw_ctx_set_alpn_protocols), to be freed with tlsw_buf_free. NONE if there are none.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_alpn_protocols(
    ctx: *const tlsw_ctx,
    protocols: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, protocols) = unsafe { (hold(ctx, "ctx")?, out(protocols, "protocols")?) };
        let alpn = ctx.ask(|settings| settings.alpn.clone());
        if alpn.is_empty() {
            return Ok(Progress::Absent(Absence::None));
        }
        protocols.put(buf(&mut [&*alpn].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_set_num_tickets` sets how many session tickets a server sends after a handshake of TLS
/// 1.3; the default is 2, and more than 16 are 16. No effect below TLS 1.3.
/// Errors: ERR_ARGUMENT, also for a client's context. Any thread.
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

/// `tlsw_ctx_get_num_tickets` is how many session tickets a server sends after a handshake of TLS 1.3;
/// -1 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_num_tickets(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| i32::try_from(settings.num_tickets).ok())
}

/// `tlsw_ctx_set_post_handshake_auth` is for programs written for OpenSSL: 0 is accepted, and is how
/// it is. BoringSSL has no post-handshake authentication (RFC 8446, section 4.6.2), neither asking
/// nor answering: a client that is asked for a certificate later fails to read, with reason
/// UNEXPECTED_MESSAGE.
/// Errors: ERR_ARGUMENT; ERR_UNSUPPORTED for 1. Any thread.
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

/// `tlsw_ctx_get_post_handshake_auth` is 0: see tlsw_ctx_set_post_handshake_auth. -1 for no context.
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_post_handshake_auth(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |_| Some(0))
}

/// `tlsw_ctx_set_npn_protocols` always fails: Next Protocol Negotiation, a draft that ALPN replaced,
/// is off for good. Use tlsw_ctx_set_alpn_protocols.
/// Errors: ERR_UNSUPPORTED. Any thread.
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

/// `tlsw_ctx_set_keylog_file` has the secrets of connections appended to a file, line by line in NSS's
/// format, by which Wireshark and others decrypt what was sent: for looking for faults, never for
/// long. `path` NULL turns it off. A new file is its owner's alone, and begins with a comment; of a file
/// of the process's user that others could read or write, their rights are taken away. In a directory
/// where everybody may make files, a symbolic link and a file that another user made are refused.
/// A line is written as a whole or not at all, those of several threads and processes one after
/// another: if the disk or a pipe is full, or the reader of a pipe has left, it is lost, and the
/// connection goes on. Writing to a pipe or terminal never waits, and no signal comes; a pipe that
/// no program reads yet holds what there is room for.
/// Errors: ERR_ARGUMENT; ERR_IO with os_error if the file cannot be opened, or is refused (EACCES). Any
/// thread.
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

/// `tlsw_ctx_get_keylog_file` gives the path that tlsw_ctx_set_keylog_file was given, to be freed with
/// tlsw_buf_free. NONE if secrets are not logged to a file.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_keylog_file(
    ctx: *const tlsw_ctx,
    path: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, path) = unsafe { (hold(ctx, "ctx")?, out(path, "path")?) };
        let Some(file) = ctx.ask(|settings| settings.key_log.clone()) else {
            return Ok(Progress::Absent(Absence::None));
        };
        path.put(buf(&mut [file.path().as_os_str().as_encoded_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_session_stats` gives what has become of the context's connections, as JSON in the shape
/// of Python's session_stats(), to be freed with tlsw_buf_free. They count from the context's
/// beginning: "connect" and "accept" are the handshakes begun as client and as server, "…_good" those
/// done, "…_renegotiate" those begun again on a connection (a server's are 0: it allows none); "hits"
/// are sessions resumed on either side. "number" are the sessions that a server keeps now for clients
/// that come back with an identifier, in TLS 1.2 without tickets; of those that are asked for,
/// "misses" are not there, "timeouts" are over; "cache_full" have gone for want of room. A connection
/// that changes its context counts for its first.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_session_stats(
    ctx: *const tlsw_ctx,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, json) = unsafe { (hold(ctx, "ctx")?, out(json, "json")?) };
        json.put(buf(&mut [ctx.session_stats_json().as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_set_session_timeout` sets for how many seconds the sessions of a server's connections can be
/// resumed, and a client's at most; 0, the default, is two hours below TLS 1.3, two days in it.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_ctx_get_session_timeout` is what tlsw_ctx_set_session_timeout set; 0 also for no context. Any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_session_timeout(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| settings.session_timeout)
}

/// `tlsw_ctx_set_session_cache_size` sets how many sessions a server keeps for clients that come back with
/// an identifier (TLS 1.2 without tickets): 20,480 by default, 0 for any number. The oldest go first.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_ctx_get_session_cache_size` is what tlsw_ctx_set_session_cache_size set; 0 also for no context.
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_session_cache_size(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(settings.session_cache_size))
}
