//! The one digest the rest of the library asks for, and random bytes.

use boring_sys as ffi;

/// SHA-256 of `data` (FIPS 180-4).
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // SAFETY: pointer and length are of one slice; `out` has the 32 bytes that SHA256 writes.
    unsafe { ffi::SHA256(data.as_ptr(), data.len(), out.as_mut_ptr()) };
    out
}

/// Bytes nobody can guess.
pub fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill_random(&mut out);
    out
}

/// Fills `room` with bytes nobody can guess.
pub fn fill_random(room: &mut [u8]) {
    // SAFETY: pointer and length are of one slice. BoringSSL ends the process rather than give
    // bytes that are not random, so there is no failure to check.
    unsafe { ffi::RAND_bytes(room.as_mut_ptr(), room.len()) };
}
