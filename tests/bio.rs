//! Pipes in memory, and connections over them.

mod support;

use std::collections::VecDeque;
use std::ptr::{null, null_mut};

use support::*;

impl Bio {
    /// What one read comes to.
    fn take(&self, most: usize) -> Read {
        let mut bytes = vec![0; most];
        let mut n = usize::MAX;
        let (buf, out) = (bytes.as_mut_ptr(), &raw mut n);
        let status = call(|err| unsafe { tlsw_bio_read(self.0, buf, most, out, err) }).unwrap();
        if status != TLSW_OK {
            assert_eq!(n, usize::MAX, "results are written on TLSW_OK only");
            return Read::Status(status);
        }
        bytes.truncate(n);
        Read::Bytes(bytes)
    }

    fn eof(&self) -> i32 {
        unsafe { tlsw_bio_eof(self.0) }
    }
}

#[test]
fn what_goes_in_comes_out_once_and_in_order() {
    let (bio, mut dice) = (Bio::new(), Dice::new(1));
    let mut model = VecDeque::new();
    let mut written = 0;
    for round in 0..20_000 {
        // Seldom much, so that it grows and shrinks over the size at which it gives memory back.
        let most = if dice.below(500) == 0 { 300_000 } else { 600 };
        if dice.below(2) == 0 {
            let data = stream(written, dice.below(most));
            written += data.len();
            assert_eq!(bio.write(&data), Ok(TLSW_OK));
            model.extend(data);
        } else {
            let most = 1 + dice.below(most);
            let want: Vec<u8> = model.drain(..most.min(model.len())).collect();
            let got = bio.take(most);
            if want.is_empty() {
                assert_eq!(got, Read::Status(TLSW_WANT_READ), "round {round}");
            } else {
                assert_eq!(got, Read::Bytes(want), "round {round}");
            }
        }
        assert_eq!(bio.pending(), model.len());
        assert_eq!(bio.eof(), 0);
    }
    assert_eq!(bio.drain(), Vec::from(model));
}

#[test]
fn nothing_follows_the_end() {
    let bio = Bio::new();
    assert_eq!((bio.pending(), bio.eof()), (0, 0));
    assert_eq!(bio.take(9), Read::Status(TLSW_WANT_READ));
    assert_eq!(bio.write(b"the last words"), Ok(TLSW_OK));
    for _ in 0..2 {
        bio.write_eof();
        assert_eq!((bio.pending(), bio.eof()), (14, 0), "there is something before the end");
        assert_eq!(bio.write(b"more").unwrap_err().status, TLSW_ERR_STATE);
    }
    assert_eq!(bio.take(9), Read::Bytes(b"the last ".to_vec()));
    assert_eq!((bio.pending(), bio.eof()), (5, 0));
    assert_eq!(bio.take(9), Read::Bytes(b"words".to_vec()));
    for _ in 0..2 {
        assert_eq!((bio.pending(), bio.eof()), (0, 1));
        assert_eq!(bio.take(9), Read::Status(TLSW_CLOSED));
        assert_eq!(bio.write(b"more").unwrap_err().status, TLSW_ERR_STATE);
    }
}

#[test]
fn no_bytes_are_no_pointer() {
    let bio = Bio::new();
    let mut n = 7;
    assert_eq!(call(|err| unsafe { tlsw_bio_write(bio.0, null(), 0, err) }), Ok(TLSW_OK));
    assert_eq!((bio.pending(), bio.eof()), (0, 0));
    bio.write(b"abc").unwrap();
    let read = call(|err| unsafe { tlsw_bio_read(bio.0, null_mut(), 0, &mut n, err) });
    assert_eq!((read, n), (Ok(TLSW_OK), 0));
    assert_eq!(bio.pending(), 3);
    assert_eq!(unsafe { (tlsw_bio_pending(null()), tlsw_bio_eof(null())) }, (0, 0));
    unsafe { tlsw_bio_free(null_mut()) };
}

#[test]
fn a_writer_and_a_reader_share_a_pipe() {
    const LEN: usize = 4 << 20;
    let bio = Bio::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut dice, mut at) = (Dice::new(2), 0);
            while at < LEN {
                let data = stream(at, (1 + dice.below(9_000)).min(LEN - at));
                bio.write(&data).unwrap();
                at += data.len();
            }
            bio.write_eof();
        });
        let (mut dice, mut at) = (Dice::new(3), 0);
        loop {
            match bio.take(1 + dice.below(9_000)) {
                Read::Bytes(bytes) => {
                    check_stream(at, &bytes);
                    at += bytes.len();
                }
                Read::Status(TLSW_CLOSED) => break,
                Read::Status(_) => std::thread::yield_now(),
            }
        }
        assert_eq!(at, LEN);
        assert_eq!(bio.eof(), 1);
    });
}

#[test]
fn the_same_pipes_carry_one_session_after_another() {
    let (to_server, to_client) = (Bio::new(), Bio::new());
    for version in VERSIONS {
        let (client_ctx, server_ctx) = contexts(version);
        let name = Some("localhost");
        let pair = Pair {
            client: client_ctx.wrap_bio(&to_client, &to_server, TLSW_CLIENT, name).unwrap(),
            server: server_ctx.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap(),
            // Holds of its own, which nobody needs here.
            to_server: Bio::new(),
            to_client: Bio::new(),
        };
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(pair.client.write(b"hello"), Ok(Ok(5)));
        assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"hello".to_vec())));
        assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        // Between two sessions there is clear text, right behind the goodbye.
        to_server.write(b"QUIT").unwrap();
        assert_eq!(pair.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        assert_eq!(to_server.drain(), b"QUIT");
        assert_eq!(to_client.pending(), 0);
    }
}

#[test]
fn one_pipe_is_both_ends_of_a_connection() {
    // A client that hears its own voice: no handshake comes of it, and no harm.
    let (ctx, bio) = (Ctx::client("root.pem"), Bio::new());
    let conn = ctx.wrap_bio(&bio, &bio, TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(conn.handshake().unwrap_err().status, TLSW_ERR_TLS);
}

#[test]
fn pipes_may_be_freed_before_the_connections_over_them() {
    for version in VERSIONS {
        let (client_ctx, server_ctx) = contexts(version);
        let Pair { client, server, to_server, to_client } =
            Pair::new(&client_ctx, &server_ctx, Some("localhost"));
        drop((to_server, to_client, client_ctx, server_ctx));
        let pair = Pair { client, server, to_server: Bio::new(), to_client: Bio::new() };
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(pair.client.write(b"hello"), Ok(Ok(5)));
        assert_eq!(pair.server.read(9), Ok(Read::Bytes(b"hello".to_vec())));
        // One side goes; what it said is still there.
        assert_eq!(pair.server.write(b"bye"), Ok(Ok(3)));
        drop(pair.server);
        assert_eq!(pair.client.read(9), Ok(Read::Bytes(b"bye".to_vec())));
        assert_eq!(pair.client.read(9), Ok(Read::Status(TLSW_WANT_READ)));
    }
}

#[test]
fn a_pipe_outlives_its_connections() {
    let ctx = Ctx::client("root.pem");
    let (incoming, outgoing) = (Bio::new(), Bio::new());
    let conn = ctx.wrap_bio(&incoming, &outgoing, TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
    drop(conn);
    let hello = outgoing.drain();
    assert_eq!(hello[..3], [22, 3, 1], "a handshake record");
    assert_eq!(hello.len(), 5 + usize::from(u16::from_be_bytes([hello[3], hello[4]])));
    // Freeing sends nothing, and ends nothing.
    assert_eq!(outgoing.take(1), Read::Status(TLSW_WANT_READ));
    assert_eq!(incoming.write(b"x"), Ok(TLSW_OK));
}

/// A pair whose bytes lie where the test can hold them back: connections, and for each direction
/// the pipe that it is written into and the one that it is read from.
struct Held {
    client: Conn,
    server: Conn,
    from_client: Bio,
    to_server: Bio,
    from_server: Bio,
    to_client: Bio,
}

impl Held {
    fn new(client: &Ctx, server: &Ctx) -> Self {
        let [from_client, to_server, from_server, to_client] = std::array::from_fn(|_| Bio::new());
        let name = Some("localhost");
        Self {
            client: client.wrap_bio(&to_client, &from_client, TLSW_CLIENT, name).unwrap(),
            server: server.wrap_bio(&to_server, &from_server, TLSW_SERVER, None).unwrap(),
            from_client,
            to_server,
            from_server,
            to_client,
        }
    }

    /// Carries everything over, both ways.
    fn carry(&self) {
        self.to_server.write(&self.from_client.drain()).unwrap();
        self.to_client.write(&self.from_server.drain()).unwrap();
    }

    fn shake(&self) {
        let (mut client, mut server) = (TLSW_WANT_READ, TLSW_WANT_READ);
        for _ in 0..10 {
            if client != TLSW_OK {
                client = self.client.handshake().unwrap();
            }
            self.carry();
            if server != TLSW_OK {
                server = self.server.handshake().unwrap();
            }
            self.carry();
        }
        assert_eq!((client, server), (TLSW_OK, TLSW_OK));
    }
}

#[test]
fn byte_by_byte_is_as_good_as_at_once() {
    /// Gives `to` the bytes of `from` one by one. Asks `step` after each; its last answer.
    fn drip<T>(from: &Bio, to: &Bio, mut step: impl FnMut(bool) -> T) -> Option<T> {
        let bytes = from.drain();
        let last = bytes.len().checked_sub(1)?;
        let mut answer = None;
        for (i, byte) in bytes.into_iter().enumerate() {
            to.write(&[byte]).unwrap();
            answer = Some(step(i == last));
        }
        answer
    }
    for version in VERSIONS {
        let (client_ctx, server_ctx) = contexts(version);
        let held = Held::new(&client_ctx, &server_ctx);
        let (mut client, mut server) = (held.client.handshake().unwrap(), TLSW_WANT_READ);
        let mut turns = 0;
        while (client, server) != (TLSW_OK, TLSW_OK) {
            turns += 1;
            assert!(turns < 10);
            let now =
                drip(&held.from_client, &held.to_server, |_| held.server.handshake().unwrap());
            server = now.unwrap_or(server);
            let now =
                drip(&held.from_server, &held.to_client, |_| held.client.handshake().unwrap());
            client = now.unwrap_or(client);
        }

        for (from, out, into, to) in [
            (&held.client, &held.from_client, &held.to_server, &held.server),
            (&held.server, &held.from_server, &held.to_client, &held.client),
        ] {
            // Tickets come before the first data, and are nothing to read.
            while drip(out, into, |_| to.read(1).unwrap()).is_some() {}
            let mut sent = 0;
            while sent < 40_000 {
                let n = from.write(&stream(sent, 40_000 - sent)).unwrap().unwrap();
                let record = drip(out, into, |is_last| match to.read(40_000).unwrap() {
                    Read::Status(status) => {
                        assert_eq!(status, TLSW_WANT_READ);
                        assert!(!is_last);
                        Vec::new()
                    }
                    Read::Bytes(bytes) => {
                        assert!(is_last, "data before their record was whole");
                        bytes
                    }
                });
                let record = record.unwrap();
                assert_eq!(record.len(), n);
                check_stream(sent, &record);
                sent += n;
            }
        }

        assert_eq!(held.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_READ));
        let now = drip(&held.from_client, &held.to_server, |is_last| {
            let now = held.server.read(9).unwrap();
            let want = if is_last { TLSW_CLOSED } else { TLSW_WANT_READ };
            assert_eq!(now, Read::Status(want));
        });
        assert_eq!(now, Some(()));
        assert_eq!(held.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        let now = drip(&held.from_server, &held.to_client, |is_last| {
            let now = held.client.shutdown(TLSW_SHUT_BOTH).unwrap();
            assert_eq!(now, if is_last { TLSW_OK } else { TLSW_WANT_READ });
        });
        assert_eq!(now, Some(()));
    }
}

/// Runs a handshake in which the bytes for one side end after `most`, by one call or another; what
/// that side came to, or `None` if the bytes were enough.
fn cut_short(client: &Ctx, server: &Ctx, role: u32, most: usize) -> Option<Error> {
    let held = Held::new(client, server);
    let (cut, other, from, to) = match role {
        TLSW_CLIENT => (&held.client, &held.server, &held.from_server, &held.to_client),
        _ => (&held.server, &held.client, &held.from_client, &held.to_server),
    };
    let (back_from, back_to) = match role {
        TLSW_CLIENT => (&held.from_client, &held.to_server),
        _ => (&held.from_server, &held.to_client),
    };
    let mut left = most;
    for _ in 0..10 {
        let failed = match most % 4 {
            0 => cut.handshake().err(),
            1 => cut.read(9).err(),
            2 => cut.peek(9).err(),
            _ => cut.write(b"hello").err(),
        };
        if cut.version().is_some() {
            return None;
        }
        if failed.is_some() {
            return failed;
        }
        back_to.write(&back_from.drain()).unwrap();
        other.handshake().unwrap();
        let mut bytes = from.drain();
        if bytes.len() >= left {
            bytes.truncate(left);
            to.write(&bytes).unwrap();
            to.write_eof();
        } else {
            to.write(&bytes).unwrap();
        }
        left -= bytes.len();
    }
    panic!("no end after {most} bytes");
}

#[test]
fn an_end_amid_the_handshake_is_told_wherever_it_is() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        for role in [TLSW_CLIENT, TLSW_SERVER] {
            let (mut most, mut cuts) = (0, 0);
            // Every byte of the first records' heads, then some of the others.
            while let Some(error) = cut_short(&client, &server, role, most) {
                assert_eq!(error.status, TLSW_ERR_EOF, "after {most} bytes: {error:?}");
                assert_eq!((error.os_error, error.verify_error), (0, 0));
                most += if most < 12 { 1 } else { 19 };
                cuts += 1;
            }
            // The least is a client's key exchange and Finished after its hello.
            assert!(most > 300 && cuts > 25, "{most} {cuts}");
        }
    }
}

#[test]
fn an_end_after_the_handshake_is_no_goodbye() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        for in_record in [false, true] {
            let held = Held::new(&client, &server);
            held.shake();
            assert_eq!(held.server.write(b"hello"), Ok(Ok(5)));
            held.carry();
            if in_record {
                assert_eq!(held.server.write(b"you will not read this"), Ok(Ok(22)));
                let record = held.from_server.drain();
                held.to_client.write(&record[..record.len() - 1]).unwrap();
            }
            held.to_client.write_eof();
            assert_eq!(held.client.read(100), Ok(Read::Bytes(b"hello".to_vec())));
            for _ in 0..2 {
                assert_eq!(held.client.read(100).unwrap_err().status, TLSW_ERR_EOF);
                assert_eq!(held.client.peek(100).unwrap_err().status, TLSW_ERR_EOF);
            }
            // Nothing is written any more but the goodbye.
            assert_eq!(held.client.write(b"still here").unwrap_err().status, TLSW_ERR_EOF);
            assert_eq!(held.client.shutdown(TLSW_SHUT_BOTH).unwrap_err().status, TLSW_ERR_EOF);
            held.to_server.write(&held.from_client.drain()).unwrap();
            assert_eq!(held.server.read(100), Ok(Read::Status(TLSW_CLOSED)));
        }
    }
}

#[test]
fn an_end_after_the_goodbye_is_in_order() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let held = Held::new(&client, &server);
        held.shake();
        assert_eq!(held.server.write(b"hello"), Ok(Ok(5)));
        assert_eq!(held.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        held.carry();
        held.to_client.write_eof();
        assert_eq!(held.client.read(100), Ok(Read::Bytes(b"hello".to_vec())));
        for _ in 0..2 {
            assert_eq!(held.client.read(100), Ok(Read::Status(TLSW_CLOSED)));
            assert_eq!(held.client.peek(100), Ok(Read::Status(TLSW_CLOSED)));
        }
        assert_eq!(held.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    }
}

#[test]
fn a_goodbye_cut_in_two_is_none() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let held = Held::new(&client, &server);
        held.shake();
        held.carry();
        assert_eq!(held.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        assert_eq!(held.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        let goodbye = held.from_server.drain();
        held.to_client.write(&goodbye[..goodbye.len() - 1]).unwrap();
        assert_eq!(held.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        held.to_client.write_eof();
        assert_eq!(held.client.read(1).unwrap_err().status, TLSW_ERR_EOF);
    }
}

#[test]
fn a_connection_cannot_write_past_the_end() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::connected(&client, &server, Some("localhost"));
        pair.to_server.write_eof();
        for _ in 0..2 {
            let error = pair.client.write(b"hello").unwrap_err();
            assert_eq!(error.status, TLSW_ERR_STATE);
            assert!(error.message.contains("end of the pipe"), "{}", error.message);
        }
        // What comes the other way is still read.
        assert_eq!(pair.server.write(b"hello"), Ok(Ok(5)));
        assert_eq!(pair.client.read(9), Ok(Read::Bytes(b"hello".to_vec())));
        assert_eq!(pair.server.read(9).unwrap_err().status, TLSW_ERR_EOF);
    }
}

#[test]
fn unread_data_are_in_the_way_of_the_peers_goodbye_until_they_are_read() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.server.write(b"hello"), Ok(Ok(5)));
        assert_eq!(pair.server.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        let error = pair.client.shutdown(TLSW_SHUT_BOTH).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_TLS);
        assert_eq!(error.reason, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY");
        // Ours was sent all the same, and nothing is lost.
        assert_eq!(pair.server.read(9), Ok(Read::Status(TLSW_CLOSED)));
        assert_eq!(pair.client.read(9), Ok(Read::Bytes(b"hello".to_vec())));
        assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
    }
}

#[test]
fn before_the_handshake_there_is_nothing_to_shut_down() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        for how in [TLSW_SHUT_WRITE, TLSW_SHUT_BOTH] {
            let error = pair.client.shutdown(how).unwrap_err();
            assert_eq!(error.status, TLSW_ERR_STATE);
            assert_eq!((&*error.library, &*error.reason), ("SSL", "SHUTDOWN_WHILE_IN_INIT"));
        }
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE).unwrap_err().status, TLSW_ERR_STATE);
        // It has done no harm.
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    }
}

#[test]
fn reading_and_writing_shake_hands_by_themselves() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (mut written, mut got) = (None, None);
        for _ in 0..10 {
            if written.is_none() {
                written = pair.client.write(b"hello").unwrap().ok();
            }
            if let Read::Bytes(bytes) = pair.server.read(9).unwrap() {
                got = Some(bytes);
                break;
            }
        }
        assert_eq!((written, got), (Some(5), Some(b"hello".to_vec())));
        assert!(pair.client.version().is_some());
        assert_eq!(pair.client.version(), pair.server.version());
    }
}

#[test]
fn nothing_read_or_written_is_nothing_done() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let none = |conn: &Conn| {
            let mut n = 7;
            let to = &raw mut n;
            let now = [
                call(|err| unsafe { tlsw_conn_read(conn.0, null_mut(), 0, to, err) }),
                call(|err| unsafe { tlsw_conn_peek(conn.0, null_mut(), 0, to, err) }),
                call(|err| unsafe { tlsw_conn_write(conn.0, null(), 0, to, err) }),
            ];
            assert_eq!((now, n), ([Ok(TLSW_OK), Ok(TLSW_OK), Ok(TLSW_OK)], 0));
        };
        none(&pair.client);
        assert_eq!(pair.to_server.pending(), 0, "not even a handshake");
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        none(&pair.client);
        none(&pair.server);
        let carried = pair.to_server.pending();
        none(&pair.client);
        assert_eq!(pair.to_server.pending(), carried);
        assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        assert_eq!(pair.server.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        none(&pair.server);
    }
}
