//! A whole test PKI, made when it is needed: certificates kept in the tree expire, and
//! nobody remembers how they were made. `make` takes a tenth of a second, nearly all of it
//! for two RSA keys.
//!
//! Every identity `NAME` is written as `NAME.pem` (its certificate) and `NAME.key.pem`
//! (PKCS#8, not encrypted); a leaf also as `NAME.chain.pem`, what a well-kept server sends:
//! the leaf and its intermediates, no root. Everything else has a line of its own in `make`,
//! and the index `README` that is written beside the files is built from the same lines.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use boring::hash::MessageDigest;
use boring::pkey::PKey;
use boring::rsa::Rsa;
use boring::symm::{self, Cipher};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationList,
    CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The password of every encrypted key.
pub const PASSWORD: &str = "hunter2";

/// Writes all files into `dir`, which is created if need be; files of an earlier run are
/// replaced.
pub fn make(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir.join("bad"))?;
    let mut to = Folder { dir, index: String::from(INDEX_HEAD) };

    to.chapter("Authorities");
    let root = to.root("root", "the root the tests trust, P-256", "tlswrap test root", p256()?)?;
    let intermediate = to.issue(
        "intermediate",
        "signs nearly all leaves, P-256",
        authority("tlswrap test intermediate"),
        p256()?,
        &root,
    )?;
    let old_root = to.root(
        "old-root",
        "another root, RSA: the B of the cross-signed cases",
        "tlswrap old root",
        rsa()?,
    )?;
    let strange_root =
        to.root("untrusted-root", "a root nobody should trust", "tlswrap untrusted root", p256()?)?;
    let p384_root =
        to.root("p384-root", "the root of the P-384 chain", "tlswrap P-384 root", p384()?)?;
    let p384_intermediate = to.issue(
        "p384-intermediate",
        "the intermediate of the P-384 chain",
        authority("tlswrap P-384 intermediate"),
        p384()?,
        &p384_root,
    )?;
    to.file(
        "roots.pem",
        "root, old-root and p384-root in one file, with prose between them",
        format!("The first:\n{}The second:\n{}{}", root.pem(), old_root.pem(), p384_root.pem()),
    )?;

    to.chapter("Good leaves, all but the client's for \"localhost\", 127.0.0.1 and ::1");
    let localhost =
        to.leaf("localhost", "ECDSA P-256", leaf("localhost", LOCAL)?, p256()?, &[&intermediate])?;
    to.leaf("rsa", "RSA, 2048 bits", leaf("localhost", LOCAL)?, rsa()?, &[&intermediate])?;
    to.leaf("ed25519", "Ed25519", leaf("localhost", LOCAL)?, ed25519()?, &[&intermediate])?;
    to.leaf(
        "p384",
        "P-384 up to its root",
        leaf("localhost", LOCAL)?,
        p384()?,
        &[&p384_intermediate],
    )?;
    let encrypted = to.leaf(
        "encrypted",
        "its key is encrypted below",
        leaf("localhost", LOCAL)?,
        p256()?,
        &[&intermediate],
    )?;
    let mut client = leaf("tlswrap test client", &[])?;
    client.subject_alt_names = vec![SanType::Rfc822Name("client@example.test".try_into()?)];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    to.leaf(
        "client",
        "for mutual TLS: clientAuth, client@example.test",
        client,
        p256()?,
        &[&intermediate],
    )?;
    let bare = Identity::signed_by(leaf("localhost", LOCAL)?, p256()?, &intermediate)?;
    let chain = bare.pem() + &intermediate.pem();
    to.keep("no-identifier", "does not identify its issuer's key; strict rules want it", bare)?;
    to.file("no-identifier.chain.pem", "the same with the intermediate", chain)?;

    to.chapter("Leaves that name other things");
    to.leaf(
        "wrong-name",
        "for other.example only",
        leaf("other.example", &["other.example"])?,
        p256()?,
        &[&intermediate],
    )?;
    to.leaf(
        "ip-only",
        "for 127.0.0.1 and ::1, no DNS name",
        leaf("by address", &["127.0.0.1", "::1"])?,
        p256()?,
        &[&intermediate],
    )?;
    to.leaf(
        "cn-only",
        "CN=localhost and no subjectAltName",
        leaf("localhost", &[])?,
        p256()?,
        &[&intermediate],
    )?;
    to.leaf(
        "wildcard",
        "for *.example.test",
        leaf("*.example.test", &["*.example.test"])?,
        p256()?,
        &[&intermediate],
    )?;
    let many: Vec<String> = (1..=60).map(|n| format!("host-{n}.example.test")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain(["localhost"]).collect();
    to.leaf(
        "many-names",
        "61 names, localhost the last",
        leaf("localhost", &many)?,
        p256()?,
        &[&intermediate],
    )?;
    let mut hostile = leaf(
        "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}tsohlacol\u{9b}31m\"\\\u{0}",
        &["localhost", "a\u{1b}[31m.test"],
    )?;
    hostile.distinguished_name.push(DnType::OrganizationName, "line one\nline two\u{2066}");
    to.leaf(
        "terminal-escapes",
        "control characters, bidi overrides, quotes and a NUL in its names; also for localhost",
        hostile,
        p256()?,
        &[&intermediate],
    )?;

    to.chapter("Leaves that must be refused for localhost");
    let mut expired = leaf("localhost", LOCAL)?;
    (expired.not_before, expired.not_after) = (days(-102), days(-12));
    to.leaf("expired", "expired 12 days ago", expired, p256()?, &[&intermediate])?;
    let mut early = leaf("localhost", LOCAL)?;
    (early.not_before, early.not_after) = (days(30), days(120));
    to.leaf("not-yet-valid", "valid in 30 days", early, p256()?, &[&intermediate])?;
    let mut alone = leaf("localhost", LOCAL)?;
    // As most tools make it. With a key usage that does not sign, it could not be its own issuer.
    alone.key_usages.clear();
    to.self_signed("self-signed", "its own issuer", alone, p256()?)?;
    to.leaf(
        "untrusted",
        "issued by untrusted-root",
        leaf("localhost", LOCAL)?,
        p256()?,
        &[&strange_root],
    )?;
    let mut wrong_use = leaf("localhost", LOCAL)?;
    wrong_use.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    to.leaf("wrong-use", "clientAuth only: no server", wrong_use, p256()?, &[&intermediate])?;
    let mut old_authority = authority("tlswrap expired intermediate");
    (old_authority.not_before, old_authority.not_after) = (days(-400), days(-35));
    let expired_intermediate = to.issue(
        "expired-intermediate",
        "an authority that expired 35 days ago",
        old_authority,
        p256()?,
        &root,
    )?;
    to.leaf(
        "under-expired-intermediate",
        "a good leaf of expired-intermediate",
        leaf("localhost", LOCAL)?,
        p256()?,
        &[&expired_intermediate],
    )?;
    let mut no_authority = leaf("tlswrap not an authority", &[])?;
    no_authority.is_ca = IsCa::ExplicitNoCa;
    // With a key usage set, rcgen itself would refuse to sign with it.
    no_authority.key_usages.clear();
    no_authority.extended_key_usages.clear();
    let not_a_ca =
        to.issue("not-a-ca", "an issuer with CA:FALSE", no_authority, p256()?, &intermediate)?;
    to.leaf(
        "under-not-a-ca",
        "a leaf of not-a-ca",
        leaf("localhost", LOCAL)?,
        p256()?,
        &[&not_a_ca, &intermediate],
    )?;

    to.leaf(
        "nul-name",
        "for \"localhost\\0.example.test\" only: a name that C code may read as localhost",
        leaf("nul", &["localhost\0.example.test"])?,
        p256()?,
        &[&intermediate],
    )?;

    to.chapter("Revocation");
    let mut withdrawn = leaf("localhost", LOCAL)?;
    withdrawn.serial_number = Some(SerialNumber::from(0x1bad));
    to.leaf("revoked", "on the list of intermediate", withdrawn, p256()?, &[&intermediate])?;
    let list = crl(&intermediate, &[0x1bad], days(30))?;
    to.file("intermediate.crl.pem", "the list of intermediate", list.pem()?)?;
    to.file("intermediate.crl.der", "the same as DER", list.der())?;
    to.file("root.crl.pem", "the list of root, empty", crl(&root, &[], days(30))?.pem()?)?;
    to.file(
        "intermediate.old.crl.pem",
        "a list of intermediate that is too old",
        crl(&intermediate, &[], days(-1))?.pem()?,
    )?;

    to.chapter("Chains that are sent otherwise than they are verified");
    let crossed = to.issue(
        "cross-intermediate",
        "an intermediate of root",
        authority("tlswrap cross-signed intermediate"),
        p256()?,
        &root,
    )?;
    let crossed_old = crossed.again_by(&old_root)?;
    to.file(
        "cross-intermediate-by-old-root.pem",
        "the same name and key, issued by old-root",
        crossed_old.pem(),
    )?;
    let cross = to.leaf(
        "cross",
        "a leaf of the cross-signed intermediate; its chain has the one by old-root",
        leaf("localhost", LOCAL)?,
        p256()?,
        &[&crossed_old],
    )?;
    to.file(
        "cross.both.chain.pem",
        "cross, with the intermediate in both issues, the one by old-root first",
        [cross.pem(), crossed_old.pem(), crossed.pem()].concat(),
    )?;
    to.file(
        "cross-store.pem",
        "a trust store of root and cross-intermediate: cross verifies by another way than it is sent",
        [root.pem(), crossed.pem()].concat(),
    )?;
    let root_old = root.again_by(&old_root)?;
    to.file(
        "root-by-old-root.pem",
        "the name and key of root, issued by old-root",
        root_old.pem(),
    )?;
    to.file(
        "localhost.cross-root.chain.pem",
        "localhost, intermediate, root-by-old-root: trusted by whoever knows root or old-root",
        [localhost.pem(), intermediate.pem(), root_old.pem()].concat(),
    )?;
    let superfluous = to.self_signed(
        "superfluous",
        "a certificate that no chain needs",
        leaf("superfluous.example.test", &["superfluous.example.test"])?,
        p256()?,
    )?;
    to.file(
        "localhost.superfluous.chain.pem",
        "localhost, intermediate, superfluous",
        [localhost.pem(), intermediate.pem(), superfluous.pem()].concat(),
    )?;
    to.file(
        "localhost.shuffled.chain.pem",
        "localhost, superfluous, intermediate",
        [localhost.pem(), superfluous.pem(), intermediate.pem()].concat(),
    )?;
    to.file(
        "localhost.with-root.chain.pem",
        "localhost, intermediate, root",
        [localhost.pem(), intermediate.pem(), root.pem()].concat(),
    )?;

    to.chapter("Other ways to write the same");
    to.file(
        "localhost.all.pem",
        "key, leaf and intermediate in one file",
        [localhost.key.serialize_pem(), localhost.pem(), intermediate.pem()].concat(),
    )?;
    to.file("localhost.der", "the leaf as DER", localhost.cert.der())?;
    to.file("localhost.key.der", "its key as DER (PKCS#8)", localhost.key.serialized_der())?;
    to.file("root.der", "root as DER", root.cert.der())?;
    to.file(
        "chain.der",
        "localhost and intermediate as DER, one after the other",
        [localhost.cert.der().as_ref(), intermediate.cert.der().as_ref()].concat(),
    )?;
    to.file(
        "encrypted.key.pkcs8.pem",
        "the key of encrypted, as PKCS#8 under PBKDF2-SHA256 and AES-256-CBC",
        pkcs8_encrypted(encrypted.key.serialized_der())?,
    )?;
    to.file(
        "encrypted.key.legacy.pem",
        "the same in the old form with a DEK-Info header, AES-256-CBC",
        PKey::private_key_from_der(encrypted.key.serialized_der())?
            .ec_key()?
            .private_key_to_pem_passphrase(Cipher::aes_256_cbc(), PASSWORD.as_bytes())?,
    )?;

    bad_files(&mut to, &localhost, &intermediate, &encrypted)?;
    fs::write(dir.join("README"), &to.index)?;
    Ok(())
}

/// Files that a loader must answer with a clear error, or, where the index says so, accept.
fn bad_files(
    to: &mut Folder,
    good: &Identity,
    other: &Identity,
    stranger: &Identity,
) -> Result<()> {
    let (leaf, der) = (good.pem(), good.cert.der());
    let half = |of: &str| of.get(..of.len() / 2).unwrap_or_default().to_owned();
    let half_der = der.get(..der.len() / 2).unwrap_or_default();

    to.chapter("Bad files");
    to.file("bad/empty.pem", "no byte", "")?;
    to.file("bad/no-certificate.pem", "prose and no block", "There is nothing of use in here.\n")?;
    to.file("bad/key-only.pem", "a key where certificates are expected", good.key.serialize_pem())?;
    to.file(
        "bad/garbage-between.pem",
        "localhost and intermediate with prose and odd bytes around them: VALID, RFC 7468 allows it",
        [b"subject=localhost\n\xff\xfe\n", leaf.as_bytes(), b"\r\n-- between --\n", other.pem().as_bytes(), b"the end"].concat(),
    )?;
    to.file("bad/truncated.der", "the first half of a certificate", half_der)?;
    to.file(
        "bad/truncated-der.pem",
        "a whole PEM block around half a certificate",
        pem("CERTIFICATE", half_der)?,
    )?;
    to.file(
        "bad/truncated-base64.pem",
        "a block whose base64 stops after the first character of a group",
        pem("CERTIFICATE", der.get(..120).unwrap_or_default())?
            .replace("\n-----END", "A\n-----END"),
    )?;
    to.file("bad/begin-without-end.pem", "a block that never ends", half(&leaf))?;
    to.file(
        "bad/second-block.pem",
        "a good certificate, then one of half its bytes: nothing may be loaded",
        [leaf.clone(), pem("CERTIFICATE", half_der)?].concat(),
    )?;
    to.file("bad/mismatched.pem", "the certificate of localhost …", leaf)?;
    to.file(
        "bad/mismatched.key.pem",
        "… and a key that is not its own",
        stranger.key.serialize_pem(),
    )
}

/// A certificate, its key, and what it was made from, so that it can sign and be signed again.
struct Identity {
    is_root: bool,
    params: CertificateParams,
    key: KeyPair,
    cert: Certificate,
}

impl Identity {
    fn signed_by(params: CertificateParams, key: KeyPair, issuer: &Identity) -> Result<Self> {
        let cert = params.signed_by(&key, &Issuer::from_params(&issuer.params, &issuer.key))?;
        Ok(Identity { is_root: false, params, key, cert })
    }

    /// The same name and key, certified by another authority.
    fn again_by(&self, issuer: &Identity) -> Result<Self> {
        let mut params = self.params.clone();
        params.use_authority_key_identifier_extension = true;
        Self::signed_by(params, KeyPair::try_from(self.key.serialized_der())?, issuer)
    }

    fn pem(&self) -> String {
        self.cert.pem()
    }
}

/// Where the files go, and the index that grows with them.
struct Folder<'a> {
    dir: &'a Path,
    index: String,
}

impl Folder<'_> {
    fn chapter(&mut self, title: &str) {
        self.index.push_str(&format!("\n{title}\n"));
    }

    fn note(&mut self, name: &str, about: &str) -> Result<()> {
        Ok(writeln!(self.index, "  {name:<36} {about}")?)
    }

    fn file(&mut self, name: &str, about: &str, content: impl AsRef<[u8]>) -> Result<()> {
        fs::write(self.dir.join(name), content)?;
        self.note(name, about)
    }

    fn keep(&mut self, name: &str, about: &str, identity: Identity) -> Result<Identity> {
        fs::write(self.dir.join(format!("{name}.pem")), identity.pem())?;
        fs::write(self.dir.join(format!("{name}.key.pem")), identity.key.serialize_pem())?;
        self.note(name, about)?;
        Ok(identity)
    }

    fn self_signed(
        &mut self,
        name: &str,
        about: &str,
        params: CertificateParams,
        key: KeyPair,
    ) -> Result<Identity> {
        let cert = params.self_signed(&key)?;
        let identity = self.keep(name, about, Identity { is_root: true, params, key, cert })?;
        fs::write(self.dir.join(format!("{name}.chain.pem")), identity.pem())?;
        Ok(identity)
    }

    fn root(
        &mut self,
        name: &str,
        about: &str,
        common_name: &str,
        key: KeyPair,
    ) -> Result<Identity> {
        let params = authority(common_name);
        let cert = params.self_signed(&key)?;
        self.keep(name, about, Identity { is_root: true, params, key, cert })
    }

    fn issue(
        &mut self,
        name: &str,
        about: &str,
        mut params: CertificateParams,
        key: KeyPair,
        issuer: &Identity,
    ) -> Result<Identity> {
        params.use_authority_key_identifier_extension = true;
        self.keep(name, about, Identity::signed_by(params, key, issuer)?)
    }

    /// Issues a leaf by the first of `above`, and writes the chain as a server sends it:
    /// without roots.
    fn leaf(
        &mut self,
        name: &str,
        about: &str,
        params: CertificateParams,
        key: KeyPair,
        above: &[&Identity],
    ) -> Result<Identity> {
        let issuer = above.first().ok_or("a leaf needs an issuer")?;
        let identity = self.issue(name, about, params, key, issuer)?;
        let mut chain = identity.pem();
        for authority in above.iter().filter(|authority| !authority.is_root) {
            chain.push_str(&authority.pem());
        }
        fs::write(self.dir.join(format!("{name}.chain.pem")), chain)?;
        Ok(identity)
    }
}

const INDEX_HEAD: &str = "\
Certificates and keys for tests, made by make-certs. Never trust them for anything else.

NAME below stands for NAME.pem (the certificate) and NAME.key.pem (its key, PKCS#8, not
encrypted), for a leaf also for NAME.chain.pem (what a server sends: leaf and intermediates).
The password of encrypted keys is \"hunter2\".
";

const LOCAL: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// A moment some days from now, and half a day further: what is 12 days off stays so while the
/// tests run.
fn days(from_now: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(from_now) + Duration::hours(12 * from_now.signum())
}

/// What a certificate authority asks for: ten years, and to sign.
fn authority(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "tlswrap");
    params.distinguished_name.push(DnType::CommonName, common_name);
    (params.not_before, params.not_after) = (days(-1), days(3650));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// What a server asks for: ninety days, for the given names.
fn leaf(common_name: &str, names: &[&str]) -> Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    (params.not_before, params.not_after) = (days(-1), days(89));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

/// A revocation list that holds until `next`.
fn crl(
    issuer: &Identity,
    revoked: &[u64],
    next: OffsetDateTime,
) -> Result<CertificateRevocationList> {
    let revoked = revoked.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: days(-1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: days(-2),
        next_update: next,
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: issuer.params.key_identifier_method.clone(),
    };
    Ok(params.signed_by(&Issuer::from_params(&issuer.params, &issuer.key))?)
}

fn p256() -> Result<KeyPair> {
    Ok(KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?)
}

fn p384() -> Result<KeyPair> {
    Ok(KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?)
}

fn ed25519() -> Result<KeyPair> {
    Ok(KeyPair::generate_for(&rcgen::PKCS_ED25519)?)
}

/// ring signs with RSA keys but makes none; BoringSSL is here anyway.
fn rsa() -> Result<KeyPair> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    Ok(KeyPair::try_from(key.private_key_to_der_pkcs8()?)?)
}

/// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018), OpenSSL's own default.
/// BoringSSL reads this form but writes HMAC-SHA1 only, hence by hand.
fn pkcs8_encrypted(key: &[u8]) -> Result<String> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    const OCTETS: u8 = 0x04;
    const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    const PBKDF2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
    const HMAC_SHA256: &[u8] = b"\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00";
    const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
    const ROUNDS: u16 = 2048;

    let (mut salt, mut iv, mut secret) = ([0; 16], [0; 16], [0; 32]);
    boring::rand::rand_bytes(&mut salt)?;
    boring::rand::rand_bytes(&mut iv)?;
    boring::pkcs5::pbkdf2_hmac(
        PASSWORD.as_bytes(),
        &salt,
        ROUNDS.into(),
        MessageDigest::sha256(),
        &mut secret,
    )?;
    let sealed = symm::encrypt(Cipher::aes_256_cbc(), &secret, Some(&iv), key)?;

    let rounds = der(INTEGER, &[&ROUNDS.to_be_bytes()]);
    let derivation =
        der(SEQUENCE, &[PBKDF2, &der(SEQUENCE, &[&der(OCTETS, &[&salt]), &rounds, HMAC_SHA256])]);
    let cipher = der(SEQUENCE, &[AES_256_CBC, &der(OCTETS, &[&iv])]);
    let algorithm = der(SEQUENCE, &[PBES2, &der(SEQUENCE, &[&derivation, &cipher])]);
    pem("ENCRYPTED PRIVATE KEY", &der(SEQUENCE, &[&algorithm, &der(OCTETS, &[&sealed])]))
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    if content.len() >= 0x80 {
        out.push(0x80 | digits.len() as u8);
    }
    out.extend(digits);
    out.extend(content);
    out
}

fn pem(label: &str, der: &[u8]) -> Result<String> {
    let base64 = boring::base64::encode_block(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        writeln!(out, "{}", std::str::from_utf8(line)?)?;
    }
    writeln!(out, "-----END {label}-----")?;
    Ok(out)
}
