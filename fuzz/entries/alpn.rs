//! A list of protocols, offered by a client and chosen from by a server.

use std::ptr::{null, null_mut};

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    // The server's list, and what is left for the client's.
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let (ours, theirs) = rest.split_at(usize::from(*first).min(rest.len()));
    let server = Ctx::with(TLSW_SERVER, TLSW_TLS_1_2, TLSW_CERT_NONE);
    let client = Ctx::with(TLSW_CLIENT, TLSW_TLS_1_2, TLSW_CERT_NONE);
    // SAFETY: live handles, room for results, pointers and lengths of slices.
    unsafe {
        let set = |ctx: &Ctx, list: &[u8]| {
            call(|err| tlsw_ctx_set_alpn_protocols(ctx.0, list.as_ptr(), list.len(), err)).is_ok()
        };
        if !set(&server, ours) || !set(&client, theirs) {
            return;
        }
        let (mut one, mut other, mut here, mut there) =
            (null_mut(), null_mut(), null_mut(), null_mut());
        call(|err| tlsw_bio_new(&mut one, err)).unwrap();
        call(|err| tlsw_bio_new(&mut other, err)).unwrap();
        let name = c"localhost".as_ptr();
        call(|err| tlsw_wrap_bio(client.0, one, other, TLSW_CLIENT, name, &mut here, err)).unwrap();
        call(|err| tlsw_wrap_bio(server.0, other, one, TLSW_SERVER, null(), &mut there, err))
            .unwrap();
        for _ in 0..3 {
            call(|err| tlsw_conn_handshake(here, err)).unwrap();
            call(|err| tlsw_conn_handshake(there, err)).unwrap();
        }
        let [agreed, too] = [here, there].map(|conn| {
            let mut name = empty();
            call(|err| tlsw_get_alpn(conn, &mut name, err)).unwrap();
            take(name)
        });
        assert_eq!(agreed, too);
        let names = |list: &[u8]| {
            let (mut names, mut rest) = (Vec::new(), list.to_vec());
            while !rest.is_empty() {
                let after = rest.split_off(1 + usize::from(rest[0]));
                names.push(rest.split_off(1));
                rest = after;
            }
            names
        };
        let offered = names(theirs);
        let wanted = names(ours).into_iter().find(|name| offered.contains(name));
        assert_eq!(agreed, wanted.unwrap_or_default());
        for conn in [here, there] {
            tlsw_conn_free(conn);
        }
        tlsw_bio_free(one);
        tlsw_bio_free(other);
    }
}
