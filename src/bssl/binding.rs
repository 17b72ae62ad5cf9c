//! What ties other protocols to a TLS connection: channel bindings and exported keying material.

use boring::ssl::SslRef;
use boring_sys as ffi;
use foreign_types::{ForeignType, ForeignTypeRef};
use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{queue, x509};
use crate::error::{Kind, Result};

/// The longest Finished message, and so the longest tls-unique.
const LONGEST_FINISHED: usize = 64;

/// Whether the two sides made the extended master secret (RFC 7627), as TLS 1.3 always does.
pub(super) fn has_extended_master_secret(ssl: &SslRef) -> bool {
    // SAFETY: a live connection.
    unsafe { ffi::SSL_get_extms_support(ssl.as_ptr()) == 1 }
}

/// `tls-unique` (RFC 5929, section 3): `None` where it is undefined.
pub(super) fn tls_unique(ssl: &SslRef) -> Option<Vec<u8>> {
    let mut room = vec![0; LONGEST_FINISHED];
    let mut len = 0;
    // SAFETY: a live connection; room of the length that is said.
    let got = unsafe {
        ffi::SSL_get_tls_unique(ssl.as_ptr(), room.as_mut_ptr(), &raw mut len, room.len()) == 1
    };
    queue::clear();
    room.truncate(len);
    (got && len > 0).then_some(room)
}

/// Keying material (RFC 5705; RFC 8446, section 7.5).
pub(super) fn export(
    ssl: &SslRef,
    label: &[u8],
    context: Option<&[u8]>,
    len: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    queue::clear();
    let mut material = Zeroizing::new(vec![0; len]);
    let (data, data_len) =
        context.map_or((std::ptr::null(), 0), |data| (data.as_ptr(), data.len()));
    // SAFETY: a live connection; pointers and lengths belong together.
    let done = unsafe {
        ffi::SSL_export_keying_material(
            ssl.as_ptr(),
            material.as_mut_ptr(),
            material.len(),
            label.as_ptr().cast(),
            label.len(),
            data,
            data_len,
            context.is_some().into(),
        )
    };
    if done != 1 {
        return Err(queue::error(Kind::Tls, "keying material cannot be exported"));
    }
    Ok(material)
}

/// `tls-server-end-point` (RFC 5929, section 4): the hash of the server's certificate, by the hash
/// of its signature, or by SHA-256 where that is MD5 or SHA-1; `None` where it is undefined.
pub fn server_end_point(leaf: &Buffer) -> Result<Option<Vec<u8>>> {
    let x509 = x509::parse(leaf)?;
    let mut digest = 0;
    // SAFETY: questions to a live certificate and to tables.
    let md = unsafe {
        let signature = ffi::X509_get_signature_nid(x509.as_ptr());
        if ffi::OBJ_find_sigid_algs(signature, &raw mut digest, std::ptr::null_mut()) != 1 {
            return Ok(None);
        }
        match digest {
            ffi::NID_md5 | ffi::NID_sha1 => ffi::EVP_sha256(),
            _ => ffi::EVP_get_digestbynid(digest),
        }
    };
    if md.is_null() {
        return Ok(None);
    }
    let der = leaf.bytes();
    let mut room = vec![0; LONGEST_FINISHED];
    let mut len = 0;
    // SAFETY: EVP_MAX_MD_SIZE, 64, bytes of room; pointer and length are of one slice.
    let done = unsafe {
        ffi::EVP_Digest(
            der.as_ptr().cast(),
            der.len(),
            room.as_mut_ptr(),
            &raw mut len,
            md,
            std::ptr::null_mut(),
        )
    };
    if done != 1 {
        return Err(queue::error(Kind::Memory, "the certificate cannot be hashed"));
    }
    room.truncate(usize::try_from(len).unwrap_or(0));
    Ok(Some(room))
}
