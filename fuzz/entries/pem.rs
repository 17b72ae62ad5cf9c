//! A PEM block and what it is turned into and back.

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    // SAFETY: pointers and lengths of slices, room for results.
    unsafe {
        let (mut pem, mut der) = (empty(), empty());
        call(|err| tlsw_cert_der_to_pem(data.as_ptr(), data.len(), &mut pem, err)).unwrap();
        let pem = take(pem);
        call(|err| tlsw_cert_pem_to_der(pem.as_ptr(), pem.len(), &mut der, err)).unwrap();
        assert_eq!(take(der), data);
        let mut der = empty();
        if call(|err| tlsw_cert_pem_to_der(data.as_ptr(), data.len(), &mut der, err)).is_ok() {
            take(der);
        }
        // Every block of a file is read whole or told.
        for block in tlswrap::pem::blocks(data).flatten() {
            let _ = block.decode();
        }
    }
}
