//! Host names: matching with a decoded certificate, and conversions.

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

/// Checks whether a certificate is valid for `hostname` (borrows), by the rules of Python's
/// match_hostname (RFC 6125). Returns TLSW_OK if the certificate is valid for `hostname`.
/// `hostname` is an IP address or a DNS name with international labels as A-labels.
/// An IP address is compared with the iPAddress entries of the subjectAltName, as an address. IPv4
/// addresses have four parts; "127.1" is treated as a DNS name. A DNS name is compared with the
/// dNSName entries, without regard to the case of ASCII letters. The common names of the subject
/// are compared only if the subjectAltName has neither dNSName nor iPAddress entries.
/// A wildcard is the whole first label ("*.example.com") and matches exactly one label. Entries are
/// compared in their order. The certificate is refused if an entry with any other wildcard comes
/// before the first match: more than one wildcard, a wildcard in another label, a wildcard that is
/// a part of a label ("w*.example.com"), or a wildcard alone ("*"). If `hostname` is an IP address,
/// an iPAddress entry that is neither 4 nor 16 bytes long has the same effect.
/// The function checks nothing else. Connections do not use the function: the handshake performs
/// its own, stricter check (tlsw_ctx_set_check_hostname).
/// Errors: TLSW_ERR_ARGUMENT, also if `cert` is NULL; TLSW_ERR_VERIFY if the certificate is not
/// valid for `hostname`, with verify_error 62 (DNS name) or 64 (IP address). The error message
/// lists the names in the certificate, or describes the malformed entry. Callable from any thread.
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

/// Converts the name of a host to the form that is used in DNS lookups, in SNI and in certificates.
/// Gives `*ascii`, to be freed with tlsw_buf_free. tlsw_wrap_* convert their `server_hostname` in
/// the same way.
/// Labels that are not ASCII become A-labels ("xn--bcher-kva.example") by UTS 46, the IDNA of
/// browsers. Letters become lower case and a final dot is dropped. A-labels stay A-labels. An IP
/// address is returned in its usual form, without brackets and zone.
/// Errors: TLSW_ERR_ARGUMENT, also if `hostname` is neither a DNS name nor an IP address: if the
/// name is empty or longer than 253 bytes, a label is empty or longer than 63 bytes, or a character
/// is allowed neither in DNS names nor by IDNA; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_hostname_to_ascii(
    hostname: *const c_char,
    ascii: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or valid for writing the buffer.
        let (hostname, ascii) = unsafe { (text(hostname, "hostname")?, out(ascii, "ascii")?) };
        let name = name::parse(hostname, "hostname")?.to_string();
        ascii.put(buf(&mut [name.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Converts the name of a host to the form that is shown to people: decodes A-labels
/// ("xn--bcher-kva.example" becomes "bücher.example"). Gives `*unicode`, to be freed with
/// tlsw_buf_free.
/// Other labels are only normalized by UTS 46, for example to lower case. The function is meant for
/// the callback of tlsw_ctx_set_sni_hook, which receives the name in the form that the client sent.
/// Letters of different scripts can look alike, so do not rely on the result to identify a host.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if a label cannot be decoded or is not allowed by
/// IDNA; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_hostname_to_unicode(
    hostname: *const c_char,
    unicode: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or valid for writing the buffer.
        let (hostname, unicode) =
            unsafe { (text(hostname, "hostname")?, out(unicode, "unicode")?) };
        let name = name::to_unicode(hostname)?;
        unicode.put(buf(&mut [name.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
