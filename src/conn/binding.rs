//! Channel bindings and exported keying material.

use std::sync::PoisonError;

use zeroize::Zeroizing;

use super::Conn;
use crate::bssl::binding::server_end_point;
use crate::bssl::stream::{Role, Stream};
use crate::error::{Error, Kind, Result};

/// The types of channel binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// RFC 5929: the first Finished message.
    Unique,
    /// RFC 5929: the server's certificate.
    ServerEndPoint,
    /// RFC 9266: exported keying material.
    Exporter,
}

/// Whose Finished message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The one that was sent.
    Own,
    /// The one that has come.
    Peer,
}

fn undefined(what: &'static str) -> Error {
    Error::new(Kind::Unsupported, what)
}

impl Conn {
    /// What ties an authentication inside the connection to it; `None` where it would not bind.
    pub fn channel_binding(&self, kind: Binding) -> Result<Option<Vec<u8>>> {
        self.lease.look(|stream| {
            finished(stream)?;
            match kind {
                Binding::Unique if stream.is_tls13() => Err(undefined(
                    "tls-unique is not defined for TLS 1.3 (RFC 8446, appendix C.5); use \
                     tls-exporter",
                )),
                Binding::Unique => Ok(stream.tls_unique()),
                Binding::Exporter if !stream.has_extended_master_secret() => Err(undefined(
                    "tls-exporter does not bind without the extended master secret (RFC 9266, \
                     section 4.2), which the peer did not offer",
                )),
                Binding::Exporter => {
                    let label = b"EXPORTER-Channel-Binding";
                    stream.export(label, Some(b""), 32).map(|bytes| Some(bytes.to_vec()))
                }
                Binding::ServerEndPoint => self.server_end_point(stream),
            }
        })
    }

    fn server_end_point(&self, stream: &Stream) -> Result<Option<Vec<u8>>> {
        let from = self.shared.agreed();
        let leaf = match (from.role, from.leaves.as_slice()) {
            (Role::Client, _) => stream.sent_chain().into_iter().next(),
            (Role::Server, [leaf]) => Some(leaf.clone()),
            (Role::Server, _) => {
                return Err(undefined(
                    "with several certificates loaded, BoringSSL does not tell a server which one \
                     it has shown",
                ));
            }
        };
        let Some(leaf) = leaf else {
            return Ok(None);
        };
        server_end_point(&leaf)?.map(Some).ok_or_else(|| {
            undefined(
                "tls-server-end-point is not defined for a certificate whose signature has no hash \
                 of its own (RFC 5929, section 4.1), such as Ed25519; use tls-exporter",
            )
        })
    }

    /// What the newest Finished message of a side said; `None` before there is one.
    pub fn finished(&self, whose: Finished) -> Option<Vec<u8>> {
        let finished = self.shared.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let [ours, theirs] = &*finished;
        let wanted = match whose {
            Finished::Own => ours,
            Finished::Peer => theirs,
        };
        (!wanted.is_empty()).then(|| wanted.clone())
    }

    /// Keying material for `label`.
    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        len: usize,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.lease.look(|stream| {
            finished(stream)?;
            stream.export(label, context, len)
        })
    }
}

fn finished(stream: &Stream) -> Result<()> {
    if stream.in_handshake() {
        return Err(Error::state("the handshake is not done yet: there are no keys to bind to"));
    }
    Ok(())
}
