//! Contexts: directories of CAs, how chains are verified, what is trusted.

use std::ffi::c_char;

use super::ctx::{in_file, question, switch};
use super::enter;
use super::ptr::{buf, hold, out, path};
use super::types::*;
use crate::bssl::{dh, x509};
use crate::cert::Info;
use crate::ctx::Ctx;
use crate::ctx::trust::Trust;
use crate::error::{Error, Progress, Result, shown};
use crate::io::file;
use crate::json;

/// Nothing but the defaults: no revocation lists.
pub const TLSW_VERIFY_DEFAULT: u32 = 0;
/// Ask the revocation list of its issuer about the peer's certificate: without a current list that
/// was loaded (tlsw_ctx_load_ca_*, PEM or DER) or is in a directory (HASH.r0), signed by that very
/// issuer, verification fails (3), and for a revoked certificate too (23). Indirect and delta lists
/// do not count.
pub const TLSW_VERIFY_CRL_CHECK_LEAF: u32 = 0x4;
/// The same for every certificate of the chain, the root included.
pub const TLSW_VERIFY_CRL_CHECK_CHAIN: u32 = 0xc;
/// What OpenSSL 3 checks in its strict mode (RFC 5280, sections 4.1 and 4.2): each certificate of
/// the verified chain names its issuer's key and, of a CA, its own; CAs have critical basic
/// constraints and a key usage; nobody else may sign certificates; names are not empty; versions
/// before 3 have no extensions. Fails with 78 to 93.
pub const TLSW_VERIFY_X509_STRICT: u32 = 0x20;
/// Proxy certificates (RFC 3820): refused with ERR_UNSUPPORTED, BoringSSL knows none.
pub const TLSW_VERIFY_ALLOW_PROXY_CERTS: u32 = 0x40;
/// Look for issuers in the trust store first; on by default. No effect: BoringSSL always does.
pub const TLSW_VERIFY_X509_TRUSTED_FIRST: u32 = 0x8000;
/// A chain may end in any certificate of the trust store, not only in one that signed itself.
pub const TLSW_VERIFY_X509_PARTIAL_CHAIN: u32 = 0x8_0000;

/// `tlsw_ctx_set_verify_flags` sets the flags of the verification: TLSW_VERIFY_*, with OpenSSL's
/// numbers, all others off. Bits without a name here do nothing; they are kept and read back. The
/// default is TLSW_VERIFY_X509_TRUSTED_FIRST.
/// Errors: ERR_ARGUMENT; ERR_UNSUPPORTED for TLSW_VERIFY_ALLOW_PROXY_CERTS. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_verify_flags(
    ctx: *mut tlsw_ctx,
    flags: u32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| settings.set_verify_flags(flags))?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_verify_flags` is the flags as they were set; 0 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_verify_flags(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(settings.verify_flags))
}

/// `tlsw_ctx_set_hostname_checks_common_name` sets whether the server's name may be in the common
/// name of a certificate that has no DNS name in a subjectAltName: 1, or 0, the default (RFC 9525).
/// Where a CA of the chain has constraints on names, it may not.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_hostname_checks_common_name(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let on = switch(on, "on")?;
        ctx.change(|settings| {
            settings.common_name = on;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_hostname_checks_common_name` is 1 or 0 as it was set; -1 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_hostname_checks_common_name(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.common_name.into()))
}

/// `tlsw_ctx_load_ca_dir` trusts the CAs in a directory (borrows the path), besides what was or will
/// be loaded. They are PEM files named by the hash of the subject, HASH.0, HASH.1 …, revocation lists
/// HASH.r0 … (`openssl rehash` makes the links). Each verification looks for the names that it needs,
/// and reads what is new or has changed; what was found stays. A file that cannot be read or is no
/// certificate does not hide the next. A directory that is not there is no error: nothing is found in
/// it. Several are joined by the system's separator of paths (':'), as for OpenSSL. Like the first CA
/// that is loaded it takes the place of a client's system roots.
/// Errors: ERR_ARGUMENT, also for an empty path. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_ca_dir(
    ctx: *mut tlsw_ctx,
    path: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, path) = unsafe { (hold(ctx, "ctx")?, self::path(path, "path")?) };
        if path.as_os_str().is_empty() {
            return Err(Error::argument("path: no directory is named; \".\" is the current one")
                .named("X509", "INVALID_DIRECTORY"));
        }
        let place = format!("the directory {}", shown(path));
        let directories = std::env::split_paths(path).filter(|path| !path.as_os_str().is_empty());
        let more = Trust::new(Vec::new(), directories.collect(), vec![place]);
        ctx.change(|settings| {
            settings.add_trust(&more);
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_clear_ca` trusts nobody any more: neither what was loaded nor, on a client, the system's
/// roots. For programs that begin with an empty trust store, as Python's ssl.SSLContext does.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_clear_ca(
    ctx: *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| {
            settings.clear_trust();
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// The DER of the CAs among what a context trusts.
fn ca_certs(ctx: &Ctx) -> Result<Vec<Vec<u8>>> {
    let contents = ctx.store_contents()?;
    contents
        .certificates
        .iter()
        .filter(|cert| x509::ca_kind(cert) != 0)
        .map(|c| x509::der(c))
        .collect()
}

/// `tlsw_ctx_get_ca_certs` gives the CA certificates that the context trusts, decoded: a JSON array
/// of objects as tlsw_cert_json gives them, to be freed with tlsw_buf_free. Those that were loaded,
/// the system's roots if they are trusted, and from directories those that a verification has asked
/// for. Certificates that are no CAs are left out.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ca_certs(
    ctx: *const tlsw_ctx,
    certs: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, certs) = unsafe { (hold(ctx, "ctx")?, out(certs, "certs")?) };
        let mut decoded = Vec::new();
        for der in ca_certs(&ctx)? {
            decoded.push(Info::parse(&der)?.0.json());
        }
        let json = format!("[{}]", decoded.join(", "));
        certs.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_ca_certs_der` gives the same certificates as DER, one after another (tlsw_cert_new
/// reads them one by one), to be freed with tlsw_buf_free.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ca_certs_der(
    ctx: *const tlsw_ctx,
    certs: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, certs) = unsafe { (hold(ctx, "ctx")?, out(certs, "certs")?) };
        certs.put(buf(&mut ca_certs(&ctx)?.iter().map(Vec::as_slice))?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_get_cert_store_stats` gives what the trust store holds as a JSON object with Python's
/// keys: "x509", certificates; "x509_ca", CAs among them; "crl", revocation lists. To be freed with
/// tlsw_buf_free.
/// Errors: ERR_ARGUMENT; ERR_MEMORY. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_cert_store_stats(
    ctx: *const tlsw_ctx,
    stats: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or room for the buffer.
        let (ctx, stats) = unsafe { (hold(ctx, "ctx")?, out(stats, "stats")?) };
        let contents = ctx.store_contents()?;
        let cas = contents.certificates.iter().filter(|cert| x509::ca_kind(cert) != 0).count();
        let json = json::object(|o| {
            for (key, n) in
                [("x509", contents.certificates.len()), ("x509_ca", cas), ("crl", contents.crls)]
            {
                o.integer(key, i64::try_from(n).unwrap_or(i64::MAX));
            }
        });
        stats.put(buf(&mut [json.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_load_dh_params_file` reads Diffie-Hellman parameters from a PEM file (borrows the path)
/// and checks them. They have no effect: BoringSSL has no suites with finite-field Diffie-Hellman,
/// and tlsw_has("dhe") is 0. For programs that load them for old peers' sake.
/// Errors: ERR_ARGUMENT; ERR_IO with os_error if the file cannot be read; ERR_DECODE if there are no
/// parameters, or bad ones. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_dh_params_file(
    ctx: *mut tlsw_ctx,
    path: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let path = unsafe {
            hold(ctx, "ctx")?;
            self::path(path, "path")?
        };
        dh::check_pem(&file::read(path)?).map_err(|error| in_file(error, path))?;
        Ok(Progress::Done(()))
    })
}
