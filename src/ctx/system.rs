//! The system's roots: where systems keep them, and one parse for the whole process.
//!
//! BoringSSL's own default (`/etc/ssl/cert.pem`) exists on few systems, so the usual places are
//! probed here. `SSL_CERT_FILE` and `SSL_CERT_DIR` come first, as OpenSSL's users expect.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use boring::x509::X509;

use super::trust::Trust;
use crate::bssl::buffer::Buffer;
use crate::bssl::x509;
use crate::pem::{self, Block};

/// Bundles, the first that can be read is taken.
const FILES: [&str; 8] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Gentoo, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",   // older Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",             // openSUSE
    "/etc/ssl/cert.pem",                  // Alpine, OpenBSD, macOS
    "/usr/local/share/certs/ca-root-nss.crt", // FreeBSD
    "/etc/pki/tls/cacert.pem",            // OpenELEC
    "/etc/certs/ca-certificates.crt",     // Solaris
];

/// Directories of hashed certificates, for systems without a bundle.
const DIRECTORIES: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/system/etc/security/cacerts", // Android
    "/usr/local/share/certs",
];

/// What the environment and the files said when the roots were read: the same again means the
/// roots need not be read again.
#[derive(PartialEq, Eq)]
struct Source {
    file: Option<PathBuf>,
    stamp: Option<(u64, Option<SystemTime>)>,
    directories: Vec<PathBuf>,
}

static LAST: Mutex<Option<(Source, Arc<Trust>)>> = Mutex::new(None);

impl Source {
    fn find() -> Self {
        let named_file = env::var_os("SSL_CERT_FILE").filter(|name| !name.is_empty());
        let named_dirs = env::var_os("SSL_CERT_DIR").filter(|name| !name.is_empty());
        let named = named_file.is_some() || named_dirs.is_some();
        let mut file = named_file.map(PathBuf::from);
        let mut directories: Vec<PathBuf> =
            named_dirs.map(|list| env::split_paths(&list).collect()).unwrap_or_default();
        directories.retain(|directory| !directory.as_os_str().is_empty());
        if !named {
            file = FILES.iter().map(PathBuf::from).find(|path| path.is_file());
            if file.is_none() {
                directories =
                    DIRECTORIES.iter().map(PathBuf::from).filter(|path| path.is_dir()).collect();
            }
        }
        let stamp = file
            .as_ref()
            .and_then(|path| fs::metadata(path).ok())
            .map(|meta| (meta.len(), meta.modified().ok()));
        Self { file, stamp, directories }
    }

    fn read(&self) -> Trust {
        let mut anchors = Vec::new();
        let mut places = Vec::new();
        if let Some(file) = &self.file {
            match fs::read(file) {
                Ok(data) => {
                    anchors = lenient(&data);
                    places.push(format!("{} of {}", count(anchors.len(), "root"), file.display()));
                }
                Err(error) => places
                    .push(format!("nothing of {}, which cannot be read: {error}", file.display())),
            }
        }
        for directory in &self.directories {
            places.push(format!("the directory {}", directory.display()));
        }
        if places.is_empty() {
            places.push(
                "no system roots: none of the usual files and directories exists; set \
                 SSL_CERT_FILE or load a CA"
                    .to_owned(),
            );
        }
        Trust::new(anchors, self.directories.clone(), places)
    }
}

fn count(n: usize, what: &str) -> String {
    format!("the {n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Every certificate that can be read: one that cannot must not cost the system all its roots.
fn lenient(data: &[u8]) -> Vec<X509> {
    pem::blocks(data)
        .flatten()
        .filter(Block::is_certificate)
        .filter_map(|block| block.decode().ok())
        .filter_map(|der| x509::parse(&Buffer::new(&der)).ok())
        .collect()
}

/// The system's roots as they are now.
pub(super) fn roots() -> Arc<Trust> {
    let source = Source::find();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((known, trust)) if *known == source => Arc::clone(trust),
        _ => {
            let trust = Arc::new(source.read());
            *last = Some((source, Arc::clone(&trust)));
            trust
        }
    }
}
