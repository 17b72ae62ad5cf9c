//! tlswrap, through its C ABI.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use tlswrap::ffi::bio::*;
use tlswrap::ffi::ciphers::*;
use tlswrap::ffi::conn::*;
use tlswrap::ffi::ctx::*;
use tlswrap::ffi::get::*;
use tlswrap::ffi::lib::*;
use tlswrap::ffi::session::*;
use tlswrap::ffi::types::*;
use tlswrap::ffi::wrap::*;

use crate::library::{Case, Contexts, End, Kind, Library, Over, Pair, Version, pki};

/// Calls, and ends the benchmark when that fails.
fn ok(call: impl FnOnce(*mut tlsw_error) -> tlsw_status) {
    // Not initialised, as in a C program.
    let mut err = MaybeUninit::<tlsw_error>::uninit();
    let status = call(err.as_mut_ptr());
    if status != TLSW_OK {
        // What is not a failure does not fill it.
        assert!(status < 0, "tlswrap: status {status}");
        let err = unsafe { err.assume_init() };
        let message: Vec<u8> = err.message.iter().map(|c| c.cast_unsigned()).collect();
        panic!("tlswrap: status {status}: {}", String::from_utf8_lossy(&message));
    }
}

fn c(path: &Path) -> CString {
    CString::new(path.to_str().unwrap()).unwrap()
}

pub struct Ours;

struct Both {
    client: *mut tlsw_ctx,
    server: *mut tlsw_ctx,
    /// What to resume, once there is one.
    session: Option<Mutex<*mut tlsw_session>>,
}

impl Drop for Both {
    fn drop(&mut self) {
        unsafe {
            tlsw_ctx_free(self.client);
            tlsw_ctx_free(self.server);
            if let Some(session) = &self.session {
                tlsw_session_free(*session.lock().unwrap());
            }
        }
    }
}

fn new(role: u32) -> *mut tlsw_ctx {
    let mut ctx = null_mut();
    ok(|err| unsafe { tlsw_ctx_new(role, &mut ctx, err) });
    ctx
}

fn own(ctx: *mut tlsw_ctx, chain: &Path, key: &Path) {
    let (chain, key) = (c(chain), c(key));
    ok(|err| unsafe {
        tlsw_ctx_load_cert_chain_file(ctx, chain.as_ptr(), key.as_ptr(), null(), 0, err)
    });
}

impl Library for Ours {
    fn name(&self) -> &'static str {
        "tlswrap"
    }

    fn contexts(&self, case: &Case) -> Box<dyn Contexts> {
        let (client, server) = (new(TLSW_CLIENT), new(TLSW_SERVER));
        let root = c(&pki("root.pem"));
        let version = match case.version {
            Version::Tls12 => TLSW_TLS_1_2,
            Version::Tls13 => TLSW_TLS_1_3,
        };
        ok(|err| unsafe { tlsw_ctx_load_ca_file(client, root.as_ptr(), err) });
        let (chain, key) = case.server();
        own(server, &chain, &key);
        for ctx in [client, server] {
            ok(|err| unsafe { tlsw_ctx_set_min_version(ctx, version, err) });
            ok(|err| unsafe { tlsw_ctx_set_max_version(ctx, version, err) });
            ok(|err| unsafe { tlsw_ctx_set_groups(ctx, c"x25519:secp256r1".as_ptr(), err) });
            ok(|err| unsafe { tlsw_ctx_set_ciphers(ctx, c"ECDHE+AESGCM+AES128".as_ptr(), err) });
        }
        if case.kind == Kind::Mutual {
            own(client, &pki("client.chain.pem"), &pki("client.key.pem"));
            ok(|err| unsafe { tlsw_ctx_load_ca_file(server, root.as_ptr(), err) });
            ok(|err| unsafe { tlsw_ctx_set_verify_mode(server, TLSW_CERT_REQUIRED, err) });
        }
        let session = (case.kind == Kind::Resumed).then(|| Mutex::new(null_mut()));
        Box::new(Both { client, server, session })
    }

    fn default_client(&self) -> Option<Box<dyn Fn()>> {
        Some(Box::new(|| unsafe {
            let ctx = new(TLSW_CLIENT);
            let (mut incoming, mut outgoing, mut conn) = (null_mut(), null_mut(), null_mut());
            ok(|err| tlsw_bio_new(&mut incoming, err));
            ok(|err| tlsw_bio_new(&mut outgoing, err));
            let name = c"localhost".as_ptr();
            ok(|err| tlsw_wrap_bio(ctx, incoming, outgoing, TLSW_CLIENT, name, &mut conn, err));
            tlsw_conn_free(conn);
            tlsw_bio_free(incoming);
            tlsw_bio_free(outgoing);
            tlsw_ctx_free(ctx);
        }))
    }
}

pub struct Connected {
    pub client: *mut tlsw_conn,
    server: *mut tlsw_conn,
    bios: Option<[*mut tlsw_bio; 2]>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        unsafe {
            tlsw_conn_free(self.client);
            tlsw_conn_free(self.server);
            for bio in self.bios.iter().flatten() {
                tlsw_bio_free(*bio);
            }
        }
    }
}

impl Both {
    fn pair(&self, over: Over) -> Connected {
        let (mut client, mut server) = (null_mut(), null_mut());
        let name: *const c_char = c"localhost".as_ptr();
        match over {
            Over::Memory => unsafe {
                let (mut to_server, mut to_client) = (null_mut(), null_mut());
                ok(|err| tlsw_bio_new(&mut to_server, err));
                ok(|err| tlsw_bio_new(&mut to_client, err));
                ok(|err| {
                    tlsw_wrap_bio(
                        self.client,
                        to_client,
                        to_server,
                        TLSW_CLIENT,
                        name,
                        &mut client,
                        err,
                    )
                });
                ok(|err| {
                    tlsw_wrap_bio(
                        self.server,
                        to_server,
                        to_client,
                        TLSW_SERVER,
                        null(),
                        &mut server,
                        err,
                    )
                });
                return Connected { client, server, bios: Some([to_server, to_client]) };
            },
            Over::Fd([at_client, at_server]) | Over::FdAhead([at_client, at_server]) => unsafe {
                let (one, other) = (at_client as isize, at_server as isize);
                ok(|err| tlsw_wrap_fd(self.client, one, TLSW_CLIENT, name, &mut client, err));
                ok(|err| tlsw_wrap_fd(self.server, other, TLSW_SERVER, null(), &mut server, err));
                for conn in [client, server] {
                    ok(|err| tlsw_conn_set_timeout(conn, 0, err));
                    if let Over::FdAhead(_) = over {
                        ok(|err| tlsw_conn_set_read_ahead(conn, 1, err));
                    }
                }
            },
        }
        Connected { client, server, bios: None }
    }
}

/// Whether the handshake is done.
fn step(conn: *mut tlsw_conn) -> bool {
    let mut done = true;
    ok(|err| match unsafe { tlsw_conn_handshake(conn, err) } {
        TLSW_WANT_READ | TLSW_WANT_WRITE => {
            done = false;
            TLSW_OK
        }
        other => other,
    });
    done
}

impl Both {
    pub fn connected(&self, over: Over) -> Connected {
        let mut pair = self.pair(over);
        let session = self.session.as_ref().map(|session| *session.lock().unwrap());
        if let Some(session) = session.filter(|session| !session.is_null()) {
            ok(|err| unsafe { tlsw_conn_set_session(pair.client, session, err) });
        }
        let (mut client, mut server) = (false, false);
        while !client || !server {
            client = client || step(pair.client);
            server = server || step(pair.server);
        }
        match (&self.session, session) {
            (Some(keep), Some(session)) if session.is_null() => {
                // A ticket comes with the server's first bytes.
                pair.send(End::Server, b"x");
                pair.receive(End::Client, &mut [0]);
                let mut session = null_mut();
                ok(|err| unsafe { tlsw_get_session(pair.client, &mut session, err) });
                *keep.lock().unwrap() = session;
            }
            (Some(_), _) => {
                assert_eq!(unsafe { tlsw_get_session_reused(pair.client) }, 1, "not resumed");
            }
            _ => {}
        }
        pair
    }
}

impl Contexts for Both {
    fn connect(&self, over: Over) -> Box<dyn Pair> {
        Box::new(self.connected(over))
    }
}

impl Connected {
    fn end(&self, end: End) -> *mut tlsw_conn {
        match end {
            End::Client => self.client,
            End::Server => self.server,
        }
    }
}

impl Pair for Connected {
    fn send(&mut self, end: End, mut data: &[u8]) {
        while !data.is_empty() {
            let mut n = 0;
            ok(|err| unsafe {
                tlsw_conn_write(self.end(end), data.as_ptr(), data.len(), &mut n, err)
            });
            data = &data[n..];
        }
    }

    fn receive(&mut self, end: End, mut room: &mut [u8]) {
        while !room.is_empty() {
            let mut n = 0;
            ok(|err| unsafe {
                tlsw_conn_read(self.end(end), room.as_mut_ptr(), room.len(), &mut n, err)
            });
            room = &mut room[n..];
        }
    }
}

/// Getting the chain that a server sent: three certificates.
pub fn chain_of_three() -> Box<dyn FnMut()> {
    let both = Both { client: new(TLSW_CLIENT), server: new(TLSW_SERVER), session: None };
    let root = c(&pki("root.pem"));
    ok(|err| unsafe { tlsw_ctx_load_ca_file(both.client, root.as_ptr(), err) });
    own(both.server, &pki("localhost.with-root.chain.pem"), &pki("localhost.key.pem"));
    let pair = both.connected(Over::Memory);
    Box::new(move || {
        let pair = &pair; // all of it, not its pointer alone
        let mut chain = tlsw_buf { data: null_mut(), len: 0 };
        ok(|err| unsafe { tlsw_get_peer_chain_der(pair.client, TLSW_CHAIN_SENT, &mut chain, err) });
        unsafe { tlsw_buf_free(&mut chain) };
    })
}
