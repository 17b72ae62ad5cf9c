//! Name constraints (RFC 5280 §4.2.1.10) and the names they are held against, for verification:
//! unlike the rest of this module it forgives nothing, and keeps names as the bytes that they are.

use super::DecodeError;
use super::der::{self, Reader};
use super::name::Name;

/// What a CA may vouch for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Of each form that is here, only these.
    pub permitted: Vec<Subtree>,
    /// None of these.
    pub excluded: Vec<Subtree>,
}

/// One constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The names that it stands for.
    pub base: Plain,
    /// Whether it has a minimum or a maximum, which RFC 5280 forbids.
    pub has_bounds: bool,
}

/// A GeneralName as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A mail address.
    Email(Vec<u8>),
    /// A host name.
    Dns(Vec<u8>),
    /// A distinguished name.
    Directory(Vec<Canonical>),
    /// A URI.
    Uri(Vec<u8>),
    /// An address; in a constraint an address and a mask.
    Ip(Vec<u8>),
    /// Another form, by its tag number.
    Other(u8),
}

/// A relative distinguished name in a form in which equal ones are equal (RFC 5280 §7.1): the
/// types and values of its attributes, sorted.
pub type Canonical = Vec<(String, String)>;

impl Constraints {
    /// Reads the value of the extension. One that constrains nothing is broken.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let what = "the name constraints";
        let mut outer = Reader::new(value);
        let mut fields = Reader::new(outer.expect(der::SEQUENCE, what)?);
        outer.finish(what)?;
        let mut trees = |number| match fields.optional(der::constructed(number), what)? {
            Some(body) => der::each(body, subtree),
            None => Ok(Vec::new()),
        };
        let (permitted, excluded) = (trees(0)?, trees(1)?);
        fields.finish(what)?;
        if permitted.is_empty() && excluded.is_empty() {
            return Err(der::error(format!("{what} are empty")));
        }
        Ok(Self { permitted, excluded })
    }
}

fn subtree(list: &mut Reader<'_>) -> Result<Subtree, DecodeError> {
    let what = "a name constraint";
    let mut fields = Reader::new(list.expect(der::SEQUENCE, what)?);
    let base = plain(&mut fields)?;
    let minimum = fields.optional(der::primitive(0), what)?;
    let maximum = fields.optional(der::primitive(1), what)?;
    fields.finish(what)?;
    Ok(Subtree { base, has_bounds: minimum.is_some() || maximum.is_some() })
}

/// Reads the names of a subjectAltName, given the value of the extension.
pub fn alternative_names(value: &[u8]) -> Result<Vec<Plain>, DecodeError> {
    let what = "the subjectAltName";
    let mut outer = Reader::new(value);
    let names = der::each(outer.expect(der::SEQUENCE, what)?, plain)?;
    outer.finish(what)?;
    Ok(names)
}

/// A distinguished name as constraints are held against it.
pub fn canonical(name: &Name) -> Vec<Canonical> {
    let attribute = |attribute: &super::Attribute| {
        let value =
            if attribute.is_text() { fold(&attribute.value) } else { attribute.value.clone() };
        (attribute.oid.clone(), value)
    };
    let rdn = |rdn: &super::Rdn| {
        let mut rdn: Canonical = rdn.iter().map(attribute).collect();
        rdn.sort_unstable();
        rdn
    };
    name.rdns.iter().map(rdn).collect()
}

/// Takes out of a text what does not count: white space around it, all but one between its words,
/// and the case of ASCII letters.
fn fold(text: &str) -> String {
    let words = text.split(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").to_ascii_lowercase()
}

fn plain(reader: &mut Reader<'_>) -> Result<Plain, DecodeError> {
    const EMAIL: u8 = der::primitive(1);
    const DNS: u8 = der::primitive(2);
    const DIRECTORY: u8 = der::constructed(4);
    const URI: u8 = der::primitive(6);
    const IP: u8 = der::primitive(7);
    let what = "a general name";
    let found = reader.any(what)?;
    match found.tag {
        EMAIL => Ok(Plain::Email(found.body.to_vec())),
        DNS => Ok(Plain::Dns(found.body.to_vec())),
        URI => Ok(Plain::Uri(found.body.to_vec())),
        IP => Ok(Plain::Ip(found.body.to_vec())),
        DIRECTORY => {
            let mut body = Reader::new(found.body);
            let name = Name::read(&mut body, "a directory name")?;
            body.finish(what)?;
            Ok(Plain::Directory(canonical(&name)))
        }
        // otherName, x400Address, ediPartyName, registeredID.
        0xa0 | 0xa3 | 0xa5 | 0x88 => Ok(Plain::Other(found.tag & 0x1f)),
        tag => Err(der::error(format!("{what} has the unknown tag 0x{tag:02x}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{rdn, sequence, tlv};
    use super::*;

    fn tree(name: &[u8]) -> Vec<u8> {
        sequence(&[name.to_vec()])
    }

    #[test]
    fn both_lists_are_read() {
        let dns = tlv(0x82, b"example.com");
        let ip = tlv(0x87, b"\x7f\0\0\0\xff\0\0\0");
        let der = sequence(&[tlv(0xa0, &tree(&dns)), tlv(0xa1, &tree(&ip))]);
        let found = Constraints::parse(&der).unwrap();
        let [permitted] = &*found.permitted else { panic!("{found:?}") };
        assert_eq!(permitted.base, Plain::Dns(b"example.com".to_vec()));
        assert!(!permitted.has_bounds);
        assert_eq!(found.excluded.len(), 1);
        let bounded = sequence(&[[dns.clone(), tlv(0x80, b"\0")].concat()]);
        let found = Constraints::parse(&sequence(&[tlv(0xa0, &bounded)])).unwrap();
        assert!(found.permitted.iter().all(|tree| tree.has_bounds));
    }

    #[test]
    fn what_is_broken_is_refused() {
        let dns = tlv(0x82, b"example.com");
        for broken in [
            sequence(&[]),
            sequence(&[tlv(0xa0, b""), tlv(0xa1, b"")]),
            sequence(&[tlv(0xa1, &tree(&dns)), tlv(0xa0, &tree(&dns))]),
            sequence(&[tlv(0xa0, &tree(&dns)), tlv(0xa2, b"")]),
            sequence(&[tlv(0xa0, &tree(&tlv(0x89, b"x")))]),
            [sequence(&[tlv(0xa0, &tree(&dns))]), vec![0]].concat(),
            tlv(0x05, b""),
        ] {
            assert!(Constraints::parse(&broken).is_err(), "{broken:?}");
        }
        assert!(alternative_names(b"\x30\x03\x82\x05a").is_err());
    }

    #[test]
    fn equal_names_are_equal() {
        const CN: &[u8] = b"\x55\x04\x03";
        let name = |value: &[u8], tag| {
            let der = sequence(&[rdn(&[(CN, tag, value)])]);
            canonical(&Name::read(&mut Reader::new(&der), "the name").unwrap())
        };
        assert_eq!(name(b" Some  CA ", 0x0c), name(b"some ca", 0x13));
        assert_ne!(name(b"some ca", 0x0c), name(b"someca", 0x0c));
    }
}
