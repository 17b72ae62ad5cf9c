//! `SSL_OP_*`: OpenSSL's numbers, and which of them do something here.

use super::versions::{TLS_1_0, TLS_1_1, TLS_1_2};
use crate::error::{Error, Kind, Result};

/// Go on with servers that cannot renegotiate securely (RFC 5746).
const LEGACY_SERVER_CONNECT: u64 = 0x4;
/// TLS in the kernel.
const ENABLE_KTLS: u64 = 0x8;
/// The end of the transport counts as the peer's goodbye.
pub const IGNORE_UNEXPECTED_EOF: u64 = 0x80;
/// No session tickets.
pub const NO_TICKET: u64 = 0x4000;
/// The server's order of suites decides.
const CIPHER_SERVER_PREFERENCE: u64 = 0x40_0000;
/// `SSL_OP_NO_TLSv1` to `_3`.
const NO_VERSIONS: u64 = NO_TLS_1_0 | NO_TLS_1_1 | NO_TLS_1_2 | NO_TLS_1_3;
const NO_TLS_1_0: u64 = 0x400_0000;
const NO_TLS_1_1: u64 = 0x1000_0000;
const NO_TLS_1_2: u64 = 0x800_0000;
const NO_TLS_1_3: u64 = 0x2000_0000;
/// A client does not follow a server that renegotiates.
pub const NO_RENEGOTIATION: u64 = 0x4000_0000;

/// What a context begins with, as CPython's on OpenSSL 3: workarounds, no SSL 3.0, no compression,
/// the middlebox disguise of TLS 1.3, the server's order.
pub const DEFAULT: u64 = 0x8252_0050;

/// Those BoringSSL has; its numbers are the same.
const IN_BORINGSSL: u64 =
    LEGACY_SERVER_CONNECT | NO_TICKET | CIPHER_SERVER_PREFERENCE | NO_VERSIONS;

/// Whether options may be set.
pub fn check(options: u64) -> Result<()> {
    if options & ENABLE_KTLS != 0 {
        return Err(Error::new(Kind::Unsupported, "options: kernel TLS is not available"));
    }
    Ok(())
}

/// Whether they leave a version that the bounds allow.
pub fn allow(options: u64, version: u16) -> bool {
    let no = match version {
        TLS_1_0 => NO_TLS_1_0,
        TLS_1_1 => NO_TLS_1_1,
        TLS_1_2 => NO_TLS_1_2,
        _ => NO_TLS_1_3,
    };
    options & no == 0
}

/// The part of them that BoringSSL acts on.
pub fn for_boringssl(options: u64) -> u32 {
    u32::try_from(options & IN_BORINGSSL).unwrap_or(0)
}
