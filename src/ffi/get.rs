//! Asking connections. None of these drives; all may be asked from inside a hook.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::PoisonError;

use super::ptr::{buf, hold, out, share};
use super::types::*;
use super::{ask, enter};
use crate::bssl::stream::Role;
use crate::conn::{Chain, Conn};
use crate::error::{Absence, Error, Progress};

/// Asks a connection, if it is one.
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

/// `tlsw_get_version` is the protocol version: "TLSv1.3". Static; NULL before the handshake is done.
/// After a handshake that failed it is what had been agreed on, if it came that far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_version(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.version().map(CStr::as_ptr))
}

/// `tlsw_get_cipher` is the cipher suite: "TLS_AES_128_GCM_SHA256", or, below TLS 1.3, its OpenSSL
/// name: "ECDHE-RSA-AES128-GCM-SHA256". Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.cipher().map(CStr::as_ptr))
}

/// `tlsw_get_cipher_standard_name` is the cipher suite by IANA's name, which below TLS 1.3 is not
/// tlsw_get_cipher's: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256". Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_standard_name(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.standard_cipher().map(CStr::as_ptr))
}

/// `tlsw_get_cipher_bits` is how many bits the cipher suite's key has: 128, 256; 0 before the
/// handshake is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_bits(conn: *const tlsw_conn) -> u32 {
    question(conn, 0, Conn::cipher_bits)
}

/// `tlsw_get_cipher_version` is the version of the protocol that the cipher suite came with, which
/// may be older than the connection's: "TLSv1.3", "TLSv1.2", "TLSv1.0", "SSLv3". Static; NULL as
/// tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_cipher_version(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.cipher_version().map(CStr::as_ptr))
}

/// `tlsw_get_shared_ciphers` gives the cipher suites that the client offered and the server enables,
/// in the server's order, those of TLS 1.3 first, as JSON in the shape of Python's
/// shared_ciphers(): [["TLS_AES_128_GCM_SHA256", "TLSv1.3", 128], …]; to be freed with tlsw_buf_free.
/// NONE on clients, and before the client's hello has come.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
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

/// `tlsw_get_group` is the group of the key exchange, as IANA spells it: "X25519MLKEM768",
/// "x25519", "secp256r1". Static; NULL as tlsw_get_version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_group(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |conn| conn.group().map(CStr::as_ptr))
}

/// `tlsw_get_alpn` gives the application protocol that both sides agreed on, to be freed with
/// tlsw_buf_free. NONE if there is none, or the handshake is not done.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
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

/// `tlsw_get_role` is which side the connection is: TLSW_CLIENT or TLSW_SERVER; 0 for no connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_role(conn: *const tlsw_conn) -> u32 {
    question(conn, 0, |conn| {
        Some(match conn.role() {
            Role::Client => TLSW_CLIENT,
            Role::Server => TLSW_SERVER,
        })
    })
}

/// `tlsw_get_server_hostname` gives the name of the server, to be freed with tlsw_buf_free: on a
/// client the name or address its connection was made with, in lower case and without a final dot;
/// on a server the name that the client sent (server_name, RFC 6066), as it was sent. NONE if there
/// was none, or it has not come yet.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
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

/// `tlsw_get_timeout` is how long each call may take, in milliseconds; negative for ever, 0 never
/// wait, and 0 for no connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_timeout(conn: *const tlsw_conn) -> i64 {
    question(conn, 0, |conn| Some(conn.timeout()))
}

/// `tlsw_get_pending` is how many bytes can be read without the transport; 0 also for no connection.
/// With reading ahead (tlsw_conn_set_read_ahead) it counts the records that were received as a whole and
/// not decrypted, with the length that they have encrypted: then it is more than can be read, and they
/// may hold nothing to read. If it is not 0, read before waiting for the descriptor. While a hook of the
/// connection runs, it counts what is decrypted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_pending(conn: *const tlsw_conn) -> usize {
    question(conn, 0, |conn| Some(conn.pending()))
}

/// `tlsw_get_written` is how many bytes have left of those that tlsw_conn_write_all or
/// tlsw_conn_sendfile was to send, if it ended before all had and can be called again to go on; 0 if
/// none did, and for no connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_written(conn: *const tlsw_conn) -> u64 {
    question(conn, 0, |conn| Some(conn.written()))
}

/// `tlsw_get_compression` is NULL: no connection compresses. TLS 1.3 has no compression, and
/// BoringSSL none for older versions. For programs that ask, as Python's do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_compression(conn: *const tlsw_conn) -> *const c_char {
    question(conn, null(), |_| None)
}

/// `tlsw_get_session_reused` is 1 if the handshake resumed an earlier session, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_session_reused(conn: *const tlsw_conn) -> i32 {
    question(conn, 0, |conn| Some(conn.is_resumed().into()))
}

/// `tlsw_get_peer_chain_der` gives a chain of the peer's, leaf first: the DER of its certificates
/// one after another (tlsw_cert_new reads them one by one), to be freed with tlsw_buf_free; it
/// outlives the connection. `which` is TLSW_CHAIN_SENT: exactly what the peer sent, in its order;
/// or TLSW_CHAIN_VERIFIED: the chain that was built and verified, up to the trust anchor.
/// What was sent is there after a failed handshake too, refused or not: to look at, not to trust.
/// Also NONE: the peer sent none; for the verified chain NONE_UNVERIFIED, NONE_FAILED.
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake is done; ERR_MEMORY.
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

/// `tlsw_get_verify_result` tells how the verification of the peer's certificate ended. OK: it
/// verified. ERR_VERIFY: it was refused, and `*verdict` (fills) says why, also if TLSW_CERT_NONE let
/// the connection live. NONE: the peer sent no certificate. A server that resumes a session judges the
/// certificates that it carries when it is asked, by the trust and the rules of now.
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake is done.
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

/// `tlsw_get_verify_message` gives what verification refused in the words that OpenSSL and Python have
/// for it, to be freed with tlsw_buf_free: those of tlsw_verify_error_string, and for a name that does
/// not fit "Hostname mismatch, certificate is not valid for 'example.com'." NONE if nothing was
/// refused. The message of the error says more; this is for programs that look for the words.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
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

/// `tlsw_get_failed_cert_der` gives the DER of the certificate at which verification failed, to be
/// freed with tlsw_buf_free. NONE if it did not fail.
/// Errors: ERR_ARGUMENT; ERR_MEMORY.
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

/// `tlsw_get_user` is the value that tlsw_conn_set_user left; NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_get_user(conn: *const tlsw_conn) -> *mut c_void {
    ask(null_mut(), || {
        // SAFETY: NULL or a live handle.
        let conn = unsafe { hold(conn, "conn") }.ok()?;
        let user = conn.user.lock().unwrap_or_else(PoisonError::into_inner);
        Some(user.as_ref()?.value())
    })
}

/// `tlsw_get_ctx` gives the context that a connection is under: the handle that it was made with, or
/// that tlsw_conn_set_ctx was given last, counted once more, to be freed with tlsw_ctx_free.
/// Errors: ERR_ARGUMENT. Any thread.
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
