//! The certificate stores of Windows.
#![allow(unsafe_code, reason = "system calls")]

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::CRYPT_E_NOT_FOUND;
use windows_sys::Win32::Security::Cryptography::*;

use crate::error::{Error, Result};

/// A certificate or a revocation list of a store.
pub struct Entry {
    /// Its bytes.
    pub der: Vec<u8>,
    /// How they are encoded: `x509_asn` or `pkcs_7_asn`, as Python calls it.
    pub encoding: &'static str,
}

/// What a certificate is trusted for.
pub enum Purposes {
    /// Everything.
    All,
    /// These object identifiers, dotted; none at all if it is empty.
    These(Vec<String>),
}

/// Where a store of one name may be: for the machine, the user, and by policy.
const LOCATIONS: [u32; 7] = [
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_CURRENT_USER_ID,
    CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_SERVICES_ID,
    CERT_SYSTEM_STORE_USERS_ID,
];

/// An open store, closed on every way out.
struct Store(HCERTSTORE);

impl Store {
    fn open(name: &[u16], location: u32) -> Option<Self> {
        // SAFETY: the name ends in NUL, as this provider wants it.
        let store = unsafe {
            CertOpenStore(
                CERT_STORE_PROV_SYSTEM_W,
                0,
                Default::default(),
                CERT_STORE_READONLY_FLAG
                    | CERT_STORE_OPEN_EXISTING_FLAG
                    | location << CERT_SYSTEM_STORE_LOCATION_SHIFT,
                name.as_ptr().cast(),
            )
        };
        (!store.is_null()).then_some(Self(store))
    }

    /// Every store called `name`; an error if there is none.
    fn all(name: &str) -> Result<Vec<Self>> {
        let wide: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let stores: Vec<Self> =
            LOCATIONS.iter().filter_map(|location| Self::open(&wide, *location)).collect();
        if stores.is_empty() {
            return Err(Error::io(&format!("the store \"{name}\" cannot be opened"), last_error()));
        }
        Ok(stores)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: ours, closed once; nothing of it is used afterwards.
        unsafe { CertCloseStore(self.0, 0) };
    }
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// The certificates of the stores called `name`, each once, and what they are trusted for.
pub fn certificates(name: &str) -> Result<Vec<(Entry, Purposes)>> {
    let mut found: Vec<(Entry, Purposes)> = Vec::new();
    for store in Store::all(name)? {
        let mut at: *const CERT_CONTEXT = null();
        loop {
            // SAFETY: the store is open; the one before is given back to be freed by the call.
            at = unsafe { CertEnumCertificatesInStore(store.0, at) };
            // SAFETY: NULL or alive until the next round.
            let Some(context) = (unsafe { at.as_ref() }) else {
                break;
            };
            // SAFETY: pointer and length are of the context's own bytes.
            let entry = unsafe {
                entry(context.pbCertEncoded, context.cbCertEncoded, context.dwCertEncodingType)
            };
            if !found.iter().any(|(known, _)| known.der == entry.der) {
                found.push((entry, purposes(context)));
            }
        }
    }
    Ok(found)
}

/// The revocation lists of the stores called `name`, each once.
pub fn crls(name: &str) -> Result<Vec<Entry>> {
    let mut found: Vec<Entry> = Vec::new();
    for store in Store::all(name)? {
        let mut at: *const CRL_CONTEXT = null();
        loop {
            // SAFETY: as in `certificates`.
            at = unsafe { CertEnumCRLsInStore(store.0, at) };
            // SAFETY: as in `certificates`.
            let Some(context) = (unsafe { at.as_ref() }) else {
                break;
            };
            // SAFETY: as in `certificates`.
            let entry = unsafe {
                entry(context.pbCrlEncoded, context.cbCrlEncoded, context.dwCertEncodingType)
            };
            if !found.iter().any(|known| known.der == entry.der) {
                found.push(entry);
            }
        }
    }
    Ok(found)
}

/// # Safety
/// `der` must point to `len` bytes.
unsafe fn entry(der: *const u8, len: u32, encoding: u32) -> Entry {
    let der = match usize::try_from(len) {
        // SAFETY: the caller's promise.
        Ok(len) if !der.is_null() => unsafe { std::slice::from_raw_parts(der, len) }.to_vec(),
        _ => Vec::new(),
    };
    let x509 = encoding & X509_ASN_ENCODING != 0;
    Entry { der, encoding: if x509 { "x509_asn" } else { "pkcs_7_asn" } }
}

/// What the store says of a certificate; if it says nothing, what the certificate itself says.
fn purposes(certificate: &CERT_CONTEXT) -> Purposes {
    match usages(certificate, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG) {
        Purposes::All => usages(certificate, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG),
        these => these,
    }
}

fn usages(certificate: &CERT_CONTEXT, source: u32) -> Purposes {
    let mut size = 0;
    // SAFETY: asks for the size only.
    if unsafe { CertGetEnhancedKeyUsage(certificate, source, null_mut(), &raw mut size) } == 0 {
        return nothing();
    }
    let words = usize::try_from(size).unwrap_or(0).div_ceil(size_of::<usize>());
    // Words, for the structure at the beginning of the room holds pointers. One at least.
    let mut room = vec![0_usize; words.max(size_of::<CTL_USAGE>().div_ceil(size_of::<usize>()))];
    let usage: *mut CTL_USAGE = room.as_mut_ptr().cast();
    // SAFETY: aligned room of the size that was asked for.
    if unsafe { CertGetEnhancedKeyUsage(certificate, source, usage, &raw mut size) } == 0 {
        return nothing();
    }
    // SAFETY: filled by the call above.
    let usage = unsafe { &*usage };
    if usage.cUsageIdentifier == 0 || usage.rgpszUsageIdentifier.is_null() {
        // An empty list is everything or nothing, and only the last error tells which.
        return nothing();
    }
    let count = usize::try_from(usage.cUsageIdentifier).unwrap_or(0);
    // SAFETY: so many pointers to C strings, all within `room`.
    let texts = unsafe { std::slice::from_raw_parts(usage.rgpszUsageIdentifier, count) };
    let dotted = |text: &*mut u8| {
        // SAFETY: as above.
        unsafe { CStr::from_ptr(text.cast_const().cast()) }.to_string_lossy().into_owned()
    };
    Purposes::These(texts.iter().map(dotted).collect())
}

/// What a missing or empty list means: everything, if there is none; nothing, if it is empty.
fn nothing() -> Purposes {
    if last_error() == CRYPT_E_NOT_FOUND { Purposes::All } else { Purposes::These(Vec::new()) }
}
