//! Contexts: preparing.

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

/// Asks a context's settings, if it is one.
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

/// A side, from its number.
pub(super) fn role(number: u32) -> Result<Role> {
    match number {
        TLSW_CLIENT => Ok(Role::Client),
        TLSW_SERVER => Ok(Role::Server),
        _ => Err(Error::argument(format!("role: {number} is neither TLSW_CLIENT nor TLSW_SERVER"))),
    }
}

/// `tlsw_ctx_new` makes a context with safe defaults: TLS 1.2 and 1.3, authenticated encryption
/// with forward secrecy, security level 2, the groups X25519MLKEM768, X25519, P-256 and P-384. A
/// client verifies the server's certificate against the system's roots, and its host name; a server
/// asks for no certificate, and needs one of its own (tlsw_ctx_load_cert_chain_*).
/// `role` is TLSW_CLIENT or TLSW_SERVER. Gives `*ctx`, to be freed with tlsw_ctx_free.
/// Errors: ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_ctx_new(
    role: u32,
    ctx: *mut *mut tlsw_ctx,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or room for the handle.
        let ctx = unsafe { out(ctx, "ctx") }?;
        ctx.put(give(Ctx::new(Settings::new(self::role(role)?))));
        Ok(Progress::Done(()))
    })
}

/// `tlsw_ctx_free` frees a context. Connections made from it live on. NULL is fine. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_free(ctx: *mut tlsw_ctx) {
    ask((), || {
        // SAFETY: NULL or a handle that was not freed.
        unsafe { release(ctx) };
        Some(())
    });
}

/// Adds CAs and revocation lists to a context.
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

/// Adds the CAs of a file.
pub(super) fn trust_file(ctx: &Ctx, path: &Path) -> Result<Progress> {
    let data = file::read(path)?;
    trust(ctx, &data, &|n| format!("{} of {}", plural(n), shown(path)))
        .map_err(|error| in_file(as_x509(error), path))
}

/// What OpenSSL says where it reads a file of CAs.
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

/// `tlsw_ctx_load_ca_mem` trusts the certificates in `data` (borrows): PEM, one or many, other
/// blocks skipped; or DER, one or many after another. Revocation lists among them (PEM blocks
/// "X509 CRL", or DER) are kept for TLSW_VERIFY_CRL_CHECK_LEAF and _CHAIN. What blocks of TRUSTED
/// CERTIFICATE say of purposes counts, as in OpenSSL: a root that is trusted for e-mail alone, or
/// rejected for TLS servers, is no root of a TLS server. A client context trusts the system's roots
/// until the first CA is loaded, from then on only what was loaded (tlsw_ctx_load_system_roots
/// adds the system's). All of them are loaded, or none. They count for all connections of `ctx`
/// whose handshake has not begun, also for those that were made before.
/// Errors: ERR_ARGUMENT; ERR_DECODE if there is no certificate or one is broken, naming its block.
/// Any thread.
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

/// `tlsw_ctx_load_ca_file` trusts the certificates in a file, as tlsw_ctx_load_ca_mem does. A pipe or
/// a device (/dev/stdin, /dev/fd/N, a FIFO) is read to its end, up to the same 64 MiB; one out of
/// which nothing comes for 30 seconds is an error (ERR_IO with ETIMEDOUT).
/// Errors: ERR_ARGUMENT; ERR_IO with os_error if the file cannot be read; ERR_DECODE. The message
/// names the file. Any thread.
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

/// `tlsw_ctx_load_system_roots` trusts the system's roots besides what was or will be loaded: the
/// file that SSL_CERT_FILE names and the directories that SSL_CERT_DIR lists; where neither is
/// set, the first of the usual bundle files that exists, or the usual directories. A program that
/// runs with more rights than who started it (setuid) does not ask the environment. They are read
/// once for the process, and again only when the file or the environment has changed, or when they
/// could not be read. That none is found is no error here: verification will fail and say where it
/// looked.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// Adds an own chain and key to a context.
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

/// The password that the caller passed; a NULL one is none.
fn given(password: &[u8], is_null: bool) -> Result<Option<Zeroizing<Vec<u8>>>> {
    Ok((!is_null).then(|| Zeroizing::new(password.to_vec())))
}

/// The password that the caller's function gives.
fn asked(function: tlsw_password_fn, user: *mut c_void) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(function) = function else {
        return Ok(None);
    };
    let mut room = Zeroizing::new(vec![0; LONGEST_PASSWORD]);
    let mut len = 0;
    // SAFETY: the function keeps to the words of tlsw_password_fn; the room is as long as is said.
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

/// `tlsw_ctx_load_cert_chain_mem` loads an own certificate chain, leaf first, and its key (borrows
/// all). `cert`: PEM or DER; `key`: PEM or DER, PKCS#8, PKCS#1 or SEC 1; (NULL, 0) if the key is
/// among the PEM blocks of `cert`. `password`: for an encrypted key; NULL if there is none. Pairs with
/// keys of several types may be loaded (RSA and ECDSA, say): what the peer can verify is shown to it.
/// One with a key of the same type takes the place of the earlier one and of what was to be shown
/// with it (tlsw_ctx_set_keep_cert_chains): so a server renews its certificate. A leaf alone is sent with what the CAs that the context trusts complete it with, its root among them, as OpenSSL
/// does it.
/// Errors: ERR_ARGUMENT (also for an encrypted key without a password); ERR_DECODE: a broken or
/// missing certificate or key, a wrong password, a key that does not belong to the leaf; ERR_TLS,
/// reason EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL or CA_MD_TOO_WEAK, for what is below the security level
/// (tlsw_ctx_get_security_level). Nothing is loaded then. Any thread.
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
        // SAFETY: NULL or a live handle; NULL or so many bytes.
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

/// `tlsw_ctx_load_cert_chain_mem_cb` is tlsw_ctx_load_cert_chain_mem with the password given by
/// `password`, which is called with `user` within this call if the key is encrypted; NULL if there
/// is none.
/// Errors: as there, and ERR_HOOK if `password` fails. Any thread.
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

/// Reads the files of a chain and its key, and loads them.
fn identify_files(
    ctx: &Ctx,
    cert_path: &Path,
    key_path: Option<&Path>,
    ask: &mut dyn FnMut() -> Result<Option<Zeroizing<Vec<u8>>>>,
) -> Result<Progress> {
    // The file of the certificates may hold the key too, so both are wiped.
    let cert = file::read(cert_path)?;
    // A pipe that is named twice cannot be read twice.
    let key = key_path.filter(|path| *path != cert_path).map(file::read).transpose()?;
    let key = key.as_ref().or(key_path.map(|_| &cert));
    identify(ctx, &cert, key.map(|key| key.as_slice()), ask).map_err(|error| match key_path {
        None => in_file(error, cert_path),
        Some(key_path) => {
            error.reworded(|text| format!("{} with {}: {text}", shown(cert_path), shown(key_path)))
        }
    })
}

/// `tlsw_ctx_load_cert_chain_file` loads an own chain and its key from files, as
/// tlsw_ctx_load_cert_chain_mem does. `key_path` is NULL if the key is in `cert_path`. Pipes and
/// devices are read as tlsw_ctx_load_ca_file reads them; one that is named twice is read once.
/// Errors: as there, and ERR_IO with os_error if a file cannot be read. The message names the file.
/// Any thread.
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
        // SAFETY: NULL or a live handle; NULL or a C string; NULL or so many bytes.
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

/// `tlsw_ctx_load_cert_chain_file_cb` is tlsw_ctx_load_cert_chain_file with the password given by
/// `password`, which is called with `user` within this call if the key is encrypted; NULL if there
/// is none.
/// Errors: as there, and ERR_HOOK if `password` fails. Any thread.
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

/// `tlsw_ctx_set_keep_cert_chains` sets whether a chain that is loaded from now on stays beside an
/// earlier one with a key of the same type instead of taking its place: 1, or 0, the default. Of
/// several of one type the first is shown that the peer can verify: one for P-384 beside one for P-256,
/// say, to those that do not take P-256.
/// Errors: ERR_ARGUMENT. Any thread.
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

/// `tlsw_ctx_get_keep_cert_chains` is 1 or 0 as it was set; -1 for no context. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsw_ctx_get_keep_cert_chains(ctx: *const tlsw_ctx) -> i32 {
    question(ctx, -1, |settings| Some(settings.keep_identities.into()))
}

pub(super) fn in_file(error: Error, path: &Path) -> Error {
    error.reworded(|text| format!("{}: {text}", shown(path)))
}

/// `tlsw_ctx_set_verify_mode` sets whether the peer must show a certificate that verifies:
/// TLSW_CERT_NONE, TLSW_CERT_OPTIONAL, TLSW_CERT_REQUIRED or TLSW_CERT_UNENFORCED. On a client TLSW_CERT_NONE gives away
/// what TLS is for; it has to be asked for twice: tlsw_ctx_set_check_hostname(ctx, 0) comes first.
/// Errors: ERR_ARGUMENT; ERR_STATE for TLSW_CERT_NONE while the host name is checked. Any thread.
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

/// `tlsw_ctx_set_check_hostname` sets whether a client checks that the server's certificate carries
/// the name it was wrapped with: in a subjectAltName, never in the common name (RFC 9525). 1, the
/// default, or 0. Turning it on sets TLSW_CERT_REQUIRED if the mode was TLSW_CERT_NONE.
/// Errors: ERR_ARGUMENT, also on a server's context. Any thread.
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

/// A switch: 0 or 1.
pub(super) fn switch(number: i32, name: &str) -> Result<bool> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::argument(format!("{name}: {number} is neither 0 nor 1"))),
    }
}

/// `tlsw_ctx_set_min_version` sets the lowest TLS version: TLSW_TLS_1_0 to TLSW_TLS_1_3,
/// TLSW_TLS_MINIMUM_SUPPORTED or TLSW_TLS_MAXIMUM_SUPPORTED; the default is TLSW_TLS_1_2. A lowest
/// version above the highest is not refused here: the two are set one after the other, and a
/// handshake fails with NO_PROTOCOLS_AVAILABLE.
/// Errors: ERR_ARGUMENT, also where the context's protocol is one version alone; ERR_UNSUPPORTED for
/// TLSW_SSL_3_0. Any thread.
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

/// `tlsw_ctx_set_max_version` sets the highest TLS version, as tlsw_ctx_set_min_version the lowest;
/// the default is TLSW_TLS_MAXIMUM_SUPPORTED.
/// Errors: as there. Any thread.
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

/// `tlsw_ctx_set_alpn_protocols` sets the application protocols, preferred first, as RFC 7301 lists
/// them: each name after its length in one byte ("\x02h2\x08http/1.1"). Borrows; (NULL, 0) is none.
/// A client offers them; a server takes the first of its own that the client offers, and goes on
/// without one where none fits.
/// Errors: ERR_ARGUMENT. Any thread.
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
