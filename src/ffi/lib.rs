//! The library itself, and the buffers it gives.

use std::ffi::{CStr, c_char};

use super::ask;
use super::ptr;
use super::types::*;
use crate::bssl::verify_codes::verify_phrase;

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
    ask(std::ptr::null(), || Some(c"BoringSSL (boring-sys 5.4.0)".as_ptr()))
}

/// `tlsw_abi` is the number of the library's ABI: a program works with the library if it equals
/// the TLSW_ABI of the header it was compiled with. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_abi() -> u32 {
    ask(0, || Some(TLSW_ABI))
}

/// `tlsw_has` is 1 if this library can do what `feature` names, 0 if it cannot or the name is
/// unknown or NULL. Names: "fd" (tlsw_wrap_fd), "tls1.0" to "tls1.3", "alpn", "sni",
/// "x25519mlkem768"; what BoringSSL lacks: "sslv2", "sslv3", "post-handshake-auth",
/// "compression". Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_has(feature: *const c_char) -> i32 {
    ask(0, || {
        // SAFETY: NULL or a C string, as the header says.
        let feature = unsafe { ptr::text(feature, "feature") }.ok()?;
        let versions = ["tls1.0", "tls1.1", "tls1.2", "tls1.3"];
        let others = ["alpn", "sni", "x25519mlkem768"];
        let has = versions.contains(&feature)
            || others.contains(&feature)
            || (feature == "fd" && cfg!(unix));
        Some(has.into())
    })
}

/// `tlsw_status_name` is the name of a status: "TLSW_ERR_VERIFY"; "TLSW_UNKNOWN" for a number that
/// is none. Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_status_name(status: tlsw_status) -> *const c_char {
    let name = match status {
        TLSW_OK => c"TLSW_OK",
        TLSW_WANT_READ => c"TLSW_WANT_READ",
        TLSW_WANT_WRITE => c"TLSW_WANT_WRITE",
        TLSW_WANT_HOOK => c"TLSW_WANT_HOOK",
        TLSW_CLOSED => c"TLSW_CLOSED",
        TLSW_NONE => c"TLSW_NONE",
        TLSW_NONE_UNVERIFIED => c"TLSW_NONE_UNVERIFIED",
        TLSW_NONE_RESUMED => c"TLSW_NONE_RESUMED",
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
    };
    ask(std::ptr::null(), || Some(name.as_ptr()))
}

/// `tlsw_verify_error_string` says in a few words what a verify_error means: "certificate has
/// expired", as OpenSSL's X509_verify_cert_error_string. Static. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_verify_error_string(verify_error: i32) -> *const c_char {
    ask(std::ptr::null(), || Some(verify_phrase(verify_error).as_ptr()))
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
