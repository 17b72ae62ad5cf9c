//! Requests, sends and returns OCSP responses and signed certificate timestamps (SCTs).

use super::ctx::switch;
use super::enter;
use super::ptr::{buf, bytes, hold, out};
use super::types::*;
use crate::bssl::buffer::Buffer;
use crate::error::{Absence, Progress, Result};

/// Copies the caller's bytes; `None` for no bytes.
unsafe fn staple(data: *const u8, len: usize, name: &str) -> Result<Option<Buffer>> {
    // SAFETY: as for this function.
    let data = unsafe { bytes(data, len, name) }?;
    (!data.is_empty()).then(|| Buffer::new(data)).transpose()
}

/// Returns the bytes in a new buffer, or TLSW_NONE for `None`.
fn give(found: Option<Vec<u8>>, room: super::ptr::Out<'_, tlsw_buf>) -> Result<Progress> {
    let Some(bytes) = found else {
        return Ok(Progress::Absent(Absence::None));
    };
    room.put(buf(&mut [bytes.as_slice()].into_iter())?);
    Ok(Progress::Done(()))
}

/// Sets whether clients request an OCSP response for the server's certificate (RFC 6066, section
/// 8). `on` is 1 or 0; the default is 0. tlsw_get_ocsp_response returns the response. The library
/// does not verify the response.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_ocsp_stapling(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let on = switch(on, "on")?;
        ctx.change(|settings| {
            settings.ask_ocsp = on;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Sets the OCSP response that a server sends with the certificate chain that was loaded last, to
/// clients that request a response. Borrows `response`, which is DER. (NULL, 0) removes the
/// response.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if no certificate was loaded. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_ocsp_response(
    ctx: *mut tlsw_ctx,
    response: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes.
        let (ctx, response) = unsafe { (hold(ctx, "ctx")?, staple(response, len, "response")?) };
        ctx.change(|settings| settings.staple(|staples| staples.ocsp = response))?;
        Ok(Progress::Done(()))
    })
}

/// Returns the OCSP response that the server sent, as DER and unverified. Gives `*response`; free
/// the buffer with tlsw_buf_free. Returns TLSW_NONE if the server sent no response, and on server
/// connections.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_ocsp_response(
    conn: *const tlsw_conn,
    response: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (conn, response) = unsafe { (hold(conn, "conn")?, out(response, "response")?) };
        give(conn.ocsp(), response)
    })
}

/// Sets whether clients request signed certificate timestamps (SCTs, RFC 6962). `on` is 1 or 0; the
/// default is 0. tlsw_get_sct_list returns the timestamps. The library does not verify the
/// timestamps.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_sct(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let on = switch(on, "on")?;
        ctx.change(|settings| {
            settings.ask_scts = on;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Sets the list of signed certificate timestamps that a server sends with the certificate chain
/// that was loaded last, to clients that request timestamps. Borrows `list`, a
/// SignedCertificateTimestampList of RFC 6962, section 3.3. (NULL, 0) removes the list.
/// A malformed list is not an error of this call: making the first connection fails with
/// TLSW_ERR_TLS.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if no certificate was loaded. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_sct_list(
    ctx: *mut tlsw_ctx,
    list: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes.
        let (ctx, list) = unsafe { (hold(ctx, "ctx")?, staple(list, len, "list")?) };
        ctx.change(|settings| settings.staple(|staples| staples.scts = list))?;
        Ok(Progress::Done(()))
    })
}

/// Returns the list of signed certificate timestamps that the server sent, unverified. Gives
/// `*list`; free the buffer with tlsw_buf_free. Returns TLSW_NONE if the server sent no list, and
/// on server connections.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_sct_list(
    conn: *const tlsw_conn,
    list: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (conn, list) = unsafe { (hold(conn, "conn")?, out(list, "list")?) };
        give(conn.scts(), list)
    })
}
