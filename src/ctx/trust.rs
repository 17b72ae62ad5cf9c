//! Who is trusted: CA certificates and revocation lists as data, and the store that is built from
//! them once.

use std::path::PathBuf;

use boring::x509::X509;
use boring::x509::store::X509Store;
use once_cell::sync::OnceCell;

use crate::bssl::crl::Crl;
use crate::bssl::x509::{self, Contents};
use crate::error::Result;

/// A set of trust anchors. Immutable; sharing it shares its store.
#[derive(Default)]
pub struct Trust {
    anchors: Vec<X509>,
    crls: Vec<Crl>,
    directories: Vec<PathBuf>,
    /// Where they came from, for messages.
    places: Vec<String>,
    store: OnceCell<X509Store>,
}

impl Trust {
    /// A set of `anchors` and hashed `directories`; `places` says where they came from.
    pub fn new(anchors: Vec<X509>, directories: Vec<PathBuf>, places: Vec<String>) -> Self {
        Self { anchors, crls: Vec::new(), directories, places, store: OnceCell::new() }
    }

    /// The same with revocation lists.
    #[must_use]
    pub fn with_crls(mut self, crls: Vec<Crl>) -> Self {
        self.crls = crls;
        self
    }

    /// This set and `other`'s.
    pub fn and(&self, other: &Self) -> Self {
        Self::new(
            [&self.anchors[..], &other.anchors[..]].concat(),
            [&self.directories[..], &other.directories[..]].concat(),
            [&self.places[..], &other.places[..]].concat(),
        )
        .with_crls([&self.crls[..], &other.crls[..]].concat())
    }

    /// Whether nothing was ever loaded.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The store, built on first use.
    pub fn store(&self) -> Result<&X509Store> {
        self.store.get_or_try_init(|| x509::store(&self.anchors, &self.crls, &self.directories))
    }

    /// From and until when a verification that was begun at `at` would find the same here, in
    /// seconds since 1970; `None` where it may find news at any time, in a directory. Revocation
    /// lists begin and end; they count if `lists` are asked.
    pub fn same_around(&self, at: i64, lists: bool) -> Option<(i64, i64)> {
        if !self.directories.is_empty() {
            return None;
        }
        let mut span = (i64::MIN, i64::MAX);
        for crl in self.crls.iter().filter(|_| lists) {
            for moment in crl.moments()? {
                span = if moment <= at {
                    (span.0.max(moment), span.1)
                } else {
                    (span.0, span.1.min(moment))
                };
            }
        }
        Some(span)
    }

    /// What is in the store: what was loaded, and what its directories gave since.
    pub fn contents(&self) -> Result<Contents> {
        self.store().map(x509::contents)
    }

    /// Where its certificates came from, for messages.
    pub fn describe(&self) -> String {
        if self.places.is_empty() {
            return "which is empty: no CA was loaded".to_owned();
        }
        self.places.join(", ")
    }
}
