//! Byte pipes in memory.

use std::sync::Arc;

use super::ptr::{bytes, give, hold, out, release, room};
use super::types::*;
use super::{ask, enter, enter_often};
use crate::error::Progress;
use crate::io::bio::{Bio, Taken};

/// `tlsw_bio_new` makes an empty pipe. Gives `*bio`, to be freed with tlsw_bio_free.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_bio_free` frees the caller's hold on a pipe; connections that use it keep it. NULL is
/// fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_free(bio: *mut tlsw_bio) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(bio) };
        Some(())
    });
}

/// `tlsw_bio_read` takes up to `len` bytes out of the pipe into `buf` (fills) and sets `*n`.
/// Also WANT_READ if it is empty; CLOSED if it is empty and its end was written.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_bio_write` puts all `len` bytes of `buf` (borrows) into the pipe.
/// Errors: ERR_ARGUMENT; ERR_STATE after tlsw_bio_write_eof; ERR_MEMORY, and nothing is in it then. Any
/// thread.
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

/// `tlsw_bio_write_eof` writes the end of the stream: after what is in the pipe, reading it answers
/// CLOSED, and a connection meets the end of its transport. Again it changes nothing.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_bio_pending` is how many bytes are in the pipe; 0 also for no pipe. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_pending(bio: *const tlsw_bio) -> usize {
    ask(0, || {
        // SAFETY: NULL or a live handle.
        Some(unsafe { hold(bio, "bio") }.ok()?.pending())
    })
}

/// `tlsw_bio_eof` is 1 if the end was written and everything before it was read, else 0. Any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_bio_eof(bio: *const tlsw_bio) -> i32 {
    ask(0, || {
        // SAFETY: NULL or a live handle.
        Some(unsafe { hold(bio, "bio") }.ok()?.eof().into())
    })
}
