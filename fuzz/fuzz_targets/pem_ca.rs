//! See ../entries/pem_ca.rs.
#![no_main]

#[path = "../entries/mod.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entries::pem_ca::run(data));
