//! The library itself, and the buffers it gives.

use std::ffi::{CStr, c_char};

use super::ask;
use super::constants::*;
use super::ptr;
use super::types::*;
use crate::bssl::verify_codes::{verify_name, verify_phrase};
use crate::bssl::version;

/// `tlsw_version` is the version of the library, as "0.1.0". Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_version() -> *const c_char {
    ask(std::ptr::null(), || {
        CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes())
            .ok()
            .map(CStr::as_ptr)
    })
}

/// `tlsw_backend_version` names what does the cryptography, for people and logs. Static. Any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_backend_version() -> *const c_char {
    ask(std::ptr::null(), || Some(c"BoringSSL (API 44, boring-sys 5.4.0)".as_ptr()))
}

/// `tlsw_backend_version_number` is the version of OpenSSL that BoringSSL stands in for, packed as
/// OpenSSL 1.1.1 packs it (OPENSSL_VERSION_NUMBER): 0x1010107f. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_backend_version_number() -> u32 {
    ask(0, || Some(version::number()))
}

/// `tlsw_backend_version_info` is one part of tlsw_backend_version_number: 0 major, 1 minor, 2 fix,
/// 3 patch, 4 status (15 is a release); 0 for any other. Any thread.
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

/// `tlsw_abi` is the number of the library's ABI: a program works with the library if it equals
/// the TLSW_ABI of the header it was compiled with. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_abi() -> u32 {
    ask(0, || Some(TLSW_ABI))
}

/// What tlsw_has is asked for, and the answers.
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

/// `tlsw_has` is 1 if this library can do what `feature` names, 0 if it cannot or the name is
/// unknown or NULL. Names: "fd" (tlsw_wrap_fd), "system-stores" (tlsw_enum_certificates), "tls1.0" to "tls1.3", "alpn", "sni", "ecdh",
/// "never-check-common-name" (handshakes never look for a host in it), "x25519mlkem768", "psk"
/// (tlsw_ctx_set_psk_client_hook), "psk-importer" (tlsw_ctx_add_psk); what there is not: "psk-tls1.3" (the same hooks in TLS 1.3), "sslv2", "sslv3", "npn", "post-handshake-auth", "compression". Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_has(feature: *const c_char) -> i32 {
    ask(0, || {
        // SAFETY: NULL or a C string, as the header says.
        let feature = unsafe { ptr::text(feature, "feature") }.ok()?;
        FEATURES.iter().find(|row| row.0 == feature).map(|row| row.1.into())
    })
}

/// The name of a status.
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

/// `tlsw_status_name` is the name of a status: "TLSW_ERR_VERIFY"; "TLSW_UNKNOWN" for a number that
/// is none. Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_status_name(status: tlsw_status) -> *const c_char {
    ask(std::ptr::null(), || Some(name(status).as_ptr()))
}

/// OpenSSL's number for a status.
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

/// `tlsw_status_ssl_error` is the TLSW_SSL_ERROR_* number that OpenSSL and Python have for a status:
/// what SSL_get_error answers, and what Python's SSLError carries. 0 for TLSW_OK and for what is no
/// failure there; TLSW_SSL_ERROR_INVALID_ERROR_CODE for failures without a number. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_status_ssl_error(status: tlsw_status) -> i32 {
    ask(0, || Some(ssl_error(status)))
}

/// `tlsw_alert_string` says in words what an alert is: "handshake failure"; "unknown" for a number
/// that is none. Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_alert_string(alert: i32) -> *const c_char {
    ask(c"unknown".as_ptr(), || Some(version::alert_text(alert.try_into().ok()?).as_ptr()))
}

/// `tlsw_verify_error_string` says in a few words what a verify_error means: "certificate has
/// expired", as OpenSSL's X509_verify_cert_error_string. Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_verify_error_string(verify_error: i32) -> *const c_char {
    ask(std::ptr::null(), || Some(verify_phrase(verify_error).as_ptr()))
}

/// `tlsw_verify_error_name` is the name of a verify_error, as OpenSSL's constants have it behind
/// X509_V_ERR_: "CERT_HAS_EXPIRED"; "OK" for 0, "UNSPECIFIED" for a number that is none. Static. Any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_verify_error_name(verify_error: i32) -> *const c_char {
    ask(std::ptr::null(), || Some(verify_name(verify_error).unwrap_or(c"UNSPECIFIED").as_ptr()))
}

/// `tlsw_buf_free` wipes and frees the bytes that a call gave, and zeroes `*buf`, so that freeing
/// it again does nothing. NULL and a zeroed buffer are fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_buf_free(buf: *mut tlsw_buf) {
    ask((), || {
        if buf.is_null() || !buf.is_aligned() {
            return None;
        }
        // SAFETY: a tlsw_buf of the caller's: zeroed, or as a call of ours filled it.
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
