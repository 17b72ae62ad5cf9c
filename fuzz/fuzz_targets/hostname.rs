//! A server's name.
#![no_main]

mod common;

use std::ffi::CString;
use std::ptr::null_mut;
use std::sync::OnceLock;

use common::*;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static CONTEXT: OnceLock<Ctx> = OnceLock::new();
    let ctx = CONTEXT.get_or_init(|| {
        let ctx = Ctx::new(TLSW_CLIENT);
        let ca = identity().0;
        // SAFETY: a live context, pointer and length of a slice.
        call(|err| unsafe { tlsw_ctx_load_ca_mem(ctx.0, ca.as_ptr(), ca.len(), err) }).unwrap();
        ctx
    });
    let Ok(name) = CString::new(data) else { return };
    let (mut incoming, mut outgoing, mut conn) = (null_mut(), null_mut(), null_mut());
    // SAFETY: live handles, room for results, a C string.
    unsafe {
        call(|err| tlsw_bio_new(&mut incoming, err)).unwrap();
        call(|err| tlsw_bio_new(&mut outgoing, err)).unwrap();
        let name = name.as_ptr();
        let made =
            call(|err| tlsw_wrap_bio(ctx.0, incoming, outgoing, TLSW_CLIENT, name, &mut conn, err));
        match made {
            Ok(_) => {
                assert!(data.is_ascii() && data.len() <= 256);
                // A name that is taken can be sent.
                assert_eq!(call(|err| tlsw_conn_handshake(conn, err)), Ok(TLSW_WANT_READ));
                assert!(tlsw_bio_pending(outgoing) > 100);
                tlsw_conn_free(conn);
            }
            Err(error) => {
                assert!(conn.is_null() && error.contains("server_hostname"), "{error}");
            }
        }
        tlsw_bio_free(incoming);
        tlsw_bio_free(outgoing);
    }
});
