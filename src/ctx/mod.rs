//! A context is data: settings that change by copy. BoringSSL's context is derived from them, and
//! a connection keeps the derivation it was made from.

pub mod identity;
pub mod places;
mod seal;
pub mod settings;
mod system;
pub mod trust;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::OnceCell;

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

    /// What new connections are made from.
    pub fn sealed(&self) -> Result<Arc<Sealed>> {
        let snapshot = self.snapshot();
        snapshot
            .sealed
            .get_or_try_init(|| seal(&snapshot.settings, self.number).map(Arc::new))
            .cloned()
    }
}
