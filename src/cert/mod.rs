//! Certificates (RFC 5280) as plain data: DER in, [`Info`] out, and from there text and JSON.
//!
//! Pure Rust on borrowed bytes: nothing here verifies, trusts or opens anything. The measure of
//! what must be readable is OpenSSL as Python shows it: what `getpeercert()` decodes is decoded
//! here, to the same text. So serial numbers may be negative, dates may be nonsense and extensions
//! broken; only a certificate whose frame does not hold is an error.

pub mod constraints;
mod der;
mod extensions;
mod general_name;
pub mod hostname;
mod json;
mod key;
mod name;
pub mod names;
pub mod objects;
pub mod pss;
#[cfg(test)]
mod sample;
mod strings;
mod time;

use data_encoding::HEXUPPER;

use der::{Integer, Reader};

pub use extensions::Extensions;
pub use general_name::GeneralName;
pub use key::Key;
pub use name::{Attribute, Name, Rdn};
pub use time::{Time, seconds};

/// Why something cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// One sentence for people.
    pub what: String,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for DecodeError {}

/// A decoded certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// 1, 2 or 3; a broken certificate may say anything.
    pub version: i64,
    /// The serial number in upper-case hexadecimal, two digits a byte, `-` before it if negative:
    /// Python's `serialNumber`, but whole where CPython cuts it (behind 35 bytes; RFC 5280 allows
    /// 20).
    pub serial: String,
    /// Who signed it.
    pub issuer: Name,
    /// Whose it is.
    pub subject: Name,
    /// When it begins to be valid; [`i64::MAX`] if that cannot be read, so that it never does.
    pub not_before: Time,
    /// When it ceases to be valid; [`i64::MIN`] if that cannot be read, so that it long has.
    pub not_after: Time,
    /// The public key.
    pub key: Key,
    /// How the issuer signed: `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, `ED25519`, or a
    /// dotted identifier.
    pub signature_algorithm: String,
    /// What the extensions say.
    pub extensions: Extensions,
}

impl Info {
    /// Decodes the first certificate of `der`, and says how many bytes it took: a chain is
    /// certificates one after another. It need not be valid in any sense; see the module's text for
    /// what is forgiven.
    pub fn parse(der: &[u8]) -> Result<(Info, usize), DecodeError> {
        let mut input = Reader::new(der);
        let mut outer = Reader::new(input.expect(der::SEQUENCE, "the certificate")?);
        let mut tbs = Reader::new(outer.expect(der::SEQUENCE, "the signed part")?);
        let signature_algorithm = algorithm(&mut outer, "the signature algorithm")?;
        der::bits(outer.expect(der::BIT_STRING, "the signature")?, "the signature")?;
        outer.finish("the certificate")?;

        let version = version(&mut tbs)?;
        let serial = serial(&mut tbs)?;
        algorithm(&mut tbs, "the signed signature algorithm")?;
        let issuer = Name::read(&mut tbs, "the issuer")?;
        let mut validity = Reader::new(tbs.expect(der::SEQUENCE, "the validity")?);
        let not_before = Time::read(&mut validity, i64::MAX, "the start of the validity")?;
        let not_after = Time::read(&mut validity, i64::MIN, "the end of the validity")?;
        validity.finish("the validity")?;
        let subject = Name::read(&mut tbs, "the subject")?;
        let key = Key::read(&mut tbs)?;
        tbs.optional(der::primitive(1), "the issuer's unique identifier")?;
        tbs.optional(der::primitive(2), "the subject's unique identifier")?;
        let extensions = match tbs.optional(der::constructed(3), "the extensions")? {
            Some(explicit) => Extensions::parse(explicit)?,
            None => Extensions::default(),
        };
        tbs.finish("the signed part")?;

        let info = Info {
            version,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            key,
            signature_algorithm: names::signature(&signature_algorithm).to_owned(),
            extensions,
        };
        Ok((info, der.len() - input.rest().len()))
    }

    /// Whether subject and issuer are the same, byte by byte (RFC 5280 §3.2 calls that
    /// self-issued).
    pub fn is_self_issued(&self) -> bool {
        self.subject.der == self.issuer.der
    }
}

/// What tells how strong a certificate is: for verifying, where each handshake asks, and decoding
/// the rest would cost as much as a tenth of the verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// As [`Info::key`].
    pub key: Key,
    /// As [`Info::signature_algorithm`].
    pub signature_algorithm: String,
}

impl Strength {
    /// Decodes so much of a certificate.
    pub fn parse(der: &[u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new(Reader::new(der).expect(der::SEQUENCE, "the certificate")?);
        let mut tbs = Reader::new(outer.expect(der::SEQUENCE, "the signed part")?);
        let signature_algorithm = algorithm(&mut outer, "the signature algorithm")?;
        tbs.optional(der::constructed(0), "the version")?;
        tbs.expect(der::INTEGER, "the serial number")?;
        for what in ["the signed signature algorithm", "the issuer", "the validity", "the subject"]
        {
            tbs.expect(der::SEQUENCE, what)?;
        }
        let signature_algorithm = names::signature(&signature_algorithm).to_owned();
        Ok(Self { key: Key::read(&mut tbs)?, signature_algorithm })
    }
}

/// RFC 5280 §4.1.2.1: what is encoded is one less than what it means, and nothing means 1. A number
/// out of all bounds is 0, as it is to OpenSSL.
fn version(tbs: &mut Reader<'_>) -> Result<i64, DecodeError> {
    let what = "the version";
    let Some(explicit) = tbs.optional(der::constructed(0), what)? else {
        return Ok(1);
    };
    let mut explicit = Reader::new(explicit);
    let number = Integer::parse(explicit.expect(der::INTEGER, what)?, what)?;
    explicit.finish(what)?;
    Ok(number.to_i64().and_then(|number| number.checked_add(1)).unwrap_or(0))
}

/// RFC 5280 §4.1.2.2.
fn serial(tbs: &mut Reader<'_>) -> Result<String, DecodeError> {
    let what = "the serial number";
    let number = Integer::parse(tbs.expect(der::INTEGER, what)?, what)?;
    let sign = if number.negative { "-" } else { "" };
    Ok(format!("{sign}{}", HEXUPPER.encode(&number.magnitude)))
}

/// The identifier of an AlgorithmIdentifier (RFC 5280 §4.1.1.2); its parameters may be anything.
fn algorithm(reader: &mut Reader<'_>, what: &str) -> Result<String, DecodeError> {
    let mut fields = Reader::new(reader.expect(der::SEQUENCE, what)?);
    let oid = der::dotted(fields.expect(der::OID, what)?, what)?;
    if !fields.rest().is_empty() {
        fields.any(what)?;
    }
    fields.finish(what)?;
    Ok(oid)
}

#[cfg(test)]
mod tests;
