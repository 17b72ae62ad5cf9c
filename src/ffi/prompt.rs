//! The library's own function that gives a password: it asks a person.

use std::ffi::c_void;
use std::ptr::null_mut;

use super::enter;
use super::ptr::{optional_text, out, room};
use super::types::*;
use crate::error::Progress;

#[cfg(unix)]
use crate::terminal::password;

/// Elsewhere there is no terminal to be had like this.
#[cfg(not(unix))]
fn password(_prompt: &str, _room: &mut [u8]) -> crate::error::Result<usize> {
    Err(crate::error::Error::new(
        crate::error::Kind::Unsupported,
        "passwords cannot be asked for at the terminal on this system",
    ))
}

/// `tlsw_password_prompt` is a tlsw_password_fn that asks at the controlling terminal, for programs
/// that want it: to be passed to tlsw_ctx_load_cert_chain_file_cb, with the text to ask with as its
/// `user`, here `prompt` (borrows), NULL for "Enter PEM pass phrase:". It waits for a line, which is not shown, and
/// fills `buf`, room for `size` bytes, and `*len`.
/// Errors: ERR_ARGUMENT, also for a password that is longer than the room; ERR_IO if there is no
/// terminal; ERR_UNSUPPORTED on systems that are not Unix. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_password_prompt(
    prompt: *mut c_void,
    buf: *mut u8,
    size: usize,
    len: *mut usize,
) -> tlsw_status {
    enter(null_mut(), || {
        // SAFETY: NULL or a C string; NULL or room for `size` bytes; NULL or room for the result.
        let (prompt, buf, len) = unsafe {
            (optional_text(prompt.cast(), "prompt")?, room(buf, size, "buf")?, out(len, "len")?)
        };
        len.put(password(prompt.unwrap_or("Enter PEM pass phrase:"), buf)?);
        Ok(Progress::Done(()))
    })
}
