//! Decoded certificates.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::ptr::{Held, borrow, buf, bytes, give, hold, optional_out, out, release, room};
use super::types::*;
use super::{ask, enter};
use crate::bssl::digest::sha256;
use crate::cert::Info;
use crate::error::{Absence, Error, Progress, Result};
use crate::pem;

/// A certificate with its texts in the form C wants to borrow them in.
pub struct Cert {
    der: Vec<u8>,
    pub(super) info: Info,
    subject: CString,
    issuer: CString,
    common_name: Option<CString>,
    serial: CString,
    signature_algorithm: CString,
    key_type: CString,
    /// Kind and text of each alternative name, the text with a NUL behind its end.
    san: Vec<(u32, Vec<u8>)>,
}

/// Text for C. A NUL inside, which only a common name can have, is shown as U+FFFD, so that the
/// text cannot be mistaken for a shorter one.
fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

impl Cert {
    fn new(der: &[u8], info: Info) -> Self {
        let san = info.extensions.san.iter().flatten();
        Self {
            der: der.to_vec(),
            subject: c_text(&info.subject.rfc4514()),
            issuer: c_text(&info.issuer.rfc4514()),
            common_name: info.subject.common_name().map(c_text),
            serial: c_text(&info.serial),
            signature_algorithm: c_text(&info.signature_algorithm),
            key_type: c_text(&info.key.kind),
            san: san
                .map(|name| {
                    let mut text = name.text().into_owned().into_bytes();
                    text.push(0);
                    (name.kind(), text)
                })
                .collect(),
            info,
        }
    }
}

/// `tlsw_cert_new` decodes the first certificate of `der` (borrows) and sets `*used` to how many
/// bytes it took, so that a chain is read in a loop:
///
///     for (at = 0; at < chain.len; at += used)
///         if (tlsw_cert_new(chain.data + at, chain.len - at, &used, &cert, &err)) break;
///
/// `used` may be NULL: then bytes after the certificate are an error. The certificate need not be
/// valid in any sense; nothing is verified. Gives `*cert`, to be freed with tlsw_cert_free.
/// Errors: ERR_ARGUMENT; ERR_DECODE. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_new(
    der: *const u8,
    len: usize,
    used: *mut usize,
    cert: *mut *mut tlsw_cert,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes; NULL or room for the results.
        let (der, used, cert) =
            unsafe { (bytes(der, len, "der")?, optional_out(used, "used")?, out(cert, "cert")?) };
        let (info, taken) = Info::parse(der)?;
        match used {
            Some(used) => used.put(taken),
            None if taken < der.len() => {
                return Err(Error::decode(format!(
                    "{} bytes follow the certificate; pass `used` to read several",
                    der.len() - taken
                )));
            }
            None => {}
        }
        cert.put(give(Cert::new(der.get(..taken).unwrap_or(der), info)));
        Ok(Progress::Done(()))
    })
}

/// `tlsw_cert_free` frees a certificate and everything borrowed from it. NULL is fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_free(cert: *mut tlsw_cert) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(cert) };
        Some(())
    });
}

/// Gives what a certificate makes.
unsafe fn made(
    cert: *const tlsw_cert,
    result: *mut tlsw_buf,
    name: &str,
    make: impl FnOnce(&Held<tlsw_cert>) -> String,
) -> Result<Progress> {
    // SAFETY: NULL or a live handle; NULL or room for the buffer.
    let (cert, result) = unsafe { (hold(cert, "cert")?, out(result, name)?) };
    result.put(buf(&mut [make(&cert).as_bytes()].into_iter())?);
    Ok(Progress::Done(()))
}

/// `tlsw_cert_der` lends the DER: `*der` and `*len` (borrowed from the certificate).
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_der(
    cert: *const tlsw_cert,
    der: *mut *const u8,
    len: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the results.
        let (cert, der, len) = unsafe { (hold(cert, "cert")?, out(der, "der")?, out(len, "len")?) };
        der.put(cert.der.as_ptr());
        len.put(cert.der.len());
        Ok(Progress::Done(()))
    })
}

/// `tlsw_cert_pem` gives the certificate as a PEM block (RFC 7468), to be freed with tlsw_buf_free.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_pem(
    cert: *const tlsw_cert,
    pem: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on.
        unsafe { made(cert, pem, "pem", |cert| pem::encode("CERTIFICATE", &cert.der)) }
    })
}

/// `tlsw_cert_json` gives the decoded certificate as a JSON object, to be freed with tlsw_buf_free:
/// the keys and values of Python's getpeercert() in its order (subject, issuer, version,
/// serialNumber, notBefore, notAfter, subjectAltName, OCSP, caIssuers, crlDistributionPoints), then
/// signatureAlgorithm, keyType, keyBits, isCA, keyUsage, extendedKeyUsage, subjectKeyIdentifier and
/// authorityKeyIdentifier.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_json(
    cert: *const tlsw_cert,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on.
        unsafe { made(cert, json, "json", |cert| cert.info.json()) }
    })
}

/// Asks a certificate, if it is one.
fn question<T>(cert: *const tlsw_cert, default: T, read: impl FnOnce(&Cert) -> T) -> T {
    // SAFETY: NULL or a live handle, which the caller does not free during the call.
    ask(default, || Some(read(unsafe { borrow(cert) }?)))
}

/// `tlsw_cert_subject` is whose certificate it is, as RFC 4514 writes names ("CN=example.com,O=…");
/// "" for an empty name. UTF-8 without control characters. Borrowed from the certificate; NULL for
/// no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_subject(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.subject.as_ptr())
}

/// `tlsw_cert_issuer` is who signed it, as tlsw_cert_subject writes names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_issuer(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.issuer.as_ptr())
}

/// `tlsw_cert_common_name` is the most specific common name of the subject; NULL if there is none.
/// As it stands in the certificate: it may hold control characters (a NUL is shown as U+FFFD). It
/// is no host name (RFC 9525). Borrowed from the certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_common_name(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.common_name.as_ref().map_or(null(), |name| name.as_ptr()))
}

/// `tlsw_cert_serial` is the serial number in upper-case hexadecimal, two digits a byte. Borrowed
/// from the certificate; NULL for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_serial(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.serial.as_ptr())
}

/// `tlsw_cert_signature_algorithm` is how its issuer signed it, by OpenSSL's name
/// ("sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519"), or the dotted OID of an algorithm
/// without one. Borrowed from the certificate; NULL for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_signature_algorithm(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.signature_algorithm.as_ptr())
}

/// `tlsw_cert_key_type` is the kind of its public key: "RSA", "EC", "ED25519", "ML-DSA-65", …, or a
/// dotted OID. Borrowed from the certificate; NULL for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_key_type(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.key_type.as_ptr())
}

/// `tlsw_cert_key_bits` is the size of its public key in bits; 0 if unknown. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_key_bits(cert: *const tlsw_cert) -> u32 {
    question(cert, 0, |cert| cert.info.key.bits)
}

/// `tlsw_cert_version` is 1, 2 or 3; a broken certificate may say anything, and what does not fit
/// is 0, as for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_version(cert: *const tlsw_cert) -> u32 {
    question(cert, 0, |cert| cert.info.version.try_into().unwrap_or(0))
}

/// `tlsw_cert_not_before` is when it begins to be valid, in seconds since 1970 (UTC); INT64_MAX if
/// that cannot be read. 0 for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_not_before(cert: *const tlsw_cert) -> i64 {
    question(cert, 0, |cert| cert.info.not_before.epoch)
}

/// `tlsw_cert_not_after` is the last second it is valid, in seconds since 1970 (UTC); INT64_MIN if
/// that cannot be read. 0 for no certificate. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_not_after(cert: *const tlsw_cert) -> i64 {
    question(cert, 0, |cert| cert.info.not_after.epoch)
}

/// `tlsw_cert_is_ca` is 1 if it may sign certificates (basicConstraints CA:TRUE, RFC 5280,
/// section 4.2.1.9), else 0. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_is_ca(cert: *const tlsw_cert) -> i32 {
    question(cert, 0, |cert| cert.info.extensions.is_ca.into())
}

/// `tlsw_cert_san_count` is how many subjectAltName entries it has. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_san_count(cert: *const tlsw_cert) -> usize {
    question(cert, 0, |cert| cert.san.len())
}

/// `tlsw_cert_san` lends one subjectAltName entry, counted from 0: `*kind` is a TLSW_SAN_* number,
/// `*value` its text in UTF-8, `*len` its length in bytes without the NUL after its end (a hostile
/// name may have others inside, and any control character). Borrowed from the certificate.
/// Addresses are text ("192.0.2.1", "2001:db8::1"), directory names RFC 4514; what has no text is
/// "#" and hexadecimal digits. `len` may be NULL.
/// Also NONE past the last. Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_san(
    cert: *const tlsw_cert,
    index: usize,
    kind: *mut u32,
    value: *mut *const c_char,
    len: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the results.
        let (cert, kind, value, len) = unsafe {
            (
                hold(cert, "cert")?,
                out(kind, "kind")?,
                out(value, "value")?,
                optional_out(len, "len")?,
            )
        };
        let Some((number, text)) = cert.san.get(index) else {
            return Ok(Progress::Absent(Absence::None));
        };
        kind.put(*number);
        value.put(text.as_ptr().cast());
        if let Some(len) = len {
            len.put(text.len() - 1);
        }
        Ok(Progress::Done(()))
    })
}

/// `tlsw_cert_sha256` fills `digest`, room for `size` bytes, with the 32 bytes of the SHA-256 of
/// the DER: the fingerprint by which certificates are pinned.
/// Errors: ERR_ARGUMENT, also if there is room for less. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_sha256(
    cert: *const tlsw_cert,
    digest: *mut u8,
    size: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for `size` bytes.
        let (cert, digest) = unsafe { (hold(cert, "cert")?, room(digest, size, "digest")?) };
        let Some(digest) = digest.first_chunk_mut() else {
            return Err(Error::argument(format!(
                "digest has room for {size} bytes; a SHA-256 takes 32"
            )));
        };
        *digest = sha256(&cert.der);
        Ok(Progress::Done(()))
    })
}
