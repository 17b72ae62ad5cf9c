//! The deadline of a call holds whatever the peer does: also if it never pauses.

mod support;

use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use support::*;
#[path = "support/hooks.rs"]
mod hooks;
#[path = "support/records.rs"]
mod records;
use records::{Forger, forgeable};

/// Longer than any of this takes.
const LONG: i64 = 60_000;

/// A client over a socket that has shaken hands, the other end of the socket, and who speaks there.
fn forged() -> (Conn, [UnixStream; 2], Forger) {
    let ((client, server), notes) = forgeable();
    let (here, there) = UnixStream::pair().unwrap();
    let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let server = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
    shake_hands(&client, &server);
    (client, [here, there], Forger::of_server(&notes.take()))
}

/// More tickets than can be read in a few milliseconds.
fn flood(forger: &mut Forger) -> Vec<u8> {
    // NewSessionTicket (RFC 8446, section 4.6.1).
    let mut ticket = vec![4, 0, 0, 30, 0, 0, 28, 32, 1, 2, 3, 4, 1, 0, 0, 16];
    ticket.extend([7; 16]);
    ticket.extend([0, 0]);
    ticket[3] = u8::try_from(ticket.len() - 4).unwrap();
    (0..60_000).flat_map(|_| forger.seal(22, &ticket)).collect()
}

/// Makes a call whose time is over long before the flood has been read, until it does not time out.
/// How often it did.
fn through<T>(conn: &Conn, call: impl Fn() -> Result<T, Error>) -> (usize, T) {
    conn.set_timeout(2).unwrap();
    let mut times = 0;
    loop {
        match call() {
            Ok(done) => return (times, done),
            Err(error) => assert_eq!(error.status, TLSW_ERR_TIMEOUT, "{error:?}"),
        }
        times += 1;
        if times == 3 {
            conn.set_timeout(LONG).unwrap();
        }
    }
}

#[test]
fn a_read_among_tickets() {
    for ahead in [0, 1] {
        for peek in [false, true] {
            let (client, [_here, mut there], mut forger) = forged();
            client.set_read_ahead(ahead).unwrap();
            let all = [flood(&mut forger), forger.seal(23, b"the data")].concat();
            std::thread::scope(|scope| {
                scope.spawn(|| there.write_all(&all).unwrap());
                let read = || if peek { client.peek(99) } else { client.read(99) };
                let (times, read) = through(&client, read);
                assert_eq!((times, read), (3, Read::Bytes(b"the data".to_vec())));
            });
        }
    }
}

#[test]
fn a_goodbye_among_tickets() {
    let (client, [_here, mut there], mut forger) = forged();
    let all = [flood(&mut forger), forger.seal(21, &[1, 0])].concat();
    std::thread::scope(|scope| {
        scope.spawn(|| there.write_all(&all).unwrap());
        assert_eq!(through(&client, || client.shutdown(TLSW_SHUT_BOTH)), (3, TLSW_OK));
    });
}

#[test]
fn a_writer_beside_a_reader_among_tickets() {
    let (client, [_here, there], mut forger) = forged();
    let all = [flood(&mut forger), forger.seal(23, b"the data")].concat();
    client.set_timeout(LONG).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| (&there).write_all(&all).unwrap());
        let reader = scope.spawn(|| client.read(99));
        // While the reader is kept busy, what is written leaves.
        assert_eq!(client.write(b"hello"), Ok(Ok(5)));
        let mut record = [0; 5 + 5 + 1 + 16];
        (&there).read_exact(&mut record).unwrap();
        assert_eq!(reader.join().unwrap(), Ok(Read::Bytes(b"the data".to_vec())));
    });
}

#[test]
fn a_handshake_in_pieces_of_a_byte() {
    // A ServerHello that is as long as BoringSSL takes one, a record for each byte.
    let message = [&[2, 0, 0x3f, 0xf0][..], &[0; 0x3ff0]].concat();
    let records: Vec<u8> = message.iter().flat_map(|byte| [22, 3, 3, 0, 1, *byte]).collect();
    let (here, mut there) = UnixStream::pair().unwrap();
    let client = Ctx::client("root.pem");
    let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    client.set_timeout(0).unwrap();
    assert_eq!(client.handshake(), Ok(TLSW_WANT_READ));
    std::thread::scope(|scope| {
        scope.spawn(|| there.write_all(&records).unwrap());
        client.set_timeout(1).unwrap();
        assert_eq!(client.handshake().unwrap_err().status, TLSW_ERR_TIMEOUT);
        client.set_timeout(LONG).unwrap();
        assert_eq!(client.handshake().unwrap_err().status, TLSW_ERR_TLS);
    });
}

#[test]
fn a_peer_that_takes_everything_at_once() {
    const LEN: usize = 64 << 20;
    let data = vec![7; LEN];
    let path = std::env::temp_dir().join(format!("tlswrap-deadlines-{}", std::process::id()));
    let file = std::fs::File::create_new(&path).unwrap();
    file.set_len(LEN as u64).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let write_all =
        |conn: &Conn| call(|err| unsafe { tlsw_conn_write_all(conn.0, data.as_ptr(), LEN, err) });
    let send_file = |conn: &Conn| {
        let (file, mut sent) = (file.as_raw_fd() as isize, 0);
        call(|err| unsafe { tlsw_conn_sendfile(conn.0, file, 0, LEN as u64, &mut sent, err) })
    };
    for call in [&write_all as &dyn Fn(&Conn) -> Result<tlsw_status, Error>, &send_file] {
        let (client, [here, there], _) = forged();
        std::thread::scope(|scope| {
            scope.spawn(|| while (&there).read(&mut vec![0; 1 << 20]).unwrap() > 0 {});
            let (times, status) = through(&client, || call(&client));
            assert_eq!((times, status), (3, TLSW_OK));
            here.shutdown(std::net::Shutdown::Write).unwrap();
        });
    }
}

#[test]
fn what_has_no_end_but_tickets_is_a_failure() {
    let reason = |records: &dyn Fn(&mut Forger) -> Vec<u8>| {
        let (client, [_here, mut there], mut forger) = forged();
        client.set_timeout(LONG).unwrap();
        there.write_all(&records(&mut forger)).unwrap();
        client.read(9).unwrap_err().reason
    };
    let times = |n, record: &dyn Fn(&mut Forger) -> Vec<u8>, forger: &mut Forger| -> Vec<u8> {
        (0..n).flat_map(|_| record(forger)).collect()
    };
    for asks in [false, true] {
        let updates = reason(&|forger| times(33, &|forger| forger.update(asks), forger));
        assert_eq!(updates, "TOO_MANY_KEY_UPDATES");
    }
    // user_canceled, the one warning that TLS 1.3 has.
    let warnings = reason(&|forger| times(5, &|forger| forger.seal(21, &[1, 90]), forger));
    assert_eq!(warnings, "TOO_MANY_WARN_ALERTS");
    let empty = reason(&|forger| times(33, &|forger| forger.seal(23, &[]), forger));
    assert_eq!(empty, "TOO_MANY_EMPTY_FRAGMENTS");
}
