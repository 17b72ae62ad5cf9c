//! Where the system's roots are: the one place that knows.
//!
//! BoringSSL's own default (`/etc/ssl/cert.pem`) exists on few systems, so the usual places are
//! probed here. `SSL_CERT_FILE` and `SSL_CERT_DIR` come first, as OpenSSL's users expect, but not
//! in programs with more rights than who started them.

use std::env;
use std::path::{Path, PathBuf};

use crate::io::environment;

/// The environment variable that names a bundle.
pub const FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// The environment variable that lists directories.
pub const DIRECTORY_VARIABLE: &str = "SSL_CERT_DIR";

/// Bundles, the first that exists is taken.
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

/// The places that count now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The bundle. One that the environment names need not exist.
    pub file: Option<PathBuf>,
    /// The directories. Those that the environment lists need not exist.
    pub directories: Vec<PathBuf>,
}

impl Places {
    /// What the environment names; if it names nothing, the first bundle that exists, and where
    /// there is none, the directories that do.
    pub fn find() -> Self {
        let file = environment::variable(FILE_VARIABLE);
        let directories = environment::variable(DIRECTORY_VARIABLE);
        if file.is_some() || directories.is_some() {
            let mut directories: Vec<PathBuf> =
                directories.map(|list| env::split_paths(&list).collect()).unwrap_or_default();
            directories.retain(|directory| !directory.as_os_str().is_empty());
            return Self { file: file.map(PathBuf::from), directories };
        }
        match existing(&FILES, Path::is_file).next() {
            Some(file) => Self { file: Some(file), directories: Vec::new() },
            None => {
                Self { file: None, directories: existing(&DIRECTORIES, Path::is_dir).collect() }
            }
        }
    }
}

fn existing(
    paths: &'static [&'static str],
    exists: impl Fn(&Path) -> bool,
) -> impl Iterator<Item = PathBuf> {
    paths.iter().map(PathBuf::from).filter(move |path| exists(path))
}

/// The bundle that is taken where the environment names nothing: the first that exists, else the
/// first that is looked for.
pub fn usual_file() -> PathBuf {
    existing(&FILES, Path::is_file).next().unwrap_or_else(|| FILES[0].into())
}

/// The directory that comes first where the environment names nothing and there is no bundle.
pub fn usual_directory() -> PathBuf {
    existing(&DIRECTORIES, Path::is_dir).next().unwrap_or_else(|| DIRECTORIES[0].into())
}
