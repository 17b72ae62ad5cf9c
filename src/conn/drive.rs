//! Working on a connection: the one loop that waits.

use super::Conn;
use crate::bssl::stream::Stream;
use crate::ctx::options;
use crate::error::{Error, Kind, Progress, Result};
use crate::io::Want;
use crate::io::deadline::Deadline;
use crate::session::Session;

/// Which halves of the goodbye [`Conn::shutdown`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// Send ours.
    Send,
    /// Send ours and wait for the peer's.
    Both,
}

impl Conn {
    /// Shakes hands.
    pub fn handshake(&self) -> Result<Progress> {
        self.drive(Stream::handshake)
    }

    /// Reads what has come, at most `room.len()` bytes; shakes hands first if need be.
    pub fn read(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if room.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive(|stream| self.or_closed(stream, stream.read(room)))
    }

    /// Reads without taking.
    pub fn peek(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if room.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive(|stream| self.or_closed(stream, stream.peek(room)))
    }

    /// Writes, perhaps not all of `data`; shakes hands first if need be.
    pub fn write(&self, data: &[u8]) -> Result<Progress<usize>> {
        if data.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive(|stream| stream.write(data))
    }

    /// Says goodbye.
    pub fn shutdown(&self, goodbye: Goodbye) -> Result<Progress> {
        self.drive(|stream| {
            if stream.in_handshake() {
                let mut error =
                    Error::state("there is nothing to shut down before the handshake is done");
                let detail = error.detail_mut();
                detail.library = "SSL";
                detail.reason = "SHUTDOWN_WHILE_IN_INIT".into();
                return Err(error);
            }
            match stream.send_goodbye()? {
                Progress::Done(()) if goodbye == Goodbye::Both => stream.await_goodbye(),
                now => Ok(now),
            }
        })
    }

    /// Lets a client's handshake resume `session`.
    pub fn set_session(&self, session: &Session) -> Result<()> {
        self.lease.step(|stream| {
            if session.origin() != self.shared.now().origin {
                return Err(Error::argument(
                    "session: it was made by a connection of another context",
                ));
            }
            stream.set_session(session.raw())?;
            if let Some(earlier) = session.verified() {
                self.shared.remember(earlier);
            }
            Ok(())
        })
    }

    /// Turns reading ahead on or off.
    pub fn set_read_ahead(&self, on: bool) -> Result<()> {
        self.lease.step(|stream| {
            stream.set_read_ahead(on);
            Ok(())
        })
    }

    /// With OP_IGNORE_UNEXPECTED_EOF the end of the transport is as good as a goodbye, but not in a
    /// handshake.
    fn or_closed<T>(&self, stream: &Stream, now: Result<Progress<T>>) -> Result<Progress<T>> {
        let ignores = || self.shared.now().options & options::IGNORE_UNEXPECTED_EOF != 0;
        match now {
            Err(error) if error.kind() == Kind::Eof && !stream.in_handshake() && ignores() => {
                Ok(Progress::Closed)
            }
            now => now,
        }
    }

    /// Takes turns until `step` has an answer, waiting between them as long as the call may.
    fn drive<T>(
        &self,
        mut step: impl FnMut(&Stream) -> Result<Progress<T>>,
    ) -> Result<Progress<T>> {
        let mut deadline = None;
        loop {
            let now = self.lease.step(|stream| {
                step(stream).map_err(|error| self.shared.met(error, stream.in_handshake()))
            })?;
            let want = match now {
                Progress::WantRead => Want::Read,
                Progress::WantWrite => Want::Write,
                _ => return Ok(now),
            };
            // The clock is read only by calls that have to wait.
            let deadline = deadline.get_or_insert_with(|| Deadline::after(self.timeout()));
            if !self.waiter.wait(want, deadline, self.interruptible())? {
                return Ok(now);
            }
        }
    }
}
