//! What the rules of verification ask about one certificate, or about two.

use std::cmp::Ordering;
use std::ffi::{c_int, c_uint};

use boring::x509::X509Ref;
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::super::queue;
use super::Purpose;

/// Extensions that somebody asks about.
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
    /// Section 4.2.1.10.
    NameConstraints,
    /// Section 4.2.1.11.
    PolicyConstraints,
}

/// Finds an extension, borrowed from the certificate; null if it is not there.
fn find(x509: &X509Ref, extension: Extension) -> *mut ffi::X509_EXTENSION {
    let nid = match extension {
        Extension::BasicConstraints => ffi::NID_basic_constraints,
        Extension::SubjectAlternativeName => ffi::NID_subject_alt_name,
        Extension::AuthorityKeyIdentifier => ffi::NID_authority_key_identifier,
        Extension::SubjectKeyIdentifier => ffi::NID_subject_key_identifier,
        Extension::NameConstraints => ffi::NID_name_constraints,
        Extension::PolicyConstraints => ffi::NID_policy_constraints,
    };
    // SAFETY: a live certificate.
    unsafe {
        let at = ffi::X509_get_ext_by_NID(x509.as_ptr(), nid, -1);
        if at < 0 { std::ptr::null_mut() } else { ffi::X509_get_ext(x509.as_ptr(), at) }
    }
}

/// Whether an extension is marked critical; `None` if it is not there.
pub fn is_critical(x509: &X509Ref, extension: Extension) -> Option<bool> {
    let found = find(x509, extension);
    // SAFETY: a live extension, borrowed from the certificate.
    (!found.is_null()).then(|| unsafe { ffi::X509_EXTENSION_get_critical(found) == 1 })
}

/// Gives the value of an extension undecoded; `None` if it is not there.
pub fn extension(x509: &X509Ref, extension: Extension) -> Option<&[u8]> {
    let found = find(x509, extension);
    if found.is_null() {
        return None;
    }
    // SAFETY: the string and its bytes are borrowed from the extension, and that from the
    // certificate, which the result's lifetime holds; BoringSSL does not change them.
    unsafe {
        let value = ffi::X509_EXTENSION_get_data(found);
        let (data, len) = (ffi::ASN1_STRING_get0_data(value), ffi::ASN1_STRING_length(value));
        match usize::try_from(len) {
            Ok(len) if !data.is_null() => Some(std::slice::from_raw_parts(data, len)),
            _ => Some(&[]),
        }
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

/// Reads `EXFLAG_*`, which BoringSSL works out once for each object.
fn flags(x509: &X509Ref) -> c_int {
    // SAFETY: a live certificate.
    let flags = unsafe { ffi::X509_get_extension_flags(x509.as_ptr()) };
    queue::clear();
    flags.cast_signed()
}

/// Whether the extensions that verification goes by can be read.
pub fn is_readable(x509: &X509Ref) -> bool {
    flags(x509) & ffi::EXFLAG_INVALID == 0
}

/// Whether a critical extension is there that nobody here knows.
pub fn has_unknown_critical(x509: &X509Ref) -> bool {
    flags(x509) & ffi::EXFLAG_CRITICAL != 0
}

/// Whether subject and issuer are the same name (RFC 5280, section 3.2).
pub fn is_self_issued(x509: &X509Ref) -> bool {
    flags(x509) & ffi::EXFLAG_SI != 0
}

/// Whether it says that it signed itself: same name, and no key identifier that contradicts.
/// BoringSSL's flag wants the usage to allow signing certificates besides; OpenSSL's does not.
pub fn is_self_signed(x509: &X509Ref) -> bool {
    flags(x509) & ffi::EXFLAG_SS != 0
        || matches!(issued(x509, x509), Issued::Possible | Issued::Forbidden)
}

/// OpenSSL's `X509_check_ca`: 0 for no CA, 1 for one by its basic constraints, more for one by
/// older customs.
pub fn ca_kind(x509: &X509Ref) -> i32 {
    const V1_ROOT: c_int = ffi::EXFLAG_V1 | ffi::EXFLAG_SS;
    let flags = flags(x509);
    let has = |flag: c_int| flags & flag == flag;
    let may_sign = usage(x509) & ffi::X509v3_KU_KEY_CERT_SIGN != 0;
    if has(ffi::EXFLAG_INVALID) || !may_sign {
        return 0;
    }
    match (has(ffi::EXFLAG_BCONS), has(V1_ROOT), has(ffi::EXFLAG_KUSAGE)) {
        (true, ..) => i32::from(has(ffi::EXFLAG_CA)),
        (_, true, _) => 3,
        (_, _, true) => 4,
        _ => 0,
    }
}

/// Reads the key usage; every bit is set where there is none.
fn usage(x509: &X509Ref) -> c_int {
    // SAFETY: a live certificate.
    let usage = unsafe { ffi::X509_get_key_usage(x509.as_ptr()) };
    queue::clear();
    usage.cast_signed()
}

/// Whether the extended key usage takes in a purpose; it does where there is none.
pub fn serves(x509: &X509Ref, purpose: Purpose) -> bool {
    // SAFETY: a live certificate.
    let usage = unsafe { ffi::X509_get_extended_key_usage(x509.as_ptr()) };
    queue::clear();
    let wanted = match purpose {
        Purpose::Server => ffi::XKU_SSL_SERVER,
        Purpose::Client => ffi::XKU_SSL_CLIENT,
    };
    usage.cast_signed() & wanted != 0
}

/// Whether the key usage of a peer's own certificate takes in what TLS does with its key.
pub fn serves_as_leaf(x509: &X509Ref, purpose: Purpose) -> bool {
    let either = ffi::X509v3_KU_DIGITAL_SIGNATURE | ffi::X509v3_KU_KEY_AGREEMENT;
    let wanted = match purpose {
        Purpose::Server => either | ffi::X509v3_KU_KEY_ENCIPHERMENT,
        Purpose::Client => either,
    };
    usage(x509) & wanted != 0
}

/// How many certificates of CAs may stand between it and the leaf, if it says so.
pub fn path_length(x509: &X509Ref) -> Option<u64> {
    // SAFETY: a live certificate.
    u64::try_from(unsafe { ffi::X509_get_pathlen(x509.as_ptr()) }).ok()
}

/// Whether the key can be used.
pub fn has_usable_key(x509: &X509Ref) -> bool {
    // SAFETY: a live certificate; the key is only looked at.
    let usable = unsafe { !ffi::X509_get0_pubkey(x509.as_ptr()).is_null() };
    queue::clear();
    usable
}

/// Whether the key of `issuer` made the signature on `subject`.
pub fn has_signed(issuer: &X509Ref, subject: &X509Ref) -> bool {
    // SAFETY: two live certificates; the key is borrowed from the first.
    let signed = unsafe {
        let key = ffi::X509_get0_pubkey(issuer.as_ptr());
        !key.is_null() && ffi::X509_verify(subject.as_ptr(), key) == 1
    };
    queue::clear();
    signed
}

/// Whether it is the same certificate, byte by byte.
pub fn is_same(one: &X509Ref, other: &X509Ref) -> bool {
    // SAFETY: two live certificates.
    one.as_ptr() == other.as_ptr() || unsafe { ffi::X509_cmp(one.as_ptr(), other.as_ptr()) == 0 }
}

/// What two certificates say of each other before a signature is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issued {
    /// One may have issued the other.
    Possible,
    /// It may, but its key usage does not allow signing certificates.
    Forbidden,
    /// The name is right, but another certificate or key of this name is meant.
    OtherKey,
    /// It is another name, or a certificate that cannot be read.
    No,
}

/// Tells whether `issuer` may have issued `subject`: by name, and by the key identifier.
pub fn issued(issuer: &X509Ref, subject: &X509Ref) -> Issued {
    // SAFETY: two live certificates.
    let answer = unsafe { ffi::X509_check_issued(issuer.as_ptr(), subject.as_ptr()) };
    queue::clear();
    match answer {
        ffi::X509_V_OK => Issued::Possible,
        ffi::X509_V_ERR_KEYUSAGE_NO_CERTSIGN => Issued::Forbidden,
        ffi::X509_V_ERR_AKID_SKID_MISMATCH | ffi::X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH => {
            Issued::OtherKey
        }
        _ => Issued::No,
    }
}

/// Whether `subject` names the key of `issuer` by its identifier.
pub fn names_key_of(subject: &X509Ref, issuer: &X509Ref) -> bool {
    // SAFETY: two live certificates; the identifiers are borrowed from them.
    let named = unsafe {
        let wanted = ffi::X509_get0_authority_key_id(subject.as_ptr());
        let found = ffi::X509_get0_subject_key_id(issuer.as_ptr());
        !wanted.is_null() && !found.is_null() && ffi::ASN1_OCTET_STRING_cmp(wanted, found) == 0
    };
    queue::clear();
    named
}

/// What a trusted certificate is trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It may end a chain, because it is its own issuer.
    Root,
    /// It may end a chain: its owner said so, for this purpose.
    Purpose,
    /// It may not be used for this purpose: its owner said so.
    Rejected,
    /// Nothing is said; it may be a step of a chain.
    Step,
}

/// Tells what a certificate of the trust store is trusted for, as OpenSSL 3 does: by the settings
/// of a `TRUSTED CERTIFICATE`, or else by being self-signed.
pub fn trust(x509: &X509Ref, purpose: Purpose) -> Trust {
    let wanted = match purpose {
        Purpose::Server => ffi::NID_server_auth,
        Purpose::Client => ffi::NID_client_auth,
    };
    // SAFETY: a live certificate. A number that is of no trust setting is taken for an object's.
    let says = |nid: c_int| unsafe { ffi::X509_check_trust(x509.as_ptr(), nid, 0) };
    let answers = [says(wanted), says(ffi::NID_anyExtendedKeyUsage)];
    queue::clear();
    if answers.contains(&ffi::X509_TRUST_REJECTED) {
        Trust::Rejected
    } else if answers.contains(&ffi::X509_TRUST_TRUSTED) {
        Trust::Purpose
    } else if is_trusted_for_others(x509) {
        Trust::Rejected
    } else if is_self_signed(x509) {
        Trust::Root
    } else {
        Trust::Step
    }
}

/// Whether there are trust settings that name purposes it is trusted for; those asked about before
/// were not among them.
fn is_trusted_for_others(x509: &X509Ref) -> bool {
    // SAFETY: a live certificate; without room both only count bytes.
    let (with, without) = unsafe {
        let (none, nothing) = (std::ptr::null_mut(), std::ptr::null_mut());
        (ffi::i2d_X509_AUX(x509.as_ptr(), none), ffi::i2d_X509(x509.as_ptr(), nothing))
    };
    if with <= without {
        return false;
    }
    let mut encoded = std::ptr::null_mut();
    // SAFETY: gives memory of its own and its length, which is freed behind the copy.
    let bytes = unsafe {
        let len = ffi::i2d_X509_AUX(x509.as_ptr(), &raw mut encoded);
        let copy = match usize::try_from(len) {
            Ok(len) if !encoded.is_null() => std::slice::from_raw_parts(encoded, len).to_vec(),
            _ => Vec::new(),
        };
        ffi::OPENSSL_free(encoded.cast());
        copy
    };
    let settings = usize::try_from(without).ok().and_then(|without| bytes.get(without..));
    // RFC 5280 has no such thing: a SEQUENCE that begins with the SEQUENCE of what is trusted, if
    // there is any. BoringSSL has encoded it, so its lengths are sound.
    match settings {
        Some([0x30, len, rest @ ..]) => {
            let skip = if *len < 0x80 { 0 } else { usize::from(len & 0x7f) };
            matches!(rest.get(skip..), Some([0x30, ..]))
        }
        // What cannot be read is not taken for trust.
        _ => true,
    }
}

/// Where a certificate's validity is, seen from a time in seconds since 1970; `None` if it cannot
/// be read. Both ends belong to it.
pub fn when_valid(x509: &X509Ref, at: i64) -> Option<Ordering> {
    let (from, to) = super::validity_of(x509)?;
    Some(if at < from {
        Ordering::Greater
    } else if at > to {
        Ordering::Less
    } else {
        Ordering::Equal
    })
}

/// Host flags are unsigned in some signatures and not in others.
pub(super) fn host_flags(common_name: bool) -> c_uint {
    let never = if common_name { 0 } else { ffi::X509_CHECK_FLAG_NEVER_CHECK_SUBJECT };
    (ffi::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | never).cast_unsigned()
}
