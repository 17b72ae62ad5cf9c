//! The sentence about a refused chain: what is wrong with which certificate, and what to do.

use boring::x509::X509;

use super::constraints::{Breach, Wrong};
use super::path::{Cause, Failed, Namesakes};
use super::{Standard, search, spans};
use crate::bssl::verify_codes::code::*;
use crate::bssl::verify_codes::verify_phrase;
use crate::bssl::x509::{self, PeerName, Purpose, Trust};
use crate::cert::{Extensions, Info, pss};

/// How many names of a certificate a message lists.
const NAMES_LISTED: usize = 8;

/// A refusal, with what a sentence about it needs.
pub(super) struct Subject<'a> {
    /// The path that failed.
    pub failed: &'a Failed,
    /// The certificate that it failed at.
    pub info: &'a Info,
    /// How many certificates the peer sent.
    pub sent: usize,
    /// What it was judged by.
    pub standard: &'a Standard<'a>,
}

/// Writes the whole message.
pub(super) fn explain(subject: &Subject<'_>) -> String {
    let phrase = verify_phrase(subject.failed.fault.code).to_string_lossy();
    let mut text = format!("certificate verify failed: {phrase}; {}", subject.sentence());
    match subject.failed.others {
        0 => {}
        1 => text.push_str("; one other way to a trusted certificate was tried and fails too"),
        n => text.push_str(&format!("; {n} other ways to a trusted certificate fail too")),
    }
    text
}

/// Writes the message about a certificate of the peer's that cannot be read at all.
pub(super) fn unreadable(depth: usize, sent: usize, what: &str) -> String {
    let phrase = verify_phrase(UNSPECIFIED).to_string_lossy();
    let which = format!("certificate {depth} of the {sent} the peer sent");
    format!("certificate verify failed: {phrase}; {which} {what}")
}

/// Says why BoringSSL cannot parse a certificate, given its reason.
pub(super) fn unparsable(der: &[u8], reason: &str) -> String {
    match Info::parse(der) {
        Ok((info, _)) if info.version < 3 && info.extensions != Extensions::default() => format!(
            "cannot be parsed: it is of version {} and has extensions, which belong to version 3; \
             whoever issued it has to issue a sound one",
            info.version
        ),
        _ => format!("cannot be parsed ({reason})"),
    }
}

impl Subject<'_> {
    fn sentence(&self) -> String {
        let (fault, info) = (&self.failed.fault, self.info);
        let who = self.who(fault.depth);
        let issuer = info.issuer.rfc4514();
        match &fault.cause {
            Cause::NoIssuer(namesakes) => return self.no_issuer(&who, *namesakes),
            Cause::Constrained(breach) => return self.constrained(&who, breach),
            Cause::Distrusted => {
                return format!(
                    "{who} is in the trust store with settings that forbid using it for a TLS {}; \
                     whoever made the TRUSTED CERTIFICATE wanted that",
                    self.role()
                );
            }
            Cause::ListedKey => {
                return format!(
                    "{who} has a key that BoringSSL refuses, whoever vouches for it; the peer \
                     needs a certificate that does not depend on it"
                );
            }
            Cause::TooLong(most) => {
                return format!(
                    "the chain was followed up to {who}, and more than {most} intermediate \
                     certificates are not allowed"
                );
            }
            Cause::GivenUp(tried) => {
                return format!(
                    "the search for a chain from {who} to a trusted certificate was given up \
                     after {tried} ways that do not hold; the peer should send one chain only, \
                     and the trust store should hold few certificates of one name"
                );
            }
            Cause::Itself => {}
        }
        match fault.code {
            HAS_EXPIRED => format!(
                "{who} expired on {}, {} ago; {}",
                info.not_after.text,
                spans::span(self.now().saturating_sub(info.not_after.epoch)),
                self.renewal(),
            ),
            NOT_YET_VALID => format!(
                "{who} is valid from {}, which is {} from now; is this machine's clock right?",
                info.not_before.text,
                spans::span(info.not_before.epoch.saturating_sub(self.now())),
            ),
            HOSTNAME_MISMATCH | IP_ADDRESS_MISMATCH => {
                let wanted = self.standard.name.map(PeerName::to_string).unwrap_or_default();
                format!("certificate is not valid for '{wanted}': {who} carries {}", names(info))
            }
            INVALID_CA => self.no_ca(&who),
            INVALID_PURPOSE if fault.depth == 0 => format!(
                "{who} may not be used for a TLS {}: its key usage or extended key usage forbids \
                 it",
                self.role()
            ),
            INVALID_PURPOSE => format!(
                "{who} may not vouch for a TLS {}: its extended key usage forbids it; the peer \
                 needs a certificate of another CA",
                self.role()
            ),
            PATH_LENGTH_EXCEEDED => format!(
                "{who}, issued by \"{issuer}\", allows {} further CA{} between it and the peer's \
                 certificate, and there are more",
                info.extensions.path_length.unwrap_or(0),
                if info.extensions.path_length == Some(1) { "" } else { "s" },
            ),
            UNHANDLED_CRITICAL_EXTENSION => format!(
                "at {who}, issued by \"{issuer}\": it has an extension that must be understood and \
                 is not known here; whoever issued it has to leave that out"
            ),
            INVALID_EXTENSION => format!(
                "at {who}, issued by \"{issuer}\": one of its extensions is broken; whoever issued \
                 it has to issue a sound one"
            ),
            UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY => format!(
                "{who} has a key that BoringSSL cannot use (kind {}), so that what it signed \
                 cannot be verified; the peer needs a certificate of a CA with another key",
                info.key.kind
            ),
            UNSUPPORTED_SIGNATURE_ALGORITHM => self.unknown_signature(&who),
            SIGNATURE_FAILURE => format!(
                "the signature on {who} was not made by its issuer \"{issuer}\", the one {}; it is \
                 damaged, or another CA of that name made it",
                if self.trust(fault.depth + 1).is_some() {
                    "in the trust store"
                } else {
                    "that was sent"
                },
            ),
            UNABLE_TO_GET_CRL => format!(
                "nobody loaded the revocation list of \"{issuer}\", which has to say whether {who} \
                 still holds; load it as a CA is loaded"
            ),
            CRL_HAS_EXPIRED => format!(
                "the revocation list of \"{issuer}\" is too old to say whether {who} still holds; \
                 load a newer one"
            ),
            DIFFERENT_CRL_SCOPE => format!(
                "the revocation list of \"{issuer}\" is for other certificates and does not say \
                 whether {who} still holds; load the list that does"
            ),
            REVOKED => format!("{who} was revoked by its issuer \"{issuer}\""),
            EE_KEY_TOO_SMALL | CA_KEY_TOO_SMALL => {
                format!("{who}, {}", self.standard.level.shortfall(info, false))
            }
            CA_MD_TOO_WEAK => format!("{who}, {}", self.standard.level.shortfall(info, true)),
            _ => format!("at {who}, issued by \"{issuer}\""),
        }
    }

    /// A certificate of the path as text.
    fn who(&self, depth: usize) -> String {
        if depth == self.failed.fault.depth {
            return format!("\"{}\" (depth {depth})", whose(self.info));
        }
        let info = self.failed.path.get(depth).and_then(|step| info_of(&step.x509));
        format!("\"{}\" (depth {depth})", info.as_ref().map(whose).unwrap_or_default())
    }

    fn role(&self) -> &'static str {
        match self.standard.purpose {
            Purpose::Server => "server",
            Purpose::Client => "client",
        }
    }

    fn now(&self) -> i64 {
        self.standard.at.unwrap_or_else(search::now)
    }

    /// What a certificate of the path is trusted for, if it is of the trust store.
    fn trust(&self, depth: usize) -> Option<Trust> {
        self.failed.path.get(depth).and_then(|step| step.trust)
    }

    /// What to do about a certificate that has expired.
    fn renewal(&self) -> &'static str {
        match (self.failed.fault.depth, self.trust(self.failed.fault.depth)) {
            (0, _) => "its owner has to renew it",
            (_, Some(_)) => "it is one of the trust store: load the one that replaces it as a CA",
            (_, None) => "the peer has to send the one that replaces it",
        }
    }

    /// About an issuer that may not issue.
    fn no_ca(&self, who: &str) -> String {
        let depth = self.failed.fault.depth;
        let usage = self.info.extensions.key_usage.as_ref();
        let mut text = if self.info.extensions.is_ca
            && usage.is_some_and(|usage| !usage.contains(&"keyCertSign"))
        {
            format!("{who} signed another certificate, and its key usage does not allow that")
        } else {
            format!("{who} signed another certificate, but is no CA")
        };
        if self.trust(depth).is_some() {
            let signed = self.who(depth.saturating_sub(1));
            text.push_str(&format!(
                ": being trusted, it vouches for itself alone, and not for {signed}; if that is \
                 the right one, load it as a CA too, or the CA that is meant to vouch for it"
            ));
        }
        text
    }

    /// About a signature that cannot be verified by anybody here.
    fn unknown_signature(&self, who: &str) -> String {
        let der = self
            .failed
            .path
            .get(self.failed.fault.depth)
            .and_then(|step| x509::der(&step.x509).ok());
        match der.as_deref().and_then(pss::salt_length) {
            Some(length) => format!(
                "{who} is signed with RSASSA-PSS and a salt of {length} bytes, or with other \
                 parameters that BoringSSL does not verify: it takes SHA-256, SHA-384 and SHA-512 \
                 with a salt as long as the digest; whoever issued it has to sign like that"
            ),
            None => format!(
                "{who} is signed in a way that BoringSSL cannot verify ({}); whoever issued it has \
                 to sign in another",
                self.info.signature_algorithm
            ),
        }
    }

    /// About names that break the constraints of a CA.
    fn constrained(&self, who: &str, breach: &Breach) -> String {
        let by = self.who(breach.by);
        let issuer = self.info.issuer.rfc4514();
        let at = format!("at {who}, issued by \"{issuer}\"");
        match &breach.wrong {
            Wrong::Name(PERMITTED_VIOLATION) => format!(
                "{at}: it carries {}, and not all of that is among the names that {by} may vouch \
                 for",
                names(self.info)
            ),
            Wrong::Name(EXCLUDED_VIOLATION) => format!(
                "{at}: it carries {}, and {by} may not vouch for one of those",
                names(self.info)
            ),
            Wrong::Name(UNSUPPORTED_NAME_SYNTAX) => format!(
                "{at}: one of its names is not well formed, so that it cannot be told whether {by} \
                 may vouch for it"
            ),
            Wrong::Name(_) | Wrong::Unreadable => format!(
                "{at}: the name constraints of {by} about such names, or the names, cannot be \
                 understood"
            ),
            Wrong::Exhausted => format!(
                "{at}: its names and the name constraints of {by} are more than are compared, \
                 which is {} comparisons",
                super::constraints::MOST_COMPARISONS
            ),
        }
    }

    /// About a chain that leads nowhere.
    fn no_issuer(&self, who: &str, namesakes: Namesakes) -> String {
        let (fault, info) = (&self.failed.fault, self.info);
        let places = self.standard.anchors.describe();
        let issuer = info.issuer.rfc4514();
        match fault.code {
            SELF_SIGNED_LEAF => format!(
                "{who} is signed by itself and is not in the trust store ({places}); if it is the \
                 right one, load it as a CA"
            ),
            SELF_SIGNED_IN_CHAIN => format!(
                "the chain the peer sent ends in the root {who}, which is not in the trust store \
                 ({places}); if it is the right one, load it as a CA"
            ),
            _ => {
                let by = if info.is_self_issued() {
                    format!("another certificate of the same name, \"{issuer}\"")
                } else {
                    format!("\"{issuer}\"")
                };
                let is_step = self.trust(fault.depth).is_some();
                let s = if self.sent == 1 { "" } else { "s" };
                match (namesakes.are_trusted, namesakes.were_sent) {
                    (true, _) => format!(
                        "{who} was issued by {by}, and the certificate of that name in the trust \
                         store ({places}) has another key or serial number than the one that is \
                         meant; if that CA has changed its key, load its new certificate as a CA"
                    ),
                    (_, true) => format!(
                        "{who} was issued by {by}, which is not in the trust store ({places}), and \
                         the certificate of that name that the peer sent has another key or serial \
                         number than the one that is meant; the peer has to send the right one"
                    ),
                    _ if is_step => format!(
                        "{who} is in the trust store ({places}), but is no root, and its issuer, \
                         {by}, is not there; load the root it leads to as a CA, or allow partial \
                         chains, to trust it as it is"
                    ),
                    _ => format!(
                        "{who} was issued by {by}, which is neither among the {} certificate{s} \
                         the peer sent nor in the trust store ({places}); load the root it leads \
                         to as a CA, or have the peer send its intermediate certificates",
                        self.sent
                    ),
                }
            }
        }
    }
}

fn info_of(x509: &X509) -> Option<Info> {
    Info::parse(&x509::der(x509).ok()?).ok().map(|(info, _)| info)
}

/// Whose a certificate is: its subject, or, as modern leaves have none, what it is for.
pub(super) fn whose(info: &Info) -> String {
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
