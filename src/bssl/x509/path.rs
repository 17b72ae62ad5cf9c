//! One run of BoringSSL's `X509_verify_cert` on a path that is given, and all that it finds wrong.

use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

use boring::x509::X509;
use boring::x509::store::{X509Store, X509StoreBuilder};
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::super::crl::Crl;
use super::super::queue;
use super::super::verify_codes::{code, openssl_code};
use super::context::StoreContext;
use super::{Purpose, out_of_memory, stack, validity_of};
use crate::error::{Error, Kind, Result};

/// What a path is checked for.
pub struct Check<'a> {
    /// What the peer is; `None` for the upper part of a path, whose first is no peer's own.
    pub purpose: Option<Purpose>,
    /// Those `X509_V_FLAG_*` about revocation that BoringSSL knows; the numbers are OpenSSL's.
    pub flags: u32,
    /// The time, in seconds since 1970.
    pub at: i64,
    /// The revocation lists that count.
    pub lists: &'a [Crl],
}

/// Something that is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `X509_V_ERR_*`, OpenSSL 3's number.
    pub code: i32,
    /// Which certificate of the path it is about.
    pub depth: usize,
}

/// How a path came out.
pub struct Checked {
    /// What is wrong with it, in BoringSSL's order; nothing if it holds.
    pub findings: Vec<Finding>,
    /// Whether BoringSSL took exactly this path. It takes a shorter one where the last certificate
    /// seems to have issued an earlier one too.
    pub is_as_given: bool,
}

/// How many findings are kept; a chain with more is refused all the same.
const MOST_FINDINGS: usize = 64;

/// What BoringSSL calls back with.
struct Notes {
    findings: Vec<Finding>,
    /// Whether what it finds about name constraints is passed over.
    has_constraints: bool,
}

/// Checks `path`, leaf first, which ends in what is trusted. Name constraints are not checked here,
/// nor the name of the peer: for BoringSSL they are a part of this, and it lacks some forms.
pub fn check(path: &[X509], check: &Check<'_>) -> Result<Checked> {
    let (Some(leaf), Some(anchor)) = (path.first(), path.last()) else {
        return Err(Error::state("there is no certificate to verify"));
    };
    let between = path.get(1..path.len() - 1).unwrap_or_default();
    let (untrusted, trusted) = (stack(between)?, stack([anchor])?);
    let lists = Lists::new(check.lists)?;
    let has_constraints =
        path.iter().any(|x509| super::extension(x509, super::Extension::NameConstraints).is_some());
    let mut notes = Notes { findings: Vec::new(), has_constraints };

    queue::clear();
    let context = StoreContext::new(empty_store()?, leaf, &untrusted)?;
    let defaults: &CStr = match check.purpose {
        Some(Purpose::Server) => c"ssl_server",
        Some(Purpose::Client) => c"ssl_client",
        None => c"default",
    };
    // Whether the last one may end a path is decided before: here it may.
    let flags = check.flags | ffi::X509_V_FLAG_PARTIAL_CHAIN.cast_unsigned();
    let raw = context.as_ptr();
    // SAFETY: the context is alive and owns its parameters; the lists and `notes` outlive the run,
    // behind which nothing is called back.
    let verified = unsafe {
        let param = ffi::X509_STORE_CTX_get0_param(raw);
        if ffi::X509_STORE_CTX_set_default(raw, defaults.as_ptr()) != 1
            || ffi::X509_VERIFY_PARAM_set_flags(param, flags.into()) != 1
            || ffi::X509_STORE_CTX_set_ex_data(raw, slot()?, (&raw mut notes).cast()) != 1
        {
            return Err(queue::error(Kind::Memory, "verification cannot be set up"));
        }
        ffi::X509_VERIFY_PARAM_set_time_posix(param, check.at);
        ffi::X509_STORE_CTX_set0_trusted_stack(raw, trusted.as_ptr());
        ffi::X509_STORE_CTX_set0_crls(raw, lists.0.cast());
        ffi::X509_STORE_CTX_set_verify_cb(raw, Some(note));
        ffi::X509_verify_cert(raw) == 1
    };
    queue::clear();
    let is_as_given = is_chain(raw, path);
    let mut findings = std::mem::take(&mut notes.findings);
    findings.retain(|finding| !is_last_second(finding, path, check.at));
    // What it does not call back about, as a lack of memory, is told by the error alone.
    if !verified && findings.is_empty() {
        // SAFETY: questions to a context that has run.
        let (code, depth) = unsafe {
            (ffi::X509_STORE_CTX_get_error(raw), ffi::X509_STORE_CTX_get_error_depth(raw))
        };
        let depth = usize::try_from(depth).unwrap_or(0);
        findings.push(Finding { code: openssl_code(code), depth });
    }
    Ok(Checked { findings, is_as_given })
}

/// Whether a certificate is said to have expired in the very second in which it does: that still
/// belongs to its validity (RFC 5280, section 4.1.2.5).
fn is_last_second(finding: &Finding, path: &[X509], at: i64) -> bool {
    finding.code == code::HAS_EXPIRED
        && path
            .get(finding.depth)
            .and_then(|x509| validity_of(x509))
            .is_some_and(|(_, to)| to == at)
}

/// Whether the chain that BoringSSL built is `path`.
fn is_chain(raw: *mut ffi::X509_STORE_CTX, path: &[X509]) -> bool {
    // SAFETY: the chain is borrowed from a live context that has run.
    unsafe {
        let chain = ffi::X509_STORE_CTX_get0_chain(raw).cast::<ffi::OPENSSL_STACK>();
        let len = if chain.is_null() { 0 } else { ffi::OPENSSL_sk_num(chain) };
        len == path.len()
            && path.iter().enumerate().all(|(i, x509)| {
                ffi::OPENSSL_sk_value(chain, i).cast::<ffi::X509>() == x509.as_ptr()
            })
    }
}

/// Takes note of what BoringSSL finds wrong, and lets it go on, so that all is found.
unsafe extern "C" fn note(ok: c_int, context: *mut ffi::X509_STORE_CTX) -> c_int {
    if ok == 1 {
        // What a finding that was passed over has left says nothing about the next.
        queue::clear();
        return 1;
    }
    let Ok(slot) = slot() else {
        return 0;
    };
    // SAFETY: a live context, in whose slot `check` has put the notes, which nobody else uses now.
    let (notes, code, depth) = unsafe {
        let notes: *mut c_void = ffi::X509_STORE_CTX_get_ex_data(context, slot);
        let Some(notes) = notes.cast::<Notes>().as_mut() else {
            return 0;
        };
        let code = ffi::X509_STORE_CTX_get_error(context);
        (notes, code, ffi::X509_STORE_CTX_get_error_depth(context))
    };
    if is_about_constraints(code, notes.has_constraints) {
        return 1;
    }
    let code = match code {
        ffi::X509_V_ERR_CERT_SIGNATURE_FAILURE if is_unknown_signature() => {
            code::UNSUPPORTED_SIGNATURE_ALGORITHM
        }
        code => openssl_code(code),
    };
    if notes.findings.len() < MOST_FINDINGS {
        let depth = usize::try_from(depth).unwrap_or(0);
        notes.findings.push(Finding { code, depth });
    }
    // The others would cost as much each, and say nothing about a path that does not hang together.
    let is_signature =
        matches!(code, code::SIGNATURE_FAILURE | code::UNSUPPORTED_SIGNATURE_ALGORITHM);
    c_int::from(!is_signature)
}

/// Whether BoringSSL could not check the signature at hand, rather than found it wrong.
fn is_unknown_signature() -> bool {
    queue::held(&[
        "UNKNOWN_SIGNATURE_ALGORITHM",
        "UNKNOWN_MESSAGE_DIGEST_ALGORITHM",
        "DIGEST_AND_KEY_TYPE_NOT_SUPPORTED",
        "INVALID_PSS_PARAMETERS",
        "INVALID_PARAMETER",
    ])
}

/// Whether a code is of BoringSSL's check of name constraints, which is ours to make.
fn is_about_constraints(code: c_int, has_constraints: bool) -> bool {
    match code {
        ffi::X509_V_ERR_PERMITTED_VIOLATION
        | ffi::X509_V_ERR_EXCLUDED_VIOLATION
        | ffi::X509_V_ERR_SUBTREE_MINMAX
        | ffi::X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE
        | ffi::X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX
        | ffi::X509_V_ERR_UNSUPPORTED_NAME_SYNTAX
        | ffi::X509_V_ERR_NAME_CONSTRAINTS_WITHOUT_SANS => true,
        // Its limit on the work that they make.
        ffi::X509_V_ERR_UNSPECIFIED => has_constraints,
        _ => false,
    }
}

/// Where in a context the notes are.
fn slot() -> Result<c_int> {
    static SLOT: OnceLock<c_int> = OnceLock::new();
    let slot = *SLOT.get_or_init(|| {
        let none = std::ptr::null_mut();
        // SAFETY: no arguments that count, and no functions to call.
        unsafe { ffi::X509_STORE_CTX_get_ex_new_index(0, none, none.cast(), None, None) }
    });
    if slot < 0 { Err(out_of_memory(())) } else { Ok(slot) }
}

/// A store with nothing in it: what a path is made of is given.
fn empty_store() -> Result<&'static X509Store> {
    static EMPTY: OnceLock<X509Store> = OnceLock::new();
    if let Some(store) = EMPTY.get() {
        return Ok(store);
    }
    let store = X509StoreBuilder::new().map_err(out_of_memory)?.build();
    Ok(EMPTY.get_or_init(|| store))
}

/// Revocation lists as BoringSSL's list, which borrows them.
struct Lists<'a>(*mut ffi::OPENSSL_STACK, std::marker::PhantomData<&'a Crl>);

impl<'a> Lists<'a> {
    fn new(lists: &'a [Crl]) -> Result<Self> {
        // SAFETY: no arguments.
        let stack = unsafe { ffi::OPENSSL_sk_new_null() };
        if stack.is_null() {
            return Err(out_of_memory(()));
        }
        let made = Self(stack, std::marker::PhantomData);
        for list in lists {
            // SAFETY: a live stack; what is in it is borrowed, and outlives it.
            if unsafe { ffi::OPENSSL_sk_push(stack, list.as_ptr().cast()) } == 0 {
                return Err(out_of_memory(()));
            }
        }
        Ok(made)
    }
}

impl Drop for Lists<'_> {
    fn drop(&mut self) {
        // SAFETY: ours, freed once; what is in it is not.
        unsafe { ffi::OPENSSL_sk_free(self.0) }
    }
}
