//! From the chain a peer sent and a trust store to a verdict, and from a refusal to a sentence
//! that says what is wrong with which certificate and what to do about it.

pub mod level;
mod strict;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use boring::stack::Stack;
use boring::x509::X509;
use boring::x509::store::X509Store;

use crate::bssl::buffer::Buffer;
use crate::bssl::verify_codes::code::*;
use crate::bssl::verify_codes::{alert_for, verify_phrase};
use crate::bssl::x509::{self, Outcome, PeerName, Purpose, Question};
use crate::cert::{Info, Strength};
use crate::error::{Error, Kind, Result, VerifyFailure};
use level::Level;

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
    /// Whether the common name counts where no DNS name is in a subjectAltName.
    pub common_name: bool,
    /// `X509_V_FLAG_*`.
    pub flags: u32,
    /// How strong keys and signatures must be.
    pub level: Level,
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
    pub(super) const IN_BORINGSSL: u32 = CRL_CHECK | CRL_CHECK_ALL | PARTIAL_CHAIN;
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
    let question = Question {
        purpose: standard.purpose,
        name: standard.name,
        common_name: standard.common_name,
        flags: standard.flags & flag::IN_BORINGSSL,
    };
    let (code, depth, culprit) = match x509::verify(sent, standard.store, &question)? {
        // No list was asked that could revoke it: it is on BoringSSL's own, of keys.
        Outcome::Refused { code: REVOKED, depth, culprit }
            if question.flags & flag::CRL_CHECK == 0 =>
        {
            (REJECTED, depth, culprit)
        }
        Outcome::Refused { code, depth, culprit } => (code, depth, culprit),
        Outcome::Verified(chain) => match shortcoming(&chain, standard)? {
            None => return Ok(Verdict::Verified(Arc::new(chain))),
            Some((code, depth, culprit)) => (code, depth, Some(culprit)),
        },
    };
    let at = usize::try_from(depth).unwrap_or(0);
    let culprit = match culprit {
        Some(x509) => x509::der(&x509).ok(),
        None => sent.get(at).map(|der| der.bytes().to_vec()),
    };
    let info = culprit.as_deref().and_then(|der| Info::parse(der).ok()).map(|(info, _)| info);
    Ok(Verdict::Refused(Refusal {
        failure: VerifyFailure { code, depth },
        phrase: phrase(code, standard.name),
        message: explain(code, depth, info.as_ref(), sent.len(), standard),
        culprit,
        alert: alert_for(code),
    }))
}

/// What OpenSSL would find in a chain that BoringSSL verified: the rules it lacks.
fn shortcoming(chain: &Stack<X509>, standard: &Standard<'_>) -> Result<Option<(i32, i32, X509)>> {
    let length = chain.len();
    let is_strict = standard.flags & flag::STRICT != 0;
    for (index, x509) in chain.iter().enumerate() {
        let der = x509::der(x509)?;
        let strength = Strength::parse(&der)?;
        let code = if !standard.level.takes_key(&strength.key) {
            Some(if index == 0 { EE_KEY_TOO_SMALL } else { CA_KEY_TOO_SMALL })
        } else if index + 1 < length
            && !standard.level.takes_signature(&strength.signature_algorithm)
        {
            // The signature on the trust anchor is nobody's reason to trust it.
            Some(CA_MD_TOO_WEAK)
        } else if is_strict {
            strict::broken(x509, &Info::parse(&der)?.0, index, length)
        } else {
            None
        };
        if let Some(code) = code {
            let depth = i32::try_from(index).unwrap_or(i32::MAX);
            return Ok(Some((code, depth, x509.to_owned())));
        }
    }
    Ok(None)
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

/// The sentence for people.
fn explain(
    code: i32,
    depth: i32,
    info: Option<&Info>,
    sent: usize,
    standard: &Standard<'_>,
) -> String {
    let phrase = verify_phrase(code).to_string_lossy();
    let mut text = format!("certificate verify failed: {phrase}");
    let Some(info) = info else {
        text.push_str(&format!("; certificate {depth} of the {sent} the peer sent cannot be read"));
        return text;
    };
    let who = format!("\"{}\" (depth {depth})", whose(info));
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
            let wanted = standard.name.map(PeerName::to_string).unwrap_or_default();
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
        UNABLE_TO_GET_CRL => format!(
            "nobody loaded the revocation list of \"{}\", which has to say whether {who} still \
             holds; load it as a CA is loaded",
            info.issuer.rfc4514()
        ),
        CRL_HAS_EXPIRED => format!(
            "the revocation list of \"{}\" is too old to say whether {who} still holds",
            info.issuer.rfc4514()
        ),
        REVOKED => format!("{who} was revoked by its issuer \"{}\"", info.issuer.rfc4514()),
        REJECTED => format!(
            "{who} has a key that BoringSSL refuses, whoever vouches for it; the peer needs a \
             certificate that does not depend on it"
        ),
        EE_KEY_TOO_SMALL | CA_KEY_TOO_SMALL => {
            format!("{who}, {}", standard.level.shortfall(info, false))
        }
        CA_MD_TOO_WEAK => format!("{who}, {}", standard.level.shortfall(info, true)),
        UNSPECIFIED => format!("certificate {depth} of the {sent} the peer sent cannot be parsed"),
        _ => format!("at {who}, issued by \"{}\"", info.issuer.rfc4514()),
    };
    text.push_str("; ");
    text.push_str(&more);
    text
}

/// Whose a certificate is: its subject, or, as modern leaves have none, what it is for.
fn whose(info: &Info) -> String {
    let san = || info.extensions.san.as_ref()?.first();
    match info.subject.rfc4514() {
        subject if !subject.is_empty() => subject,
        _ => san().map_or_else(String::new, |name| name.text().into_owned()),
    }
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
