//! Chains that are not the only ones: renewed and cross-signed roots, names with several keys, ways
//! that lead nowhere or in circles. One that holds is found in whatever order they come.

#[path = "support/chains.rs"]
mod chains;
#[path = "support/peers.rs"]
mod peers;
mod support;
use chains::*;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyIdMethod, KeyPair};
use tlswrap::bssl::buffer::Buffer;
use tlswrap::bssl::x509::{self, PeerName, Purpose};
use tlswrap::ctx::trust::Trust;
use tlswrap::verify::level::Level;
use tlswrap::verify::{Standard, Verdict, judge};

const HOST: &str = "host.example";
const SIGNATURE_FAILURE: i32 = 7;
const HAS_EXPIRED: i32 = 10;
const SELF_SIGNED_IN_CHAIN: i32 = 19;
const NO_LOCAL_ISSUER: i32 = 20;
const TOO_LONG: i32 = 22;
const INVALID_CA: i32 = 79;

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// A server's certificate that names its issuer's key, or not.
fn host(by: &Authority, key: &KeyPair, names_key: bool) -> String {
    let mut params = leaf(&[HOST]);
    params.use_authority_key_identifier_extension = names_key;
    by.issue(params, key).pem()
}

/// The same authority, valid at another time.
fn dated(name: &str, from: i64, to: i64) -> CertificateParams {
    let mut params = authority(name);
    (params.not_before, params.not_after) = (from_now(from), from_now(to));
    params
}

/// Everything in every order.
fn orders(all: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = all.split_first() else { return vec![vec![]] };
    let mut found = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut longer = order.clone();
            longer.insert(at, first.clone());
            found.push(longer);
        }
    }
    found
}

#[test]
fn a_renewed_root_is_found_among_its_kin() {
    let host_key = key();
    let current = Authority::new("renewed root");
    let old = current.again(dated("renewed root", -900, -10));
    let new = Authority::new("renewed root");
    for names_key in [true, false] {
        let host = host(&current, &host_key, names_key);
        for some in [vec![&old, &current], vec![&current, &new], vec![&old, &current, &new]] {
            let some: Vec<String> = some.iter().map(|authority| authority.pem()).collect();
            for trusted in orders(&some) {
                let case = Case::new(&trusted, std::slice::from_ref(&host), &host_key, HOST);
                assert_eq!(case.ours(), (HOLDS, String::new()));
                // OpenSSL needs the name of the key to tell.
                assert!(!names_key || case.openssl() == HOLDS);
            }
        }
    }
    // With none that is valid, it is said what to do about which.
    let host = host(&current, &host_key, true);
    let message =
        Case::new(&[old.pem(), new.pem()], &[host], &host_key, HOST).both((HAS_EXPIRED, 1));
    assert!(message.contains("\"CN=renewed root\" (depth 1) expired on"), "{message}");
    assert!(message.contains("load the one that replaces it as a CA"), "{message}");
}

/// As with DST Root CA X3 in 2021, and AddTrust in 2020: the cross-signed branch has expired.
#[test]
fn a_branch_that_has_expired_is_left() {
    let host_key = key();
    let expired = Authority::of(dated("expired root", -900, -10));
    let root = Authority::new("young root");
    let cross = expired.issue(authority("young root"), &root.key).pem();
    let middle = Authority::under(&root, authority("middle"));
    let host = host(&middle, &host_key, true);
    let sent = [host.clone(), middle.pem(), cross.clone()];
    for trusted in orders(&[expired.pem(), root.pem()]) {
        for rest in orders(&[middle.pem(), cross.clone(), expired.pem()]) {
            let sent = [vec![host.clone()], rest].concat();
            Case::new(&trusted, &sent, &host_key, HOST).both(HOLDS);
        }
    }
    // Nothing else is trusted: then it is the expired root that is told.
    let message = Case::new(&[expired.pem()], &sent, &host_key, HOST).both((HAS_EXPIRED, 3));
    assert!(message.contains("\"CN=expired root\" (depth 3)"), "{message}");
    // The other way round: the old root is the one that is trusted, and holds.
    let old = Authority::new("old root");
    let cross = old.issue(authority("young root"), &root.key).pem();
    let sent = [host, middle.pem(), cross];
    Case::new(&[old.pem()], &sent, &host_key, HOST).both(HOLDS);
}

#[test]
fn one_name_may_have_many_keys() {
    let host_key = key();
    let root = Authority::new("root");
    let others: Vec<Authority> =
        (0..3).map(|_| Authority::under(&root, authority("middle"))).collect();
    let middle = Authority::under(&root, authority("middle"));
    let host = host(&middle, &host_key, false);
    let mut all: Vec<String> = others.iter().map(Authority::pem).collect();
    all.push(middle.pem());
    for order in orders(&all) {
        let sent = [vec![host.clone()], order].concat();
        let case = Case::new(&[root.pem()], &sent, &host_key, HOST);
        assert_eq!(case.ours(), (HOLDS, String::new()));
    }
    // None of them is the one.
    let sent = [host, others[0].pem(), others[1].pem()];
    let message = Case::new(&[root.pem()], &sent, &host_key, HOST).both((SIGNATURE_FAILURE, 0));
    assert!(message.contains("not made by its issuer \"CN=middle\""), "{message}");
    assert!(message.contains("one other way to a trusted certificate was tried"), "{message}");
}

/// The rules belong to the search: one that is broken on one way is not on another.
#[test]
fn rules_decide_which_way_is_taken() {
    let host_key = key();
    let (root, strict_root) = (Authority::new("root"), Authority::new("strict root"));
    let shared = key();
    let wrong = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = authority("middle");
        change(&mut params);
        strict_root.issue(params, &shared).pem()
    };
    let right = root.issue(authority("middle"), &shared).pem();
    let middle = Authority::with_key(authority("middle"), shared_copy(&shared));
    let host = host(&middle, &host_key, false);
    let no_ca = wrong(&|params| params.is_ca = IsCa::ExplicitNoCa);
    let past = wrong(&|params| params.not_after = from_now(-2));
    let future = wrong(&|params| params.not_before = from_now(2));
    let unknown = wrong(&|params| {
        params.custom_extensions.push(chains::custom(&[1, 2, 3], true, &[5, 0]));
    });
    let clients = wrong(&|params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    });
    let elsewhere = wrong(&|params| {
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("elsewhere.example".into())],
            excluded_subtrees: vec![],
        });
    });
    let all = [no_ca, past, future, unknown, clients, elsewhere];
    for bad in &all {
        let trusted = [strict_root.pem(), root.pem()];
        for rest in orders(&[bad.clone(), right.clone()]) {
            let sent = [vec![host.clone()], rest].concat();
            let case = Case::new(&trusted, &sent, &host_key, HOST);
            assert_eq!(case.ours(), (HOLDS, String::new()));
        }
        // That way alone does not hold.
        let case = Case::new(&trusted, &[host.clone(), bad.clone()], &host_key, HOST);
        assert_ne!(case.ours().0, HOLDS);
    }
    let sent = [&[host][..], &all, &[right]].concat();
    let case = Case::new(&[strict_root.pem(), root.pem()], &sent, &host_key, HOST);
    assert_eq!(case.ours(), (HOLDS, String::new()));
}

fn shared_copy(key: &KeyPair) -> KeyPair {
    KeyPair::from_pem(&key.serialize_pem()).unwrap()
}

/// A CA that changes its key signs the new one with the old (RFC 4210, section 4.4).
#[test]
fn a_ca_may_change_its_key() {
    let host_key = key();
    let old = Authority::new("changing");
    let new = Authority::new("changing");
    for names_key in [true, false] {
        let mut params = authority("changing");
        params.use_authority_key_identifier_extension = true;
        let new_with_old = old.issue(params, &new.key).pem();
        let host = host(&new, &host_key, names_key);
        let sent = [host, new_with_old];
        let case = Case::new(&[old.pem()], &sent, &host_key, HOST);
        assert_eq!(case.ours(), (HOLDS, String::new()), "{names_key}");
        // A path length does not count it.
        let mut params = authority("changing");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let short = old.again(params);
        let case = Case::new(&[short.pem()], &sent, &host_key, HOST);
        assert_eq!(case.ours(), (HOLDS, String::new()), "{names_key}");
        // The new key, signed by nobody, is none.
        let case = Case::new(&[old.pem()], &[sent[0].clone(), new.pem()], &host_key, HOST);
        assert_ne!(case.ours().0, HOLDS);
    }
}

#[test]
fn circles_end() {
    let host_key = key();
    let (a, b) = (Authority::new("a"), Authority::new("b"));
    let a_by_b = b.issue(authority("a"), &a.key).pem();
    let b_by_a = a.issue(authority("b"), &b.key).pem();
    let host = host(&a, &host_key, false);
    let other = Authority::new("other");
    let sent = [host, a_by_b, b_by_a];
    let case = Case::new(&[other.pem()], &sent, &host_key, HOST);
    assert_eq!(case.ours().0.0, NO_LOCAL_ISSUER);
    let case = Case::new(&[b.pem()], &sent, &host_key, HOST);
    assert_eq!(case.ours().0, HOLDS);
}

/// Whoever sends a thicket gets an answer soon, and one that says why.
#[test]
fn a_thicket_is_given_up() {
    let host_key = key();
    let root = Authority::new("root");
    let mut sent = Vec::new();
    // Each level has one name and many keys: the ways through are 24 times 24 times 24.
    let levels = ["one", "two", "three"];
    let top: Vec<Authority> =
        (0..24).map(|_| Authority::under(&root, authority(levels[2]))).collect();
    let mut above = top;
    for level in [levels[1], levels[0]] {
        let below: Vec<Authority> =
            above.iter().map(|by| Authority::under(by, authority(level))).collect();
        sent.extend(above.iter().map(Authority::pem));
        above = below;
    }
    sent.extend(above.iter().map(Authority::pem));
    // Signed by a key that none of them has.
    let stranger = Authority::new("one");
    sent.insert(0, host(&stranger, &host_key, false));
    let case = Case::new(&[root.pem()], &sent, &host_key, HOST);
    let (code, message) = case.ours();
    assert_ne!(code, HOLDS);
    let others = message.split("; ").last().unwrap();
    assert!(others.ends_with("other ways to a trusted certificate fail too"), "{message}");

    // Nothing there reaches what is trusted.
    let case = Case { trusted: Authority::new("nobody").pem(), ..case };
    let (code, message) = case.ours();
    assert!(matches!(code.0, 1 | NO_LOCAL_ISSUER), "{message}");
}

#[test]
fn a_chain_may_be_too_long() {
    let host_key = key();
    let root = Authority::new("root");
    let mut chain = vec![Authority::under(&root, authority("0"))];
    while chain.len() < 101 {
        let next = Authority::under(chain.last().unwrap(), authority(&chain.len().to_string()));
        chain.push(next);
    }
    let case = |length: usize| {
        let last = &chain[length - 1];
        let intermediates = chain[..length].iter().rev().map(Authority::pem);
        let sent: Vec<String> =
            std::iter::once(host(last, &host_key, false)).chain(intermediates).collect();
        Case::new(&[root.pem()], &sent, &host_key, HOST).ours()
    };
    assert_eq!(case(100), (HOLDS, String::new()));
    let (code, message) = case(101);
    assert_eq!(code.0, TOO_LONG);
    assert!(message.contains("more than 100 intermediate certificates"), "{message}");
}

#[test]
fn an_issuer_that_is_there_is_not_called_missing() {
    let host_key = key();
    let root = Authority::new("Acme root");
    // It was sent, and is no CA.
    let middle = Authority::under(&root, authority("Acme middle"));
    let no_ca = Authority::under(&middle, loner("not a ca"));
    let sent = [host(&no_ca, &host_key, true), no_ca.pem(), middle.pem()];
    let message = Case::new(&[root.pem()], &sent, &host_key, HOST).both((INVALID_CA, 1));
    assert!(message.contains("\"CN=not a ca\" (depth 1) signed another"), "{message}");

    // The leaf has the name of its CA, which is not trusted.
    let mut params = loner(HOST);
    let namesake = Authority::new(HOST);
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![1, 2, 3]);
    let leaf = namesake.issue(params, &host_key).pem();
    let case = Case::new(&[root.pem()], std::slice::from_ref(&leaf), &host_key, HOST);
    let message = case.both((NO_LOCAL_ISSUER, 0));
    assert!(
        message.contains("was issued by another certificate of the same name, \"CN=host.example\""),
        "{message}"
    );
    assert!(!message.contains("signed by itself"), "{message}");
    Case::new(&[namesake.pem()], &[leaf], &host_key, HOST).both(HOLDS);

    // The trust store has a CA of that name, and another key is meant.
    let (mine, theirs) = (Authority::new("Corp CA"), Authority::new("Corp CA"));
    let leaf = host(&theirs, &host_key, true);
    let message = Case::new(&[mine.pem()], std::slice::from_ref(&leaf), &host_key, HOST)
        .both((NO_LOCAL_ISSUER, 0));
    assert!(
        message.contains("in the trust store")
            && message.contains("has another key or serial number"),
        "{message}"
    );
    let sent = [leaf, theirs.pem()];
    Case::new(&[mine.pem()], &sent, &host_key, HOST).both((SELF_SIGNED_IN_CHAIN, 1));
}

/// Both ends of a validity belong to it (RFC 5280, section 4.1.2.5).
#[test]
fn a_certificate_is_valid_in_its_last_second() {
    let root = Authority::new("root");
    let mut params = leaf(&[HOST]);
    let (from, to) = (from_now(-1), from_now(1));
    (params.not_before, params.not_after) = (from, to);
    let host = root.issue(params, &key());
    let buffer = |der: &[u8]| Buffer::new(der).unwrap();
    let anchor = x509::parse(&buffer(root.certificate.der())).unwrap();
    let trust = Trust::new(vec![anchor], Vec::new(), Vec::new());
    let name = PeerName::Dns(HOST.to_owned());
    let code = |at: i64| {
        let standard = Standard {
            anchors: &trust,
            purpose: Purpose::Server,
            name: Some(&name),
            common_name: false,
            flags: 0,
            level: Level::default(),
            at: Some(at),
            depth: None,
        };
        match judge(&[buffer(host.der())], &standard).unwrap() {
            Verdict::Verified(_) => 0,
            Verdict::Refused(refusal) => refusal.failure.code,
        }
    };
    let (from, to) = (from.unix_timestamp(), to.unix_timestamp());
    let codes = [from - 1, from, to, to + 1].map(code);
    assert_eq!(codes, [9, 0, 0, HAS_EXPIRED]);
}
