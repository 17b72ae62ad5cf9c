//! Connections over functions of ours, which do what a test tells them.
#![allow(dead_code, reason = "each test uses its own part")]

use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::*;

/// Bytes under way.
pub type Pipe = Arc<Mutex<VecDeque<u8>>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Read,
    Write,
}

/// What a function does when it is called.
pub enum Act {
    /// Moves at most so many bytes.
    Move(usize),
    /// Moves nothing, and answers this with this number in `*n`.
    Answer(tlsw_status, usize),
}

pub const ALL: Act = Act::Move(usize::MAX);

/// The caller's value, which both functions get.
pub struct User {
    pub incoming: Pipe,
    pub outgoing: Pipe,
    pub act: Box<dyn FnMut(Which, usize) -> Act + Send>,
    /// Counts the calls of `free_user`.
    pub freed: Arc<AtomicUsize>,
}

pub unsafe extern "C" fn read(
    user: *mut c_void,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    let user = unsafe { &mut *user.cast::<User>() };
    assert!(len > 0 && !buf.is_null());
    match (user.act)(Which::Read, len) {
        Act::Answer(status, count) => {
            unsafe { *n = count };
            status
        }
        Act::Move(most) => {
            let mut pipe = user.incoming.lock().unwrap();
            let count = most.min(len).min(pipe.len());
            if count == 0 {
                return TLSW_WANT_READ;
            }
            for (i, byte) in pipe.drain(..count).enumerate() {
                unsafe { *buf.add(i) = byte };
            }
            unsafe { *n = count };
            TLSW_OK
        }
    }
}

pub unsafe extern "C" fn write(
    user: *mut c_void,
    buf: *const u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    let user = unsafe { &mut *user.cast::<User>() };
    assert!(len > 0 && !buf.is_null());
    match (user.act)(Which::Write, len) {
        Act::Answer(status, count) => {
            unsafe { *n = count };
            status
        }
        Act::Move(most) => {
            let count = most.min(len);
            user.outgoing.lock().unwrap().extend(unsafe { std::slice::from_raw_parts(buf, count) });
            unsafe { *n = count };
            TLSW_OK
        }
    }
}

pub unsafe extern "C" fn free_user(user: *mut c_void) {
    let user = unsafe { Box::from_raw(user.cast::<User>()) };
    user.freed.fetch_add(1, Ordering::SeqCst);
}

/// A connection over our functions, as the bare pointer.
pub fn wrap(ctx: &Ctx, role: u32, name: Option<&str>, user: User) -> *mut tlsw_conn {
    let user = Box::into_raw(Box::new(user)).cast();
    let name = name.map(c);
    let name = name.as_ref().map_or(null(), |name| name.as_ptr());
    let mut conn = null_mut();
    let done = call(|err| unsafe {
        let (read, write, free) = (Some(read as _), Some(write as _), Some(free_user as _));
        tlsw_wrap_io(ctx.0, read, write, user, free, role, name, &mut conn, err)
    });
    assert_eq!(done, Ok(TLSW_OK));
    conn
}

/// A client and a server over our functions.
pub struct Ends {
    pub client: Conn,
    pub server: Conn,
    pub to_client: Pipe,
    pub to_server: Pipe,
}

impl Ends {
    pub fn new(
        version: i32,
        client: impl FnMut(Which, usize) -> Act + Send + 'static,
        server: impl FnMut(Which, usize) -> Act + Send + 'static,
    ) -> Self {
        Self::of(&contexts(version), client, server)
    }

    /// The same from these two contexts, the client's and the server's.
    pub fn of(
        (client_ctx, server_ctx): &(Ctx, Ctx),
        client: impl FnMut(Which, usize) -> Act + Send + 'static,
        server: impl FnMut(Which, usize) -> Act + Send + 'static,
    ) -> Self {
        let (to_client, to_server) = (Pipe::default(), Pipe::default());
        let user = User {
            incoming: to_client.clone(),
            outgoing: to_server.clone(),
            act: Box::new(client),
            freed: Arc::default(),
        };
        let client = Conn(wrap(client_ctx, TLSW_CLIENT, Some("localhost"), user));
        let user = User {
            incoming: to_server.clone(),
            outgoing: to_client.clone(),
            act: Box::new(server),
            freed: Arc::default(),
        };
        let server = Conn(wrap(server_ctx, TLSW_SERVER, None, user));
        Self { client, server, to_client, to_server }
    }

    pub fn shake(&self) {
        let (mut client, mut server) = (TLSW_WANT_READ, TLSW_WANT_READ);
        for _ in 0..100_000 {
            if client != TLSW_OK {
                client = self.client.handshake().unwrap();
            }
            if server != TLSW_OK {
                server = self.server.handshake().unwrap();
            }
            if client == TLSW_OK && server == TLSW_OK {
                return;
            }
        }
        panic!("no end: {} {}", name_of(client), name_of(server));
    }

    /// Reads what has come to the server: the stream from `at` on. How much it was.
    pub fn server_reads(&self, at: usize) -> usize {
        let mut read = 0;
        while let Read::Bytes(bytes) = self.server.read(100_000).unwrap() {
            check_stream(at + read, &bytes);
            read += bytes.len();
        }
        read
    }
}

/// A function that can be blocked: it answers WANT_WRITE then.
pub fn blockable() -> (Arc<AtomicBool>, impl FnMut(Which, usize) -> Act + Send) {
    let blocked = Arc::new(AtomicBool::new(false));
    let is_blocked = blocked.clone();
    (blocked, move |which, _| match which {
        Which::Write if is_blocked.load(Ordering::SeqCst) => Act::Answer(TLSW_WANT_WRITE, 0),
        _ => ALL,
    })
}
