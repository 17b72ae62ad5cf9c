//! What a server shows besides its chain: OCSP responses and certificate timestamps.

use super::ctx::switch;
use super::enter;
use super::ptr::{buf, bytes, hold, out};
use super::types::*;
use crate::bssl::buffer::Buffer;
use crate::error::{Absence, Progress, Result};

/// What the caller lends; nothing is none.
unsafe fn staple(data: *const u8, len: usize, name: &str) -> Result<Option<Buffer>> {
    // SAFETY: passed on.
    let data = unsafe { bytes(data, len, name) }?;
    (!data.is_empty()).then(|| Buffer::new(data)).transpose()
}

/// Gives what there is.
fn give(found: Option<Vec<u8>>, room: super::ptr::Out<'_, tlsw_buf>) -> Result<Progress> {
    let Some(bytes) = found else {
        return Ok(Progress::Absent(Absence::None));
    };
    room.put(buf(&mut [bytes.as_slice()].into_iter())?);
    Ok(Progress::Done(()))
}

/// `tlsw_ctx_set_ocsp_stapling` sets whether clients ask for an OCSP response with the server's
/// certificate (RFC 6066, section 8), for tlsw_get_ocsp_response; 0, the default, or 1. It is not
/// verified.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_ctx_set_ocsp_response` has an OCSP response (DER; borrows) shown with the certificate that was
/// loaded last, to clients that ask; (NULL, 0) takes it out.
/// Errors: ERR_ARGUMENT; ERR_STATE if no certificate was loaded. Any thread.
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

/// `tlsw_get_ocsp_response` gives the OCSP response (DER) that the server showed, unverified, to be
/// freed with tlsw_buf_free. NONE if there is none, and on servers.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_ocsp_response(
    conn: *const tlsw_conn,
    response: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, response) = unsafe { (hold(conn, "conn")?, out(response, "response")?) };
        give(conn.ocsp(), response)
    })
}

/// `tlsw_ctx_set_sct` sets whether clients ask for signed certificate timestamps (RFC 6962), for
/// tlsw_get_sct_list; 0, the default, or 1. They are not verified.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_ctx_set_sct_list` has a list of signed certificate timestamps (a SignedCertificateTimestampList
/// of RFC 6962, section 3.3; borrows) shown with the certificate that was loaded last, to clients that
/// ask; (NULL, 0) takes it out.
/// Errors: ERR_ARGUMENT; ERR_STATE if no certificate was loaded. That the list is malformed is found
/// out by the first connection (ERR_TLS). Any thread.
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

/// `tlsw_get_sct_list` gives the list of signed certificate timestamps that the server showed,
/// unverified, to be freed with tlsw_buf_free. NONE if there is none, and on servers.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_sct_list(
    conn: *const tlsw_conn,
    list: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, list) = unsafe { (hold(conn, "conn")?, out(list, "list")?) };
        give(conn.scts(), list)
    })
}
