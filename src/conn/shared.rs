//! What a connection and BoringSSL's calls back into it share: whose context it is under, the
//! verdict on the peer, and the last alert.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use boring::ssl::SslSession;

use crate::bssl::buffer::Buffer;
use crate::bssl::x509::{self, PeerName, Purpose};
use crate::ctx::Sealed;
use crate::error::{Error, Kind, Result};
use crate::hooks::{Id, Sni};
use crate::io::is_end;
use crate::session::{Rules, Verified};
use crate::verify::{self, Refusal, Standard, Verdict};

pub(super) struct Shared {
    /// What the connection was made from.
    pub born: Arc<Sealed>,
    /// The context it is under now.
    now: Mutex<Arc<Sealed>>,
    /// By which number whoever made the connection knows it.
    pub id: AtomicUsize,
    /// How far the ClientHello has got, on servers.
    pub hello: Hello,
    purpose: Purpose,
    /// The server's name, on clients.
    pub name: Option<PeerName>,
    pub verdict: OnceLock<Result<Verdict>>,
    /// The hook's refusal of what the built-in verification had found nothing wrong with.
    pub hook_refusal: OnceLock<Refusal>,
    /// Whether a hook is being asked about the peer's certificates: what is known may be told.
    pub judging: AtomicBool,
    /// The identity of the imported key that the handshake was made with.
    pub imported: OnceLock<Box<[u8]>>,
    /// What became of a hook for pre-shared keys that failed.
    pub psk_failure: OnceLock<Error>,
    /// The newest Finished of either side: ours, the peer's.
    pub finished: Mutex<[Vec<u8>; 2]>,
    pub has_shaken_hands: AtomicBool,
    pub alert_sent: AtomicI32,
    handshake_failed: AtomicBool,
    /// How the transport ended, if it did without a goodbye.
    lost: OnceLock<Error>,
    /// The newest session the server gave.
    pub session: Mutex<Option<SslSession>>,
    /// A verification of earlier, of the session that is to be resumed.
    earlier: OnceLock<Arc<Verified>>,
}

/// How far a ClientHello has got.
#[derive(Default)]
pub(super) struct Hello {
    /// Whether the hook is being asked about it.
    pub is_asked: AtomicBool,
    /// Whether the hook has answered, and the handshake went on.
    pub is_done: AtomicBool,
    /// Whether the hook refused it.
    pub is_refused: AtomicBool,
    /// The hook that was found when it came, and is asked again if it answered later.
    pub hook: OnceLock<Option<Arc<Sni>>>,
    /// The cipher suites that it offered, two bytes each.
    pub suites: OnceLock<Box<[u8]>>,
}

impl Shared {
    pub fn new(from: Arc<Sealed>, purpose: Purpose, name: Option<PeerName>) -> Self {
        Self {
            now: Mutex::new(Arc::clone(&from)),
            born: from,
            id: AtomicUsize::new(0),
            hello: Hello::default(),
            purpose,
            name,
            verdict: OnceLock::new(),
            hook_refusal: OnceLock::new(),
            judging: AtomicBool::new(false),
            imported: OnceLock::new(),
            psk_failure: OnceLock::new(),
            finished: Mutex::default(),
            has_shaken_hands: AtomicBool::new(false),
            alert_sent: AtomicI32::new(-1),
            handshake_failed: AtomicBool::new(false),
            lost: OnceLock::new(),
            session: Mutex::new(None),
            earlier: OnceLock::new(),
        }
    }

    /// By which number whoever made the connection knows it.
    pub fn id(&self) -> Id {
        self.id.load(Ordering::Relaxed)
    }

    /// The context it is under now.
    pub fn now(&self) -> Arc<Sealed> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts it under another context.
    pub fn put_under(&self, context: Arc<Sealed>) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, context);
        // Its end may be that of hooks, whose ends are calls to the caller.
        drop(now);
        drop(before);
    }

    /// The verdict on the peer's certificates, once there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.get().and_then(|verdict| verdict.as_ref().ok())
    }

    /// The refusal of the peer's certificates, if they were refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self.verdict() {
            Some(Verdict::Refused(refusal)) => Some(refusal),
            _ => self.hook_refusal.get(),
        }
    }

    /// Whether a hook is being asked about the peer's certificates.
    pub fn is_judging(&self) -> bool {
        self.judging.load(Ordering::Relaxed)
    }

    /// Whether what a handshake has come to may be told: after it, after it failed, and to a hook
    /// that judges the peer.
    pub fn is_told(&self, in_handshake: bool) -> bool {
        !in_handshake || self.handshake_failed() || self.is_judging()
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

    /// Remembers an error after which the transport brings nothing more.
    pub fn lose(&self, error: &Error) {
        if error.kind() == Kind::Eof || is_end(error.detail().os) {
            // The first stays: what comes after it are its consequences.
            let _ = self.lost.set(error.clone());
        }
    }

    /// That error.
    pub fn lost(&self) -> Option<Error> {
        self.lost.get().cloned()
    }

    fn explain(&self, mut error: Error) -> Error {
        let detail = error.detail_mut();
        if detail.kind != Kind::Tls {
            return error;
        }
        let sent = u8::try_from(self.alert_sent.load(Ordering::Relaxed)).ok();
        if detail.reason == "CERTIFICATE_VERIFY_FAILED" {
            if let Some(refusal) = self.refusal() {
                let mut error = refusal.error();
                // The hook may have chosen another.
                error.detail_mut().alert = sent;
                return error;
            }
            if let Some(Err(cause)) = self.verdict.get() {
                return cause.clone();
            }
        }
        if let Some(cause) = self.psk_failure.get() {
            let mut error = cause.clone();
            error.detail_mut().alert = sent;
            return error;
        }
        detail.alert = detail.alert.or(sent);
        if self.hello.is_refused.load(Ordering::Relaxed) {
            detail.kind = Kind::Hook;
            detail.reason = "CALLBACK_FAILED".into();
            detail.message = "the hook for server names refused the client".into();
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
        let from = self.now();
        Some(Arc::new(Verified {
            sent,
            chain: Arc::clone(chain),
            validity: x509::validity(chain),
            trust: Arc::clone(&from.trust),
            name: self.checked_name(&from).cloned(),
            rules: Rules::of(&from),
        }))
    }

    /// The name that the peer's certificate must carry.
    fn checked_name(&self, from: &Sealed) -> Option<&PeerName> {
        self.name.as_ref().filter(|_| from.check_hostname)
    }

    /// The verdict on certificates that a session has kept, reached now if it was not yet.
    pub fn judge_kept(&self, sent: &[Buffer]) -> Result<&Verdict> {
        let reached = self.verdict.get_or_init(|| self.reach_verdict(&self.now(), sent));
        reached.as_ref().map_err(Clone::clone)
    }

    pub fn reach_verdict(&self, from: &Sealed, sent: &[Buffer]) -> Result<Verdict> {
        let (trust, name) = (&from.trust, self.checked_name(from));
        if let Some(earlier) = self.earlier.get()
            && earlier.covers(sent, from, name)
        {
            return Ok(Verdict::Verified(Arc::clone(&earlier.chain)));
        }
        verify::judge(
            sent,
            &Standard {
                store: trust.store()?,
                places: &|| trust.describe(),
                purpose: self.purpose,
                name,
                common_name: from.settings.common_name,
                flags: from.settings.verify_flags,
                level: from.settings.level,
            },
        )
    }
}
