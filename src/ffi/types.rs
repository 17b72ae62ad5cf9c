//! Types and constants with a C layout or a fixed C value.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use crate::ctx::Ctx;
use crate::io::bio::Bio;

/// The result of a call. 0 means done. A positive value means "not yet" or "not available"; `err`
/// is not written. A negative value means that the call failed; `err` is filled in. New statuses
/// may be added; existing ones keep their numbers.
pub type tlsw_status = i32;

/// Done.
pub const TLSW_OK: tlsw_status = 0;
/// Not yet: the call needs bytes from the peer. Wait until the transport is readable, then call
/// again.
pub const TLSW_WANT_READ: tlsw_status = 1;
/// Not yet: bytes for the peer have to be sent first. Wait until the transport is writable, then
/// call again. Repeat a write with the same data.
pub const TLSW_WANT_WRITE: tlsw_status = 2;
/// Not yet: a callback returned this status. The callback runs again at the next call that drives
/// the connection.
pub const TLSW_WANT_HOOK: tlsw_status = 3;
/// End of data: the peer sent close_notify, or a stream ended as intended. No more bytes follow.
pub const TLSW_CLOSED: tlsw_status = 4;
/// The requested item does not exist.
pub const TLSW_NONE: tlsw_status = 5;
/// There is no verified chain, because the context does not verify (TLSW_CERT_NONE), or because
/// verification could not run. tlsw_get_verify_result returns this status in the second case only.
pub const TLSW_NONE_UNVERIFIED: tlsw_status = 6;
/// There is no verified chain, because verification failed. tlsw_get_verify_result returns the
/// reason.
pub const TLSW_NONE_FAILED: tlsw_status = 7;
/// An argument is invalid: NULL, a handle of another type, a number out of range, a malformed name.
pub const TLSW_ERR_ARGUMENT: tlsw_status = -1;
/// The call is not allowed in the current state, for example before the handshake or after the end
/// of the connection.
pub const TLSW_ERR_STATE: tlsw_status = -2;
/// The connection is inside another call that runs a callback. A callback tried to drive the
/// connection on the same thread, or to drive a connection whose own callback is running in another
/// thread.
pub const TLSW_ERR_BUSY: tlsw_status = -3;
/// The operating system failed in an operation on a socket, a file or a host name. os_error has the
/// error number, 0 if there is none.
pub const TLSW_ERR_IO: tlsw_status = -4;
/// The time limit of the call has passed.
pub const TLSW_ERR_TIMEOUT: tlsw_status = -5;
/// The peer closed the transport without close_notify. The data read so far may be truncated.
pub const TLSW_ERR_EOF: tlsw_status = -6;
/// The TLS protocol failed. library, reason and alert have the details.
pub const TLSW_ERR_TLS: tlsw_status = -7;
/// Verification of the peer's certificate failed. verify_error is the check that failed;
/// verify_depth is the position of the certificate in the chain.
pub const TLSW_ERR_VERIFY: tlsw_status = -8;
/// The input is not a valid certificate, key, PEM file or other expected encoding.
pub const TLSW_ERR_DECODE: tlsw_status = -9;
/// A callback or another function of the caller reported a failure or returned an invalid result.
pub const TLSW_ERR_HOOK: tlsw_status = -10;
/// BoringSSL or this build does not have the feature. tlsw_has reports features in advance.
pub const TLSW_ERR_UNSUPPORTED: tlsw_status = -11;
/// Memory allocation failed.
pub const TLSW_ERR_MEMORY: tlsw_status = -12;
/// A bug in tlswrap, caught at the boundary of the library.
pub const TLSW_ERR_PANIC: tlsw_status = -13;

/// The ABI number of this header. tlsw_abi returns that of the library.
pub const TLSW_ABI: u32 = 1;

/// The client side of a connection, which starts the handshake.
pub const TLSW_CLIENT: u32 = 1;
/// The server side of a connection.
pub const TLSW_SERVER: u32 = 2;

/// Verification of the peer's certificate does not decide about the connection. A server requests
/// no certificate. A client accepts any certificate; tlsw_get_verify_result returns the result that
/// verification would have had.
pub const TLSW_CERT_NONE: u32 = 0;
/// A server requests a certificate. It accepts a client that sends none and refuses a client whose
/// certificate does not verify. On a client the same as TLSW_CERT_REQUIRED.
pub const TLSW_CERT_OPTIONAL: u32 = 1;
/// The handshake fails unless the peer sends a certificate that verifies. A pre-shared key takes
/// the place of a certificate if the context has pre-shared keys. The default for clients.
pub const TLSW_CERT_REQUIRED: u32 = 2;
/// The peer's certificate is requested and verified, including its name where names are checked,
/// but the handshake goes on whatever the result is. The program has to call tlsw_get_verify_result
/// and decide; it must not trust received data before that. For programs that decide for
/// themselves, such as those that use Node's tls.
pub const TLSW_CERT_UNENFORCED: u32 = 3;

/// The lowest version that this library supports: TLS 1.0.
pub const TLSW_TLS_MINIMUM_SUPPORTED: i32 = -2;
/// The highest version that this library supports: TLS 1.3.
pub const TLSW_TLS_MAXIMUM_SUPPORTED: i32 = -1;
/// SSL 3.0. BoringSSL does not implement it; only its number is defined.
pub const TLSW_SSL_3_0: i32 = 0x0300;
/// TLS 1.0 (RFC 2246), for old peers. Insecure, and off by default.
pub const TLSW_TLS_1_0: i32 = 0x0301;
/// TLS 1.1 (RFC 4346), for old peers. Insecure, and off by default.
pub const TLSW_TLS_1_1: i32 = 0x0302;
/// TLS 1.2 (RFC 5246), the lowest version by default.
pub const TLSW_TLS_1_2: i32 = 0x0303;
/// TLS 1.3 (RFC 8446), the highest version.
pub const TLSW_TLS_1_3: i32 = 0x0304;

/// Send close_notify.
pub const TLSW_SHUT_WRITE: u32 = 1;
/// Send close_notify and wait for the peer's close_notify.
pub const TLSW_SHUT_BOTH: u32 = 3;

/// The chain as the peer sent it.
pub const TLSW_CHAIN_SENT: u32 = 0;
/// The chain as it was verified: from the peer's certificate to the trust anchor.
pub const TLSW_CHAIN_VERIFIED: u32 = 1;

/// The Finished message that this side sent.
pub const TLSW_FINISHED_OWN: u32 = 0;
/// The Finished message that this side received.
pub const TLSW_FINISHED_PEER: u32 = 1;

/// Kinds of subjectAltName: the tags of GeneralName (RFC 5280, section 4.2.1.6). An otherName.
pub const TLSW_SAN_OTHER: u32 = 0;
/// An e-mail address (rfc822Name).
pub const TLSW_SAN_EMAIL: u32 = 1;
/// A DNS name (dNSName).
pub const TLSW_SAN_DNS: u32 = 2;
/// An X.400 address (x400Address).
pub const TLSW_SAN_X400: u32 = 3;
/// A directory name (directoryName), as text in the form of RFC 4514.
pub const TLSW_SAN_DIRNAME: u32 = 4;
/// An EDI party name (ediPartyName).
pub const TLSW_SAN_EDI: u32 = 5;
/// A URI (uniformResourceIdentifier).
pub const TLSW_SAN_URI: u32 = 6;
/// An IP address (iPAddress), as text ("192.0.2.1", "2001:db8::1").
pub const TLSW_SAN_IP: u32 = 7;
/// A registered identifier (registeredID), as a dotted OID.
pub const TLSW_SAN_RID: u32 = 8;

/// The size of tlsw_error.library in bytes.
pub const TLSW_LIBRARY_LEN: usize = 16;
/// The size of tlsw_error.reason in bytes.
pub const TLSW_REASON_LEN: usize = 64;
/// The size of tlsw_error.message in bytes.
pub const TLSW_MESSAGE_LEN: usize = 896;

/// The details of a failed call. The caller provides the struct and passes it as the last argument
/// of every call that can fail, or NULL if the details are not needed. It is written only when the
/// call fails. It owns no memory and need not be initialized or freed.
#[repr(C)]
pub struct tlsw_error {
    /// The status that the call returned.
    pub status: tlsw_status,
    /// errno of a failed system call; 0 if none.
    pub os_error: i32,
    /// X509_V_ERR_* of a failed verification; 0 if none.
    pub verify_error: i32,
    /// The position in the chain: 0 is the peer's certificate, 1 its issuer; -1 if none.
    pub verify_depth: i32,
    /// The TLS alert that was sent or received (RFC 8446, section 6); -1 if none.
    pub alert: i32,
    /// BoringSSL's packed error code, for logs; 0 if none.
    pub code: u32,
    /// Zero. Reserved for later fields.
    pub reserved: [u32; 6],
    /// The part of BoringSSL: "SSL", "X509", "PEM"; "" if none. Ends in NUL.
    pub library: [c_char; TLSW_LIBRARY_LEN],
    /// The name of the reason in OpenSSL 3's spelling: "CERTIFICATE_VERIFY_FAILED"; "" if none.
    /// Ends in NUL.
    pub reason: [c_char; TLSW_REASON_LEN],
    /// One line for people: the failure, the certificate or file concerned, and the remedy if there
    /// is one. UTF-8 without control characters. A text that is too long is cut between characters.
    /// Ends in NUL.
    pub message: [c_char; TLSW_MESSAGE_LEN],
}

/// Bytes that the library allocated for the caller, followed by one NUL byte, so that text is a C
/// string. Free with tlsw_buf_free.
#[repr(C)]
pub struct tlsw_buf {
    /// The bytes; NULL if there are none.
    pub data: *mut u8,
    /// The number of bytes, without the NUL.
    pub len: usize,
}

/// Returns the password of an encrypted key. The function writes at most `size` bytes to `buf`,
/// their number to `*len`, and returns TLSW_OK. Any other status makes the load fail with
/// TLSW_ERR_HOOK.
/// Called at most once, only if the key is encrypted, on the calling thread, during the call that
/// the function was passed to.
pub type tlsw_password_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        buf: *mut u8,
        size: usize,
        len: *mut usize,
    ) -> tlsw_status,
>;

/// Reads from the transport of a connection. Returns TLSW_OK with 1 to `len` bytes in `buf` and
/// their number in `*n`; TLSW_WANT_READ if no bytes are available now; TLSW_CLOSED at the end of
/// the stream; any negative status for a failure.
/// The function must not block and must not drive the connection.
pub type tlsw_read_fn = Option<
    unsafe extern "C" fn(user: *mut c_void, buf: *mut u8, len: usize, n: *mut usize) -> tlsw_status,
>;

/// Writes to the transport of a connection. Returns TLSW_OK with the number of accepted bytes, 1 to
/// `len`, in `*n`; TLSW_WANT_WRITE if no bytes can be accepted now; any negative status for a
/// failure.
/// The function must not block and must not drive the connection.
pub type tlsw_write_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        buf: *const u8,
        len: usize,
        n: *mut usize,
    ) -> tlsw_status,
>;

/// Called on servers with the server name that the client requests (server_name, RFC 6066), before
/// a version, a cipher suite or a certificate is selected. `server_name` (borrows) is the name as
/// the client sent it, or NULL if the client sent none. Inside the callback tlsw_conn_set_ctx
/// changes the context, and all tlsw_get_* may be called.
/// TLSW_OK continues the handshake. TLSW_WANT_HOOK makes the handshake return TLSW_WANT_HOOK; the
/// callback runs again when the handshake is driven next. Any other status refuses the client with
/// the alert in `*alert`, and the handshake fails with TLSW_ERR_HOOK. `*alert` is 40
/// (handshake_failure) unless the callback sets another.
pub type tlsw_sni_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        server_name: *const c_char,
        alert: *mut u8,
    ) -> tlsw_status,
>;

/// Called after the built-in verification of the peer's certificates. `verify_error` is 0 or the
/// error that the built-in verification found (tlsw_verify_error_string). All tlsw_get_* may be
/// called, including those for both chains and for the verification result.
/// TLSW_OK accepts the result of the built-in verification: the handshake goes on if verification
/// succeeded, and fails otherwise. With TLSW_CERT_NONE and TLSW_CERT_UNENFORCED, TLSW_OK continues
/// the handshake in any case. TLSW_WANT_HOOK makes the handshake return TLSW_WANT_HOOK; the
/// callback runs again when the handshake is driven next, and all tlsw_get_* may be called until
/// then. Any other status refuses the peer with the alert in `*alert`, and the handshake fails with
/// TLSW_ERR_VERIFY; verify_error is 50 if the built-in verification had found no error. `*alert` is
/// the alert of `verify_error`, or 40 (handshake_failure) if that is 0, unless the callback sets
/// another.
/// Not called on a server that resumes a session, whose certificates were verified before.
pub type tlsw_verify_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        verify_error: i32,
        alert: *mut u8,
    ) -> tlsw_status,
>;

/// Called with a protocol message (`data`, `len`; borrows). `is_write` is 1 if the message is sent
/// and 0 if it was received. `content_type` is 20 (change_cipher_spec), 21 (alert), 22 (handshake),
/// 256 (a record header), or 0 (a ClientHello in the format of SSL 2.0). `version` is the protocol
/// version as its number on the wire, such as 0x0304 for TLS 1.3; 0x0303 until a version is
/// selected; 0 for a record header; 2 for a ClientHello in the format of SSL 2.0.
pub type tlsw_msg_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        is_write: i32,
        version: i32,
        content_type: i32,
        data: *const u8,
        len: usize,
    ),
>;

/// Called at each step of a connection. `where_` is a sum of TLSW_CB_* numbers. The meaning of
/// `value` depends on `where_`: for alerts, the level times 256 plus the description; for
/// TLSW_CB_EXIT, 1 if the handshake succeeded and 0 or less if it did not; otherwise 1.
pub type tlsw_info_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, where_: i32, value: i32)>;

/// Called with a line (borrows) in the format of NSS's key log, without a line terminator.
pub type tlsw_keylog_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, line: *const c_char)>;

/// Called with a session that the server sent; in TLS 1.3 once for each ticket. Gives `session`:
/// the callback or a later call frees it with tlsw_session_free.
pub type tlsw_session_fn = Option<
    unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, session: *mut tlsw_session),
>;

/// Returns the identity and the pre-shared key of a client. Called on clients, in TLS 1.2 and
/// older, when the server has selected a cipher suite with a pre-shared key. `hint` (borrows) is
/// the server's identity hint, or NULL if the server sent none. `identity_size` is 129 and
/// `key_size` is 256. `identity`, `key` and `*key_len` are zero before the call.
/// The callback writes the identity, ended by NUL within `identity_size` bytes, to `identity`; 1 to
/// `key_size` bytes of key to `key`; their number to `*key_len`; and returns TLSW_OK. The library
/// keeps no copy of the key. TLSW_WANT_HOOK is not supported.
/// An empty key refuses: the handshake fails with TLSW_ERR_TLS, reason PSK_IDENTITY_NOT_FOUND. Any
/// other status, a number above `key_size` or an identity without NUL makes the handshake fail with
/// TLSW_ERR_HOOK.
pub type tlsw_psk_client_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        hint: *const c_char,
        identity: *mut c_char,
        identity_size: usize,
        key: *mut u8,
        key_size: usize,
        key_len: *mut usize,
    ) -> tlsw_status,
>;

/// Returns the pre-shared key for the identity that a client sent. Called on servers, in TLS 1.2
/// and older. `identity` (borrows) has up to 128 bytes, ended by NUL. The identity is not
/// authenticated until the client has proved that it has the key. The key is returned as by
/// tlsw_psk_client_fn.
/// An empty key refuses the client with the alert unknown_psk_identity.
pub type tlsw_psk_server_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        identity: *const c_char,
        key: *mut u8,
        key_size: usize,
        key_len: *mut usize,
    ) -> tlsw_status,
>;

/// Releases a value of the caller that the library kept. Called once.
pub type tlsw_free_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// A context: the settings for connections, such as trust anchors, own certificates, versions and
/// cipher suites. Any thread may use and change a context at any time.
/// As in OpenSSL, a connection takes its settings at two moments. When the connection is made:
/// verification, versions, certificates, groups, the cipher suites of TLS 1.3, the security level,
/// options, the extensions that a client sends, and the callbacks for messages, verification and
/// pre-shared keys. When its handshake begins, on servers when the ClientHello has been received:
/// CAs and CRLs, the cipher suites below TLS 1.3, a server's application protocols, the key log,
/// and the callbacks for server names, steps, key logs and sessions.
/// Made by tlsw_ctx_new, tlsw_ctx_new_protocol and tlsw_ctx_new_default, freed by tlsw_ctx_free.
pub struct tlsw_ctx {
    _opaque: [u8; 0],
}

/// A TLS connection. Any thread may call it: one thread at a time performs the handshake;
/// afterwards one thread may read while another writes; tlsw_get_* may be called at any time. Made
/// by tlsw_wrap_*, tlsw_connect and tlsw_accept, freed by tlsw_conn_free.
pub struct tlsw_conn {
    _opaque: [u8; 0],
}

/// A byte queue in memory. Any thread may use it. Made by tlsw_bio_new, freed by tlsw_bio_free. A
/// connection that uses a queue keeps it alive.
pub struct tlsw_bio {
    _opaque: [u8; 0],
}

/// A session of a connection, which a later connection of the same context can resume. Immutable:
/// any thread may use it. Made by tlsw_get_session, tlsw_get_current_session and
/// tlsw_session_from_bytes, and passed to tlsw_session_fn; freed by tlsw_session_free. It contains
/// secrets.
pub struct tlsw_session {
    _opaque: [u8; 0],
}

/// A decoded certificate. Immutable: any thread may read it. Made by tlsw_cert_new, freed by
/// tlsw_cert_free. Pointers borrowed from it are valid until it is freed.
pub struct tlsw_cert {
    _opaque: [u8; 0],
}

macro_rules! kind {
    ($handle:ident, $inner:ty, $name:literal) => {
        impl super::ptr::Kind for $handle {
            type Inner = $inner;
            const NAME: &'static str = $name;
        }
    };
}
kind!(tlsw_ctx, Ctx, "tlsw_ctx");
kind!(tlsw_conn, super::conn::Connection, "tlsw_conn");
kind!(tlsw_bio, Arc<Bio>, "tlsw_bio");
kind!(tlsw_session, crate::session::Session, "tlsw_session");
kind!(tlsw_cert, super::cert::Cert, "tlsw_cert");
