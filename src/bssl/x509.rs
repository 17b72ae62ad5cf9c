//! X509 objects, trust stores, and one run of BoringSSL's chain verification.

use std::ffi::{CStr, CString, c_int};
use std::net::IpAddr;
use std::path::Path;

use boring::stack::Stack;
use boring::x509::store::{X509Store, X509StoreBuilder};
use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::buffer::Buffer;
use super::queue;
use crate::error::{Error, Kind, Result};

/// Parses a certificate. The object shares the buffer's bytes.
pub fn parse(der: &Buffer) -> Result<X509> {
    queue::clear();
    // SAFETY: the buffer is alive; BoringSSL takes a count of its own on it.
    let x509 = unsafe { ffi::X509_parse_from_buffer(der.as_ptr()) };
    if x509.is_null() {
        return Err(queue::error(Kind::Decode, "BoringSSL cannot parse the certificate"));
    }
    queue::clear();
    // SAFETY: a fresh object whose only count is ours.
    Ok(unsafe { X509::from_ptr(x509) })
}

/// The DER of a certificate.
pub fn der(x509: &X509Ref) -> Result<Vec<u8>> {
    x509.to_der().map_err(|_| queue::error(Kind::Decode, "the certificate cannot be encoded"))
}

/// From and until when a certificate is valid, in seconds since 1970.
pub fn validity(x509: &X509Ref) -> Option<(i64, i64)> {
    let (mut from, mut to) = (0, 0);
    // SAFETY: the times are borrowed from the live certificate; room for a number each.
    let read = unsafe {
        ffi::ASN1_TIME_to_posix(ffi::X509_get0_notBefore(x509.as_ptr()), &raw mut from) == 1
            && ffi::ASN1_TIME_to_posix(ffi::X509_get0_notAfter(x509.as_ptr()), &raw mut to) == 1
    };
    read.then_some((from, to))
}

/// A trust store of `anchors`, and of hashed directories searched when an issuer is asked for.
pub fn store(anchors: &[X509], directories: &[impl AsRef<Path>]) -> Result<X509Store> {
    queue::clear();
    let failed = |_| queue::error(Kind::Memory, "the trust store cannot be built");
    let mut builder = X509StoreBuilder::new().map_err(failed)?;
    for anchor in anchors {
        builder.add_cert(anchor).map_err(failed)?;
    }
    let store = builder.build();
    for directory in directories {
        let path = c_path(directory.as_ref())?;
        // SAFETY: the store is alive and owns the lookup; the path is a C string.
        let added = unsafe {
            let lookup = ffi::X509_STORE_add_lookup(store.as_ptr(), ffi::X509_LOOKUP_hash_dir());
            !lookup.is_null()
                && ffi::X509_LOOKUP_add_dir(lookup, path.as_ptr(), ffi::X509_FILETYPE_PEM) == 1
        };
        if !added {
            return Err(queue::error(
                Kind::Memory,
                "a directory cannot be added to the trust store",
            ));
        }
    }
    queue::clear();
    Ok(store)
}

#[cfg(unix)]
fn c_path(path: &Path) -> Result<CString> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Error::argument("the path holds a NUL byte"))
}

#[cfg(not(unix))]
fn c_path(path: &Path) -> Result<CString> {
    path.to_str()
        .and_then(|path| CString::new(path).ok())
        .ok_or_else(|| Error::argument("the path is not text"))
}

/// What the peer's certificate must be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The peer is a server (extended key usage serverAuth).
    Server,
    /// The peer is a client (clientAuth).
    Client,
}

/// The name the peer's certificate must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerName {
    /// A DNS name, as an A-label.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

/// How one verification ended.
pub enum Outcome {
    /// It verified; the chain from the leaf to the trust anchor.
    Verified(Stack<X509>),
    /// It did not.
    Refused {
        /// `X509_V_ERR_*`.
        code: i32,
        /// Where in the chain that was built.
        depth: i32,
        /// The certificate it failed at.
        culprit: Option<X509>,
    },
}

/// Runs `X509_verify_cert` over the chain `sent`, leaf first.
pub fn verify(
    sent: &[Buffer],
    store: &X509Store,
    purpose: Purpose,
    name: Option<&PeerName>,
) -> Result<Outcome> {
    let mut untrusted = Stack::new().map_err(out_of_memory)?;
    let mut leaf = None;
    for (depth, der) in sent.iter().enumerate() {
        let Ok(x509) = parse(der) else {
            return Ok(Outcome::Refused {
                code: ffi::X509_V_ERR_UNSPECIFIED,
                depth: c_int::try_from(depth).unwrap_or(c_int::MAX),
                culprit: None,
            });
        };
        if leaf.is_none() {
            leaf = Some(x509.clone());
        }
        untrusted.push(x509).map_err(out_of_memory)?;
    }
    let Some(leaf) = leaf else {
        return Err(Error::state("there is no certificate to verify"));
    };

    queue::clear();
    let context = StoreContext::new()?;
    let defaults: &CStr = match purpose {
        Purpose::Server => c"ssl_server",
        Purpose::Client => c"ssl_client",
    };
    // SAFETY: store, leaf and untrusted outlive `context`, which borrows them; `param` belongs to
    // the context, and host and address are pointer and length of one slice each.
    let ok = unsafe {
        ffi::X509_STORE_CTX_init(context.0, store.as_ptr(), leaf.as_ptr(), untrusted.as_ptr()) == 1
            && ffi::X509_STORE_CTX_set_default(context.0, defaults.as_ptr()) == 1
            && expect_name(ffi::X509_STORE_CTX_get0_param(context.0), name)
    };
    if !ok {
        return Err(queue::error(Kind::Memory, "verification cannot be set up"));
    }
    // SAFETY: initialised above.
    let verified = unsafe { ffi::X509_verify_cert(context.0) } == 1;
    queue::clear();
    if verified {
        // SAFETY: gives a list of its own, with a count on each certificate.
        let chain = unsafe { ffi::X509_STORE_CTX_get1_chain(context.0) };
        if chain.is_null() {
            return Err(out_of_memory(()));
        }
        // SAFETY: fresh and ours.
        return Ok(Outcome::Verified(unsafe { Stack::from_ptr(chain) }));
    }
    // SAFETY: questions to a context that has run; the certificate is borrowed from it and gets a
    // count of its own before the context goes.
    unsafe {
        let current = ffi::X509_STORE_CTX_get_current_cert(context.0);
        let culprit =
            if current.is_null() { None } else { Some(X509Ref::from_ptr(current).to_owned()) };
        Ok(Outcome::Refused {
            code: ffi::X509_STORE_CTX_get_error(context.0),
            depth: ffi::X509_STORE_CTX_get_error_depth(context.0),
            culprit,
        })
    }
}

/// Writes the expected name into the verification parameters.
///
/// # Safety
/// `param` must be a live parameter object.
unsafe fn expect_name(param: *mut ffi::X509_VERIFY_PARAM, name: Option<&PeerName>) -> bool {
    // The subject's common name is no place for a host name (RFC 9525, section 2); a wildcard
    // stands for a whole label.
    let flags =
        ffi::X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | ffi::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    let Ok(flags) = std::ffi::c_uint::try_from(flags) else {
        return false;
    };
    // SAFETY: `param` is alive (the caller's promise); pointer and length are of one slice.
    unsafe {
        ffi::X509_VERIFY_PARAM_set_hostflags(param, flags);
        match name {
            None => true,
            Some(PeerName::Dns(host)) => {
                ffi::X509_VERIFY_PARAM_set1_host(param, host.as_ptr().cast(), host.len()) == 1
            }
            Some(PeerName::Ip(IpAddr::V4(ip))) => {
                ffi::X509_VERIFY_PARAM_set1_ip(param, ip.octets().as_ptr(), 4) == 1
            }
            Some(PeerName::Ip(IpAddr::V6(ip))) => {
                ffi::X509_VERIFY_PARAM_set1_ip(param, ip.octets().as_ptr(), 16) == 1
            }
        }
    }
}

/// An `X509_STORE_CTX` that is freed on every way out.
struct StoreContext(*mut ffi::X509_STORE_CTX);

impl StoreContext {
    fn new() -> Result<Self> {
        // SAFETY: no arguments.
        let context = unsafe { ffi::X509_STORE_CTX_new() };
        if context.is_null() {
            return Err(out_of_memory(()));
        }
        Ok(Self(context))
    }
}

impl Drop for StoreContext {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { ffi::X509_STORE_CTX_free(self.0) }
    }
}

fn out_of_memory<T>(_: T) -> Error {
    queue::error(Kind::Memory, "memory for certificates could not be had")
}

/// OpenSSL's words for a verification code.
pub fn verify_phrase(code: i32) -> &'static CStr {
    // OpenSSL 3 hyphenates these two; everything else reads the same in BoringSSL.
    match code {
        ffi::X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT => return c"self-signed certificate",
        ffi::X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN => {
            return c"self-signed certificate in certificate chain";
        }
        _ => {}
    }
    // SAFETY: gives a string literal for every number.
    let text = unsafe { ffi::X509_verify_cert_error_string(code.into()) };
    if text.is_null() {
        return c"unknown verification error";
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }
}

/// The alert that tells the peer of a verification code.
pub fn alert_for(code: i32) -> u8 {
    // SAFETY: a table look-up.
    let alert = unsafe { ffi::SSL_alert_from_verify_result(code.into()) };
    u8::try_from(alert).unwrap_or(46) // certificate_unknown
}
