//! Keeps `pthread_cancel` from ending a thread inside the library: the C library would unwind
//! through frames of Rust, and end the process instead.
//!
//! Turning cancellation off and on again costs a tenth of a small read, so a call does the first
//! only before it comes to where cancellation can happen (a system call that may wait, a function of
//! the caller's), and the second when it returns.
#![allow(unsafe_code, reason = "a call of the C library")]

use std::cell::Cell;

thread_local! {
    static CALL: Cell<Call> = const { Cell::new(Call { depth: 0, before: None }) };
}

/// Where this thread is.
#[derive(Clone, Copy)]
struct Call {
    /// How many calls of the library this thread is inside of.
    depth: u32,
    /// How the outermost of them found cancellation, if it turned it off.
    before: Option<State>,
}

/// A call of the library, from its beginning to its end.
pub struct Inside(());

impl Inside {
    /// Begins a call.
    pub fn enter() -> Self {
        // A thread on its way out may have lost its thread-locals already; nobody cancels it then.
        let _ = CALL.try_with(|call| {
            let now = call.get();
            call.set(Call { depth: now.depth + 1, ..now });
        });
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = CALL.try_with(|call| {
            let Call { depth, before } = call.get();
            let is_outermost = depth == 1;
            call.set(Call { depth: depth - 1, before: before.filter(|_| !is_outermost) });
            if let Some(before) = before
                && is_outermost
            {
                set(before);
            }
        });
    }
}

/// Whether this thread is inside a call of the library.
pub fn is_inside() -> bool {
    CALL.try_with(|call| call.get().depth > 0).unwrap_or(false)
}

/// Turns cancellation off until the outermost call of the library on this thread ends.
pub fn off() {
    let _ = CALL.try_with(|call| {
        let now = call.get();
        if now.depth > 0 && now.before.is_none() {
            call.set(Call { before: Some(set(DISABLED)), ..now });
        }
    });
}

use system::{DISABLED, State, set};

#[cfg(all(unix, not(target_os = "android")))]
mod system {
    use std::ffi::c_int;

    pub type State = c_int;

    /// `PTHREAD_CANCEL_DISABLE`.
    pub const DISABLED: State = if cfg!(target_vendor = "apple") { 0 } else { 1 };

    unsafe extern "C" {
        fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }

    /// Sets the state and gives the one before.
    pub fn set(state: State) -> State {
        let mut before = state;
        // SAFETY: room for the state before; of the calling thread only.
        unsafe { pthread_setcancelstate(state, &raw mut before) };
        before
    }
}

/// Where there is no cancellation.
#[cfg(not(all(unix, not(target_os = "android"))))]
mod system {
    pub type State = ();
    pub const DISABLED: State = ();
    pub fn set((): State) -> State {}
}
