//! Files and bytes that are not what they should be: a clear error that names the file and the
//! block, nothing loaded half-way, and no secret in any word of it.

mod support;

use std::ffi::c_void;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use boring::pkey::PKey;
use boring::symm::Cipher;
use support::*;

/// The password of the encrypted keys of the test PKI.
const PASSWORD: &[u8] = b"hunter2";

/// A file of this test's own.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let dir = pki("own");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// What no message may hold: passwords, and the text of keys.
fn secrets() -> &'static Vec<String> {
    static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
    SECRETS.get_or_init(|| {
        let mut secrets: Vec<String> =
            ["hunter", "open sesame", "correct horse"].map(str::to_owned).to_vec();
        let names = ["localhost.key.pem", "encrypted.key.pem", "rsa.key.pem", "localhost.all.pem"];
        for name in names.into_iter().chain(["encrypted.key.pkcs8.pem", "encrypted.key.legacy.pem"])
        {
            let text = String::from_utf8(pki_bytes(name)).unwrap();
            let key = text.split("KEY-----").nth(1).unwrap();
            let key: String = key.split("-----").next().unwrap().split_whitespace().collect();
            let windows = key.as_bytes().windows(10);
            secrets.extend(windows.map(|part| String::from_utf8_lossy(part).into_owned()));
        }
        secrets
    })
}

/// A failure that keeps its secrets.
fn failure(result: Result<tlsw_status, Error>) -> Error {
    let error = result.expect_err("a failure");
    for text in [&error.message, &error.reason, &error.library] {
        let told = secrets().iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(told, None, "a secret in {text}");
    }
    error
}

/// A failure that says all this.
fn says(result: Result<tlsw_status, Error>, status: tlsw_status, words: &[&str]) -> Error {
    let error = failure(result);
    assert_eq!(name_of(error.status), name_of(status), "{}", error.message);
    for word in words {
        assert!(error.message.contains(word), "{word:?} is not in {:?}", error.message);
    }
    error
}

/// Contexts with something loaded; everything bad is given to these, and they must not change.
struct Loaded {
    client: Ctx,
    server: Ctx,
}

impl Loaded {
    fn new() -> Self {
        Self { client: Ctx::client("root.pem"), server: Ctx::server("rsa") }
    }

    /// Loads one file as CAs and as certificates; both fail alike.
    fn certificates(&self, path: &Path) -> Error {
        let cas = failure(self.client.load_ca_file(path));
        let own = failure(self.load(path, Some(&pki("localhost.key.pem")), None));
        assert_eq!((own.status, own.os_error), (cas.status, cas.os_error), "{own:?}");
        let name = path.to_str().unwrap();
        assert!(cas.message.contains(name) && own.message.contains(name), "{}", own.message);
        cas
    }

    /// The same from memory; all but the name of the file is the same too.
    fn bytes(&self, data: &[u8]) -> Error {
        let cas = failure(self.client.load_ca_mem(data));
        let own = failure(self.load_mem(data, Some(&pki_bytes("localhost.key.pem")), None));
        // OpenSSL names it after the call that it was found in.
        assert_eq!((own.status, &own.message), (cas.status, &cas.message));
        assert_eq!((&*own.library, &*own.reason), ("SSL", ""));
        cas
    }

    /// A file that does not decode: from the file as from memory.
    fn content(&self, path: &Path, words: &[&str]) {
        let error = self.certificates(path);
        assert_eq!((error.status, error.os_error), (TLSW_ERR_DECODE, 0), "{}", error.message);
        for word in words {
            assert!(error.message.contains(word), "{word:?} is not in {:?}", error.message);
        }
        let in_memory = self.bytes(&fs::read(path).unwrap());
        assert_eq!(error.message, format!("{}: {}", path.display(), in_memory.message));
    }

    fn load(
        &self,
        chain: &Path,
        key: Option<&Path>,
        password: Option<&[u8]>,
    ) -> Result<tlsw_status, Error> {
        let (chain, key) = (c_path(chain), key.map(c_path));
        let key = key.as_ref().map_or(null(), |key| key.as_ptr());
        let (data, len) = password.map_or((null(), 0), |text| (text.as_ptr(), text.len()));
        call(|err| unsafe {
            tlsw_ctx_load_cert_chain_file(self.server.0, chain.as_ptr(), key, data, len, err)
        })
    }

    fn load_mem(
        &self,
        chain: &[u8],
        key: Option<&[u8]>,
        password: Option<&[u8]>,
    ) -> Result<tlsw_status, Error> {
        let (key, key_len) = key.map_or((null(), 0), |key| (key.as_ptr(), key.len()));
        let (data, len) = password.map_or((null(), 0), |text| (text.as_ptr(), text.len()));
        call(|err| unsafe {
            tlsw_ctx_load_cert_chain_mem(
                self.server.0,
                chain.as_ptr(),
                chain.len(),
                key,
                key_len,
                data,
                len,
                err,
            )
        })
    }

    /// As `load`, with a password function, and how often it was called.
    fn load_asking(
        &self,
        key: &Path,
        answer: fn(&mut [u8], &mut usize) -> tlsw_status,
    ) -> (Result<tlsw_status, Error>, usize) {
        let (chain, key) = (c_path(&pki("encrypted.chain.pem")), c_path(key));
        let mut user = (answer, 0);
        let result = call(|err| unsafe {
            tlsw_ctx_load_cert_chain_file_cb(
                self.server.0,
                chain.as_ptr(),
                key.as_ptr(),
                Some(asked),
                (&raw mut user).cast(),
                err,
            )
        });
        let mem = {
            let (chain, key) = (pki_bytes("encrypted.chain.pem"), fs::read(key.to_str().unwrap()));
            let key = key.unwrap();
            let mut user = (answer, 0);
            call(|err| unsafe {
                tlsw_ctx_load_cert_chain_mem_cb(
                    Ctx::new(TLSW_SERVER).0,
                    chain.as_ptr(),
                    chain.len(),
                    key.as_ptr(),
                    key.len(),
                    Some(asked),
                    (&raw mut user).cast(),
                    err,
                )
            })
        };
        let status = |result: &Result<_, Error>| result.as_ref().map_or_else(|e| e.status, |s| *s);
        assert_eq!(status(&mem), status(&result), "from memory: {mem:?}");
        (result, user.1)
    }

    /// All is as before: who was trusted is, who was not is not, and the server shows what it did.
    fn are_unchanged(&self) {
        let pair = Pair::connected(&self.client, &self.server, Some("localhost"));
        assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("rsa.chain.pem"))));
        for stranger in ["p384", "untrusted", "self-signed"] {
            let pair = Pair::new(&self.client, &Ctx::server(stranger), Some("localhost"));
            assert_eq!(pair.handshake().0.unwrap_err().status, TLSW_ERR_VERIFY);
        }
    }
}

unsafe extern "C" fn asked(
    user: *mut c_void,
    buf: *mut u8,
    size: usize,
    len: *mut usize,
) -> tlsw_status {
    unsafe {
        let user = &mut *user.cast::<(fn(&mut [u8], &mut usize) -> tlsw_status, usize)>();
        user.1 += 1;
        (user.0)(std::slice::from_raw_parts_mut(buf, size), &mut *len)
    }
}

#[test]
fn what_cannot_be_read_is_an_io_error_with_its_number() {
    let loaded = Loaded::new();
    let not_a_directory = pki("root.pem").join("x");
    let too_long = pki(&"x".repeat(300));
    let nothing = pki("no such file.pem");
    for (path, number) in [
        (nothing.as_path(), libc::ENOENT),
        (&pki("bad"), libc::EISDIR),
        (&not_a_directory, libc::ENOTDIR),
        (&too_long, libc::ENAMETOOLONG),
        (Path::new("/"), libc::EISDIR),
    ] {
        let error = loaded.certificates(path);
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, number), "{}", error.message);
        // As the key it is named too.
        let key = loaded.load(&pki("localhost.chain.pem"), Some(path), None);
        let error = says(key, TLSW_ERR_IO, &[path.to_str().unwrap()]);
        assert_eq!(error.os_error, number);
    }
    loaded.are_unchanged();
}

#[test]
fn what_may_not_be_read_is_an_io_error_with_its_number() {
    let path = file("unreadable.pem", &pki_bytes("root.pem"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    let loaded = Loaded::new();
    // The test's secrets are read by who may.
    secrets();
    let as_nobody = std::thread::spawn(move || {
        // Root may read everything. Of Linux' threads each can be someone else to the file system.
        #[cfg(target_os = "linux")]
        unsafe {
            libc::setfsuid(65534);
        }
        let refused = File::open(&path).expect_err("the test cannot become somebody else");
        assert_eq!(refused.raw_os_error(), Some(libc::EACCES));
        let errors =
            [failure(loaded.client.load_ca_file(&path)), failure(loaded.load(&path, None, None))];
        (loaded, errors)
    });
    let (loaded, errors) = as_nobody.join().unwrap();
    for error in errors {
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::EACCES));
        assert!(error.message.contains("unreadable.pem"), "{}", error.message);
    }
    loaded.are_unchanged();
}

/// Stops whoever reads a device without end.
fn limit_memory() {
    let limit = libc::rlimit { rlim_cur: 2 << 30, rlim_max: 2 << 30 };
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

#[test]
fn devices_are_read_up_to_the_limit_and_sockets_are_not() {
    alone("devices_are_read_up_to_the_limit_and_sockets_are_not", &[], || {
        limit_memory();
        let socket = file("socket", b"");
        fs::remove_file(&socket).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let loaded = Loaded::new();
        for (path, status, number, word) in [
            (socket.as_path(), TLSW_ERR_IO, libc::ENXIO, "socket"),
            (Path::new("/dev/null"), TLSW_ERR_DECODE, 0, "there are no bytes"),
            (Path::new("/dev/zero"), TLSW_ERR_DECODE, 0, "larger than the 64 MiB"),
        ] {
            let error = loaded.certificates(path);
            assert_eq!((error.status, error.os_error), (status, number), "{}", error.message);
            assert!(error.message.contains(word), "{}", error.message);
            let key = loaded.load(&pki("localhost.chain.pem"), Some(path), None);
            says(key, status, &[path.to_str().unwrap(), word]);
        }
        loaded.are_unchanged();
    });
}

#[test]
fn a_fifo_without_a_writer_is_not_waited_for_for_ever() {
    let fifo = file("fifo", b"");
    fs::remove_file(&fifo).unwrap();
    assert_eq!(unsafe { libc::mkfifo(c_path(&fifo).as_ptr(), 0o600) }, 0);
    let loaded = Loaded::new();
    let error = failure(loaded.client.load_ca_file(&fifo));
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ETIMEDOUT));
    for word in [fifo.to_str().unwrap(), "nothing came out of it for 30 seconds"] {
        assert!(error.message.contains(word), "{}", error.message);
    }
    loaded.are_unchanged();
}

#[test]
fn system_roots_that_never_end_are_not_waited_for() {
    let name = "system_roots_that_never_end_are_not_waited_for";
    alone(name, &[("SSL_CERT_FILE", Path::new("/dev/zero"))], || {
        limit_memory();
        let client = Ctx::new(TLSW_CLIENT);
        let pair = Pair::new(&client, &Ctx::server("localhost"), Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        assert_eq!(error.status, TLSW_ERR_VERIFY);
        for word in ["/dev/zero", "larger than the 64 MiB"] {
            assert!(error.message.contains(word), "{}", error.message);
        }
    });
}

#[test]
fn a_load_that_failed_leaves_the_systems_roots() {
    let roots = pki("root.pem");
    alone("a_load_that_failed_leaves_the_systems_roots", &[("SSL_CERT_FILE", &roots)], || {
        let client = Ctx::new(TLSW_CLIENT);
        for bad in ["bad/second-block.pem", "bad/empty.pem", "no such file.pem"] {
            failure(client.load_ca_file(&pki(bad)));
            failure(client.load_ca_mem(b"nothing"));
        }
        // This process has a PKI of its own, which is not the one that the system trusts.
        let pair = Pair::new(&client, &Ctx::server("localhost"), Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        let named = std::env::var("SSL_CERT_FILE").unwrap();
        assert!(error.message.contains(&format!("the 1 root of {named}")), "{}", error.message);
    });
}

#[test]
fn files_without_a_certificate_name_what_is_wrong() {
    let loaded = Loaded::new();
    let bad = |name: &str| pki(&format!("bad/{name}"));
    loaded.content(&bad("empty.pem"), &["no bytes"]);
    loaded.content(&bad("no-certificate.pem"), &["neither PEM nor"]);
    loaded.content(&bad("key-only.pem"), &["no certificate", "BEGIN CERTIFICATE"]);
    loaded.content(&bad("truncated.der"), &["neither PEM nor"]);
    loaded.content(&bad("truncated-der.pem"), &["block 1 (CERTIFICATE, line 1)"]);
    loaded.content(&bad("truncated-base64.pem"), &["block 1 (CERTIFICATE, line 1)", "base64"]);
    loaded.content(&bad("begin-without-end.pem"), &["block 1 (CERTIFICATE, line 1)", "END"]);
    let lines = pki_bytes("localhost.pem").iter().filter(|byte| **byte == b'\n').count();
    let second = format!("block 2 (CERTIFICATE, line {})", lines + 1);
    loaded.content(&bad("second-block.pem"), &[&second]);
    loaded.are_unchanged();
}

#[test]
fn every_way_to_break_a_block_is_told() {
    let loaded = Loaded::new();
    let good = String::from_utf8(pki_bytes("p384-root.pem")).unwrap();
    let body: Vec<&str> = good.lines().collect();
    let body = body[1..body.len() - 1].join("\n");
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let lines = good.lines().count();
    let (next, second) = (lines + 1, format!("block 2 (CERTIFICATE, line {}", lines + 1));
    for (name, broken, words) in [
        ("no-body", block("CERTIFICATE", ""), &[&second[..]][..]),
        ("not-base64", block("CERTIFICATE", &body.replacen('M', "!", 1)), &[&second, "base64"]),
        (
            "nested",
            format!("-----BEGIN CERTIFICATE-----\n{good}"),
            &[&second, &format!("line {} begins another block", next + 1)],
        ),
        (
            "other-end",
            block("CERTIFICATE", &body).replace("END CERT", "END X509 CERT"),
            &[&second, "X509 CERTIFICATE instead"],
        ),
        (
            "headers",
            block("CERTIFICATE", &format!("Proc-Type: 4,ENCRYPTED\n\n{body}")),
            &[&second, "headers"],
        ),
        ("a-key", block("CERTIFICATE", "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAA"), &[&second]),
        ("twice", block("CERTIFICATE", &format!("{body}\n{body}")), &[&second]),
        ("cut", block("CERTIFICATE", &body[..body.len() - 8]), &[&second]),
        ("no-end", format!("-----BEGIN CERTIFICATE-----\n{body}\n"), &[&second, "END"]),
        ("end-cut", format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERT"), &[&second]),
    ] {
        // After a good one, which must not be loaded either.
        loaded.content(&file(name, format!("{good}{broken}").as_bytes()), words);
    }
    let mut ders = pki_ders("p384-root.pem").concat();
    let first = ders.len();
    ders.extend(&pki_ders("untrusted-root.pem")[0][..100]);
    loaded.content(&file("second.der", &ders), &[&format!("at byte {first}, after 1 cert")]);
    loaded.are_unchanged();
}

#[test]
fn what_stands_between_blocks_does_not_matter() {
    let client = Ctx::new(TLSW_CLIENT);
    let prose = b"subject=\xff\xfe\0\x1b[2J -----BEGIN\n-----END NOTHING-----\r\n";
    let mixed = [
        &b"\xef\xbb\xbf"[..],
        &pki_bytes("root.pem"),
        prose,
        &pki_bytes("localhost.key.pem"),
        &pki_bytes("p384-root.pem"),
        prose,
    ];
    assert_eq!(client.load_ca_file(&file("mixed.pem", &mixed.concat())), Ok(TLSW_OK));
    let loaded = Loaded::new();
    for name in ["localhost", "p384"] {
        Pair::connected(&client, &Ctx::server(name), Some("localhost"));
    }
    let chain = pki("bad/garbage-between.pem");
    assert_eq!(loaded.load(&chain, Some(&pki("localhost.key.pem")), None), Ok(TLSW_OK));
    assert_eq!(loaded.load(&pki("localhost.all.pem"), None, None), Ok(TLSW_OK));
}

#[test]
fn a_hundred_megabytes_are_refused_or_read_to_their_error() {
    const SIZE: usize = 100 << 20;
    let loaded = Loaded::new();
    let zeros = file("zeros", b"");
    File::options().write(true).open(&zeros).unwrap().set_len(SIZE as u64).unwrap();
    let text = file("text", b"");
    let line = b"There is nothing of use in here, but a lot of it.\n";
    let mut to = std::io::BufWriter::new(File::create(&text).unwrap());
    for _ in 0..SIZE / line.len() {
        to.write_all(line).unwrap();
    }
    drop(to);
    for path in [&zeros, &text] {
        let error = loaded.certificates(path);
        assert_eq!(error.status, TLSW_ERR_DECODE, "{}", error.message);
        assert!(error.message.contains("MiB"), "{}", error.message);
        let key = loaded.load(&pki("localhost.chain.pem"), Some(path), None);
        says(key, TLSW_ERR_DECODE, &[path.to_str().unwrap()]);
    }
    drop(fs::remove_file(&text));
    drop(fs::remove_file(&zeros));
    // From memory, and in the forms that could be slow to read.
    let begins = b"-----BEGIN CERTIFICATE-----\n".repeat(SIZE / 28);
    let empties = b"-----BEGIN X-----\n-----END X-----\n".repeat(SIZE / 34);
    let base64 =
        [
            b"-----BEGIN CERTIFICATE-----\n",
            &b"MIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIB\n"
                .repeat(SIZE / 65)[..],
            b"-----END CERTIFICATE-----\n",
        ]
        .concat();
    let nested = b"\x30\x84\x06\x40\x00\x00".repeat(SIZE / 6);
    for (data, word) in [
        (vec![0; SIZE], "neither PEM nor"),
        (line.repeat(SIZE / line.len()), "neither PEM nor"),
        (b"-".repeat(SIZE), "neither PEM nor"),
        (begins, "line 2 begins another block"),
        (empties, "no certificate"),
        (base64, "block 1"),
        (nested, "neither PEM nor"),
    ] {
        let error = loaded.bytes(&data);
        assert!(error.message.contains(word), "{word}: {}", error.message);
        let key = loaded.load_mem(&pki_bytes("localhost.chain.pem"), Some(&data), None);
        says(key, TLSW_ERR_DECODE, &["private key"]);
    }
    loaded.are_unchanged();
}

#[test]
fn a_key_must_be_there_and_belong_to_the_leaf() {
    let loaded = Loaded::new();
    let (chain, key) = (pki("bad/mismatched.pem"), pki("bad/mismatched.key.pem"));
    let names = [chain.to_str().unwrap(), key.to_str().unwrap(), "does not belong"];
    let error = says(loaded.load(&chain, Some(&key), None), TLSW_ERR_DECODE, &names);
    assert_eq!((&*error.library, &*error.reason), ("X509", "KEY_VALUES_MISMATCH"));
    // Of another kind, and that of the issuer.
    for other in ["rsa.key.pem", "p384.key.pem", "intermediate.key.pem"] {
        let error = failure(loaded.load(&pki("localhost.chain.pem"), Some(&pki(other)), None));
        assert_eq!(error.reason, "KEY_VALUES_MISMATCH", "{other}");
    }
    // The leaf does not come first.
    let backwards = [pki_bytes("intermediate.pem"), pki_bytes("localhost.pem")].concat();
    let error = failure(loaded.load_mem(&backwards, Some(&pki_bytes("localhost.key.pem")), None));
    assert!(error.message.contains("leaf first"), "{}", error.message);

    let chain = pki("localhost.chain.pem");
    let der = pki_bytes("localhost.key.der");
    let pem = String::from_utf8(pki_bytes("localhost.key.pem")).unwrap();
    let body = pem.lines().nth(1).unwrap().to_owned();
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
    };
    for (name, data, words) in [
        ("none.key", pki_bytes("localhost.chain.pem"), &["no PEM block of a private key"][..]),
        ("empty.key", Vec::new(), &["no bytes"]),
        ("public.key", block("PUBLIC KEY", &body), &["no PEM block of a private key"]),
        ("garbage.key", b"garbage".to_vec(), &["cannot be read"]),
        ("cut.der", der[..der.len() / 2].to_vec(), &["cannot be read"]),
        ("certificate.der", pki_bytes("localhost.der"), &["private key"]),
        ("cut.pem", block("PRIVATE KEY", &body[..40]), &["block 1 (PRIVATE KEY, line 1)"]),
        ("wrong-label.pem", block("RSA PRIVATE KEY", &body), &["block 1 (RSA PRIVATE KEY"]),
        ("odd-label.pem", block("MY OWN PRIVATE KEY", &body), &["block 1 (line 1)"]),
        ("not-base64.pem", block("PRIVATE KEY", &body.replacen('A', "?", 1)), &["block 1"]),
        ("no-end.pem", pem.replace("-----END", "").into_bytes(), &["block 1", "END is missing"]),
        ("header.pem", block("PRIVATE KEY", &format!("DEK-Info: X,00\n\n{body}")), &["block 1"]),
    ] {
        let path = file(name, &data);
        let mut words = words.to_vec();
        let in_memory =
            loaded.load_mem(&pki_bytes("localhost.chain.pem"), Some(&data), Some(PASSWORD));
        says(in_memory, TLSW_ERR_DECODE, &words);
        words.extend([chain.to_str().unwrap(), path.to_str().unwrap(), "private key"]);
        says(loaded.load(&chain, Some(&path), Some(PASSWORD)), TLSW_ERR_DECODE, &words);
    }
    // Looked for in the file of the certificates.
    says(
        loaded.load(&chain, None, None),
        TLSW_ERR_DECODE,
        &[chain.to_str().unwrap(), "beside the certificates", "no PEM block of a private key"],
    );
    loaded.are_unchanged();
}

/// The encrypted keys of the test PKI, in each form, as files.
fn encrypted() -> Vec<PathBuf> {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES
        .get_or_init(|| {
            let pem = pki_bytes("encrypted.key.pkcs8.pem");
            let der = tlswrap::pem::blocks(&pem).next().unwrap().unwrap().decode().unwrap();
            let der = file("encrypted.key.der", &der);
            vec![pki("encrypted.key.pkcs8.pem"), pki("encrypted.key.legacy.pem"), der]
        })
        .clone()
}

/// That the server shows the certificate of the encrypted key.
fn is_used(loaded: &Loaded) {
    let pair = Pair::connected(&loaded.client, &loaded.server, Some("localhost"));
    assert_eq!(pair.client.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("encrypted.chain.pem"))));
}

#[test]
fn an_encrypted_key_is_loaded_with_its_password() {
    for key in encrypted() {
        let bytes = fs::read(&key).unwrap();
        let chain = (pki("encrypted.chain.pem"), pki_bytes("encrypted.chain.pem"));
        let empty = || Loaded { client: Ctx::client("root.pem"), server: Ctx::new(TLSW_SERVER) };
        let loaded = empty();
        assert_eq!(loaded.load(&chain.0, Some(&key), Some(PASSWORD)), Ok(TLSW_OK));
        is_used(&loaded);
        let loaded = empty();
        assert_eq!(loaded.load_mem(&chain.1, Some(&bytes), Some(PASSWORD)), Ok(TLSW_OK));
        is_used(&loaded);
        let loaded = empty();
        let (result, asked) = loaded.load_asking(&key, |room, len| {
            room[..PASSWORD.len()].copy_from_slice(PASSWORD);
            *len = PASSWORD.len();
            TLSW_OK
        });
        assert_eq!((result, asked), (Ok(TLSW_OK), 1));
        is_used(&loaded);
    }
}

#[test]
fn without_its_password_an_encrypted_key_is_not_loaded() {
    let loaded = Loaded::new();
    let chain = pki("encrypted.chain.pem");
    for key in encrypted() {
        let names = [chain.to_str().unwrap(), key.to_str().unwrap()];
        let words = |word| [names[0], names[1], word];
        // None.
        let missing = words("encrypted, and no password was given");
        says(loaded.load(&chain, Some(&key), None), TLSW_ERR_ARGUMENT, &missing);
        // (HMAC fills keys up with NULs, so to PBKDF2 those at the end make no difference.)
        // Wrong ones: other words, cut, longer, with a NUL, with the case changed, empty.
        for wrong in [
            &b"open sesame"[..],
            b"hunter",
            b"hunter22",
            b"hunter2\0x",
            b"hunter\x002",
            b"\0hunter2",
            b"Hunter2",
            b"",
            b"\0",
            b"\xff\xfe",
            &[b'x'; 1024],
        ] {
            let error = says(
                loaded.load(&chain, Some(&key), Some(wrong)),
                TLSW_ERR_DECODE,
                &words("cannot be decrypted"),
            );
            assert!(error.message.contains("password is wrong"), "{}", error.message);
        }
        // Longer than any password.
        for len in [1025, 1 << 20] {
            let long = vec![b'x'; len];
            let long = loaded.load(&chain, Some(&key), Some(&long));
            says(long, TLSW_ERR_ARGUMENT, &words("password is longer than 1024 bytes"));
        }
    }
    loaded.are_unchanged();
}

#[test]
fn a_password_function_that_fails_ends_the_load() {
    let loaded = Loaded::new();
    let chain = pki("encrypted.chain.pem");
    type Answer = fn(&mut [u8], &mut usize) -> tlsw_status;
    fn put(room: &mut [u8], len: &mut usize, text: &[u8]) -> tlsw_status {
        room[..text.len()].copy_from_slice(text);
        *len = text.len();
        TLSW_OK
    }
    let wrong: [Answer; 5] = [
        |room, len| put(room, len, b"correct horse"),
        |room, len| put(room, len, b"hunter\x002"),
        |room, len| put(room, len, b""),
        |_, _| TLSW_OK, // it says nothing of the length: empty
        |room, len| put(room, len, &[b'h'; 1024]),
    ];
    let failing: [(Answer, &str); 7] = [
        (|room, len| put(room, len, PASSWORD) - 1, "returned -1"),
        (|room, len| put(room, len, PASSWORD) + TLSW_NONE, "returned 5"),
        (|room, len| put(room, len, PASSWORD) + TLSW_WANT_HOOK, "returned 3"),
        (|_, _| i32::MIN, "returned -2147483648"),
        (|room, len| (put(room, len, PASSWORD), *len = room.len() + 1).0, "claims 1025 bytes"),
        (|room, len| (put(room, len, PASSWORD), *len = usize::MAX).0, "claims 1844674407370955161"),
        (|room, len| (put(room, len, PASSWORD), *len = 1 << 31).0, "claims 2147483648 bytes"),
    ];
    for key in encrypted() {
        let names = [chain.to_str().unwrap(), key.to_str().unwrap()];
        for answer in wrong {
            let (result, asked) = loaded.load_asking(&key, answer);
            says(result, TLSW_ERR_DECODE, &[names[0], names[1], "cannot be decrypted"]);
            assert_eq!(asked, 1, "asked once");
        }
        for (answer, word) in failing {
            let (result, asked) = loaded.load_asking(&key, answer);
            says(result, TLSW_ERR_HOOK, &[names[0], names[1], word]);
            assert_eq!(asked, 1, "asked once");
        }
    }
    loaded.are_unchanged();
    // A key that needs no password is loaded without asking.
    let (result, asked) = loaded.load_asking(&pki("encrypted.key.pem"), |_, _| TLSW_ERR_IO);
    assert_eq!((result, asked), (Ok(TLSW_OK), 0));
}

#[test]
fn a_password_is_bytes_and_may_be_empty() {
    let key = PKey::private_key_from_pem(&pki_bytes("encrypted.key.pem")).unwrap();
    let chain = pki_bytes("encrypted.chain.pem");
    let (long, longer) = ([b'p'; 1024], [b'p'; 1023]);
    for (password, other) in [
        (&b"a\0b"[..], &b"a"[..]),
        (b"", b"x"),
        (b"\xff\xfe\x80", b"\xff\xfe"),
        ("p\u{e4}ssw\u{f6}rd".as_bytes(), b"p\xe4ssw\xf6rd"),
        (&long, &longer),
    ] {
        let new = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), password).unwrap();
        let ec = key.ec_key().unwrap();
        let old = ec.private_key_to_pem_passphrase(Cipher::aes_128_cbc(), password);
        for key in [new, old.unwrap()] {
            let loaded = Loaded { client: Ctx::client("root.pem"), server: Ctx::new(TLSW_SERVER) };
            let result = loaded.load_mem(&chain, Some(&key), Some(other));
            says(result, TLSW_ERR_DECODE, &["cannot be decrypted"]);
            assert_eq!(loaded.load_mem(&chain, Some(&key), Some(password)), Ok(TLSW_OK));
            is_used(&loaded);
        }
    }
}

#[test]
fn certificates_that_are_broken_are_no_certificates() {
    for name in ["localhost.der", "many-names.pem", "terminal-escapes.pem"] {
        let der =
            if name.ends_with("der") { pki_bytes(name) } else { pki_ders(name).swap_remove(0) };
        for len in 0..der.len() {
            let mut cert = null_mut();
            let error = failure(call(|err| unsafe {
                tlsw_cert_new(der.as_ptr(), len, null_mut(), &mut cert, err)
            }));
            assert_eq!((error.status, cert), (TLSW_ERR_DECODE, null_mut()), "{name} to {len}");
        }
        let more = [&der[..], b"\0"].concat();
        let mut cert = null_mut();
        let result = call(|err| unsafe {
            tlsw_cert_new(more.as_ptr(), more.len(), null_mut(), &mut cert, err)
        });
        says(result, TLSW_ERR_DECODE, &["1 bytes follow the certificate"]);
        assert_eq!(split(&der), [der]);
    }
}

/// Reads everything of a certificate that can be read: nothing may be wrong with any answer.
fn read_all(cert: *mut tlsw_cert) {
    unsafe {
        let text = |text: *const std::ffi::c_char| {
            (!text.is_null())
                .then(|| std::ffi::CStr::from_ptr(text).to_str().expect("UTF-8").to_owned())
        };
        for text in [text(tlsw_cert_subject(cert)), text(tlsw_cert_issuer(cert))] {
            assert!(!text.unwrap().contains(char::is_control));
        }
        text(tlsw_cert_common_name(cert));
        for known in [tlsw_cert_serial(cert), tlsw_cert_signature_algorithm(cert)] {
            text(known).unwrap();
        }
        text(tlsw_cert_key_type(cert)).unwrap();
        tlsw_cert_key_bits(cert);
        tlsw_cert_version(cert);
        tlsw_cert_not_before(cert);
        tlsw_cert_not_after(cert);
        assert!((0..=1).contains(&tlsw_cert_is_ca(cert)));
        let count = tlsw_cert_san_count(cert);
        for index in 0..=count {
            let (mut kind, mut value, mut len) = (99, null(), 0);
            let status =
                call(|err| tlsw_cert_san(cert, index, &mut kind, &mut value, &mut len, err));
            assert_eq!(status, Ok(if index < count { TLSW_OK } else { TLSW_NONE }));
            if index < count {
                let bytes = std::slice::from_raw_parts(value.cast::<u8>(), len + 1);
                assert_eq!(bytes[len], 0);
                std::str::from_utf8(bytes).expect("UTF-8");
                assert!(kind <= TLSW_SAN_RID);
            }
        }
        for make in [tlsw_cert_json, tlsw_cert_pem] {
            let mut made = empty();
            assert_eq!(call(|err| make(cert, &mut made, err)), Ok(TLSW_OK));
            let text = String::from_utf8(take(made)).expect("UTF-8");
            assert!(text.starts_with('{') && text.ends_with('}') || text.starts_with("-----BEGIN"));
        }
        let mut digest = [0; 32];
        let made = call(|err| tlsw_cert_sha256(cert, digest.as_mut_ptr(), 32, err));
        assert_eq!(made, Ok(TLSW_OK));
    }
}

/// How often each entry is tried with spoilt input.
const TIMES: usize = 3000;

#[test]
fn spoilt_certificates_are_errors_or_certificates() {
    let names = ["localhost.pem", "rsa.pem", "ed25519.pem", "many-names.pem", "ip-only.pem"];
    let more = ["terminal-escapes.pem", "nul-name.pem", "root.pem", "client.pem", "not-a-ca.pem"];
    let seeds: Vec<_> = names.iter().chain(&more).flat_map(|name| pki_ders(name)).collect();
    let mut dice = Dice::new(1);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..TIMES {
        let seed = &seeds[dice.below(seeds.len())];
        let der = spoil(&mut dice, seed);
        let (mut used, mut cert) = (usize::MAX, null_mut());
        let result = call(|err| unsafe {
            tlsw_cert_new(der.as_ptr(), der.len(), &mut used, &mut cert, err)
        });
        match result {
            Ok(status) => {
                assert_eq!(status, TLSW_OK);
                assert!((1..=der.len()).contains(&used));
                read_all(cert);
                unsafe { tlsw_cert_free(cert) };
                read += 1;
            }
            Err(error) => {
                assert_eq!((error.status, used, cert), (TLSW_ERR_DECODE, usize::MAX, null_mut()));
                refused += 1;
            }
        }
    }
    assert!(read > TIMES / 10 && refused > TIMES / 10, "{read} read, {refused} refused");
}

#[test]
fn spoilt_files_are_errors_or_loaded() {
    let keep = Loaded::new();
    let mut dice = Dice::new(2);
    let seeds = ["roots.pem", "root.der", "chain.der", "localhost.all.pem"].map(pki_bytes);
    let mut counts = [0, 0];
    for _ in 0..TIMES {
        let seed = &seeds[dice.below(seeds.len())];
        let data = spoil(&mut dice, seed);
        match Ctx::new(TLSW_CLIENT).load_ca_mem(&data) {
            Ok(status) => assert_eq!(status, TLSW_OK),
            Err(error) => assert_eq!(failure(Err(error)).status, TLSW_ERR_DECODE),
        }
    }
    let chain = pki_bytes("encrypted.chain.pem");
    let mut keys: Vec<_> = encrypted().iter().map(|key| fs::read(key).unwrap()).collect();
    keys.push(pki_bytes("encrypted.key.pem"));
    keys.push([&b"prose\n".repeat(200), &keys[3][..]].concat());
    keys.push(tlswrap::pem::blocks(&keys[3]).next().unwrap().unwrap().decode().unwrap());
    for _ in 0..TIMES {
        let server = Ctx::new(TLSW_SERVER);
        let loaded = Loaded { client: Ctx(null_mut()), server };
        let seed = &keys[dice.below(keys.len())];
        let key = spoil(&mut dice, seed);
        // A spoilt count of rounds would take its time.
        let password = (dice.below(8) == 0).then_some(PASSWORD);
        match loaded.load_mem(&chain, Some(&key), password) {
            Ok(status) => counts[0] += usize::from(status == TLSW_OK),
            Err(error) => {
                let error = failure(Err(error));
                assert!([TLSW_ERR_DECODE, TLSW_ERR_ARGUMENT].contains(&error.status), "{error:?}");
                counts[1] += 1;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    keep.are_unchanged();
}

#[test]
fn spoilt_names_and_lists_are_errors_or_taken() {
    let mut dice = Dice::new(3);
    let client = Ctx::client("root.pem");
    let (incoming, outgoing) = (Bio::new(), Bio::new());
    let names =
        ["localhost", "xn--bcher-kva.example", "127.0.0.1", "[::1]", "2001:db8::1%1", "a.b."];
    let mut counts = [0, 0];
    for _ in 0..TIMES {
        let seed = names[dice.below(names.len())];
        let mut name = spoil(&mut dice, seed.as_bytes());
        name.retain(|byte| *byte != 0);
        let name = std::ffi::CString::new(name).unwrap();
        let mut conn = null_mut();
        let made = call(|err| unsafe {
            let name = name.as_ptr();
            tlsw_wrap_bio(client.0, incoming.0, outgoing.0, TLSW_CLIENT, name, &mut conn, err)
        });
        match made {
            Ok(_) => {
                assert_eq!(Conn(conn).handshake(), Ok(TLSW_WANT_READ));
                assert!(outgoing.drain().len() > 200, "a ClientHello");
                counts[0] += 1;
            }
            Err(error) => {
                says(Err(error), TLSW_ERR_ARGUMENT, &["server_hostname"]);
                assert_eq!(conn, null_mut());
                counts[1] += 1;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > TIMES / 10), "{counts:?}");
    let mut counts = [0, 0];
    for _ in 0..TIMES {
        let list = spoil(&mut dice, b"\x02h2\x08http/1.1\x00\x03abc");
        match client.set_alpn(&list) {
            Ok(_) => {
                let name = Some("localhost");
                let conn = client.wrap_bio(&incoming, &outgoing, TLSW_CLIENT, name).unwrap();
                assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
                let hello = outgoing.drain();
                assert!(
                    hello.windows(list.len().max(1)).any(|part| list.is_empty() || part == list)
                );
                counts[0] += 1;
            }
            Err(error) => {
                says(Err(error), TLSW_ERR_ARGUMENT, &["protocols"]);
                counts[1] += 1;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > TIMES / 20), "{counts:?}");
}
