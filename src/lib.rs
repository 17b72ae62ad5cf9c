//! **tlswrap**: TLS for anyone who can call C, on BoringSSL.
//!
//! The product is the C ABI that `include/tlswrap.h` describes; this crate's Rust interface is
//! that ABI's implementation. The map, and who may import whom (held by `tests/layers.rs`):
//!
//! | room | what it is | may use |
//! |---|---|---|
//! | [`error`] | the taxonomy of failures, as data | `cert`'s error |
//! | [`json`], [`pem`] | a JSON writer; PEM blocks in and out | `cert`'s error, data-encoding, zeroize |
//! | [`cert`] | DER → plain data, pure Rust | `error`, `json`, data-encoding |
//! | [`io`] | transports that never wait, and waiting; files | `error`; libc, zeroize |
//! | [`bssl`] | BoringSSL as safe functions | `error`, `io`, boring, boring-sys, foreign-types, once-cell, zeroize |
//! | [`verify`] | a sent chain and a trust store → a verdict | `bssl`, `cert`, `error`, boring |
//! | [`hooks`] | what the caller wants called while a connection is driven | `session`, `bssl`, `error` |
//! | [`ctx`] | settings, trust, identity; sealed into an `SSL_CTX` | `hooks`, `verify`, `bssl`, `io`, `cert`, `json`, `pem`, `error`, boring, once-cell, zeroize |
//! | [`session`] | what a connection leaves for the next to resume | `verify`, `ctx`, `bssl`, `error`, boring, zeroize |
//! | [`conn`] | connections: the lease, the loop with the deadline, the facts | all above; boring, idna, zeroize |
//! | `stores` | the certificate stores of Windows | `error`, `json`; data-encoding, windows-sys |
//! | `terminal` | a person, asked for a password | `error`; libc |
//! | `sockets` | connecting, and accepting | `conn`, `ctx`, `bssl`, `io`, `error` |
//! | `fetch` | one errand: a server's certificate | all above |
//! | [`ffi`] | everything with a C layout; nobody imports it | all above; libc, zeroize, data-encoding |

#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::mem_forget
)]

#[cfg(target_family = "wasm")]
compile_error!("there is no BoringSSL for WebAssembly, nor sockets for it to talk over");

pub mod bssl;
pub mod cert;
pub mod conn;
pub mod ctx;
pub mod error;
#[cfg(unix)]
pub mod fetch;
pub mod ffi;
pub mod hooks;
pub mod io;
pub mod json;
pub mod pem;
pub mod session;
#[cfg(unix)]
pub mod sockets;
#[cfg(windows)]
pub mod stores;
#[cfg(unix)]
pub mod terminal;
pub mod verify;
