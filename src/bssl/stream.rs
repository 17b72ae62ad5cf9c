//! One TLS connection, worked on one step at a time. No step waits.

use std::cell::Cell;
use std::ffi::c_int;
use std::sync::Arc;

use boring::ssl::{Ssl, SslContextRef, SslSessionRef};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};

use super::observe::Observer;
use super::queue;
use super::terms::Terms;
use super::wire::{self, Wire};
use super::{failure, observe};
use crate::error::{Error, Kind, Progress, Result};
use crate::io::{Step, Transport, Waiter};

/// The most plaintext a record carries (RFC 8446, section 5.1).
const RECORD: usize = 16 * 1024;
/// How much plaintext leaves in one send.
const GATHER: usize = 4 * RECORD;

/// Which side of the handshake this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It speaks first.
    Client,
    /// It answers.
    Server,
}

/// Whether the peer must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A server does not ask for one; a client goes on whatever the verdict is.
    None,
    /// A server asks, and goes on without one. For a client the same as `Required`.
    Optional,
    /// No connection without one that verifies.
    Required,
    /// The peer is asked for one and judged, and the connection goes on whatever the verdict is.
    Unenforced,
}

/// One connection.
///
/// All methods take `&self`: the state is BoringSSL's, behind a pointer. The one who owns the
/// stream makes sure that one thread at a time calls the methods that say "step".
pub struct Stream {
    pub(super) ssl: Ssl,
    /// Owned; a raw pointer, because the BIO inside `ssl` reaches it too. Freed after `ssl`.
    wire: *mut Wire,
    /// Plaintext that BoringSSL has sealed for a `write` whose records have not all left.
    sealed: Cell<usize>,
    /// Whether our close_notify has left.
    goodbye_sent: Cell<bool>,
    waiter: Waiter,
    role: Role,
    /// Whether a step was taken: from then on BoringSSL aborts if it is given a session.
    begun: Cell<bool>,
    /// Whether the peer said goodbye instead of finishing the handshake.
    turned_away: Cell<bool>,
}

// SAFETY: SSL may move between threads; the Wire holds only things that are Send.
unsafe impl Send for Stream {}

/// What a new connection is made of.
pub struct Birth<'a> {
    /// The context it comes from.
    pub context: &'a SslContextRef,
    /// Which side it is.
    pub role: Role,
    /// The name for the server_name extension.
    pub sni: Option<&'a str>,
    /// What it takes over from the context.
    pub terms: &'a Terms,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// What carries the bytes.
    pub transport: Transport,
}

impl Stream {
    /// A connection that has not begun its handshake.
    pub fn new(birth: Birth<'_>) -> Result<Self> {
        queue::clear();
        let failed = |_| queue::error(Kind::Memory, "the connection cannot be made");
        let mut ssl = Ssl::new(birth.context).map_err(failed)?;
        if let Some(name) = birth.sni {
            ssl.set_hostname(name).map_err(failed)?;
        }
        observe::attach(&mut ssl, birth.observer)?;
        birth.terms.give(&ssl, birth.role)?;
        let waiter = birth.transport.waiter();
        let wire = Box::into_raw(Box::new(Wire::new(birth.transport)));
        // From here on the stream owns the wire, and frees it on every way out.
        let stream = Self {
            ssl,
            wire,
            sealed: Cell::new(0),
            goodbye_sent: Cell::new(false),
            role: birth.role,
            begun: Cell::new(false),
            turned_away: Cell::new(false),
            waiter,
        };
        let ssl = stream.ssl.as_ptr();
        // SAFETY: the wire outlives the BIO (see `drop`) and is not referenced during steps. The
        // connection takes the BIO's one count for both directions.
        unsafe {
            let Some(bio) = wire::bio(wire) else {
                return Err(queue::error(Kind::Memory, "the connection cannot be made"));
            };
            ffi::SSL_set_bio(ssl, bio, bio);
            match birth.role {
                Role::Client => ffi::SSL_set_connect_state(ssl),
                Role::Server => ffi::SSL_set_accept_state(ssl),
            }
        }
        queue::clear();
        Ok(stream)
    }

    /// How to wait for this connection's transport.
    pub fn waiter(&self) -> Waiter {
        self.waiter
    }

    /// A step of the handshake.
    pub fn handshake(&self) -> Result<Progress> {
        self.settle(|ssl| {
            // SAFETY: a live connection, one step at a time.
            unsafe { ffi::SSL_do_handshake(ssl) }
        })
        .map(|now| now.map(|_| ()))
    }

    /// A step of the handshake, if it is not done; `None` when it is.
    fn shake_hands_first(&self) -> Result<Option<Progress<usize>>> {
        if !self.in_handshake() {
            return Ok(None);
        }
        Ok(match self.handshake()? {
            Progress::Done(()) => None,
            not_yet => Some(not_yet.map(|()| 0)),
        })
    }

    /// A step of reading; shakes hands first if need be. `room` must not be empty.
    pub fn read(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if let Some(not_yet) = self.shake_hands_first()? {
            return Ok(not_yet);
        }
        let len = c_int::try_from(room.len()).unwrap_or(c_int::MAX);
        self.settle(|ssl| {
            // SAFETY: as above; `room` has at least `len` bytes.
            unsafe { ffi::SSL_read(ssl, room.as_mut_ptr().cast(), len) }
        })
    }

    /// A step of reading that leaves the bytes where they are.
    pub fn peek(&self, room: &mut [u8]) -> Result<Progress<usize>> {
        if let Some(not_yet) = self.shake_hands_first()? {
            return Ok(not_yet);
        }
        let len = c_int::try_from(room.len()).unwrap_or(c_int::MAX);
        self.settle(|ssl| {
            // SAFETY: as above.
            unsafe { ffi::SSL_peek(ssl, room.as_mut_ptr().cast(), len) }
        })
    }

    /// A step of writing; shakes hands first if need be. `data` must not be empty. May take less
    /// than all of it. After `WantWrite` or `WantRead` the next call must begin with the same data.
    ///
    /// Records are sealed into the wire's buffer and sent from there, so BoringSSL itself never
    /// holds one back: while it does, it can neither say goodbye nor be told of more data.
    pub fn write(&self, data: &[u8]) -> Result<Progress<usize>> {
        if let Some(not_yet) = self.shake_hands_first()? {
            return Ok(not_yet);
        }
        if self.sealed.get() == 0 {
            match self.seal(data)? {
                Progress::Done(taken) => self.sealed.set(taken),
                not_yet => return Ok(not_yet),
            }
        }
        // A transport that has failed says so first, whatever it is given now.
        let flushed = self.flush()?;
        let sealed = self.sealed.get();
        if sealed > data.len() {
            return Err(Error::argument(format!(
                "a write that answered TLSW_WANT_WRITE must be repeated with the same data: \
                 {sealed} bytes of it are already encrypted, and only {} were given",
                data.len()
            )));
        }
        Ok(flushed.unwrap_or_else(|| Progress::Done(self.sealed.replace(0))))
    }

    /// Seals up to [`GATHER`] bytes where that saves sends, else one record.
    fn seal(&self, data: &[u8]) -> Result<Progress<usize>> {
        let gathers = self.wire_ref(|wire| {
            wire.corked = wire.gathers();
            wire.corked
        });
        let most = if gathers { GATHER } else { RECORD };
        let mut taken = 0;
        let mut stopped = None;
        while taken < most
            && let Some(rest) = data.get(taken..).filter(|rest| !rest.is_empty())
        {
            let record = rest.get(..RECORD).unwrap_or(rest);
            match self.write_record(record) {
                Ok(Progress::Done(n)) => taken += n,
                other => {
                    stopped = Some(other);
                    break;
                }
            }
        }
        self.wire_ref(|wire| wire.corked = false);
        match stopped {
            // What stopped it half-way will be told to the next call, by BoringSSL itself.
            Some(why) if taken == 0 => why,
            _ => Ok(Progress::Done(taken)),
        }
    }

    fn write_record(&self, data: &[u8]) -> Result<Progress<usize>> {
        let len = c_int::try_from(data.len()).unwrap_or(c_int::MAX);
        self.settle(|ssl| {
            // SAFETY: as above; `data` has at least `len` bytes.
            unsafe { ffi::SSL_write(ssl, data.as_ptr().cast(), len) }
        })
    }

    /// Sends gathered records; `None` when all have left.
    fn flush<T>(&self) -> Result<Option<Progress<T>>> {
        match self.wire_ref(Wire::flush) {
            Step::Moved(_) => Ok(None),
            Step::WantRead => Ok(Some(Progress::WantRead)),
            Step::WantWrite => Ok(Some(Progress::WantWrite)),
            Step::End => Err(failure::ended()),
            Step::Failed(error) => Err(error),
        }
    }

    /// A step of sending our close_notify. Nothing is left to do once it was `Done`.
    pub fn send_goodbye(&self) -> Result<Progress> {
        if self.goodbye_sent.get() {
            return Ok(Progress::Done(()));
        }
        // SSL_shutdown seals the alert, or goes on sending the one it has sealed.
        let now = self.shut_down()?;
        if matches!(now, Progress::Done(_)) {
            self.goodbye_sent.set(true);
        }
        Ok(now.map(|_| ()))
    }

    /// A step of waiting for the peer's close_notify, after ours was sent.
    pub fn await_goodbye(&self) -> Result<Progress> {
        loop {
            match self.shut_down()? {
                Progress::Done(true) | Progress::Closed => return Ok(Progress::Done(())),
                Progress::Done(false) => {}
                other => return Ok(other.map(|_| ())),
            }
        }
    }

    /// `Done(true)` when both have said goodbye.
    fn shut_down(&self) -> Result<Progress<bool>> {
        let mut both = false;
        let now = self.settle(|ssl| {
            // SAFETY: as above.
            let ret = unsafe { ffi::SSL_shutdown(ssl) };
            both = ret == 1;
            // 0 says that ours was sent and the peer's has not come, which is success to us.
            if ret == 0 { 1 } else { ret }
        })?;
        Ok(now.map(|_| both))
    }

    /// Runs one operation and says what came of it.
    fn settle(&self, operation: impl FnOnce(*mut ffi::SSL) -> c_int) -> Result<Progress<usize>> {
        // BoringSSL looks at the thread's queue first when it is asked what happened.
        queue::clear();
        self.wire_ref(Wire::begin_step);
        self.begun.set(true);
        if self.turned_away.get() {
            return Err(failure::turned_away());
        }
        let ssl = self.ssl.as_ptr();
        let ret = operation(ssl);
        if let Ok(n) = usize::try_from(ret)
            && n > 0
        {
            return Ok(Progress::Done(n));
        }
        // SAFETY: a live connection, right after the operation that returned `ret`.
        let code = unsafe { ffi::SSL_get_error(ssl, ret) };
        let (unread, unsent, has_received) =
            self.wire_ref(|wire| (wire.unread.take(), wire.unsent.take(), wire.has_received));
        let unread = unread.map(|error| match error.kind() {
            Kind::Eof if self.in_handshake() => failure::ended_early(self.role, has_received),
            _ => error,
        });
        match code {
            ffi::SSL_ERROR_WANT_READ => Ok(Progress::WantRead),
            ffi::SSL_ERROR_WANT_WRITE => Ok(Progress::WantWrite),
            ffi::SSL_ERROR_PENDING_CERTIFICATE | ffi::SSL_ERROR_WANT_CERTIFICATE_VERIFY => {
                Ok(Progress::WantHook)
            }
            ffi::SSL_ERROR_ZERO_RETURN if self.in_handshake() => {
                self.turned_away.set(true);
                Err(failure::turned_away())
            }
            ffi::SSL_ERROR_ZERO_RETURN => Ok(Progress::Closed),
            ffi::SSL_ERROR_SYSCALL => {
                queue::clear();
                Err(unread.or(unsent).unwrap_or_else(|| {
                    Error::new(Kind::Io, "the transport failed without saying why")
                }))
            }
            ffi::SSL_ERROR_SSL => {
                // OpenSSL's clients have no keys yet in TLS 1.3 when they refuse a certificate. To
                // BoringSSL their alert is a record that cannot be decrypted.
                if self.in_handshake()
                    && let Some(alert) = self.wire_ref(|wire| wire.alert_in_clear())
                {
                    queue::add_alert(alert);
                }
                let entry = queue::take();
                // An end amid a renegotiation is a failure of the protocol to BoringSSL; to people
                // it is the same end. What could not be sent is an alert about this failure: the
                // failure is the reason, whatever became of the alert.
                Err(unread.unwrap_or_else(|| failure::protocol(entry)))
            }
            // The other answers belong to callbacks that this library does not set.
            _ => {
                queue::clear();
                Err(Error::new(
                    Kind::Tls,
                    format!("BoringSSL stopped with the unexpected answer {code}"),
                ))
            }
        }
    }

    /// The wire, for a moment in which BoringSSL does not work on it.
    fn wire_ref<T>(&self, look: impl FnOnce(&mut Wire) -> T) -> T {
        // SAFETY: the wire lives as long as self; steps are one at a time, and no step is inside
        // BoringSSL here.
        look(unsafe { &mut *self.wire })
    }

    /// Does something to the transport, between steps.
    pub fn with_transport<T>(&self, work: impl FnOnce(&mut Transport) -> T) -> T {
        self.wire_ref(|wire| work(&mut wire.transport))
    }

    /// Whether steps pause when they have received much, and answer that they want to read.
    pub fn set_pauses(&self, on: bool) {
        self.wire_ref(|wire| {
            wire.pauses = on;
            wire.begin_step();
        });
    }

    /// Whether the last step has paused, rather than met the end of what had come.
    pub fn has_paused(&self) -> bool {
        self.wire_ref(|wire| wire.has_paused)
    }

    /// Returns how many bytes of whole records were received ahead and can still be read. Not for
    /// the middle of a step.
    pub fn received_ahead(&self) -> usize {
        // SAFETY: a live connection.
        let shutdown = unsafe { ffi::SSL_get_shutdown(self.ssl.as_ptr()) };
        // BoringSSL reads nothing after close_notify or a fatal error.
        if shutdown & ffi::SSL_RECEIVED_SHUTDOWN != 0 {
            return 0;
        }
        self.wire_ref(|wire| wire.whole_records())
    }

    /// Turns reading ahead on or off. What was read ahead stays readable.
    pub fn set_read_ahead(&self, on: bool) {
        self.wire_ref(|wire| wire.read_ahead = on);
    }

    /// Lets a client's handshake, which must not have begun, resume `session`.
    pub fn set_session(&self, session: &SslSessionRef) -> Result<()> {
        if self.role == Role::Server {
            return Err(Error::argument(
                "session: only a client asks to resume one; a server resumes what clients ask for",
            ));
        }
        if self.begun.get() {
            return Err(Error::state("session: it must be set before the handshake begins"));
        }
        // SAFETY: the state that SSL_set_session aborts in was ruled out above; it takes a count of
        // its own.
        unsafe { ffi::SSL_set_session(self.ssl.as_ptr(), session.as_ptr()) };
        Ok(())
    }

    /// Lets a handshake that has not begun resume nothing.
    pub fn forget_session(&self) {
        if self.role == Role::Client && !self.begun.get() {
            // SAFETY: as in `set_session`.
            unsafe { ffi::SSL_set_session(self.ssl.as_ptr(), std::ptr::null()) };
        }
    }

    /// Goes on under another context, as if it had been made from it. Before anything was agreed on:
    /// before the handshake, and while [`Observer::hello`] is asked.
    pub fn set_context(&self, context: &SslContextRef, terms: &Terms) -> Result<()> {
        // SAFETY: both are alive; the connection takes a count of its own.
        let set = unsafe { ffi::SSL_set_SSL_CTX(self.ssl.as_ptr(), context.as_ptr()) };
        if set.is_null() {
            return Err(queue::error(Kind::Memory, "the context cannot be changed"));
        }
        terms.give_anew(&self.ssl, self.role)
    }

    /// Has the steps and the messages told that the observer now wants.
    pub fn listen(&self) {
        observe::listen(&self.ssl);
    }

    /// Whether a step was taken.
    pub fn has_begun(&self) -> bool {
        self.begun.get()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The BIO goes with `ssl`, which is dropped after this body; it does not touch the wire
        // when it is freed, but let nothing depend on that.
        // SAFETY: replaces both BIOs, freeing ours; then the wire, which nothing reaches any more.
        unsafe {
            ffi::SSL_set_bio(self.ssl.as_ptr(), std::ptr::null_mut(), std::ptr::null_mut());
            drop(Box::from_raw(self.wire));
        }
    }
}
