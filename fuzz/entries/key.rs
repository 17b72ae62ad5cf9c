//! A private key. No password is given: how long it takes to try one is for the key to say.

use super::common::*;

/// Runs one input.
pub fn run(data: &[u8]) {
    let ctx = Ctx::new(TLSW_SERVER);
    // SAFETY: a live context.
    let _ = call(|err| unsafe { load(ctx.0, identity().0, data, err) });
}
