//! What the four libraries have in common for the benchmark.

use std::os::fd::RawFd;
use std::path::PathBuf;

/// What the server's certificate is made with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Ecdsa,
    Rsa,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Tls12,
    Tls13,
}

/// Who shows a certificate, and whether in full.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The server; the client verifies it and its name.
    Verified,
    /// Both, and both verify.
    Mutual,
    /// As the first, but resumed from a session.
    Resumed,
}

/// One kind of handshake. All libraries use X25519 and AES-128-GCM; P-256 is allowed for the key of
/// the certificate.
#[derive(Clone, Copy)]
pub struct Case {
    pub key: Key,
    pub version: Version,
    pub kind: Kind,
}

impl Case {
    /// The server's chain and key.
    pub fn server(&self) -> (PathBuf, PathBuf) {
        let name = match self.key {
            Key::Ecdsa => "localhost",
            Key::Rsa => "rsa",
        };
        (pki(&format!("{name}.chain.pem")), pki(&format!("{name}.key.pem")))
    }
}

/// Of the bulk and the rest, where the handshake does not matter.
pub const PLAIN: Case = Case { key: Key::Ecdsa, version: Version::Tls13, kind: Kind::Verified };

/// What carries the bytes.
#[derive(Clone, Copy)]
pub enum Over {
    /// Memory of the library's own kind.
    Memory,
    /// A connected pair of sockets, which stay the caller's.
    Fd([RawFd; 2]),
    /// The same, reading ahead where the library can.
    FdAhead([RawFd; 2]),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Client,
    Server,
}

/// The two ends of a connection, in one thread.
pub trait Pair {
    /// Sends from `end` what the other can take at once.
    fn send(&mut self, end: End, data: &[u8]);
    /// Receives at `end` until `room` is full.
    fn receive(&mut self, end: End, room: &mut [u8]);
}

/// Contexts of both sides for a case. What is made once per process, or per program, is in here.
pub trait Contexts {
    /// A connection whose handshake is done; `resumed` says whether it has to be of that kind.
    fn connect(&self, over: Over) -> Box<dyn Pair>;
}

pub trait Library {
    fn name(&self) -> &'static str;
    fn contexts(&self, case: &Case) -> Box<dyn Contexts>;
    /// A client's context with the system's roots and what a first connection needs of it.
    fn default_client(&self) -> Option<Box<dyn Fn()>> {
        None
    }
}

/// A file of the test certificates, which are made when the benchmark begins.
pub fn pki(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-pki").join(name)
}
