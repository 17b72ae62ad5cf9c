//! Calls of functions of the caller's.

use crate::conn;
use crate::io::cancel;

/// A function pointer of the caller's.
pub(super) trait Function: Copy {
    /// The same, as one that a thread's end may come out of.
    type Unwinding;
    /// It as that.
    fn unwinding(self) -> Self::Unwinding;
}

macro_rules! function {
    ($($argument:ident)*) => {
        impl<R, $($argument),*> Function for unsafe extern "C" fn($($argument),*) -> R {
            type Unwinding = unsafe extern "C-unwind" fn($($argument),*) -> R;
            fn unwinding(self) -> Self::Unwinding {
                // SAFETY: the two differ only in what the one who calls them is prepared for.
                unsafe { std::mem::transmute::<Self, Self::Unwinding>(self) }
            }
        }
    };
}
function!(A);
function!(A B C);
function!(A B C D);
function!(A B C D E F);
function!(A B C D E F G);
function!(A B C D E F G H);

/// Has `with` call a function of the caller's. Meanwhile this thread cannot be cancelled, other
/// threads can ask about the connection that calls it, and a thread that the function ends stays.
pub(super) fn call<F: Function, R>(function: F, with: impl FnOnce(F::Unwinding) -> R) -> R {
    cancel::off();
    conn::lend(|| stay::run(|| with(function.unwinding())))
}

/// A function of the caller's that ends its thread (`pthread_exit`, which CPython before 3.14 calls
/// in threads that want the interpreter after its end) would have the C library unwind the stack
/// through frames of Rust and of BoringSSL, which it cannot: the process would be aborted. The
/// thread is stopped here instead, for good.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod stay {
    use std::ffi::{c_int, c_void};
    use std::ptr::null_mut;

    /// `struct _pthread_cleanup_buffer` (Linux Standard Base, `_pthread_cleanup_push`).
    #[repr(C)]
    struct Cleanup {
        routine: Option<unsafe extern "C" fn(*mut c_void)>,
        arg: *mut c_void,
        cancel_type: c_int,
        before: *mut Cleanup,
    }

    unsafe extern "C" {
        fn _pthread_cleanup_push(
            buffer: *mut Cleanup,
            routine: unsafe extern "C" fn(*mut c_void),
            arg: *mut c_void,
        );
        fn _pthread_cleanup_pop(buffer: *mut Cleanup, execute: c_int);
    }

    unsafe extern "C" fn stop(_: *mut c_void) {
        loop {
            // SAFETY: waits for a signal, and again.
            unsafe { libc::pause() };
        }
    }

    /// Calls. The C library unwinds through this frame, so there is nothing in it to be dropped, and
    /// runs `stop` before it comes to the next.
    #[inline(never)]
    pub fn run<R>(work: impl FnOnce() -> R) -> R {
        let mut cleanup =
            Cleanup { routine: None, arg: null_mut(), cancel_type: 0, before: null_mut() };
        // SAFETY: the buffer stays where it is until it is taken out again.
        unsafe { _pthread_cleanup_push(&raw mut cleanup, stop, null_mut()) };
        let answer = work();
        // SAFETY: the one that was put in last: `work` has returned.
        unsafe { _pthread_cleanup_pop(&raw mut cleanup, 0) };
        answer
    }
}

/// Elsewhere threads end without unwinding.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod stay {
    pub fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
}
