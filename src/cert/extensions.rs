//! The extensions of a certificate (RFC 5280 §4.2) that callers ask about.
//!
//! An extension that is there twice, or that does not decode, counts as absent: so it is with
//! OpenSSL's `X509_get_ext_d2i`, and so with Python. It never costs the rest of the certificate.
//! Whether it is critical does not matter here: that is for the verification to judge.

use data_encoding::HEXUPPER;

use super::der::{self, Integer, Reader};
use super::general_name::GeneralName;
use super::{DecodeError, names};

/// What the extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// The subject alternative names in their order; none if the certificate does not have the
    /// extension.
    pub san: Option<Vec<GeneralName>>,
    /// Where OCSP answers, URIs.
    pub ocsp: Vec<String>,
    /// Where the issuer's certificate is to be had, URIs.
    pub ca_issuers: Vec<String>,
    /// Where revocation lists are to be had, URIs.
    pub crl_distribution_points: Vec<String>,
    /// Whether the basic constraints say `CA:TRUE`.
    pub is_ca: bool,
    /// How many intermediates may follow, if the basic constraints say so.
    pub path_length: Option<u32>,
    /// RFC 5280's names of the usages set (`digitalSignature`), in the order of the bits.
    pub key_usage: Option<Vec<&'static str>>,
    /// OpenSSL's short names of the purposes (`serverAuth`), dotted identifiers for the unknown.
    pub extended_key_usage: Option<Vec<String>>,
    /// The subject key identifier in upper-case hexadecimal.
    pub subject_key_identifier: Option<String>,
    /// The key identifier among the authority key identifier, in upper-case hexadecimal.
    pub authority_key_identifier: Option<String>,
}

const SUBJECT_KEY_IDENTIFIER: &[u8] = b"\x55\x1d\x0e";
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const CRL_DISTRIBUTION_POINTS: &[u8] = b"\x55\x1d\x1f";
const AUTHORITY_KEY_IDENTIFIER: &[u8] = b"\x55\x1d\x23";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
const AUTHORITY_INFO_ACCESS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x01\x01";

const ACCESS_OCSP: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x30\x01";
const ACCESS_CA_ISSUERS: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x30\x02";

/// RFC 5280 §4.2.1.3, bit 0 first.
const USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

impl Extensions {
    /// Reads the contents of the certificate's `[3]`. Only the list itself must be sound.
    pub(super) fn parse(explicit: &[u8]) -> Result<Extensions, DecodeError> {
        let what = "the extensions";
        let mut outer = Reader::new(explicit);
        let list = outer.expect(der::SEQUENCE, what)?;
        outer.finish(what)?;
        let all = List(der::each(list, extension)?);

        let access = all.read(AUTHORITY_INFO_ACCESS, descriptions).unwrap_or_default();
        let located = |asked: &[u8]| {
            uris(access.iter().filter(|(method, _)| *method == asked).map(|(_, name)| name))
        };
        let (is_ca, path_length) =
            all.read(BASIC_CONSTRAINTS, basic_constraints).unwrap_or_default();
        Ok(Extensions {
            san: all.read(SUBJECT_ALT_NAME, |value| {
                general_names(value.expect(der::SEQUENCE, "names")?)
            }),
            ocsp: located(ACCESS_OCSP),
            ca_issuers: located(ACCESS_CA_ISSUERS),
            crl_distribution_points: all.read(CRL_DISTRIBUTION_POINTS, points).unwrap_or_default(),
            is_ca,
            path_length,
            key_usage: all.read(KEY_USAGE, key_usage),
            extended_key_usage: all.read(EXTENDED_KEY_USAGE, purposes),
            subject_key_identifier: all.read(SUBJECT_KEY_IDENTIFIER, |value| {
                Ok(HEXUPPER.encode(value.expect(der::OCTET_STRING, "an identifier")?))
            }),
            authority_key_identifier: all.read(AUTHORITY_KEY_IDENTIFIER, authority_key).flatten(),
        })
    }
}

/// The extensions undecoded: identifier and value.
struct List<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> List<'a> {
    /// The one extension `oid` decoded, if there is exactly one and it decodes. Bytes behind it are
    /// ignored.
    fn read<T>(
        &self,
        oid: &[u8],
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Option<T> {
        let mut found = self.0.iter().filter(|(id, _)| *id == oid);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => read(&mut Reader::new(value)).ok(),
            _ => None,
        }
    }
}

fn extension<'a>(list: &mut Reader<'a>) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
    let what = "an extension";
    let mut fields = Reader::new(list.expect(der::SEQUENCE, what)?);
    let oid = fields.expect(der::OID, what)?;
    if let Some(critical) = fields.optional(der::BOOLEAN, what)? {
        der::boolean(critical, what)?;
    }
    let value = fields.expect(der::OCTET_STRING, what)?;
    fields.finish(what)?;
    Ok((oid, value))
}

fn general_names(body: &[u8]) -> Result<Vec<GeneralName>, DecodeError> {
    der::each(body, GeneralName::read)
}

fn uris<'n>(names: impl IntoIterator<Item = &'n GeneralName>) -> Vec<String> {
    let uri = |name: &GeneralName| {
        if let GeneralName::Uri(uri) = name { Some(uri.clone()) } else { None }
    };
    names.into_iter().filter_map(uri).collect()
}

/// RFC 5280 §4.2.2.1: method and location of each.
fn descriptions<'a>(value: &mut Reader<'a>) -> Result<Vec<(&'a [u8], GeneralName)>, DecodeError> {
    let what = "an access description";
    der::each(value.expect(der::SEQUENCE, what)?, |list| {
        let mut fields = Reader::new(list.expect(der::SEQUENCE, what)?);
        let method = fields.expect(der::OID, what)?;
        let location = GeneralName::read(&mut fields)?;
        fields.finish(what)?;
        Ok((method, location))
    })
}

/// RFC 5280 §4.2.1.13: the URIs of all points.
fn points(value: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let what = "a distribution point";
    let points = der::each(value.expect(der::SEQUENCE, what)?, |list| {
        let mut fields = Reader::new(list.expect(der::SEQUENCE, what)?);
        let names = match fields.optional(der::constructed(0), what)? {
            Some(name) => full_name(name)?,
            None => vec![],
        };
        if let Some(reasons) = fields.optional(der::primitive(1), what)? {
            der::bits(reasons, what)?;
        }
        if let Some(issuer) = fields.optional(der::constructed(2), what)? {
            general_names(issuer)?;
        }
        fields.finish(what)?;
        Ok(uris(&names))
    })?;
    Ok(points.concat())
}

/// The names of a DistributionPointName; none if it is relative to the issuer of the list.
fn full_name(explicit: &[u8]) -> Result<Vec<GeneralName>, DecodeError> {
    const FULL: u8 = der::constructed(0);
    const RELATIVE: u8 = der::constructed(1);
    let what = "the name of a distribution point";
    let mut choice = Reader::new(explicit);
    let name = choice.any(what)?;
    choice.finish(what)?;
    match name.tag {
        FULL => general_names(name.body),
        RELATIVE => Ok(vec![]),
        tag => Err(der::error(format!("{what} has the unknown tag 0x{tag:02x}"))),
    }
}

/// RFC 5280 §4.2.1.9.
fn basic_constraints(value: &mut Reader<'_>) -> Result<(bool, Option<u32>), DecodeError> {
    let what = "the basic constraints";
    let mut fields = Reader::new(value.expect(der::SEQUENCE, what)?);
    let is_ca = match fields.optional(der::BOOLEAN, what)? {
        Some(body) => der::boolean(body, what)?,
        None => false,
    };
    let path_length = match fields.optional(der::INTEGER, what)? {
        Some(body) => {
            Integer::parse(body, what)?.to_i64().and_then(|length| u32::try_from(length).ok())
        }
        None => None,
    };
    fields.finish(what)?;
    Ok((is_ca, path_length))
}

/// RFC 5280 §4.2.1.3.
fn key_usage(value: &mut Reader<'_>) -> Result<Vec<&'static str>, DecodeError> {
    let what = "the key usage";
    let bits = der::bits(value.expect(der::BIT_STRING, what)?, what)?;
    let is_set = |bit: usize| bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    Ok(USAGES.iter().enumerate().filter(|(bit, _)| is_set(*bit)).map(|(_, usage)| *usage).collect())
}

/// RFC 5280 §4.2.1.12.
fn purposes(value: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let what = "the extended key usage";
    der::each(value.expect(der::SEQUENCE, what)?, |list| {
        Ok(names::purpose(&der::dotted(list.expect(der::OID, what)?, what)?).to_owned())
    })
}

/// RFC 5280 §4.2.1.1; issuer and serial number, which may stand there too, are not asked for.
fn authority_key(value: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let what = "the authority key identifier";
    let mut fields = Reader::new(value.expect(der::SEQUENCE, what)?);
    Ok(fields.optional(der::primitive(0), what)?.map(|identifier| HEXUPPER.encode(identifier)))
}
