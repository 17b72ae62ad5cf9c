//! What a context is made for: one side or either, and perhaps one version alone.

use super::versions::{TLS_1_0, TLS_1_1, TLS_1_2};
use crate::bssl::stream::Role;

/// The protocols, as Python's `ssl` module and OpenSSL's methods have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Any version, either side.
    Tls,
    /// Any version, for clients.
    TlsClient,
    /// Any version, for servers.
    TlsServer,
    /// TLS 1.0 alone, either side.
    Tls10,
    /// TLS 1.1 alone, either side.
    Tls11,
    /// TLS 1.2 alone, either side.
    Tls12,
}

impl Protocol {
    /// The side it is for, if it is for one.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::TlsClient => Some(Role::Client),
            Self::TlsServer => Some(Role::Server),
            _ => None,
        }
    }

    /// The version it insists on, if it does.
    pub fn version(self) -> Option<u16> {
        match self {
            Self::Tls10 => Some(TLS_1_0),
            Self::Tls11 => Some(TLS_1_1),
            Self::Tls12 => Some(TLS_1_2),
            _ => None,
        }
    }
}
