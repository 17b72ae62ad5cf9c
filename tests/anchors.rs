//! What a certificate that is trusted may do: end a chain, issue others, or be shown itself.
//! OpenSSL judges the same certificates.

#[path = "support/chains.rs"]
mod chains;
#[path = "support/peers.rs"]
mod peers;
mod support;
use chains::*;
use support::*;

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};

const PARTIAL: u32 = TLSW_VERIFY_X509_PARTIAL_CHAIN;
const INVALID_CA: i32 = 79;

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// Self-signed certificates as people load them for one server: what kind they are, and how.
fn loners() -> Vec<(&'static str, rcgen::CertificateParams)> {
    let params = || loner("printer.example");
    let mut no_constraints = params();
    no_constraints.is_ca = IsCa::NoCa;
    let mut no_usage = params();
    no_usage.key_usages.clear();
    let mut bare = params();
    bare.is_ca = IsCa::NoCa;
    bare.key_usages.clear();
    bare.extended_key_usages.clear();
    let mut signs = params();
    signs.key_usages.push(KeyUsagePurpose::KeyCertSign);
    vec![
        ("no CA, key usage without keyCertSign", params()),
        ("no basic constraints", no_constraints),
        ("no key usage", no_usage),
        ("neither", bare),
        ("no CA, key usage with keyCertSign", signs),
    ]
}

#[test]
fn a_self_signed_certificate_vouches_for_itself_alone() {
    for (what, params) in loners() {
        let printer = Authority::of(params);
        let itself = Case::new(&[printer.pem()], &[printer.pem()], &printer.key, "printer.example");
        assert_eq!((itself.ours().0, itself.openssl()), (HOLDS, HOLDS), "{what}");
        for flags in [0, PARTIAL] {
            assert_eq!(itself.clone().flags(flags).ours().0, HOLDS, "{what}");
            let bank_key = key();
            let bank = printer.issue(leaf(&["bank.example"]), &bank_key);
            let forged = Case::new(&[printer.pem()], &[bank.pem()], &bank_key, "bank.example");
            let message = forged.flags(flags).both((INVALID_CA, 1));
            assert!(
                message.contains("\"CN=printer.example\" (depth 1) signed another"),
                "{message}"
            );
            let alone = "is no CA: being trusted, it vouches for itself alone, and not for";
            assert!(message.contains(&format!("{alone} \"CN=leaf\" (depth 0)")), "{message}");
            // Not in the middle of a chain either.
            let middle = Authority::under(&printer, authority("middle"));
            let bank = middle.issue(leaf(&["bank.example"]), &bank_key);
            let sent = [bank.pem(), middle.pem()];
            let forged = Case::new(&[printer.pem()], &sent, &bank_key, "bank.example");
            forged.flags(flags).both((INVALID_CA, 2));
        }
        // Not trusted, it is told how to be.
        let other = Authority::new("other");
        let stranger = Case { trusted: other.pem(), ..itself };
        let message = stranger.both((18, 0));
        assert!(message.contains("if it is the right one, load it as a CA"), "{message}");
    }
}

/// One of a list of clients makes itself another.
#[test]
fn a_client_on_a_list_is_no_other_client() {
    let client = |name: &str| {
        let mut params = loner(name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Authority::of(params)
    };
    let (alice, admin) = (client("alice"), client("admin"));
    let server = Ctx::server("localhost");
    server.load_ca_mem([alice.pem(), admin.pem()].concat().as_bytes()).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    let connect = |chain: &str, key: &str| {
        let client = showing(TLSW_CLIENT, chain.as_bytes(), key.as_bytes());
        client.load_ca_file(&pki("root.pem")).unwrap();
        Pair::new(&client, &server, Some("localhost")).handshake().1
    };
    assert_eq!(connect(&alice.pem(), &alice.key.serialize_pem()), Ok(()));
    let (key, mut params) = (key(), loner("admin"));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let forged = alice.issue(params, &key);
    let error = connect(&forged.pem(), &key.serialize_pem()).unwrap_err();
    assert_eq!((error.verify_error, error.verify_depth), (INVALID_CA, 1), "{}", error.message);
}

#[test]
fn a_leaf_that_is_pinned_does_not_issue() {
    let (root, host_key) = (Authority::new("root"), key());
    for constrained in [true, false] {
        let mut params = loner("pin.example");
        params.is_ca = if constrained { IsCa::ExplicitNoCa } else { IsCa::NoCa };
        if !constrained {
            params.key_usages.clear();
        }
        let pin = Authority::under(&root, params);
        let itself = Case::new(&[pin.pem()], &[pin.pem()], &pin.key, "pin.example");
        itself.clone().flags(PARTIAL).both(HOLDS);
        // OpenSSL and BoringSSL differ in nothing: without the flag it is not trusted.
        itself.both((20, 0));
        let bank = pin.issue(leaf(&["bank.example"]), &host_key);
        let forged = Case::new(&[pin.pem()], &[bank.pem()], &host_key, "bank.example");
        forged.clone().flags(PARTIAL).both((INVALID_CA, 1));
        assert_ne!(forged.ours().0, HOLDS);
    }
}

#[test]
fn an_intermediate_that_is_pinned_does() {
    let root = Authority::new("root");
    let (middle, host_key) = (Authority::under(&root, authority("middle")), key());
    let host = middle.issue(leaf(&["host.example"]), &host_key);
    let case = Case::new(&[middle.pem()], &[host.pem()], &host_key, "host.example");
    case.clone().flags(PARTIAL).both(HOLDS);
    let message = case.both((2, 1));
    assert!(message.contains("or allow partial chains"), "{message}");
}

/// What an anchor says about itself counts, as in OpenSSL 3.
#[test]
fn the_limits_of_an_anchor_count() {
    let host_key = key();
    // Straight below it, and with one between.
    let cases = |params: rcgen::CertificateParams| {
        let root = Authority::of(params);
        let middle = Authority::under(&root, authority("middle"));
        let straight = root.issue(leaf(&["host.example"]), &host_key).pem();
        let below = middle.issue(leaf(&["host.example"]), &host_key).pem();
        let case = |sent: &[String]| Case::new(&[root.pem()], sent, &host_key, "host.example");
        [case(&[straight]), case(&[below, middle.pem()])]
    };

    let mut params = authority("path length 0");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let [straight, below] = cases(params);
    straight.both(HOLDS);
    let message = below.both((25, 2));
    assert!(message.contains("allows 0 further CAs"), "{message}");
    let mut params = authority("path length 1");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    cases(params).iter().for_each(|case| drop(case.both(HOLDS)));

    for (purpose, fits) in [
        (ExtendedKeyUsagePurpose::CodeSigning, false),
        (ExtendedKeyUsagePurpose::ClientAuth, false),
        (ExtendedKeyUsagePurpose::ServerAuth, true),
    ] {
        let mut params = authority("one use");
        params.extended_key_usages = vec![purpose];
        for (depth, case) in (1..).zip(cases(params)) {
            let message = case.both(if fits { HOLDS } else { (26, depth) });
            assert!(fits || message.contains("may not vouch for a TLS server"), "{message}");
        }
    }

    let mut params = authority("of the future");
    params.custom_extensions.push(custom(&[1, 2, 3, 4], true, &[5, 0]));
    for (depth, case) in (1..).zip(cases(params)) {
        case.both((34, depth));
    }

    let mut params = authority("may not sign");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    for (depth, case) in (1..).zip(cases(params)) {
        let message = case.both((INVALID_CA, depth));
        assert!(message.contains("its key usage does not allow that"), "{message}");
    }

    // Basic constraints may be missing where the key usage says that it signs: an older custom.
    let mut params = authority("of old");
    params.is_ca = IsCa::NoCa;
    cases(params.clone()).iter().for_each(|case| drop(case.both(HOLDS)));
    let (root, mut params) = (Authority::of(params), leaf(&["host.example"]));
    params.use_authority_key_identifier_extension = true;
    let host = root.issue(params, &host_key);
    let strict = Case::new(&[root.pem()], &[host.pem()], &host_key, "host.example");
    strict.flags(TLSW_VERIFY_X509_STRICT).both((INVALID_CA, 1));
}

/// A root that is shown by itself is a server's certificate if it may be one.
#[test]
fn a_root_may_be_a_leaf() {
    let mut params = leaf(&["host.example"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let root = Authority::of(params.clone());
    Case::new(&[root.pem()], &[root.pem()], &root.key, "host.example").both(HOLDS);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let root = Authority::of(params);
    Case::new(&[root.pem()], &[root.pem()], &root.key, "host.example").both((26, 0));
}

/// The trust settings of OpenSSL's, as OpenSSL 3 counts them.
#[test]
fn trust_settings_say_what_a_certificate_is_trusted_for() {
    let host_key = key();
    let root = Authority::new("settled root");
    let middle = Authority::under(&root, authority("settled middle"));
    let host = middle.issue(leaf(&["host.example"]), &host_key).pem();
    let settled = |authority: &Authority, settings: &[&str]| {
        let file = chains::file(&authority.pem());
        let mut command = peers::openssl(&["x509", "-trustout", "-in"]);
        command.arg(file).args(settings);
        peers::Peer::start(command).end().well().text()
    };
    for (settings, code) in [
        (&["-addtrust", "serverAuth"][..], 0),
        (&["-addtrust", "anyExtendedKeyUsage"], 0),
        (&["-addreject", "emailProtection"], 0),
        (&["-addtrust", "emailProtection", "-addtrust", "serverAuth"], 0),
        (&["-addreject", "serverAuth"], 28),
        (&["-addreject", "anyExtendedKeyUsage"], 28),
        (&["-addtrust", "emailProtection"], 28),
        (&["-addtrust", "clientAuth"], 28),
        (&["-addtrust", "serverAuth", "-addreject", "serverAuth"], 28),
    ] {
        let sent = [host.clone(), middle.pem()];
        let case = Case::new(&[settled(&root, settings)], &sent, &host_key, "host.example");
        let want = if code == 0 { HOLDS } else { (code, 2) };
        let ((ours, message), openssl) = (case.ours(), case.openssl());
        assert_eq!((ours, openssl), (want, want), "{settings:?}: {message}");
        assert!(code == 0 || message.contains("settings that forbid using it"), "{message}");
        // One that is no root ends a chain if it is trusted by name.
        let case = Case::new(&[settled(&middle, settings)], &sent, &host_key, "host.example");
        let is_named = code == 0 && settings.contains(&"-addtrust");
        let want = match code {
            0 if is_named => HOLDS,
            0 => (2, 1),
            code => (code, 1),
        };
        let ((ours, message), openssl) = (case.ours(), case.openssl());
        assert_eq!((ours, openssl), (want, want), "{settings:?}: {message}");
    }
}
