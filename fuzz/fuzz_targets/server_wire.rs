//! What a client sends to a server.
#![no_main]

mod common;

use std::sync::OnceLock;

use common::*;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static CONTEXTS: OnceLock<[Ctx; 4]> = OnceLock::new();
    let contexts = CONTEXTS.get_or_init(|| {
        [
            Ctx::with(TLSW_SERVER, TLSW_TLS_1_3, TLSW_CERT_NONE),
            Ctx::with(TLSW_SERVER, TLSW_TLS_1_2, TLSW_CERT_REQUIRED),
            Ctx::with(TLSW_SERVER, TLSW_TLS_1_2, TLSW_CERT_NONE),
            Ctx::with(TLSW_SERVER, TLSW_TLS_1_0, TLSW_CERT_OPTIONAL),
        ]
    });
    hear(contexts, TLSW_SERVER, data);
});
