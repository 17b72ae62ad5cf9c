//! What is fuzzed: each entry takes bytes, gives them to the C ABI and checks what may be checked about
//! any answer. The fuzz targets call them, and so does tests/corpus.rs, without a fuzzer.
#![allow(dead_code, reason = "a target calls one of them")]

pub mod alpn;
pub mod calls;
pub mod cert;
pub mod client_wire;
pub mod common;
pub mod hostname;
pub mod key;
pub mod pem;
pub mod pem_ca;
pub mod program;
pub mod psk;
pub mod server_wire;
pub mod session;
pub mod staple;
pub mod words;

/// An entry by its name.
pub type Entry = (&'static str, fn(&[u8]));

/// All of them, in order.
pub const ENTRIES: [Entry; 13] = [
    ("alpn", alpn::run),
    ("calls", calls::run),
    ("cert", cert::run),
    ("client_wire", client_wire::run),
    ("hostname", hostname::run),
    ("key", key::run),
    ("pem", pem::run),
    ("pem_ca", pem_ca::run),
    ("psk", psk::run),
    ("server_wire", server_wire::run),
    ("session", session::run),
    ("staple", staple::run),
    ("words", words::run),
];
