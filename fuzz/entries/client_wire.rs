//! What a server sends to a client.

use std::sync::OnceLock;

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    static CONTEXTS: OnceLock<[Ctx; 4]> = OnceLock::new();
    let contexts = CONTEXTS.get_or_init(|| {
        [
            Ctx::with(TLSW_CLIENT, TLSW_TLS_1_3, TLSW_CERT_REQUIRED),
            Ctx::with(TLSW_CLIENT, TLSW_TLS_1_2, TLSW_CERT_REQUIRED),
            Ctx::with(TLSW_CLIENT, TLSW_TLS_1_2, TLSW_CERT_NONE),
            Ctx::with(TLSW_CLIENT, TLSW_TLS_1_0, TLSW_CERT_NONE),
        ]
    });
    hear(contexts, TLSW_CLIENT, data);
}
