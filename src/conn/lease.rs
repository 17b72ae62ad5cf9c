//! One turn at a time. A turn is a step that does not wait, so a second thread waits microseconds
//! for it; the same thread, coming back from inside a step, is told that it may not.
//!
//! A step may call functions of the caller's (hooks, transports), which take as long as they like
//! and ask about this connection and about others. For that time the turn is lent ([`lend`]): other
//! threads may look, but not take a step. So no thread ever waits for a function of a caller's
//! while one of its own is running, and two of them that ask about each other's connection cannot
//! wait for each other.
#![allow(unsafe_code, reason = "shares what is inside between threads, one turn at a time")]

use std::cell::{Cell, RefCell};
use std::ptr::null;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Kind, Result};

/// Something that threads take turns with.
pub(super) struct Lease<T> {
    turn: Turn,
    inner: T,
}

// SAFETY: what is inside is reached through `step` and `look`, by one thread at a time. While a turn
// is lent its thread is inside a function of the caller's, where it reaches what is inside through
// `look` alone, which takes the lock as every other thread does.
unsafe impl<T: Send> Sync for Lease<T> {}

#[derive(Default)]
struct Turn {
    state: Mutex<State>,
    /// Told when a turn is not lent any more.
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether the thread whose turn it is runs a function of the caller's.
    is_lent: bool,
    /// How many threads wait for that to end.
    waiting: usize,
}

/// A turn that this thread has taken.
struct Frame<'a> {
    turn: &'a Turn,
    /// The lock, but while the turn is lent.
    guard: RefCell<Option<MutexGuard<'a, State>>>,
    /// Whether it may be lent: others cannot look while one looks.
    is_step: bool,
    /// The turn that this thread had taken before, of another connection.
    outer: *const Frame<'a>,
}

thread_local! {
    /// The innermost turn of this thread; null for none.
    static INNERMOST: Cell<*const Frame<'static>> = const { Cell::new(null()) };
}

/// Leaves a frame on every way out.
struct Entered<'here, 'a>(&'here Frame<'a>);

impl<'here, 'a> Entered<'here, 'a> {
    fn new(frame: &'here Frame<'a>) -> Self {
        let here: *const Frame<'a> = frame;
        // A thread on its way out may have lost its thread-locals already: it does without.
        let _ = INNERMOST.try_with(|innermost| innermost.set(here.cast()));
        Self(frame)
    }
}

impl Drop for Entered<'_, '_> {
    fn drop(&mut self) {
        let outer = self.0.outer;
        let _ = INNERMOST.try_with(|innermost| innermost.set(outer.cast()));
    }
}

fn innermost<'a>() -> *const Frame<'a> {
    INNERMOST.try_with(Cell::get).unwrap_or(null()).cast()
}

/// Runs a function of the caller's: the turn that this thread has taken is lent meanwhile.
pub fn lend<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: a frame is on the stack of this thread as long as it is the innermost.
    let Some(frame) = (unsafe { innermost().as_ref() }).filter(|frame| frame.is_step) else {
        return work();
    };
    // It is lent already when a function of the caller's has called us and is called back.
    let Some(mut guard) = frame.guard.take() else {
        return work();
    };
    guard.is_lent = true;
    drop(guard);
    let answer = work();
    let mut guard = frame.turn.state.lock().unwrap_or_else(PoisonError::into_inner);
    guard.is_lent = false;
    if guard.waiting > 0 {
        frame.turn.returned.notify_all();
    }
    frame.guard.replace(Some(guard));
    answer
}

impl<T> Lease<T> {
    pub fn new(inner: T) -> Self {
        Self { turn: Turn::default(), inner }
    }

    /// This thread's turn, if it has taken it.
    fn mine<'a>(&'a self) -> Option<&'a Frame<'a>> {
        let mut at = innermost::<'a>();
        // SAFETY: frames are on the stack of this thread until their turns end.
        while let Some(frame) = unsafe { at.as_ref() } {
            if std::ptr::eq(frame.turn, &raw const self.turn) {
                return Some(frame);
            }
            at = frame.outer;
        }
        None
    }

    /// Whether this thread is inside its turn.
    pub fn is_mine(&self) -> bool {
        self.mine().is_some()
    }

    /// Takes a turn. Fails inside a turn of the same thread; inside a turn of another connection,
    /// if this one's is lent; and for ever after a step panicked.
    pub fn step<R>(&self, work: impl FnOnce(&T) -> Result<R>) -> Result<R> {
        if self.is_mine() {
            return Err(busy(
                "the connection is busy in a call on this very thread: a hook may ask about it, \
                 not drive it",
            ));
        }
        let broken =
            || Error::state("an earlier call on this connection met a bug in tlswrap; free it");
        let mut guard = self.turn.state.lock().map_err(|_| broken())?;
        while guard.is_lent {
            if !innermost().is_null() {
                return Err(busy(
                    "the connection is busy in a hook on another thread: a hook does not wait for \
                     another",
                ));
            }
            guard.waiting += 1;
            let woken = self.turn.returned.wait(guard);
            guard = woken.map_err(|_| broken())?;
            guard.waiting -= 1;
        }
        self.enter(guard, true, || work(&self.inner))
    }

    /// Only reads, or does what may be done in the middle of a step. May be called inside a turn of
    /// the same thread, and while the turn is lent.
    pub fn look<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        if self.mine().is_some_and(|frame| frame.guard.borrow().is_some()) {
            return read(&self.inner);
        }
        // Reading is sound even after a panic: what is inside is BoringSSL's state.
        let guard = self.turn.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.enter(guard, false, || read(&self.inner))
    }

    /// Reads what only a step changes; `None` in the middle of one, this thread's or another's.
    pub fn look_between<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        if self.is_mine() {
            return None;
        }
        let guard = self.turn.state.lock().ok().filter(|guard| !guard.is_lent)?;
        Some(self.enter(guard, false, || read(&self.inner)))
    }

    fn enter<'a, R>(
        &'a self,
        guard: MutexGuard<'a, State>,
        is_step: bool,
        work: impl FnOnce() -> R,
    ) -> R {
        let guard = RefCell::new(Some(guard));
        let frame = Frame { turn: &self.turn, guard, is_step, outer: innermost() };
        let _entered = Entered::new(&frame);
        work()
    }
}

fn busy(why: &'static str) -> Error {
    Error::new(Kind::Busy, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

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
                assert_eq!(lease.look_between(Cell::get), None);
                lend(|| {
                    let other = || lease.look_between(Cell::get);
                    assert_eq!(
                        std::thread::scope(|scope| scope.spawn(other).join().unwrap()),
                        None
                    );
                });
                assert_eq!(lease.step(|_| Ok(())).unwrap_err().kind(), Kind::Busy);
                lend(|| {
                    assert!(lease.is_mine());
                    assert_eq!(lease.look(Cell::get), 7);
                    assert_eq!(lease.step(|_| Ok(())).unwrap_err().kind(), Kind::Busy);
                    lend(|| assert_eq!(lease.look(Cell::get), 7));
                });
                assert_eq!(lease.look(Cell::get), 7);
                Ok(())
            })
            .unwrap();
        assert!(!lease.is_mine());
        assert!(lease.step(|_| Ok(())).is_ok());
    }

    #[test]
    fn a_turn_inside_another_ends_before_it() {
        let (one, other) = (Lease::new(Cell::new(1)), Lease::new(Cell::new(2)));
        one.step(|_| {
            lend(|| {
                assert_eq!(other.step(|n| Ok(n.get())).unwrap(), 2);
                other.look(|n| assert_eq!(n.get(), 2));
            });
            assert!(one.is_mine() && !other.is_mine());
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_lent_turn_is_looked_at_and_waited_for() {
        let lease = Lease::new(Cell::new(7));
        let (lent, looked) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                lease
                    .step(|n| {
                        lend(|| {
                            lent.wait();
                            looked.wait();
                        });
                        n.set(8);
                        Ok(())
                    })
                    .unwrap();
            });
            lent.wait();
            assert_eq!(lease.look(Cell::get), 7);
            looked.wait();
            assert_eq!(lease.step(|n| Ok(n.get())).unwrap(), 8);
        });
    }

    #[test]
    fn two_that_lend_look_at_each_other_and_do_not_wait() {
        let leases = [Lease::new(Cell::new(0)), Lease::new(Cell::new(1))];
        let (both, done) = (Barrier::new(2), Barrier::new(2));
        let busy = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for here in [0, 1] {
                let (leases, both, done, busy) = (&leases, &both, &done, &busy);
                scope.spawn(move || {
                    let there = 1 - here;
                    leases[here]
                        .step(|_| {
                            lend(|| {
                                both.wait();
                                assert_eq!(leases[there].look(Cell::get), there);
                                let error = leases[there].step(|_| Ok(())).unwrap_err();
                                assert_eq!(error.kind(), Kind::Busy);
                                busy.fetch_add(1, Ordering::Relaxed);
                                done.wait();
                            });
                            Ok(())
                        })
                        .unwrap();
                });
            }
        });
        assert_eq!(busy.into_inner(), 2);
        assert!(leases.iter().all(|lease| lease.step(|_| Ok(())).is_ok()));
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
