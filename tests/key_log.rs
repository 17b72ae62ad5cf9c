//! A file of secrets: whose it is, and what becomes of lines that cannot be written. No line is left
//! in part, no signal comes, and nothing waits.
#![cfg(unix)]

mod support;

use std::ffi::{c_int, c_void};
use std::fs::{self, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::*;
#[path = "support/hooks.rs"]
mod hooks;
use hooks::Scratch;

/// How many lines a connection of TLS 1.3 has.
const LINES: usize = 5;

/// A client that logs to `path`, and a server for it.
fn logging(path: &Path) -> (Ctx, Ctx) {
    let contexts = contexts(TLSW_TLS_1_3);
    contexts.0.set_keylog_file(Some(path)).unwrap();
    contexts
}

fn connect((client, server): &(Ctx, Ctx)) {
    drop(Pair::connected(client, server, Some("localhost")));
}

/// Each is a comment, or a label, a random and a secret.
fn are_whole<'a>(lines: impl IntoIterator<Item = &'a str>) -> usize {
    let whole = |line: &str| {
        let parts: Vec<&str> = line.split(' ').collect();
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.len() == 3
            && (hex(parts[1]) && parts[1].len() == 64)
            && (hex(parts[2]) && [64, 96].contains(&parts[2].len()))
    };
    let lines = lines.into_iter().filter(|line| !line.starts_with('#'));
    lines.inspect(|line| assert!(whole(line), "{line:?}")).count()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn make_fifo(path: &Path) {
    let path = c_path(path);
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

/// A reader of a FIFO, which does not wait.
fn reader(path: &Path) -> fs::File {
    fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).unwrap()
}

/// How often SIGPIPE or SIGXFSZ came.
static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn came(_: c_int) {
    SIGNALS.fetch_add(1, Ordering::SeqCst);
}

/// Has the signals counted.
fn count_signals() {
    for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = came as extern "C" fn(c_int) as *const c_void as usize;
            assert_eq!(libc::sigaction(signal, &raw const action, null_mut()), 0);
        }
    }
}

/// Whether a signal is blocked in this thread, and whether it waits.
fn state(signal: c_int) -> (bool, bool) {
    unsafe {
        let (mut mask, mut pending) = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut mask);
        libc::sigpending(&raw mut pending);
        let is_in = |set: *const libc::sigset_t| libc::sigismember(set, signal) == 1;
        (is_in(&raw const mask), is_in(&raw const pending))
    }
}

#[test]
fn a_pipe_whose_reader_left_raises_no_signal() {
    count_signals();
    let pipe = Scratch::new("fifo-left");
    make_fifo(&pipe.0);
    let mut program = reader(&pipe.0);
    let contexts = logging(&pipe.0);
    connect(&contexts);
    let mut text = String::new();
    // It does not end while the context is there.
    let error = program.read_to_string(&mut text).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(are_whole(text.lines()), LINES);
    drop(program);
    connect(&contexts);
    assert_eq!(SIGNALS.load(Ordering::SeqCst), 0);
    for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
        assert_eq!(state(signal), (false, false));
    }
    // The test can see one.
    let (end, other) = std::os::unix::net::UnixStream::pair().unwrap();
    drop(other);
    unsafe {
        use std::os::fd::AsRawFd;
        libc::write(end.as_raw_fd(), [0].as_ptr().cast(), 1);
    }
    assert_eq!(SIGNALS.load(Ordering::SeqCst), 1);
}

#[test]
fn a_pipe_that_is_full_keeps_nobody() {
    let pipe = Scratch::new("fifo-full");
    make_fifo(&pipe.0);
    let mut program = reader(&pipe.0);
    let contexts = logging(&pipe.0);
    // A pipe holds 64 KiB, and a line has at least 140 bytes.
    for _ in 0..110 {
        connect(&contexts);
    }
    let mut text = Vec::new();
    let error = program.read_to_end(&mut text).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    let text = String::from_utf8(text).unwrap();
    assert!(text.ends_with('\n'));
    let lines = are_whole(text.lines());
    assert!((100..110 * LINES).contains(&lines), "{lines}");
    // With room again, lines are written again.
    connect(&contexts);
    let mut text = [0; 4096];
    let n = program.read(&mut text).unwrap();
    assert_eq!(are_whole(std::str::from_utf8(&text[..n]).unwrap().lines()), LINES);
}

#[test]
fn a_pipe_that_nobody_reads_yet_holds_lines_for_who_does() {
    let pipe = Scratch::new("fifo-unread");
    make_fifo(&pipe.0);
    let contexts = logging(&pipe.0);
    connect(&contexts);
    let mut program = reader(&pipe.0);
    let mut text = [0; 4096];
    let n = program.read(&mut text).unwrap();
    assert_eq!(are_whole(std::str::from_utf8(&text[..n]).unwrap().lines()), LINES);
    // What is no file, pipe or device.
    let directory = Directory::new("socket", 0o755);
    let path = directory.0.join("s");
    let Ok(_socket) = std::os::unix::net::UnixListener::bind(&path) else {
        return eprintln!("skipped: the path is too long for a socket's");
    };
    let error = contexts.0.set_keylog_file(Some(&path)).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::ENXIO));
}

/// Runs `work`, which changes what belongs to the process, in a process of its own: the test of
/// this name.
fn in_a_child(name: &str, work: impl FnOnce()) {
    const CHILD: &str = "TLSW_TEST_KEY_LOG";
    if std::env::var_os(CHILD).is_some() {
        return work();
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output =
        child.args(["--exact", name, "--test-threads=1"]).env(CHILD, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{}\n{text}", output.status);
}

#[test]
fn a_file_that_may_not_grow_holds_whole_lines() {
    in_a_child("a_file_that_may_not_grow_holds_whole_lines", || {
        let file = Scratch::new("full");
        let contexts = logging(&file.0);
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut before) }, 0);
        let limit = |bytes| {
            let limit = libc::rlimit { rlim_cur: bytes, rlim_max: before.rlim_max };
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) }, 0);
        };
        // SIGXFSZ would end the process. The limits are somewhere in a line.
        let mut lines = 0;
        for bytes in [100, 333, 400, 777] {
            limit(bytes);
            for _ in 0..2 {
                connect(&contexts);
                assert!(are_whole(file.lines().iter().map(String::as_str)) >= lines);
            }
            lines = file.lines().len() - 1;
        }
        assert!((2..LINES).contains(&lines), "{lines}");
        limit(before.rlim_cur);
        connect(&contexts);
        assert_eq!(are_whole(file.lines().iter().map(String::as_str)), lines + LINES);
    });
}

#[test]
fn what_others_left_of_a_line_stands_alone() {
    let file = Scratch::new("torn");
    fs::write(&file.0, "# a comment\nCLIENT_RANDOM 0123").unwrap();
    connect(&logging(&file.0));
    let lines = file.lines();
    assert_eq!(lines[..2], ["# a comment", "CLIENT_RANDOM 0123"]);
    assert_eq!(are_whole(lines[2..].iter().map(String::as_str)), LINES);
}

#[test]
fn a_file_of_ours_is_closed_to_others() {
    let file = Scratch::new("modes");
    for (before, after) in [(0o666, 0o660), (0o644, 0o640), (0o600, 0o600), (0o640, 0o640)] {
        fs::write(&file.0, "# a comment\n").unwrap();
        fs::set_permissions(&file.0, Permissions::from_mode(before)).unwrap();
        Ctx::new(TLSW_CLIENT).set_keylog_file(Some(&file.0)).unwrap();
        assert_eq!(mode(&file.0), after, "{before:o}");
    }
}

/// A directory with this mode, which goes with the value.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str, mode: u32) -> Self {
        let path = Scratch::new(name).0.clone();
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn where_everybody_may_make_files_only_our_own_is_taken() {
    let ctx = Ctx::new(TLSW_CLIENT);
    let set = |path: &Path| ctx.set_keylog_file(Some(path));
    let refused = |path: &Path, why: &str| {
        let error = set(path).unwrap_err();
        assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, libc::EACCES), "{error:?}");
        assert!(error.message.contains(why), "{}", error.message);
        assert!(error.message.contains(path.to_str().unwrap()), "{}", error.message);
    };
    for bits in [0o1777, 0o777] {
        let directory = Directory::new("shared", bits);
        let at = |name: &str| directory.0.join(name);
        set(&at("new")).unwrap();
        set(&at("new")).unwrap();
        assert_eq!(mode(&at("new")), 0o600);
        symlink(at("new"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        refused(&at("link"), "symbolic link");
        refused(&at("dangling"), "symbolic link");
        assert!(!at("nothing").exists());
        // A second name of a file that may be anywhere.
        fs::hard_link(at("new"), at("second")).unwrap();
        refused(&at("second"), "another user");
        // Only root can give files away.
        if unsafe { libc::geteuid() } == 0 {
            fs::write(at("theirs"), "").unwrap();
            std::os::unix::fs::chown(at("theirs"), Some(65534), None).unwrap();
            refused(&at("theirs"), "another user");
            make_fifo(&at("pipe"));
            let _reader = reader(&at("pipe"));
            std::os::unix::fs::chown(at("pipe"), Some(65534), None).unwrap();
            refused(&at("pipe"), "another user");
        }
    }
    // Where only some may, a link is followed.
    let directory = Directory::new("own", 0o755);
    let at = |name: &str| directory.0.join(name);
    symlink(at("file"), at("link")).unwrap();
    set(&at("link")).unwrap();
    assert_eq!(mode(&at("file")), 0o600);
}
