//! Hooks for messages, steps, secrets, sessions, and a say about the peer's certificates.

mod support;
use support::*;

#[path = "support/hooks.rs"]
mod hooks;
use hooks::*;

use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The first certificate of the test PKI's server.
fn leaf() -> Vec<u8> {
    pki_ders("localhost.pem").remove(0)
}

#[test]
fn messages_are_told_both_ways_with_their_heads() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (ours, theirs) = (Notes::new(), Notes::new());
        let (note, other) = (ours.clone(), theirs.clone());
        client.set_msg_hook(Box::new(move |_, message| note.add(message))).unwrap();
        server.set_msg_hook(Box::new(move |_, message| other.add(message))).unwrap();
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.client.write(b"data"), Ok(Ok(4)));
        assert_eq!(pair.server.read(4), Ok(Read::Bytes(b"data".to_vec())));
        // The tickets of TLS 1.3 leave with the server's first bytes.
        assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let (ours, theirs) = (ours.take(), theirs.take());
        let handshake = |messages: &[Message], is_write| -> Vec<u8> {
            let messages = messages.iter().filter(|m| m.content_type == 22);
            messages.filter(|m| m.is_write == is_write).map(|m| m.data[0]).collect()
        };
        // ClientHello first; what one side wrote, the other read, in the same order.
        assert_eq!(handshake(&ours, true)[0], 1);
        assert_eq!(handshake(&ours, true), handshake(&theirs, false));
        assert_eq!(handshake(&theirs, true), handshake(&ours, false));
        let certificate = handshake(&ours, false).contains(&11);
        let finished = [&ours, &theirs].map(|side| handshake(side, true).contains(&20));
        assert!(certificate && finished == [true, true], "{version:x}");
        let heads: Vec<_> = ours.iter().filter(|m| m.content_type == 256).collect();
        assert!(heads.iter().all(|head| head.data.len() == 5));
        let sent = heads.iter().rfind(|head| head.is_write).unwrap();
        assert_eq!((sent.data[0], &sent.data[1..3]), (23, &[3, 3][..]));
        let hello = ours.iter().find(|m| m.content_type == 22).unwrap();
        // What a message says of its length is what is there.
        let said = u32::from_be_bytes([0, hello.data[1], hello.data[2], hello.data[3]]);
        assert_eq!(hello.data.len(), 4 + said as usize);
        let versions: Vec<_> =
            ours.iter().filter(|m| m.content_type == 22).map(|m| m.version).collect();
        assert!(versions.contains(&version), "{versions:x?}");
    }
}

#[test]
fn a_connection_made_before_a_message_hook_stays_silent() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let pair = Pair::new(&client, &server, Some("localhost"));
    let notes = Notes::new();
    let note = notes.clone();
    client.set_msg_hook(Box::new(move |_, message| note.add(message))).unwrap();
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    assert!(notes.take().is_empty());
    // Put under the context as it is now, it speaks.
    pair.client.set_ctx(&client).unwrap();
    assert_eq!(pair.client.write(b"x"), Ok(Ok(1)));
    assert!(!notes.take().is_empty());
    call(|err| unsafe { tlsw_ctx_set_msg_hook(client.0, None, null_mut(), None, err) }).unwrap();
    pair.client.set_ctx(&client).unwrap();
    assert_eq!(pair.client.write(b"x"), Ok(Ok(1)));
    assert!(notes.take().is_empty());
    drop(pair);
    assert_eq!(notes.holders(), 1);
}

#[test]
fn steps_are_told_from_the_beginning_to_the_end() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let notes = Notes::new();
        let (note, other) = (notes.clone(), notes.clone());
        let told = |note: Notes<_>| {
            Box::new(move |conn: Lent, step: i32, value: i32| {
                note.add((unsafe { tlsw_get_role(conn.0) }, step, value, conn.version()));
            })
        };
        client.set_info_hook(told(note)).unwrap();
        server.set_info_hook(told(other)).unwrap();
        let pair = Pair::connected(&client, &server, Some("localhost"));
        let steps = notes.take();
        for (role, side) in [(TLSW_CLIENT, TLSW_CB_CONNECT), (TLSW_SERVER, TLSW_CB_ACCEPT)] {
            let own: Vec<_> = steps.iter().filter(|step| step.0 == role).collect();
            let count = |wanted| own.iter().filter(|step| step.1 == wanted).count();
            assert_eq!(count(TLSW_CB_HANDSHAKE_START), 1);
            assert_eq!(count(TLSW_CB_HANDSHAKE_DONE), 1);
            assert!(count(side | TLSW_CB_LOOP) > 2);
            assert!(count(side | TLSW_CB_EXIT) > 0);
            let done = own.iter().find(|step| step.1 == TLSW_CB_HANDSHAKE_DONE).unwrap();
            assert_eq!(done.3, pair.client.version(), "when it is done, it can be asked");
            assert_eq!(own[0].3, None);
        }
        assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
        assert_eq!(pair.server.read(1), Ok(Read::Status(TLSW_CLOSED)));
        let alerts: Vec<_> =
            notes.take().into_iter().map(|step| (step.0, step.1, step.2)).collect();
        // A warning (1) of close_notify (0).
        assert!(alerts.contains(&(TLSW_CLIENT, TLSW_CB_ALERT | TLSW_CB_WRITE, 0x100)));
        assert!(alerts.contains(&(TLSW_SERVER, TLSW_CB_ALERT | TLSW_CB_READ, 0x100)));
    }
}

#[test]
fn what_a_hook_calls_does_not_spoil_the_error_of_the_step() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let meddle = |_: Lent, _: i32, _: i32| {
            // Fails, and leaves BoringSSL's error queue as empty as it found it.
            let (mut cert, rubbish) = (null_mut(), [0x30, 0x80, 0xff]);
            let made =
                unsafe { tlsw_cert_new(rubbish.as_ptr(), 3, null_mut(), &mut cert, null_mut()) };
            std::hint::black_box(made);
            let mut ctx = null_mut();
            unsafe {
                let _ = tlsw_ctx_new(TLSW_CLIENT, &mut ctx, null_mut());
                let text = c("no such suite");
                let _ = tlsw_ctx_set_ciphers(ctx, text.as_ptr(), null_mut());
                tlsw_ctx_free(ctx);
            }
        };
        client.set_info_hook(Box::new(meddle)).unwrap();
        server.set_info_hook(Box::new(meddle)).unwrap();
        server.load_ca_file(&pki("root.pem")).unwrap();
        server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (_, theirs) = pair.handshake();
        let error = theirs.unwrap_err();
        assert_eq!(error.reason, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        assert_eq!(error.library, "SSL");
    }
}

const TLS12_LABELS: [&str; 1] = ["CLIENT_RANDOM"];
const TLS13_LABELS: [&str; 5] = [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
];

/// The labels of lines in the format of NSS, sorted; their randoms and secrets are hexadecimal.
fn labels(lines: &[String]) -> Vec<&str> {
    let mut found: Vec<_> = lines
        .iter()
        .map(|line| {
            let parts: Vec<_> = line.split(' ').collect();
            let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(parts.len() == 3 && parts[1].len() == 64, "{line}");
            assert!(hex(parts[1]) && hex(parts[2]) && parts[2].len() >= 64, "{line}");
            parts[0]
        })
        .collect();
    found.sort();
    found
}

#[test]
fn both_sides_log_the_same_secrets() {
    for (version, want) in [(TLSW_TLS_1_2, &TLS12_LABELS[..]), (TLSW_TLS_1_3, &TLS13_LABELS[..])] {
        let (client, server) = contexts(version);
        let (ours, theirs) = (Notes::new(), Notes::new());
        let (note, other) = (ours.clone(), theirs.clone());
        client.set_keylog_hook(Box::new(move |_, line| note.add(line.to_owned()))).unwrap();
        server.set_keylog_hook(Box::new(move |_, line| other.add(line.to_owned()))).unwrap();
        let _pair = Pair::connected(&client, &server, Some("localhost"));
        let (mut ours, mut theirs) = (ours.take(), theirs.take());
        assert_eq!(labels(&ours), want);
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
        call(|err| unsafe { tlsw_ctx_set_keylog_hook(client.0, None, null_mut(), None, err) })
            .unwrap();
    }
}

#[test]
fn a_file_of_secrets_is_appended_to() {
    let file = Scratch::new("keylog");
    let (client, server) = contexts(TLSW_TLS_1_3);
    assert_eq!(client.keylog_file(), None);
    client.set_keylog_file(Some(&file.0)).unwrap();
    assert_eq!(client.keylog_file().as_deref(), file.0.to_str());
    assert_eq!(file.lines().len(), 1, "the comment");
    assert!(file.lines()[0].starts_with('#'));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&file.0).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
    drop(Pair::connected(&client, &server, Some("localhost")));
    assert_eq!(labels(&file.lines()[1..]), TLS13_LABELS);
    // Another context with the same file goes on where the first one stopped.
    server.set_keylog_file(Some(&file.0)).unwrap();
    drop(Pair::connected(&client, &server, Some("localhost")));
    assert_eq!(file.lines().len(), 16);
    for ctx in [&client, &server] {
        ctx.set_keylog_file(None).unwrap();
        assert_eq!(ctx.keylog_file(), None);
    }
    drop(Pair::connected(&client, &server, Some("localhost")));
    assert_eq!(file.lines().len(), 16);
}

#[test]
fn lines_of_threads_stay_whole() {
    let file = Scratch::new("keylog-threads");
    let (client, server) = contexts(TLSW_TLS_1_3);
    client.set_keylog_file(Some(&file.0)).unwrap();
    server.set_keylog_file(Some(&file.0)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    drop(Pair::connected(&client, &server, Some("localhost")));
                }
            });
        }
    });
    let lines = file.lines();
    assert_eq!(lines.len(), 1 + 4 * 5 * 2 * 5);
    labels(&lines[1..]);
}

#[test]
fn a_file_that_cannot_be_opened_is_told_and_changes_nothing() {
    let ctx = Ctx::new(TLSW_CLIENT);
    let file = Scratch::new("keylog-kept");
    ctx.set_keylog_file(Some(&file.0)).unwrap();
    let missing = std::path::Path::new("/no/such/directory/keys");
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (path, os_error) in [(missing, 2), (directory, 21)] {
        let error = ctx.set_keylog_file(Some(path)).unwrap_err();
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, os_error));
        assert!(error.message.contains(path.to_str().unwrap()), "{}", error.message);
    }
    assert_eq!(ctx.keylog_file().as_deref(), file.0.to_str());
}

#[test]
fn sessions_are_given_as_they_come() {
    for (version, tickets) in [(TLSW_TLS_1_2, 1), (TLSW_TLS_1_3, 3)] {
        let (client, server) = contexts(version);
        call(|err| unsafe { tlsw_ctx_set_num_tickets(server.0, 3, err) }).unwrap();
        let notes = Notes::new();
        let note = notes.clone();
        client
            .set_session_hook(Box::new(move |conn, session| note.add((conn.0 as usize, session))))
            .unwrap();
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let given = notes.take();
        assert_eq!(given.len(), tickets);
        assert!(given.iter().all(|(conn, _)| *conn == pair.client.0 as usize));
        let newest = pair.client.session().unwrap().unwrap();
        assert!(given.last().unwrap().1.equals(&newest));
        for (_, session) in given {
            let pair = Pair::new(&client, &server, Some("localhost"));
            pair.client.set_session(&session).unwrap();
            assert_eq!(pair.handshake(), (Ok(()), Ok(())));
            assert!(pair.client.is_reused());
            assert_eq!(pair.client.verify_result(), Ok(TLSW_OK));
        }
    }
    let note = Notes::<()>::new();
    let kept = note.clone();
    let server = Ctx::server("localhost");
    let error = server.set_session_hook(Box::new(move |_, _| kept.add(()))).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
    assert_eq!(note.holders(), 1);
}

#[test]
fn the_verify_hook_sees_both_chains_and_may_refuse() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        let (notes, verdict) = (Notes::new(), Arc::new(AtomicUsize::new(0)));
        let (note, answer) = (notes.clone(), Arc::clone(&verdict));
        client
            .set_verify_hook(Box::new(move |conn, code, alert| {
                let sent = conn.chain(TLSW_CHAIN_SENT).unwrap().unwrap();
                let verified = conn.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap();
                let busy = conn.handshake().unwrap_err().status;
                note.add((
                    code,
                    *alert,
                    sent,
                    verified,
                    conn.verify_result(),
                    conn.version(),
                    busy,
                ));
                match answer.load(Ordering::Relaxed) {
                    0 => TLSW_OK,
                    chosen => {
                        *alert = chosen as u8;
                        TLSW_ERR_STATE
                    }
                }
            }))
            .unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        let sent = pki_ders("localhost.chain.pem");
        let verified = [sent.clone(), pki_ders("root.pem")].concat();
        let want = (0, 40, sent, verified, Ok(TLSW_OK), pair.client.version(), TLSW_ERR_BUSY);
        assert_eq!(notes.take(), [want]);

        verdict.store(44, Ordering::Relaxed);
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (ours, theirs) = pair.handshake();
        let ours = ours.unwrap_err();
        assert_eq!((ours.status, ours.verify_error, ours.alert), (TLSW_ERR_VERIFY, 50, 44));
        assert_eq!(ours.verify_depth, 0);
        assert!(ours.message.contains("hook refused \"CN=localhost"), "{}", ours.message);
        assert_eq!(theirs.unwrap_err().alert, 44);
        assert_eq!(pair.client.verify_result().unwrap_err().verify_error, 50);
        assert_eq!(pair.client.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE_FAILED)));
        assert_eq!(pair.client.failed_cert(), Some(leaf()));
    }
}

#[test]
fn the_verify_hook_accepts_the_unverified_only_where_nothing_must_verify() {
    for version in VERSIONS {
        let server = Ctx::server("localhost");
        let client = Ctx::client("old-root.pem");
        client.set_versions(version);
        let notes = Notes::new();
        let note = notes.clone();
        client
            .set_verify_hook(Box::new(move |_, code, alert| {
                note.add((code, *alert));
                TLSW_OK
            }))
            .unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let error = pair.handshake().0.unwrap_err();
        // No issuer (20) is an unknown CA (48).
        assert_eq!((error.status, error.verify_error, error.alert), (TLSW_ERR_VERIFY, 20, 48));
        client.insecure();
        let pair = Pair::new(&client, &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(notes.take(), [(20, 48), (20, 48)]);
        assert_eq!(pair.client.verify_result().unwrap_err().verify_error, 20);

        // And there, too, it may refuse.
        client.set_verify_hook(Box::new(|_, _, _| TLSW_ERR_STATE)).unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let (ours, theirs) = pair.handshake();
        assert_eq!(ours.unwrap_err().status, TLSW_ERR_VERIFY);
        assert_eq!(theirs.unwrap_err().alert, 48);
    }
}

#[test]
fn the_verify_hook_is_asked_again_when_a_client_resumes() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        client.insecure();
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        client
            .set_verify_hook(Box::new(move |_, _, _| match count.fetch_add(1, Ordering::Relaxed) {
                0 => TLSW_OK,
                _ => TLSW_ERR_STATE,
            }))
            .unwrap();
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
        assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
        let session = pair.client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        pair.client.set_session(&session).unwrap();
        let error = pair.handshake().0.unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 50));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn a_server_judges_clients_and_may_take_its_time() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        server.load_ca_file(&pki("root.pem")).unwrap();
        server.set_verify_mode(TLSW_CERT_OPTIONAL).unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        server
            .set_verify_hook(Box::new(move |_, _, _| match count.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => TLSW_WANT_HOOK,
                _ => TLSW_OK,
            }))
            .unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let later = loop {
            pair.client.handshake().unwrap();
            match pair.server.handshake().unwrap() {
                TLSW_WANT_READ => continue,
                status => break status,
            }
        };
        assert_eq!(later, TLSW_WANT_HOOK);
        // Between two askings there is time to look.
        assert_eq!(pair.server.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("client.chain.pem"))));
        assert!(pair.server.chain(TLSW_CHAIN_VERIFIED).unwrap().is_ok());
        assert_eq!(pair.server.verify_result(), Ok(TLSW_OK));
        assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_HOOK));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        // Who shows none has nothing to be judged by.
        let pair = Pair::new(&Ctx::client("root.pem"), &server, Some("localhost"));
        assert_eq!(pair.handshake(), (Ok(()), Ok(())));
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }
}

#[test]
fn hooks_change_while_connections_call_them() {
    let (client, server) = contexts(TLSW_TLS_1_3);
    let calls = Arc::new(AtomicUsize::new(0));
    let alive = Notes::<()>::new();
    let set = |ctx: &Ctx| {
        let (count, life) = (Arc::clone(&calls), alive.clone());
        ctx.set_info_hook(Box::new(move |_, _, _| {
            let _ = &life;
            count.fetch_add(1, Ordering::Relaxed);
        }))
        .unwrap();
    };
    set(&client);
    set(&server);
    std::thread::scope(|scope| {
        let shaking: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..20 {
                        drop(Pair::connected(&client, &server, Some("localhost")));
                    }
                })
            })
            .collect();
        while !shaking.iter().all(|thread| thread.is_finished()) {
            set(&client);
            set(&server);
            std::thread::yield_now();
        }
    });
    assert!(calls.load(Ordering::Relaxed) > 60);
    drop((client, server));
    assert_eq!(alive.holders(), 1);
}

#[test]
fn two_connections_on_two_threads_wait_for_one_lock_in_their_hooks() {
    // As threads with one interpreter's lock do (CPython's bpo-43577).
    let (client, server) = contexts(TLSW_TLS_1_3);
    let lock = Arc::new(std::sync::Mutex::new(0));
    for ctx in [&client, &server] {
        let lock = Arc::clone(&lock);
        ctx.set_msg_hook(Box::new(move |conn, _| {
            *lock.lock().unwrap() += 1;
            std::hint::black_box(conn.pending());
        }))
        .unwrap();
    }
    let (one, other) = sockets();
    use std::os::fd::AsRawFd;
    let ours = client.wrap_fd(one.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let theirs = server.wrap_fd(other.as_raw_fd(), TLSW_SERVER, None).unwrap();
    shake_hands(&ours, &theirs);
    std::thread::scope(|scope| {
        scope.spawn(|| theirs.write_all(&[7; 100_000]).unwrap());
        // One thread holds the lock and asks both connections, while the others wait for it.
        scope.spawn(|| {
            for _ in 0..100 {
                let held = lock.lock().unwrap();
                assert!(ours.user().is_null() && theirs.user().is_null());
                drop(held);
            }
        });
        let mut rest = 100_000;
        while rest > 0 {
            match ours.read(65_536).unwrap() {
                Read::Bytes(bytes) => rest -= bytes.len(),
                Read::Status(status) => panic!("{}", name_of(status)),
            }
        }
    });
    assert!(*lock.lock().unwrap() > 10);
}

#[test]
fn a_bug_in_a_hook_ends_the_handshake_and_nothing_else() {
    use tlswrap::bssl::stream::Role;
    use tlswrap::conn::Conn;
    use tlswrap::ctx::Ctx;
    use tlswrap::ctx::settings::Settings;
    use tlswrap::error::{Kind, Progress};
    use tlswrap::io::Transport;
    use tlswrap::io::bio::{Bio, Pair};

    let context = |role| Ctx::new(Settings::new(role));
    let (client, server) = (context(Role::Client), context(Role::Server));
    server
        .change(|settings| {
            settings.hooks.sni = Some(Arc::new(|_, _| panic!("a bug")));
            Ok(())
        })
        .unwrap();
    let (up, down) = (Arc::new(Bio::default()), Arc::new(Bio::default()));
    let join = |incoming: &Arc<Bio>, outgoing: &Arc<Bio>| {
        let (incoming, outgoing) = (Arc::clone(incoming), Arc::clone(outgoing));
        Transport::Bio(Pair { incoming, outgoing })
    };
    let name = Some("localhost");
    let ours = Conn::new(client.sealed(Role::Client).unwrap(), join(&down, &up), name).unwrap();
    let theirs = Conn::new(server.sealed(Role::Server).unwrap(), join(&up, &down), None).unwrap();
    assert_eq!(ours.handshake().unwrap(), Progress::WantRead);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let error = theirs.handshake().unwrap_err();
    std::panic::set_hook(before);
    assert_eq!(error.kind(), Kind::Tls);
    assert_eq!(error.detail().alert, Some(80));
    assert_eq!(ours.handshake().unwrap_err().detail().alert, Some(80));
}
