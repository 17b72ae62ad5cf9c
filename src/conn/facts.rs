//! Questions to a connection. They only read, and may be asked from inside a hook.

use std::ffi::CStr;

use boring::ssl::SslSession;

use super::Conn;
use crate::bssl::cipher::Suite;
use crate::bssl::stream::Stream;
use crate::bssl::x509;
use crate::error::{Absence, Error, Progress, Result};
use crate::session::Session;
use crate::verify::Verdict;

/// Which of the peer's chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// As the peer sent it.
    Sent,
    /// As it was verified: from the peer's certificate to the trust anchor.
    Verified,
}

impl Conn {
    /// An answer that there is after the handshake; or after one that failed, as far as it came.
    fn negotiated<T>(&self, ask: impl FnOnce(&Stream) -> Option<T>) -> Option<T> {
        self.lease.look(|stream| {
            // Without the peer's certificates nothing may be agreed on yet, not even a version.
            let in_handshake = stream.in_handshake();
            if in_handshake && !stream.has_peer_chain() || !self.shared.is_told(in_handshake) {
                return None;
            }
            ask(stream)
        })
    }

    /// The protocol version.
    pub fn version(&self) -> Option<&'static CStr> {
        self.negotiated(|stream| Some(stream.version()))
    }

    /// The cipher suite.
    pub fn cipher(&self) -> Option<&'static CStr> {
        self.negotiated(Stream::cipher)
    }

    /// The cipher suite, by IANA's name.
    pub fn standard_cipher(&self) -> Option<&'static CStr> {
        self.negotiated(Stream::standard_cipher)
    }

    /// How many bits the cipher suite's key has.
    pub fn cipher_bits(&self) -> Option<u32> {
        self.negotiated(|stream| stream.suite()?.bits().0.try_into().ok())
    }

    /// The version of the protocol that the cipher suite came with.
    pub fn cipher_version(&self) -> Option<&'static CStr> {
        self.negotiated(|stream| stream.suite().map(Suite::protocol))
    }

    /// On servers, the cipher suites that the client offered and the context of the handshake
    /// enables, as JSON.
    pub fn shared_ciphers_json(&self) -> Option<String> {
        let offered = self.shared.hello.suites.get()?;
        Some(self.shared.agreed().shared_ciphers_json(offered))
    }

    /// The group of the key exchange.
    pub fn group(&self) -> Option<&'static CStr> {
        self.negotiated(Stream::group)
    }

    /// The application protocol.
    pub fn alpn(&self) -> Option<Vec<u8>> {
        self.negotiated(|stream| stream.alpn().map(<[u8]>::to_vec))
    }

    /// The identity whose pre-shared key both sides have.
    pub fn psk_identity(&self) -> Option<Vec<u8>> {
        let imported = || self.shared.imported.get().map(|name| name.to_vec());
        self.negotiated(|stream| {
            stream.psk_identity().map(|name| name.to_bytes().to_vec()).or_else(imported)
        })
    }

    /// How many bytes can be read without the transport, at most: of records that were received
    /// ahead only their length is known. In the middle of a step, those that are decrypted.
    pub fn pending(&self) -> usize {
        if self.shared.handshake_failed() {
            return 0;
        }
        let all = |stream: &Stream| stream.pending() + stream.received_ahead();
        self.lease.look_between(all).unwrap_or_else(|| self.lease.look(Stream::pending))
    }

    /// Whether an earlier session was resumed.
    pub fn is_resumed(&self) -> bool {
        self.negotiated(|stream| Some(stream.is_resumed())).unwrap_or(false)
    }

    /// Hands `give` the DER of the certificates of a chain, leaf first.
    pub fn peer_chain<T>(
        &self,
        which: Chain,
        give: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> Result<T>,
    ) -> Result<Progress<T>> {
        self.lease.look(|stream| match which {
            Chain::Sent => self.sent_chain(stream, give),
            Chain::Verified => self.verified_chain(stream, give),
        })
    }

    fn sent_chain<T>(
        &self,
        stream: &Stream,
        give: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> Result<T>,
    ) -> Result<Progress<T>> {
        // What a handshake that still goes on was shown is nobody's yet; what a failed one was
        // shown is what its caller needs to see.
        if !self.shared.is_told(stream.in_handshake()) {
            return Err(no_handshake());
        }
        if stream.has_peer_chain() {
            stream.sent_chain_der(give).map(Progress::Done)
        } else {
            Ok(Progress::Absent(Absence::None))
        }
    }

    /// The verdict on the peer. A server that resumes is not shown the certificates again: those that
    /// the session carries are judged when somebody asks, by the context of this handshake.
    fn verdict(&self, stream: &Stream) -> Result<Option<&Verdict>> {
        let is_kept = stream.is_resumed() && !stream.in_handshake() && stream.has_peer_chain();
        if is_kept {
            return self.shared.judge_once(&stream.sent_chain()).map(Some);
        }
        Ok(self.shared.verdict())
    }

    fn verified_chain<T>(
        &self,
        stream: &Stream,
        give: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> Result<T>,
    ) -> Result<Progress<T>> {
        let is_judging = self.shared.is_judging();
        if stream.in_handshake() && !is_judging {
            return match self.shared.refusal() {
                Some(_) => Ok(Progress::Absent(Absence::Failed)),
                None => Err(no_handshake()),
            };
        }
        let why = match self.verdict(stream)? {
            _ if !stream.has_peer_chain() => Absence::None,
            _ if !self.verifies() && !is_judging => Absence::Unverified,
            Some(Verdict::Verified(chain)) => {
                let der = chain.iter().map(x509::der).collect::<Result<Vec<_>>>()?;
                return give(&mut der.iter().map(Vec::as_slice)).map(Progress::Done);
            }
            Some(Verdict::Refused(_)) => Absence::Failed,
            None => Absence::Unverified,
        };
        Ok(Progress::Absent(why))
    }

    /// The OCSP response that the server showed.
    pub fn ocsp(&self) -> Option<Vec<u8>> {
        self.negotiated(|stream| stream.ocsp().map(<[u8]>::to_vec))
    }

    /// The list of signed certificate timestamps that the server showed.
    pub fn scts(&self) -> Option<Vec<u8>> {
        self.negotiated(|stream| stream.scts().map(<[u8]>::to_vec))
    }

    /// The session, for a later connection to resume.
    pub fn session(&self) -> Result<Progress<Session>> {
        self.session_by(Stream::session)
    }

    /// The session, even one that nobody can resume.
    pub fn current_session(&self) -> Result<Progress<Session>> {
        self.session_by(Stream::current_session)
    }

    /// The newest session that the server gave, or else the connection's own.
    fn session_by(
        &self,
        own: impl FnOnce(&Stream) -> Option<SslSession>,
    ) -> Result<Progress<Session>> {
        self.lease.look(|stream| {
            if stream.in_handshake() {
                return Err(Error::state("the handshake is not done yet: there is no session"));
            }
            let Some(raw) = self.shared.newest_session().or_else(|| own(stream)) else {
                return Ok(Progress::Absent(Absence::None));
            };
            let verified = self.shared.verified(stream.sent_chain());
            Ok(Progress::Done(Session::new(raw, self.shared.agreed().origin, verified)))
        })
    }

    /// How the verification of the peer ended: `Err` is the refusal.
    pub fn verify_result(&self) -> Result<Progress> {
        let is_judging = self.shared.is_judging();
        self.lease.look(|stream| {
            let verdict = self.verdict(stream)?;
            match (self.shared.refusal(), verdict) {
                (Some(refusal), _) => Err(refusal.error()),
                _ if stream.in_handshake() && !is_judging => Err(no_handshake()),
                (None, Some(_)) => Ok(Progress::Done(())),
                (None, None) if !stream.has_peer_chain() => Ok(Progress::Absent(Absence::None)),
                (None, None) => Ok(Progress::Absent(Absence::Unverified)),
            }
        })
    }

    /// What verification refused, in OpenSSL's words.
    pub fn verify_message(&self) -> Option<&str> {
        self.shared.refusal().map(|refusal| refusal.phrase.as_str())
    }

    /// The DER of the certificate that verification failed at.
    pub fn failed_cert(&self) -> Option<&[u8]> {
        self.lease.look(|stream| self.verdict(stream).ok().flatten());
        self.shared.refusal()?.culprit.as_deref()
    }
}

fn no_handshake() -> Error {
    Error::state("the handshake is not done yet: the peer's certificates are not known")
}
