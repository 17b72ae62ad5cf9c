//! Sets verification flags and the common name check, loads directories of CAs, removes and lists
//! trust anchors.

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

/// No verification flag: CRLs are not checked.
pub const TLSW_VERIFY_DEFAULT: u32 = 0;
/// Checks the peer's certificate against the CRLs of its issuer. The CRLs are those that
/// tlsw_ctx_load_ca_mem or tlsw_ctx_load_ca_file loaded (PEM or DER) and those in the directories
/// of tlsw_ctx_load_ca_dir (HASH.r0). The same issuer must have signed the CRL. Verification fails
/// with verify error 3 if there is no CRL, 12 if the CRL has expired, and 23 if the certificate is
/// revoked. Indirect CRLs and delta CRLs do not count.
pub const TLSW_VERIFY_CRL_CHECK_LEAF: u32 = 0x4;
/// Checks every certificate of the verified chain, including the root, as
/// TLSW_VERIFY_CRL_CHECK_LEAF checks the peer's certificate.
pub const TLSW_VERIFY_CRL_CHECK_CHAIN: u32 = 0xc;
/// Applies the rules of OpenSSL 3's strict mode (RFC 5280, sections 4.1 and 4.2) to each
/// certificate of the verified chain. Every certificate except the trust anchor must have an
/// authority key identifier. A CA certificate must have a subject key identifier. A CA certificate
/// must have critical basic constraints and a key usage. Only CA certificates may have the key
/// usage keyCertSign. Names must not be empty. Certificates before version 3 must not have
/// extensions. Verification fails with one of the verify errors 78 to 93.
pub const TLSW_VERIFY_X509_STRICT: u32 = 0x20;
/// Proxy certificates (RFC 3820). tlsw_ctx_set_verify_flags refuses this flag with
/// TLSW_ERR_UNSUPPORTED, because BoringSSL does not support proxy certificates.
pub const TLSW_VERIFY_ALLOW_PROXY_CERTS: u32 = 0x40;
/// Searches the trust anchors for issuers before the certificates that the peer sent; on by
/// default. No effect: the trust anchors are always searched first.
pub const TLSW_VERIFY_X509_TRUSTED_FIRST: u32 = 0x8000;
/// Accepts any certificate that was loaded as a trust anchor as the end of a chain. Without this
/// flag the chain must end in a self-signed certificate.
pub const TLSW_VERIFY_X509_PARTIAL_CHAIN: u32 = 0x8_0000;

/// Sets the verification flags. `flags` is a combination of TLSW_VERIFY_* bits, which have
/// OpenSSL's values. Flags whose bits are not set are turned off.
/// Bits without a TLSW_VERIFY_* name have no effect; tlsw_ctx_get_verify_flags returns them as they
/// were set. The default is TLSW_VERIFY_X509_TRUSTED_FIRST.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for TLSW_VERIFY_ALLOW_PROXY_CERTS. Callable from
/// any thread.
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

/// Returns the verification flags as they were set, or 0 if `ctx` is not a context. Callable from
/// any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_verify_flags(ctx: *const tlsw_ctx) -> u32 {
    question(ctx, 0, |settings| Some(settings.verify_flags))
}

/// Sets whether the host name check compares the server name with the common name of a certificate
/// that has no DNS name in a subjectAltName extension. `on` is 1 or 0. The default is 0 (RFC 9525)
/// for contexts of tlsw_ctx_new and tlsw_ctx_new_default, and 1 for contexts of
/// tlsw_ctx_new_protocol.
/// The common name must also satisfy the name constraints of the CAs in the chain.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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

/// Returns 1 if the host name check includes the common name, 0 if it does not, or -1 if `ctx` is
/// not a context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_hostname_checks_common_name(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.common_name.into()))
}

/// Adds the CA certificates in a directory to the trust anchors. Borrows `path`.
/// The directory contains PEM files whose names are the hash of the certificate's subject: HASH.0,
/// HASH.1 and so on. CRLs are named by the hash of their issuer: HASH.r0, HASH.r1 and so on.
/// `openssl rehash` makes links with these names. `path` may name several directories, separated by
/// the path separator of the system (':' on Unix), as in OpenSSL.
/// Each verification looks up the names that the chain needs, and reads new and changed files.
/// Certificates and CRLs that were found once stay in the context. A file that cannot be read or
/// contains no certificate does not hide the next file of the same name. A directory that does not
/// exist is not an error; it supplies no certificates. If a client context trusts the system roots
/// by default, the first directory removes them, as in tlsw_ctx_load_ca_mem.
/// Errors: TLSW_ERR_ARGUMENT, also for an empty path. Callable from any thread.
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

/// Removes all trust anchors and CRLs from the context: those that were loaded and the system
/// roots. Programs use this call to begin with an empty trust store, as Python's ssl.SSLContext
/// does.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
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

/// Returns the DER of the CA certificates among the trust anchors of a context.
fn ca_certs(ctx: &Ctx) -> Result<Vec<Vec<u8>>> {
    let contents = ctx.store_contents()?;
    contents
        .certificates
        .iter()
        .filter(|cert| x509::ca_kind(cert) != 0)
        .map(|c| x509::der(c))
        .collect()
}

/// Returns the CA certificates among the trust anchors, decoded, as a JSON array of objects in the
/// format of tlsw_cert_json. Gives `*certs`; free the buffer with tlsw_buf_free.
/// The array contains the certificates that were loaded, the system roots if the context trusts
/// them, and those certificates in directories that a verification has looked up. Certificates that
/// are not CA certificates are left out.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ca_certs(
    ctx: *const tlsw_ctx,
    certs: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
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

/// Returns the certificates of tlsw_ctx_get_ca_certs as DER, one after another; tlsw_cert_new reads
/// them one by one. Gives `*certs`; free the buffer with tlsw_buf_free.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_ca_certs_der(
    ctx: *const tlsw_ctx,
    certs: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
        let (ctx, certs) = unsafe { (hold(ctx, "ctx")?, out(certs, "certs")?) };
        certs.put(buf(&mut ca_certs(&ctx)?.iter().map(Vec::as_slice))?);
        Ok(Progress::Done(()))
    })
}

/// Returns the size of the trust store as a JSON object with Python's keys: "x509" is the number of
/// certificates, "x509_ca" the number of CA certificates among them, and "crl" the number of CRLs.
/// Gives `*stats`; free the buffer with tlsw_buf_free.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_get_cert_store_stats(
    ctx: *const tlsw_ctx,
    stats: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or memory for the buffer.
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

/// Reads Diffie-Hellman parameters from a PEM file and checks them. Borrows `path`. The parameters
/// have no effect: BoringSSL has no cipher suites with finite-field Diffie-Hellman, and
/// tlsw_has("dhe") returns 0. The function exists for programs that load parameters for old peers.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be read; TLSW_ERR_DECODE
/// if the file contains no parameters, or unsafe parameters. Callable from any thread.
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
