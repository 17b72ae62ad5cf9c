//! What has become of a context's connections, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::bssl::stream::Role;
use crate::json;

/// A number that only grows.
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> i64 {
        i64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }
}

/// The handshakes of one side.
#[derive(Default)]
pub struct Handshakes {
    /// Those begun first on a connection.
    pub begun: Count,
    /// Those done.
    pub done: Count,
    /// Those begun again on a connection.
    pub again: Count,
}

/// The numbers of a context, with OpenSSL's meaning.
#[derive(Default)]
pub struct Stats {
    client: Handshakes,
    server: Handshakes,
    /// Sessions that were resumed, on either side.
    pub hits: Count,
    /// Sessions that a server was asked for by identifier, and did not have.
    pub misses: Count,
    /// Sessions that a server was asked for by identifier when their time was over.
    pub timeouts: Count,
    /// Sessions that a server forgot for want of room.
    pub cache_full: Count,
}

impl Stats {
    /// The handshakes of a side.
    pub fn of(&self, role: Role) -> &Handshakes {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    /// In the shape of CPython's `SSLContext.session_stats()`, with the `number` of sessions that are
    /// kept.
    pub fn json(&self, number: usize) -> String {
        json::object(|o| {
            o.integer("number", i64::try_from(number).unwrap_or(i64::MAX));
            let mut count = |key, count: &Count| o.integer(key, count.get());
            count("connect", &self.client.begun);
            count("connect_good", &self.client.done);
            count("connect_renegotiate", &self.client.again);
            count("accept", &self.server.begun);
            count("accept_good", &self.server.done);
            count("accept_renegotiate", &self.server.again);
            count("hits", &self.hits);
            count("misses", &self.misses);
            count("timeouts", &self.timeouts);
            count("cache_full", &self.cache_full);
        })
    }
}
