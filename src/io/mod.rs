//! Transports: where the bytes of a connection come from and go to. None of them ever waits;
//! waiting is a separate call with a deadline. And files that are read whole, and that lines are
//! appended to. Nothing here knows TLS.

pub mod append;
pub mod bio;
pub mod calls;
pub mod cancel;
pub mod deadline;
#[cfg(unix)]
pub mod dial;
pub mod environment;
#[cfg(unix)]
pub mod fd;
pub mod file;
#[cfg(unix)]
mod quiet;

use crate::error::{Error, Result};
use deadline::Deadline;

/// What one attempt to move bytes came to.
pub enum Step {
    /// So many bytes moved; never 0.
    Moved(usize),
    /// Nothing to read now.
    WantRead,
    /// No room to write now.
    WantWrite,
    /// The stream ended.
    End,
    /// It failed.
    Failed(Error),
}

/// Whether an error of the system's is the end of what was a connection.
#[cfg(unix)]
pub fn is_end(os: i32) -> bool {
    fd::is_end(os)
}

/// Without descriptors the system has no say.
#[cfg(not(unix))]
pub fn is_end(_: i32) -> bool {
    false
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Bytes to read.
    Read,
    /// Room to write.
    Write,
}

/// A connection's transport.
pub enum Transport {
    /// A connected stream socket of the caller's.
    #[cfg(unix)]
    Fd(fd::Fd),
    /// Two byte pipes in memory.
    Bio(bio::Pair),
    /// Two functions of the caller's.
    Calls(Box<dyn calls::Calls>),
}

impl Transport {
    /// Reads what is there now, at most `room.len()` bytes.
    pub fn read(&mut self, room: &mut [u8]) -> Step {
        match self {
            #[cfg(unix)]
            Self::Fd(fd) => fd.read(room),
            Self::Bio(pair) => pair.read(room),
            Self::Calls(calls) => calls.read(room),
        }
    }

    /// Writes what fits now, at most `data.len()` bytes.
    pub fn write(&mut self, data: &[u8]) -> Step {
        match self {
            #[cfg(unix)]
            Self::Fd(fd) => fd.write(data),
            Self::Bio(pair) => pair.write(data),
            Self::Calls(calls) => calls.write(data),
        }
    }

    /// The descriptor it is, if it is one.
    #[cfg(unix)]
    pub fn descriptor(&mut self) -> Option<&mut fd::Fd> {
        match self {
            Self::Fd(fd) => Some(fd),
            _ => None,
        }
    }

    /// Whether a write costs enough that several records should leave in one.
    pub fn gathers(&self) -> bool {
        !matches!(self, Self::Bio(_))
    }

    /// How to wait for this transport.
    pub fn waiter(&self) -> Waiter {
        match self {
            #[cfg(unix)]
            Self::Fd(fd) => Waiter::Poll(fd.number()),
            Self::Bio(_) | Self::Calls(_) => Waiter::Caller,
        }
    }
}

/// Who waits for a transport. Kept apart from the transport, so that waiting needs no turn on the
/// connection.
#[derive(Clone, Copy)]
pub enum Waiter {
    /// We do, on this descriptor.
    #[cfg(unix)]
    Poll(std::os::fd::RawFd),
    /// The caller does: memory and functions cannot be waited for.
    Caller,
}

impl Waiter {
    /// Whether there is a wait at all.
    pub fn waits(self) -> bool {
        !matches!(self, Self::Caller)
    }

    /// Waits. `false`: waiting is not allowed, or no longer as a signal came and the wait is
    /// `interruptible`; the caller is to be told what is wanted.
    pub fn wait(self, want: Want, deadline: &Deadline, interruptible: bool) -> Result<bool> {
        match self {
            #[cfg(unix)]
            Self::Poll(number) => fd::wait(number, want, deadline, interruptible),
            Self::Caller => {
                let _ = (want, deadline, interruptible);
                Ok(false)
            }
        }
    }
}
