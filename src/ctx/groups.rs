//! Groups for the key exchange: their names, and lists of them.

use crate::bssl::context::{self, group};
use crate::error::{Error, Kind, Result};
use crate::json;

/// A group BoringSSL has.
struct Group {
    id: u16,
    /// IANA's name first, then the others it goes by: OpenSSL's, NIST's.
    names: &'static [&'static str],
    /// How strong it is, by the levels of NIST SP 800-57; of a hybrid, its classical half.
    bits: u32,
    /// Whether TLS 1.2 has it.
    in_tls12: bool,
}

const GROUPS: [Group; 6] = [
    Group { id: group::X25519MLKEM768, names: &["X25519MLKEM768"], bits: 128, in_tls12: false },
    Group { id: group::X25519, names: &["x25519", "X25519"], bits: 128, in_tls12: true },
    Group {
        id: group::SECP256R1,
        names: &["secp256r1", "prime256v1", "P-256"],
        bits: 128,
        in_tls12: true,
    },
    Group { id: group::SECP384R1, names: &["secp384r1", "P-384"], bits: 192, in_tls12: true },
    Group { id: group::SECP521R1, names: &["secp521r1", "P-521"], bits: 256, in_tls12: true },
    Group { id: group::MLKEM1024, names: &["MLKEM1024"], bits: 256, in_tls12: false },
];

/// Post-quantum hybrid first. Named, because the crate's own default has an experimental Kyber
/// draft in it. (P-521 has to be asked for, also for certificates with such a key in TLS 1.2.)
pub const DEFAULT: [u16; 4] =
    [group::X25519MLKEM768, group::X25519, group::SECP256R1, group::SECP384R1];

fn find(name: &str) -> Option<u16> {
    GROUPS
        .iter()
        .find(|group| group.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .map(|group| group.id)
}

fn unknown(name: &str, argument: &str) -> Error {
    // What OpenSSL has a name for but nobody here can do is told from what is no name at all.
    if context::is_object_name(name) {
        return Error::new(
            Kind::Tls,
            format!(
                "{argument}: BoringSSL cannot do \"{name}\"; it has X25519MLKEM768, MLKEM1024, \
                 x25519, secp256r1, secp384r1 and secp521r1"
            ),
        )
        .named("SSL", "UNSUPPORTED_ELLIPTIC_CURVE");
    }
    Error::argument(format!("{argument}: unknown elliptic curve name \"{name}\""))
}

/// Reads one name.
pub fn parse_one(name: &str, argument: &str) -> Result<u16> {
    find(name).ok_or_else(|| unknown(name, argument))
}

/// Reads names with colons between them, the preferred first. An unknown one is an error, unless a
/// question mark before it says that it may be (as in OpenSSL 3.3).
pub fn parse(list: &str) -> Result<Vec<u16>> {
    let mut chosen = Vec::new();
    for word in list.split(':') {
        let id = match word.strip_prefix('?') {
            Some(name) => match find(name) {
                Some(id) => id,
                None => continue,
            },
            None => parse_one(word, "groups")?,
        };
        if chosen.contains(&id) {
            return Err(Error::argument(format!("groups: \"{word}\" is listed twice")));
        }
        chosen.push(id);
    }
    if chosen.is_empty() {
        return Err(Error::argument("groups: no group is left"));
    }
    Ok(chosen)
}

/// Those of `groups` that are at least `bits` strong.
pub fn at_least(groups: &[u16], bits: u32) -> Vec<u16> {
    let strong =
        |id: &u16| GROUPS.iter().find(|group| group.id == *id).is_some_and(|g| g.bits >= bits);
    groups.iter().copied().filter(strong).collect()
}

/// Their names as a JSON array, without those that only a version above `max_version` could use.
pub fn describe(groups: &[u16], max_version: u16, aliases: bool) -> String {
    json::array(|list| {
        for id in groups {
            for group in GROUPS.iter().filter(|group| group.id == *id) {
                if !group.in_tls12 && max_version < super::versions::TLS_1_3 {
                    continue;
                }
                let count = if aliases { group.names.len() } else { 1 };
                group.names.iter().take(count).for_each(|name| list.string(name));
            }
        }
    })
}
