//! A stream socket of the caller's: `recv` and `send` that never wait, and `poll` with a deadline.
//!
//! `MSG_DONTWAIT` makes each call non-blocking by itself, so the descriptor's flags neither matter
//! nor change, and `MSG_NOSIGNAL` keeps SIGPIPE away. The descriptor is never closed here.
#![allow(unsafe_code, reason = "system calls")]

use std::os::fd::RawFd;

use super::deadline::Deadline;
use super::{Step, Want};
use crate::error::{Error, Kind, Result};

/// A socket that stays the caller's.
pub struct Fd {
    number: RawFd,
}

/// The calling thread's `errno`.
fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

impl Fd {
    /// Takes note of a descriptor, which must be a stream socket.
    pub fn new(number: isize) -> Result<Self> {
        let Ok(number) = RawFd::try_from(number) else {
            return Err(Error::argument(format!("fd: {number} is not a file descriptor")));
        };
        if number < 0 {
            return Err(Error::argument(format!("fd: {number} is not a file descriptor")));
        }
        let mut kind: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: room and length belong together; any descriptor number may be asked.
        let asked = unsafe {
            libc::getsockopt(
                number,
                libc::SOL_SOCKET,
                libc::SO_TYPE,
                (&raw mut kind).cast(),
                &raw mut len,
            )
        };
        if asked != 0 {
            let os = errno();
            let mut error = match os {
                libc::EBADF => Error::argument(format!("fd: descriptor {number} is not open")),
                libc::ENOTSOCK => Error::argument(format!(
                    "fd: descriptor {number} is not a socket; for pipes and serial \
                     lines wrap functions that read and write"
                )),
                _ => Error::io(&format!("fd: descriptor {number} cannot be examined"), os),
            };
            error.detail_mut().os = os;
            return Err(error);
        }
        if kind != libc::SOCK_STREAM {
            return Err(Error::argument(format!(
                "fd: descriptor {number} is not a stream socket (SOCK_STREAM); TLS needs one"
            )));
        }
        Ok(Self { number })
    }

    /// The descriptor.
    pub fn number(&self) -> RawFd {
        self.number
    }

    /// Whether the caller has made the descriptor non-blocking.
    pub fn is_nonblocking(&self) -> bool {
        // SAFETY: F_GETFL only asks.
        let flags = unsafe { libc::fcntl(self.number, libc::F_GETFL) };
        flags >= 0 && flags & libc::O_NONBLOCK != 0
    }

    pub(super) fn read(&mut self, room: &mut [u8]) -> Step {
        loop {
            // SAFETY: pointer and length are of one slice.
            let n = unsafe {
                libc::recv(self.number, room.as_mut_ptr().cast(), room.len(), libc::MSG_DONTWAIT)
            };
            match usize::try_from(n) {
                Ok(0) => return Step::End,
                Ok(n) => return Step::Moved(n),
                Err(_) => match errno() {
                    libc::EINTR => {}
                    e if e == libc::EAGAIN || e == libc::EWOULDBLOCK => return Step::WantRead,
                    e => return Step::Failed(Error::io("receiving from the peer failed", e)),
                },
            }
        }
    }

    pub(super) fn write(&mut self, data: &[u8]) -> Step {
        loop {
            // SAFETY: pointer and length are of one slice.
            let n = unsafe {
                libc::send(
                    self.number,
                    data.as_ptr().cast(),
                    data.len(),
                    libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
                )
            };
            match usize::try_from(n) {
                Ok(n) if n > 0 => return Step::Moved(n),
                Ok(_) => return Step::WantWrite,
                Err(_) => match errno() {
                    libc::EINTR => {}
                    e if e == libc::EAGAIN || e == libc::EWOULDBLOCK => return Step::WantWrite,
                    e => return Step::Failed(Error::io("sending to the peer failed", e)),
                },
            }
        }
    }
}

/// Whether an error of `recv` is the end of what was a connection.
pub(super) fn is_end(os: i32) -> bool {
    matches!(os, libc::ECONNRESET | libc::ECONNABORTED | libc::ETIMEDOUT)
}

/// Waits until `number` can be read or written. `false` when it may not wait, or a signal came and
/// `interruptible` says to stop then; `Kind::Timeout` when the deadline passes.
pub(super) fn wait(
    number: RawFd,
    want: Want,
    deadline: &Deadline,
    interruptible: bool,
) -> Result<bool> {
    if matches!(deadline, Deadline::Now) {
        return Ok(false);
    }
    let mut poll = libc::pollfd {
        fd: number,
        events: match want {
            Want::Read => libc::POLLIN,
            Want::Write => libc::POLLOUT,
        },
        revents: 0,
    };
    loop {
        let Some(left) = deadline.left() else {
            return Err(Error::new(
                Kind::Timeout,
                match want {
                    Want::Read => "the operation timed out waiting for the peer to send",
                    Want::Write => "the operation timed out waiting for the peer to receive",
                },
            ));
        };
        // SAFETY: one pollfd.
        let ready = unsafe { libc::poll(&raw mut poll, 1, left) };
        if ready < 0 {
            match errno() {
                libc::EINTR if interruptible => return Ok(false),
                libc::EINTR => continue,
                e => return Err(Error::io("waiting for the peer failed", e)),
            }
        }
        if ready > 0 {
            if poll.revents & libc::POLLNVAL != 0 {
                return Err(Error::io(
                    "the descriptor was closed while a connection used it",
                    libc::EBADF,
                ));
            }
            // POLLERR and POLLHUP too: the next recv or send tells what happened.
            return Ok(true);
        }
    }
}
