//! The certificate stores of Windows; elsewhere there are none.

use std::ffi::c_char;

use super::enter;
use super::ptr::{buf, out, text};
use super::types::*;
use crate::error::{Progress, Result};

#[cfg(windows)]
mod windows {
    use data_encoding::BASE64;

    use crate::error::Result;
    use crate::json::{self, Object};
    use crate::stores::{self, Entry, Purposes};

    fn entry(o: &mut Object<'_>, entry: &Entry) {
        o.string("der", &BASE64.encode(&entry.der));
        o.string("encoding", entry.encoding);
    }

    pub fn certificates(store: &str) -> Result<String> {
        let found = stores::certificates(store)?;
        Ok(json::array(|a| {
            for (certificate, purposes) in &found {
                a.object(|o| {
                    entry(o, certificate);
                    match purposes {
                        Purposes::All => o.boolean("trust", true),
                        Purposes::These(oids) => o.strings("trust", oids),
                    }
                });
            }
        }))
    }

    pub fn crls(store: &str) -> Result<String> {
        let found = stores::crls(store)?;
        Ok(json::array(|a| found.iter().for_each(|crl| a.object(|o| entry(o, crl)))))
    }
}
#[cfg(windows)]
use windows::{certificates, crls};

#[cfg(not(windows))]
fn none() -> crate::error::Error {
    crate::error::Error::new(
        crate::error::Kind::Unsupported,
        "only Windows has certificate stores; tlsw_ctx_load_system_roots trusts what this system has",
    )
}

#[cfg(not(windows))]
fn certificates(_: &str) -> Result<String> {
    Err(none())
}

#[cfg(not(windows))]
fn crls(_: &str) -> Result<String> {
    Err(none())
}

/// Gives what `list` tells of a store.
unsafe fn listed(
    store: *const c_char,
    json: *mut tlsw_buf,
    list: impl FnOnce(&str) -> Result<String>,
) -> Result<Progress> {
    // SAFETY: NULL or a C string; NULL or room for the buffer.
    let (store, json) = unsafe { (text(store, "store")?, out(json, "json")?) };
    json.put(buf(&mut [list(store)?.as_bytes()].into_iter())?);
    Ok(Progress::Done(()))
}

/// `tlsw_enum_certificates` gives the certificates of a store of Windows ("CA", "ROOT", "MY", or any
/// other it has) as JSON, to be freed with tlsw_buf_free: an array of
///
///     {"der": "MIIB…", "encoding": "x509_asn", "trust": ["1.3.6.1.5.5.7.3.1"]}
///
/// "der" is base64; "encoding" "x509_asn" or "pkcs_7_asn"; "trust" the OIDs of what it is trusted
/// for, or true for everything. Stores of that name for the machine, for the user and by policy are
/// taken together, each certificate once. The library itself trusts none of them; hand those with
/// serverAuth among their "trust" to tlsw_ctx_load_ca_mem.
/// Errors: ERR_ARGUMENT; ERR_UNSUPPORTED where tlsw_has("system-stores") is 0, which is everywhere
/// but on Windows; ERR_IO if there is no such store; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_enum_certificates(
    store: *const c_char,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on.
        unsafe { listed(store, json, certificates) }
    })
}

/// `tlsw_enum_crls` gives the revocation lists of a store of Windows, as tlsw_enum_certificates its
/// certificates, without "trust".
/// Errors: as there. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_enum_crls(
    store: *const c_char,
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: passed on.
        unsafe { listed(store, json, crls) }
    })
}
