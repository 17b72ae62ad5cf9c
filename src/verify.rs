//! From the chain a peer sent and a trust store to a verdict, and from a refusal to a sentence
//! that says what is wrong with which certificate and what to do about it.

pub mod complete;
mod constraints;
mod issuers;
pub mod level;
mod path;
mod rules;
mod search;
mod spans;
mod strict;
mod subtrees;
pub mod unusable;
mod words;

use std::sync::Arc;

use boring::stack::Stack;
use boring::x509::X509;

use crate::bssl::buffer::Buffer;
use crate::bssl::crl::Crl;
use crate::bssl::queue;
use crate::bssl::store::NameHash;
use crate::bssl::verify_codes::code::*;
use crate::bssl::verify_codes::{alert_for, verify_phrase};
use crate::bssl::x509::{self, PeerName, Purpose};
use crate::cert::Info;
use crate::error::{Error, Kind, Result, VerifyFailure};
use level::Level;
use path::Failed;
use search::Found;
use words::whose;

/// Who is trusted, asked by name. What is given besides does no harm: names are compared again.
pub trait Anchors {
    /// Finds the trusted certificates whose subject has a hash.
    fn certificates(&self, subject: NameHash) -> Result<Vec<X509>>;
    /// Finds the revocation lists whose issuer has a hash.
    fn lists(&self, issuer: NameHash) -> Result<Vec<Crl>>;
    /// Says where they came from, for messages.
    fn describe(&self) -> String;
}

/// What a chain is judged by.
pub struct Standard<'a> {
    /// Who is trusted.
    pub anchors: &'a dyn Anchors,
    /// What the peer is.
    pub purpose: Purpose,
    /// The name its certificate must carry; `None` leaves the name unchecked.
    pub name: Option<&'a PeerName>,
    /// Whether the common name counts where no DNS name is in a subjectAltName.
    pub common_name: bool,
    /// `X509_V_FLAG_*`.
    pub flags: u32,
    /// How strong keys and signatures must be.
    pub level: Level,
    /// For which time it is judged, in seconds since 1970; `None` is now.
    pub at: Option<i64>,
    /// How many CAs that are not self-issued may stand between the peer's certificate and the
    /// anchor; `None` is OpenSSL's bound.
    pub depth: Option<usize>,
}

/// `X509_V_FLAG_*` with an effect; the numbers are OpenSSL's.
pub mod flag {
    /// Ask the issuer's revocation list about the peer's own certificate.
    pub const CRL_CHECK: u32 = 0x4;
    /// With the former: about every certificate of the chain.
    pub const CRL_CHECK_ALL: u32 = 0x8;
    /// The rules of OpenSSL 3's strict mode.
    pub const STRICT: u32 = 0x20;
    /// Any certificate of the store may end a chain.
    pub const PARTIAL_CHAIN: u32 = 0x8_0000;
    /// Those that BoringSSL acts on.
    pub(super) const IN_BORINGSSL: u32 = CRL_CHECK | CRL_CHECK_ALL;
}

/// The end of a verification.
pub enum Verdict {
    /// It verified; from the peer's certificate to the trust anchor.
    Verified(Arc<Stack<X509>>),
    /// It did not.
    Refused(Refusal),
}

/// A refused chain, with all that a caller may want to know of it.
pub struct Refusal {
    /// The check that failed.
    pub failure: VerifyFailure,
    /// The DER of the certificate it failed at.
    pub culprit: Option<Vec<u8>>,
    /// The alert that tells the peer.
    pub alert: u8,
    /// The few words that CPython has for it.
    pub phrase: String,
    message: String,
}

impl Refusal {
    /// A refusal by a function of the caller's, for reasons of its own.
    pub fn by_hook(alert: u8, leaf: Option<&Buffer>) -> Self {
        let phrase = phrase(APPLICATION_VERIFICATION, None);
        let mut message = format!("certificate verify failed: {phrase}; the hook refused ");
        match leaf.and_then(|der| Info::parse(der.bytes()).ok()) {
            Some((info, _)) => message.push_str(&format!("\"{}\" (depth 0)", whose(&info))),
            None => message.push_str("the peer's certificate"),
        }
        Self {
            failure: VerifyFailure { code: APPLICATION_VERIFICATION, depth: 0 },
            culprit: leaf.map(|der| der.bytes().to_vec()),
            alert,
            phrase,
            message,
        }
    }

    /// The refusal as the error of a call.
    pub fn error(&self) -> Error {
        let mut error = Error::new(Kind::Verify, self.message.clone())
            .named("SSL", "CERTIFICATE_VERIFY_FAILED");
        let detail = error.detail_mut();
        detail.verify = Some(self.failure);
        detail.alert = Some(self.alert);
        error
    }
}

/// Judges the chain `sent`, leaf first. Fails only when it could not judge at all.
pub fn judge(sent: &[Buffer], standard: &Standard<'_>) -> Result<Verdict> {
    let mut certificates = Vec::with_capacity(sent.len());
    for (depth, der) in sent.iter().enumerate() {
        match x509::parse(der) {
            Ok(x509) => certificates.push(x509),
            Err(error) => {
                let why = words::unparsable(der.bytes(), &queue::phrase(&error.detail().reason));
                return Ok(Verdict::Refused(unreadable(sent, depth, &why)));
            }
        }
    }
    match search::search(&certificates, standard)? {
        Found::Path(chain) => Ok(Verdict::Verified(Arc::new(chain))),
        Found::None(failed) => Ok(Verdict::Refused(refusal(&failed, sent, standard))),
    }
}

/// A refusal because of a certificate that cannot be read.
fn unreadable(sent: &[Buffer], depth: usize, what: &str) -> Refusal {
    Refusal {
        failure: VerifyFailure {
            code: UNSPECIFIED,
            depth: i32::try_from(depth).unwrap_or(i32::MAX),
        },
        culprit: sent.get(depth).map(|der| der.bytes().to_vec()),
        alert: alert_for(UNSPECIFIED),
        phrase: phrase(UNSPECIFIED, None),
        message: words::unreadable(depth, sent.len(), what),
    }
}

/// A refusal because of the path that came furthest.
fn refusal(failed: &Failed, sent: &[Buffer], standard: &Standard<'_>) -> Refusal {
    let (code, depth) = (failed.fault.code, failed.fault.depth);
    let culprit = failed.path.get(depth).and_then(|step| x509::der(&step.x509).ok());
    let info = culprit.as_deref().and_then(|der| Info::parse(der).ok());
    let message = match &info {
        Some((info, _)) => {
            words::explain(&words::Subject { failed, info, sent: sent.len(), standard })
        }
        None => words::unreadable(depth, sent.len(), "cannot be read"),
    };
    Refusal {
        failure: VerifyFailure { code, depth: i32::try_from(depth).unwrap_or(i32::MAX) },
        phrase: phrase(code, standard.name),
        message,
        culprit,
        alert: alert_for(code),
    }
}

/// OpenSSL's words; where it is about the name, with the name that was asked for, as in CPython.
fn phrase(code: i32, name: Option<&PeerName>) -> String {
    let words = verify_phrase(code).to_string_lossy();
    match (code, name) {
        (HOSTNAME_MISMATCH | IP_ADDRESS_MISMATCH, Some(name)) => {
            format!("{words}, certificate is not valid for '{name}'.")
        }
        _ => words.into_owned(),
    }
}
