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
    /// Whether the label is one of the three that OpenSSL reads as a certificate.
    pub fn is_certificate(&self) -> bool {
        matches!(self.label, "CERTIFICATE" | "X509 CERTIFICATE") || self.has_trust_settings()
    }

    /// Whether OpenSSL's own trust settings may follow the certificate's DER.
    pub fn has_trust_settings(&self) -> bool {
        self.label == "TRUSTED CERTIFICATE"
    }

    /// Tells where the block is in its file, for messages: its number, its line, and its label where
    /// that is one of those in use. Others are not quoted: where line breaks or dashes were lost,
    /// what stands in their place may be a piece of a key.
    pub fn place(&self) -> String {
        place(self.ordinal, self.label, self.line)
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
        DecodeError { what: format!("{}: {what}", self.place()) }
    }
}

/// The labels that messages quote: those of RFC 7468 and what OpenSSL, OpenSSH and GnuPG write.
const LABELS: [&str; 24] = [
    "ATTRIBUTE CERTIFICATE",
    "CERTIFICATE",
    "CERTIFICATE REQUEST",
    "CMS",
    "DH PARAMETERS",
    "DSA PRIVATE KEY",
    "EC PARAMETERS",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "NEW CERTIFICATE REQUEST",
    "OPENSSH PRIVATE KEY",
    "PGP MESSAGE",
    "PGP PRIVATE KEY BLOCK",
    "PGP PUBLIC KEY BLOCK",
    "PKCS #7 SIGNED DATA",
    "PKCS7",
    "PRIVATE KEY",
    "PUBLIC KEY",
    "RSA PRIVATE KEY",
    "RSA PUBLIC KEY",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "X509 CRL",
    "X942 DH PARAMETERS",
];

fn place(ordinal: usize, label: &str, line: usize) -> String {
    if LABELS.contains(&label) {
        format!("block {ordinal} ({label}, line {line})")
    } else {
        format!("block {ordinal} (line {line})")
    }
}

/// The blocks of `text`, in order. An error takes the place of the block that it is about, and the
/// search goes on behind it; who wants all or nothing ends at the first.
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

    /// Goes back to the beginning of the line that was read last.
    fn again(&mut self, start: usize) {
        self.at = start;
        self.line -= 1;
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
            let number = self.line;
            match boundary(line, END) {
                Boundary::Label(end) if end == label => {
                    block.range = start..self.at;
                    block.body = self.text.get(body_start..line_start).unwrap_or_default();
                    return Ok(block);
                }
                Boundary::Label(end) => {
                    let what = match LABELS.iter().find(|known| **known == end) {
                        Some(known) => format!("line {number} ends a {known} instead"),
                        None => format!("line {number} ends a block of another label"),
                    };
                    return Err(block.error(&what));
                }
                Boundary::Joined(_) => {
                    return Err(block.error(&format!(
                        "line {number} goes on behind the dashes of its END; a line break is \
                         missing"
                    )));
                }
                Boundary::None => {}
            }
            if !matches!(boundary(line, BEGIN), Boundary::None) {
                self.again(line_start);
                let what = format!("line {number} begins another block before its END");
                return Err(block.error(&what));
            }
            if line.windows(END.len()).any(|window| window == END) {
                return Err(block.error(&format!(
                    "in line {number} its END stands behind other text; a line break is missing"
                )));
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
            match boundary(line, BEGIN) {
                Boundary::None => {}
                Boundary::Label(label) => {
                    self.ordinal += 1;
                    return Some(self.rest_of_block(start, label));
                }
                Boundary::Joined(label) => {
                    self.ordinal += 1;
                    let place = place(self.ordinal, label, self.line);
                    let why =
                        if line.windows(2).any(|pair| pair == br"\n") { AS_TEXT } else { LOST };
                    return Some(Err(DecodeError { what: format!("{place}: {why}") }));
                }
            }
        }
    }
}

/// Why a block is none whose line breaks were written as text.
const AS_TEXT: &str = "its line breaks are the two characters \\n; make real ones of them: \
                       printf '%b' \"$(cat FILE)\" > NEW";
/// Why a block is none that lost its line breaks.
const LOST: &str = "its line breaks are lost; it takes one behind the dashes of BEGIN, one before \
                    those of END, and lines of 64 characters between";

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// What a line is.
enum Boundary<'a> {
    /// The beginning or the end of a block with this label.
    Label(&'a str),
    /// The same with more behind it.
    Joined(&'a str),
    /// Any other line.
    None,
}

/// Reads a boundary line.
fn boundary<'a>(line: &'a [u8], prefix: &[u8]) -> Boundary<'a> {
    let Some(rest) = line.strip_prefix(prefix) else {
        return Boundary::None;
    };
    let label = rest.windows(DASHES.len()).position(|window| window == DASHES);
    let label = label.and_then(|end| rest.split_at_checked(end)).and_then(|(label, rest)| {
        let more = rest.len() > DASHES.len();
        is_label(label)
            .then(|| std::str::from_utf8(label).ok())
            .flatten()
            .map(|label| (label, more))
    });
    match label {
        Some((label, false)) => Boundary::Label(label),
        Some((label, true)) => Boundary::Joined(label),
        None => Boundary::None,
    }
}

/// Whether it is a label by the grammar of RFC 7468, section 3: printable ASCII, single spaces and
/// hyphens inside.
fn is_label(label: &[u8]) -> bool {
    let is_mark = |byte: &u8| matches!(byte, b' ' | b'-');
    let ends = [label.first(), label.last()];
    label.iter().all(|byte| (b' '..=b'~').contains(byte))
        && !ends.into_iter().flatten().any(is_mark)
        && !label.windows(2).any(|pair| pair.iter().all(is_mark))
}

/// The bytes of base64 in lines, as they stand inside a block.
pub fn decode(body: &[u8]) -> Result<Vec<u8>, String> {
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
        let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        let good = block("CMS");
        assert_eq!(
            error(&format!("{good}-----BEGIN PKCS7-----\nAAAA\n")),
            "block 2 (PKCS7, line 4): its END is missing"
        );
        // The search goes on behind an error, and from a BEGIN where it ended another block.
        assert_eq!(
            error(&format!(
                "{good}-----BEGIN PKCS7-----\n-----END CMS-----\n{good}-----BEGIN CMS-----"
            )),
            "block 2 (PKCS7, line 4): line 5 ends a CMS instead; block 4 (CMS, line 9): its END is missing"
        );
        let nested = format!("-----BEGIN PKCS7-----\n{good}");
        assert_eq!(
            error(&nested),
            "block 1 (PKCS7, line 1): line 2 begins another block before its END"
        );
        assert_eq!(blocks(nested.as_bytes()).flatten().count(), 1);
        assert_eq!(
            error("-----BEGIN CMS-----\nAAAAA\n-----END CMS-----\n"),
            "block 1 (CMS, line 1): it is not base64: invalid length"
        );
        // Concatenated without a line break between.
        assert_eq!(
            error(&[good.trim_end(), &good].concat()),
            "block 1 (CMS, line 1): line 3 goes on behind the dashes of its END; a line break is missing"
        );
        assert_eq!(error("no block at all"), "");
    }

    #[test]
    fn what_lost_its_line_breaks_is_told_and_not_quoted() {
        let block =
            "-----BEGIN EC PRIVATE KEY-----\nTUhjQ0FRRUVJRE01\n-----END EC PRIVATE KEY-----\n";
        let place = "block 1 (EC PRIVATE KEY, line 1): ";
        for (between, why) in
            [("", LOST), (" ", LOST), ("\r", LOST), ("\\n", AS_TEXT), ("\\r\\n", AS_TEXT)]
        {
            assert_eq!(error(&block.replace('\n', between)), format!("{place}{why}"));
        }
        let lost = block.replacen("-----\n", "-----", 1);
        assert_eq!(error(&lost), format!("{place}{LOST}"));
        let lost = block.replacen("\n-----", "-----", 1);
        assert_eq!(
            error(&lost),
            format!("{place}in line 2 its END stands behind other text; a line break is missing")
        );
    }

    #[test]
    fn only_labels_in_use_are_quoted() {
        let error = error("-----BEGIN TUhjQ0FRRUVJRE01-----\n-----END QUFBQUFB-----\n");
        assert_eq!(error, "block 1 (line 1): line 2 ends a block of another label");
        for label in ["", "A", "A B-C", "A.1, #7"] {
            assert!(is_label(label.as_bytes()), "{label:?}");
        }
        for label in [" ", "-", "A ", " A", "A  B", "A--B", "A -B", "\u{e9}", "A\tB"] {
            assert!(!is_label(label.as_bytes()), "{label:?}");
        }
    }
}
