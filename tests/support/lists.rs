//! Revocation lists written element by element, so that each can say what real ones seldom do.
#![allow(dead_code, reason = "each test uses its own part")]

use foreign_types::ForeignTypeRef as _;
use rcgen::SigningKey as _;

use crate::chains::Authority;

/// One element: identifier octet, length, contents.
pub fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        short @ 0..0x80 => vec![short as u8],
        long @ 0x80..0x100 => vec![0x81, long as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag][..], &length, body].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// An extension below 2.5.29.
pub fn ext(last: u8, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { b"\x01\x01\xff" } else { b"" };
    sequence(&[&tlv(6, &[0x55, 0x1d, last]), critical, &tlv(4, value)])
}

/// The extension issuingDistributionPoint with these fields.
pub fn point(fields: &[u8]) -> Vec<u8> {
    ext(28, true, &tlv(0x30, fields))
}

/// A list to be made.
#[derive(Clone, Default)]
pub struct List {
    /// The certificates it revokes, and the extensions of their entries.
    pub revoked: Vec<(Vec<u8>, Vec<u8>)>,
    /// Its own extensions.
    pub extensions: Vec<u8>,
    /// How many days ago it ended.
    pub days_too_old: i64,
}

impl List {
    /// Revokes a certificate.
    pub fn with(mut self, certificate: &rcgen::Certificate, extensions: &[u8]) -> Self {
        self.revoked.push((certificate.der().to_vec(), extensions.to_vec()));
        self
    }

    /// Adds an extension.
    pub fn saying(mut self, extension: &[u8]) -> Self {
        self.extensions.extend_from_slice(extension);
        self
    }

    /// Signs it.
    pub fn by(&self, authority: &Authority) -> String {
        let issuer = boring::x509::X509::from_der(authority.certificate.der()).unwrap();
        let algorithm = sequence(&[&tlv(6, b"\x2a\x86\x48\xce\x3d\x04\x03\x02")]);
        let time = |days: i64| {
            let at = time::OffsetDateTime::now_utc() + time::Duration::days(days);
            let (year, month) = (at.year() % 100, u8::from(at.month()));
            tlv(0x17, format!("{year:02}{month:02}{:02}000000Z", at.day()).as_bytes())
        };
        let entry = |(der, extensions): &(Vec<u8>, Vec<u8>)| {
            let x509 = boring::x509::X509::from_der(der).unwrap();
            let serial = x509.serial_number().to_bn().unwrap().to_vec();
            let serial = tlv(2, &[&[0][..], &serial].concat()[usize::from(serial[0] < 0x80)..]);
            let extensions =
                if extensions.is_empty() { Vec::new() } else { sequence(&[extensions]) };
            sequence(&[&serial, &time(-2), &extensions])
        };
        let revoked: Vec<u8> = self.revoked.iter().flat_map(entry).collect();
        let revoked = if revoked.is_empty() { revoked } else { sequence(&[&revoked]) };
        let number = ext(20, false, &tlv(2, &[1]));
        let extensions = tlv(0xa0, &sequence(&[&number, &self.extensions]));
        let signed = sequence(&[
            &tlv(2, &[1]),
            &algorithm,
            &name_of(&issuer),
            &time(-30),
            &time(if self.days_too_old > 0 { -self.days_too_old } else { 30 }),
            &revoked,
            &extensions,
        ]);
        let signature = authority.key.sign(&signed).unwrap();
        let der = sequence(&[&signed, &algorithm, &tlv(3, &[&[0][..], &signature].concat())]);
        tlswrap::pem::encode("X509 CRL", &der)
    }
}

/// The DER of a certificate's subject.
fn name_of(x509: &boring::x509::X509Ref) -> Vec<u8> {
    let mut out = std::ptr::null_mut();
    unsafe {
        let len = boring_sys::i2d_X509_NAME(x509.subject_name().as_ptr(), &mut out);
        let bytes = std::slice::from_raw_parts(out, len as usize).to_vec();
        boring_sys::OPENSSL_free(out.cast());
        bytes
    }
}
