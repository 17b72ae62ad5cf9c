//! What has a C layout or a C number.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use crate::ctx::Ctx;
use crate::io::bio::Bio;

/// The result of a call. The sign is the meaning: 0 is done, positive is not yet or nothing there
/// (no error was filled), negative is failed. Numbers are only ever added.
pub type tlsw_status = i32;

/// Done.
pub const TLSW_OK: tlsw_status = 0;
/// Not yet: bytes from the peer are needed. Wait until the transport can be read, then call again.
pub const TLSW_WANT_READ: tlsw_status = 1;
/// Not yet: bytes for the peer must leave first. Wait until the transport can be written, then
/// call again (a write with the same data).
pub const TLSW_WANT_WRITE: tlsw_status = 2;
/// Not yet: a hook asked to be called again later.
pub const TLSW_WANT_HOOK: tlsw_status = 3;
/// The peer said goodbye (close_notify), or a stream ended in order: no more will come.
pub const TLSW_CLOSED: tlsw_status = 4;
/// There is none.
pub const TLSW_NONE: tlsw_status = 5;
/// No verified chain: the context does not verify (TLSW_CERT_NONE).
pub const TLSW_NONE_UNVERIFIED: tlsw_status = 6;
/// No verified chain: verification failed (tlsw_get_verify_result tells why).
pub const TLSW_NONE_FAILED: tlsw_status = 7;
/// An argument is wrong: NULL, a handle of another kind, a number out of range, a malformed name.
pub const TLSW_ERR_ARGUMENT: tlsw_status = -1;
/// The call is right, but not now: before the handshake, or after the end.
pub const TLSW_ERR_STATE: tlsw_status = -2;
/// The connection is inside a call on this very thread (a hook tried to drive it).
pub const TLSW_ERR_BUSY: tlsw_status = -3;
/// The operating system or the caller's function failed; os_error has the number.
pub const TLSW_ERR_IO: tlsw_status = -4;
/// The time of the call is over.
pub const TLSW_ERR_TIMEOUT: tlsw_status = -5;
/// The peer closed the transport without a goodbye; what was read may be cut short.
pub const TLSW_ERR_EOF: tlsw_status = -6;
/// The TLS protocol failed; library, reason and alert tell how.
pub const TLSW_ERR_TLS: tlsw_status = -7;
/// The peer's certificate did not verify; verify_error and verify_depth tell which check failed
/// and at which certificate.
pub const TLSW_ERR_VERIFY: tlsw_status = -8;
/// Bytes that should be a certificate, a key or a PEM file are not.
pub const TLSW_ERR_DECODE: tlsw_status = -9;
/// A function of the caller's reported failure.
pub const TLSW_ERR_HOOK: tlsw_status = -10;
/// BoringSSL lacks it, or this build leaves it out; tlsw_has tells beforehand.
pub const TLSW_ERR_UNSUPPORTED: tlsw_status = -11;
/// Memory could not be had.
pub const TLSW_ERR_MEMORY: tlsw_status = -12;
/// A bug in tlswrap, caught before it could leave the library.
pub const TLSW_ERR_PANIC: tlsw_status = -13;

/// The number tlsw_abi returns for the ABI of this header.
pub const TLSW_ABI: u32 = 1;

/// A client: it speaks first.
pub const TLSW_CLIENT: u32 = 1;
/// A server: it answers.
pub const TLSW_SERVER: u32 = 2;

/// The peer's certificate does not decide. A server does not ask for one; a client takes any, and
/// tlsw_get_verify_result tells what verification would have said.
pub const TLSW_CERT_NONE: u32 = 0;
/// A server asks for a certificate and goes on without one, but not with a bad one. On a client
/// the same as TLSW_CERT_REQUIRED.
pub const TLSW_CERT_OPTIONAL: u32 = 1;
/// No connection without a certificate that verifies, or else a pre-shared key, where the context has
/// any. The default of clients.
pub const TLSW_CERT_REQUIRED: u32 = 2;
/// The peer is asked for a certificate, which is verified, with its name where names are checked;
/// but it does not decide. The caller does, by tlsw_get_verify_result, and until then nothing that
/// comes can be trusted. For programs that decide by themselves, as those of Node's tls may.
pub const TLSW_CERT_UNENFORCED: u32 = 3;

/// The lowest version that this library speaks: TLS 1.0.
pub const TLSW_TLS_MINIMUM_SUPPORTED: i32 = -2;
/// The highest version that this library speaks: TLS 1.3.
pub const TLSW_TLS_MAXIMUM_SUPPORTED: i32 = -1;
/// SSL 3.0, a number only: BoringSSL does not have it.
pub const TLSW_SSL_3_0: i32 = 0x0300;
/// TLS 1.0 (RFC 2246), for old peers; broken, and off by default.
pub const TLSW_TLS_1_0: i32 = 0x0301;
/// TLS 1.1 (RFC 4346), for old peers; broken, and off by default.
pub const TLSW_TLS_1_1: i32 = 0x0302;
/// TLS 1.2 (RFC 5246), the lowest by default.
pub const TLSW_TLS_1_2: i32 = 0x0303;
/// TLS 1.3 (RFC 8446), the highest.
pub const TLSW_TLS_1_3: i32 = 0x0304;

/// Send our goodbye (close_notify).
pub const TLSW_SHUT_WRITE: u32 = 1;
/// Send our goodbye and wait for the peer's.
pub const TLSW_SHUT_BOTH: u32 = 3;

/// The chain as the peer sent it.
pub const TLSW_CHAIN_SENT: u32 = 0;
/// The chain as it was verified: from the peer's certificate to the trust anchor.
pub const TLSW_CHAIN_VERIFIED: u32 = 1;

/// The Finished message that was sent.
pub const TLSW_FINISHED_OWN: u32 = 0;
/// The Finished message that has come.
pub const TLSW_FINISHED_PEER: u32 = 1;

/// subjectAltName kinds: the tags of GeneralName (RFC 5280, section 4.2.1.6).
pub const TLSW_SAN_OTHER: u32 = 0;
/// An e-mail address (rfc822Name).
pub const TLSW_SAN_EMAIL: u32 = 1;
/// A DNS name.
pub const TLSW_SAN_DNS: u32 = 2;
/// An X.400 address.
pub const TLSW_SAN_X400: u32 = 3;
/// A directory name, as RFC 4514 text.
pub const TLSW_SAN_DIRNAME: u32 = 4;
/// An EDI party name.
pub const TLSW_SAN_EDI: u32 = 5;
/// A URI.
pub const TLSW_SAN_URI: u32 = 6;
/// An IP address, as text ("192.0.2.1", "2001:db8::1").
pub const TLSW_SAN_IP: u32 = 7;
/// A registered identifier, as a dotted OID.
pub const TLSW_SAN_RID: u32 = 8;

/// The room of tlsw_error.library.
pub const TLSW_LIBRARY_LEN: usize = 16;
/// The room of tlsw_error.reason.
pub const TLSW_REASON_LEN: usize = 64;
/// The room of tlsw_error.message.
pub const TLSW_MESSAGE_LEN: usize = 896;

/// What went wrong in one call. The caller's own struct, passed last to every call that can fail;
/// NULL if the details do not matter. Written only when the call fails; owns nothing, need not be
/// initialised or freed.
#[repr(C)]
pub struct tlsw_error {
    /// The status that the call returned.
    pub status: tlsw_status,
    /// errno of a failed system call, 0 if none.
    pub os_error: i32,
    /// X509_V_ERR_* of a failed verification, 0 if none.
    pub verify_error: i32,
    /// Where in the chain: 0 is the peer's certificate, 1 its issuer; -1 if none.
    pub verify_depth: i32,
    /// The TLS alert that was sent or received, -1 if none (RFC 8446, section 6).
    pub alert: i32,
    /// BoringSSL's packed error code, 0 if none; for logs.
    pub code: u32,
    /// Zero; room to grow.
    pub reserved: [u32; 6],
    /// The part of the library: "SSL", "X509", "PEM"; "" if none. Ended by NUL.
    pub library: [c_char; TLSW_LIBRARY_LEN],
    /// The mnemonic as OpenSSL 3 spells it: "CERTIFICATE_VERIFY_FAILED"; "" if none. Ended by NUL.
    pub reason: [c_char; TLSW_REASON_LEN],
    /// One line for people: what happened, to which certificate or file, and what to do. UTF-8
    /// without control characters, cut at a character if it is too long, ended by NUL.
    pub message: [c_char; TLSW_MESSAGE_LEN],
}

/// Bytes that the library allocated for the caller, and one NUL behind them, so text is a C
/// string.
/// Free with tlsw_buf_free.
#[repr(C)]
pub struct tlsw_buf {
    /// The bytes; NULL when there are none.
    pub data: *mut u8,
    /// How many, without the NUL.
    pub len: usize,
}

/// Gives the password of an encrypted key: writes at most size bytes to buf and their number to
/// *len, returns TLSW_OK; any other status ends the load with TLSW_ERR_HOOK. Called on the calling
/// thread, inside the call it was passed to, at most once, and only if the key is encrypted.
pub type tlsw_password_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        buf: *mut u8,
        size: usize,
        len: *mut usize,
    ) -> tlsw_status,
>;

/// Reads for a connection: TLSW_OK with 1 to len bytes in buf and their number in *n; TLSW_WANT_READ
/// when there are none now; TLSW_CLOSED at the end of the stream; any negative status for a failure.
/// It must not wait, and must not drive the connection.
pub type tlsw_read_fn = Option<
    unsafe extern "C" fn(user: *mut c_void, buf: *mut u8, len: usize, n: *mut usize) -> tlsw_status,
>;

/// Writes for a connection: TLSW_OK with the number of bytes taken, 1 to len, in *n; TLSW_WANT_WRITE
/// when none can be taken now; any negative status for a failure. It must not wait, and must not
/// drive the connection.
pub type tlsw_write_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        buf: *const u8,
        len: usize,
        n: *mut usize,
    ) -> tlsw_status,
>;

/// Called on servers with the name that a client asks for (server_name, RFC 6066), as it was sent, or
/// NULL if it sent none; before a version, a suite or a certificate is chosen. TLSW_OK: go on.
/// TLSW_WANT_HOOK: the handshake answers that, and asks again when it is driven next. Any other
/// status: the client is refused with the alert in *alert, 40 (handshake_failure) unless the hook
/// puts another there, and the handshake fails with TLSW_ERR_HOOK. Inside, tlsw_conn_set_ctx changes
/// the context, and all tlsw_get_* answer.
pub type tlsw_sni_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        server_name: *const c_char,
        alert: *mut u8,
    ) -> tlsw_status,
>;

/// Called after the built-in verification of the peer's certificates. `verify_error` is 0, or what it
/// found (tlsw_verify_error_string); all tlsw_get_* answer, both chains and the verdict among them.
/// TLSW_OK: go on, if the built-in verification does; only where it does not decide (TLSW_CERT_NONE,
/// TLSW_CERT_UNENFORCED), in any case. TLSW_WANT_HOOK: the handshake answers that, and asks again when it is driven next; until
/// then, too, all may be asked. Any other status: the peer is refused with the alert in *alert, which
/// is that of `verify_error`, or 40 (handshake_failure), unless the hook puts another there; the
/// handshake fails with TLSW_ERR_VERIFY, verify_error 50 if the built-in verification had found
/// nothing. A server that resumes a session has seen the certificates before, and is not asked.
pub type tlsw_verify_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        conn: *mut tlsw_conn,
        verify_error: i32,
        alert: *mut u8,
    ) -> tlsw_status,
>;

/// Called with a message (borrows): `is_write` 1 if it leaves, 0 if it has come; `version` as on the
/// wire, 0 where there is none yet; `content_type` 20 (change_cipher_spec), 21 (alert),
/// 22 (handshake), or 256 for the head of a record.
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

/// Called at a step: `where_` is TLSW_CB_* numbers added up, `value` what belongs to it: for alerts
/// the level times 256 and the description, for TLSW_CB_EXIT what the step came to.
pub type tlsw_info_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, where_: i32, value: i32)>;

/// Called with a line (borrows) in the format of NSS's key log, without a line's end.
pub type tlsw_keylog_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, line: *const c_char)>;

/// Called with a session that the server gave, in TLS 1.3 one for each ticket. Gives `session`: the
/// hook frees it, then or later, with tlsw_session_free.
pub type tlsw_session_fn = Option<
    unsafe extern "C" fn(user: *mut c_void, conn: *mut tlsw_conn, session: *mut tlsw_session),
>;

/// Called on clients, in TLS 1.2 and older, when the server has chosen a suite with a pre-shared key;
/// with its hint to which identity it wants (borrows), or NULL. TLSW_OK: the identity is in `identity`
/// and ends in NUL within `identity_size` bytes, which are 129; and 1 to `key_size` bytes of key, which
/// are 256, are in `key`, their number in *key_len. All three are zero before the call. An empty key
/// refuses: the handshake fails with TLSW_ERR_TLS, reason PSK_IDENTITY_NOT_FOUND. Any other status, a
/// number above `key_size`, or an identity without an end, and it fails with TLSW_ERR_HOOK. It cannot
/// answer later. The library keeps no copy of the key.
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

/// Called on servers, in TLS 1.2 and older, with the identity of a pre-shared key (borrows) as the
/// client sent it: up to 128 bytes, ended by NUL, and a stranger's until he has shown to have the key.
/// The key is given as by tlsw_psk_client_fn; an empty one refuses the client, with the alert
/// unknown_psk_identity.
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

/// Releases a caller's value that the library kept. Called once.
pub type tlsw_free_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Settings for connections: whom to trust, what to show, what to allow. Any thread may use and
/// change a context at any time. Connections keep what was demanded and offered when they were made:
/// verification, versions, certificates, groups, options. As in OpenSSL, CAs and revocation lists, the
/// suites below TLS 1.3, a server's choice of protocols, key logs and the hooks for names, steps and
/// sessions count as they are when the handshake begins; on servers, when the client has spoken.
/// Made by tlsw_ctx_new, freed by tlsw_ctx_free.
pub struct tlsw_ctx {
    _opaque: [u8; 0],
}

/// A TLS connection. Any thread may call it; one reader and one writer at a time, and the
/// handshake by one thread alone. Made by tlsw_wrap_*, freed by tlsw_conn_free.
pub struct tlsw_conn {
    _opaque: [u8; 0],
}

/// A byte pipe in memory. Any thread may use it. Made by tlsw_bio_new, freed by tlsw_bio_free;
/// connections that use it keep it alive.
pub struct tlsw_bio {
    _opaque: [u8; 0],
}

/// A session that a connection left behind, for another of the same context to resume. Immutable:
/// any thread may use it. Made by tlsw_get_session and tlsw_session_from_bytes, freed by
/// tlsw_session_free. It holds secrets.
pub struct tlsw_session {
    _opaque: [u8; 0],
}

/// A decoded certificate. Immutable: any thread may read it. Made by tlsw_cert_new, freed by
/// tlsw_cert_free; what is borrowed from it lives as long.
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
