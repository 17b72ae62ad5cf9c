//! Counts what goes through malloc, of every library in the process: the linker puts these
//! functions before those of the C library.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

static COUNTING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicIsize = AtomicIsize::new(0);

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(n: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(at: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
    fn __libc_free(at: *mut c_void);
    fn malloc_usable_size(at: *mut c_void) -> usize;
}

fn size(at: *mut c_void) -> isize {
    // SAFETY: NULL, or what the C library allocated.
    unsafe { malloc_usable_size(at) }.cast_signed()
}

fn came(at: *mut c_void) -> *mut c_void {
    if COUNTING.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
        LIVE.fetch_add(size(at), Relaxed);
    }
    at
}

fn goes(at: *mut c_void) {
    if COUNTING.load(Relaxed) {
        LIVE.fetch_sub(size(at), Relaxed);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    came(unsafe { __libc_malloc(size) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(n: usize, size: usize) -> *mut c_void {
    came(unsafe { __libc_calloc(n, size) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(at: *mut c_void, size: usize) -> *mut c_void {
    goes(at);
    came(unsafe { __libc_realloc(at, size) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    came(unsafe { __libc_memalign(align, size) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(to: *mut *mut c_void, align: usize, size: usize) -> i32 {
    let at = came(unsafe { __libc_memalign(align, size) });
    if at.is_null() {
        return libc::ENOMEM;
    }
    unsafe { *to = at };
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(at: *mut c_void) {
    goes(at);
    unsafe { __libc_free(at) }
}

/// What `work` did: how often it allocated, and by how many bytes the heap grew.
pub fn counted(work: impl FnOnce()) -> (usize, isize) {
    let before = (CALLS.load(Relaxed), LIVE.load(Relaxed));
    COUNTING.store(true, Relaxed);
    work();
    COUNTING.store(false, Relaxed);
    (CALLS.load(Relaxed) - before.0, LIVE.load(Relaxed) - before.1)
}
