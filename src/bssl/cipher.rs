//! Cipher suites as facts.

use std::ffi::{CStr, c_char, c_int};

use boring_sys as ffi;

/// A cipher suite BoringSSL knows.
#[derive(Clone, Copy)]
pub struct Suite(&'static ffi::SSL_CIPHER);

/// TLS 1.3 (RFC 8446, section B.4), AES first.
const TLS13: [u16; 3] = [0x1301, 0x1302, 0x1303];

impl Suite {
    /// The suite with this number of IANA's.
    pub fn by_id(id: u16) -> Option<Self> {
        // SAFETY: a look-up in a table that lives as long as the program.
        unsafe { ffi::SSL_get_cipher_by_value(id).as_ref() }.map(Self)
    }

    /// The suites of TLS 1.3 in the order BoringSSL prefers them on this machine: where AES has no
    /// hardware, ChaCha20 comes first.
    pub fn tls13() -> impl Iterator<Item = Self> {
        // SAFETY: no arguments.
        let ids = if unsafe { ffi::EVP_has_aes_hardware() } == 1 {
            TLS13
        } else {
            let [aes128, aes256, chacha] = TLS13;
            [chacha, aes128, aes256]
        };
        ids.into_iter().filter_map(Self::by_id)
    }

    /// A suite that BoringSSL points at.
    ///
    /// # Safety
    /// `suite` must be one of BoringSSL's table, or NULL.
    pub(super) unsafe fn from_ptr(suite: *const ffi::SSL_CIPHER) -> Option<Self> {
        // SAFETY: the caller's promise.
        unsafe { suite.as_ref() }.map(Self)
    }

    /// IANA's number.
    pub fn id(self) -> u16 {
        // SAFETY: a suite of the table, here and in all that follow.
        unsafe { ffi::SSL_CIPHER_get_protocol_id(self.0) }
    }

    /// OpenSSL's name.
    pub fn name(self) -> &'static str {
        // SAFETY: as above.
        text(unsafe { ffi::SSL_CIPHER_get_name(self.0) })
    }

    /// IANA's name; below TLS 1.3 it is not OpenSSL's.
    pub fn standard_name(self) -> &'static str {
        // SAFETY: as above.
        text(unsafe { ffi::SSL_CIPHER_standard_name(self.0) })
    }

    /// The first version of TLS that has it.
    pub fn min_version(self) -> u16 {
        // SAFETY: as above.
        unsafe { ffi::SSL_CIPHER_get_min_version(self.0) }
    }

    /// The version of the protocol that it came with, in OpenSSL's words; BoringSSL's own answer is
    /// one constant for all.
    pub fn protocol(self) -> &'static CStr {
        match i32::from(self.min_version()) {
            ffi::TLS1_3_VERSION => c"TLSv1.3",
            ffi::TLS1_2_VERSION => c"TLSv1.2",
            // Elliptic curves came with TLS 1.0; what is older is from SSL 3.0, whose suites live on.
            _ if self.key_exchange().starts_with("kx-ecdhe") => c"TLSv1.0",
            _ => c"SSLv3",
        }
    }

    /// How strong the cipher is, and how long its key; only of 3DES these differ.
    pub fn bits(self) -> (i32, i32) {
        let mut algorithm = 0;
        // SAFETY: as above.
        let strength = unsafe { ffi::SSL_CIPHER_get_bits(self.0, &raw mut algorithm) };
        (strength, algorithm)
    }

    /// Whether the cipher authenticates by itself.
    pub fn is_aead(self) -> bool {
        // SAFETY: as above.
        unsafe { ffi::SSL_CIPHER_is_aead(self.0) == 1 }
    }

    /// OpenSSL's name of the cipher: `aes-128-gcm`.
    pub fn symmetric(self) -> &'static str {
        // SAFETY: as above.
        long_name(unsafe { ffi::SSL_CIPHER_get_cipher_nid(self.0) })
    }

    /// OpenSSL's name of the digest that authenticates records: `sha1`; none with an AEAD.
    pub fn digest(self) -> Option<&'static str> {
        // SAFETY: as above.
        let nid = unsafe { ffi::SSL_CIPHER_get_digest_nid(self.0) };
        (nid != ffi::NID_undef).then(|| long_name(nid))
    }

    /// OpenSSL's name of the key exchange: `kx-ecdhe`.
    pub fn key_exchange(self) -> &'static str {
        // SAFETY: as above.
        match long_name(unsafe { ffi::SSL_CIPHER_get_kx_nid(self.0) }) {
            // To BoringSSL the key exchange of ECDHE-PSK is plain ECDHE.
            "kx-ecdhe" if self.authentication() == "auth-psk" => "kx-ecdhe-psk",
            name => name,
        }
    }

    /// OpenSSL's name of how the server is authenticated: `auth-rsa`.
    pub fn authentication(self) -> &'static str {
        // SAFETY: as above.
        long_name(unsafe { ffi::SSL_CIPHER_get_auth_nid(self.0) })
    }
}

fn long_name(nid: c_int) -> &'static str {
    // SAFETY: any number may be asked for; the names are string literals, or NULL.
    text(unsafe { ffi::OBJ_nid2ln(nid) })
}

fn text(pointer: *const c_char) -> &'static str {
    if pointer.is_null() {
        return "";
    }
    // SAFETY: a string literal of BoringSSL's.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or("")
}
