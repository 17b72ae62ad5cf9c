//! The sessions that a server keeps for clients that come back with an identifier and no ticket (TLS
//! 1.2 and older). BoringSSL has such a cache, and does not say what becomes of what is in it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use boring::ssl::SslSession;

use super::stats::Stats;
use crate::bssl::session;

/// As many as in OpenSSL.
pub const MOST: u32 = 20 * 1024;

/// The kept sessions, the oldest first.
#[derive(Default)]
struct Kept {
    sessions: HashMap<Vec<u8>, SslSession>,
    /// Their identifiers in the order of their coming; of forgotten ones too.
    order: VecDeque<Vec<u8>>,
}

/// A cache.
pub struct Cache {
    kept: Mutex<Kept>,
    most: usize,
    stats: Arc<Stats>,
}

impl Cache {
    /// An empty one, for `most` sessions; 0 for any number.
    pub fn new(most: u32, stats: Arc<Stats>) -> Self {
        let most = match most {
            0 => usize::MAX,
            most => usize::try_from(most).unwrap_or(usize::MAX),
        };
        Self { kept: Mutex::default(), most, stats }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).sessions.len()
    }

    /// Keeps one; where there is no room, the oldest goes.
    pub fn put(&self, session: SslSession) {
        let id = session.id().to_vec();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.sessions.insert(id.clone(), session).is_none() {
            kept.order.push_back(id);
        }
        while kept.sessions.len() > self.most
            && let Some(oldest) = kept.order.pop_front()
        {
            if kept.sessions.remove(&oldest).is_some() {
                self.stats.cache_full.add();
            }
        }
        // Identifiers of sessions whose time was over must not pile up.
        if kept.order.len() > 2 * kept.sessions.len() + 64 {
            let Kept { sessions, order } = &mut *kept;
            order.retain(|id| sessions.contains_key(id));
        }
    }

    /// The one with an identifier, if it can still be resumed.
    pub fn find(&self, id: &[u8]) -> Option<SslSession> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = kept.sessions.get(id) else {
            self.stats.misses.add();
            return None;
        };
        if is_over(session) {
            kept.sessions.remove(id);
            self.stats.timeouts.add();
            return None;
        }
        Some(session.clone())
    }
}

/// Whether a session's time is over.
fn is_over(session: &SslSession) -> bool {
    let facts = session::facts(session);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX) >= facts.time.saturating_add(facts.timeout.into())
}
