//! Retrieval of the certificate of a server in one call.

use std::ffi::c_char;
use std::path::Path;

use super::ctx::trust_file;
use super::enter;
use super::protocol::protocol;
use super::ptr::{buf, out, path, text};
use super::types::*;
use crate::bssl::stream::{Demand, Role};
use crate::ctx::Ctx;
use crate::ctx::protocol::Protocol;
use crate::ctx::settings::Settings;
use crate::error::{Error, Progress, Result};
use crate::io::deadline::Deadline;
use crate::pem;

/// Makes a client context that does not check the host name, and that verifies certificates only if
/// `ca` names a file of CAs.
fn client(protocol: Protocol, ca: Option<&Path>) -> Result<Ctx> {
    let mut settings = Settings::bare(protocol);
    settings
        .set_role(Role::Client)
        .map_err(|_| Error::argument("protocol: TLSW_PROTOCOL_TLS_SERVER is not for a client"))?;
    settings.set_check_hostname(false)?;
    settings.set_demand(if ca.is_some() { Demand::Required } else { Demand::None })?;
    let ctx = Ctx::new(settings);
    if let Some(ca) = ca {
        trust_file(&ctx, ca)?;
    }
    Ok(ctx)
}

#[cfg(unix)]
use crate::fetch::server_certificate;

#[cfg(not(unix))]
fn server_certificate(_: &Ctx, _: &str, _: u16, _: &Deadline) -> Result<Vec<u8>> {
    Err(Error::new(
        crate::error::Kind::Unsupported,
        "this build has no sockets of its own; connect, and use tlsw_wrap_bio or tlsw_wrap_io",
    ))
}

/// Connects to a server, performs the handshake and returns the certificate of the server as a PEM
/// block. Gives `*pem`, to be freed with tlsw_buf_free.
/// `host` is a DNS name or an IP address, as for tlsw_connect. The addresses of the host, IPv6 and
/// IPv4, are tried one after another. A DNS name is sent to the server (SNI), but the certificate
/// is not checked for the name.
/// `protocol` is TLSW_PROTOCOL_TLS_CLIENT or TLSW_PROTOCOL_TLS for TLS 1.2 and 1.3, or
/// TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1 or TLSW_PROTOCOL_TLSV1_2 for that version only.
/// `ca_path` is a file of CAs, against which the certificate is verified. If `ca_path` is NULL,
/// nothing is verified, and an attacker on the network path can replace the certificate.
/// `timeout_ms` limits the whole call, in milliseconds; a negative value waits without limit, and 0
/// is an error. A name lookup by the system's resolver cannot be interrupted, but the time of the
/// lookup counts.
/// Errors: TLSW_ERR_ARGUMENT, also for a timeout of 0; TLSW_ERR_UNSUPPORTED for TLSW_PROTOCOL_SSLV2
/// and TLSW_PROTOCOL_SSLV3, and where tlsw_has("fd") is 0; TLSW_ERR_IO if the name has no address,
/// no address accepts the connection, or `ca_path` cannot be read; TLSW_ERR_DECODE if `ca_path` has
/// invalid contents; TLSW_ERR_TIMEOUT; TLSW_ERR_VERIFY; TLSW_ERR_TLS; TLSW_ERR_EOF;
/// TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_server_certificate(
    host: *const c_char,
    port: u16,
    protocol: u32,
    ca_path: *const c_char,
    timeout_ms: i64,
    pem: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or C strings; NULL or valid for writing the buffer.
        let (host, ca, pem) = unsafe {
            let ca = if ca_path.is_null() { None } else { Some(path(ca_path, "ca_path")?) };
            (text(host, "host")?, ca, out(pem, "pem")?)
        };
        if host.is_empty() {
            return Err(Error::argument("host is empty"));
        }
        if timeout_ms == 0 {
            return Err(Error::argument("timeout_ms: without waiting nobody can be connected to"));
        }
        let deadline = Deadline::after(timeout_ms);
        let ctx = client(self::protocol(protocol)?, ca)?;
        let der = server_certificate(&ctx, host, port, &deadline)?;
        pem.put(buf(&mut [pem::encode("CERTIFICATE", &der).as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
