//! Sets and returns cipher suites, groups and the security level of contexts.

use std::ffi::c_char;

use super::ctx::{question, switch};
use super::enter;
use super::ptr::{buf, hold, out, text};
use super::types::*;
use crate::error::Progress;

/// Sets the cipher suites for TLS 1.2 and older by a cipher string in OpenSSL's format. Borrows
/// `list`.
/// A cipher string consists of words separated by colons. A word is the name of a suite (OpenSSL's
/// or IANA's) or of a group of suites (ALL, DEFAULT, HIGH, ECDHE, kRSA, aECDSA, AESGCM, CHACHA20,
/// SHA1, 3DES, PSK …). `+` between words selects the suites that match both words. `!`, `-` or `+`
/// before a word removes the suites for good, removes them, or moves them to the end. `[a|b]` gives
/// suites equal preference, and `@STRENGTH` sorts by key length. Words that BoringSSL does not know
/// (DHE, aNULL, CAMELLIA …) select no suite.
/// `@SECLEVEL=n` sets the security level, 0 to 5 (tlsw_ctx_get_security_level). As the first word,
/// `DEFAULT` selects all suites, with and without forward secrecy, except those with pre-shared
/// keys or 3DES. The suites of a new context are stricter: ECDHE with AES-GCM or ChaCha20-Poly1305
/// and, if the lowest version is below TLS 1.2, ECDHE with AES and SHA-1. If the string and the
/// security level leave no suite, the call fails and changes nothing.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_TLS with reason NO_CIPHER_MATCH ("No cipher can be
/// selected."). Callable from any thread.
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

/// Returns the enabled cipher suites in order of preference, those of TLS 1.3 first, as a JSON
/// array of objects. The objects have the keys of CPython's SSLContext.get_ciphers(): id, name,
/// protocol, description, strength_bits, alg_bits, aead, symmetric, digest, kea, auth. Gives
/// `*ciphers`; free the buffer with tlsw_buf_free.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ciphers(
    ctx: *const tlsw_ctx,
    ciphers: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, ciphers) = unsafe { (hold(ctx, "ctx")?, out(ciphers, "ciphers")?) };
        let json = ctx.ciphers_json()?;
        ciphers.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Sets the cipher suites for TLS 1.3 by their names, separated by colons, preferred first. Borrows
/// `names`.
/// The names are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 and TLS_CHACHA20_POLY1305_SHA256.
/// Other names are skipped. By default all three suites are enabled, and those with AES come first
/// if the machine has AES instructions.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_TLS with reason NO_CIPHER_MATCH ("No cipher suite can be
/// selected."). Callable from any thread.
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

/// Sets the groups for the key exchange by their names, separated by colons, preferred first.
/// Borrows `groups`.
/// The names are X25519MLKEM768, MLKEM1024, x25519, secp256r1 (also prime256v1, P-256), secp384r1
/// (also P-384) and secp521r1 (also P-521), in upper or lower case. An unknown name after a
/// question mark is skipped. In TLS 1.2 the groups also restrict the keys of ECDSA certificates.
/// Errors: TLSW_ERR_ARGUMENT for an unknown name, for a group that is listed twice, and if no group
/// is left; TLSW_ERR_TLS with reason UNSUPPORTED_ELLIPTIC_CURVE for a group that BoringSSL does not
/// support (secp256k1, brainpoolP256r1 …). Callable from any thread.
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

/// Returns the enabled groups that the version bounds allow, in order of preference, as a JSON
/// array of IANA's names. Gives `*groups`; free the buffer with tlsw_buf_free. If `aliases` is 1,
/// the other names of each group follow its IANA name; if `aliases` is 0, they are left out.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the security level leaves no group;
/// TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_groups(
    ctx: *const tlsw_ctx,
    aliases: i32,
    groups: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, groups) = unsafe { (hold(ctx, "ctx")?, out(groups, "groups")?) };
        let json = ctx.groups_json(switch(aliases, "aliases")?)?;
        groups.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// Sets the only group for the key exchange of server connections. Borrows `curve`, a name of
/// tlsw_ctx_set_groups. The setting does not affect clients. The function exists for programs
/// written for OpenSSL or Python; new programs use tlsw_ctx_set_groups.
/// Errors: TLSW_ERR_ARGUMENT for an unknown name; TLSW_ERR_TLS with reason
/// UNSUPPORTED_ELLIPTIC_CURVE for a group that BoringSSL does not support. Callable from any
/// thread.
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

/// Returns the security level, 0 to 5, or -1 if `ctx` is not a context. tlsw_ctx_set_ciphers sets
/// the level by `@SECLEVEL=n`. The default is 2.
/// As in OpenSSL 3, the levels require 0, 80, 112, 128, 192 and 256 bits of security. The
/// requirement applies to keys (at level 2, RSA keys of at least 2048 bits and elliptic curves of
/// at least 224 bits), signatures on certificates except the trust anchor (no SHA-1 at level 1 and
/// above), cipher suites, groups and signature algorithms of the handshake. Own chains are checked
/// when they are loaded and when connections are made, the peer's chain when it is verified. At
/// level 3 and above session tickets, TLS 1.0 and TLS 1.1 are disabled, and so are suites without
/// forward secrecy. At the lower levels the version bounds alone determine the protocol versions.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_security_level(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.level.number().into()))
}
