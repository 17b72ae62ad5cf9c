//! Writing all of something, in one call with one deadline; or in several, where a call may not
//! wait until all of it has been taken.

#[cfg(unix)]
use std::os::fd::RawFd;
use std::sync::PoisonError;

use super::Conn;
use crate::error::{Error, Progress, Result};
use crate::io::deadline::Deadline;

/// How much of a file is read at once: what leaves in one send.
#[cfg(unix)]
const PIECE: usize = 64 * 1024;

/// How much of what was written is kept, to tell by whether a call is the one that is to go on.
const TAIL: usize = 64;

/// A call that ended before all was written.
pub(super) struct Unfinished {
    call: Call,
    /// How much was written.
    written: u64,
}

/// What a call was to write.
#[derive(PartialEq, Eq)]
enum Call {
    /// So many bytes of memory, of which these were written last.
    Data { len: usize, tail: Vec<u8> },
    /// A part of a file.
    #[cfg(unix)]
    File { file: RawFd, offset: u64, count: u64 },
}

impl Call {
    /// The call that writes `data` and has written so much of it.
    fn data(data: &[u8], written: u64) -> Self {
        let to = usize::try_from(written).unwrap_or(usize::MAX).min(data.len());
        let tail = data.get(to.saturating_sub(TAIL)..to).unwrap_or_default().to_vec();
        Self::Data { len: data.len(), tail }
    }
}

impl Conn {
    /// How much was written by a call that ended before all was, and can go on.
    pub fn written(&self) -> u64 {
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.as_ref().map_or(0, |unfinished| unfinished.written)
    }

    /// Where a call begins: where it ended, if it did before all was written. `call` is what it
    /// would be, had it written so much.
    fn resume(&self, call: impl FnOnce(u64) -> Call) -> Result<u64> {
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        match &*unfinished {
            None => Ok(0),
            Some(of) if of.call == call(of.written) => Ok(of.written),
            Some(of) => Err(Error::argument(format!(
                "a call that has sent a part must be repeated with the same arguments: {} bytes of \
                 another one have been sent, and its rest has to follow",
                of.written
            ))),
        }
    }

    /// Takes note of how a call ended.
    fn leave(&self, unfinished: Option<Unfinished>) {
        *self.unfinished.lock().unwrap_or_else(PoisonError::into_inner) = unfinished;
    }

    /// Forgets a call that ended before all was written: its rest is written in another way.
    pub(super) fn give_up(&self) {
        self.leave(None);
    }

    /// Writes all of `data`.
    pub fn write_all(&self, data: &[u8]) -> Result<Progress> {
        if data.is_empty() {
            return Ok(Progress::Done(()));
        }
        let mut written = self.resume(|written| Call::data(data, written))?;
        let rest = usize::try_from(written).ok().and_then(|from| data.get(from..));
        let now = self.write_on(rest.unwrap_or_default(), &mut None, &mut written);
        let is_over = matches!(now, Ok(Progress::Done(()))) || written == 0;
        self.leave((!is_over).then(|| Unfinished { call: Call::data(data, written), written }));
        now
    }

    /// Writes all of `data`, and adds to `written` as it goes.
    fn write_on(
        &self,
        data: &[u8],
        deadline: &mut Option<Deadline>,
        written: &mut u64,
    ) -> Result<Progress> {
        let mut rest = data;
        while !rest.is_empty() {
            // A peer that takes one piece after another keeps the call, too.
            if *written > 0 {
                self.in_time(deadline.get_or_insert_with(|| Deadline::after(self.timeout())))?;
            }
            match self.write_by(rest, deadline)? {
                Progress::Done(n) => {
                    rest = rest.get(n..).unwrap_or_default();
                    *written += n as u64;
                }
                not_yet => return Ok(not_yet.map(|_| ())),
            }
        }
        Ok(Progress::Done(()))
    }

    /// Writes what a file has from `offset` on, at most `count` bytes; how many there were.
    #[cfg(unix)]
    pub fn send_file(&self, file: RawFd, offset: u64, count: u64) -> Result<Progress<u64>> {
        let mut written = self.resume(|_| Call::File { file, offset, count })?;
        let now = self.send_on(file, offset, count, &mut written);
        let is_over = matches!(now, Ok(Progress::Done(()))) || written == 0;
        let call = Call::File { file, offset, count };
        self.leave((!is_over).then_some(Unfinished { call, written }));
        Ok(now?.map(|()| written))
    }

    /// Writes what a file has from `offset` + `written` on, and adds to `written` as it goes.
    #[cfg(unix)]
    fn send_on(&self, file: RawFd, offset: u64, count: u64, written: &mut u64) -> Result<Progress> {
        let mut piece = vec![0; PIECE];
        let mut deadline = None;
        while *written < count {
            let most = usize::try_from(count - *written).map_or(PIECE, |left| left.min(PIECE));
            let room = piece.get_mut(..most).unwrap_or_default();
            let n = crate::io::fd::read_file(file, room, offset.saturating_add(*written))?;
            if n == 0 {
                break;
            }
            match self.write_on(room.get(..n).unwrap_or_default(), &mut deadline, written)? {
                Progress::Done(()) => {}
                not_yet => return Ok(not_yet),
            }
        }
        Ok(Progress::Done(()))
    }
}
