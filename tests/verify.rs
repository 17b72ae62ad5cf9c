//! What verification refuses: by which code, at which certificate, with which alert, and in words
//! that tell the one who reads them what to do.

mod support;
use support::*;
#[path = "support/chains.rs"]
mod chains;
#[path = "support/peers.rs"]
mod peers;
use chains::{Authority, authority, from_now, leaf, showing};
use peers::{openssl, run};

use rcgen::{
    BasicConstraints, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, NameConstraints, SanType,
};

// Alerts (RFC 8446, section 6).
const HANDSHAKE_FAILURE: i32 = 40;
const BAD_CERTIFICATE: i32 = 42;
const UNSUPPORTED_CERTIFICATE: i32 = 43;
const CERTIFICATE_EXPIRED: i32 = 45;
const CERTIFICATE_UNKNOWN: i32 = 46;
const UNKNOWN_CA: i32 = 48;
const DECRYPT_ERROR: i32 = 51;
const CERTIFICATE_REQUIRED: i32 = 116;

// X509_V_ERR_*.
const SIGNATURE_FAILURE: i32 = 7;
const NOT_YET_VALID: i32 = 9;
const HAS_EXPIRED: i32 = 10;
const SELF_SIGNED_LEAF: i32 = 18;
const SELF_SIGNED_IN_CHAIN: i32 = 19;
const NO_LOCAL_ISSUER: i32 = 20;
const INVALID_CA: i32 = 79;
const PATH_LENGTH_EXCEEDED: i32 = 25;
const INVALID_PURPOSE: i32 = 26;
const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
const PERMITTED_VIOLATION: i32 = 47;
const HOSTNAME_MISMATCH: i32 = 62;
const IP_ADDRESS_MISMATCH: i32 = 64;

/// A server that shows certificates of the test PKI, the key being that of the first.
fn server_of(files: &[&str]) -> Ctx {
    let chain: Vec<u8> = files.iter().flat_map(|file| pki_bytes(file)).collect();
    let name = files[0].strip_suffix(".pem").unwrap();
    showing(TLSW_SERVER, &chain, &pki_bytes(&format!("{name}.key.pem")))
}

/// A refusal to come.
struct Refusal<'a> {
    code: i32,
    depth: i32,
    alert: i32,
    /// The DER of the certificate it is about.
    culprit: &'a [u8],
    /// What the message says, in this order. `$PKI/` is the directory of the test PKI.
    says: &'a [&'a str],
}

impl Refusal<'_> {
    /// Checks everything that can be asked of the side that refused and of the other.
    #[track_caller]
    fn check(&self, error: &Error, judge: &Conn, refused: &Error, sent: &[Vec<u8>]) {
        let message = &error.message;
        assert_eq!(error.status, TLSW_ERR_VERIFY, "{message}");
        assert_eq!((error.verify_error, error.verify_depth), (self.code, self.depth), "{message}");
        assert_eq!(error.library, "SSL");
        assert_eq!(error.reason, "CERTIFICATE_VERIFY_FAILED");
        assert_eq!(error.os_error, 0);
        assert_eq!(error.alert, self.alert, "{message}");
        let phrase = unsafe { std::ffi::CStr::from_ptr(tlsw_verify_error_string(self.code)) };
        let beginning = format!("certificate verify failed: {}; ", phrase.to_str().unwrap());
        let mut rest = message.strip_prefix(&beginning).unwrap_or_else(|| panic!("{message}"));
        let directory = pki("").display().to_string();
        for part in self.says {
            let part = part.replace("$PKI/", &directory);
            let Some((_, after)) = rest.split_once(&part) else {
                panic!("\"{part}\" is missing, or out of order, in: {message}");
            };
            rest = after;
        }

        assert_eq!(judge.failed_cert().as_deref(), Some(self.culprit), "{message}");
        assert_eq!(judge.chain(TLSW_CHAIN_SENT).unwrap().unwrap(), sent);
        assert_eq!(judge.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_FAILED)));
        assert_eq!(judge.verify_result().as_ref(), Err(error));
        // The connection is at its end, and goes on saying why.
        assert_eq!(judge.handshake().as_ref(), Err(error));
        assert_eq!(judge.read(1).as_ref(), Err(error));
        assert_eq!(judge.write(b"x").as_ref(), Err(error));

        assert_eq!(refused.status, TLSW_ERR_TLS, "{}", refused.message);
        assert_eq!(refused.alert, self.alert, "{}", refused.message);
        assert!(refused.reason.contains("_ALERT_"), "{}", refused.reason);
        assert!(refused.message.contains("the peer ended the connection with the alert"));
    }

    /// A client refuses a server, in both versions.
    #[track_caller]
    fn by_client(&self, client: &Ctx, server: &Ctx, name: &str, sent: &[Vec<u8>]) {
        for version in VERSIONS {
            call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
            let pair = Pair::new(client, server, Some(name));
            let (ours, theirs) = pair.handshake();
            let (ours, theirs) = (ours.expect_err("accepted"), theirs.expect_err("accepted"));
            self.check(&ours, &pair.client, &theirs, sent);
        }
    }

    /// A server refuses a client, in both versions.
    #[track_caller]
    fn by_server(&self, client: &Ctx, server: &Ctx, sent: &[Vec<u8>]) {
        for version in VERSIONS {
            call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
            let pair = Pair::new(client, server, Some("localhost"));
            let (theirs, ours) = pair.handshake();
            let theirs = match theirs {
                Err(error) => error,
                // In TLS 1.3 a client is done before the server has judged it, and learns of it
                // when it reads.
                Ok(()) => {
                    assert_eq!(version, TLSW_TLS_1_3);
                    pair.client.read(1).unwrap_err()
                }
            };
            self.check(&ours.expect_err("accepted"), &pair.server, &theirs, sent);
        }
    }
}

/// A client that trusts `ca` refuses what a server shows of the test PKI. The certificate of
/// `refusal` is `culprit`'s.
#[track_caller]
fn refused(files: &[&str], ca: &str, name: &str, culprit: &str, refusal: Refusal<'_>) {
    let culprit = pki_ders(culprit).remove(0);
    let sent: Vec<_> = files.iter().flat_map(|file| pki_ders(file)).collect();
    Refusal { culprit: &culprit, ..refusal }.by_client(
        &Ctx::client(ca),
        &server_of(files),
        name,
        &sent,
    );
}

/// A client that trusts `ca` takes what a server shows, in both versions.
#[track_caller]
fn accepted(files: &[&str], ca: &str, name: &str) {
    let (client, server) = (Ctx::client(ca), server_of(files));
    for version in VERSIONS {
        call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
        let pair = Pair::connected(&client, &server, Some(name));
        assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
        assert_eq!(pair.client.failed_cert(), None);
    }
}

/// What `openssl x509` says of a date.
fn date(file: &str, which: &str) -> String {
    let text = run(openssl(&["x509", "-in", file, "-noout", which])).text();
    text.trim().split_once('=').unwrap().1.to_owned()
}

#[test]
fn a_chain_without_its_untrusted_root_names_the_issuer_and_where_it_was_looked_for() {
    refused(
        &["untrusted.pem"],
        "root.pem",
        "localhost",
        "untrusted.pem",
        Refusal {
            code: NO_LOCAL_ISSUER,
            depth: 0,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) was issued by \"CN=tlswrap untrusted root,O=tlswrap\"",
                "peer sent",
                "nor in the trust store (1 CA of $PKI/root.pem)",
                "load the root it leads to as a CA",
                "or have the peer send its intermediate certificates",
            ],
        },
    );
}

#[test]
fn a_chain_with_its_untrusted_root_names_that_root() {
    refused(
        &["untrusted.pem", "untrusted-root.pem"],
        "roots.pem",
        "localhost",
        "untrusted-root.pem",
        Refusal {
            code: SELF_SIGNED_IN_CHAIN,
            depth: 1,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &[
                "the chain the peer sent ends in the root",
                "\"CN=tlswrap untrusted root,O=tlswrap\" (depth 1)",
                "not in the trust store (3 CAs of $PKI/roots.pem)",
                "if it is the right one, load it as a CA",
            ],
        },
    );
}

#[test]
fn a_missing_intermediate_is_named() {
    refused(
        &["localhost.pem"],
        "root.pem",
        "localhost",
        "localhost.pem",
        Refusal {
            code: NO_LOCAL_ISSUER,
            depth: 0,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) was issued by \
                 \"CN=tlswrap test intermediate,O=tlswrap\"",
                "peer sent",
                "nor in the trust store (1 CA of $PKI/root.pem)",
                "have the peer send its intermediate certificates",
            ],
        },
    );
}

#[test]
fn an_intermediate_whose_root_is_unknown_is_named_at_its_depth() {
    refused(
        &["localhost.pem", "intermediate.pem"],
        "p384-root.pem",
        "localhost",
        "intermediate.pem",
        Refusal {
            code: NO_LOCAL_ISSUER,
            depth: 1,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &[
                "\"CN=tlswrap test intermediate,O=tlswrap\" (depth 1) was issued by \
                 \"CN=tlswrap test root,O=tlswrap\"",
                "neither among the 2 certificates the peer sent",
                "nor in the trust store (1 CA of $PKI/p384-root.pem)",
                "load the root it leads to as a CA",
            ],
        },
    );
}

#[test]
fn all_places_of_the_trust_store_are_named() {
    let client = Ctx::client("p384-root.pem");
    client.load_ca_mem(&pki_bytes("old-root.pem")).unwrap();
    client.load_ca_file(&pki("untrusted-root.pem")).unwrap();
    let chain = pki_ders("localhost.chain.pem");
    Refusal {
        code: NO_LOCAL_ISSUER,
        depth: 1,
        alert: UNKNOWN_CA,
        culprit: &chain[1],
        says: &["the trust store (1 CA of $PKI/p384-root.pem, 1 CA given in memory, \
             1 CA of $PKI/untrusted-root.pem)"],
    }
    .by_client(&client, &Ctx::server("localhost"), "localhost", &chain);
}

#[test]
fn an_expired_leaf_tells_when_it_expired() {
    refused(
        &["expired.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "expired.pem",
        Refusal {
            code: HAS_EXPIRED,
            depth: 0,
            alert: CERTIFICATE_EXPIRED,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) expired on",
                &date("expired.pem", "-enddate"),
                "12 days ago",
                "its owner has to renew it",
            ],
        },
    );
}

#[test]
fn an_expired_intermediate_is_told_from_its_leaf() {
    refused(
        &["under-expired-intermediate.pem", "expired-intermediate.pem"],
        "root.pem",
        "localhost",
        "expired-intermediate.pem",
        Refusal {
            code: HAS_EXPIRED,
            depth: 1,
            alert: CERTIFICATE_EXPIRED,
            culprit: &[],
            says: &[
                "\"CN=tlswrap expired intermediate,O=tlswrap\" (depth 1) expired on",
                &date("expired-intermediate.pem", "-enddate"),
                "35 days ago",
            ],
        },
    );
}

#[test]
fn a_leaf_of_the_future_tells_from_when_and_doubts_the_clock() {
    refused(
        &["not-yet-valid.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "not-yet-valid.pem",
        Refusal {
            code: NOT_YET_VALID,
            depth: 0,
            alert: CERTIFICATE_EXPIRED,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) is valid from",
                &date("not-yet-valid.pem", "-startdate"),
                "30 days from now",
                "clock",
            ],
        },
    );
}

#[test]
fn a_wrong_name_lists_the_names_that_are_there() {
    refused(
        &["wrong-name.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "wrong-name.pem",
        Refusal {
            code: HOSTNAME_MISMATCH,
            depth: 0,
            alert: BAD_CERTIFICATE,
            culprit: &[],
            says: &[
                "not valid for 'localhost'",
                "\"CN=other.example\" (depth 0) carries only 'other.example'",
            ],
        },
    );
    accepted(&["wrong-name.pem", "intermediate.pem"], "root.pem", "other.example");
    // As names are compared: without case, and with the root's dot or without.
    accepted(&["wrong-name.pem", "intermediate.pem"], "root.pem", "OTHER.Example.");
}

#[test]
fn of_many_names_the_first_are_listed_and_the_rest_counted() {
    let names = (1..=8).map(|n| format!("'host-{n}.example.test'")).collect::<Vec<_>>().join(", ");
    refused(
        &["many-names.pem", "intermediate.pem"],
        "root.pem",
        "host-61.example.test",
        "many-names.pem",
        Refusal {
            code: HOSTNAME_MISMATCH,
            depth: 0,
            alert: BAD_CERTIFICATE,
            culprit: &[],
            says: &[
                "not valid for 'host-61.example.test'",
                &format!("\"CN=localhost\" (depth 0) carries only {names} and 53 more"),
            ],
        },
    );
    for name in ["host-1.example.test", "host-60.example.test", "localhost"] {
        accepted(&["many-names.pem", "intermediate.pem"], "root.pem", name);
    }
}

#[test]
fn a_common_name_is_no_host_name() {
    refused(
        &["cn-only.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "cn-only.pem",
        Refusal {
            code: HOSTNAME_MISMATCH,
            depth: 0,
            alert: BAD_CERTIFICATE,
            culprit: &[],
            says: &[
                "not valid for 'localhost'",
                "\"CN=localhost\" (depth 0) carries no subjectAltName at all, only the common \
                 name 'localhost', which is not a host name",
            ],
        },
    );
}

#[test]
fn an_address_must_be_among_the_addresses() {
    for address in ["127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1"] {
        accepted(&["ip-only.pem", "intermediate.pem"], "root.pem", address);
        accepted(&["localhost.pem", "intermediate.pem"], "root.pem", address);
    }
    for (address, code) in [
        ("127.0.0.2", IP_ADDRESS_MISMATCH),
        ("::2", IP_ADDRESS_MISMATCH),
        ("::ffff:127.0.0.1", IP_ADDRESS_MISMATCH),
        ("localhost", HOSTNAME_MISMATCH),
    ] {
        refused(
            &["ip-only.pem", "intermediate.pem"],
            "root.pem",
            address,
            "ip-only.pem",
            Refusal {
                code,
                depth: 0,
                alert: BAD_CERTIFICATE,
                culprit: &[],
                says: &[
                    &format!("not valid for '{address}'"),
                    "\"CN=by address\" (depth 0) carries only '127.0.0.1', '::1'",
                ],
            },
        );
    }
}

#[test]
fn an_address_written_as_a_dns_name_is_none() {
    let (issuer, key) = (Authority::new("tlswrap address test"), KeyPair::generate().unwrap());
    let mut params = leaf(&[]);
    params.subject_alt_names = vec![SanType::DnsName("127.0.0.1".try_into().unwrap())];
    let certificate = issuer.issue(params, &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    Refusal {
        code: IP_ADDRESS_MISMATCH,
        depth: 0,
        alert: BAD_CERTIFICATE,
        culprit: certificate.der(),
        says: &["not valid for '127.0.0.1'", "carries only '127.0.0.1'"],
    }
    .by_client(&issuer.client(), &server, "127.0.0.1", &[certificate.der().to_vec()]);
}

#[test]
fn a_wildcard_stands_for_one_whole_label() {
    for name in ["a.example.test", "A-1.Example.Test", "xn--bcher-kva.example.test"] {
        accepted(&["wildcard.pem", "intermediate.pem"], "root.pem", name);
    }
    for name in ["example.test", "a.b.example.test", "aexample.test", "a.example.test.com"] {
        refused(
            &["wildcard.pem", "intermediate.pem"],
            "root.pem",
            name,
            "wildcard.pem",
            Refusal {
                code: HOSTNAME_MISMATCH,
                depth: 0,
                alert: BAD_CERTIFICATE,
                culprit: &[],
                says: &[
                    &format!("not valid for '{name}'"),
                    "\"CN=*.example.test\" (depth 0) carries only '*.example.test'",
                ],
            },
        );
    }
}

#[test]
fn half_a_label_is_no_wildcard() {
    let (issuer, key) = (Authority::new("tlswrap wildcard test"), KeyPair::generate().unwrap());
    let names = ["w*.example.test", "*w.example.test", "a.*.example.test", "*"];
    let certificate = issuer.issue(leaf(&names), &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    for name in ["www.example.test", "w.example.test", "a.b.example.test", "localhost"] {
        Refusal {
            code: HOSTNAME_MISMATCH,
            depth: 0,
            alert: BAD_CERTIFICATE,
            culprit: certificate.der(),
            says: &[
                &format!("not valid for '{name}'"),
                "carries only 'w*.example.test', '*w.example.test', 'a.*.example.test', '*'",
            ],
        }
        .by_client(&issuer.client(), &server, name, &[certificate.der().to_vec()]);
    }
}

#[test]
fn a_self_signed_leaf_is_refused_until_it_is_loaded_as_a_ca() {
    refused(
        &["self-signed.pem"],
        "root.pem",
        "localhost",
        "self-signed.pem",
        Refusal {
            code: SELF_SIGNED_LEAF,
            depth: 0,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) is signed by itself",
                "not in the trust store (1 CA of $PKI/root.pem)",
                "if it is the right one, load it as a CA",
            ],
        },
    );
    accepted(&["self-signed.pem"], "self-signed.pem", "localhost");
    let (client, server) = (Ctx::client("self-signed.pem"), server_of(&["self-signed.pem"]));
    let pair = Pair::connected(&client, &server, Some("localhost"));
    let chain = pair.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap();
    assert_eq!(chain, pki_ders("self-signed.pem"));
    // Trusted is not good for every name.
    let pair = Pair::new(&client, &server, Some("other.example"));
    assert_eq!(pair.handshake().0.unwrap_err().verify_error, HOSTNAME_MISMATCH);
}

#[test]
fn an_issuer_that_is_no_ca_is_named() {
    refused(
        &["under-not-a-ca.pem", "not-a-ca.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "not-a-ca.pem",
        Refusal {
            code: INVALID_CA,
            depth: 1,
            alert: UNKNOWN_CA,
            culprit: &[],
            says: &["\"CN=tlswrap not an authority\" (depth 1) signed another", "is no CA"],
        },
    );
}

#[test]
fn a_clients_certificate_is_none_for_a_server() {
    refused(
        &["wrong-use.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "wrong-use.pem",
        Refusal {
            code: INVALID_PURPOSE,
            depth: 0,
            alert: UNSUPPORTED_CERTIFICATE,
            culprit: &[],
            says: &[
                "\"CN=localhost\" (depth 0) may not be used for a TLS server",
                "extended key usage forbids it",
            ],
        },
    );
}

#[test]
fn a_signature_by_another_key_of_the_same_name_is_told() {
    let (real, key) = (Authority::new("tlswrap twin"), KeyPair::generate().unwrap());
    let impostor = Authority::new("tlswrap twin");
    let certificate = impostor.issue(leaf(&["localhost"]), &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    Refusal {
        code: SIGNATURE_FAILURE,
        depth: 0,
        alert: DECRYPT_ERROR,
        culprit: certificate.der(),
        says: &["the signature on \"CN=leaf\" (depth 0)", "its issuer \"CN=tlswrap twin\""],
    }
    .by_client(&real.client(), &server, "localhost", &[certificate.der().to_vec()]);
}

#[test]
fn checks_without_a_sentence_of_their_own_name_the_certificate_and_its_issuer() {
    let (root, key) = (Authority::new("tlswrap strict root"), KeyPair::generate().unwrap());
    let refuse = |chain: &[&rcgen::Certificate], at: usize, code: i32, alert: i32, says: &str| {
        let pem: String = chain.iter().map(|certificate| certificate.pem()).collect();
        let sent: Vec<_> = chain.iter().map(|certificate| certificate.der().to_vec()).collect();
        let server = showing(TLSW_SERVER, pem.as_bytes(), key.serialize_pem().as_bytes());
        Refusal { code, depth: at as i32, alert, culprit: &sent[at], says: &[says] }.by_client(
            &root.client(),
            &server,
            "localhost",
            &sent,
        );
    };

    let mut params = leaf(&["localhost"]);
    let mut odd = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    odd.set_criticality(true);
    params.custom_extensions.push(odd);
    refuse(
        &[&root.issue(params, &key)],
        0,
        UNHANDLED_CRITICAL_EXTENSION,
        CERTIFICATE_UNKNOWN,
        "\"CN=leaf\" (depth 0), issued by \"CN=tlswrap strict root\"",
    );

    // Two authorities one above another where the root allows none to stand between.
    let mut params = authority("tlswrap last");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let last = Authority::under(&root, params);
    let beyond = Authority::under(&last, authority("tlswrap one too many"));
    refuse(
        &[&beyond.issue(leaf(&["localhost"]), &key), &beyond.certificate, &last.certificate],
        2,
        PATH_LENGTH_EXCEEDED,
        UNKNOWN_CA,
        "\"CN=tlswrap last\" (depth 2), issued by \"CN=tlswrap strict root\"",
    );

    let mut params = authority("tlswrap fenced");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.test".into())],
        excluded_subtrees: Vec::new(),
    });
    let fenced = Authority::under(&root, params);
    refuse(
        &[&fenced.issue(leaf(&["localhost"]), &key), &fenced.certificate],
        0,
        PERMITTED_VIOLATION,
        CERTIFICATE_UNKNOWN,
        "\"CN=leaf\" (depth 0), issued by \"CN=tlswrap fenced\"",
    );
}

#[test]
fn a_certificate_without_a_subject_is_named_by_what_it_is_for() {
    // As public CAs have begun to issue them (RFC 5280, section 4.1.2.6).
    let (issuer, key) = (Authority::new("tlswrap terse"), KeyPair::generate().unwrap());
    let mut params = leaf(&["terse.example.test", "other.example.test"]);
    params.distinguished_name = DistinguishedName::new();
    (params.not_before, params.not_after) = (from_now(-9), from_now(-3));
    let certificate = issuer.issue(params, &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    Refusal {
        code: HAS_EXPIRED,
        depth: 0,
        alert: CERTIFICATE_EXPIRED,
        culprit: certificate.der(),
        says: &["terse.example.test", "(depth 0) expired on", "3 days ago"],
    }
    .by_client(&issuer.client(), &server, "terse.example.test", &[certificate.der().to_vec()]);
}

#[test]
fn a_certificate_without_any_name_says_so() {
    let (issuer, key) = (Authority::new("tlswrap nameless"), KeyPair::generate().unwrap());
    let mut params = leaf(&[]);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "nobody");
    let certificate = issuer.issue(params, &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    Refusal {
        code: HOSTNAME_MISMATCH,
        depth: 0,
        alert: BAD_CERTIFICATE,
        culprit: certificate.der(),
        says: &["not valid for 'localhost'", "\"O=nobody\" (depth 0) carries no names at all"],
    }
    .by_client(&issuer.client(), &server, "localhost", &[certificate.der().to_vec()]);
}

/// What no text for people may hold: control characters, and marks that turn or end lines.
fn misleads(c: char) -> bool {
    let marks = ['\u{200e}', '\u{200f}'];
    c.is_control()
        || marks.contains(&c)
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

#[test]
fn what_a_stranger_wrote_into_a_certificate_cannot_command_a_terminal() {
    let chain = pki_ders("terminal-escapes.chain.pem");
    let server = Ctx::server("terminal-escapes");
    let who = r#""O=line one\0Aline two\E2\81\A6,CN=\1B[2J\1B]0\;owned\07\E2\80\AEtsohlacol\C2\9B31m\"\\\00" (depth 0)"#;
    Refusal {
        code: HOSTNAME_MISMATCH,
        depth: 0,
        alert: BAD_CERTIFICATE,
        culprit: &chain[0],
        says: &["not valid for 'other.test'", who, "carries only 'localhost', 'a [31m.test'"],
    }
    .by_client(&Ctx::client("root.pem"), &server, "other.test", &chain);
    // In every sentence there is.
    for (ca, leaf_alone) in [("root.pem", false), ("root.pem", true), ("p384-root.pem", false)] {
        let files = ["terminal-escapes.pem", "intermediate.pem"];
        let server = server_of(if leaf_alone { &files[..1] } else { &files });
        let pair = Pair::new(&Ctx::client(ca), &server, Some("other.test"));
        let error = pair.handshake().0.unwrap_err();
        assert!(!error.message.contains(misleads), "{:?}", error.message);
    }
    // The same in the name of an issuer that nobody knows, and of a root that is not trusted.
    let mut params = authority("\u{1b}[2J\u{202e}\u{0}\u{85}\u{2028}evil");
    params.distinguished_name.push(DnType::OrganizationName, "\r\nSet-Cookie: a=b");
    let evil = Authority::of(params);
    let key = KeyPair::generate().unwrap();
    let certificate = evil.issue(leaf(&["localhost"]), &key);
    for with_root in [false, true] {
        let root = if with_root { evil.certificate.pem() } else { String::new() };
        let chain = certificate.pem() + &root;
        let server = showing(TLSW_SERVER, chain.as_bytes(), key.serialize_pem().as_bytes());
        let pair = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        assert_eq!(
            error.verify_error,
            if with_root { SELF_SIGNED_IN_CHAIN } else { NO_LOCAL_ISSUER }
        );
        assert!(!error.message.contains(misleads), "{:?}", error.message);
        assert!(error.message.contains(r"\0D\0ASet-Cookie: a=b"), "{}", error.message);
        assert!(error.message.contains(r"CN=\1B[2J\E2\80\AE\00\C2\85\E2\80\A8evil"));
    }
}

#[test]
fn a_name_that_goes_on_behind_a_nul_is_another_name() {
    refused(
        &["nul-name.pem", "intermediate.pem"],
        "root.pem",
        "localhost",
        "nul-name.pem",
        Refusal {
            code: HOSTNAME_MISMATCH,
            depth: 0,
            alert: BAD_CERTIFICATE,
            culprit: &[],
            // All of the name is shown, so nobody wonders why it did not match.
            says: &["not valid for 'localhost'", "carries only 'localhost", ".example.test'"],
        },
    );
}

#[test]
fn a_message_that_is_too_long_is_cut_and_still_text() {
    let (issuer, key) = (Authority::new(&"ü".repeat(2000)), KeyPair::generate().unwrap());
    let label = "n".repeat(60);
    let names: Vec<String> =
        (0..20).map(|n| format!("{label}.{label}.{label}.host-{n}.example.test")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let certificate = issuer.issue(leaf(&names), &key);
    let server = showing(TLSW_SERVER, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    let (stranger, acquaintance) = (Ctx::client("root.pem"), issuer.client());
    for (client, says) in [
        (stranger, "\"CN=leaf\" (depth 0) was issued by \"CN=üüü"),
        (acquaintance, "not valid for 'localhost': \"CN=leaf\" (depth 0) carries only 'nnn"),
    ] {
        let pair = Pair::new(&client, &server, Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        assert!(error.message.contains(says), "{}", error.message);
        assert!((TLSW_MESSAGE_LEN - 3..TLSW_MESSAGE_LEN).contains(&error.message.len()));
    }
}

// Who decides.

const REFUSED: [(&str, i32); 7] = [
    ("expired", HAS_EXPIRED),
    ("not-yet-valid", NOT_YET_VALID),
    ("self-signed", SELF_SIGNED_LEAF),
    ("untrusted", NO_LOCAL_ISSUER),
    ("wrong-use", INVALID_PURPOSE),
    ("under-expired-intermediate", HAS_EXPIRED),
    ("under-not-a-ca", INVALID_CA),
];

#[test]
fn with_verification_off_the_connection_lives_and_the_verdict_can_be_asked_for() {
    let client = Ctx::client("root.pem");
    client.insecure();
    for (name, code) in REFUSED {
        let server = Ctx::server(name);
        for version in VERSIONS {
            call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
            let pair = Pair::connected(&client, &server, Some("localhost"));
            assert_eq!(pair.client.write(b"hello"), Ok(Ok(5)));
            assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"hello".to_vec())));
            let verdict = pair.client.verify_result().unwrap_err();
            assert_eq!((verdict.status, verdict.verify_error), (TLSW_ERR_VERIFY, code), "{name}");
            assert_eq!(verdict.reason, "CERTIFICATE_VERIFY_FAILED");
            assert!(verdict.message.starts_with("certificate verify failed: "));
            let culprit = pair.client.failed_cert().unwrap();
            let sent = pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap();
            assert_eq!(sent, pki_ders(&format!("{name}.chain.pem")));
            assert_eq!(culprit, sent[usize::try_from(verdict.verify_depth).unwrap()]);
            assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_UNVERIFIED)));
        }
    }
    let pair = Pair::connected(&client, &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    assert_eq!(pair.client.failed_cert(), None);
}

#[test]
fn without_the_host_name_check_everything_else_is_checked() {
    let client = Ctx::client("root.pem");
    client.set_check_hostname(0).unwrap();
    for name in [None, Some("localhost")] {
        Pair::connected(&client, &Ctx::server("wrong-name"), name);
        for (server, code) in REFUSED {
            let pair = Pair::new(&client, &Ctx::server(server), name);
            assert_eq!(pair.handshake().0.unwrap_err().verify_error, code, "{server}");
        }
    }
}

#[test]
fn optional_is_required_to_a_client() {
    let client = Ctx::client("root.pem");
    client.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
    Pair::connected(&client, &Ctx::server("localhost"), Some("localhost"));
    for (server, code) in REFUSED {
        let pair = Pair::new(&client, &Ctx::server(server), Some("localhost"));
        assert_eq!(pair.handshake().0.unwrap_err().verify_error, code, "{server}");
    }
}

// Servers, and the certificates of clients.

/// A server that asks clients for certificates of `ca`.
fn asking(mode: u32, ca: Option<&str>) -> Ctx {
    let server = Ctx::server("localhost");
    if let Some(ca) = ca {
        server.load_ca_file(&pki(ca)).unwrap();
    }
    server.set_verify_mode(mode).unwrap();
    server
}

/// A client that shows NAME.chain.pem of the test PKI.
fn client_of(name: &str) -> Ctx {
    let client = Ctx::client("root.pem");
    client.load_cert_chain(&format!("{name}.chain.pem"), &format!("{name}.key.pem")).unwrap();
    client
}

#[test]
fn a_client_without_the_required_certificate_is_sent_away() {
    let (client, server) = (Ctx::client("root.pem"), asking(TLSW_CERT_REQUIRED, Some("root.pem")));
    for (version, alert) in
        [(TLSW_TLS_1_2, HANDSHAKE_FAILURE), (TLSW_TLS_1_3, CERTIFICATE_REQUIRED)]
    {
        call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (theirs, ours) = pair.handshake();
        let ours = ours.unwrap_err();
        assert_eq!((ours.status, ours.alert), (TLSW_ERR_TLS, alert));
        assert_eq!(ours.reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        assert!(ours.message.contains("requires a client certificate and the client showed none"));
        assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
        assert_eq!(pair.server.failed_cert(), None);
        let theirs = match version {
            TLSW_TLS_1_3 => pair.client.read(1).unwrap_err(),
            _ => theirs.unwrap_err(),
        };
        assert_eq!((theirs.status, theirs.alert), (TLSW_ERR_TLS, alert));
        assert!(theirs.message.contains("client certificate"), "{}", theirs.message);
    }
}

#[test]
fn an_optional_certificate_may_be_missing_but_not_bad() {
    let server = asking(TLSW_CERT_OPTIONAL, Some("root.pem"));
    for version in VERSIONS {
        call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
        let pair = Pair::connected(&Ctx::client("root.pem"), &server, Some("localhost"));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_NONE));
        let pair = Pair::connected(&client_of("client"), &server, Some("localhost"));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK));
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
    }
    let chain = pki_ders("untrusted.chain.pem");
    Refusal {
        code: NO_LOCAL_ISSUER,
        depth: 0,
        alert: UNKNOWN_CA,
        culprit: &chain[0],
        says: &["\"CN=localhost\" (depth 0)", "1 CA of $PKI/root.pem"],
    }
    .by_server(&client_of("untrusted"), &server, &chain);
}

#[test]
fn an_unenforced_verdict_is_told_and_decides_nothing() {
    let server = asking(TLSW_CERT_UNENFORCED, Some("root.pem"));
    for version in VERSIONS {
        call(|err| unsafe { tlsw_ctx_set_max_version(server.0, version, err) }).unwrap();
        let pair = Pair::connected(&Ctx::client("root.pem"), &server, Some("localhost"));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_NONE));
        let pair = Pair::connected(&client_of("client"), &server, Some("localhost"));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK));
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
        let pair = Pair::connected(&client_of("untrusted"), &server, Some("localhost"));
        let verdict = pair.server.verify_result().unwrap_err();
        assert_eq!((verdict.status, verdict.verify_error), (TLSW_ERR_VERIFY, NO_LOCAL_ISSUER));
        assert_eq!(pair.server.chain(TLSW_CHAIN_SENT).unwrap().unwrap().len(), 1);
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_FAILED)));
    }
}

#[test]
fn a_client_that_does_not_enforce_is_told_of_another_name_too() {
    let client = Ctx::client("root.pem");
    client.set_verify_mode(TLSW_CERT_UNENFORCED).unwrap();
    let server = Ctx::server("localhost");
    let pair = Pair::connected(&client, &server, Some("localhost"));
    assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
    let pair = Pair::connected(&client, &server, Some("other.example"));
    let verdict = pair.client.verify_result().unwrap_err();
    assert_eq!((verdict.status, verdict.verify_error), (TLSW_ERR_VERIFY, 62));
}

#[test]
fn a_client_of_an_unknown_root_is_refused() {
    let chain = pki_ders("client.chain.pem");
    Refusal {
        code: NO_LOCAL_ISSUER,
        depth: 1,
        alert: UNKNOWN_CA,
        culprit: &chain[1],
        says: &[
            "\"CN=tlswrap test intermediate,O=tlswrap\" (depth 1) was issued by \
             \"CN=tlswrap test root,O=tlswrap\"",
            "neither among the 2 certificates the peer sent",
            "nor in the trust store (1 CA of $PKI/p384-root.pem)",
        ],
    }
    .by_server(
        &client_of("client"),
        &asking(TLSW_CERT_REQUIRED, Some("p384-root.pem")),
        &chain,
    );
}

#[test]
fn a_server_that_trusts_nobody_says_that_no_ca_was_loaded() {
    let chain = pki_ders("client.chain.pem");
    Refusal {
        code: NO_LOCAL_ISSUER,
        depth: 1,
        alert: UNKNOWN_CA,
        culprit: &chain[1],
        says: &["trust store (which is empty: no CA was loaded)"],
    }
    .by_server(&client_of("client"), &asking(TLSW_CERT_REQUIRED, None), &chain);
}

#[test]
fn a_servers_certificate_is_none_for_a_client() {
    let chain = pki_ders("rsa.chain.pem");
    Refusal {
        code: INVALID_PURPOSE,
        depth: 0,
        alert: UNSUPPORTED_CERTIFICATE,
        culprit: &chain[0],
        says: &["\"CN=localhost\" (depth 0) may not be used for a TLS client"],
    }
    .by_server(&client_of("rsa"), &asking(TLSW_CERT_REQUIRED, Some("root.pem")), &chain);
}

#[test]
fn an_expired_client_is_told_when_it_expired() {
    let (issuer, key) = (Authority::new("tlswrap clients"), KeyPair::generate().unwrap());
    let mut params = leaf(&[]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    (params.not_before, params.not_after) = (from_now(-30), from_now(-5));
    let certificate = issuer.issue(params, &key);
    let client = showing(TLSW_CLIENT, certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
    client.load_ca_file(&pki("root.pem")).unwrap();
    let server = asking(TLSW_CERT_REQUIRED, None);
    server.load_ca_mem(issuer.certificate.pem().as_bytes()).unwrap();
    Refusal {
        code: HAS_EXPIRED,
        depth: 0,
        alert: CERTIFICATE_EXPIRED,
        culprit: certificate.der(),
        says: &["\"CN=leaf\" (depth 0) expired on", "5 days ago"],
    }
    .by_server(&client, &server, &[certificate.der().to_vec()]);
}

#[test]
fn the_name_of_a_client_is_not_compared_with_anything() {
    // "wrong-use" is for localhost and clients, "client" has a mail address only.
    let server = asking(TLSW_CERT_REQUIRED, Some("root.pem"));
    for name in ["client", "wrong-use"] {
        let pair = Pair::connected(&client_of(name), &server, Some("localhost"));
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK));
    }
}

#[test]
fn a_server_that_does_not_ask_is_shown_nothing() {
    let server = asking(TLSW_CERT_NONE, Some("root.pem"));
    let pair = Pair::connected(&client_of("client"), &server, Some("localhost"));
    assert_eq!(pair.server.verify_result(), Ok(TLSW_NONE));
    assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)));
}
