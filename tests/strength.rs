//! Weak keys and signatures, and the strict rules: in own chains and in the peer's.

mod support;
use boring::asn1::Asn1Time;
use boring::bn::BigNum;
use boring::ec::{EcGroup, EcKey};
use boring::hash::MessageDigest;
use boring::nid::Nid;
use boring::pkey::{HasPublic, PKey, Private};
use boring::rsa::Rsa;
use boring::x509::extension::*;
use boring::x509::{X509, X509Builder, X509Name};
use support::*;

type Key = PKey<Private>;

fn rsa(bits: u32) -> Key {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn p256() -> Key {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// What a certificate is made of; a sound one by default.
#[derive(Clone, Copy)]
struct Recipe {
    ca: bool,
    digest: MessageDigest,
    identifiers: bool,
    key_usage: bool,
    constraints_critical: bool,
}

impl Recipe {
    fn ca() -> Self {
        Self { ca: true, ..Self::leaf() }
    }

    fn leaf() -> Self {
        Self {
            ca: false,
            digest: MessageDigest::sha256(),
            identifiers: true,
            key_usage: true,
            constraints_critical: true,
        }
    }

    fn make(self, name: &str, key: &Key, issuer: Option<(&X509, &Key)>) -> X509 {
        let mut builder = self.unsigned(name, key, issuer.map(|(cert, _)| cert));
        builder.sign(issuer.map_or(key, |(_, key)| key), self.digest).unwrap();
        builder.build()
    }

    fn unsigned(
        self,
        name: &str,
        key: &PKey<impl HasPublic>,
        issuer: Option<&X509>,
    ) -> X509Builder {
        let mut subject = X509Name::builder().unwrap();
        subject.append_entry_by_text("CN", name).unwrap();
        let subject = subject.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_u32(name.len() as u32).unwrap().to_asn1_integer().unwrap();
        builder.set_serial_number(&serial).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(issuer.map_or(&*subject, |cert| cert.subject_name())).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(9).unwrap()).unwrap();
        builder.set_pubkey(key).unwrap();
        let mut constraints = BasicConstraints::new();
        if self.constraints_critical {
            constraints.critical();
        }
        if self.ca {
            builder.append_extension(&constraints.ca().build().unwrap()).unwrap();
            if self.key_usage {
                let usage = KeyUsage::new().critical().key_cert_sign().build().unwrap();
                builder.append_extension(&usage).unwrap();
            }
        } else {
            let context = builder.x509v3_context(None, None);
            let names = SubjectAlternativeName::new().dns("localhost").build(&context).unwrap();
            builder.append_extension(&names).unwrap();
        }
        if self.identifiers {
            let context = builder.x509v3_context(None, None);
            let own = SubjectKeyIdentifier::new().build(&context).unwrap();
            builder.append_extension(&own).unwrap();
            if let Some(cert) = issuer {
                let context = builder.x509v3_context(Some(cert), None);
                let theirs = AuthorityKeyIdentifier::new().keyid(true).build(&context).unwrap();
                builder.append_extension(&theirs).unwrap();
            }
        }
        builder
    }
}

fn pem(certs: &[&X509]) -> Vec<u8> {
    certs.iter().flat_map(|cert| cert.to_pem().unwrap()).collect()
}

fn set_level(ctx: &Ctx, level: u32) {
    let list = c(&format!("@SECLEVEL={level}"));
    call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
}

fn load(ctx: &Ctx, chain: &[&X509], key: &Key) -> Result<i32, Error> {
    let (chain, key) = (pem(chain), key.private_key_to_pem_pkcs8().unwrap());
    call(|err| unsafe {
        tlsw_ctx_load_cert_chain_mem(
            ctx.0,
            chain.as_ptr(),
            chain.len(),
            key.as_ptr(),
            key.len(),
            std::ptr::null(),
            0,
            err,
        )
    })
}

/// How a client that trusts `root` takes `chain` at a level and with flags: 0, or the code and its
/// depth.
fn verdict(root: &X509, chain: &[&X509], key: &Key, level: u32, flags: u32) -> (i32, i32) {
    let server = Ctx::new(TLSW_SERVER);
    set_level(&server, 0);
    load(&server, chain, key).unwrap();
    let client = Ctx::new(TLSW_CLIENT);
    client.load_ca_mem(&pem(&[root])).unwrap();
    set_level(&client, level);
    call(|err| unsafe { tlsw_ctx_set_verify_flags(client.0, flags, err) }).unwrap();
    match Pair::new(&client, &server, Some("localhost")).handshake().0 {
        Ok(()) => (0, -1),
        Err(error) => {
            assert_eq!(error.status, TLSW_ERR_VERIFY, "{}", error.message);
            (error.verify_error, error.verify_depth)
        }
    }
}

#[test]
fn a_small_key_of_the_peer_is_refused() {
    let (root_key, leaf_key) = (p256(), rsa(1024));
    let root = Recipe::ca().make("root", &root_key, None);
    let leaf = Recipe::leaf().make("leaf", &leaf_key, Some((&root, &root_key)));
    for (level, want) in [(0, (0, -1)), (1, (0, -1)), (2, (66, 0)), (3, (66, 0))] {
        assert_eq!(verdict(&root, &[&leaf], &leaf_key, level, 0), want, "{level}");
    }
}

#[test]
fn a_small_key_of_a_ca_is_refused() {
    let (root_key, leaf_key) = (rsa(1024), p256());
    let root = Recipe::ca().make("root", &root_key, None);
    let leaf = Recipe::leaf().make("leaf", &leaf_key, Some((&root, &root_key)));
    for (level, want) in [(0, (0, -1)), (1, (0, -1)), (2, (67, 1))] {
        assert_eq!(verdict(&root, &[&leaf], &leaf_key, level, 0), want, "{level}");
    }
}

#[test]
fn a_signature_with_sha_1_is_refused_but_on_the_root() {
    let (root_key, ca_key, leaf_key) = (rsa(2048), rsa(2048), p256());
    let sha1 = MessageDigest::sha1();
    let root = Recipe { digest: sha1, ..Recipe::ca() }.make("root", &root_key, None);
    let good = Recipe::leaf().make("leaf", &leaf_key, Some((&root, &root_key)));
    assert_eq!(verdict(&root, &[&good], &leaf_key, 2, 0), (0, -1));
    let weak = Recipe { digest: sha1, ..Recipe::leaf() };
    let weak = weak.make("weak leaf", &leaf_key, Some((&root, &root_key)));
    for (level, want) in [(0, (0, -1)), (1, (68, 0)), (2, (68, 0))] {
        assert_eq!(verdict(&root, &[&weak], &leaf_key, level, 0), want, "{level}");
    }
    let ca = Recipe { digest: sha1, ..Recipe::ca() };
    let ca = ca.make("ca", &ca_key, Some((&root, &root_key)));
    let leaf = Recipe::leaf().make("leaf", &leaf_key, Some((&ca, &ca_key)));
    assert_eq!(verdict(&root, &[&leaf, &ca], &leaf_key, 2, 0), (68, 1));
}

#[test]
fn own_chains_are_measured_when_they_are_loaded() {
    let (small, key, root_key) = (rsa(1024), p256(), rsa(2048));
    let root = Recipe::ca().make("root", &root_key, None);
    let small_ca = Recipe::ca().make("small", &small, Some((&root, &root_key)));
    let sha1 = Recipe { digest: MessageDigest::sha1(), ..Recipe::leaf() };
    let small_leaf = Recipe::leaf().make("leaf", &small, Some((&root, &root_key)));
    let under_small = Recipe::leaf().make("leaf", &key, Some((&small_ca, &small)));
    let sha1_leaf = sha1.make("leaf", &key, Some((&root, &root_key)));
    let alone = sha1.make("localhost", &key, None);
    for (chain, key, reason, message) in [
        (vec![&small_leaf], &small, "EE_KEY_TOO_SMALL", "ee key too small"),
        (vec![&under_small, &small_ca], &key, "CA_KEY_TOO_SMALL", "ca key too small"),
        (vec![&sha1_leaf], &key, "CA_MD_TOO_WEAK", "ca md too weak"),
    ] {
        let server = Ctx::new(TLSW_SERVER);
        let error = load(&server, &chain, key).unwrap_err();
        assert_eq!((error.status, error.reason.as_str()), (TLSW_ERR_TLS, reason));
        assert_eq!(error.library, "SSL");
        assert!(error.message.contains(message), "{}", error.message);
        set_level(&server, 0);
        load(&server, &chain, key).unwrap();
    }
    // Nobody needs the signature that a certificate made on itself.
    load(&Ctx::new(TLSW_SERVER), &[&alone], &key).unwrap();
}

#[test]
fn a_key_that_nobody_may_trust_is_refused() {
    // That of an authority which lost it, on the list in BoringSSL.
    let lost = PKey::public_key_from_pem(
        b"-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEE4JRzVKskpjByKrZdzId65fnCb0LTKCs
pV3IrVHc/J0ViaFZfjpRIOHv1jHGPhg1ysrimGmmLhYx6KKBgatWYW3EXZGKvAnz
qw5jz3kqpNztc4e+N7ulaVSfHAKycO1n
-----END PUBLIC KEY-----
",
    )
    .unwrap();
    let (root_key, leaf_key) = (p256(), p256());
    let root = Recipe::ca().make("root", &root_key, None);
    let mut authority = Recipe::ca().unsigned("authority", &lost, Some(&root));
    authority.sign(&root_key, MessageDigest::sha256()).unwrap();
    let authority = authority.build();
    // It cannot sign here. The list is looked at before signatures are.
    let leaf = Recipe::leaf().make("leaf", &leaf_key, Some((&authority, &root_key)));
    assert_eq!(verdict(&root, &[&leaf, &authority], &leaf_key, 2, 0), (28, 1));
}

#[test]
fn the_strict_rules_are_those_of_openssl_3() {
    let (root_key, leaf_key) = (p256(), p256());
    let sound_root = Recipe::ca().make("root", &root_key, None);
    let strict = TLSW_VERIFY_X509_STRICT;
    let sound = Recipe::leaf().make("leaf", &leaf_key, Some((&sound_root, &root_key)));
    assert_eq!(verdict(&sound_root, &[&sound], &leaf_key, 2, strict), (0, -1));
    let bare = Recipe { identifiers: false, ..Recipe::leaf() };
    let bare = bare.make("leaf", &leaf_key, Some((&sound_root, &root_key)));
    assert_eq!(verdict(&sound_root, &[&bare], &leaf_key, 2, 0), (0, -1));
    assert_eq!(verdict(&sound_root, &[&bare], &leaf_key, 2, strict), (85, 0));

    for (recipe, code) in [
        (Recipe { identifiers: false, ..Recipe::ca() }, 86),
        (Recipe { constraints_critical: false, ..Recipe::ca() }, 89),
        (Recipe { key_usage: false, ..Recipe::ca() }, 92),
    ] {
        let root = recipe.make("root", &root_key, None);
        // Made by a sound root of the same name and key: one without an identifier has none to give.
        let leaf = Recipe::leaf().make("leaf", &leaf_key, Some((&sound_root, &root_key)));
        assert_eq!(verdict(&root, &[&leaf], &leaf_key, 2, 0), (0, -1), "{code}");
        assert_eq!(verdict(&root, &[&leaf], &leaf_key, 2, strict), (code, 1));
    }
    for (code, name, words) in [
        (66, "EE_KEY_TOO_SMALL", "EE certificate key too weak"),
        (68, "CA_MD_TOO_WEAK", "CA signature digest algorithm too weak"),
        (79, "INVALID_CA", "invalid CA certificate"),
        (85, "MISSING_AUTHORITY_KEY_IDENTIFIER", "Missing Authority Key Identifier"),
        (93, "EXTENSIONS_REQUIRE_VERSION_3", "Using cert extension requires at least X509v3"),
        (10, "CERT_HAS_EXPIRED", "certificate has expired"),
        (0, "OK", "ok"),
        (-1, "UNSPECIFIED", "unknown certificate verification error"),
        (1000, "UNSPECIFIED", "unknown certificate verification error"),
        (26, "INVALID_PURPOSE", "unsuitable certificate purpose"),
        (44, "DIFFERENT_CRL_SCOPE", "different CRL scope"),
    ] {
        let (text, told) =
            unsafe { (tlsw_verify_error_string(code), tlsw_verify_error_name(code)) };
        assert_eq!(unsafe { std::ffi::CStr::from_ptr(text) }.to_str().unwrap(), words);
        assert_eq!(unsafe { std::ffi::CStr::from_ptr(told) }.to_str().unwrap(), name);
    }
}
