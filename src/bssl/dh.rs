//! Diffie-Hellman parameters, which are only looked at: BoringSSL has no suites that use them.

use std::ffi::c_int;

use boring_sys as ffi;

use super::queue;
use crate::error::{Error, Kind, Result};

/// Reads the parameters in `pem` and checks them.
pub fn check_pem(pem: &[u8]) -> Result<()> {
    queue::clear();
    let len = isize::try_from(pem.len()).map_err(|_| Error::decode("there are too many bytes"))?;
    let mut flaws: c_int = 0;
    // SAFETY: the BIO borrows `pem` and is freed here, as are the parameters; NULL is no password.
    let (found, checked) = unsafe {
        let bio = ffi::BIO_new_mem_buf(pem.as_ptr().cast(), len);
        if bio.is_null() {
            return Err(queue::error(Kind::Memory, "the parameters cannot be read"));
        }
        let dh = ffi::PEM_read_bio_DHparams(bio, std::ptr::null_mut(), None, std::ptr::null_mut());
        ffi::BIO_free(bio);
        let checked = !dh.is_null() && ffi::DH_check(dh, &raw mut flaws) == 1;
        ffi::DH_free(dh);
        (!dh.is_null(), checked)
    };
    if !found {
        return Err(queue::error(Kind::Decode, "there are no Diffie-Hellman parameters"));
    }
    // The other flags are about generators that are as good: RFC 7919's are among them.
    if !checked || flaws & (ffi::DH_CHECK_P_NOT_PRIME | ffi::DH_CHECK_P_NOT_SAFE_PRIME) != 0 {
        return Err(queue::error(Kind::Decode, "the Diffie-Hellman parameters are unsound"));
    }
    queue::clear();
    Ok(())
}
