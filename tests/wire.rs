//! A peer that sends anything: a clear error or success, the same again when called again, never a
//! hang, and nothing left behind.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::io::Write as _;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicIsize, Ordering};

use support::*;

// ---- What is alive: BoringSSL lets its memory be had from elsewhere, and so does Rust. ----

static LIVE: AtomicIsize = AtomicIsize::new(0);

struct Counted;

unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTED: Counted = Counted;

/// Room for the size before each piece of memory, as aligned as malloc's.
const HEAD: usize = 16;

#[unsafe(no_mangle)]
unsafe extern "C" fn OPENSSL_memory_alloc(size: usize) -> *mut c_void {
    unsafe {
        let head = libc::malloc(HEAD + size).cast::<usize>();
        if head.is_null() {
            return head.cast();
        }
        head.write(size);
        LIVE.fetch_add(size as isize, Ordering::Relaxed);
        head.byte_add(HEAD).cast()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn OPENSSL_memory_get_size(pointer: *mut c_void) -> usize {
    if pointer.is_null() { 0 } else { unsafe { pointer.byte_sub(HEAD).cast::<usize>().read() } }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn OPENSSL_memory_free(pointer: *mut c_void) {
    if !pointer.is_null() {
        unsafe {
            LIVE.fetch_sub(OPENSSL_memory_get_size(pointer) as isize, Ordering::Relaxed);
            libc::free(pointer.byte_sub(HEAD));
        }
    }
}

// ---- A client and a server with the test between them ----

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}
use Way::*;

struct Tapped {
    client: Conn,
    server: Conn,
    client_in: Bio,
    client_out: Bio,
    server_in: Bio,
    server_out: Bio,
}

type End = Result<tlsw_status, Error>;

impl Tapped {
    fn new((client, server): &(Ctx, Ctx)) -> Self {
        let [client_in, client_out, server_in, server_out] = [(); 4].map(|()| Bio::new());
        let name = Some("localhost");
        Self {
            client: client.wrap_bio(&client_in, &client_out, TLSW_CLIENT, name).unwrap(),
            server: server.wrap_bio(&server_in, &server_out, TLSW_SERVER, None).unwrap(),
            client_in,
            client_out,
            server_in,
            server_out,
        }
    }

    /// Shakes hands; all bytes go through `change`. Once nothing moves any more both streams end.
    fn handshake(&self, change: &mut dyn FnMut(Way, Vec<u8>) -> Vec<u8>) -> (End, End) {
        loop {
            let (client, server) = (self.client.handshake(), self.server.handshake());
            let to_server = change(ToServer, self.client_out.drain());
            let to_client = change(ToClient, self.server_out.drain());
            if to_server.is_empty() && to_client.is_empty() {
                if client.is_ok() && server.is_ok() && client == server && client == Ok(TLSW_OK) {
                    return (client, server);
                }
                self.client_in.write_eof();
                self.server_in.write_eof();
                return (self.client.handshake(), self.server.handshake());
            }
            self.server_in.write(&to_server).unwrap();
            self.client_in.write(&to_client).unwrap();
        }
    }

    fn connected(contexts: &(Ctx, Ctx)) -> Self {
        let tapped = Self::new(contexts);
        let ends = tapped.handshake(&mut |_, bytes| bytes);
        assert_eq!(ends, (Ok(TLSW_OK), Ok(TLSW_OK)));
        assert_eq!(tapped.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        tapped
    }
}

/// The failure, which is one of these, and the same whatever is called again.
fn fails(conn: &Conn, end: &End, statuses: &[tlsw_status]) {
    let error = end.as_ref().expect_err("a failure");
    assert!(statuses.contains(&error.status), "{error:?}");
    for _ in 0..2 {
        assert_eq!(conn.handshake().as_ref(), Err(error));
        assert_eq!(conn.read(10).as_ref(), Err(error));
        assert_eq!(conn.write(b"data").as_ref(), Err(error));
    }
    assert_eq!(conn.pending(), 0);
    // May be asked anything.
    let _ = (conn.version(), conn.cipher(), conn.group(), conn.alpn(), conn.is_reused());
    let _ = (conn.verify_result(), conn.failed_cert());
    for which in [TLSW_CHAIN_SENT, TLSW_CHAIN_VERIFIED] {
        let mut chain = empty();
        let got = call(|err| unsafe { tlsw_get_peer_chain_der(conn.0, which, &mut chain, err) });
        assert!(which == TLSW_CHAIN_SENT || got != Ok(TLSW_OK));
        take(chain);
    }
}

const BROKEN: [tlsw_status; 3] = [TLSW_ERR_TLS, TLSW_ERR_EOF, TLSW_ERR_VERIFY];

/// A side that has come as far as sending its first bytes, if it speaks first; and what it hears.
fn sides((client, server): &(Ctx, Ctx)) -> [(Conn, Bio); 2] {
    [(client, TLSW_CLIENT, Some("localhost")), (server, TLSW_SERVER, None)].map(
        |(ctx, role, name)| {
            let (incoming, outgoing) = (Bio::new(), Bio::new());
            let conn = ctx.wrap_bio(&incoming, &outgoing, role, name).unwrap();
            assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
            (conn, incoming)
        },
    )
}

/// How many bytes a whole handshake takes each way.
fn lengths(contexts: &(Ctx, Ctx)) -> [usize; 2] {
    let mut lengths = [0, 0];
    let ends = Tapped::new(contexts).handshake(&mut |way, bytes| {
        lengths[way as usize] += bytes.len();
        bytes
    });
    assert_eq!(ends, (Ok(TLSW_OK), Ok(TLSW_OK)));
    lengths
}

#[test]
fn every_beginning_of_a_handshake_and_then_the_end() {
    for version in VERSIONS {
        let contexts = contexts(version);
        let lengths = lengths(&contexts);
        for way in [ToServer, ToClient] {
            let (mut ended_early, mut done) = (0, 0);
            for most in 0..=lengths[way as usize] {
                let tapped = Tapped::new(&contexts);
                let mut left = most;
                let (client, server) = tapped.handshake(&mut |now, mut bytes| {
                    if now == way {
                        bytes.truncate(left);
                        left -= bytes.len();
                    }
                    bytes
                });
                let (cut, end) = match way {
                    ToServer => (&tapped.server, server),
                    ToClient => (&tapped.client, client),
                };
                if end == Ok(TLSW_OK) {
                    done += 1;
                } else {
                    fails(cut, &end, &[TLSW_ERR_EOF]);
                    // What one more byte would change is only the end of the handshake. (Where that
                    // is differs by the few bytes by which ECDSA signatures differ in length.)
                    assert!(
                        done == 0 || most + 16 >= lengths[way as usize],
                        "{most} of {lengths:?}"
                    );
                    ended_early += 1;
                }
            }
            assert!(ended_early > 200, "{version:x} {way:?}: {ended_early} {done}");
        }
    }
}

#[test]
fn a_turned_bit_in_a_handshake_is_noticed() {
    for version in VERSIONS {
        let contexts = contexts(version);
        let lengths = lengths(&contexts);
        for way in [ToServer, ToClient] {
            for at in 0..lengths[way as usize] {
                let tapped = Tapped::new(&contexts);
                let (mut passed, mut header) = (0, false);
                let (client, server) = tapped.handshake(&mut |now, mut bytes| {
                    if now == way {
                        if let Some(turn) = at.checked_sub(passed).filter(|at| *at < bytes.len()) {
                            header = is_version(&bytes, turn);
                            bytes[turn] ^= 1 << (at % 8);
                        }
                        passed += bytes.len();
                    }
                    bytes
                });
                let mut failed = 0;
                for (conn, end) in [(&tapped.client, client), (&tapped.server, server)] {
                    if end != Ok(TLSW_OK) {
                        fails(conn, &end, &BROKEN);
                        failed += 1;
                    }
                }
                // In TLS 1.3 nobody looks at the version of a record; and a server sends tickets
                // that no handshake waits for, which the client will find broken.
                let late = passed <= at
                    || (way == ToClient && version == TLSW_TLS_1_3 && {
                        let read = tapped.client.read(1);
                        matches!(read, Err(error) if error.status == TLSW_ERR_TLS)
                    });
                assert!(failed > 0 || header || late, "{version:x} {way:?}: byte {at}");
            }
        }
    }
}

/// Whether `at` is in the two bytes of a record that say a version, or in the dummy of TLS 1.3.
fn is_version(records: &[u8], at: usize) -> bool {
    let mut start = 0;
    while let [kind, _, _, high, low, ..] = records[start..] {
        let end = start + 5 + usize::from(u16::from_be_bytes([high, low]));
        if (start..end).contains(&at) {
            return (1..3).contains(&(at - start)) || (kind == 20 && at - start > 2);
        }
        start = end;
    }
    false
}

#[test]
fn a_byte_at_a_time_is_enough() {
    for version in VERSIONS {
        let tapped = Tapped::new(&contexts(version));
        let mut ends = [Ok(TLSW_WANT_READ), Ok(TLSW_WANT_READ)];
        while ends != [Ok(TLSW_OK), Ok(TLSW_OK)] {
            ends = [tapped.client.handshake(), tapped.server.handshake()];
            let moved = [
                (tapped.client_out.drain(), &tapped.server_in, &tapped.server),
                (tapped.server_out.drain(), &tapped.client_in, &tapped.client),
            ];
            assert!(moved.iter().any(|(bytes, ..)| !bytes.is_empty()) || ends[0] == ends[1]);
            for (bytes, incoming, conn) in moved {
                for byte in bytes {
                    incoming.write(&[byte]).unwrap();
                    assert!([Ok(TLSW_OK), Ok(TLSW_WANT_READ)].contains(&conn.handshake()));
                }
            }
        }
        let sent = stream(0, 20_000);
        assert_eq!(tapped.client.write(&sent).unwrap().map(|n| n > 0), Ok(true));
        let mut come = Vec::new();
        for byte in tapped.client_out.drain() {
            tapped.server_in.write(&[byte]).unwrap();
            if let Read::Bytes(bytes) = tapped.server.read(65536).unwrap() {
                come.extend(bytes);
            }
        }
        assert!(come.len() >= 16384);
        check_stream(0, &come);
    }
}

#[test]
fn noise_is_an_error() {
    let contexts = contexts(TLSW_TLS_1_3);
    let mut dice = Dice::new(1);
    for turn in 0..2000 {
        for (conn, incoming) in sides(&contexts) {
            let len = 1 + dice.below(400);
            let mut bytes = noise(&mut dice, len);
            // One in two looks like TLS from afar.
            if turn % 2 == 0 {
                let kind = [20, 21, 22, 22, 22, 23, 24][dice.below(7)];
                let message = [0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 24, 254][dice.below(14)];
                let size = (bytes.len() as u16).to_be_bytes();
                bytes.splice(0..0, [kind, 3, [1, 3][dice.below(2)], size[0], size[1]]);
                if bytes.len() > 8 {
                    let size = (bytes.len() as u16 - 9).to_be_bytes();
                    bytes[5..9].copy_from_slice(&[message, 0, size[0], size[1]]);
                }
            }
            incoming.write(&bytes).unwrap();
            let mut end = conn.handshake();
            if end.is_ok() {
                assert_eq!(end, Ok(TLSW_WANT_READ));
                incoming.write_eof();
                end = conn.handshake();
            }
            fails(&conn, &end, &BROKEN);
        }
    }
}

#[test]
fn spoilt_handshakes_are_errors_or_none_the_worse() {
    let mut dice = Dice::new(2);
    for version in VERSIONS {
        let contexts = contexts(version);
        let mut failed = 0;
        for turn in 0..2000 {
            let tapped = Tapped::new(&contexts);
            // Which flight, and which way.
            let (way, mut flight) = ([ToServer, ToClient][turn % 2], 1 + turn / 2 % 2);
            let (client, server) = tapped.handshake(&mut |now, bytes| {
                if now == way && !bytes.is_empty() {
                    flight = flight.saturating_sub(1);
                    if flight == 0 {
                        flight = usize::MAX;
                        return spoil(&mut dice, &bytes);
                    }
                }
                bytes
            });
            for (conn, end) in [(&tapped.client, client), (&tapped.server, server)] {
                if end != Ok(TLSW_OK) {
                    fails(conn, &end, &BROKEN);
                    failed += 1;
                }
            }
        }
        assert!(failed > 1000, "{version:x}: {failed}");
    }
}

#[test]
fn records_and_messages_of_impossible_size_are_refused() {
    let contexts = contexts(TLSW_TLS_1_3);
    let record = |kind: u8, body: &[u8]| {
        let len = (body.len() as u16).to_be_bytes();
        [&[kind, 3, 3, len[0], len[1]], body].concat()
    };
    let header = |kind: u8, len: u16| [&[kind, 3, 3][..], &len.to_be_bytes()].concat();
    for (bytes, reason) in [
        // One more than a record may have, and as much as can be said: refused by its header.
        (header(22, (1 << 14) + 2048 + 1), "ENCRYPTED_LENGTH_TOO_LONG"),
        (header(22, 0xffff), "ENCRYPTED_LENGTH_TOO_LONG"),
        (record(22, &[0; (1 << 14) + 1]), "DATA_LENGTH_TOO_LONG"),
        // A message of 16 MiB, of which only the beginning comes.
        (record(22, &[1, 0xff, 0xff, 0xff]), "EXCESSIVE_MESSAGE_SIZE"),
        (record(22, &[2, 0xff, 0xff, 0xff]), "EXCESSIVE_MESSAGE_SIZE"),
        // Nothing, over and over.
        (record(22, &[]).repeat(1000), "TOO_MANY_EMPTY_FRAGMENTS"),
    ] {
        for (conn, incoming) in sides(&contexts) {
            incoming.write(&bytes).unwrap();
            let end = conn.handshake();
            fails(&conn, &end, &[TLSW_ERR_TLS]);
            assert_eq!(end.unwrap_err().reason, reason);
        }
    }
    // After the handshake no record may be longer than its encryption makes it.
    for len in [(1 << 14) + 256 + 1, (1 << 14) + 2048 + 1, 0xffff] {
        let tapped = Tapped::connected(&contexts);
        tapped.client_in.write(&header(23, len)).unwrap();
        tapped.client_in.write(&noise(&mut Dice::new(3), usize::from(len))).unwrap();
        for _ in 0..2 {
            let error = tapped.client.read(1).unwrap_err();
            let reasons = ["ENCRYPTED_LENGTH_TOO_LONG", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"];
            assert!(reasons.contains(&&*error.reason), "{error:?}");
            assert_eq!(error.status, TLSW_ERR_TLS);
        }
    }
}

#[test]
fn messages_that_nobody_asked_for_are_refused() {
    let contexts = contexts(TLSW_TLS_1_3);
    for (bytes, of_client, of_server) in [
        // Data before keys.
        (&b"\x17\x03\x03\0\x01x"[..], "UNEXPECTED_RECORD", "UNEXPECTED_RECORD"),
        // "I now encrypt", Finished, Certificate, KeyUpdate, a type nobody knows.
        (b"\x14\x03\x03\0\x01\x01", "UNEXPECTED_RECORD", "UNEXPECTED_RECORD"),
        (b"\x16\x03\x03\0\x04\x14\0\0\0", "UNEXPECTED_MESSAGE", "UNEXPECTED_MESSAGE"),
        (b"\x16\x03\x03\0\x04\x0b\0\0\0", "UNEXPECTED_MESSAGE", "UNEXPECTED_MESSAGE"),
        (b"\x16\x03\x03\0\x05\x18\0\0\x01\0", "UNEXPECTED_MESSAGE", "UNEXPECTED_MESSAGE"),
        (b"\x16\x03\x03\0\x04\x63\0\0\0", "UNEXPECTED_MESSAGE", "UNEXPECTED_MESSAGE"),
        // Alerts: one of a kind that does not exist, one cut, one that is fatal.
        (b"\x15\x03\x03\0\x02\x03\x28", "UNKNOWN_ALERT_TYPE", "UNKNOWN_ALERT_TYPE"),
        (b"\x15\x03\x03\0\x01\x02", "INVALID_ALERT", "INVALID_ALERT"),
        (
            b"\x15\x03\x03\0\x02\x02\x28",
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
        ),
        // A record of no known type.
        (b"\x63\x03\x03\0\x01x", "UNEXPECTED_RECORD", "UNEXPECTED_RECORD"),
    ] {
        for ((conn, incoming), reason) in sides(&contexts).into_iter().zip([of_client, of_server]) {
            incoming.write(bytes).unwrap();
            let end = conn.handshake();
            fails(&conn, &end, &[TLSW_ERR_TLS]);
            let error = end.unwrap_err();
            assert_eq!(error.reason, reason, "{bytes:?}");
            assert_eq!(reason.contains("ALERT_HANDSHAKE"), error.alert == 40, "{error:?}");
        }
    }
    // A warning by itself is none, a thousand are.
    for (conn, incoming) in sides(&contexts) {
        incoming.write(b"\x15\x03\x01\0\x02\x01\x5a").unwrap();
        assert!(conn.handshake().is_ok_and(|status| status == TLSW_WANT_READ));
        incoming.write(&b"\x15\x03\x01\0\x02\x01\x5a".repeat(1000)).unwrap();
        let end = conn.handshake();
        fails(&conn, &end, &[TLSW_ERR_TLS]);
        assert_eq!(end.unwrap_err().reason, "TOO_MANY_WARN_ALERTS");
    }
}

#[test]
fn a_goodbye_instead_of_a_handshake_is_an_error() {
    let contexts = contexts(TLSW_TLS_1_3);
    for (conn, incoming) in sides(&contexts) {
        incoming.write(b"\x15\x03\x01\0\x02\x01\0").unwrap();
        let end = conn.handshake();
        fails(&conn, &end, &[TLSW_ERR_TLS]);
        assert_eq!(end.unwrap_err().alert, 0);
    }
    // Met by one that reads or writes first.
    for (conn, incoming) in sides(&contexts) {
        incoming.write(b"\x15\x03\x01\0\x02\x01\0").unwrap();
        let error = conn.read(1).unwrap_err();
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, 0));
        fails(&conn, &Err(error), &[TLSW_ERR_TLS]);
    }
}

#[test]
fn other_protocols_are_told() {
    let contexts = contexts(TLSW_TLS_1_2);
    for (bytes, of_client, of_server) in [
        (&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], "WRONG_VERSION_NUMBER", "HTTP_REQUEST"),
        (b"POST / HTTP/1.1\r\n\r\n", "WRONG_VERSION_NUMBER", "HTTP_REQUEST"),
        (b"HEAD / HTTP/1.1\r\n\r\n", "WRONG_VERSION_NUMBER", "HTTP_REQUEST"),
        (b"PUT / HTTP/1.1\r\n\r\n", "WRONG_VERSION_NUMBER", "HTTP_REQUEST"),
        (b"CONNECT a:443 HTTP/1.1\r\n\r\n", "WRONG_VERSION_NUMBER", "HTTPS_PROXY_REQUEST"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"),
        (b"220 mail.example ESMTP\r\n", "WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"),
        (b"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10", "WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"),
    ] {
        for ((conn, incoming), reason) in sides(&contexts).into_iter().zip([of_client, of_server]) {
            incoming.write(bytes).unwrap();
            let end = conn.handshake();
            fails(&conn, &end, &[TLSW_ERR_TLS]);
            let error = end.unwrap_err();
            assert_eq!(error.reason, reason, "{}", String::from_utf8_lossy(bytes));
            let hint = if reason == "WRONG_VERSION_NUMBER" { "STARTTLS" } else { "HTTP" };
            assert!(error.message.contains(hint), "{}", error.message);
        }
    }
}

#[test]
fn data_that_was_changed_is_never_given() {
    for version in VERSIONS {
        let contexts = contexts(version);
        let mut record = 0;
        for at in 0.. {
            let tapped = Tapped::connected(&contexts);
            tapped.server.write_all(b"first").unwrap();
            tapped.client_in.write(&tapped.server_out.drain()).unwrap();
            tapped.server.write_all(b"second").unwrap();
            let mut bytes = tapped.server_out.drain();
            if at == bytes.len() {
                break;
            }
            record = bytes.len();
            bytes[at] ^= 1 << (at % 8);
            tapped.client_in.write(&bytes).unwrap();
            tapped.client_in.write_eof();
            // What came whole is given, and nothing after it.
            assert_eq!(tapped.client.read(100), Ok(Read::Bytes(b"first".to_vec())));
            let error = tapped.client.read(100).unwrap_err();
            // A longer record ends too early; all else is seen.
            let longer = (3..5).contains(&at) && error.status == TLSW_ERR_EOF;
            assert!(longer || error.status == TLSW_ERR_TLS, "{version:x} byte {at}: {error:?}");
            if at >= 5 {
                assert_eq!(error.reason, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
                assert!(error.message.contains("damaged or forged"), "{}", error.message);
            }
            for _ in 0..2 {
                assert_eq!(tapped.client.read(100).as_ref(), Err(&error));
                assert_eq!(tapped.client.peek(100).as_ref(), Err(&error));
            }
        }
        assert!(record > 20);
    }
}

#[test]
fn data_cut_short_is_never_taken_for_whole() {
    for version in VERSIONS {
        let contexts = contexts(version);
        let mut seen = [0, 0, 0];
        for most in 0.. {
            let tapped = Tapped::connected(&contexts);
            tapped.server.write_all(b"hello").unwrap();
            assert_eq!(tapped.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
            let bytes = tapped.server_out.drain();
            tapped.client_in.write(&bytes[..most]).unwrap();
            tapped.client_in.write_eof();
            let mut first = tapped.client.read(100);
            if first == Ok(Read::Bytes(b"hello".to_vec())) {
                first = tapped.client.read(100);
                seen[1] += 1;
            }
            if most == bytes.len() {
                assert_eq!(first, Ok(Read::Status(TLSW_CLOSED)));
                seen[2] += 1;
                break;
            }
            let error = first.unwrap_err();
            assert_eq!(error.status, TLSW_ERR_EOF, "{version:x}: {most} of {}", bytes.len());
            for _ in 0..3 {
                assert_eq!(tapped.client.read(100).as_ref(), Err(&error));
            }
            seen[0] += 1;
        }
        assert!(seen[0] > 20 && seen[1] > 5 && seen[2] == 1, "{seen:?}");
    }
}

#[test]
fn noise_over_a_socket_ends_every_call() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let mut dice = Dice::new(4);
    for turn in 0..200 {
        let (near, mut far) = sockets();
        let (ctx, role, name) =
            [(&client, TLSW_CLIENT, Some("localhost")), (&server, TLSW_SERVER, None)][turn % 2];
        // It waits for ever: only bytes or the end can end its calls.
        let conn = ctx.wrap_fd(near.as_raw_fd(), role, name).unwrap();
        conn.set_read_ahead((turn / 2 % 2) as i32).unwrap();
        let mut bytes = noise(&mut dice, 100);
        if turn % 3 == 0 {
            bytes.splice(0..0, *b"\x16\x03\x01\0\x64");
        }
        far.write_all(&bytes).unwrap();
        far.shutdown(std::net::Shutdown::Write).unwrap();
        let end = conn.handshake();
        fails(&conn, &end, &BROKEN);
    }
}

/// Handshakes that fail, each in its own way.
fn failing(contexts: &(Ctx, Ctx), stranger: &Ctx, dice: &mut Dice, turn: usize) {
    match turn % 8 {
        0 | 1 => {
            let (conn, incoming) = sides(contexts).into_iter().nth(turn % 8).unwrap();
            incoming.write(&noise(dice, 100)).unwrap();
            incoming.write_eof();
            assert!(conn.handshake().is_err());
        }
        2 => {
            for (conn, incoming) in sides(contexts) {
                incoming.write(b"GET / HTTP/1.1\r\n\r\n").unwrap();
                assert!(conn.handshake().is_err());
            }
        }
        3 => drop(sides(contexts)),
        4 => {
            // Refused for its certificate.
            let pair = Pair::new(stranger, &contexts.1, Some("localhost"));
            let (client, server) = pair.handshake();
            assert_eq!(client.unwrap_err().status, TLSW_ERR_VERIFY);
            assert!(server.is_err() && pair.client.failed_cert().is_some());
            assert!(pair.client.chain(TLSW_CHAIN_SENT).unwrap().is_ok());
        }
        way => {
            let tapped = Tapped::new(contexts);
            let way = if way == 5 { ToServer } else { ToClient };
            let (mut spoilt, at) = (false, 5 + dice.below(100));
            let ends = tapped.handshake(&mut |now, mut bytes| {
                if now == way && !spoilt && bytes.len() > at {
                    spoilt = true;
                    bytes[at] ^= 0xff;
                    bytes.truncate(bytes.len() - dice.below(20));
                }
                bytes
            });
            assert!(ends.0.is_err() || ends.1.is_err());
        }
    }
}

#[test]
fn ten_thousand_failed_handshakes_leave_nothing_behind() {
    alone("ten_thousand_failed_handshakes_leave_nothing_behind", &[], || {
        let both = VERSIONS.map(contexts);
        let stranger = Ctx::client("untrusted-root.pem");
        let run = |times: usize| {
            for turn in 0..times {
                // The same dice in each run: the same bytes are tried, and come to the same.
                let mut dice = Dice::new(turn as u64);
                failing(&both[turn / 8 % 2], &stranger, &mut dice, turn);
            }
        };
        run(200);
        let before = LIVE.load(Ordering::Relaxed);
        // That BoringSSL's memory is among it: connections take much more than Rust's part.
        let held = sides(&both[0]);
        let taken = LIVE.load(Ordering::Relaxed) - before;
        assert!(taken > 10_000, "two connections take {taken} bytes");
        drop(held);
        run(200);
        let after = LIVE.load(Ordering::Relaxed);
        assert_eq!(after, before, "bytes are left of 200");
        let pages = || {
            let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
            told.split(' ').nth(1).map_or(0, |pages| pages.parse::<i64>().unwrap())
        };
        let resident = pages();
        run(10_000);
        let left = LIVE.load(Ordering::Relaxed) - before;
        assert_eq!(left, 0, "bytes are left of 10,000");
        // What was freed is also used again.
        let grown = pages() - resident;
        assert!(grown < 512, "it has grown by {grown} pages");
    });
}
