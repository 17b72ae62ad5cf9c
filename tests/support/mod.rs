//! What tests share: the C ABI with Rust's ownership around it, and nothing that decides anything.
#![allow(dead_code, unused_imports, reason = "each test uses its own part")]

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

pub use tlswrap::ffi::binding::*;
pub use tlswrap::ffi::bio::*;
pub use tlswrap::ffi::cert::*;
pub use tlswrap::ffi::ciphers::*;
pub use tlswrap::ffi::conn::*;
pub use tlswrap::ffi::constants::*;
pub use tlswrap::ffi::convert::*;
pub use tlswrap::ffi::ctx::*;
pub use tlswrap::ffi::get::*;
pub use tlswrap::ffi::hook::*;
pub use tlswrap::ffi::hostname::*;
pub use tlswrap::ffi::lib::*;
pub use tlswrap::ffi::object::*;
pub use tlswrap::ffi::prompt::*;
pub use tlswrap::ffi::protocol::*;
pub use tlswrap::ffi::psk::*;
pub use tlswrap::ffi::rand::*;
pub use tlswrap::ffi::report::*;
pub use tlswrap::ffi::server::*;
pub use tlswrap::ffi::session::*;
pub use tlswrap::ffi::settings::*;
pub use tlswrap::ffi::sockets::*;
pub use tlswrap::ffi::staple::*;
pub use tlswrap::ffi::stores::*;
pub use tlswrap::ffi::system::*;
pub use tlswrap::ffi::trust::*;
pub use tlswrap::ffi::types::*;
pub use tlswrap::ffi::wrap::*;

#[path = "../pki/pki.rs"]
mod pki_maker;

/// A file of the test PKI, made fresh once for each test program; its README says what each is.
pub fn pki(name: &str) -> PathBuf {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pki-{}", std::process::id()));
        pki_maker::make(&dir).expect("the test PKI");
        dir
    })
    .join(name)
}

/// The bytes of a file of the test PKI.
pub fn pki_bytes(name: &str) -> Vec<u8> {
    std::fs::read(pki(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The DER of every certificate in a PEM file of the test PKI, in order.
pub fn pki_ders(name: &str) -> Vec<Vec<u8>> {
    tlswrap::pem::blocks(&pki_bytes(name))
        .map(|block| block.unwrap())
        .filter(|block| block.is_certificate())
        .map(|block| block.decode().unwrap())
        .collect()
}

/// A tlsw_error, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub status: tlsw_status,
    pub os_error: i32,
    pub verify_error: i32,
    pub verify_depth: i32,
    pub alert: i32,
    pub code: u32,
    pub library: String,
    pub reason: String,
    pub message: String,
}

/// The name of a status.
pub fn name_of(status: tlsw_status) -> &'static str {
    unsafe { CStr::from_ptr(tlsw_status_name(status)) }.to_str().unwrap()
}

fn text(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| *c as u8).take_while(|byte| *byte != 0).collect();
    assert!(bytes.len() < field.len(), "the field is not ended");
    String::from_utf8(bytes).expect("error texts are UTF-8")
}

/// A tlsw_error filled with rubbish: what a caller's stack may hold before the call.
pub fn blank() -> tlsw_error {
    let mut blank = std::mem::MaybeUninit::<tlsw_error>::uninit();
    unsafe {
        blank.as_mut_ptr().cast::<u8>().write_bytes(0xa5, size_of::<tlsw_error>());
        blank.assume_init()
    }
}

/// Calls something that can fail. `Ok` is any status that is not negative.
pub fn call(f: impl FnOnce(*mut tlsw_error) -> tlsw_status) -> Result<tlsw_status, Error> {
    let mut err = blank();
    let status = f(&mut err);
    if status >= 0 {
        assert_eq!(err.status, i32::from_ne_bytes([0xa5; 4]), "err was written without a failure");
        return Ok(status);
    }
    assert_eq!(err.status, status, "err.status is the status");
    assert_eq!(err.reserved, [0; 6]);
    let error = Error {
        status,
        os_error: err.os_error,
        verify_error: err.verify_error,
        verify_depth: err.verify_depth,
        alert: err.alert,
        code: err.code,
        library: text(&err.library),
        reason: text(&err.reason),
        message: text(&err.message),
    };
    assert!(!error.message.is_empty(), "a failure says what happened");
    assert!(!error.message.chars().any(char::is_control), "{}", error.message);
    Err(error)
}

/// The bytes of a buffer, which is freed.
pub fn take(mut buf: tlsw_buf) -> Vec<u8> {
    if buf.data.is_null() {
        assert_eq!(buf.len, 0);
        return Vec::new();
    }
    let bytes = unsafe { std::slice::from_raw_parts(buf.data, buf.len) }.to_vec();
    assert_eq!(unsafe { *buf.data.add(buf.len) }, 0, "a buffer ends in NUL");
    unsafe { tlsw_buf_free(&mut buf) };
    assert!(buf.data.is_null() && buf.len == 0);
    bytes
}

pub fn empty() -> tlsw_buf {
    tlsw_buf { data: null_mut(), len: 0 }
}

pub fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

pub fn c_path(path: &Path) -> CString {
    CString::new(path.to_str().unwrap()).unwrap()
}

/// A context.
pub struct Ctx(pub *mut tlsw_ctx);
unsafe impl Send for Ctx {}
unsafe impl Sync for Ctx {}

impl Drop for Ctx {
    fn drop(&mut self) {
        unsafe { tlsw_ctx_free(self.0) }
    }
}

impl Ctx {
    pub fn new(role: u32) -> Self {
        let mut ctx = null_mut();
        assert_eq!(call(|err| unsafe { tlsw_ctx_new(role, &mut ctx, err) }), Ok(TLSW_OK));
        Self(ctx)
    }

    /// A client that trusts one file of the test PKI.
    pub fn client(ca: &str) -> Self {
        let ctx = Self::new(TLSW_CLIENT);
        ctx.load_ca_file(&pki(ca)).unwrap();
        ctx
    }

    /// A server that shows NAME.chain.pem of the test PKI.
    pub fn server(name: &str) -> Self {
        let ctx = Self::new(TLSW_SERVER);
        ctx.load_cert_chain(&format!("{name}.chain.pem"), &format!("{name}.key.pem")).unwrap();
        ctx
    }

    pub fn load_ca_file(&self, path: &Path) -> Result<tlsw_status, Error> {
        let path = c_path(path);
        call(|err| unsafe { tlsw_ctx_load_ca_file(self.0, path.as_ptr(), err) })
    }

    pub fn load_ca_mem(&self, data: &[u8]) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_ctx_load_ca_mem(self.0, data.as_ptr(), data.len(), err) })
    }

    /// Two files of the test PKI.
    pub fn load_cert_chain(&self, chain: &str, key: &str) -> Result<tlsw_status, Error> {
        let (chain, key) = (c_path(&pki(chain)), c_path(&pki(key)));
        call(|err| unsafe {
            tlsw_ctx_load_cert_chain_file(self.0, chain.as_ptr(), key.as_ptr(), null(), 0, err)
        })
    }

    pub fn set_verify_mode(&self, mode: u32) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_ctx_set_verify_mode(self.0, mode, err) })
    }

    pub fn set_check_hostname(&self, on: i32) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_ctx_set_check_hostname(self.0, on, err) })
    }

    pub fn set_versions(&self, version: i32) {
        // In the order in which the range stays one.
        if version == TLSW_TLS_1_3 {
            call(|err| unsafe { tlsw_ctx_set_min_version(self.0, version, err) }).unwrap();
        } else {
            call(|err| unsafe { tlsw_ctx_set_max_version(self.0, version, err) }).unwrap();
            call(|err| unsafe { tlsw_ctx_set_min_version(self.0, version, err) }).unwrap();
        }
    }

    pub fn set_alpn(&self, list: &[u8]) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_ctx_set_alpn_protocols(self.0, list.as_ptr(), list.len(), err) })
    }

    /// Verification and host name check off, by both names.
    pub fn insecure(&self) {
        self.set_check_hostname(0).unwrap();
        self.set_verify_mode(TLSW_CERT_NONE).unwrap();
    }

    pub fn wrap_fd(&self, fd: i32, role: u32, name: Option<&str>) -> Result<Conn, Error> {
        let name = name.map(c);
        let name = name.as_ref().map_or(null(), |name| name.as_ptr());
        let mut conn = null_mut();
        call(|err| unsafe { tlsw_wrap_fd(self.0, fd as isize, role, name, &mut conn, err) })?;
        Ok(Conn(conn))
    }

    pub fn wrap_bio(
        &self,
        incoming: &Bio,
        outgoing: &Bio,
        role: u32,
        name: Option<&str>,
    ) -> Result<Conn, Error> {
        let name = name.map(c);
        let name = name.as_ref().map_or(null(), |name| name.as_ptr());
        let mut conn = null_mut();
        call(|err| unsafe {
            tlsw_wrap_bio(self.0, incoming.0, outgoing.0, role, name, &mut conn, err)
        })?;
        Ok(Conn(conn))
    }
}

/// A pipe.
pub struct Bio(pub *mut tlsw_bio);
unsafe impl Send for Bio {}
unsafe impl Sync for Bio {}

impl Drop for Bio {
    fn drop(&mut self) {
        unsafe { tlsw_bio_free(self.0) }
    }
}

impl Bio {
    pub fn new() -> Self {
        let mut bio = null_mut();
        assert_eq!(call(|err| unsafe { tlsw_bio_new(&mut bio, err) }), Ok(TLSW_OK));
        Self(bio)
    }

    pub fn write(&self, data: &[u8]) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_bio_write(self.0, data.as_ptr(), data.len(), err) })
    }

    pub fn write_eof(&self) {
        call(|err| unsafe { tlsw_bio_write_eof(self.0, err) }).unwrap();
    }

    /// Everything that is in it now.
    pub fn drain(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.pending()];
        let mut n = 0;
        if !bytes.is_empty() {
            call(|err| unsafe {
                tlsw_bio_read(self.0, bytes.as_mut_ptr(), bytes.len(), &mut n, err)
            })
            .unwrap();
        }
        assert_eq!(n, bytes.len());
        bytes
    }

    pub fn pending(&self) -> usize {
        unsafe { tlsw_bio_pending(self.0) }
    }
}

/// A connection.
pub struct Conn(pub *mut tlsw_conn);
unsafe impl Send for Conn {}
unsafe impl Sync for Conn {}

impl Drop for Conn {
    fn drop(&mut self) {
        unsafe { tlsw_conn_free(self.0) }
    }
}

/// What reading came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Bytes(Vec<u8>),
    /// Another status that is not negative.
    Status(tlsw_status),
}

impl Conn {
    pub fn handshake(&self) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_handshake(self.0, err) })
    }

    pub fn read(&self, most: usize) -> Result<Read, Error> {
        let mut bytes = vec![0; most];
        let mut n = usize::MAX;
        let status =
            call(|err| unsafe { tlsw_conn_read(self.0, bytes.as_mut_ptr(), most, &mut n, err) })?;
        if status != TLSW_OK {
            assert_eq!(n, usize::MAX, "results are written on TLSW_OK only");
            return Ok(Read::Status(status));
        }
        bytes.truncate(n);
        Ok(Read::Bytes(bytes))
    }

    pub fn peek(&self, most: usize) -> Result<Read, Error> {
        let mut bytes = vec![0; most];
        let mut n = usize::MAX;
        let status =
            call(|err| unsafe { tlsw_conn_peek(self.0, bytes.as_mut_ptr(), most, &mut n, err) })?;
        if status != TLSW_OK {
            return Ok(Read::Status(status));
        }
        bytes.truncate(n);
        Ok(Read::Bytes(bytes))
    }

    /// `Ok(Ok(n))` for what was taken, `Ok(Err(status))` for not yet.
    pub fn write(&self, data: &[u8]) -> Result<Result<usize, tlsw_status>, Error> {
        let mut n = usize::MAX;
        let status =
            call(|err| unsafe { tlsw_conn_write(self.0, data.as_ptr(), data.len(), &mut n, err) })?;
        Ok(if status == TLSW_OK { Ok(n) } else { Err(status) })
    }

    /// All of it, on a connection that waits.
    pub fn write_all(&self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() {
            match self.write(data)? {
                Ok(n) => data = &data[n..],
                Err(status) => panic!("write_all may not wait: {}", name_of(status)),
            }
        }
        Ok(())
    }

    /// To the peer's goodbye, on a connection that waits.
    pub fn read_to_end(&self) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        loop {
            match self.read(65536)? {
                Read::Bytes(bytes) => all.extend(bytes),
                Read::Status(TLSW_CLOSED) => return Ok(all),
                Read::Status(status) => panic!("read_to_end may not wait: {}", name_of(status)),
            }
        }
    }

    pub fn shutdown(&self, how: u32) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_shutdown(self.0, how, err) })
    }

    pub fn set_timeout(&self, milliseconds: i64) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_set_timeout(self.0, milliseconds, err) })
    }

    pub fn set_read_ahead(&self, on: i32) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_set_read_ahead(self.0, on, err) })
    }

    /// The certificates of a chain, or the status that says why there is none.
    pub fn chain(&self, which: u32) -> Result<Result<Vec<Vec<u8>>, tlsw_status>, Error> {
        let mut chain = empty();
        let status =
            call(|err| unsafe { tlsw_get_peer_chain_der(self.0, which, &mut chain, err) })?;
        if status != TLSW_OK {
            return Ok(Err(status));
        }
        Ok(Ok(split(&take(chain))))
    }

    pub fn verify_result(&self) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_get_verify_result(self.0, err) })
    }

    pub fn failed_cert(&self) -> Option<Vec<u8>> {
        let mut cert = empty();
        let status =
            call(|err| unsafe { tlsw_get_failed_cert_der(self.0, &mut cert, err) }).unwrap();
        (status == TLSW_OK).then(|| take(cert))
    }

    pub fn version(&self) -> Option<&'static str> {
        static_text(unsafe { tlsw_get_version(self.0) })
    }

    pub fn cipher(&self) -> Option<&'static str> {
        static_text(unsafe { tlsw_get_cipher(self.0) })
    }

    pub fn group(&self) -> Option<&'static str> {
        static_text(unsafe { tlsw_get_group(self.0) })
    }

    pub fn alpn(&self) -> Option<Vec<u8>> {
        let mut alpn = empty();
        let status = call(|err| unsafe { tlsw_get_alpn(self.0, &mut alpn, err) }).unwrap();
        (status == TLSW_OK).then(|| take(alpn))
    }

    pub fn pending(&self) -> usize {
        unsafe { tlsw_get_pending(self.0) }
    }

    pub fn is_reused(&self) -> bool {
        unsafe { tlsw_get_session_reused(self.0) != 0 }
    }
}

fn static_text(text: *const c_char) -> Option<&'static str> {
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str().unwrap())
}

/// Splits certificates that stand one after another.
pub fn split(mut ders: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !ders.is_empty() {
        let mut used = 0;
        let mut cert = null_mut();
        call(|err| unsafe { tlsw_cert_new(ders.as_ptr(), ders.len(), &mut used, &mut cert, err) })
            .unwrap();
        unsafe { tlsw_cert_free(cert) };
        found.push(ders[..used].to_vec());
        ders = &ders[used..];
    }
    found
}

/// A client and a server joined in memory.
pub struct Pair {
    pub client: Conn,
    pub server: Conn,
    pub to_server: Bio,
    pub to_client: Bio,
}

impl Pair {
    pub fn new(client: &Ctx, server: &Ctx, name: Option<&str>) -> Self {
        let (to_server, to_client) = (Bio::new(), Bio::new());
        Self {
            client: client.wrap_bio(&to_client, &to_server, TLSW_CLIENT, name).unwrap(),
            server: server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap(),
            to_server,
            to_client,
        }
    }

    /// Shakes hands: what each side came to, once both have an end.
    pub fn handshake(&self) -> (Result<(), Error>, Result<(), Error>) {
        let (mut client, mut server) = (None, None);
        for _ in 0..20 {
            if client.is_none() {
                client = end(self.client.handshake());
            }
            if server.is_none() {
                server = end(self.server.handshake());
            }
            if client.is_some() && server.is_some() {
                break;
            }
        }
        // A side still waiting when the other has failed would wait for ever: its peer is gone.
        if client.is_none() {
            self.to_client.write_eof();
            client = end(self.client.handshake());
        }
        if server.is_none() {
            self.to_server.write_eof();
            server = end(self.server.handshake());
        }
        (client.expect("the client's end"), server.expect("the server's end"))
    }

    /// A pair that has shaken hands, and taken the tickets that TLS 1.3 sends afterwards.
    pub fn connected(client: &Ctx, server: &Ctx, name: Option<&str>) -> Self {
        let pair = Self::new(client, server, name);
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        pair
    }
}

fn end(now: Result<tlsw_status, Error>) -> Option<Result<(), Error>> {
    match now {
        Ok(TLSW_OK) => Some(Ok(())),
        Ok(TLSW_WANT_READ | TLSW_WANT_WRITE) => None,
        Ok(other) => panic!("a handshake answered {}", name_of(other)),
        Err(error) => Some(Err(error)),
    }
}

/// Two connected stream sockets of loopback TCP.
pub fn sockets() -> (std::net::TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let one = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (one, listener.accept().unwrap().0)
}

/// A session.
#[derive(Debug)]
pub struct Session(pub *mut tlsw_session);
unsafe impl Send for Session {}
unsafe impl Sync for Session {}

impl Drop for Session {
    fn drop(&mut self) {
        unsafe { tlsw_session_free(self.0) }
    }
}

impl Session {
    pub fn from_bytes(ctx: &Ctx, bytes: &[u8]) -> Result<Self, Error> {
        Self::open(ctx, bytes, None)
    }

    /// With the key that they were sealed with.
    pub fn open(ctx: &Ctx, bytes: &[u8], key: Option<&[u8; 32]>) -> Result<Self, Error> {
        let (mut session, key) = (null_mut(), key.map_or(null(), |key| key.as_ptr()));
        call(|err| unsafe {
            tlsw_session_from_bytes(ctx.0, bytes.as_ptr(), bytes.len(), key, &mut session, err)
        })?;
        Ok(Self(session))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.seal(None)
    }

    /// With a key that keeps them from being read and altered.
    pub fn seal(&self, key: Option<&[u8; 32]>) -> Vec<u8> {
        let (mut bytes, key) = (empty(), key.map_or(null(), |key| key.as_ptr()));
        call(|err| unsafe { tlsw_session_to_bytes(self.0, key, &mut bytes, err) }).unwrap();
        take(bytes)
    }

    pub fn id(&self) -> Vec<u8> {
        let mut id = empty();
        call(|err| unsafe { tlsw_session_id(self.0, &mut id, err) }).unwrap();
        take(id)
    }

    pub fn equals(&self, other: &Self) -> bool {
        unsafe { tlsw_session_equal(self.0, other.0) != 0 }
    }
}

impl Conn {
    pub fn psk_identity(&self) -> Option<Vec<u8>> {
        let mut identity = empty();
        let status =
            call(|err| unsafe { tlsw_get_psk_identity(self.0, &mut identity, err) }).unwrap();
        (status == TLSW_OK).then(|| take(identity))
    }

    /// The session, or the status that says why there is none.
    pub fn session(&self) -> Result<Result<Session, tlsw_status>, Error> {
        let mut session = null_mut();
        let status = call(|err| unsafe { tlsw_get_session(self.0, &mut session, err) })?;
        Ok(if status == TLSW_OK { Ok(Session(session)) } else { Err(status) })
    }

    pub fn set_session(&self, session: &Session) -> Result<tlsw_status, Error> {
        call(|err| unsafe { tlsw_conn_set_session(self.0, session.0, err) })
    }
}

/// Says that a test does not run here, past what collects the output of tests that pass, so that
/// tools/run-tests.sh shows it.
pub fn skipped(test: &str, why: &str) {
    use std::io::Write;
    let line = format!("\nskipped {test}: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Returns a configuration of OpenSSL that sets nothing. The system's may raise the lowest version
/// or the security level, and what is compared is the library.
pub fn neutral_openssl_conf() -> PathBuf {
    let file = pki("neutral.cnf");
    std::fs::write(&file, "").unwrap();
    file
}

/// Returns what a Python program prints, given `input`. It runs on the machine's own python3, whose
/// `ssl` module is the measure of what is compared with it. The tests were written for CPython
/// 3.11.7, built as it comes, with OpenSSL 3.0; each that meets a difference of another version
/// says which.
pub fn python(program: &str, input: &str) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("python3")
        .args(["-W", "ignore", "-c", program])
        .env("PYTHONIOENCODING", "utf-8")
        .env("OPENSSL_CONF", neutral_openssl_conf())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 (the package python3) is needed for this test");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Beside the reading: either pipe may be full.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the Python program failed");
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A decoded certificate.
pub struct Cert(pub *mut tlsw_cert);

impl Drop for Cert {
    fn drop(&mut self) {
        unsafe { tlsw_cert_free(self.0) }
    }
}

impl Cert {
    pub fn new(der: &[u8]) -> Self {
        let mut cert = null_mut();
        call(|err| unsafe { tlsw_cert_new(der.as_ptr(), der.len(), null_mut(), &mut cert, err) })
            .unwrap();
        Self(cert)
    }
}

/// An extension of the ClientHello that stands in a first record, if it is there.
pub fn extension(hello: &[u8], kind: u16) -> Option<Vec<u8>> {
    /// Takes what stands behind its length in `width` bytes.
    fn vector<'a>(at: &mut &'a [u8], width: usize) -> &'a [u8] {
        let (len, rest) = at.split_at(width);
        let len = len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        let (body, rest) = rest.split_at(len);
        *at = rest;
        body
    }
    // The heads of record and message, the version, the random.
    let mut at = &hello[5 + 4 + 2 + 32..];
    for width in [1, 2, 1] {
        vector(&mut at, width);
    }
    let mut extensions = vector(&mut at, 2);
    while let Some((head, rest)) = extensions.split_first_chunk() {
        extensions = rest;
        let body = vector(&mut extensions, 2);
        if u16::from_be_bytes(*head) == kind {
            return Some(body.to_vec());
        }
    }
    None
}

/// The protocol versions most stories are told for.
pub const VERSIONS: [i32; 2] = [TLSW_TLS_1_2, TLSW_TLS_1_3];

/// A client that trusts the test root, and a server for localhost that speaks one version.
pub fn contexts(version: i32) -> (Ctx, Ctx) {
    let server = Ctx::server("localhost");
    server.set_versions(version);
    (Ctx::client("root.pem"), server)
}

/// Shakes hands between two connections that wait, each on a thread of its own.
pub fn shake_hands(client: &Conn, server: &Conn) {
    let both = std::thread::scope(|scope| {
        let server = scope.spawn(|| server.handshake());
        (client.handshake(), server.join().unwrap())
    });
    assert_eq!(both, (Ok(TLSW_OK), Ok(TLSW_OK)));
}

/// The number at `index` in a list that looks random (splitmix64).
fn mixed(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Choices that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed << 32)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 += 1;
        (mixed(self.0) % limit as u64) as usize
    }
}

/// The bytes from `at` on of an endless stream in which every stretch is another: what is lost,
/// doubled or out of order on its way shows.
pub fn stream(at: usize, len: usize) -> Vec<u8> {
    let words = at / 8..(at + len).div_ceil(8);
    words.flat_map(|word| mixed(word as u64).to_le_bytes()).skip(at % 8).take(len).collect()
}

/// Checks that bytes are those of [`stream`] from `at` on.
pub fn check_stream(at: usize, bytes: &[u8]) {
    let want = stream(at, bytes.len());
    if want != bytes {
        let wrong = want.iter().zip(bytes).position(|(want, byte)| want != byte).unwrap();
        panic!("byte {} of the stream is wrong", at + wrong);
    }
}

/// Runs `body` in a process of its own, in which this test is all there is: for what hangs, ends
/// the process, or must not see what other tests do meanwhile. `test` is the name of the test.
pub fn alone(test: &str, envs: &[(&str, &Path)], body: impl FnOnce()) {
    const WHOM: &str = "TLSW_TEST_ALONE";
    if std::env::var_os(WHOM).is_some_and(|name| name == test) {
        return body();
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(WHOM, test)
        .envs(envs.iter().copied())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = std::io::Read::read_to_string(&mut output, &mut text);
        let _ = ended.send(text);
    });
    let text = end.recv_timeout(std::time::Duration::from_secs(120));
    if text.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let text = text.unwrap_or_else(|_| panic!("{test} hangs"));
    assert!(status.success() && text.contains("1 passed"), "{test}: {status}\n{text}");
}

/// Bytes that look random.
pub fn noise(dice: &mut Dice, len: usize) -> Vec<u8> {
    (0..len).map(|_| dice.below(256) as u8).collect()
}

/// `bytes`, spoilt in one to four places: bits turned, bytes replaced, taken out, repeated, added.
pub fn spoil(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    const ODD: [u8; 10] = [0, 1, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xff, b'-', b'\n'];
    let mut spoilt = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        if spoilt.is_empty() {
            spoilt.extend(noise(dice, 1));
        }
        let at = dice.below(spoilt.len());
        let len = dice.below(9).min(spoilt.len() - at);
        match dice.below(7) {
            0 => spoilt[at] ^= 1 << dice.below(8),
            1 => spoilt[at] = dice.below(256) as u8,
            2 => spoilt[at] = ODD[dice.below(ODD.len())],
            3 => drop(spoilt.drain(at..at + len)),
            4 => {
                let piece = spoilt[at..at + len].to_vec();
                let to = dice.below(spoilt.len() + 1);
                spoilt.splice(to..to, piece);
            }
            5 => {
                let piece = noise(dice, len);
                spoilt.splice(at..at, piece);
            }
            _ => spoilt.truncate(at),
        }
    }
    spoilt
}
