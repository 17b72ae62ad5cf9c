//! The text forms of a certificate and of its times: conversions that look at nothing else.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, bytes, out, text};
use super::types::*;
use crate::cert;
use crate::error::{Error, Progress};
use crate::pem;

/// `tlsw_cert_der_to_pem` gives `der` (borrows) as a PEM block, to be freed with tlsw_buf_free:
/// TLSW_PEM_HEADER, base64 in lines of 64, TLSW_PEM_FOOTER, each with its newline. The DER is not
/// looked at. Python's DER_cert_to_PEM_cert.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_der_to_pem(
    der: *const u8,
    len: usize,
    pem: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes; NULL or room for the buffer.
        let (der, pem) = unsafe { (bytes(der, len, "der")?, out(pem, "pem")?) };
        pem.put(buf(&mut [pem::encode("CERTIFICATE", der).as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_cert_pem_to_der` gives the bytes that a PEM block encodes, to be freed with tlsw_buf_free.
/// `pem` (borrows) is that block alone: it begins with TLSW_PEM_HEADER and, but for white space,
/// ends with TLSW_PEM_FOOTER. What is between is base64 in lines; the bytes are not looked at, so
/// that they are a certificate is for tlsw_cert_new to tell. Python's PEM_cert_to_DER_cert, but
/// what is no base64 is an error here and not passed over.
/// Errors: ERR_ARGUMENT; ERR_DECODE for a wrong frame or what is no base64; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_pem_to_der(
    pem: *const u8,
    len: usize,
    der: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes; NULL or room for the buffer.
        let (pem, der) = unsafe { (bytes(pem, len, "pem")?, out(der, "der")?) };
        der.put(buf(&mut [pem::certificate(pem)?.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_cert_time_to_seconds` reads a time as tlsw_cert_json writes them ("Jan  5 09:34:43 2018
/// GMT") and sets `*seconds` to the seconds since 1970 (UTC) that it means. English month names in
/// any case, whatever the locale; GMT must be there, and no fraction of a second. As in Python's
/// cert_time_to_seconds, seconds may be 60 and 61 and go on into the next minute, and days up to 31
/// go on into the next month.
/// Errors: ERR_ARGUMENT if `time` (borrows) is anything else. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_time_to_seconds(
    time: *const c_char,
    seconds: *mut i64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or room for the result.
        let (time, seconds) = unsafe { (text(time, "time")?, out(seconds, "seconds")?) };
        seconds.put(cert::seconds(time).ok_or_else(|| {
            Error::argument(format!(
                "time: \"{time}\" is not like \"Jan  5 09:34:43 2018 GMT\" (English month, day, \
                 hours:minutes:seconds, year, GMT)"
            ))
        })?);
        Ok(Progress::Done(()))
    })
}
