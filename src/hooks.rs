//! Hooks: what the caller wants called while a connection is driven, on the thread that drives it,
//! inside the call. They belong to a context, and connections keep those that it had when they
//! were made, as they keep the rest of it.

use std::ffi::CStr;
use std::sync::Arc;

use crate::bssl::observe::Answer;

/// The number by which whoever made a connection knows it.
pub type Id = usize;

/// Called on servers with the name in a ClientHello, before anything is chosen.
pub type Sni = dyn Fn(Id, Option<&CStr>) -> Answer + Send + Sync;

/// The hooks of a context.
#[derive(Clone, Default)]
pub struct Hooks {
    /// On servers: a name was asked for, or none.
    pub sni: Option<Arc<Sni>>,
}
