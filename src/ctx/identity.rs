//! An own certificate chain with its private key.

use std::borrow::Cow;

use boring::pkey::{PKey, Private};
use zeroize::Zeroizing;

use super::load::{advised, certificates, is_pem};
use super::recognize::Wanted;
use super::trust::Trust;
use crate::bssl::buffer::Buffer;
use crate::bssl::context::Staples;
use crate::bssl::{key, pkcs8};
use crate::error::{Error, Kind, Result};
use crate::pem;
use crate::verify::complete::complete;

/// A chain, leaf first, and the key of its leaf.
#[derive(Clone)]
pub struct Identity {
    /// The certificates to send.
    pub chain: Vec<Buffer>,
    /// The leaf's key.
    pub key: PKey<Private>,
    /// What is shown besides.
    pub staples: Staples,
}

/// Gives the password of an encrypted key; called only if the key is encrypted.
pub type Ask<'a> = &'a mut dyn FnMut() -> Result<Option<Zeroizing<Vec<u8>>>>;

impl Identity {
    /// Reads a chain and its key, each PEM or DER; without `key` the key is looked for among the
    /// chain's PEM blocks.
    pub fn new(chain: &[u8], key: Option<&[u8]>, ask: Ask<'_>) -> Result<Self> {
        let certificates = certificates(chain).map_err(pem_lib)?;
        let leaf = certificates.first().ok_or_else(|| Error::decode("there is no certificate"))?;
        let private = read_key(key.unwrap_or(chain), ask).map_err(|error| {
            pem_lib(error).reworded(|text| match key {
                Some(_) => format!("private key: {text}"),
                None => format!("private key, looked for beside the certificates: {text}"),
            })
        })?;
        if !key::fits(&leaf.der, &private)? {
            return Err(Error::decode(
                "key values mismatch: the private key does not belong to the first certificate \
                 of the chain; is the leaf first, and is it the right key?",
            )
            .named("X509", "KEY_VALUES_MISMATCH"));
        }
        Ok(Self {
            chain: certificates.into_iter().map(|cert| cert.der).collect(),
            key: private,
            staples: Staples::default(),
        })
    }
}

impl Identity {
    /// The chain to send: a leaf alone is completed from who is trusted, as OpenSSL does it.
    pub fn sent_chain(&self, trust: &Trust) -> Result<Cow<'_, [Buffer]>> {
        match self.chain.as_slice() {
            [leaf] if !trust.is_empty() => complete(leaf, trust).map(Cow::Owned),
            chain => Ok(Cow::Borrowed(chain)),
        }
    }
}

/// OpenSSL says no more of certificates and keys that it cannot read than where it was told so.
fn pem_lib(error: Error) -> Error {
    if error.kind() == Kind::Decode { error.named("SSL", "") } else { error }
}

/// Whether a PEM label is that of a private key that can be read.
fn is_key(label: &str) -> bool {
    let is_any = label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY");
    is_any && label != "OPENSSH PRIVATE KEY"
}

fn read_key(data: &[u8], ask: Ask<'_>) -> Result<PKey<Private>> {
    if !is_pem(data) {
        if data.is_empty() {
            return Err(Error::decode("there are no bytes"));
        }
        if pkcs8::is_encrypted(data) {
            return key::from_encrypted_der(data, &password(ask)?);
        }
        return key::from_der(data)
            .map_err(|error| error.reworded(|text| advised(text, data, Wanted::Key)));
    }
    for block in pem::blocks(data) {
        let block = block?;
        if !is_key(block.label) {
            continue;
        }
        let text = data.get(block.range.clone()).unwrap_or_default();
        let decoded = || block.decode().map(Zeroizing::new);
        let key = match block.label {
            _ if block.has_headers => {
                password(ask).and_then(|word| key::from_pem(text, Some(&word)))
            }
            // Not by BoringSSL's reader of PEM, which knows the first version of PKCS#8 only.
            "PRIVATE KEY" => key::from_der(&decoded()?),
            "ENCRYPTED PRIVATE KEY" => {
                let der = decoded()?;
                password(ask).and_then(|word| key::from_encrypted_der(&der, &word))
            }
            _ => key::from_pem(text, None),
        };
        return key.map_err(|error| error.reworded(|text| format!("{}: {text}", block.place())));
    }
    Err(Error::decode(advised(
        "there is no PEM block of a private key (\"-----BEGIN PRIVATE KEY-----\" and the like)",
        data,
        Wanted::Key,
    )))
}

fn password(ask: Ask<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let password =
        ask()?.ok_or_else(|| Error::argument("it is encrypted, and no password was given"))?;
    if password.len() > key::LONGEST_PASSWORD {
        return Err(Error::argument(format!(
            "the password is longer than {} bytes",
            key::LONGEST_PASSWORD
        )));
    }
    Ok(password)
}
