//! Channel bindings, exported keying material and Finished messages.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, bytes, hold, out, text};
use super::types::*;
use crate::conn::{Binding, Finished};
use crate::error::{Absence, Error, Progress};

/// The largest amount of keying material that can be exported at once, in bytes.
const LONGEST_EXPORT: usize = 16 * 1024;

/// Gives the channel binding of a connection, which ties an authentication inside the connection to
/// it. To be freed with tlsw_buf_free. `type` is one of:
/// "tls-unique" (RFC 5929), below TLS 1.3 only. Returns TLSW_NONE on a resumed session without the
/// extended master secret, where it does not bind.
/// "tls-server-end-point" (RFC 5929), the hash of the server's certificate. Returns TLSW_NONE on a
/// client if the server sent no certificate.
/// "tls-exporter" (RFC 9266), in TLS 1.3, and in older versions with the extended master secret.
/// Errors: TLSW_ERR_ARGUMENT, also for another type; TLSW_ERR_STATE before the handshake is
/// complete; TLSW_ERR_UNSUPPORTED if the type is not defined for the connection, and for
/// tls-server-end-point on a server without exactly one certificate; the message names the type to
/// use instead, if there is one; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_channel_binding(
    conn: *const tlsw_conn,
    r#type: *const c_char,
    binding: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string; NULL or room for the buffer.
        let (conn, name, binding) =
            unsafe { (hold(conn, "conn")?, text(r#type, "type")?, out(binding, "binding")?) };
        let kind = match name {
            "tls-unique" => Binding::Unique,
            "tls-server-end-point" => Binding::ServerEndPoint,
            "tls-exporter" => Binding::Exporter,
            _ => {
                return Err(Error::argument(
                    "type: the channel binding types are \"tls-unique\", \"tls-server-end-point\" \
                     and \"tls-exporter\"",
                ));
            }
        };
        let Some(bytes) = conn.channel_binding(kind)? else {
            return Ok(Progress::Absent(Absence::None));
        };
        binding.put(buf(&mut [bytes.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Gives `len` bytes (1 to 16,384) of keying material that only the two sides of the connection can
/// compute (RFC 5705; RFC 8446, section 7.5). To be freed with tlsw_buf_free, which wipes the
/// bytes.
/// `label` names the purpose. `context` (borrows) may be (NULL, 0) for none; below TLS 1.3, none
/// and an empty context give different results.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete; TLSW_ERR_TLS;
/// TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_export_keying_material(
    conn: *const tlsw_conn,
    label: *const c_char,
    context: *const u8,
    context_len: usize,
    len: usize,
    material: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string; NULL or so many bytes; NULL or room.
        let (conn, label, data, material) = unsafe {
            (
                hold(conn, "conn")?,
                text(label, "label")?,
                bytes(context, context_len, "context")?,
                out(material, "material")?,
            )
        };
        if !(1..=LONGEST_EXPORT).contains(&len) {
            return Err(Error::argument(format!("len: {len} is not in 1 to {LONGEST_EXPORT}")));
        }
        let context = (!context.is_null()).then_some(data);
        let bytes = conn.export(label.as_bytes(), context, len)?;
        material.put(buf(&mut [bytes.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Gives the content of the newest Finished message of one side (RFC 8446, section 4.4.4; RFC 5246,
/// section 7.4.9), in any version, to be freed with tlsw_buf_free. `whose` is TLSW_FINISHED_OWN or
/// TLSW_FINISHED_PEER. The content has 12 bytes below TLS 1.3, and the length of the hash in TLS
/// 1.3.
/// Both sides know both messages, but in TLS 1.3 they are no channel binding
/// (tlsw_get_channel_binding).
/// Also returns TLSW_NONE if there is no such message yet.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_finished(
    conn: *const tlsw_conn,
    whose: u32,
    verify_data: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (conn, verify_data) =
            unsafe { (hold(conn, "conn")?, out(verify_data, "verify_data")?) };
        let whose = match whose {
            TLSW_FINISHED_OWN => Finished::Own,
            TLSW_FINISHED_PEER => Finished::Peer,
            _ => {
                return Err(Error::argument(format!(
                    "whose: {whose} is neither TLSW_FINISHED_OWN nor TLSW_FINISHED_PEER"
                )));
            }
        };
        let Some(bytes) = conn.finished(whose) else {
            return Ok(Progress::Absent(Absence::None));
        };
        verify_data.put(buf(&mut [bytes.as_slice()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
