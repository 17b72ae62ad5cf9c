//! Pre-shared keys: those of TLS 1.2 and older (RFC 4279, RFC 5489), which the observer is asked for,
//! and those of TLS 1.3, which are imported beforehand (RFC 9258).

use std::ffi::{CStr, c_char, c_int, c_uint};

use boring::ssl::{SslContextBuilder, SslRef};
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;
use zeroize::Zeroize;

use super::observe::{Observer, ask, of};
use super::queue;
use super::stream::Role;
use crate::error::{Kind, Result};

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

/// The hash functions that a key may be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

/// An external key with its identity, for TLS 1.3 to import.
pub struct Imported {
    credential: *mut ffi::SSL_CREDENTIAL,
    /// How many bytes of a client's hello it takes to offer it.
    pub offer: usize,
}

// SAFETY: a credential is counted atomically, and one of this kind never changes.
unsafe impl Send for Imported {}
// SAFETY: as above.
unsafe impl Sync for Imported {}

impl Imported {
    /// Takes what it needs of the key, which can be forgotten then.
    pub fn new(identity: &[u8], key: &[u8], context: &[u8], hash: Hash) -> Result<Self> {
        queue::clear();
        // SAFETY: pointers and lengths are of one slice each, and copied; the hash is static.
        let credential = unsafe {
            let hash = match hash {
                Hash::Sha256 => ffi::EVP_sha256(),
                Hash::Sha384 => ffi::EVP_sha384(),
            };
            ffi::SSL_CREDENTIAL_new_pre_shared_key(
                key.as_ptr(),
                key.len(),
                identity.as_ptr(),
                identity.len(),
                hash,
                context.as_ptr(),
                context.len(),
            )
        };
        if credential.is_null() {
            return Err(queue::error(Kind::Tls, "the pre-shared key cannot be imported"));
        }
        // Once for each hash function of TLS 1.3's suites: identity, context, version and hash function,
        // behind their lengths and before an age, and a proof (RFC 9258, section 5.1; RFC 8446,
        // section 4.2.11).
        let offer = 2 * (2 + 2 + identity.len() + 2 + context.len() + 4 + 4) + (1 + 32) + (1 + 48);
        Ok(Self { credential, offer })
    }

    /// Has connections of the context offer it, or take it.
    pub fn add_to(&self, builder: &mut SslContextBuilder) -> Result<()> {
        // SAFETY: both are alive; the context takes a count of its own.
        let added: c_int =
            unsafe { ffi::SSL_CTX_add1_credential(builder.as_ptr(), self.credential) };
        if added != 1 {
            return Err(queue::error(Kind::Tls, "the pre-shared key cannot be used"));
        }
        Ok(())
    }
}

impl Drop for Imported {
    fn drop(&mut self) {
        // SAFETY: gives back the count this value holds.
        unsafe { ffi::SSL_CREDENTIAL_free(self.credential) }
    }
}

/// The identity of the imported key that a handshake, which ends now, was made with.
pub(super) fn chosen(ssl: &SslRef) -> Option<&[u8]> {
    // A server has looked for a key before it resumes a session instead.
    if ssl.session_reused() {
        return None;
    }
    let mut len = 0;
    // SAFETY: a live connection, whose credential owns the identity; NULL where there is none.
    unsafe {
        let credential = ffi::SSL_get0_selected_credential(ssl.as_ptr());
        if credential.is_null() {
            return None;
        }
        let identity = ffi::SSL_CREDENTIAL_get0_pre_shared_key_id(credential, &raw mut len);
        (!identity.is_null()).then(|| std::slice::from_raw_parts(identity, len))
    }
}
