//! BoringSSL as safe functions: the one room with `boring_sys` calls.
//!
//! `boring` gives owned types ([`boring::ssl::SslContext`], [`boring::ssl::Ssl`]); what it lacks
//! is here. Connections are made with `TLS_with_buffers_method`, so a connection carries
//! certificates as shared byte buffers and never as X509 objects: verification parses them when it
//! needs them, and an idle connection is small.
#![allow(unsafe_code, reason = "this room is the border to BoringSSL")]

pub mod aead;
pub mod binding;
pub mod buffer;
pub mod cipher;
pub mod context;
pub mod crl;
pub mod dh;
pub mod digest;
mod facts;
mod failure;
pub mod key;
pub mod mnemonics;
pub mod observe;
pub mod pkcs8;
pub mod psk;
pub mod queue;
pub mod session;
pub mod store;
pub mod stream;
pub mod terms;
pub mod verify_codes;
pub mod version;
pub mod wire;
pub mod x509;
