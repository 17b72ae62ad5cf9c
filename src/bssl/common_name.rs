//! Host names in the common name, where OpenSSL looks for them and BoringSSL does not: beside a
//! subjectAltName that holds no DNS name.

use std::ffi::c_int;

use boring::stack::StackRef;
use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::queue;

/// Whether `leaf` has a subjectAltName without a DNS name, and a common name that is for `host`.
pub(super) fn is_for(leaf: &X509Ref, host: &str, host_flags: u32) -> bool {
    let found = lacks_dns_names(leaf) && matches(leaf, host, host_flags);
    queue::clear();
    found
}

/// Whether there is a subjectAltName, and it can be read, and no DNS name is in it.
fn lacks_dns_names(leaf: &X509Ref) -> bool {
    // SAFETY: a live certificate; the list is our own, and its names are borrowed from it.
    unsafe {
        let names = ffi::X509_get_ext_d2i(
            leaf.as_ptr(),
            ffi::NID_subject_alt_name,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        if names.is_null() {
            return false;
        }
        let list = names.cast::<ffi::OPENSSL_STACK>();
        let is_dns = |i| {
            let name = ffi::OPENSSL_sk_value(list, i).cast::<ffi::GENERAL_NAME>();
            (*name).type_ == ffi::GEN_DNS
        };
        let found = (0..ffi::OPENSSL_sk_num(list)).any(is_dns);
        ffi::GENERAL_NAMES_free(names.cast());
        !found
    }
}

/// Whether a common name is for `host`, by BoringSSL's own rules: it applies them to certificates
/// without a subjectAltName, so to a copy that has none.
fn matches(leaf: &X509Ref, host: &str, host_flags: u32) -> bool {
    // SAFETY: the copy is fresh and ours, and so is the extension that is taken out of it; pointer
    // and length are of one slice.
    unsafe {
        let copy = ffi::X509_dup(leaf.as_ptr());
        if copy.is_null() {
            return false;
        }
        let copy = X509::from_ptr(copy);
        loop {
            let at = ffi::X509_get_ext_by_NID(copy.as_ptr(), ffi::NID_subject_alt_name, -1);
            if at < 0 {
                break;
            }
            ffi::X509_EXTENSION_free(ffi::X509_delete_ext(copy.as_ptr(), at));
        }
        let (host, len) = (host.as_ptr().cast(), host.len());
        let no_name = std::ptr::null_mut();
        ffi::X509_check_host(copy.as_ptr(), host, len, host_flags, no_name) == 1
    }
}

/// Whether a CA of the chain says which names it may vouch for. It is asked about the names of a
/// subjectAltName; a host name in the common name it would let pass unseen.
pub(super) fn is_constrained(chain: &StackRef<X509>) -> bool {
    chain.iter().any(|x509| {
        // SAFETY: a live certificate.
        let at: c_int =
            unsafe { ffi::X509_get_ext_by_NID(x509.as_ptr(), ffi::NID_name_constraints, -1) };
        at >= 0
    })
}
