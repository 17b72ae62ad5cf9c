//! `CRYPTO_BUFFER`: bytes shared by count, in which BoringSSL keeps certificates.

use boring_sys as ffi;
use once_cell::sync::Lazy;

use super::queue;
use crate::error::{Kind, Result};

/// Shared, immutable bytes.
pub struct Buffer(*mut ffi::CRYPTO_BUFFER);

// SAFETY: CRYPTO_BUFFER is immutable and counted atomically.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

struct Pool(*mut ffi::CRYPTO_BUFFER_POOL);
// SAFETY: a CRYPTO_BUFFER_POOL locks inside.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

/// One pool for the process: equal certificates, whoever sent them, are one buffer. It holds no
/// buffer alive by itself.
static POOL: Lazy<Pool> = Lazy::new(|| {
    // SAFETY: no arguments; NULL on failure, which BoringSSL takes as "no pool".
    Pool(unsafe { ffi::CRYPTO_BUFFER_POOL_new() })
});

/// The process-wide pool.
pub(super) fn pool() -> *mut ffi::CRYPTO_BUFFER_POOL {
    POOL.0
}

impl Buffer {
    /// Copies `bytes`, unless the pool already has them.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        // SAFETY: pointer and length are of one slice.
        let buffer = unsafe { ffi::CRYPTO_BUFFER_new(bytes.as_ptr(), bytes.len(), pool()) };
        if buffer.is_null() {
            return Err(queue::error(Kind::Memory, "memory for a certificate could not be had"));
        }
        Ok(Self(buffer))
    }

    /// Takes a count of its own on a buffer of BoringSSL's.
    ///
    /// # Safety
    /// `pointer` must be a live buffer.
    pub(super) unsafe fn share(pointer: *mut ffi::CRYPTO_BUFFER) -> Self {
        // SAFETY: the caller's promise.
        unsafe { ffi::CRYPTO_BUFFER_up_ref(pointer) };
        Self(pointer)
    }

    pub(super) fn as_ptr(&self) -> *mut ffi::CRYPTO_BUFFER {
        self.0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: data and length of one live buffer, which is immutable.
        unsafe {
            let len = ffi::CRYPTO_BUFFER_len(self.0);
            if len == 0 {
                return &[];
            }
            std::slice::from_raw_parts(ffi::CRYPTO_BUFFER_data(self.0), len)
        }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        // SAFETY: self is alive.
        unsafe { Self::share(self.0) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: gives back the count this value holds.
        unsafe { ffi::CRYPTO_BUFFER_free(self.0) }
    }
}
