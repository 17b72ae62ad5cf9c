//! A byte pipe in memory, shareable between connections and threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Step;
use crate::error::{Error, Kind, Result};

/// Above this much idle room the pipe gives memory back when it runs empty.
const KEEP: usize = 64 * 1024;

/// Where lines of the cache begin.
const LINE: usize = 64;
/// The header of a record.
const HEADER: usize = 5;

#[derive(Default)]
struct Pipe {
    /// What waits, from `from` on; before that, what was read already.
    bytes: Vec<u8>,
    from: usize,
    ended: bool,
}

impl Pipe {
    fn waiting(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }

    fn take(&mut self, room: &mut [u8]) -> usize {
        let waiting = self.waiting();
        let n = room.len().min(waiting.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n), waiting.get(..n)) {
            to.copy_from_slice(from);
        }
        self.from += n;
        if self.from == self.bytes.len() {
            self.from = 0;
            self.bytes.clear();
            if self.bytes.capacity() > KEEP {
                self.bytes = Vec::new();
            }
        }
        n
    }

    fn put(&mut self, data: &[u8]) -> Result<()> {
        let is_empty = self.bytes.is_empty();
        if !is_empty && self.from > self.bytes.len() / 2 {
            self.bytes.drain(..self.from);
            self.from = 0;
        }
        // How much it is, callers and their peers decide.
        let more = if is_empty { LINE.saturating_add(data.len()) } else { data.len() };
        self.bytes.try_reserve(more).map_err(|_| {
            Error::new(
                Kind::Memory,
                format!("memory for {} bytes in a pipe could not be had", data.len()),
            )
        })?;
        if is_empty {
            // The body of the first record begins a line, as in BoringSSL's buffers: copies between
            // places that lie alike are a quarter faster.
            self.from = (self.bytes.as_ptr().addr() + HEADER).wrapping_neg() % LINE;
            self.bytes.resize(self.from, 0);
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }
}

/// A pipe with a writable end of stream: what is written comes out once, in order.
#[derive(Default)]
pub struct Bio {
    pipe: Mutex<Pipe>,
}

/// What reading a pipe came to.
pub enum Taken {
    /// So many bytes.
    Bytes(usize),
    /// It is empty, and more may come.
    Empty,
    /// It is empty, and its end was written.
    End,
}

impl Bio {
    /// An empty pipe.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Pipe> {
        // Nothing in here panics half-way through a change, so a poisoned pipe is still whole.
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up to `room.len()` bytes out.
    pub fn read(&self, room: &mut [u8]) -> Taken {
        let mut pipe = self.lock();
        if pipe.waiting().is_empty() {
            return if pipe.ended { Taken::End } else { Taken::Empty };
        }
        Taken::Bytes(pipe.take(room))
    }

    /// Appends all of `data`.
    pub fn write(&self, data: &[u8]) -> Result<()> {
        let mut pipe = self.lock();
        if pipe.ended {
            return Err(Error::state("the end of the pipe was written; nothing can follow it"));
        }
        if data.is_empty() {
            return Ok(());
        }
        pipe.put(data)
    }

    /// Writes the end of the stream. Writing it again changes nothing.
    pub fn write_eof(&self) {
        self.lock().ended = true;
    }

    /// How many bytes wait to be read.
    pub fn pending(&self) -> usize {
        self.lock().waiting().len()
    }

    /// Whether the end was written and everything before it was read.
    pub fn eof(&self) -> bool {
        let pipe = self.lock();
        pipe.ended && pipe.waiting().is_empty()
    }
}

/// The two pipes of a connection.
pub struct Pair {
    /// What the peer sent.
    pub incoming: Arc<Bio>,
    /// What is for the peer.
    pub outgoing: Arc<Bio>,
}

impl Pair {
    pub(super) fn read(&self, room: &mut [u8]) -> Step {
        match self.incoming.read(room) {
            Taken::Bytes(n) => Step::Moved(n),
            Taken::Empty => Step::WantRead,
            Taken::End => Step::End,
        }
    }

    pub(super) fn write(&self, data: &[u8]) -> Step {
        match self.outgoing.write(data) {
            Ok(()) => Step::Moved(data.len()),
            Err(error) => Step::Failed(error),
        }
    }
}
