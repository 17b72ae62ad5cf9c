//! Closures as hooks. What a test finds out inside one it writes down, and judges afterwards: a
//! panic must not leave a hook.
#![allow(dead_code, reason = "each test uses its own part")]

use std::ffi::{CStr, c_char, c_void};
use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex};

use crate::support::*;

/// A value for the library to keep, and to release with `release::<T>`.
pub fn kept<T>(value: T) -> *mut c_void {
    Box::into_raw(Box::new(value)).cast()
}

pub unsafe extern "C" fn release<T>(user: *mut c_void) {
    drop(unsafe { Box::from_raw(user.cast::<T>()) });
}

/// A connection as a hook gets it: not the hook's to free.
pub type Lent = ManuallyDrop<Conn>;

pub fn lent(conn: *mut tlsw_conn) -> Lent {
    ManuallyDrop::new(Conn(conn))
}

/// What a hook wrote down.
pub struct Notes<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Notes<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Notes<T> {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn add(&self, note: T) {
        self.0.lock().unwrap().push(note);
    }

    /// All notes so far, which are gone then.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// How many hold on to these notes.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

impl Conn {
    pub fn set_ctx(&self, ctx: &Ctx) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_set_ctx(self.0, ctx.0, err) })
    }

    pub fn ctx(&self) -> Ctx {
        let mut ctx = null_mut();
        call(|err| unsafe { tlsw_get_ctx(self.0, &mut ctx, err) }).unwrap();
        Ctx(ctx)
    }

    pub fn user(&self) -> *mut c_void {
        unsafe { tlsw_get_user(self.0) }
    }

    pub fn server_hostname(&self) -> Option<String> {
        let mut name = empty();
        let status =
            call(|err| unsafe { tlsw_get_server_hostname(self.0, &mut name, err) }).unwrap();
        (status == TLSW_OK).then(|| String::from_utf8(take(name)).unwrap())
    }
}

/// A function of Ctx that sets one kind of hook to a closure, and the trampoline that calls it.
macro_rules! hook {
    ($set:ident, $tlsw:ident, $Closure:ident: $closure:ty,
     $trampoline:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?, $call:expr) => {
        type $Closure = Box<$closure>;

        unsafe extern "C" fn $trampoline(user: *mut c_void, $($arg: $ty),*) $(-> $ret)? {
            let call: fn(&$Closure, $($ty),*) $(-> $ret)? = $call;
            call(unsafe { &*user.cast::<$Closure>() }, $($arg),*)
        }

        impl Ctx {
            /// The closure's box is the caller's still if the call fails.
            pub fn $set(&self, hook: $Closure) -> Result<tlsw_status, Error> {
                let user = kept::<$Closure>(hook);
                let set = call(|err| unsafe {
                    $tlsw(self.0, Some($trampoline), user, Some(release::<$Closure>), err)
                });
                if set.is_err() {
                    unsafe { release::<$Closure>(user) };
                }
                set
            }
        }
    };
}

hook!(
    put_sni_hook,
    tlsw_ctx_set_sni_hook,
    Sni: dyn Fn(Lent, Option<&str>, &mut u8) -> tlsw_status + Send + Sync,
    sni(conn: *mut tlsw_conn, name: *const c_char, alert: *mut u8) -> tlsw_status,
    |hook, conn, name, alert| {
        let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_str().unwrap());
        hook(lent(conn), name, unsafe { &mut *alert })
    }
);

impl Ctx {
    pub fn set_sni_hook(
        &self,
        hook: impl Fn(Lent, Option<&str>, &mut u8) -> tlsw_status + Send + Sync + 'static,
    ) -> Result<tlsw_status, Error> {
        self.put_sni_hook(Box::new(hook))
    }

    pub fn clear_sni_hook(&self) {
        call(|err| unsafe { tlsw_ctx_set_sni_hook(self.0, None, null_mut(), None, err) }).unwrap();
    }
}

hook!(
    set_verify_hook,
    tlsw_ctx_set_verify_hook,
    Verify: dyn Fn(Lent, i32, &mut u8) -> tlsw_status + Send + Sync,
    verify(conn: *mut tlsw_conn, code: i32, alert: *mut u8) -> tlsw_status,
    |hook, conn, code, alert| hook(lent(conn), code, unsafe { &mut *alert })
);

/// What a message hook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub is_write: bool,
    pub version: i32,
    pub content_type: i32,
    pub data: Vec<u8>,
}

hook!(
    set_msg_hook,
    tlsw_ctx_set_msg_hook,
    Msg: dyn Fn(Lent, Message) + Send + Sync,
    msg(conn: *mut tlsw_conn, is_write: i32, version: i32, kind: i32, data: *const u8, len: usize),
    |hook, conn, is_write, version, content_type, data, len| {
        let data = unsafe { std::slice::from_raw_parts(data, len) }.to_vec();
        hook(lent(conn), Message { is_write: is_write == 1, version, content_type, data });
    }
);

hook!(
    set_info_hook,
    tlsw_ctx_set_info_hook,
    Info: dyn Fn(Lent, i32, i32) + Send + Sync,
    info(conn: *mut tlsw_conn, step: i32, value: i32),
    |hook, conn, step, value| hook(lent(conn), step, value)
);

hook!(
    set_keylog_hook,
    tlsw_ctx_set_keylog_hook,
    Keylog: dyn Fn(Lent, &str) + Send + Sync,
    keylog(conn: *mut tlsw_conn, line: *const c_char),
    |hook, conn, line| hook(lent(conn), unsafe { CStr::from_ptr(line) }.to_str().unwrap())
);

hook!(
    set_session_hook,
    tlsw_ctx_set_session_hook,
    OnSession: dyn Fn(Lent, Session) + Send + Sync,
    on_session(conn: *mut tlsw_conn, session: *mut tlsw_session),
    |hook, conn, session| hook(lent(conn), Session(session))
);

hook!(
    set_psk_client_hook,
    tlsw_ctx_set_psk_client_hook,
    PskClient: dyn Fn(Lent, Option<&str>, &mut [u8], &mut [u8], &mut usize) -> tlsw_status
        + Send + Sync,
    psk_client(conn: *mut tlsw_conn, hint: *const c_char, identity: *mut c_char,
               identity_size: usize, key: *mut u8, key_size: usize, len: *mut usize) -> tlsw_status,
    |hook, conn, hint, identity, identity_size, key, key_size, len| unsafe {
        let hint = (!hint.is_null()).then(|| CStr::from_ptr(hint).to_str().unwrap());
        let identity = std::slice::from_raw_parts_mut(identity.cast(), identity_size);
        let key = std::slice::from_raw_parts_mut(key, key_size);
        hook(lent(conn), hint, identity, key, &mut *len)
    }
);

hook!(
    set_psk_server_hook,
    tlsw_ctx_set_psk_server_hook,
    PskServer: dyn Fn(Lent, &CStr, &mut [u8], &mut usize) -> tlsw_status + Send + Sync,
    psk_server(conn: *mut tlsw_conn, identity: *const c_char, key: *mut u8, key_size: usize,
               len: *mut usize) -> tlsw_status,
    |hook, conn, identity, key, key_size, len| unsafe {
        let key = std::slice::from_raw_parts_mut(key, key_size);
        hook(lent(conn), CStr::from_ptr(identity), key, &mut *len)
    }
);

/// A path of this test alone, which goes with the value.
pub struct Scratch(pub std::path::PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        Self(
            std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
                .join(format!("{name}-{}", std::process::id())),
        )
    }

    /// The file's lines, all of them whole.
    pub fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.0).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Ctx {
    pub fn set_keylog_file(&self, path: Option<&std::path::Path>) -> Result<tlsw_status, Error> {
        let path = path.map(c_path);
        let path = path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr());
        call(|err| unsafe { tlsw_ctx_set_keylog_file(self.0, path, err) })
    }

    pub fn keylog_file(&self) -> Option<String> {
        let mut path = empty();
        let status = call(|err| unsafe { tlsw_ctx_get_keylog_file(self.0, &mut path, err) });
        (status.unwrap() == TLSW_OK).then(|| String::from_utf8(take(path)).unwrap())
    }
}
