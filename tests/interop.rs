//! With the TLS of others: OpenSSL, GnuTLS, curl and Python, as servers and as clients.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{
    Peer, Server, Wired, certificates, digits, gnutls, gnutls_server, listener, openssl,
    openssl_server, tool,
};

use std::fmt;

const MEGABYTE: usize = 1 << 20;

// Alerts (RFC 8446, section 6).
const HANDSHAKE_FAILURE: i32 = 40;
const UNKNOWN_CA: i32 = 48;
const PROTOCOL_VERSION: i32 = 70;
const NO_RENEGOTIATION: i32 = 100;
const NO_APPLICATION_PROTOCOL: i32 = 120;

/// A handshake to try with everyone.
#[derive(Clone, Copy)]
struct Case {
    version: i32,
    /// Whose chain the server shows.
    server: &'static str,
    mutual: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mutual = if self.mutual { ", mutual" } else { "" };
        write!(f, "{}, {}{mutual}", self.name(), self.server)
    }
}

impl Case {
    /// Both versions, RSA and ECDSA, without and with a client's certificate.
    fn all() -> impl Iterator<Item = Self> {
        let keys = ["rsa", "localhost"];
        VERSIONS.into_iter().flat_map(move |version| {
            keys.into_iter().flat_map(move |server| {
                [false, true].map(|mutual| Self { version, server, mutual })
            })
        })
    }

    fn is_1_3(&self) -> bool {
        self.version == TLSW_TLS_1_3
    }

    fn name(&self) -> &'static str {
        if self.is_1_3() { "TLSv1.3" } else { "TLSv1.2" }
    }

    /// OpenSSL's option for the version.
    fn option(&self) -> &'static str {
        if self.is_1_3() { "-tls1_3" } else { "-tls1_2" }
    }

    /// Our client for it.
    fn client(&self) -> Ctx {
        let client = Ctx::client("root.pem");
        if self.mutual {
            client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        }
        client
    }

    /// Our server for it. It speaks all versions: the peer decides.
    fn server(&self) -> Ctx {
        let server = Ctx::server(self.server);
        if self.mutual {
            server.load_ca_file(&pki("root.pem")).unwrap();
            server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        }
        server
    }

    fn server_chain(&self) -> Vec<Vec<u8>> {
        pki_ders(&format!("{}.chain.pem", self.server))
    }

    /// What every handshake of it must have come to, on either side.
    #[track_caller]
    fn check(&self, conn: &Conn, role: u32) {
        assert_eq!(conn.version(), Some(self.name()), "{self}");
        let cipher = conn.cipher().unwrap();
        assert!(
            cipher.contains("_GCM_") || cipher.contains("-GCM-") || cipher.contains("CHACHA20")
        );
        assert!(!conn.is_reused(), "{self}");
        let theirs = match role {
            TLSW_CLIENT => Some(self.server_chain()),
            _ => self.mutual.then(|| pki_ders("client.chain.pem")),
        };
        let Some(theirs) = theirs else {
            assert_eq!(conn.chain(TLSW_CHAIN_SENT), Ok(Err(TLSW_NONE)), "{self}");
            assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED), Ok(Err(TLSW_NONE)), "{self}");
            return;
        };
        assert_eq!(conn.chain(TLSW_CHAIN_SENT).unwrap().unwrap(), theirs, "{self}");
        let verified = [theirs, pki_ders("root.pem")].concat();
        assert_eq!(conn.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap(), verified, "{self}");
        assert_eq!(conn.verify_result(), Ok(TLSW_OK), "{self}");
    }
}

/// Shakes hands, or says what both sides had to say.
#[track_caller]
fn shake(what: &dyn fmt::Display, conn: &Conn, peer: &Peer) {
    if let Err(error) = conn.handshake() {
        panic!("{what}: {}\n{}", error.message, peer.words());
    }
}

/// Reads exactly as much as will come.
#[track_caller]
fn read(conn: &Conn, len: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < len {
        match conn.read(len - all.len()).unwrap() {
            Read::Bytes(bytes) => all.extend(bytes),
            Read::Status(status) => panic!("{} after {} bytes", name_of(status), all.len()),
        }
    }
    all
}

/// The group that a program names in its own way.
fn iana(group: &str) -> &'static str {
    match group {
        "X25519" | "ECDHE-X25519" => "x25519",
        "P-256" | "prime256v1" | "SECP256R1" | "ECDHE-SECP256R1" => "secp256r1",
        "P-384" | "secp384r1" | "SECP384R1" | "ECDHE-SECP384R1" => "secp384r1",
        "X25519MLKEM768" | "HYBRID-X25519-MLKEM768" => "X25519MLKEM768",
        other => panic!("a group that was not offered: {other}"),
    }
}

// Our client.

#[test]
fn our_client_and_openssls_server() {
    for case in Case::all() {
        let mut more = vec![case.option()];
        if case.mutual {
            more.extend(["-Verify", "5", "-verify_return_error", "-CAfile", "root.pem"]);
        }
        let mut server = openssl_server(case.server, &more);
        let wired = Wired::client(&case.client(), &server);
        let conn = &wired.conn;
        shake(&case, conn, &server.peer);
        case.check(conn, TLSW_CLIENT);
        // OpenSSL has the hybrid group from 3.5 on.
        let group = conn.group().unwrap();
        assert!(group == "x25519" || (group == "X25519MLKEM768" && case.is_1_3()), "{group}");
        assert_eq!(Some(&*server.peer.wait_for_line("CIPHER is ")), conn.cipher(), "{case}");

        let (there, back) = (digits(MEGABYTE), digits(MEGABYTE + 1));
        conn.write_all(&there).unwrap();
        server.peer.wait_for(&there);
        server.peer.feed(&back);
        assert!(read(conn, back.len()) == back, "{case}");
        if case.mutual {
            server.peer.wait_for(&pki_bytes("client.pem"));
        }
        assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{case}");
    }
}

#[test]
fn our_client_and_gnutls_server() {
    for case in Case::all() {
        let more: &[&str] = if case.mutual {
            &["--require-client-cert", "--verify-client-cert", "--x509cafile", "root.pem"]
        } else {
            &["--disable-client-cert"]
        };
        let server = gnutls_server(case.server, case.version, more);
        let wired = Wired::client(&case.client(), &server);
        let conn = &wired.conn;
        shake(&case, conn, &server.peer);
        case.check(conn, TLSW_CLIENT);
        // It sends back what it gets while it gets it, so this side must read while it writes.
        let data = digits(MEGABYTE);
        let echo = std::thread::scope(|scope| {
            let echo = scope.spawn(|| read(conn, data.len()));
            conn.write_all(&data).unwrap();
            echo.join().unwrap()
        });
        assert!(echo == data, "{case}");
        assert_eq!(iana(&server.peer.wait_for_line(" - Using curve: ")), conn.group().unwrap());
        if case.mutual {
            for name in ["client.pem", "intermediate.pem"] {
                server.peer.wait_for(&pki_bytes(name));
            }
        }
        assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{case}");
    }
}

// Our server.

/// `openssl s_client` on its way to us.
fn openssl_client(port: u16, more: &[&str]) -> Peer {
    let mut command = openssl(&["s_client", "-connect", &format!("127.0.0.1:{port}")]);
    command.args(["-servername", "localhost", "-verify_hostname", "localhost"]);
    command.args(["-CAfile", "root.pem", "-verify_return_error", "-showcerts"]).args(more);
    Peer::start(command)
}

const OPENSSL_IDENTITY: [&str; 6] =
    ["-cert", "client.pem", "-key", "client.key.pem", "-cert_chain", "intermediate.pem"];

/// `gnutls-cli` on its way to us.
fn gnutls_client(port: u16, version: i32, more: &[&str]) -> Peer {
    let mut command = tool("gnutls-cli", "gnutls-bin");
    command.current_dir(pki("")).args(["--port", &port.to_string(), "--print-cert"]);
    command.args(["--priority", gnutls(version), "--x509cafile", "root.pem"]);
    command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost"]);
    command.args(more).arg("127.0.0.1");
    Peer::start(command)
}

const GNUTLS_IDENTITY: [&str; 4] =
    ["--x509certfile", "client.chain.pem", "--x509keyfile", "client.key.pem"];

#[test]
fn our_server_and_openssls_client() {
    for case in Case::all() {
        let (listener, port) = listener();
        let mut more = vec![case.option()];
        if case.mutual {
            more.extend(OPENSSL_IDENTITY);
        }
        let mut peer = openssl_client(port, &more);
        let wired = Wired::server(&case.server(), &listener, &peer);
        let conn = &wired.conn;
        shake(&case, conn, &peer);
        case.check(conn, TLSW_SERVER);
        peer.wait_for(b"Verification: OK");
        let theirs = peer.wait_for_line(&format!("New, {}, Cipher is ", case.name()));
        assert_eq!(Some(&*theirs), conn.cipher(), "{case}");
        let group = peer.wait_for_line("Server Temp Key: ");
        let group = group.trim_start_matches("ECDH, ").split(',').next().unwrap();
        assert_eq!(iana(group), conn.group().unwrap(), "{case}");

        let data = digits(MEGABYTE);
        peer.feed(&data);
        assert!(read(conn, data.len()) == data, "{case}");
        conn.write_all(&data).unwrap();
        peer.wait_for(&data);
        assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{case}");
        let ended = peer.end().well();
        assert_eq!(certificates(&ended.stdout), case.server_chain(), "{case}");
    }
}

#[test]
fn our_server_and_gnutls_client() {
    for case in Case::all() {
        let (listener, port) = listener();
        let more: &[&str] = if case.mutual { &GNUTLS_IDENTITY } else { &[] };
        let mut peer = gnutls_client(port, case.version, more);
        let wired = Wired::server(&case.server(), &listener, &peer);
        let conn = &wired.conn;
        shake(&case, conn, &peer);
        case.check(conn, TLSW_SERVER);
        peer.wait_for(b"- Handshake was completed");
        peer.wait_for(b"- Status: The certificate is trusted.");
        let facts = peer.wait_for_line("- Description: ");
        let facts: Vec<&str> = facts.split(")-(").collect();
        assert_eq!(facts[0], format!("({}-X.509", case.name().replace('v', "")), "{case}");
        assert_eq!(iana(facts[1]), conn.group().unwrap(), "{case}");

        let data = digits(MEGABYTE);
        peer.feed(&data);
        assert!(read(conn, data.len()) == data, "{case}");
        conn.write_all(&data).unwrap();
        peer.wait_for(&data);
        // At the end of what it reads it says goodbye first.
        peer.close_stdin();
        assert_eq!(conn.read(1), Ok(Read::Status(TLSW_CLOSED)), "{case}");
        assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{case}");
        let ended = peer.end().well();
        assert_eq!(certificates(&ended.stdout), case.server_chain(), "{case}");
    }
}

#[test]
fn our_server_and_curl() {
    let body = digits(MEGABYTE);
    let file = pki("body");
    std::fs::write(&file, &body).unwrap();
    for case in Case::all() {
        let (listener, port) = listener();
        let mut command = tool("curl", "curl");
        command.current_dir(pki("")).args(["--silent", "--show-error", "--max-time", "90"]);
        let number = if case.is_1_3() { "1.3" } else { "1.2" };
        command.args([&format!("--tlsv{number}"), "--tls-max", number, "--cacert", "root.pem"]);
        if case.mutual {
            command.args(["--cert", "client.chain.pem", "--key", "client.key.pem"]);
        }
        command.args(["--data-binary", "@body", "--header", "Expect:", "--noproxy", "*"]);
        command.args(["--resolve", &format!("localhost:{port}:127.0.0.1")]);
        command.arg(format!("https://localhost:{port}/echo"));
        let peer = Peer::start(command);
        let ctx = case.server();
        ctx.set_alpn(b"\x08http/1.1").unwrap();
        let wired = Wired::server(&ctx, &listener, &peer);
        let conn = &wired.conn;
        shake(&case, conn, &peer);
        case.check(conn, TLSW_SERVER);
        assert_eq!(conn.alpn().as_deref(), Some(&b"http/1.1"[..]), "{case}");

        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(read(conn, 1));
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("POST /echo HTTP/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("Content-Length: {MEGABYTE}\r\n")), "{head}");
        let data = read(conn, MEGABYTE);
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {MEGABYTE}\r\nConnection: close\r\n\r\n");
        conn.write_all(answer.as_bytes()).unwrap();
        conn.write_all(&data).unwrap();
        // It has what it wanted, and says goodbye.
        assert_eq!(conn.read(1), Ok(Read::Status(TLSW_CLOSED)), "{case}");
        assert!(peer.end().well().stdout == body, "{case}");
    }
}

#[test]
fn our_server_and_python() {
    for case in Case::all() {
        let (listener, port) = listener();
        let mut command = tool("python3", "python3");
        command.current_dir(pki(""));
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/client.py"));
        command.args([&port.to_string(), &case.name().replace('.', "_"), "root.pem", "foo,h2"]);
        if case.mutual {
            command.args(["client.chain.pem", "client.key.pem"]);
        }
        let mut peer = Peer::start(command);
        let data = digits(MEGABYTE);
        peer.feed(&data);
        peer.close_stdin();
        let ctx = case.server();
        ctx.set_alpn(b"\x02h2\x08http/1.1").unwrap();
        let wired = Wired::server(&ctx, &listener, &peer);
        let conn = &wired.conn;
        shake(&case, conn, &peer);
        case.check(conn, TLSW_SERVER);
        assert_eq!(conn.alpn().as_deref(), Some(&b"h2"[..]), "{case}");
        let (cipher, leaf) = (conn.cipher().unwrap(), &case.server_chain()[0]);
        assert!(read(conn, data.len()) == data, "{case}");
        conn.write_all(&data).unwrap();
        assert_eq!(conn.read(1), Ok(Read::Status(TLSW_CLOSED)), "{case}");
        assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK), "{case}");
        let leaf: String =
            tlswrap::bssl::digest::sha256(leaf).iter().map(|byte| format!("{byte:02x}")).collect();
        let facts = format!(
            "version {}\ncipher {cipher}\nalpn h2\nleaf {leaf}\necho True\ngoodbye True\n",
            case.name()
        );
        assert_eq!(peer.end().well().text(), facts, "{case}");
    }
}

// What is agreed on.

/// Our client shakes hands with a server of somebody's, and is looked at.
fn visit(ctx: &Ctx, server: &Server, look: impl FnOnce(&Conn)) {
    let wired = Wired::client(ctx, server);
    shake(&"our client", &wired.conn, &server.peer);
    look(&wired.conn);
}

/// Our server shakes hands with a client of somebody's, and is looked at.
fn receive(ctx: &Ctx, start: impl FnOnce(u16) -> Peer, look: impl FnOnce(&Conn, &mut Peer)) {
    let (listener, port) = listener();
    let mut peer = start(port);
    let wired = Wired::server(ctx, &listener, &peer);
    shake(&"our server", &wired.conn, &peer);
    look(&wired.conn, &mut peer);
}

#[test]
fn our_client_takes_the_protocol_that_the_server_prefers() {
    let client = Ctx::client("root.pem");
    client.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl_server("localhost", &[version, "-alpn", "foo,http/1.1,h2"]);
        visit(&client, &server, |conn| assert_eq!(conn.alpn().as_deref(), Some(&b"http/1.1"[..])));
        server.peer.wait_for(b"ALPN protocols advertised by the client: h2, http/1.1");
        // A server that has never heard of it.
        let server = openssl_server("localhost", &[version]);
        visit(&client, &server, |conn| assert_eq!(conn.alpn(), None));
    }
    for version in VERSIONS {
        let server = gnutls_server("localhost", version, &["--disable-client-cert", "--alpn=h2"]);
        visit(&client, &server, |conn| assert_eq!(conn.alpn().as_deref(), Some(&b"h2"[..])));
        server.peer.wait_for(b"- Application protocol: h2");
        // Without overlap GnuTLS goes on without one, unless told otherwise.
        let server = gnutls_server("localhost", version, &["--disable-client-cert", "--alpn=foo"]);
        visit(&client, &server, |conn| assert_eq!(conn.alpn(), None));
        let fatal = ["--disable-client-cert", "--alpn=foo", "--alpn-fatal"];
        let server = gnutls_server("localhost", version, &fatal);
        let error = Wired::client(&client, &server).conn.handshake().unwrap_err();
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, NO_APPLICATION_PROTOCOL));
        assert!(error.message.contains("\"no application protocol\""), "{}", error.message);
    }
}

#[test]
fn our_server_takes_its_own_first_protocol_that_the_client_offers() {
    let server = Ctx::server("localhost");
    server.set_alpn(b"\x02h2\x08http/1.1").unwrap();
    for (offer, agreed) in [
        ("http/1.1,h2", Some("h2")),
        ("foo,http/1.1", Some("http/1.1")),
        ("foo,bar", None),
        ("", None),
    ] {
        for version in VERSIONS {
            let bytes = agreed.map(str::as_bytes);
            let option = if version == TLSW_TLS_1_3 { "-tls1_3" } else { "-tls1_2" };
            let mut more = vec![option];
            if !offer.is_empty() {
                more.extend(["-alpn", offer]);
            }
            receive(
                &server,
                |port| openssl_client(port, &more),
                |conn, peer| {
                    assert_eq!(conn.alpn().as_deref(), bytes, "{offer}");
                    peer.wait_for(match agreed {
                        Some("h2") => b"ALPN protocol: h2\n",
                        Some(_) => b"ALPN protocol: http/1.1\n",
                        None => b"No ALPN negotiated\n",
                    });
                },
            );
            let alpn: Vec<String> =
                offer.split_terminator(',').map(|name| format!("--alpn={name}")).collect();
            let alpn: Vec<&str> = alpn.iter().map(String::as_str).collect();
            receive(
                &server,
                |port| gnutls_client(port, version, &alpn),
                |conn, peer| {
                    assert_eq!(conn.alpn().as_deref(), bytes, "{offer}");
                    if let Some(agreed) = agreed {
                        assert_eq!(peer.wait_for_line("- Application protocol: "), agreed);
                    }
                    peer.wait_for(b"- Handshake was completed");
                },
            );
        }
    }
}

#[test]
fn a_group_that_was_not_guessed_is_agreed_on_with_a_second_hello() {
    for (theirs, ours) in [("P-384", "secp384r1"), ("P-256", "secp256r1"), ("X25519", "x25519")] {
        // In TLS 1.2 the same list says which curves a certificate's key may be on: hence RSA.
        for (version, name) in [("-tls1_2", "rsa"), ("-tls1_3", "rsa"), ("-tls1_3", "localhost")] {
            let server = openssl_server(name, &[version, "-groups", theirs]);
            visit(&Ctx::client("root.pem"), &server, |conn| {
                assert_eq!(conn.group(), Some(ours), "{version}");
            });
            receive(
                &Ctx::server(name),
                |port| openssl_client(port, &[version, "-groups", theirs]),
                |conn, _| assert_eq!(conn.group(), Some(ours), "{version}"),
            );
        }
    }
}

// What is refused.

/// The client's and the server's end of a handshake that must fail. The server is somebody's.
fn refused_by(server: &Server) -> Error {
    Wired::client(&Ctx::client("roots.pem"), server).conn.handshake().unwrap_err()
}

/// How our server refuses a client of somebody's.
fn refuses(ctx: &Ctx, start: impl FnOnce(u16) -> Peer) -> (Error, Peer) {
    let (listener, port) = listener();
    let peer = start(port);
    let error = Wired::server(ctx, &listener, &peer).conn.handshake().unwrap_err();
    (error, peer)
}

#[test]
fn who_speaks_tls_1_1_only_is_refused_and_told_why() {
    // OpenSSL itself refuses it at its usual level of security.
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    for name in ["rsa", "localhost"] {
        let error = refused_by(&openssl_server(name, &old));
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, PROTOCOL_VERSION), "{name}");
        assert_eq!(error.reason, "TLSV1_ALERT_PROTOCOL_VERSION");
        assert!(error.message.contains("allow no common TLS version"), "{}", error.message);

        let (error, peer) = refuses(&Ctx::server(name), |port| openssl_client(port, &old));
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, PROTOCOL_VERSION), "{name}");
        assert_eq!(error.reason, "UNSUPPORTED_PROTOCOL");
        assert!(error.message.contains("allow no common TLS version"), "{}", error.message);
        let ended = peer.end();
        assert!(!ended.status.success());
        assert!(ended.stderr.contains("alert protocol version"), "{}", ended.stderr);
    }
}

#[test]
fn who_speaks_tls_1_1_only_is_served_where_that_was_asked_for() {
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    for name in ["rsa", "localhost"] {
        let (client, server) = (Ctx::client("root.pem"), Ctx::server(name));
        for ctx in [&client, &server] {
            call(|err| unsafe { tlsw_ctx_set_min_version(ctx.0, TLSW_TLS_1_1, err) }).unwrap();
        }
        visit(&client, &openssl_server(name, &old), |conn| {
            assert_eq!(conn.version(), Some("TLSv1.1"), "{name}");
            let chain = pki_ders(&format!("{name}.chain.pem"));
            assert_eq!(conn.chain(TLSW_CHAIN_SENT).unwrap().unwrap(), chain);
        });
        receive(
            &server,
            |port| openssl_client(port, &old),
            |conn, _| assert_eq!(conn.version(), Some("TLSv1.1"), "{name}"),
        );
    }
}

#[test]
fn suites_without_authenticated_encryption_or_forward_secrecy_are_refused() {
    for (name, suite) in [
        ("rsa", "ECDHE-RSA-AES128-SHA"),
        ("rsa", "ECDHE-RSA-AES256-SHA384"),
        ("localhost", "ECDHE-ECDSA-AES128-SHA256"),
        // Authenticated, but the key of the certificate opens all recordings.
        ("rsa", "AES128-GCM-SHA256"),
        ("rsa", "DHE-RSA-AES128-GCM-SHA256"),
    ] {
        let only = ["-tls1_2", "-cipher", suite];
        let error = refused_by(&openssl_server(name, &only));
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, HANDSHAKE_FAILURE), "{suite}");
        assert_eq!(error.reason, "SSLV3_ALERT_HANDSHAKE_FAILURE");
        assert!(error.message.contains("no common version, cipher suite"), "{}", error.message);

        let (error, peer) = refuses(&Ctx::server(name), |port| openssl_client(port, &only));
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, HANDSHAKE_FAILURE), "{suite}");
        assert_eq!(error.reason, "NO_SHARED_CIPHER");
        assert!(error.message.contains("allow no common cipher suite"), "{}", error.message);
        let ended = peer.end();
        assert!(!ended.status.success());
        assert!(ended.stderr.contains("alert handshake failure"), "{}", ended.stderr);
    }
}

#[test]
fn who_does_not_trust_us_is_understood() {
    // A client of somebody's refuses our server. (In TLS 1.3 OpenSSL's sends the alert before it
    // has begun to encrypt, so nobody can read it.)
    let stranger = Ctx::server("untrusted");
    let (error, peer) = refuses(&stranger, |port| openssl_client(port, &["-tls1_2"]));
    assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, UNKNOWN_CA));
    assert!(error.message.contains("does not trust the issuer"), "{}", error.message);
    assert!(!peer.end().status.success());
    // A server of somebody's refuses our client.
    let client = Ctx::client("root.pem");
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let verifying = ["-Verify", "5", "-verify_return_error", "-CAfile", "p384-root.pem"];
        let server = openssl_server("localhost", &[&[version], &verifying[..]].concat());
        let wired = Wired::client(&client, &server);
        let error = match wired.conn.handshake() {
            Ok(_) => {
                assert_eq!(version, "-tls1_3");
                wired.conn.read(1).unwrap_err()
            }
            Err(error) => error,
        };
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, UNKNOWN_CA), "{version}");
        assert!(error.message.contains("does not trust the issuer"), "{}", error.message);
    }
}

#[test]
fn a_server_that_is_not_trusted_learns_it_and_its_chain_is_there() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl_server("localhost", &[version]);
        let wired = Wired::client(&Ctx::client("p384-root.pem"), &server);
        let error = wired.conn.handshake().unwrap_err();
        assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20));
        server.peer.wait_for_error("alert unknown ca");
        assert_eq!(
            wired.conn.chain(TLSW_CHAIN_SENT).unwrap().unwrap(),
            pki_ders("localhost.chain.pem")
        );
    }
}

// What comes after the handshake.

#[test]
fn a_server_that_says_goodbye_first_is_read_to_its_end() {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl_server("localhost", &[version, "-www"]);
        visit(&Ctx::client("root.pem"), &server, |conn| {
            conn.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            let page = String::from_utf8(conn.read_to_end().unwrap()).unwrap();
            assert!(page.starts_with("HTTP/1.0 200 ok\r\n"), "{page}");
            assert!(page.trim_end().ends_with("</HTML>"), "{page}");
            assert_eq!(conn.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_OK));
        });
    }
}

#[test]
fn a_peer_that_goes_without_goodbye_is_told_from_one_that_says_it() {
    let check = |conn: &Conn| {
        let error = conn.read(1).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_EOF, "{}", error.message);
        assert!(error.message.contains("without a close_notify"), "{}", error.message);
        // It does not get better by asking again.
        assert_eq!(conn.read(1).unwrap_err().status, TLSW_ERR_EOF);
    };
    for version in ["-tls1_2", "-tls1_3"] {
        let mut server = openssl_server("localhost", &[version]);
        visit(&Ctx::client("root.pem"), &server, |_| {});
        let wired = Wired::client(&Ctx::client("root.pem"), &server);
        shake(&version, &wired.conn, &server.peer);
        // What it says before it goes is not lost.
        server.peer.feed(b"12345\n");
        assert_eq!(read(&wired.conn, 6), b"12345\n");
        server.peer.kill();
        check(&wired.conn);

        receive(
            &Ctx::server("localhost"),
            |port| openssl_client(port, &[version]),
            |conn, peer| {
                peer.feed(b"12345\n");
                assert_eq!(read(conn, 6), b"12345\n");
                peer.kill();
                check(conn);
            },
        );
    }
}

#[test]
fn renegotiation_is_refused_from_either_side() {
    let check = |conn: &Conn| {
        let error = conn.read(1).unwrap_err();
        assert_eq!((error.status, error.alert), (TLSW_ERR_TLS, NO_RENEGOTIATION));
        assert_eq!(error.reason, "NO_RENEGOTIATION");
        assert!(error.message.contains("renegotiation"), "{}", error.message);
        assert!(conn.write(b"x").is_err());
    };
    receive(
        &Ctx::server("rsa"),
        |port| openssl_client(port, &["-tls1_2"]),
        |conn, peer| {
            peer.feed(b"12345\n");
            assert_eq!(read(conn, 6), b"12345\n");
            peer.feed(b"R\n");
            check(conn);
        },
    );
    let client = Ctx::client("root.pem");
    let options = unsafe { tlsw_ctx_get_options(client.0) } | TLSW_OP_NO_RENEGOTIATION;
    call(|err| unsafe { tlsw_ctx_set_options(client.0, options, err) }).unwrap();
    let mut server = openssl_server("rsa", &["-tls1_2"]);
    let wired = Wired::client(&client, &server);
    shake(&"renegotiation", &wired.conn, &server.peer);
    server.peer.feed(b"r\n");
    check(&wired.conn);
}

#[test]
fn new_keys_of_tls_1_3_are_followed() {
    receive(
        &Ctx::server("localhost"),
        |port| openssl_client(port, &["-tls1_3"]),
        |conn, peer| {
            // New keys of the peer's alone, and of both.
            for (i, command) in ["k", "K", "k", "k", "K", "K"].into_iter().enumerate() {
                peer.feed(format!("{command}\n").as_bytes());
                peer.wait_for_error_times("KEYUPDATE", i + 1);
                let line = format!("{i}12345678\n");
                peer.feed(line.as_bytes());
                assert_eq!(read(conn, line.len()), line.as_bytes());
                let answer = format!("{i}87654321\n");
                conn.write_all(answer.as_bytes()).unwrap();
                peer.wait_for(answer.as_bytes());
            }
        },
    );
}
