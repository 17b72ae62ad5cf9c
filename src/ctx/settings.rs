//! Every option of a context as plain data, with its default and its check.

use std::sync::Arc;

use super::identity::Identity;
use super::trust::Trust;
use crate::bssl::digest::random;
use crate::bssl::stream::{Demand, Role};
use crate::error::{Error, Result};

/// TLS 1.0, the lowest version BoringSSL speaks.
pub const TLS_1_0: u16 = 0x0301;
/// TLS 1.2, the lowest version that is allowed by default.
pub const TLS_1_2: u16 = 0x0303;
/// TLS 1.3.
pub const TLS_1_3: u16 = 0x0304;

/// The options of a context.
#[derive(Clone)]
pub struct Settings {
    /// Which side its connections are.
    pub role: Role,
    /// Whether the peer must show a certificate.
    pub demand: Demand,
    /// Whether a client checks that the certificate carries the server's name.
    pub check_hostname: bool,
    /// The lowest protocol version.
    pub min_version: u16,
    /// The highest protocol version.
    pub max_version: u16,
    /// The application protocols, as RFC 7301 lists them; empty for none.
    pub alpn: Arc<[u8]>,
    /// Whether the system's roots are trusted.
    pub system_roots: bool,
    /// Whether the caller asked for the system's roots by name; then they stay when he loads CAs.
    pub asked_for_system_roots: bool,
    /// Who else is trusted.
    pub trust: Arc<Trust>,
    /// Own chains with their keys.
    pub identities: Vec<Arc<Identity>>,
    /// Tells sessions of this context from those of others (`SSL_CTX_set_session_id_context`), so
    /// that what was resumable under one virtual host is not under another. That is for servers:
    /// clients may bring sessions from an earlier run of the program, and know whose they are.
    pub session_context: [u8; 32],
}

impl Settings {
    /// The safe defaults of a side.
    pub fn new(role: Role) -> Self {
        let client = role == Role::Client;
        Self {
            role,
            demand: if client { Demand::Required } else { Demand::None },
            check_hostname: client,
            min_version: TLS_1_2,
            max_version: TLS_1_3,
            alpn: Arc::from([]),
            system_roots: client,
            asked_for_system_roots: false,
            trust: Arc::default(),
            identities: Vec::new(),
            session_context: if client { [0; 32] } else { random() },
        }
    }

    /// Sets whether the peer must show a certificate.
    pub fn set_demand(&mut self, demand: Demand) -> Result<()> {
        if demand == Demand::None && self.check_hostname {
            return Err(Error::state(
                "verification cannot be turned off while the host name is checked: turn \
                 check_hostname off first",
            ));
        }
        self.demand = demand;
        Ok(())
    }

    /// Sets whether a client checks the server's name. Turning it on turns verification on, for a
    /// name in a certificate that nobody verified says nothing.
    pub fn set_check_hostname(&mut self, on: bool) -> Result<()> {
        if on && self.role == Role::Server {
            return Err(Error::argument(
                "check_hostname is for clients: a client's certificate carries no host name to \
                 check",
            ));
        }
        if on && self.demand == Demand::None {
            self.demand = Demand::Required;
        }
        self.check_hostname = on;
        Ok(())
    }

    /// Trusts `more`. The first CAs a caller brings take the place of the system's roots, unless he
    /// asked for those too.
    pub fn add_trust(&mut self, more: &Trust) {
        if self.trust.is_empty() {
            self.system_roots = self.asked_for_system_roots;
        }
        self.trust = Arc::new(self.trust.and(more));
    }

    /// Trusts the system's roots, whatever else is or will be trusted.
    pub fn add_system_roots(&mut self) {
        self.system_roots = true;
        self.asked_for_system_roots = true;
    }

    /// Sets the lowest protocol version.
    pub fn set_min_version(&mut self, version: u16) -> Result<()> {
        known_version(version)?;
        if version > self.max_version {
            return Err(Error::argument(format!(
                "the lowest TLS version (0x{version:04x}) would be above the highest (0x{:04x})",
                self.max_version
            )));
        }
        self.min_version = version;
        Ok(())
    }

    /// Sets the highest protocol version.
    pub fn set_max_version(&mut self, version: u16) -> Result<()> {
        known_version(version)?;
        if version < self.min_version {
            return Err(Error::argument(format!(
                "the highest TLS version (0x{version:04x}) would be below the lowest (0x{:04x})",
                self.min_version
            )));
        }
        self.max_version = version;
        Ok(())
    }

    /// Sets the application protocols.
    pub fn set_alpn(&mut self, list: &[u8]) -> Result<()> {
        let mut rest = list;
        while let Some((&len, after)) = rest.split_first() {
            if len == 0 {
                return Err(Error::argument(
                    "protocols: a protocol's name may not be empty (RFC 7301, section 3.1)",
                ));
            }
            rest = after.get(usize::from(len)..).ok_or_else(|| {
                Error::argument(format!(
                    "protocols: the list ends inside a name: {len} bytes are announced, {} are \
                     there (RFC 7301: each name after its length in one byte)",
                    after.len()
                ))
            })?;
        }
        if list.len() > 0xffff {
            return Err(Error::argument("protocols: the list is longer than 65,535 bytes"));
        }
        self.alpn = Arc::from(list);
        Ok(())
    }
}

fn known_version(version: u16) -> Result<()> {
    if (TLS_1_0..=TLS_1_3).contains(&version) {
        return Ok(());
    }
    Err(Error::argument(format!(
        "version: 0x{version:04x} is not a TLS version that BoringSSL speaks (TLSW_TLS_1_0 to \
         TLSW_TLS_1_3)"
    )))
}
