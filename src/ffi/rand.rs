//! Random bytes, for programs that use Python's `ssl.RAND_*`.

use super::ptr::{bytes, out, room};
use super::types::*;
use super::{ask, enter};
use crate::bssl::digest::fill_random;
use crate::error::Progress;

/// Fills `buf` with `len` random bytes from BoringSSL's generator, which are suitable for keys.
/// The function does not fail for lack of entropy: BoringSSL waits until the kernel's generator is
/// seeded, and ends the process if the kernel has no generator.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_rand_bytes(
    buf: *mut u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or valid for writing `len` bytes.
        fill_random(unsafe { room(buf, len, "buf") }?);
        Ok(Progress::Done(()))
    })
}

/// Fills `buf` with `len` random bytes, as tlsw_rand_bytes does; an older name for programs that
/// use Python's RAND_pseudo_bytes. Sets `*is_strong` to 1: the bytes are always suitable for keys.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_rand_pseudo_bytes(
    buf: *mut u8,
    len: usize,
    is_strong: *mut i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or valid for writing `len` bytes; NULL or valid for writing the result.
        let (buf, is_strong) = unsafe { (room(buf, len, "buf")?, out(is_strong, "is_strong")?) };
        fill_random(buf);
        is_strong.put(1);
        Ok(Progress::Done(()))
    })
}

/// Returns 1: the generator is always seeded. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_rand_status() -> i32 {
    ask(1, || Some(1))
}

/// Does nothing except check the arguments: BoringSSL seeds its generator from the kernel and
/// accepts no other input. The function exists for programs that use Python's RAND_add. `data`
/// (borrows, `len` bytes) and `entropy`, the number of bytes of `data` that cannot be guessed, are
/// not used.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_rand_add(
    data: *const u8,
    len: usize,
    entropy: f64,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or `len` bytes.
        unsafe { bytes(data, len, "data") }?;
        let _ = entropy;
        Ok(Progress::Done(()))
    })
}
