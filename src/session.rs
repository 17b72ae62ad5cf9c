//! A session that a later connection of the same context may resume.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use boring::ssl::SslSession;
use boring::stack::Stack;
use boring::x509::X509;
use zeroize::Zeroizing;

use crate::bssl::buffer::Buffer;
use crate::bssl::session::{self, Facts};
use crate::bssl::x509::PeerName;
use crate::ctx::Sealed;
use crate::ctx::trust::Trust;
use crate::error::{Error, Result};
use crate::verify::level::Level;

/// What a session's bytes begin with: what they are, and in which version of the format.
const HEAD: &[u8] = b"tlswrap session 1\n";

/// A verification that was done, and what it holds for: the same certificates, the same trust, rules
/// and name, until the first certificate of the chain expires. Resuming verifies again, for
/// settings may have changed; this saves the work where they have not.
pub struct Verified {
    /// What the peer sent.
    pub sent: Vec<Buffer>,
    /// What was verified.
    pub chain: Arc<Stack<X509>>,
    /// From and until when all of that is valid.
    pub validity: Option<(i64, i64)>,
    /// Who was trusted.
    pub trust: Arc<Trust>,
    /// The name that was checked.
    pub name: Option<PeerName>,
    /// By which rules.
    pub rules: Rules,
}

/// The rules of a verification, apart from whom it trusted and whom it wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether a common name counts as a host name.
    pub common_name: bool,
    /// The verify flags.
    pub flags: u32,
    /// The security level.
    pub level: Level,
}

impl Rules {
    /// The rules of a context.
    pub fn of(sealed: &Sealed) -> Self {
        let settings = &sealed.settings;
        Self {
            common_name: settings.common_name,
            flags: settings.verify_flags,
            level: settings.level,
        }
    }
}

impl Verified {
    /// Whether it answers for `sent` today.
    pub fn covers(&self, sent: &[Buffer], today: &Sealed, name: Option<&PeerName>) -> bool {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok())
            .unwrap_or(i64::MAX);
        let same = |(one, other): (&Buffer, &Buffer)| one.bytes() == other.bytes();
        Arc::ptr_eq(&self.trust, &today.trust)
            && self.rules == Rules::of(today)
            && self.name.as_ref() == name
            && self.sent.len() == sent.len()
            && self.sent.iter().zip(sent).all(same)
            && self.validity.is_some_and(|(from, to)| from <= now && now <= to)
    }
}

/// A session. Immutable.
pub struct Session {
    raw: SslSession,
    /// The number of the context it belongs to.
    origin: u64,
    /// The verification of the connection that it came from.
    verified: Option<Arc<Verified>>,
}

impl Session {
    /// A session of the context numbered `origin`.
    pub fn new(raw: SslSession, origin: u64, verified: Option<Arc<Verified>>) -> Self {
        Self { raw, origin, verified }
    }

    /// A session from bytes of [`Session::to_bytes`], made or kept by anyone: resuming verifies the
    /// certificates in it.
    pub fn from_bytes(bytes: &[u8], context: &Sealed) -> Result<Self> {
        let Some(body) = bytes.strip_prefix(HEAD) else {
            return Err(Error::decode(if bytes.starts_with(b"tlswrap session ") {
                "the session is in a format of another version of tlswrap"
            } else {
                "these are not the bytes of a tlswrap session"
            }));
        };
        Ok(Self::new(session::from_bytes(body, &context.context)?, context.origin, None))
    }

    /// The session as bytes. They hold secrets: who has them can read what is sent in a connection
    /// that resumes the session.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let body = session::to_bytes(&self.raw)?;
        Ok(Zeroizing::new([HEAD, body.as_slice()].concat()))
    }

    /// BoringSSL's object.
    pub fn raw(&self) -> &SslSession {
        &self.raw
    }

    /// The number of the context it belongs to.
    pub fn origin(&self) -> u64 {
        self.origin
    }

    /// The verification of the connection that it came from.
    pub fn verified(&self) -> Option<&Arc<Verified>> {
        self.verified.as_ref()
    }

    /// Its identifier; below TLS 1.3 only, where sessions have one.
    pub fn id(&self) -> &[u8] {
        self.raw.id()
    }

    /// What else can be asked of it.
    pub fn facts(&self) -> Facts {
        session::facts(&self.raw)
    }

    /// Whether it is the same session: by identifier, or where there is none by ticket.
    pub fn equals(&self, other: &Self) -> bool {
        if !self.id().is_empty() || !other.id().is_empty() {
            return self.id() == other.id();
        }
        match (session::ticket(&self.raw), session::ticket(&other.raw)) {
            // One that cannot be resumed has nothing to tell it by.
            ([], []) => session::is_same(&self.raw, &other.raw),
            (ours, theirs) => ours == theirs,
        }
    }
}
