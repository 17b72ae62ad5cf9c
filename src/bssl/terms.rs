//! What connections take over from their context.

use std::ffi::{CString, c_int};

use boring::ssl::SslRef;
use boring_sys as ffi;
use foreign_types::ForeignTypeRef;

use super::observe;
use super::psk;
use super::queue;
use super::stream::{Demand, Role};
use crate::error::{Kind, Result};

/// What BoringSSL copies into each connection when it is made, and what each is given besides. One
/// that changes its context is given all of it again.
pub struct Terms {
    /// Lowest and highest protocol version, as their numbers on the wire.
    pub versions: (u16, u16),
    /// Those options that BoringSSL has.
    pub options: u32,
    /// The groups for the key exchange, the preferred first.
    pub groups: Vec<u16>,
    /// The one group of servers; none for those of `groups`.
    pub curve: Option<u16>,
    /// The signature algorithms accepted from the peer, the preferred first.
    pub signatures: Vec<u16>,
    /// The suites of TLS 1.3, the preferred first; none for BoringSSL's own choice.
    pub tls13: Vec<u16>,
    /// The application protocols that clients offer, as RFC 7301 lists them.
    pub alpn: Vec<u8>,
    /// Whether the peer must show a certificate.
    pub demand: Demand,
    /// Whether clients take no server but one that has one of their imported keys.
    pub keys_alone: bool,
    /// Whether the observer gives pre-shared keys.
    pub psk: bool,
    /// The hint that servers give to which identity is wanted.
    pub psk_hint: Option<CString>,
    /// Whether clients ask for an OCSP response.
    pub asks_ocsp: bool,
    /// Whether clients ask for signed certificate timestamps.
    pub asks_scts: bool,
    /// Whether clients follow a server that renegotiates (TLS 1.2 and older).
    pub renegotiates: bool,
}

fn done(ret: c_int) -> Result<()> {
    if ret == 1 {
        return Ok(());
    }
    Err(queue::error(Kind::Memory, "the connection cannot be set up"))
}

impl Terms {
    /// Gives a new connection what its context does not.
    pub(super) fn give(&self, ssl: &SslRef, role: Role) -> Result<()> {
        observe::set_demand(
            ssl,
            match (role, self.demand) {
                // To BoringSSL a client with keys that verifies nothing wants no certificates.
                (Role::Client, _) if self.keys_alone => ffi::SSL_VERIFY_NONE,
                // A client's observer knows what is demanded, and accepts what need not verify.
                (Role::Client, _) | (Role::Server, Demand::Optional | Demand::Unenforced) => {
                    ffi::SSL_VERIFY_PEER
                }
                (Role::Server, Demand::None) => ffi::SSL_VERIFY_NONE,
                (Role::Server, Demand::Required) => {
                    ffi::SSL_VERIFY_PEER | ffi::SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                }
            },
        );
        done(psk::set(ssl, role, self.psk, self.psk_hint.as_deref()).into())?;
        let ssl = ssl.as_ptr();
        // SAFETY: a live connection.
        unsafe {
            // On a client the one group would forbid other certificates too, below TLS 1.3.
            if let (Role::Server, Some(curve)) = (role, self.curve) {
                done(ffi::SSL_set1_group_ids(ssl, &raw const curve, 1))?;
            }
            // There is no way to stop asking.
            if role == Role::Client && self.asks_ocsp {
                ffi::SSL_enable_ocsp_stapling(ssl);
            }
            if role == Role::Client && self.asks_scts {
                ffi::SSL_enable_signed_cert_timestamps(ssl);
            }
            let freely = role == Role::Client && self.renegotiates;
            ffi::SSL_set_renegotiate_mode(
                ssl,
                if freely {
                    ffi::ssl_renegotiate_mode_t::ssl_renegotiate_freely
                } else {
                    ffi::ssl_renegotiate_mode_t::ssl_renegotiate_never
                },
            );
        }
        Ok(())
    }

    /// Gives a connection that had another context all of it.
    pub(super) fn give_anew(&self, ssl: &SslRef, role: Role) -> Result<()> {
        let (min, max) = self.versions;
        let pointer = ssl.as_ptr();
        // SAFETY: a live connection; pointers and lengths are of one list each.
        unsafe {
            done(ffi::SSL_set_min_proto_version(pointer, min))?;
            done(ffi::SSL_set_max_proto_version(pointer, max))?;
            ffi::SSL_clear_options(pointer, !self.options);
            ffi::SSL_set_options(pointer, self.options);
            done(ffi::SSL_set1_group_ids(pointer, self.groups.as_ptr(), self.groups.len()))?;
            done(ffi::SSL_set_verify_algorithm_prefs(
                pointer,
                self.signatures.as_ptr(),
                self.signatures.len(),
            ))?;
            done(ffi::SSL_set1_tls13_ciphers(
                pointer,
                self.tls13.as_ptr(),
                std::ptr::null(),
                self.tls13.len(),
            ))?;
            if role == Role::Client {
                // Of all these, this one alone answers 0 for success.
                let ret = ffi::SSL_set_alpn_protos(pointer, self.alpn.as_ptr(), self.alpn.len());
                done(c_int::from(ret == 0))?;
            }
        }
        self.give(ssl, role)
    }
}
