//! The default locations of the system's root certificates.

use super::enter;
use super::ptr::{buf, out};
use super::types::*;
use crate::ctx::places::{self, Places};
use crate::error::Progress;
use crate::json;

/// Returns, as JSON, the paths from which tlsw_ctx_load_system_roots loads the system's root
/// certificates. Gives `*json`, to be freed with tlsw_buf_free:
///
///     {"cafile": "/etc/ssl/certs/ca-certificates.crt", "capath": null,
///      "openssl_cafile_env": "SSL_CERT_FILE",
///      "openssl_cafile": "/etc/ssl/certs/ca-certificates.crt",
///      "openssl_capath_env": "SSL_CERT_DIR", "openssl_capath": "/etc/ssl/certs"}
///
/// The keys are those of Python's get_default_verify_paths.
/// "cafile" and "capath" are the bundle file and the directories that are read at present. Each is
/// null if the path does not exist or is not read. If SSL_CERT_FILE or SSL_CERT_DIR is set, only
/// the paths in these variables are read; both are ignored in a program that runs with more rights
/// than the user who started the program (setuid). If neither is set, no directory is read where a
/// bundle exists. Several directories are joined by the separator of the system (":" on POSIX).
/// "openssl_cafile" and "openssl_capath" are the paths that are used if the environment sets none:
/// the first well-known path that exists, or else the first well-known path.
/// In a path that is not UTF-8, U+FFFD replaces the invalid bytes.
/// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn tlsw_get_default_verify_paths(
    json: *mut tlsw_buf,
    err: *mut tlsw_error,
) -> tlsw_status {
    enter(err, || {
        // SAFETY: NULL or valid for writing the buffer.
        let json = unsafe { out(json, "json") }?;
        let now = Places::find();
        let file = now.file.filter(|file| file.is_file());
        let directories = now.directories.into_iter().filter(|directory| directory.is_dir());
        let directories = std::env::join_paths(directories).unwrap_or_default();
        let text = json::object(|o| {
            match file {
                Some(file) => o.string("cafile", &file.to_string_lossy()),
                None => o.null("cafile"),
            }
            match directories.to_string_lossy() {
                none if none.is_empty() => o.null("capath"),
                some => o.string("capath", &some),
            }
            o.string("openssl_cafile_env", places::FILE_VARIABLE);
            o.string("openssl_cafile", &places::usual_file().to_string_lossy());
            o.string("openssl_capath_env", places::DIRECTORY_VARIABLE);
            o.string("openssl_capath", &places::usual_directory().to_string_lossy());
        });
        json.put(buf(&mut [text.as_bytes()].into_iter())?);
        Ok(Progress::Done(()))
    })
}
