//! What kind of key a certificate holds, and how large it is (RFC 5280 §4.1.2.7, RFC 3279, RFC
//! 5480).

use super::DecodeError;
use super::der::{self, Integer, Reader};

/// The key of a certificate, as far as people ask: kind and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `RSA`, `RSA-PSS`, `EC`, `DSA`, `ED25519`, `ED448`, `X25519`, `X448`, `ML-DSA-44`, `-65`,
    /// `-87`; for others the dotted identifier of the algorithm.
    pub kind: String,
    /// What OpenSSL calls the size: of the modulus, of the curve, of an ML-DSA public key. 0 if
    /// unknown.
    pub bits: u32,
}

impl Key {
    /// Reads a SubjectPublicKeyInfo. A key that is broken inside has 0 bits; it is no reason to
    /// refuse the certificate, whose other fields may be what explains it.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
        let what = "the public key";
        let mut info = Reader::new(reader.expect(der::SEQUENCE, what)?);
        let mut algorithm = Reader::new(info.expect(der::SEQUENCE, what)?);
        let key = der::bits(info.expect(der::BIT_STRING, what)?, what)?;
        info.finish(what)?;
        let oid = der::dotted(algorithm.expect(der::OID, what)?, what)?;
        let key_bits = u32::try_from(key.len()).unwrap_or(0).saturating_mul(8);
        let (kind, bits) = match oid.as_str() {
            "1.2.840.113549.1.1.1" => ("RSA", first_integer(key)),
            "1.2.840.113549.1.1.10" => ("RSA-PSS", first_integer(key)),
            "1.2.840.10045.2.1" => ("EC", curve(&mut algorithm).or_else(|| field(key))),
            "1.2.840.10040.4.1" => ("DSA", first_integer(algorithm.rest())),
            "1.3.101.110" => ("X25519", Some(253)),
            "1.3.101.111" => ("X448", Some(448)),
            "1.3.101.112" => ("ED25519", Some(256)),
            "1.3.101.113" => ("ED448", Some(456)),
            "2.16.840.1.101.3.4.3.17" => ("ML-DSA-44", Some(key_bits)),
            "2.16.840.1.101.3.4.3.18" => ("ML-DSA-65", Some(key_bits)),
            "2.16.840.1.101.3.4.3.19" => ("ML-DSA-87", Some(key_bits)),
            other => (other, None),
        };
        Ok(Key { kind: kind.into(), bits: bits.unwrap_or(0) })
    }
}

/// The size of the first INTEGER of a SEQUENCE: the modulus of an RSA key, the prime of DSA
/// parameters.
fn first_integer(der: &[u8]) -> Option<u32> {
    let sequence = Reader::new(der).expect(der::SEQUENCE, "the public key").ok()?;
    let integer = Reader::new(sequence).expect(der::INTEGER, "the public key").ok()?;
    Some(Integer::parse(integer, "the public key").ok()?.bits())
}

/// The size of a curve that is named (RFC 5480 §2.1.1.1, RFC 5639).
fn curve(parameters: &mut Reader<'_>) -> Option<u32> {
    let oid = parameters.expect(der::OID, "the curve").ok()?;
    match der::dotted(oid, "the curve").ok()?.as_str() {
        "1.2.840.10045.3.1.1" => Some(192),
        "1.3.132.0.33" => Some(224),
        "1.2.840.10045.3.1.7" | "1.3.132.0.10" => Some(256),
        "1.3.132.0.34" => Some(384),
        "1.3.132.0.35" => Some(521),
        "1.3.36.3.3.2.8.1.1.7" | "1.3.36.3.3.2.8.1.1.8" => Some(256),
        "1.3.36.3.3.2.8.1.1.9" | "1.3.36.3.3.2.8.1.1.10" => Some(320),
        "1.3.36.3.3.2.8.1.1.11" | "1.3.36.3.3.2.8.1.1.12" => Some(384),
        "1.3.36.3.3.2.8.1.1.13" | "1.3.36.3.3.2.8.1.1.14" => Some(512),
        _ => None,
    }
}

/// The size of the field of another curve, told from a point on it (SEC 1 §2.3.3), in whole bytes.
fn field(point: &[u8]) -> Option<u32> {
    let (form, coordinates) = point.split_first()?;
    let bytes = match form {
        2 | 3 => coordinates.len(),
        4 => coordinates.len() / 2,
        _ => return None,
    };
    u32::try_from(bytes).ok()?.checked_mul(8)
}
