//! The ABI in the hands of someone who gets everything wrong.

mod support;

#[path = "misuse/arguments.rs"]
mod arguments;
#[path = "misuse/program.rs"]
mod program;

use std::ffi::c_void;
use std::fs;
use std::io::Read as _;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};

use support::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program that must be there.
fn run(command: &mut Command, package: &str) -> Output {
    command.output().unwrap_or_else(|error| {
        panic!("{}: {error}; install the package {package}", command.get_program().display())
    })
}

/// The program that calls every function with nonsense, written from the header and compiled once;
/// and how many cases it has.
fn nonsense() -> &'static (PathBuf, usize) {
    static PROGRAM: OnceLock<(PathBuf, usize)> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let header = root().join("include/tlswrap.h");
        let text = fs::read_to_string(&header).unwrap();
        let functions = program::functions(&text);
        assert_eq!(functions.len(), text.matches("\nTLSW_API\n").count());
        let frame = root().join("tests/misuse/frame.c");
        let (code, cases) =
            program::program(&functions, header.to_str().unwrap(), frame.to_str().unwrap());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("misuse");
        fs::create_dir_all(&dir).unwrap();
        let (source, program) = (dir.join("misuse.c"), dir.join("misuse"));
        fs::write(&source, code).unwrap();
        // The library that cargo built for this test stands beside it. The loader looks for it by
        // its soname, which build.rs makes in the same way; without its debug information, which
        // valgrind need not understand.
        let built = std::env::current_exe().unwrap().with_file_name("libtlswrap.so");
        let abi = match (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR")) {
            ("0", minor) => format!("0.{minor}"),
            (major, _) => major.to_owned(),
        };
        let library = dir.join(format!("libtlswrap.so.{abi}"));
        let _ = fs::remove_file(&library);
        let stripped =
            run(Command::new("objcopy").arg("--strip-debug").arg(built).arg(&library), "binutils");
        assert!(stripped.status.success(), "{}", String::from_utf8_lossy(&stripped.stderr));
        let output = run(
            Command::new("cc")
                .args(["-std=c99", "-D_GNU_SOURCE", "-gdwarf-4"])
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
                .arg(&source)
                .arg(&library)
                .arg(format!("-Wl,--disable-new-dtags,-rpath,{}", dir.display()))
                .arg("-o")
                .arg(&program),
            "gcc",
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (program, cases)
    })
}

/// What of a program's output a person needs: what is wrong, and how it ended.
fn told(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    let all = String::from_utf8_lossy(&all).into_owned();
    let lines: Vec<_> = all.lines().collect();
    let wrong = lines.iter().filter(|line| line.starts_with("  ")).take(60);
    let end = lines.iter().skip(lines.len().saturating_sub(12));
    let told: Vec<_> = wrong.chain(end).copied().collect();
    format!("{}\n{}", output.status, told.join("\n"))
}

#[test]
fn nonsense_for_every_argument_of_every_function_is_refused() {
    let (program, cases) = nonsense();
    let output = run(Command::new(program).arg(pki("").as_os_str()), "gcc");
    assert!(output.status.success(), "{}", told(&output));
    let end = format!("\n{cases} cases, 0 failures\n");
    assert!(String::from_utf8_lossy(&output.stdout).ends_with(&end), "{}", told(&output));
}

#[test]
fn nonsense_leaves_no_trace_in_memory() {
    let (program, _) = nonsense();
    let output = run(
        Command::new("valgrind")
            .args(["--quiet", "--error-exitcode=9", "--leak-check=full"])
            .args(["--show-leak-kinds=definite,indirect"])
            .args(["--errors-for-leak-kinds=definite,indirect"])
            .arg(program)
            .arg(pki("").as_os_str()),
        "valgrind",
    );
    assert!(output.status.success(), "{}", told(&output));
}

type ReadHook = Box<dyn FnMut(&mut [u8]) -> (tlsw_status, Option<usize>)>;
type WriteHook = Box<dyn FnMut(&[u8]) -> (tlsw_status, Option<usize>)>;

/// What tlsw_wrap_io keeps: two functions, and how often they were freed.
struct Hooks {
    read: ReadHook,
    write: WriteHook,
    freed: Arc<AtomicUsize>,
    /// What else to do when they are freed.
    farewell: Box<dyn FnMut()>,
}

unsafe extern "C" fn call_read(
    user: *mut c_void,
    buf: *mut u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    unsafe {
        let (status, count) =
            ((*user.cast::<Hooks>()).read)(std::slice::from_raw_parts_mut(buf, len));
        count.inspect(|count| *n = *count);
        status
    }
}

unsafe extern "C" fn call_write(
    user: *mut c_void,
    buf: *const u8,
    len: usize,
    n: *mut usize,
) -> tlsw_status {
    unsafe {
        let (status, count) = ((*user.cast::<Hooks>()).write)(std::slice::from_raw_parts(buf, len));
        count.inspect(|count| *n = *count);
        status
    }
}

unsafe extern "C" fn free_hooks(user: *mut c_void) {
    let mut hooks = unsafe { Box::from_raw(user.cast::<Hooks>()) };
    hooks.freed.fetch_add(1, Ordering::SeqCst);
    (hooks.farewell)();
}

/// A client over hooks, and how often they were freed.
fn wrap(ctx: &Ctx, read: ReadHook, write: WriteHook) -> (*mut tlsw_conn, Arc<AtomicUsize>) {
    wrap_with(ctx, read, write, Box::new(|| {}))
}

fn wrap_with(
    ctx: &Ctx,
    read: ReadHook,
    write: WriteHook,
    farewell: Box<dyn FnMut()>,
) -> (*mut tlsw_conn, Arc<AtomicUsize>) {
    let freed = Arc::new(AtomicUsize::new(0));
    let hooks = Box::new(Hooks { read, write, freed: Arc::clone(&freed), farewell });
    let (name, mut conn) = (c("localhost"), null_mut());
    let made = call(|err| unsafe {
        tlsw_wrap_io(
            ctx.0,
            Some(call_read),
            Some(call_write),
            Box::into_raw(hooks).cast(),
            Some(free_hooks),
            TLSW_CLIENT,
            name.as_ptr(),
            &mut conn,
            err,
        )
    });
    assert_eq!(made, Ok(TLSW_OK));
    (conn, freed)
}

/// Reads what is in a pipe, as a hook does.
fn from_bio(bio: &Bio, room: &mut [u8]) -> (tlsw_status, Option<usize>) {
    let mut n = 0;
    let status =
        call(|err| unsafe { tlsw_bio_read(bio.0, room.as_mut_ptr(), room.len(), &mut n, err) });
    (status.unwrap(), Some(n))
}

/// Writes into a pipe, as a hook does.
fn to_bio(bio: &Bio, data: &[u8]) -> (tlsw_status, Option<usize>) {
    (bio.write(data).unwrap(), Some(data.len()))
}

/// A client over hooks that only move bytes, connected to a server in memory; before each read
/// `on_read` runs, before each write `on_write`.
struct Hooked {
    client: Conn,
    server: Conn,
    freed: Arc<AtomicUsize>,
}

impl Hooked {
    fn new(
        mut on_read: impl FnMut(*mut tlsw_conn) + 'static,
        mut on_write: impl FnMut(*mut tlsw_conn) + 'static,
    ) -> Self {
        let (to_server, to_client) = (Arc::new(Bio::new()), Arc::new(Bio::new()));
        let conn = Arc::new(AtomicPtr::new(null_mut()));
        let (incoming, outgoing) = (Arc::clone(&to_client), Arc::clone(&to_server));
        let (for_read, for_write) = (Arc::clone(&conn), Arc::clone(&conn));
        let (client, freed) = wrap(
            &Ctx::client("root.pem"),
            Box::new(move |room| {
                on_read(for_read.load(Ordering::SeqCst));
                from_bio(&incoming, room)
            }),
            Box::new(move |data| {
                on_write(for_write.load(Ordering::SeqCst));
                to_bio(&outgoing, data)
            }),
        );
        conn.store(client, Ordering::SeqCst);
        let server = Ctx::server("localhost");
        let server = server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap();
        Self { client: Conn(client), server, freed }
    }

    fn handshake(&self) {
        for _ in 0..4 {
            self.client.handshake().unwrap();
            self.server.handshake().unwrap();
        }
        assert_eq!(self.client.handshake(), Ok(TLSW_OK));
        assert_eq!(self.server.handshake(), Ok(TLSW_OK));
    }
}

fn code<T>(result: Result<T, Error>) -> tlsw_status {
    result.err().expect("a failure").status
}

#[test]
fn before_the_handshake_there_is_nothing_to_ask() {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    // Before the first step, and after it.
    for _ in 0..2 {
        for conn in [&pair.client, &pair.server] {
            assert_eq!(code(conn.shutdown(TLSW_SHUT_WRITE)), TLSW_ERR_STATE);
            assert_eq!(code(conn.shutdown(TLSW_SHUT_BOTH)), TLSW_ERR_STATE);
            assert_eq!(code(conn.chain(TLSW_CHAIN_SENT)), TLSW_ERR_STATE);
            assert_eq!(code(conn.chain(TLSW_CHAIN_VERIFIED)), TLSW_ERR_STATE);
            assert_eq!(code(conn.verify_result()), TLSW_ERR_STATE);
            assert_eq!(conn.failed_cert(), None);
            assert_eq!((conn.version(), conn.cipher(), conn.group()), (None, None, None));
            assert_eq!((conn.alpn(), conn.pending(), conn.is_reused()), (None, 0, false));
            assert_eq!(conn.read(0), Ok(Read::Bytes(vec![])));
            assert_eq!(conn.write(b""), Ok(Ok(0)));
        }
        assert_eq!(pair.client.read(1), Ok(Read::Status(TLSW_WANT_READ)));
        assert_eq!(pair.client.peek(1), Ok(Read::Status(TLSW_WANT_READ)));
        assert_eq!(pair.client.write(b"x"), Ok(Err(TLSW_WANT_READ)));
    }
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
}

#[test]
fn after_the_goodbye_nothing_is_sent() {
    let pair =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    for _ in 0..3 {
        let error = pair.client.write(b"late").unwrap_err();
        assert_eq!((error.status, error.reason.as_str()), (TLSW_ERR_TLS, "PROTOCOL_IS_SHUTDOWN"));
    }
    assert_eq!(pair.server.read(10), Ok(Read::Status(TLSW_CLOSED)));
    assert_eq!(pair.server.read(10), Ok(Read::Status(TLSW_CLOSED)));
    assert_eq!(pair.server.peek(10), Ok(Read::Status(TLSW_CLOSED)));
}

#[test]
fn a_buffer_may_be_freed_twice() {
    let pair =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    let mut chain = empty();
    call(|err| unsafe { tlsw_get_peer_chain_der(pair.client.0, TLSW_CHAIN_SENT, &mut chain, err) })
        .unwrap();
    assert!(!chain.data.is_null());
    for _ in 0..3 {
        unsafe { tlsw_buf_free(&mut chain) };
        assert!(chain.data.is_null() && chain.len == 0);
    }
    // No bytes, whatever the length says.
    let mut odd = tlsw_buf { data: null_mut(), len: 7 };
    unsafe { tlsw_buf_free(&mut odd) };
    assert_eq!(odd.len, 0);
}

#[test]
fn a_handshake_that_failed_stays_failed() {
    // Refused, here and by the peer.
    let pair =
        Pair::new(&Ctx::client("untrusted-root.pem"), &Ctx::server("localhost"), Some("localhost"));
    let (client, server) = pair.handshake();
    let (client, server) = (client.unwrap_err(), server.unwrap_err());
    assert_eq!((client.status, server.status), (TLSW_ERR_VERIFY, TLSW_ERR_TLS));
    stays(&pair.client, &client);
    stays(&pair.server, &server);
    // No TLS at all.
    for garbage in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x16\x03\x03\0\x04\x14\0\0\0"] {
        let pair =
            Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
        assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
        pair.to_client.write(garbage).unwrap();
        let error = pair.client.handshake().unwrap_err();
        assert_eq!(error.status, TLSW_ERR_TLS);
        stays(&pair.client, &error);
    }
    // The end of the transport.
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    pair.to_client.write_eof();
    let error = pair.client.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_EOF);
    stays(&pair.client, &error);
    // A server without a certificate.
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::new(TLSW_SERVER), Some("localhost"));
    let (_, server) = pair.handshake();
    let error = server.unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TLS);
    assert!(error.message.contains("certificate"), "{}", error.message);
    stays(&pair.server, &error);
}

/// Whatever is called again, the failure is the same.
fn stays(conn: &Conn, error: &Error) {
    for _ in 0..2 {
        assert_eq!(conn.handshake().as_ref(), Err(error));
        assert_eq!(conn.read(10).as_ref(), Err(error));
        assert_eq!(conn.peek(10).as_ref(), Err(error));
        assert_eq!(conn.write(b"data").as_ref(), Err(error));
        assert_eq!(code(conn.shutdown(TLSW_SHUT_BOTH)), TLSW_ERR_STATE);
        assert_eq!(conn.set_read_ahead(1), Ok(TLSW_OK));
        assert_eq!(conn.pending(), 0);
    }
}

#[test]
fn a_write_is_repeated_with_the_same_data() {
    // One record, and more than leaves in one send.
    for len in [1000, 40_000, 200_000] {
        let full = Arc::new(AtomicBool::new(false));
        let is_full = Arc::clone(&full);
        let (to_server, to_client) = (Arc::new(Bio::new()), Arc::new(Bio::new()));
        let (incoming, outgoing) = (Arc::clone(&to_client), Arc::clone(&to_server));
        let (client, _) = wrap(
            &Ctx::client("root.pem"),
            Box::new(move |room| from_bio(&incoming, room)),
            Box::new(move |data| {
                if is_full.load(Ordering::SeqCst) {
                    return (TLSW_WANT_WRITE, None);
                }
                to_bio(&outgoing, data)
            }),
        );
        let server = Ctx::server("localhost");
        let server = server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap();
        let hooked = Hooked { client: Conn(client), server, freed: Arc::default() };
        hooked.handshake();
        let data: Vec<u8> = (0..len).map(|n| n as u8).collect();
        full.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            assert_eq!(hooked.client.write(&data), Ok(Err(TLSW_WANT_WRITE)), "{len}");
        }
        for _ in 0..2 {
            let error = hooked.client.write(&data[..len / 100]).unwrap_err();
            assert_eq!(error.status, TLSW_ERR_ARGUMENT, "{len}: {error:?}");
        }
        assert_eq!(hooked.client.write(b""), Ok(Ok(0)));
        // It is not spoilt, and may stand elsewhere, with more behind it.
        full.store(false, Ordering::SeqCst);
        let more: Vec<u8> = (0..100_000_u32).map(|n| (n / 251) as u8).collect();
        let longer = [data, more].concat();
        let taken = hooked.client.write(&longer).unwrap().unwrap();
        hooked.client.write_all(&longer[taken..]).unwrap();
        let mut come = Vec::new();
        while let Read::Bytes(bytes) = hooked.server.read(65536).unwrap() {
            come.extend(bytes);
        }
        assert!(come == longer, "{len}: {} bytes of {} came", come.len(), longer.len());
    }
}

#[test]
fn a_hook_may_ask_and_not_drive() {
    let tried = Arc::new(AtomicUsize::new(0));
    let drive = |tried: &Arc<AtomicUsize>| {
        let tried = Arc::clone(tried);
        move |conn: *mut tlsw_conn| {
            let conn = std::mem::ManuallyDrop::new(Conn(conn));
            for answer in [
                code(conn.handshake()),
                code(conn.read(1)),
                code(conn.peek(1)),
                code(conn.write(b"x").map(|_| TLSW_OK)),
                code(conn.shutdown(TLSW_SHUT_WRITE)),
                code(conn.set_read_ahead(1)),
            ] {
                assert_eq!(name_of(answer), "TLSW_ERR_BUSY");
            }
            // Nothing to do, so nothing is busy.
            assert_eq!(conn.read(0), Ok(Read::Bytes(vec![])));
            assert_eq!(conn.set_timeout(0), Ok(TLSW_OK));
            let known = conn.version().is_some();
            assert_eq!(known, conn.cipher().is_some());
            assert_eq!(known, conn.chain(TLSW_CHAIN_SENT).is_ok());
            assert_eq!(known, conn.verify_result().is_ok());
            assert_eq!((conn.pending(), conn.alpn(), conn.failed_cert()), (0, None, None));
            tried.fetch_add(1, Ordering::SeqCst);
        }
    };
    let hooked = Hooked::new(drive(&tried), drive(&tried));
    hooked.handshake();
    assert_eq!(hooked.server.write(b"hello"), Ok(Ok(5)));
    assert_eq!(hooked.client.read(5), Ok(Read::Bytes(b"hello".to_vec())));
    assert_eq!(hooked.client.write(b"hello"), Ok(Ok(5)));
    assert_eq!(hooked.client.shutdown(TLSW_SHUT_WRITE), Ok(TLSW_OK));
    assert!(tried.load(Ordering::SeqCst) > 6);
}

#[test]
fn a_hook_may_drive_another_connection() {
    // A connection inside another: what the inner one reads, the outer one carries.
    let outer =
        Pair::connected(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    let Pair { client, server, to_server, to_client } = outer;
    let (client, inside) = (Arc::new(client), Arc::new(AtomicUsize::new(0)));
    let (reader, writer, count) = (Arc::clone(&client), Arc::clone(&client), Arc::clone(&inside));
    let (conn, freed) = wrap(
        &Ctx::client("root.pem"),
        Box::new(move |room| match reader.read(room.len()).unwrap() {
            Read::Bytes(bytes) => {
                room[..bytes.len()].copy_from_slice(&bytes);
                count.fetch_add(1, Ordering::SeqCst);
                (TLSW_OK, Some(bytes.len()))
            }
            Read::Status(status) => (status, None),
        }),
        Box::new(move |data| (TLSW_OK, Some(writer.write(data).unwrap().unwrap()))),
    );
    let conn = Conn(conn);
    let (inner_in, inner_out) = (Bio::new(), Bio::new());
    let context = Ctx::server("rsa");
    let inner = context.wrap_bio(&inner_in, &inner_out, TLSW_SERVER, None).unwrap();
    let mut ended = false;
    for _ in 0..10 {
        let here = conn.handshake().unwrap();
        while let Read::Bytes(bytes) = server.read(65536).unwrap() {
            inner_in.write(&bytes).unwrap();
        }
        ended = inner.handshake().unwrap() == TLSW_OK && here == TLSW_OK;
        server.write_all(&inner_out.drain()).unwrap();
    }
    assert!(ended && inside.load(Ordering::SeqCst) > 0);
    assert_eq!(conn.chain(TLSW_CHAIN_SENT), Ok(Ok(pki_ders("rsa.chain.pem"))));
    drop((conn, to_server, to_client));
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn what_a_hook_answers_is_checked() {
    type Answer = (tlsw_status, Option<usize>);
    const ALL: usize = usize::MAX; // as much as there was room for
    let one_more =
        |len: usize, (status, n): Answer| (status, n.map(|n| if n == ALL { len + 1 } else { n }));
    for answer in [
        (TLSW_OK, None),
        (TLSW_OK, Some(0)),
        (TLSW_OK, Some(ALL)),
        (TLSW_OK, Some(usize::MAX - 1)),
        (TLSW_NONE, Some(1)),
        (TLSW_WANT_HOOK, None),
        (99, Some(1)),
        (-1, Some(1)),
        (TLSW_ERR_TIMEOUT, None),
        (i32::MIN, None),
        (i32::MAX, Some(1)),
    ] {
        for reads in [true, false] {
            let (conn, freed) = wrap(
                &Ctx::client("root.pem"),
                Box::new(move |room| one_more(room.len(), answer)),
                Box::new(move |data| {
                    if reads { (TLSW_OK, Some(data.len())) } else { one_more(data.len(), answer) }
                }),
            );
            let conn = Conn(conn);
            for _ in 0..2 {
                let error = conn.handshake().unwrap_err();
                assert_eq!(error.status, TLSW_ERR_HOOK, "{answer:?}: {error:?}");
                let which = if reads { "read function" } else { "write function" };
                assert!(error.message.contains(which), "{}", error.message);
            }
            drop(conn);
            assert_eq!(freed.load(Ordering::SeqCst), 1);
        }
    }
    // The end of the stream is none of these.
    let (conn, _) = wrap(
        &Ctx::client("root.pem"),
        Box::new(|_| (TLSW_CLOSED, None)),
        Box::new(|data| (TLSW_OK, Some(data.len()))),
    );
    assert_eq!(code(Conn(conn).handshake()), TLSW_ERR_EOF);
}

#[test]
fn a_connection_may_be_freed_inside_its_own_hooks() {
    for (in_read, call_at) in [(true, 0), (true, 1), (false, 0), (false, 1)] {
        let calls = Arc::new(AtomicUsize::new(0));
        let free = |counts: bool| {
            let calls = Arc::clone(&calls);
            move |conn: *mut tlsw_conn| {
                if counts && calls.fetch_add(1, Ordering::SeqCst) == call_at {
                    unsafe { tlsw_conn_free(conn) };
                }
            }
        };
        let Hooked { client, server, freed } = Hooked::new(free(in_read), free(!in_read));
        let client = std::mem::ManuallyDrop::new(client);
        for _ in 0..10 {
            // Freed inside the call, it is whole until the call has ended.
            client.handshake().unwrap();
            if freed.load(Ordering::SeqCst) > 0 {
                break;
            }
            if server.handshake().unwrap() == TLSW_OK {
                server.write(b"hello").unwrap().unwrap();
            }
        }
        assert_eq!(freed.load(Ordering::SeqCst), 1, "{in_read} {call_at}");
    }
}

#[test]
fn a_context_freed_more_than_once_is_left_to_its_connections() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let client = std::mem::ManuallyDrop::new(client);
    let freed = Arc::new(AtomicUsize::new(0));
    unsafe extern "C" fn count(user: *mut c_void) {
        let freed = unsafe { Arc::from_raw(user.cast::<AtomicUsize>()) };
        freed.fetch_add(1, Ordering::SeqCst);
    }
    unsafe extern "C" fn go_on(
        _: *mut c_void,
        _: *mut tlsw_conn,
        _: i32,
        _: *mut u8,
    ) -> tlsw_status {
        TLSW_OK
    }
    let user = Arc::into_raw(Arc::clone(&freed)).cast_mut().cast();
    let set =
        |err| unsafe { tlsw_ctx_set_verify_hook(client.0, Some(go_on), user, Some(count), err) };
    assert_eq!(call(set), Ok(TLSW_OK));
    let pair = Pair::new(&client, &server, Some("localhost"));
    for _ in 0..5 {
        unsafe { tlsw_ctx_free(client.0) };
    }
    assert_eq!(pair.handshake(), (Ok(()), Ok(())));
    // What the connection gives of it is the caller's again, once.
    let mut of = null_mut();
    assert_eq!(call(|err| unsafe { tlsw_get_ctx(pair.client.0, &mut of, err) }), Ok(TLSW_OK));
    assert_eq!(of, client.0);
    assert_eq!(unsafe { tlsw_ctx_get_verify_mode(of) }, TLSW_CERT_REQUIRED as i32);
    for _ in 0..5 {
        unsafe { tlsw_ctx_free(of) };
    }
    assert_eq!(call(|err| unsafe { tlsw_get_ctx(pair.client.0, &mut of, err) }), Ok(TLSW_OK));
    assert_eq!(freed.load(Ordering::SeqCst), 0);
    drop(pair.client);
    assert_eq!(freed.load(Ordering::SeqCst), 0);
    unsafe { tlsw_ctx_free(of) };
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_freed_more_than_once_is_left_to_the_call_that_is_inside() {
    let frees = |conn: *mut tlsw_conn| {
        for _ in 0..5 {
            unsafe { tlsw_conn_free(conn) };
        }
    };
    let Hooked { client, server: _server, freed } = Hooked::new(|_| {}, frees);
    let client = std::mem::ManuallyDrop::new(client);
    assert_eq!(client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_is_not_freed_twice_by_its_own_end() {
    let conn = Arc::new(AtomicPtr::new(null_mut()));
    let again = Arc::clone(&conn);
    let (made, freed) = wrap_with(
        &Ctx::client("root.pem"),
        Box::new(|_| (TLSW_WANT_READ, None)),
        Box::new(|data| (TLSW_OK, Some(data.len()))),
        Box::new(move || unsafe { tlsw_conn_free(again.load(Ordering::SeqCst)) }),
    );
    conn.store(made, Ordering::SeqCst);
    unsafe { tlsw_conn_free(made) };
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_may_be_freed_while_it_waits() {
    // For the first bytes of a handshake.
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    assert_eq!(pair.client.handshake(), Ok(TLSW_WANT_READ));
    drop(pair.client);
    assert_eq!(pair.server.handshake(), Ok(TLSW_WANT_READ));
    drop(pair.server);
    // To write: records are sealed, and have not left.
    let first = Arc::new(AtomicBool::new(true));
    let (to_server, to_client) = (Arc::new(Bio::new()), Arc::new(Bio::new()));
    let (incoming, outgoing, open) =
        (Arc::clone(&to_client), Arc::clone(&to_server), Arc::clone(&first));
    let (client, freed) = wrap(
        &Ctx::client("root.pem"),
        Box::new(move |room| from_bio(&incoming, room)),
        Box::new(move |data| {
            if open.load(Ordering::SeqCst) {
                return to_bio(&outgoing, data);
            }
            (TLSW_WANT_WRITE, None)
        }),
    );
    let server = Ctx::server("localhost");
    let server = server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap();
    let hooked = Hooked { client: Conn(client), server, freed };
    hooked.handshake();
    first.store(false, Ordering::SeqCst);
    assert_eq!(hooked.client.write(&[7; 100_000]), Ok(Err(TLSW_WANT_WRITE)));
    drop(hooked.client);
    assert_eq!(hooked.freed.load(Ordering::SeqCst), 1);
    assert_eq!(hooked.server.read(1), Ok(Read::Status(TLSW_WANT_READ)));
}

#[test]
fn what_a_connection_came_from_may_be_freed_before_it() {
    let (client, server) = (Ctx::client("root.pem"), Ctx::server("localhost"));
    let (to_server, to_client) = (Bio::new(), Bio::new());
    let one = client.wrap_bio(&to_client, &to_server, TLSW_CLIENT, Some("localhost")).unwrap();
    let other = server.wrap_bio(&to_server, &to_client, TLSW_SERVER, None).unwrap();
    drop((client, server, to_server, to_client));
    for _ in 0..4 {
        one.handshake().unwrap();
        other.handshake().unwrap();
    }
    assert_eq!(one.write(b"hello"), Ok(Ok(5)));
    assert_eq!(other.read(9), Ok(Read::Bytes(b"hello".to_vec())));
    let chain = one.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap();
    drop((one, other));
    assert_eq!(split(&chain.concat()), chain);
}

/// A password function that does whatever it is told.
struct Password<'a>(&'a mut dyn FnMut() -> &'static [u8]);

unsafe extern "C" fn give_password(
    user: *mut c_void,
    buf: *mut u8,
    size: usize,
    len: *mut usize,
) -> tlsw_status {
    unsafe {
        let password = ((*user.cast::<Password<'_>>()).0)();
        assert!(password.len() <= size);
        buf.copy_from(password.as_ptr(), password.len());
        *len = password.len();
    }
    TLSW_OK
}

fn load_encrypted(
    ctx: *mut tlsw_ctx,
    password: &mut dyn FnMut() -> &'static [u8],
) -> Result<tlsw_status, Error> {
    let (chain, key) =
        (c_path(&pki("encrypted.chain.pem")), c_path(&pki("encrypted.key.pkcs8.pem")));
    let mut user = Password(password);
    call(|err| unsafe {
        tlsw_ctx_load_cert_chain_file_cb(
            ctx,
            chain.as_ptr(),
            key.as_ptr(),
            Some(give_password),
            (&raw mut user).cast(),
            err,
        )
    })
}

#[test]
fn a_password_function_may_use_the_context_and_free_it() {
    let ctx = Ctx::new(TLSW_SERVER);
    let mut depth = 0;
    let mut nested = || {
        depth += 1;
        assert_eq!(load_encrypted(ctx.0, &mut || b"hunter2"), Ok(TLSW_OK));
        assert_eq!(ctx.set_alpn(b"\x02h2"), Ok(TLSW_OK));
        assert_eq!(ctx.load_ca_file(&pki("root.pem")), Ok(TLSW_OK));
        &b"hunter2"[..]
    };
    assert_eq!(load_encrypted(ctx.0, &mut nested), Ok(TLSW_OK));
    assert_eq!(depth, 1);
    // What was set inside was not lost by the change around it.
    let client = Ctx::client("root.pem");
    client.set_alpn(b"\x02h2").unwrap();
    let pair = Pair::connected(&client, &ctx, Some("localhost"));
    assert_eq!(pair.client.alpn(), Some(b"h2".to_vec()));

    let ctx = std::mem::ManuallyDrop::new(Ctx::new(TLSW_SERVER));
    let mut free = || {
        unsafe { tlsw_ctx_free(ctx.0) };
        &b"hunter2"[..]
    };
    assert_eq!(load_encrypted(ctx.0, &mut free), Ok(TLSW_OK));
}

#[test]
fn a_connection_may_be_freed_while_a_thread_is_inside_its_hook() {
    let (inside, is_inside) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let (conn, freed) = wrap(
        &Ctx::client("root.pem"),
        Box::new(move |_| {
            inside.send(()).unwrap();
            may_go_on.recv().unwrap();
            (TLSW_CLOSED, None)
        }),
        Box::new(|data| (TLSW_OK, Some(data.len()))),
    );
    let conn = Conn(conn);
    let other = std::mem::ManuallyDrop::new(Conn(conn.0));
    let thread = std::thread::spawn(move || {
        let other = other;
        other.handshake()
    });
    is_inside.recv().unwrap();
    drop(conn);
    assert_eq!(freed.load(Ordering::SeqCst), 0, "the call is not over");
    go_on.send(()).unwrap();
    assert_eq!(code(thread.join().unwrap()), TLSW_ERR_EOF);
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_may_be_freed_while_a_thread_waits_for_its_descriptor() {
    let (near, mut far) = sockets();
    let ctx = Ctx::client("root.pem");
    let conn = ctx.wrap_fd(near.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    let other = std::mem::ManuallyDrop::new(Conn(conn.0));
    let thread = std::thread::spawn(move || {
        let other = other;
        other.handshake()
    });
    // The ClientHello has come, so the thread is inside the call.
    far.read_exact(&mut [0; 5]).unwrap();
    drop(conn);
    far.shutdown(Shutdown::Both).unwrap();
    let error = thread.join().unwrap().unwrap_err();
    assert!([TLSW_ERR_EOF, TLSW_ERR_IO].contains(&error.status), "{error:?}");
}

#[test]
fn a_pipe_may_be_anything_to_anyone() {
    // Both ends of one connection: it hears itself.
    let (ctx, bio) = (Ctx::client("root.pem"), Bio::new());
    let conn = ctx.wrap_bio(&bio, &bio, TLSW_CLIENT, Some("localhost")).unwrap();
    let error = conn.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TLS);
    stays(&conn, &error);
    // The incoming pipe of two connections: each gets what the other does not.
    let (hello, out) = (Bio::new(), Bio::new());
    let server = Ctx::server("localhost");
    let one = server.wrap_bio(&hello, &out, TLSW_SERVER, None).unwrap();
    let two = server.wrap_bio(&hello, &out, TLSW_SERVER, None).unwrap();
    let client = ctx.wrap_bio(&Bio::new(), &hello, TLSW_CLIENT, Some("localhost")).unwrap();
    assert_eq!(client.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(one.handshake(), Ok(TLSW_WANT_READ));
    assert_eq!(two.handshake(), Ok(TLSW_WANT_READ));
    hello.write_eof();
    assert_eq!(code(one.handshake()), TLSW_ERR_EOF);
    assert_eq!(code(two.handshake()), TLSW_ERR_EOF);
    // Ended under a connection that still has to write into it.
    let (incoming, outgoing) = (Bio::new(), Bio::new());
    outgoing.write_eof();
    let conn = ctx.wrap_bio(&incoming, &outgoing, TLSW_CLIENT, Some("localhost")).unwrap();
    let error = conn.handshake().unwrap_err();
    assert_eq!(error.status, TLSW_ERR_STATE, "{error:?}");
    assert_eq!(conn.handshake(), Err(error));
}

#[test]
fn a_descriptor_closed_under_a_connection_is_an_error() {
    let (near, far) = sockets();
    let ctx = Ctx::client("root.pem");
    let conn = ctx.wrap_fd(near.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    conn.set_timeout(0).unwrap();
    assert_eq!(conn.handshake(), Ok(TLSW_WANT_READ));
    // Its number is kept by something that is no socket, so that no other test gets it meanwhile.
    let file = fs::File::open("/dev/null").unwrap();
    assert!(unsafe { libc::dup2(file.as_raw_fd(), near.as_raw_fd()) } >= 0);
    for timeout in [0, 1000, -1] {
        conn.set_timeout(timeout).unwrap();
        let error = conn.handshake().unwrap_err();
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ENOTSOCK));
    }
    drop(far);
}

#[test]
fn every_timeout_is_one() {
    let (near, far) = sockets();
    let ctx = Ctx::client("root.pem");
    let conn = ctx.wrap_fd(near.as_raw_fd(), TLSW_CLIENT, Some("localhost")).unwrap();
    drop(far);
    for timeout in [i64::MIN, -1, 0, 1, i64::from(i32::MAX) + 1, i64::MAX] {
        assert_eq!(conn.set_timeout(timeout), Ok(TLSW_OK));
        let error = conn.handshake().unwrap_err();
        assert!([TLSW_ERR_EOF, TLSW_ERR_IO].contains(&error.status), "{error:?}");
    }
}
