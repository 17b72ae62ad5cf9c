//! tlswrap side by side with BoringSSL used the plain way, OpenSSL and rustls, all in one thread of
//! one process. `make bench` runs it; docs/speed.md says what the numbers mean.
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_transmute_annotations, // the fields have the types
)]

#[path = "speed/heap.rs"]
mod heap;
#[path = "speed/library.rs"]
mod library;
#[path = "speed/libssl.rs"]
mod libssl;
#[path = "speed/measure.rs"]
mod measure;
#[path = "speed/ours.rs"]
mod ours;
#[path = "../tests/pki/pki.rs"]
mod pki;
#[path = "speed/tls_in_rust.rs"]
mod tls_in_rust;

use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::net::UnixStream;

use library::{Case, End, Key, Kind, Library, Over, PLAIN, Version};
use measure::{Measured, Work, side_by_side};

const RECORD: usize = 16 * 1024;

/// A connected pair of sockets that do not block.
struct Sockets(UnixStream, UnixStream);

impl Sockets {
    fn new() -> Self {
        let (one, other) = UnixStream::pair().unwrap();
        one.set_nonblocking(true).unwrap();
        other.set_nonblocking(true).unwrap();
        Self(one, other)
    }

    fn fds(&self) -> [RawFd; 2] {
        [self.0.as_raw_fd(), self.1.as_raw_fd()]
    }

    fn over(&self, way: &str) -> Over {
        match way {
            "memory" => Over::Memory,
            "socket" => Over::Fd(self.fds()),
            _ => Over::FdAhead(self.fds()),
        }
    }
}

/// The libraries, BoringSSL first: the others' ratios are to it.
type Libraries = [Box<dyn Library>];

struct Table<'a> {
    libraries: &'a Libraries,
    rounds: usize,
    /// Only rows with this in their name.
    only: &'a str,
}

impl Table<'_> {
    fn wants(&self, name: &str) -> bool {
        name.contains(self.only)
    }

    fn chapter(&self, title: &str, unit: &str) {
        println!("\n{title}: {unit}, and the speed in proportion to BoringSSL's");
        print!("{:44}", "");
        for library in self.libraries {
            print!("{:>20}", library.name());
        }
        println!();
    }

    fn row(&self, name: &str, works: Vec<Option<Work<'_>>>, show: impl Fn(f64) -> String) {
        let there: Vec<bool> = works.iter().map(Option::is_some).collect();
        let works = works.into_iter().flatten().collect();
        let mut measured = side_by_side(works, self.rounds).into_iter();
        print!("{name:44}");
        for there in there {
            match there.then(|| measured.next()).flatten() {
                Some(Measured { ns, ratio }) => {
                    print!("{:>20}", format!("{}  {ratio:.2}", show(ns)))
                }
                None => print!("{:>20}", "-"),
            }
        }
        println!();
    }
}

fn micros(ns: f64) -> String {
    format!("{:.1}", ns / 1000.0)
}

fn handshakes(table: &Table<'_>) {
    table.chapter("Handshakes in memory, both ends, connections made and freed", "µs");
    for (kind, kind_name) in
        [(Kind::Verified, "verified"), (Kind::Mutual, "mutual"), (Kind::Resumed, "resumed")]
    {
        for (key, key_name) in [(Key::Ecdsa, "ECDSA"), (Key::Rsa, "RSA")] {
            for (version, version_name) in [(Version::Tls12, "1.2"), (Version::Tls13, "1.3")] {
                let name = format!("handshake TLS {version_name} {key_name} {kind_name}");
                if !table.wants(&name) {
                    continue;
                }
                let case = Case { key, version, kind };
                let works = table.libraries.iter().map(|library| {
                    let contexts = library.contexts(&case);
                    drop(contexts.connect(Over::Memory)); // gets the session
                    Some(Work::new(move || drop(contexts.connect(Over::Memory))))
                });
                table.row(&name, works.collect(), micros);
            }
        }
    }
}

fn data(table: &Table<'_>) {
    let megabytes = |len: usize| move |ns: f64| format!("{:.0}", len as f64 * 1000.0 / ns);
    let connect = |way: &'static str| {
        table.libraries.iter().map(move |library| {
            let sockets = Sockets::new();
            // The contexts may go: connections keep what they need.
            let pair = library.contexts(&PLAIN).connect(sockets.over(way));
            (sockets, pair)
        })
    };
    table.chapter("Bulk, sent and received in turn", "MB/s");
    for (way, len) in
        [("memory", RECORD), ("socket", 4 * RECORD), ("socket, read ahead", 4 * RECORD)]
    {
        for (from, to, direction) in
            [(End::Client, End::Server, "up"), (End::Server, End::Client, "down")]
        {
            let name = format!("bulk {direction}, {way}");
            if !table.wants(&name) {
                continue;
            }
            let works = connect(way).map(|(sockets, mut pair)| {
                let (data, mut room) = (vec![7; len], vec![0; len]);
                Some(Work::new(move || {
                    let _ = &sockets; // stay open
                    pair.send(from, &data);
                    pair.receive(to, &mut room);
                }))
            });
            table.row(&name, works.collect(), megabytes(len));
        }
    }
    table.chapter("Round trips of 64 bytes each way", "µs");
    for way in ["memory", "socket", "socket, read ahead"] {
        let name = format!("round trip, {way}");
        if !table.wants(&name) {
            continue;
        }
        let works = connect(way).map(|(sockets, mut pair)| {
            let mut small = [7; 64];
            Some(Work::new(move || {
                let _ = &sockets; // stay open
                pair.send(End::Client, &small);
                pair.receive(End::Server, &mut small);
                pair.send(End::Server, &small);
                pair.receive(End::Client, &mut small);
            }))
        });
        table.row(&name, works.collect(), |ns| format!("{:.2}", ns / 1000.0));
    }
}

fn preparations(table: &Table<'_>) {
    if table.wants("default client context") {
        table.chapter("A client's context with the system's roots, and a first connection", "µs");
        let works = table.libraries.iter().map(|library| library.default_client().map(Work::new));
        table.row("default client context", works.collect(), micros);
    }
    if table.wants("chain of three") {
        let measured = side_by_side(vec![Work::new(ours::chain_of_three())], table.rounds);
        println!(
            "\nGetting the chain of three that a server sent, tlswrap alone: {:.0} ns",
            measured[0].ns
        );
    }
}

fn heap(table: &Table<'_>) {
    if table.wants("heap") {
        println!("\nHeap of an idle connection over a socket, both ends together: bytes");
        for library in table.libraries {
            let contexts = library.contexts(&PLAIN);
            let sockets: Vec<_> = (0..21).map(|_| Sockets::new()).collect();
            let mut pairs = Vec::with_capacity(21);
            pairs.push(contexts.connect(Over::Fd(sockets[0].fds())));
            let (_, grown) = heap::counted(|| {
                for sockets in &sockets[1..] {
                    let mut pair = contexts.connect(Over::Fd(sockets.fds()));
                    // Tickets, and what waits for the first bytes.
                    for (from, to) in [(End::Client, End::Server), (End::Server, End::Client)] {
                        pair.send(from, b"hello");
                        pair.receive(to, &mut [0; 5]);
                    }
                    pairs.push(pair);
                }
            });
            println!("{:44}{:>20}", library.name(), grown / 20);
        }
    }
    if table.wants("allocations") {
        println!("\nAllocations in 1,000 writes and 1,000 reads, after a first one");
        for library in table.libraries {
            print!("{:44}", library.name());
            for (way, len) in
                [("memory", 64), ("memory", RECORD), ("socket", RECORD), ("socket, ahead", RECORD)]
            {
                let sockets = Sockets::new();
                let mut pair = library.contexts(&PLAIN).connect(sockets.over(way));
                let (data, mut room) = (vec![7; len], vec![0; len]);
                let mut pass = |times: usize| {
                    for _ in 0..times {
                        pair.send(End::Server, &data);
                        pair.receive(End::Client, &mut room);
                    }
                };
                pass(2);
                let (calls, _) = heap::counted(|| pass(1000));
                print!("  {way} {len}: {calls}");
            }
            println!();
        }
    }
}

fn main() {
    // Cargo hands over `--bench`; what else is given is a part of the names of the rows to measure.
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let rounds = std::env::var("BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(15);
    pki::make(&library::pki("")).unwrap();
    let mut libraries: Vec<Box<dyn Library>> =
        vec![Box::new(libssl::boringssl()), Box::new(ours::Ours)];
    match libssl::openssl() {
        Some(openssl) => libraries.push(Box::new(openssl)),
        None => println!("There is no libssl.so.3 here to compare with."),
    }
    libraries.push(Box::new(tls_in_rust::Rustls));
    // For a profiler, which is told more by one of them.
    if let Ok(name) = std::env::var("BENCH_LIBRARY") {
        libraries.retain(|library| library.name() == name);
    }
    let table = Table { libraries: &libraries, rounds, only: &only };
    handshakes(&table);
    data(&table);
    preparations(&table);
    heap(&table);
}
