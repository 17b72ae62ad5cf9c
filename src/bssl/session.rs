//! `SSL_SESSION`: what a connection leaves behind for the next one to resume. It holds secrets.

use boring::ssl::{SslContextRef, SslSession, SslSessionRef};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};
use zeroize::Zeroizing;

use super::queue;
use crate::error::{Error, Kind, Result};

/// What can be asked of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When it was made, in seconds since 1970.
    pub time: i64,
    /// How many seconds after that it can be resumed.
    pub timeout: u32,
    /// How many seconds the server said it would keep it; 0 if it said nothing.
    pub ticket_lifetime_hint: u32,
    /// Whether the server keeps its state in a ticket.
    pub has_ticket: bool,
}

/// Asks a session.
pub fn facts(session: &SslSessionRef) -> Facts {
    let session = session.as_ptr();
    // SAFETY: questions to a live session, which is immutable.
    unsafe {
        Facts {
            time: i64::try_from(ffi::SSL_SESSION_get_time(session)).unwrap_or(i64::MAX),
            timeout: ffi::SSL_SESSION_get_timeout(session),
            // In TLS 1.3 BoringSSL keeps what the server said as the timeout, where that is shorter
            // than what it allows itself.
            ticket_lifetime_hint: if ffi::SSL_SESSION_get_protocol_version(session)
                >= ffi::TLS1_3_VERSION as u16
            {
                ffi::SSL_SESSION_get_timeout(session)
            } else {
                ffi::SSL_SESSION_get_ticket_lifetime_hint(session)
            },
            has_ticket: ffi::SSL_SESSION_has_ticket(session) == 1,
        }
    }
}

/// The server's ticket; empty if there is none.
pub fn ticket(session: &SslSessionRef) -> &[u8] {
    let (mut data, mut len) = (std::ptr::null(), 0);
    // SAFETY: the ticket is borrowed from the session, which is immutable.
    unsafe {
        ffi::SSL_SESSION_get0_ticket(session.as_ptr(), &raw mut data, &raw mut len);
        if data.is_null() || len == 0 {
            return &[];
        }
        std::slice::from_raw_parts(data, len)
    }
}

/// Whether it is one session under two names.
pub fn is_same(one: &SslSessionRef, other: &SslSessionRef) -> bool {
    one.as_ptr() == other.as_ptr()
}

/// The session as bytes, secrets and all.
pub fn to_bytes(session: &SslSessionRef) -> Result<Zeroizing<Vec<u8>>> {
    queue::clear();
    // SAFETY: a live session.
    if unsafe { ffi::SSL_SESSION_is_resumable(session.as_ptr()) } != 1 {
        return Err(Error::new(
            Kind::Unsupported,
            "the session cannot be resumed, so there is nothing to keep: in TLS 1.3 the server's \
             tickets come after the handshake, with the first bytes that are read",
        ));
    }
    let (mut data, mut len) = (std::ptr::null_mut(), 0);
    // SAFETY: gives a buffer of its own, which is copied, wiped and freed.
    unsafe {
        if ffi::SSL_SESSION_to_bytes(session.as_ptr(), &raw mut data, &raw mut len) != 1 {
            return Err(queue::error(Kind::Unsupported, "the session cannot be made into bytes"));
        }
        let bytes = Zeroizing::new(std::slice::from_raw_parts(data, len).to_vec());
        ffi::OPENSSL_cleanse(data.cast(), len);
        ffi::OPENSSL_free(data.cast());
        Ok(bytes)
    }
}

/// A session from bytes of [`to_bytes`].
pub fn from_bytes(bytes: &[u8], context: &SslContextRef) -> Result<SslSession> {
    queue::clear();
    // SAFETY: pointer and length are of one slice, the context is alive.
    let session =
        unsafe { ffi::SSL_SESSION_from_bytes(bytes.as_ptr(), bytes.len(), context.as_ptr()) };
    if session.is_null() {
        queue::clear();
        return Err(Error::decode("the bytes of the session are damaged"));
    }
    // SAFETY: fresh and ours.
    Ok(unsafe { SslSession::from_ptr(session) })
}
