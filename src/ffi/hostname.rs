//! Whether a decoded certificate is for a host.

use std::ffi::c_char;

use super::enter;
use super::ptr::{hold, text};
use super::types::*;
use crate::cert::hostname::{self, Mismatch};
use crate::error::{Error, Kind, Progress, VerifyFailure};

/// `X509_V_ERR_HOSTNAME_MISMATCH`.
const HOSTNAME_MISMATCH: i32 = 62;
/// `X509_V_ERR_IP_ADDRESS_MISMATCH`.
const IP_ADDRESS_MISMATCH: i32 = 64;

fn refusal(mismatch: Mismatch) -> Error {
    let mut error = Error::new(Kind::Verify, mismatch.what);
    let code = if mismatch.is_ip { IP_ADDRESS_MISMATCH } else { HOSTNAME_MISMATCH };
    error.detail_mut().verify = Some(VerifyFailure { code, depth: 0 });
    error
}

/// `tlsw_match_hostname` is OK if a certificate is for `hostname` (borrows): a DNS name, international
/// ones as A-labels, or an address. It decides as Python's match_hostname does (RFC 6125, case of
/// ASCII letters aside). A DNS name is looked for among the DNS names of the subjectAltName, an
/// address among its addresses, compared as addresses; IPv4 has four parts, "127.1" is a name. Only
/// if there are neither DNS names nor addresses the common names count. A star is the whole first
/// label and stands for one label. A name with another star, one inside a label ("w*.example.com")
/// or alone ("*") refuses the certificate if it comes before one that matches.
/// Nothing else of the certificate is looked at, and no connection calls this: the handshake does
/// its own, stricter check (tlsw_ctx_set_check_hostname).
/// Errors: ERR_ARGUMENT, also for no certificate; ERR_VERIFY with verify_error 62 (a name) or 64 (an
/// address) if it is not for `hostname`; the message tells the names it is for. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_match_hostname(
    cert: *const tlsw_cert,
    hostname: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (cert, hostname) = unsafe { (hold(cert, "cert")?, text(hostname, "hostname")?) };
        hostname::check(&cert.info, hostname).map_err(refusal)?;
        Ok(Progress::Done(()))
    })
}
