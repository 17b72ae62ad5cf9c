//! One turn at a time. A turn is a step that does not wait, so a second thread waits microseconds
//! for it; the same thread, coming back from inside a step, is told that it may not.
#![allow(unsafe_code, reason = "shares what is inside between threads, one turn at a time")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Kind, Result};

/// Something that threads take turns with.
pub(super) struct Lease<T> {
    turn: Mutex<()>,
    /// The thread whose turn it is, 0 for none.
    holder: AtomicUsize,
    inner: T,
}

// SAFETY: what is inside is reached through `step`, by one thread at a time, and through `look`,
// whose contract is that it only reads.
unsafe impl<T: Send> Sync for Lease<T> {}

thread_local! {
    static HERE: u8 = const { 0 };
}

/// A number that no other living thread has.
fn here() -> usize {
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

/// Ends a turn on every way out.
struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

impl<T> Lease<T> {
    pub fn new(inner: T) -> Self {
        Self { turn: Mutex::new(()), holder: AtomicUsize::new(0), inner }
    }

    /// Whether this thread is inside its turn.
    pub fn is_mine(&self) -> bool {
        // Only this thread stores its own number, so the answer cannot change meanwhile.
        self.holder.load(Ordering::Relaxed) == here()
    }

    /// Takes a turn. Fails inside a turn of the same thread, and for ever after a step panicked.
    pub fn step<R>(&self, work: impl FnOnce(&T) -> Result<R>) -> Result<R> {
        if self.is_mine() {
            return Err(Error::new(
                Kind::Busy,
                "the connection is busy in a call on this very thread: a hook may ask about it, \
                 not drive it",
            ));
        }
        let _guard = self.turn.lock().map_err(|_| {
            Error::state("an earlier call on this connection met a bug in tlswrap; free it")
        })?;
        self.holder.store(here(), Ordering::Relaxed);
        let _turn = Turn(&self.holder);
        work(&self.inner)
    }

    /// Only reads, or does what may be done in the middle of a step. May be called inside a turn of
    /// the same thread.
    pub fn look<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        if self.is_mine() {
            return read(&self.inner);
        }
        // Reading is sound even after a panic: what is inside is BoringSSL's state.
        let _guard = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.holder.store(here(), Ordering::Relaxed);
        let _turn = Turn(&self.holder);
        read(&self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn threads_take_turns() {
        let lease = Lease::new(Cell::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        lease
                            .step(|n| {
                                n.set(n.get() + 1);
                                Ok(())
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(lease.look(Cell::get), 4_000);
    }

    #[test]
    fn inside_a_turn_one_may_look_and_not_step() {
        let lease = Lease::new(Cell::new(7));
        lease
            .step(|_| {
                assert_eq!(lease.look(Cell::get), 7);
                assert_eq!(lease.step(|_| Ok(())).unwrap_err().kind(), Kind::Busy);
                Ok(())
            })
            .unwrap();
        assert!(lease.step(|_| Ok(())).is_ok());
    }

    #[test]
    fn a_panic_ends_driving_and_not_looking() {
        let lease = Lease::new(Cell::new(7));
        let panicked = catch_unwind(AssertUnwindSafe(|| lease.step::<()>(|_| panic!("a bug"))));
        assert!(panicked.is_err());
        assert_eq!(lease.step(|_| Ok(())).unwrap_err().kind(), Kind::State);
        assert_eq!(lease.look(Cell::get), 7);
    }
}
