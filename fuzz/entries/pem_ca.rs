//! A file of CAs.

use std::ptr::null_mut;

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    let ctx = Ctx::new(TLSW_CLIENT);
    // SAFETY: live handles, pointer and length of a slice, room for results.
    unsafe {
        if call(|err| tlsw_ctx_load_ca_mem(ctx.0, data.as_ptr(), data.len(), err)).is_err() {
            return;
        }
        // Connections are made from it, whoever it trusts.
        let (mut bio, mut conn) = (null_mut(), null_mut());
        call(|err| tlsw_bio_new(&mut bio, err)).unwrap();
        let name = c"localhost".as_ptr();
        call(|err| tlsw_wrap_bio(ctx.0, bio, bio, TLSW_CLIENT, name, &mut conn, err)).unwrap();
        tlsw_conn_free(conn);
        tlsw_bio_free(bio);
    }
}
