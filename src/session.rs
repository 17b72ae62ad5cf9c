//! A session that a later connection of the same context may resume.

use std::sync::Arc;

use boring::ssl::SslSession;
use boring::stack::Stack;
use boring::x509::X509;
use zeroize::Zeroizing;

use crate::bssl::aead::{self, Key};
use crate::bssl::buffer::Buffer;
use crate::bssl::session::{self, Facts};
use crate::bssl::x509::{self, PeerName, Purpose};
use crate::ctx::Sealed;
use crate::ctx::trust::Trust;
use crate::error::{Error, Result};
use crate::verify::flag;
use crate::verify::level::Level;

/// What a session's bytes begin with: what they are, in which version of the format, and which
/// form.
const PLAIN: &[u8] = b"tlswrap session 1\n";
/// The same where a key protects what follows, and this line with it.
const SEALED: &[u8] = b"tlswrap session 1 sealed with XChaCha20-Poly1305\n";

/// A verification that was done, and what it holds for: the same certificates, trust and rules, as
/// long as nothing that it was based on begins or ends. Resuming verifies again, for settings may
/// have changed; this saves the work where they have not.
pub struct Verified {
    /// What the peer sent.
    sent: Vec<Buffer>,
    /// What was verified.
    pub chain: Arc<Stack<X509>>,
    /// From when on it holds, and when it ends.
    validity: (i64, i64),
    /// Who was trusted.
    trust: Arc<Trust>,
    /// By which rules.
    rules: Rules,
}

/// The rules of a verification, apart from whom it trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What the peer's certificate had to be good for.
    pub purpose: Purpose,
    /// The name that it had to carry, if any.
    pub name: Option<PeerName>,
    /// Whether a common name counts as a host name.
    pub common_name: bool,
    /// The verify flags.
    pub flags: u32,
    /// The security level.
    pub level: Level,
}

impl Verified {
    /// The verification of `sent` as `chain` that was begun at `at`; `None` if it cannot answer for
    /// a later one.
    pub fn new(
        sent: Vec<Buffer>,
        chain: &Arc<Stack<X509>>,
        trust: &Arc<Trust>,
        rules: Rules,
        at: i64,
    ) -> Option<Self> {
        let (from, to) = x509::validity(chain)?;
        let asks_lists = rules.flags & flag::CRL_CHECK != 0;
        let (since, until) = trust.same_around(at, asks_lists)?;
        Some(Self {
            sent,
            chain: Arc::clone(chain),
            validity: (from.max(since), to.min(until)),
            trust: Arc::clone(trust),
            rules,
        })
    }

    /// Whether it answers for `sent` at the time `now`, by this trust and these rules.
    pub fn covers(&self, sent: &[Buffer], trust: &Arc<Trust>, rules: &Rules, now: i64) -> bool {
        let (from, to) = self.validity;
        let same = |(one, other): (&Buffer, &Buffer)| one.bytes() == other.bytes();
        Arc::ptr_eq(&self.trust, trust)
            && self.rules == *rules
            && self.sent.len() == sent.len()
            && self.sent.iter().zip(sent).all(same)
            && (from..to).contains(&now)
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

    /// A session from bytes of [`Session::to_bytes`]. Without a key they are whoever's could write
    /// them: the certificates in them are verified when the session is resumed, but not whether the
    /// secrets are those of the server that showed them.
    pub fn from_bytes(bytes: &[u8], key: Option<&Key>, context: &Sealed) -> Result<Self> {
        let of = |body: &[u8]| {
            Ok(Self::new(session::from_bytes(body, &context.context)?, context.origin, None))
        };
        if let Some(sealed) = bytes.strip_prefix(SEALED) {
            let Some(key) = key else {
                return Err(Error::decode(
                    "the session is sealed: give the key that tlsw_session_to_bytes was given",
                ));
            };
            return match aead::open(key, SEALED, sealed)? {
                Some(body) => of(&body),
                None => Err(Error::decode(
                    "the session was sealed with another key, or its bytes were altered",
                )),
            };
        }
        match (bytes.strip_prefix(PLAIN), key) {
            (Some(body), None) => of(body),
            (Some(_), Some(_)) => Err(Error::decode(
                "the session is not sealed: its bytes were made without a key, and anyone may have \
                 altered them",
            )),
            (None, _) if bytes.starts_with(b"tlswrap session ") => Err(Error::decode(
                "the session is in a format of another version of tlswrap, or its first line was \
                 altered",
            )),
            (None, _) => Err(Error::decode("these are not the bytes of a tlswrap session")),
        }
    }

    /// The session as bytes. They hold secrets: who can read them can read what is sent in a
    /// connection that resumes the session, and who can write them can be the server of such a
    /// connection. A key keeps them from both.
    pub fn to_bytes(&self, key: Option<&Key>) -> Result<Zeroizing<Vec<u8>>> {
        let body = session::to_bytes(&self.raw)?;
        Ok(Zeroizing::new(match key {
            None => [PLAIN, &body].concat(),
            Some(key) => [SEALED, &aead::seal(key, SEALED, &body)?].concat(),
        }))
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000;

    fn rules() -> Rules {
        Rules {
            purpose: Purpose::Server,
            name: Some(PeerName::Dns("localhost".into())),
            common_name: false,
            flags: 0,
            level: Level::default(),
        }
    }

    fn verified(trust: &Arc<Trust>, sent: &[&[u8]]) -> Verified {
        Verified {
            sent: sent.iter().map(|der| Buffer::new(der).unwrap()).collect(),
            chain: Arc::new(Stack::new().unwrap()),
            validity: (NOW - 10, NOW + 10),
            trust: Arc::clone(trust),
            rules: rules(),
        }
    }

    #[test]
    fn a_verification_answers_for_the_very_same_and_as_long_as_it_holds() {
        let trust = Arc::new(Trust::default());
        let earlier = verified(&trust, &[b"leaf", b"ca"]);
        let sent =
            |ders: &[&[u8]]| ders.iter().map(|der| Buffer::new(der).unwrap()).collect::<Vec<_>>();
        let same = sent(&[b"leaf", b"ca"]);
        for (now, is_in_time) in [(-11, false), (-10, true), (0, true), (9, true), (10, false)] {
            assert_eq!(earlier.covers(&same, &trust, &rules(), NOW + now), is_in_time, "{now}");
        }
        for other in [&[b"leaf" as &[u8]][..], &[b"leaf", b"cb"], &[b"ca", b"leaf"], &[]] {
            assert!(!earlier.covers(&sent(other), &trust, &rules(), NOW));
        }
        // One that says the same is another: what it was built from is not compared.
        assert!(!earlier.covers(&same, &Arc::new(Trust::default()), &rules(), NOW));
        let level = Level::parse("3").unwrap();
        for other in [
            Rules { purpose: Purpose::Client, ..rules() },
            Rules { name: None, ..rules() },
            Rules { name: Some(PeerName::Dns("localhos".into())), ..rules() },
            Rules { name: Some(PeerName::Ip([127, 0, 0, 1].into())), ..rules() },
            Rules { common_name: true, ..rules() },
            Rules { flags: flag::CRL_CHECK, ..rules() },
            Rules { level, ..rules() },
        ] {
            assert!(!earlier.covers(&same, &trust, &other, NOW), "{other:?}");
        }
    }

    #[test]
    fn where_a_directory_is_searched_nothing_is_remembered() {
        let chain = Arc::new(Stack::new().unwrap());
        let new = |directories: Vec<std::path::PathBuf>, flags| {
            let trust = Arc::new(Trust::new(Vec::new(), directories, Vec::new()));
            Verified::new(Vec::new(), &chain, &trust, Rules { flags, ..rules() }, NOW)
        };
        for flags in [0, flag::CRL_CHECK] {
            assert!(new(Vec::new(), flags).is_some());
            assert!(new(vec!["certs".into()], flags).is_none());
        }
    }
}
