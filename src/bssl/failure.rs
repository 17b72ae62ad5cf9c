//! Why a step failed, for people and for programs.

use super::mnemonics;
use super::queue::{self, Entry};
use super::stream::Role;
use crate::error::{Error, Kind};

/// The peer sent close_notify before there was a connection.
#[cold]
pub(super) fn turned_away() -> Error {
    let mut error = Error::new(
        Kind::Tls,
        "the peer ended the connection (close_notify) in the middle of the handshake",
    );
    error.detail_mut().alert = Some(0);
    error
}

/// The transport ended without a close_notify.
#[cold]
pub(super) fn ended() -> Error {
    eof("the peer closed the transport without a close_notify alert; what was read so far may be \
         cut short")
}

/// The transport ended before there was a connection; whether `something` had come before.
#[cold]
pub(super) fn ended_early(role: Role, something: bool) -> Error {
    eof(match (something, role) {
        (true, _) => {
            "the peer closed the transport in the middle of the handshake, without an alert that \
             says why"
        }
        (false, Role::Client) => {
            "the peer closed the transport before it sent anything; is TLS spoken at this port, or \
             does the protocol want STARTTLS first?"
        }
        (false, Role::Server) => "the client closed the transport before it sent anything",
    })
}

fn eof(message: &'static str) -> Error {
    Error::new(Kind::Eof, message).named("SSL", "UNEXPECTED_EOF_WHILE_READING")
}

/// A failure of the protocol, with a word on what it usually means.
#[cold]
pub(super) fn protocol(entry: Option<Entry>) -> Error {
    let Some(entry) = entry else {
        return Error::new(Kind::Tls, "the TLS protocol failed without saying why");
    };
    let mut message = match entry.alert() {
        Some(number) if entry.reason.is_empty() => format!(
            "the peer ended the connection with the alert {number}, a number that no standard known \
             here has"
        ),
        Some(_) => format!(
            "the peer ended the connection with the alert \"{}\"",
            queue::phrase(alert_name(entry.reason))
        ),
        None => queue::phrase(mnemonics::openssl(entry.reason)),
    };
    if let Some(meaning) = meaning(entry.reason) {
        message.push_str(": ");
        message.push_str(meaning);
    }
    let kind = if entry.is_out_of_memory() { Kind::Memory } else { Kind::Tls };
    let mut error = Error::new(kind, message);
    queue::fill(&mut error, Some(entry));
    error
}

/// `TLSV1_ALERT_UNKNOWN_CA` without the part that names the alert's protocol.
fn alert_name(reason: &str) -> &str {
    reason.split_once("ALERT_").map_or(reason, |(_, name)| name)
}

/// What a mnemonic means to the one who meets it, where the mnemonic alone does not say it.
fn meaning(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "WRONG_VERSION_NUMBER" => {
            "the peer's first bytes are not TLS; is this the right port, or does the protocol \
             want STARTTLS first?"
        }
        "HTTP_REQUEST" => "the client spoke plain HTTP to a TLS server",
        "HTTPS_PROXY_REQUEST" => "the client took this TLS server for an HTTP proxy",
        "UNSUPPORTED_PROTOCOL" | "TLSV1_ALERT_PROTOCOL_VERSION" => {
            "the two sides allow no common TLS version"
        }
        "NO_SHARED_CIPHER" => "the two sides allow no common cipher suite",
        "NO_COMMON_SIGNATURE_ALGORITHMS" => {
            "the two sides allow no common signature algorithm for the certificate's key"
        }
        "NO_CERTIFICATE_SET" | "NO_CERTIFICATE_ASSIGNED" => {
            "a server needs a certificate chain and its key, and the context has none"
        }
        "PSK_IDENTITY_NOT_FOUND" => "the hook for pre-shared keys gave no key",
        "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY" => {
            "it has no key for the identity of the pre-shared key that it was shown"
        }
        "SSLV3_ALERT_HANDSHAKE_FAILURE" => {
            "it found no common version, cipher suite, group or signature algorithm, or wants a \
             client certificate"
        }
        "TLSV1_ALERT_UNKNOWN_CA" => "it does not trust the issuer of the certificate it was shown",
        "SSLV3_ALERT_BAD_CERTIFICATE" | "SSLV3_ALERT_CERTIFICATE_UNKNOWN" => {
            "it refuses the certificate it was shown"
        }
        "SSLV3_ALERT_CERTIFICATE_EXPIRED" => "the certificate it was shown has expired",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE" => {
            "this side requires a client certificate and the client showed none"
        }
        "TLSV1_ALERT_CERTIFICATE_REQUIRED" => "it requires a client certificate",
        "TLSV1_ALERT_UNRECOGNIZED_NAME" => "it does not serve the server name that was asked for",
        "APPLICATION_DATA_ON_SHUTDOWN" => {
            "the peer sent data after our close_notify; read to the end before waiting for its own"
        }
        "EXCESSIVE_MESSAGE_SIZE" => {
            "the peer sent a message of the handshake that is longer than any taken here (its \
             certificates may have 100 KiB together, everything else 16 KiB); it has to send fewer \
             certificates, or shorter ones"
        }
        "DECRYPTION_FAILED_OR_BAD_RECORD_MAC" => "a record was damaged or forged on its way",
        _ => return None,
    })
}
