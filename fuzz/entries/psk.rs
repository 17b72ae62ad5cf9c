//! What a pre-shared key is made of: whose it is, what for, and the hint of older versions.

use std::ffi::CString;

use super::common::*;

/// Runs one input: three lengths, then identity, key, context and hint.
pub fn run(data: &[u8]) {
    let Some((lengths, rest)) = data.split_at_checked(3) else { return };
    let (identity, rest) = rest.split_at(usize::from(lengths[0]).min(rest.len()));
    let (key, rest) = rest.split_at(usize::from(lengths[1]).min(rest.len()));
    let (context, hint) = rest.split_at(usize::from(lengths[2]).min(rest.len()));
    let server = Ctx::with(TLSW_SERVER, TLSW_TLS_1_3, TLSW_CERT_NONE);
    let client = Ctx::with(TLSW_CLIENT, TLSW_TLS_1_3, TLSW_CERT_NONE);
    // SAFETY: live handles, room for results, pointers and lengths of slices, C strings.
    unsafe {
        if let Ok(hint) = CString::new(hint) {
            let set = call(|err| tlsw_ctx_set_psk_identity_hint(server.0, hint.as_ptr(), err));
            assert!(hint.to_bytes().len() <= 128 || set.is_err());
        }
        let add = |ctx: &Ctx| {
            call(|err| {
                tlsw_ctx_add_psk(
                    ctx.0,
                    identity.as_ptr(),
                    identity.len(),
                    key.as_ptr(),
                    key.len(),
                    context.as_ptr(),
                    context.len(),
                    std::ptr::null(),
                    err,
                )
            })
        };
        let added = add(&client);
        assert_eq!(added, add(&server));
        if added.is_err() {
            return;
        }
        let pair = Pair::new(&client, &server);
        pair.handshake();
        for conn in [pair.client, pair.server] {
            let mut name = empty();
            assert_eq!(call(|err| tlsw_get_psk_identity(conn, &mut name, err)), Ok(TLSW_OK));
            assert_eq!(take(name), identity);
        }
    }
}
