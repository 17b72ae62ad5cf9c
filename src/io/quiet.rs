//! Writing without the signals by which systems say that a write failed.
#![allow(unsafe_code, reason = "system calls")]

use std::mem::MaybeUninit;

/// SIGPIPE of a pipe that nobody reads, SIGXFSZ of a file that may not grow.
const SIGNALS: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// While it lives, the signals of a failing write do not reach the calling thread.
pub(super) struct Quiet {
    /// The thread's mask of before.
    before: libc::sigset_t,
    /// Whether each of [`SIGNALS`] was waiting for the thread already.
    waited: [bool; 2],
}

/// A set of signals: those that are of `wanted`.
fn set(wanted: &[libc::c_int]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the set is initialised before a signal is added to it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in wanted {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        set.assume_init()
    }
}

/// Which of [`SIGNALS`] wait for the thread.
fn waiting() -> [bool; 2] {
    let mut pending = set(&[]);
    // SAFETY: a set to fill, and to ask.
    unsafe {
        libc::sigpending(&raw mut pending);
        SIGNALS.map(|signal| libc::sigismember(&raw const pending, signal) == 1)
    }
}

impl Quiet {
    pub fn new() -> Self {
        let (ours, mut before) = (set(&SIGNALS), set(&[]));
        // SAFETY: two sets, one to read and one to fill.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const ours, &raw mut before) };
        Self { before, waited: waiting() }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        for ((signal, waits), waited) in SIGNALS.iter().zip(waiting()).zip(self.waited) {
            if waits && !waited {
                let (one, mut taken) = (set(&[*signal]), 0);
                // SAFETY: a set that is read, a number to fill. It waits already, so this does not.
                unsafe { libc::sigwait(&raw const one, &raw mut taken) };
            }
        }
        // SAFETY: the mask that the thread had.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, std::ptr::null_mut());
        }
    }
}
