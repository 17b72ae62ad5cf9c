//! What can be read without waiting for the descriptor: an event loop that asks before it waits
//! misses nothing, with reading ahead too.

mod support;

use std::io::Write as _;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use support::*;
#[path = "support/hooks.rs"]
mod hooks;
#[path = "support/records.rs"]
mod records;
use records::{Forger, forgeable};

/// A client that reads ahead and never waits, its socket, the other end, and who speaks there.
fn reading_ahead() -> (Conn, UnixStream, UnixStream, Forger) {
    let ((client, server), notes) = forgeable();
    let (here, there) = UnixStream::pair().unwrap();
    let client = client.wrap_fd(here.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let server = server.wrap_fd(there.as_raw_fd(), TLSW_SERVER, None).unwrap();
    shake_hands(&client, &server);
    client.set_read_ahead(1).unwrap();
    client.set_timeout(0).unwrap();
    (client, here, there, Forger::of_server(&notes.take()))
}

fn is_readable(socket: &UnixStream) -> bool {
    let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    unsafe { libc::poll(&raw mut poll, 1, 0) == 1 }
}

fn bytes(text: &[u8]) -> Result<Read, Error> {
    Ok(Read::Bytes(text.to_vec()))
}

#[test]
fn whole_records_are_counted() {
    let (client, socket, mut there, mut forger) = reading_ahead();
    let records =
        [forger.seal(23, b"first"), forger.seal(23, b"second"), forger.seal(23, b"third")];
    there.write_all(&records.concat()).unwrap();
    assert_eq!(client.pending(), 0, "nothing was received");
    assert_eq!(client.read(99), bytes(b"first"));
    assert!(!is_readable(&socket), "everything was received");
    assert!(client.pending() >= b"secondthird".len());
    // What is decrypted counts as well.
    let before = client.pending();
    assert_eq!(client.peek(99), bytes(b"second"));
    assert_eq!(client.read(3), bytes(b"sec"));
    assert!((8..before).contains(&client.pending()));
    assert_eq!(client.read(99), bytes(b"ond"));
    assert_eq!(client.read(99), bytes(b"third"));
    assert_eq!(client.pending(), 0);
    assert_eq!(client.read(99), Ok(Read::Status(TLSW_WANT_READ)));
}

#[test]
fn the_end_is_counted_and_so_is_what_ends_the_connection() {
    let (client, socket, mut there, mut forger) = reading_ahead();
    let records =
        [forger.seal(23, b"data"), forger.seal(21, &[1, 0]), forger.seal(23, b"never read")];
    there.write_all(&records.concat()).unwrap();
    assert_eq!(client.read(99), bytes(b"data"));
    assert!(client.pending() > 0 && !is_readable(&socket));
    assert_eq!(client.read(99), Ok(Read::Status(TLSW_CLOSED)));
    assert_eq!(client.pending(), 0);

    for rubbish in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &[23, 3, 3, 0xff, 0xff, 0]] {
        let (client, socket, mut there, mut forger) = reading_ahead();
        there.write_all(&[&forger.seal(23, b"data"), rubbish].concat()).unwrap();
        assert_eq!(client.read(99), bytes(b"data"));
        assert!(client.pending() > 0 && !is_readable(&socket));
        assert_eq!(client.read(99).unwrap_err().status, TLSW_ERR_TLS);
        assert_eq!(client.pending(), 0, "a connection that has failed reads nothing more");
    }
}

#[test]
fn a_part_of_a_record_is_not_counted() {
    for cut in [1, 4, 5, 6, 20] {
        let (client, socket, mut there, mut forger) = reading_ahead();
        let (first, second) = (forger.seal(23, b"first"), forger.seal(23, b"second"));
        let (here, later) = second.split_at(cut);
        there.write_all(&[&first, here].concat()).unwrap();
        assert_eq!(client.read(99), bytes(b"first"));
        assert_eq!(client.pending(), 0, "{cut}");
        assert_eq!(client.read(99), Ok(Read::Status(TLSW_WANT_READ)));
        there.write_all(later).unwrap();
        assert!(is_readable(&socket));
        assert_eq!(client.read(99), bytes(b"second"));
    }
}

#[test]
fn an_event_loop_misses_nothing() {
    let (client, socket, mut there, mut forger) = reading_ahead();
    let ticket = [&[4, 0, 0, 14, 0, 0, 28, 32, 1, 2, 3, 4, 0, 0, 1, 7, 0, 0][..]].concat();
    let mut records = Vec::new();
    for at in 0..500 {
        records.extend(forger.seal(23, &stream(at * 100, 100)));
        records.extend(forger.seal(22, &ticket));
    }
    there.write_all(&records).unwrap();
    let mut got = 0;
    // As programs do: one read for each event, and for as long as something is pending.
    while client.pending() > 0 || is_readable(&socket) {
        if let Read::Bytes(bytes) = client.read(70).unwrap() {
            check_stream(got, &bytes);
            got += bytes.len();
        }
    }
    assert_eq!(got, 50_000);
}
