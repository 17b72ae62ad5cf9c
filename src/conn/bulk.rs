//! Writing all of something, in one call with one deadline.

#[cfg(unix)]
use std::os::fd::RawFd;

use super::Conn;
use crate::error::{Error, Progress, Result};
use crate::io::deadline::Deadline;

/// How much of a file is read at once: what leaves in one send.
#[cfg(unix)]
const PIECE: usize = 64 * 1024;

impl Conn {
    /// Writes all of `data`.
    pub fn write_all(&self, data: &[u8]) -> Result<Progress> {
        self.write_on(data, &mut None, 0)
    }

    /// Writes all of `data`, which follows `before` bytes of the same call.
    fn write_on(
        &self,
        data: &[u8],
        deadline: &mut Option<Deadline>,
        before: u64,
    ) -> Result<Progress> {
        let mut rest = data;
        while !rest.is_empty() {
            let sent = before + (data.len() - rest.len()) as u64;
            match self.write_by(rest, deadline)? {
                Progress::Done(n) => rest = rest.get(n..).unwrap_or_default(),
                not_yet if sent == 0 => return Ok(not_yet.map(|_| ())),
                _ => {
                    return Err(Error::state(format!(
                        "{sent} bytes have left and the rest has to wait, which this connection \
                         may not: set a timeout, or use tlsw_conn_write"
                    )));
                }
            }
        }
        Ok(Progress::Done(()))
    }

    /// Writes what a file has from `offset` on, at most `count` bytes; how many there were.
    #[cfg(unix)]
    pub fn send_file(&self, file: RawFd, offset: u64, count: u64) -> Result<Progress<u64>> {
        let mut piece = vec![0; PIECE];
        let mut deadline = None;
        let mut sent = 0;
        while sent < count {
            let most = usize::try_from(count - sent).map_or(PIECE, |left| left.min(PIECE));
            let room = piece.get_mut(..most).unwrap_or_default();
            let n = crate::io::fd::read_file(file, room, offset.saturating_add(sent))?;
            if n == 0 {
                break;
            }
            match self.write_on(room.get(..n).unwrap_or_default(), &mut deadline, sent)? {
                Progress::Done(()) => sent += n as u64,
                not_yet => return Ok(not_yet.map(|()| 0)),
            }
        }
        Ok(Progress::Done(sent))
    }
}
