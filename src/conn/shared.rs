//! What a connection and BoringSSL's calls back into it share: the verdict on the peer, and the
//! last alert.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use boring::ssl::SslSession;

use crate::bssl::buffer::Buffer;
use crate::bssl::stream::Observer;
use crate::bssl::x509::{PeerName, Purpose};
use crate::ctx::Sealed;
use crate::error::{Error, Kind, Result};
use crate::session::{Rules, Verified};
use crate::verify::{self, Refusal, Standard, Verdict};

/// `internal_error` (RFC 8446, section 6.2).
const INTERNAL_ERROR: u8 = 80;

pub(super) struct Shared {
    /// What the connection was made from.
    pub from: Arc<Sealed>,
    purpose: Purpose,
    /// The server's name, on clients.
    pub name: Option<PeerName>,
    verdict: OnceLock<Result<Verdict>>,
    alert_sent: AtomicI32,
    handshake_failed: AtomicBool,
    /// The newest session the server gave.
    session: Mutex<Option<SslSession>>,
    /// A verification of earlier, of the session that is to be resumed.
    earlier: OnceLock<Arc<Verified>>,
}

impl Shared {
    pub fn new(from: Arc<Sealed>, purpose: Purpose, name: Option<PeerName>) -> Self {
        Self {
            from,
            purpose,
            name,
            verdict: OnceLock::new(),
            alert_sent: AtomicI32::new(-1),
            handshake_failed: AtomicBool::new(false),
            session: Mutex::new(None),
            earlier: OnceLock::new(),
        }
    }

    /// The verdict on the peer's certificates, once there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.get().and_then(|verdict| verdict.as_ref().ok())
    }

    /// The refusal of the peer's certificates, if they were refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self.verdict() {
            Some(Verdict::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the handshake has failed: what the peer had shown by then may be looked at.
    pub fn handshake_failed(&self) -> bool {
        self.handshake_failed.load(Ordering::Relaxed)
    }

    /// Takes note of an error that a step met, and puts into it what BoringSSL does not know.
    pub fn met(&self, error: Error, in_handshake: bool) -> Error {
        let fatal =
            matches!(error.kind(), Kind::Tls | Kind::Verify | Kind::Eof | Kind::Io | Kind::Hook);
        if in_handshake && fatal {
            self.handshake_failed.store(true, Ordering::Relaxed);
        }
        self.explain(error)
    }

    fn explain(&self, mut error: Error) -> Error {
        let detail = error.detail_mut();
        if detail.kind != Kind::Tls {
            return error;
        }
        if detail.reason == "CERTIFICATE_VERIFY_FAILED" {
            match self.verdict.get() {
                Some(Ok(Verdict::Refused(refusal))) => return refusal.error(),
                Some(Err(cause)) => return cause.clone(),
                _ => {}
            }
        }
        if detail.alert.is_none() {
            detail.alert = u8::try_from(self.alert_sent.load(Ordering::Relaxed)).ok();
        }
        error
    }

    /// The newest session the server gave.
    pub fn newest_session(&self) -> Option<SslSession> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the verification of the session that is to be resumed.
    pub fn remember(&self, earlier: &Arc<Verified>) {
        // Set again before the handshake, the first stays; it is only ever a saving of work.
        let _ = self.earlier.set(Arc::clone(earlier));
    }

    /// This connection's verification, for a session to carry.
    pub fn verified(&self, sent: Vec<Buffer>) -> Option<Arc<Verified>> {
        let Some(Verdict::Verified(chain)) = self.verdict() else {
            return None;
        };
        Some(Arc::new(Verified {
            sent,
            chain: Arc::clone(chain),
            trust: Arc::clone(&self.from.trust),
            name: self.checked_name().cloned(),
            rules: Rules::of(&self.from),
        }))
    }

    /// The name that the peer's certificate must carry.
    fn checked_name(&self) -> Option<&PeerName> {
        self.name.as_ref().filter(|_| self.from.check_hostname)
    }

    fn reach_verdict(&self, sent: &[Buffer]) -> Result<Verdict> {
        let trust = &self.from.trust;
        if let Some(earlier) = self.earlier.get()
            && earlier.covers(sent, &self.from, self.checked_name())
        {
            return Ok(Verdict::Verified(Arc::clone(&earlier.chain)));
        }
        verify::judge(
            sent,
            &Standard {
                store: trust.store()?,
                places: &|| trust.describe(),
                purpose: self.purpose,
                name: self.checked_name(),
                common_name: self.from.common_name,
                flags: self.from.verify_flags,
                level: self.from.level,
            },
        )
    }
}

impl Observer for Shared {
    fn judge(&self, sent: &[Buffer]) -> std::result::Result<(), u8> {
        match self.verdict.get_or_init(|| self.reach_verdict(sent)) {
            Ok(Verdict::Verified(_)) => Ok(()),
            Ok(Verdict::Refused(refusal)) => Err(refusal.alert),
            Err(_) => Err(INTERNAL_ERROR),
        }
    }

    fn new_session(&self, session: SslSession) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    fn alert_sent(&self, description: u8) {
        self.alert_sent.store(description.into(), Ordering::Relaxed);
    }
}
