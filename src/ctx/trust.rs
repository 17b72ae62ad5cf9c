//! Who is trusted: CA certificates and revocation lists as data, and the store into which those are
//! put that a chain needs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use boring::x509::X509;
use boring::x509::store::X509Store;
use once_cell::sync::OnceCell;

use super::directory::{Directories, Sort};
use crate::bssl::buffer::Buffer;
use crate::bssl::crl::Crl;
use crate::bssl::store::{self, NameHash};
use crate::bssl::x509;
use crate::error::Result;

/// How many names are looked for to find the issuers of one chain.
const MOST_NAMES: usize = 128;

/// A set of trust anchors. Immutable; sharing it shares its store.
#[derive(Default)]
pub struct Trust {
    anchors: Vec<X509>,
    crls: Vec<Crl>,
    directories: Vec<PathBuf>,
    /// Where they came from, for messages.
    places: Vec<String>,
    /// Whether a part of it could not be read.
    lacks: bool,
    pool: OnceCell<Pool>,
}

/// What a set of trust anchors holds, once of each, and by name.
struct Pool {
    anchors: ByName<X509>,
    crls: ByName<Crl>,
    directories: Directories,
    /// BoringSSL's store. Adding to it costs more the more is in it, so it has what was asked for.
    store: X509Store,
    /// What was asked for.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The names whose anchors are in the store.
    anchors: HashSet<NameHash>,
    /// The names whose lists are.
    lists: HashSet<NameHash>,
    /// The certificates that the directories gave.
    found: ByName<X509>,
    /// How many lists they gave.
    lists_found: usize,
    /// The digests of all that was loaded or found.
    digests: HashSet<[u8; 32]>,
}

/// Things in the order in which they came, and where those of a name are.
struct ByName<T> {
    all: Vec<T>,
    places: HashMap<NameHash, Vec<usize>>,
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new() }
    }
}

impl<T> ByName<T> {
    fn push(&mut self, name: NameHash, one: T) {
        self.places.entry(name).or_default().push(self.all.len());
        self.all.push(one);
    }

    fn named(&self, name: NameHash) -> impl Iterator<Item = &T> {
        let places = self.places.get(&name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.all.get(*place))
    }
}

/// What is in a store.
pub struct Contents {
    /// Its certificates: those that were loaded, and those that a directory gave since.
    pub certificates: Vec<X509>,
    /// How many revocation lists it has.
    pub crls: usize,
}

impl Trust {
    /// A set of `anchors` and hashed `directories`; `places` says where they came from.
    pub fn new(anchors: Vec<X509>, directories: Vec<PathBuf>, places: Vec<String>) -> Self {
        Self { anchors, directories, places, ..Self::default() }
    }

    /// The same with revocation lists.
    #[must_use]
    pub fn with_crls(mut self, crls: Vec<Crl>) -> Self {
        self.crls = crls;
        self
    }

    /// The same, of which a part could not be read.
    #[must_use]
    pub fn lacking(mut self, lacks: bool) -> Self {
        self.lacks = lacks;
        self
    }

    /// Whether a part of it could not be read: the next time it may.
    pub fn lacks(&self) -> bool {
        self.lacks
    }

    /// This set and `other`'s.
    pub fn and(&self, other: &Self) -> Self {
        Self::new(
            [&self.anchors[..], &other.anchors[..]].concat(),
            [&self.directories[..], &other.directories[..]].concat(),
            [&self.places[..], &other.places[..]].concat(),
        )
        .with_crls([&self.crls[..], &other.crls[..]].concat())
        .lacking(self.lacks || other.lacks)
    }

    /// Whether nothing was ever loaded.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn pool(&self) -> Result<&Pool> {
        self.pool.get_or_try_init(|| {
            let (mut anchors, mut crls) = (ByName::default(), ByName::default());
            let mut digests = HashSet::with_capacity(self.anchors.len() + self.crls.len());
            for anchor in &self.anchors {
                if digests.insert(store::digest(anchor)?) {
                    anchors.push(NameHash::of_subject(anchor), anchor.clone());
                }
            }
            for crl in &self.crls {
                if digests.insert(store::digest_of_list(crl)?) {
                    crls.push(NameHash::of_list(crl), crl.clone());
                }
            }
            Ok(Pool {
                anchors,
                crls,
                directories: Directories::new(self.directories.clone()),
                store: store::empty()?,
                known: Mutex::new(Known { digests, ..Known::default() }),
            })
        })
    }

    /// The store, with all that there is now for a chain with these certificates, leaf first: under
    /// the names of the leaf and its issuer, and of whoever issued what is found under those. With
    /// `lists` their revocation lists too.
    pub fn store_for(&self, sent: &[Buffer], lists: bool) -> Result<&X509Store> {
        let pool = self.pool()?;
        let sent: Vec<X509> = sent.iter().filter_map(|der| x509::parse(der).ok()).collect();
        let mut above: HashMap<NameHash, Vec<NameHash>> = HashMap::new();
        for x509 in &sent {
            above.entry(NameHash::of_subject(x509)).or_default().push(NameHash::of_issuer(x509));
        }
        let mut names: VecDeque<_> =
            sent.first().map(|leaf| NameHash::of_subject(leaf)).into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(name) = names.pop_front() {
            if seen.len() >= MOST_NAMES {
                break;
            }
            if seen.insert(name) {
                names.extend(above.get(&name).into_iter().flatten());
                names.extend(pool.put_certificates(name)?);
                if lists {
                    pool.put_lists(name)?;
                }
            }
        }
        Ok(&pool.store)
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
        let pool = self.pool()?;
        let known = pool.known.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Contents {
            certificates: [&pool.anchors.all[..], &known.found.all[..]].concat(),
            crls: pool.crls.all.len() + known.lists_found,
        })
    }

    /// Where its certificates came from, for messages.
    pub fn describe(&self) -> String {
        if self.places.is_empty() {
            return "which is empty: no CA was loaded".to_owned();
        }
        self.places.join(", ")
    }
}

impl Pool {
    /// Puts the certificates of a name into the store, and gives the names of their issuers.
    fn put_certificates(&self, name: NameHash) -> Result<Vec<NameHash>> {
        let mut news = self.directories.news(name, Sort::Certificates);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.anchors.insert(name) {
            for anchor in self.anchors.named(name) {
                store::add(&self.store, anchor)?;
            }
        }
        for found in news.found.certificates.drain(..) {
            if known.digests.insert(store::digest(&found.x509)?) {
                store::add(&self.store, &found.x509)?;
                known.found.push(NameHash::of_subject(&found.x509), found.x509);
            }
        }
        self.directories.know(news);
        let named = self.anchors.named(name).chain(known.found.named(name));
        Ok(named.map(|x509| NameHash::of_issuer(x509)).collect())
    }

    /// Puts the revocation lists of a name into the store.
    fn put_lists(&self, name: NameHash) -> Result<()> {
        let mut news = self.directories.news(name, Sort::Lists);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.lists.insert(name) {
            for list in self.crls.named(name) {
                store::add_list(&self.store, list)?;
            }
        }
        for list in news.found.crls.drain(..) {
            if known.digests.insert(store::digest_of_list(&list)?) {
                store::add_list(&self.store, &list)?;
                known.lists_found += 1;
            }
        }
        self.directories.know(news);
        Ok(())
    }
}
