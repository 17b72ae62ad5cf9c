//! Tells what a file is that is not what was looked for, and how to make that of it. Nothing of the
//! file's content is quoted: it may be a key.

use zeroize::Zeroizing;

use crate::pem;

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Certificates.
    Certificate,
    /// A private key.
    Key,
}

/// How much of a text is looked at.
const LOOKED_AT: usize = 1 << 18;

const REQUEST: &str = "it is a certificate request (CSR), which holds neither a certificate nor a \
                       private key; the certificate is what the CA sends back for it";
const PUBLIC_KEY: &str =
    "it is a public key alone, which is neither a certificate nor a private key";
const PRIVATE_KEY: &str = "it is a private key, and no certificate";
const CERTIFICATE: &str = "it is a certificate, and no private key";
const LIST: &str = "it is a revocation list, and no certificate";
const OPENSSH: &str = "it is a private key in OpenSSH's own format; convert a copy of it: \
                       ssh-keygen -p -m PKCS8 -f COPY (Ed25519 keys cannot be converted: make a \
                       new one)";
const PGP: &str = "it is an OpenPGP file, which TLS has no use for";

/// What `data` is, as a sentence without its full stop; `None` if it is not known.
pub fn recognize(data: &[u8], wanted: Wanted) -> Option<String> {
    let text = data.get(..LOOKED_AT).unwrap_or(data);
    let said = by_label(text, wanted).or_else(|| by_content(text)).or_else(|| by_der(data, wanted));
    said.map(str::to_owned).or_else(|| bare_base64(text, wanted))
}

/// By the labels of its PEM blocks, of which none was of use.
fn by_label(data: &[u8], wanted: Wanted) -> Option<&'static str> {
    pem::blocks(data).flatten().find_map(|block| {
        Some(match (block.label, wanted) {
            ("PKCS7" | "CMS" | "PKCS #7 SIGNED DATA", _) => {
                "it is a PKCS #7 file (.p7b), a container of certificates; take them out: openssl \
                 pkcs7 -in FILE -print_certs -out NEW"
            }
            ("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST", _) => REQUEST,
            ("PUBLIC KEY" | "RSA PUBLIC KEY", _) => PUBLIC_KEY,
            ("OPENSSH PRIVATE KEY", _) => OPENSSH,
            (label, _) if label.starts_with("PGP ") => PGP,
            ("X509 CRL", Wanted::Certificate) => LIST,
            (label, Wanted::Certificate) if label.ends_with("PRIVATE KEY") => PRIVATE_KEY,
            (_, Wanted::Key) if block.is_certificate() => CERTIFICATE,
            _ => return None,
        })
    })
}

/// By how text and other containers begin.
fn by_content(data: &[u8]) -> Option<&'static str> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let text = data.trim_ascii_start();
    let starts = |with: &[u8]| text.starts_with(with);
    let starts_like =
        |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    Some(match data {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'-', 0, b'-', 0, ..] | [0, b'-', 0, b'-', ..] => {
            "it is text in UTF-16; convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW"
        }
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => {
            "it is a Java key store (JKS); convert it: keytool -importkeystore -srckeystore FILE \
             -destkeystore NEW.p12 -deststoretype PKCS12, then openssl pkcs12 -in NEW.p12 -out \
             NEW.pem"
        }
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] => "it is compressed; unpack it first",
        _ if starts(b"<") => {
            "it is a page of HTML or XML: whoever fetched it was sent a page instead of the file"
        }
        _ if starts(b"PuTTY-User-Key-File-") => {
            "it is a private key of PuTTY's; convert it: puttygen FILE -O private-openssh -o NEW"
        }
        _ if starts(b"ssh-") || starts(b"ecdsa-sha2-") || starts(b"---- BEGIN SSH2") => {
            "it is a public key of SSH, which TLS has no use for"
        }
        _ if starts_like(b"{") && data.windows(BEGIN.len()).any(|part| part == BEGIN) => {
            "it is JSON with PEM text in it; load that text, with \\n made line breaks"
        }
        _ if pem::blocks(data).next().is_none()
            && data.windows(BEGIN.len()).any(|part| part == BEGIN) =>
        {
            "its -----BEGIN does not begin a line, or its label is none; take quotes, indentation \
             and the like away"
        }
        _ => return None,
    })
}

/// By its structure as DER.
fn by_der(data: &[u8], wanted: Wanted) -> Option<&'static str> {
    let (0x30, whole, _) = element(data)? else {
        return None;
    };
    let (_, first, rest) = element(whole)?;
    let key = (wanted == Wanted::Certificate).then_some(PRIVATE_KEY);
    match tags(whole) {
        [0x06, 0xa0, ..] if first == SIGNED_DATA => Some(
            "it is a PKCS #7 file (.p7b) in DER; take the certificates out: openssl pkcs7 -inform \
             DER -in FILE -print_certs -out NEW",
        ),
        // PKCS #8, PKCS #1 and SEC 1; encrypted PKCS #8.
        [0x02, 0x30, 0x04, _] | [0x02, 0x02, ..] | [0x02, 0x04, ..] | [0x30, 0x04, ..] => key,
        [0x02, 0x30, ..] if first == [3] && is_content(rest) => Some(
            "it is a PKCS #12 file (.p12, .pfx); convert it: openssl pkcs12 -in FILE -out NEW \
             -nodes, and let nobody else read NEW",
        ),
        [0x30, 0x03, ..] => Some(PUBLIC_KEY),
        // What is signed, how, the signature.
        [0x30, 0x30, 0x03, _] => match tags(first) {
            [0x02, 0x30, 0x30, 0xa0] => Some(REQUEST),
            [0x02, 0x30, 0x30, 0x17 | 0x18] | [0x30, 0x30, 0x17 | 0x18, _] => Some(LIST),
            _ => (wanted == Wanted::Key).then_some(CERTIFICATE),
        },
        _ => None,
    }
}

/// Whether a ContentInfo of PKCS #7 comes next.
fn is_content(der: &[u8]) -> bool {
    let oid = element(der).and_then(|(_, body, _)| element(body));
    oid.is_some_and(|(tag, body, _)| tag == 0x06 && body.starts_with(PKCS7))
}

const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

/// The identifiers of the first four elements; 0 where there is none.
fn tags(mut body: &[u8]) -> [u8; 4] {
    [(); 4].map(|()| match element(body) {
        Some((tag, _, rest)) => {
            body = rest;
            tag
        }
        None => 0,
    })
}

/// Identifier, contents and what follows of the element at the beginning of `der`. The indefinite
/// length of BER, which some containers have, is read as all that there is.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..0x80 => (usize::from(*first), rest),
        0x80 => (rest.len(), rest),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    let (body, rest) = rest.split_at_checked(length)?;
    Some((*tag, body, rest))
}

/// Base64 without the lines around it.
fn bare_base64(data: &[u8], wanted: Wanted) -> Option<String> {
    // DER begins with 0x30, and its base64 with this.
    let body = Some(data.trim_ascii()).filter(|body| body.starts_with(b"M"))?;
    let der = Zeroizing::new(pem::decode(body).ok()?);
    let (0x30, ..) = element(&der)? else { return None };
    let said = "it is base64 without the lines -----BEGIN and -----END of PEM; decode it: base64 \
                -d FILE > NEW";
    Some(match by_der(&der, wanted) {
        Some(inside) => format!("{said}; in it: {inside}"),
        None => said.to_owned(),
    })
}
