//! A sequence of calls: see program.rs.
#![no_main]

mod common;
mod program;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| program::run(data));
