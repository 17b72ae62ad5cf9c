//! Private keys: from PEM or DER, plain or encrypted.

use std::ffi::{c_char, c_int, c_void};

use boring::pkey::{PKey, PKeyRef, Private};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::buffer::Buffer;
use super::{pkcs8, queue};
use crate::error::{Error, Kind, Result};

/// What `PEM_read_bio_PrivateKey` is told when it asks for a password.
struct Answer<'a> {
    password: &'a [u8],
}

/// Hands the password to BoringSSL. Never prompts: BoringSSL calls this and nothing else.
unsafe extern "C" fn answer(
    room: *mut c_char,
    size: c_int,
    _writing: c_int,
    user: *mut c_void,
) -> c_int {
    // SAFETY: `user` is the Answer that `from_pem` passes and outlives the call.
    let answer = unsafe { &*user.cast::<Answer<'_>>() };
    let (Ok(size), Ok(given)) = (usize::try_from(size), c_int::try_from(answer.password.len()))
    else {
        return -1;
    };
    if answer.password.len() > size {
        return -1;
    }
    // SAFETY: `room` has `size` bytes and the password is not longer.
    unsafe {
        std::ptr::copy_nonoverlapping(
            answer.password.as_ptr(),
            room.cast::<u8>(),
            answer.password.len(),
        );
    }
    given
}

/// The longest password BoringSSL's PEM reader takes.
pub const LONGEST_PASSWORD: usize = 1024;

/// Reads one PEM private key that has headers, or is PKCS#1 or SEC 1. `password` is for one that is
/// encrypted.
pub fn from_pem(pem: &[u8], password: Option<&[u8]>) -> Result<PKey<Private>> {
    queue::clear();
    let len =
        isize::try_from(pem.len()).map_err(|_| Error::decode("the private key is too large"))?;
    let mut user = Answer { password: password.unwrap_or_default() };
    // SAFETY: the BIO borrows `pem` and is freed before this function returns; `answer` gets the
    // `user` it expects, alive across the call.
    let key = unsafe {
        let bio = ffi::BIO_new_mem_buf(pem.as_ptr().cast(), len);
        let key = ffi::PEM_read_bio_PrivateKey(
            bio,
            std::ptr::null_mut(),
            Some(answer),
            (&raw mut user).cast(),
        );
        ffi::BIO_free(bio);
        key
    };
    match password {
        Some(_) => owned(key).map_err(wrong_password),
        None => owned(key),
    }
}

/// Reads a DER private key: PKCS#8 of either version, PKCS#1 or SEC 1.
pub fn from_der(der: &[u8]) -> Result<PKey<Private>> {
    queue::clear();
    let first_version = pkcs8::first_version(der);
    let der = first_version.as_ref().map_or(der, |der| der.as_slice());
    let len = std::ffi::c_long::try_from(der.len())
        .map_err(|_| Error::decode("the private key is too large"))?;
    let mut at = der.as_ptr();
    // SAFETY: `at` and `len` are of one slice.
    owned(unsafe { ffi::d2i_AutoPrivateKey(std::ptr::null_mut(), &raw mut at, len) })
}

/// Reads an encrypted DER private key: an EncryptedPrivateKeyInfo of PKCS#8.
pub fn from_encrypted_der(der: &[u8], password: &[u8]) -> Result<PKey<Private>> {
    if let Some(plain) = pkcs8::decrypt(der, password)? {
        return from_der(&plain);
    }
    queue::clear();
    let mut cbs = ffi::CBS { data: der.as_ptr(), len: der.len() };
    // SAFETY: the CBS borrows `der`; password pointer and length are of one slice.
    let key = unsafe {
        ffi::PKCS8_parse_encrypted_private_key(
            &raw mut cbs,
            password.as_ptr().cast(),
            password.len(),
        )
    };
    owned(key).map_err(wrong_password)
}

fn wrong_password(error: Error) -> Error {
    error.reworded(|text| {
        format!(
            "it cannot be decrypted ({text}); the password is wrong, or the encryption is one \
             that BoringSSL does not know"
        )
    })
}

fn owned(key: *mut ffi::EVP_PKEY) -> Result<PKey<Private>> {
    if key.is_null() {
        return Err(queue::error(Kind::Decode, "the private key cannot be read"));
    }
    queue::clear();
    // SAFETY: a fresh key whose only count is ours.
    Ok(unsafe { PKey::from_ptr(key) })
}

/// Whether `key` belongs to the public key of the certificate `leaf`.
pub fn fits(leaf: &Buffer, key: &PKeyRef<Private>) -> Result<bool> {
    let leaf = super::x509::parse(leaf)?;
    let public = leaf
        .public_key()
        .map_err(|_| queue::error(Kind::Decode, "the certificate's public key cannot be used"))?;
    // SAFETY: both keys are alive.
    let same = unsafe { ffi::EVP_PKEY_cmp(public.as_ptr(), key.as_ptr()) } == 1;
    queue::clear();
    Ok(same)
}
