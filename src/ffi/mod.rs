//! The C ABI: everything with a C layout, and nothing else. Functions here check, convert and
//! forward; what they mean is decided below.
//!
//! Each exported function hands its work to one of three: [`enter`] for calls that can fail, [`enter_often`]
//! for those among them that are made for every few bytes, [`ask`] for questions that cannot fail.
//! All keep panics in, and cancellation out (`pthread_cancel`).
#![allow(
    unsafe_code,
    non_camel_case_types,
    clippy::missing_safety_doc,
    reason = "the border to C; what a caller must keep to is said in each function's words"
)]

pub mod binding;
pub mod bio;
mod callout;
pub mod cert;
pub mod ciphers;
pub mod conn;
pub mod constants;
pub mod convert;
pub mod ctx;
pub mod get;
pub mod hook;
pub mod hostname;
pub mod lib;
pub mod object;
pub mod prompt;
pub mod protocol;
pub mod psk;
mod ptr;
mod quiet;
pub mod rand;
pub mod report;
pub mod server;
pub mod session;
pub mod settings;
pub mod sockets;
pub mod staple;
pub mod stores;
pub mod system;
pub mod trust;
pub mod types;
mod user;
pub mod wrap;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bssl::queue;
use crate::error::{Absence, Error, Kind, Progress, Result};
use crate::io::cancel::{self, Inside};
use quiet::quiet;
use types::*;

/// Runs a call that can fail: the status, and `err` filled when it is negative.
fn enter(err: *mut tlsw_error, work: impl FnOnce() -> Result<Progress>) -> tlsw_status {
    enter_often(err, || {
        cancel::off();
        work()
    })
}

/// The same for calls that are made for every few bytes. What may wait inside them, or call the
/// caller, turns cancellation off by itself.
fn enter_often(err: *mut tlsw_error, work: impl FnOnce() -> Result<Progress>) -> tlsw_status {
    quiet();
    let _inside = Inside::enter();
    let error = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(progress)) => return status(progress),
        Ok(Err(error)) => error,
        Err(_) => Error::new(
            Kind::Panic,
            "a bug in tlswrap was caught; the object it happened to may only be freed; please \
             report it",
        ),
    };
    queue::clear();
    // SAFETY: the caller passes NULL or room for a tlsw_error; nothing is read from it.
    unsafe { ptr::fill_error(err, &error) };
    kind_status(error.kind())
}

/// Asks a question that cannot fail: the answer, or `default` where there is none.
fn ask<T>(default: T, question: impl FnOnce() -> Option<T>) -> T {
    quiet();
    let _inside = Inside::enter();
    cancel::off();
    catch_unwind(AssertUnwindSafe(question)).ok().flatten().unwrap_or(default)
}

fn status(progress: Progress) -> tlsw_status {
    match progress {
        Progress::Done(()) => TLSW_OK,
        Progress::WantRead => TLSW_WANT_READ,
        Progress::WantWrite => TLSW_WANT_WRITE,
        Progress::WantHook => TLSW_WANT_HOOK,
        Progress::Closed => TLSW_CLOSED,
        Progress::Absent(Absence::None) => TLSW_NONE,
        Progress::Absent(Absence::Unverified) => TLSW_NONE_UNVERIFIED,
        Progress::Absent(Absence::Failed) => TLSW_NONE_FAILED,
    }
}

fn kind_status(kind: Kind) -> tlsw_status {
    match kind {
        Kind::Argument => TLSW_ERR_ARGUMENT,
        Kind::State => TLSW_ERR_STATE,
        Kind::Busy => TLSW_ERR_BUSY,
        Kind::Io => TLSW_ERR_IO,
        Kind::Timeout => TLSW_ERR_TIMEOUT,
        Kind::Eof => TLSW_ERR_EOF,
        Kind::Tls => TLSW_ERR_TLS,
        Kind::Verify => TLSW_ERR_VERIFY,
        Kind::Decode => TLSW_ERR_DECODE,
        Kind::Hook => TLSW_ERR_HOOK,
        Kind::Unsupported => TLSW_ERR_UNSUPPORTED,
        Kind::Memory => TLSW_ERR_MEMORY,
        Kind::Panic => TLSW_ERR_PANIC,
    }
}
