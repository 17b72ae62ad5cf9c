//! Authenticated encryption: XChaCha20-Poly1305, whose nonces are long enough to be random.

use boring_sys as ffi;
use zeroize::Zeroizing;

use super::digest::random;
use super::queue;
use crate::error::{Kind, Result};

/// A key.
pub type Key = [u8; 32];

/// In front of what is sealed.
const NONCE: usize = 24;
/// Behind it: by how much it is longer.
const TAG: usize = 16;

/// An `EVP_AEAD_CTX` that is freed, and wiped, on every way out.
struct Cipher(*mut ffi::EVP_AEAD_CTX);

impl Cipher {
    fn new(key: &Key) -> Result<Self> {
        queue::clear();
        // SAFETY: pointer and length are of one array; the algorithm is static.
        let context = unsafe {
            ffi::EVP_AEAD_CTX_new(ffi::EVP_aead_xchacha20_poly1305(), key.as_ptr(), key.len(), TAG)
        };
        if context.is_null() {
            return Err(queue::error(Kind::Memory, "the cipher cannot be set up"));
        }
        Ok(Self(context))
    }
}

impl Drop for Cipher {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { ffi::EVP_AEAD_CTX_free(self.0) }
    }
}

/// Encrypts `plain` and authenticates it with `head`, which is not part of what comes back.
pub fn seal(key: &Key, head: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let cipher = Cipher::new(key)?;
    let nonce = random::<NONCE>();
    let mut sealed = vec![0; plain.len() + TAG];
    let mut len = 0;
    // SAFETY: pointers and lengths are of one slice each; there is room for the tag.
    let done = unsafe {
        ffi::EVP_AEAD_CTX_seal(
            cipher.0,
            sealed.as_mut_ptr(),
            &raw mut len,
            sealed.len(),
            nonce.as_ptr(),
            nonce.len(),
            plain.as_ptr(),
            plain.len(),
            head.as_ptr(),
            head.len(),
        )
    };
    if done != 1 {
        return Err(queue::error(Kind::Memory, "the bytes cannot be encrypted"));
    }
    sealed.truncate(len);
    Ok([&nonce[..], &sealed].concat())
}

/// Decrypts what [`seal`] made with this key and `head`; `None` if it did not.
pub fn open(key: &Key, head: &[u8], sealed: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some((nonce, sealed)) = sealed.split_at_checked(NONCE) else {
        return Ok(None);
    };
    let cipher = Cipher::new(key)?;
    let mut plain = Zeroizing::new(vec![0; sealed.len()]);
    let mut len = 0;
    // SAFETY: pointers and lengths are of one slice each; what comes out is shorter.
    let done = unsafe {
        ffi::EVP_AEAD_CTX_open(
            cipher.0,
            plain.as_mut_ptr(),
            &raw mut len,
            plain.len(),
            nonce.as_ptr(),
            nonce.len(),
            sealed.as_ptr(),
            sealed.len(),
            head.as_ptr(),
            head.len(),
        )
    };
    queue::clear();
    plain.truncate(len);
    Ok((done == 1).then_some(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_head_alone() {
        let key = [7; 32];
        for plain in [&b""[..], b"x", &[9; 1000]] {
            let sealed = seal(&key, b"head", plain).unwrap();
            assert_eq!(sealed.len(), NONCE + plain.len() + TAG);
            assert_ne!(sealed, seal(&key, b"head", plain).unwrap());
            let opened = open(&key, b"head", &sealed).unwrap().unwrap();
            assert_eq!(*opened, plain);
            assert!(open(&[8; 32], b"head", &sealed).unwrap().is_none());
            assert!(open(&key, b"heap", &sealed).unwrap().is_none());
            for at in 0..sealed.len().min(64) {
                let mut altered = sealed.clone();
                altered[at] ^= 1;
                assert!(open(&key, b"head", &altered).unwrap().is_none());
                assert!(open(&key, b"head", &sealed[..at]).unwrap().is_none());
            }
        }
    }
}
