//! Bytes as a program of calls: each operation is one byte, and takes what it needs from the bytes
//! after it. Handles live in numbered places and are freed at any time; what is empty is NULL, which
//! every call must take. Nothing is called with what was freed: that is not allowed in C either.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use super::common::*;

/// The operations, by number.
pub mod op {
    pub const CTX: u8 = 0;
    pub const CTX_FREE: u8 = 1;
    pub const CTX_SET: u8 = 2;
    pub const BIO: u8 = 3;
    pub const BIO_FREE: u8 = 4;
    pub const BIO_WRITE: u8 = 5;
    pub const BIO_READ: u8 = 6;
    pub const BIO_EOF: u8 = 7;
    pub const WRAP: u8 = 8;
    pub const CONN_FREE: u8 = 9;
    pub const HANDSHAKE: u8 = 10;
    pub const READ: u8 = 11;
    pub const WRITE: u8 = 12;
    pub const SHUTDOWN: u8 = 13;
    pub const ASK: u8 = 14;
    pub const SESSION_GET: u8 = 15;
    pub const SESSION_SET: u8 = 16;
    pub const SESSION_FREE: u8 = 17;
    pub const SESSION_COPY: u8 = 18;
    pub const CERT: u8 = 19;
    pub const CERT_FREE: u8 = 20;
    pub const SNI: u8 = 21;
    pub const CONN_CTX: u8 = 22;
    pub const COUNT: u8 = 23;
}

/// How many handles of each kind there may be.
const PLACES: usize = 4;

/// How long a program may be: what comes after is not run.
const STEPS: usize = 200;

struct Machine {
    ctx: [*mut tlsw_ctx; PLACES],
    bio: [*mut tlsw_bio; PLACES],
    conn: [*mut tlsw_conn; PLACES],
    session: [*mut tlsw_session; PLACES],
    cert: [*mut tlsw_cert; PLACES],
}

/// The bytes that are still to come; zeros after the end.
struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn place(&mut self) -> usize {
        usize::from(self.byte()) % PLACES
    }

    /// As many bytes as the next one says.
    fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    fn role(&mut self) -> u32 {
        1 + u32::from(self.byte() & 1)
    }
}

/// Runs a program, and frees what is left.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let mut machine = Machine {
        ctx: [null_mut(); PLACES],
        bio: [null_mut(); PLACES],
        conn: [null_mut(); PLACES],
        session: [null_mut(); PLACES],
        cert: [null_mut(); PLACES],
    };
    for _ in 0..STEPS {
        if tape.0.is_empty() {
            break;
        }
        let operation = tape.byte() % op::COUNT;
        // SAFETY: the places hold live handles or NULL, see `place`.
        unsafe { machine.step(operation, &mut tape) };
    }
    // SAFETY: as above.
    unsafe {
        // In an order that is not that of their making.
        for bio in machine.bio {
            tlsw_bio_free(bio);
        }
        for ctx in machine.ctx {
            tlsw_ctx_free(ctx);
        }
        for session in machine.session {
            tlsw_session_free(session);
        }
        for conn in machine.conn {
            tlsw_conn_free(conn);
        }
        for cert in machine.cert {
            tlsw_cert_free(cert);
        }
    }
}

/// A server's hook that gives the connection the context it was set with.
unsafe extern "C" fn change(
    user: *mut c_void,
    conn: *mut tlsw_conn,
    _name: *const std::ffi::c_char,
    _alert: *mut u8,
) -> tlsw_status {
    // SAFETY: the connection the hook is called for, and a context that `free_user` frees.
    let _ = call(|err| unsafe { tlsw_conn_set_ctx(conn, user.cast(), err) });
    TLSW_OK
}

/// Lets go of the hook's context.
unsafe extern "C" fn free_ctx(user: *mut c_void) {
    // SAFETY: it was made for the hook alone.
    unsafe { tlsw_ctx_free(user.cast()) }
}

impl Machine {
    /// # Safety
    /// The places hold live handles or NULL.
    unsafe fn step(&mut self, operation: u8, tape: &mut Tape) {
        // SAFETY: the caller's promise; pointers and lengths of slices, room for results. What is
        // freed leaves its place.
        unsafe {
            match operation {
                op::CTX => {
                    let at = tape.place();
                    let role = tape.role();
                    let flags = tape.byte();
                    let version = if flags & 1 == 0 { TLSW_TLS_1_3 } else { TLSW_TLS_1_2 };
                    let mode = u32::from(flags >> 1) % 3;
                    tlsw_ctx_free(self.ctx[at]);
                    self.ctx[at] = Ctx::with(role, version, mode).into_raw();
                }
                op::CTX_FREE => {
                    let at = tape.place();
                    tlsw_ctx_free(std::mem::replace(&mut self.ctx[at], null_mut()));
                }
                op::CTX_SET => {
                    let (ctx, what) = (self.ctx[tape.place()], tape.byte());
                    self.set(ctx, what, tape.bytes());
                }
                op::BIO => {
                    let at = tape.place();
                    tlsw_bio_free(self.bio[at]);
                    call(|err| tlsw_bio_new(&mut self.bio[at], err)).unwrap();
                }
                op::BIO_FREE => {
                    let at = tape.place();
                    tlsw_bio_free(std::mem::replace(&mut self.bio[at], null_mut()));
                }
                op::BIO_WRITE => {
                    let (bio, data) = (self.bio[tape.place()], tape.bytes());
                    let _ = call(|err| tlsw_bio_write(bio, data.as_ptr(), data.len(), err));
                }
                op::BIO_READ => {
                    let (bio, mut room, mut n) = (self.bio[tape.place()], [0; 256], 0);
                    let len = usize::from(tape.byte());
                    let _ = call(|err| tlsw_bio_read(bio, room.as_mut_ptr(), len, &mut n, err));
                    assert!(n <= len && n <= room.len());
                    let _ = (tlsw_bio_pending(bio), tlsw_bio_eof(bio));
                }
                op::BIO_EOF => {
                    let bio = self.bio[tape.place()];
                    let _ = call(|err| tlsw_bio_write_eof(bio, err));
                }
                op::WRAP => {
                    let (at, ctx) = (tape.place(), self.ctx[tape.place()]);
                    let (incoming, outgoing) = (self.bio[tape.place()], self.bio[tape.place()]);
                    let role = tape.role();
                    let name = if role == TLSW_CLIENT { c"localhost".as_ptr() } else { null() };
                    let mut conn = null_mut();
                    let wrapped = call(|err| {
                        tlsw_wrap_bio(ctx, incoming, outgoing, role, name, &mut conn, err)
                    });
                    assert_eq!(wrapped.is_ok(), !conn.is_null());
                    if wrapped.is_ok() {
                        tlsw_conn_free(std::mem::replace(&mut self.conn[at], conn));
                    }
                }
                op::CONN_FREE => {
                    let at = tape.place();
                    tlsw_conn_free(std::mem::replace(&mut self.conn[at], null_mut()));
                }
                op::HANDSHAKE => {
                    let conn = self.conn[tape.place()];
                    let _ = call(|err| tlsw_conn_handshake(conn, err));
                }
                op::READ => {
                    let (conn, how, mut n) = (self.conn[tape.place()], tape.byte(), 0);
                    let (mut room, len) = ([0; 128], usize::from(how >> 1));
                    let read = if how & 1 == 0 { tlsw_conn_read } else { tlsw_conn_peek };
                    let _ = call(|err| read(conn, room.as_mut_ptr(), len, &mut n, err));
                    assert!(n <= len);
                }
                op::WRITE => {
                    let (conn, data, mut n) = (self.conn[tape.place()], tape.bytes(), 0);
                    let _ =
                        call(|err| tlsw_conn_write(conn, data.as_ptr(), data.len(), &mut n, err));
                    assert!(n <= data.len());
                }
                op::SHUTDOWN => {
                    let (conn, how) = (self.conn[tape.place()], tape.byte());
                    let _ = call(|err| tlsw_conn_shutdown(conn, u32::from(how & 3), err));
                }
                op::ASK => ask_conn(self.conn[tape.place()]),
                op::SESSION_GET => {
                    let (conn, at, mut session) =
                        (self.conn[tape.place()], tape.place(), null_mut());
                    if call(|err| tlsw_get_session(conn, &mut session, err)) == Ok(TLSW_OK) {
                        tlsw_session_free(std::mem::replace(&mut self.session[at], session));
                    }
                }
                op::SESSION_SET => {
                    let (conn, session) = (self.conn[tape.place()], self.session[tape.place()]);
                    let _ = call(|err| tlsw_conn_set_session(conn, session, err));
                }
                op::SESSION_FREE => {
                    let at = tape.place();
                    tlsw_session_free(std::mem::replace(&mut self.session[at], null_mut()));
                }
                op::SESSION_COPY => {
                    let (from, to) = (self.session[tape.place()], tape.place());
                    let (ctx, mut data) = (self.ctx[tape.place()], empty());
                    let _ = call(|err| tlsw_session_to_bytes(from, null(), &mut data, err));
                    let (data, mut session) = (take(data), null_mut());
                    let made = call(|err| {
                        tlsw_session_from_bytes(
                            ctx,
                            data.as_ptr(),
                            data.len(),
                            null(),
                            &mut session,
                            err,
                        )
                    });
                    if made.is_ok() {
                        assert_eq!(tlsw_session_equal(from, session), 1);
                        tlsw_session_free(std::mem::replace(&mut self.session[to], session));
                    }
                }
                op::CERT => {
                    let (conn, at, mut chain) = (self.conn[tape.place()], tape.place(), empty());
                    let which = u32::from(tape.byte() & 1);
                    let _ = call(|err| tlsw_get_peer_chain_der(conn, which, &mut chain, err));
                    let (chain, mut used, mut cert) = (take(chain), 0, null_mut());
                    let read = call(|err| {
                        tlsw_cert_new(chain.as_ptr(), chain.len(), &mut used, &mut cert, err)
                    });
                    if read.is_ok() {
                        drop(chain);
                        ask(cert);
                        tlsw_cert_free(std::mem::replace(&mut self.cert[at], cert));
                    }
                }
                op::CERT_FREE => {
                    let at = tape.place();
                    tlsw_cert_free(std::mem::replace(&mut self.cert[at], null_mut()));
                }
                op::SNI => {
                    let ctx = self.ctx[tape.place()];
                    if tape.byte() & 1 == 0 {
                        let _ = call(|err| tlsw_ctx_set_sni_hook(ctx, None, null_mut(), None, err));
                        return;
                    }
                    let other = Ctx::with(TLSW_SERVER, TLSW_TLS_1_3, TLSW_CERT_NONE).into_raw();
                    let user = other.cast();
                    let set = call(|err| {
                        tlsw_ctx_set_sni_hook(ctx, Some(change), user, Some(free_ctx), err)
                    });
                    if set.is_err() {
                        // Then it stays the caller's.
                        tlsw_ctx_free(other);
                    }
                }
                op::CONN_CTX => {
                    let (conn, ctx) = (self.conn[tape.place()], self.ctx[tape.place()]);
                    let _ = call(|err| tlsw_conn_set_ctx(conn, ctx, err));
                    let mut now = null_mut();
                    if call(|err| tlsw_get_ctx(conn, &mut now, err)) == Ok(TLSW_OK) {
                        tlsw_ctx_free(now);
                    }
                }
                _ => unreachable!("{operation}"),
            }
        }
    }

    /// Changes a context while connections of it live.
    unsafe fn set(&mut self, ctx: *mut tlsw_ctx, what: u8, data: &[u8]) {
        let number = data.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let text = std::ffi::CString::new(data).unwrap_or_default();
        // SAFETY: a live context or NULL; pointers and lengths of slices; a C string.
        let _ = call(|err| unsafe {
            match what % 12 {
                0 => tlsw_ctx_set_options(ctx, number, err),
                1 => tlsw_ctx_set_verify_flags(ctx, number as u32, err),
                2 => tlsw_ctx_set_verify_mode(ctx, number as u32 & 3, err),
                3 => tlsw_ctx_set_min_version(ctx, 0x0300 | (number as i32 & 7), err),
                4 => tlsw_ctx_set_max_version(ctx, 0x0300 | (number as i32 & 7), err),
                5 => tlsw_ctx_set_ciphers(ctx, text.as_ptr(), err),
                6 => tlsw_ctx_set_ciphersuites(ctx, text.as_ptr(), err),
                7 => tlsw_ctx_set_groups(ctx, text.as_ptr(), err),
                8 => tlsw_ctx_set_alpn_protocols(ctx, data.as_ptr(), data.len(), err),
                9 => tlsw_ctx_set_num_tickets(ctx, number as i32 & 31, err),
                10 => tlsw_ctx_clear_ca(ctx, err),
                _ => tlsw_ctx_load_ca_mem(ctx, data.as_ptr(), data.len(), err),
            }
        });
        let mut json = empty();
        // SAFETY: as above, and room for the buffer.
        let _ = call(|err| unsafe { tlsw_ctx_get_ciphers(ctx, &mut json, err) });
        take(json);
    }
}

/// Everything a connection can be asked.
unsafe fn ask_conn(conn: *mut tlsw_conn) {
    // SAFETY: a live connection or NULL, room for results.
    unsafe {
        for name in [
            tlsw_get_version(conn),
            tlsw_get_cipher(conn),
            tlsw_get_cipher_version(conn),
            tlsw_get_group(conn),
        ] {
            text(name);
        }
        let _ = (tlsw_get_role(conn), tlsw_get_pending(conn), tlsw_get_cipher_bits(conn));
        let _ = (tlsw_get_session_reused(conn), tlsw_get_timeout(conn));
        let _ = call(|err| tlsw_get_verify_result(conn, err));
        for get in [
            tlsw_get_alpn,
            tlsw_get_server_hostname,
            tlsw_get_failed_cert_der,
            tlsw_get_report_json,
        ] {
            let mut answer = empty();
            let _ = call(|err| get(conn, &mut answer, err));
            take(answer);
        }
        for kind in [c"tls-unique", c"tls-exporter", c"tls-server-end-point"] {
            let mut answer = empty();
            let _ = call(|err| tlsw_get_channel_binding(conn, kind.as_ptr(), &mut answer, err));
            take(answer);
        }
    }
}
