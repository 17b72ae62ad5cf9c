//! What `SslContextBuilder` lacks.

use std::ffi::c_int;

use boring::pkey::PKey;
use boring::pkey::Private;
use boring::ssl::{SslContextBuilder, SslMethod};
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::buffer::{self, Buffer};
use super::queue;
use crate::error::{Error, Kind, Result};

/// Groups for the key exchange, by the numbers IANA gives them ("TLS Supported Groups").
#[allow(missing_docs, reason = "IANA's names")]
pub mod group {
    pub const SECP256R1: u16 = 0x0017;
    pub const SECP384R1: u16 = 0x0018;
    pub const X25519: u16 = 0x001d;
    pub const X25519MLKEM768: u16 = 0x11ec;
}

/// Signature algorithms, by the numbers IANA gives them ("TLS SignatureScheme").
#[allow(missing_docs, reason = "IANA's names")]
pub mod signature {
    pub const RSA_PKCS1_SHA256: u16 = 0x0401;
    pub const RSA_PKCS1_SHA384: u16 = 0x0501;
    pub const RSA_PKCS1_SHA512: u16 = 0x0601;
    pub const ECDSA_SECP256R1_SHA256: u16 = 0x0403;
    pub const ECDSA_SECP384R1_SHA384: u16 = 0x0503;
    pub const ECDSA_SECP521R1_SHA512: u16 = 0x0603;
    pub const RSA_PSS_RSAE_SHA256: u16 = 0x0804;
    pub const RSA_PSS_RSAE_SHA384: u16 = 0x0805;
    pub const RSA_PSS_RSAE_SHA512: u16 = 0x0806;
    pub const ED25519: u16 = 0x0807;
}

fn done(ret: c_int, what: &str) -> Result<()> {
    if ret == 1 {
        return Ok(());
    }
    Err(queue::error(Kind::Tls, what))
}

/// A context in the making, whose connections keep certificates as byte buffers.
pub fn builder() -> Result<SslContextBuilder> {
    queue::clear();
    // SAFETY: nothing in this crate asks such a context for X509 objects: certificates are judged
    // by `Observer::judge` and read as buffers.
    let method = unsafe { SslMethod::tls_with_buffer() };
    let builder = SslContextBuilder::new(method)
        .map_err(|_| queue::error(Kind::Memory, "the context cannot be made"))?;
    // SAFETY: a live context; the pool lives for ever, and the context counts it.
    unsafe { ffi::SSL_CTX_set1_buffer_pool(builder.as_ptr(), buffer::pool()) };
    // On in BoringSSL, off in OpenSSL 3: servers that cannot renegotiate securely (RFC 5746).
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_clear_options(builder.as_ptr(), ffi::SSL_OP_LEGACY_SERVER_CONNECT as u32)
    };
    Ok(builder)
}

/// Lowest and highest protocol version, as their numbers on the wire.
pub fn set_versions(builder: &mut SslContextBuilder, min: u16, max: u16) -> Result<()> {
    // SAFETY: a live context.
    let ret = unsafe {
        ffi::SSL_CTX_set_min_proto_version(builder.as_ptr(), min)
            & ffi::SSL_CTX_set_max_proto_version(builder.as_ptr(), max)
    };
    done(ret, "the protocol versions cannot be set")
}

/// The groups for the key exchange, the preferred first.
pub fn set_groups(builder: &mut SslContextBuilder, groups: &[u16]) -> Result<()> {
    // SAFETY: a live context; pointer and length are of one slice.
    let ret =
        unsafe { ffi::SSL_CTX_set1_group_ids(builder.as_ptr(), groups.as_ptr(), groups.len()) };
    done(ret, "the groups cannot be set")
}

/// The signature algorithms accepted from the peer, the preferred first.
pub fn set_verify_algorithms(builder: &mut SslContextBuilder, algorithms: &[u16]) -> Result<()> {
    // SAFETY: as above.
    let ret = unsafe {
        ffi::SSL_CTX_set_verify_algorithm_prefs(
            builder.as_ptr(),
            algorithms.as_ptr(),
            algorithms.len(),
        )
    };
    done(ret, "the signature algorithms cannot be set")
}

/// Whether a client that resumes a session has the certificates in it judged again.
pub fn set_reverify(builder: &mut SslContextBuilder, on: bool) {
    // SAFETY: a live context.
    unsafe { ffi::SSL_CTX_set_reverify_on_resume(builder.as_ptr(), on.into()) };
}

/// Adds a chain, leaf first, and its key. Several may be added; the peer's abilities choose.
pub fn add_credential(
    builder: &mut SslContextBuilder,
    chain: &[Buffer],
    key: &PKey<Private>,
) -> Result<()> {
    queue::clear();
    let certs: Vec<_> = chain.iter().map(Buffer::as_ptr).collect();
    // SAFETY: the credential takes counts of its own on chain and key, the context one on the
    // credential; ours is given back.
    let added = unsafe {
        let credential = ffi::SSL_CREDENTIAL_new_x509();
        if credential.is_null() {
            return Err(Error::new(Kind::Memory, "the credential cannot be made"));
        }
        let added = ffi::SSL_CREDENTIAL_set1_cert_chain(credential, certs.as_ptr(), certs.len())
            == 1
            && ffi::SSL_CREDENTIAL_set1_private_key(credential, key.as_ptr()) == 1
            && ffi::SSL_CTX_add1_credential(builder.as_ptr(), credential) == 1;
        ffi::SSL_CREDENTIAL_free(credential);
        added
    };
    done(added.into(), "the certificate chain and its key cannot be used")
}
