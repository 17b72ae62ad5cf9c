//! rustls, with ring.

use std::cell::Cell;
use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd as _, RawFd};
use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    ClientConfig, ClientConnection, Connection, HandshakeKind, RootCertStore, ServerConfig,
    ServerConnection, SupportedProtocolVersion, version,
};

use crate::library::{Case, Contexts, End, Kind, Library, Over, Pair, Version, pki};

pub struct Rustls;

fn provider() -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    provider.kx_groups = vec![ring::kx_group::X25519];
    provider.cipher_suites.retain(|suite| format!("{:?}", suite.suite()).contains("AES_128"));
    Arc::new(provider)
}

fn own(chain: &Path, key: &Path) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = CertificateDer::pem_file_iter(chain).unwrap().map(Result::unwrap).collect();
    (chain, PrivateKeyDer::from_pem_file(key).unwrap())
}

struct Both {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    resumes: bool,
    /// Whether there is something to resume.
    seen: Cell<bool>,
}

impl Library for Rustls {
    fn name(&self) -> &'static str {
        "rustls"
    }

    fn contexts(&self, case: &Case) -> Box<dyn Contexts> {
        let versions: &[&'static SupportedProtocolVersion] = match case.version {
            Version::Tls12 => &[&version::TLS12],
            Version::Tls13 => &[&version::TLS13],
        };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(pki("root.pem")).unwrap()).unwrap();
        let roots = Arc::new(roots);
        let client = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(Arc::clone(&roots));
        let server = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap();
        let (chain, key) = case.server();
        let (chain, key) = own(&chain, &key);
        let (mut client, mut server) = if case.kind == Kind::Mutual {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(roots, provider()).build().unwrap();
            let (own_chain, own_key) = own(&pki("client.chain.pem"), &pki("client.key.pem"));
            (
                client.with_client_auth_cert(own_chain, own_key).unwrap(),
                server.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap(),
            )
        } else {
            (
                client.with_no_client_auth(),
                server.with_no_client_auth().with_single_cert(chain, key).unwrap(),
            )
        };
        let resumes = case.kind == Kind::Resumed;
        if resumes {
            server.ticketer = ring::Ticketer::new().unwrap();
        } else {
            client.resumption = Resumption::disabled();
            server.session_storage = Arc::new(NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
        }
        let seen = Cell::new(false);
        Box::new(Both { client: Arc::new(client), server: Arc::new(server), resumes, seen })
    }
}

/// One end: the connection, and where its bytes come from and go to.
struct Side {
    tls: Connection,
    wire: Wire,
}

enum Wire {
    /// What the peer wrote.
    Memory(Cursor<Vec<u8>>),
    /// A socket of the caller's, which is not closed here.
    Fd(ManuallyDrop<File>),
}

struct Connected {
    client: Side,
    server: Side,
}

impl Connected {
    fn ends(&mut self, end: End) -> (&mut Side, &mut Side) {
        match end {
            End::Client => (&mut self.client, &mut self.server),
            End::Server => (&mut self.server, &mut self.client),
        }
    }

    /// Sends what is sealed.
    fn flush(&mut self, end: End) {
        let (from, to) = self.ends(end);
        while from.tls.wants_write() {
            match (&mut from.wire, &mut to.wire) {
                (Wire::Fd(file), _) => from.tls.write_tls(&mut **file),
                (_, Wire::Memory(pipe)) => {
                    if pipe.position() == pipe.get_ref().len() as u64 {
                        pipe.set_position(0);
                        pipe.get_mut().clear();
                    }
                    from.tls.write_tls(pipe.get_mut())
                }
                _ => unreachable!("both ends are over the same"),
            }
            .unwrap();
        }
    }

    /// Takes what has come.
    fn take(&mut self, end: End) {
        let (at, _) = self.ends(end);
        let taken = match &mut at.wire {
            // Nothing is no end.
            Wire::Memory(pipe) if pipe.position() == pipe.get_ref().len() as u64 => return,
            Wire::Memory(pipe) => at.tls.read_tls(pipe),
            Wire::Fd(file) => at.tls.read_tls(&mut **file),
        };
        match taken {
            Ok(_) => {
                at.tls.process_new_packets().unwrap();
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
}

fn file(fd: RawFd) -> ManuallyDrop<File> {
    // SAFETY: an open descriptor, which this File never closes.
    ManuallyDrop::new(unsafe { File::from_raw_fd(fd) })
}

impl Contexts for Both {
    fn connect(&self, over: Over) -> Box<dyn Pair> {
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::clone(&self.client), name).unwrap();
        let mut server = ServerConnection::new(Arc::clone(&self.server)).unwrap();
        client.set_buffer_limit(None);
        server.set_buffer_limit(None);
        let [at_client, at_server] = match over {
            Over::Memory => [(); 2].map(|()| Wire::Memory(Cursor::default())),
            Over::Fd(fds) | Over::FdAhead(fds) => fds.map(|fd| Wire::Fd(file(fd))),
        };
        let mut pair = Connected {
            client: Side { tls: client.into(), wire: at_client },
            server: Side { tls: server.into(), wire: at_server },
        };
        while pair.client.tls.is_handshaking()
            || pair.server.tls.is_handshaking()
            || pair.server.tls.wants_write()
        {
            pair.flush(End::Client);
            pair.take(End::Server);
            pair.flush(End::Server);
            pair.take(End::Client);
        }
        if self.resumes && self.seen.replace(true) {
            let kind = pair.client.tls.handshake_kind();
            assert_eq!(kind, Some(HandshakeKind::Resumed), "not resumed");
        }
        Box::new(pair)
    }
}

impl Pair for Connected {
    fn send(&mut self, end: End, data: &[u8]) {
        self.ends(end).0.tls.writer().write_all(data).unwrap();
        self.flush(end);
    }

    fn receive(&mut self, end: End, mut room: &mut [u8]) {
        while !room.is_empty() {
            match self.ends(end).0.tls.reader().read(room) {
                Ok(n) => room = &mut room[n..],
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                    self.take(end);
                }
            }
        }
    }
}
