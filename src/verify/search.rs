//! The search for a path from the peer's certificate to a trust anchor that holds.
//!
//! It goes depth first, and every rule belongs to it: a path that breaks one is left for another.
//! What it learns from a path it does not try again: a certificate that is no good in any path, a
//! signature that another key made. So the number of paths that BoringSSL is asked about grows with
//! the number of certificates, not with that of the ways through them; and there are bounds.

use std::time::{SystemTime, UNIX_EPOCH};

use boring::stack::Stack;
use boring::x509::{X509, X509Ref};

use super::constraints::{self, Budget, Manner, Wrong};
use super::issuers;
use super::path::{Cause, Failed, Fault, Step};
use super::{Standard, flag, rules};
use crate::bssl::crl::Crl;
use crate::bssl::store::NameHash;
use crate::bssl::verify_codes::code::*;
use crate::bssl::x509::path::{Check, Checked, Finding, check};
use crate::bssl::x509::{self, Extension, PeerName, Trust};
use crate::error::{Error, Result};

/// How many paths are checked at most.
const MOST_PATHS: usize = 64;

/// How many signatures are checked at most, but for those of the first path.
const MOST_SIGNATURES: usize = 200;

/// How many issuers are taken up at most, all in all.
const MOST_STEPS: usize = 2_000;

/// How many CAs may stand between the leaf and the anchor where nobody says: OpenSSL's bound.
const DEPTH: usize = 100;

/// How a search ended.
pub(super) enum Found {
    /// The path that holds, leaf first.
    Path(Stack<X509>),
    /// None does; this one came furthest.
    None(Box<Failed>),
}

/// What became of a path that was tried.
enum Tried {
    Holds,
    /// Another may.
    Fails,
    /// No other can: it is the leaf that is refused.
    Settled,
}

/// Searches for a path from the first of `sent`.
pub(super) fn search(sent: &[X509], standard: &Standard<'_>) -> Result<Found> {
    let Some(leaf) = sent.first() else {
        return Err(Error::state("there is no certificate to verify"));
    };
    let name = standard.name;
    let is_named = name.is_none_or(|name| x509::carries(leaf, name, standard.common_name));
    let mut search = Search {
        standard,
        sent,
        at: standard.at.unwrap_or_else(now),
        is_named,
        budget: Budget::default(),
        dead: Vec::new(),
        unsigned: Vec::new(),
        paths: 0,
        signatures: 0,
        failed: 0,
        best: None,
    };
    search.run(leaf)
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

struct Search<'a> {
    standard: &'a Standard<'a>,
    sent: &'a [X509],
    at: i64,
    /// Whether the leaf carries the name that it should.
    is_named: bool,
    budget: Budget,
    /// Issuers that are no good in any path.
    dead: Vec<X509>,
    /// Certificates, and issuers that did not sign them.
    unsigned: Vec<(X509, X509)>,
    /// How many paths were checked.
    paths: usize,
    /// How many signatures were checked at most.
    signatures: usize,
    /// How many paths failed, those that lead nowhere among them.
    failed: usize,
    /// The path that came furthest, and how far.
    best: Option<(Distance, Box<Failed>)>,
}

/// How far a path came that failed; more is further.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// It led nowhere.
    Nowhere,
    /// The search was given up.
    GivenUp,
    /// It reached an anchor, over a signature that is wrong.
    Unsigned,
    /// It reached an anchor.
    Anchor,
}

impl Search<'_> {
    fn run(&mut self, leaf: &X509) -> Result<Found> {
        // One that is its own issuer is trusted itself, or not at all.
        let itself = x509::is_self_signed(leaf);
        if itself && let Some(found) = self.try_alone(leaf)? {
            return Ok(found);
        }
        if let Some(found) = self.climb(leaf)? {
            return Ok(found);
        }
        // Nothing leads to it, but it may be trusted as it is.
        let is_partial = self.standard.flags & flag::PARTIAL_CHAIN != 0;
        if is_partial
            && !itself
            && let Some(found) = self.try_alone(leaf)?
        {
            return Ok(found);
        }
        match self.best.take() {
            Some((_, mut failed)) => {
                failed.others = self.failed.saturating_sub(1);
                Ok(Found::None(failed))
            }
            None => Err(Error::state("the search for a path came to no end")),
        }
    }

    /// Tries a leaf that is in the trust store itself.
    fn try_alone(&mut self, leaf: &X509Ref) -> Result<Option<Found>> {
        let named = self.standard.anchors.certificates(NameHash::of_subject(leaf))?;
        let Some(x509) = named.into_iter().find(|known| x509::is_same(known, leaf)) else {
            return Ok(None);
        };
        let trust = x509::trust(&x509, self.standard.purpose);
        let path = [Step { x509, trust: Some(trust) }];
        if !self.is_end(&path) {
            return Ok(None);
        }
        Ok(match self.try_path(&path)? {
            Tried::Holds => Some(Found::Path(stack(&path)?)),
            Tried::Fails | Tried::Settled => None,
        })
    }

    /// Searches upwards from a leaf.
    fn climb(&mut self, leaf: &X509) -> Result<Option<Found>> {
        let mut path = vec![Step { x509: leaf.clone(), trust: None }];
        let mut levels = vec![self.issuers(&path)?];
        let mut steps = 0;
        while let Some(level) = levels.last_mut() {
            let Some(issuer) = level.pop() else {
                levels.pop();
                path.pop();
                continue;
            };
            if self.is_useless(&path, &issuer) {
                continue;
            }
            steps += 1;
            if steps > MOST_STEPS || self.paths >= MOST_PATHS || self.signatures >= MOST_SIGNATURES
            {
                self.give_up(&path);
                return Ok(None);
            }
            path.push(issuer);
            if self.is_end(&path) {
                match self.try_path(&path)? {
                    Tried::Holds => return stack(&path).map(Found::Path).map(Some),
                    Tried::Settled => return Ok(None),
                    Tried::Fails => {}
                }
                path.pop();
            } else if let Some(most) = self.exceeds(&path) {
                let depth = path.len() - 1;
                let fault = Fault { code: CHAIN_TOO_LONG, depth, cause: Cause::TooLong(most) };
                self.note(&path, Distance::Nowhere, fault);
                path.pop();
            } else {
                let issuers = self.issuers(&path)?;
                levels.push(issuers);
            }
        }
        Ok(None)
    }

    /// The issuers of the last certificate of a path. That there are none is noted.
    fn issuers(&mut self, path: &[Step]) -> Result<Vec<Step>> {
        let Some(last) = path.last() else {
            return Ok(Vec::new());
        };
        let purpose = self.standard.purpose;
        let is_end = x509::is_self_signed(&last.x509);
        let anchors = self.standard.anchors;
        let mut found = issuers::of(path, self.sent, anchors, purpose, self.at)?;
        if is_end {
            found.candidates.clear();
        }
        if found.candidates.is_empty() {
            let depth = path.len() - 1;
            let code = match (is_end, depth, path.iter().any(|step| step.trust.is_some())) {
                (true, 0, _) => SELF_SIGNED_LEAF,
                (true, ..) => SELF_SIGNED_IN_CHAIN,
                (false, _, false) => UNABLE_TO_GET_ISSUER_LOCALLY,
                (false, _, true) => UNABLE_TO_GET_ISSUER,
            };
            let cause = Cause::NoIssuer(found.namesakes);
            self.note(path, Distance::Nowhere, Fault { code, depth, cause });
        }
        Ok(found.candidates)
    }

    /// Whether it is known that an issuer is of no use above a path.
    fn is_useless(&self, path: &[Step], issuer: &Step) -> bool {
        let is = x509::is_same;
        let is_dead = self.dead.iter().any(|dead| is(dead, &issuer.x509));
        let is_other = path.last().is_some_and(|last| {
            let made =
                |(subject, by): &(X509, X509)| is(subject, &last.x509) && is(by, &issuer.x509);
            self.unsigned.iter().any(made)
        });
        is_dead || is_other
    }

    /// Whether a path ends in what is trusted, or distrusted.
    fn is_end(&self, path: &[Step]) -> bool {
        match path.last().and_then(|step| step.trust) {
            Some(Trust::Root | Trust::Purpose | Trust::Rejected) => true,
            Some(Trust::Step) => self.standard.flags & flag::PARTIAL_CHAIN != 0,
            None => false,
        }
    }

    /// The depth that is allowed, if a path that has not come to its end exceeds it.
    fn exceeds(&self, path: &[Step]) -> Option<usize> {
        let most = self.standard.depth.unwrap_or(DEPTH);
        let between = path.iter().skip(1);
        let count = between.filter(|step| !x509::is_self_issued(&step.x509)).count();
        // Self-issued ones do not count, but there is an end to them too.
        (count > most || path.len() > most.saturating_add(DEPTH)).then_some(most)
    }

    /// Checks a path that ends in what is trusted.
    fn try_path(&mut self, path: &[Step]) -> Result<Tried> {
        self.paths += 1;
        let mut findings = Vec::new();
        let Some(fault) = self.fault(path, &mut findings)? else {
            return Ok(Tried::Holds);
        };
        // What breaks the constraints of one CA may be right under another.
        let is_for_all = !matches!(fault.cause, Cause::Constrained(_));
        if is_for_all {
            findings.push(Finding { code: fault.code, depth: fault.depth });
        }
        for finding in &findings {
            self.learn(path, *finding);
        }
        let is_unsigned = findings.iter().any(|finding| finding.code == SIGNATURE_FAILURE);
        let distance = if is_unsigned { Distance::Unsigned } else { Distance::Anchor };
        let is_settled = is_for_all && fault.depth == 0 && is_of_certificate(fault.code);
        self.note(path, distance, fault);
        Ok(if is_settled { Tried::Settled } else { Tried::Fails })
    }

    /// Finds what is wrong with a path that ends in what is trusted, in OpenSSL's order.
    fn fault(&mut self, path: &[Step], findings: &mut Vec<Finding>) -> Result<Option<Fault>> {
        let standard = self.standard;
        let anchor = path.len() - 1;
        let itself = |code, depth| Fault { code, depth, cause: Cause::Itself };
        if path.last().is_some_and(|step| step.trust == Some(Trust::Rejected)) {
            return Ok(Some(Fault { code: REJECTED, depth: anchor, cause: Cause::Distrusted }));
        }
        if let Some(fault) = rules::broken(path, standard)? {
            return Ok(Some(fault));
        }
        if !self.is_named {
            let is_ip = matches!(standard.name, Some(PeerName::Ip(_)));
            return Ok(Some(itself(
                if is_ip { IP_ADDRESS_MISMATCH } else { HOSTNAME_MISMATCH },
                0,
            )));
        }
        let certificates: Vec<X509> = path.iter().map(|step| step.x509.clone()).collect();
        self.signatures += certificates.len();
        *findings = self.ask_boringssl(&certificates)?;
        if let Some(first) = findings.first() {
            let is_listed = first.code == REVOKED && standard.flags & flag::CRL_CHECK == 0;
            return Ok(Some(if is_listed {
                // No list was asked that could revoke it: it is on BoringSSL's own, of keys.
                Fault { code: REJECTED, depth: first.depth, cause: Cause::ListedKey }
            } else {
                itself(first.code, first.depth)
            }));
        }
        let manner = Manner {
            is_strict: standard.flags & flag::STRICT != 0,
            // Whoever does not have a name checked may go by any.
            common_name: standard.common_name || standard.name.is_none(),
        };
        let breach = constraints::breach(&certificates, manner, &mut self.budget);
        Ok(breach.map(|breach| {
            let code = match breach.wrong {
                Wrong::Name(code) => code,
                Wrong::Unreadable => INVALID_EXTENSION,
                Wrong::Exhausted => UNSPECIFIED,
            };
            Fault { code, depth: breach.depth, cause: Cause::Constrained(breach) }
        }))
    }

    /// Has BoringSSL check signatures, validity, revocation and policies.
    fn ask_boringssl(&self, path: &[X509]) -> Result<Vec<Finding>> {
        let lists = self.lists(path)?;
        let ask = |part: &[X509], purpose| {
            check(
                part,
                &Check {
                    purpose,
                    flags: self.standard.flags & flag::IN_BORINGSSL,
                    at: self.at,
                    lists: &lists.count,
                },
            )
        };
        let whole = ask(path, Some(self.standard.purpose))?;
        let mut findings =
            if whole.is_as_given { whole.findings } else { self.ask_in_parts(path, whole, ask)? };
        // OpenSSL takes a list for another sort of certificate and finds that it does not apply.
        for finding in &mut findings {
            if finding.code == UNABLE_TO_GET_CRL && lists.elsewhere.contains(&finding.depth) {
                finding.code = DIFFERENT_CRL_SCOPE;
            }
        }
        Ok(findings)
    }

    /// Has BoringSSL check a path in two parts, because it does not take it as a whole: a CA that
    /// changed its key has two certificates of one name, and it tries only the shorter way.
    fn ask_in_parts(
        &self,
        path: &[X509],
        whole: Checked,
        ask: impl Fn(&[X509], Option<x509::Purpose>) -> Result<Checked>,
    ) -> Result<Vec<Finding>> {
        // What it says about policies holds for a whole path only, and about revocation for one
        // that ends in a root.
        let is_whole = self.standard.flags & flag::CRL_CHECK != 0
            || path
                .iter()
                .any(|x509| x509::extension(x509, Extension::PolicyConstraints).is_some());
        if !is_whole {
            for at in 1..path.len() - 1 {
                let (Some(lower), Some(upper)) = (path.get(..=at), path.get(at..)) else {
                    break;
                };
                let lower = ask(lower, Some(self.standard.purpose))?;
                let upper = ask(upper, None)?;
                if lower.is_as_given && upper.is_as_given {
                    let moved = |mut finding: Finding| {
                        finding.depth += at;
                        finding
                    };
                    let upper = upper.findings.into_iter().map(moved);
                    return Ok(upper.chain(lower.findings).collect());
                }
            }
        }
        let mut findings = whole.findings;
        if findings.is_empty() {
            // It holds, but it is another path, which is tried by itself.
            findings.push(Finding { code: UNSPECIFIED, depth: path.len() - 1 });
        }
        Ok(findings)
    }

    /// The revocation lists about a path.
    fn lists(&self, path: &[X509]) -> Result<Lists> {
        let mut lists = Lists { count: Vec::new(), elsewhere: Vec::new() };
        let asked = match self.standard.flags & (flag::CRL_CHECK | flag::CRL_CHECK_ALL) {
            flag::CRL_CHECK => 1,
            0 | flag::CRL_CHECK_ALL => 0,
            _ => path.len(),
        };
        for (depth, x509) in path.iter().enumerate().take(asked) {
            for list in self.standard.anchors.lists(NameHash::of_issuer(x509))? {
                if list.is_for_attributes() {
                    lists.elsewhere.push(depth);
                } else {
                    lists.count.push(list);
                }
            }
        }
        Ok(lists)
    }

    /// Remembers what makes other paths useless.
    fn learn(&mut self, path: &[Step], finding: Finding) {
        let Some(step) = path.get(finding.depth) else {
            return;
        };
        if matches!(finding.code, SIGNATURE_FAILURE | UNSUPPORTED_SIGNATURE_ALGORITHM) {
            if let Some(issuer) = path.get(finding.depth + 1) {
                self.unsigned.push((step.x509.clone(), issuer.x509.clone()));
            }
        } else if finding.depth > 0 && is_of_certificate(finding.code) {
            self.dead.push(step.x509.clone());
        }
    }

    /// Takes note of a path that failed.
    fn note(&mut self, path: &[Step], distance: Distance, fault: Fault) {
        self.failed += 1;
        if self.best.as_ref().is_none_or(|(best, _)| distance > *best) {
            let failed = Failed { path: path.to_vec(), fault, others: 0 };
            self.best = Some((distance, Box::new(failed)));
        }
    }

    /// Takes note that the bounds are reached.
    fn give_up(&mut self, path: &[Step]) {
        let cause = Cause::GivenUp(self.failed);
        let fault = Fault { code: UNSPECIFIED, depth: 0, cause };
        self.note(path, Distance::GivenUp, fault);
    }
}

/// Revocation lists.
struct Lists {
    /// Those that may count.
    count: Vec<Crl>,
    /// For which certificates there are some that say nothing about certificates of keys.
    elsewhere: Vec<usize>,
}

/// Whether a code is about a certificate in whatever path it is.
fn is_of_certificate(code: i32) -> bool {
    matches!(
        code,
        UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY
            | NOT_YET_VALID..=HAS_EXPIRED
            | ERROR_IN_NOT_BEFORE..=ERROR_IN_NOT_AFTER
            | REVOKED
            | INVALID_PURPOSE
            | REJECTED
            | UNHANDLED_CRITICAL_EXTENSION
            | INVALID_EXTENSION
            | HOSTNAME_MISMATCH
            | IP_ADDRESS_MISMATCH
            | EE_KEY_TOO_SMALL..=CA_MD_TOO_WEAK
            | SIGNATURE_ALGORITHM_INCONSISTENCY..=EXTENSIONS_REQUIRE_VERSION_3
    )
}

/// A path as the list that connections keep.
fn stack(path: &[Step]) -> Result<Stack<X509>> {
    x509::stack(path.iter().map(|step| &step.x509))
}
