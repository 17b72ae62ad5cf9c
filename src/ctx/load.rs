//! Certificates and revocation lists from bytes: PEM or DER.

use std::borrow::Cow;

use boring::x509::X509;

use super::recognize;
use crate::bssl::buffer::Buffer;
use crate::bssl::crl::Crl;
use crate::bssl::{store, x509};
use crate::cert::Info;
use crate::error::{Error, Result};
use crate::pem::{self, Block};

/// A certificate read from a file or memory.
pub struct Loaded {
    /// Its bytes.
    pub der: Buffer,
    /// The same, parsed.
    pub x509: X509,
}

/// Whether `data` is PEM rather than DER.
pub(super) fn is_pem(data: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    data.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// How many bytes the certificate at the beginning of `data` takes.
fn length(data: &[u8]) -> Result<usize> {
    Ok(Info::parse(data)?.1)
}

/// What one file or piece of memory held.
#[derive(Default)]
pub struct Found {
    /// Its certificates.
    pub certificates: Vec<Loaded>,
    /// Its revocation lists.
    pub crls: Vec<Crl>,
}

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Certificates,
    CertificatesAndCrls,
}

/// Reads certificates: PEM blocks (others are skipped), or DER one after another. All or none.
pub fn certificates(data: &[u8]) -> Result<Vec<Loaded>> {
    let found = read(data, Wanted::Certificates)?;
    if found.certificates.is_empty() {
        return Err(nothing(data));
    }
    Ok(found.certificates)
}

/// Reads certificates and revocation lists in the same way.
pub fn certificates_and_crls(data: &[u8]) -> Result<Found> {
    let found = read(data, Wanted::CertificatesAndCrls)?;
    if found.certificates.is_empty() && found.crls.is_empty() {
        return Err(nothing(data));
    }
    Ok(found)
}

/// The error of PEM without a certificate.
fn nothing(data: &[u8]) -> Error {
    no_start_line(advised(
        "there is no certificate: no PEM block \"-----BEGIN CERTIFICATE-----\"",
        data,
        recognize::Wanted::Certificate,
    ))
}

/// A message with what is known of the file that it is about.
pub(super) fn advised(message: &str, data: &[u8], wanted: recognize::Wanted) -> String {
    match recognize::recognize(data, wanted) {
        Some(what) => format!("{message}; {what}"),
        None => message.to_owned(),
    }
}

fn no_start_line(message: impl Into<Cow<'static, str>>) -> Error {
    Error::decode(message).named("PEM", "NO_START_LINE")
}

fn read(data: &[u8], wanted: Wanted) -> Result<Found> {
    if data.is_empty() {
        return Err(no_start_line("there are no bytes"));
    }
    if is_pem(data) { from_pem(data, wanted) } else { from_der(data, wanted) }
}

fn from_pem(data: &[u8], wanted: Wanted) -> Result<Found> {
    let mut found = Found::default();
    for block in pem::blocks(data) {
        let block = block?;
        let at = |error: Error| error.reworded(|text| format!("{}: {text}", block.place()));
        if block.label == "X509 CRL" && wanted == Wanted::CertificatesAndCrls {
            let der = block.decode()?;
            let (crl, used) = Crl::parse(&der).map_err(at)?;
            whole(&der, used, "revocation list").map_err(at)?;
            found.crls.push(crl);
        }
        if !block.is_certificate() {
            continue;
        }
        let der = block.decode()?;
        found.certificates.push(certificate(&block, &der).map_err(at)?);
    }
    Ok(found)
}

/// Reads the certificate of a block.
fn certificate(block: &Block<'_>, der: &[u8]) -> Result<Loaded> {
    let used = length(der)?;
    if !block.has_trust_settings() {
        whole(der, used, "certificate")?;
        return load(der);
    }
    let x509 = store::parse_trusted(der)?;
    Ok(Loaded { der: Buffer::new(der.get(..used).unwrap_or(der))?, x509 })
}

/// Reads the certificates and revocation lists of PEM that can be read: one that cannot must not
/// cost the others.
pub(super) fn lenient(data: &[u8]) -> Found {
    let mut found = Found::default();
    for block in pem::blocks(data).flatten() {
        let Ok(der) = block.decode() else {
            continue;
        };
        if block.is_certificate() {
            found.certificates.extend(certificate(&block, &der));
        } else if block.label == "X509 CRL"
            && let Ok((crl, used)) = Crl::parse(&der)
            && used == der.len()
        {
            found.crls.push(crl);
        }
    }
    found
}

fn whole(der: &[u8], used: usize, what: &str) -> Result<()> {
    match der.len().saturating_sub(used) {
        0 => Ok(()),
        more => Err(Error::decode(format!("{more} bytes follow the {what} inside the block"))),
    }
}

fn from_der(data: &[u8], wanted: Wanted) -> Result<Found> {
    let mut found = Found::default();
    let mut rest = data;
    while !rest.is_empty() {
        let so_far = found.certificates.len() + found.crls.len();
        let at = |error: Error| {
            let offset = data.len() - rest.len();
            if offset == 0 {
                let message = "neither PEM nor the DER of a certificate";
                // Why it is no DER is of interest where it looks like DER: of anything else the
                // first bytes would be told, and it may be a key.
                match recognize::recognize(data, recognize::Wanted::Certificate) {
                    None if data.first() == Some(&0x30) => error
                        .reworded(|text| format!("{message}: {text}"))
                        .named("PEM", "NO_START_LINE"),
                    None => no_start_line(message),
                    Some(what) => no_start_line(format!("{message}; {what}")),
                }
            } else {
                error.reworded(|text| {
                    format!("at byte {offset}, after {so_far} certificates: {text}")
                })
            }
        };
        let used = match length(rest) {
            Ok(used) => used,
            // A list begins like a certificate and is not one: the error is about what is likely.
            Err(error) => match Crl::parse(rest) {
                Ok((crl, used)) if wanted == Wanted::CertificatesAndCrls => {
                    found.crls.push(crl);
                    rest = rest.get(used..).unwrap_or_default();
                    continue;
                }
                _ => return Err(at(error)),
            },
        };
        let (first, after) = rest.split_at(used.min(rest.len()));
        found.certificates.push(load(first).map_err(at)?);
        rest = after;
    }
    Ok(found)
}

fn load(der: &[u8]) -> Result<Loaded> {
    let der = Buffer::new(der)?;
    let x509 = x509::parse(&der)?;
    Ok(Loaded { der, x509 })
}
