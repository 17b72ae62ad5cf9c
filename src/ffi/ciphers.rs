//! Contexts: cipher suites, groups, the security level.

use std::ffi::c_char;

use super::ctx::{question, switch};
use super::enter;
use super::ptr::{buf, hold, out, text};
use super::types::*;
use crate::error::Progress;

/// `tlsw_ctx_set_ciphers` sets the cipher suites below TLS 1.3 by OpenSSL's list text (borrows):
/// names of suites, OpenSSL's or IANA's, and words (ALL, DEFAULT, HIGH, ECDHE, kRSA, aECDSA, AESGCM,
/// CHACHA20, SHA1, 3DES, PSK …) between colons, `+` to combine, `!`, `-`, `+` before a word,
/// `[a|b]` for equal preference, `@STRENGTH`. Words that BoringSSL does not know (DHE, aNULL,
/// CAMELLIA …) select nothing. `@SECLEVEL=n` sets the security level, 0 to 5
/// (tlsw_ctx_get_security_level). `DEFAULT` is all but pre-shared keys and 3DES, with forward
/// secrecy and without; a context that was told nothing is stricter.
/// Nothing changes unless a suite is left.
/// Errors: ERR_ARGUMENT; ERR_TLS, reason NO_CIPHER_MATCH: "No cipher can be selected.". Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_ciphers(
    ctx: *mut tlsw_ctx,
    list: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, list) = unsafe { (hold(ctx, "ctx")?, text(list, "list")?) };
        ctx.change(|settings| settings.set_ciphers(list))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_ciphers` gives the suites that are enabled, in order of preference, those of TLS 1.3
/// first: a JSON array of objects with the keys of CPython's SSLContext.get_ciphers() (id, name,
/// protocol, description, strength_bits, alg_bits, aead, symmetric, digest, kea, auth), to be freed
/// with tlsw_buf_free.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ciphers(
    ctx: *const tlsw_ctx,
    ciphers: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, ciphers) = unsafe { (hold(ctx, "ctx")?, out(ciphers, "ciphers")?) };
        let json = ctx.ciphers_json()?;
        ciphers.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_set_ciphersuites` sets the suites of TLS 1.3 by their names (borrows), preferred first,
/// with colons between them: TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384,
/// TLS_CHACHA20_POLY1305_SHA256. Others are skipped. By default all three are on; AES comes first
/// where the machine has it in hardware.
/// Errors: ERR_ARGUMENT; ERR_TLS, reason NO_CIPHER_MATCH: "No cipher suite can be selected.". Any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_ciphersuites(
    ctx: *mut tlsw_ctx,
    names: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, names) = unsafe { (hold(ctx, "ctx")?, text(names, "names")?) };
        ctx.change(|settings| settings.set_tls13_ciphers(names))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_set_groups` sets the groups for the key exchange by their names (borrows), preferred
/// first, with colons between them: X25519MLKEM768, MLKEM1024, x25519, secp256r1 (prime256v1,
/// P-256), secp384r1 (P-384), secp521r1 (P-521); capitals do not matter. A name after a question
/// mark is skipped if it is unknown. In TLS 1.2 they also limit the keys of ECDSA certificates.
/// Errors: ERR_ARGUMENT for a name that is none, or twice; ERR_TLS, reason
/// UNSUPPORTED_ELLIPTIC_CURVE, for one that BoringSSL cannot do (secp256k1, brainpoolP256r1 …). Any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_groups(
    ctx: *mut tlsw_ctx,
    groups: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, groups) = unsafe { (hold(ctx, "ctx")?, text(groups, "groups")?) };
        ctx.change(|settings| settings.set_groups(groups))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_groups` gives the groups that are enabled and that the version bounds have a use
/// for, in order of preference: a JSON array of IANA's names, to be freed with tlsw_buf_free. With
/// `aliases` 1 each is followed by its other names; 0 is without.
/// Errors: ERR_ARGUMENT; ERR_STATE if the security level leaves none; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_groups(
    ctx: *const tlsw_ctx,
    aliases: i32,
    groups: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, groups) = unsafe { (hold(ctx, "ctx")?, out(groups, "groups")?) };
        let json = ctx.groups_json(switch(aliases, "aliases")?)?;
        groups.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_set_ecdh_curve` makes one group, named as for tlsw_ctx_set_groups, the only one of
/// server connections. It does not concern clients. (OpenSSL's and Python's old call; new programs
/// want tlsw_ctx_set_groups.)
/// Errors: as tlsw_ctx_set_groups. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_ecdh_curve(
    ctx: *mut tlsw_ctx,
    curve: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, curve) = unsafe { (hold(ctx, "ctx")?, text(curve, "curve")?) };
        ctx.change(|settings| settings.set_curve(curve))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_security_level` is the security level, 0 to 5, as OpenSSL 3 defines it: 0, 80, 112,
/// 128, 192, 256 bits of security for keys (at level 2, the default, RSA from 2048 bits and elliptic
/// curves from 224), for the signatures on certificates (no SHA-1 from level 1 on; the trust anchor
/// is not asked), for suites, groups and signature algorithms. Own chains are measured when they are
/// loaded, the peer's when it is verified. From level 3 on no session tickets. The protocol versions
/// are for the version bounds alone. tlsw_ctx_set_ciphers sets it. -1 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_security_level(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.level.number().into()))
}
