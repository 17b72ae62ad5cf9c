//! An `X509_STORE_CTX`, BoringSSL's workspace for one verification.

use std::marker::PhantomData;

use boring::stack::StackRef;
use boring::x509::store::X509StoreRef;
use boring::x509::{X509, X509Ref};
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::super::queue;
use super::out_of_memory;
use crate::error::{Kind, Result};

/// A workspace that is freed on every way out. It borrows what it was given for `'a`.
pub(super) struct StoreContext<'a> {
    raw: *mut ffi::X509_STORE_CTX,
    borrowed: PhantomData<&'a X509Ref>,
}

impl<'a> StoreContext<'a> {
    /// Makes one for `leaf` and the certificates `untrusted`, on a store.
    pub fn new(
        store: &'a X509StoreRef,
        leaf: &'a X509Ref,
        untrusted: &'a StackRef<X509>,
    ) -> Result<Self> {
        // SAFETY: no arguments.
        let raw = unsafe { ffi::X509_STORE_CTX_new() };
        if raw.is_null() {
            return Err(out_of_memory(()));
        }
        let context = Self { raw, borrowed: PhantomData };
        let (leaf, untrusted) = (leaf.as_ptr(), untrusted.as_ptr());
        // SAFETY: the context is fresh; the other three outlive it, which the lifetime holds.
        if unsafe { ffi::X509_STORE_CTX_init(raw, store.as_ptr(), leaf, untrusted) } != 1 {
            return Err(queue::error(Kind::Memory, "verification cannot be set up"));
        }
        Ok(context)
    }

    /// Gives BoringSSL's object.
    pub fn as_ptr(&self) -> *mut ffi::X509_STORE_CTX {
        self.raw
    }
}

impl Drop for StoreContext<'_> {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { ffi::X509_STORE_CTX_free(self.raw) }
    }
}
