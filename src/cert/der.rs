//! A reader of DER elements (X.690 §8.1: identifier, length, contents), and of the few types all
//! rooms share.
//!
//! It borrows and never recurses: each caller opens what it understands. Lengths longer than they
//! need be are read (OpenSSL reads them too); the indefinite length, which no DER has, is not.

use std::fmt::Write as _;

use super::DecodeError;

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// The identifier octet of a primitive `[number]`, as IMPLICIT tagging of a string or an integer
/// gives.
pub const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// The identifier octet of a constructed `[number]`: EXPLICIT tagging, or IMPLICIT tagging of a
/// SEQUENCE or SET.
pub const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The first identifier octet; of tag numbers above 30, which no certificate needs, the rest is
    /// skipped.
    pub tag: u8,
    /// The contents.
    pub body: &'a [u8],
    /// The whole, identifier and length included.
    pub raw: &'a [u8],
}

/// Reads elements one after another. `what` names, for messages, the element that should come.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of the elements of `der`.
    pub fn new(der: &'a [u8]) -> Self {
        Reader { rest: der }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element, whatever it is.
    pub fn any(&mut self, what: &str) -> Result<Element<'a>, DecodeError> {
        let ends = || error(format!("the certificate's DER ends before {what}"));
        let (tag, mut rest) = self.rest.split_first().ok_or_else(ends)?;
        if tag & 0x1f == 0x1f {
            let more = rest.iter().position(|byte| byte & 0x80 == 0).ok_or_else(ends)?;
            rest = rest.get(more + 1..).ok_or_else(ends)?;
        }
        let (first, rest) = rest.split_first().ok_or_else(ends)?;
        let (length, rest) = match first {
            0..0x80 => (Some(usize::from(*first)), rest),
            0x80 => {
                return Err(error(format!("{what} has an indefinite length, which is not DER")));
            }
            _ => {
                let (octets, rest) =
                    rest.split_at_checked(usize::from(first & 0x7f)).ok_or_else(ends)?;
                (length(octets), rest)
            }
        };
        let Some((body, rest)) = length.and_then(|length| rest.split_at_checked(length)) else {
            let says = length
                .map_or("more bytes than there can be".into(), |length| format!("{length} bytes"));
            let there = rest.len();
            return Err(error(format!(
                "the certificate's DER is truncated: {what} says {says}, {there} are there"
            )));
        };
        let raw = self.rest.get(..self.rest.len() - rest.len()).unwrap_or_default();
        self.rest = rest;
        Ok(Element { tag: *tag, body, raw })
    }

    /// The contents of the next element, which must have the identifier octet `tag`.
    pub fn expect(&mut self, tag: u8, what: &str) -> Result<&'a [u8], DecodeError> {
        match self.rest.first() {
            // Told before the length is looked at: what is no DER at all should not be called
            // truncated.
            Some(found) if *found != tag => {
                Err(error(format!("{what} has the tag 0x{found:02x} instead of 0x{tag:02x}")))
            }
            _ => self.any(what).map(|found| found.body),
        }
    }

    /// The contents of the next element if it has the identifier octet `tag`; otherwise nothing is
    /// read.
    pub fn optional(&mut self, tag: u8, what: &str) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.rest.first() {
            Some(next) if *next == tag => self.expect(tag, what).map(Some),
            _ => Ok(None),
        }
    }

    /// All was read: bytes that belong to nothing are an error.
    pub fn finish(self, what: &str) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(error(format!("{what} has {extra} bytes too many at its end"))),
        }
    }
}

/// Runs `read` on each element of a SEQUENCE OF or SET OF, given its contents.
pub fn each<'a, T>(
    body: &'a [u8],
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut reader = Reader::new(body);
    let mut all = Vec::new();
    while !reader.rest.is_empty() {
        all.push(read(&mut reader)?);
    }
    Ok(all)
}

fn length(octets: &[u8]) -> Option<usize> {
    octets
        .iter()
        .try_fold(0usize, |length, octet| length.checked_mul(256)?.checked_add(usize::from(*octet)))
}

/// An INTEGER (X.690 §8.3) as sign and magnitude; the magnitude is big-endian and keeps one byte
/// for zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integer {
    pub negative: bool,
    pub magnitude: Vec<u8>,
}

impl Integer {
    /// From the contents. Empty contents and needless leading bytes are errors, as they are to
    /// OpenSSL.
    pub fn parse(body: &[u8], what: &str) -> Result<Integer, DecodeError> {
        let needless = match body {
            [] => true,
            [0x00, next, ..] => next & 0x80 == 0,
            [0xff, next, ..] => next & 0x80 != 0,
            _ => false,
        };
        if needless {
            return Err(error(format!("{what} is not a DER integer")));
        }
        let negative = body.first().is_some_and(|first| first & 0x80 != 0);
        let mut magnitude = body.to_vec();
        if negative {
            // Two's complement: invert, then add one from the right until nothing is carried.
            magnitude.iter_mut().for_each(|byte| *byte = !*byte);
            for byte in magnitude.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
        if magnitude.len() > 1 && magnitude.first() == Some(&0) {
            magnitude.remove(0);
        }
        Ok(Integer { negative, magnitude })
    }

    /// The value, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        let fold = |value: i128, byte: &u8| value.checked_mul(256)?.checked_add(i128::from(*byte));
        let magnitude = self.magnitude.iter().try_fold(0i128, fold)?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    /// How many bits the magnitude has.
    pub fn bits(&self) -> u32 {
        let zeros = self.magnitude.first().map_or(0, |byte| byte.leading_zeros());
        u32::try_from(self.magnitude.len() * 8).unwrap_or(u32::MAX).saturating_sub(zeros)
    }
}

/// The bytes of a BIT STRING (X.690 §8.6), given its contents. The bits unused in the last byte are
/// not cleared.
pub fn bits<'a>(body: &'a [u8], what: &str) -> Result<&'a [u8], DecodeError> {
    match body.split_first() {
        Some((0..=7, bytes)) => Ok(bytes),
        _ => Err(error(format!("{what} is not a DER bit string"))),
    }
}

/// A BOOLEAN, given its contents. Any byte but zero is true, as it is to OpenSSL.
pub fn boolean(body: &[u8], what: &str) -> Result<bool, DecodeError> {
    match body {
        [byte] => Ok(*byte != 0),
        _ => Err(error(format!("{what} is not a DER boolean"))),
    }
}

/// An OBJECT IDENTIFIER (X.690 §8.19) in dotted decimal, given its contents. Arcs of up to 128 bits
/// are read, enough for the UUIDs below 2.25; RFC 5280 (appendix B) asks for 28.
pub fn dotted(body: &[u8], what: &str) -> Result<String, DecodeError> {
    let broken = || error(format!("{what} is not a DER object identifier"));
    let mut text = String::new();
    let mut arc = 0u128;
    let mut inside = false;
    for byte in body {
        if !inside && *byte == 0x80 {
            return Err(broken());
        }
        arc = arc.checked_mul(128).ok_or_else(broken)? | u128::from(byte & 0x7f);
        inside = byte & 0x80 != 0;
        if !inside {
            if text.is_empty() {
                let root = (arc / 40).min(2);
                text = format!("{root}.{}", arc - root * 40);
            } else {
                // Writing to a String does not fail.
                let _ = write!(text, ".{arc}");
            }
            arc = 0;
        }
    }
    if inside || text.is_empty() { Err(broken()) } else { Ok(text) }
}

/// A [`DecodeError`] of one sentence.
pub fn error(what: String) -> DecodeError {
    DecodeError { what }
}
