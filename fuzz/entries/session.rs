//! The bytes of a session, which a client then resumes, or tries to.

use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    static CONTEXTS: OnceLock<[Ctx; 2]> = OnceLock::new();
    let [client, server] = CONTEXTS.get_or_init(|| {
        [TLSW_CLIENT, TLSW_SERVER].map(|role| Ctx::with(role, TLSW_TLS_1_3, TLSW_CERT_NONE))
    });
    // SAFETY: live handles, pointers and lengths of slices, room for results.
    unsafe {
        let mut session = null_mut();
        let made = call(|err| {
            tlsw_session_from_bytes(client.0, data.as_ptr(), data.len(), null(), &mut session, err)
        });
        // Nobody can make what a key was to have made.
        let key = [7; 32];
        let (data, len) = (data.as_ptr(), data.len());
        let (sealed, mut none) = (key.as_ptr(), null_mut());
        let forged = |err| tlsw_session_from_bytes(client.0, data, len, sealed, &mut none, err);
        assert!(call(forged).is_err() && none.is_null());
        if made.is_err() {
            assert!(session.is_null());
            return;
        }
        let _ = (tlsw_session_time(session), tlsw_session_timeout(session));
        let _ = (tlsw_session_has_ticket(session), tlsw_session_ticket_lifetime_hint(session));
        let mut id = empty();
        call(|err| tlsw_session_id(session, &mut id, err)).unwrap();
        assert!(take(id).len() <= 32);
        assert_eq!(tlsw_session_equal(session, session), 1);
        // Written again it is the same session; what cannot be resumed is not written.
        let mut again = empty();
        for key in [null(), sealed] {
            if call(|err| tlsw_session_to_bytes(session, key, &mut again, err)).is_err() {
                continue;
            }
            let (again, mut copy) = (take(std::mem::replace(&mut again, empty())), null_mut());
            let (data, len) = (again.as_ptr(), again.len());
            let read = |err| tlsw_session_from_bytes(client.0, data, len, key, &mut copy, err);
            call(read).unwrap();
            assert_eq!(tlsw_session_equal(session, copy), 1);
            tlsw_session_free(copy);
        }
        // The server has never seen it: the handshake is a full one, or an error.
        let (mut one, mut other, mut here, mut there) =
            (null_mut(), null_mut(), null_mut(), null_mut());
        call(|err| tlsw_bio_new(&mut one, err)).unwrap();
        call(|err| tlsw_bio_new(&mut other, err)).unwrap();
        let name = c"localhost".as_ptr();
        call(|err| tlsw_wrap_bio(client.0, one, other, TLSW_CLIENT, name, &mut here, err)).unwrap();
        call(|err| tlsw_wrap_bio(server.0, other, one, TLSW_SERVER, null(), &mut there, err))
            .unwrap();
        let _ = call(|err| tlsw_conn_set_session(here, session, err));
        for _ in 0..3 {
            let _ = call(|err| tlsw_conn_handshake(here, err));
            let _ = call(|err| tlsw_conn_handshake(there, err));
        }
        assert_eq!(tlsw_get_session_reused(here), 0);
        for conn in [here, there] {
            tlsw_conn_free(conn);
        }
        tlsw_bio_free(one);
        tlsw_bio_free(other);
        tlsw_session_free(session);
    }
}
