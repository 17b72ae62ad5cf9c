//! The two libraries with OpenSSL's interface: BoringSSL as it is, from the same build that tlswrap
//! is made of, and the system's OpenSSL, opened at run time so that their names do not clash.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};

use boring_sys as ffi;

use crate::library::{Case, Contexts, End, Kind, Library, Over, Pair, Version, pki};

type Any = *mut c_void;
type OnSession = unsafe extern "C" fn(Any, Any) -> c_int;

/// The functions that are the same in both, each found by its name.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        #[derive(Clone, Copy)]
        #[allow(non_snake_case)]
        struct Api { $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?),* }

        impl Api {
            fn boringssl() -> Self {
                // SAFETY: pointers have one size, and C's types are the same in both.
                unsafe { Self { $($name: std::mem::transmute(ffi::$name as *const ())),* } }
            }

            fn opened(library: Any) -> Option<Self> {
                // SAFETY: as above; the name is ended by NUL.
                unsafe {
                    Some(Self { $($name: {
                        let name = concat!(stringify!($name), "\0").as_ptr().cast();
                        let found = libc::dlsym(library, name);
                        if found.is_null() {
                            return None;
                        }
                        std::mem::transmute(found)
                    }),* })
                }
            }
        }
    };
}

functions! {
    TLS_method: fn() -> Any;
    SSL_CTX_new: fn(Any) -> Any;
    SSL_CTX_free: fn(Any);
    SSL_CTX_load_verify_locations: fn(Any, *const c_char, *const c_char) -> c_int;
    SSL_CTX_set_default_verify_paths: fn(Any) -> c_int;
    SSL_CTX_use_certificate_chain_file: fn(Any, *const c_char) -> c_int;
    SSL_CTX_use_PrivateKey_file: fn(Any, *const c_char, c_int) -> c_int;
    SSL_CTX_set_verify: fn(Any, c_int, Any);
    SSL_CTX_set_cipher_list: fn(Any, *const c_char) -> c_int;
    SSL_CTX_set_session_id_context: fn(Any, *const u8, usize) -> c_int;
    SSL_CTX_sess_set_new_cb: fn(Any, OnSession);
    SSL_SESSION_free: fn(Any);
    SSL_new: fn(Any) -> Any;
    SSL_free: fn(Any);
    SSL_set_bio: fn(Any, Any, Any);
    SSL_set_fd: fn(Any, c_int) -> c_int;
    SSL_set_shutdown: fn(Any, c_int);
    SSL_set_connect_state: fn(Any);
    SSL_set_accept_state: fn(Any);
    SSL_set1_host: fn(Any, *const c_char) -> c_int;
    SSL_set_session: fn(Any, Any) -> c_int;
    SSL_session_reused: fn(Any) -> c_int;
    SSL_do_handshake: fn(Any) -> c_int;
    SSL_read: fn(Any, *mut u8, c_int) -> c_int;
    SSL_write: fn(Any, *const u8, c_int) -> c_int;
    SSL_get_error: fn(Any, c_int) -> c_int;
    ERR_get_error: fn() -> u32;
    ERR_error_string_n: fn(u32, *mut c_char, usize);
    BIO_new_bio_pair: fn(*mut Any, usize, *mut Any, usize) -> c_int;
}

impl Api {
    /// The oldest error of the thread's queue.
    fn error(&self) -> String {
        let mut text: [c_char; 256] = [0; 256];
        // SAFETY: room for the text, which is ended by NUL.
        unsafe {
            (self.ERR_error_string_n)((self.ERR_get_error)(), text.as_mut_ptr(), text.len());
            CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
        }
    }
}

/// What is a function in BoringSSL and a number for `ctrl` in OpenSSL.
#[derive(Clone, Copy)]
enum Flavour {
    BoringSsl,
    OpenSsl {
        ctx_ctrl: unsafe extern "C" fn(Any, c_int, c_long, Any) -> c_long,
        ctrl: unsafe extern "C" fn(Any, c_int, c_long, Any) -> c_long,
        suites: unsafe extern "C" fn(Any, *const c_char) -> c_int,
    },
}

#[derive(Clone, Copy)]
pub struct Libssl {
    name: &'static str,
    api: Api,
    flavour: Flavour,
}

pub fn boringssl() -> Libssl {
    Libssl { name: "BoringSSL", api: Api::boringssl(), flavour: Flavour::BoringSsl }
}

/// The system's OpenSSL 3, if there is one.
pub fn openssl() -> Option<Libssl> {
    // SAFETY: names ended by NUL; what is found has the type that OpenSSL documents.
    unsafe {
        let library = libc::dlopen(c"libssl.so.3".as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            return None;
        }
        let find = |name: &CStr| {
            let found = libc::dlsym(library, name.as_ptr());
            (!found.is_null()).then_some(found)
        };
        Some(Libssl {
            name: "OpenSSL",
            api: Api::opened(library)?,
            flavour: Flavour::OpenSsl {
                ctx_ctrl: std::mem::transmute(find(c"SSL_CTX_ctrl")?),
                ctrl: std::mem::transmute(find(c"SSL_ctrl")?),
                suites: std::mem::transmute(find(c"SSL_CTX_set_ciphersuites")?),
            },
        })
    }
}

fn c(path: &Path) -> CString {
    CString::new(path.to_str().unwrap()).unwrap()
}

fn demand(result: c_int) {
    assert_eq!(result, 1, "a call that prepares the benchmark failed");
}

thread_local! {
    /// The sessions that the callback was given; the newest is the last.
    static CAME: RefCell<Vec<Any>> = const { RefCell::new(Vec::new()) };
}

unsafe extern "C" fn keep(_ssl: Any, session: Any) -> c_int {
    CAME.with_borrow_mut(|came| came.push(session));
    1
}

struct Both {
    lib: Libssl,
    client: Any,
    server: Any,
    resumes: bool,
    session: Cell<Any>,
}

impl Drop for Both {
    fn drop(&mut self) {
        // SAFETY: made by this library, and not used after this.
        unsafe {
            if !self.session.get().is_null() {
                (self.lib.api.SSL_SESSION_free)(self.session.get());
            }
            (self.lib.api.SSL_CTX_free)(self.client);
            (self.lib.api.SSL_CTX_free)(self.server);
        }
    }
}

const VERIFY_PEER: c_int = 1;
const VERIFY_FAIL_IF_NO_PEER_CERT: c_int = 2;

impl Libssl {
    fn context(&self, version: Version) -> Any {
        let number: c_int = match version {
            Version::Tls12 => 0x0303,
            Version::Tls13 => 0x0304,
        };
        let suites = c"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256".as_ptr();
        // SAFETY: a new context, and texts ended by NUL.
        unsafe {
            let ctx = (self.api.SSL_CTX_new)((self.api.TLS_method)());
            assert!(!ctx.is_null());
            demand((self.api.SSL_CTX_set_cipher_list)(ctx, suites));
            match self.flavour {
                Flavour::BoringSsl => {
                    let number = u16::try_from(number).unwrap();
                    demand(ffi::SSL_CTX_set_min_proto_version(ctx.cast(), number));
                    demand(ffi::SSL_CTX_set_max_proto_version(ctx.cast(), number));
                    demand(ffi::SSL_CTX_set1_groups_list(ctx.cast(), c"X25519:P-256".as_ptr()));
                }
                Flavour::OpenSsl { ctx_ctrl, suites, .. } => {
                    let number = c_long::from(number);
                    let x25519 = c"X25519:P-256".as_ptr().cast_mut().cast();
                    ctx_ctrl(ctx, 123, number, null_mut()); // SSL_CTRL_SET_MIN_PROTO_VERSION
                    ctx_ctrl(ctx, 124, number, null_mut()); // SSL_CTRL_SET_MAX_PROTO_VERSION
                    assert_eq!(ctx_ctrl(ctx, 92, 0, x25519), 1); // SSL_CTRL_SET_GROUPS_LIST
                    demand(suites(ctx, c"TLS_AES_128_GCM_SHA256".as_ptr()));
                }
            }
            ctx
        }
    }

    fn own(&self, ctx: Any, chain: &Path, key: &Path) {
        // SAFETY: a live context, and texts ended by NUL.
        unsafe {
            demand((self.api.SSL_CTX_use_certificate_chain_file)(ctx, c(chain).as_ptr()));
            demand((self.api.SSL_CTX_use_PrivateKey_file)(ctx, c(key).as_ptr(), 1));
        }
    }

    fn trust(&self, ctx: Any, mode: c_int) {
        let root = c(&pki("root.pem"));
        // SAFETY: as above.
        unsafe {
            demand((self.api.SSL_CTX_load_verify_locations)(ctx, root.as_ptr(), null()));
            (self.api.SSL_CTX_set_verify)(ctx, mode, null_mut());
        }
    }

    /// The server name that is asked for, and checked.
    fn expect(&self, ssl: Any) {
        let name = c"localhost".as_ptr();
        // SAFETY: a live connection.
        unsafe {
            demand((self.api.SSL_set1_host)(ssl, name));
            match self.flavour {
                Flavour::BoringSsl => demand(ffi::SSL_set_tlsext_host_name(ssl.cast(), name)),
                Flavour::OpenSsl { ctrl, .. } => {
                    ctrl(ssl, 55, 0, name.cast_mut().cast()); // SSL_CTRL_SET_TLSEXT_HOSTNAME
                }
            }
        }
    }
}

impl Library for Libssl {
    fn name(&self) -> &'static str {
        self.name
    }

    fn contexts(&self, case: &Case) -> Box<dyn Contexts> {
        let (client, server) = (self.context(case.version), self.context(case.version));
        self.trust(client, VERIFY_PEER);
        let (chain, key) = case.server();
        self.own(server, &chain, &key);
        if case.kind == Kind::Mutual {
            self.own(client, &pki("client.chain.pem"), &pki("client.key.pem"));
            self.trust(server, VERIFY_PEER | VERIFY_FAIL_IF_NO_PEER_CERT);
        }
        let resumes = case.kind == Kind::Resumed;
        // SAFETY: live contexts.
        unsafe {
            demand((self.api.SSL_CTX_set_session_id_context)(server, b"bench".as_ptr(), 5));
            if resumes {
                match self.flavour {
                    Flavour::BoringSsl => {
                        ffi::SSL_CTX_set_session_cache_mode(client.cast(), 1);
                    }
                    // SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT
                    Flavour::OpenSsl { ctx_ctrl, .. } => {
                        ctx_ctrl(client, 44, 1, null_mut());
                    }
                }
                (self.api.SSL_CTX_sess_set_new_cb)(client, keep);
            }
        }
        Box::new(Both { lib: *self, client, server, resumes, session: Cell::new(null_mut()) })
    }

    fn default_client(&self) -> Option<Box<dyn Fn()>> {
        let lib = *self;
        Some(Box::new(move || {
            // SAFETY: a context and a connection of this function's.
            unsafe {
                let ctx = (lib.api.SSL_CTX_new)((lib.api.TLS_method)());
                demand((lib.api.SSL_CTX_set_default_verify_paths)(ctx));
                (lib.api.SSL_CTX_set_verify)(ctx, VERIFY_PEER, null_mut());
                (lib.api.SSL_free)((lib.api.SSL_new)(ctx));
                (lib.api.SSL_CTX_free)(ctx);
            }
        }))
    }
}

struct Connected {
    api: Api,
    client: Any,
    server: Any,
}

impl Drop for Connected {
    fn drop(&mut self) {
        // SAFETY: made here, and not used after this; their BIOs go with them.
        unsafe {
            // OpenSSL does not resume what ended without a goodbye.
            for ssl in [self.client, self.server] {
                (self.api.SSL_set_shutdown)(ssl, 3);
                (self.api.SSL_free)(ssl);
            }
        }
    }
}

impl Connected {
    fn end(&self, end: End) -> Any {
        match end {
            End::Client => self.client,
            End::Server => self.server,
        }
    }

    /// Whether the handshake is done.
    fn step(&self, end: End) -> bool {
        let ssl = self.end(end);
        // SAFETY: a live connection.
        unsafe {
            let ret = (self.api.SSL_do_handshake)(ssl);
            if ret != 1 {
                let error = (self.api.SSL_get_error)(ssl, ret);
                assert!(error == 2 || error == 3, "the handshake failed: {}", self.api.error());
            }
            ret == 1
        }
    }
}

impl Contexts for Both {
    fn connect(&self, over: Over) -> Box<dyn Pair> {
        let api = self.lib.api;
        // SAFETY: live contexts; the connections own their BIOs.
        let mut pair = unsafe {
            let (client, server) = ((api.SSL_new)(self.client), (api.SSL_new)(self.server));
            match over {
                Over::Memory => {
                    let (mut at_client, mut at_server) = (null_mut(), null_mut());
                    demand((api.BIO_new_bio_pair)(&mut at_client, 0, &mut at_server, 0));
                    (api.SSL_set_bio)(client, at_client, at_client);
                    (api.SSL_set_bio)(server, at_server, at_server);
                }
                Over::Fd([at_client, at_server]) | Over::FdAhead([at_client, at_server]) => {
                    demand((api.SSL_set_fd)(client, at_client));
                    demand((api.SSL_set_fd)(server, at_server));
                    if let (Over::FdAhead(_), Flavour::OpenSsl { ctrl, .. }) =
                        (over, self.lib.flavour)
                    {
                        for ssl in [client, server] {
                            ctrl(ssl, 41, 1, null_mut()); // SSL_CTRL_SET_READ_AHEAD
                        }
                    }
                }
            }
            self.lib.expect(client);
            (api.SSL_set_connect_state)(client);
            (api.SSL_set_accept_state)(server);
            if !self.session.get().is_null() {
                demand((api.SSL_set_session)(client, self.session.get()));
            }
            Connected { api, client, server }
        };
        let (mut client, mut server) = (false, false);
        while !client || !server {
            client = client || pair.step(End::Client);
            server = server || pair.step(End::Server);
        }
        if self.resumes {
            if self.session.get().is_null() {
                // A ticket comes with the server's first bytes.
                pair.send(End::Server, b"x");
                pair.receive(End::Client, &mut [0]);
                let newest = CAME.with_borrow_mut(Vec::pop);
                self.session.set(newest.expect("a session came"));
                if let Flavour::OpenSsl { ctx_ctrl, .. } = self.lib.flavour {
                    // A client that caches sessions uses each of TLS 1.3 only once.
                    // SAFETY: a live context. SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF
                    unsafe { ctx_ctrl(self.client, 44, 0, null_mut()) };
                }
            } else {
                // SAFETY: a live connection.
                assert_eq!(
                    unsafe { (api.SSL_session_reused)(pair.client) },
                    1,
                    "not resumed: {}",
                    self.lib.name
                );
            }
        }
        for session in CAME.take() {
            // SAFETY: this library's, and nobody else's.
            unsafe { (api.SSL_SESSION_free)(session) };
        }
        Box::new(pair)
    }
}

impl Pair for Connected {
    fn send(&mut self, end: End, data: &[u8]) {
        let len = c_int::try_from(data.len()).unwrap();
        // SAFETY: a live connection and `len` bytes.
        let sent = unsafe { (self.api.SSL_write)(self.end(end), data.as_ptr(), len) };
        assert_eq!(sent, len);
    }

    fn receive(&mut self, end: End, mut room: &mut [u8]) {
        while !room.is_empty() {
            let len = c_int::try_from(room.len()).unwrap();
            // SAFETY: as above.
            let n = unsafe { (self.api.SSL_read)(self.end(end), room.as_mut_ptr(), len) };
            room = &mut room[usize::try_from(n).expect("bytes to read")..];
        }
    }
}
