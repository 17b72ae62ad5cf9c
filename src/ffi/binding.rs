//! What ties other protocols to a connection.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, bytes, hold, out, text};
use super::types::*;
use crate::conn::Binding;
use crate::error::{Absence, Error, Progress};

/// The most keying material that is exported at once.
const LONGEST_EXPORT: usize = 16 * 1024;

/// `tlsw_get_channel_binding` gives what ties an authentication inside the connection to it, to be
/// freed with tlsw_buf_free. `type` is one of
/// "tls-unique" (RFC 5929): below TLS 1.3 only; NONE on a resumed session without the extended master
/// secret, where it does not bind;
/// "tls-server-end-point" (RFC 5929): the hash of the server's certificate;
/// "tls-exporter" (RFC 9266): in TLS 1.3, and below it with the extended master secret.
/// Errors: ERR_ARGUMENT, also for another type; ERR_STATE before the handshake is done;
/// ERR_UNSUPPORTED where the type is undefined, saying what to use; ERR_MEMORY.
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

/// `tlsw_export_keying_material` gives `len` bytes (1 to 16,384) of secret that both ends can make
/// and nobody else (RFC 5705; RFC 8446, section 7.5), to be freed with tlsw_buf_free, which wipes
/// them. `label` names the use; `context` (borrows) may be (NULL, 0) for none, which below TLS 1.3
/// differs from an empty one.
/// Errors: ERR_ARGUMENT; ERR_STATE before the handshake is done; ERR_TLS; ERR_MEMORY.
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
