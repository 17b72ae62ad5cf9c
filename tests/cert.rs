//! Decoded certificates, through the C ABI, compared with what others make of the same bytes:
//! CPython's JSON, and `openssl x509`.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{Peer, openssl, run, tool};

use std::ffi::{CStr, c_char};
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A decoded certificate.
struct Cert(*mut tlsw_cert);

impl Drop for Cert {
    fn drop(&mut self) {
        unsafe { tlsw_cert_free(self.0) }
    }
}

fn text(pointer: *const c_char) -> String {
    assert!(!pointer.is_null());
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned()
}

impl Cert {
    /// Decodes all of `der`.
    fn new(der: &[u8]) -> Result<Self, Error> {
        let mut cert = null_mut();
        call(|err| unsafe { tlsw_cert_new(der.as_ptr(), der.len(), null_mut(), &mut cert, err) })?;
        Ok(Self(cert))
    }

    /// Decodes the first certificate of `ders`, and says how long it was.
    fn first(ders: &[u8]) -> Result<(Self, usize), Error> {
        let (mut cert, mut used) = (null_mut(), usize::MAX);
        let (data, len) = (ders.as_ptr(), ders.len());
        let decoded = call(|err| unsafe { tlsw_cert_new(data, len, &mut used, &mut cert, err) });
        if let Err(error) = decoded {
            assert_eq!((used, cert), (usize::MAX, null_mut()), "results of a failure");
            return Err(error);
        }
        Ok((Self(cert), used))
    }

    fn made(
        &self,
        make: unsafe extern "C" fn(*const tlsw_cert, *mut tlsw_buf, *mut tlsw_error) -> tlsw_status,
    ) -> String {
        let mut made = empty();
        call(|err| unsafe { make(self.0, &mut made, err) }).unwrap();
        String::from_utf8(take(made)).unwrap()
    }

    fn json(&self) -> String {
        self.made(tlsw_cert_json)
    }

    fn pem(&self) -> String {
        self.made(tlsw_cert_pem)
    }

    fn der(&self) -> Vec<u8> {
        let (mut der, mut len) = (null(), 0);
        call(|err| unsafe { tlsw_cert_der(self.0, &mut der, &mut len, err) }).unwrap();
        unsafe { std::slice::from_raw_parts(der, len) }.to_vec()
    }

    fn subject(&self) -> String {
        text(unsafe { tlsw_cert_subject(self.0) })
    }

    fn issuer(&self) -> String {
        text(unsafe { tlsw_cert_issuer(self.0) })
    }

    fn sha256(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        call(|err| unsafe { tlsw_cert_sha256(self.0, digest.as_mut_ptr(), 32, err) }).unwrap();
        digest
    }

    /// Every alternative name: its kind, and its bytes.
    fn san(&self) -> Vec<(u32, Vec<u8>)> {
        let count = unsafe { tlsw_cert_san_count(self.0) };
        (0..count)
            .map(|index| {
                let (mut kind, mut value, mut len) = (u32::MAX, null(), usize::MAX);
                let name = call(|err| unsafe {
                    tlsw_cert_san(self.0, index, &mut kind, &mut value, &mut len, err)
                });
                assert_eq!(name, Ok(TLSW_OK));
                let bytes = unsafe { std::slice::from_raw_parts(value.cast::<u8>(), len + 1) };
                assert_eq!(bytes[len], 0, "a NUL behind the end");
                (kind, bytes[..len].to_vec())
            })
            .collect()
    }
}

/// One that `openssl req -x509` makes for these tests. `strings` is its string_mask: which types
/// of strings names may have.
struct Odd {
    file: &'static str,
    name: &'static str,
    extensions: &'static str,
    strings: &'static str,
    key: &'static [&'static str],
    more: &'static [&'static str],
}

const P256: &[&str] = &["EC", "ec_paramgen_curve:P-256"];

const ODD: [Odd; 15] = [
    odd("every-name.pem", "rich", "every_name", "utf8only", P256, &[]),
    odd("rare-names.pem", "plain", "rare_names", "utf8only", P256, &[]),
    odd("old-strings.pem", "rich", "none", "default", P256, &["-set_serial", "0"]),
    odd("wide-strings.pem", "rich", "none", "MASK:0x800", P256, &["-set_serial", "-1"]),
    odd(
        "empty-name.pem",
        "plain",
        "every_name",
        "utf8only",
        P256,
        &["-subj", "/", "-set_serial", "128"],
    ),
    odd("long-serial.pem", "plain", "none", "utf8only", P256, &["-set_serial", LONG_SERIAL]),
    odd("far-off.pem", "plain", "none", "utf8only", P256, &["-days", "36500"]),
    odd("rsa-1024.pem", "plain", "none", "utf8only", &["RSA", "rsa_keygen_bits:1024"], &[]),
    odd(
        "rsa-3072.pem",
        "plain",
        "none",
        "utf8only",
        &["RSA", "rsa_keygen_bits:3072"],
        &["-sha512"],
    ),
    odd("rsa-pss.pem", "plain", "none", "utf8only", &["RSA-PSS", "rsa_keygen_bits:2048"], &[]),
    odd("sha1.pem", "plain", "none", "utf8only", P256, &["-sha1"]),
    odd("p521.pem", "plain", "none", "utf8only", &["EC", "ec_paramgen_curve:P-521"], &["-sha384"]),
    odd(
        "brainpool.pem",
        "plain",
        "none",
        "utf8only",
        &["EC", "ec_paramgen_curve:brainpoolP320r1"],
        &[],
    ),
    odd("koblitz.pem", "plain", "none", "utf8only", &["EC", "ec_paramgen_curve:secp256k1"], &[]),
    odd("ed448.pem", "plain", "none", "utf8only", &["ED448"], &[]),
];

/// All twenty bytes that RFC 5280 allows.
const LONG_SERIAL: &str = "0x7fffffffffffffffffffffffffffffffffffffff";

const fn odd(
    file: &'static str,
    name: &'static str,
    extensions: &'static str,
    strings: &'static str,
    key: &'static [&'static str],
    more: &'static [&'static str],
) -> Odd {
    Odd { file, name, extensions, strings, key, more }
}

/// The directory of the odd certificates, made once.
fn odd_ones() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = pki("odd");
        std::fs::create_dir_all(&dir).unwrap();
        for odd in ODD {
            let mut command = openssl(&["req", "-x509", "-noenc", "-keyout", "odd.key.pem"]);
            command
                .args(["-config", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/odd.cnf")]);
            command.args(["-newkey", odd.key[0]]);
            for option in &odd.key[1..] {
                command.args(["-pkeyopt", option]);
            }
            command.arg("-out").arg(dir.join(odd.file)).args(odd.more);
            command.env("NAME", odd.name).env("EXTENSIONS", odd.extensions);
            command.env("STRINGS", odd.strings);
            run(command);
        }
        dir
    })
}

fn odd_one(file: &str) -> Cert {
    let pem = std::fs::read(odd_ones().join(file)).unwrap();
    Cert::new(&peers::certificates(&pem)[0]).unwrap()
}

/// Where Python keeps the certificates of its own tests, if it brought them along.
fn cpythons_own() -> Option<PathBuf> {
    const WHERE: &str = "import os, test; print(os.path.dirname(test.__file__))";
    let mut command = tool("python3", "python3");
    command.args(["-c", WHERE]);
    let ended = Peer::start(command).end();
    let test = PathBuf::from(ended.text().trim());
    [test.join("certdata"), test].into_iter().find(|dir| dir.join("nullbytecert.pem").is_file())
}

/// Every file with certificates there is: the system's roots, the test PKI, the odd ones, and
/// Python's own.
fn files() -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(BUNDLE)];
    let directories = [Some(pki("")), Some(odd_ones().to_owned()), cpythons_own()];
    for directory in directories.into_iter().flatten() {
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|ext| ext == "pem")));
    }
    files.sort();
    files
}

/// The certificates in files, in their order. `None` for a block that holds none.
fn blocks(files: &[PathBuf]) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    for file in files {
        let data = std::fs::read(file).unwrap();
        for block in tlswrap::pem::blocks(&data) {
            match block {
                Ok(block) if block.is_certificate() => {
                    found.push((file.clone(), block.decode().ok()))
                }
                Ok(_) => {}
                Err(_) => found.push((file.clone(), None)),
            }
        }
    }
    found
}

/// The certificates in all files, each once.
fn all() -> Vec<(PathBuf, Vec<u8>)> {
    let mut seen = std::collections::HashSet::new();
    let mut all = blocks(&files());
    all.retain(|(_, der)| der.as_ref().is_some_and(|der| seen.insert(der.clone())));
    all.into_iter().map(|(file, der)| (file, der.unwrap())).collect()
}

#[test]
fn the_json_is_cpythons_and_then_more() {
    let files = files();
    let mut command = tool("python3", "python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/decode.py")).args(&files);
    let theirs = run(command).text();
    let theirs: Vec<&str> = theirs.lines().collect();
    let ours = blocks(&files);
    assert_eq!(ours.len(), theirs.len());
    let mut compared = 0;
    for ((file, der), theirs) in ours.iter().zip(theirs) {
        let who = file.display();
        // Neither reads what is none; CPython refuses a little more.
        let Some(ours) = der.as_deref().and_then(|der| Cert::new(der).ok()) else {
            assert_eq!(theirs, "null", "{who}");
            continue;
        };
        if theirs == "null" {
            continue;
        }
        let ours = ours.json();
        let (same, more) = ours.split_at(theirs.len() - 1);
        assert_eq!(format!("{same}}}"), theirs, "{who}");
        assert!(more.starts_with(", \"signatureAlgorithm\": \""), "{who}: {more}");
        assert!(more.ends_with('}'), "{who}: {more}");
        compared += 1;
    }
    assert!(compared > 200, "only {compared} certificates");
}

#[test]
fn the_record_has_the_shape_that_programs_know() {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "US");
    params.distinguished_name.push(DnType::OrganizationName, "An Authority");
    params.serial_number = Some(vec![2, 0x3a, 0x69].into());
    params.not_before = time::macros::datetime!(1998-04-04 10:14:15 UTC);
    params.not_after = time::macros::datetime!(2048-12-24 00:00:59 UTC);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cert = Cert::new(params.self_signed(&key).unwrap().der()).unwrap();
    let name = r#"[[["countryName", "US"]], [["organizationName", "An Authority"]]]"#;
    let record = format!(
        r#"{{"subject": {name}, "issuer": {name}, "version": 3, "serialNumber": "023A69", "notBefore": "Apr  4 10:14:15 1998 GMT", "notAfter": "Dec 24 00:00:59 2048 GMT", "signatureAlgorithm": "#
    );
    // No subjectAltName, no key for it; and none for the addresses that it does not have.
    assert!(cert.json().starts_with(&record), "{}", cert.json());
    assert_eq!(unsafe { tlsw_cert_san_count(cert.0) }, 0);
    for absent in ["subjectAltName", "OCSP", "caIssuers", "crlDistributionPoints"] {
        assert!(!cert.json().contains(absent), "{absent}");
    }
}

/// A line of what `openssl x509` printed.
#[track_caller]
fn line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines()
        .find_map(|line| line.trim().strip_prefix(start))
        .unwrap_or_else(|| panic!("no line \"{start}\" in:\n{text}"))
}

/// Seconds since 1970 of `2026-11-23 21:49:07Z`.
fn seconds(date: &str) -> i64 {
    let number = |from: usize, to: usize| date[from..to].parse::<i64>().unwrap();
    assert_eq!((date.len(), &date[19..]), (20, "Z"), "{date}");
    let month = u8::try_from(number(5, 7)).unwrap().try_into().unwrap();
    let (year, day) = (i32::try_from(number(0, 4)).unwrap(), u8::try_from(number(8, 10)).unwrap());
    let midnight = time::Date::from_calendar_date(year, month, day).unwrap().midnight();
    let seconds = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    midnight.assume_utc().unix_timestamp() + seconds
}

#[test]
fn the_accessors_agree_with_openssl() {
    // RFC2253 but for what RFC 4514 changed: letters outside ASCII stay as they are.
    const NAMES: &str = "RFC2253,-esc_msb";
    let mut compared = 0;
    for (file, der) in all() {
        let Ok(cert) = Cert::new(&der) else { continue };
        let mut command = openssl(&["x509", "-inform", "DER", "-text", "-nameopt", NAMES]);
        command.args(["-subject", "-issuer", "-serial", "-fingerprint", "-sha256"]);
        command.args(["-dates", "-dateopt", "iso_8601"]);
        let mut peer = Peer::start(command);
        peer.feed(&der);
        let ended = peer.end();
        if !ended.status.success() {
            continue;
        }
        let theirs = ended.text();
        let who = format!("{}: {}", file.display(), cert.subject());
        for (ours, start) in [(cert.subject(), "subject="), (cert.issuer(), "issuer=")] {
            let theirs = line(&theirs, start).replace("street=", "STREET=");
            // OpenSSL lets pass what turns the direction of writing, and writes the attributes of
            // a set in the other order.
            if !ours.contains("\\E2\\8") && !ours.contains('+') {
                assert_eq!(ours, theirs, "{who}");
            }
        }
        unsafe {
            assert_eq!(text(tlsw_cert_serial(cert.0)), line(&theirs, "serial="), "{who}");
            assert_eq!(tlsw_cert_not_before(cert.0), seconds(line(&theirs, "notBefore=")), "{who}");
            assert_eq!(tlsw_cert_not_after(cert.0), seconds(line(&theirs, "notAfter=")), "{who}");
            let version = line(&theirs, "Version: ").split(' ').next().unwrap();
            assert_eq!(tlsw_cert_version(cert.0).to_string(), version, "{who}");
            let algorithm = line(&theirs, "Signature Algorithm: ");
            assert_eq!(text(tlsw_cert_signature_algorithm(cert.0)), algorithm, "{who}");
            let kind = match line(&theirs, "Public Key Algorithm: ") {
                "rsaEncryption" => "RSA",
                "rsassaPss" => "RSA-PSS",
                "id-ecPublicKey" => "EC",
                other => other,
            };
            assert_eq!(text(tlsw_cert_key_type(cert.0)), kind, "{who}");
            if !kind.starts_with("ED") {
                let bits = theirs.split_once("Public-Key: (").unwrap().1;
                let bits = bits.split_once(" bit").unwrap().0;
                assert_eq!(tlsw_cert_key_bits(cert.0).to_string(), bits, "{who}");
            }
            assert_eq!(tlsw_cert_is_ca(cert.0) != 0, theirs.contains("CA:TRUE"), "{who}");
        }
        let digest: Vec<String> = cert.sha256().iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(digest.join(":"), line(&theirs, "sha256 Fingerprint="), "{who}");
        let pem = &theirs[theirs.find("-----BEGIN").unwrap()..];
        assert_eq!(cert.pem(), pem, "{who}");
        assert_eq!(cert.der(), der, "{who}");
        compared += 1;
    }
    assert!(compared > 150, "only {compared} certificates");
}

#[test]
fn the_sizes_of_edwards_keys_are_known() {
    for (cert, kind, bits) in [
        (Cert::new(&pki_ders("ed25519.pem")[0]).unwrap(), "ED25519", 256),
        (odd_one("ed448.pem"), "ED448", 456),
    ] {
        assert_eq!(text(unsafe { tlsw_cert_key_type(cert.0) }), kind);
        assert_eq!(unsafe { tlsw_cert_key_bits(cert.0) }, bits);
    }
}

#[test]
fn every_kind_of_alternative_name_is_lent_with_its_kind() {
    let expected: [(u32, &str); 13] = [
        (TLSW_SAN_DNS, "example.test"),
        (TLSW_SAN_DNS, "*.example.test"),
        (TLSW_SAN_DNS, "xn--bcher-kva.example"),
        (TLSW_SAN_EMAIL, "someone@example.test"),
        (TLSW_SAN_URI, "https://example.test/a?b=c"),
        (TLSW_SAN_IP, "192.0.2.1"),
        (TLSW_SAN_IP, "2001:db8::1:0:0:1"),
        (TLSW_SAN_IP, "::"),
        (TLSW_SAN_RID, "1.2.3.4"),
        (TLSW_SAN_OTHER, "1.2.3.4:some other name"),
        (TLSW_SAN_OTHER, "1.3.6.1.4.1.311.20.2.3:someone@example.test"),
        (TLSW_SAN_OTHER, "1.2.3.5:#020107"),
        (TLSW_SAN_DIRNAME, "CN=directory name,O=Example\\, Inc.,C=DE"),
    ];
    let mut expected: Vec<_> =
        expected.into_iter().map(|(kind, value)| (kind, value.as_bytes().to_vec())).collect();
    let rare = odd_one("rare-names.pem");
    let kinds: Vec<u32> = rare.san().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [TLSW_SAN_X400, TLSW_SAN_EDI]);
    let names =
        r#""subjectAltName": [["X400Name", "<unsupported>"], ["EdiPartyName", "<unsupported>"]]"#;
    assert!(rare.json().contains(names), "{}", rare.json());
    let mut found = odd_one("every-name.pem").san();
    // OpenSSL writes them in the order of its own table.
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn past_the_last_alternative_name_there_is_none() {
    let count = |file: &str| Cert::new(&pki_ders(file)[0]).unwrap().san().len();
    assert_eq!(count("root.pem"), 0);
    assert_eq!(count("cn-only.pem"), 0);
    assert_eq!(count("localhost.pem"), 3);
    assert_eq!(count("many-names.pem"), 61);
    for file in ["root.pem", "localhost.pem", "many-names.pem"] {
        let cert = Cert::new(&pki_ders(file)[0]).unwrap();
        let count = cert.san().len();
        for index in [count, count + 1, usize::MAX] {
            let (mut kind, mut value, mut len) = (4711, null(), 4711);
            let status = call(|err| unsafe {
                tlsw_cert_san(cert.0, index, &mut kind, &mut value, &mut len, err)
            });
            assert_eq!(status, Ok(TLSW_NONE));
            assert_eq!((kind, value, len), (4711, null(), 4711), "results are for TLSW_OK");
        }
    }
}

#[test]
fn a_nul_in_a_name_does_not_end_it() {
    let cert = Cert::new(&pki_ders("nul-name.pem")[0]).unwrap();
    assert_eq!(cert.san(), [(TLSW_SAN_DNS, b"localhost\0.example.test".to_vec())]);
    assert!(cert.json().contains(r#"[["DNS", "localhost\u0000.example.test"]]"#));
    // Without `len` the text ends early, but nobody has to ask so.
    let (mut kind, mut value) = (0, null());
    call(|err| unsafe { tlsw_cert_san(cert.0, 0, &mut kind, &mut value, null_mut(), err) })
        .unwrap();
    assert_eq!(text(value), "localhost");
    // Names that are C strings alone show that there is something.
    let cert = Cert::new(&pki_ders("terminal-escapes.pem")[0]).unwrap();
    assert!(text(unsafe { tlsw_cert_common_name(cert.0) }).ends_with("\"\\\u{fffd}"));
    assert!(cert.subject().ends_with(r#"\"\\\00"#));
    assert!(!cert.subject().contains(char::is_control));
}

#[test]
fn the_common_name_is_the_most_specific_one() {
    let name = |cert: &Cert| {
        let name = unsafe { tlsw_cert_common_name(cert.0) };
        (!name.is_null()).then(|| text(name))
    };
    assert_eq!(name(&odd_one("every-name.pem")).as_deref(), Some("last €"));
    assert_eq!(name(&odd_one("wide-strings.pem")).as_deref(), Some("last €"));
    assert_eq!(name(&odd_one("empty-name.pem")), None);
    let root = Cert::new(&pki_ders("root.pem")[0]).unwrap();
    assert_eq!(name(&root).as_deref(), Some("tlswrap test root"));
    let cert = odd_one("empty-name.pem");
    assert_eq!((cert.subject(), cert.issuer()), (String::new(), String::new()));
}

#[test]
fn names_are_written_as_rfc_4514_writes_them() {
    let expected = "CN=last €,1.2.3.4.5.6=#0C036F6464,SN=Sur,GN=Given,title=“Sir”,\
                    emailAddress=someone@example.test,UID=someone,serialNumber=4711,\
                    STREET=Main Street = 1,OU=unit+OU=other unit,OU=\\#hash first,\
                    O=Q & A \\+ \\\"Sons\\\"\\; \\<Ltd\\> #1 \\\\ Co,L=two  spaces\\, a comma,\
                    ST=Baden-Württemberg,C=DE,DC=example,DC=test";
    assert_eq!(odd_one("every-name.pem").subject(), expected);
    // The types of the strings make no difference, but for the value that has no name.
    for file in ["old-strings.pem", "wide-strings.pem"] {
        let subject = odd_one(file).subject();
        let parts = |subject: &str| -> Vec<String> {
            subject.split(',').filter(|part| !part.contains("=#")).map(str::to_owned).collect()
        };
        assert_eq!(parts(&subject), parts(expected), "{file}");
    }
}

#[test]
fn dates_and_serial_numbers_at_their_ends() {
    let serial = |file: &str| {
        let cert = odd_one(file);
        text(unsafe { tlsw_cert_serial(cert.0) })
    };
    assert_eq!(serial("old-strings.pem"), "00");
    assert_eq!(serial("wide-strings.pem"), "-01");
    assert_eq!(serial("empty-name.pem"), "80");
    assert_eq!(serial("long-serial.pem"), LONG_SERIAL[2..].to_uppercase());
    // From 2050 on dates have four digits for the year.
    let cert = odd_one("far-off.pem");
    let days = unsafe { tlsw_cert_not_after(cert.0) - tlsw_cert_not_before(cert.0) };
    assert_eq!(days, 36500 * 86400);
    let year_2100 = 4_102_444_800;
    assert!(unsafe { tlsw_cert_not_after(cert.0) } > year_2100);
}

#[test]
fn a_chain_is_read_in_a_loop() {
    let chain = pki_bytes("chain.der");
    let ders = pki_ders("localhost.chain.pem");
    let mut at = 0;
    let mut found = Vec::new();
    while at < chain.len() {
        let (cert, used) = Cert::first(&chain[at..]).unwrap();
        assert_eq!(cert.der(), chain[at..at + used]);
        found.push(cert.der());
        at += used;
    }
    assert_eq!(found, ders);
    // A certificate is its own copy: what it was decoded from may go.
    let mut leaf = ders[0].clone();
    let (cert, _) = Cert::first(&leaf).unwrap();
    leaf.fill(0);
    drop(leaf);
    assert_eq!(cert.der(), ders[0]);
    assert_eq!(cert.subject(), "CN=localhost");
}

#[test]
fn what_follows_a_certificate_is_an_error_unless_it_is_asked_for() {
    let chain = pki_bytes("chain.der");
    let error = Cert::new(&chain).map(|_| ()).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_DECODE);
    let rest = pki_ders("intermediate.pem")[0].len();
    assert!(error.message.starts_with(&format!("{rest} bytes follow")), "{}", error.message);
    let (_, used) = Cert::first(&chain).unwrap();
    assert_eq!(used, chain.len() - rest);
    // Behind the last certificate there is nothing to read, or nothing that can be.
    for rest in [&b""[..], b"\0", b"0", b"garbage", &chain[..used - 1]] {
        let error = Cert::first(rest).map(|_| ()).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_DECODE, "{rest:?}");
    }
}

#[test]
fn no_beginning_of_a_certificate_is_one() {
    for file in ["localhost.pem", "rsa.pem", "many-names.pem", "terminal-escapes.pem"] {
        let der = &pki_ders(file)[0];
        for len in 0..der.len() {
            for error in [Cert::new(&der[..len]).map(|_| ()), Cert::first(&der[..len]).map(|_| ())]
            {
                assert_eq!(error.unwrap_err().status, TLSW_ERR_DECODE, "{len} bytes of {file}");
            }
        }
        assert!(Cert::new(der).is_ok());
    }
    let every = odd_one("every-name.pem").der();
    for len in 0..every.len() {
        assert!(Cert::new(&every[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn garbage_is_no_certificate_and_does_no_harm() {
    let mut dice = Dice::new(5280);
    for _ in 0..2_000 {
        let len = dice.below(300);
        let garbage = noise(&mut dice, len);
        let error = Cert::new(&garbage).map(|_| ()).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_DECODE, "{garbage:?}");
    }
    let sound = [odd_one("every-name.pem").der(), pki_ders("terminal-escapes.pem").remove(0)];
    for round in 0..20_000 {
        let spoilt = spoil(&mut dice, &sound[round % 2]);
        match Cert::first(&spoilt) {
            Err(error) => assert_eq!(error.status, TLSW_ERR_DECODE),
            // What still has the form of one can be asked anything.
            Ok((cert, used)) => {
                assert_eq!(cert.der(), spoilt[..used]);
                assert!(cert.json().ends_with('}'));
                assert!(!cert.subject().contains(char::is_control));
                assert!(!cert.issuer().contains(char::is_control));
                cert.san();
                assert_ne!(cert.sha256(), [0; 32]);
            }
        }
    }
}

#[test]
fn a_digest_needs_its_room() {
    let cert = Cert::new(&pki_ders("localhost.pem")[0]).unwrap();
    let mut room = [0xa5_u8; 64];
    for size in [0, 1, 31] {
        let error = call(|err| unsafe { tlsw_cert_sha256(cert.0, room.as_mut_ptr(), size, err) });
        assert_eq!(error.unwrap_err().status, TLSW_ERR_ARGUMENT, "{size}");
        assert_eq!(room, [0xa5; 64]);
    }
    call(|err| unsafe { tlsw_cert_sha256(cert.0, room.as_mut_ptr(), room.len(), err) }).unwrap();
    assert_eq!(room[..32], cert.sha256());
    assert_eq!(room[32..], [0xa5; 32]);
}
