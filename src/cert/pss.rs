//! The parameters of an RSASSA-PSS signature (RFC 4055 §3.1), as far as people are told of them.

use super::DecodeError;
use super::der::{self, Integer, Reader};

/// RFC 4055's default.
const DEFAULT: i64 = 20;

/// The length of the salt of the signature on a certificate; `None` if it is not RSASSA-PSS.
pub fn salt_length(certificate: &[u8]) -> Option<i64> {
    read(certificate).ok().flatten()
}

fn read(certificate: &[u8]) -> Result<Option<i64>, DecodeError> {
    const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
    let what = "the signature algorithm";
    let mut outer = Reader::new(Reader::new(certificate).expect(der::SEQUENCE, "the certificate")?);
    outer.expect(der::SEQUENCE, "the signed part")?;
    let mut algorithm = Reader::new(outer.expect(der::SEQUENCE, what)?);
    if algorithm.expect(der::OID, what)? != RSASSA_PSS {
        return Ok(None);
    }
    let mut fields = Reader::new(algorithm.expect(der::SEQUENCE, what)?);
    fields.optional(der::constructed(0), what)?;
    fields.optional(der::constructed(1), what)?;
    let Some(explicit) = fields.optional(der::constructed(2), what)? else {
        return Ok(Some(DEFAULT));
    };
    let length = Reader::new(explicit).expect(der::INTEGER, what)?;
    Ok(Integer::parse(length, what)?.to_i64())
}
