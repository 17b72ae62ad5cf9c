//! Values of the caller's that the library keeps for him.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use super::callout;
use super::types::tlsw_free_fn;

/// A value, and the function that releases it when nothing needs it any more.
pub(super) struct User {
    value: *mut c_void,
    free: tlsw_free_fn,
    /// Whether the library has it: a call that fails leaves it to the caller.
    is_kept: AtomicBool,
}

// SAFETY: only ever handed to the caller's functions, of which the words of each say on which threads
// they run.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    /// A value that is the caller's still.
    pub fn new(value: *mut c_void, free: tlsw_free_fn) -> Self {
        Self { value, free, is_kept: AtomicBool::new(false) }
    }

    /// The call has succeeded: from now on the value is the library's.
    pub fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    /// The value.
    pub fn value(&self) -> *mut c_void {
        self.value
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if let Some(free) = self.free
            && self.is_kept.load(Ordering::Relaxed)
        {
            // SAFETY: called once, as tlsw_free_fn says.
            callout::call(free, |free| unsafe { free(self.value) });
        }
    }
}
