//! A server's name.

use std::ffi::{CStr, CString};
use std::ptr::null_mut;
use std::sync::OnceLock;

use super::common::*;

/// The name as it goes over the wire.
fn ascii(name: &CStr) -> Result<CString, String> {
    let mut ascii = empty();
    // SAFETY: a C string, room for the buffer.
    call(|err| unsafe { tlsw_hostname_to_ascii(name.as_ptr(), &mut ascii, err) })?;
    Ok(CString::new(take(ascii)).unwrap())
}

/// Runs one input.
pub fn run(data: &[u8]) {
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
        let made = call(|err| {
            tlsw_wrap_bio(ctx.0, incoming, outgoing, TLSW_CLIENT, name.as_ptr(), &mut conn, err)
        });
        match made {
            Ok(_) => {
                let sent = ascii(&name).unwrap();
                assert!(sent.to_bytes().is_ascii() && sent.to_bytes().len() <= 253);
                assert_eq!(ascii(&sent), Ok(sent));
                // A name that is taken can be sent.
                assert_eq!(call(|err| tlsw_conn_handshake(conn, err)), Ok(TLSW_WANT_READ));
                assert!(tlsw_bio_pending(outgoing) > 100);
                tlsw_conn_free(conn);
            }
            Err(error) => {
                assert!(conn.is_null() && error.contains("server_hostname"), "{error}");
                assert!(ascii(&name).is_err());
            }
        }
        tlsw_bio_free(incoming);
        tlsw_bio_free(outgoing);
    }
}
