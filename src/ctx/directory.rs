//! Directories of certificates and revocation lists that are found by name: HASH.0, HASH.1 … and
//! HASH.r0, HASH.r1 …, as `openssl rehash` links them.
//!
//! They are read by ourselves and not by BoringSSL, which gives up a name at the first of its files
//! that is broken, and which looks no more once it has found a certificate.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::load::{Found, lenient};
use crate::bssl::store::NameHash;
use crate::io::{cancel, file};

/// How many files of one name are looked at.
const MOST: usize = 1024;

/// What is looked for under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Certificates with this subject.
    Certificates,
    /// Revocation lists of this issuer.
    Lists,
}

/// By what a file is known that was read before.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt as _;
            (meta.dev(), meta.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { len: meta.len(), modified: meta.modified().ok(), identity }
    }
}

/// The directories of a trust store, and which of their files were read.
#[derive(Default)]
pub struct Directories {
    paths: Vec<PathBuf>,
    read: Mutex<HashMap<PathBuf, Stamp>>,
}

/// What was not there before.
#[derive(Default)]
pub struct News {
    /// The certificates or lists.
    pub found: Found,
    /// The files in which they are.
    files: Vec<(PathBuf, Stamp)>,
}

impl Directories {
    /// Those at `paths`. That one does not exist is no error: nothing is found in it.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths, read: Mutex::default() }
    }

    /// What is there under a name and is not known yet, or has changed since. A file that cannot be
    /// read, or that holds something else, does not hide the next.
    pub fn news(&self, name: NameHash, sort: Sort) -> News {
        let mut news = News::default();
        if !self.paths.is_empty() {
            cancel::off();
        }
        let letter = if sort == Sort::Lists { "r" } else { "" };
        for directory in &self.paths {
            for hash in [name.now, name.old] {
                for number in 0..MOST {
                    let path = directory.join(format!("{hash:08x}.{letter}{number}"));
                    // A link that leads nowhere is there as well.
                    if fs::symlink_metadata(&path).is_err() {
                        break;
                    }
                    self.add_to(&mut news, path, sort);
                }
            }
        }
        news
    }

    /// Adds what a file holds, unless it is known. One that cannot be read is tried again the next
    /// time; one that can, and is of no use, is not.
    fn add_to(&self, news: &mut News, path: PathBuf, sort: Sort) {
        let Ok(meta) = fs::metadata(&path) else {
            return;
        };
        let stamp = Stamp::of(&meta);
        if self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&path) == Some(&stamp) {
            return;
        }
        let Ok(data) = file::read_regular(&path) else {
            return;
        };
        let more = lenient(&data);
        match sort {
            Sort::Certificates => news.found.certificates.extend(more.certificates),
            Sort::Lists => news.found.crls.extend(more.crls),
        }
        news.files.push((path, stamp));
    }

    /// Takes note that news are known to everybody now.
    pub fn know(&self, news: News) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).extend(news.files);
    }
}
