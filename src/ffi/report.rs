//! Everything about the peer in one call.

use super::enter;
use super::ptr::{buf, hold, out};
use super::types::*;
use crate::error::Progress;

/// `tlsw_get_report_json` gives what a connection tells about its peer, after the handshake or
/// after one that failed, as one JSON object on one line, to be freed with tlsw_buf_free:
///
///     {"protocol": "TLSv1.3", "cipher": "…", "group": "…", "alpn": null, "verified": false,
///      "verify_error": {"code": 20, "reason": "…", "depth": 1, "subject": "…", "message": "…"},
///      "sent": [CERTIFICATE, CERTIFICATE], "verified_chain": null}
///
/// CERTIFICATE is the object of tlsw_cert_json with two keys put before its own: "pem" and "sha256"
/// (lower-case hexadecimal). "protocol", "cipher" and "group" are null if the handshake ended before
/// they were known, "alpn" if there is none. "verified" is true if the connection stands and its
/// peer's certificate was verified in it. "verify_error" is null unless verification failed; with
/// TLSW_CERT_NONE it is what would have failed. "verified_chain" is null if there is none.
/// The bytes are those of Python's json.dumps(object): nothing but ASCII, so no name in a
/// certificate can act on a terminal, and every program that prints them prints the same.
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake has ended; ERR_DECODE if the peer sent what
/// is no certificate, naming which; ERR_MEMORY.
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
