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

/// A decoded certificate, with its texts as C strings that are lent to the caller.
pub struct Cert {
    der: Vec<u8>,
    pub(super) info: Info,
    subject: CString,
    issuer: CString,
    common_name: Option<CString>,
    serial: CString,
    signature_algorithm: CString,
    key_type: CString,
    /// The kind and the text of each subjectAltName entry. The text ends in NUL.
    san: Vec<(u32, Vec<u8>)>,
}

/// Converts a text to a C string. A NUL inside the text, which only a common name can contain,
/// becomes U+FFFD, so that the C string does not end early.
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

/// Decodes the first certificate in the `len` bytes at `der` (borrows). Gives `*cert`, to be freed
/// with tlsw_cert_free. Sets `*used` to the number of bytes that the certificate occupies, so that
/// a chain can be read in a loop:
///
///     for (at = 0; at < chain.len; at += used)
///         if (tlsw_cert_new(chain.data + at, chain.len - at, &used, &cert, &err)) break;
///
/// `used` may be NULL; then bytes after the certificate are an error.
/// The function decodes and verifies nothing: an expired or otherwise invalid certificate is
/// accepted.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the bytes are not a certificate, or if `used` is
/// NULL and bytes follow the certificate. Callable from any thread.
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
        // SAFETY: NULL or `len` bytes; NULL or valid for writing the results.
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

/// Frees a certificate and all memory that was borrowed from the certificate. NULL is allowed.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_free(cert: *mut tlsw_cert) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(cert) };
        Some(())
    });
}

/// Gives a buffer with the text that `make` returns for a certificate.
unsafe fn made(
    cert: *const tlsw_cert,
    result: *mut tlsw_buf,
    name: &str,
    make: impl FnOnce(&Held<tlsw_cert>) -> String,
) -> Result<Progress> {
    // SAFETY: NULL or a live handle; NULL or valid for writing the buffer.
    let (cert, result) = unsafe { (hold(cert, "cert")?, out(result, name)?) };
    result.put(buf(&mut [make(&cert).as_bytes()].into_iter())?);
    Ok(Progress::Done(()))
}

/// Sets `*der` to the DER encoding of a certificate and `*len` to the length of the encoding in
/// bytes. The bytes are borrowed from the certificate.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_der(
    cert: *const tlsw_cert,
    der: *mut *const u8,
    len: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or valid for writing the results.
        let (cert, der, len) = unsafe { (hold(cert, "cert")?, out(der, "der")?, out(len, "len")?) };
        der.put(cert.der.as_ptr());
        len.put(cert.der.len());
        Ok(Progress::Done(()))
    })
}

/// Encodes a certificate as a PEM block (RFC 7468). Gives `*pem`, to be freed with tlsw_buf_free.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
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

/// Encodes the fields of a certificate as a JSON object. Gives `*json`, to be freed with
/// tlsw_buf_free.
/// The object has the keys and values of Python's getpeercert() in Python's order: subject, issuer,
/// version, serialNumber, notBefore, notAfter, subjectAltName, OCSP, caIssuers,
/// crlDistributionPoints. These are followed by signatureAlgorithm, keyType, keyBits, isCA,
/// keyUsage, extendedKeyUsage, subjectKeyIdentifier and authorityKeyIdentifier.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
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

/// Reads a property of a certificate. Returns `default` if the handle is not a certificate.
fn question<T>(cert: *const tlsw_cert, default: T, read: impl FnOnce(&Cert) -> T) -> T {
    // SAFETY: NULL or a live handle, which the caller does not free during this call.
    ask(default, || Some(read(unsafe { borrow(cert) }?)))
}

/// Returns the subject of a certificate as RFC 4514 text ("CN=example.com,O=…"), or "" if the
/// subject is empty. The text is UTF-8 without control characters and is borrowed from the
/// certificate. Returns NULL if `cert` is not a certificate. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_subject(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.subject.as_ptr())
}

/// Returns the issuer of a certificate as RFC 4514 text, or "" if the issuer is empty. The text is
/// UTF-8 without control characters and is borrowed from the certificate. Returns NULL if `cert` is
/// not a certificate. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_issuer(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.issuer.as_ptr())
}

/// Returns the most specific common name of the subject, or NULL if there is no common name. The
/// text is borrowed from the certificate.
/// The text is copied from the certificate unchanged and may contain control characters; only a NUL
/// is replaced by U+FFFD. A common name is not a host name (RFC 9525). Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_common_name(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.common_name.as_ref().map_or(null(), |name| name.as_ptr()))
}

/// Returns the serial number of a certificate in upper-case hexadecimal, two digits a byte,
/// preceded by "-" if the number is negative. The text is borrowed from the certificate. Returns
/// NULL if `cert` is not a certificate. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_serial(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.serial.as_ptr())
}

/// Returns the algorithm with which the issuer signed a certificate: OpenSSL's name of the
/// algorithm ("sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519"), or the dotted OID of an
/// algorithm without a name. The text is borrowed from the certificate. Returns NULL if `cert` is
/// not a certificate. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_signature_algorithm(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.signature_algorithm.as_ptr())
}

/// Returns the type of the public key of a certificate: "RSA", "RSA-PSS", "EC", "DSA", "ED25519",
/// "ED448", "X25519", "X448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", or the dotted OID of any other
/// type. The text is borrowed from the certificate. Returns NULL if `cert` is not a certificate.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_key_type(cert: *const tlsw_cert) -> *const c_char {
    question(cert, null(), |cert| cert.key_type.as_ptr())
}

/// Returns the size of the public key of a certificate in bits, or 0 if the size is unknown or
/// `cert` is not a certificate. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_key_bits(cert: *const tlsw_cert) -> u32 {
    question(cert, 0, |cert| cert.info.key.bits)
}

/// Returns the X.509 version of a certificate: 1, 2 or 3. A malformed certificate may contain any
/// other number. Returns 0 if the number does not fit the result or `cert` is not a certificate.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_version(cert: *const tlsw_cert) -> u32 {
    question(cert, 0, |cert| cert.info.version.try_into().unwrap_or(0))
}

/// Returns the first second at which a certificate is valid, in seconds since 1970-01-01 00:00:00
/// UTC. Returns INT64_MAX if the time cannot be read, and 0 if `cert` is not a certificate.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_not_before(cert: *const tlsw_cert) -> i64 {
    question(cert, 0, |cert| cert.info.not_before.epoch)
}

/// Returns the last second at which a certificate is valid, in seconds since 1970-01-01 00:00:00
/// UTC. Returns INT64_MIN if the time cannot be read, and 0 if `cert` is not a certificate.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_not_after(cert: *const tlsw_cert) -> i64 {
    question(cert, 0, |cert| cert.info.not_after.epoch)
}

/// Returns 1 if a certificate is a CA certificate, that is, if its basicConstraints extension
/// contains CA:TRUE (RFC 5280, section 4.2.1.9). Returns 0 otherwise. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_is_ca(cert: *const tlsw_cert) -> i32 {
    question(cert, 0, |cert| cert.info.extensions.is_ca.into())
}

/// Returns the number of subjectAltName entries of a certificate; 0 if `cert` is not a certificate.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_cert_san_count(cert: *const tlsw_cert) -> usize {
    question(cert, 0, |cert| cert.san.len())
}

/// Returns the subjectAltName entry number `index` of a certificate, counted from 0. Sets `*kind`
/// to a TLSW_SAN_* constant and `*value` to the text of the entry, which is UTF-8, ends in NUL and
/// is borrowed from the certificate. Sets `*len` to the length of the text in bytes without the
/// final NUL; `len` may be NULL.
/// The text of a malicious certificate may contain further NUL bytes and any control character, so
/// use `*len` to compare names.
/// IP addresses are text ("192.0.2.1", "2001:db8::1"), and directory names are RFC 4514 text. An
/// otherName is its OID, ":" and its value. A value without a text form is "#" and hexadecimal
/// digits.
/// Returns TLSW_NONE if `index` is past the last entry.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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
        // SAFETY: NULL or a live handle; NULL or valid for writing the results.
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

/// Computes the SHA-256 digest of the DER encoding of a certificate: the fingerprint that is used
/// for certificate pinning. Fills `digest` with the 32 bytes of the digest. `size` is the size of
/// `digest` in bytes.
/// Errors: TLSW_ERR_ARGUMENT, also if `size` is less than 32. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_cert_sha256(
    cert: *const tlsw_cert,
    digest: *mut u8,
    size: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or valid for writing `size` bytes.
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
