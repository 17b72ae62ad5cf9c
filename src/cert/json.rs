//! A certificate as JSON: what Python's `SSLSocket.getpeercert()` gives, and more behind it.
//!
//! Up to `crlDistributionPoints` the text is what `json.dumps` makes of CPython's dictionary on
//! OpenSSL 3: same keys, same order, tuples as arrays. Where CPython raises an exception, over
//! bytes in a host name that are no UTF-8 or an attribute that is no string, there is still an
//! answer: U+FFFD in the one, `#` and hexadecimal digits for the other.

use super::general_name::GeneralName;
use super::name::Name;
use super::{Info, names};
use crate::json::{self, Array, Object};

impl Info {
    /// The certificate as one JSON object.
    ///
    /// Python's keys come first (documentation of the `ssl` module, `SSLSocket.getpeercert`):
    /// `subject`, `issuer`, `version`, `serialNumber`, `notBefore`, `notAfter`, and if present
    /// `subjectAltName`, `OCSP`, `caIssuers`, `crlDistributionPoints`. Then ours:
    /// `signatureAlgorithm`, `keyType`, `keyBits`, `isCA`, and if present `keyUsage`,
    /// `extendedKeyUsage`, `subjectKeyIdentifier`, `authorityKeyIdentifier`.
    pub fn json(&self) -> String {
        json::object(|o| self.write(o))
    }

    /// The keys of that object, into one that has others before them.
    pub fn write(&self, o: &mut Object<'_>) {
        self.python_keys(o);
        self.our_keys(o);
    }

    fn python_keys(&self, o: &mut Object<'_>) {
        o.array("subject", |a| distinguished_name(a, &self.subject));
        o.array("issuer", |a| distinguished_name(a, &self.issuer));
        o.integer("version", self.version);
        o.string("serialNumber", &self.serial);
        o.string("notBefore", &self.not_before.text);
        o.string("notAfter", &self.not_after.text);
        if let Some(names) = &self.extensions.san {
            o.array("subjectAltName", |a| names.iter().for_each(|name| general_name(a, name)));
        }
        for (key, uris) in [
            ("OCSP", &self.extensions.ocsp),
            ("caIssuers", &self.extensions.ca_issuers),
            ("crlDistributionPoints", &self.extensions.crl_distribution_points),
        ] {
            if !uris.is_empty() {
                o.strings(key, uris);
            }
        }
    }

    fn our_keys(&self, o: &mut Object<'_>) {
        o.string("signatureAlgorithm", &self.signature_algorithm);
        o.string("keyType", &self.key.kind);
        o.integer("keyBits", self.key.bits.into());
        o.boolean("isCA", self.extensions.is_ca);
        if let Some(usages) = &self.extensions.key_usage {
            o.strings("keyUsage", usages);
        }
        if let Some(purposes) = &self.extensions.extended_key_usage {
            o.strings("extendedKeyUsage", purposes);
        }
        if let Some(identifier) = &self.extensions.subject_key_identifier {
            o.string("subjectKeyIdentifier", identifier);
        }
        if let Some(identifier) = &self.extensions.authority_key_identifier {
            o.string("authorityKeyIdentifier", identifier);
        }
    }
}

/// An array of RDNs, each an array of pairs.
fn distinguished_name(array: &mut Array<'_>, name: &Name) {
    for rdn in &name.rdns {
        array.array(|array| {
            for attribute in rdn {
                pair(array, names::long(&attribute.oid), &attribute.value);
            }
        });
    }
}

fn pair(array: &mut Array<'_>, name: &str, value: &str) {
    array.array(|array| {
        array.string(name);
        array.string(value);
    });
}

fn general_name(array: &mut Array<'_>, name: &GeneralName) {
    match name {
        GeneralName::Email(text) => pair(array, "email", text),
        GeneralName::Dns(text) => pair(array, "DNS", text),
        GeneralName::Uri(text) => pair(array, "URI", text),
        GeneralName::Ip(bytes) => pair(array, "IP Address", &ip(bytes)),
        GeneralName::RegisteredId(oid) => pair(array, "Registered ID", names::long(oid)),
        GeneralName::Other { oid, text, der } => {
            pair(array, "othername", &other(oid, text.as_deref(), der))
        }
        GeneralName::X400(_) => pair(array, "X400Name", "<unsupported>"),
        GeneralName::EdiParty(_) => pair(array, "EdiPartyName", "<unsupported>"),
        GeneralName::Directory(name) => array.array(|array| {
            array.string("DirName");
            array.array(|array| distinguished_name(array, name));
        }),
    }
}

/// CPython prints the eight groups of an IPv6 address as they are, none left out, in upper case.
fn ip(bytes: &[u8]) -> String {
    match bytes {
        [a, b, c, d] => format!("{a}.{b}.{c}.{d}"),
        groups if groups.len() == 16 => {
            let group =
                |pair: &[u8]| pair.iter().fold(0, |group, byte| group << 8 | u16::from(*byte));
            groups.chunks(2).map(|pair| format!("{:X}", group(pair))).collect::<Vec<_>>().join(":")
        }
        _ => "<invalid>".into(),
    }
}

/// The five kinds of otherName that OpenSSL's `GENERAL_NAME_print` knows, and the string type each
/// must have.
fn other(oid: &str, text: Option<&str>, der: &[u8]) -> String {
    const UTF8: u8 = 0x0c;
    const IA5: u8 = 0x16;
    let (kind, tag) = match oid {
        "1.3.6.1.4.1.311.20.2.3" => ("UPN", UTF8),
        "1.3.6.1.5.5.7.8.5" => ("XmppAddr", UTF8),
        "1.3.6.1.5.5.7.8.7" => ("SRVName", IA5),
        "1.3.6.1.5.5.7.8.8" => ("NAIRealm", UTF8),
        "1.3.6.1.5.5.7.8.9" => ("SmtpUTF8Mailbox", UTF8),
        _ => return "<unsupported>".into(),
    };
    match text {
        Some(text) if der.first() == Some(&tag) => format!("{kind}:{text}"),
        _ => "<unsupported>".into(),
    }
}
