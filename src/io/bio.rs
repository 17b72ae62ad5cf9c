//! A byte pipe in memory, shareable between connections and threads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Step;
use crate::error::{Error, Result};

/// Above this much idle room the pipe gives memory back when it runs empty.
const KEEP: usize = 64 * 1024;

#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    ended: bool,
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
        if pipe.bytes.is_empty() {
            return if pipe.ended { Taken::End } else { Taken::Empty };
        }
        let n = room.len().min(pipe.bytes.len());
        let (front, back) = pipe.bytes.as_slices();
        let from_front = n.min(front.len());
        // Both halves of `room` and of the ring are cut to equal lengths; `zip` keeps it so.
        let copies = [(0..from_front, front), (from_front..n, back)];
        for (range, source) in copies {
            if let (Some(to), Some(from)) = (room.get_mut(range.clone()), source.get(..range.len()))
            {
                to.copy_from_slice(from);
            }
        }
        pipe.bytes.drain(..n);
        if pipe.bytes.is_empty() && pipe.bytes.capacity() > KEEP {
            pipe.bytes = VecDeque::new();
        }
        Taken::Bytes(n)
    }

    /// Appends all of `data`.
    pub fn write(&self, data: &[u8]) -> Result<()> {
        let mut pipe = self.lock();
        if pipe.ended {
            return Err(Error::state("the end of the pipe was written; nothing can follow it"));
        }
        pipe.bytes.extend(data);
        Ok(())
    }

    /// Writes the end of the stream. Writing it again changes nothing.
    pub fn write_eof(&self) {
        self.lock().ended = true;
    }

    /// How many bytes wait to be read.
    pub fn pending(&self) -> usize {
        self.lock().bytes.len()
    }

    /// Whether the end was written and everything before it was read.
    pub fn eof(&self) -> bool {
        let pipe = self.lock();
        pipe.ended && pipe.bytes.is_empty()
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
