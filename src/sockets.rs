//! Connections that bring their own socket: connected to a host, or accepted from a listener.

use crate::bssl::stream::Role;
use crate::conn::{Conn, name};
use crate::ctx::Ctx;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::deadline::Deadline;
use crate::io::fd::{self, Fd};
use crate::io::{Transport, dial};

/// A client's connection to `host`, by whichever of its addresses answers; what it is connected to is
/// closed with it. It has not shaken hands.
pub fn connect(ctx: &Ctx, host: &str, port: u16, deadline: &Deadline) -> Result<Conn> {
    let from = ctx.sealed(Role::Client)?;
    let name = name::parse(host, "host")?.to_string();
    // A zone says by which way the address is reached.
    let socket = dial::connect(if host.contains('%') { host } else { &name }, port, deadline)?;
    Conn::new(from, Transport::Fd(Fd::owning(socket.into())), Some(&name))
}

/// A server's connection with the next client of the listening socket `listener`; not yet: there is
/// none, and the deadline is now.
pub fn accept(ctx: &Ctx, listener: isize, deadline: &Deadline) -> Result<Progress<Conn>> {
    let from = ctx.sealed(Role::Server)?;
    let listener = Fd::new(listener)?;
    match fd::accept(&listener, deadline)? {
        Some(socket) => {
            Conn::new(from, Transport::Fd(Fd::owning(socket)), None).map(Progress::Done)
        }
        None => Ok(Progress::WantRead),
    }
}

/// Shakes hands before the deadline passes.
pub fn shake_hands(conn: &Conn, deadline: Deadline) -> Result<()> {
    match conn.handshake_by(deadline)? {
        Progress::Done(()) => Ok(()),
        Progress::WantHook => Err(Error::state(
            "a hook asked to be called again later; leave the handshake to tlsw_conn_handshake",
        )),
        _ => Err(Error::new(Kind::Timeout, "the time was over before the handshake")),
    }
}
