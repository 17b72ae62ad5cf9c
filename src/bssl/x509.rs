//! X509 objects.

mod context;
mod facts;
mod host;
pub mod path;

use std::fmt;
use std::net::IpAddr;

use boring::stack::{Stack, StackRef};
use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::buffer::Buffer;
use super::queue;
use crate::error::{Error, Kind, Result};
pub use facts::{
    Extension, Issued, Trust, ca_kind, extension, has_extensions, has_signed, has_unknown_critical,
    has_usable_key, is_critical, is_readable, is_same, is_self_issued, is_self_signed, issued,
    names_key_of, path_length, serves, serves_as_leaf, signature_algorithms_agree, trust,
    when_valid,
};
pub use host::carries;

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

/// Certificates as BoringSSL's list.
pub fn stack<'c>(certificates: impl IntoIterator<Item = &'c X509>) -> Result<Stack<X509>> {
    let mut stack = Stack::new().map_err(out_of_memory)?;
    for x509 in certificates {
        stack.push(x509.clone()).map_err(out_of_memory)?;
    }
    Ok(stack)
}

fn out_of_memory<T>(_: T) -> Error {
    queue::error(Kind::Memory, "memory for certificates could not be had")
}
