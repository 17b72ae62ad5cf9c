//! Numbers that programs carry over from Python's `ssl` module and OpenSSL.

/// Protocols of tlsw_ctx_new_protocol: any version, for either side. TLS 1.2 at least by default.
pub const TLSW_PROTOCOL_TLS: u32 = 2;
/// An old name of TLSW_PROTOCOL_TLS.
pub const TLSW_PROTOCOL_SSLV23: u32 = 2;
/// Any version, for clients. TLS 1.2 at least.
pub const TLSW_PROTOCOL_TLS_CLIENT: u32 = 16;
/// Any version, for servers. TLS 1.2 at least.
pub const TLSW_PROTOCOL_TLS_SERVER: u32 = 17;
/// SSL 2.0, which is not available.
pub const TLSW_PROTOCOL_SSLV2: u32 = 0;
/// SSL 3.0, which is not available.
pub const TLSW_PROTOCOL_SSLV3: u32 = 1;
/// TLS 1.0 alone, for either side.
pub const TLSW_PROTOCOL_TLSV1: u32 = 3;
/// TLS 1.1 alone, for either side.
pub const TLSW_PROTOCOL_TLSV1_1: u32 = 4;
/// TLS 1.2 alone, for either side.
pub const TLSW_PROTOCOL_TLSV1_2: u32 = 5;

/// What a certificate is for, as OpenSSL's number (tlsw_nid2obj has its names): to be a server's,
/// "1.3.6.1.5.5.7.3.1". Contexts for this purpose are clients'
/// (tlsw_ctx_new_default).
pub const TLSW_PURPOSE_SERVER_AUTH: i32 = 129;
/// To be a client's, "1.3.6.1.5.5.7.3.2". Contexts for this purpose are servers'.
pub const TLSW_PURPOSE_CLIENT_AUTH: i32 = 130;

/// OpenSSL's numbers for the steps of a connection (tlsw_info_fn): the handshake is in another state.
pub const TLSW_CB_LOOP: i32 = 0x1;
/// A step of the handshake ends.
pub const TLSW_CB_EXIT: i32 = 0x2;
/// Something has come.
pub const TLSW_CB_READ: i32 = 0x4;
/// Something leaves.
pub const TLSW_CB_WRITE: i32 = 0x8;
/// A handshake begins.
pub const TLSW_CB_HANDSHAKE_START: i32 = 0x10;
/// A handshake is done.
pub const TLSW_CB_HANDSHAKE_DONE: i32 = 0x20;
/// It is a client's step.
pub const TLSW_CB_CONNECT: i32 = 0x1000;
/// It is a server's step.
pub const TLSW_CB_ACCEPT: i32 = 0x2000;
/// It is an alert.
pub const TLSW_CB_ALERT: i32 = 0x4000;

/// OpenSSL's numbers for what a call came to (tlsw_status_ssl_error): the TLS protocol failed.
pub const TLSW_SSL_ERROR_SSL: i32 = 1;
/// Bytes from the peer are needed.
pub const TLSW_SSL_ERROR_WANT_READ: i32 = 2;
/// Bytes for the peer must leave.
pub const TLSW_SSL_ERROR_WANT_WRITE: i32 = 3;
/// A hook asked to be called again.
pub const TLSW_SSL_ERROR_WANT_X509_LOOKUP: i32 = 4;
/// The operating system failed.
pub const TLSW_SSL_ERROR_SYSCALL: i32 = 5;
/// The peer said goodbye.
pub const TLSW_SSL_ERROR_ZERO_RETURN: i32 = 6;
/// The transport is not connected yet. No status becomes this one: connections here are made over
/// transports that are.
pub const TLSW_SSL_ERROR_WANT_CONNECT: i32 = 7;
/// The peer left without a goodbye. Python's own number.
pub const TLSW_SSL_ERROR_EOF: i32 = 8;
/// What has no number in OpenSSL. Python's own.
pub const TLSW_SSL_ERROR_INVALID_ERROR_CODE: i32 = 10;

/// Alerts (RFC 8446, section 6), as tlsw_error.alert has them: the peer says goodbye.
pub const TLSW_ALERT_CLOSE_NOTIFY: i32 = 0;
/// A message that does not belong there.
pub const TLSW_ALERT_UNEXPECTED_MESSAGE: i32 = 10;
/// A record that does not authenticate.
pub const TLSW_ALERT_BAD_RECORD_MAC: i32 = 20;
/// A record that is too long.
pub const TLSW_ALERT_RECORD_OVERFLOW: i32 = 22;
/// Of compression, which no TLS has any more.
pub const TLSW_ALERT_DECOMPRESSION_FAILURE: i32 = 30;
/// Nothing that both sides can agree on.
pub const TLSW_ALERT_HANDSHAKE_FAILURE: i32 = 40;
/// A certificate that is broken, or whose signature is.
pub const TLSW_ALERT_BAD_CERTIFICATE: i32 = 42;
/// A certificate of a kind that is not understood.
pub const TLSW_ALERT_UNSUPPORTED_CERTIFICATE: i32 = 43;
/// A certificate that was revoked.
pub const TLSW_ALERT_CERTIFICATE_REVOKED: i32 = 44;
/// A certificate whose time is over, or has not come.
pub const TLSW_ALERT_CERTIFICATE_EXPIRED: i32 = 45;
/// A certificate that is not accepted for another reason.
pub const TLSW_ALERT_CERTIFICATE_UNKNOWN: i32 = 46;
/// A field whose value cannot be.
pub const TLSW_ALERT_ILLEGAL_PARAMETER: i32 = 47;
/// A certificate whose issuer is not trusted.
pub const TLSW_ALERT_UNKNOWN_CA: i32 = 48;
/// A certificate that is sound, of one who may not come in.
pub const TLSW_ALERT_ACCESS_DENIED: i32 = 49;
/// A message that does not decode.
pub const TLSW_ALERT_DECODE_ERROR: i32 = 50;
/// A signature or a Finished that does not hold.
pub const TLSW_ALERT_DECRYPT_ERROR: i32 = 51;
/// A protocol version that is not allowed.
pub const TLSW_ALERT_PROTOCOL_VERSION: i32 = 70;
/// Nothing offered that is strong enough.
pub const TLSW_ALERT_INSUFFICIENT_SECURITY: i32 = 71;
/// A failure that has nothing to do with the peer.
pub const TLSW_ALERT_INTERNAL_ERROR: i32 = 80;
/// A client that retries with an older version than the server has (RFC 7507).
pub const TLSW_ALERT_INAPPROPRIATE_FALLBACK: i32 = 86;
/// Somebody changed his mind.
pub const TLSW_ALERT_USER_CANCELLED: i32 = 90;
/// No new handshake within the connection.
pub const TLSW_ALERT_NO_RENEGOTIATION: i32 = 100;
/// An extension that must be there and is not (RFC 8446).
pub const TLSW_ALERT_MISSING_EXTENSION: i32 = 109;
/// An extension that was not asked for.
pub const TLSW_ALERT_UNSUPPORTED_EXTENSION: i32 = 110;
/// A certificate that could not be fetched.
pub const TLSW_ALERT_CERTIFICATE_UNOBTAINABLE: i32 = 111;
/// A server name that nobody here has.
pub const TLSW_ALERT_UNRECOGNIZED_NAME: i32 = 112;
/// An OCSP answer that is not accepted.
pub const TLSW_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE: i32 = 113;
/// A certificate whose hash is another.
pub const TLSW_ALERT_BAD_CERTIFICATE_HASH_VALUE: i32 = 114;
/// A pre-shared key that nobody knows.
pub const TLSW_ALERT_UNKNOWN_PSK_IDENTITY: i32 = 115;
/// A client certificate that must be there and is not (RFC 8446).
pub const TLSW_ALERT_CERTIFICATE_REQUIRED: i32 = 116;
/// No application protocol that both sides have (RFC 7301).
pub const TLSW_ALERT_NO_APPLICATION_PROTOCOL: i32 = 120;
