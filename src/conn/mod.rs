//! A connection: its birth, its steps, its answers.

mod binding;
mod bulk;
mod context;
mod descriptor;
mod drive;
mod facts;
mod lease;
pub mod name;
mod observe;
mod report;
mod shared;

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use crate::bssl::stream::{Birth, Demand, Role, Stream};
use crate::bssl::x509::{PeerName, Purpose};
use crate::ctx::Sealed;
use crate::error::{Error, Result};
use crate::hooks::Id;
use crate::io::{Transport, Waiter};
pub use binding::{Binding, Finished};
use bulk::Unfinished;
pub use drive::Goodbye;
pub use facts::Chain;
use lease::Lease;
pub use lease::lend;
use shared::Shared;

/// No descriptor.
pub const NO_DESCRIPTOR: i32 = -1;

/// A connection. Any thread may use it; one reader and one writer at a time.
pub struct Conn {
    lease: Lease<Stream>,
    shared: Arc<Shared>,
    waiter: Waiter,
    /// Milliseconds a call may take; negative for ever, 0 never wait.
    timeout: AtomicI64,
    /// Whether a signal ends a wait.
    interruptible: AtomicBool,
    /// Whether the end of the transport is as good as the peer's goodbye.
    forgives_ends: AtomicBool,
    /// The descriptor it is over, or [`NO_DESCRIPTOR`].
    descriptor: AtomicI32,
    /// A call that was to write all of something, and could not.
    unfinished: Mutex<Option<Unfinished>>,
}

impl Conn {
    /// Makes a connection that has not begun its handshake.
    pub fn new(
        from: Arc<Sealed>,
        transport: Transport,
        server_hostname: Option<&str>,
    ) -> Result<Self> {
        let role = from.role;
        let name = match (role, server_hostname) {
            (Role::Server, Some(_)) => {
                return Err(Error::argument(
                    "server_hostname: only a client names the server it wants; pass NULL",
                ));
            }
            (_, name) => name.map(|name| name::parse(name, "server_hostname")).transpose()?,
        };
        context::check(&from, name.as_ref())?;
        let sni = match &name {
            // An address is not sent: RFC 6066, section 3.
            Some(PeerName::Dns(name)) => Some(name.clone()),
            _ => None,
        };
        // A descriptor that the caller made non-blocking is one he wants to wait for himself.
        let timeout = match &transport {
            #[cfg(unix)]
            Transport::Fd(fd) if !fd.is_nonblocking() => -1,
            _ => 0,
        };
        let descriptor = match &transport {
            #[cfg(unix)]
            Transport::Fd(fd) => fd.number(),
            _ => NO_DESCRIPTOR,
        };
        let shared = Arc::new(Shared::new(
            Arc::clone(&from),
            match role {
                Role::Client => Purpose::Server,
                Role::Server => Purpose::Client,
            },
            name,
        ));
        let stream = Stream::new(Birth {
            context: &from.context,
            role,
            sni: sni.as_deref(),
            terms: &from.terms,
            observer: Arc::<Shared>::clone(&shared),
            transport,
        })?;
        Ok(Self {
            waiter: stream.waiter(),
            lease: Lease::new(stream),
            shared,
            timeout: AtomicI64::new(timeout),
            interruptible: AtomicBool::new(false),
            forgives_ends: AtomicBool::new(false),
            descriptor: AtomicI32::new(descriptor),
            unfinished: Mutex::default(),
        })
    }

    /// Sets how long a call may take, in milliseconds.
    pub fn set_timeout(&self, milliseconds: i64) -> Result<()> {
        if matches!(self.waiter, Waiter::Caller) && milliseconds != 0 {
            return Err(Error::argument(
                "milliseconds: only a connection over a descriptor can wait; over memory or the \
                 caller's functions every call returns at once, and the timeout is always 0",
            ));
        }
        self.timeout.store(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    /// How long a call may take, in milliseconds.
    pub fn timeout(&self) -> i64 {
        self.timeout.load(Ordering::Relaxed)
    }

    /// Sets whether a signal ends a wait.
    pub fn set_interruptible(&self, on: bool) {
        self.interruptible.store(on, Ordering::Relaxed);
    }

    /// Whether a signal ends a wait.
    fn interruptible(&self) -> bool {
        self.interruptible.load(Ordering::Relaxed)
    }

    /// Sets whether the end of the transport is as good as the peer's goodbye.
    pub fn set_forgives_ends(&self, on: bool) {
        self.forgives_ends.store(on, Ordering::Relaxed);
    }

    /// Has hooks told `id` as the number of this connection.
    pub fn set_id(&self, id: Id) {
        self.shared.id.store(id, Ordering::Relaxed);
    }

    /// Which side it is.
    pub fn role(&self) -> Role {
        self.shared.born.role
    }

    /// The server's name: on a client as the certificate must carry it, on a server as the client
    /// sent it.
    pub fn server_hostname(&self) -> Option<Vec<u8>> {
        match &self.shared.name {
            Some(PeerName::Dns(name)) => Some(name.clone().into_bytes()),
            Some(PeerName::Ip(ip)) => Some(ip.to_string().into_bytes()),
            None => self.lease.look(|stream| Some(stream.sni()?.to_bytes().to_vec())),
        }
    }

    /// Whether the peer's certificate is asked for and judged.
    fn verifies(&self) -> bool {
        self.shared.agreed().terms.demand != Demand::None
    }
}
