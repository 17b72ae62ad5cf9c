//! Reading a file of certificates or keys whole.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::cancel;
#[cfg(unix)]
use super::deadline::Deadline;
#[cfg(unix)]
use super::{Want, fd};
use crate::error::{Error, Kind, Result, shown};

/// The largest file that is read. The largest bundles in use are under 1 MiB; a file like this one
/// is a mistake, or an attack on memory.
const LARGEST: usize = 64 << 20;

/// How many seconds a pipe or a terminal may be silent.
#[cfg(unix)]
const PATIENCE: i64 = 30;

/// Reads a file, or a pipe, a terminal or another device to its end. Whoever writes to it may take
/// as long as it likes, but where nothing comes for 30 seconds, or nobody opens a FIFO to write to
/// it, that is an error.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let (mut file, meta) = open(path)?;
    contents(&mut file, &meta, path)
}

/// Reads a regular file; anything else is an error, and is not waited for.
pub fn read_regular(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let (mut file, meta) = open(path)?;
    if !meta.is_file() {
        return Err(Error::new(Kind::Io, format!("{}: it is not a regular file", shown(path))));
    }
    contents(&mut file, &meta, path)
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::io(&shown(path), error.raw_os_error().unwrap_or(0))
}

/// Opens it without waiting for anybody at the other end.
fn open(path: &Path) -> Result<(File, Metadata)> {
    cancel::off();
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path).map_err(|error| failed(path, &error))?;
    let meta = file.metadata().map_err(|error| failed(path, &error))?;
    Ok((file, meta))
}

fn contents(file: &mut File, meta: &Metadata, path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let too_large = || {
        Error::decode(format!(
            "{}: it is larger than the {} MiB that are read; certificates and keys take less",
            shown(path),
            LARGEST >> 20
        ))
    };
    let announced = usize::try_from(meta.len()).unwrap_or(usize::MAX);
    if announced > LARGEST {
        return Err(too_large());
    }
    // One byte more than it should have, so that its end shows without growing.
    let mut all = Zeroizing::new(Vec::with_capacity(announced.saturating_add(1)));
    let mut room = Zeroizing::new(vec![0; 1 << 16]);
    loop {
        if is_fifo(meta) {
            // Without a writer it would seem to have ended.
            wait(file, path)?;
        }
        match file.read(&mut room) {
            Ok(0) => return Ok(all),
            Ok(n) => {
                if all.len() + n > LARGEST {
                    return Err(too_large());
                }
                append(&mut all, room.get(..n).unwrap_or_default());
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && !is_fifo(meta) => {
                wait(file, path)?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(path, &error)),
        }
    }
}

/// Appends without leaving a copy behind where it has to grow.
fn append(all: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    if all.capacity() - all.len() < more.len() {
        let capacity = (2 * all.capacity()).max(all.len() + more.len());
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(all);
        *all = larger;
    }
    all.extend_from_slice(more);
}

#[cfg(unix)]
fn is_fifo(meta: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&meta.file_type())
}

#[cfg(not(unix))]
fn is_fifo(_: &Metadata) -> bool {
    false
}

/// Waits for something to read, or the end.
#[cfg(unix)]
fn wait(file: &File, path: &Path) -> Result<()> {
    use std::os::fd::AsRawFd as _;
    let deadline = Deadline::after(1000 * PATIENCE);
    match fd::wait(file.as_raw_fd(), Want::Read, &deadline, false) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == Kind::Timeout => {
            let mut error = Error::new(
                Kind::Io,
                format!("{}: nothing came out of it for {PATIENCE} seconds", shown(path)),
            );
            error.detail_mut().os = libc::ETIMEDOUT;
            Err(error)
        }
        Err(error) => Err(error.reworded(|text| format!("{}: {text}", shown(path)))),
    }
}

#[cfg(not(unix))]
fn wait(_: &File, _: &Path) -> Result<()> {
    Ok(())
}
