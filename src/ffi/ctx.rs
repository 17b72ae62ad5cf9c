//! Makes contexts, and loads trust anchors, certificate chains and protocol settings into them.

use std::ffi::{c_char, c_void};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::callout::call;
use super::ptr::{bytes, give, hold, optional_path, out, path, release};
use super::types::*;
use super::{ask, enter};
use crate::bssl::key::LONGEST_PASSWORD;
use crate::bssl::stream::{Demand, Role};
use crate::ctx::Ctx;
use crate::ctx::identity::Identity;
use crate::ctx::load::certificates_and_crls;
use crate::ctx::settings::Settings;
use crate::ctx::trust::Trust;
use crate::error::{Error, Kind, Progress, Result, shown};
use crate::io::file;

/// Returns what `ask_settings` reads in the settings of a context, or `default` for an invalid
/// handle.
pub(super) fn question<T>(
    ctx: *const tlsw_ctx,
    default: T,
    ask_settings: impl FnOnce(&Settings) -> Option<T>,
) -> T {
    ask(default, || {
        // SAFETY: NULL or a live handle.
        unsafe { hold(ctx, "ctx") }.ok()?.ask(ask_settings)
    })
}

/// Converts TLSW_CLIENT or TLSW_SERVER to a role.
pub(super) fn role(number: u32) -> Result<Role> {
    match number {
        TLSW_CLIENT => Ok(Role::Client),
        TLSW_SERVER => Ok(Role::Server),
        _ => Err(Error::argument(format!("role: {number} is neither TLSW_CLIENT nor TLSW_SERVER"))),
    }
}

/// Makes a context with secure defaults. `role` is TLSW_CLIENT or TLSW_SERVER. Gives `*ctx`; free
/// the context with tlsw_ctx_free.
/// The defaults are TLS 1.2 and TLS 1.3, cipher suites with authenticated encryption and forward
/// secrecy, security level 2, and the groups X25519MLKEM768, X25519, P-256 and P-384. A client
/// verifies the server's certificate against the system roots and checks the host name. A server
/// requests no client certificate. A server needs a certificate chain of its own
/// (tlsw_ctx_load_cert_chain_*) or a pre-shared key.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new(
    role: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or memory for the handle.
        let ctx = unsafe { out(ctx, "ctx") }?;
        ctx.put(give(Ctx::new(Settings::new(self::role(role)?))));
        Ok(Progress::Done(()))
    })
}

/// Frees a context. Connections that were made from the context remain valid. `ctx` may be NULL.
/// Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_free(ctx: *mut tlsw_ctx) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(ctx) };
        Some(())
    });
}

/// Adds the trust anchors and CRLs in `data` to a context. `place` makes a description of their
/// source from the number of trust anchors.
fn trust(ctx: &Ctx, data: &[u8], place: &dyn Fn(usize) -> String) -> Result<Progress> {
    let found = certificates_and_crls(data)?;
    let anchors: Vec<_> = found.certificates.into_iter().map(|cert| cert.x509).collect();
    let places = vec![place(anchors.len())];
    let more = Trust::new(anchors, Vec::new(), places).with_crls(found.crls);
    ctx.change(|settings| {
        settings.add_trust(&more);
        Ok(())
    })?;
    Ok(Progress::Done(()))
}

/// Adds the trust anchors and CRLs in a file to a context.
pub(super) fn trust_file(ctx: &Ctx, path: &Path) -> Result<Progress> {
    let data = file::read(path)?;
    trust(ctx, &data, &|n| format!("{} of {}", plural(n), shown(path)))
        .map_err(|error| in_file(as_x509(error), path))
}

/// Gives an error the library and reason that OpenSSL reports for an invalid file of CAs.
fn as_x509(error: Error) -> Error {
    match (error.kind(), &*error.detail().reason) {
        (Kind::Decode, "NO_START_LINE") => error.named("X509", "NO_CERTIFICATE_OR_CRL_FOUND"),
        (Kind::Decode, _) => error.named("X509", ""),
        _ => error,
    }
}

fn plural(n: usize) -> String {
    format!("{n} CA{}", if n == 1 { "" } else { "s" })
}

/// Loads the certificates in `data` as trust anchors, and the certificate revocation lists (CRLs)
/// in `data` for TLSW_VERIFY_CRL_CHECK_LEAF and TLSW_VERIFY_CRL_CHECK_CHAIN. Borrows `data`.
/// `data` is PEM, or the DER of one or more certificates and CRLs, one after another. PEM blocks
/// other than certificates and CRLs ("X509 CRL") are skipped. The trust settings in a TRUSTED
/// CERTIFICATE block are enforced as in OpenSSL: a root that is trusted for e-mail only, or
/// rejected for TLS servers, is not accepted for a TLS server.
/// If a client context trusts the system roots by default, the first call that loads certificates
/// or CRLs removes them; tlsw_ctx_load_system_roots adds them again. Either all certificates and
/// CRLs in `data` are loaded, or none. The loaded certificates and CRLs apply to every connection
/// of `ctx` whose handshake has not begun, including connections that were made before this call.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if `data` contains neither a certificate nor a CRL,
/// or if a certificate or CRL is malformed (the message names its PEM block). Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_ca_mem(
    ctx: *mut tlsw_ctx,
    data: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes.
        let (ctx, data) = unsafe { (hold(ctx, "ctx")?, bytes(data, len, "data")?) };
        trust(&ctx, data, &|n| format!("{} given in memory", plural(n)))
    })
}

/// Loads the certificates and CRLs in a file as tlsw_ctx_load_ca_mem does. Borrows `path`.
/// A file, pipe or device (/dev/stdin, /dev/fd/N, a FIFO) is read to end of file, at most 64 MiB.
/// If a pipe or device supplies no data for 30 seconds, the call fails with TLSW_ERR_IO and
/// os_error ETIMEDOUT.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be read; TLSW_ERR_DECODE
/// as in tlsw_ctx_load_ca_mem, and if the file is larger than 64 MiB. The message names the file.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_ca_file(
    ctx: *mut tlsw_ctx,
    path: *const c_char,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or a C string.
        let (ctx, path) = unsafe { (hold(ctx, "ctx")?, self::path(path, "path")?) };
        trust_file(&ctx, path)
    })
}

/// Adds the system roots to the trust anchors. The system roots are trusted in addition to all
/// certificates that are loaded before or after this call.
/// The system roots are the certificates in the file that the environment variable SSL_CERT_FILE
/// names and in the directories that SSL_CERT_DIR lists. If neither variable is set, the system
/// roots are the certificates in the first of the usual bundle files that exists or, without a
/// bundle file, in the usual directories. A program that runs with more privileges than the user
/// who started it (setuid) ignores both variables. The process reads the system roots once. The
/// process reads the system roots again only if the file or the environment changed, or if the last
/// attempt to read them failed. A system without roots is not an error of this call: verification
/// fails, and its message names the places that were searched.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_system_roots(
    ctx: *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| {
            settings.add_system_roots();
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Loads a certificate chain and its private key into a context.
fn identify(
    ctx: &Ctx,
    chain: &[u8],
    key: Option<&[u8]>,
    ask: &mut dyn FnMut() -> Result<Option<Zeroizing<Vec<u8>>>>,
) -> Result<Progress> {
    let identity = Arc::new(Identity::new(chain, key, ask)?);
    ctx.change(|settings| settings.add_identity(identity))?;
    Ok(Progress::Done(()))
}

/// Returns a copy of the password that the caller passed, or `None` for a NULL pointer.
fn given(password: &[u8], is_null: bool) -> Result<Option<Zeroizing<Vec<u8>>>> {
    Ok((!is_null).then(|| Zeroizing::new(password.to_vec())))
}

/// Returns the password that the caller's callback writes, or `None` without a callback.
fn asked(function: tlsw_password_fn, user: *mut c_void) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(function) = function else {
        return Ok(None);
    };
    let mut room = Zeroizing::new(vec![0; LONGEST_PASSWORD]);
    let mut len = 0;
    // SAFETY: the callback follows the contract of tlsw_password_fn; `room` has `room.len()` bytes.
    let status = call(function, |function| unsafe {
        function(user, room.as_mut_ptr(), room.len(), &raw mut len)
    });
    let failed = |what: String| Error::new(Kind::Hook, what);
    if status != TLSW_OK {
        return Err(failed(format!(
            "it is encrypted, and the password function returned {status}"
        )));
    }
    if len > room.len() {
        return Err(failed(format!(
            "it is encrypted, and the password function claims {len} bytes in a room of {}",
            room.len()
        )));
    }
    room.truncate(len);
    Ok(Some(room))
}

/// Loads a certificate chain of the context's own, leaf first, and the private key of the leaf.
/// Borrows `cert`, `key` and `password`.
/// `cert` is PEM or DER. `key` is PEM or DER: PKCS#8, PKCS#1 or SEC 1; pass (NULL, 0) if the key is
/// a PEM block in `cert`. `password` decrypts an encrypted key; pass (NULL, 0) if there is no
/// password.
/// A context can hold chains with keys of several types, for example RSA and ECDSA; each peer
/// receives a chain that the peer supports. A chain with a key of the same type as an earlier chain
/// replaces the earlier chain, its OCSP response and its SCT list, unless
/// tlsw_ctx_set_keep_cert_chains is on. A server renews its certificate this way. If `cert`
/// contains the leaf only, the trust anchors of the context complete the chain up to and including
/// the root, as in OpenSSL.
/// Errors: TLSW_ERR_ARGUMENT, also for an encrypted key without a password; TLSW_ERR_DECODE if a
/// certificate or the key is missing or malformed, if the password is wrong, or if the key does not
/// belong to the leaf; TLSW_ERR_TLS with reason EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL or
/// CA_MD_TOO_WEAK if a key or signature is below the security level (tlsw_ctx_get_security_level).
/// A call that fails loads nothing. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_cert_chain_mem(
    ctx: *mut tlsw_ctx,
    cert: *const u8,
    cert_len: usize,
    key: *const u8,
    key_len: usize,
    password: *const u8,
    password_len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or as many bytes as the length says.
        let (ctx, cert, key_bytes, secret) = unsafe {
            (
                hold(ctx, "ctx")?,
                bytes(cert, cert_len, "cert")?,
                bytes(key, key_len, "key")?,
                bytes(password, password_len, "password")?,
            )
        };
        let key = (!key.is_null()).then_some(key_bytes);
        identify(&ctx, cert, key, &mut || given(secret, password.is_null()))
    })
}

/// Loads a certificate chain and its private key as tlsw_ctx_load_cert_chain_mem does, with a
/// callback for the password. Borrows `cert`, `key` and `user`.
/// If the key is encrypted, the library calls `password` with `user` during this call. Pass NULL as
/// `password` if there is no password.
/// Errors: as tlsw_ctx_load_cert_chain_mem; TLSW_ERR_HOOK if `password` fails. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_cert_chain_mem_cb(
    ctx: *mut tlsw_ctx,
    cert: *const u8,
    cert_len: usize,
    key: *const u8,
    key_len: usize,
    password: tlsw_password_fn,
    user: *mut c_void,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: as in tlsw_ctx_load_cert_chain_mem.
        let (ctx, cert, key_bytes) = unsafe {
            (hold(ctx, "ctx")?, bytes(cert, cert_len, "cert")?, bytes(key, key_len, "key")?)
        };
        let key = (!key.is_null()).then_some(key_bytes);
        identify(&ctx, cert, key, &mut || asked(password, user))
    })
}

/// Loads a certificate chain and its private key from files into a context.
fn identify_files(
    ctx: &Ctx,
    cert_path: &Path,
    key_path: Option<&Path>,
    ask: &mut dyn FnMut() -> Result<Option<Zeroizing<Vec<u8>>>>,
) -> Result<Progress> {
    // The file of the certificates may contain the key too, so both buffers are wiped.
    let cert = file::read(cert_path)?;
    // If both paths name the same pipe, it can be read only once.
    let key = key_path.filter(|path| *path != cert_path).map(file::read).transpose()?;
    let key = key.as_ref().or(key_path.map(|_| &cert));
    identify(ctx, &cert, key.map(|key| key.as_slice()), ask).map_err(|error| match key_path {
        None => in_file(error, cert_path),
        Some(key_path) => {
            error.reworded(|text| format!("{} with {}: {text}", shown(cert_path), shown(key_path)))
        }
    })
}

/// Loads a certificate chain and its private key from files as tlsw_ctx_load_cert_chain_mem does
/// from memory. Borrows `cert_path`, `key_path` and `password`.
/// Pass NULL as `key_path` if the key is in the file `cert_path`. Pipes and devices are read as in
/// tlsw_ctx_load_ca_file. If both paths are equal, the file is read once.
/// Errors: as tlsw_ctx_load_cert_chain_mem; TLSW_ERR_IO with os_error if a file cannot be read. The
/// message names the file. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_cert_chain_file(
    ctx: *mut tlsw_ctx,
    cert_path: *const c_char,
    key_path: *const c_char,
    password: *const u8,
    password_len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or C strings; NULL or `password_len` bytes.
        let (ctx, cert, key, secret) = unsafe {
            (
                hold(ctx, "ctx")?,
                path(cert_path, "cert_path")?,
                optional_path(key_path, "key_path")?,
                bytes(password, password_len, "password")?,
            )
        };
        identify_files(&ctx, cert, key, &mut || given(secret, password.is_null()))
    })
}

/// Loads a certificate chain and its private key as tlsw_ctx_load_cert_chain_file does, with a
/// callback for the password. Borrows `cert_path`, `key_path` and `user`.
/// If the key is encrypted, the library calls `password` with `user` during this call. Pass NULL as
/// `password` if there is no password.
/// Errors: as tlsw_ctx_load_cert_chain_file; TLSW_ERR_HOOK if `password` fails. Callable from any
/// thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_load_cert_chain_file_cb(
    ctx: *mut tlsw_ctx,
    cert_path: *const c_char,
    key_path: *const c_char,
    password: tlsw_password_fn,
    user: *mut c_void,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: as in tlsw_ctx_load_cert_chain_file.
        let (ctx, cert, key) = unsafe {
            (hold(ctx, "ctx")?, path(cert_path, "cert_path")?, optional_path(key_path, "key_path")?)
        };
        identify_files(&ctx, cert, key, &mut || asked(password, user))
    })
}

/// Sets whether a certificate chain that is loaded after this call is added to an earlier chain
/// with a key of the same type (`on` is 1) or replaces the earlier chain (`on` is 0, the default).
/// Of several chains with keys of the same type, a peer receives the first chain that the peer
/// supports. For example, after a chain for P-256 and a chain for P-384 were loaded, peers without
/// P-256 receive the chain for P-384.
/// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_keep_cert_chains(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let on = switch(on, "on")?;
        ctx.change(|settings| {
            settings.keep_identities = on;
            Ok(())
        })?;
        Ok(Progress::Done(()))
    })
}

/// Returns the value that tlsw_ctx_set_keep_cert_chains set, 1 or 0; or -1 if `ctx` is not a
/// context. Callable from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_keep_cert_chains(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.keep_identities.into()))
}

pub(super) fn in_file(error: Error, path: &Path) -> Error {
    error.reworded(|text| format!("{}: {text}", shown(path)))
}

/// Sets whether the peer must present a certificate that verifies. `mode` is TLSW_CERT_NONE,
/// TLSW_CERT_OPTIONAL, TLSW_CERT_REQUIRED or TLSW_CERT_UNENFORCED. The default is
/// TLSW_CERT_REQUIRED for client contexts of tlsw_ctx_new and tlsw_ctx_new_default and for
/// TLSW_PROTOCOL_TLS_CLIENT, and TLSW_CERT_NONE for all others.
/// On a client TLSW_CERT_NONE disables the authentication of the server, which exposes the
/// connection to active attackers. Turn off the host name check before you set TLSW_CERT_NONE:
/// tlsw_ctx_set_check_hostname(ctx, 0, err).
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE for TLSW_CERT_NONE while the host name check is on.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_verify_mode(
    ctx: *mut tlsw_ctx,
    mode: u32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let demand = match mode {
            TLSW_CERT_NONE => Demand::None,
            TLSW_CERT_OPTIONAL => Demand::Optional,
            TLSW_CERT_REQUIRED => Demand::Required,
            TLSW_CERT_UNENFORCED => Demand::Unenforced,
            _ => {
                return Err(Error::argument(format!(
                    "mode: {mode} is none of TLSW_CERT_NONE, _OPTIONAL, _REQUIRED and \
                     _UNENFORCED"
                )));
            }
        };
        ctx.change(|settings| settings.set_demand(demand))?;
        Ok(Progress::Done(()))
    })
}

/// Sets whether a client checks that the server's certificate contains the server name that was
/// passed when the connection was made. `on` is 1 or 0. The default is 1 for client contexts of
/// tlsw_ctx_new and tlsw_ctx_new_default and for TLSW_PROTOCOL_TLS_CLIENT, and 0 for all others.
/// The name must be in a subjectAltName extension (RFC 9525). The common name is checked only if
/// tlsw_ctx_set_hostname_checks_common_name is on. If the verify mode is TLSW_CERT_NONE, turning
/// the check on also sets TLSW_CERT_REQUIRED.
/// Errors: TLSW_ERR_ARGUMENT, also for 1 on a server context. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_check_hostname(
    ctx: *mut tlsw_ctx,
    on: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        let on = switch(on, "on")?;
        ctx.change(|settings| settings.set_check_hostname(on))?;
        Ok(Progress::Done(()))
    })
}

/// Converts 0 or 1 to a bool.
pub(super) fn switch(number: i32, name: &str) -> Result<bool> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::argument(format!("{name}: {number} is neither 0 nor 1"))),
    }
}

/// Sets the lowest TLS version. `version` is TLSW_TLS_1_0 to TLSW_TLS_1_3,
/// TLSW_TLS_MINIMUM_SUPPORTED or TLSW_TLS_MAXIMUM_SUPPORTED. The default is TLSW_TLS_1_2.
/// A lowest version above the highest version is not an error of this call, because the two bounds
/// are set separately. The handshake then fails with reason NO_PROTOCOLS_AVAILABLE.
/// Errors: TLSW_ERR_ARGUMENT, also if the protocol of the context is a single version
/// (TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1, TLSW_PROTOCOL_TLSV1_2); TLSW_ERR_UNSUPPORTED for
/// TLSW_SSL_3_0. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_min_version(
    ctx: *mut tlsw_ctx,
    version: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| settings.bounds()?.set_min(version))?;
        Ok(Progress::Done(()))
    })
}

/// Sets the highest TLS version. `version` takes the values of tlsw_ctx_set_min_version. The
/// default is TLSW_TLS_MAXIMUM_SUPPORTED.
/// Errors: as tlsw_ctx_set_min_version. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_max_version(
    ctx: *mut tlsw_ctx,
    version: i32,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle.
        let ctx = unsafe { hold(ctx, "ctx") }?;
        ctx.change(|settings| settings.bounds()?.set_max(version))?;
        Ok(Progress::Done(()))
    })
}

/// Sets the application protocols for ALPN, preferred first. Borrows `protocols`.
/// `protocols` is the list as RFC 7301 encodes it: each name follows its length in one byte, for
/// example "\x02h2\x08http/1.1". (NULL, 0) removes all protocols.
/// A client offers the protocols. A server selects the first of its own protocols that the client
/// offers. If the client offers none of them, the handshake continues without an application
/// protocol.
/// Errors: TLSW_ERR_ARGUMENT, also for a malformed list or a list of more than 65,535 bytes.
/// Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_set_alpn_protocols(
    ctx: *mut tlsw_ctx,
    protocols: *const u8,
    len: usize,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or a live handle; NULL or `len` bytes.
        let (ctx, protocols) = unsafe { (hold(ctx, "ctx")?, bytes(protocols, len, "protocols")?) };
        ctx.change(|settings| settings.set_alpn(protocols))?;
        Ok(Progress::Done(()))
    })
}
