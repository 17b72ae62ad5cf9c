//! Object identifiers, with OpenSSL's numbers (NIDs) and names.

use std::ffi::c_char;

use super::ctx::switch;
use super::enter;
use super::ptr::{buf, out, text};
use super::types::*;
use crate::cert::objects::{self, Object};
use crate::error::{Error, Progress, Result};
use crate::json;

/// Encodes an object as JSON.
fn give(object: &Object) -> Result<tlsw_buf> {
    let text = json::object(|o| {
        o.integer("nid", object.nid.into());
        o.string("shortname", object.short);
        o.string("longname", object.long);
        match object.oid {
            Some(oid) => o.string("oid", oid),
            None => o.null("oid"),
        }
    });
    buf(&mut [text.as_bytes()].into_iter())
}

/// Looks up an object identifier (OID) and describes the object as JSON. Gives `*json`, to be freed
/// with tlsw_buf_free:
///
///     {"nid": 129, "shortname": "serverAuth", "longname": "TLS Web Server Authentication",
///      "oid": "1.3.6.1.5.5.7.3.1"}
///
/// `text` (borrows) is the OID in dotted decimal. If `name` is 1, `text` may also be the short name
/// or the long name of the object; upper and lower case differ. If `name` is 0, only the OID is
/// accepted.
/// Numbers and names are those of the complete table of OpenSSL 3.0. "oid" is null for an object
/// without an OID.
/// Errors: TLSW_ERR_ARGUMENT, also if the object is not in the table ("unknown object 'text'");
/// TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_txt2obj(
    text: *const c_char,
    name: i32,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a C string; NULL or valid for writing the buffer.
        let (text, json) = unsafe { (self::text(text, "text")?, out(json, "json")?) };
        let by_name = if switch(name, "name")? { objects::by_name(text) } else { None };
        let object = by_name
            .or_else(|| objects::by_oid(text))
            .ok_or_else(|| Error::argument(format!("unknown object '{text}'")))?;
        json.put(give(&object)?);
        Ok(Progress::Done(()))
    })
}

/// Looks up one of OpenSSL's object numbers (NID) and describes the object as JSON, in the format
/// of tlsw_txt2obj. Gives `*json`, to be freed with tlsw_buf_free.
/// Errors: TLSW_ERR_ARGUMENT, also if the number is not in the table ("unknown NID 100000");
/// TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_nid2obj(
    nid: i32,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or valid for writing the buffer.
        let json = unsafe { out(json, "json") }?;
        if nid < 0 {
            return Err(Error::argument(format!("nid: {nid} is negative")));
        }
        let object =
            objects::by_nid(nid).ok_or_else(|| Error::argument(format!("unknown NID {nid}")))?;
        json.put(give(&object)?);
        Ok(Progress::Done(()))
    })
}
