//! Who is trusted: CA certificates as data, and the store that is built from them once.

use std::path::PathBuf;

use boring::x509::X509;
use boring::x509::store::X509Store;
use once_cell::sync::OnceCell;

use crate::bssl::buffer::Buffer;
use crate::bssl::x509;
use crate::cert::Info;
use crate::error::{Error, Result};
use crate::pem::{self, Block};

/// A set of trust anchors. Immutable; sharing it shares its store.
#[derive(Default)]
pub struct Trust {
    anchors: Vec<X509>,
    directories: Vec<PathBuf>,
    /// Where they came from, for messages.
    places: Vec<String>,
    store: OnceCell<X509Store>,
}

impl Trust {
    /// A set of `anchors` and hashed `directories`; `places` says where they came from.
    pub fn new(anchors: Vec<X509>, directories: Vec<PathBuf>, places: Vec<String>) -> Self {
        Self { anchors, directories, places, store: OnceCell::new() }
    }

    /// This set and `other`'s.
    pub fn and(&self, other: &Self) -> Self {
        Self::new(
            [&self.anchors[..], &other.anchors[..]].concat(),
            [&self.directories[..], &other.directories[..]].concat(),
            [&self.places[..], &other.places[..]].concat(),
        )
    }

    /// Whether nothing was ever loaded.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The store, built on first use.
    pub fn store(&self) -> Result<&X509Store> {
        self.store.get_or_try_init(|| x509::store(&self.anchors, &self.directories))
    }

    /// Where its certificates came from, for messages.
    pub fn describe(&self) -> String {
        if self.places.is_empty() {
            return "which is empty: no CA was loaded".to_owned();
        }
        self.places.join(", ")
    }
}

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

/// Where in a file a block is, for messages.
pub(super) fn place(block: &Block<'_>) -> String {
    format!("block {} ({}, line {})", block.ordinal, block.label, block.line)
}

/// How many bytes the certificate at the beginning of `data` takes.
fn length(data: &[u8]) -> Result<usize> {
    Ok(Info::parse(data)?.1)
}

/// Reads certificates: PEM blocks (others are skipped), or DER one after another. All or none.
pub fn certificates(data: &[u8]) -> Result<Vec<Loaded>> {
    if data.is_empty() {
        return Err(Error::decode("there are no bytes"));
    }
    let found = if is_pem(data) { from_pem(data)? } else { from_der(data)? };
    if found.is_empty() {
        let mut error =
            Error::decode("there is no certificate: no PEM block \"-----BEGIN CERTIFICATE-----\"");
        let detail = error.detail_mut();
        detail.library = "PEM";
        detail.reason = "NO_START_LINE".into();
        return Err(error);
    }
    Ok(found)
}

fn from_pem(data: &[u8]) -> Result<Vec<Loaded>> {
    let mut found = Vec::new();
    for block in pem::blocks(data) {
        let block = block?;
        if !block.is_certificate() {
            continue;
        }
        // A TRUSTED CERTIFICATE carries OpenSSL's trust settings after the certificate.
        let trusted = block.label == "TRUSTED CERTIFICATE";
        let at = |error: Error| error.reworded(|text| format!("{}: {text}", place(&block)));
        let der = block.decode()?;
        let used = length(&der).map_err(at)?;
        if used < der.len() && !trusted {
            return Err(at(Error::decode(format!(
                "{} bytes follow the certificate inside the block",
                der.len() - used
            ))));
        }
        found.push(load(der.get(..used).unwrap_or(&der)).map_err(at)?);
    }
    Ok(found)
}

fn from_der(data: &[u8]) -> Result<Vec<Loaded>> {
    let mut found = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let at = |error: Error| {
            let offset = data.len() - rest.len();
            error.reworded(|text| {
                if offset == 0 {
                    format!("neither PEM nor the DER of a certificate: {text}")
                } else {
                    format!("at byte {offset}, after {} certificates: {text}", found.len())
                }
            })
        };
        let used = length(rest).map_err(at)?;
        let (first, after) = rest.split_at(used.min(rest.len()));
        let loaded = load(first).map_err(at)?;
        found.push(loaded);
        rest = after;
    }
    Ok(found)
}

fn load(der: &[u8]) -> Result<Loaded> {
    let der = Buffer::new(der);
    let x509 = x509::parse(&der)?;
    Ok(Loaded { der, x509 })
}
