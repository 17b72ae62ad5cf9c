//! Pre-shared keys of TLS 1.2 and older, in the settings of a context.

use std::ffi::CString;
use std::sync::Arc;

use super::options;
use super::settings::Settings;
use super::versions::TLS_1_2;
use crate::bssl::psk::LONGEST_IDENTITY;
use crate::bssl::stream::Role;
use crate::error::{Error, Kind, Result};
use crate::hooks::{PskClient, PskServer};

impl Settings {
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
        let (min, max) = self.version_range()?;
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
        // A server without a certificate has nothing to show in TLS 1.3.
        let is_bare = role == Role::Server && self.identities.is_empty();
        Ok((min, if is_bare { *older.end() } else { max }))
    }
}
