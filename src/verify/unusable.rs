//! What is wrong with a certificate of the peer's that BoringSSL refuses before it can be judged:
//! it says only that something cannot be decoded, or that a bit is not right.

use super::words::whose;
use crate::bssl::buffer::Buffer;
use crate::bssl::x509;
use crate::cert::Info;

/// How many bytes the certificates of a peer may have, with three more for each: BoringSSL's bound.
const MOST_BYTES: usize = 100 * 1024;

/// Explains why a handshake failed, given the reason and the certificate that the peer had shown by
/// then, if it is about that.
pub fn explain(reason: &str, der: &[u8]) -> Option<String> {
    about(reason, der, "the certificate that the peer showed")
}

/// Explains why an own certificate cannot be used, given the reason, if it is about that.
pub fn explain_own(reason: &str, der: &[u8]) -> Option<String> {
    about(reason, der, "the certificate")
}

fn about(reason: &str, der: &[u8], which: &str) -> Option<String> {
    let (info, _) = Info::parse(der).ok()?;
    let who = format!("{which}, \"{}\",", whose(&info));
    match reason {
        "DECODE_ERROR" | "UNSUPPORTED_ALGORITHM" | "UNKNOWN_CERTIFICATE_TYPE" => {
            let is_usable = Buffer::new(der)
                .and_then(|der| x509::parse(&der))
                .is_ok_and(|x509| x509::has_usable_key(&x509) && info.key.kind != "RSA-PSS");
            (!is_usable).then(|| {
                format!(
                    "{who} has a key that BoringSSL \
                     cannot use ({}); it takes a certificate with another: RSA, EC on P-256, \
                     P-384 or P-521 by name, or Ed25519",
                    kind(&info)
                )
            })
        }
        "WRONG_CERTIFICATE_TYPE" | "WRONG_SIGNATURE_TYPE" => Some(format!(
            "{who} has a key of a kind that was not \
             agreed on ({})",
            kind(&info)
        )),
        "KEY_USAGE_BIT_INCORRECT" => {
            let usages = info.extensions.key_usage.as_deref().unwrap_or_default();
            Some(format!(
                "{who} may not be used like that: its \
                 key usage is {}, and to prove who one is in a handshake takes digitalSignature, or \
                 keyEncipherment for the suites of TLS 1.2 that encrypt with RSA; its owner has to \
                 get one with that",
                if usages.is_empty() { "empty".to_owned() } else { usages.join(", ") }
            ))
        }
        _ => None,
    }
}

/// Explains why a handshake failed over the size of a message.
pub fn explain_size(reason: &str) -> Option<String> {
    (reason == "EXCESSIVE_MESSAGE_SIZE").then(|| {
        format!(
            "a message of a handshake is larger than anybody needs, most likely the one with the \
             peer's certificates, which may have {MOST_BYTES} bytes together; the peer has to show \
             one chain only, and certificates with fewer names"
        )
    })
}

/// The kind and the size of a key.
fn kind(info: &Info) -> String {
    match (&*info.key.kind, info.key.bits) {
        ("EC", bits) => format!("EC, {bits} bits, on another curve or on one given by parameters"),
        ("RSA", bits) => format!("RSA, {bits} bits, perhaps with an exponent above 33 bits"),
        (kind, 0) => kind.to_owned(),
        (kind, bits) => format!("{kind}, {bits} bits"),
    }
}
