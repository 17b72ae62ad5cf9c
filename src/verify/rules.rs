//! What OpenSSL 3 asks of each certificate of a path before it looks at a signature, of the trust
//! anchor too: BoringSSL takes the anchor as it is. And the security level.

use super::path::{Cause, Fault, Step};
use super::{Standard, flag, strict};
use crate::bssl::verify_codes::code::*;
use crate::bssl::x509::{self, Trust};
use crate::cert::{Info, Strength};
use crate::error::Result;

/// Finds the first rule that a path breaks, leaf first.
pub(super) fn broken(path: &[Step], standard: &Standard<'_>) -> Result<Option<Fault>> {
    let mut below = 0;
    for (depth, step) in path.iter().enumerate() {
        if let Some(code) = broken_at(path, depth, step, below, standard)? {
            return Ok(Some(Fault { code, depth, cause: Cause::Itself }));
        }
        // Path lengths count the CAs between, but not those that changed their key.
        if depth > 0 && !x509::is_self_issued(&step.x509) {
            below += 1;
        }
    }
    for (depth, step) in path.iter().enumerate() {
        if let Some(code) = weakness(path, depth, step, standard)? {
            return Ok(Some(Fault { code, depth, cause: Cause::Itself }));
        }
    }
    Ok(None)
}

/// Finds the first rule that one certificate of a path breaks. `below` is how many CAs count
/// between it and the leaf.
fn broken_at(
    path: &[Step],
    depth: usize,
    step: &Step,
    below: u64,
    standard: &Standard<'_>,
) -> Result<Option<i32>> {
    let x509 = &*step.x509;
    let (is_leaf, is_anchor) = (depth == 0, depth + 1 == path.len());
    let is_strict = standard.flags & flag::STRICT != 0;
    if !x509::is_readable(x509) {
        return Ok(Some(INVALID_EXTENSION));
    }
    if x509::has_unknown_critical(x509) {
        return Ok(Some(UNHANDLED_CRITICAL_EXTENSION));
    }
    // A leaf may be a CA or not. What is a CA by older customs may be an anchor.
    let is_fit = match x509::ca_kind(x509) {
        0 => is_leaf,
        1 => true,
        _ => (is_leaf || is_anchor) && !is_strict,
    };
    if !is_fit {
        return Ok(Some(INVALID_CA));
    }
    if !is_leaf && !x509::has_usable_key(x509) {
        return Ok(Some(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY));
    }
    if is_strict {
        let info = Info::parse(&x509::der(x509)?)?.0;
        if let Some(code) = strict::broken(x509, &info, depth, path.len()) {
            return Ok(Some(code));
        }
    }
    // What its owner trusts a certificate for goes before what it says itself.
    let is_meant = step.trust == Some(Trust::Purpose)
        || x509::serves(x509, standard.purpose)
            && (!is_leaf || x509::serves_as_leaf(x509, standard.purpose));
    if !is_meant {
        return Ok(Some(INVALID_PURPOSE));
    }
    if depth > 1 && x509::path_length(x509).is_some_and(|most| below > most) {
        return Ok(Some(PATH_LENGTH_EXCEEDED));
    }
    Ok(None)
}

/// Tells whether a certificate is too weak for the security level.
fn weakness(
    path: &[Step],
    depth: usize,
    step: &Step,
    standard: &Standard<'_>,
) -> Result<Option<i32>> {
    let strength = Strength::parse(&x509::der(&step.x509)?)?;
    // The signature on the trust anchor is nobody's reason to trust it.
    let is_anchor = depth + 1 == path.len();
    Ok(if !standard.level.takes_key(&strength.key) {
        Some(if depth == 0 { EE_KEY_TOO_SMALL } else { CA_KEY_TOO_SMALL })
    } else if !is_anchor && !standard.level.takes_signature(&strength.signature_algorithm) {
        Some(CA_MD_TOO_WEAK)
    } else {
        None
    })
}
