//! What `SslContextBuilder` lacks.

use std::ffi::{CString, c_int};

use boring::pkey::PKey;
use boring::pkey::Private;
use boring::ssl::{SslContextBuilder, SslMethod};
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::buffer::{self, Buffer};
use super::cipher::Suite;
use super::queue;
use crate::error::{Error, Kind, Result};

/// Groups for the key exchange, by the numbers IANA gives them ("TLS Supported Groups").
#[allow(missing_docs, reason = "IANA's names")]
pub mod group {
    pub const SECP256R1: u16 = 0x0017;
    pub const SECP384R1: u16 = 0x0018;
    pub const SECP521R1: u16 = 0x0019;
    pub const X25519: u16 = 0x001d;
    pub const MLKEM1024: u16 = 0x0202;
    pub const X25519MLKEM768: u16 = 0x11ec;
}

/// Signature algorithms, by the numbers IANA gives them ("TLS SignatureScheme").
#[allow(missing_docs, reason = "IANA's names")]
pub mod signature {
    pub const RSA_PKCS1_SHA1: u16 = 0x0201;
    pub const ECDSA_SHA1: u16 = 0x0203;
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
    pub const ML_DSA_44: u16 = 0x0904;
    pub const ML_DSA_65: u16 = 0x0905;
    pub const ML_DSA_87: u16 = 0x0906;
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
    Ok(builder)
}

/// The options, all others off. BoringSSL's numbers are OpenSSL's.
pub fn set_options(builder: &mut SslContextBuilder, options: u32) {
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_clear_options(builder.as_ptr(), !options);
        ffi::SSL_CTX_set_options(builder.as_ptr(), options);
    }
}

/// The suites below TLS 1.3 that a list selects; `None` if the list is malformed or selects none.
/// Tried on a context of its own, because a list that fails is installed, and empty.
pub fn select_ciphers(list: &str) -> Option<Vec<Suite>> {
    let mut builder = builder().ok()?;
    set_ciphers(&mut builder, list).ok()?;
    let mut suites = Vec::new();
    // SAFETY: a live context; the list is borrowed from it, the suites are of BoringSSL's table.
    unsafe {
        let list = ffi::SSL_CTX_get_ciphers(builder.as_ptr()).cast::<ffi::OPENSSL_STACK>();
        for i in 0..ffi::OPENSSL_sk_num(list) {
            suites.extend(Suite::from_ptr(ffi::OPENSSL_sk_value(list, i).cast()));
        }
    }
    queue::clear();
    Some(suites)
}

/// The suites below TLS 1.3; words that BoringSSL does not know are skipped.
pub fn set_ciphers(builder: &mut SslContextBuilder, list: &str) -> Result<()> {
    let list = CString::new(list).map_err(|_| Error::argument("ciphers: a NUL byte"))?;
    queue::clear();
    // SAFETY: a live context and a C string.
    let ret = unsafe { ffi::SSL_CTX_set_cipher_list(builder.as_ptr(), list.as_ptr()) };
    done(ret, "the cipher suites cannot be set")
}

/// The suites of TLS 1.3, the preferred first.
pub fn set_tls13_ciphers(builder: &mut SslContextBuilder, suites: &[u16]) -> Result<()> {
    // SAFETY: a live context; pointer and length are of one slice; no flags.
    let ret = unsafe {
        ffi::SSL_CTX_set1_tls13_ciphers(
            builder.as_ptr(),
            suites.as_ptr(),
            std::ptr::null(),
            suites.len(),
        )
    };
    done(ret, "the cipher suites of TLS 1.3 cannot be set")
}

/// How many tickets a server sends after a handshake of TLS 1.3. BoringSSL sends at most 16; gives
/// how many it will.
pub fn set_num_tickets(builder: &mut SslContextBuilder, tickets: usize) -> usize {
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_set_num_tickets(builder.as_ptr(), tickets);
        ffi::SSL_CTX_get_num_tickets(builder.as_ptr())
    }
}

/// For how many seconds sessions can be resumed.
pub fn set_session_timeout(builder: &mut SslContextBuilder, seconds: u32) {
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_set_timeout(builder.as_ptr(), seconds);
        ffi::SSL_CTX_set_session_psk_dhe_timeout(builder.as_ptr(), seconds);
    }
}

/// Whether the table of object names has a short name.
pub fn is_object_name(name: &str) -> bool {
    // SAFETY: a C string.
    CString::new(name).is_ok_and(|name| unsafe { ffi::OBJ_sn2nid(name.as_ptr()) } != ffi::NID_undef)
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

/// What a server shows of its certificate besides the chain.
#[derive(Clone, Default)]
pub struct Staples {
    /// What the authority says of its revocation (an OCSP response, RFC 6066, section 8).
    pub ocsp: Option<Buffer>,
    /// Where it was logged (a list of signed certificate timestamps, RFC 6962, section 3.3).
    pub scts: Option<Buffer>,
}

/// Adds a chain, leaf first, and its key, which signs with no algorithm but `signatures`, of which
/// there must be one: none would stand for all. Several may be added; the peer's abilities choose.
pub fn add_credential(
    builder: &mut SslContextBuilder,
    chain: &[Buffer],
    key: &PKey<Private>,
    signatures: &[u16],
    staples: &Staples,
) -> Result<()> {
    queue::clear();
    let certs: Vec<_> = chain.iter().map(Buffer::as_ptr).collect();
    // SAFETY: the credential takes counts of its own on what it is given, the context one on the
    // credential; ours is given back.
    let added = unsafe {
        let credential = ffi::SSL_CREDENTIAL_new_x509();
        if credential.is_null() {
            return Err(Error::new(Kind::Memory, "the credential cannot be made"));
        }
        let ocsp = |it: &Buffer| ffi::SSL_CREDENTIAL_set1_ocsp_response(credential, it.as_ptr());
        let scts = |it: &Buffer| {
            ffi::SSL_CREDENTIAL_set1_signed_cert_timestamp_list(credential, it.as_ptr())
        };
        let added = ffi::SSL_CREDENTIAL_set1_cert_chain(credential, certs.as_ptr(), certs.len())
            == 1
            && ffi::SSL_CREDENTIAL_set1_private_key(credential, key.as_ptr()) == 1
            && !signatures.is_empty()
            && ffi::SSL_CREDENTIAL_set1_signing_algorithm_prefs(
                credential,
                signatures.as_ptr(),
                signatures.len(),
            ) == 1
            && staples.ocsp.as_ref().is_none_or(|it| ocsp(it) == 1)
            && staples.scts.as_ref().is_none_or(|it| scts(it) == 1)
            && ffi::SSL_CTX_add1_credential(builder.as_ptr(), credential) == 1;
        ffi::SSL_CREDENTIAL_free(credential);
        added
    };
    done(added.into(), "the certificate chain and its key cannot be used")
}
