//! A stream socket: `recv` and `send` that never wait, and `poll` with a deadline.
//!
//! `MSG_DONTWAIT` makes each call non-blocking by itself, so the descriptor's flags neither matter
//! nor change, and `MSG_NOSIGNAL` keeps SIGPIPE away. A descriptor of the caller's is never closed here, unless
//! he has handed it over.
#![allow(unsafe_code, reason = "system calls")]

use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use super::deadline::Deadline;
use super::{Step, Want, cancel};
use crate::error::{Error, Kind, Result};

/// A socket, the caller's or our own.
pub struct Fd {
    number: RawFd,
    /// Closes it in the end, if that is ours to do.
    owned: Option<OwnedFd>,
    /// Whether it was given away, and is nobody's here any more.
    detached: bool,
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
        let fd = Self { number, owned: None, detached: false };
        if fd.option(libc::SO_TYPE)? != libc::SOCK_STREAM {
            return Err(Error::argument(format!(
                "fd: descriptor {number} is not a stream socket (SOCK_STREAM); TLS needs one"
            )));
        }
        Ok(fd)
    }

    /// What the system says of the socket.
    fn option(&self, name: libc::c_int) -> Result<libc::c_int> {
        let number = self.number;
        let mut value: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: room and length belong together; any descriptor number may be asked.
        let asked = unsafe {
            libc::getsockopt(number, libc::SOL_SOCKET, name, (&raw mut value).cast(), &raw mut len)
        };
        if asked == 0 {
            return Ok(value);
        }
        let os = errno();
        let mut error = match os {
            libc::EBADF => Error::argument(format!("fd: descriptor {number} is not open")),
            libc::ENOTSOCK => Error::argument(format!(
                "fd: descriptor {number} is not a socket; for pipes and serial lines wrap \
                 functions that read and write"
            )),
            _ => Error::io(&format!("fd: descriptor {number} cannot be examined"), os),
        };
        error.detail_mut().os = os;
        Err(error)
    }

    /// A stream socket that is ours.
    pub fn owning(socket: OwnedFd) -> Self {
        Self { number: socket.as_raw_fd(), owned: Some(socket), detached: false }
    }

    /// Takes it over: it is closed when this is dropped.
    pub fn take_over(&mut self) {
        if self.owned.is_none() {
            // SAFETY: the caller has said that it is ours to close from now on.
            self.owned = Some(unsafe { OwnedFd::from_raw_fd(self.number) });
        }
    }

    /// Gives it away: it is neither used nor closed here any more.
    pub fn detach(&mut self) -> RawFd {
        self.detached = true;
        self.owned.take().map_or(self.number, IntoRawFd::into_raw_fd)
    }

    /// Whether it was given away.
    pub fn is_detached(&self) -> bool {
        self.detached
    }

    fn still_here(&self) -> Result<()> {
        if self.detached {
            return Err(Error::state("the descriptor was detached from the connection"));
        }
        Ok(())
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
        if let Err(error) = self.still_here() {
            return Step::Failed(error);
        }
        cancel::off();
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
        if let Err(error) = self.still_here() {
            return Step::Failed(error);
        }
        cancel::off();
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

impl Drop for Fd {
    fn drop(&mut self) {
        if self.owned.is_some() {
            cancel::off();
        }
    }
}

/// The next connection of a listening socket; none if there is none and it may not wait.
pub fn accept(listener: &Fd, deadline: &Deadline) -> Result<Option<OwnedFd>> {
    if listener.option(libc::SO_ACCEPTCONN)? == 0 {
        return Err(Error::argument(format!(
            "fd: descriptor {} is not a socket that listens",
            listener.number
        )));
    }
    // A listener that blocks must not be asked before somebody is there.
    while is_ready(listener.number, Want::Read)?
        || wait(listener.number, Want::Read, deadline, false)?
    {
        // SAFETY: nobody is asked for the address; the number that comes back is a new descriptor.
        let socket = unsafe { accept_cloexec(listener.number) };
        if socket >= 0 {
            // SAFETY: as above; nobody else knows it.
            return Ok(Some(unsafe { OwnedFd::from_raw_fd(socket) }));
        }
        match errno() {
            // Whoever was there has left, or another thread was faster.
            libc::EINTR | libc::ECONNABORTED | libc::EPROTO => {}
            e if e == libc::EAGAIN || e == libc::EWOULDBLOCK => {}
            e => return Err(Error::io("accepting a connection failed", e)),
        }
    }
    Ok(None)
}

#[cfg(not(target_vendor = "apple"))]
unsafe fn accept_cloexec(listener: RawFd) -> RawFd {
    // SAFETY: passed on.
    unsafe {
        libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), libc::SOCK_CLOEXEC)
    }
}

#[cfg(target_vendor = "apple")]
unsafe fn accept_cloexec(listener: RawFd) -> RawFd {
    // SAFETY: passed on; where there is no accept4, a fork in between has the descriptor too.
    unsafe {
        let socket = libc::accept(listener, std::ptr::null_mut(), std::ptr::null_mut());
        if socket >= 0 {
            libc::fcntl(socket, libc::F_SETFD, libc::FD_CLOEXEC);
        }
        socket
    }
}

/// Reads a part of a file, from `offset` on; 0 bytes are its end.
pub fn read_file(file: RawFd, room: &mut [u8], offset: u64) -> Result<usize> {
    let offset = libc::off_t::try_from(offset)
        .map_err(|_| Error::argument(format!("offset: {offset} is out of range")))?;
    loop {
        // SAFETY: pointer and length are of one slice.
        let n = unsafe { libc::pread(file, room.as_mut_ptr().cast(), room.len(), offset) };
        match usize::try_from(n) {
            Ok(n) => return Ok(n),
            Err(_) => match errno() {
                libc::EINTR => {}
                e => return Err(Error::io("reading the file failed", e)),
            },
        }
    }
}

/// Whether `number` can be read or written right now.
fn is_ready(number: RawFd, want: Want) -> Result<bool> {
    let mut poll = asking(number, want);
    // SAFETY: one pollfd.
    match unsafe { libc::poll(&raw mut poll, 1, 0) } {
        ready @ 0.. => Ok(ready > 0),
        _ if errno() == libc::EINTR => Ok(false),
        _ => Err(Error::io("asking for the state of the socket failed", errno())),
    }
}

fn asking(number: RawFd, want: Want) -> libc::pollfd {
    let events = match want {
        Want::Read => libc::POLLIN,
        Want::Write => libc::POLLOUT,
    };
    libc::pollfd { fd: number, events, revents: 0 }
}

/// The user whose rights the process has.
pub(super) fn effective_user() -> libc::uid_t {
    // SAFETY: only asks.
    unsafe { libc::geteuid() }
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
    cancel::off();
    let mut poll = asking(number, want);
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
