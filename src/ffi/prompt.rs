//! Reads a password from the terminal, as a ready-made password callback.

use std::ffi::c_void;
use std::ptr::null_mut;

use super::enter;
use super::ptr::{optional_text, out, room};
use super::types::*;
use crate::error::Progress;

#[cfg(unix)]
use crate::terminal::password;

/// Reading from the terminal is implemented for Unix only.
#[cfg(not(unix))]
fn password(_prompt: &str, _room: &mut [u8]) -> crate::error::Result<usize> {
    Err(crate::error::Error::new(
        crate::error::Kind::Unsupported,
        "passwords cannot be asked for at the terminal on this system",
    ))
}

/// Reads a password from the controlling terminal. The function is a tlsw_password_fn: pass it to
/// tlsw_ctx_load_cert_chain_file_cb as `password`, with the prompt as `user`.
/// `prompt` is the text to display (borrows); NULL means "Enter PEM pass phrase:". The call waits
/// for a line, which the terminal does not display. Fills `buf`, which has `size` bytes, with the
/// line without its newline, and `*len` with the length of the password.
/// Errors: TLSW_ERR_ARGUMENT, also for a password of more than `size` bytes; TLSW_ERR_IO if there
/// is no terminal; TLSW_ERR_UNSUPPORTED on systems other than Unix. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_password_prompt(
    prompt: *mut c_void,
    buf: *mut u8,
    size: usize,
    len: *mut usize,
) -> tlsw_status {
    enter(null_mut(), || {
        // SAFETY: NULL or a C string; NULL or `size` bytes; NULL or memory for the result.
        let (prompt, buf, len) = unsafe {
            (optional_text(prompt.cast(), "prompt")?, room(buf, size, "buf")?, out(len, "len")?)
        };
        len.put(password(prompt.unwrap_or("Enter PEM pass phrase:"), buf)?);
        Ok(Progress::Done(()))
    })
}
