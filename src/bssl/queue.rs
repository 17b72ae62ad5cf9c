//! BoringSSL's error queue, which belongs to the thread: emptied before and after each step, so
//! nothing of ours is left for another user of the thread, nor taken from one.

use std::ffi::CStr;

use boring_sys as ffi;

use super::mnemonics::openssl;
use crate::error::{Error, Kind};

/// `SSL_AD_REASON_OFFSET`: reasons from here on are alerts the peer sent.
const ALERT_OFFSET: u32 = 1000;
/// What BoringSSL calls a reason that it has no name for.
const NO_NAME: &str = "unknown error";
/// `missing_extension` (RFC 8446, section 6.2).
const MISSING_EXTENSION: u32 = 109;

/// Empties the queue.
pub fn clear() {
    // Mostly it is empty; emptying it all the same costs as much as the rest of a small read.
    // SAFETY: touches only the calling thread's queue.
    unsafe {
        if ffi::ERR_peek_error() != 0 {
            ffi::ERR_clear_error();
        }
    }
}

/// One entry of the queue.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The packed code.
    pub code: u32,
    /// `SSL`, `X509`, `PEM`, …
    pub library: &'static str,
    /// `CERTIFICATE_VERIFY_FAILED`, …; BoringSSL's name.
    pub reason: &'static str,
}

impl Entry {
    /// The alert the peer sent, when that is what the entry is.
    pub fn alert(self) -> Option<u8> {
        let reason = self.code & 0xfff;
        if self.library == "SSL" && reason >= ALERT_OFFSET {
            u8::try_from(reason - ALERT_OFFSET).ok()
        } else {
            None
        }
    }
}

impl Entry {
    /// Whether memory could not be had.
    pub fn is_out_of_memory(self) -> bool {
        self.code & 0xfff == ffi::ERR_R_MALLOC_FAILURE.cast_unsigned()
    }
}

/// A static C string of BoringSSL's.
fn text(pointer: *const std::ffi::c_char) -> &'static str {
    if pointer.is_null() {
        return "";
    }
    // SAFETY: BoringSSL's symbol names are string literals.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or("")
}

fn next() -> Option<Entry> {
    // SAFETY: touches only the calling thread's queue.
    let code = unsafe { ffi::ERR_get_error() };
    if code == 0 {
        return None;
    }
    // SAFETY: any code may be asked for its names; unknown ones give NULL.
    let library = text(unsafe { ffi::ERR_lib_symbol_name(code) });
    // The mnemonic of a library's own reason is its string; the codes shared by all libraries
    // (malloc failure, "the error came from the PEM library") have a symbol name.
    // SAFETY: as above.
    let mut reason = text(unsafe { ffi::ERR_reason_symbol_name(code) });
    if reason.is_empty() {
        // SAFETY: as above.
        reason = text(unsafe { ffi::ERR_reason_error_string(code) });
    }
    if reason == NO_NAME {
        reason = "";
    }
    if library == "SSL" && code & 0xfff == ALERT_OFFSET + MISSING_EXTENSION {
        // An alert of RFC 8446 that BoringSSL has no name for.
        reason = "TLSV13_ALERT_MISSING_EXTENSION";
    }
    Some(Entry { code, library, reason })
}

/// Runs what may use BoringSSL for something else, in the middle of an operation of BoringSSL's:
/// what the operation has written into the queue so far is there again afterwards.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    let mut codes = Vec::new();
    // SAFETY: touches only the calling thread's queue.
    while let code @ 1.. = unsafe { ffi::ERR_get_error() } {
        codes.push(code);
    }
    let answer = work();
    clear();
    for code in codes {
        let [library, reason] = [code >> 24, code & 0xfff].map(|part| part.cast_signed());
        // SAFETY: as above; the name of the file is static.
        unsafe { ffi::ERR_put_error(library, 0, reason, c"".as_ptr(), 0) };
    }
    answer
}

/// Puts an alert of the peer's into the queue, as BoringSSL does.
pub fn add_alert(description: u8) {
    let reason = ALERT_OFFSET + u32::from(description);
    let library = ffi::ERR_LIB_SSL.0.cast_signed();
    // SAFETY: touches only the calling thread's queue; the name of the file is static.
    unsafe { ffi::ERR_put_error(library, 0, reason.cast_signed(), c"".as_ptr(), 0) };
}

/// Empties the queue and gives the entry that says most: an alert the peer sent, else the oldest
/// of TLS itself, else the oldest. What BoringSSL pushes afterwards repeats it in more general
/// words; what it pushed before, from further down, says less to one who asked for a connection.
pub fn take() -> Option<Entry> {
    let rank = |entry: &Entry| match entry.alert() {
        Some(_) => 2,
        None => i32::from(entry.library == "SSL"),
    };
    let mut best: Option<Entry> = None;
    while let Some(entry) = next() {
        if best.as_ref().is_none_or(|old| rank(&entry) > rank(old)) {
            best = Some(entry);
        }
    }
    best
}

/// Empties the queue and tells whether an entry with one of `reasons`, as BoringSSL names them, was
/// in it.
pub fn held(reasons: &[&str]) -> bool {
    let mut found = false;
    while let Some(entry) = next() {
        found |= reasons.contains(&entry.reason);
    }
    found
}

/// The queue as an error of `kind` that begins with `what`.
pub fn error(kind: Kind, what: &str) -> Error {
    let entry = take();
    let kind = if entry.is_some_and(Entry::is_out_of_memory) { Kind::Memory } else { kind };
    let mut error = match entry {
        Some(entry) => Error::new(kind, format!("{what}: {}", phrase(openssl(entry.reason)))),
        None => Error::new(kind, what.to_owned()),
    };
    fill(&mut error, entry);
    error
}

/// Puts the numbers and mnemonics of `entry` into `error`, the latter as OpenSSL spells them.
pub fn fill(error: &mut Error, entry: Option<Entry>) {
    if let Some(entry) = entry {
        let detail = error.detail_mut();
        detail.code = entry.code;
        detail.library = entry.library;
        detail.reason = match entry.alert() {
            // As OpenSSL calls a reason that it has no name for.
            Some(_) if entry.reason.is_empty() => format!("REASON({})", entry.code & 0xfff).into(),
            _ => openssl(entry.reason).into(),
        };
        detail.alert = entry.alert();
    }
}

/// `WRONG_VERSION_NUMBER` as words: `wrong version number`.
pub fn phrase(reason: &str) -> String {
    reason.to_ascii_lowercase().replace('_', " ")
}
