//! Values of the caller that the library keeps.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use super::callout;
use super::types::tlsw_free_fn;

/// A value, and the function that releases the value when nothing uses it any more.
pub(super) struct User {
    value: *mut c_void,
    free: tlsw_free_fn,
    /// Whether the library owns the value. A call that fails leaves it with the caller.
    is_kept: AtomicBool,
}

// SAFETY: the value is only passed to the caller's functions, whose documentation says on which
// threads they run.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    /// A value that the caller still owns.
    pub fn new(value: *mut c_void, free: tlsw_free_fn) -> Self {
        Self { value, free, is_kept: AtomicBool::new(false) }
    }

    /// Transfers the value to the library, after the call has succeeded.
    pub fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    /// Returns the value.
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
