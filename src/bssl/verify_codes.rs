//! `X509_V_ERR_*`: OpenSSL 3's numbers, its words for them, and the alerts that go with them.
//!
//! BoringSSL's numbers are the same up to 64, but for one. Those behind 65 it took for others, and
//! what the security level and the strict rules find it has no numbers for.

use std::ffi::{CStr, c_int};

use boring_sys as ffi;

#[allow(missing_docs, reason = "OpenSSL's names")]
pub mod code {
    pub const UNSPECIFIED: i32 = 1;
    pub const UNABLE_TO_GET_ISSUER: i32 = 2;
    pub const UNABLE_TO_GET_CRL: i32 = 3;
    pub const UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: i32 = 6;
    pub const SIGNATURE_FAILURE: i32 = 7;
    pub const NOT_YET_VALID: i32 = 9;
    pub const HAS_EXPIRED: i32 = 10;
    pub const CRL_HAS_EXPIRED: i32 = 12;
    pub const ERROR_IN_NOT_BEFORE: i32 = 13;
    pub const ERROR_IN_NOT_AFTER: i32 = 14;
    pub const SELF_SIGNED_LEAF: i32 = 18;
    pub const SELF_SIGNED_IN_CHAIN: i32 = 19;
    pub const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;
    pub const CHAIN_TOO_LONG: i32 = 22;
    pub const REVOKED: i32 = 23;
    pub const PATH_LENGTH_EXCEEDED: i32 = 25;
    pub const INVALID_PURPOSE: i32 = 26;
    pub const REJECTED: i32 = 28;
    pub const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
    pub const INVALID_EXTENSION: i32 = 41;
    pub const DIFFERENT_CRL_SCOPE: i32 = 44;
    pub const UNSUPPORTED_EXTENSION_FEATURE: i32 = 45;
    pub const PERMITTED_VIOLATION: i32 = 47;
    pub const EXCLUDED_VIOLATION: i32 = 48;
    pub const SUBTREE_MINMAX: i32 = 49;
    pub const APPLICATION_VERIFICATION: i32 = 50;
    pub const UNSUPPORTED_CONSTRAINT_TYPE: i32 = 51;
    pub const UNSUPPORTED_CONSTRAINT_SYNTAX: i32 = 52;
    pub const UNSUPPORTED_NAME_SYNTAX: i32 = 53;
    pub const HOSTNAME_MISMATCH: i32 = 62;
    pub const IP_ADDRESS_MISMATCH: i32 = 64;
    pub const EE_KEY_TOO_SMALL: i32 = 66;
    pub const CA_KEY_TOO_SMALL: i32 = 67;
    pub const CA_MD_TOO_WEAK: i32 = 68;
    pub const INVALID_CALL: i32 = 69;
    pub const STORE_LOOKUP: i32 = 70;
    pub const UNSUPPORTED_SIGNATURE_ALGORITHM: i32 = 76;
    pub const SIGNATURE_ALGORITHM_INCONSISTENCY: i32 = 78;
    pub const INVALID_CA: i32 = 79;
    pub const PATHLEN_INVALID_FOR_NON_CA: i32 = 80;
    pub const PATHLEN_WITHOUT_KU_KEY_CERT_SIGN: i32 = 81;
    pub const KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA: i32 = 82;
    pub const ISSUER_NAME_EMPTY: i32 = 83;
    pub const SUBJECT_NAME_EMPTY: i32 = 84;
    pub const MISSING_AUTHORITY_KEY_IDENTIFIER: i32 = 85;
    pub const MISSING_SUBJECT_KEY_IDENTIFIER: i32 = 86;
    pub const EMPTY_SUBJECT_ALT_NAME: i32 = 87;
    pub const EMPTY_SUBJECT_SAN_NOT_CRITICAL: i32 = 88;
    pub const CA_BCONS_NOT_CRITICAL: i32 = 89;
    pub const AUTHORITY_KEY_IDENTIFIER_CRITICAL: i32 = 90;
    pub const SUBJECT_KEY_IDENTIFIER_CRITICAL: i32 = 91;
    pub const CA_CERT_MISSING_KEY_USAGE: i32 = 92;
    pub const EXTENSIONS_REQUIRE_VERSION_3: i32 = 93;
}

/// What of BoringSSL is another number, or another's number, in OpenSSL 3.
const MOVED: [(i32, i32); 4] = [
    (ffi::X509_V_ERR_INVALID_CA, code::INVALID_CA),
    (ffi::X509_V_ERR_INVALID_CALL, code::INVALID_CALL),
    (ffi::X509_V_ERR_STORE_LOOKUP, code::STORE_LOOKUP),
    // OpenSSL looks at the common name there, and finds it outside of what is permitted.
    (ffi::X509_V_ERR_NAME_CONSTRAINTS_WITHOUT_SANS, code::PERMITTED_VIOLATION),
];

/// OpenSSL 3's number for BoringSSL's.
pub(super) fn openssl_code(boringssl: i32) -> i32 {
    MOVED.iter().find(|(ours, _)| *ours == boringssl).map_or(boringssl, |(_, code)| *code)
}

/// OpenSSL's words for a verification code.
pub fn verify_phrase(code: i32) -> &'static CStr {
    match code {
        // Those up to 64 that BoringSSL has no or other words for.
        code::UNSPECIFIED => c"unspecified certificate verification error",
        code::INVALID_PURPOSE => c"unsuitable certificate purpose",
        code::DIFFERENT_CRL_SCOPE => c"different CRL scope",
        code::UNSUPPORTED_EXTENSION_FEATURE => c"unsupported extension feature",
        code::SELF_SIGNED_LEAF => c"self-signed certificate",
        code::SELF_SIGNED_IN_CHAIN => c"self-signed certificate in certificate chain",
        code::EE_KEY_TOO_SMALL => c"EE certificate key too weak",
        code::CA_KEY_TOO_SMALL => c"CA certificate key too weak",
        code::CA_MD_TOO_WEAK => c"CA signature digest algorithm too weak",
        code::INVALID_CALL => c"invalid certificate verification context",
        code::STORE_LOOKUP => c"issuer certificate lookup error",
        code::UNSUPPORTED_SIGNATURE_ALGORITHM => c"Cannot find certificate signature algorithm",
        code::SIGNATURE_ALGORITHM_INCONSISTENCY => {
            c"cert info signature and signature algorithm mismatch"
        }
        code::INVALID_CA => c"invalid CA certificate",
        code::PATHLEN_INVALID_FOR_NON_CA => c"Path length invalid for non-CA cert",
        code::PATHLEN_WITHOUT_KU_KEY_CERT_SIGN => {
            c"Path length given without key usage keyCertSign"
        }
        code::KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA => {
            c"Key usage keyCertSign invalid for non-CA cert"
        }
        code::ISSUER_NAME_EMPTY => c"Issuer name empty",
        code::SUBJECT_NAME_EMPTY => c"Subject name empty",
        code::MISSING_AUTHORITY_KEY_IDENTIFIER => c"Missing Authority Key Identifier",
        code::MISSING_SUBJECT_KEY_IDENTIFIER => c"Missing Subject Key Identifier",
        code::EMPTY_SUBJECT_ALT_NAME => c"Empty Subject Alternative Name extension",
        code::EMPTY_SUBJECT_SAN_NOT_CRITICAL => {
            c"Subject empty and Subject Alt Name extension not critical"
        }
        code::CA_BCONS_NOT_CRITICAL => c"Basic Constraints of CA cert not marked critical",
        code::AUTHORITY_KEY_IDENTIFIER_CRITICAL => c"Authority Key Identifier marked critical",
        code::SUBJECT_KEY_IDENTIFIER_CRITICAL => c"Subject Key Identifier marked critical",
        code::CA_CERT_MISSING_KEY_USAGE => c"CA cert does not include key usage extension",
        code::EXTENSIONS_REQUIRE_VERSION_3 => c"Using cert extension requires at least X509v3",
        ..=64 => boringssl_phrase(code),
        _ => c"unknown certificate verification error",
    }
}

/// OpenSSL 3's `X509_V_ERR_*` without their beginning, by number.
const NAMES: [&CStr; 94] = [
    c"OK",
    c"UNSPECIFIED",
    c"UNABLE_TO_GET_ISSUER_CERT",
    c"UNABLE_TO_GET_CRL",
    c"UNABLE_TO_DECRYPT_CERT_SIGNATURE",
    c"UNABLE_TO_DECRYPT_CRL_SIGNATURE",
    c"UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
    c"CERT_SIGNATURE_FAILURE",
    c"CRL_SIGNATURE_FAILURE",
    c"CERT_NOT_YET_VALID",
    c"CERT_HAS_EXPIRED",
    c"CRL_NOT_YET_VALID",
    c"CRL_HAS_EXPIRED",
    c"ERROR_IN_CERT_NOT_BEFORE_FIELD",
    c"ERROR_IN_CERT_NOT_AFTER_FIELD",
    c"ERROR_IN_CRL_LAST_UPDATE_FIELD",
    c"ERROR_IN_CRL_NEXT_UPDATE_FIELD",
    c"OUT_OF_MEM",
    c"DEPTH_ZERO_SELF_SIGNED_CERT",
    c"SELF_SIGNED_CERT_IN_CHAIN",
    c"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    c"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    c"CERT_CHAIN_TOO_LONG",
    c"CERT_REVOKED",
    c"NO_ISSUER_PUBLIC_KEY",
    c"PATH_LENGTH_EXCEEDED",
    c"INVALID_PURPOSE",
    c"CERT_UNTRUSTED",
    c"CERT_REJECTED",
    c"SUBJECT_ISSUER_MISMATCH",
    c"AKID_SKID_MISMATCH",
    c"AKID_ISSUER_SERIAL_MISMATCH",
    c"KEYUSAGE_NO_CERTSIGN",
    c"UNABLE_TO_GET_CRL_ISSUER",
    c"UNHANDLED_CRITICAL_EXTENSION",
    c"KEYUSAGE_NO_CRL_SIGN",
    c"UNHANDLED_CRITICAL_CRL_EXTENSION",
    c"INVALID_NON_CA",
    c"PROXY_PATH_LENGTH_EXCEEDED",
    c"KEYUSAGE_NO_DIGITAL_SIGNATURE",
    c"PROXY_CERTIFICATES_NOT_ALLOWED",
    c"INVALID_EXTENSION",
    c"INVALID_POLICY_EXTENSION",
    c"NO_EXPLICIT_POLICY",
    c"DIFFERENT_CRL_SCOPE",
    c"UNSUPPORTED_EXTENSION_FEATURE",
    c"UNNESTED_RESOURCE",
    c"PERMITTED_VIOLATION",
    c"EXCLUDED_VIOLATION",
    c"SUBTREE_MINMAX",
    c"APPLICATION_VERIFICATION",
    c"UNSUPPORTED_CONSTRAINT_TYPE",
    c"UNSUPPORTED_CONSTRAINT_SYNTAX",
    c"UNSUPPORTED_NAME_SYNTAX",
    c"CRL_PATH_VALIDATION_ERROR",
    c"PATH_LOOP",
    c"SUITE_B_INVALID_VERSION",
    c"SUITE_B_INVALID_ALGORITHM",
    c"SUITE_B_INVALID_CURVE",
    c"SUITE_B_INVALID_SIGNATURE_ALGORITHM",
    c"SUITE_B_LOS_NOT_ALLOWED",
    c"SUITE_B_CANNOT_SIGN_P_384_WITH_P_256",
    c"HOSTNAME_MISMATCH",
    c"EMAIL_MISMATCH",
    c"IP_ADDRESS_MISMATCH",
    c"DANE_NO_MATCH",
    c"EE_KEY_TOO_SMALL",
    c"CA_KEY_TOO_SMALL",
    c"CA_MD_TOO_WEAK",
    c"INVALID_CALL",
    c"STORE_LOOKUP",
    c"NO_VALID_SCTS",
    c"PROXY_SUBJECT_NAME_VIOLATION",
    c"OCSP_VERIFY_NEEDED",
    c"OCSP_VERIFY_FAILED",
    c"OCSP_CERT_UNKNOWN",
    c"UNSUPPORTED_SIGNATURE_ALGORITHM",
    c"SIGNATURE_ALGORITHM_MISMATCH",
    c"SIGNATURE_ALGORITHM_INCONSISTENCY",
    c"INVALID_CA",
    c"PATHLEN_INVALID_FOR_NON_CA",
    c"PATHLEN_WITHOUT_KU_KEY_CERT_SIGN",
    c"KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA",
    c"ISSUER_NAME_EMPTY",
    c"SUBJECT_NAME_EMPTY",
    c"MISSING_AUTHORITY_KEY_IDENTIFIER",
    c"MISSING_SUBJECT_KEY_IDENTIFIER",
    c"EMPTY_SUBJECT_ALT_NAME",
    c"EMPTY_SUBJECT_SAN_NOT_CRITICAL",
    c"CA_BCONS_NOT_CRITICAL",
    c"AUTHORITY_KEY_IDENTIFIER_CRITICAL",
    c"SUBJECT_KEY_IDENTIFIER_CRITICAL",
    c"CA_CERT_MISSING_KEY_USAGE",
    c"EXTENSIONS_REQUIRE_VERSION_3",
];

/// OpenSSL's name of a verification code: `CERT_HAS_EXPIRED`.
pub fn verify_name(code: i32) -> Option<&'static CStr> {
    usize::try_from(code).ok().and_then(|code| NAMES.get(code)).copied()
}

fn boringssl_phrase(code: c_int) -> &'static CStr {
    // SAFETY: gives a string literal for every number.
    let text = unsafe { ffi::X509_verify_cert_error_string(code.into()) };
    if text.is_null() {
        return c"unknown certificate verification error";
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }
}

/// The alert that tells the peer of a verification code.
pub fn alert_for(code: i32) -> u8 {
    const BAD_CERTIFICATE: u8 = 42;
    const UNSUPPORTED_CERTIFICATE: u8 = 43;
    const CERTIFICATE_UNKNOWN: u8 = 46;
    const UNKNOWN_CA: u8 = 48;
    const INTERNAL_ERROR: u8 = 80;
    match code {
        code::EE_KEY_TOO_SMALL | code::CA_KEY_TOO_SMALL | code::CA_MD_TOO_WEAK => BAD_CERTIFICATE,
        code::INVALID_CALL | code::STORE_LOOKUP => INTERNAL_ERROR,
        code::INVALID_CA => UNKNOWN_CA,
        code::UNSUPPORTED_SIGNATURE_ALGORITHM => UNSUPPORTED_CERTIFICATE,
        ..=64 => {
            // SAFETY: a table look-up.
            let alert = unsafe { ffi::SSL_alert_from_verify_result(code.into()) };
            u8::try_from(alert).unwrap_or(CERTIFICATE_UNKNOWN)
        }
        _ => CERTIFICATE_UNKNOWN,
    }
}
