//! One errand: the certificate that a server shows.

use crate::conn::Chain;
use crate::ctx::Ctx;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::deadline::Deadline;
use crate::sockets;

/// Connects to a server, shakes hands as `ctx` says, and gives the DER of its certificate. All of
/// it ends with `deadline`.
pub fn server_certificate(
    ctx: &Ctx,
    host: &str,
    port: u16,
    deadline: &Deadline,
) -> Result<Vec<u8>> {
    let conn = sockets::connect(ctx, host, port, deadline)?;
    sockets::shake_hands(&conn, *deadline)?;
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
