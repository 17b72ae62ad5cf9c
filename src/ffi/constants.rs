//! Numbers that Python's `ssl` module and OpenSSL define as well.

/// Protocols of tlsw_ctx_new_protocol. Any version, for both sides; by default at least TLS 1.2.
pub const TLSW_PROTOCOL_TLS: u32 = 2;
/// An old name of TLSW_PROTOCOL_TLS.
pub const TLSW_PROTOCOL_SSLV23: u32 = 2;
/// Any version, for clients; by default at least TLS 1.2.
pub const TLSW_PROTOCOL_TLS_CLIENT: u32 = 16;
/// Any version, for servers; by default at least TLS 1.2.
pub const TLSW_PROTOCOL_TLS_SERVER: u32 = 17;
/// SSL 2.0, which is not available.
pub const TLSW_PROTOCOL_SSLV2: u32 = 0;
/// SSL 3.0, which is not available.
pub const TLSW_PROTOCOL_SSLV3: u32 = 1;
/// TLS 1.0 only, for both sides.
pub const TLSW_PROTOCOL_TLSV1: u32 = 3;
/// TLS 1.1 only, for both sides.
pub const TLSW_PROTOCOL_TLSV1_1: u32 = 4;
/// TLS 1.2 only, for both sides.
pub const TLSW_PROTOCOL_TLSV1_2: u32 = 5;

/// Purposes of certificates, as OpenSSL's object numbers (tlsw_nid2obj returns their names). Server
/// authentication, "1.3.6.1.5.5.7.3.1". A context for this purpose is for clients
/// (tlsw_ctx_new_default).
pub const TLSW_PURPOSE_SERVER_AUTH: i32 = 129;
/// Client authentication, "1.3.6.1.5.5.7.3.2". A context for this purpose is for servers.
pub const TLSW_PURPOSE_CLIENT_AUTH: i32 = 130;

/// OpenSSL's numbers for the steps of a connection (tlsw_info_fn). The handshake entered another
/// state.
pub const TLSW_CB_LOOP: i32 = 0x1;
/// A handshake call ended.
pub const TLSW_CB_EXIT: i32 = 0x2;
/// The step concerns received data.
pub const TLSW_CB_READ: i32 = 0x4;
/// The step concerns sent data.
pub const TLSW_CB_WRITE: i32 = 0x8;
/// A handshake began.
pub const TLSW_CB_HANDSHAKE_START: i32 = 0x10;
/// A handshake completed.
pub const TLSW_CB_HANDSHAKE_DONE: i32 = 0x20;
/// The step is a client's.
pub const TLSW_CB_CONNECT: i32 = 0x1000;
/// The step is a server's.
pub const TLSW_CB_ACCEPT: i32 = 0x2000;
/// The step is an alert.
pub const TLSW_CB_ALERT: i32 = 0x4000;

/// OpenSSL's numbers for the result of a call (tlsw_status_ssl_error). The TLS protocol failed.
pub const TLSW_SSL_ERROR_SSL: i32 = 1;
/// The call needs bytes from the peer.
pub const TLSW_SSL_ERROR_WANT_READ: i32 = 2;
/// Bytes for the peer have to be sent first.
pub const TLSW_SSL_ERROR_WANT_WRITE: i32 = 3;
/// A callback is to be called again later.
pub const TLSW_SSL_ERROR_WANT_X509_LOOKUP: i32 = 4;
/// A system call failed.
pub const TLSW_SSL_ERROR_SYSCALL: i32 = 5;
/// The peer sent close_notify.
pub const TLSW_SSL_ERROR_ZERO_RETURN: i32 = 6;
/// The transport is not connected yet. tlsw_status_ssl_error never returns this number, because
/// connections are made only over connected transports.
pub const TLSW_SSL_ERROR_WANT_CONNECT: i32 = 7;
/// The peer closed the transport without close_notify. Defined by Python.
pub const TLSW_SSL_ERROR_EOF: i32 = 8;
/// A status without a number in OpenSSL. Defined by Python.
pub const TLSW_SSL_ERROR_INVALID_ERROR_CODE: i32 = 10;

/// Alerts (RFC 8446, section 6), the values of tlsw_error.alert. The sender sends no more data.
pub const TLSW_ALERT_CLOSE_NOTIFY: i32 = 0;
/// A message was not allowed at this point of the protocol.
pub const TLSW_ALERT_UNEXPECTED_MESSAGE: i32 = 10;
/// Authentication of a record failed.
pub const TLSW_ALERT_BAD_RECORD_MAC: i32 = 20;
/// A record was too long.
pub const TLSW_ALERT_RECORD_OVERFLOW: i32 = 22;
/// Decompression failed. No current version of TLS compresses.
pub const TLSW_ALERT_DECOMPRESSION_FAILURE: i32 = 30;
/// The two sides have no acceptable set of parameters in common.
pub const TLSW_ALERT_HANDSHAKE_FAILURE: i32 = 40;
/// The certificate is malformed, or its signature is invalid.
pub const TLSW_ALERT_BAD_CERTIFICATE: i32 = 42;
/// The certificate is of an unsupported type.
pub const TLSW_ALERT_UNSUPPORTED_CERTIFICATE: i32 = 43;
/// The certificate was revoked.
pub const TLSW_ALERT_CERTIFICATE_REVOKED: i32 = 44;
/// The certificate has expired or is not yet valid.
pub const TLSW_ALERT_CERTIFICATE_EXPIRED: i32 = 45;
/// The certificate was refused for another reason.
pub const TLSW_ALERT_CERTIFICATE_UNKNOWN: i32 = 46;
/// A field of a message has a value that is not allowed.
pub const TLSW_ALERT_ILLEGAL_PARAMETER: i32 = 47;
/// The issuer of the certificate is not trusted.
pub const TLSW_ALERT_UNKNOWN_CA: i32 = 48;
/// The certificate is valid, but its holder has no access.
pub const TLSW_ALERT_ACCESS_DENIED: i32 = 49;
/// A message could not be decoded.
pub const TLSW_ALERT_DECODE_ERROR: i32 = 50;
/// A signature or a Finished message is invalid.
pub const TLSW_ALERT_DECRYPT_ERROR: i32 = 51;
/// The protocol version is not allowed.
pub const TLSW_ALERT_PROTOCOL_VERSION: i32 = 70;
/// The peer requires stronger parameters than those that were offered.
pub const TLSW_ALERT_INSUFFICIENT_SECURITY: i32 = 71;
/// An internal error that is unrelated to the peer.
pub const TLSW_ALERT_INTERNAL_ERROR: i32 = 80;
/// A client retried with a version lower than the server's highest version (RFC 7507).
pub const TLSW_ALERT_INAPPROPRIATE_FALLBACK: i32 = 86;
/// The handshake was canceled for a reason other than a protocol failure.
pub const TLSW_ALERT_USER_CANCELLED: i32 = 90;
/// Renegotiation was refused.
pub const TLSW_ALERT_NO_RENEGOTIATION: i32 = 100;
/// A mandatory extension is missing (RFC 8446).
pub const TLSW_ALERT_MISSING_EXTENSION: i32 = 109;
/// A message has an extension that is not allowed in it, such as one that was not requested.
pub const TLSW_ALERT_UNSUPPORTED_EXTENSION: i32 = 110;
/// A certificate could not be fetched.
pub const TLSW_ALERT_CERTIFICATE_UNOBTAINABLE: i32 = 111;
/// The server does not have the requested server name.
pub const TLSW_ALERT_UNRECOGNIZED_NAME: i32 = 112;
/// The OCSP response is not acceptable.
pub const TLSW_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE: i32 = 113;
/// The hash of a certificate does not match.
pub const TLSW_ALERT_BAD_CERTIFICATE_HASH_VALUE: i32 = 114;
/// The identity of the pre-shared key is unknown.
pub const TLSW_ALERT_UNKNOWN_PSK_IDENTITY: i32 = 115;
/// The required client certificate is missing (RFC 8446).
pub const TLSW_ALERT_CERTIFICATE_REQUIRED: i32 = 116;
/// The two sides have no application protocol in common (RFC 7301).
pub const TLSW_ALERT_NO_APPLICATION_PROTOCOL: i32 = 120;
