//! Host names in the common name, for contexts that look there: which certificates have it counted.
//! OpenSSL judges the same certificates.

mod support;
use support::*;

#[path = "support/peers.rs"]
mod peers;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName,
    DnType, GeneralSubtree, IsCa, KeyPair, NameConstraints,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

const HOST: &str = "host.example.com";
const MISMATCH: i32 = 62;
const PERMITTED_VIOLATION: i32 = 47;

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A root, for the hosts below `only` if that is given.
fn authority(only: Option<&str>) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "an authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.name_constraints = only.map(|domain| NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.to_owned())],
        excluded_subtrees: vec![],
    });
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate with the common name `name`, and with the bytes of these names as subjectAltName.
fn leaf(name: &str, san: Option<&[u8]>, by: &Authority) -> (String, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(names) = san {
        let der = [&[0x30, names.len() as u8], names].concat();
        params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 17], der));
    }
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, by).unwrap().pem(), key.serialize_pem())
}

/// What a client comes to that looks at the common name, or not: the verification's code.
fn judge(common_name: i32, root: &Authority, (chain, key): &(String, String)) -> i32 {
    let (client, server) = (Ctx::new(TLSW_CLIENT), Ctx::new(TLSW_SERVER));
    client.load_ca_mem(root.pem().as_bytes()).unwrap();
    call(|err| unsafe { tlsw_ctx_set_hostname_checks_common_name(client.0, common_name, err) })
        .unwrap();
    let ((chain, chain_len), (key, key_len)) =
        ((chain.as_ptr(), chain.len()), (key.as_ptr(), key.len()));
    call(|err| unsafe {
        tlsw_ctx_load_cert_chain_mem(
            server.0,
            chain,
            chain_len,
            key,
            key_len,
            std::ptr::null(),
            0,
            err,
        )
    })
    .unwrap();
    match Pair::new(&client, &server, Some(HOST)).handshake().0 {
        Ok(()) => 0,
        Err(error) => {
            assert_eq!(error.status, TLSW_ERR_VERIFY, "{}", error.message);
            error.verify_error
        }
    }
}

/// A file of its own for each.
fn file(content: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let path = pki(&format!("common-name-{}.pem", COUNT.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(&path, content).unwrap();
    path
}

/// What OpenSSL comes to, which looks at the common name.
fn openssl(root: &Authority, leaf: &str) -> i32 {
    let (root, leaf) = (file(&root.pem()), file(leaf));
    let mut command =
        peers::openssl(&["verify", "-purpose", "sslserver", "-verify_hostname", HOST]);
    command.arg("-CAfile").args([root, leaf]);
    let ended = peers::Peer::start(command).end();
    if ended.status.success() {
        return 0;
    }
    let words = ended.stderr.split_whitespace().skip_while(|word| *word != "error");
    words.skip(1).find_map(|word| word.parse().ok()).unwrap()
}

#[test]
fn it_counts_where_no_dns_name_is() {
    const MAIL: &[u8] = b"\x81\x03a@b";
    const ADDRESS: &[u8] = b"\x87\x04\x7f\x00\x00\x01";
    const DNS: &[u8] = b"\x82\x0dother.example";
    let root = authority(None);
    let mixed = [MAIL, DNS].concat();
    for (name, san, want) in [
        (HOST, None, 0),
        (HOST, Some(&b""[..]), 0),
        (HOST, Some(MAIL), 0),
        (HOST, Some(ADDRESS), 0),
        ("*.example.com", Some(MAIL), 0),
        ("HOST.example.com", Some(MAIL), 0),
        ("other.example", Some(MAIL), MISMATCH),
        ("other.example", None, MISMATCH),
        (HOST, Some(DNS), MISMATCH),
        (HOST, Some(&mixed), MISMATCH),
    ] {
        let leaf = leaf(name, san, &root);
        assert_eq!(judge(1, &root, &leaf), want, "{name} {san:?}");
        assert_eq!(openssl(&root, &leaf.0), want, "{name} {san:?}");
        assert_eq!(judge(0, &root, &leaf), MISMATCH, "{name} {san:?}");
    }
}

/// A list of names that breaks off is no reason to look elsewhere. (OpenSSL takes the whole
/// certificate for invalid.)
#[test]
fn a_subject_alt_name_that_cannot_be_read_is_one() {
    let root = authority(None);
    assert_ne!(judge(1, &root, &leaf(HOST, Some(b"\x82\x20short"), &root)), 0);
}

#[test]
fn it_must_not_get_round_the_constraints_of_a_ca() {
    let root = authority(Some("other.example"));
    for san in [None, Some(&b"\x81\x03a@b"[..])] {
        let leaf = leaf(HOST, san, &root);
        assert_eq!(judge(1, &root, &leaf), PERMITTED_VIOLATION, "{san:?}");
        assert_eq!(openssl(&root, &leaf.0), PERMITTED_VIOLATION, "{san:?}");
    }
    // Within them it counts.
    let root = authority(Some("example.com"));
    for san in [None, Some(&b"\x81\x03a@b"[..])] {
        let leaf = leaf(HOST, san, &root);
        assert_eq!(judge(1, &root, &leaf), 0, "{san:?}");
        assert_eq!(openssl(&root, &leaf.0), 0, "{san:?}");
    }
}

#[test]
fn all_else_is_still_judged() {
    let (root, stranger) = (authority(None), authority(None));
    assert_ne!(judge(1, &stranger, &leaf(HOST, Some(b"\x81\x03a@b"), &root)), 0);
}
