//! Connecting to a host by its name, within a deadline.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::deadline::Deadline;
use crate::error::{Error, Kind, Result};

/// Connects to the first address of `host` that answers, IPv6 or IPv4 as the system orders them.
///
/// The system's resolver cannot be interrupted; the time it takes counts. What is left is shared
/// out evenly among the addresses not tried yet, so that a dead one does not cost the others their
/// turn.
pub fn connect(host: &str, port: u16, deadline: &Deadline) -> Result<TcpStream> {
    let addresses: Vec<SocketAddr> =
        (host, port).to_socket_addrs().map_err(|error| failed(host, port, &error))?.collect();
    let mut refused = None;
    for (address, still) in addresses.iter().zip((1..=addresses.len()).rev()) {
        match attempt(address, still, deadline) {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => refused = Some(error),
            None => return Err(timed_out(host, port)),
        }
    }
    match refused {
        Some(error) if is_ours(&error) => Err(timed_out(host, port)),
        Some(error) => Err(failed(host, port, &error)),
        None => Err(Error::new(Kind::Io, format!("connecting to {host}: it has no address"))),
    }
}

/// `None` when the deadline has passed. `still`: how many addresses are left, this one too.
fn attempt(
    address: &SocketAddr,
    still: usize,
    deadline: &Deadline,
) -> Option<std::io::Result<TcpStream>> {
    let Ok(left) = u64::try_from(deadline.left()?) else {
        return Some(TcpStream::connect(address));
    };
    let share = left / u64::try_from(still).unwrap_or(u64::MAX);
    Some(TcpStream::connect_timeout(address, Duration::from_millis(share.max(1))))
}

/// Whether it was our time that passed, and not the system's (`ETIMEDOUT`).
fn is_ours(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut && error.raw_os_error().is_none()
}

fn timed_out(host: &str, port: u16) -> Error {
    Error::new(Kind::Timeout, format!("connecting to {host} port {port} timed out"))
}

fn failed(host: &str, port: u16, error: &std::io::Error) -> Error {
    let what = format!("connecting to {host} port {port}");
    match error.raw_os_error() {
        Some(os) => Error::io(&what, os),
        // The resolver's errors are not the system's, and have no number there.
        None => Error::new(Kind::Io, format!("{what}: {error}")),
    }
}
