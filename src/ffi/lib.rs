//! Versions, features, names of statuses and errors, and the release of buffers.

use std::ffi::{CStr, c_char};

use super::ask;
use super::constants::*;
use super::ptr;
use super::types::*;
use crate::bssl::verify_codes::{verify_name, verify_phrase};
use crate::bssl::version;

/// Returns the version of the library ("0.1.0"). The text is static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_version() -> *const c_char {
    ask(std::ptr::null(), || {
        CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes())
            .ok()
            .map(CStr::as_ptr)
    })
}

/// Returns the name and version of the cryptographic library, for people and logs. The text is
/// static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_backend_version() -> *const c_char {
    ask(std::ptr::null(), || Some(c"BoringSSL (API 44, boring-sys 5.4.0)".as_ptr()))
}

/// Returns the version of OpenSSL with which BoringSSL claims to be compatible, in the format of
/// OpenSSL 1.1.1 (OPENSSL_VERSION_NUMBER): 0x1010107f. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_backend_version_number() -> u32 {
    ask(0, || Some(version::number()))
}

/// Returns a part of tlsw_backend_version_number. `part` is 0 for the major version, 1 for the
/// minor version, 2 for the fix, 3 for the patch and 4 for the status (15 is a release). Returns 0
/// for any other `part`. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_backend_version_info(part: u32) -> u32 {
    ask(0, || {
        let (shift, mask) = match part {
            0 => (28, 0xf),
            1 => (20, 0xff),
            2 => (12, 0xff),
            3 => (4, 0xff),
            4 => (0, 0xf),
            _ => return None,
        };
        Some((version::number() >> shift) & mask)
    })
}

/// Returns the ABI number of the library. A program can use the library if the number equals
/// TLSW_ABI in the header that the program was compiled with. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_abi() -> u32 {
    ask(0, || Some(TLSW_ABI))
}

/// The feature names that tlsw_has knows, and its results.
const FEATURES: [(&str, bool); 19] = [
    ("fd", cfg!(unix)),
    ("system-stores", cfg!(windows)),
    ("tls1.0", true),
    ("tls1.1", true),
    ("tls1.2", true),
    ("tls1.3", true),
    ("alpn", true),
    ("sni", true),
    ("ecdh", true),
    ("never-check-common-name", true),
    ("x25519mlkem768", true),
    ("psk", true),
    ("psk-importer", true),
    ("psk-tls1.3", false),
    ("sslv2", false),
    ("sslv3", false),
    ("npn", false),
    ("post-handshake-auth", false),
    ("compression", false),
];

/// Returns 1 if the library has the feature named `feature` (borrows), otherwise 0. Returns 0 also
/// if the name is unknown or NULL.
/// - "fd": connections over socket descriptors (tlsw_wrap_fd).
/// - "system-stores": Windows certificate stores (tlsw_enum_certificates).
/// - "tls1.0", "tls1.1", "tls1.2", "tls1.3": versions of TLS.
/// - "alpn": application-layer protocol negotiation (tlsw_ctx_set_alpn_protocols).
/// - "sni": server name indication (tlsw_ctx_set_sni_hook).
/// - "ecdh": key exchange with elliptic curves (tlsw_ctx_set_groups).
/// - "never-check-common-name": the check of the host name in a handshake can ignore the common
///   name (tlsw_ctx_set_hostname_checks_common_name).
/// - "x25519mlkem768": the post-quantum key exchange X25519MLKEM768.
/// - "psk": pre-shared keys in TLS 1.2 and older (tlsw_ctx_set_psk_client_hook).
/// - "psk-importer": imported pre-shared keys (tlsw_ctx_add_psk).
/// - Names for which the result is always 0: "psk-tls1.3" (tlsw_ctx_set_psk_client_hook in TLS
///   1.3), "sslv2", "sslv3", "npn", "post-handshake-auth", "compression".
///
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_has(feature: *const c_char) -> i32 {
    ask(0, || {
        // SAFETY: NULL or a C string, as the header says.
        let feature = unsafe { ptr::text(feature, "feature") }.ok()?;
        FEATURES.iter().find(|row| row.0 == feature).map(|row| row.1.into())
    })
}

/// Returns the name of a status.
fn name(status: tlsw_status) -> &'static CStr {
    match status {
        TLSW_OK => c"TLSW_OK",
        TLSW_WANT_READ => c"TLSW_WANT_READ",
        TLSW_WANT_WRITE => c"TLSW_WANT_WRITE",
        TLSW_WANT_HOOK => c"TLSW_WANT_HOOK",
        TLSW_CLOSED => c"TLSW_CLOSED",
        TLSW_NONE => c"TLSW_NONE",
        TLSW_NONE_UNVERIFIED => c"TLSW_NONE_UNVERIFIED",
        TLSW_NONE_FAILED => c"TLSW_NONE_FAILED",
        TLSW_ERR_ARGUMENT => c"TLSW_ERR_ARGUMENT",
        TLSW_ERR_STATE => c"TLSW_ERR_STATE",
        TLSW_ERR_BUSY => c"TLSW_ERR_BUSY",
        TLSW_ERR_IO => c"TLSW_ERR_IO",
        TLSW_ERR_TIMEOUT => c"TLSW_ERR_TIMEOUT",
        TLSW_ERR_EOF => c"TLSW_ERR_EOF",
        TLSW_ERR_TLS => c"TLSW_ERR_TLS",
        TLSW_ERR_VERIFY => c"TLSW_ERR_VERIFY",
        TLSW_ERR_DECODE => c"TLSW_ERR_DECODE",
        TLSW_ERR_HOOK => c"TLSW_ERR_HOOK",
        TLSW_ERR_UNSUPPORTED => c"TLSW_ERR_UNSUPPORTED",
        TLSW_ERR_MEMORY => c"TLSW_ERR_MEMORY",
        TLSW_ERR_PANIC => c"TLSW_ERR_PANIC",
        _ => c"TLSW_UNKNOWN",
    }
}

/// Returns the name of a status ("TLSW_ERR_VERIFY"), or "TLSW_UNKNOWN" if the number is not a
/// status. The text is static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_status_name(status: tlsw_status) -> *const c_char {
    ask(std::ptr::null(), || Some(name(status).as_ptr()))
}

/// Returns OpenSSL's number for a status.
fn ssl_error(status: tlsw_status) -> i32 {
    match status {
        TLSW_WANT_READ => TLSW_SSL_ERROR_WANT_READ,
        TLSW_WANT_WRITE => TLSW_SSL_ERROR_WANT_WRITE,
        TLSW_WANT_HOOK => TLSW_SSL_ERROR_WANT_X509_LOOKUP,
        TLSW_CLOSED => TLSW_SSL_ERROR_ZERO_RETURN,
        TLSW_ERR_TLS | TLSW_ERR_VERIFY => TLSW_SSL_ERROR_SSL,
        TLSW_ERR_IO => TLSW_SSL_ERROR_SYSCALL,
        TLSW_ERR_EOF => TLSW_SSL_ERROR_EOF,
        TLSW_OK.. => 0,
        _ => TLSW_SSL_ERROR_INVALID_ERROR_CODE,
    }
}

/// Returns the TLSW_SSL_ERROR_* number for a status: the number that OpenSSL's SSL_get_error
/// returns and that Python's SSLError carries. Returns 0 for TLSW_OK and for statuses that are not
/// failures in OpenSSL, and TLSW_SSL_ERROR_INVALID_ERROR_CODE for failures without a number in
/// OpenSSL. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_status_ssl_error(status: tlsw_status) -> i32 {
    ask(0, || Some(ssl_error(status)))
}

/// Returns the description of a TLS alert ("handshake failure"), or "unknown" if the number is not
/// an alert. The text is static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_alert_string(alert: i32) -> *const c_char {
    ask(c"unknown".as_ptr(), || Some(version::alert_text(alert.try_into().ok()?).as_ptr()))
}

/// Returns the description of a verify_error ("certificate has expired"), as OpenSSL's
/// X509_verify_cert_error_string does. The text is static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_verify_error_string(verify_error: i32) -> *const c_char {
    ask(std::ptr::null(), || Some(verify_phrase(verify_error).as_ptr()))
}

/// Returns the name of a verify_error: OpenSSL's constant without the prefix X509_V_ERR_
/// ("CERT_HAS_EXPIRED"). Returns "OK" for 0, and "UNSPECIFIED" if the number is not a verify_error.
/// The text is static. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_verify_error_name(verify_error: i32) -> *const c_char {
    ask(std::ptr::null(), || Some(verify_name(verify_error).unwrap_or(c"UNSPECIFIED").as_ptr()))
}

/// Wipes and frees the bytes of a buffer that a function of this library gave, and sets `*buf` to
/// zero, so that freeing the buffer again does nothing. Does nothing if `buf` is NULL or the buffer
/// is zeroed. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_buf_free(buf: *mut tlsw_buf) {
    ask((), || {
        if buf.is_null() || !buf.is_aligned() {
            return None;
        }
        // SAFETY: a tlsw_buf of the caller: zeroed, or filled by a call of this library.
        unsafe {
            let tlsw_buf { data, len } =
                buf.replace(tlsw_buf { data: std::ptr::null_mut(), len: 0 });
            if !data.is_null() {
                zeroize::Zeroize::zeroize(std::slice::from_raw_parts_mut(data, len));
                libc::free(data.cast());
            }
        }
        Some(())
    });
}
