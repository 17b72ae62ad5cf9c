//! A person at the terminal, asked for a password.
#![allow(unsafe_code, reason = "system calls")]

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;

use crate::error::{Error, Result};

fn failed(what: &str, error: &std::io::Error) -> Error {
    Error::io(what, error.raw_os_error().unwrap_or(0))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet<'a> {
    terminal: &'a File,
    before: libc::termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> Result<Self> {
        let mut before = std::mem::MaybeUninit::uninit();
        // SAFETY: an open descriptor, and room for the settings, which are set if it succeeds.
        let before = unsafe {
            if libc::tcgetattr(terminal.as_raw_fd(), before.as_mut_ptr()) != 0 {
                return Err(failed("the terminal", &std::io::Error::last_os_error()));
            }
            before.assume_init()
        };
        let quiet = Self { terminal, before };
        let mut now = before;
        now.c_lflag &= !(libc::ECHO | libc::ECHOE | libc::ECHOK | libc::ECHONL);
        quiet.set(&now)?;
        Ok(quiet)
    }

    fn set(&self, settings: &libc::termios) -> Result<()> {
        // SAFETY: an open descriptor, and settings that the system gave.
        match unsafe { libc::tcsetattr(self.terminal.as_raw_fd(), libc::TCSAFLUSH, settings) } {
            0 => Ok(()),
            _ => Err(failed("the terminal", &std::io::Error::last_os_error())),
        }
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = self.set(&self.before);
    }
}

/// Asks with `prompt` at the controlling terminal and puts the line that is typed into `room`; how
/// long it is. What is typed is not shown.
pub fn password(prompt: &str, room: &mut [u8]) -> Result<usize> {
    let terminal = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|error| failed("there is no terminal to ask for a password at", &error))?;
    let quiet = Quiet::new(&terminal)?;
    let mut terminal = quiet.terminal;
    let io = |error: std::io::Error| failed("the terminal", &error);
    terminal.write_all(prompt.as_bytes()).map_err(io)?;
    let mut len = 0;
    let mut byte = [0];
    loop {
        // One by one, so that no copy stays in a buffer of somebody's.
        terminal.read_exact(&mut byte).map_err(io)?;
        if byte == *b"\n" {
            break;
        }
        let Some(place) = room.get_mut(len) else {
            return Err(Error::argument("the password is too long"));
        };
        [*place] = byte;
        len += 1;
    }
    terminal.write_all(b"\n").map_err(io)?;
    Ok(len)
}
