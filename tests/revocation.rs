//! Which revocation lists count for which certificate (RFC 5280, section 6.3.3). OpenSSL judges the
//! same lists.

#[path = "support/chains.rs"]
mod chains;
#[path = "support/lists.rs"]
mod lists;
#[path = "support/peers.rs"]
mod peers;
mod support;
use chains::*;
use lists::*;
use support::*;

use rcgen::{KeyPair, KeyUsagePurpose};

const NO_LIST: i32 = 3;
const TOO_OLD: i32 = 12;
const REVOKED: i32 = 23;
const MAY_NOT_SIGN: i32 = 35;
const UNKNOWN_CRITICAL: i32 = 36;
const OTHER_SCOPE: i32 = 44;

/// A CA below a root, and a server's certificate of it.
struct Chain {
    root: Authority,
    middle: Authority,
    host: rcgen::Certificate,
    key: KeyPair,
}

impl Chain {
    fn new() -> Self {
        Self::with_points(&[])
    }

    /// One whose leaf says where its list is.
    fn with_points(extensions: &[rcgen::CustomExtension]) -> Self {
        let signing = |name| {
            let mut params = authority(name);
            params.key_usages.push(KeyUsagePurpose::CrlSign);
            params
        };
        let root = Authority::of(signing("list root"));
        let middle = Authority::under(&root, signing("list middle"));
        let key = KeyPair::generate().unwrap();
        let mut params = leaf(&["host.example"]);
        params.custom_extensions = extensions.to_vec();
        let host = middle.issue(params, &key);
        Self { root, middle, host, key }
    }

    fn case(&self, flags: u32, lists: &[String]) -> Case {
        let trusted = [&[self.root.pem()], lists].concat();
        let sent = [self.host.pem(), self.middle.pem()];
        Case::new(&trusted, &sent, &self.key, "host.example").flags(flags)
    }

    /// With the leaf's list alone, and asked about it alone.
    fn leaf_list(&self, list: &List) -> Case {
        self.case(TLSW_VERIFY_CRL_CHECK_LEAF, &[list.by(&self.middle)])
    }

    /// Asked about the whole chain; the root's list is `list`.
    fn root_list(&self, list: &List) -> Case {
        let lists = [List::default().by(&self.middle), list.by(&self.root)];
        self.case(TLSW_VERIFY_CRL_CHECK_CHAIN, &lists)
    }
}

const ONLY_USERS: &[u8] = b"\x81\x01\xff";
const ONLY_CAS: &[u8] = b"\x82\x01\xff";
const SOME_REASONS: &[u8] = b"\x83\x02\x05\x60";
const INDIRECT: &[u8] = b"\x84\x01\xff";
const ONLY_ATTRIBUTES: &[u8] = b"\x85\x01\xff";

#[test]
fn a_plain_list_is_for_everything() {
    let chain = Chain::new();
    chain.leaf_list(&List::default()).both(HOLDS);
    chain.root_list(&List::default()).both(HOLDS);
    let message = chain.leaf_list(&List::default().with(&chain.host, b"")).both((REVOKED, 0));
    assert!(message.contains("was revoked by its issuer \"CN=list middle\""), "{message}");
    let list = List::default().with(&chain.middle.certificate, b"");
    chain.root_list(&list).both((REVOKED, 1));
    // Nobody asked.
    let mut case = chain.leaf_list(&List::default().with(&chain.host, b""));
    case.flags = 0;
    case.both(HOLDS);
}

#[test]
fn a_list_for_attribute_certificates_says_nothing_about_others() {
    let chain = Chain::new();
    let list = List::default().saying(&point(ONLY_ATTRIBUTES));
    let message = chain.leaf_list(&list).both((OTHER_SCOPE, 0));
    assert!(message.contains("is for other certificates"), "{message}");
    chain.root_list(&list).both((OTHER_SCOPE, 1));
    // Not even that one is revoked, but then it was asked in vain too.
    chain.leaf_list(&list.clone().with(&chain.host, b"")).both((OTHER_SCOPE, 0));
    // Beside one that does say something it does no harm, in either order.
    let lists = [list.by(&chain.middle), List::default().by(&chain.middle)];
    let reversed = [lists[1].clone(), lists[0].clone()];
    for lists in [lists, reversed] {
        chain.case(TLSW_VERIFY_CRL_CHECK_LEAF, &lists).both(HOLDS);
    }
}

#[test]
fn a_list_for_users_or_cas_is_for_those() {
    let chain = Chain::new();
    let (users, cas) =
        (List::default().saying(&point(ONLY_USERS)), List::default().saying(&point(ONLY_CAS)));
    chain.leaf_list(&users).both(HOLDS);
    chain.leaf_list(&cas).both((OTHER_SCOPE, 0));
    chain.leaf_list(&users.clone().with(&chain.host, b"")).both((REVOKED, 0));
    chain.root_list(&cas).both(HOLDS);
    chain.root_list(&users).both((OTHER_SCOPE, 1));
    chain.root_list(&cas.clone().with(&chain.middle.certificate, b"")).both((REVOKED, 1));
    // At most one of them may be said (section 5.2.5).
    let both = List::default().saying(&point(&[ONLY_USERS, ONLY_CAS].concat()));
    chain.leaf_list(&both).both((NO_LIST, 0));
}

#[test]
fn indirect_lists_and_lists_for_some_reasons_count_for_nothing() {
    let chain = Chain::new();
    for fields in [INDIRECT, SOME_REASONS] {
        let list = List::default().saying(&point(fields));
        chain.leaf_list(&list).both((NO_LIST, 0));
        chain.leaf_list(&list.with(&chain.host, b"")).both((NO_LIST, 0));
    }
}

/// OpenSSL takes a list of changes for a whole one where nobody asks for such lists.
#[test]
fn a_list_of_changes_is_no_whole_one() {
    let chain = Chain::new();
    let list = List::default().saying(&ext(27, true, &tlv(2, &[1])));
    assert_eq!(chain.leaf_list(&list).ours().0, (UNKNOWN_CRITICAL, 0));
    let list = list.with(&chain.host, b"");
    assert_ne!(chain.leaf_list(&list).ours().0, HOLDS);
}

#[test]
fn what_is_critical_and_unknown_makes_a_list_useless() {
    let chain = Chain::new();
    let list = List::default().saying(&ext(99, true, b"\x05\x00"));
    chain.leaf_list(&list).both((UNKNOWN_CRITICAL, 0));
    let entry = ext(99, true, b"\x05\x00");
    let list = List::default().with(&chain.host, &entry);
    assert_ne!(chain.leaf_list(&list).ours().0, HOLDS);
    assert_ne!(chain.leaf_list(&list).openssl(), HOLDS);
    // In an entry about another certificate too, for it may be about more than that.
    let list = List::default().with(&chain.middle.certificate, &entry);
    chain.leaf_list(&list).both((UNKNOWN_CRITICAL, 0));
    let list = List::default().saying(&ext(99, false, b"\x05\x00"));
    chain.leaf_list(&list).both(HOLDS);
}

/// Only lists of changes take a certificate off again; in a whole one the entry stands. (OpenSSL
/// does not take it for one.)
#[test]
fn an_entry_that_removes_is_an_entry() {
    let chain = Chain::new();
    let reason = |number| ext(21, false, &tlv(10, &[number]));
    for number in 0..=10 {
        if number == 7 {
            // There is none.
            continue;
        }
        let case = chain.leaf_list(&List::default().with(&chain.host, &reason(number)));
        assert_eq!(case.ours().0, (REVOKED, 0), "{number}");
        assert_eq!(case.openssl(), if number == 8 { HOLDS } else { (REVOKED, 0) }, "{number}");
    }
}

#[test]
fn the_issuer_of_a_list_must_be_allowed_to_sign_it() {
    let mut chain = Chain::new();
    // The CA's certificate without cRLSign.
    chain.middle = Authority::under(&chain.root, authority("list middle"));
    chain.host = chain.middle.issue(leaf(&["host.example"]), &chain.key);
    chain.leaf_list(&List::default()).both((MAY_NOT_SIGN, 0));
    // Without a key usage it may do everything.
    let mut params = authority("list middle");
    params.key_usages.clear();
    chain.middle = Authority::under(&chain.root, params);
    chain.host = chain.middle.issue(leaf(&["host.example"]), &chain.key);
    chain.leaf_list(&List::default()).both(HOLDS);
}

#[test]
fn a_list_by_another_key_is_none() {
    let (chain, other) = (Chain::new(), Chain::new());
    let case = chain.case(TLSW_VERIFY_CRL_CHECK_LEAF, &[List::default().by(&other.middle)]);
    case.both((8, 0));
}

#[test]
fn a_list_that_is_too_old_is_told_from_none() {
    let chain = Chain::new();
    let old = List { days_too_old: 3, ..List::default() };
    let message = chain.leaf_list(&old).both((TOO_OLD, 0));
    assert!(message.contains("load a newer one"), "{message}");
    chain.case(TLSW_VERIFY_CRL_CHECK_LEAF, &[]).both((NO_LIST, 0));
    // A newer one beside it counts.
    let lists = [old.by(&chain.middle), List::default().by(&chain.middle)];
    chain.case(TLSW_VERIFY_CRL_CHECK_LEAF, &lists).both(HOLDS);
}

/// A certificate that says where its list is wants the list from there.
#[test]
fn a_list_of_one_point_is_for_those_who_name_it() {
    let uri = |uri: &str| tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri.as_bytes())));
    let points = |uri_of: &str| tlv(0x30, &tlv(0x30, &uri(uri_of)));
    let names = chains::custom(&[2, 5, 29, 31], false, &points("http://one.example/crl"));
    let chain = Chain::with_points(&[names]);
    let here = List::default().saying(&point(&uri("http://one.example/crl")));
    let there = List::default().saying(&point(&uri("http://two.example/crl")));
    chain.leaf_list(&here).both(HOLDS);
    chain.leaf_list(&here.with(&chain.host, b"")).both((REVOKED, 0));
    chain.leaf_list(&there).both((OTHER_SCOPE, 0));
    chain.leaf_list(&List::default()).both(HOLDS);
    // One that names no point has no use for the list of one.
    Chain::new().leaf_list(&there).both((OTHER_SCOPE, 0));
}
