//! Holds the names of each certificate of a path against the name constraints of the CAs above it
//! (RFC 5280, section 4.2.1.10). BoringSSL's own check lacks addresses, and says of too much work
//! that a certificate cannot be read.

use boring::x509::{X509, X509Ref};

use super::subtrees::{Usage, is_within};
use crate::bssl::verify_codes::code::*;
use crate::bssl::x509::{self, Extension};
use crate::cert::Info;
use crate::cert::constraints::{Constraints, Plain, Subtree, alternative_names, canonical};

/// How many names are held against how many constraints in one verification, at most: enough for
/// any honest CA, and little enough that nobody can keep a program busy with one certificate.
pub(super) const MOST_COMPARISONS: usize = 250_000;

/// The comparisons that a verification has left.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_COMPARISONS)
    }
}

impl Budget {
    fn take(&mut self, comparisons: usize) -> Result<(), Wrong> {
        match self.0.checked_sub(comparisons) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(Wrong::Exhausted),
        }
    }
}

/// Why names and constraints do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A name breaks a constraint, or cannot be held against it; by `X509_V_ERR_*`.
    Name(i32),
    /// The names or the constraints cannot be read.
    Unreadable,
    /// There are more than anybody needs.
    Exhausted,
}

/// A certificate whose names break the constraints of a CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    /// Which certificate of the path.
    pub depth: usize,
    /// Which CA of the path constrains it.
    pub by: usize,
    /// In which way.
    pub wrong: Wrong,
}

/// How names are held against constraints.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Whether constraints that only OpenSSL takes are errors.
    pub is_strict: bool,
    /// Whether somebody may take the leaf's common name for a host name, where it has no DNS name.
    pub common_name: bool,
}

/// Checks a path, leaf first.
pub(super) fn breach(path: &[X509], manner: Manner, budget: &mut Budget) -> Option<Breach> {
    let of =
        |x509: &X509Ref| x509::extension(x509, Extension::NameConstraints).map(Constraints::parse);
    let constraints: Vec<_> = path.iter().map(|x509| of(x509)).collect();
    if constraints.iter().all(Option::is_none) {
        return None;
    }
    for (depth, x509) in path.iter().enumerate().rev() {
        // Not applied to self-issued certificates, for they are how a CA changes its key.
        if depth > 0 && x509::is_self_issued(x509) {
            continue;
        }
        let mut names = None;
        for (by, constraints) in constraints.iter().enumerate().skip(depth + 1).rev() {
            let Some(constraints) = constraints else {
                continue;
            };
            let names =
                names.get_or_insert_with(|| names_of(x509, manner.common_name && depth == 0));
            let held = match (&*names, constraints) {
                (Some(names), Ok(constraints)) => {
                    hold(names, constraints, manner.is_strict, budget)
                }
                _ => Err(Wrong::Unreadable),
            };
            if let Err(wrong) = held {
                return Some(Breach { depth, by, wrong });
            }
        }
    }
    None
}

/// A name, and whether it stands in the subject.
type Named = (Plain, bool);

/// The names of a certificate that constraints are about, host names in the common name among them
/// where that counts and there is no DNS name; `None` if they cannot be read.
fn names_of(x509: &X509Ref, common_name: bool) -> Option<Vec<Named>> {
    let (info, _) = Info::parse(&x509::der(x509).ok()?).ok()?;
    let mut names = Vec::new();
    if !info.subject.rdns.is_empty() {
        names.push((Plain::Directory(canonical(&info.subject)), true));
    }
    for attribute in info.subject.rdns.iter().flatten() {
        if attribute.oid == "1.2.840.113549.1.9.1" {
            // What is no IA5String is no mail address to anybody.
            let address = attribute.der.first() == Some(&0x16);
            let bytes = if address { attribute.value.as_bytes().to_vec() } else { Vec::new() };
            names.push((Plain::Email(bytes), true));
        }
    }
    let san = match x509::extension(x509, Extension::SubjectAlternativeName) {
        Some(value) => alternative_names(value).ok()?,
        None => Vec::new(),
    };
    if common_name && !san.iter().any(|name| matches!(name, Plain::Dns(_))) {
        let hosts = info.subject.common_names().filter(|name| is_like_host(name));
        names.extend(hosts.map(|name| (Plain::Dns(name.as_bytes().to_vec()), true)));
    }
    names.extend(san.into_iter().map(|name| (name, false)));
    Some(names)
}

/// Whether a common name may be taken for a host name.
fn is_like_host(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*'))
}

/// Holds names against the constraints of one CA.
fn hold(
    names: &[Named],
    constraints: &Constraints,
    is_strict: bool,
    budget: &mut Budget,
) -> Result<(), Wrong> {
    let count = constraints.permitted.len().saturating_add(constraints.excluded.len());
    budget.take(names.len().saturating_mul(count))?;
    for (name, in_subject) in names {
        let usage = Usage { excludes: false, folds_mailbox: false, is_strict };
        let mut of_form = same_form(&constraints.permitted, name).peekable();
        let is_constrained = of_form.peek().is_some();
        let mut is_permitted = false;
        for tree in of_form {
            is_permitted |= matches(name, tree, usage)?;
        }
        if is_constrained && !is_permitted {
            return Err(Wrong::Name(PERMITTED_VIOLATION));
        }
        let usage = Usage { excludes: true, folds_mailbox: *in_subject, is_strict };
        for tree in same_form(&constraints.excluded, name) {
            if matches(name, tree, usage)? {
                return Err(Wrong::Name(EXCLUDED_VIOLATION));
            }
        }
    }
    Ok(())
}

/// The constraints of the form of a name.
fn same_form<'t>(trees: &'t [Subtree], name: &Plain) -> impl Iterator<Item = &'t Subtree> {
    let form = std::mem::discriminant(name);
    let other = if let Plain::Other(tag) = name { Some(*tag) } else { None };
    trees.iter().filter(move |tree| match &tree.base {
        Plain::Other(tag) => other == Some(*tag),
        base => std::mem::discriminant(base) == form,
    })
}

fn matches(name: &Plain, tree: &Subtree, usage: Usage) -> Result<bool, Wrong> {
    if tree.has_bounds {
        return Err(Wrong::Name(SUBTREE_MINMAX));
    }
    is_within(name, &tree.base, usage).map_err(Wrong::Name)
}
