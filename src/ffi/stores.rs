//! The certificate stores of Windows. Other systems have none.

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

/// Gives the JSON that `list` returns for a certificate store.
unsafe fn listed(
    store: *const c_char,
    json: *mut tlsw_buf,
    list: impl FnOnce(&str) -> Result<String>,
) -> Result<Progress> {
    // SAFETY: NULL or a C string; NULL or valid for writing the buffer.
    let (store, json) = unsafe { (text(store, "store")?, out(json, "json")?) };
    json.put(buf(&mut [list(store)?.as_bytes()].into_iter())?);
    Ok(Progress::Done(()))
}

/// Lists the certificates of a Windows certificate store as JSON. `store` (borrows) is the name of
/// the store: "CA", "ROOT", "MY" or any other name. Gives `*json`, to be freed with tlsw_buf_free:
/// an array of objects
///
///     {"der": "MIIB…", "encoding": "x509_asn", "trust": ["1.3.6.1.5.5.7.3.1"]}
///
/// "der" is the certificate in base64. "encoding" is "x509_asn" or "pkcs_7_asn". "trust" is an
/// array with the OIDs of the purposes for which the certificate is trusted, or true if the
/// certificate is trusted for all purposes.
/// The stores of that name of the machine, of the user and of policies are combined; each
/// certificate is listed once.
/// The library does not trust these certificates by itself. To trust them, pass the certificates
/// whose "trust" is true or contains the OID of serverAuth (1.3.6.1.5.5.7.3.1) to
/// tlsw_ctx_load_ca_mem.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED where tlsw_has("system-stores") is 0, which is
/// the case on all systems except Windows; TLSW_ERR_IO if there is no store of that name;
/// TLSW_ERR_MEMORY. Callable from any thread.
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

/// Lists the certificate revocation lists (CRLs) of a Windows certificate store as JSON, in the
/// format of tlsw_enum_certificates without "trust". `store` is borrowed. Gives `*json`, to be
/// freed with tlsw_buf_free.
/// Errors: as tlsw_enum_certificates. Callable from any thread.
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
