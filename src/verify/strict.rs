//! The strict rules: what OpenSSL 3 asks of each certificate of a chain with X509_V_FLAG_X509_STRICT
//! (RFC 5280, sections 4.1 and 4.2). BoringSSL's flag of the name does nothing.

use boring::x509::X509Ref;

use crate::bssl::verify_codes::code::*;
use crate::bssl::x509::{self, Extension};
use crate::cert::Info;

/// The first rule that a certificate breaks. `index` is its place in a chain of `length`, the
/// peer's own first.
pub(super) fn broken(x509: &X509Ref, info: &Info, index: usize, length: usize) -> Option<i32> {
    let is_anchor = index + 1 == length;
    // A certificate that is its own anchor: RFC 6818, section 2, takes it out of the rules.
    if length == 1 {
        return (x509::ca_kind(x509) > 1).then_some(INVALID_CA);
    }
    let extensions = &info.extensions;
    let says =
        |usage: &str| extensions.key_usage.as_ref().is_some_and(|usages| usages.contains(&usage));
    let critical = |extension| x509::is_critical(x509, extension) == Some(true);
    let subject_empty = info.subject.rdns.is_empty();
    let is_ca = extensions.is_ca;

    let rules = [
        // What is a CA by older customs counts elsewhere.
        (!matches!((index, x509::ca_kind(x509)), (_, 1) | (0, 0)), INVALID_CA),
        (extensions.path_length.is_some() && !is_ca, PATHLEN_INVALID_FOR_NON_CA),
        (
            extensions.path_length.is_some() && !says("keyCertSign"),
            PATHLEN_WITHOUT_KU_KEY_CERT_SIGN,
        ),
        (is_ca && !critical(Extension::BasicConstraints), CA_BCONS_NOT_CRITICAL),
        (is_ca && extensions.key_usage.is_none(), CA_CERT_MISSING_KEY_USAGE),
        (!is_ca && says("keyCertSign"), KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA),
        (info.issuer.rdns.is_empty(), ISSUER_NAME_EMPTY),
        (
            subject_empty && (is_ca || says("cRLSign") || extensions.san.is_none()),
            SUBJECT_NAME_EMPTY,
        ),
        (
            subject_empty
                && extensions.san.is_some()
                && !critical(Extension::SubjectAlternativeName),
            EMPTY_SUBJECT_SAN_NOT_CRITICAL,
        ),
        (extensions.san.as_ref().is_some_and(Vec::is_empty), EMPTY_SUBJECT_ALT_NAME),
        (!x509::signature_algorithms_agree(x509), SIGNATURE_ALGORITHM_INCONSISTENCY),
        (critical(Extension::AuthorityKeyIdentifier), AUTHORITY_KEY_IDENTIFIER_CRITICAL),
        (critical(Extension::SubjectKeyIdentifier), SUBJECT_KEY_IDENTIFIER_CRITICAL),
        (
            info.version >= 3 && !is_anchor && extensions.authority_key_identifier.is_none(),
            MISSING_AUTHORITY_KEY_IDENTIFIER,
        ),
        (
            info.version >= 3 && is_ca && extensions.subject_key_identifier.is_none(),
            MISSING_SUBJECT_KEY_IDENTIFIER,
        ),
        (info.version < 3 && x509::has_extensions(x509), EXTENSIONS_REQUIRE_VERSION_3),
    ];
    rules.into_iter().find(|(is_broken, _)| *is_broken).map(|(_, code)| code)
}
