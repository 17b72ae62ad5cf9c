//! Reading a file of certificates or keys whole.

use std::fs;
use std::path::Path;

use crate::error::{Error, Kind, Result};

/// The largest file that is read. The largest bundles in use are under 1 MiB; a file like this one
/// is a mistake, or an attack on memory.
const LARGEST: u64 = 64 << 20;

/// Reads it. What is no regular file (a pipe, a device) is refused unopened: it may never end, or
/// never begin.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| {
        Error::io(&path.display().to_string(), error.raw_os_error().unwrap_or(0))
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if !meta.is_file() && !meta.is_dir() {
        return Err(Error::new(Kind::Io, format!("{}: it is not a regular file", path.display())));
    }
    if meta.len() > LARGEST {
        return Err(Error::decode(format!(
            "{}: {} MiB are more than certificates and keys take; at most {} are read",
            path.display(),
            meta.len() >> 20,
            LARGEST >> 20
        )));
    }
    // The system itself says what it thinks of reading a directory.
    fs::read(path).map_err(failed)
}
