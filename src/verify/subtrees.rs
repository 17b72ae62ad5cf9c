//! Whether a name lies within a name constraint (RFC 5280, section 4.2.1.10), form by form. What is
//! not well formed is neither inside nor outside: it is an error.

use crate::bssl::verify_codes::code::{
    UNSUPPORTED_CONSTRAINT_SYNTAX, UNSUPPORTED_CONSTRAINT_TYPE, UNSUPPORTED_NAME_SYNTAX,
};
use crate::cert::constraints::Plain;

/// How a constraint is used, where that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    /// Whether it excludes: then a name that may stand for an excluded one is excluded.
    pub excludes: bool,
    /// Whether the letters of a mailbox have no case, as those in a subject.
    pub folds_mailbox: bool,
    /// Whether what RFC 5280 does not allow and OpenSSL takes is an error.
    pub is_strict: bool,
}

/// Whether `name` lies within `base`, which is of the same form; the error is `X509_V_ERR_*`.
pub(super) fn is_within(name: &Plain, base: &Plain, usage: Usage) -> Result<bool, i32> {
    match (name, base) {
        (Plain::Dns(name), Plain::Dns(base)) => dns(name, base, usage),
        (Plain::Ip(name), Plain::Ip(base)) => ip(name, base),
        (Plain::Email(name), Plain::Email(base)) => email(name, base, usage.folds_mailbox),
        (Plain::Uri(name), Plain::Uri(base)) => uri(name, base),
        (Plain::Directory(name), Plain::Directory(base)) => Ok(name.starts_with(base)),
        _ => Err(UNSUPPORTED_CONSTRAINT_TYPE),
    }
}

/// Host names. "Zero or more labels to the left" are within.
fn dns(name: &[u8], base: &[u8], usage: Usage) -> Result<bool, i32> {
    let name = relative(name);
    let (is_wildcard, host) = match name.strip_prefix(b"*.") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    if !is_host(host) {
        return Err(UNSUPPORTED_NAME_SYNTAX);
    }
    // An empty one is every name. A dot before it has no meaning in RFC 5280; OpenSSL takes it for
    // "one label or more", as with URIs.
    let base = relative(base);
    if base.is_empty() {
        return Ok(true);
    }
    let subdomains = base.strip_prefix(b".");
    if !is_host(subdomains.unwrap_or(base)) || usage.is_strict && subdomains.is_some() {
        return Err(UNSUPPORTED_CONSTRAINT_SYNTAX);
    }
    if let Some(base) = subdomains {
        let parent = if is_wildcard { host } else { after_first_label(host) };
        return Ok(ends_with(parent, base));
    }
    // What a wildcard may stand for is excluded with what is excluded.
    Ok(ends_with(name, base)
        || usage.excludes && is_wildcard && after_first_label(base).eq_ignore_ascii_case(host))
}

/// What follows the first label; nothing if there is only one.
fn after_first_label(host: &[u8]) -> &[u8] {
    let dot = host.iter().position(|byte| *byte == b'.');
    dot.and_then(|dot| host.get(dot + 1..)).unwrap_or_default()
}

/// Whether `host` is `domain`, or in it.
fn ends_with(host: &[u8], domain: &[u8]) -> bool {
    let Some(at) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (before, end) = host.split_at(at);
    end.eq_ignore_ascii_case(domain) && matches!(before.last(), None | Some(b'.'))
}

/// A host name without the dot that may end it.
fn relative(host: &[u8]) -> &[u8] {
    host.strip_suffix(b".").unwrap_or(host)
}

/// Whether these are labels as host names have them; underscores are let pass, for they are used.
fn is_host(host: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    host.split(|byte| *byte == b'.').all(|label| !label.is_empty() && label.iter().all(is_plain))
}

/// Addresses: a constraint is an address and a mask of the same length.
fn ip(name: &[u8], base: &[u8]) -> Result<bool, i32> {
    if !matches!(name.len(), 4 | 16) {
        return Err(UNSUPPORTED_NAME_SYNTAX);
    }
    let (address, mask) = base.split_at(base.len() / 2);
    if !matches!(base.len(), 8 | 32) || !is_prefix(mask) {
        return Err(UNSUPPORTED_CONSTRAINT_SYNTAX);
    }
    let masked = name.iter().zip(address).zip(mask);
    Ok(name.len() == address.len() && masked.into_iter().all(|((a, b), mask)| (a ^ b) & mask == 0))
}

/// Whether the ones of a mask are all before its zeros (RFC 4632).
fn is_prefix(mask: &[u8]) -> bool {
    let bits = mask.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    !bits.skip_while(|is_one| *is_one).any(|is_one| is_one)
}

/// Mail addresses: a constraint is one mailbox, or a host, or, with a dot before it, a domain.
fn email(name: &[u8], base: &[u8], folds_mailbox: bool) -> Result<bool, i32> {
    let (local, host) = mailbox(name).ok_or(UNSUPPORTED_NAME_SYNTAX)?;
    if base.contains(&b'@') {
        let (base_local, base_host) = mailbox(base).ok_or(UNSUPPORTED_CONSTRAINT_SYNTAX)?;
        let is_same = if folds_mailbox {
            local.eq_ignore_ascii_case(base_local)
        } else {
            local == base_local
        };
        return Ok(is_same && host.eq_ignore_ascii_case(base_host));
    }
    match base.strip_prefix(b".") {
        Some(domain) if is_host(domain) => Ok(ends_with(after_first_label(host), domain)),
        None if is_host(base) => Ok(host.eq_ignore_ascii_case(base)),
        _ => Err(UNSUPPORTED_CONSTRAINT_SYNTAX),
    }
}

/// The two parts of a mail address. Local parts in quotes are not understood.
fn mailbox(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(byte);
    let at = address.iter().position(|byte| *byte == b'@')?;
    let (local, host) = (address.get(..at)?, address.get(at + 1..)?);
    (!local.is_empty() && local.iter().all(is_plain) && is_host(host)).then_some((local, host))
}

/// URIs: a constraint is a host, or, with a dot before it, a domain; a URI has to have a host that
/// is a name.
fn uri(name: &[u8], base: &[u8]) -> Result<bool, i32> {
    let host = uri_host(name).ok_or(UNSUPPORTED_NAME_SYNTAX)?;
    let base = relative(base);
    match base.strip_prefix(b".") {
        Some(domain) if is_named_host(domain) => Ok(ends_with(after_first_label(host), domain)),
        None if is_named_host(base) => Ok(host.eq_ignore_ascii_case(base)),
        _ => Err(UNSUPPORTED_CONSTRAINT_SYNTAX),
    }
}

/// The host of a URI (RFC 3986, section 3.2), if it is a name. Who is named before an `@` is no
/// part of a URI that a constraint can be held against.
fn uri_host(uri: &[u8]) -> Option<&[u8]> {
    let colon = uri.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = (uri.get(..colon)?, uri.get(colon + 1..)?);
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    let rest = rest.strip_prefix(b"//").filter(|_| is_scheme)?;
    let authority = rest.split(|byte| b"/?#".contains(byte)).next()?;
    let mut parts = authority.splitn(2, |byte| *byte == b':');
    let (host, port) = (parts.next()?, parts.next().unwrap_or_default());
    let host = relative(host);
    (port.iter().all(u8::is_ascii_digit) && is_named_host(host)).then_some(host)
}

/// Whether this is a host name and no address: a last label of digits makes it one.
fn is_named_host(host: &[u8]) -> bool {
    let last = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is_number = match last {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    };
    is_host(host) && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Usage = Usage { excludes: false, folds_mailbox: false, is_strict: false };
    const EXCLUDING: Usage = Usage { excludes: true, ..PLAIN };
    const NAME: Result<bool, i32> = Err(UNSUPPORTED_NAME_SYNTAX);
    const CONSTRAINT: Result<bool, i32> = Err(UNSUPPORTED_CONSTRAINT_SYNTAX);

    #[test]
    fn host_names() {
        for (name, base, permitted, excluded) in [
            ("example.com", "example.com", Ok(true), Ok(true)),
            ("EXAMPLE.com.", "example.COM", Ok(true), Ok(true)),
            ("a.b.example.com", "example.com", Ok(true), Ok(true)),
            ("notexample.com", "example.com", Ok(false), Ok(false)),
            ("com", "example.com", Ok(false), Ok(false)),
            ("a.example.com", ".example.com", Ok(true), Ok(true)),
            ("example.com", ".example.com", Ok(false), Ok(false)),
            ("*.example.com", ".example.com", Ok(true), Ok(true)),
            ("*.example.com", "example.com", Ok(true), Ok(true)),
            ("*.example.com", "a.example.com", Ok(false), Ok(true)),
            ("*.example.com", "a.b.example.com", Ok(false), Ok(false)),
            ("*.example.com", "b.com", Ok(false), Ok(false)),
            ("*.com", ".example.com", Ok(false), Ok(false)),
            ("anything", "", Ok(true), Ok(true)),
            (".example.com", "example.com", NAME, NAME),
            ("", "example.com", NAME, NAME),
            ("a b.example.com", "example.com", NAME, NAME),
            ("f*.example.com", "example.com", NAME, NAME),
            ("a\0.example.com", "example.com", NAME, NAME),
            ("a.example.com", "*.example.com", CONSTRAINT, CONSTRAINT),
            ("a.example.com", "..example.com", CONSTRAINT, CONSTRAINT),
        ] {
            let (name, base) = (name.as_bytes(), base.as_bytes());
            assert_eq!(dns(name, base, PLAIN), permitted, "{name:?} {base:?}");
            assert_eq!(dns(name, base, EXCLUDING), excluded, "{name:?} {base:?}");
        }
        let strict = Usage { is_strict: true, ..PLAIN };
        assert_eq!(dns(b"a.example.com", b".example.com", strict), CONSTRAINT);
    }

    #[test]
    fn addresses() {
        let net = |parts: [[u8; 4]; 2]| parts.concat();
        let ten = net([[10, 0, 0, 0], [255, 0, 0, 0]]);
        assert_eq!(ip(&[10, 1, 2, 3], &ten), Ok(true));
        assert_eq!(ip(&[11, 1, 2, 3], &ten), Ok(false));
        assert_eq!(ip(&[10, 1, 2, 3], &net([[0; 4], [0; 4]])), Ok(true));
        assert_eq!(ip(&[0; 16], &ten), Ok(false));
        assert_eq!(ip(&[0; 16], &[0; 32]), Ok(true));
        assert_eq!(ip(&[0; 8], &ten), NAME);
        assert_eq!(ip(&[10, 1, 2, 3], &[10, 0, 0, 0]), CONSTRAINT);
        assert_eq!(ip(&[10, 1, 2, 3], &net([[10, 0, 0, 0], [255, 0, 255, 0]])), CONSTRAINT);
        assert_eq!(ip(&[10, 1, 2, 3], &net([[10, 0, 0, 0], [0, 0, 0, 1]])), CONSTRAINT);
    }

    #[test]
    fn mail_addresses() {
        for (name, base, expected) in [
            ("a@example.com", "a@EXAMPLE.com", Ok(true)),
            ("A@example.com", "a@example.com", Ok(false)),
            ("a@example.com", "example.com", Ok(true)),
            ("a@b.example.com", "example.com", Ok(false)),
            ("a@b.example.com", ".example.com", Ok(true)),
            ("a@example.com", ".example.com", Ok(false)),
            ("*@example.com", "*@example.com", Ok(true)),
            ("a@b@example.com", "example.com", NAME),
            ("example.com", "example.com", NAME),
            ("\"a b\"@example.com", "example.com", NAME),
            ("a@example.com", "a@b@example.com", CONSTRAINT),
            ("a@example.com", "", CONSTRAINT),
        ] {
            assert_eq!(email(name.as_bytes(), base.as_bytes(), false), expected, "{name} {base}");
        }
        assert_eq!(email(b"A@example.com", b"a@example.com", true), Ok(true));
    }

    #[test]
    fn uris() {
        for (name, base, expected) in [
            ("https://example.com/x", "example.com", Ok(true)),
            ("https://example.com:443?x", "EXAMPLE.com", Ok(true)),
            ("https://a.example.com", "example.com", Ok(false)),
            ("https://a.example.com./", ".example.com", Ok(true)),
            ("spiffe://example.com", ".example.com", Ok(false)),
            ("https://user@example.com", "example.com", NAME),
            ("https://127.0.0.1/", "example.com", NAME),
            ("https://[::1]/", "example.com", NAME),
            ("https://example.0x7f", "example.com", NAME),
            ("mailto:a@example.com", "example.com", NAME),
            ("https:///x", "example.com", NAME),
            ("1https://example.com", "example.com", NAME),
            ("https://example.com:x", "example.com", NAME),
            ("https://example.com", "127.0.0.1", CONSTRAINT),
            ("https://example.com", "", CONSTRAINT),
        ] {
            assert_eq!(uri(name.as_bytes(), base.as_bytes()), expected, "{name} {base}");
        }
    }
}
