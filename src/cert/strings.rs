//! The string types of X.680 as Unicode text.

use super::DecodeError;
use super::der;

/// The text of a string with the identifier octet `tag`; none if that is no string type.
///
/// Follows OpenSSL's `ASN1_STRING_to_UTF8`, and with it Python: one byte is one character in all
/// the old types, T61 included, for that is how they are used. NUL is a character like others.
/// UTF-8 that is none, surrogates and half characters are errors: OpenSSL and BoringSSL take no
/// such name either.
pub fn text(tag: u8, body: &[u8], what: &str) -> Result<Option<String>, DecodeError> {
    let text = match tag {
        // UTF8String
        0x0c => String::from_utf8(body.to_vec()).ok(),
        // NumericString, PrintableString, T61String, IA5String, UTCTime, GeneralizedTime,
        // VisibleString
        0x12 | 0x13 | 0x14 | 0x16 | 0x17 | 0x18 | 0x1a => {
            Some(body.iter().copied().map(char::from).collect())
        }
        // UniversalString: UTF-32
        0x1c => body
            .chunks(4)
            .map(|unit| <[u8; 4]>::try_from(unit).ok().map(u32::from_be_bytes))
            .map(character)
            .collect(),
        // BMPString: UCS-2
        0x1e => body
            .chunks(2)
            .map(|unit| <[u8; 2]>::try_from(unit).ok().map(u16::from_be_bytes))
            .map(character)
            .collect(),
        _ => return Ok(None),
    };
    text.map(Some).ok_or_else(|| {
        der::error(format!("{what} holds a string that is not of its type (0x{tag:02x})"))
    })
}

fn character(code: Option<impl Into<u32>>) -> Option<char> {
    char::from_u32(code?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_type_becomes_unicode() {
        let all: [(u8, &[u8], &str); 6] = [
            (0x0c, "a\0\u{e9}\u{1f512}".as_bytes(), "a\0\u{e9}\u{1f512}"),
            (0x14, b"caf\xe9", "caf\u{e9}"),
            (0x13, b"a*\0", "a*\0"),
            (0x1e, b"\0a\x20\xac", "a\u{20ac}"),
            (0x1c, b"\0\0\0a\0\x01\xf5\x12", "a\u{1f512}"),
            (0x1e, b"", ""),
        ];
        for (tag, body, expected) in all {
            assert_eq!(
                text(tag, body, "it").unwrap().as_deref(),
                Some(expected),
                "{tag:#x} {body:?}"
            );
        }
        assert_eq!(text(0x04, b"bytes", "it"), Ok(None));
    }

    #[test]
    fn what_is_no_character_is_an_error() {
        let all: [(u8, &[u8]); 7] = [
            (0x0c, b"a\xff"),
            (0x0c, b"\xed\xa0\x80"),
            (0x1e, b"\0a\0"),
            (0x1e, b"\xd8\x3d\xdd\x12"),
            (0x1c, b"\0\x11\0\0"),
            (0x1c, b"\0\0\xd8\0"),
            (0x1c, b"\0\0\0"),
        ];
        for (tag, body) in all {
            let error = text(tag, body, "the issuer").unwrap_err();
            assert_eq!(
                error.what,
                format!("the issuer holds a string that is not of its type (0x{tag:02x})")
            );
        }
    }
}
