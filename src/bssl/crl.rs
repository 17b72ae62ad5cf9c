//! Certificate revocation lists.

use std::ffi::c_long;

use boring_sys as ffi;

use super::queue;
use crate::error::{Error, Kind, Result};

/// A revocation list. Immutable; clones share it.
pub struct Crl(*mut ffi::X509_CRL);

// SAFETY: BoringSSL counts references atomically, and a list is not changed once it is parsed.
unsafe impl Send for Crl {}
// SAFETY: as above.
unsafe impl Sync for Crl {}

impl Crl {
    /// Parses the list at the beginning of `der`; also gives how many bytes it took.
    pub fn parse(der: &[u8]) -> Result<(Self, usize)> {
        queue::clear();
        let len = c_long::try_from(der.len())
            .map_err(|_| Error::decode("the revocation list is too large"))?;
        let mut at = der.as_ptr();
        // SAFETY: pointer and length are of one slice; on success `at` moves within it.
        let crl = unsafe { ffi::d2i_X509_CRL(std::ptr::null_mut(), &raw mut at, len) };
        if crl.is_null() {
            return Err(queue::error(Kind::Decode, "BoringSSL cannot parse the revocation list"));
        }
        Ok((Self(crl), at.addr() - der.as_ptr().addr()))
    }

    /// When it begins to say something, and when it no longer does, in seconds since 1970; `None`
    /// if that cannot be read.
    pub fn moments(&self) -> Option<Vec<i64>> {
        // SAFETY: a live list, from which the times are borrowed.
        let times = unsafe {
            [ffi::X509_CRL_get0_lastUpdate(self.0), ffi::X509_CRL_get0_nextUpdate(self.0)]
        };
        // A list need not say when the next one comes.
        times.into_iter().filter(|time| !time.is_null()).map(posix).collect()
    }

    /// Whether it is about attribute certificates alone (RFC 5280, section 5.2.5): such a list says
    /// nothing about a certificate of a key, listed or not.
    pub fn is_for_attributes(&self) -> bool {
        // SAFETY: a live list; what is decoded is our own and freed here. BoringSSL has decoded it
        // before, or it would have refused the list.
        unsafe {
            let (nid, none) = (ffi::NID_issuing_distribution_point, std::ptr::null_mut());
            let point = ffi::X509_CRL_get_ext_d2i(self.0, nid, none, none);
            let point = point.cast::<ffi::ISSUING_DIST_POINT>();
            let found = !point.is_null() && (*point).onlyattr != 0;
            ffi::ISSUING_DIST_POINT_free(point);
            found
        }
    }

    /// The list, borrowed.
    pub(super) fn as_ptr(&self) -> *mut ffi::X509_CRL {
        self.0
    }
}

/// A time in seconds since 1970.
fn posix(time: *const ffi::ASN1_TIME) -> Option<i64> {
    let mut seconds = 0;
    // SAFETY: a live time; room for a number.
    (unsafe { ffi::ASN1_TIME_to_posix(time, &raw mut seconds) } == 1).then_some(seconds)
}

impl Clone for Crl {
    fn clone(&self) -> Self {
        // SAFETY: a live list; the new count is the clone's.
        unsafe { ffi::X509_CRL_up_ref(self.0) };
        Self(self.0)
    }
}

impl Drop for Crl {
    fn drop(&mut self) {
        // SAFETY: the count is ours, given back once.
        unsafe { ffi::X509_CRL_free(self.0) }
    }
}
