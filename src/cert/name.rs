//! Distinguished names (RFC 5280 §4.1.2.4), and their text (RFC 4514).

use std::fmt::Write;

use data_encoding::HEXUPPER;

use super::der::{self, Reader};
use super::{DecodeError, names, strings};

/// A distinguished name: what the subject and the issuer are, and a directory name among the
/// alternative names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The relative distinguished names in the order of the encoding: usually the country first,
    /// the common name last.
    pub rdns: Vec<Rdn>,
    /// The whole name as it was encoded.
    pub der: Vec<u8>,
}

/// A relative distinguished name: nearly always one attribute, never none (an empty set is left
/// out, as OpenSSL does).
pub type Rdn = Vec<Attribute>;

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, in dotted decimal; [`names`] has the words.
    pub oid: String,
    /// Its value. What is not a string is given as RFC 4514 §2.4 writes it: `#` and the hexadecimal
    /// digits of the DER.
    pub value: String,
    /// The value as it was encoded, identifier and length included.
    pub der: Vec<u8>,
    is_text: bool,
}

/// A name larger than this is refused, as OpenSSL refuses it.
const MAX_DER: usize = 1 << 20;

impl Name {
    /// Reads a Name. `what` says which one, for messages.
    pub(super) fn read(reader: &mut Reader<'_>, what: &str) -> Result<Name, DecodeError> {
        let name = reader.any(what)?;
        if name.tag != der::SEQUENCE || name.raw.len() > MAX_DER {
            return Err(der::error(format!("{what} is not a name")));
        }
        let mut rdns = der::each(name.body, |rdns| {
            der::each(rdns.expect(der::SET, what)?, |rdn| attribute(rdn, what))
        })?;
        rdns.retain(|rdn| !rdn.is_empty());
        Ok(Name { rdns, der: name.raw.to_vec() })
    }

    /// The common names in the order of the encoding, the most specific last.
    pub fn common_names(&self) -> impl DoubleEndedIterator<Item = &str> {
        let attributes = self.rdns.iter().flatten();
        attributes.filter(|attribute| attribute.oid == "2.5.4.3").map(|found| found.value.as_str())
    }

    /// The most specific common name.
    pub fn common_name(&self) -> Option<&str> {
        self.common_names().next_back()
    }

    /// The name in RFC 4514's text, most specific first: `CN=example.com,O=Example,C=DE`; empty for
    /// an empty name.
    ///
    /// Types outside RFC 4514's table have OpenSSL's short name, and those it does not know their
    /// dotted form and the value in hexadecimal. Characters that control a terminal or the
    /// direction of writing are escaped too, so the text can stand in a log as it is.
    pub fn rfc4514(&self) -> String {
        let mut text = String::new();
        for rdn in self.rdns.iter().rev() {
            let mut separator = if text.is_empty() { "" } else { "," };
            for attribute in rdn {
                text.push_str(separator);
                attribute.write_rfc4514(&mut text);
                separator = "+";
            }
        }
        text
    }
}

impl Attribute {
    /// Whether the value is a string.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    fn write_rfc4514(&self, text: &mut String) {
        match names::rfc4514(&self.oid) {
            Some(name) if self.is_text => {
                text.push_str(name);
                text.push('=');
                write_escaped(text, &self.value);
            }
            name => {
                text.push_str(name.unwrap_or(&self.oid));
                text.push('=');
                text.push_str(&hexstring(&self.der));
            }
        }
    }
}

/// Bytes as RFC 4514 §2.4 writes them: `#04020102`.
pub(super) fn hexstring(der: &[u8]) -> String {
    format!("#{}", HEXUPPER.encode(der))
}

fn attribute(rdn: &mut Reader<'_>, what: &str) -> Result<Attribute, DecodeError> {
    let mut fields = Reader::new(rdn.expect(der::SEQUENCE, what)?);
    let oid = der::dotted(fields.expect(der::OID, what)?, what)?;
    let value = fields.any(what)?;
    fields.finish(what)?;
    let text = strings::text(value.tag, value.body, what)?;
    let is_text = text.is_some();
    let value_text = text.unwrap_or_else(|| hexstring(value.raw));
    Ok(Attribute { oid, value: value_text, der: value.raw.to_vec(), is_text })
}

/// Separators of lines and of paragraphs, and the marks that turn the direction of writing: with
/// them a name can show other letters than it has.
fn misleads(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// RFC 4514 §2.4: what must be escaped, and besides what cannot be seen.
fn write_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            '#' if index == 0 => text.push_str("\\#"),
            unseen if unseen.is_control() || misleads(unseen) => {
                for byte in unseen.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String cannot fail; the Result belongs to the trait.
                    let _ = write!(text, "\\{byte:02X}");
                }
            }
            plain => text.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{rdn, sequence, tlv};
    use super::*;

    fn name(rdns: &[Vec<u8>]) -> Name {
        Name::read(&mut Reader::new(&sequence(rdns)), "the name").unwrap()
    }

    const CN: &[u8] = b"\x55\x04\x03";

    #[test]
    fn the_examples_of_rfc_4514_section_4() {
        let dc: &[u8] = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19";
        let ou: &[u8] = b"\x55\x04\x0b";
        let net = rdn(&[(dc, 0x16, b"net")]);
        let example = rdn(&[(dc, 0x16, b"example")]);
        let uid = rdn(&[(b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", 0x0c, b"jsmith")]);
        let sales = rdn(&[(ou, 0x0c, b"Sales"), (CN, 0x0c, b"J.  Smith")]);
        let jim = rdn(&[(CN, 0x0c, b"James \"Jim\" Smith, III")]);
        let before = rdn(&[(CN, 0x0c, b"Before\rAfter")]);
        let unknown = rdn(&[(b"\x2b\x06\x01\x04\x01\x8b\x3a\x00", 0x04, b"\x48\x69")]);
        let lucic = rdn(&[(CN, 0x0c, "Lu\u{10d}i\u{107}".as_bytes())]);
        let text = |last: &[u8]| name(&[net.clone(), example.clone(), last.to_vec()]).rfc4514();
        assert_eq!(text(&uid), "UID=jsmith,DC=example,DC=net");
        assert_eq!(text(&sales), "OU=Sales+CN=J.  Smith,DC=example,DC=net");
        assert_eq!(text(&jim), r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#);
        assert_eq!(text(&before), r"CN=Before\0DAfter,DC=example,DC=net");
        assert_eq!(name(&[unknown]).rfc4514(), "1.3.6.1.4.1.1466.0=#04024869");
        assert_eq!(name(&[lucic]).rfc4514(), "CN=Lu\u{10d}i\u{107}");
        assert_eq!(name(&[]).rfc4514(), "");
    }

    #[test]
    fn escapes_depend_on_the_place() {
        let cases = [
            (" a b ", r"CN=\ a b\ "),
            (" ", r"CN=\ "),
            ("  ", r"CN=\ \ "),
            ("#a#", r"CN=\#a#"),
            ("a=b", "CN=a=b"),
            ("\0\u{7f}\u{85}", r"CN=\00\7F\C2\85"),
            ("<;>+\\,", r"CN=\<\;\>\+\\\,"),
            ("\u{202e}a\u{2028}", r"CN=\E2\80\AEa\E2\80\A8"),
            ("", "CN="),
        ];
        for (value, expected) in cases {
            assert_eq!(name(&[rdn(&[(CN, 0x0c, value.as_bytes())])]).rfc4514(), expected);
        }
    }

    #[test]
    fn types_have_the_words_of_rfc_4514_then_of_openssl_then_none() {
        let street = rdn(&[(b"\x55\x04\x09", 0x13, b"x")]);
        let email = rdn(&[(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 0x16, b"a@b")]);
        let strange = rdn(&[(b"\x2a\x03", 0x0c, b"x")]);
        let bits = rdn(&[(CN, 0x03, b"\0\x01")]);
        let name = name(&[street, email, strange, bits]);
        assert_eq!(name.rfc4514(), "CN=#03020001,1.2.3=#0C0178,emailAddress=a@b,STREET=x");
        assert_eq!(name.common_name(), Some("#03020001"));
    }

    #[test]
    fn the_last_common_name_is_the_most_specific() {
        let two = rdn(&[(CN, 0x0c, b"second"), (CN, 0x0c, b"third")]);
        assert_eq!(name(&[rdn(&[(CN, 0x0c, b"first")]), two]).common_name(), Some("third"));
        assert_eq!(name(&[]).common_name(), None);
    }

    #[test]
    fn an_empty_set_is_no_rdn_but_stays_in_the_der() {
        let der = sequence(&[tlv(0x31, b"")]);
        let name = Name::read(&mut Reader::new(&der), "the name").unwrap();
        assert!(name.rdns.is_empty());
        assert_eq!(name.der, der);
    }

    #[test]
    fn broken_names_say_so() {
        for (der, what) in [
            (sequence(&[tlv(0x30, b"")]), "the name has the tag 0x30 instead of 0x31"),
            (sequence(&[rdn(&[(b"", 0x0c, b"x")])]), "the name is not a DER object identifier"),
            (
                sequence(&[rdn(&[(CN, 0x0c, b"\xff")])]),
                "the name holds a string that is not of its type (0x0c)",
            ),
            (tlv(0x31, b""), "the name is not a name"),
        ] {
            assert_eq!(Name::read(&mut Reader::new(&der), "the name").unwrap_err().what, what);
        }
    }
}
