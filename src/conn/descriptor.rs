//! Whose the descriptor of a connection is.

use std::sync::atomic::Ordering;

use super::{Conn, NO_DESCRIPTOR};
use crate::error::{Error, Result};

impl Conn {
    /// The descriptor, or [`NO_DESCRIPTOR`].
    pub fn descriptor(&self) -> i32 {
        self.descriptor.load(Ordering::Relaxed)
    }

    /// Takes the descriptor over, to be closed with the connection.
    #[cfg(unix)]
    pub fn take_over_descriptor(&self) -> Result<()> {
        self.lease.step(|stream| {
            let owned = stream.with_transport(|transport| {
                transport.descriptor().filter(|fd| !fd.is_detached()).map(|fd| fd.take_over())
            });
            owned.ok_or_else(none)
        })
    }

    /// Gives the descriptor away. The connection does not use it any more.
    #[cfg(unix)]
    pub fn detach_descriptor(&self) -> Result<i32> {
        self.lease.step(|stream| {
            let number = stream.with_transport(|transport| {
                transport.descriptor().filter(|fd| !fd.is_detached()).map(|fd| fd.detach())
            });
            let number = number.ok_or_else(none)?;
            self.descriptor.store(NO_DESCRIPTOR, Ordering::Relaxed);
            Ok(number)
        })
    }

    /// Takes the descriptor over: there is none.
    #[cfg(not(unix))]
    pub fn take_over_descriptor(&self) -> Result<()> {
        Err(none())
    }

    /// Gives the descriptor away: there is none.
    #[cfg(not(unix))]
    pub fn detach_descriptor(&self) -> Result<i32> {
        Err(none())
    }
}

fn none() -> Error {
    Error::state("the connection is not over a descriptor, or no longer")
}
