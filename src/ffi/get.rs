//! Queries of connections. No query drives the connection; all are allowed inside callbacks.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::PoisonError;

use super::ptr::{buf, hold, out, share};
use super::types::*;
use super::{ask, enter};
use crate::bssl::stream::Role;
use crate::conn::{Chain, Conn};
use crate::error::{Absence, Error, Progress};

/// Queries a connection; `default` if the handle is invalid.
pub(super) fn question<T>(
    conn: *const tlsw_conn,
    default: T,
    ask_conn: impl FnOnce(&Conn) -> Option<T>,
) -> T {
    ask(default, || {
        // SAFETY: NULL or a live handle.
        ask_conn(&*unsafe { hold(conn, "conn") }.ok()?)
    })
}

/// Returns the protocol version: "TLSv1.3". Static; NULL before the handshake is complete. After a
/// failed handshake returns the negotiated version, if the handshake came that far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_version(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.version().map(CStr::as_ptr))
}

/// Returns the name of the cipher suite: "TLS_AES_128_GCM_SHA256". Below TLS 1.3 it is OpenSSL's
/// name: "ECDHE-RSA-AES128-GCM-SHA256". Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.cipher().map(CStr::as_ptr))
}

/// Returns the IANA name of the cipher suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256". Below TLS
/// 1.3 it differs from the name that tlsw_get_cipher returns. Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_standard_name(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.standard_cipher().map(CStr::as_ptr))
}

/// Returns the key length of the cipher suite in bits: 128, 256; 0 before the handshake is
/// complete.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_bits(conn: *const tlsw_conn) -> u32 {
    question(conn, 0, Conn::cipher_bits)
}

/// Returns the protocol version that introduced the cipher suite: "TLSv1.3", "TLSv1.2", "TLSv1.0",
/// "SSLv3". It may be older than the version of the connection. Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_version(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.cipher_version().map(CStr::as_ptr))
}

/// Gives the cipher suites that the client offered and the server enables, to be freed with
/// tlsw_buf_free. They are in the server's order, those of TLS 1.3 first, as JSON in the form of
/// Python's shared_ciphers(): [["TLS_AES_128_GCM_SHA256", "TLSv1.3", 128], …].
/// Also returns TLSW_NONE on clients, and before the ClientHello was received.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_shared_ciphers(
    conn: *const tlsw_conn,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, json) = unsafe { (hold(conn, "conn")?, out(json, "json")?) };
        let Some(text) = conn.shared_ciphers_json() else {
            return Ok(Progress::Absent(Absence::None));
        };
        json.put(buf(&mut [text.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Returns the group of the key exchange in IANA's spelling: "X25519MLKEM768", "x25519",
/// "secp256r1". Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_group(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.group().map(CStr::as_ptr))
}

/// Gives the application protocol (ALPN) that both sides agreed on, to be freed with tlsw_buf_free.
/// Also returns TLSW_NONE if no protocol was agreed on or the handshake is not complete.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_alpn(
    conn: *const tlsw_conn,
    protocol: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, protocol) = unsafe { (hold(conn, "conn")?, out(protocol, "protocol")?) };
        let Some(name) = conn.alpn() else {
            return Ok(Progress::Absent(Absence::None));
        };
        protocol.put(buf(&mut [name.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Returns the role of a connection: TLSW_CLIENT or TLSW_SERVER; 0 for an invalid handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_role(conn: *const tlsw_conn) -> u32 {
    question(conn, 0, |conn| {
        Some(match conn.role() {
            Role::Client => TLSW_CLIENT,
            Role::Server => TLSW_SERVER,
        })
    })
}

/// Gives the name of the server, to be freed with tlsw_buf_free. On a client it is the DNS name or
/// IP address that the connection was made with, in lower case and without a final dot. On a server
/// it is the name that the client sent (server_name, RFC 6066), unchanged.
/// Also returns TLSW_NONE if there is no name or the ClientHello was not received yet.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_server_hostname(
    conn: *const tlsw_conn,
    name: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, name) = unsafe { (hold(conn, "conn")?, out(name, "name")?) };
        let Some(hostname) = conn.server_hostname() else {
            return Ok(Progress::Absent(Absence::None));
        };
        name.put(buf(&mut [hostname.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Returns the time limit of each call in milliseconds (tlsw_conn_set_timeout): negative for
/// unlimited, 0 if calls never wait. Returns 0 for an invalid handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_timeout(conn: *const tlsw_conn) -> i64 {
    question(conn, 0, |conn| Some(conn.timeout()))
}

/// Returns the number of bytes that can be read without receiving from the transport; 0 for an
/// invalid handle. If the number is not 0, read before you wait for the descriptor.
/// With reading ahead (tlsw_conn_set_read_ahead) the number includes complete records that are not
/// decrypted yet, with their encrypted length. It is then larger than the number of readable bytes,
/// which may be 0. While a callback of the connection runs, only decrypted bytes count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_pending(conn: *const tlsw_conn) -> usize {
    question(conn, 0, |conn| Some(conn.pending()))
}

/// Returns the number of bytes sent so far by a tlsw_conn_write_all or tlsw_conn_sendfile that
/// ended before it had sent all bytes and that can be repeated; 0 if there is no such call, and for
/// an invalid handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_written(conn: *const tlsw_conn) -> u64 {
    question(conn, 0, |conn| Some(conn.written()))
}

/// Returns NULL: no connection compresses. TLS 1.3 has no compression, and BoringSSL has none for
/// older versions. For programs that call it, as those for Python's ssl do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_compression(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |_| None)
}

/// Returns 1 if the handshake resumed an earlier session, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_session_reused(conn: *const tlsw_conn) -> i32 {
    question(conn, 0, |conn| Some(conn.is_resumed().into()))
}

/// Gives a certificate chain of the peer, leaf first, to be freed with tlsw_buf_free. The buffer
/// holds the DER of the certificates one after another (tlsw_cert_new reads them one by one) and
/// stays valid after the connection is freed.
/// `which` is TLSW_CHAIN_SENT: exactly the certificates that the peer sent, in its order; or
/// TLSW_CHAIN_VERIFIED: the chain that was built and verified, up to the trust anchor. The sent
/// chain is also available after a failed handshake. It is for diagnosis; do not trust it.
/// Also returns TLSW_NONE if the peer sent no certificate; for the verified chain also
/// TLSW_NONE_UNVERIFIED and TLSW_NONE_FAILED.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_peer_chain_der(
    conn: *const tlsw_conn,
    which: u32,
    chain: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, chain) = unsafe { (hold(conn, "conn")?, out(chain, "chain")?) };
        let which = match which {
            TLSW_CHAIN_SENT => Chain::Sent,
            TLSW_CHAIN_VERIFIED => Chain::Verified,
            _ => {
                return Err(Error::argument(format!(
                    "which: {which} is neither TLSW_CHAIN_SENT nor TLSW_CHAIN_VERIFIED"
                )));
            }
        };
        let now = conn.peer_chain(which, buf)?;
        Ok(now.map(|bytes| chain.put(bytes)))
    })
}

/// Returns the result of the verification of the peer's certificate. TLSW_OK: verification
/// succeeded. TLSW_ERR_VERIFY: the certificate was refused, and `*verdict` (fills) has the reason,
/// even if the connection continued because of TLSW_CERT_NONE. TLSW_NONE: the peer sent no
/// certificate. TLSW_NONE_UNVERIFIED: there is no result, because verification itself could not
/// run.
/// A server that resumes a session verifies the certificates of the session when this function is
/// called, with the trust anchors and rules of that moment.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_verify_result(
    conn: *const tlsw_conn,
    verdict: *mut tlsw_error,
) -> tlsw_status {
    enter(verdict, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(conn, "conn") }?.verify_result()
    })
}

/// Gives the reason for which verification failed, in the words of OpenSSL and Python, to be freed
/// with tlsw_buf_free. The text is that of tlsw_verify_error_string; for a name mismatch it is
/// "Hostname mismatch, certificate is not valid for 'example.com'." The message of tlsw_error has
/// more details; this text is for programs that search for OpenSSL's words.
/// Also returns TLSW_NONE if verification did not fail.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_verify_message(
    conn: *const tlsw_conn,
    message: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, message) = unsafe { (hold(conn, "conn")?, out(message, "message")?) };
        let Some(words) = conn.verify_message() else {
            return Ok(Progress::Absent(Absence::None));
        };
        message.put(buf(&mut [words.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Gives the DER of the certificate for which verification failed, to be freed with tlsw_buf_free.
/// Also returns TLSW_NONE if verification did not fail.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_failed_cert_der(
    conn: *const tlsw_conn,
    cert: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, cert) = unsafe { (hold(conn, "conn")?, out(cert, "cert")?) };
        let Some(der) = conn.failed_cert() else {
            return Ok(Progress::Absent(Absence::None));
        };
        cert.put(buf(&mut [der].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Returns the value that was set with tlsw_conn_set_user; NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_user(conn: *const tlsw_conn) -> *mut c_void {
    ask(null_mut(), || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }.ok()?;
        let user = conn.user.lock().unwrap_or_else(PoisonError::into_inner);
        Some(user.as_ref()?.value())
    })
}

/// Gives the context of a connection, to be freed with tlsw_ctx_free: another reference to the
/// context that the connection was made with, or that was set last with tlsw_conn_set_ctx.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_ctx(
    conn: *const tlsw_conn,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the handle.
        let (conn, ctx) = unsafe { (hold(conn, "conn")?, out(ctx, "ctx")?) };
        ctx.put(share(&conn.ctx.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(Progress::Done(()))
    })
}
