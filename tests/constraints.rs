//! Name constraints: which names a CA may vouch for. OpenSSL judges the same certificates.

#[path = "support/chains.rs"]
mod chains;
#[path = "support/lists.rs"]
mod lists;
#[path = "support/peers.rs"]
mod peers;
mod support;
use chains::*;
use lists::tlv;

use rcgen::{DistinguishedName, DnType, KeyPair};

const PERMITTED: i32 = 47;
const EXCLUDED: i32 = 48;
const BOUNDS: i32 = 49;
const UNKNOWN_FORM: i32 = 51;
const BAD_CONSTRAINT: i32 = 52;
const BAD_NAME: i32 = 53;

const HOST: &str = "host.example";

fn dns(name: &str) -> Vec<u8> {
    tlv(0x82, name.as_bytes())
}

fn email(name: &str) -> Vec<u8> {
    tlv(0x81, name.as_bytes())
}

fn uri(name: &str) -> Vec<u8> {
    tlv(0x86, name.as_bytes())
}

fn ip(bytes: &[u8]) -> Vec<u8> {
    tlv(0x87, bytes)
}

/// A directory name of organizations, each in a string type.
fn directory(organizations: &[(u8, &str)]) -> Vec<u8> {
    let rdn = |(tag, name): &(u8, &str)| {
        let value = [tlv(6, b"\x55\x04\x0a"), tlv(*tag, name.as_bytes())].concat();
        tlv(0x31, &tlv(0x30, &value))
    };
    tlv(0xa4, &tlv(0x30, &organizations.iter().flat_map(rdn).collect::<Vec<_>>()))
}

/// An otherName.
fn other() -> Vec<u8> {
    tlv(0xa0, &[tlv(6, b"\x2a\x03"), tlv(0xa0, &tlv(12, b"x"))].concat())
}

const TEN: [u8; 8] = [10, 0, 0, 0, 255, 0, 0, 0];

/// One case: what the CA may and may not, what the leaf carries besides the host's name, and the
/// code that is right.
struct Row(Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<Vec<u8>>, i32);

fn trees(tag: u8, names: &[Vec<u8>]) -> Vec<u8> {
    if names.is_empty() {
        return Vec::new();
    }
    tlv(tag, &names.iter().flat_map(|name| tlv(0x30, name)).collect::<Vec<_>>())
}

fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[trees(0xa0, permitted), trees(0xa1, excluded)].concat())
}

/// A leaf that carries `names` below a CA, which is constrained, below a root.
fn case(constraints: &[u8], names: &[Vec<u8>], organization: Option<&str>) -> Case {
    let key = KeyPair::generate().unwrap();
    let root = Authority::new("root");
    let mut params = authority("constrained");
    params.custom_extensions.push(custom(&[2, 5, 29, 30], true, constraints));
    let ca = Authority::under(&root, params);
    let mut params = leaf(&[]);
    params.distinguished_name = DistinguishedName::new();
    if let Some(organization) = organization {
        params.distinguished_name.push(DnType::OrganizationName, organization);
    }
    params.custom_extensions.push(custom(&[2, 5, 29, 17], true, &tlv(0x30, &names.concat())));
    let sent = [ca.issue(params, &key).pem(), ca.pem()];
    Case::new(&[root.pem()], &sent, &key, HOST)
}

fn run(rows: Vec<Row>) {
    for Row(permitted, excluded, names, code) in rows {
        let names = [&[dns(HOST)][..], &names].concat();
        let case = case(&constraints(&permitted, &excluded), &names, None);
        let want = if code == 0 { HOLDS } else { (code, 0) };
        let ((ours, message), openssl) = (case.ours(), case.openssl());
        let what = format!("{permitted:02x?} {excluded:02x?} {names:02x?}: {message}");
        assert_eq!(ours, want, "ours, {what}");
        // OpenSSL takes some broken ones for sound, and some for broken in another way.
        if code == 0 || matches!(code, PERMITTED | EXCLUDED | BOUNDS | UNKNOWN_FORM) {
            assert_eq!(openssl, want, "OpenSSL's, {what}");
        }
    }
}

#[test]
fn host_names() {
    run(vec![
        Row(vec![dns("example")], vec![], vec![], 0),
        Row(vec![dns(HOST)], vec![], vec![], 0),
        Row(vec![dns("ost.example")], vec![], vec![], PERMITTED),
        Row(vec![dns("other"), dns("example")], vec![], vec![], 0),
        Row(vec![dns("example")], vec![], vec![dns("other")], PERMITTED),
        Row(vec![], vec![dns("other")], vec![], 0),
        Row(vec![], vec![dns("example")], vec![], EXCLUDED),
        Row(vec![dns("example")], vec![dns("bad.example")], vec![], 0),
        Row(vec![dns("example")], vec![dns("bad.example")], vec![dns("a.bad.example")], EXCLUDED),
        Row(vec![dns("")], vec![], vec![], 0),
        Row(vec![], vec![dns("")], vec![], EXCLUDED),
        Row(vec![dns(".example")], vec![], vec![], 0),
        Row(vec![dns("*.example")], vec![], vec![], BAD_CONSTRAINT),
        Row(vec![dns("example")], vec![], vec![dns(".example")], BAD_NAME),
        Row(vec![dns("example")], vec![], vec![dns("a b.example")], BAD_NAME),
        Row(vec![dns("example")], vec![], vec![dns("")], BAD_NAME),
    ]);
}

#[test]
fn a_wildcard_may_not_stand_for_what_is_excluded() {
    // OpenSSL 3.0 holds it against constraints as if the star were a letter.
    let wildcard = |excluded: &str| {
        let names = [dns(HOST), dns("*.in.example")];
        case(&constraints(&[], &[dns(excluded)]), &names, None).ours().0
    };
    assert_eq!(wildcard("bad.in.example"), (EXCLUDED, 0));
    assert_eq!(wildcard("very.bad.in.example"), HOLDS);
    assert_eq!(wildcard("other"), HOLDS);
    let permitted = |tree: &str| {
        let names = [dns(HOST), dns("*.in.example")];
        case(&constraints(&[dns(HOST), dns(tree)], &[]), &names, None).ours().0
    };
    assert_eq!(permitted("in.example"), HOLDS);
    assert_eq!(permitted("one.in.example"), (PERMITTED, 0));
}

#[test]
fn addresses() {
    let localhost = ip(&[127, 0, 0, 1]);
    let six = |mask: u8| ip(&[&[0x20, 1, 0xd, 0xb8][..], &[0; 12], &[mask; 4], &[0; 12]].concat());
    let address = ip(&[&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1]].concat());
    run(vec![
        // They are no names, and names are none of them.
        Row(vec![ip(&TEN)], vec![], vec![], 0),
        Row(vec![ip(&TEN)], vec![], vec![ip(&[10, 9, 8, 7])], 0),
        Row(vec![ip(&TEN)], vec![], vec![localhost.clone()], PERMITTED),
        Row(vec![ip(&TEN), ip(&[127, 0, 0, 0, 255, 0, 0, 0])], vec![], vec![localhost.clone()], 0),
        Row(vec![dns("example")], vec![], vec![localhost.clone()], 0),
        Row(vec![], vec![ip(&TEN)], vec![localhost.clone()], 0),
        Row(vec![], vec![ip(&TEN)], vec![ip(&[10, 9, 8, 7])], EXCLUDED),
        Row(vec![], vec![ip(&[0; 8])], vec![localhost.clone()], EXCLUDED),
        Row(vec![six(0xff)], vec![], vec![address.clone()], 0),
        Row(vec![six(0xff)], vec![], vec![localhost.clone()], PERMITTED),
        Row(vec![], vec![six(0xff)], vec![address.clone()], EXCLUDED),
        Row(vec![], vec![ip(&[0; 32])], vec![localhost.clone()], 0),
        Row(vec![ip(&[10, 0, 0, 0])], vec![], vec![localhost.clone()], BAD_CONSTRAINT),
        Row(vec![ip(&[10, 0, 0, 0, 255, 0, 255, 0])], vec![], vec![localhost], BAD_CONSTRAINT),
        Row(vec![ip(&TEN)], vec![], vec![ip(&TEN)], BAD_NAME),
    ]);
}

/// The address that is asked for is one of them.
#[test]
fn an_address_that_is_asked_for() {
    let key = KeyPair::generate().unwrap();
    for (tree, code) in
        [([127, 0, 0, 0, 255, 0, 0, 0], HOLDS), ([10, 0, 0, 0, 255, 0, 0, 0], (PERMITTED, 0))]
    {
        let root = Authority::new("root");
        let mut params = authority("constrained");
        let constraints = constraints(&[ip(&tree)], &[]);
        params.custom_extensions.push(custom(&[2, 5, 29, 30], true, &constraints));
        let ca = Authority::under(&root, params);
        let sent = [ca.issue(leaf(&["127.0.0.1"]), &key).pem(), ca.pem()];
        Case::new(&[root.pem()], &sent, &key, "127.0.0.1").both(code);
        // A root may constrain itself.
        let mut params = authority("constrained root");
        params.custom_extensions.push(custom(&[2, 5, 29, 30], true, &constraints));
        let root = Authority::of(params);
        let sent = [root.issue(leaf(&["127.0.0.1"]), &key).pem()];
        Case::new(&[root.pem()], &sent, &key, "127.0.0.1").both(code);
    }
}

#[test]
fn mail_addresses_and_uris() {
    run(vec![
        Row(vec![email("a@mail.example")], vec![], vec![email("a@mail.example")], 0),
        Row(vec![email("a@mail.example")], vec![], vec![email("b@mail.example")], PERMITTED),
        Row(vec![email("mail.example")], vec![], vec![email("b@MAIL.example")], 0),
        Row(vec![email(".example")], vec![], vec![email("b@mail.example")], 0),
        Row(vec![], vec![email("mail.example")], vec![email("b@mail.example")], EXCLUDED),
        Row(vec![email("mail.example")], vec![], vec![email("no address")], BAD_NAME),
        Row(vec![uri("web.example")], vec![], vec![uri("https://web.example/x")], 0),
        Row(vec![uri("web.example")], vec![], vec![uri("https://a.web.example/x")], PERMITTED),
        Row(vec![uri(".web.example")], vec![], vec![uri("https://a.web.example:1/x")], 0),
        Row(vec![], vec![uri("web.example")], vec![uri("https://web.example")], EXCLUDED),
        Row(vec![uri("web.example")], vec![], vec![uri("https://127.0.0.1/")], BAD_NAME),
        Row(vec![uri("web.example")], vec![], vec![uri("urn:x")], BAD_NAME),
    ]);
}

#[test]
fn directory_names() {
    const UTF8: u8 = 0x0c;
    const PRINTABLE: u8 = 0x13;
    let acme = directory(&[(UTF8, "Acme")]);
    run(vec![
        Row(vec![acme.clone()], vec![], vec![directory(&[(UTF8, "Acme")])], 0),
        Row(vec![acme.clone()], vec![], vec![directory(&[(PRINTABLE, " ACME ")])], 0),
        Row(vec![acme.clone()], vec![], vec![directory(&[(UTF8, "Acme"), (UTF8, "x")])], 0),
        Row(vec![acme.clone()], vec![], vec![directory(&[(UTF8, "x"), (UTF8, "Acme")])], PERMITTED),
        Row(vec![], vec![acme.clone()], vec![directory(&[(UTF8, "acme"), (UTF8, "x")])], EXCLUDED),
        Row(vec![], vec![directory(&[])], vec![directory(&[(UTF8, "x")])], EXCLUDED),
    ]);
    // The subject is one of them.
    for (organization, code) in [("Acme", HOLDS), ("Other", (PERMITTED, 0))] {
        case(&constraints(std::slice::from_ref(&acme), &[]), &[dns(HOST)], Some(organization))
            .both(code);
    }
}

#[test]
fn what_is_not_understood_is_not_let_pass() {
    run(vec![
        Row(vec![], vec![other()], vec![], 0),
        Row(vec![], vec![other()], vec![other()], UNKNOWN_FORM),
        Row(vec![other()], vec![], vec![other()], UNKNOWN_FORM),
    ]);
    let bounded = tlv(0x30, &tlv(0xa0, &tlv(0x30, &[dns("example"), tlv(0x81, b"\x01")].concat())));
    case(&bounded, &[dns(HOST)], None).both((BOUNDS, 0));
    // Nothing is constrained, or it is not what it should be.
    let junk = tlv(0x30, &tlv(0xa0, &tlv(0x30, b"\x8a\x01x")));
    for broken in [tlv(0x30, b""), tlv(0x05, b""), junk] {
        assert_ne!(case(&broken, &[dns(HOST)], None).ours().0, HOLDS, "{broken:?}");
    }
}

#[test]
fn more_than_anybody_needs_is_told() {
    let names: Vec<_> = (0..600).map(|n| dns(&format!("{n}.example"))).collect();
    let trees: Vec<_> = (0..600).map(|n| dns(&format!("{n}.other"))).collect();
    let case = case(&constraints(&[], &trees), &[&[dns(HOST)][..], &names].concat(), None);
    let (code, message) = case.ours();
    assert_eq!(code, (1, 0));
    assert!(
        message.contains("are more than are compared, which is 250000 comparisons"),
        "{message}"
    );
    assert!(message.contains("\"CN=constrained\" (depth 1)"), "{message}");
}

/// The common name is none of the names where nobody looks at it.
#[test]
fn a_common_name_counts_where_it_is_looked_at() {
    let key = KeyPair::generate().unwrap();
    let root = Authority::new("root");
    let mut params = authority("constrained");
    let constraints = constraints(&[dns("example")], &[]);
    params.custom_extensions.push(custom(&[2, 5, 29, 30], true, &constraints));
    let ca = Authority::under(&root, params);
    let mut params = leaf(&["127.0.0.1"]);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "host.other");
    let sent = [ca.issue(params, &key).pem(), ca.pem()];
    let mut case = Case::new(&[root.pem()], &sent, &key, "127.0.0.1");
    assert_eq!(case.ours().0, HOLDS);
    case.common_name = true;
    case.both((PERMITTED, 0));
}
