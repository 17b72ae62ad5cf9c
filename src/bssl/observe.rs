//! What BoringSSL tells while it works on a connection: its callbacks, each handed to the
//! connection's [`Observer`] on the thread that drives it.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use boring::ex_data::Index;
use boring::ssl::{Ssl, SslContextBuilder, SslRef, SslSession, SslSessionCacheMode};
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};
use once_cell::sync::OnceCell;

use super::buffer::Buffer;
use super::facts::sent_chain;
use super::{psk, queue};
use crate::error::{Kind, Result};
use crate::io::cancel;

/// What an observer answers that was asked whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    GoOn,
    /// Ask again when the handshake is driven next.
    Later,
    /// End the handshake with this alert.
    Refuse(u8),
}

impl Answer {
    /// What a callback that failed answers: `internal_error` (RFC 8446, section 6.2).
    pub const FAILED: Self = Self::Refuse(80);
}

/// A message of the protocol, or the head of a record.
pub struct Message<'a> {
    /// Whether it leaves.
    pub is_write: bool,
    /// The protocol version, as its number on the wire.
    pub version: i32,
    /// The content type; 256 for the head of a record.
    pub content_type: i32,
    /// The message.
    pub data: &'a [u8],
}

impl<'a> Message<'a> {
    /// What a Finished message says (RFC 8446, section 4.4.4), if this is one.
    pub fn finished(&self) -> Option<&'a [u8]> {
        let is_handshake = self.content_type == ffi::SSL3_RT_HANDSHAKE;
        let (&kind, _) = self.data.split_first().filter(|_| is_handshake)?;
        // Behind the type and three bytes of length.
        self.data.get(4..).filter(|_| c_int::from(kind) == ffi::SSL3_MT_FINISHED)
    }

    /// The first certificate of the peer's Certificate message (RFC 8446, section 4.4.2; RFC 5246,
    /// section 7.4.2), if this is one.
    pub fn certificate(&self) -> Option<&'a [u8]> {
        let is_handshake = self.content_type == ffi::SSL3_RT_HANDSHAKE && !self.is_write;
        let (&kind, _) = self.data.split_first().filter(|_| is_handshake)?;
        let mut body =
            self.data.get(4..).filter(|_| c_int::from(kind) == ffi::SSL3_MT_CERTIFICATE)?;
        if self.version == ffi::TLS1_3_VERSION {
            // What the request was told by, if it was asked for.
            let (&len, rest) = body.split_first()?;
            body = rest.get(usize::from(len)..)?;
        }
        // Behind the length of the list, the length of the certificate.
        let [a, b, c, rest @ ..] = body.get(3..)? else {
            return None;
        };
        let len = [a, b, c].into_iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        rest.get(..len)
    }
}

/// The steps of a connection, by OpenSSL's numbers.
pub mod step {
    /// A handshake begins.
    pub const HANDSHAKE_START: i32 = 0x10;
    /// A handshake is done.
    pub const HANDSHAKE_DONE: i32 = 0x20;
    /// An alert leaves.
    pub const WRITE_ALERT: i32 = 0x4008;
}

/// What a connection is told while BoringSSL works on it.
pub trait Observer: Send + Sync {
    /// A ClientHello has come, and nothing is chosen yet: its server_name, and the cipher suites it
    /// offers, two bytes each.
    fn hello(&self, name: Option<&CStr>, suites: &[u8]) -> Answer;
    /// Judges the certificates the peer sent, leaf first.
    fn judge(&self, sent: &[Buffer]) -> Answer;
    /// A client needs a pre-shared key, with the hint that the server gave: writes an identity that
    /// ends in NUL, and the key, whose length it gives; 0 refuses.
    fn own_psk(&self, hint: Option<&CStr>, identity: &mut [u8], key: &mut [u8]) -> usize;
    /// A server needs the pre-shared key of an identity: the same.
    fn psk_of(&self, identity: &CStr, key: &mut [u8]) -> usize;
    /// The handshake that ends now was made with an imported key of this identity.
    fn imported(&self, identity: &[u8]);
    /// A server made a session that a client may ask for by its identifier.
    fn keep_session(&self, session: SslSession);
    /// The session that a client asks a server for by its identifier.
    fn find_session(&self, id: &[u8]) -> Option<SslSession>;
    /// The application protocol that a server chooses of those in a client's list (RFC 7301).
    fn choose_protocol<'a>(&self, offered: &'a [u8]) -> Option<&'a [u8]>;
    /// The server gave a client a session to resume, in TLS 1.3 perhaps several times; and the
    /// certificates it had sent.
    fn new_session(&self, session: SslSession, sent: &dyn Fn() -> Vec<Buffer>);
    /// Whether [`Observer::step`] is for all steps, rather than for those of [`mod@step`] alone.
    fn wants_steps(&self) -> bool;
    /// The connection came to one of its steps, with which value, and whether it resumed a session.
    fn step(&self, step: i32, value: i32, is_resumed: bool);
    /// Whether [`Observer::message`] is for all messages, rather than for Finished and Certificate.
    fn wants_messages(&self) -> bool;
    /// A message of the protocol came or leaves.
    fn message(&self, message: &Message<'_>);
    /// A line for a key log.
    fn key_log(&self, line: &CStr);
}

static OBSERVER: OnceCell<Index<Ssl, Arc<dyn Observer>>> = OnceCell::new();

/// Tells `observer` about a connection from now on.
pub(super) fn attach(ssl: &mut Ssl, observer: Arc<dyn Observer>) -> Result<()> {
    let index = *OBSERVER
        .get_or_try_init(Ssl::new_ex_index)
        .map_err(|_| queue::error(Kind::Memory, "connections cannot be observed"))?;
    ssl.set_ex_data(index, observer);
    // It does not say when there is no memory for it; without it nobody would be verified.
    if ssl.ex_data(index).is_none() {
        return Err(queue::error(Kind::Memory, "the connection cannot be made"));
    }
    listen(ssl);
    Ok(())
}

/// Has the steps and the messages told that the observer now wants.
pub(super) fn listen(ssl: &SslRef) {
    let wants = |what: fn(&dyn Observer) -> bool| observer(ssl).is_some_and(|of| what(&**of));
    let told_step = if wants(|of| of.wants_steps()) { step } else { milestone };
    let told_message = if wants(|of| of.wants_messages()) { message } else { kept };
    // SAFETY: a live connection.
    unsafe {
        ffi::SSL_set_info_callback(ssl.as_ptr(), Some(told_step));
        ffi::SSL_set_msg_callback(ssl.as_ptr(), Some(told_message));
    }
}

/// How the peer's certificates are demanded, in BoringSSL's numbers, and judged.
pub(super) fn set_demand(ssl: &SslRef, mode: c_int) {
    // SAFETY: a live connection.
    unsafe { ffi::SSL_set_custom_verify(ssl.as_ptr(), mode, Some(judge)) };
}

/// Has clients of the context tell of new sessions.
pub fn collect_sessions(builder: &mut SslContextBuilder) {
    builder.set_session_cache_mode(SslSessionCacheMode::CLIENT);
    // SAFETY: a live context.
    unsafe { ffi::SSL_CTX_sess_set_new_cb(builder.as_ptr(), Some(new_session)) };
}

/// Has servers of the context keep sessions, and look for them by identifier, elsewhere.
pub fn keep_sessions(builder: &mut SslContextBuilder) {
    builder.set_session_cache_mode(SslSessionCacheMode::SERVER | SslSessionCacheMode::NO_INTERNAL);
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_sess_set_new_cb(builder.as_ptr(), Some(new_session));
        ffi::SSL_CTX_sess_set_get_cb(builder.as_ptr(), Some(find_session));
    }
}

/// Has servers of the context choose an application protocol.
pub fn choose_protocols(builder: &mut SslContextBuilder) {
    // SAFETY: a live context.
    unsafe {
        ffi::SSL_CTX_set_alpn_select_cb(
            builder.as_ptr(),
            Some(choose_protocol),
            std::ptr::null_mut(),
        );
    }
}

/// Has servers of the context tell of ClientHellos.
pub fn read_hellos(builder: &mut SslContextBuilder) {
    // SAFETY: a live context.
    unsafe { ffi::SSL_CTX_set_select_certificate_cb(builder.as_ptr(), Some(hello)) };
}

/// Has servers of the context say that they looked at the name (RFC 6066, section 3).
pub fn acknowledge_names(builder: &mut SslContextBuilder) {
    // SAFETY: a live context.
    unsafe { ffi::SSL_CTX_set_tlsext_servername_callback(builder.as_ptr(), Some(acknowledge)) };
}

/// Has connections of the context tell the lines of key logs.
pub fn log_keys(builder: &mut SslContextBuilder) {
    // SAFETY: a live context.
    unsafe { ffi::SSL_CTX_set_keylog_callback(builder.as_ptr(), Some(key_log)) };
}

fn observer(ssl: &SslRef) -> Option<&Arc<dyn Observer>> {
    OBSERVER.get().and_then(|index| ssl.ex_data(*index))
}

/// Asks the observer; called from C, so a panic must not leave. What BoringSSL has written into the
/// thread's error queue stays, whatever the observer does.
pub(super) fn ask<T>(ssl: &SslRef, question: impl FnOnce(&dyn Observer) -> T) -> Option<T> {
    let observer = observer(ssl)?;
    queue::aside(|| catch_unwind(AssertUnwindSafe(|| question(&**observer)))).ok()
}

fn tell(ssl: &SslRef, word: impl FnOnce(&dyn Observer)) {
    let _ = ask(ssl, word);
}

/// The connection of a callback.
///
/// # Safety
/// `ssl` must be alive. What comes back is only read.
pub(super) unsafe fn of<'a>(ssl: *const ffi::SSL) -> &'a SslRef {
    // SAFETY: the caller's promise.
    unsafe { SslRef::from_ptr(ssl.cast_mut()) }
}

unsafe extern "C" fn hello(hello: *const ffi::SSL_CLIENT_HELLO) -> ffi::ssl_select_cert_result_t {
    // SAFETY: BoringSSL calls with a parsed ClientHello of a live connection.
    let (ssl, name, suites) = unsafe {
        let hello = &*hello;
        let name = ffi::SSL_get_servername(hello.ssl, ffi::TLSEXT_NAMETYPE_host_name);
        (
            of(hello.ssl),
            (!name.is_null()).then(|| CStr::from_ptr(name)),
            std::slice::from_raw_parts(hello.cipher_suites, hello.cipher_suites_len),
        )
    };
    match ask(ssl, |observer| observer.hello(name, suites)).unwrap_or(Answer::FAILED) {
        Answer::GoOn => ffi::ssl_select_cert_result_t::ssl_select_cert_success,
        Answer::Later => ffi::ssl_select_cert_result_t::ssl_select_cert_retry,
        Answer::Refuse(alert) => {
            // BoringSSL's own is handshake_failure; once one was sent, it sends no other.
            // SAFETY: a live connection.
            unsafe { ffi::SSL_send_fatal_alert(ssl.as_ptr(), alert) };
            ffi::ssl_select_cert_result_t::ssl_select_cert_error
        }
    }
}

unsafe extern "C" fn acknowledge(_: *mut ffi::SSL, _: *mut c_int, _: *mut c_void) -> c_int {
    ffi::SSL_TLSEXT_ERR_OK
}

unsafe extern "C" fn new_session(ssl: *mut ffi::SSL, session: *mut ffi::SSL_SESSION) -> c_int {
    // SAFETY: BoringSSL calls with a live connection, and a session of which 1 says that its count
    // is ours.
    let (ssl, session) = unsafe { (of(ssl), SslSession::from_ptr(session)) };
    tell(ssl, |observer| {
        if ssl.is_server() {
            observer.keep_session(session);
        } else {
            observer.new_session(session, &|| sent_chain(ssl));
        }
    });
    1
}

unsafe extern "C" fn find_session(
    ssl: *mut ffi::SSL,
    id: *const u8,
    len: c_int,
    copy: *mut c_int,
) -> *mut ffi::SSL_SESSION {
    // SAFETY: BoringSSL calls with a live connection, `len` bytes, and room for whether it is to
    // take a count of its own.
    let (ssl, id) = unsafe {
        *copy = 0;
        let len = usize::try_from(len).unwrap_or(0);
        (of(ssl), if len == 0 { &[] } else { std::slice::from_raw_parts(id, len) })
    };
    let found = ask(ssl, |observer| observer.find_session(id)).flatten();
    found.map_or(std::ptr::null_mut(), ForeignType::into_ptr)
}

unsafe extern "C" fn choose_protocol(
    ssl: *mut ffi::SSL,
    chosen: *mut *const u8,
    chosen_len: *mut u8,
    offered: *const u8,
    offered_len: c_uint,
    _: *mut c_void,
) -> c_int {
    // SAFETY: BoringSSL calls with a live connection and the bytes of a list.
    let (ssl, offered) =
        unsafe { (of(ssl), std::slice::from_raw_parts(offered, offered_len as usize)) };
    match ask(ssl, |observer| observer.choose_protocol(offered)) {
        Some(Some(name)) => {
            let len = u8::try_from(name.len()).unwrap_or(0);
            // SAFETY: room for both; what is chosen is a part of the list.
            unsafe { (*chosen, *chosen_len) = (name.as_ptr(), len) };
            ffi::SSL_TLSEXT_ERR_OK
        }
        // Where nothing fits the connection goes on without.
        Some(_) => ffi::SSL_TLSEXT_ERR_NOACK,
        None => ffi::SSL_TLSEXT_ERR_ALERT_FATAL,
    }
}

unsafe extern "C" fn judge(ssl: *mut ffi::SSL, alert: *mut u8) -> ffi::ssl_verify_result_t {
    // SAFETY: BoringSSL calls with a live connection.
    let ssl = unsafe { of(ssl) };
    match ask(ssl, |observer| observer.judge(&sent_chain(ssl))).unwrap_or(Answer::FAILED) {
        Answer::GoOn => ffi::ssl_verify_result_t::ssl_verify_ok,
        Answer::Later => ffi::ssl_verify_result_t::ssl_verify_retry,
        Answer::Refuse(description) => {
            // SAFETY: BoringSSL passes room for the alert.
            unsafe { *alert = description };
            ffi::ssl_verify_result_t::ssl_verify_invalid
        }
    }
}

unsafe extern "C" fn step(ssl: *const ffi::SSL, step: c_int, value: c_int) {
    // SAFETY: BoringSSL calls with a live connection.
    let ssl = unsafe { of(ssl) };
    if step == self::step::HANDSHAKE_DONE
        && let Some(identity) = psk::chosen(ssl)
    {
        tell(ssl, |observer| observer.imported(identity));
    }
    tell(ssl, |observer| observer.step(step, value, ssl.session_reused()));
}

/// [`step()`] for what is kept of every connection: a handshake comes to some sixteen steps.
unsafe extern "C" fn milestone(ssl: *const ffi::SSL, now: c_int, value: c_int) {
    if matches!(now, step::HANDSHAKE_START | step::HANDSHAKE_DONE | step::WRITE_ALERT) {
        // SAFETY: as in `step`, which it is passed on to.
        unsafe { step(ssl, now, value) };
    }
}

unsafe extern "C" fn key_log(ssl: *const ffi::SSL, line: *const c_char) {
    // SAFETY: BoringSSL calls with a live connection and a C string.
    let (ssl, line) = unsafe { (of(ssl), CStr::from_ptr(line)) };
    // It may be written to a file.
    cancel::off();
    tell(ssl, |observer| observer.key_log(line));
}

unsafe extern "C" fn message(
    is_write: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut ffi::SSL,
    _: *mut c_void,
) {
    // SAFETY: BoringSSL calls with a live connection and `len` bytes.
    let (ssl, data) = unsafe {
        let data = if len == 0 { &[] } else { std::slice::from_raw_parts(data.cast(), len) };
        (of(ssl), data)
    };
    let message = Message { is_write: is_write != 0, version, content_type, data };
    tell(ssl, |observer| observer.message(&message));
}

/// [`message`] for what is kept of every connection.
unsafe extern "C" fn kept(
    is_write: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut ffi::SSL,
    arg: *mut c_void,
) {
    // SAFETY: as in `message`, which it is passed on to.
    unsafe {
        let kinds = [ffi::SSL3_MT_FINISHED, ffi::SSL3_MT_CERTIFICATE];
        let is_kept = content_type == ffi::SSL3_RT_HANDSHAKE
            && len > 0
            && kinds.contains(&c_int::from(*data.cast::<u8>()));
        if is_kept {
            message(is_write, version, content_type, data, len, ssl, arg);
        }
    }
}
