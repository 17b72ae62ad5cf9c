//! The certificate of a server, fetched in one call.

mod support;
use support::*;

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How the calls that should succeed are bounded: long enough for any machine.
const LONG: i64 = 30_000;

fn fetch(
    host: &str,
    port: u16,
    protocol: u32,
    ca: Option<&Path>,
    timeout: i64,
) -> Result<String, Error> {
    let (host, ca, mut pem) = (c(host), ca.map(c_path), empty());
    let ca = ca.as_ref().map_or(null(), |ca| ca.as_ptr());
    call(|err| unsafe {
        tlsw_get_server_certificate(host.as_ptr(), port, protocol, ca, timeout, &mut pem, err)
    })?;
    Ok(String::from_utf8(take(pem)).unwrap())
}

fn get(host: &str, port: u16, ca: Option<&Path>) -> Result<String, Error> {
    fetch(host, port, TLSW_PROTOCOL_TLS_CLIENT, ca, LONG)
}

/// A server that shakes hands with `times` clients, and the versions they came to.
fn serve(name: &str, address: &str, times: usize) -> (u16, JoinHandle<Vec<Result<String, Error>>>) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let ctx = Ctx::server(name);
    let server = std::thread::spawn(move || {
        let one = |_| {
            let (socket, _) = listener.accept().unwrap();
            let conn = ctx.wrap_fd(socket.as_raw_fd(), TLSW_SERVER, None).unwrap();
            conn.set_timeout(LONG).unwrap();
            conn.handshake().map(|_| conn.version().unwrap().to_owned())
        };
        (0..times).map(one).collect()
    });
    (port, server)
}

fn leaf(name: &str) -> String {
    tlswrap::pem::encode("CERTIFICATE", &pki_ders(&format!("{name}.pem"))[0])
}

#[test]
fn it_is_the_pem_that_python_gets() {
    let (port, server) = serve("localhost", "127.0.0.1", 2);
    let ours = get("127.0.0.1", port, None).unwrap();
    let program =
        format!("import ssl\nprint(end=ssl.get_server_certificate(('127.0.0.1', {port})))");
    assert_eq!(ours, python(&program, ""));
    assert_eq!(ours, leaf("localhost"));
    assert!(server.join().unwrap().iter().all(|version| version.as_deref() == Ok("TLSv1.3")));
}

#[test]
fn without_cas_nothing_is_verified() {
    for name in ["expired", "self-signed", "cn-only"] {
        let (port, server) = serve(name, "127.0.0.1", 1);
        assert_eq!(get("localhost", port, None).as_deref(), Ok(&*leaf(name)), "{name}");
        server.join().unwrap();
    }
}

#[test]
fn with_cas_it_must_verify_but_carry_no_name() {
    let (root, other) = (pki("root.pem"), pki("untrusted-root.pem"));
    let (port, server) = serve("cn-only", "127.0.0.1", 1);
    assert_eq!(get("127.0.0.1", port, Some(&root)).as_deref(), Ok(&*leaf("cn-only")));
    server.join().unwrap();
    for (name, ca, code) in [("localhost", &other, 20), ("expired", &root, 10)] {
        let (port, server) = serve(name, "127.0.0.1", 1);
        let error = get("localhost", port, Some(ca)).unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, code), "{error:?}");
        assert!(server.join().unwrap().iter().all(Result::is_err));
    }
}

#[test]
fn a_file_of_cas_that_is_none_is_told_before_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let missing = get("127.0.0.1", port, Some(&PathBuf::from("/no/such/file"))).unwrap_err();
    assert_eq!((missing.status, missing.os_error), (TLSW_ERR_IO, 2));
    let key = get("127.0.0.1", port, Some(&pki("localhost.key.pem"))).unwrap_err();
    assert_eq!(key.status, TLSW_ERR_DECODE);
    assert!(listener.accept().is_err());
}

#[test]
fn it_works_over_ipv6() {
    let (port, server) = serve("localhost", "::1", 1);
    assert_eq!(get("::1", port, Some(&pki("root.pem"))).as_deref(), Ok(&*leaf("localhost")));
    server.join().unwrap();
}

#[test]
fn every_address_of_a_name_is_tried() {
    // Whichever of the two the system puts first, one of these two has it last.
    for address in ["127.0.0.1", "::1"] {
        let resolved = std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 0)).unwrap();
        if resolved.into_iter().any(|found| found.ip().to_string() == address) {
            let (port, server) = serve("localhost", address, 1);
            assert_eq!(get("localhost", port, None).as_deref(), Ok(&*leaf("localhost")));
            server.join().unwrap();
        }
    }
}

#[test]
fn a_protocol_insists_on_its_version() {
    let (port, server) = serve("localhost", "127.0.0.1", 2);
    for protocol in [TLSW_PROTOCOL_TLSV1_2, TLSW_PROTOCOL_TLS] {
        fetch("localhost", port, protocol, None, LONG).unwrap();
    }
    let versions: Vec<_> = server.join().unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!(versions, ["TLSv1.2", "TLSv1.3"]);
    // The server speaks nothing below TLS 1.2.
    for protocol in [TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1] {
        let (port, server) = serve("localhost", "127.0.0.1", 1);
        let error = fetch("localhost", port, protocol, None, LONG).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_TLS, "{error:?}");
        assert!(server.join().unwrap().iter().all(Result::is_err));
    }
    for (protocol, status, message) in [
        (TLSW_PROTOCOL_SSLV2, TLSW_ERR_UNSUPPORTED, "protocol SSLv2 is not available"),
        (TLSW_PROTOCOL_SSLV3, TLSW_ERR_UNSUPPORTED, "protocol SSLv3 is not available"),
        (
            TLSW_PROTOCOL_TLS_SERVER,
            TLSW_ERR_ARGUMENT,
            "protocol: TLSW_PROTOCOL_TLS_SERVER is not for a client",
        ),
        (42, TLSW_ERR_ARGUMENT, "protocol: 42 is none of TLSW_PROTOCOL_*"),
    ] {
        let error = fetch("localhost", 1, protocol, None, LONG).unwrap_err();
        assert_eq!((error.status, &*error.message), (status, message));
    }
}

/// What a client sends first, to a server that then leaves.
fn hello(host: &str) -> (Vec<u8>, Error) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut socket: TcpStream = listener.accept().unwrap().0;
        let mut header = [0; 5];
        socket.read_exact(&mut header).unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        socket.read_exact(&mut hello).unwrap();
        hello
    });
    let error = get(host, port, None).unwrap_err();
    (server.join().unwrap(), error)
}

#[test]
fn a_name_is_sent_and_an_address_is_not() {
    let contains = |hello: &[u8], text: &str| {
        hello.windows(text.len()).any(|window| window == text.as_bytes())
    };
    let (sent, error) = hello("localhost");
    assert!(contains(&sent, "localhost"));
    assert_eq!(error.status, TLSW_ERR_EOF);
    let (sent, _) = hello("127.0.0.1");
    assert!(!contains(&sent, "127.0.0.1"));
}

#[test]
fn one_deadline_is_for_all_of_it() {
    // The system accepts for a listener that never does, and nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let started = Instant::now();
    let error = fetch("127.0.0.1", port, TLSW_PROTOCOL_TLS_CLIENT, None, 200).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_TIMEOUT);
    let took = started.elapsed();
    assert!((Duration::from_millis(200)..Duration::from_secs(20)).contains(&took), "{took:?}");
}

#[test]
fn nobody_there_is_an_error_of_the_system() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = get("127.0.0.1", port, None).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, 111));
    assert!(error.message.contains(&format!("127.0.0.1 port {port}")), "{}", error.message);
    // A name that is one, and is nobody's (RFC 6761); and one that is none.
    assert_eq!(get("nobody.invalid", 443, None).unwrap_err().status, TLSW_ERR_IO);
    assert_eq!(get(&"x".repeat(300), 443, None).unwrap_err().status, TLSW_ERR_ARGUMENT);
}

#[test]
fn wrong_arguments_are_told() {
    let (host, mut pem) = (c("localhost"), empty());
    let any = TLSW_PROTOCOL_TLS_CLIENT;
    for refused in [
        fetch("", 443, any, None, LONG).map(|_| ()),
        fetch("localhost", 443, any, None, 0).map(|_| ()),
        call(|err| unsafe {
            tlsw_get_server_certificate(null(), 443, any, null(), LONG, &mut pem, err)
        })
        .map(|_| ()),
        call(|err| unsafe {
            tlsw_get_server_certificate(host.as_ptr(), 443, any, null(), LONG, null_mut(), err)
        })
        .map(|_| ()),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
    assert!(pem.data.is_null());
}
