//! Who is trusted: CA certificates and revocation lists as data, found by name.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use boring::x509::X509;
use once_cell::sync::OnceCell;

use super::directory::{Directories, Sort};
use crate::bssl::crl::Crl;
use crate::bssl::store::{self, NameHash};
use crate::error::Result;
use crate::verify::Anchors;

/// A set of trust anchors. Immutable, but for what its directories give.
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
    known: Mutex<Known>,
}

/// What the directories gave, and all that is known.
#[derive(Default)]
struct Known {
    certificates: ByName<X509>,
    lists: ByName<Crl>,
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
                known: Mutex::new(Known { digests, ..Known::default() }),
            })
        })
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
            certificates: [&pool.anchors.all[..], &known.certificates.all[..]].concat(),
            crls: pool.crls.all.len() + known.lists.all.len(),
        })
    }
}

impl Anchors for Trust {
    fn certificates(&self, subject: NameHash) -> Result<Vec<X509>> {
        self.pool()?.certificates(subject)
    }

    fn lists(&self, issuer: NameHash) -> Result<Vec<Crl>> {
        self.pool()?.lists(issuer)
    }

    fn describe(&self) -> String {
        if self.places.is_empty() {
            return "which is empty: no CA was loaded".to_owned();
        }
        self.places.join(", ")
    }
}

impl Pool {
    /// The certificates of a name, those among them that are new in the directories.
    fn certificates(&self, name: NameHash) -> Result<Vec<X509>> {
        let mut news = self.directories.news(name, Sort::Certificates);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for found in news.found.certificates.drain(..) {
            if known.digests.insert(store::digest(&found.x509)?) {
                known.certificates.push(NameHash::of_subject(&found.x509), found.x509);
            }
        }
        self.directories.know(news);
        Ok(self.anchors.named(name).chain(known.certificates.named(name)).cloned().collect())
    }

    /// The revocation lists of a name, in the same way.
    fn lists(&self, name: NameHash) -> Result<Vec<Crl>> {
        let mut news = self.directories.news(name, Sort::Lists);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for list in news.found.crls.drain(..) {
            if known.digests.insert(store::digest_of_list(&list)?) {
                known.lists.push(NameHash::of_list(&list), list);
            }
        }
        self.directories.know(news);
        Ok(self.crls.named(name).chain(known.lists.named(name)).cloned().collect())
    }
}
