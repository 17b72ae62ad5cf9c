//! Who may have issued a certificate: of what the peer sent, of the trust store, and of the hashed
//! directories behind it, in the order in which they are tried.

use std::cmp::Ordering;

use boring::x509::{X509, X509Ref};

use super::Anchors;
use super::path::{Namesakes, Step};
use crate::bssl::store::NameHash;
use crate::bssl::x509::{self, Issued, Purpose};
use crate::error::Result;

/// Those who may have issued a certificate.
pub(super) struct Issuers {
    /// Those that may, the most promising last.
    pub candidates: Vec<Step>,
    /// Those that have its name, and another key than the one that is named.
    pub namesakes: Namesakes,
}

/// Finds the issuers of the last certificate of `path`. One that is on the path already is none.
pub(super) fn of(
    path: &[Step],
    sent: &[X509],
    anchors: &dyn Anchors,
    purpose: Purpose,
    at: i64,
) -> Result<Issuers> {
    let mut found = Issuers { candidates: Vec::new(), namesakes: Namesakes::default() };
    let Some(last) = path.last() else {
        return Ok(found);
    };
    let subject = &*last.x509;
    let mut ranked: Vec<(Rank, Step)> = Vec::new();
    let is_on_path = |issuer: &X509Ref| path.iter().any(|step| x509::is_same(&step.x509, issuer));
    let mut consider = |issuer: X509, is_trusted: bool| match x509::issued(&issuer, subject) {
        Issued::No => {}
        Issued::OtherKey if is_trusted => found.namesakes.are_trusted = true,
        Issued::OtherKey => found.namesakes.were_sent = true,
        possible => {
            // The trust store comes first: what was sent besides is the same.
            let is_known = ranked.iter().any(|(_, step)| x509::is_same(&step.x509, &issuer));
            if !is_known && !is_on_path(&issuer) {
                let rank = Rank::of(&issuer, subject, possible, is_trusted, at);
                let trust = is_trusted.then(|| x509::trust(&issuer, purpose));
                ranked.push((rank, Step { x509: issuer, trust }));
            }
        }
    };
    for issuer in anchors.certificates(NameHash::of_issuer(subject))? {
        consider(issuer, true);
    }
    for issuer in sent.iter().skip(1) {
        consider(issuer.clone(), false);
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    found.candidates = ranked.into_iter().rev().map(|(_, step)| step).collect();
    Ok(found)
}

/// In which order issuers are tried: `false` comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    may_not_sign: bool,
    is_out_of_date: bool,
    is_untrusted: bool,
    has_other_identifier: bool,
}

impl Rank {
    fn of(
        issuer: &X509Ref,
        subject: &X509Ref,
        possible: Issued,
        is_trusted: bool,
        at: i64,
    ) -> Self {
        Self {
            may_not_sign: possible != Issued::Possible,
            is_out_of_date: x509::when_valid(issuer, at) != Some(Ordering::Equal),
            is_untrusted: !is_trusted,
            has_other_identifier: !x509::names_key_of(subject, issuer),
        }
    }
}
