//! GeneralName (RFC 5280 §4.2.1.6): one alternative name, or where something is to be found.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::der::{self, Reader};
use super::name::{self, Name};
use super::{DecodeError, strings};

/// One alternative name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// A name of a kind that its `oid` (dotted) tells; `value` is the DER of whatever that kind
    /// prescribes.
    Other {
        /// The kind.
        oid: String,
        /// The value, if it is a string.
        text: Option<String>,
        /// The value as it was encoded.
        der: Vec<u8>,
    },
    /// A mail address, as it stands.
    Email(String),
    /// A host name, as it stands: it may hold wildcards, and what no host name should, NUL
    /// included.
    Dns(String),
    /// An X.400 address, undecoded.
    X400(Vec<u8>),
    /// A distinguished name.
    Directory(Name),
    /// An EDI party name, undecoded.
    EdiParty(Vec<u8>),
    /// A URI, as it stands.
    Uri(String),
    /// An address: 4 or 16 bytes in sound certificates, others in broken ones.
    Ip(Vec<u8>),
    /// An object identifier, dotted.
    RegisteredId(String),
}

impl GeneralName {
    /// The tag number in RFC 5280's ASN.1: 0 otherName, 1 rfc822Name, 2 dNSName, 3 x400Address,
    /// 4 directoryName, 5 ediPartyName, 6 uniformResourceIdentifier, 7 iPAddress, 8 registeredID.
    pub fn kind(&self) -> u32 {
        match self {
            GeneralName::Other { .. } => 0,
            GeneralName::Email(_) => 1,
            GeneralName::Dns(_) => 2,
            GeneralName::X400(_) => 3,
            GeneralName::Directory(_) => 4,
            GeneralName::EdiParty(_) => 5,
            GeneralName::Uri(_) => 6,
            GeneralName::Ip(_) => 7,
            GeneralName::RegisteredId(_) => 8,
        }
    }

    /// The name as text: addresses as RFC 5952 writes them, distinguished names as RFC 4514 does,
    /// an otherName as `1.3.6.1.4.1.311.20.2.3:user@example.com`. What has no text is given as `#`
    /// and hexadecimal digits.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            GeneralName::Other { oid, text: Some(text), .. } => format!("{oid}:{text}").into(),
            GeneralName::Other { oid, der, .. } => format!("{oid}:{}", name::hexstring(der)).into(),
            GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => {
                text.into()
            }
            GeneralName::RegisteredId(oid) => oid.into(),
            GeneralName::X400(der) | GeneralName::EdiParty(der) => name::hexstring(der).into(),
            GeneralName::Directory(name) => name.rfc4514().into(),
            GeneralName::Ip(bytes) => ip(bytes).into(),
        }
    }

    /// Reads a GeneralName.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<GeneralName, DecodeError> {
        let what = "a general name";
        let found = reader.any(what)?;
        // RFC 5280 says IA5String. Whoever puts UTF-8 there is understood, as by Python; other
        // bytes become U+FFFD, so no broken name can be taken for a whole one.
        let ia5 = || String::from_utf8_lossy(found.body).into_owned();
        const OTHER: u8 = der::constructed(0);
        const EMAIL: u8 = der::primitive(1);
        const DNS: u8 = der::primitive(2);
        const X400: u8 = der::constructed(3);
        const DIRECTORY: u8 = der::constructed(4);
        const EDI_PARTY: u8 = der::constructed(5);
        const URI: u8 = der::primitive(6);
        const IP: u8 = der::primitive(7);
        const REGISTERED_ID: u8 = der::primitive(8);
        match found.tag {
            OTHER => other(found.body),
            EMAIL => Ok(GeneralName::Email(ia5())),
            DNS => Ok(GeneralName::Dns(ia5())),
            X400 => Ok(GeneralName::X400(found.raw.to_vec())),
            DIRECTORY => {
                let mut body = Reader::new(found.body);
                let name = Name::read(&mut body, "a directory name")?;
                body.finish(what).map(|()| GeneralName::Directory(name))
            }
            EDI_PARTY => {
                let mut body = Reader::new(found.body);
                body.optional(der::constructed(0), what)?;
                body.expect(der::constructed(1), what)?;
                body.finish(what).map(|()| GeneralName::EdiParty(found.raw.to_vec()))
            }
            URI => Ok(GeneralName::Uri(ia5())),
            IP => Ok(GeneralName::Ip(found.body.to_vec())),
            REGISTERED_ID => der::dotted(found.body, what).map(GeneralName::RegisteredId),
            tag => Err(der::error(format!("a general name has the unknown tag 0x{tag:02x}"))),
        }
    }
}

fn other(body: &[u8]) -> Result<GeneralName, DecodeError> {
    let what = "an otherName";
    let mut fields = Reader::new(body);
    let oid = der::dotted(fields.expect(der::OID, what)?, what)?;
    let mut explicit = Reader::new(fields.expect(der::constructed(0), what)?);
    fields.finish(what)?;
    let value = explicit.any(what)?;
    explicit.finish(what)?;
    // A string that is none loses its text only: what an otherName holds is its own affair.
    let text = strings::text(value.tag, value.body, what).unwrap_or_default();
    Ok(GeneralName::Other { oid, text, der: value.raw.to_vec() })
}

fn ip(bytes: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        Ipv4Addr::from(v4).to_string()
    } else if let Ok(v6) = <[u8; 16]>::try_from(bytes) {
        Ipv6Addr::from(v6).to_string()
    } else {
        name::hexstring(bytes)
    }
}
