//! PKCS #8 (RFC 5208, RFC 5958) beyond what BoringSSL reads: its second version, and encryption by
//! PBES2 (RFC 8018) with the functions that other libraries use, scrypt (RFC 7914) among them.

use boring::hash::MessageDigest;
use boring::pkcs5;
use boring::symm::{self, Cipher};
use boring_sys as ffi;
use zeroize::Zeroizing;

use super::queue;
use crate::error::{Error, Kind, Result};

/// The most rounds of PBKDF2: some minutes' work.
const MOST_ROUNDS: u64 = 100_000_000;
/// The most memory of scrypt.
const MOST_MEMORY: usize = 64 << 20;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const SCRYPT: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";

const SEQUENCE: i32 = ffi::CBS_ASN1_SEQUENCE;
const INTEGER: i32 = ffi::CBS_ASN1_INTEGER;
const OCTETS: i32 = ffi::CBS_ASN1_OCTETSTRING;
const OID: i32 = ffi::CBS_ASN1_OBJECT;

/// The contents of the element of this kind at the beginning of `der`, and what follows.
fn element(der: &[u8], tag: i32) -> Option<(&[u8], &[u8])> {
    let mut input = ffi::CBS { data: der.as_ptr(), len: der.len() };
    let mut body = ffi::CBS { data: std::ptr::null(), len: 0 };
    // SAFETY: each CBS is a stretch of `der`, which outlives them; an element that is read is there
    // whole, and `input` is what follows.
    unsafe {
        (ffi::CBS_get_asn1(&raw mut input, &raw mut body, tag.cast_unsigned()) == 1)
            .then(|| der.split_at_checked(der.len() - input.len))
            .flatten()
            .map(|(_, rest)| (std::slice::from_raw_parts(body.data, body.len), rest))
    }
}

/// A number that is not negative, and what follows.
fn number(der: &[u8]) -> Option<(u64, &[u8])> {
    let (body, rest) = element(der, INTEGER)?;
    let body = body.strip_prefix(&[0]).unwrap_or(body);
    let fits = body.len() <= 8;
    fits.then(|| (body.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest))
}

/// The two parts of an EncryptedPrivateKeyInfo: the algorithm, and what is encrypted.
fn encrypted(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (body, b"") = element(der, SEQUENCE)? else {
        return None;
    };
    let (algorithm, rest) = element(body, SEQUENCE)?;
    let (data, b"") = element(rest, OCTETS)? else {
        return None;
    };
    Some((algorithm, data))
}

/// Whether `der` is an EncryptedPrivateKeyInfo.
pub fn is_encrypted(der: &[u8]) -> bool {
    encrypted(der).is_some()
}

/// The version, the algorithm and the private key of a PrivateKeyInfo of either version.
fn plain(der: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (body, b"") = element(der, SEQUENCE)? else {
        return None;
    };
    let (version, rest) = number(body)?;
    let (algorithm, rest) = element(rest, SEQUENCE)?;
    let (key, _) = element(rest, OCTETS)?;
    Some((version, algorithm, key))
}

/// A key in the second version, which has the public key behind the private one and which BoringSSL
/// does not read, as one in the first.
pub fn first_version(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (1, algorithm, key) = plain(der)? else {
        return None;
    };
    let body = [Zeroizing::new(vec![0x02, 0x01, 0x00]), wrap(0x30, algorithm), wrap(0x04, key)];
    let body: Vec<&[u8]> = body.iter().map(|part| part.as_slice()).collect();
    Some(wrap(0x30, &Zeroizing::new(body.concat())))
}

/// An element.
fn wrap(tag: u8, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let octets = body.len().to_be_bytes();
    let skip = octets.iter().take_while(|octet| **octet == 0).count();
    let octets = octets.get(skip..).unwrap_or_default();
    let mut whole = Zeroizing::new(Vec::with_capacity(2 + octets.len() + body.len()));
    whole.push(tag);
    match *octets {
        [] => whole.push(0),
        [short @ 0..0x80] => whole.push(short),
        _ => {
            whole.push(0x80 | u8::try_from(octets.len()).unwrap_or(0));
            whole.extend_from_slice(octets);
        }
    }
    whole.extend_from_slice(body);
    whole
}

/// How a key is made of a password.
enum Derivation<'a> {
    Pbkdf2 { salt: &'a [u8], rounds: u64, digest: MessageDigest },
    Scrypt { salt: &'a [u8], cost: u64, block: u64, parallel: u64 },
}

/// Decrypts what PBES2 has encrypted; `None` if it is encrypted in another way.
pub fn decrypt(der: &[u8], password: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some((algorithm, data)) = encrypted(der) else {
        return Ok(None);
    };
    let Some((PBES2, parameters)) = element(algorithm, OID) else {
        return Ok(None);
    };
    let unknown = || {
        Error::new(
            Kind::Decode,
            "it is encrypted in a way that is not known; PBES2 with PBKDF2 or scrypt and AES in \
             CBC mode is: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW",
        )
    };
    let (derivation, cipher, iv) = scheme(parameters).ok_or_else(unknown)?;
    if cipher.iv_len() != Some(iv.len()) {
        return Err(Error::decode(
            "the initialization vector of its encryption has a wrong length",
        ));
    }
    let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
    queue::clear();
    let made = match derivation {
        Derivation::Pbkdf2 { salt, rounds, digest } => {
            let rounds =
                usize::try_from(rounds).ok().filter(|_| (1..=MOST_ROUNDS).contains(&rounds));
            let rounds = rounds.ok_or_else(|| {
                Error::decode(format!(
                    "its encryption wants a number of rounds that is not between 1 and \
                     {MOST_ROUNDS}"
                ))
            })?;
            pkcs5::pbkdf2_hmac(password, salt, rounds, digest, &mut key)
        }
        Derivation::Scrypt { salt, cost, block, parallel } => {
            pkcs5::scrypt(password, salt, cost, block, parallel, MOST_MEMORY, &mut key)
        }
    };
    made.map_err(|_| {
        queue::error(Kind::Decode, "no key can be made of the password as its encryption wants it")
    })?;
    let decrypted = symm::decrypt(cipher, &key, Some(iv), data).map(Zeroizing::new);
    queue::clear();
    match decrypted {
        // With a wrong password the padding is right once in 256 times.
        Ok(key) if plain(&key).is_some() => Ok(Some(key)),
        _ => Err(Error::decode("it cannot be decrypted; the password is wrong")),
    }
}

/// Reads the parameters of PBES2.
fn scheme(der: &[u8]) -> Option<(Derivation<'_>, Cipher, &[u8])> {
    let (body, b"") = element(der, SEQUENCE)? else {
        return None;
    };
    let (derivation, rest) = element(body, SEQUENCE)?;
    let (encryption, _) = element(rest, SEQUENCE)?;
    let (oid, rest) = element(encryption, OID)?;
    let (iv, _) = element(rest, OCTETS)?;
    let cipher = match oid {
        b"\x60\x86\x48\x01\x65\x03\x04\x01\x02" => Cipher::aes_128_cbc(),
        b"\x60\x86\x48\x01\x65\x03\x04\x01\x16" => Cipher::aes_192_cbc(),
        b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a" => Cipher::aes_256_cbc(),
        b"\x2a\x86\x48\x86\xf7\x0d\x03\x07" => Cipher::des_ede3_cbc(),
        _ => return None,
    };
    let (oid, rest) = element(derivation, OID)?;
    let (parameters, _) = element(rest, SEQUENCE)?;
    let (salt, rest) = element(parameters, OCTETS)?;
    let (first, rest) = number(rest)?;
    let derivation = match oid {
        PBKDF2 => {
            // The length of the key may follow.
            let rest = number(rest).map_or(rest, |(_, rest)| rest);
            Derivation::Pbkdf2 { salt, rounds: first, digest: digest(rest)? }
        }
        SCRYPT => {
            let (block, rest) = number(rest)?;
            let (parallel, _) = number(rest)?;
            Derivation::Scrypt { salt, cost: first, block, parallel }
        }
        _ => return None,
    };
    Some((derivation, cipher, iv))
}

/// The digest of PBKDF2's function; SHA-1 where none is named.
fn digest(der: &[u8]) -> Option<MessageDigest> {
    if der.is_empty() {
        return Some(MessageDigest::sha1());
    }
    let (function, b"") = element(der, SEQUENCE)? else {
        return None;
    };
    let (oid, _) = element(function, OID)?;
    Some(match oid.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x02")? {
        [7] => MessageDigest::sha1(),
        [8] => MessageDigest::sha224(),
        [9] => MessageDigest::sha256(),
        [10] => MessageDigest::sha384(),
        [11] => MessageDigest::sha512(),
        _ => return None,
    })
}
