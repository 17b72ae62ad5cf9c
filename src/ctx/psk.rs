//! Pre-shared keys in the settings of a context: by hooks in TLS 1.2 and older, imported in TLS 1.3.

use std::ffi::CString;
use std::sync::Arc;

use super::options;
use super::settings::Settings;
use super::versions::{TLS_1_2, TLS_1_3};
use crate::bssl::psk::{Hash, Imported, LONGEST_IDENTITY};
use crate::bssl::stream::{Demand, Role};
use crate::error::{Error, Kind, Result};
use crate::hooks::{PskClient, PskServer};

/// The fewest bytes of a key with as many bits as TLS 1.3 wants of one (RFC 9257, section 6).
const SHORTEST_KEY: usize = 16;
/// The most bytes of an identity for TLS 1.3 together with its context.
const LONGEST_IMPORTED: usize = 1024;
/// The most bytes in which a client offers its keys: BoringSSL's servers take hellos of 16 KiB.
const LONGEST_OFFER: usize = 12 * 1024;

impl Settings {
    /// Adds a key for TLS 1.3.
    pub fn add_psk(
        &mut self,
        identity: &[u8],
        key: &[u8],
        context: &[u8],
        hash: Hash,
    ) -> Result<()> {
        if identity.is_empty() {
            return Err(Error::argument("identity: it is empty (RFC 9258, section 5.1)"));
        }
        if identity.len().saturating_add(context.len()) > LONGEST_IMPORTED {
            return Err(Error::argument(format!(
                "identity: with its context it may have {LONGEST_IMPORTED} bytes"
            )));
        }
        if key.len() < SHORTEST_KEY {
            return Err(Error::argument(format!(
                "key: it has {} bytes, and needs {SHORTEST_KEY} that are random (RFC 9257, section \
                 6): who listens can try out shorter ones",
                key.len()
            )));
        }
        self.psks.push(Arc::new(Imported::new(identity, key, context, hash)?));
        let offer: usize = self.psks.iter().map(|psk| psk.offer).sum();
        if self.role != Some(Role::Server) && offer > LONGEST_OFFER {
            return Err(Error::argument(format!(
                "key: a client offers all its keys in its hello, and has no room for {} of this size",
                self.psks.len()
            )));
        }
        self.version_range().and_then(|range| self.check_psks(range))
    }

    /// Fails if there are keys that no connection could use.
    fn check_psks(&self, (_, max): (u16, u16)) -> Result<()> {
        let has_tls13 = max >= TLS_1_3 && options::allow(self.options, TLS_1_3);
        if !self.psks.is_empty() && !has_tls13 {
            return Err(Error::state(
                "the pre-shared keys that were added are for TLS 1.3, which the context does not \
                 allow",
            ));
        }
        Ok(())
    }

    /// Whether a client, which verifies nothing, takes those servers alone that have a key of its.
    pub fn takes_keys_alone(&self) -> bool {
        let judges = self.demand != Demand::None || self.hooks.verify.is_some();
        !self.psks.is_empty() && !judges && !self.has_psk_hook(Role::Client)
    }

    /// Sets what gives clients an identity and its key.
    pub fn set_psk_client_hook(&mut self, hook: Option<Arc<PskClient>>) -> Result<()> {
        if self.role == Some(Role::Server) {
            return Err(Error::argument(
                "hook: it is for clients, which choose the identity; the context is a server's",
            ));
        }
        self.hooks.psk_client = hook;
        self.versions_for(Role::Client).map(drop)
    }

    /// Sets what gives servers the key of an identity.
    pub fn set_psk_server_hook(&mut self, hook: Option<Arc<PskServer>>) -> Result<()> {
        if self.role == Some(Role::Client) {
            return Err(Error::argument(
                "hook: it is for servers, which are told an identity; the context is a client's",
            ));
        }
        self.hooks.psk_server = hook;
        self.versions_for(Role::Server).map(drop)
    }

    /// Sets the hint that servers give to which identity they want.
    pub fn set_psk_identity_hint(&mut self, hint: Option<&str>) -> Result<()> {
        if self.role == Some(Role::Client) {
            return Err(Error::argument("hint: servers give it; the context is a client's"));
        }
        if let Some(hint) = hint
            && hint.len() > LONGEST_IDENTITY
        {
            return Err(Error::argument(format!(
                "hint: it has {} bytes, and may have {LONGEST_IDENTITY}",
                hint.len()
            )));
        }
        // On the wire an empty one is the same as none.
        let hint = hint.filter(|hint| !hint.is_empty()).map(CString::new);
        self.psk_identity_hint =
            hint.transpose().map_err(|_| Error::argument("hint: a NUL byte"))?;
        Ok(())
    }

    /// Whether connections of a side have a hook for pre-shared keys.
    pub fn has_psk_hook(&self, role: Role) -> bool {
        match role {
            Role::Client => self.hooks.psk_client.is_some(),
            Role::Server => self.hooks.psk_server.is_some(),
        }
    }

    /// The lowest and the highest version for connections of a side.
    pub fn versions_for(&self, role: Role) -> Result<(u16, u16)> {
        let (min, max) = self.usable_versions()?;
        self.check_psks((min, max))?;
        if !self.has_psk_hook(role) {
            return Ok((min, max));
        }
        let older = min..=max.min(TLS_1_2);
        if !older.clone().any(|version| options::allow(self.options, version)) {
            return Err(Error::new(
                Kind::Unsupported,
                "the hook for pre-shared keys is for TLS 1.2 and older, and the context allows \
                 none of these: in TLS 1.3 nobody would ask it",
            ));
        }
        // A server without a certificate or a key has nothing to show in TLS 1.3.
        let is_bare = self.identities.is_empty() && self.psks.is_empty();
        let is_bare = role == Role::Server && is_bare;
        Ok((min, if is_bare { *older.end() } else { max }))
    }
}
