//! What BoringSSL says about itself.

use std::ffi::{CStr, c_int};

use boring_sys as ffi;

/// `OPENSSL_VERSION_NUMBER`: the OpenSSL it stands in for, in OpenSSL's packing.
pub fn number() -> u32 {
    // SAFETY: gives a constant.
    let number = unsafe { ffi::OpenSSL_version_num() };
    u32::try_from(number).unwrap_or(0)
}

/// The words for an alert: `handshake failure`; `unknown` for a number that is none.
pub fn alert_text(alert: u8) -> &'static CStr {
    // SAFETY: gives a string literal for every number.
    unsafe { CStr::from_ptr(ffi::SSL_alert_desc_string_long(c_int::from(alert))) }
}
