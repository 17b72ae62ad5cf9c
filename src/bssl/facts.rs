//! Questions to a connection. They only read, and may be asked from inside a step.

use std::ffi::CStr;

use boring::ssl::{SslRef, SslSession};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};
use zeroize::Zeroizing;

use super::binding;
use super::buffer::Buffer;
use super::cipher::Suite;
use super::context::group;
use super::stream::Stream;
use crate::error::Result;

/// The certificates the peer sent, leaf first; empty before they have come.
pub(super) fn sent_chain(ssl: &SslRef) -> Vec<Buffer> {
    let mut chain = Vec::new();
    // SAFETY: a live connection; the stack and its buffers are borrowed from it, and each buffer
    // kept gets a count of its own.
    unsafe {
        let stack = ffi::SSL_get0_peer_certificates(ssl.as_ptr());
        if stack.is_null() {
            return chain;
        }
        let stack = stack.cast::<ffi::OPENSSL_STACK>();
        for i in 0..ffi::OPENSSL_sk_num(stack) {
            chain.push(Buffer::share(ffi::OPENSSL_sk_value(stack, i).cast()));
        }
    }
    chain
}

impl Stream {
    /// The name in the server_name extension: what this client sends, or what this server was sent.
    pub fn sni(&self) -> Option<&CStr> {
        // SAFETY: a live connection, which owns the name; it stays once it is there.
        unsafe {
            let name = ffi::SSL_get_servername(self.ssl.as_ptr(), ffi::TLSEXT_NAMETYPE_host_name);
            (!name.is_null()).then(|| CStr::from_ptr(name))
        }
    }

    /// The session of a connection below TLS 1.3; in TLS 1.3 what can be resumed comes in tickets.
    pub fn session(&self) -> Option<SslSession> {
        if self.is_tls13() { None } else { self.current_session() }
    }

    /// The session as it is now. In TLS 1.3 it is one that cannot be resumed.
    pub fn current_session(&self) -> Option<SslSession> {
        // SAFETY: a live connection; NULL, or a session with a count for us.
        unsafe {
            let session = ffi::SSL_get1_session(self.ssl.as_ptr());
            (!session.is_null()).then(|| SslSession::from_ptr(session))
        }
    }

    /// The certificates the peer sent, leaf first.
    pub fn sent_chain(&self) -> Vec<Buffer> {
        sent_chain(&self.ssl)
    }

    /// Whether the handshake has not ended.
    pub fn in_handshake(&self) -> bool {
        // SAFETY: a live connection.
        unsafe { ffi::SSL_in_init(self.ssl.as_ptr()) != 0 }
    }

    /// Whether the version is TLS 1.3.
    pub fn is_tls13(&self) -> bool {
        // SAFETY: as above.
        unsafe { ffi::SSL_version(self.ssl.as_ptr()) >= ffi::TLS1_3_VERSION }
    }

    /// Whether the two sides made the extended master secret.
    pub fn has_extended_master_secret(&self) -> bool {
        binding::has_extended_master_secret(&self.ssl)
    }

    /// The channel binding tls-unique, where it binds.
    pub fn tls_unique(&self) -> Option<Vec<u8>> {
        binding::tls_unique(&self.ssl)
    }

    /// Keying material.
    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        len: usize,
    ) -> Result<Zeroizing<Vec<u8>>> {
        binding::export(&self.ssl, label, context, len)
    }

    /// The identity whose pre-shared key the two sides have shown to have, of TLS 1.2 and older.
    pub fn psk_identity(&self) -> Option<&CStr> {
        // SAFETY: a live connection, whose session owns the identity.
        unsafe {
            let identity = ffi::SSL_get_psk_identity(self.ssl.as_ptr());
            (!identity.is_null()).then(|| CStr::from_ptr(identity))
        }
    }

    /// The cipher suite.
    pub fn suite(&self) -> Option<Suite> {
        // SAFETY: a live connection; a suite of the table comes back, or NULL.
        unsafe { Suite::from_ptr(ffi::SSL_get_current_cipher(self.ssl.as_ptr())) }
    }

    /// How many plaintext bytes were decrypted and not read.
    pub fn pending(&self) -> usize {
        // SAFETY: as above.
        usize::try_from(unsafe { ffi::SSL_pending(self.ssl.as_ptr()) }).unwrap_or(0)
    }

    /// The OCSP response that the server showed.
    pub fn ocsp(&self) -> Option<&[u8]> {
        self.staple(ffi::SSL_get0_ocsp_response)
    }

    /// The list of signed certificate timestamps that the server showed.
    pub fn scts(&self) -> Option<&[u8]> {
        self.staple(ffi::SSL_get0_signed_cert_timestamp_list)
    }

    fn staple(
        &self,
        get: unsafe extern "C" fn(*const ffi::SSL, *mut *const u8, *mut usize),
    ) -> Option<&[u8]> {
        let (mut data, mut len) = (std::ptr::null(), 0);
        // SAFETY: a live connection, from which the bytes are borrowed.
        unsafe {
            get(self.ssl.as_ptr(), &raw mut data, &raw mut len);
            (len > 0).then(|| std::slice::from_raw_parts(data, len))
        }
    }

    /// Whether the peer sent certificates.
    pub fn has_peer_chain(&self) -> bool {
        self.sent_chain_der(|chain| chain.next().is_some())
    }

    /// Hands `give` the DER of the certificates the peer sent, leaf first.
    pub fn sent_chain_der<T>(&self, give: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> T) -> T {
        // SAFETY: as in `sent_chain`; the buffers stay with the connection while `give` runs.
        unsafe {
            let stack =
                ffi::SSL_get0_peer_certificates(self.ssl.as_ptr()).cast::<ffi::OPENSSL_STACK>();
            let len = if stack.is_null() { 0 } else { ffi::OPENSSL_sk_num(stack) };
            give(&mut (0..len).map(|i| {
                let buffer: *const ffi::CRYPTO_BUFFER = ffi::OPENSSL_sk_value(stack, i).cast();
                std::slice::from_raw_parts(
                    ffi::CRYPTO_BUFFER_data(buffer),
                    ffi::CRYPTO_BUFFER_len(buffer),
                )
            }))
        }
    }

    /// Whether the handshake resumed an earlier session.
    pub fn is_resumed(&self) -> bool {
        self.ssl.session_reused()
    }

    /// The protocol version's name: `TLSv1.3`.
    pub fn version(&self) -> &'static CStr {
        // SAFETY: a live connection; a string literal comes back.
        unsafe { CStr::from_ptr(ffi::SSL_get_version(self.ssl.as_ptr())) }
    }

    /// The cipher suite's name.
    pub fn cipher(&self) -> Option<&'static CStr> {
        // SAFETY: a live connection; suites and their names are static.
        unsafe {
            let cipher = ffi::SSL_get_current_cipher(self.ssl.as_ptr());
            if cipher.is_null() {
                return None;
            }
            Some(CStr::from_ptr(ffi::SSL_CIPHER_get_name(cipher)))
        }
    }

    /// The cipher suite's name by IANA.
    pub fn standard_cipher(&self) -> Option<&'static CStr> {
        // SAFETY: as above.
        unsafe {
            let cipher = ffi::SSL_get_current_cipher(self.ssl.as_ptr());
            if cipher.is_null() {
                return None;
            }
            Some(CStr::from_ptr(ffi::SSL_CIPHER_standard_name(cipher)))
        }
    }

    /// The group of the key exchange, by the name IANA gives it.
    pub fn group(&self) -> Option<&'static CStr> {
        // SAFETY: a live connection.
        let id = unsafe { ffi::SSL_get_group_id(self.ssl.as_ptr()) };
        Some(match id {
            // BoringSSL calls these "P-256", "P-384", "P-521" and "X25519".
            group::SECP256R1 => c"secp256r1",
            group::SECP384R1 => c"secp384r1",
            group::SECP521R1 => c"secp521r1",
            group::X25519 => c"x25519",
            _ => {
                // SAFETY: a table look-up; NULL for what it does not know, such as 0 for none.
                let name = unsafe { ffi::SSL_get_group_name(id) };
                if name.is_null() {
                    return None;
                }
                // SAFETY: a string literal.
                unsafe { CStr::from_ptr(name) }
            }
        })
    }

    /// The application protocol both sides agreed on.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.ssl.selected_alpn_protocol()
    }
}
