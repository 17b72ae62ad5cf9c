//! Own chains and keys as files have them: every form of key, one file or two, and the order in
//! which the certificates stand.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{openssl, run};

use std::path::PathBuf;
use std::ptr::null;

use boring::pkey::PKey;
use boring::symm::Cipher;

const PASSWORD: &str = "hunter2";

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = pki(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A server that loaded `cert` and, unless it is in there, `key`.
fn server(cert: &str, key: Option<&str>, password: &str) -> Result<Ctx, Error> {
    let ctx = Ctx::new(TLSW_SERVER);
    let (cert, key) = (c_path(&pki(cert)), key.map(|name| c_path(&pki(name))));
    let key = key.as_ref().map_or(null(), |path| path.as_ptr());
    call(|err| unsafe {
        let (bytes, len) = (password.as_ptr(), password.len());
        tlsw_ctx_load_cert_chain_file(ctx.0, cert.as_ptr(), key, bytes, len, err)
    })?;
    Ok(ctx)
}

/// The chain that a client is sent.
fn shown(server: &Ctx) -> Vec<Vec<u8>> {
    let pair = Pair::connected(&Ctx::client("root.pem"), server, Some("localhost"));
    pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap()
}

#[test]
fn keys_come_in_every_form() {
    let rsa = PKey::private_key_from_pem(&pki_bytes("rsa.key.pem")).unwrap();
    let ec = PKey::private_key_from_pem(&pki_bytes("localhost.key.pem")).unwrap();
    let old = [Cipher::aes_128_cbc(), Cipher::aes_256_cbc(), Cipher::des_ede3_cbc()];
    let mut forms = vec![
        ("rsa", "BEGIN PRIVATE KEY", rsa.private_key_to_pem_pkcs8().unwrap()),
        ("rsa", "BEGIN RSA PRIVATE KEY", rsa.rsa().unwrap().private_key_to_pem().unwrap()),
        ("localhost", "BEGIN PRIVATE KEY", ec.private_key_to_pem_pkcs8().unwrap()),
        ("localhost", "BEGIN EC PRIVATE KEY", ec.ec_key().unwrap().private_key_to_pem().unwrap()),
    ];
    for cipher in old {
        let (rsa_key, ec_key) = (rsa.rsa().unwrap(), ec.ec_key().unwrap());
        let word = PASSWORD.as_bytes();
        let pkcs8 = rsa.private_key_to_pem_pkcs8_passphrase(cipher, word).unwrap();
        forms.push(("rsa", "BEGIN ENCRYPTED PRIVATE KEY", pkcs8));
        let pem = rsa_key.private_key_to_pem_passphrase(cipher, word).unwrap();
        forms.push(("rsa", "Proc-Type: 4,ENCRYPTED", pem));
        let pem = ec_key.private_key_to_pem_passphrase(cipher, word).unwrap();
        forms.push(("localhost", "Proc-Type: 4,ENCRYPTED", pem));
    }
    for (i, (leaf, mark, pem)) in forms.into_iter().enumerate() {
        assert!(String::from_utf8(pem.clone()).unwrap().contains(mark), "{mark}");
        let key = format!("form-{i}.key.pem");
        file(&key, &pem);
        let chain = format!("{leaf}.chain.pem");
        let server = server(&chain, Some(&key), PASSWORD)
            .unwrap_or_else(|error| panic!("{mark} {i}: {}", error.message));
        assert_eq!(shown(&server), pki_ders(&chain));
    }
}

/// Runs `openssl pkcs8` for the file `name`.
fn pkcs8(name: &str, input: &str, more: &[&str]) {
    let fixed = ["pkcs8", "-topk8", "-in", input, "-out", name, "-passout", "pass:hunter2"];
    run(openssl(&[&fixed[..], more].concat()));
}

#[test]
fn keys_are_encrypted_in_every_way_of_openssls() {
    for (number, more) in [
        &["-v2", "aes-128-cbc"][..],
        &["-v2", "aes-192-cbc"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA224"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA384"],
        &["-v2", "des3", "-v2prf", "hmacWithSHA512"],
        &["-v2", "aes-256-cbc", "-iter", "100000"],
        &["-scrypt"],
        &["-scrypt", "-scrypt_N", "1024", "-scrypt_r", "4", "-scrypt_p", "2"],
        &["-v1", "PBE-SHA1-3DES"],
    ]
    .into_iter()
    .enumerate()
    {
        for form in ["PEM", "DER"] {
            let name = format!("encrypted-{number}.{form}");
            pkcs8(&name, "encrypted.key.pem", &[more, &["-outform", form]].concat());
            let server = server("encrypted.chain.pem", Some(&name), PASSWORD)
                .unwrap_or_else(|error| panic!("{more:?} {form}: {}", error.message));
            assert_eq!(shown(&server), pki_ders("encrypted.chain.pem"));
            for wrong in ["hunter3", ""] {
                let error = self::server("encrypted.chain.pem", Some(&name), wrong).err().unwrap();
                assert_eq!(error.status, TLSW_ERR_DECODE, "{more:?}");
                for word in ["cannot be decrypted", "the password is wrong"] {
                    assert!(error.message.contains(word), "{}", error.message);
                }
            }
        }
    }
    // Ways that nobody here knows: the password is not said to be wrong.
    for more in [&["-v2", "aes-256-ofb"][..], &["-v2", "camellia-256-cbc"]] {
        pkcs8("unknown.key.pem", "encrypted.key.pem", more);
        let error = server("encrypted.chain.pem", Some("unknown.key.pem"), PASSWORD).err().unwrap();
        assert_eq!(error.status, TLSW_ERR_DECODE);
        assert!(error.message.contains("encrypted in a way that is not known"), "{error:?}");
        assert!(!error.message.contains("wrong"), "{error:?}");
    }
}

#[test]
fn the_second_version_of_pkcs8_is_read_encrypted_too() {
    // The maker of the PKI writes the second version, with the public key behind the private one.
    let text = pki_bytes("ed25519.key.pem");
    let plain = tlswrap::pem::blocks(&text).next().unwrap().unwrap().decode().unwrap();
    assert_eq!(plain[2..5], [2, 1, 1], "the second version");
    let (key, salt, iv) = (&mut [0; 32], b"saltsalt", &[7; 16]);
    let (digest, rounds) = (boring::hash::MessageDigest::sha256(), 2048);
    boring::pkcs5::pbkdf2_hmac(PASSWORD.as_bytes(), salt, rounds, digest, key).unwrap();
    let data = boring::symm::encrypt(Cipher::aes_256_cbc(), key, Some(iv), &plain).unwrap();
    // EncryptedPrivateKeyInfo of RFC 5958, with the parameters of RFC 8018.
    let wrap = |tag: u8, body: &[u8]| {
        let len = body.len() as u8;
        let head = if len < 0x80 { vec![tag, len] } else { vec![tag, 0x81, len] };
        [&head[..], body].concat()
    };
    let pbes2 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    let pbkdf2 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
    let sha256 = b"\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00";
    let aes = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
    let parameters = wrap(0x30, &[&wrap(4, salt)[..], b"\x02\x02\x08\x00", sha256].concat());
    let derivation = wrap(0x30, &[&pbkdf2[..], &parameters].concat());
    let cipher = wrap(0x30, &[&aes[..], &wrap(4, iv)].concat());
    let scheme = wrap(0x30, &[&pbes2[..], &wrap(0x30, &[derivation, cipher].concat())].concat());
    let der = wrap(0x30, &[scheme, wrap(4, &data)].concat());
    file("ed25519-encrypted.key.der", &der);
    let pem = tlswrap::pem::encode("ENCRYPTED PRIVATE KEY", &der);
    file("ed25519-encrypted.key.pem", pem.as_bytes());
    for name in ["ed25519-encrypted.key.pem", "ed25519-encrypted.key.der"] {
        let server = server("ed25519.chain.pem", Some(name), PASSWORD).unwrap();
        assert_eq!(shown(&server), pki_ders("ed25519.chain.pem"));
        let error = self::server("ed25519.chain.pem", Some(name), "hunter3").err().unwrap();
        assert!(error.message.contains("the password is wrong"), "{}", error.message);
    }
}

#[test]
fn a_password_that_is_not_needed_is_not_used() {
    let server = server("rsa.chain.pem", Some("rsa.key.pem"), "whatever").unwrap();
    assert_eq!(shown(&server), pki_ders("rsa.chain.pem"));
}

#[test]
fn a_password_is_utf_8() {
    let key = PKey::private_key_from_pem(&pki_bytes("encrypted.key.pem")).unwrap();
    let word = "p\u{e4}ssw\u{f6}rd \u{1f511}";
    let cipher = Cipher::aes_256_cbc();
    let pem = key.private_key_to_pem_pkcs8_passphrase(cipher, word.as_bytes()).unwrap();
    file("utf-8.key.pem", &pem);
    let server = server("encrypted.chain.pem", Some("utf-8.key.pem"), word).unwrap();
    assert_eq!(shown(&server), pki_ders("encrypted.chain.pem"));
}

#[test]
fn key_and_certificates_may_share_a_file() {
    let (key, chain) = (pki_bytes("localhost.key.pem"), pki_bytes("localhost.chain.pem"));
    file("key-last.pem", &[&chain[..], &key].concat());
    for name in ["localhost.all.pem", "key-last.pem"] {
        for key in [None, Some(name)] {
            assert_eq!(shown(&server(name, key, "").unwrap()), pki_ders("localhost.chain.pem"));
        }
    }
}

#[test]
fn a_chain_is_sent_as_it_stands_in_the_file() {
    for chain in ["localhost.superfluous.chain.pem", "localhost.shuffled.chain.pem"] {
        let server = server(chain, Some("localhost.key.pem"), "").unwrap();
        assert_eq!(shown(&server), pki_ders(chain));
    }
}

/// What a client that speaks one version and has these groups is shown.
fn shown_to(client: &Ctx, server: &Ctx) -> Vec<Vec<u8>> {
    let pair = Pair::connected(client, server, Some("localhost"));
    pair.client.chain(TLSW_CHAIN_SENT).unwrap().unwrap()
}

fn load(ctx: &Ctx, name: &str) {
    ctx.load_cert_chain(&format!("{name}.chain.pem"), &format!("{name}.key.pem")).unwrap();
}

#[test]
fn a_chain_takes_the_place_of_one_with_a_key_of_the_same_type() {
    let client = Ctx::new(TLSW_CLIENT);
    for root in ["root.pem", "p384-root.pem"] {
        client.load_ca_file(&pki(root)).unwrap();
    }
    // Before a connection and after it; a curve is no type.
    for connects in [false, true] {
        let server = Ctx::server("localhost");
        if connects {
            assert_eq!(shown_to(&client, &server), pki_ders("localhost.chain.pem"));
        }
        for name in ["p384", "encrypted", "localhost"] {
            load(&server, name);
            assert_eq!(shown_to(&client, &server), pki_ders(&format!("{name}.chain.pem")));
        }
        // One of another type is added: who cannot verify the one is shown the other.
        load(&server, "rsa");
        assert_eq!(shown_to(&client, &server), pki_ders("localhost.chain.pem"));
        let rsa_alone = Ctx::client("root.pem");
        rsa_alone.set_versions(TLSW_TLS_1_2);
        let suites = c("ECDHE-RSA-AES128-GCM-SHA256");
        call(|err| unsafe { tlsw_ctx_set_ciphers(rsa_alone.0, suites.as_ptr(), err) }).unwrap();
        assert_eq!(shown_to(&rsa_alone, &server), pki_ders("rsa.chain.pem"));
        // Replacing one leaves the other, and the order of the two.
        load(&server, "p384");
        assert_eq!(shown_to(&client, &server), pki_ders("p384.chain.pem"));
        assert_eq!(shown_to(&rsa_alone, &server), pki_ders("rsa.chain.pem"));
        // A load that fails replaces nothing.
        assert!(server.load_cert_chain("localhost.chain.pem", "p384.key.pem").is_err());
        assert_eq!(shown_to(&client, &server), pki_ders("p384.chain.pem"));
    }
}

#[test]
fn a_client_shows_the_chain_that_was_loaded_last() {
    let server = Ctx::server("localhost");
    server.load_ca_file(&pki("root.pem")).unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    server.set_check_hostname(0).unwrap();
    let client = Ctx::client("root.pem");
    for name in ["client", "client", "encrypted", "client"] {
        load(&client, name);
        if name == "client" {
            let pair = Pair::connected(&client, &server, Some("localhost"));
            let sent = pair.server.chain(TLSW_CHAIN_SENT).unwrap().unwrap();
            assert_eq!(sent, pki_ders("client.chain.pem"));
        }
    }
}

#[test]
fn what_is_shown_with_a_chain_goes_with_it() {
    let client = Ctx::client("root.pem");
    call(|err| unsafe { tlsw_ctx_set_ocsp_stapling(client.0, 1, err) }).unwrap();
    let stapled = |server: &Ctx| {
        let pair = Pair::connected(&client, server, Some("localhost"));
        let mut response = empty();
        call(|err| unsafe { tlsw_get_ocsp_response(pair.client.0, &mut response, err) }).unwrap();
        take(response)
    };
    let staple = |server: &Ctx, response: &[u8]| {
        let (at, len) = (response.as_ptr(), response.len());
        call(|err| unsafe { tlsw_ctx_set_ocsp_response(server.0, at, len, err) }).unwrap();
    };
    let server = Ctx::server("localhost");
    load(&server, "rsa");
    load(&server, "localhost");
    // It is shown with the one that was loaded last, wherever that stands.
    staple(&server, b"of the first");
    assert_eq!(stapled(&server), b"of the first");
    load(&server, "localhost");
    assert_eq!(stapled(&server), b"");
}

#[test]
fn chains_of_one_type_add_up_when_told_to() {
    let server = Ctx::new(TLSW_SERVER);
    let keep = |on| call(|err| unsafe { tlsw_ctx_set_keep_cert_chains(server.0, on, err) });
    let keeps = || unsafe { tlsw_ctx_get_keep_cert_chains(server.0) };
    assert_eq!(keeps(), 0);
    assert_eq!((keep(1), keeps()), (Ok(TLSW_OK), 1));
    assert_eq!((keep(2).unwrap_err().status, keeps()), (TLSW_ERR_ARGUMENT, 1));
    load(&server, "localhost");
    load(&server, "p384");
    let client = Ctx::client("root.pem");
    assert_eq!(shown_to(&client, &server), pki_ders("localhost.chain.pem"));
    // In TLS 1.2 the curve of the certificate's key must be among the groups.
    let other = Ctx::client("p384-root.pem");
    other.set_versions(TLSW_TLS_1_2);
    let groups = c("x25519:P-384");
    call(|err| unsafe { tlsw_ctx_set_groups(other.0, groups.as_ptr(), err) }).unwrap();
    assert_eq!(shown_to(&other, &server), pki_ders("p384.chain.pem"));
}

/// A FIFO into which `content` is written, a piece at a time.
fn fifo(name: &str, content: Vec<u8>) -> (PathBuf, std::thread::JoinHandle<()>) {
    use std::io::Write as _;
    let path = pki(name);
    assert_eq!(unsafe { libc::mkfifo(c_path(&path).as_ptr(), 0o600) }, 0);
    let to = path.clone();
    let writer = std::thread::spawn(move || {
        let mut to = std::fs::File::options().write(true).open(to).unwrap();
        for piece in content.chunks(700) {
            to.write_all(piece).unwrap();
            std::thread::yield_now();
        }
    });
    (path, writer)
}

#[test]
fn everything_may_come_out_of_pipes() {
    let chain = pki_bytes("localhost.superfluous.chain.pem");
    let (key_path, key) = fifo("fifo.key.pem", pki_bytes("localhost.key.pem"));
    let (path, cert) = fifo("fifo.chain.pem", chain);
    let shows = server("fifo.chain.pem", Some("fifo.key.pem"), "").unwrap();
    assert_eq!(shown(&shows), pki_ders("localhost.superfluous.chain.pem"));
    for (path, writer) in [(path, cert), (key_path, key)] {
        writer.join().unwrap();
        std::fs::remove_file(path).unwrap();
    }
    // Both out of one, which is named twice.
    for (name, key) in [("once.pem", None), ("twice.pem", Some("twice.pem"))] {
        let (_, writer) = fifo(name, pki_bytes("localhost.all.pem"));
        assert_eq!(shown(&server(name, key, "").unwrap()), pki_ders("localhost.chain.pem"));
        writer.join().unwrap();
    }
    // CAs and lists, more than a pipe holds at once.
    let cas = [pki_bytes("root.pem"), vec![b'\n'; 300_000], pki_bytes("intermediate.crl.pem")];
    let (path, writer) = fifo("cas.pem", cas.concat());
    let client = Ctx::new(TLSW_CLIENT);
    client.load_ca_file(&path).unwrap();
    writer.join().unwrap();
    let flags = TLSW_VERIFY_CRL_CHECK_LEAF;
    call(|err| unsafe { tlsw_ctx_set_verify_flags(client.0, flags, err) }).unwrap();
    Pair::connected(&client, &Ctx::server("localhost"), Some("localhost"));
}

#[test]
fn a_descriptor_may_be_named_by_its_number() {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let ctx = Ctx::new(TLSW_SERVER);
    let path = c(&format!("/dev/fd/{}", reader.as_raw_fd()));
    let content = pki_bytes("localhost.all.pem");
    std::thread::spawn(move || writer.write_all(&content).unwrap());
    call(|err| unsafe {
        tlsw_ctx_load_cert_chain_file(ctx.0, path.as_ptr(), null(), null(), 0, err)
    })
    .unwrap();
    assert_eq!(shown(&ctx), pki_ders("localhost.chain.pem"));
    // The descriptor still waits for whoever reads from it: its flags are the caller's.
    let flags = unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_GETFL) };
    assert_eq!(flags & libc::O_NONBLOCK, 0);
}

/// Loads the encrypted key, asking at the terminal of this process.
fn ask(prompt: *const std::ffi::c_char) -> Result<Ctx, Error> {
    let ctx = Ctx::new(TLSW_SERVER);
    let (cert, key) =
        (c_path(&pki("encrypted.chain.pem")), c_path(&pki("encrypted.key.pkcs8.pem")));
    call(|err| unsafe {
        let (function, user) = (Some(tlsw_password_prompt as _), prompt.cast_mut().cast());
        tlsw_ctx_load_cert_chain_file_cb(ctx.0, cert.as_ptr(), key.as_ptr(), function, user, err)
    })?;
    Ok(ctx)
}

/// Runs `test` in a session of its own, at the terminal `at` or at none.
fn session(test: &str, at: Option<std::os::fd::RawFd>) -> std::process::Child {
    use std::os::unix::process::CommandExt;
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env("TLSW_TEST_TERMINAL", at.map_or("none", |_| "some"));
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let enter = move || {
        // SAFETY: system calls that may be made between fork and exec.
        let done = unsafe {
            libc::setsid() >= 0 && at.is_none_or(|fd| libc::ioctl(fd, libc::TIOCSCTTY, 0) == 0)
        };
        if done { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: as above.
    unsafe { command.pre_exec(enter) };
    command.spawn().unwrap()
}

#[test]
fn a_password_is_asked_for_at_the_terminal() {
    use std::io::{Read as _, Write as _};
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    const NAME: &str = "a_password_is_asked_for_at_the_terminal";
    match std::env::var("TLSW_TEST_TERMINAL").as_deref() {
        Ok("some") => {
            let server = ask(null()).unwrap();
            assert_eq!(shown(&server), pki_ders("encrypted.chain.pem"));
            assert_eq!(ask(c"the word: ".as_ptr()).err().unwrap().status, TLSW_ERR_DECODE);
            // Longer than any password.
            assert_eq!(ask(c"once more: ".as_ptr()).err().unwrap().status, TLSW_ERR_HOOK);
            return;
        }
        Ok(_) => {
            let error = ask(null()).err().unwrap();
            assert_eq!(error.status, TLSW_ERR_HOOK);
            assert!(error.message.contains("the password function returned -4"), "{error:?}");
            return;
        }
        Err(_) => {}
    }
    let mut ends = [-1; 2];
    let nothing = null::<libc::c_void>();
    let [ours, theirs] = unsafe {
        let [ours, theirs] = &mut ends;
        let none = nothing.cast_mut();
        if libc::openpty(ours, theirs, none.cast(), none.cast(), none.cast()) != 0 {
            return skipped(NAME, "no pseudo-terminal can be made here");
        }
        ends.map(|fd| OwnedFd::from_raw_fd(fd))
    };
    let child = session(NAME, Some(theirs.as_raw_fd()));
    let mut terminal = std::fs::File::from(ours);
    let mut screen = String::new();
    let mut wait_for = |terminal: &mut std::fs::File, text: &str| {
        let mut room = [0; 256];
        while !screen.ends_with(text) {
            let n = terminal.read(&mut room).unwrap();
            screen.push_str(std::str::from_utf8(&room[..n]).unwrap());
        }
    };
    wait_for(&mut terminal, "Enter PEM pass phrase:");
    terminal.write_all(b"hunter2\n").unwrap();
    wait_for(&mut terminal, "the word: ");
    terminal.write_all(b"hunter3\n").unwrap();
    wait_for(&mut terminal, "once more: ");
    terminal.write_all(&[&[b'x'; 1025][..], b"\n"].concat()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    // Nothing of what was typed is on the screen, and typing shows again.
    assert_eq!(screen, "Enter PEM pass phrase:\r\nthe word: \r\nonce more: ");
    let mut settings = std::mem::MaybeUninit::<libc::termios>::uninit();
    let settings = unsafe {
        assert_eq!(libc::tcgetattr(theirs.as_raw_fd(), settings.as_mut_ptr()), 0);
        settings.assume_init()
    };
    assert_ne!(settings.c_lflag & libc::ECHO, 0);

    let output = session(NAME, None).wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}
