//! Makes contexts by protocol or purpose, as Python's `ssl` module does.

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

/// Converts a TLSW_PROTOCOL_* number to a protocol.
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

/// Converts a protocol to its TLSW_PROTOCOL_* number.
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

/// Makes a context for programs written for Python's SSLContext(protocol) or OpenSSL's SSL_CTX_new.
/// New programs use tlsw_ctx_new, whose defaults are secure. Gives `*ctx`; free the context with
/// tlsw_ctx_free.
/// `role` is TLSW_CLIENT, TLSW_SERVER or 0. TLSW_CLIENT and TLSW_SERVER make a context for
/// connections of this role only. 0 selects the role of the protocol: client for
/// TLSW_PROTOCOL_TLS_CLIENT, server for TLSW_PROTOCOL_TLS_SERVER. With 0 and any other protocol,
/// each connection can be a client or a server.
/// The context has no trust anchors. With TLSW_PROTOCOL_TLS_CLIENT the context verifies the
/// server's certificate and host name; the host name check includes the common name if no
/// subjectAltName contains a DNS name. With all other protocols the context accepts every peer
/// until tlsw_ctx_set_verify_mode requires verification. Cipher suites, groups and security level
/// are those of tlsw_ctx_new. TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1 and TLSW_PROTOCOL_TLSV1_2
/// enable a single TLS version; their version bounds are returned as TLSW_TLS_MINIMUM_SUPPORTED and
/// TLSW_TLS_MAXIMUM_SUPPORTED and cannot be set.
/// Errors: TLSW_ERR_ARGUMENT, also for a role other than the role of the protocol;
/// TLSW_ERR_UNSUPPORTED for TLSW_PROTOCOL_SSLV2 and TLSW_PROTOCOL_SSLV3. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new_protocol(
    protocol: u32,
    role: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or memory for the handle.
        let ctx = unsafe { out(ctx, "ctx") }?;
        let mut settings = Settings::bare(self::protocol(protocol)?);
        if role != 0 {
            settings.set_role(self::role(role)?)?;
        }
        ctx.put(give(Ctx::new(settings)));
        Ok(Progress::Done(()))
    })
}

/// Returns the TLSW_PROTOCOL_* number that the context was made with, or 0 if `ctx` is not a
/// context. For contexts of tlsw_ctx_new and tlsw_ctx_new_default the result is
/// TLSW_PROTOCOL_TLS_CLIENT or TLSW_PROTOCOL_TLS_SERVER. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_protocol(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(number(settings.protocol)))
}

/// Flag of tlsw_ctx_new_default: the environment variable SSLKEYLOGFILE is ignored.
pub const TLSW_DEFAULT_IGNORE_ENV: u32 = 1;

/// Opens the key log file that the environment variable SSLKEYLOGFILE names, if any.
fn key_log() -> Result<Option<Arc<KeyLogFile>>> {
    environment::variable("SSLKEYLOGFILE")
        .map(|path| KeyLogFile::open(Path::new(&path)).map(Arc::new))
        .transpose()
}

/// Makes a context with the defaults of tlsw_ctx_new for a purpose, as Python's
/// create_default_context does. Gives `*ctx`; free the context with tlsw_ctx_free.
/// `purpose` is TLSW_PURPOSE_SERVER_AUTH (authenticate servers) for clients, or
/// TLSW_PURPOSE_CLIENT_AUTH (authenticate clients) for servers. `flags` is 0 or
/// TLSW_DEFAULT_IGNORE_ENV.
/// CAs that are loaded later replace the system roots. If `flags` is 0 and the environment variable
/// SSLKEYLOGFILE is set, the secrets of connections are written to the file that the variable names
/// (tlsw_ctx_set_keylog_file). A program that runs with more privileges than the user who started
/// it (setuid) ignores the variable.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the key log file cannot be opened.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new_default(
    purpose: i32,
    flags: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or memory for the handle.
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
