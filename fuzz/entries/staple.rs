//! What a server shows beside its certificate: an OCSP response, and certificate timestamps.

use super::common::*;

/// Runs one input: the first two bytes are the length of the response.
pub fn run(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk() else { return };
    let at = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (response, list) = rest.split_at(at);
    let server = Ctx::with(TLSW_SERVER, TLSW_TLS_1_3, TLSW_CERT_NONE);
    let client = Ctx::with(TLSW_CLIENT, TLSW_TLS_1_3, TLSW_CERT_NONE);
    // SAFETY: live handles, room for results, pointers and lengths of slices.
    unsafe {
        call(|err| tlsw_ctx_set_ocsp_stapling(client.0, 1, err)).unwrap();
        call(|err| tlsw_ctx_set_sct(client.0, 1, err)).unwrap();
        let (data, len) = (response.as_ptr(), response.len());
        let shown = call(|err| tlsw_ctx_set_ocsp_response(server.0, data, len, err)).is_ok();
        let (data, len) = (list.as_ptr(), list.len());
        let listed = call(|err| tlsw_ctx_set_sct_list(server.0, data, len, err)).is_ok();
        // A list that is malformed is found out now.
        let Some(pair) = Pair::try_new(&client, &server) else {
            assert!(listed && !list.is_empty());
            return;
        };
        if !pair.try_handshake() {
            return;
        }
        let (mut given, mut named) = (empty(), empty());
        call(|err| tlsw_get_ocsp_response(pair.client, &mut given, err)).unwrap();
        call(|err| tlsw_get_sct_list(pair.client, &mut named, err)).unwrap();
        assert_eq!(take(given), if shown { response } else { &[] });
        assert_eq!(take(named), if listed { list } else { &[] });
    }
}
