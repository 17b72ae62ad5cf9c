//! Everything about the peer in one answer, for programs that show or log it.

use std::ffi::CStr;

use super::{Chain, Conn};
use crate::bssl::digest::sha256;
use crate::bssl::verify_codes::verify_phrase;
use crate::cert::Info;
use crate::error::{Error, Progress, Result};
use crate::json::{self, Array, Object};
use crate::pem;
use crate::verify::Verdict;

/// A certificate of a chain: its DER, and what it says.
type Decoded = (Vec<u8>, Info);

impl Conn {
    /// The report, as one JSON object in nothing but ASCII.
    pub fn report(&self) -> Result<String> {
        let sent = self.decoded(Chain::Sent)?.unwrap_or_default();
        let finished = !self.lease.look(|stream| stream.in_handshake());
        // A handshake that broke off for another reason proves nothing about the peer, even if its
        // certificates were good: what it sent is all there is to tell.
        let chain = if finished { self.decoded(Chain::Verified)? } else { None };
        let refusal = self.shared.refusal();
        let verified = finished
            && self.verifies()
            && matches!(self.shared.verdict(), Some(Verdict::Verified(_)));
        let alpn = self.alpn().filter(|_| finished);

        let text = json::object(|o| {
            fact(o, "protocol", self.version());
            fact(o, "cipher", self.cipher());
            fact(o, "group", self.group());
            match &alpn {
                Some(name) => o.string("alpn", &String::from_utf8_lossy(name)),
                None => o.null("alpn"),
            }
            o.boolean("verified", verified);
            match refusal {
                Some(refusal) => o.object("verify_error", |o| {
                    let (failure, error) = (refusal.failure, refusal.error());
                    o.integer("code", failure.code.into());
                    o.string("reason", &verify_phrase(failure.code).to_string_lossy());
                    o.integer("depth", failure.depth.into());
                    match refusal.culprit.as_deref().map(Info::parse) {
                        Some(Ok((info, _))) => o.string("subject", &info.subject.rfc4514()),
                        _ => o.null("subject"),
                    }
                    o.string("message", &error.detail().message);
                }),
                None => o.null("verify_error"),
            }
            o.array("sent", |list| certificates(list, &sent));
            match &chain {
                Some(chain) => o.array("verified_chain", |list| certificates(list, chain)),
                None => o.null("verified_chain"),
            }
        });
        Ok(json::ascii(&text))
    }

    /// A chain, decoded; `None` if there is none.
    fn decoded(&self, which: Chain) -> Result<Option<Vec<Decoded>>> {
        let chain = self.peer_chain(which, |ders| {
            ders.enumerate()
                .map(|(index, der)| {
                    let (info, _) = Info::parse(der).map_err(|error| {
                        Error::from(error).reworded(|what| format!("certificate {index}: {what}"))
                    })?;
                    Ok((der.to_vec(), info))
                })
                .collect()
        })?;
        Ok(match chain {
            Progress::Done(chain) => Some(chain),
            _ => None,
        })
    }
}

fn fact(o: &mut Object<'_>, key: &str, value: Option<&'static CStr>) {
    match value {
        Some(value) => o.string(key, &value.to_string_lossy()),
        None => o.null(key),
    }
}

fn certificates(list: &mut Array<'_>, chain: &[Decoded]) {
    for (der, info) in chain {
        list.object(|o| {
            o.string("pem", &pem::encode("CERTIFICATE", der));
            o.string("sha256", &hex(&sha256(der)));
            info.write(o);
        });
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
