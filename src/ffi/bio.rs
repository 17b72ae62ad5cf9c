//! Byte queues in memory.

use std::sync::Arc;

use super::ptr::{bytes, give, hold, out, release, room};
use super::types::*;
use super::{ask, enter, enter_often};
use crate::error::Progress;
use crate::io::bio::{Bio, Taken};

/// Makes an empty byte queue. Gives `*bio`, to be freed with tlsw_bio_free.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_bio_new(
    bio: *mut *mut tlsw_bio,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for the handle.
        unsafe { out(bio, "bio") }?.put(give(Arc::new(Bio::new())));
        Ok(Progress::Done(()))
    })
}

/// Frees the caller's reference to a queue. Connections that use the queue keep it. NULL is
/// allowed. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_free(bio: *mut tlsw_bio) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(bio) };
        Some(())
    });
}

/// Removes up to `len` bytes from the queue, writes them to `buf` (fills) and sets `*n` to their
/// number.
/// Also returns TLSW_WANT_READ if the queue is empty; TLSW_CLOSED if the queue is empty and its end
/// was written (tlsw_bio_write_eof).
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_bio_read(
    bio: *mut tlsw_bio,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter_often(err, || {
        // SAFETY: NULL or a live handle, room for `len` bytes, room for the number.
        let (bio, buf, n) = unsafe { (hold(bio, "bio")?, room(buf, len, "buf")?, out(n, "n")?) };
        let now = match bio.read(buf) {
            Taken::Bytes(count) => Progress::Done(count),
            Taken::Empty => Progress::WantRead,
            Taken::End => Progress::Closed,
        };
        Ok(now.map(|count| n.put(count)))
    })
}

/// Appends all `len` bytes of `buf` (borrows) to the queue.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE after tlsw_bio_write_eof; TLSW_ERR_MEMORY, in which
/// case nothing is appended. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_bio_write(
    bio: *mut tlsw_bio,
    buf: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter_often(err, || {
        // SAFETY: NULL or a live handle, `len` bytes.
        let (bio, buf) = unsafe { (hold(bio, "bio")?, bytes(buf, len, "buf")?) };
        bio.write(buf)?;
        Ok(Progress::Done(()))
    })
}

/// Marks the end of the stream. When the bytes in the queue were read, tlsw_bio_read returns
/// TLSW_CLOSED and a connection finds the end of its transport. A repeated call has no effect.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_bio_write_eof(
    bio: *mut tlsw_bio,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(bio, "bio") }?.write_eof();
        Ok(Progress::Done(()))
    })
}

/// Returns the number of bytes in the queue; 0 for an invalid handle. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_pending(bio: *const tlsw_bio) -> usize {
    ask(0, || {
        // SAFETY: NULL or a live handle.
        Some(unsafe { hold(bio, "bio") }.ok()?.pending())
    })
}

/// Returns 1 if the end of the stream was marked and all bytes before it were read, else 0.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_eof(bio: *const tlsw_bio) -> i32 {
    ask(0, || {
        // SAFETY: NULL or a live handle.
        Some(unsafe { hold(bio, "bio") }.ok()?.eof().into())
    })
}
