//! A certificate's DER.

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    let (mut used, mut cert) = (usize::MAX, std::ptr::null_mut());
    // SAFETY: pointer and length of a slice, room for the results.
    let read =
        call(|err| unsafe { tlsw_cert_new(data.as_ptr(), data.len(), &mut used, &mut cert, err) });
    if read.is_err() {
        assert!(used == usize::MAX && cert.is_null());
        return;
    }
    assert!((1..=data.len()).contains(&used));
    ask(cert);
    // SAFETY: ours.
    unsafe { tlsw_cert_free(cert) };
}
