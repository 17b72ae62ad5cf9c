//! A context is data: settings that change by copy. BoringSSL's context is derived from them, and
//! a connection keeps the derivation it was made from.

mod ciphers;
pub mod file;
mod groups;
pub mod identity;
pub mod load;
pub mod options;
pub mod places;
mod seal;
pub mod settings;
mod system;
pub mod trust;
pub mod versions;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::OnceCell;

use crate::bssl::x509::Contents;
use crate::error::Result;
pub use seal::Sealed;
use seal::seal;
use settings::Settings;

/// Settings at one moment, and what BoringSSL made of them.
struct Snapshot {
    settings: Settings,
    sealed: OnceCell<Arc<Sealed>>,
}

/// A context: any thread may use and change it at any time.
pub struct Ctx {
    /// Tells its sessions from those of other contexts.
    number: u64,
    now: Mutex<Arc<Snapshot>>,
}

impl Ctx {
    /// A context with the settings `settings`.
    pub fn new(settings: Settings) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: COUNT.fetch_add(1, Ordering::Relaxed),
            now: Mutex::new(Arc::new(Snapshot { settings, sealed: OnceCell::new() })),
        }
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings. A change that fails changes nothing; connections that exist keep what
    /// they were made from.
    pub fn change(&self, change: impl FnOnce(&mut Settings) -> Result<()>) -> Result<()> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = now.settings.clone();
        change(&mut settings)?;
        *now = Arc::new(Snapshot { settings, sealed: OnceCell::new() });
        Ok(())
    }

    /// Asks the settings as they are now.
    pub fn ask<T>(&self, question: impl FnOnce(&Settings) -> T) -> T {
        question(&self.snapshot().settings)
    }

    /// What is enabled, as CPython's `SSLContext.get_ciphers()`.
    pub fn ciphers_json(&self) -> Result<String> {
        self.ask(|settings| Ok(ciphers::describe(&settings.suites()?)))
    }

    /// The groups that can be used within the version bounds, as a JSON array of names.
    pub fn groups_json(&self, aliases: bool) -> Result<String> {
        self.ask(|settings| {
            let (_, max) = settings.versions.range()?;
            Ok(groups::describe(&settings.usable_groups()?, max, aliases))
        })
    }

    /// What is in the trust store, the system's roots among it where they are trusted.
    pub fn store_contents(&self) -> Result<Contents> {
        self.sealed()?.trust.contents()
    }

    /// What new connections are made from.
    pub fn sealed(&self) -> Result<Arc<Sealed>> {
        let snapshot = self.snapshot();
        snapshot
            .sealed
            .get_or_try_init(|| seal(&snapshot.settings, self.number).map(Arc::new))
            .cloned()
    }
}
