//! What the entries share.
#![allow(dead_code, unused_imports, reason = "each entry uses its own part")]

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use boring::asn1::Asn1Time;
use boring::bn::BigNum;
use boring::ec::{EcGroup, EcKey};
use boring::hash::MessageDigest;
use boring::nid::Nid;
use boring::pkey::PKey;
use boring::x509::{X509, X509NameBuilder};
pub use tlswrap::ffi::binding::*;
pub use tlswrap::ffi::bio::*;
pub use tlswrap::ffi::cert::*;
pub use tlswrap::ffi::ciphers::*;
pub use tlswrap::ffi::conn::*;
pub use tlswrap::ffi::convert::*;
pub use tlswrap::ffi::ctx::*;
pub use tlswrap::ffi::get::*;
pub use tlswrap::ffi::hook::*;
pub use tlswrap::ffi::hostname::*;
pub use tlswrap::ffi::lib::*;
pub use tlswrap::ffi::object::*;
pub use tlswrap::ffi::psk::*;
pub use tlswrap::ffi::report::*;
pub use tlswrap::ffi::session::*;
pub use tlswrap::ffi::settings::*;
pub use tlswrap::ffi::staple::*;
pub use tlswrap::ffi::trust::*;
pub use tlswrap::ffi::types::*;
pub use tlswrap::ffi::wrap::*;

/// A call that may fail: the error it must have filled if it did.
pub fn call(f: impl FnOnce(*mut tlsw_error) -> tlsw_status) -> Result<tlsw_status, String> {
    let mut err = std::mem::MaybeUninit::<tlsw_error>::zeroed();
    let status = f(err.as_mut_ptr());
    // SAFETY: all of it is numbers, for which zero is one.
    let err = unsafe { err.assume_init() };
    if status >= 0 {
        assert_eq!(err.status, 0, "err was written without a failure");
        return Ok(status);
    }
    assert_eq!(err.status, status);
    assert_ne!(status, TLSW_ERR_PANIC, "a bug was caught");
    let [library, reason, message] = [&err.library[..], &err.reason, &err.message].map(|field| {
        let bytes: Vec<u8> = field.iter().map(|c| *c as u8).take_while(|byte| *byte != 0).collect();
        assert!(bytes.len() < field.len(), "a text is not ended");
        String::from_utf8(bytes).expect("a text is not UTF-8")
    });
    assert!(!message.is_empty() && !message.contains(char::is_control));
    Err(format!("{status} {library} {reason} {message}"))
}

pub fn text<'a>(text: *const c_char) -> Option<&'a str> {
    // SAFETY: NULL or a text that lives as long as what it was asked of.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str().expect("no UTF-8"))
}

/// Frees a buffer and gives its bytes.
pub fn take(mut buf: tlsw_buf) -> Vec<u8> {
    if buf.data.is_null() {
        return Vec::new();
    }
    // SAFETY: filled by the library.
    unsafe {
        let bytes = std::slice::from_raw_parts(buf.data, buf.len).to_vec();
        assert_eq!(*buf.data.add(buf.len), 0);
        tlsw_buf_free(&mut buf);
        bytes
    }
}

pub fn empty() -> tlsw_buf {
    tlsw_buf { data: null_mut(), len: 0 }
}

/// Asks a certificate everything.
pub fn ask(cert: *mut tlsw_cert) {
    // SAFETY: a live certificate; NULL or room for each result.
    unsafe {
        for name in [tlsw_cert_subject(cert), tlsw_cert_issuer(cert)] {
            assert!(!text(name).unwrap().contains(char::is_control));
        }
        text(tlsw_cert_common_name(cert));
        text(tlsw_cert_serial(cert)).unwrap();
        text(tlsw_cert_signature_algorithm(cert)).unwrap();
        text(tlsw_cert_key_type(cert)).unwrap();
        tlsw_cert_key_bits(cert);
        tlsw_cert_version(cert);
        tlsw_cert_not_before(cert);
        tlsw_cert_not_after(cert);
        tlsw_cert_is_ca(cert);
        let count = tlsw_cert_san_count(cert);
        for index in 0..=count {
            let (mut kind, mut value, mut len) = (0, null(), 0);
            let status =
                call(|err| tlsw_cert_san(cert, index, &mut kind, &mut value, &mut len, err));
            assert_eq!(status, Ok(if index < count { TLSW_OK } else { TLSW_NONE }));
            if index < count {
                let bytes = std::slice::from_raw_parts(value.cast::<u8>(), len + 1);
                assert_eq!(bytes[len], 0);
                std::str::from_utf8(bytes).expect("no UTF-8");
                assert!(kind <= TLSW_SAN_RID);
            }
        }
        let mut json = empty();
        assert_eq!(call(|err| tlsw_cert_json(cert, &mut json, err)), Ok(TLSW_OK));
        let json = String::from_utf8(take(json)).expect("no UTF-8");
        assert!(json.starts_with('{') && json.ends_with('}') && !json.contains(|c| c < ' '));
        // What is written as PEM is read again.
        let (mut pem, mut der, mut len) = (empty(), null(), 0);
        assert_eq!(call(|err| tlsw_cert_pem(cert, &mut pem, err)), Ok(TLSW_OK));
        assert_eq!(call(|err| tlsw_cert_der(cert, &mut der, &mut len, err)), Ok(TLSW_OK));
        let pem = take(pem);
        let block = tlswrap::pem::blocks(&pem).next().unwrap().unwrap();
        assert_eq!(block.decode().unwrap(), std::slice::from_raw_parts(der, len));
        let mut digest = [0; 32];
        assert_eq!(call(|err| tlsw_cert_sha256(cert, digest.as_mut_ptr(), 32, err)), Ok(TLSW_OK));
    }
}

/// A context.
pub struct Ctx(pub *mut tlsw_ctx);
// SAFETY: contexts are for any thread.
unsafe impl Send for Ctx {}
// SAFETY: as above.
unsafe impl Sync for Ctx {}

impl Drop for Ctx {
    fn drop(&mut self) {
        // SAFETY: ours, and not freed.
        unsafe { tlsw_ctx_free(self.0) }
    }
}

impl Ctx {
    pub fn new(role: u32) -> Self {
        let mut ctx = null_mut();
        // SAFETY: room for the handle.
        assert_eq!(call(|err| unsafe { tlsw_ctx_new(role, &mut ctx, err) }), Ok(TLSW_OK));
        Self(ctx)
    }

    /// The handle, which is the caller's to free.
    pub fn into_raw(self) -> *mut tlsw_ctx {
        std::mem::ManuallyDrop::new(self).0
    }

    /// One that speaks this version at most, and asks for certificates or does not.
    pub fn with(role: u32, version: i32, mode: u32) -> Self {
        let ctx = Self::new(role);
        let (chain, key) = identity();
        // SAFETY: a live context, pointers and lengths of slices.
        unsafe {
            call(|err| tlsw_ctx_load_ca_mem(ctx.0, chain.as_ptr(), chain.len(), err)).unwrap();
            if role == TLSW_CLIENT {
                call(|err| tlsw_ctx_set_check_hostname(ctx.0, 0, err)).unwrap();
            }
            call(|err| tlsw_ctx_set_min_version(ctx.0, TLSW_TLS_1_0, err)).unwrap();
            call(|err| tlsw_ctx_set_max_version(ctx.0, version, err)).unwrap();
            call(|err| tlsw_ctx_set_verify_mode(ctx.0, mode, err)).unwrap();
            call(|err| tlsw_ctx_set_alpn_protocols(ctx.0, c"\x02h2".as_ptr().cast(), 3, err))
                .unwrap();
            call(|err| load(ctx.0, chain, key, err)).unwrap();
        }
        ctx
    }
}

/// Loads a chain and its key.
///
/// # Safety
/// A live context.
pub unsafe fn load(
    ctx: *mut tlsw_ctx,
    chain: &[u8],
    key: &[u8],
    err: *mut tlsw_error,
) -> tlsw_status {
    // SAFETY: pointers and lengths of slices.
    unsafe {
        tlsw_ctx_load_cert_chain_mem(
            ctx,
            chain.as_ptr(),
            chain.len(),
            key.as_ptr(),
            key.len(),
            null(),
            0,
            err,
        )
    }
}

/// A certificate that is its own issuer, and its key; both PEM, made once for the process.
pub fn identity() -> (&'static [u8], &'static [u8]) {
    static IDENTITY: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    let (cert, key) = IDENTITY.get_or_init(|| {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "localhost").unwrap();
        let name = name.build();
        let mut cert = X509::builder().unwrap();
        cert.set_version(2).unwrap();
        let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
        cert.set_serial_number(&serial).unwrap();
        cert.set_subject_name(&name).unwrap();
        cert.set_issuer_name(&name).unwrap();
        cert.set_pubkey(&key).unwrap();
        cert.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        cert.set_not_after(&Asn1Time::days_from_now(365).unwrap()).unwrap();
        cert.sign(&key, MessageDigest::sha256()).unwrap();
        (cert.build().to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap())
    });
    (cert, key)
}

/// Gives a side what its peer would send; the first byte says how it is set up.
pub fn hear(contexts: &[Ctx], role: u32, data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let ctx = &contexts[usize::from(first & 3) % contexts.len()];
    let (mut incoming, mut outgoing, mut conn) = (null_mut(), null_mut(), null_mut());
    let name = if role == TLSW_CLIENT { c"localhost".as_ptr() } else { null() };
    // SAFETY: live handles, room for results, pointers and lengths of slices.
    unsafe {
        call(|err| tlsw_bio_new(&mut incoming, err)).unwrap();
        call(|err| tlsw_bio_new(&mut outgoing, err)).unwrap();
        call(|err| tlsw_wrap_bio(ctx.0, incoming, outgoing, role, name, &mut conn, err)).unwrap();
        // Some hear it bit by bit.
        let piece = match first >> 6 {
            0 | 1 => usize::MAX,
            2 => 97,
            _ => 5,
        };
        let mut end = Ok(TLSW_WANT_READ);
        for piece in data.chunks(piece.min(data.len().max(1))).take(500) {
            call(|err| tlsw_bio_write(incoming, piece.as_ptr(), piece.len(), err)).unwrap();
            end = step(conn, first & 4 != 0);
            if end.is_err() {
                break;
            }
        }
        if end.is_ok() {
            call(|err| tlsw_bio_write_eof(incoming, err)).unwrap();
            end = step(conn, first & 4 != 0);
        }
        // It stays what it is.
        assert_eq!(step(conn, first & 4 != 0), end);
        for which in [TLSW_CHAIN_SENT, TLSW_CHAIN_VERIFIED] {
            let mut chain = empty();
            let _ = call(|err| tlsw_get_peer_chain_der(conn, which, &mut chain, err));
            read_chain(&take(chain));
        }
        let mut failed = empty();
        let _ = call(|err| tlsw_get_failed_cert_der(conn, &mut failed, err));
        read_chain(&take(failed));
        let _ = call(|err| tlsw_get_verify_result(conn, err));
        let _ = (tlsw_get_pending(conn), tlsw_get_session_reused(conn));
        for name in [tlsw_get_version(conn), tlsw_get_cipher(conn), tlsw_get_group(conn)] {
            text(name);
        }
        let mut alpn = empty();
        let _ = call(|err| tlsw_get_alpn(conn, &mut alpn, err));
        take(alpn);
        let _ = call(|err| tlsw_conn_shutdown(conn, TLSW_SHUT_BOTH, err));
        tlsw_conn_free(conn);
        tlsw_bio_free(incoming);
        tlsw_bio_free(outgoing);
    }
}

/// Shakes hands, or reads.
unsafe fn step(conn: *mut tlsw_conn, reads: bool) -> Result<tlsw_status, String> {
    // SAFETY: a live connection, room for what is read.
    unsafe {
        if reads {
            let (mut room, mut n) = ([0; 100], 0);
            return call(|err| tlsw_conn_read(conn, room.as_mut_ptr(), room.len(), &mut n, err));
        }
        call(|err| tlsw_conn_handshake(conn, err))
    }
}

/// Decodes certificates that stand one after another, as far as they are some.
fn read_chain(mut ders: &[u8]) {
    while !ders.is_empty() {
        let (mut used, mut cert) = (0, null_mut());
        // SAFETY: pointer and length of a slice, room for the results.
        let read = call(|err| unsafe {
            tlsw_cert_new(ders.as_ptr(), ders.len(), &mut used, &mut cert, err)
        });
        if read.is_err() {
            return;
        }
        ask(cert);
        // SAFETY: ours.
        unsafe { tlsw_cert_free(cert) };
        ders = &ders[used..];
    }
}

/// Two connections with pipes between them.
pub struct Pair {
    pub client: *mut tlsw_conn,
    pub server: *mut tlsw_conn,
    bios: [*mut tlsw_bio; 2],
}

impl Pair {
    /// Makes them.
    pub fn new(client: &Ctx, server: &Ctx) -> Self {
        Self::try_new(client, server).expect("connections can be made")
    }

    /// Makes them, if the contexts can be used.
    pub fn try_new(client: &Ctx, server: &Ctx) -> Option<Self> {
        let (mut up, mut down, mut here, mut there) =
            (null_mut(), null_mut(), null_mut(), null_mut());
        let name = c"localhost".as_ptr();
        // SAFETY: live handles, room for results, a C string.
        unsafe {
            call(|err| tlsw_bio_new(&mut up, err)).unwrap();
            call(|err| tlsw_bio_new(&mut down, err)).unwrap();
            let wrap = |ctx: &Ctx, from, to, role, name, conn: &mut *mut tlsw_conn| {
                call(|err| tlsw_wrap_bio(ctx.0, from, to, role, name, conn, err)).is_ok()
            };
            let made = wrap(client, down, up, TLSW_CLIENT, name, &mut here)
                && wrap(server, up, down, TLSW_SERVER, null(), &mut there);
            let pair = Self { client: here, server: there, bios: [up, down] };
            made.then_some(pair)
        }
    }

    /// Makes the handshake.
    pub fn handshake(&self) {
        assert!(self.try_handshake(), "the handshake failed");
    }

    /// Makes the handshake; whether it is done.
    pub fn try_handshake(&self) -> bool {
        for _ in 0..4 {
            for conn in [self.client, self.server] {
                // SAFETY: a live connection.
                if call(|err| unsafe { tlsw_conn_handshake(conn, err) }).is_err() {
                    return false;
                }
            }
        }
        // SAFETY: as above.
        let done = |conn| call(|err| unsafe { tlsw_conn_handshake(conn, err) }) == Ok(TLSW_OK);
        done(self.client) && done(self.server)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // SAFETY: NULL, or ours.
        unsafe {
            tlsw_conn_free(self.client);
            tlsw_conn_free(self.server);
            for bio in self.bios {
                tlsw_bio_free(bio);
            }
        }
    }
}
