//! Rust writes to stderr when code panics, before anyone can catch it. A library has no business
//! there.

use std::sync::Once;

use crate::io::cancel;

#[cfg(all(unix, not(feature = "capi")))]
unsafe extern "C" {
    /// Whether Rust's std is the library's own; see std_shared.c.
    safe fn std_of_tlswrap_is_its_own() -> std::ffi::c_int;
}

/// Whether Rust's std is the library's own: nobody else can see then what is set in it. In a Rust
/// program that depends on this crate it is the program's, and what is written about a panic is
/// for the program to say.
fn std_is_our_own() -> bool {
    #[cfg(all(unix, not(feature = "capi")))]
    return std_of_tlswrap_is_its_own() != 0;
    // cargo-c builds nothing but C libraries.
    #[cfg(not(all(unix, not(feature = "capi"))))]
    return cfg!(feature = "capi");
}

/// Has panics inside calls of the C library written nowhere; all others go where they went.
pub(super) fn quiet() {
    static ONCE: Once = Once::new();
    if ONCE.is_completed() || std::thread::panicking() {
        // A Rust program cleaning up: hooks cannot be set now, and nothing of ours has panicked.
        return;
    }
    ONCE.call_once(|| {
        if !std_is_our_own() {
            return;
        }
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !cancel::is_inside() {
                before(info);
            }
        }));
    });
}
