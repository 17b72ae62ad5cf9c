//! Whether a decoded certificate is for a host.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, hold, out, text};
use super::types::*;
use crate::cert::hostname::{self, Mismatch};
use crate::conn::name;
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

/// `tlsw_hostname_to_ascii` gives the form in which a host's name is looked up, sent and compared, to
/// be freed with tlsw_buf_free: what tlsw_wrap_* make of their `server_hostname`. Labels that are not
/// ASCII become A-labels ("xn--bcher-kva.example") by UTS 46, the IDNA of browsers; the rest is lower
/// case, a final dot is dropped. A-labels stay as they are, and so do addresses, in their usual form.
/// Errors: ERR_ARGUMENT, also for what is neither a DNS name nor an address: empty, a label empty or
/// longer than 63 bytes, more than 253 bytes, characters that neither DNS nor IDNA has; ERR_MEMORY.
/// Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_hostname_to_ascii(
    hostname: *const c_char,
    ascii: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or room for the buffer.
        let (hostname, ascii) = unsafe { (text(hostname, "hostname")?, out(ascii, "ascii")?) };
        let name = name::parse(hostname, "hostname")?.to_string();
        ascii.put(buf(&mut [name.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_hostname_to_unicode` gives a host's name with its A-labels decoded, as people read it, to be
/// freed with tlsw_buf_free: "bücher.example". What is no A-label stays as it is. For the hook for
/// server names, which is told what the client sent. Show it with care: letters of different scripts
/// look alike.
/// Errors: ERR_ARGUMENT; ERR_DECODE for an A-label that does not decode; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_hostname_to_unicode(
    hostname: *const c_char,
    unicode: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or room for the buffer.
        let (hostname, unicode) =
            unsafe { (text(hostname, "hostname")?, out(unicode, "unicode")?) };
        let name = name::to_unicode(hostname)?;
        unicode.put(buf(&mut [name.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
