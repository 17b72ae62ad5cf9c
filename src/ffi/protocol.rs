//! Contexts: making them the way Python's `ssl` module does.

use std::path::Path;
use std::sync::Arc;

use super::constants::*;
use super::ctx::{question, role};
use super::enter;
use super::ptr::{give, out};
use super::types::*;
use crate::bssl::stream::Role;
use crate::ctx::Ctx;
use crate::ctx::key_log::KeyLogFile;
use crate::ctx::protocol::Protocol;
use crate::ctx::settings::Settings;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::environment;

/// A protocol, from its number.
pub(super) fn protocol(number: u32) -> Result<Protocol> {
    let missing = |what| Err(Error::new(Kind::Unsupported, format!("{what} is not available")));
    match number {
        TLSW_PROTOCOL_TLS => Ok(Protocol::Tls),
        TLSW_PROTOCOL_TLS_CLIENT => Ok(Protocol::TlsClient),
        TLSW_PROTOCOL_TLS_SERVER => Ok(Protocol::TlsServer),
        TLSW_PROTOCOL_TLSV1 => Ok(Protocol::Tls10),
        TLSW_PROTOCOL_TLSV1_1 => Ok(Protocol::Tls11),
        TLSW_PROTOCOL_TLSV1_2 => Ok(Protocol::Tls12),
        TLSW_PROTOCOL_SSLV2 => missing("protocol SSLv2"),
        TLSW_PROTOCOL_SSLV3 => missing("protocol SSLv3"),
        _ => Err(Error::argument(format!("protocol: {number} is none of TLSW_PROTOCOL_*"))),
    }
}

/// The number of a protocol.
fn number(protocol: Protocol) -> u32 {
    match protocol {
        Protocol::Tls => TLSW_PROTOCOL_TLS,
        Protocol::TlsClient => TLSW_PROTOCOL_TLS_CLIENT,
        Protocol::TlsServer => TLSW_PROTOCOL_TLS_SERVER,
        Protocol::Tls10 => TLSW_PROTOCOL_TLSV1,
        Protocol::Tls11 => TLSW_PROTOCOL_TLSV1_1,
        Protocol::Tls12 => TLSW_PROTOCOL_TLSV1_2,
    }
}

/// `tlsw_ctx_new_protocol` makes a context as Python's SSLContext(protocol) and OpenSSL's SSL_CTX_new
/// do, for programs that come from there; tlsw_ctx_new is the safe way. It trusts nobody; only
/// TLSW_PROTOCOL_TLS_CLIENT verifies the peer and its name (looked for in the common name too where
/// no DNS name is in a subjectAltName), all others take any peer until tlsw_ctx_set_verify_mode says
/// otherwise. Suites, groups and security level are those of tlsw_ctx_new. With TLSW_PROTOCOL_TLSV1,
/// _TLSV1_1 and _TLSV1_2 there is that version alone; the bounds read back as open and cannot be set.
/// `role` is 0 for the protocol's own: the one side of TLSW_PROTOCOL_TLS_CLIENT and _TLS_SERVER; with
/// all others each connection may be either. TLSW_CLIENT or TLSW_SERVER makes it a context for that
/// side alone. Gives `*ctx`, to be freed with tlsw_ctx_free.
/// Errors: ERR_ARGUMENT, also for a role that is not the protocol's; ERR_UNSUPPORTED for
/// TLSW_PROTOCOL_SSLV2 and _SSLV3. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new_protocol(
    protocol: u32,
    role: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for the handle.
        let ctx = unsafe { out(ctx, "ctx") }?;
        let mut settings = Settings::bare(self::protocol(protocol)?);
        if role != 0 {
            settings.set_role(self::role(role)?)?;
        }
        ctx.put(give(Ctx::new(settings)));
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_protocol` is the TLSW_PROTOCOL_* that a context was made with; for those of
/// tlsw_ctx_new and tlsw_ctx_new_default it is that of their side. 0 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_protocol(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(number(settings.protocol)))
}

/// For tlsw_ctx_new_default: what the environment says is not heeded.
pub const TLSW_DEFAULT_IGNORE_ENV: u32 = 1;

/// The file that the environment wants secrets logged to.
fn key_log() -> Result<Option<Arc<KeyLogFile>>> {
    environment::variable("SSLKEYLOGFILE")
        .map(|path| KeyLogFile::open(Path::new(&path)).map(Arc::new))
        .transpose()
}

/// `tlsw_ctx_new_default` makes the context of tlsw_ctx_new for a purpose, as Python's
/// create_default_context does: TLSW_PURPOSE_SERVER_AUTH is to authenticate servers, so for clients;
/// TLSW_PURPOSE_CLIENT_AUTH for servers. CAs that are loaded later take the place of the system's
/// roots. Where the environment has a SSLKEYLOGFILE, secrets are logged to it
/// (tlsw_ctx_set_keylog_file), but not if `flags` is TLSW_DEFAULT_IGNORE_ENV instead of 0, nor in a
/// program that runs with more rights than who started it (setuid). Gives `*ctx`, to be freed with
/// tlsw_ctx_free.
/// Errors: ERR_ARGUMENT; ERR_IO with os_error if that file cannot be opened. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new_default(
    purpose: i32,
    flags: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for the handle.
        let ctx = unsafe { out(ctx, "ctx") }?;
        let role = match purpose {
            TLSW_PURPOSE_SERVER_AUTH => Role::Client,
            TLSW_PURPOSE_CLIENT_AUTH => Role::Server,
            _ => {
                return Err(Error::argument(format!(
                    "purpose: {purpose} is neither TLSW_PURPOSE_SERVER_AUTH nor _CLIENT_AUTH"
                )));
            }
        };
        if flags & !TLSW_DEFAULT_IGNORE_ENV != 0 {
            return Err(Error::argument(format!("flags: {flags:#x} has unknown bits")));
        }
        let mut settings = Settings::new(role);
        if flags == 0 {
            settings.key_log = key_log()?;
        }
        ctx.put(give(Ctx::new(settings)));
        Ok(Progress::Done(()))
    })
}
