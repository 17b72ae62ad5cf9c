//! Files that are not what they should be, above all keys that were damaged on their way: nothing of
//! them stands in an error, and the error says what the file is.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{openssl, run};

use std::collections::HashSet;
use std::ffi::CString;
use std::path::PathBuf;
use std::ptr::{null, null_mut};

use boring::pkey::PKey;

/// How many bytes of a key in a row are too many.
const WINDOW: usize = 8;

/// A file of this test's own.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = pki(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// The base64 of a PEM file's blocks, without white space.
fn body(pem: &str) -> String {
    let lines = pem.lines().filter(|line| !line.contains("-----") && !line.contains(':'));
    lines.flat_map(str::split_whitespace).collect()
}

/// Everything that reads a key or may be given one by mistake, with what it has to say of `data`.
fn readers(data: &[u8]) -> Vec<Error> {
    let server = Ctx::new(TLSW_SERVER);
    let chain = pki_bytes("localhost.chain.pem");
    let load = |cert: &[u8], key: Option<&[u8]>, password: &[u8]| {
        let (key, key_len) = key.map_or((null(), 0), |key| (key.as_ptr(), key.len()));
        call(|err| unsafe {
            let (cert, word) = ((cert.as_ptr(), cert.len()), (password.as_ptr(), password.len()));
            let ctx = server.0;
            tlsw_ctx_load_cert_chain_mem(ctx, cert.0, cert.1, key, key_len, word.0, word.1, err)
        })
    };
    let path = c_path(&file("mangled.pem", data));
    let (mut cert, mut der) = (null_mut(), empty());
    let mut results = vec![
        load(&chain, Some(data), b""),
        load(&chain, Some(data), b"x"),
        load(data, Some(&pki_bytes("localhost.key.pem")), b""),
        load(data, None, b"x"),
        load(&[&chain[..], data].concat(), None, b"x"),
        server.load_ca_mem(data),
        server.load_ca_mem(&[&pki_bytes("root.pem")[..], data].concat()),
    ];
    // SAFETY: live handles, C strings, pointers and lengths of slices, room for results.
    unsafe {
        results.push(call(|err| tlsw_ctx_load_ca_file(server.0, path.as_ptr(), err)));
        results.push(call(|err| tlsw_ctx_load_dh_params_file(server.0, path.as_ptr(), err)));
        results.push(call(|err| {
            let path = path.as_ptr();
            tlsw_ctx_load_cert_chain_file(server.0, path, path, null(), 0, err)
        }));
        let (at, len) = (data.as_ptr(), data.len());
        let none = null_mut();
        results.push(call(|err| tlsw_cert_new(at, len, none, &mut cert, err)));
        results.push(call(|err| tlsw_cert_pem_to_der(at, len, &mut der, err)));
        tlsw_buf_free(&mut der);
        tlsw_cert_free(cert);
    }
    results.extend(Session::from_bytes(&server, data).err().map(Err));
    results.into_iter().filter_map(Result::err).collect()
}

/// Keys in every form, as PEM.
fn keys() -> Vec<String> {
    let ec = PKey::private_key_from_pem(&pki_bytes("localhost.key.pem")).unwrap();
    let rsa = PKey::private_key_from_pem(&pki_bytes("rsa.key.pem")).unwrap();
    let mut keys = vec![
        ec.private_key_to_pem_pkcs8().unwrap(),
        ec.ec_key().unwrap().private_key_to_pem().unwrap(),
        rsa.rsa().unwrap().private_key_to_pem().unwrap(),
    ];
    keys.extend(
        ["encrypted.key.pkcs8.pem", "encrypted.key.legacy.pem", "localhost.all.pem"].map(pki_bytes),
    );
    keys.into_iter().map(|key| String::from_utf8(key).unwrap()).collect()
}

/// A key damaged in every way that copying, templates and variables of the environment damage it.
fn mangled(pem: &str, dice: &mut Dice) -> Vec<Vec<u8>> {
    let body = body(pem);
    let line: String = body.chars().take(64).collect();
    let begin = pem.lines().next().unwrap();
    let end = begin.replace("BEGIN", "END");
    let label = begin.trim_matches('-').trim_start_matches("BEGIN ").to_owned();
    let mut all: Vec<String> = Vec::new();
    for between in
        ["", " ", "  ", "\t", "\r", "\r\n", "\\n", "\\r\\n", "\n\n", "\n ", ",", "\u{0b}"]
    {
        all.push(pem.replace('\n', between));
        all.push(format!("{}\n", pem.replace('\n', between)));
        // The first and the last line break alone.
        all.push(pem.replacen('\n', between, 1));
        all.push(pem.replace(&format!("\n{end}"), &format!("{between}{end}")));
    }
    // A piece of the key where a label stands.
    for piece in [&body, &line, &line[..40].to_owned(), &line.to_uppercase()] {
        for text in [
            piece.clone(),
            format!("{label} {piece}"),
            format!("{label}-{piece}"),
            format!("{piece} PRIVATE KEY"),
            format!("{label}----{piece}"),
            format!("{label}-----{piece}"),
        ] {
            all.push(format!("-----BEGIN {text}-----\n{body}\n-----END {text}-----\n"));
            all.push(format!("{begin}\n{body}\n-----END {text}-----\n"));
            all.push(format!("-----BEGIN {text}-----\n{body}\n{end}\n"));
            all.push(format!("{begin}\n-----BEGIN {text}-----\n{end}\n"));
            all.push(format!("-----BEGIN {text}-----\n"));
        }
    }
    // Dashes, quotes, indentation, other frames.
    all.push(pem.replace("-----", ""));
    all.push(pem.replace("-----", "----"));
    all.push(pem.replace("-----", "------"));
    all.push(pem.replace("-----\n", "\n"));
    all.push(pem.replace("-----BEGIN", "BEGIN"));
    all.push(pem.replace("BEGIN", "Begin"));
    all.push(pem.replace("PRIVATE KEY", "CERTIFICATE"));
    all.push(pem.replace("PRIVATE KEY", "TRUSTED CERTIFICATE"));
    all.push(format!("\"{pem}\""));
    all.push(format!("{{\"key\": \"{}\"}}", pem.replace('\n', "\\n")));
    all.push(format!("key: |\n  {}", pem.replace('\n', "\n  ")));
    all.push(format!("Proc-Type: {body}\n{pem}"));
    all.push(pem.replacen('\n', &format!("\nProc-Type: {body}\nDEK-Info: {body},{body}\n\n"), 1));
    all.push([pem, pem].concat().replacen("-----\n-----", "----------", 1));
    all.push(body.clone());
    all.push(format!("{body}\n{end}\n"));
    let mut all: Vec<_> = all.into_iter().map(String::into_bytes).collect();
    all.push(pem.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for der in
        tlswrap::pem::blocks(pem.as_bytes()).flatten().filter_map(|block| block.decode().ok())
    {
        all.push(der[..der.len() / 2].to_vec());
        all.push([&b"\x30\x82\x01\x00"[..], &der].concat());
        all.push([&der[..], body.as_bytes()].concat());
        all.push(der);
    }
    for step in 1..12 {
        all.push(pem.as_bytes()[..pem.len() * step / 12].to_vec());
        all.push(pem.as_bytes()[pem.len() * step / 12..].to_vec());
    }
    for _ in 0..30 {
        let at = dice.below(all.len());
        let more = spoil(dice, &all[at]);
        all.push(more);
    }
    all
}

/// Pieces of a key that no message may have.
struct Pieces(HashSet<Vec<u8>>);

impl Pieces {
    fn of(pem: &str) -> Self {
        let body = body(pem);
        let texts = [body.to_uppercase(), body];
        let pieces = texts.iter().flat_map(|text| text.as_bytes().windows(WINDOW));
        Self(pieces.map(<[u8]>::to_vec).collect())
    }

    fn are_not_in(&self, error: &Error) {
        for text in [&error.message, &error.reason, &error.library] {
            let shown: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
            let told = shown.windows(WINDOW).find(|part| self.0.contains(*part));
            assert_eq!(told, None, "a piece of a key in: {text}");
        }
    }
}

#[test]
fn nothing_of_a_key_stands_in_an_error() {
    let mut dice = Dice::new(5);
    let mut errors = 0;
    for pem in keys() {
        let pieces = Pieces::of(&pem);
        for data in mangled(&pem, &mut dice) {
            for error in readers(&data) {
                errors += 1;
                pieces.are_not_in(&error);
            }
        }
    }
    assert!(errors > 5000, "{errors} errors");
}

/// A key where the name of its file belongs.
#[test]
fn nothing_of_a_key_that_stands_for_a_path() {
    let server = Ctx::new(TLSW_SERVER);
    let chain = c_path(&pki("localhost.chain.pem"));
    let none = null();
    for pem in keys() {
        let pieces = Pieces::of(&pem);
        let body = body(&pem);
        for text in [
            pem.clone(),
            pem.replace('\n', " "),
            pem.replace('\n', "\\n"),
            pem.replace('\n', ""),
            pem.lines().skip(1).collect::<Vec<_>>().join("\n"),
            pem.chars().take(120).collect(),
            body.chars().take(64).collect(),
            body.chars().take(180).collect(),
            body,
        ] {
            let path = CString::new(text.clone()).unwrap();
            let below = CString::new(format!("{text}/below")).unwrap(); // a file could be made
            let (path, below) = (path.as_ptr(), below.as_ptr());
            let chain = chain.as_ptr();
            // SAFETY: a live handle, C strings, no passwords.
            let errors = unsafe {
                [
                    call(|err| tlsw_ctx_load_ca_file(server.0, path, err)),
                    call(|err| tlsw_ctx_load_dh_params_file(server.0, path, err)),
                    call(|err| tlsw_ctx_set_keylog_file(server.0, below, err)),
                    call(|err| tlsw_ctx_load_cert_chain_file(server.0, path, none, null(), 0, err)),
                    call(|err| {
                        tlsw_ctx_load_cert_chain_file(server.0, chain, path, null(), 0, err)
                    }),
                ]
            };
            for result in errors {
                let error = result.unwrap_err();
                pieces.are_not_in(&error);
                assert!(error.message.contains("the contents of a file"), "{}", error.message);
                assert_eq!(error.status, TLSW_ERR_IO);
            }
        }
    }
    // What is a path stays one.
    for name in [
        "missing",
        "/nowhere/Certificates/Of/A/Kind/That/2026/Nobody/Has/Put/There/Yet",
        "Zertifikate für München.pem",
    ] {
        let path = CString::new(name).unwrap();
        // SAFETY: a live handle, and a C string.
        let error = call(|err| unsafe { tlsw_ctx_load_ca_file(server.0, path.as_ptr(), err) });
        assert!(error.unwrap_err().message.starts_with(name));
    }
}

/// A directory is opened when it is needed, and named in refusals.
#[test]
fn nothing_of_a_key_that_stands_for_a_directory() {
    for pem in keys() {
        let client = Ctx::new(TLSW_CLIENT);
        let path = CString::new(pem.clone()).unwrap();
        // SAFETY: a live handle, and a C string.
        call(|err| unsafe { tlsw_ctx_load_ca_dir(client.0, path.as_ptr(), err) }).unwrap();
        let server = Ctx::new(TLSW_SERVER);
        server.load_cert_chain("localhost.chain.pem", "localhost.key.pem").unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        assert_eq!(error.status, TLSW_ERR_VERIFY);
        Pieces::of(&pem).are_not_in(&error);
        assert!(error.message.contains("the contents of a file"), "{}", error.message);
    }
}

/// What loading a chain and its key has to say.
fn load(cert: &[u8], key: &[u8]) -> String {
    let server = Ctx::new(TLSW_SERVER);
    let failed = call(|err| unsafe {
        let (cert, key) = ((cert.as_ptr(), cert.len()), (key.as_ptr(), key.len()));
        tlsw_ctx_load_cert_chain_mem(server.0, cert.0, cert.1, key.0, key.1, null(), 0, err)
    });
    let error = failed.unwrap_err();
    assert_eq!((error.status, &*error.library), (TLSW_ERR_DECODE, "SSL"), "{}", error.message);
    error.message
}

fn as_chain(data: &[u8]) -> String {
    load(data, &pki_bytes("localhost.key.pem"))
}

fn as_key(data: &[u8]) -> String {
    load(&pki_bytes("localhost.chain.pem"), data)
}

fn as_cas(data: &[u8]) -> String {
    let error = Ctx::new(TLSW_CLIENT).load_ca_mem(data).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_DECODE, "{}", error.message);
    error.message
}

/// Checks that all three say it.
#[track_caller]
fn all_say(data: &[u8], words: &[&str]) {
    for message in [as_chain(data), as_cas(data), as_key(data)] {
        for word in words {
            assert!(message.contains(word), "{word:?} is not in {message:?}");
        }
    }
}

/// Runs `openssl` for the file `name` that it writes.
fn made(name: &str, arguments: &[&str]) -> Vec<u8> {
    run(openssl(&[arguments, &["-out", name]].concat()));
    pki_bytes(name)
}

/// The DER in the first block of a PEM file.
fn der(pem: &[u8]) -> Vec<u8> {
    tlswrap::pem::blocks(pem).next().unwrap().unwrap().decode().unwrap()
}

#[test]
fn containers_and_relatives_are_told_by_name() {
    let (chain, key) = ("localhost.chain.pem", "localhost.key.pem");
    let p7b = ["crl2pkcs7", "-nocrl", "-certfile", chain];
    all_say(&made("a.p7b", &p7b), &["PKCS #7", "openssl pkcs7 -in FILE -print_certs -out NEW"]);
    let p7b = made("b.p7b", &[&p7b[..], &["-outform", "DER"]].concat());
    all_say(&p7b, &["PKCS #7", "openssl pkcs7 -inform DER -in FILE -print_certs"]);
    let p12 = ["pkcs12", "-export", "-in", chain, "-inkey", key, "-passout", "pass:x"];
    all_say(&made("a.p12", &p12), &["PKCS #12", "openssl pkcs12 -in FILE -out NEW"]);

    let request = ["req", "-new", "-subj", "/CN=localhost", "-key", key];
    all_say(&made("a.csr", &request), &["certificate request (CSR)"]);
    let request = made("b.csr", &[&request[..], &["-outform", "DER"]].concat());
    all_say(&request, &["certificate request (CSR)"]);
    let public = ["pkey", "-pubout", "-in", key];
    all_say(&made("a.pub", &public), &["public key alone"]);
    let public = made("b.pub", &[&public[..], &["-outform", "DER"]].concat());
    all_say(&public, &["public key alone"]);

    // One where the other belongs.
    for name in ["localhost.key.pem", "rsa.key.pem", "encrypted.key.pkcs8.pem"] {
        let pem = pki_bytes(name);
        assert!(as_chain(&pem).contains("it is a private key, and no certificate"));
        assert!(as_chain(&der(&pem)).contains("it is a private key, and no certificate"));
    }
    for form in ["rsa", "ec"] {
        let name = if form == "rsa" { "rsa.key.pem" } else { key };
        let old = ["pkey", "-traditional", "-in", name, "-outform", "DER"];
        assert!(as_cas(&made("old.key", &old)).contains("it is a private key"), "{form}");
    }
    let pem = pki_bytes("localhost.pem");
    assert!(as_key(&pem).contains("it is a certificate, and no private key"));
    assert!(as_key(&der(&pem)).contains("it is a certificate, and no private key"));
}

#[test]
fn keys_of_other_programs_are_told_by_name() {
    let openssh = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n\
                    -----END OPENSSH PRIVATE KEY-----\n";
    all_say(openssh, &["OpenSSH's own format", "ssh-keygen -p -m PKCS8 -f COPY"]);
    let putty = b"PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\r\nEncryption: none\r\n";
    all_say(putty, &["PuTTY", "puttygen FILE -O private-openssh"]);
    all_say(b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@example\n", &["public key of SSH"]);
    all_say(
        b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01",
        &["Java key store", "keytool -importkeystore"],
    );
    let pgp =
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n";
    all_say(pgp, &["OpenPGP"]);
}

#[test]
fn texts_in_other_clothes_are_told_by_name() {
    all_say(b"<!DOCTYPE html>\n<html>", &["HTML"]);
    all_say(b"\r\n <html>", &["HTML"]);
    all_say(b"\x1f\x8b\x08\0", &["compressed"]);
    for name in ["localhost.pem", "localhost.key.pem"] {
        let text = String::from_utf8(pki_bytes(name)).unwrap();
        let little = text.encode_utf16().flat_map(u16::to_le_bytes);
        let big = text.encode_utf16().flat_map(u16::to_be_bytes);
        let with_mark = [0xff, 0xfe].into_iter().chain(little.clone());
        for data in [little.collect::<Vec<_>>(), big.collect(), with_mark.collect()] {
            all_say(&data, &["UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > NEW"]);
        }
        let lines: Vec<_> = text.lines().collect();
        let bare = lines[1..lines.len() - 1].join("\n");
        all_say(bare.as_bytes(), &["base64", "base64 -d FILE > NEW"]);
        all_say(bare.replace('\n', "").as_bytes(), &["base64"]);
        for (between, words) in [
            ("\\n", ["the two characters \\n", "printf '%b'"]),
            ("", ["line breaks are lost", "lines of 64 characters"]),
            (" ", ["line breaks are lost", "lines of 64 characters"]),
        ] {
            all_say(text.replace('\n', between).as_bytes(), &words);
        }
        all_say(format!("\"{text}\"").as_bytes(), &["does not begin a line"]);
        all_say(format!("  {}", text.replace('\n', "\n  ")).as_bytes(), &["does not begin a line"]);
        let json = format!("{{\"pem\": \"{}\"}}", text.replace('\n', "\\n"));
        all_say(json.as_bytes(), &["JSON"]);
    }
    // Two files without a line break between them.
    let pem = String::from_utf8(pki_bytes("root.pem")).unwrap();
    let pem = [pem.trim_end(), &pem].concat();
    for message in [as_chain(pem.as_bytes()), as_cas(pem.as_bytes())] {
        assert!(message.contains("a line break is missing"), "{message}");
    }
}

#[test]
fn a_list_is_no_certificate_of_ones_own() {
    for name in ["intermediate.crl.pem", "intermediate.crl.der"] {
        let message = as_chain(&pki_bytes(name));
        assert!(message.contains("it is a revocation list, and no certificate"), "{message}");
    }
}
