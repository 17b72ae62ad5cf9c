//! What the environment names, where it is from one who may do what this program may.
#![allow(unsafe_code, reason = "questions to the system")]

use std::ffi::OsString;

/// The value of a variable by which whoever starts a program says which files it reads and writes.
/// One that is set to nothing is not set. None is in a program that runs with more rights than who
/// started it (setuid, setgid, capabilities of its file): the files would be chosen by one who may
/// not.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty() && is_trusted())
}

/// Whether the environment is from one who may do what this program may.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_trusted() -> bool {
    // SAFETY: a question to the system.
    unsafe { libc::getauxval(libc::AT_SECURE) == 0 }
}

/// The same where the kernel does not tell.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn is_trusted() -> bool {
    // SAFETY: questions to the system.
    unsafe { libc::getuid() == libc::geteuid() && libc::getgid() == libc::getegid() }
}

/// The same where programs have the rights of who starts them.
#[cfg(not(unix))]
fn is_trusted() -> bool {
    true
}
