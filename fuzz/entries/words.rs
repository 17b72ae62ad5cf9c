//! Texts and numbers that settings and tables take.

use std::ffi::CString;

use super::common::*;

/// Runs one input: the first byte chooses who reads the rest.
pub fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    numbers(rest);
    let Ok(word) = CString::new(rest) else { return };
    let ctx = Ctx::new(if first & 0x80 == 0 { TLSW_CLIENT } else { TLSW_SERVER });
    let word = word.as_ptr();
    let mut json = empty();
    // SAFETY: a live context, a C string, room for results.
    let taken = unsafe {
        match first & 0x7f {
            0 => call(|err| tlsw_ctx_set_ciphers(ctx.0, word, err)),
            1 => call(|err| tlsw_ctx_set_ciphersuites(ctx.0, word, err)),
            2 => call(|err| tlsw_ctx_set_groups(ctx.0, word, err)),
            3 => call(|err| tlsw_ctx_set_ecdh_curve(ctx.0, word, err)),
            4 | 5 => call(|err| tlsw_txt2obj(word, i32::from(first & 1), &mut json, err)),
            6 => {
                let mut seconds = i64::MIN;
                let read = call(|err| tlsw_cert_time_to_seconds(word, &mut seconds, err));
                assert_eq!(read.is_err(), seconds == i64::MIN);
                read
            }
            7 => call(|err| tlsw_hostname_to_unicode(word, &mut json, err)),
            8 => call(|err| tlsw_hostname_to_ascii(word, &mut json, err)),
            9 => matched(word),
            _ => Ok(tlsw_has(word)),
        }
    };
    String::from_utf8(take(json)).expect("it is UTF-8");
    if taken.is_ok() {
        // Whatever was chosen, a connection can be made, or the error says why not.
        // SAFETY: a live context, room for the result.
        unsafe {
            let mut list = empty();
            call(|err| tlsw_ctx_get_ciphers(ctx.0, &mut list, err)).unwrap();
            assert!(take(list).starts_with(b"["));
        }
    }
}

/// Looks for the name in a certificate.
fn matched(name: *const std::ffi::c_char) -> Result<tlsw_status, String> {
    let (mut used, mut der, mut cert) = (0, empty(), std::ptr::null_mut());
    let pem = identity().0;
    // SAFETY: C strings, room for results, pointer and length of a slice.
    unsafe {
        call(|err| tlsw_cert_pem_to_der(pem.as_ptr(), pem.len(), &mut der, err)).unwrap();
        let der = take(der);
        call(|err| tlsw_cert_new(der.as_ptr(), der.len(), &mut used, &mut cert, err)).unwrap();
        let found = call(|err| tlsw_match_hostname(cert, name, err));
        tlsw_cert_free(cert);
        found
    }
}

/// Looks a number up in every table.
fn numbers(bytes: &[u8]) {
    let Some(bytes) = bytes.first_chunk() else { return };
    let number = i32::from_le_bytes(*bytes);
    let mut json = empty();
    // SAFETY: room for the result.
    unsafe {
        let known = call(|err| tlsw_nid2obj(number, &mut json, err)).is_ok();
        assert_eq!(known, !take(json).is_empty());
        for word in [
            tlsw_alert_string(number),
            tlsw_verify_error_string(number),
            tlsw_verify_error_name(number),
            tlsw_status_name(number),
        ] {
            text(word);
        }
        let _ = tlsw_status_ssl_error(number);
    }
}
