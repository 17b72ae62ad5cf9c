//! Random bytes, as Python's `ssl.RAND_*`.

use super::ptr::{bytes, out, room};
use super::types::*;
use super::{ask, enter};
use crate::bssl::digest::fill_random;
use crate::error::Progress;

/// `tlsw_rand_bytes` fills `buf`, room for `len` bytes, with random bytes good for keys, from
/// BoringSSL's generator. There is no failure for want of randomness: BoringSSL waits for the
/// kernel's, and ends the process where there is none.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_rand_bytes(
    buf: *mut u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for `len` bytes.
        fill_random(unsafe { room(buf, len, "buf") }?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_rand_pseudo_bytes` is tlsw_rand_bytes by an old name (Python's RAND_pseudo_bytes), and
/// tells whether the bytes are good for keys: `*is_strong` is always 1.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_rand_pseudo_bytes(
    buf: *mut u8,
    len: usize,
    is_strong: *mut i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for `len` bytes; NULL or room for the result.
        let (buf, is_strong) = unsafe { (room(buf, len, "buf")?, out(is_strong, "is_strong")?) };
        fill_random(buf);
        is_strong.put(1);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_rand_status` is 1: the generator is always seeded. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_rand_status() -> i32 {
    ask(1, || Some(1))
}

/// `tlsw_rand_add` has no effect, by design: BoringSSL seeds its generator from the kernel and
/// mixes nothing else in. It is here for programs that call Python's RAND_add: `data` (borrows), and
/// `entropy`, how many bytes of it nobody can guess, are not used.
/// Errors: ERR_ARGUMENT. Any thread.
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
