//! Working on a connection: the one loop that waits.

use std::sync::atomic::Ordering;

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
        self.drive(|stream| self.shake(stream))
    }

    /// Shakes hands before `deadline` passes, whatever time calls may take otherwise.
    pub fn handshake_by(&self, deadline: Deadline) -> Result<Progress> {
        self.drive_by(&mut Some(deadline), |stream| self.shake(stream))
    }

    fn shake(&self, stream: &Stream) -> Result<Progress> {
        self.still_there()?;
        self.heed(stream.handshake())
    }

    /// Reads what has come, at most `room.len()` bytes; shakes hands first if need be.
    pub fn read(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if room.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive(|stream| self.receive(stream, || stream.read(room)))
    }

    /// Reads without taking.
    pub fn peek(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if room.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive(|stream| self.receive(stream, || stream.peek(room)))
    }

    /// Writes, perhaps not all of `data`; shakes hands first if need be.
    pub fn write(&self, data: &[u8]) -> Result<Progress<usize>> {
        let now = self.write_by(data, &mut None)?;
        if matches!(now, Progress::Done(1..)) {
            self.give_up();
        }
        Ok(now)
    }

    /// The same as a part of a call whose deadline is known once it had to wait.
    pub(super) fn write_by(
        &self,
        data: &[u8],
        deadline: &mut Option<Deadline>,
    ) -> Result<Progress<usize>> {
        if data.is_empty() {
            return Ok(Progress::Done(0));
        }
        self.drive_by(deadline, |stream| match self.still_there() {
            Err(error) if !self.takes_ends() => Err(error),
            _ => stream.write(data).map_err(|error| self.last_word(stream, error)),
        })
    }

    /// Why the peer does not receive any more, if it has said so: in TLS 1.3 a client may write
    /// before it has read that the server refused it, and then learns of the reset first.
    fn last_word(&self, stream: &Stream, error: Error) -> Error {
        let is_transport = matches!(error.kind(), Kind::Io | Kind::Eof);
        if !is_transport || stream.in_handshake() {
            return error;
        }
        match stream.peek(&mut [0]) {
            Err(told) if told.kind() == Kind::Tls && told.detail().alert.is_some() => told,
            // A later read finds end of file again, but a reset is reported once only.
            Err(told) if told.kind() != Kind::Eof => {
                self.shared.lose(&told);
                error
            }
            _ => error,
        }
    }

    /// Says goodbye.
    pub fn shutdown(&self, goodbye: Goodbye) -> Result<Progress> {
        self.drive(|stream| {
            if stream.in_handshake() {
                return Err(Error::state(
                    "there is nothing to shut down before the handshake is done",
                )
                .named("SSL", "SHUTDOWN_WHILE_IN_INIT"));
            }
            match stream.send_goodbye()? {
                Progress::Done(()) if goodbye == Goodbye::Both => self.heed(stream.await_goodbye()),
                now => Ok(now),
            }
        })
    }

    /// Lets a client's handshake resume `session`.
    pub fn set_session(&self, session: &Session) -> Result<()> {
        self.lease.step(|stream| {
            if session.origin() != self.shared.agreed().origin {
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

    /// Whether the end of the transport is as good as a goodbye.
    fn takes_ends(&self) -> bool {
        self.forgives_ends.load(Ordering::Relaxed)
            || self.shared.agreed().settings.options & options::IGNORE_UNEXPECTED_EOF != 0
    }

    /// A step of reading. In a handshake an end is never as good as a goodbye.
    fn receive<T>(
        &self,
        stream: &Stream,
        step: impl FnOnce() -> Result<Progress<T>>,
    ) -> Result<Progress<T>> {
        match self.still_there().and_then(|()| self.heed(step())) {
            Err(error)
                if error.kind() == Kind::Eof && self.takes_ends() && !stream.in_handshake() =>
            {
                Ok(Progress::Closed)
            }
            now => now,
        }
    }

    /// Fails the way it did before, once the transport has ended.
    fn still_there(&self) -> Result<()> {
        self.shared.lost().map_or(Ok(()), Err)
    }

    /// Takes note of a transport that will not bring anything any more.
    fn heed<T>(&self, now: Result<T>) -> Result<T> {
        if let Err(error) = &now {
            self.shared.lose(error);
        }
        now
    }

    /// Takes turns until `step` has an answer, waiting between them as long as the call may.
    fn drive<T>(&self, step: impl FnMut(&Stream) -> Result<Progress<T>>) -> Result<Progress<T>> {
        self.drive_by(&mut None, step)
    }

    /// The same with a deadline that others count from too, once one had to wait.
    fn drive_by<T>(
        &self,
        deadline: &mut Option<Deadline>,
        mut step: impl FnMut(&Stream) -> Result<Progress<T>>,
    ) -> Result<Progress<T>> {
        loop {
            // The clock is read only by calls that have to wait, or are kept busy.
            let may_wait = deadline.map_or(self.timeout() != 0, |by| !matches!(by, Deadline::Now));
            let (now, has_paused) = self.lease.step(|stream| {
                stream.set_pauses(may_wait && self.waiter.waits());
                let now = self.catch_up(stream).and_then(|()| step(stream));
                let now = now.map_err(|error| self.shared.met(error, stream.in_handshake()))?;
                Ok((now, stream.has_paused()))
            })?;
            let want = match now {
                Progress::WantRead => Want::Read,
                Progress::WantWrite => Want::Write,
                _ => return Ok(now),
            };
            let deadline = deadline.get_or_insert_with(|| Deadline::after(self.timeout()));
            if has_paused && want == Want::Read {
                self.in_time(deadline)?;
                std::thread::yield_now();
            } else if !self.waiter.wait(want, deadline, self.interruptible())? {
                return Ok(now);
            }
        }
    }

    /// Fails once the deadline of a call that need not wait has passed: a peer must not keep it by
    /// sending, or taking, one thing after another.
    pub(super) fn in_time(&self, deadline: &Deadline) -> Result<()> {
        match deadline {
            Deadline::At(_) if deadline.left().is_none() => {
                Err(Error::new(Kind::Timeout, "the operation timed out before it was done"))
            }
            _ => Ok(()),
        }
    }
}
