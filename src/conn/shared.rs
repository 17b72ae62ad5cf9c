//! What a connection and BoringSSL's calls back into it share: the contexts it is under, the
//! verdict on the peer, and the last alert.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use boring::ssl::SslSession;

use crate::bssl::buffer::Buffer;
use crate::bssl::x509::{PeerName, Purpose};
use crate::ctx::Sealed;
use crate::error::{Error, Kind, Result};
use crate::hooks::{Id, Sni};
use crate::io::is_end;
use crate::session::{Rules, Verified};
use crate::verify::{self, Refusal, Standard, Verdict, unusable};

/// The contexts that a connection is under.
struct Under {
    /// The one by which the handshake is made: its settings, trust and identity. Settled once
    /// anything was agreed on.
    agreed: Arc<Sealed>,
    /// The one whose hooks are told of steps and messages. After the handshake it may be another.
    told: Arc<Sealed>,
}

pub(super) struct Shared {
    /// What the connection was made from.
    pub born: Arc<Sealed>,
    under: Mutex<Under>,
    /// By which number whoever made the connection knows it.
    pub id: AtomicUsize,
    /// How far the ClientHello has got, on servers.
    pub hello: Hello,
    purpose: Purpose,
    /// The server's name, on clients.
    pub name: Option<PeerName>,
    judged: OnceLock<Judged>,
    /// The hook's refusal of what the built-in verification had found nothing wrong with.
    pub hook_refusal: OnceLock<Refusal>,
    /// Whether a hook is being asked about the peer's certificates: what is known may be told.
    pub judging: AtomicBool,
    /// The identity of the imported key that the handshake was made with.
    pub imported: OnceLock<Box<[u8]>>,
    /// The certificate that the peer showed, until the handshake is done: it may fail over that
    /// before anything is judged.
    pub shown: Mutex<Box<[u8]>>,
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

/// A judgement on the peer's certificates, by the context that the handshake is made by.
struct Judged {
    /// When it was begun, in seconds since 1970.
    at: i64,
    verdict: Result<Verdict>,
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
            under: Mutex::new(Under { agreed: Arc::clone(&from), told: Arc::clone(&from) }),
            born: from,
            id: AtomicUsize::new(0),
            hello: Hello::default(),
            purpose,
            name,
            judged: OnceLock::new(),
            hook_refusal: OnceLock::new(),
            judging: AtomicBool::new(false),
            imported: OnceLock::new(),
            shown: Mutex::default(),
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

    /// The context by which the handshake is made, or was made.
    pub fn agreed(&self) -> Arc<Sealed> {
        Arc::clone(&self.under.lock().unwrap_or_else(PoisonError::into_inner).agreed)
    }

    /// The context whose hooks are told of steps and messages.
    pub fn told(&self) -> Arc<Sealed> {
        Arc::clone(&self.under.lock().unwrap_or_else(PoisonError::into_inner).told)
    }

    /// Puts it under another context, before anything was agreed on.
    pub fn put_under(&self, context: Arc<Sealed>) {
        self.replace(Under { agreed: Arc::clone(&context), told: context });
    }

    /// Has the hooks of another context told of steps and messages.
    pub fn tell(&self, context: Arc<Sealed>) {
        self.replace(Under { agreed: self.agreed(), told: context });
    }

    fn replace(&self, under: Under) {
        let mut now = self.under.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, under);
        // Its end may be that of hooks, whose ends are calls to the caller.
        drop(now);
        drop(before);
    }

    /// The verdict on the peer's certificates, once there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.judged.get().and_then(|judged| judged.verdict.as_ref().ok())
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
        let fatal = matches!(
            error.kind(),
            Kind::Tls | Kind::Verify | Kind::Eof | Kind::Io | Kind::Hook | Kind::Memory
        );
        if in_handshake && fatal {
            self.handshake_failed.store(true, Ordering::Relaxed);
        }
        let mut error = self.explain(error);
        let detail = error.detail_mut();
        if in_handshake && detail.kind == Kind::Tls {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            let more = unusable::explain(&detail.reason, &shown)
                .or_else(|| unusable::explain_size(&detail.reason));
            if let Some(more) = more {
                detail.message = format!("{}; {more}", detail.message).into();
            }
        }
        error
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
            if let Some(Judged { verdict: Err(cause), .. }) = self.judged.get() {
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

    /// This connection's verification, for a session to carry; none where there is nothing that
    /// could answer for a later one.
    pub fn verified(&self, sent: Vec<Buffer>) -> Option<Arc<Verified>> {
        let Judged { at, verdict: Ok(Verdict::Verified(chain)) } = self.judged.get()? else {
            return None;
        };
        let from = self.agreed();
        let rules = self.rules(&from);
        Verified::new(sent, chain, &from.trust, rules, *at).map(Arc::new)
    }

    /// The rules by which a context judges the peer.
    fn rules(&self, from: &Sealed) -> Rules {
        let settings = &from.settings;
        Rules {
            purpose: self.purpose,
            name: self.name.clone().filter(|_| from.check_hostname),
            common_name: settings.common_name,
            flags: settings.verify_flags,
            level: settings.level,
        }
    }

    /// The verdict on the certificates that the peer sent, or that a session has kept, reached now
    /// if it was not yet.
    pub fn judge_once(&self, sent: &[Buffer]) -> Result<&Verdict> {
        let judged = self.judged.get_or_init(|| {
            let at = now();
            Judged { at, verdict: self.reach_verdict(&self.agreed(), sent, at) }
        });
        judged.verdict.as_ref().map_err(Clone::clone)
    }

    fn reach_verdict(&self, from: &Sealed, sent: &[Buffer], now: i64) -> Result<Verdict> {
        let (trust, rules) = (&from.trust, self.rules(from));
        if let Some(earlier) = self.earlier.get()
            && earlier.covers(sent, trust, &rules, now)
        {
            return Ok(Verdict::Verified(Arc::clone(&earlier.chain)));
        }
        verify::judge(
            sent,
            &Standard {
                anchors: &**trust,
                purpose: rules.purpose,
                name: rules.name.as_ref(),
                common_name: rules.common_name,
                flags: rules.flags,
                level: rules.level,
                at: Some(now),
                depth: None,
            },
        )
    }
}

/// The time, in seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(i64::MAX)
}
