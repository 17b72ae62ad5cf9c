//! `seeds CORPUS` writes what the fuzzers begin with: files of the test PKI, recorded handshakes,
//! names and lists.

#[path = "fuzz_targets/common.rs"]
mod common;
#[path = "../tests/pki/pki.rs"]
mod pki;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::ptr::{null, null_mut};

use common::*;

// BoringSSL's runtime; with the targets it comes with the fuzzer.
#[link(name = "stdc++")]
unsafe extern "C" {}

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = std::env::args_os().nth(1).ok_or("usage: seeds CORPUS")?;
    let corpus = Path::new(&corpus);
    let put = |target: &str, name: &str, content: &[u8]| {
        fs::create_dir_all(corpus.join(target))?;
        fs::write(corpus.join(target).join(name.replace('/', "-")), content)
    };

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
            if name.contains(".key.") {
                put("key", &name, &content)?;
            } else {
                put("pem_ca", &name, &content)?;
            }
            let blocks = tlswrap::pem::blocks(&content).flatten();
            for (i, block) in blocks.enumerate().take(1) {
                let Ok(der) = block.decode() else { continue };
                let target = if block.is_certificate() { "cert" } else { "key" };
                put(target, &format!("{name}.{i}.der"), &der)?;
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
                put("server_wire", &name, &[&first, &to_server[..]].concat())?;
                put("client_wire", &name, &[&first, &to_client[..]].concat())?;
            }
        }
    }
    for wire in ["client_wire", "server_wire"] {
        put(wire, "http", b"\0GET / HTTP/1.1\r\n\r\n")?;
        put(wire, "goodbye", b"\0\x15\x03\x01\0\x02\x01\0")?;
        put(wire, "refusal", b"\0\x15\x03\x03\0\x02\x02\x28")?;
    }

    for (i, name) in
        ["localhost", "xn--bcher-kva.example.", "127.0.0.1", "[::1]", "2001:db8::1", "a_b.c-d"]
            .iter()
            .enumerate()
    {
        put("hostname", &i.to_string(), name.as_bytes())?;
    }
    put("alpn", "two", b"\x0c\x02h2\x08http/1.1\x03abc\x02h2")?;
    put("alpn", "none", b"\0")?;
    fs::remove_dir_all(dir)?;
    Ok(())
}

/// What goes each way in a handshake and a word after it.
fn record(version: u32, mode: u32) -> [Vec<u8>; 2] {
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
