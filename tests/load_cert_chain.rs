//! Own chains and keys as files have them: every form of key, one file or two, and the order in
//! which the certificates stand.

mod support;
use support::*;

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
        assert_eq!(libc::openpty(ours, theirs, none.cast(), none.cast(), none.cast()), 0);
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
