//! Certificates for the tests of this room, built element by element, so that each can be wrong in
//! one place.

/// One element: identifier octet, length, contents.
pub fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match body.len() {
        short @ 0..0x80 => der.push(short as u8),
        long => {
            der.push(0x83);
            der.extend(&(long as u32).to_be_bytes()[1..]);
        }
    }
    der.extend(body);
    der
}

/// A SEQUENCE of elements.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A relative distinguished name of attributes: identifier, string tag, value.
pub fn rdn(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let attribute =
        |&(oid, tag, value): &(&[u8], u8, &[u8])| sequence(&[tlv(0x06, oid), tlv(tag, value)]);
    tlv(0x31, &attributes.iter().map(attribute).collect::<Vec<_>>().concat())
}

/// An extension: identifier and the DER of its value.
pub fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, oid), tlv(0x04, value)])
}

/// The fields of a certificate as they will be encoded.
#[derive(Clone)]
pub struct Sample {
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    pub algorithm: Vec<u8>,
    pub issuer: Vec<u8>,
    pub validity: Vec<u8>,
    pub subject: Vec<u8>,
    pub key: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
}

impl Default for Sample {
    fn default() -> Self {
        let name = sequence(&[rdn(&[(b"\x55\x04\x03", 0x0c, b"example.com")])]);
        Sample {
            version: tlv(0xa0, &tlv(0x02, &[2])),
            serial: tlv(0x02, &[0x0a, 0xbc]),
            // sha256WithRSAEncryption
            algorithm: sequence(&[
                tlv(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
                tlv(0x05, b""),
            ]),
            issuer: name.clone(),
            validity: sequence(&[tlv(0x17, b"260601120000Z"), tlv(0x18, b"20510601120000Z")]),
            subject: name,
            // A P-256 key; the point is zeros.
            key: key(
                &[b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x03\x01\x07"],
                &[[4].as_slice(), &[0; 64]].concat(),
            ),
            extensions: vec![],
        }
    }
}

/// A SubjectPublicKeyInfo whose algorithm and parameters are identifiers.
pub fn key(oids: &[&[u8]], key: &[u8]) -> Vec<u8> {
    let oids: Vec<_> = oids.iter().map(|oid| tlv(0x06, oid)).collect();
    sequence(&[sequence(&oids), tlv(0x03, &[&[0], key].concat())])
}

impl Sample {
    /// The certificate. Its signature is one zero byte: nobody here verifies.
    pub fn der(&self) -> Vec<u8> {
        let mut tbs = vec![
            self.version.clone(),
            self.serial.clone(),
            self.algorithm.clone(),
            self.issuer.clone(),
            self.validity.clone(),
            self.subject.clone(),
            self.key.clone(),
        ];
        if !self.extensions.is_empty() {
            tbs.push(tlv(0xa3, &sequence(&self.extensions)));
        }
        sequence(&[sequence(&tbs), self.algorithm.clone(), tlv(0x03, &[0, 0])])
    }
}
