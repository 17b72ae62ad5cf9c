//! What the fuzzers begin with, beside the files in fuzz/corpus: what has to be made anew each time,
//! because it holds keys or runs out. Files of the test PKI, recorded handshakes, sessions.

use std::error::Error;
use std::fs;
use std::ptr::{null, null_mut};

use super::entries::common::*;
use super::entries::program;
use super::pki;

/// Hands `put` the name of an entry, the name of a seed for it, and the seed.
pub fn make(put: &mut dyn FnMut(&str, &str, &[u8])) -> Result<(), Box<dyn Error>> {
    let dir = std::env::temp_dir().join(format!("tlswrap-seeds-{}", std::process::id()));
    pki::make(&dir)?;
    for place in [dir.clone(), dir.join("bad")] {
        for entry in fs::read_dir(place)? {
            let entry = entry?;
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            if path.is_dir() || name == "README" {
                continue;
            }
            let content = fs::read(&path)?;
            put("pem", &name, &content);
            if name.contains(".key.") {
                put("key", &name, &content);
            } else {
                put("pem_ca", &name, &content);
            }
            let blocks = tlswrap::pem::blocks(&content).flatten();
            for (i, block) in blocks.enumerate().take(1) {
                let Ok(der) = block.decode() else { continue };
                let target = if block.is_certificate() { "cert" } else { "key" };
                put(target, &format!("{name}.{i}.der"), &der);
                put("pem", &format!("{name}.{i}.der"), &der);
            }
        }
    }

    for file in ["localhost.key.pem", "encrypted.key.pkcs8.pem", "root.pem", "intermediate.crl.pem"]
    {
        for (name, content) in relatives(&fs::read(dir.join(file))?) {
            for target in ["pem", "pem_ca", "key"] {
                put(target, &format!("{file}.{name}"), &content);
            }
        }
    }

    for (i, version) in [TLSW_TLS_1_3, TLSW_TLS_1_2].into_iter().enumerate() {
        for (chosen, mode) in [(i, TLSW_CERT_REQUIRED), (2, TLSW_CERT_NONE)] {
            let [to_server, to_client] = record(version, mode);
            let name = format!("{version:x}-{mode}");
            for pieces in [0, 4, 0x80, 0xc4] {
                let first = [chosen as u8 | pieces];
                let name = format!("{name}-{pieces:x}");
                put("server_wire", &name, &[&first, &to_server[..]].concat());
                put("client_wire", &name, &[&first, &to_client[..]].concat());
            }
        }
    }
    for (i, version) in [TLSW_TLS_1_3, TLSW_TLS_1_2].into_iter().enumerate() {
        put("session", &i.to_string(), &session(version));
    }
    for (i, flags) in [0, 1, 4, 5].into_iter().enumerate() {
        let calls = calls(flags);
        program::run(&calls);
        put("calls", &format!("pair-{i}"), &calls);
    }

    fs::remove_dir_all(dir)?;
    Ok(())
}

/// What a PEM file becomes on its way through templates, editors and other programs, and what is
/// taken for it.
fn relatives(pem: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(pem).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let body = lines.get(1..lines.len() - 1).unwrap_or_default().join("\n");
    let der = tlswrap::pem::blocks(pem).flatten().find_map(|block| block.decode().ok());
    let der = der.unwrap_or_default();
    // OpenSSL's trust settings: trusted for TLS servers, rejected for TLS clients, named "a".
    let settings = b"\x30\x1b\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\
                     \xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02\x0c\x01a";
    let trusted = tlswrap::pem::encode("TRUSTED CERTIFICATE", &[&der[..], settings].concat());
    let as_label = |label: &str| tlswrap::pem::encode(label, &der).into_bytes();
    // The beginnings of PKCS #7 and PKCS #12.
    let content = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    let p7b = [b"\x30\x0f", &content[..], b"\x02\xa0\x02\x30\x00"].concat();
    let p12 = [b"\x30\x12\x02\x01\x03\x30\x0d", &content[..], b"\x01\xa0\x00"].concat();
    vec![
        ("joined", text.replace('\n', "").into_bytes()),
        ("spaces", text.replace('\n', " ").into_bytes()),
        ("escaped", text.replace('\n', "\\n").into_bytes()),
        ("json", format!("{{\"pem\": \"{}\"}}", text.replace('\n', "\\n")).into_bytes()),
        ("indented", format!("  {}", text.replace('\n', "\n  ")).into_bytes()),
        ("twice", [text.trim_end(), &text].concat().into_bytes()),
        ("utf-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("base64", body.into_bytes()),
        ("trusted", trusted.into_bytes()),
        ("pkcs7", as_label("PKCS7")),
        ("request", as_label("CERTIFICATE REQUEST")),
        ("public", as_label("PUBLIC KEY")),
        ("openssh", as_label("OPENSSH PRIVATE KEY")),
        ("html", b"<!DOCTYPE html>".to_vec()),
        ("putty", b"PuTTY-User-Key-File-3: ssh-ed25519\r\n".to_vec()),
        ("p7b", p7b),
        ("p12", p12),
    ]
}

/// A session as bytes.
fn session(version: i32) -> Vec<u8> {
    let client = Ctx::with(TLSW_CLIENT, version, TLSW_CERT_NONE);
    let server = Ctx::with(TLSW_SERVER, version, TLSW_CERT_NONE);
    // SAFETY: live handles, room for results, pointers and lengths of slices.
    unsafe {
        let [mut one, mut other] = [null_mut(); 2];
        let [mut here, mut there] = [null_mut(); 2];
        call(|err| tlsw_bio_new(&mut one, err)).unwrap();
        call(|err| tlsw_bio_new(&mut other, err)).unwrap();
        let name = c"localhost".as_ptr();
        call(|err| tlsw_wrap_bio(client.0, one, other, TLSW_CLIENT, name, &mut here, err)).unwrap();
        call(|err| tlsw_wrap_bio(server.0, other, one, TLSW_SERVER, null(), &mut there, err))
            .unwrap();
        let (mut byte, mut n, mut session, mut bytes) = (0, 0, null_mut(), empty());
        for _ in 0..3 {
            call(|err| tlsw_conn_handshake(here, err)).unwrap();
            call(|err| tlsw_conn_handshake(there, err)).unwrap();
        }
        call(|err| tlsw_conn_write(there, &byte, 1, &mut n, err)).unwrap();
        call(|err| tlsw_conn_read(here, &mut byte, 1, &mut n, err)).unwrap();
        assert_eq!(call(|err| tlsw_get_session(here, &mut session, err)), Ok(TLSW_OK));
        call(|err| tlsw_session_to_bytes(session, null(), &mut bytes, err)).unwrap();
        take(bytes)
    }
}

/// A program of two connections, the second of which resumes the session of the first.
fn calls(flags: u8) -> Vec<u8> {
    use program::op::*;
    let mut program = vec![CTX, 0, 0, flags, CTX, 1, 1, flags, BIO, 0, BIO, 1];
    for conn in [0, 2] {
        program.extend([WRAP, conn, 0, 0, 1, 0, WRAP, conn + 1, 1, 1, 0, 1]);
        if conn == 2 {
            program.extend([SESSION_SET, 2, 0]);
        }
        program.extend([HANDSHAKE, conn, HANDSHAKE, conn + 1].repeat(3));
        program.extend([WRITE, conn + 1, 2, b'h', b'i', READ, conn, 1, READ, conn, 20, ASK, conn]);
        program.extend([SESSION_GET, conn, 0, SESSION_COPY, 0, 1, 0, CERT, conn, 0, conn / 2]);
        program.extend([SHUTDOWN, conn, 1, READ, conn + 1, 20, SHUTDOWN, conn + 1, 3]);
        program.extend([SHUTDOWN, conn, 3, SNI, 1, 1, CTX_SET, 0, 9, 1, 3]);
    }
    program.extend([CTX_FREE, 0, BIO_FREE, 1, CONN_FREE, 2, ASK, 0, BIO_EOF, 0]);
    program
}

/// What goes each way in a handshake and a word after it.
fn record(version: i32, mode: u32) -> [Vec<u8>; 2] {
    let client = Ctx::with(TLSW_CLIENT, version, mode);
    let server = Ctx::with(TLSW_SERVER, version, mode);
    let mut recorded = [Vec::new(), Vec::new()];
    // SAFETY: live handles, room for results, pointers and lengths of slices.
    unsafe {
        let bio = || {
            let mut bio = null_mut();
            call(|err| tlsw_bio_new(&mut bio, err)).unwrap();
            bio
        };
        let pipes = [[bio(), bio()], [bio(), bio()]];
        let (mut here, mut there) = (null_mut(), null_mut());
        let name = c"localhost".as_ptr();
        let [[from_client, to_server], [from_server, to_client]] = pipes;
        call(|err| {
            tlsw_wrap_bio(client.0, to_client, from_client, TLSW_CLIENT, name, &mut here, err)
        })
        .unwrap();
        call(|err| {
            tlsw_wrap_bio(server.0, to_server, from_server, TLSW_SERVER, null(), &mut there, err)
        })
        .unwrap();
        for _ in 0..4 {
            for conn in [here, there] {
                let done = call(|err| tlsw_conn_handshake(conn, err));
                if done == Ok(TLSW_OK) {
                    let mut n = 0;
                    call(|err| tlsw_conn_write(conn, b"hello".as_ptr(), 5, &mut n, err)).unwrap();
                }
                for ([from, to], all) in pipes.iter().zip(&mut recorded) {
                    let (mut room, mut n) = (vec![0; 65536], 0);
                    let read = call(|err| {
                        tlsw_bio_read(*from, room.as_mut_ptr(), room.len(), &mut n, err)
                    });
                    if read == Ok(TLSW_OK) {
                        all.extend(&room[..n]);
                        call(|err| tlsw_bio_write(*to, room.as_ptr(), n, err)).unwrap();
                    }
                }
            }
        }
    }
    recorded
}
