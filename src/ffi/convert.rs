//! Conversions between PEM and DER, and from the time of a certificate to seconds.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, bytes, out, text};
use super::types::*;
use crate::cert;
use crate::error::{Error, Progress};
use crate::pem;

/// Encodes the `len` bytes at `der` (borrows) as a PEM block of a certificate. Gives `*pem`, to be
/// freed with tlsw_buf_free.
/// The block consists of TLSW_PEM_HEADER, base64 in lines of 64 characters and TLSW_PEM_FOOTER,
/// each followed by a newline. The bytes are not checked. The function corresponds to Python's
/// DER_cert_to_PEM_cert.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_der_to_pem(
    der: *const u8,
    len: usize,
    pem: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes; NULL or valid for writing the buffer.
        let (der, pem) = unsafe { (bytes(der, len, "der")?, out(pem, "pem")?) };
        pem.put(buf(&mut [pem::encode("CERTIFICATE", der).as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Decodes a PEM block of a certificate. `pem` (borrows, `len` bytes) contains one block and
/// nothing else: it begins with TLSW_PEM_HEADER and ends with TLSW_PEM_FOOTER, optionally followed
/// by white space. Gives `*der`, to be freed with tlsw_buf_free.
/// The bytes between header and footer are base64 in lines. The decoded bytes are not checked: use
/// tlsw_cert_new to find out whether they are a certificate. The function corresponds to Python's
/// PEM_cert_to_DER_cert, except that characters outside base64 are an error and are not skipped.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the header or the footer is missing, or the bytes
/// between them are not base64; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_pem_to_der(
    pem: *const u8,
    len: usize,
    der: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes; NULL or valid for writing the buffer.
        let (pem, der) = unsafe { (bytes(pem, len, "pem")?, out(der, "der")?) };
        der.put(buf(&mut [pem::certificate(pem)?.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Converts a time in the format of tlsw_cert_json ("Jan  5 09:34:43 2018 GMT") to seconds. Sets
/// `*seconds` to the seconds since 1970-01-01 00:00:00 UTC. `time` is borrowed.
/// Names of months are English in any locale, in upper or lower case. "GMT" is required, and
/// fractions of a second are not allowed. As in Python's cert_time_to_seconds, the seconds may be
/// 60 or 61, which continues in the next minute, and the day may be up to 31 in every month, which
/// continues in the next month.
/// Errors: TLSW_ERR_ARGUMENT, also if `time` has any other format. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_time_to_seconds(
    time: *const c_char,
    seconds: *mut i64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or valid for writing the result.
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
