//! The context that a connection is under, and its change.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Conn;
use super::shared::Shared;
use crate::bssl::stream::{Role, Stream};
use crate::bssl::x509::PeerName;
use crate::ctx::Sealed;
use crate::error::{Error, Result};

/// Whether a connection to a server of that name can be under a context.
pub(super) fn check(context: &Sealed, name: Option<&PeerName>) -> Result<()> {
    if context.check_hostname && name.is_none() {
        return Err(Error::argument(
            "server_hostname: the context checks host names, so a name is needed: the DNS name or \
             IP address that the server's certificate must carry",
        ));
    }
    Ok(())
}

impl Shared {
    /// Whether nothing was agreed on yet.
    fn is_open(&self, stream: &Stream) -> bool {
        match self.born.role {
            Role::Client => !stream.has_begun(),
            Role::Server => !self.hello.is_done.load(Ordering::Relaxed),
        }
    }
}

impl Conn {
    /// Has a connection that is about to agree on something under its context as that is now, in what
    /// is looked up late.
    pub(super) fn catch_up(&self, stream: &Stream) -> Result<()> {
        if !self.shared.is_open(stream) {
            return Ok(());
        }
        if let Some(news) = self.shared.agreed().caught_up()? {
            stream.set_context(&news.context, &news.terms)?;
            self.shared.put_under(news);
            stream.listen();
        }
        Ok(())
    }

    /// Puts the connection under another context of its role: before anything was agreed on, as if
    /// it had been made from it; after the handshake, for the hooks for steps and messages alone.
    pub fn set_context(&self, context: Arc<Sealed>) -> Result<()> {
        let change = |stream: &Stream| {
            if self.shared.is_open(stream) {
                check(&context, self.shared.name.as_ref())?;
                stream.set_context(&context.context, &context.terms)?;
                if context.origin != self.shared.agreed().origin {
                    // What is to be resumed is of the context before.
                    stream.forget_session();
                }
                self.shared.put_under(Arc::clone(&context));
            } else if stream.in_handshake() {
                return Err(Error::state(
                    "the context can be changed before the handshake, in the hook for server \
                     names, and after the handshake; not amid it",
                ));
            } else {
                self.shared.tell(Arc::clone(&context));
            }
            stream.listen();
            Ok(())
        };
        // The hook for server names may, inside its turn; others are in the middle of something.
        if self.lease.is_mine() && self.shared.hello.is_asked.load(Ordering::Relaxed) {
            self.lease.look(change)
        } else {
            self.lease.step(change)
        }
    }
}
