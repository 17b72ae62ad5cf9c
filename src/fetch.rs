//! One errand: the certificate that a server shows.

use std::os::fd::AsRawFd;

use crate::bssl::stream::Role;
use crate::conn::{Chain, Conn};
use crate::ctx::Ctx;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::Transport;
use crate::io::deadline::Deadline;
use crate::io::dial;
use crate::io::fd::Fd;

/// Connects to a server, shakes hands as `ctx` says, and gives the DER of its certificate. All of
/// it ends with `deadline`.
pub fn server_certificate(
    ctx: &Ctx,
    host: &str,
    port: u16,
    deadline: &Deadline,
) -> Result<Vec<u8>> {
    let from = ctx.sealed(Role::Client)?;
    let socket = dial::connect(host, port, deadline)?;
    let descriptor = isize::try_from(socket.as_raw_fd())
        .map_err(|_| Error::argument("the socket's number is out of range"))?;
    // The zone of a link-local address (RFC 4007) says by which way it is reached; it is no part of
    // the name.
    let name = host.split('%').next().unwrap_or(host);
    let conn = Conn::new(from, Transport::Fd(Fd::new(descriptor)?), Some(name))?;
    let timed_out = || Error::new(Kind::Timeout, "the time was over before the handshake");
    conn.set_timeout(deadline.left().ok_or_else(timed_out)?.into())?;
    conn.handshake()?;
    let first = conn.peer_chain(Chain::Sent, |chain| {
        chain.next().map(<[u8]>::to_vec).ok_or_else(no_certificate)
    })?;
    match first {
        Progress::Done(der) => Ok(der),
        _ => Err(no_certificate()),
    }
}

fn no_certificate() -> Error {
    Error::new(Kind::Tls, "the server showed no certificate")
}
