//! Hooks: what the caller wants called while a connection is driven, on the thread that drives it,
//! inside the call. They belong to a context. A connection takes those for messages, verification
//! and pre-shared keys when it is made, and looks up the others when its handshake begins.

use std::ffi::CStr;
use std::sync::Arc;

use crate::bssl::observe::{Answer, Message};
use crate::error::Result;
use crate::session::Session;

/// The number by which whoever made a connection knows it.
pub type Id = usize;

/// Called on servers with the name in a ClientHello, before anything is chosen.
pub type Sni = dyn Fn(Id, Option<&CStr>) -> Answer + Send + Sync;
/// Called after the built-in verification with what it found, 0 for nothing, and the alert for it.
pub type Verify = dyn Fn(Id, i32, u8) -> Answer + Send + Sync;
/// Called with every message of the protocol.
pub type Messages = dyn Fn(Id, &Message<'_>) + Send + Sync;
/// Called at every step of a connection, with a value.
pub type Info = dyn Fn(Id, i32, i32) + Send + Sync;
/// Called with every line for a key log.
pub type KeyLog = dyn Fn(Id, &CStr) + Send + Sync;
/// Called on clients with every session that the server gives.
pub type Sessions = dyn Fn(Id, Session) + Send + Sync;
/// Called on clients for a pre-shared key, with the server's hint: writes an identity that ends in
/// NUL, and the key, whose length it gives; 0 if there is none.
pub type PskClient = dyn Fn(Id, Option<&CStr>, &mut [u8], &mut [u8]) -> Result<usize> + Send + Sync;
/// Called on servers for the pre-shared key of an identity: the same.
pub type PskServer = dyn Fn(Id, &CStr, &mut [u8]) -> Result<usize> + Send + Sync;

/// The hooks of a context.
#[derive(Clone, Default)]
#[allow(missing_docs, reason = "each type says when it is called")]
pub struct Hooks {
    pub sni: Option<Arc<Sni>>,
    pub verify: Option<Arc<Verify>>,
    pub messages: Option<Arc<Messages>>,
    pub info: Option<Arc<Info>>,
    pub key_log: Option<Arc<KeyLog>>,
    pub sessions: Option<Arc<Sessions>>,
    pub psk_client: Option<Arc<PskClient>>,
    pub psk_server: Option<Arc<PskServer>>,
}
