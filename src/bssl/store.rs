//! What certificates and revocation lists of a trust store are found by, and the trust settings of
//! OpenSSL's.

use std::ffi::c_long;

use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::crl::Crl;
use super::queue;
use crate::error::{Error, Kind, Result};

/// Parses the certificate at the beginning of `der`, with the trust settings of OpenSSL's that
/// follow it in a `TRUSTED CERTIFICATE`: what it is trusted for, and what it is not. Nothing else may
/// follow.
pub fn parse_trusted(der: &[u8]) -> Result<X509> {
    queue::clear();
    let len =
        c_long::try_from(der.len()).map_err(|_| Error::decode("the certificate is too large"))?;
    let mut at = der.as_ptr();
    // SAFETY: pointer and length are of one slice; on success `at` moves within it.
    let x509 = unsafe { ffi::d2i_X509_AUX(std::ptr::null_mut(), &raw mut at, len) };
    if x509.is_null() {
        let what = "BoringSSL cannot parse the certificate with its trust settings";
        return Err(queue::error(Kind::Decode, what));
    }
    queue::clear();
    // SAFETY: a fresh object whose only count is ours.
    let x509 = unsafe { X509::from_ptr(x509) };
    match der.len() - (at.addr() - der.as_ptr().addr()) {
        0 => Ok(x509),
        more => Err(Error::decode(format!("{more} bytes follow the certificate's trust settings"))),
    }
}

/// The hashes of a name by which hashed directories call their files: OpenSSL's, which does not
/// tell upper from lower case, and the one of before its version 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameHash {
    /// OpenSSL's.
    pub now: u32,
    /// Its old one.
    pub old: u32,
}

impl NameHash {
    fn of(name: *mut ffi::X509_NAME) -> Self {
        // SAFETY: a live name, borrowed from a certificate or a list.
        let hash =
            unsafe { Self { now: ffi::X509_NAME_hash(name), old: ffi::X509_NAME_hash_old(name) } };
        queue::clear();
        hash
    }

    /// Of the subject of a certificate.
    pub fn of_subject(x509: &X509Ref) -> Self {
        Self::of(x509.subject_name().as_ptr())
    }

    /// Of its issuer.
    pub fn of_issuer(x509: &X509Ref) -> Self {
        Self::of(x509.issuer_name().as_ptr())
    }

    /// Of who made a revocation list.
    pub fn of_list(list: &Crl) -> Self {
        // SAFETY: a live list.
        Self::of(unsafe { ffi::X509_CRL_get_issuer(list.as_ptr()) })
    }
}

/// SHA-256 of a certificate.
pub fn digest(x509: &X509Ref) -> Result<[u8; 32]> {
    super::x509::der(x509).map(|der| super::digest::sha256(&der))
}

/// SHA-256 of a revocation list.
pub fn digest_of_list(list: &Crl) -> Result<[u8; 32]> {
    let mut out = [0; 32];
    // SAFETY: a live list, room for the digest.
    let done = unsafe {
        let none = std::ptr::null_mut();
        ffi::X509_CRL_digest(list.as_ptr(), ffi::EVP_sha256(), out.as_mut_ptr(), none)
    };
    if done == 1 { Ok(out) } else { Err(queue::error(Kind::Memory, "a list has no digest")) }
}
