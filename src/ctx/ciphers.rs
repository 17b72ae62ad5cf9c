//! Cipher suites: OpenSSL's list text, TLS 1.3's list of names, and what is enabled.

use super::versions::TLS_1_3;
use crate::bssl::cipher::Suite;
use crate::bssl::context;
use crate::error::{Error, Kind, Result};
use crate::json;
use crate::verify::level::Level;

/// TLS 1.2: forward secrecy and authenticated encryption only. (All suites of TLS 1.3 are such.)
pub const DEFAULT: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
                           ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
                           ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// What old versions need besides, where they were asked for: the best they know.
pub const BELOW_TLS12: &str = ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:\
                               ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";

/// What the word `DEFAULT` stands for in a list, as in OpenSSL: all that is sound enough to be
/// had by a collective name; no pre-shared keys, which need a function that gives them.
const DEFAULT_WORD: &str = "ALL:!aPSK";

/// A list text taken apart: OpenSSL's `@SECLEVEL=n`, which BoringSSL does not know, and the rest.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// The list for BoringSSL; none if there was nothing but a level.
    pub list: Option<String>,
    /// The level, if there was one.
    pub level: Option<Level>,
}

impl Text {
    /// Takes a list text apart.
    pub fn parse(text: &str) -> Result<Self> {
        let mut words = Vec::new();
        let mut level = None;
        for word in text.split([':', ',', ';', ' ']) {
            // It may hang on a word: `DEFAULT@SECLEVEL=1`.
            let (word, number) = match word.split_once("@SECLEVEL=") {
                Some((word, number)) => (word, Some(number)),
                None => (word, None),
            };
            if let Some(number) = number {
                level = Some(Level::parse(number)?);
            }
            match word {
                "" => {}
                "DEFAULT" if words.is_empty() => words.push(DEFAULT_WORD.to_owned()),
                _ => words.push(boringssls(word)),
            }
        }
        let level_alone = words.is_empty() && level.is_some();
        Ok(Self { list: (!level_alone).then(|| words.join(":")), level })
    }
}

/// OpenSSL's word for suites as BoringSSL has it, to which `PSK` are those without forward secrecy.
fn boringssls(word: &str) -> String {
    let names = word.split('+').map(|name| {
        let bare = name.trim_start_matches(['!', '-']);
        let meant = match bare {
            "PSK" => "aPSK",
            "ECDHEPSK" | "kECDHEPSK" => "kECDHE+aPSK",
            _ => return name.to_owned(),
        };
        name.replace(bare, meant)
    });
    names.collect::<Vec<_>>().join("+")
}

/// The suites below TLS 1.3 that `list` selects and `level` takes; an error if none is left.
pub fn select(list: &str, level: Level) -> Result<Vec<Suite>> {
    let mut suites = context::select_ciphers(list).ok_or_else(none_left)?;
    suites.retain(|suite| strong_enough(*suite, level));
    if suites.is_empty() { Err(none_left()) } else { Ok(suites) }
}

/// Whether `suites` is all that `list` selects.
pub fn is_whole(list: &str, suites: &[Suite]) -> bool {
    context::select_ciphers(list).is_some_and(|all| all.len() == suites.len())
}

/// The suites of TLS 1.3 that are enabled: those `chosen`, or all, as far as `level` takes them.
pub fn tls13(chosen: Option<&[u16]>, level: Level) -> Vec<Suite> {
    let all: Vec<Suite> = match chosen {
        Some(ids) => ids.iter().filter_map(|id| Suite::by_id(*id)).collect(),
        None => Suite::tls13().collect(),
    };
    all.into_iter().filter(|suite| strong_enough(*suite, level)).collect()
}

/// OpenSSL's rules: the cipher's strength; forward secrecy from level 3 on; HMAC-SHA-1 counts as
/// the 160 bits of its key.
fn strong_enough(suite: Suite, level: Level) -> bool {
    let (strength, _) = suite.bits();
    let forward_secret =
        suite.min_version() == TLS_1_3 || suite.key_exchange().starts_with("kx-ecdhe");
    u32::try_from(strength).is_ok_and(|bits| bits >= level.bits())
        && (forward_secret || level.number() < 3)
        && (suite.digest() != Some("sha1") || level.bits() <= 160)
}

/// CPython's words for it, whatever was wrong with the text.
fn none_left() -> Error {
    tls("No cipher can be selected.", "NO_CIPHER_MATCH")
}

fn tls(message: &'static str, reason: &'static str) -> Error {
    Error::new(Kind::Tls, message).named("SSL", reason)
}

/// Reads names of TLS 1.3 suites with colons between them, the preferred first. Unknown ones are
/// skipped, as in lists for older versions.
pub fn parse_tls13(text: &str) -> Result<Vec<u16>> {
    let mut chosen = Vec::new();
    for name in text.split(':').map(str::trim) {
        let found = Suite::tls13().map(|suite| (suite.id(), suite.name()));
        for (id, known) in found {
            if known == name && !chosen.contains(&id) {
                chosen.push(id);
            }
        }
    }
    if chosen.is_empty() {
        return Err(tls("No cipher suite can be selected.", "NO_CIPHER_MATCH"));
    }
    Ok(chosen)
}

/// What is enabled, in order of preference, those of TLS 1.3 first; as CPython's
/// `SSLContext.get_ciphers()`.
pub fn describe(suites: &[Suite]) -> String {
    json::array(|list| {
        for &suite in suites {
            list.object(|o| {
                let (strength, algorithm) = suite.bits();
                // OpenSSL's numbers have the 3 of SSL 3.0 in front.
                o.integer("id", 0x0300_0000 | i64::from(suite.id()));
                o.string("name", suite.name());
                o.string("protocol", protocol(suite));
                o.string("description", &description(suite));
                o.integer("strength_bits", strength.into());
                o.integer("alg_bits", algorithm.into());
                o.boolean("aead", suite.is_aead());
                o.string("symmetric", suite.symmetric());
                match suite.digest() {
                    Some(digest) => o.string("digest", digest),
                    None => o.null("digest"),
                }
                o.string("kea", suite.key_exchange());
                o.string("auth", suite.authentication());
            });
        }
    })
}

/// Suites as names, with the version that each came with and the bits of its key, in the shape of
/// CPython's `shared_ciphers()`.
pub fn list<'a>(suites: impl Iterator<Item = &'a Suite>) -> String {
    json::array(|list| {
        for suite in suites {
            list.array(|facts| {
                facts.string(suite.name());
                facts.string(protocol(*suite));
                facts.integer(suite.bits().0.into());
            });
        }
    })
}

/// The version that the suite came with.
fn protocol(suite: Suite) -> &'static str {
    suite.protocol().to_str().unwrap_or("")
}

/// OpenSSL's line about a suite.
fn description(suite: Suite) -> String {
    let exchange = match suite.key_exchange() {
        "kx-rsa" => "RSA",
        "kx-ecdhe" => "ECDH",
        "kx-psk" => "PSK",
        "kx-ecdhe-psk" => "ECDHEPSK",
        _ => "any",
    };
    let authentication = match suite.authentication() {
        "auth-rsa" => "RSA",
        "auth-ecdsa" => "ECDSA",
        "auth-psk" => "PSK",
        _ => "any",
    };
    let (_, bits) = suite.bits();
    let cipher = match suite.symmetric() {
        "chacha20-poly1305" => "CHACHA20/POLY1305",
        name if name.starts_with("des-ede3") => "3DES",
        name if name.ends_with("-gcm") => "AESGCM",
        _ => "AES",
    };
    let digest = suite.digest().unwrap_or("aead").to_ascii_uppercase();
    format!(
        "{:<30} {:<7} Kx={exchange:<8} Au={authentication:<5} Enc={:<22} Mac={digest}",
        suite.name(),
        protocol(suite),
        format!("{cipher}({bits})"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_taken_out_of_the_text() {
        for (text, list, level) in [
            ("ECDHE", Some("ECDHE"), None),
            ("@SECLEVEL=2:ECDH+AESGCM:!aNULL", Some("ECDH+AESGCM:!aNULL"), Some(2)),
            ("DEFAULT@SECLEVEL=1", Some(DEFAULT_WORD), Some(1)),
            ("DEFAULT:@SECLEVEL=0 !kRSA", Some("ALL:!aPSK:!kRSA"), Some(0)),
            ("HIGH,@STRENGTH;@SECLEVEL=5", Some("HIGH:@STRENGTH"), Some(5)),
            ("@SECLEVEL=3", None, Some(3)),
            ("PSK+HIGH:kPSK:!PSK:-kECDHEPSK", Some("aPSK+HIGH:kPSK:!aPSK:-kECDHE+aPSK"), None),
            ("ECDHE-PSK-AES128-CBC-SHA:+PSK", Some("ECDHE-PSK-AES128-CBC-SHA:+aPSK"), None),
            ("", Some(""), None),
        ] {
            let parsed = Text::parse(text).unwrap();
            assert_eq!((parsed.list.as_deref(), parsed.level.map(Level::number)), (list, level));
        }
        for bad in ["@SECLEVEL=6", "@SECLEVEL=", "@SECLEVEL=-1", "ALL@SECLEVEL=two"] {
            assert!(Text::parse(bad).is_err(), "{bad}");
        }
    }
}
