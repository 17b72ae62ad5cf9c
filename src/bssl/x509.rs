//! X509 objects, trust stores, and one run of BoringSSL's chain verification.

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use boring::stack::{Stack, StackRef};
use boring::x509::store::{X509Store, X509StoreBuilder};
use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::buffer::Buffer;
use super::crl::Crl;
use super::verify_codes::{code, openssl_code};
use super::{common_name, queue};
use crate::error::{Error, Kind, Result};
use crate::io::cancel;

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

/// From and until when all certificates of a chain are valid, in seconds since 1970.
pub fn validity(chain: &StackRef<X509>) -> Option<(i64, i64)> {
    chain.iter().try_fold((i64::MIN, i64::MAX), |(from, to), x509| {
        let (later, earlier) = validity_of(x509)?;
        Some((from.max(later), to.min(earlier)))
    })
}

fn validity_of(x509: &X509Ref) -> Option<(i64, i64)> {
    let (mut from, mut to) = (0, 0);
    // SAFETY: the times are borrowed from the live certificate; room for a number each.
    let read = unsafe {
        ffi::ASN1_TIME_to_posix(ffi::X509_get0_notBefore(x509.as_ptr()), &raw mut from) == 1
            && ffi::ASN1_TIME_to_posix(ffi::X509_get0_notAfter(x509.as_ptr()), &raw mut to) == 1
    };
    read.then_some((from, to))
}

/// A trust store of `anchors` and revocation lists, and of hashed directories searched when an
/// issuer or its list is asked for.
pub fn store(
    anchors: &[X509],
    crls: &[Crl],
    directories: &[impl AsRef<Path>],
) -> Result<X509Store> {
    queue::clear();
    let failed = |_| queue::error(Kind::Memory, "the trust store cannot be built");
    let mut builder = X509StoreBuilder::new().map_err(failed)?;
    for anchor in anchors {
        builder.add_cert(anchor).map_err(failed)?;
    }
    let store = builder.build();
    for crl in crls {
        // SAFETY: both are alive; the store takes a count of its own.
        if unsafe { ffi::X509_STORE_add_crl(store.as_ptr(), crl.as_ptr()) } != 1 {
            return Err(queue::error(
                Kind::Memory,
                "a revocation list cannot be added to the trust store",
            ));
        }
    }
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

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// What one verification asks.
pub struct Question<'a> {
    /// What the peer is.
    pub purpose: Purpose,
    /// The name its certificate must carry; `None` leaves the name unchecked.
    pub name: Option<&'a PeerName>,
    /// Whether the common name counts where no DNS name is in a subjectAltName.
    pub common_name: bool,
    /// Those `X509_V_FLAG_*` that BoringSSL knows; the numbers are OpenSSL's.
    pub flags: u32,
}

/// How one verification ended.
pub enum Outcome {
    /// It verified; the chain from the leaf to the trust anchor.
    Verified(Stack<X509>),
    /// It did not.
    Refused {
        /// `X509_V_ERR_*`, OpenSSL 3's number.
        code: i32,
        /// Where in the chain that was built.
        depth: i32,
        /// The certificate it failed at.
        culprit: Option<X509>,
    },
}

/// Verifies the chain `sent`, leaf first.
pub fn verify(sent: &[Buffer], store: &X509Store, question: &Question<'_>) -> Result<Outcome> {
    let outcome = run(sent, store, question)?;
    let is_for_another =
        matches!(&outcome, Outcome::Refused { code: code::HOSTNAME_MISMATCH, depth: 0, .. });
    let (true, true, Some(PeerName::Dns(host)), Some(leaf)) =
        (is_for_another, question.common_name, question.name, sent.first())
    else {
        return Ok(outcome);
    };
    let leaf = parse(leaf)?;
    if !common_name::is_for(&leaf, host, host_flags(question)) {
        return Ok(outcome);
    }
    match run(sent, store, &Question { name: None, ..*question })? {
        Outcome::Verified(chain) if common_name::is_constrained(&chain) => {
            Ok(Outcome::Refused { code: code::PERMITTED_VIOLATION, depth: 0, culprit: Some(leaf) })
        }
        outcome => Ok(outcome),
    }
}

/// Runs `X509_verify_cert`.
fn run(sent: &[Buffer], store: &X509Store, question: &Question<'_>) -> Result<Outcome> {
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
    let defaults: &CStr = match question.purpose {
        Purpose::Server => c"ssl_server",
        Purpose::Client => c"ssl_client",
    };
    // SAFETY: store, leaf and untrusted outlive `context`, which borrows them; `param` belongs to
    // the context, and host and address are pointer and length of one slice each.
    let ok = unsafe {
        ffi::X509_STORE_CTX_init(context.0, store.as_ptr(), leaf.as_ptr(), untrusted.as_ptr()) == 1
            && ffi::X509_STORE_CTX_set_default(context.0, defaults.as_ptr()) == 1
            && ask(ffi::X509_STORE_CTX_get0_param(context.0), question)
    };
    if !ok {
        return Err(queue::error(Kind::Memory, "verification cannot be set up"));
    }
    // It may look for issuers in directories.
    cancel::off();
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
            code: openssl_code(ffi::X509_STORE_CTX_get_error(context.0)),
            depth: ffi::X509_STORE_CTX_get_error_depth(context.0),
            culprit,
        })
    }
}

/// The chain that leads from `leaf` through a store, as far as there is one. Whether it verifies is
/// the peer's question.
pub fn complete(leaf: &Buffer, store: &X509Store) -> Result<Vec<Buffer>> {
    let x509 = parse(leaf)?;
    let context = StoreContext::new()?;
    let mut chain = vec![leaf.clone()];
    // SAFETY: store and leaf outlive `context`, which borrows them and owns the parameters; the list
    // of what was found, and what is in it, are borrowed from it once it has run.
    unsafe {
        let untrusted = std::ptr::null_mut();
        if ffi::X509_STORE_CTX_init(context.0, store.as_ptr(), x509.as_ptr(), untrusted) != 1 {
            return Err(queue::error(Kind::Memory, "a chain cannot be looked for"));
        }
        ffi::X509_VERIFY_PARAM_set_flags(
            ffi::X509_STORE_CTX_get0_param(context.0),
            ffi::X509_V_FLAG_NO_CHECK_TIME as _,
        );
        ffi::X509_verify_cert(context.0);
        queue::clear();
        let found = ffi::X509_STORE_CTX_get0_chain(context.0).cast::<ffi::OPENSSL_STACK>();
        let len = if found.is_null() { 0 } else { ffi::OPENSSL_sk_num(found) };
        for i in 1..len {
            let issuer = X509Ref::from_ptr(ffi::OPENSSL_sk_value(found, i).cast());
            chain.push(Buffer::new(&der(issuer)?));
        }
    }
    Ok(chain)
}

/// How a host name is looked for. The subject's common name is no place for it (RFC 9525, section 2),
/// but old certificates have it nowhere else; a wildcard stands for a whole label.
fn host_flags(question: &Question<'_>) -> u32 {
    let never = if question.common_name { 0 } else { ffi::X509_CHECK_FLAG_NEVER_CHECK_SUBJECT };
    (ffi::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | never).cast_unsigned()
}

/// Writes what is asked into the verification parameters.
///
/// # Safety
/// `param` must be a live parameter object.
unsafe fn ask(param: *mut ffi::X509_VERIFY_PARAM, question: &Question<'_>) -> bool {
    // SAFETY: `param` is alive (the caller's promise); pointer and length are of one slice.
    unsafe {
        ffi::X509_VERIFY_PARAM_set_hostflags(param, host_flags(question));
        if ffi::X509_VERIFY_PARAM_set_flags(param, question.flags.into()) != 1 {
            return false;
        }
        match question.name {
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

/// Extensions whose criticality somebody asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// RFC 5280, section 4.2.1.9.
    BasicConstraints,
    /// Section 4.2.1.6.
    SubjectAlternativeName,
    /// Section 4.2.1.1.
    AuthorityKeyIdentifier,
    /// Section 4.2.1.2.
    SubjectKeyIdentifier,
}

/// Whether an extension is marked critical; `None` if it is not there.
pub fn is_critical(x509: &X509Ref, extension: Extension) -> Option<bool> {
    let nid = match extension {
        Extension::BasicConstraints => ffi::NID_basic_constraints,
        Extension::SubjectAlternativeName => ffi::NID_subject_alt_name,
        Extension::AuthorityKeyIdentifier => ffi::NID_authority_key_identifier,
        Extension::SubjectKeyIdentifier => ffi::NID_subject_key_identifier,
    };
    // SAFETY: a live certificate; the extension is borrowed from it.
    unsafe {
        let at = ffi::X509_get_ext_by_NID(x509.as_ptr(), nid, -1);
        let found = ffi::X509_get_ext(x509.as_ptr(), at);
        (at >= 0 && !found.is_null()).then(|| ffi::X509_EXTENSION_get_critical(found) == 1)
    }
}

/// Whether there are extensions at all.
pub fn has_extensions(x509: &X509Ref) -> bool {
    // SAFETY: a live certificate.
    unsafe { ffi::X509_get_ext_count(x509.as_ptr()) > 0 }
}

/// Whether the signature algorithm that is signed is the one beside the signature.
pub fn signature_algorithms_agree(x509: &X509Ref) -> bool {
    let mut outer = std::ptr::null();
    // SAFETY: a live certificate; both algorithms are borrowed from it.
    unsafe {
        ffi::X509_get0_signature(std::ptr::null_mut(), &raw mut outer, x509.as_ptr());
        let inner = ffi::X509_get0_tbs_sigalg(x509.as_ptr());
        ffi::X509_ALGOR_cmp(inner, outer) == 0
    }
}

/// OpenSSL's `X509_check_ca`: 0 for no CA, 1 for one by its basic constraints, more for one by
/// older customs.
pub fn ca_kind(x509: &X509Ref) -> i32 {
    // SAFETY: a live certificate.
    let kind = unsafe { ffi::X509_check_ca(x509.as_ptr()) };
    queue::clear();
    kind
}

/// What is in a store.
pub struct Contents {
    /// Its certificates: those that were loaded, and those that a directory gave since.
    pub certificates: Vec<X509>,
    /// How many revocation lists it has.
    pub crls: usize,
}

/// Walks a store.
pub fn contents(store: &X509Store) -> Contents {
    let mut found = Contents { certificates: Vec::new(), crls: 0 };
    // SAFETY: the list is a copy of our own with counts on what is in it; each certificate kept
    // gets one more before the copy goes, object by object.
    unsafe {
        let objects = ffi::X509_STORE_get1_objects(store.as_ptr()).cast::<ffi::OPENSSL_STACK>();
        if objects.is_null() {
            return found;
        }
        for i in 0..ffi::OPENSSL_sk_num(objects) {
            let object = ffi::OPENSSL_sk_value(objects, i).cast::<ffi::X509_OBJECT>();
            match ffi::X509_OBJECT_get_type(object) {
                ffi::X509_LU_X509 => found
                    .certificates
                    .push(X509Ref::from_ptr(ffi::X509_OBJECT_get0_X509(object)).to_owned()),
                ffi::X509_LU_CRL => found.crls += 1,
                _ => {}
            }
            ffi::X509_OBJECT_free(object);
        }
        ffi::OPENSSL_sk_free(objects);
    }
    found
}
