//! Whether a certificate is for a host: the rules of RFC 6125 as Python's `ssl.match_hostname`
//! draws them.
//!
//! They are not those of the handshake, which BoringSSL checks and which knows no common names.
//! Two things differ from CPython on purpose: letters outside ASCII have no case here (a DNS name
//! has none of them, and Unicode folds the Kelvin sign into a `k`), and an address that is neither
//! of 4 nor of 16 bytes is a mismatch and no wrong argument.

use std::net::{IpAddr, Ipv4Addr};

use super::{GeneralName, Info};

/// Why a certificate is not for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// One sentence for people, with the names that the certificate has.
    pub what: String,
    /// Whether the host is an address.
    pub is_ip: bool,
}

/// Whether `info` is for `hostname`: a DNS name, internationalised ones as A-labels, or an address.
///
/// An address is looked for among the addresses of the subjectAltName, and anything else among its
/// DNS names. Only where it holds neither do the common names count, as text.
pub fn check(info: &Info, hostname: &str) -> Result<(), Mismatch> {
    let ip = address(hostname);
    find(info, hostname, ip)
        .and_then(|found| match found {
            Found::Match => Ok(()),
            Found::Others(names) if names.is_empty() => {
                Err("the certificate has no DNS name, address or common name".to_owned())
            }
            Found::Others(names) => Err(format!(
                "the certificate is not for \"{hostname}\" but for {}",
                names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
            )),
        })
        .map_err(|what| Mismatch { what, is_ip: ip.is_some() })
}

enum Found {
    Match,
    /// The names that were compared.
    Others(Vec<String>),
}

/// Goes through the names in their order. A name that may not be compared ends the search, even if
/// one that matches would follow: so does CPython, and a certificate like that is not to be trusted
/// further.
fn find(info: &Info, hostname: &str, ip: Option<IpAddr>) -> Result<Found, String> {
    let mut names = Vec::new();
    for name in info.extensions.san.iter().flatten() {
        let matches = match name {
            GeneralName::Dns(pattern) => ip.is_none() && dns(pattern, hostname)?,
            GeneralName::Ip(bytes) => match ip {
                Some(ip) => same_address(bytes, ip)?,
                None => false,
            },
            _ => continue,
        };
        if matches {
            return Ok(Found::Match);
        }
        names.push(name.text().into_owned());
    }
    if names.is_empty() {
        for name in info.subject.common_names() {
            if dns(name, hostname)? {
                return Ok(Found::Match);
            }
            names.push(name.to_owned());
        }
    }
    Ok(Found::Others(names))
}

/// The address that `text` is. IPv4 in four parts only: what `inet_aton` takes besides (`127.1`) is
/// a name like any other.
fn address(text: &str) -> Option<IpAddr> {
    text.parse::<Ipv4Addr>().map(IpAddr::V4).or_else(|_| text.parse()).ok()
}

fn same_address(bytes: &[u8], ip: IpAddr) -> Result<bool, String> {
    match (bytes.len(), ip) {
        (4, IpAddr::V4(ip)) => Ok(bytes == ip.octets()),
        (16, IpAddr::V6(ip)) => Ok(bytes == ip.octets()),
        (4 | 16, _) => Ok(false),
        (length, _) => {
            Err(format!("the certificate has an address of {length} bytes, where 4 or 16 are due"))
        }
    }
}

/// Whether `pattern`, a name of the certificate's, is for `hostname` (RFC 6125 §6.4.3): one star at
/// most, which is the whole first label and stands for one label that is not empty.
fn dns(pattern: &str, hostname: &str) -> Result<bool, String> {
    let bad = |what: &str| Err(format!("the certificate's name \"{pattern}\" {what}"));
    let (first, rest) = match pattern.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    match pattern.matches('*').count() {
        0 => return Ok(!pattern.is_empty() && pattern.eq_ignore_ascii_case(hostname)),
        1 => {}
        _ => return bad("has more than one wildcard"),
    }
    match rest {
        Some(rest) if rest.contains('*') => bad("has a wildcard behind its first label"),
        None => bad("is a wildcard for everything"),
        Some(_) if first != "*" => bad("has a wildcard for a part of a label"),
        Some(rest) => Ok(hostname
            .split_once('.')
            .is_some_and(|(label, parent)| !label.is_empty() && parent.eq_ignore_ascii_case(rest))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_the_whole_first_label() {
        for (pattern, hostname, expected) in [
            ("example.com", "EXAMPLE.com", Ok(true)),
            ("example.com", "example.com.", Ok(false)),
            ("*.example.com", "a.example.com", Ok(true)),
            ("*.EXAMPLE.com", "a.example.COM", Ok(true)),
            ("*.example.com", "a.b.example.com", Ok(false)),
            ("*.example.com", ".example.com", Ok(false)),
            ("*.example.com", "example.com", Ok(false)),
            ("*.com", "example.com", Ok(true)),
            ("*.", "a.", Ok(true)),
            ("*.example.com", "xn--a-1ga.example.com", Ok(true)),
            ("xn--a-1ga.example.com", "XN--a-1ga.example.com", Ok(true)),
            ("", "", Ok(false)),
            ("*", "a", Err(())),
            ("f*.example.com", "foo.example.com", Err(())),
            ("xn--*.example.com", "xn--a-1ga.example.com", Err(())),
            ("*.*.com", "a.b.com", Err(())),
            ("a.*.com", "a.b.com", Err(())),
            ("**.com", "a.com", Err(())),
        ] {
            assert_eq!(dns(pattern, hostname).map_err(|_| ()), expected, "{pattern} {hostname}");
        }
    }

    #[test]
    fn letters_outside_ascii_have_no_case() {
        assert_eq!(dns("\u{212a}.example", "k.example"), Ok(false));
        assert_eq!(dns("\u{e9}.example", "\u{c9}.example"), Ok(false));
        assert_eq!(dns("\u{e9}.example", "\u{e9}.EXAMPLE"), Ok(true));
    }

    #[test]
    fn addresses_have_one_form_in_ipv4() {
        for (text, is_address) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("127.1", false),
            ("127.0.0.01", false),
            ("127.0.0.1 ", false),
            ("[::1]", false),
            ("fe80::1%lo", false),
            ("1", false),
        ] {
            assert_eq!(address(text).is_some(), is_address, "{text}");
        }
    }
}
