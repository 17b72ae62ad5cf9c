//! Programs of other people as peers: started for one test, listened to, and ended with it.
#![allow(dead_code, reason = "each test uses its own part")]

use std::io::{ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use crate::support::*;

/// How long anything a peer does may take before the test gives it up. A healthy one takes
/// milliseconds; the rest is for machines with other things to do.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A program that must be there. `package` is the Debian package it comes in.
pub fn tool(program: &str, package: &str) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    assert!(there, "{program} is not installed; it comes in the package {package}");
    Command::new(program)
}

/// `openssl` with a command and its arguments. Files are named from the test PKI's directory.
pub fn openssl(arguments: &[&str]) -> Command {
    let mut command = tool("openssl", "openssl");
    command.args(arguments).current_dir(pki(""));
    command
}

/// What a program has printed so far, collected by a thread, so that it can always go on.
#[derive(Clone, Default)]
struct Output(Arc<Collected>);

#[derive(Default)]
struct Collected {
    now: Mutex<Heard>,
    changed: Condvar,
}

#[derive(Default)]
struct Heard {
    text: Vec<u8>,
    ended: bool,
}

impl Output {
    fn of(mut stream: impl std::io::Read + Send + 'static) -> Self {
        let output = Self::default();
        let shared = output.clone();
        spawn(move || {
            let mut room = [0; 65536];
            loop {
                let n = match stream.read(&mut room) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(_) => 0,
                    Ok(n) => n,
                };
                let mut heard = shared.0.now.lock().unwrap();
                heard.text.extend_from_slice(&room[..n]);
                heard.ended = n == 0;
                shared.0.changed.notify_all();
                if heard.ended {
                    return;
                }
            }
        });
        output
    }

    /// Waits until `enough` finds what it looks for, and gives what it made of it; `None` if the
    /// stream ended before, or patience did.
    fn wait<T>(&self, mut enough: impl FnMut(&Heard) -> Option<T>) -> Option<T> {
        let until = Instant::now() + PATIENCE;
        let mut heard = self.0.now.lock().unwrap();
        loop {
            if let Some(found) = enough(&heard) {
                return Some(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if heard.ended || left.is_zero() {
                return None;
            }
            heard = self.0.changed.wait_timeout(heard, left).unwrap().0;
        }
    }

    fn so_far(&self) -> Vec<u8> {
        self.0.now.lock().unwrap().text.clone()
    }
}

/// A running program.
pub struct Peer {
    child: Child,
    stdin: Option<ChildStdin>,
    feeder: Option<JoinHandle<Option<ChildStdin>>>,
    stdout: Output,
    stderr: Output,
}

/// A program that has ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ended {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The same, if all went well.
    #[track_caller]
    pub fn well(self) -> Self {
        assert!(self.status.success(), "{}\n{}{}", self.status, self.text(), self.stderr);
        self
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            stdin: child.stdin.take(),
            feeder: None,
            stdout: Output::of(child.stdout.take().unwrap()),
            stderr: Output::of(child.stderr.take().unwrap()),
            child,
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Both streams, for messages.
    pub fn words(&self) -> String {
        let said = |output: &Output| {
            let text = output.so_far();
            let text = String::from_utf8_lossy(&text);
            // Data of a transfer says nothing.
            let is_data = |line: &&str| line.len() > 32 && line.bytes().all(|c| c.is_ascii_digit());
            let lines: Vec<&str> = text.lines().filter(|line| !is_data(line)).collect();
            lines.join("\n")
        };
        format!("{}\n-- on stderr --\n{}", said(&self.stdout), said(&self.stderr))
    }

    /// Waits until `needle` stands on standard output.
    #[track_caller]
    pub fn wait_for(&self, needle: &[u8]) {
        self.wait_on(&self.stdout, needle);
    }

    /// The same on standard error.
    #[track_caller]
    pub fn wait_for_error(&self, needle: &str) {
        self.wait_on(&self.stderr, needle.as_bytes());
    }

    /// Waits until `needle` has stood on standard error so many times.
    #[track_caller]
    pub fn wait_for_error_times(&self, needle: &str, times: usize) {
        let enough = |text: &[u8]| String::from_utf8_lossy(text).matches(needle).count() >= times;
        let found = self.stderr.wait(|heard| enough(&heard.text).then_some(()));
        assert!(found.is_some(), "{needle:?} not {times} times; it said:\n{}", self.words());
    }

    #[track_caller]
    fn wait_on(&self, output: &Output, needle: &[u8]) {
        let found = output.wait(|heard| find(&heard.text, needle));
        assert!(
            found.is_some(),
            "waited for {:?} in vain; it said:\n{}",
            String::from_utf8_lossy(&needle[..needle.len().min(80)]),
            self.words()
        );
    }

    /// Waits for the first whole line of standard output that begins with `start`, and gives its
    /// rest.
    #[track_caller]
    pub fn wait_for_line(&self, start: &str) -> String {
        let found = self.stdout.wait(|heard| {
            let text = String::from_utf8_lossy(&heard.text);
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            let line = whole.lines().find_map(|line| line.strip_prefix(start));
            line.map(str::to_owned)
        });
        found.unwrap_or_else(|| panic!("no line begins with {start:?}; it said:\n{}", self.words()))
    }

    /// Gives it something to read, without waiting until it has.
    pub fn feed(&mut self, data: &[u8]) {
        let stdin = match self.feeder.take() {
            Some(feeder) => feeder.join().unwrap(),
            None => self.stdin.take(),
        };
        let data = data.to_vec();
        self.feeder = Some(spawn(move || {
            let mut stdin = stdin?;
            // It may end before it has read everything; what it then said tells more.
            stdin.write_all(&data).and_then(|()| stdin.flush()).ok()?;
            Some(stdin)
        }));
    }

    /// The end of what it reads.
    pub fn close_stdin(&mut self) {
        if let Some(feeder) = self.feeder.take() {
            drop(feeder.join().unwrap());
        }
        self.stdin = None;
    }

    /// Ends it as a crash would: nothing is said, the kernel closes its sockets.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        self.close_stdin();
        let ended = |heard: &Heard| heard.ended.then_some(());
        let silent = self.stdout.wait(ended).is_some() && self.stderr.wait(ended).is_some();
        assert!(silent, "it does not end; it said:\n{}", self.words());
        Ended {
            status: self.child.wait().unwrap(),
            stdout: self.stdout.so_far(),
            stderr: String::from_utf8_lossy(&self.stderr.so_far()).into_owned(),
        }
    }
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if text.len() < needle.len() {
        return None;
    }
    // A needle of megabytes is compared only where its first line begins.
    let first = needle.split_inclusive(|byte| *byte == b'\n').next()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.windows(first.len()).position(|here| here == first) {
        if text[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// Runs a program to its end, which must be a good one.
#[track_caller]
pub fn run(command: Command) -> Ended {
    Peer::start(command).end().well()
}

/// A server and the port of 127.0.0.1 that it listens on.
pub struct Server {
    pub peer: Peer,
    pub port: u16,
}

/// `openssl s_server` with the certificate NAME of the test PKI, its intermediate, and more
/// arguments.
pub fn openssl_server(name: &str, more: &[&str]) -> Server {
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key.pem"));
    let mut command = openssl(&["s_server", "-accept", "127.0.0.1:0"]);
    command.args(["-cert", &certificate, "-key", &key, "-cert_chain", "intermediate.pem"]);
    command.args(more);
    let peer = Peer::start(command);
    let port = peer.wait_for_line("ACCEPT 127.0.0.1:").trim().parse().unwrap();
    Server { peer, port }
}

/// `gnutls-serv` as an echo with the chain NAME of the test PKI, one set of versions, and more
/// arguments.
pub fn gnutls_server(name: &str, version: i32, more: &[&str]) -> Server {
    let (chain, key) = (format!("{name}.chain.pem"), format!("{name}.key.pem"));
    let identity = ["--x509certfile", &chain, "--x509keyfile", &key];
    gnutls_echo(gnutls(version), &[&identity, more].concat())
}

/// `gnutls-serv` as an echo, with a priority string and more arguments.
pub fn gnutls_echo(priority: &str, more: &[&str]) -> Server {
    let mut command = tool("gnutls-serv", "gnutls-bin");
    command.current_dir(pki("")).args(["--echo", "--port", "0", "--priority", priority]).args(more);
    let peer = Peer::start(command);
    peer.wait_for_error("IPv4 0.0.0.0 port 0...done");
    // It does not tell the number that it was given; the system does.
    let port = listening_port(peer.id());
    Server { peer, port }
}

/// The versions that `gnutls-serv` and `gnutls-cli` are to speak.
pub fn gnutls(version: i32) -> &'static str {
    match version {
        TLSW_TLS_1_2 => "NORMAL:-VERS-ALL:+VERS-TLS1.2",
        TLSW_TLS_1_3 => "NORMAL:-VERS-ALL:+VERS-TLS1.3",
        other => panic!("no priority for 0x{other:x}"),
    }
}

/// The port that a process listens on over IPv4, from its descriptors and the system's table.
fn listening_port(process: u32) -> u16 {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = table.lines().skip(1).find_map(|line| {
        const LISTEN: &str = "0A";
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields[3] == LISTEN && sockets.iter().any(|inode| inode == fields[9]);
        let port = fields[1].split_once(':')?.1;
        ours.then(|| u16::from_str_radix(port, 16).unwrap())
    });
    port.expect("a listening socket of the process")
}

/// A connection over TCP, and the socket under it.
pub struct Wired {
    pub conn: Conn,
    pub socket: TcpStream,
}

impl Wired {
    fn new(ctx: &Ctx, socket: TcpStream, role: u32, name: Option<&str>) -> Self {
        let conn = ctx.wrap_fd(socket.as_raw_fd(), role, name).unwrap();
        conn.set_timeout(PATIENCE.as_millis().try_into().unwrap()).unwrap();
        Self { conn, socket }
    }

    /// Our client, connected to a server, before the handshake.
    pub fn client(ctx: &Ctx, server: &Server) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        Self::new(ctx, socket, TLSW_CLIENT, Some("localhost"))
    }

    /// Our server, with the next client of `listener`, before the handshake.
    #[track_caller]
    pub fn server(ctx: &Ctx, listener: &TcpListener, client: &Peer) -> Self {
        listener.set_nonblocking(true).unwrap();
        let until = Instant::now() + PATIENCE;
        let socket = loop {
            match listener.accept() {
                Ok((socket, _)) => break socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(Instant::now() < until, "nobody came; it said:\n{}", client.words());
                    wait_readable(listener.as_raw_fd());
                }
                Err(error) => panic!("{error}"),
            }
        };
        socket.set_nonblocking(false).unwrap();
        Self::new(ctx, socket, TLSW_SERVER, None)
    }
}

fn wait_readable(fd: i32) {
    let mut ask = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    unsafe { libc::poll(&mut ask, 1, 1_000) };
}

/// A place for clients to come to.
pub fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Lines of digits, `len` bytes of them: text that no peer takes for a command, and in which
/// nothing repeats that could be taken for something else.
pub fn digits(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (1..=len)
        .map(|i| {
            if i % 64 == 0 || i == len {
                return b'\n';
            }
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            b'0' + u8::try_from(state % 10).unwrap()
        })
        .collect()
}

/// The certificates among the PEM blocks of a text.
pub fn certificates(text: &[u8]) -> Vec<Vec<u8>> {
    tlswrap::pem::blocks(text)
        .map(|block| block.unwrap())
        .filter(|block| block.is_certificate())
        .map(|block| block.decode().unwrap())
        .collect()
}
