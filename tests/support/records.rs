//! Records of TLS 1.3 made by hand, in the place of a server: what no library would send.
#![allow(dead_code, reason = "each test uses its own part")]

use boring::hash::hmac_sha256;
use boring::symm::{Cipher, encrypt_aead};

use crate::hooks::Notes;
use crate::support::*;

/// HKDF-Expand-Label of RFC 8446, section 7.1, without a context and for no more than one block.
fn expand(secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let info = [&[0, len as u8, label.len() as u8], label.as_bytes(), &[0, 1]].concat();
    hmac_sha256(secret, &info).unwrap()[..len].to_vec()
}

/// Contexts of which a [`Forger`] can be had: AES-128-GCM, and nothing sent after the handshake. And
/// the key log.
pub fn forgeable() -> ((Ctx, Ctx), Notes<String>) {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let suite = c("TLS_AES_128_GCM_SHA256");
    call(|err| unsafe { tlsw_ctx_set_ciphersuites(client.0, suite.as_ptr(), err) }).unwrap();
    call(|err| unsafe { tlsw_ctx_set_num_tickets(server.0, 0, err) }).unwrap();
    let notes = Notes::new();
    let note = notes.clone();
    client.set_keylog_hook(Box::new(move |_, line| note.add(line.to_owned()))).unwrap();
    ((client, server), notes)
}

/// Seals records as a server would under its first application keys, AES-128-GCM.
pub struct Forger {
    secret: Vec<u8>,
    key: Vec<u8>,
    iv: Vec<u8>,
    sequence: u64,
}

impl Forger {
    /// By the key log of the connection.
    pub fn of_server(lines: &[String]) -> Self {
        let line = lines.iter().find(|line| line.starts_with("SERVER_TRAFFIC_SECRET_0 ")).unwrap();
        let digits = line.rsplit(' ').next().unwrap().as_bytes().chunks(2);
        let byte = |two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
        Self::new(digits.map(byte).collect())
    }

    fn new(secret: Vec<u8>) -> Self {
        let (key, iv) = (expand(&secret, "key", 16), expand(&secret, "iv", 12));
        Self { secret, key, iv, sequence: 0 }
    }

    /// The next record, of this type and content.
    pub fn seal(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        let inner = [content, &[kind]].concat();
        let head = [&[23, 3, 3][..], &(inner.len() as u16 + 16).to_be_bytes()].concat();
        let mut nonce = self.iv.clone();
        for (byte, number) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= number;
        }
        self.sequence += 1;
        let (cipher, mut tag) = (Cipher::aes_128_gcm(), [0; 16]);
        let sealed =
            encrypt_aead(cipher, &self.key, Some(&nonce), &head, &inner, &mut tag).unwrap();
        [head, sealed, tag.to_vec()].concat()
    }

    /// A KeyUpdate (RFC 8446, section 4.6.3), after which the keys are others.
    pub fn update(&mut self, asks: bool) -> Vec<u8> {
        let record = self.seal(22, &[24, 0, 0, 1, asks.into()]);
        *self = Self::new(expand(&self.secret, "traffic upd", 32));
        record
    }
}
