//! Whether a certificate carries the name of a peer: in the subjectAltName, and in the common name
//! where that counts.

use std::net::IpAddr;

use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::super::queue;
use super::PeerName;
use super::facts::host_flags;

/// Whether `leaf` carries `name`. A common name counts where no DNS name is in a subjectAltName, if
/// `common_name` says so: RFC 9525, section 2, does not want it, but old certificates have the name
/// nowhere else. A wildcard stands for a whole label.
pub fn carries(leaf: &X509Ref, name: &PeerName, common_name: bool) -> bool {
    let address = |octets: &[u8]| {
        // SAFETY: a live certificate; pointer and length are of one slice.
        unsafe { ffi::X509_check_ip(leaf.as_ptr(), octets.as_ptr(), octets.len(), 0) == 1 }
    };
    let found = match name {
        PeerName::Ip(IpAddr::V4(ip)) => address(&ip.octets()),
        PeerName::Ip(IpAddr::V6(ip)) => address(&ip.octets()),
        PeerName::Dns(host) => {
            let flags = host_flags(common_name);
            is_host(leaf, host, flags)
                || common_name && lacks_dns_names(leaf) && matches(leaf, host, flags)
        }
    };
    queue::clear();
    found
}

/// Whether BoringSSL finds a host name where it looks for one.
fn is_host(leaf: &X509Ref, host: &str, host_flags: u32) -> bool {
    let (host, len) = (host.as_ptr().cast(), host.len());
    // SAFETY: a live certificate; pointer and length are of one slice.
    unsafe { ffi::X509_check_host(leaf.as_ptr(), host, len, host_flags, std::ptr::null_mut()) == 1 }
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

/// Whether a common name is for `host`, by BoringSSL's own rules. It applies them to certificates
/// without a subjectAltName only, where OpenSSL wants one without a DNS name: so to a copy.
fn matches(leaf: &X509Ref, host: &str, host_flags: u32) -> bool {
    // SAFETY: the copy is fresh and ours, and so is the extension that is taken out of it.
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
        is_host(&copy, host, host_flags)
    }
}
