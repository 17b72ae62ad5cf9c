//! A report on the peer as JSON.

use super::enter;
use super::ptr::{buf, hold, out};
use super::types::*;
use crate::error::Progress;

/// Gives a report on the peer of a connection, to be freed with tlsw_buf_free. It is available
/// after the handshake, also after a failed handshake, as one JSON object on one line:
///
///     {"protocol": "TLSv1.3", "cipher": "…", "group": "…", "alpn": null, "verified": false,
///      "verify_error": {"code": 20, "reason": "…", "depth": 1, "subject": "…", "message": "…"},
///      "sent": [CERTIFICATE, CERTIFICATE], "verified_chain": null}
///
/// CERTIFICATE is the object of tlsw_cert_json, preceded by the keys "pem" and "sha256" (lower-case
/// hexadecimal). "protocol", "cipher" and "group" are null if the handshake ended before they were
/// known. "alpn" is null if no protocol was agreed on. "verified" is true if the handshake is
/// complete and the peer's certificate was verified in it; it is false with TLSW_CERT_NONE.
/// "verify_error" is null unless verification failed; with TLSW_CERT_NONE it is the error that
/// verification would have reported. "verified_chain" is null if there is none.
/// The bytes are those of Python's json.dumps(object). They are ASCII only, so that no name in a
/// certificate can control a terminal, and every program prints the same text.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake has ended; TLSW_ERR_DECODE if the
/// peer sent an invalid certificate, whose position is named; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_report_json(
    conn: *const tlsw_conn,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, json) = unsafe { (hold(conn, "conn")?, out(json, "json")?) };
        json.put(buf(&mut [conn.report()?.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
