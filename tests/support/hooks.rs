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

type Sni = Box<dyn Fn(Lent, Option<&str>, &mut u8) -> tlsw_status + Send + Sync>;

unsafe extern "C" fn sni(
    user: *mut c_void,
    conn: *mut tlsw_conn,
    name: *const c_char,
    alert: *mut u8,
) -> tlsw_status {
    let (hook, alert) = unsafe { (&*user.cast::<Sni>(), &mut *alert) };
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_str().unwrap());
    hook(lent(conn), name, alert)
}

impl Ctx {
    pub fn set_sni_hook(
        &self,
        hook: impl Fn(Lent, Option<&str>, &mut u8) -> tlsw_status + Send + Sync + 'static,
    ) -> Result<tlsw_status, Error> {
        let user = kept::<Sni>(Box::new(hook));
        let set = call(|err| unsafe {
            tlsw_ctx_set_sni_hook(self.0, Some(sni), user, Some(release::<Sni>), err)
        });
        if set.is_err() {
            // It stayed ours.
            unsafe { release::<Sni>(user) };
        }
        set
    }

    pub fn clear_sni_hook(&self) {
        call(|err| unsafe { tlsw_ctx_set_sni_hook(self.0, None, null_mut(), None, err) }).unwrap();
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

    pub fn server_hostname(&self) -> Option<String> {
        let mut name = empty();
        let status =
            call(|err| unsafe { tlsw_get_server_hostname(self.0, &mut name, err) }).unwrap();
        (status == TLSW_OK).then(|| String::from_utf8(take(name)).unwrap())
    }
}
