//! From the chain a peer sent and a trust store to a verdict, and from a refusal to a sentence
//! that says what is wrong with which certificate and what to do about it.

pub mod level;

use std::time::{SystemTime, UNIX_EPOCH};

use boring::stack::Stack;
use boring::x509::X509;
use boring::x509::store::X509Store;

use crate::bssl::buffer::Buffer;
use crate::bssl::x509::{self, Outcome, PeerName, Purpose};
use crate::cert::Info;
use crate::error::{Error, Kind, Result, VerifyFailure};

// X509_V_ERR_*: the codes that get a sentence of their own.
const UNSPECIFIED: i32 = 1;
const UNABLE_TO_GET_ISSUER: i32 = 2;
const SIGNATURE_FAILURE: i32 = 7;
const NOT_YET_VALID: i32 = 9;
const HAS_EXPIRED: i32 = 10;
const SELF_SIGNED_LEAF: i32 = 18;
const SELF_SIGNED_IN_CHAIN: i32 = 19;
const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;
const INVALID_CA: i32 = 24;
const INVALID_PURPOSE: i32 = 26;
const HOSTNAME_MISMATCH: i32 = 62;
const IP_ADDRESS_MISMATCH: i32 = 64;

/// How many names of a certificate a message lists.
const NAMES_LISTED: usize = 8;

/// What a chain is judged by.
pub struct Standard<'a> {
    /// Who is trusted.
    pub store: &'a X509Store,
    /// Where the store's certificates came from, for messages.
    pub places: &'a dyn Fn() -> String,
    /// What the peer is.
    pub purpose: Purpose,
    /// The name its certificate must carry; `None` leaves the name unchecked.
    pub name: Option<&'a PeerName>,
}

/// The end of a verification.
pub enum Verdict {
    /// It verified; from the peer's certificate to the trust anchor.
    Verified(Stack<X509>),
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
    message: String,
}

impl Refusal {
    /// The refusal as the error of a call.
    pub fn error(&self) -> Error {
        let mut error = Error::new(Kind::Verify, self.message.clone());
        let detail = error.detail_mut();
        detail.verify = Some(self.failure);
        detail.alert = Some(self.alert);
        detail.library = "SSL";
        detail.reason = "CERTIFICATE_VERIFY_FAILED".into();
        error
    }
}

/// Judges the chain `sent`, leaf first. Fails only when it could not judge at all.
pub fn judge(sent: &[Buffer], standard: &Standard<'_>) -> Result<Verdict> {
    match x509::verify(sent, standard.store, standard.purpose, standard.name)? {
        Outcome::Verified(chain) => Ok(Verdict::Verified(chain)),
        Outcome::Refused { code, depth, culprit } => {
            let at = usize::try_from(depth).unwrap_or(0);
            let culprit = match culprit {
                Some(x509) => x509::der(&x509).ok(),
                None => sent.get(at).map(|der| der.bytes().to_vec()),
            };
            let info =
                culprit.as_deref().and_then(|der| Info::parse(der).ok()).map(|(info, _)| info);
            Ok(Verdict::Refused(Refusal {
                failure: VerifyFailure { code, depth },
                message: explain(code, depth, info.as_ref(), sent.len(), standard),
                culprit,
                alert: x509::alert_for(code),
            }))
        }
    }
}

/// The sentence for people.
fn explain(
    code: i32,
    depth: i32,
    info: Option<&Info>,
    sent: usize,
    standard: &Standard<'_>,
) -> String {
    let phrase = x509::verify_phrase(code).to_string_lossy();
    let mut text = format!("certificate verify failed: {phrase}");
    let Some(info) = info else {
        text.push_str(&format!("; certificate {depth} of the {sent} the peer sent cannot be read"));
        return text;
    };
    let who = format!("\"{}\" (depth {depth})", info.subject.rfc4514());
    let places = (standard.places)();
    let more = match code {
        // One whose key usage forbids signing certificates is self-issued to BoringSSL, and looked
        // for an issuer in vain; to people it is the same thing.
        SELF_SIGNED_LEAF | UNABLE_TO_GET_ISSUER_LOCALLY if depth == 0 && info.is_self_issued() => {
            format!(
                "{who} is signed by itself and is not in the trust store ({places}); if it is the \
                 right one, load it as a CA"
            )
        }
        UNABLE_TO_GET_ISSUER_LOCALLY | UNABLE_TO_GET_ISSUER => format!(
            "{who} was issued by \"{}\", which is neither among the {sent} certificate{} the peer \
             sent nor in the trust store ({places}); load the root it leads to as a CA, or have the \
             peer send its intermediate certificates",
            info.issuer.rfc4514(),
            if sent == 1 { "" } else { "s" },
        ),
        SELF_SIGNED_IN_CHAIN => format!(
            "the chain the peer sent ends in the root {who}, which is not in the trust store \
             ({places}); if it is the right one, load it as a CA"
        ),
        HAS_EXPIRED => format!(
            "{who} expired on {}, {} ago; its owner has to renew it",
            info.not_after.text,
            span(now().saturating_sub(info.not_after.epoch)),
        ),
        NOT_YET_VALID => format!(
            "{who} is valid from {}, which is {} from now; is this machine's clock right?",
            info.not_before.text,
            span(info.not_before.epoch.saturating_sub(now())),
        ),
        HOSTNAME_MISMATCH | IP_ADDRESS_MISMATCH => {
            let wanted = match standard.name {
                Some(PeerName::Dns(name)) => name.clone(),
                Some(PeerName::Ip(ip)) => ip.to_string(),
                None => String::new(),
            };
            format!("certificate is not valid for '{wanted}': {who} carries {}", names(info))
        }
        INVALID_CA => format!("{who} signed another certificate, but is no CA"),
        INVALID_PURPOSE => format!(
            "{who} may not be used for a TLS {}: its key usage or extended key usage forbids it",
            match standard.purpose {
                Purpose::Server => "server",
                Purpose::Client => "client",
            },
        ),
        SIGNATURE_FAILURE => format!(
            "the signature on {who} was not made by its issuer \"{}\"",
            info.issuer.rfc4514()
        ),
        UNSPECIFIED => format!("certificate {depth} of the {sent} the peer sent cannot be parsed"),
        _ => format!("at {who}, issued by \"{}\"", info.issuer.rfc4514()),
    };
    text.push_str("; ");
    text.push_str(&more);
    text
}

/// The names a certificate carries for its peer.
fn names(info: &Info) -> String {
    let Some(san) = &info.extensions.san else {
        return match info.subject.common_name() {
            Some(name) => format!(
                "no subjectAltName at all, only the common name '{name}', which is not a host name"
            ),
            None => "no names at all".to_owned(),
        };
    };
    let mut text = String::from("only ");
    for (i, name) in san.iter().take(NAMES_LISTED).enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        text.push('\'');
        text.push_str(&name.text());
        text.push('\'');
    }
    if let Some(rest) = san.len().checked_sub(NAMES_LISTED)
        && rest > 0
    {
        text.push_str(&format!(" and {rest} more"));
    }
    text
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// A number of seconds as people say it.
fn span(seconds: i64) -> String {
    let (n, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
