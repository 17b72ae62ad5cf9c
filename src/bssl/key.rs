//! Private keys: from PEM or DER, plain or encrypted.

use std::ffi::{c_char, c_int, c_void};

use boring::pkey::{PKey, PKeyRef, Private};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};
use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::queue;
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

/// Reads one PEM private key (PKCS#8, PKCS#1, SEC 1; plain or encrypted).
pub fn from_pem(pem: &[u8], password: &[u8]) -> Result<PKey<Private>> {
    queue::clear();
    let len =
        isize::try_from(pem.len()).map_err(|_| Error::decode("the private key is too large"))?;
    let mut user = Answer { password };
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
    owned(key)
}

/// A key in the second version of PKCS#8 (RFC 5958, OneAsymmetricKey), which has the public key
/// behind the private one and which BoringSSL does not read, as one in the first version.
fn first_version(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const OLD: [u8; 3] = [0x02, 0x01, 0x00];
    const NEW: [u8; 3] = [0x02, 0x01, 0x01];
    let mut input = ffi::CBS { data: der.as_ptr(), len: der.len() };
    let mut body = ffi::CBS { data: std::ptr::null(), len: 0 };
    // SAFETY: every CBS is a stretch of `der`, which outlives them; an element that is read is one
    // that is there whole.
    let (algorithm, key) = unsafe {
        let whole = ffi::CBS_get_asn1(&raw mut input, &raw mut body, ffi::CBS_ASN1_SEQUENCE as u32);
        if whole != 1 || input.len != 0 || body.len < NEW.len() {
            return None;
        }
        let content = std::slice::from_raw_parts(body.data, body.len);
        let rest = content.strip_prefix(&NEW)?;
        let mut rest = ffi::CBS { data: rest.as_ptr(), len: rest.len() };
        let mut element = ffi::CBS { data: std::ptr::null(), len: 0 };
        let mut next = |tag: i32| {
            (ffi::CBS_get_asn1_element(&raw mut rest, &raw mut element, tag as u32) == 1)
                .then(|| std::slice::from_raw_parts(element.data, element.len))
        };
        (next(ffi::CBS_ASN1_SEQUENCE)?, next(ffi::CBS_ASN1_OCTETSTRING)?)
    };
    let len = OLD.len() + algorithm.len() + key.len();
    // Keys with a second version have short private keys (RFC 8410, RFC 5915).
    let short = u8::try_from(len).ok()?;
    let head: &[u8] = if short < 0x80 { &[0x30, short] } else { &[0x30, 0x81, short] };
    Some(Zeroizing::new([head, &OLD, algorithm, key].concat()))
}

/// Reads a DER private key: PKCS#8, PKCS#1 or SEC 1, and with a password encrypted PKCS#8.
pub fn from_der(der: &[u8], password: Option<&[u8]>) -> Result<PKey<Private>> {
    queue::clear();
    let first_version = first_version(der);
    let der = first_version.as_ref().map_or(der, |der| der.as_slice());
    if let Some(password) = password {
        let mut cbs = ffi::CBS { data: der.as_ptr(), len: der.len() };
        // SAFETY: the CBS borrows `der`; password pointer and length are of one slice.
        let key = unsafe {
            ffi::PKCS8_parse_encrypted_private_key(
                &raw mut cbs,
                password.as_ptr().cast(),
                password.len(),
            )
        };
        return owned(key);
    }
    let len = std::ffi::c_long::try_from(der.len())
        .map_err(|_| Error::decode("the private key is too large"))?;
    let mut at = der.as_ptr();
    // SAFETY: `at` and `len` are of one slice.
    owned(unsafe { ffi::d2i_AutoPrivateKey(std::ptr::null_mut(), &raw mut at, len) })
}

/// Whether `der` is an EncryptedPrivateKeyInfo (RFC 5958): the algorithm, and an octet string.
pub fn is_encrypted_der(der: &[u8]) -> bool {
    let Some((body, b"")) = element(der, ffi::CBS_ASN1_SEQUENCE) else {
        return false;
    };
    let algorithm = element(body, ffi::CBS_ASN1_SEQUENCE);
    let encrypted = algorithm.and_then(|(_, rest)| element(rest, ffi::CBS_ASN1_OCTETSTRING));
    matches!(encrypted, Some((_, b"")))
}

/// The contents of the element of this kind at the beginning of `der`, and what follows.
fn element(der: &[u8], tag: i32) -> Option<(&[u8], &[u8])> {
    let mut input = ffi::CBS { data: der.as_ptr(), len: der.len() };
    let mut body = ffi::CBS { data: std::ptr::null(), len: 0 };
    // SAFETY: each CBS is a stretch of `der`, which outlives them; an element that is read is there
    // whole, and `input` is what follows.
    unsafe {
        (ffi::CBS_get_asn1(&raw mut input, &raw mut body, tag.cast_unsigned()) == 1)
            .then(|| der.split_at_checked(der.len() - input.len))
            .flatten()
            .map(|(_, rest)| (std::slice::from_raw_parts(body.data, body.len), rest))
    }
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
