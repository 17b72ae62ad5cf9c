//! A second opinion on decoded certificates: x509-parser, which shares no code with ours, must read
//! the same out of the certificates of the system's CAs and of the test PKI. (The library does not
//! decode with it: it refuses certificates that OpenSSL and Python read, for an odd date, say.)

mod support;
use support::*;

use std::ffi::CStr;
use std::ptr::null_mut;

use x509_parser::prelude::*;

fn certificates() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut add = |text: &[u8]| {
        // Broken files are among those of the PKI; their sound blocks count.
        let blocks = tlswrap::pem::blocks(text).flatten().filter(|block| block.is_certificate());
        found.extend(blocks.filter_map(|block| block.decode().ok()));
    };
    add(&std::fs::read("/etc/ssl/certs/ca-certificates.crt").expect("the package ca-certificates"));
    for entry in std::fs::read_dir(pki("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            add(&std::fs::read(path).unwrap());
        }
    }
    found.sort();
    found.dedup();
    found
}

fn text(pointer: *const std::ffi::c_char) -> String {
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned()
}

#[test]
fn another_decoder_reads_the_same() {
    let certificates = certificates();
    assert!(certificates.len() > 100, "only {} certificates", certificates.len());
    for der in certificates {
        let (_, theirs) = X509Certificate::from_der(&der).unwrap();
        let mut cert = null_mut();
        call(|err| unsafe { tlsw_cert_new(der.as_ptr(), der.len(), null_mut(), &mut cert, err) })
            .unwrap();
        let who = text(unsafe { tlsw_cert_subject(cert) });
        unsafe {
            assert_eq!(
                tlsw_cert_not_before(cert),
                theirs.validity().not_before.timestamp(),
                "{who}"
            );
            assert_eq!(tlsw_cert_not_after(cert), theirs.validity().not_after.timestamp(), "{who}");
            assert_eq!(tlsw_cert_version(cert), theirs.version().0 + 1, "{who}");
            assert_eq!(tlsw_cert_is_ca(cert) != 0, theirs.is_ca(), "{who}");
        }
        let serial = theirs.raw_serial_as_string().replace(':', "").to_uppercase();
        let ours = text(unsafe { tlsw_cert_serial(cert) });
        assert_eq!(ours.trim_start_matches("00"), serial.trim_start_matches("00"), "{who}");
        let common_name = theirs.subject().iter_common_name().last();
        let ours = unsafe { tlsw_cert_common_name(cert) };
        assert_eq!(ours.is_null(), common_name.is_none(), "{who}");
        if let Some(Ok(name)) = common_name.map(|name| name.as_str()) {
            assert_eq!(text(ours), name.replace('\0', "\u{fffd}"), "{who}");
        }
        let san = theirs.subject_alternative_name().unwrap();
        let san = san.map(|san| san.value.general_names.clone()).unwrap_or_default();
        assert_eq!(unsafe { tlsw_cert_san_count(cert) }, san.len(), "{who}");
        for (index, name) in san.iter().enumerate() {
            let (mut kind, mut value, mut len) = (u32::MAX, std::ptr::null(), 0);
            call(|err| unsafe { tlsw_cert_san(cert, index, &mut kind, &mut value, &mut len, err) })
                .unwrap();
            let ours = unsafe { std::slice::from_raw_parts(value.cast::<u8>(), len) };
            match name {
                GeneralName::DNSName(name) => {
                    assert_eq!((kind, ours), (TLSW_SAN_DNS, name.as_bytes()), "{who}");
                }
                GeneralName::IPAddress(bytes) => {
                    let ip = match *bytes {
                        [a, b, c, d] => std::net::IpAddr::from([*a, *b, *c, *d]),
                        _ => std::net::IpAddr::from(<[u8; 16]>::try_from(*bytes).unwrap()),
                    };
                    assert_eq!((kind, ours), (TLSW_SAN_IP, ip.to_string().as_bytes()), "{who}");
                }
                GeneralName::RFC822Name(name) => {
                    assert_eq!((kind, ours), (TLSW_SAN_EMAIL, name.as_bytes()), "{who}");
                }
                GeneralName::URI(name) => {
                    assert_eq!((kind, ours), (TLSW_SAN_URI, name.as_bytes()), "{who}");
                }
                GeneralName::DirectoryName(_) => assert_eq!(kind, TLSW_SAN_DIRNAME, "{who}"),
                other => panic!("{who}: no opinion on {other:?}"),
            }
        }
        unsafe { tlsw_cert_free(cert) };
    }
}
