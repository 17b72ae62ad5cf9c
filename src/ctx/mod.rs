//! A context is data: settings that change by copy. BoringSSL's context is derived from them, and
//! a connection keeps the derivation it was made from, up to what is looked up late.

mod cache;
mod ciphers;
mod directory;
mod groups;
pub mod identity;
pub mod key_log;
mod late;
pub mod load;
pub mod options;
pub mod places;
pub mod protocol;
mod psk;
mod recognize;
mod seal;
pub mod settings;
pub mod stats;
mod system;
pub mod trust;
pub mod versions;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::OnceCell;

use crate::bssl::stream::Role;
use crate::error::{Error, Result};
pub use seal::Sealed;
use seal::seal;
use settings::Settings;
use stats::Stats;
use trust::{Contents, Trust};

/// Settings at one moment, and what BoringSSL made of them.
struct Snapshot {
    settings: Settings,
    trust: OnceCell<Arc<Trust>>,
    client: OnceCell<Arc<Sealed>>,
    server: OnceCell<Arc<Sealed>>,
}

impl Snapshot {
    fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            trust: OnceCell::new(),
            client: OnceCell::new(),
            server: OnceCell::new(),
        })
    }

    /// Who is trusted, the system's roots among them where they are.
    fn trust(&self) -> Arc<Trust> {
        if let Some(known) = self.trust.get() {
            return Arc::clone(known);
        }
        let settings = &self.settings;
        let trust = match (settings.system_roots, settings.trust.is_empty()) {
            (false, _) => Arc::clone(&settings.trust),
            (true, true) => system::roots(),
            (true, false) => Arc::new(system::roots().and(&settings.trust)),
        };
        if trust.lacks() {
            return trust;
        }
        Arc::clone(self.trust.get_or_init(|| trust))
    }
}

/// What a context and its derivations have in common.
struct Source {
    /// Tells its sessions from those of other contexts.
    number: u64,
    stats: Arc<Stats>,
    now: Mutex<Arc<Snapshot>>,
}

impl Source {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A context: any thread may use and change it at any time.
pub struct Ctx(Arc<Source>);

impl Ctx {
    /// A context with the settings `settings`.
    pub fn new(settings: Settings) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Source {
            number: COUNT.fetch_add(1, Ordering::Relaxed),
            stats: Arc::default(),
            now: Mutex::new(Snapshot::new(settings)),
        }))
    }

    /// Changes the settings. A change that fails changes nothing; connections that exist keep what
    /// they were made from, up to what is looked up late.
    pub fn change(&self, change: impl FnOnce(&mut Settings) -> Result<()>) -> Result<()> {
        let mut now = self.0.now.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = now.settings.clone();
        change(&mut settings)?;
        let before = std::mem::replace(&mut *now, Snapshot::new(settings));
        // Its end may be that of hooks, whose ends are calls to the caller, who may use the context.
        drop(now);
        drop(before);
        Ok(())
    }

    /// Asks the settings as they are now.
    pub fn ask<T>(&self, question: impl FnOnce(&Settings) -> T) -> T {
        question(&self.0.snapshot().settings)
    }

    /// What is enabled, as CPython's `SSLContext.get_ciphers()`.
    pub fn ciphers_json(&self) -> Result<String> {
        self.ask(|settings| Ok(ciphers::describe(&settings.suites()?)))
    }

    /// The groups that can be used within the version bounds, as a JSON array of names.
    pub fn groups_json(&self, aliases: bool) -> Result<String> {
        self.ask(|settings| {
            let (_, max) = settings.version_range()?;
            Ok(groups::describe(&settings.usable_groups()?, max, aliases))
        })
    }

    /// What has become of the connections, as CPython's `SSLContext.session_stats()`.
    pub fn session_stats_json(&self) -> String {
        let server = self.0.snapshot().server.get().cloned();
        self.0.stats.json(server.map_or(0, |sealed| sealed.cache.len()))
    }

    /// What is in the trust store, the system's roots among it where they are trusted.
    pub fn store_contents(&self) -> Result<Contents> {
        self.0.snapshot().trust().contents()
    }

    /// What new connections of a side are made from.
    pub fn sealed(&self, role: Role) -> Result<Arc<Sealed>> {
        let snapshot = self.0.snapshot();
        let settings = &snapshot.settings;
        let sealed = match (role, settings.role) {
            (Role::Client, None | Some(Role::Client)) => &snapshot.client,
            (Role::Server, None | Some(Role::Server)) => &snapshot.server,
            (_, Some(Role::Client)) => {
                return Err(Error::argument("role: the context is a client's (TLSW_CLIENT)"));
            }
            (_, Some(Role::Server)) => {
                return Err(Error::argument("role: the context is a server's (TLSW_SERVER)"));
            }
        };
        if let Some(known) = sealed.get() {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(seal(settings, role, &snapshot, &self.0)?);
        // What could not be read may be there the next time.
        if made.trust.lacks() {
            return Ok(made);
        }
        Ok(Arc::clone(sealed.get_or_init(|| made)))
    }
}
