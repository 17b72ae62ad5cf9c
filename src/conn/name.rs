//! The server's name as a client gives it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use idna::AsciiDenyList;

use crate::bssl::x509::PeerName;
use crate::error::{Error, Result};

/// Reads a DNS name or an IP address literal. Labels that are not ASCII become A-labels (RFC 5890) by
/// the rules of UTS 46; those that are stay as they are. A leading star is a name of its own: it is
/// found in certificates that carry the same star.
pub fn parse(name: &str, argument: &str) -> Result<PeerName> {
    let wrong = |what: &str| Err(Error::argument(format!("{argument}: {what}")));
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(PeerName::Ip(ip));
    }
    // The zone of a link-local address (RFC 4007) says by which way it is reached; it is no part of
    // the name.
    if let Some((address, zone)) = bare.split_once('%')
        && let Ok(ip) = address.parse::<Ipv6Addr>()
        && !zone.is_empty()
    {
        return Ok(PeerName::Ip(ip.into()));
    }
    let name = if name.is_ascii() {
        Cow::Borrowed(name)
    } else {
        match idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::EMPTY) {
            Ok(name) => name,
            Err(_) => return wrong("the name is none that IDNA (UTS 46) allows"),
        }
    };
    // The root's dot says that the name is absolute; it is not part of it in certificates.
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.is_empty() {
        return wrong("the name is empty");
    }
    if name.len() > 253 {
        return wrong("the name is longer than the 253 characters of a DNS name");
    }
    for label in name.strip_prefix("*.").unwrap_or(name).split('.') {
        if label.is_empty() {
            return wrong("the name begins with a dot or has two in a row");
        }
        if label.len() > 63 {
            return wrong("a label is longer than 63 characters");
        }
        // The underscore is no letter of host names, but hosts are named with it.
        if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return wrong(
                "the name holds a character that DNS names do not have; it is a bare host name \
                 or address, without scheme, port or path",
            );
        }
    }
    Ok(PeerName::Dns(name.to_ascii_lowercase()))
}

/// A name with its A-labels as people read them.
pub fn to_unicode(name: &str) -> Result<String> {
    match idna::domain_to_unicode(name) {
        (text, Ok(())) => Ok(text),
        (_, Err(_)) => Err(Error::decode(
            "the name has an A-label (\"xn--…\") that does not decode, or that no IDNA has",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let dns = |text: &str| Ok(PeerName::Dns(text.to_owned()));
        for (given, want) in [
            ("Example.COM", dns("example.com")),
            ("example.com.", dns("example.com")),
            ("xn--bcher-kva.example", dns("xn--bcher-kva.example")),
            ("my_host", dns("my_host")),
            ("127.0.0.1", Ok(PeerName::Ip("127.0.0.1".parse().unwrap()))),
            ("[::1]", Ok(PeerName::Ip("::1".parse().unwrap()))),
            ("2001:db8::1", Ok(PeerName::Ip("2001:db8::1".parse().unwrap()))),
            ("", Err(())),
            (".", Err(())),
            (".example.com", Err(())),
            ("a..b", Err(())),
            ("https://example.com", Err(())),
            ("example.com:443", Err(())),
            ("bücher.example", dns("xn--bcher-kva.example")),
            ("BÜCHER。example", dns("xn--bcher-kva.example")),
            ("faß.example", dns("xn--fa-hia.example")),
            ("XN--nonsense", dns("xn--nonsense")),
            ("*.example.com", dns("*.example.com")),
            ("a*.example.com", Err(())),
            ("a.*.com", Err(())),
            ("*.", Err(())),
            ("*", Err(())),
            ("a\u{200b}\u{fdd0}b", Err(())),
            ("bü cher.example", Err(())),
            ("fe80::1%eth0", Ok(PeerName::Ip("fe80::1".parse().unwrap()))),
            ("[fe80::1%25]", Ok(PeerName::Ip("fe80::1".parse().unwrap()))),
            ("fe80::1%", Err(())),
            ("127.0.0.1%lo", Err(())),
            ("localhost%lo", Err(())),
        ] {
            assert_eq!(parse(given, "name").map_err(|_| ()), want, "{given}");
        }
        assert!(parse(&"a".repeat(64), "name").is_err());
        assert!(parse(&"a.".repeat(127), "name").is_ok());
        assert!(parse(&"a.".repeat(128), "name").is_err());
    }
}
