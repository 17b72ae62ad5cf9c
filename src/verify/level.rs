//! Security levels, as OpenSSL 3 defines them (`SSL_CTX_set_security_level`): how strong keys and
//! signatures must be. BoringSSL has none; the rules are ours.

use crate::cert::{Info, Key};
use crate::error::{Error, Kind, Result};

/// A security level, 0 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Default for Level {
    /// What OpenSSL has been built with since Debian 10: 112 bits.
    fn default() -> Self {
        Self(2)
    }
}

impl Level {
    /// Reads the number after `@SECLEVEL=`.
    pub fn parse(number: &str) -> Result<Self> {
        match number.as_bytes() {
            [digit @ b'0'..=b'5'] => Ok(Self(digit - b'0')),
            _ => Err(Error::argument(format!(
                "ciphers: @SECLEVEL={number} is none of the security levels 0 to 5"
            ))),
        }
    }

    /// The level as a number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The bits of security that everything must have.
    pub fn bits(self) -> u32 {
        match self.0 {
            0 => 0,
            1 => 80,
            2 => 112,
            3 => 128,
            4 => 192,
            _ => 256,
        }
    }

    /// Whether the key of a certificate is large enough.
    pub fn takes_key(self, key: &Key) -> bool {
        self.0 == 0 || key_bits(&key.kind, key.bits) >= self.bits()
    }

    /// Whether the signature on a certificate is strong enough.
    pub fn takes_signature(self, algorithm: &str) -> bool {
        self.0 == 0 || signature_bits(algorithm) >= self.bits()
    }

    /// Checks an own chain, leaf first, before it is shown to anybody.
    pub fn check_own<'a>(self, chain: impl Iterator<Item = &'a [u8]>) -> Result<()> {
        for (depth, der) in chain.enumerate() {
            let (info, _) = Info::parse(der)?;
            let reason = if !self.takes_key(&info.key) {
                if depth == 0 { "EE_KEY_TOO_SMALL" } else { "CA_KEY_TOO_SMALL" }
            } else if !info.is_self_issued() && !self.takes_signature(&info.signature_algorithm) {
                "CA_MD_TOO_WEAK"
            } else {
                continue;
            };
            return Err(self.too_weak(reason, &info));
        }
        Ok(())
    }

    fn too_weak(self, reason: &'static str, info: &Info) -> Error {
        let who = info.subject.rfc4514();
        let what = match reason {
            "EE_KEY_TOO_SMALL" => "ee key too small",
            "CA_KEY_TOO_SMALL" => "ca key too small",
            _ => "ca md too weak",
        };
        Error::new(
            Kind::Tls,
            format!("{what}: \"{who}\", {}", self.shortfall(info, reason == "CA_MD_TOO_WEAK")),
        )
        .named("SSL", reason)
    }

    /// What a certificate has and what it should have, for messages.
    pub fn shortfall(self, info: &Info, signature: bool) -> String {
        let has = if signature {
            format!("signed with {}", info.signature_algorithm)
        } else {
            format!("which has a key of kind {} and {} bits", info.key.kind, info.key.bits)
        };
        format!(
            "{has}, is below security level {} ({} bits of security); it takes a stronger one, or a \
             program that lowers the level at its own risk, by @SECLEVEL= in its list of ciphers",
            self.0,
            self.bits()
        )
    }
}

/// The bits of security of a key (NIST SP 800-57, part 1, table 2).
fn key_bits(kind: &str, size: u32) -> u32 {
    match kind {
        "RSA" | "RSA-PSS" | "DSA" => match size {
            15360.. => 256,
            7680.. => 192,
            3072.. => 128,
            2048.. => 112,
            1024.. => 80,
            _ => 0,
        },
        "EC" => match size {
            512.. => 256,
            384.. => 192,
            256.. => 128,
            224.. => 112,
            160.. => 80,
            _ => 0,
        },
        "ED25519" | "X25519" | "ML-DSA-44" => 128,
        "ED448" | "X448" => 224,
        "ML-DSA-65" => 192,
        "ML-DSA-87" => 256,
        // What cannot be measured is measured by nobody: BoringSSL verifies no such key either.
        _ => 0,
    }
}

/// The bits of security of a signature: half its digest's size; less where that is broken.
fn signature_bits(algorithm: &str) -> u32 {
    let lower = algorithm.to_ascii_lowercase();
    let has = |digest: &str| lower.contains(digest);
    match lower.as_str() {
        "ed25519" | "ml-dsa-44" => 128,
        "ed448" => 224,
        "ml-dsa-65" => 192,
        "ml-dsa-87" => 256,
        // Its digest is in the parameters. BoringSSL verifies it with SHA-256 and better, so it
        // counts as the weakest of these.
        "rsassapss" => 128,
        _ if has("sha512") => 256,
        _ if has("sha384") => 192,
        _ if has("sha256") => 128,
        _ if has("sha224") => 112,
        _ if has("sha1") => 63,
        _ => 39,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_their_bits() {
        for (kind, size, bits) in [
            ("RSA", 1023, 0),
            ("RSA", 1024, 80),
            ("RSA", 2047, 80),
            ("RSA", 2048, 112),
            ("RSA", 3072, 128),
            ("RSA-PSS", 7680, 192),
            ("EC", 192, 80),
            ("EC", 224, 112),
            ("EC", 256, 128),
            ("EC", 521, 256),
            ("ED25519", 256, 128),
            ("1.2.3", 4096, 0),
        ] {
            assert_eq!(key_bits(kind, size), bits, "{kind} {size}");
        }
    }

    #[test]
    fn signatures_by_their_digest() {
        for (name, bits) in [
            ("sha1WithRSAEncryption", 63),
            ("md5WithRSAEncryption", 39),
            ("sha224WithRSAEncryption", 112),
            ("ecdsa-with-SHA1", 63),
            ("ecdsa-with-SHA256", 128),
            ("sha512WithRSAEncryption", 256),
            ("ED25519", 128),
        ] {
            assert_eq!(signature_bits(name), bits, "{name}");
        }
    }
}
