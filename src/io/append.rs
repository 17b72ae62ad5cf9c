//! A file that lines are appended to: whole lines, without waiting and without a signal.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

#[cfg(unix)]
use super::fd::effective_user;
#[cfg(unix)]
use super::quiet::Quiet;
use crate::error::{Error, Result, shown};

/// Held for a line: those of all threads, and of all that have opened the same file, stay whole.
static LINE: Mutex<()> = Mutex::new(());

/// An open file, pipe or device.
pub struct Lines {
    file: File,
    /// Whether it ends, and can be cut.
    is_file: bool,
    /// Whether it ends in a part of a line.
    is_torn: Mutex<bool>,
}

impl Lines {
    /// Opens `path` to append to; a file that is not there is made, for its owner alone. A new or
    /// empty file begins with `head`.
    pub fn open(path: &Path, head: &str) -> Result<Self> {
        let (file, about) = open(path)?;
        let is_file = about.is_file();
        let is_torn = is_file && about.len() > 0 && ends_amid_a_line(path, &about);
        let lines = Self { file, is_file, is_torn: Mutex::new(is_torn) };
        if is_file && about.len() == 0 {
            lines.append(head.as_bytes()).map_err(|error| failed(path, &error))?;
        }
        Ok(lines)
    }

    /// Appends a line, which ends in its end of line; or nothing, if it cannot be appended at once
    /// and as a whole.
    pub fn append(&self, line: &[u8]) -> std::io::Result<()> {
        let _line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_torn = self.is_torn.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(unix)]
        let _quiet = Quiet::new();
        // One write, so that lines of other processes do not come between.
        let whole = if *is_torn { [b"\n", line].concat() } else { line.to_vec() };
        let mut rest = whole.as_slice();
        while !rest.is_empty() {
            match (&self.file).write(rest) {
                Ok(n @ 1..) => rest = rest.get(n..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                now => {
                    let written = whole.len() - rest.len();
                    if written > 0 && !self.take_back(written) {
                        *is_torn = true;
                    }
                    return Err(now.err().unwrap_or_else(|| ErrorKind::WriteZero.into()));
                }
            }
        }
        *is_torn = false;
        Ok(())
    }

    /// Cuts the last `written` bytes off, if they are the last.
    fn take_back(&self, written: usize) -> bool {
        let cut = || -> std::io::Result<bool> {
            let end = (&self.file).stream_position()?;
            if self.file.metadata()?.len() != end {
                return Ok(false);
            }
            self.file.set_len(end.saturating_sub(written as u64)).map(|()| true)
        };
        self.is_file && cut().unwrap_or(false)
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::io(&shown(path), error.raw_os_error().unwrap_or(0))
}

#[cfg(unix)]
fn open(path: &Path) -> Result<(File, Metadata)> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};

    let is_shared = is_in_shared_directory(path);
    // A pipe that is full, or that nobody reads, must not keep the caller.
    let mut flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    if is_shared {
        flags |= libc::O_NOFOLLOW;
    }
    let open = |also_reads| {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).read(also_reads).custom_flags(flags);
        options.open(path)
    };
    // A pipe that nobody reads yet is kept open by reading it: it holds lines for who comes later.
    let opened = open(false).or_else(|error| match error.raw_os_error() {
        Some(libc::ENXIO) => open(true),
        _ => Err(error),
    });
    let refused = |why| Error::io(&format!("{}: {why}", shown(path)), libc::EACCES);
    let file = opened.map_err(|error| {
        if is_shared && path.is_symlink() {
            return refused("a symbolic link in a directory where everybody may make one");
        }
        failed(path, &error)
    })?;
    let about = file.metadata().map_err(|error| failed(path, &error))?;
    let us = effective_user();
    if is_shared && (![0, us].contains(&about.uid()) || (about.is_file() && about.nlink() > 1)) {
        return Err(refused("made by another user, in a directory where everybody may make files"));
    }
    // It is about to hold secrets.
    if about.is_file() && about.uid() == us && about.mode() & 0o007 != 0 {
        let mode = PermissionsExt::from_mode(about.mode() & 0o7770);
        file.set_permissions(mode).map_err(|error| failed(path, &error))?;
    }
    Ok((file, about))
}

/// Whether everybody may make files beside `path`: what is there under its name may be anybody's.
#[cfg(unix)]
fn is_in_shared_directory(path: &Path) -> bool {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mode = |about: Metadata| std::os::unix::fs::MetadataExt::mode(&about);
    directory.metadata().is_ok_and(|about| mode(about) & 0o002 != 0)
}

/// Whether the file's last byte, where it may be read, is not the end of a line.
#[cfg(unix)]
fn ends_amid_a_line(path: &Path, about: &Metadata) -> bool {
    use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};

    let last = || -> std::io::Result<bool> {
        let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
        let again = file.metadata()?;
        let mut last = [b'\n'];
        // Another file may have come to its place meanwhile.
        if (again.dev(), again.ino()) == (about.dev(), about.ino()) {
            file.read_exact_at(&mut last, again.len().saturating_sub(1))?;
        }
        Ok(last != [b'\n'])
    };
    last().unwrap_or(false)
}

#[cfg(not(unix))]
fn open(path: &Path) -> Result<(File, Metadata)> {
    let open = || {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let about = file.metadata()?;
        Ok((file, about))
    };
    open().map_err(|error: std::io::Error| failed(path, &error))
}

#[cfg(not(unix))]
fn ends_amid_a_line(_: &Path, _: &Metadata) -> bool {
    false
}
