//! What is found in a trust store under a name.

use boring::x509::store::X509StoreRef;
use boring::x509::{X509, X509NameRef};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::super::crl::Crl;
use super::super::queue;
use super::context::StoreContext;
use crate::error::Result;

/// Looks into one store.
pub struct Lookup<'a>(StoreContext<'a>);

impl<'a> Lookup<'a> {
    /// Opens a store for look-ups.
    pub fn new(store: &'a X509StoreRef) -> Result<Self> {
        StoreContext::new(store, None, None).map(Self)
    }

    /// Finds the certificates with the subject `name`.
    pub fn certificates(&self, name: &X509NameRef) -> Vec<X509> {
        let mut found = Vec::new();
        // SAFETY: a live context and name; the list is ours, and so is a count on each certificate
        // in it, which moves into the vector before the list goes.
        unsafe {
            let list = ffi::X509_STORE_CTX_get1_certs(self.0.as_ptr(), name.as_ptr());
            let list = list.cast::<ffi::OPENSSL_STACK>();
            if !list.is_null() {
                for i in 0..ffi::OPENSSL_sk_num(list) {
                    found.push(X509::from_ptr(ffi::OPENSSL_sk_value(list, i).cast()));
                }
                ffi::OPENSSL_sk_free(list);
            }
        }
        queue::clear();
        found
    }

    /// Finds the revocation lists that `issuer` made.
    pub fn lists(&self, issuer: &X509NameRef) -> Vec<Crl> {
        let mut found = Vec::new();
        // SAFETY: as above, for lists.
        unsafe {
            let list = ffi::X509_STORE_CTX_get1_crls(self.0.as_ptr(), issuer.as_ptr());
            let list = list.cast::<ffi::OPENSSL_STACK>();
            if !list.is_null() {
                for i in 0..ffi::OPENSSL_sk_num(list) {
                    found.push(Crl::from_ptr(ffi::OPENSSL_sk_value(list, i).cast()));
                }
                ffi::OPENSSL_sk_free(list);
            }
        }
        queue::clear();
        found
    }
}
