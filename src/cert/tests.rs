//! Whole certificates, odd and broken ones.

use super::sample::{Sample, extension, key, rdn, sequence, tlv};
use super::*;

const SAN: &[u8] = b"\x55\x1d\x11";
const AIA: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x01\x01";
const CRL_DP: &[u8] = b"\x55\x1d\x1f";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
const SUBJECT_KEY: &[u8] = b"\x55\x1d\x0e";
const AUTHORITY_KEY: &[u8] = b"\x55\x1d\x23";

fn info(sample: &Sample) -> Info {
    let der = sample.der();
    let (info, used) = Info::parse(&der).unwrap();
    assert_eq!(used, der.len());
    let Strength { key, signature_algorithm } = Strength::parse(&der).unwrap();
    assert_eq!((&key, &signature_algorithm), (&info.key, &info.signature_algorithm));
    info
}

fn with_extensions(extensions: &[(&[u8], Vec<u8>)]) -> Info {
    let extensions = extensions.iter().map(|(oid, value)| extension(oid, value)).collect();
    info(&Sample { extensions, ..Sample::default() })
}

fn san(names: &[Vec<u8>]) -> Info {
    with_extensions(&[(SAN, sequence(names))])
}

/// The JSON of `subjectAltName` alone.
fn san_json(info: &Info) -> String {
    let json = info.json();
    let from = json.split_once("\"subjectAltName\": ").unwrap().1;
    from.split_once(", \"signatureAlgorithm\"").unwrap().0.to_owned()
}

fn error(der: &[u8]) -> String {
    Info::parse(der).unwrap_err().what
}

#[test]
fn a_plain_certificate_is_read_whole() {
    let info = info(&Sample::default());
    assert_eq!(
        info.json(),
        "{\"subject\": [[[\"commonName\", \"example.com\"]]], \"issuer\": [[[\"commonName\", \"example.com\"]]], \
         \"version\": 3, \"serialNumber\": \"0ABC\", \"notBefore\": \"Jun  1 12:00:00 2026 GMT\", \
         \"notAfter\": \"Jun  1 12:00:00 2051 GMT\", \"signatureAlgorithm\": \"sha256WithRSAEncryption\", \
         \"keyType\": \"EC\", \"keyBits\": 256, \"isCA\": false}"
    );
    assert!(info.is_self_issued());
    assert_eq!(info.subject.common_name(), Some("example.com"));
}

#[test]
fn a_chain_is_read_one_after_another() {
    let first = Sample::default().der();
    let second = Sample { serial: tlv(0x02, &[7]), ..Sample::default() }.der();
    let chain = [first.clone(), second].concat();
    let (_, used) = Info::parse(&chain).unwrap();
    assert_eq!(used, first.len());
    let (info, rest) = Info::parse(&chain[used..]).unwrap();
    assert_eq!((info.serial.as_str(), used + rest), ("07", chain.len()));
}

#[test]
fn serial_numbers_are_printed_as_python_prints_them() {
    for (body, expected) in [
        (&[0][..], "00"),
        (&[0x0f], "0F"),
        (&[0x00, 0x80], "80"),
        (&[0xff], "-01"),
        (&[0x80], "-80"),
        (&[0xff, 0x7f], "-81"),
        (&[0xff, 0x00], "-0100"),
        (&[0x80, 0x00], "-8000"),
        (&[0x7f; 40], &"7F".repeat(40)),
    ] {
        assert_eq!(info(&Sample { serial: tlv(0x02, body), ..Sample::default() }).serial, expected);
    }
    for body in [&[][..], &[0x00, 0x7f], &[0xff, 0x80]] {
        let der = Sample { serial: tlv(0x02, body), ..Sample::default() }.der();
        assert_eq!(error(&der), "the serial number is not a DER integer");
    }
}

#[test]
fn versions_may_be_absent_or_absurd() {
    for (version, expected) in [
        (vec![], 1),
        (tlv(0xa0, &tlv(0x02, &[0])), 1),
        (tlv(0xa0, &tlv(0x02, &[9])), 10),
        (tlv(0xa0, &tlv(0x02, &[0xfe])), -1),
        (tlv(0xa0, &tlv(0x02, &[0x7f; 9])), 0),
        (tlv(0xa0, &tlv(0x02, &i64::MAX.to_be_bytes())), 0),
    ] {
        assert_eq!(info(&Sample { version, ..Sample::default() }).version, expected);
    }
}

#[test]
fn unreadable_dates_never_make_a_certificate_valid() {
    let validity = sequence(&[tlv(0x17, b"soon"), tlv(0x18, b"")]);
    let info = info(&Sample { validity, ..Sample::default() });
    assert_eq!(info.not_before, Time { epoch: i64::MAX, text: "Bad time value".into() });
    assert_eq!(info.not_after, Time { epoch: i64::MIN, text: "Bad time value".into() });
    let validity = sequence(&[tlv(0x13, b"260601120000Z"), tlv(0x17, b"")]);
    assert_eq!(
        error(&Sample { validity, ..Sample::default() }.der()),
        "the start of the validity is not a time"
    );
}

#[test]
fn every_kind_of_alternative_name_has_kind_text_and_json() {
    let directory = sequence(&[rdn(&[(b"\x55\x04\x03", 0x0c, b"x"), (b"\x2a\x03", 0x0c, b"y")])]);
    let other =
        |oid: &[u8], value: Vec<u8>| tlv(0xa0, &[tlv(0x06, oid), tlv(0xa0, &value)].concat());
    let v6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let cases = [
        (tlv(0x81, b"a@b"), 1, "a@b", r#"["email", "a@b"]"#),
        (tlv(0x82, b"a\0b"), 2, "a\0b", r#"["DNS", "a\u0000b"]"#),
        (tlv(0x82, b"a\xff"), 2, "a\u{fffd}", "[\"DNS\", \"a\u{fffd}\"]"),
        (tlv(0xa3, b"\x30\0"), 3, "#A3023000", r#"["X400Name", "<unsupported>"]"#),
        (
            tlv(0xa4, &directory),
            4,
            "CN=x+1.2.3=#0C0179",
            r#"["DirName", [[["commonName", "x"], ["1.2.3", "y"]]]]"#,
        ),
        (tlv(0xa5, &tlv(0xa1, b"")), 5, "#A502A100", r#"["EdiPartyName", "<unsupported>"]"#),
        (tlv(0x86, b"http://x"), 6, "http://x", r#"["URI", "http://x"]"#),
        (tlv(0x87, &[192, 0, 2, 1]), 7, "192.0.2.1", r#"["IP Address", "192.0.2.1"]"#),
        (tlv(0x87, &v6), 7, "2001:db8::1", r#"["IP Address", "2001:DB8:0:0:0:0:0:1"]"#),
        (tlv(0x87, &[1, 2, 3]), 7, "#010203", r#"["IP Address", "<invalid>"]"#),
        (tlv(0x87, b""), 7, "#", r#"["IP Address", "<invalid>"]"#),
        (tlv(0x88, b"\x2a\x03"), 8, "1.2.3", r#"["Registered ID", "1.2.3"]"#),
        (tlv(0x88, b"\x55\x04\x03"), 8, "2.5.4.3", r#"["Registered ID", "commonName"]"#),
        (
            other(b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", tlv(0x0c, b"u@x")),
            0,
            "1.3.6.1.4.1.311.20.2.3:u@x",
            r#"["othername", "UPN:u@x"]"#,
        ),
        (
            other(b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", tlv(0x16, b"u@x")),
            0,
            "1.3.6.1.4.1.311.20.2.3:u@x",
            r#"["othername", "<unsupported>"]"#,
        ),
        (
            other(b"\x2b\x06\x01\x05\x05\x07\x08\x07", tlv(0x16, b"_imap.x")),
            0,
            "1.3.6.1.5.5.7.8.7:_imap.x",
            r#"["othername", "SRVName:_imap.x"]"#,
        ),
        (
            other(b"\x2a\x03", tlv(0x04, b"\x01")),
            0,
            "1.2.3:#040101",
            r#"["othername", "<unsupported>"]"#,
        ),
    ];
    let all: Vec<_> = cases.iter().map(|case| case.0.clone()).collect();
    let info = san(&all);
    for (name, (_, kind, text, _)) in info.extensions.san.as_ref().unwrap().iter().zip(&cases) {
        assert_eq!((name.kind(), name.text().as_ref()), (*kind, *text));
    }
    let json: Vec<_> = cases.iter().map(|case| case.3).collect();
    assert_eq!(san_json(&info), format!("[{}]", json.join(", ")));
}

#[test]
fn an_empty_list_of_names_is_there() {
    let info = san(&[]);
    assert_eq!(info.extensions.san, Some(vec![]));
    assert_eq!(san_json(&info), "[]");
}

#[test]
fn a_broken_or_repeated_extension_counts_as_absent() {
    let names = sequence(&[tlv(0x82, b"x")]);
    for broken in [
        vec![(SAN, names.clone()), (SAN, names.clone())],
        vec![(SAN, tlv(0x04, b""))],
        vec![(SAN, sequence(&[tlv(0x82, b"x"), tlv(0x89, b"")]))],
        vec![(SAN, sequence(&[tlv(0x88, b"\x80")]))],
        vec![(SAN, sequence(&[tlv(0xa5, b"")]))],
        vec![(CRL_DP, sequence(&[sequence(&[tlv(0xa0, &tlv(0xa2, b""))])]))],
        vec![(
            CRL_DP,
            sequence(&[sequence(&[tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"x"))), tlv(0x81, b"")])]),
        )],
        vec![(SAN, vec![])],
    ] {
        let extensions = with_extensions(&broken).extensions;
        assert_eq!(extensions, Extensions::default());
    }
    let behind = [names, vec![1, 2, 3]].concat();
    assert_eq!(
        with_extensions(&[(SAN, behind)]).extensions.san,
        Some(vec![GeneralName::Dns("x".into())])
    );
}

#[test]
fn places_are_the_uris_among_the_names() {
    let access = |method: u8, name: Vec<u8>| {
        sequence(&[
            tlv(0x06, &[b"\x2b\x06\x01\x05\x05\x07\x30".as_slice(), &[method]].concat()),
            name,
        ])
    };
    let uri = |text: &str| tlv(0x86, text.as_bytes());
    let aia = sequence(&[
        access(1, uri("http://ocsp")),
        access(2, uri("http://ca")),
        access(2, tlv(0x82, b"no URI")),
        access(9, uri("http://else")),
    ]);
    let point = |name: Vec<u8>| sequence(&[tlv(0xa0, &name)]);
    let relative = tlv(0xa1, &rdn(&[(b"\x55\x04\x03", 0x0c, b"x")])[2..]);
    let points = sequence(&[
        point(tlv(0xa0, &[uri("http://crl"), tlv(0x82, b"no URI"), uri("ldap://crl")].concat())),
        point(relative),
        sequence(&[]),
        sequence(&[tlv(0x81, &[1, 2]), tlv(0xa2, &uri("http://issuer"))]),
    ]);
    let info = with_extensions(&[(AIA, aia), (CRL_DP, points)]);
    assert_eq!(info.extensions.ocsp, ["http://ocsp"]);
    assert_eq!(info.extensions.ca_issuers, ["http://ca"]);
    assert_eq!(info.extensions.crl_distribution_points, ["http://crl", "ldap://crl"]);
    let json = info.json();
    assert!(json.contains(
        r#""OCSP": ["http://ocsp"], "caIssuers": ["http://ca"], "crlDistributionPoints": ["http://crl", "ldap://crl"], "sig"#
    ));
}

#[test]
fn constraints_usages_and_identifiers_are_named() {
    let constraints = sequence(&[tlv(0x01, &[0xff]), tlv(0x02, &[3])]);
    let purposes =
        sequence(&[tlv(0x06, b"\x2b\x06\x01\x05\x05\x07\x03\x01"), tlv(0x06, b"\x2a\x03")]);
    let authority = sequence(&[tlv(0x80, &[0xab, 0x01]), tlv(0x82, &[1])]);
    let info = with_extensions(&[
        (BASIC_CONSTRAINTS, constraints),
        (KEY_USAGE, tlv(0x03, &[7, 0x86, 0x80])),
        (EXTENDED_KEY_USAGE, purposes),
        (SUBJECT_KEY, tlv(0x04, &[0xcd])),
        (AUTHORITY_KEY, authority),
    ]);
    assert_eq!((info.extensions.is_ca, info.extensions.path_length), (true, Some(3)));
    assert!(info.json().ends_with(
        r#""isCA": true, "keyUsage": ["digitalSignature", "keyCertSign", "cRLSign", "decipherOnly"], "extendedKeyUsage": ["serverAuth", "1.2.3"], "subjectKeyIdentifier": "CD", "authorityKeyIdentifier": "AB01"}"#
    ));
    let empty =
        with_extensions(&[(BASIC_CONSTRAINTS, sequence(&[])), (AUTHORITY_KEY, sequence(&[]))])
            .extensions;
    assert_eq!(empty, Extensions::default());
}

#[test]
fn keys_have_kind_and_size() {
    let rsa: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    let modulus =
        |first: &[u8]| sequence(&[tlv(0x02, &[first, &[0; 255]].concat()), tlv(0x02, &[3])]);
    let dsa_parameters = sequence(&[
        tlv(0x06, b"\x2a\x86\x48\xce\x38\x04\x01"),
        sequence(&[tlv(0x02, &[0, 0x80, 0, 0, 0]), tlv(0x02, &[3]), tlv(0x02, &[2])]),
    ]);
    let ec: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
    for (key, kind, bits) in [
        (key(&[rsa], &modulus(&[0, 0x80])), "RSA", 2048),
        (key(&[rsa], &modulus(&[0x40])), "RSA", 2047),
        (key(&[rsa], b"broken"), "RSA", 0),
        (key(&[ec, b"\x2b\x81\x04\x00\x23"], &[4; 133]), "EC", 521),
        (key(&[ec, b"\x2a\x03"], &[4; 57]), "EC", 224),
        (key(&[ec, b"\x2a\x03"], &[2; 29]), "EC", 224),
        (key(&[ec], b""), "EC", 0),
        (key(&[b"\x2b\x65\x70"], &[0; 32]), "ED25519", 256),
        (key(&[b"\x60\x86\x48\x01\x65\x03\x04\x03\x12"], &[0; 1952]), "ML-DSA-65", 15616),
        (key(&[b"\x2a\x03"], &[0; 32]), "1.2.3", 0),
        (sequence(&[dsa_parameters, tlv(0x03, &[0, 2, 1, 1])]), "DSA", 32),
    ] {
        let info = info(&Sample { key, ..Sample::default() });
        assert_eq!(info.key, Key { kind: kind.into(), bits });
    }
}

#[test]
fn identifiers_may_be_large_but_not_broken() {
    let attribute = |oid: &[u8]| {
        Sample { subject: sequence(&[rdn(&[(oid, 0x0c, b"x")])]), ..Sample::default() }.der()
    };
    for (oid, expected) in [
        (&b"\x00"[..], "0.0"),
        (b"\x27", "0.39"),
        (b"\x28", "1.0"),
        (b"\x50", "2.0"),
        (b"\x88\x37", "2.999"),
        (
            b"\x69\x83\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            "2.25.340282366920938463463374607431768211455",
        ),
    ] {
        assert_eq!(Info::parse(&attribute(oid)).unwrap().0.subject.rdns[0][0].oid, expected);
    }
    let too_large = [&[0x69, 0x84][..], &[0x80; 17], &[0]].concat();
    for oid in [&b""[..], b"\x80\x01", b"\x55\x80\x01", b"\x55\x84", &too_large] {
        assert_eq!(error(&attribute(oid)), "the subject is not a DER object identifier");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let der = Sample::default().der();
    assert_eq!(error(b""), "the certificate's DER ends before the certificate");
    assert_eq!(error(b"no certificate"), "the certificate has the tag 0x6e instead of 0x30");
    assert_eq!(
        error(&der[..100]),
        format!(
            "the certificate's DER is truncated: the certificate says {} bytes, 95 are there",
            der.len() - 5
        )
    );
    assert_eq!(
        error(b"\x30\x80\0\0"),
        "the certificate has an indefinite length, which is not DER"
    );
    assert_eq!(
        error(b"\x30\x89\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        "the certificate's DER is truncated: the certificate says more bytes than there can be, 0 are there"
    );
    let long =
        Sample { key: [Sample::default().key, tlv(0x05, b"")].concat(), ..Sample::default() }.der();
    assert_eq!(error(&long), "the signed part has 2 bytes too many at its end");
}

/// Whatever the bytes: an answer, in time, and never more bytes than there are.
#[test]
fn mutated_certificates_are_answered() {
    let directory = tlv(0xa4, &sequence(&[rdn(&[(b"\x55\x04\x03", 0x1e, b"\0x")])]));
    let uri = sequence(&[sequence(&[
        tlv(0x06, b"\x2b\x06\x01\x05\x05\x07\x30\x01"),
        tlv(0x86, b"http://x"),
    ])]);
    let extensions = vec![
        extension(
            SAN,
            &sequence(&[tlv(0x82, b"x"), tlv(0x87, &[1; 16]), directory, tlv(0x88, b"\x2a\x03")]),
        ),
        extension(AIA, &uri),
        extension(BASIC_CONSTRAINTS, &sequence(&[tlv(0x01, &[0xff]), tlv(0x02, &[0])])),
        extension(KEY_USAGE, &tlv(0x03, &[0, 0x80])),
    ];
    let der = Sample { extensions, ..Sample::default() }.der();
    for length in 0..der.len() {
        assert!(Info::parse(&der[..length]).is_err());
    }
    // Xorshift: the same mutations in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    let rounds = if cfg!(miri) { 200 } else { 50_000 };
    for _ in 0..rounds {
        let mut der = der.clone();
        for _ in 0..1 + random() % 4 {
            let at = random() % der.len();
            der[at] = random() as u8;
        }
        if let Ok((info, used)) = Info::parse(&der) {
            assert!(used <= der.len());
            assert!(info.json().chars().all(|character| character >= ' '));
            assert!(!info.subject.rfc4514().contains(char::is_control));
        }
    }
}
