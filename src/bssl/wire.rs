//! A BIO over a [`Transport`], with the two buffers that make bulk over a descriptor fast:
//! records gathered into one send, and reading ahead.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use boring_sys as ffi;
use once_cell::sync::OnceCell;

use super::failure;
use crate::error::{Error, Kind};
use crate::io::{Step, Transport};

/// How much one receive takes when reading ahead: four records.
const AHEAD: usize = 64 * 1024;

/// How much one step may receive before it pauses, each receive being counted as [`RECEIVE`] bytes
/// more: the work of a few milliseconds.
const STEP: usize = 128 * 1024;
const RECEIVE: usize = 256;

/// The header of a record, and the most that may follow it (RFC 5246, section 6.2.3).
const HEADER: usize = 5;
const LONGEST: usize = 16 * 1024 + 2048;

/// A record of an alert that is not encrypted: its header, the level and the description.
const ALERT: usize = 7;

/// What the BIO works on, and what it has to tell when BoringSSL only says "the transport failed".
pub(super) struct Wire {
    pub transport: Transport,
    /// Why receiving failed.
    pub unread: Option<Error>,
    /// Why sending failed. Apart, because what fails to leave may be the alert about a failure that
    /// came before it.
    pub unsent: Option<Error>,
    /// Sealed records on their way out.
    out: Vec<u8>,
    /// How much of `out` has left.
    sent: usize,
    /// Whether records are being gathered in `out`.
    pub corked: bool,
    /// Received and not yet asked for.
    ahead: Box<[u8]>,
    ahead_from: usize,
    ahead_to: usize,
    /// Whether to receive more than was asked for.
    pub read_ahead: bool,
    /// Whether steps pause.
    pub pauses: bool,
    /// How much the step may still receive before it does.
    left: usize,
    /// Whether the step has paused: there may be more to receive.
    pub has_paused: bool,
    /// Whether anything was received.
    pub has_received: bool,
    /// The last bytes that BoringSSL took, but for bulk.
    taken: [u8; ALERT],
}

impl Wire {
    pub fn new(transport: Transport) -> Self {
        Self {
            transport,
            unread: None,
            unsent: None,
            out: Vec::new(),
            sent: 0,
            corked: false,
            ahead: Box::default(),
            ahead_from: 0,
            ahead_to: 0,
            read_ahead: false,
            pauses: false,
            left: STEP,
            has_paused: false,
            has_received: false,
            taken: [0; ALERT],
        }
    }

    /// Begins a step. BoringSSL goes on for as long as something comes that is not for the caller:
    /// one that `pauses` lets others have a turn, and the clock be looked at.
    pub fn begin_step(&mut self) {
        self.left = STEP;
        self.has_paused = false;
    }

    /// How many bytes of records are here as a whole, and BoringSSL has not taken. Counts what
    /// follows a header that is none, too: the failure is here as a whole.
    pub fn whole_records(&self) -> usize {
        let mut rest = self.ahead.get(self.ahead_from..self.ahead_to).unwrap_or_default();
        let mut whole = 0;
        while let Some(([_, _, _, high, low], after)) = rest.split_first_chunk::<HEADER>() {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            match after.get(len..) {
                Some(next) => (whole, rest) = (whole + len, next),
                None if len > LONGEST => return whole + rest.len(),
                None => break,
            }
        }
        whole
    }

    pub fn gathers(&self) -> bool {
        self.transport.gathers()
    }

    /// Sends what was gathered. `Moved` when all of it has left.
    pub fn flush(&mut self) -> Step {
        while let Some(rest) = self.out.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.transport.write(rest) {
                Step::Moved(n) => self.sent = self.out.len().min(self.sent + n),
                other => return other,
            }
        }
        self.out.clear();
        self.sent = 0;
        Step::Moved(0)
    }

    fn write(&mut self, data: &[u8]) -> Step {
        if self.corked {
            self.out.extend_from_slice(data);
            return Step::Moved(data.len());
        }
        // Whatever was gathered before goes first: the stream has an order.
        match self.flush() {
            Step::Moved(_) => self.transport.write(data),
            other => other,
        }
    }

    fn read(&mut self, room: &mut [u8]) -> Step {
        let step = self.receive(room);
        if let Step::Moved(n @ ..=ALERT) = step {
            self.taken.rotate_left(n);
            if let (Some(to), Some(from)) = (self.taken.get_mut(ALERT - n..), room.get(..n)) {
                to.copy_from_slice(from);
            }
        }
        step
    }

    /// The fatal alert that BoringSSL took last, if it came in clear text.
    pub fn alert_in_clear(&self) -> Option<u8> {
        match self.taken {
            [21, 3, _, 0, 2, 2, description] => Some(description),
            _ => None,
        }
    }

    fn receive(&mut self, room: &mut [u8]) -> Step {
        if self.ahead_from == self.ahead_to {
            if self.pauses && self.left == 0 {
                self.has_paused = true;
                return Step::WantRead;
            }
            if self.read_ahead && self.ahead.is_empty() {
                self.ahead = vec![0; AHEAD].into_boxed_slice();
            }
            let step = self.transport.read(if self.read_ahead { &mut self.ahead } else { room });
            if let Step::Moved(n) = step {
                self.left = self.left.saturating_sub(RECEIVE + n);
                self.has_received = true;
            }
            match step {
                Step::Moved(n) if self.read_ahead => (self.ahead_from, self.ahead_to) = (0, n),
                other => return other,
            }
        }
        let waiting = self.ahead.get(self.ahead_from..self.ahead_to).unwrap_or_default();
        let n = waiting.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n), waiting.get(..n)) {
            to.copy_from_slice(from);
        }
        self.ahead_from += n;
        Step::Moved(n)
    }

    /// Says in the BIO's way what a step came to, and keeps in `failure` why it failed.
    fn report(bio: *mut ffi::BIO, step: Step, failure: &mut Option<Error>) -> c_int {
        match step {
            Step::Moved(n) => c_int::try_from(n).unwrap_or(c_int::MAX),
            Step::WantRead => {
                // SAFETY: the BIO that is calling us.
                unsafe { ffi::BIO_set_retry_read(bio) };
                -1
            }
            Step::WantWrite => {
                // SAFETY: as above.
                unsafe { ffi::BIO_set_retry_write(bio) };
                -1
            }
            Step::End => {
                *failure = Some(failure::ended());
                0
            }
            Step::Failed(error) => {
                *failure = Some(error);
                -1
            }
        }
    }
}

/// Runs one BIO call on the wire; a panic becomes a failure, for BoringSSL is C.
fn serve(
    bio: *mut ffi::BIO,
    call: impl FnOnce(&mut Wire) -> Step,
    failure: impl FnOnce(&mut Wire) -> &mut Option<Error>,
) -> c_int {
    // SAFETY: `new` stored a Wire that outlives the BIO; the BIO is used by one thread at a time,
    // and only from within a step of the stream, which holds no reference to the Wire meanwhile.
    let wire = unsafe { &mut *ffi::BIO_get_data(bio).cast::<Wire>() };
    // SAFETY: the BIO that is calling us.
    unsafe { ffi::BIO_clear_retry_flags(bio) };
    let step = catch_unwind(AssertUnwindSafe(|| call(wire))).unwrap_or_else(|_| {
        Step::Failed(Error::new(
            Kind::Panic,
            "a bug in tlswrap's transport was caught; please report it",
        ))
    });
    Wire::report(bio, step, failure(wire))
}

unsafe extern "C" fn read(bio: *mut ffi::BIO, room: *mut c_char, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else {
        return -1;
    };
    // SAFETY: BoringSSL passes room for `len` bytes.
    let room = unsafe { std::slice::from_raw_parts_mut(room.cast::<u8>(), len) };
    serve(bio, |wire| wire.read(room), |wire| &mut wire.unread)
}

unsafe extern "C" fn write(bio: *mut ffi::BIO, data: *const c_char, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else {
        return -1;
    };
    // SAFETY: BoringSSL passes `len` bytes.
    let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
    serve(bio, |wire| wire.write(data), |wire| &mut wire.unsent)
}

/// BoringSSL flushes after each flight of a handshake; each write has left already.
unsafe extern "C" fn ctrl(
    _bio: *mut ffi::BIO,
    command: c_int,
    _number: c_long,
    _pointer: *mut c_void,
) -> c_long {
    c_long::from(command == ffi::BIO_CTRL_FLUSH)
}

struct Method(*const ffi::BIO_METHOD);
// SAFETY: written once, before anyone reads it.
unsafe impl Send for Method {}
// SAFETY: as above.
unsafe impl Sync for Method {}

static METHOD: OnceCell<Method> = OnceCell::new();

/// Makes the one method, which lives for ever; `None` if there is no memory for it now.
fn method() -> Option<*const ffi::BIO_METHOD> {
    let made = METHOD.get_or_try_init(|| {
        // SAFETY: sets up a fresh method.
        unsafe {
            let method = ffi::BIO_meth_new(ffi::BIO_TYPE_NONE, c"tlswrap".as_ptr());
            if method.is_null() {
                return Err(());
            }
            ffi::BIO_meth_set_read(method, Some(read));
            ffi::BIO_meth_set_write(method, Some(write));
            ffi::BIO_meth_set_ctrl(method, Some(ctrl));
            Ok(Method(method))
        }
    });
    made.ok().map(|method| method.0)
}

/// A BIO over `wire`.
///
/// # Safety
/// `wire` must outlive the BIO and not be referenced while BoringSSL works on the BIO.
pub(super) unsafe fn bio(wire: *mut Wire) -> Option<*mut ffi::BIO> {
    let method = method()?;
    // SAFETY: the method is complete; the data pointer is the caller's promise.
    unsafe {
        let bio = ffi::BIO_new(method);
        if bio.is_null() {
            return None;
        }
        ffi::BIO_set_data(bio, wire.cast());
        ffi::BIO_set_init(bio, 1);
        Some(bio)
    }
}
