//! The server's name as a client gives it.

use std::net::IpAddr;

use crate::bssl::x509::PeerName;
use crate::error::{Error, Result};

/// Reads a DNS name (internationalised ones as A-labels, RFC 5890) or an IP address literal.
pub(super) fn parse(name: &str) -> Result<PeerName> {
    let wrong = |what: &str| Err(Error::argument(format!("server_hostname: {what}")));
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(PeerName::Ip(ip));
    }
    if !name.is_ascii() {
        return wrong("the name is not ASCII; give its A-label (\"xn--…\", RFC 5890)");
    }
    // The root's dot says that the name is absolute; it is not part of it in certificates.
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        return wrong("the name is empty");
    }
    if name.len() > 253 {
        return wrong("the name is longer than the 253 characters of a DNS name");
    }
    for label in name.split('.') {
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
            ("bücher.example", Err(())),
            ("fe80::1%eth0", Err(())),
        ] {
            assert_eq!(parse(given).map_err(|_| ()), want, "{given}");
        }
        assert!(parse(&"a".repeat(64)).is_err());
        assert!(parse(&"a.".repeat(127)).is_ok());
        assert!(parse(&"a.".repeat(128)).is_err());
    }
}
