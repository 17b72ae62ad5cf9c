//! What is not settled when a connection is made, but when its handshake begins. OpenSSL's connections
//! look these things up in their context when they need them; all else is theirs from birth.

use std::sync::{Arc, Weak};

use super::Sealed;
use super::seal::seal;
use super::settings::Settings;
use crate::bssl::stream::Role;
use crate::error::Result;
use crate::hooks::{Hooks, Sni};

impl Settings {
    /// These, with what is looked up late as `now` has it. Nothing that was asked of the peer is among
    /// it, so a change can add and remove who is trusted, and not whether anybody is judged.
    fn with_late(&self, now: &Self, role: Role) -> Self {
        // What a client offers is settled; what a server chooses is not.
        let alpn = if role == Role::Server { &now.alpn } else { &self.alpn };
        Self {
            ciphers: Arc::clone(&now.ciphers),
            alpn: Arc::clone(alpn),
            system_roots: now.system_roots,
            trust: Arc::clone(&now.trust),
            key_log: now.key_log.clone(),
            hooks: Hooks {
                sni: now.hooks.sni.clone(),
                info: now.hooks.info.clone(),
                key_log: now.hooks.key_log.clone(),
                sessions: now.hooks.sessions.clone(),
                ..self.hooks.clone()
            },
            ..self.clone()
        }
    }
}

impl Sealed {
    /// The hook for server names that its context has now.
    pub fn sni_hook_now(&self) -> Option<Arc<Sni>> {
        match self.source.upgrade() {
            Some(source) => source.snapshot().settings.hooks.sni.clone(),
            None => self.settings.hooks.sni.clone(),
        }
    }

    /// This, with what is looked up late as its context has it now; `None` if that is this.
    pub fn caught_up(&self) -> Result<Option<Arc<Self>>> {
        // A context that nobody has any more can have no news.
        let Some(source) = self.source.upgrade() else {
            return Ok(None);
        };
        let snapshot = source.snapshot();
        if Weak::ptr_eq(&self.seen, &Arc::downgrade(&snapshot)) {
            return Ok(None);
        }
        let settings = self.settings.with_late(&snapshot.settings, self.role);
        seal(&settings, self.role, &snapshot, &source).map(|news| Some(Arc::new(news)))
    }
}
