//! PEM (RFC 7468, and RFC 1421's headers as old key files have them): text into blocks, and DER
//! into a block.
//!
//! Blocks are found one after another and decoded only when asked, so a large bundle is read once
//! and never copied whole. What stands between blocks is skipped: bundles carry comments, and
//! `openssl x509 -text` prints before each block.

use std::ops::Range;

use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use zeroize::Zeroizing;

use crate::cert::DecodeError;

/// One block, borrowed from the text it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Which block of the text this is, counted from 1.
    pub ordinal: usize,
    /// The line of its `-----BEGIN`, counted from 1.
    pub line: usize,
    /// What stands behind `BEGIN`: `CERTIFICATE`, `RSA PRIVATE KEY`, …
    pub label: &'a str,
    /// Where the block stands in the text, from its `-----BEGIN` to the end of its `-----END` line.
    pub range: Range<usize>,
    /// Whether it has headers (`Proc-Type: 4,ENCRYPTED`): then the body is not plain DER, and
    /// [`Block::decode`] refuses.
    pub has_headers: bool,
    body: &'a [u8],
}

impl Block<'_> {
    /// Whether the label is one of the three that OpenSSL reads as a certificate. In a `TRUSTED
    /// CERTIFICATE`, OpenSSL's own trust settings follow the certificate's DER.
    pub fn is_certificate(&self) -> bool {
        matches!(self.label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
    }

    /// The bytes that the body encodes. The copy made on the way is wiped; what comes back is the
    /// caller's to wipe, if it is a key.
    pub fn decode(&self) -> Result<Vec<u8>, DecodeError> {
        if self.has_headers {
            return Err(self.error("it has headers, as encrypted keys of the old kind have"));
        }
        decode(self.body).map_err(|what| self.error(&what))
    }

    fn error(&self, what: &str) -> DecodeError {
        DecodeError {
            what: format!("block {} ({}, line {}): {what}", self.ordinal, self.label, self.line),
        }
    }
}

/// The blocks of `text`, in order. After an error there are no more: where a block is broken, it is
/// not known where the next one begins.
pub fn blocks(text: &[u8]) -> Blocks<'_> {
    // A byte order mark would hide a BEGIN in the first line, and with it a certificate, silently.
    let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    Blocks { text, at: start, line: 0, ordinal: 0 }
}

/// The iterator that [`blocks`] returns.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    ordinal: usize,
}

impl<'a> Blocks<'a> {
    /// The next line without its end, and where it begins.
    fn next_line(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = rest.split_inclusive(|&byte| byte == b'\n').next()?;
        let start = self.at;
        self.at += line.len();
        self.line += 1;
        Some((start, line.trim_ascii_end()))
    }

    fn rest_of_block(&mut self, start: usize, label: &'a str) -> Result<Block<'a>, DecodeError> {
        let body_start = self.at;
        let mut block = Block {
            ordinal: self.ordinal,
            line: self.line,
            label,
            range: start..start,
            has_headers: false,
            body: &[],
        };
        while let Some((line_start, line)) = self.next_line() {
            if let Some(end) = boundary(line, b"-----END ") {
                if end != label {
                    return Err(block.error(&format!("line {} ends a {end} instead", self.line)));
                }
                block.range = start..self.at;
                block.body = self.text.get(body_start..line_start).unwrap_or_default();
                return Ok(block);
            }
            if boundary(line, b"-----BEGIN ").is_some() {
                return Err(
                    block.error(&format!("line {} begins another block before its END", self.line))
                );
            }
            // No base64 has a colon, every header has one.
            block.has_headers |= line.contains(&b':');
        }
        Err(block.error("its END is missing"))
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (start, line) = self.next_line()?;
            if let Some(label) = boundary(line, b"-----BEGIN ") {
                self.ordinal += 1;
                let block = self.rest_of_block(start, label);
                if block.is_err() {
                    self.at = self.text.len();
                }
                return Some(block);
            }
        }
    }
}

/// The label of a boundary line. Anything but printable ASCII is no label, so messages may quote
/// it.
fn boundary<'a>(line: &'a [u8], prefix: &[u8]) -> Option<&'a str> {
    let label = line.strip_prefix(prefix)?.strip_suffix(b"-----")?;
    let printable = label.iter().all(|byte| (b' '..=b'~').contains(byte));
    std::str::from_utf8(label).ok().filter(|_| printable)
}

/// The bytes of base64 in lines.
fn decode(body: &[u8]) -> Result<Vec<u8>, String> {
    // It may be a key that is decoded.
    let mut symbols = Zeroizing::new(Vec::with_capacity(body.len()));
    for line in body.split(|&byte| byte == b'\n') {
        symbols.extend_from_slice(line.trim_ascii());
    }
    BASE64_MIME_PERMISSIVE
        .decode(symbols.as_slice())
        .map_err(|error| format!("it is not base64: {}", error.kind))
}

/// What a certificate's block begins with.
pub const HEADER: &str = "-----BEGIN CERTIFICATE-----";
/// What a certificate's block ends with.
pub const FOOTER: &str = "-----END CERTIFICATE-----";

/// The bytes between [`HEADER`] and [`FOOTER`], whatever they are. `text` is one block and nothing
/// else: it begins with the one and, but for white space, ends with the other (Python's
/// `PEM_cert_to_DER_cert`). [`blocks`] is for files.
pub fn certificate(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let error = |what: String| DecodeError { what };
    let body = text
        .strip_prefix(HEADER.as_bytes())
        .ok_or_else(|| error(format!("it does not begin with \"{HEADER}\"")))?
        .trim_ascii_end()
        .strip_suffix(FOOTER.as_bytes())
        .ok_or_else(|| error(format!("it does not end with \"{FOOTER}\"")))?;
    decode(body).map_err(error)
}

/// `der` as one block, in lines of 64 characters (RFC 7468 §2).
pub fn encode(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        BASE64.encode_append(line, &mut text);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let broken = blocks(text.as_bytes()).map(|block| block.and_then(|block| block.decode()));
        broken.filter_map(Result::err).map(|error| error.what).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_encode_writes_blocks_reads() {
        for length in [0, 1, 47, 48, 49, 96, 1000] {
            let der: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let text = encode("CERTIFICATE", &der);
            assert!(text.lines().all(|line| line.len() <= 64));
            let found: Vec<_> = blocks(text.as_bytes()).map(Result::unwrap).collect();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].range, 0..text.len());
            assert_eq!(found[0].decode().unwrap(), der);
        }
    }

    #[test]
    fn comments_line_ends_and_spaces_do_not_matter() {
        let text = "\u{feff}-----BEGIN X509 CERTIFICATE-----\r\n AQ ==\t\r\n\r\n-----END X509 CERTIFICATE-----  \r\n\
                    # a comment: \u{e9}\n-----END NOTHING-----\n-----BEGIN \u{e9}-----\n\
                    -----BEGIN TRUSTED CERTIFICATE-----\nA\nQ\nI\n=\n-----END TRUSTED CERTIFICATE-----";
        // A space inside a line is no base64, at its ends it is nothing.
        assert_eq!(
            error(text),
            "block 1 (X509 CERTIFICATE, line 1): it is not base64: invalid symbol"
        );
        let text = text.replace("AQ ==", "AQ==");
        let found: Vec<_> = blocks(text.as_bytes()).map(Result::unwrap).collect();
        let facts: Vec<_> =
            found.iter().map(|b| (b.ordinal, b.line, b.label, b.decode().unwrap())).collect();
        assert_eq!(
            facts,
            [(1, 1, "X509 CERTIFICATE", vec![1]), (2, 8, "TRUSTED CERTIFICATE", vec![1, 2])]
        );
        assert!(found.iter().all(Block::is_certificate));
    }

    #[test]
    fn an_encrypted_key_is_handed_back_as_it_stands() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,00\n\nAAAA\n\
                   -----END RSA PRIVATE KEY-----\n";
        let text = format!("before\n{key}after\n");
        let block = blocks(text.as_bytes()).next().unwrap().unwrap();
        assert!(block.has_headers && !block.is_certificate());
        assert_eq!(&text[block.range.clone()], key);
        assert!(block.decode().unwrap_err().what.contains("headers"));
    }

    #[test]
    fn errors_say_which_block_and_where() {
        let good = "-----BEGIN A-----\nAAAA\n-----END A-----\n";
        assert_eq!(
            error(&format!("{good}-----BEGIN B-----\nAAAA\n")),
            "block 2 (B, line 4): its END is missing"
        );
        assert_eq!(
            error(&format!("{good}-----BEGIN B-----\n-----END C-----\n{good}")),
            "block 2 (B, line 4): line 5 ends a C instead"
        );
        assert_eq!(
            error(&format!("-----BEGIN B-----\n{good}")),
            "block 1 (B, line 1): line 2 begins another block before its END"
        );
        assert_eq!(
            error("-----BEGIN B-----\nAAAAA\n-----END B-----\n"),
            "block 1 (B, line 1): it is not base64: invalid length"
        );
        assert_eq!(error("no block at all"), "");
    }
}
