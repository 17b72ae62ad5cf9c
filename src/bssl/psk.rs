//! Pre-shared keys of TLS 1.2 and older (RFC 4279, RFC 5489), which the observer is asked for.

use std::ffi::{CStr, c_char, c_uint};

use boring::ssl::SslRef;
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;
use zeroize::Zeroize;

use super::observe::{Observer, ask, of};
use super::stream::Role;

/// The longest identity, and the longest hint.
pub const LONGEST_IDENTITY: usize = ffi::PSK_MAX_IDENTITY_LEN as usize;

/// Whether a connection asks its observer for keys, without which it has no suite that needs one; and
/// the hint that a server gives.
pub(super) fn set(ssl: &SslRef, role: Role, on: bool, hint: Option<&CStr>) -> bool {
    let ssl = ssl.as_ptr();
    // SAFETY: a live connection, which copies the hint.
    unsafe {
        match role {
            Role::Client => ffi::SSL_set_psk_client_callback(ssl, on.then_some(client)),
            Role::Server => ffi::SSL_set_psk_server_callback(ssl, on.then_some(server)),
        }
        let hint = hint.map_or(std::ptr::null(), CStr::as_ptr);
        ffi::SSL_use_psk_identity_hint(ssl, hint) == 1
    }
}

unsafe extern "C" fn client(
    ssl: *mut ffi::SSL,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: c_uint,
    key: *mut u8,
    key_size: c_uint,
) -> c_uint {
    // SAFETY: BoringSSL calls with NULL or a C string, and with room of these sizes.
    unsafe {
        let hint = (!hint.is_null()).then(|| CStr::from_ptr(hint));
        let identity = room(identity.cast(), identity_size);
        give(ssl, key, key_size, |observer, key| observer.own_psk(hint, identity, key))
    }
}

unsafe extern "C" fn server(
    ssl: *mut ffi::SSL,
    identity: *const c_char,
    key: *mut u8,
    key_size: c_uint,
) -> c_uint {
    // SAFETY: BoringSSL calls with a C string, and with room of this size.
    unsafe {
        let identity = CStr::from_ptr(identity);
        give(ssl, key, key_size, |observer, key| observer.psk_of(identity, key))
    }
}

/// Room that nothing has been written to.
unsafe fn room<'a>(at: *mut u8, size: c_uint) -> &'a mut [u8] {
    let size = size as usize;
    // SAFETY: the caller has room of this size, which is made bytes here.
    unsafe {
        at.write_bytes(0, size);
        std::slice::from_raw_parts_mut(at, size)
    }
}

/// Has the observer write a key, and gives its length; 0, which refuses, leaves nothing in the room.
unsafe fn give(
    ssl: *mut ffi::SSL,
    key: *mut u8,
    key_size: c_uint,
    question: impl FnOnce(&dyn Observer, &mut [u8]) -> usize,
) -> c_uint {
    // SAFETY: BoringSSL calls with a live connection, and with room of this size.
    let (ssl, key) = unsafe { (of(ssl), room(key, key_size)) };
    let len = ask(ssl, |observer| question(observer, &mut *key)).unwrap_or(0);
    if len == 0 {
        key.zeroize();
    }
    c_uint::try_from(len).unwrap_or(0)
}
