//! Certificates over which a handshake fails before they are verified: which one, why, and what to
//! do is told all the same.

#[path = "support/chains.rs"]
mod chains;
#[path = "support/lists.rs"]
mod lists;
#[path = "support/peers.rs"]
mod peers;
mod support;
use chains::*;
use lists::tlv;
use support::*;

use rcgen::{KeyPair, KeyUsagePurpose};

/// The DER of a certificate that OpenSSL makes with a key of its own.
fn by_openssl(name: &str, key: &[&str]) -> Vec<u8> {
    let subject = format!("/CN={name}");
    let (key_file, out) = (format!("{name}.key.pem"), format!("{name}.pem"));
    let mut command = peers::openssl(&["req", "-x509", "-nodes", "-days", "9", "-subj", &subject]);
    command.args(["-keyout", &key_file, "-out", &out]).args(key);
    peers::Peer::start(command).end().well();
    pki_ders(&out).remove(0)
}

fn u24(len: usize) -> [u8; 3] {
    [(len >> 16) as u8, (len >> 8) as u8, len as u8]
}

/// A record of the handshake.
fn record(content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u16).to_be_bytes();
    [&[22, 3, 3][..], &len, content].concat()
}

/// What a server of TLS 1.2 says first, before anything is encrypted.
fn server_hello() -> Vec<u8> {
    let hello = [
        &[3, 3][..],
        &[7; 32],
        // No session; ECDHE-ECDSA-AES128-GCM-SHA256; renegotiation_info.
        &[0, 0xc0, 0x2b, 0, 0, 5, 0xff, 1, 0, 1, 0],
    ]
    .concat();
    [&[2][..], &u24(hello.len()), &hello].concat()
}

/// How a client ends to whom that is said, and then `message`.
fn client_told(message: &[u8]) -> Error {
    let client = Ctx::client("root.pem");
    let (incoming, outgoing) = (Bio::new(), Bio::new());
    let conn = client.wrap_bio(&incoming, &outgoing, TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
    incoming.write(&record(&server_hello())).unwrap();
    for part in message.chunks(16_000) {
        incoming.write(&record(part)).unwrap();
    }
    conn.handshake().unwrap_err()
}

/// How a client ends to whom `der` is shown.
fn client_shown(der: &[u8]) -> Error {
    let list = [&u24(der.len()), der].concat();
    let body = [&u24(list.len()), &*list].concat();
    client_told(&[&[11][..], &u24(body.len()), &body].concat())
}

#[test]
fn a_key_that_cannot_be_used_is_named() {
    let explicit = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt"];
    let explicit = [&explicit[..], &["ec_param_enc:explicit"]].concat();
    let brainpool = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"];
    let pss = ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"];
    for (name, key, kind) in [
        ("ed448", &["-newkey", "ed448"][..], "(ED448, 456 bits)"),
        ("brainpool", &brainpool, "(EC, 256 bits, on another curve or on one given by parameters)"),
        ("explicit", &explicit, "(EC, 256 bits, on another curve or on one given by parameters)"),
        ("pss-key", &pss, "(RSA-PSS, 2048 bits)"),
    ] {
        let error = client_shown(&by_openssl(name, key));
        assert_eq!(error.status, TLSW_ERR_TLS, "{}", error.message);
        let says = format!("the certificate that the peer showed, \"CN={name}\", has a key that");
        assert!(error.message.contains(&says), "{}", error.message);
        assert!(error.message.contains(kind), "{}", error.message);
        assert!(error.message.contains("it takes a certificate with another"));
    }
    // What is no certificate at all is not given such words.
    let error = client_shown(b"\x30\x03\x02\x01\x01");
    assert!(!error.message.contains("that the peer showed"), "{}", error.message);
    // One whose key can be used goes on.
    let fine = by_openssl("fine", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let list = [&u24(fine.len()), &*fine].concat();
    let body = [&u24(list.len()), &*list].concat();
    let broken = [&[11][..], &u24(body.len()), &body, &[99, 0, 0, 0]].concat();
    let error = client_told(&broken);
    assert!(!error.message.contains("cannot use"), "{}", error.message);
}

#[test]
fn certificates_that_are_too_many_are_told() {
    let error = client_told(&[&[11][..], &u24(200_000), &tlv(0x30, &[0; 100])].concat());
    assert_eq!((error.status, &*error.reason), (TLSW_ERR_TLS, "EXCESSIVE_MESSAGE_SIZE"));
    assert!(error.message.contains("may have 102400 bytes together"), "{}", error.message);
}

#[test]
fn a_key_usage_that_does_not_fit_is_told() {
    let root = Authority::new("root");
    let key = KeyPair::generate().unwrap();
    let mut params = leaf(&["localhost"]);
    params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    let host = root.issue(params, &key);
    std::fs::write(pki("agreeing.pem"), host.pem()).unwrap();
    std::fs::write(pki("agreeing.key.pem"), key.serialize_pem()).unwrap();
    let server = peers::openssl_server("agreeing", &["-tls1_3"]);
    let error = peers::Wired::client(&root.client(), &server).conn.handshake().unwrap_err();
    assert_eq!(&*error.reason, "KEY_USAGE_BIT_INCORRECT", "{}", error.message);
    assert!(error.message.contains("\"CN=leaf\", may not be used like that"), "{}", error.message);
    assert!(error.message.contains("its key usage is keyAgreement"), "{}", error.message);
}

/// A signature that cannot be verified is not called wrong.
#[test]
fn a_signature_with_an_unusual_salt_is_told() {
    let root = by_openssl("salt-root", &["-newkey", "rsa:2048"]);
    let root = tlswrap::pem::encode("CERTIFICATE", &root);
    let key = KeyPair::generate().unwrap();
    std::fs::write(pki("salt-leaf.key.pem"), key.serialize_pem()).unwrap();
    let request =
        ["req", "-new", "-key", "salt-leaf.key.pem", "-subj", "/CN=salt", "-out", "salt.csr"];
    peers::Peer::start(peers::openssl(&request)).end().well();
    std::fs::write(pki("salt.ext"), "subjectAltName=DNS:host.example\n").unwrap();
    for (salt, code) in [("20", 76), ("100", 76), ("32", 0)] {
        let (out, option) = (format!("salt-{salt}.pem"), format!("rsa_pss_saltlen:{salt}"));
        let mut command = peers::openssl(&["x509", "-req", "-in", "salt.csr", "-days", "9"]);
        command.args(["-CA", "salt-root.pem", "-CAkey", "salt-root.key.pem", "-CAcreateserial"]);
        command.args(["-extfile", "salt.ext", "-sha256", "-sigopt", "rsa_padding_mode:pss"]);
        command.args(["-sigopt", &option, "-out", &out]);
        peers::Peer::start(command).end().well();
        let sent = String::from_utf8(pki_bytes(&out)).unwrap();
        let case = Case::new(std::slice::from_ref(&root), &[sent], &key, "host.example");
        let ((ours, _), message) = case.ours();
        assert_eq!(ours, code, "{message}");
        let says = format!("is signed with RSASSA-PSS and a salt of {salt} bytes");
        assert!(code == 0 || message.contains(&says), "{message}");
        assert!(!message.contains("was not made by its issuer"), "{message}");
    }
}

/// One's own is told too, where it is loaded or used.
#[test]
fn an_own_certificate_that_does_not_fit_is_told() {
    let root = Authority::new("root");
    let key = KeyPair::generate().unwrap();
    let mut params = leaf(&["localhost"]);
    params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    let host = root.issue(params, &key);
    let server = showing(TLSW_SERVER, host.pem().as_bytes(), key.serialize_pem().as_bytes());
    let error = server.wrap_bio(&Bio::new(), &Bio::new(), TLSW_SERVER, None).err().unwrap();
    assert_eq!(&*error.reason, "KEY_USAGE_BIT_INCORRECT", "{}", error.message);
    assert!(error.message.contains("\"CN=leaf\", may not be used like that"), "{}", error.message);
}

/// What BoringSSL does not read is told with its reason.
#[test]
fn an_old_version_with_extensions_is_told() {
    let mut der = Authority::of(loner("localhost")).certificate.der().to_vec();
    let version = der.windows(5).position(|bytes| bytes == b"\xa0\x03\x02\x01\x02").unwrap();
    der[version + 4] = 1;
    let error = client_shown(&der);
    assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 1), "{}", error.message);
    let says = "certificate 0 of the 1 the peer sent cannot be parsed: it is of version 2 and has";
    assert!(error.message.contains(says), "{}", error.message);
}
