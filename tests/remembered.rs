//! The verification that a session remembers: it answers for a later connection only where a new
//! one would come to the same. What it is compared by is tested part by part in src/session.rs too.

mod support;
use support::*;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::{Duration, OffsetDateTime};

const VERSIONS: [i32; 2] = [TLSW_TLS_1_2, TLSW_TLS_1_3];
const LEAF: u64 = 0x1eaf;
/// X509_V_ERR_CRL_HAS_EXPIRED and X509_V_ERR_CERT_REVOKED.
const LIST_EXPIRED: i32 = 12;
const REVOKED: i32 = 23;

fn seconds(from_now: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::seconds(from_now)
}

/// An authority that lists what it revoked.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "an authority with lists");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self { params, key: KeyPair::generate().unwrap() }
    }

    fn pem(&self) -> String {
        self.params.self_signed(&self.key).unwrap().pem()
    }

    /// A server with a certificate of it.
    fn server(&self) -> Ctx {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(LEAF));
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let (cert, key) = (params.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem());
        let server = Ctx::new(TLSW_SERVER);
        call(|err| unsafe {
            let (chain, key) = (cert.as_bytes(), key.as_bytes());
            let none = std::ptr::null();
            tlsw_ctx_load_cert_chain_mem(
                server.0,
                chain.as_ptr(),
                chain.len(),
                key.as_ptr(),
                key.len(),
                none,
                0,
                err,
            )
        })
        .unwrap();
        server
    }

    /// Its list with this number, which begins and ends so many seconds from now.
    fn list(&self, number: u64, revoked: &[u64], (from, to): (i64, i64)) -> String {
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: seconds(-60),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: seconds(from),
            next_update: seconds(to),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap().pem().unwrap()
    }

    /// Puts a file under the hash of its name into a directory.
    fn put(&self, dir: &std::path::Path, content: &str, suffix: &str) {
        let cert = boring::x509::X509::from_pem(self.pem().as_bytes()).unwrap();
        let name = foreign_types::ForeignTypeRef::as_ptr(cert.subject_name());
        let hash = unsafe { boring_sys::X509_NAME_hash(name) };
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(dir.join(format!("{hash:08x}.{suffix}")), content).unwrap();
    }
}

fn client(version: i32) -> Ctx {
    let ctx = Ctx::new(TLSW_CLIENT);
    ctx.set_versions(version);
    ctx
}

fn set_flags(ctx: &Ctx, flags: u32) {
    call(|err| unsafe { tlsw_ctx_set_verify_flags(ctx.0, flags, err) }).unwrap();
}

/// A first connection's session, or what the server's certificate was refused for.
fn first(client: &Ctx, server: &Ctx) -> Result<Session, i32> {
    let pair = Pair::new(client, server, Some("localhost"));
    pair.handshake().0.map_err(|error| error.verify_error)?;
    assert_eq!(pair.server.write(b"x"), Ok(Ok(1)));
    assert_eq!(pair.client.read(1), Ok(Read::Bytes(b"x".to_vec())));
    Ok(pair.client.session().unwrap().unwrap())
}

/// Whether the session was resumed, or what the server's certificate was refused for.
fn resume(client: &Ctx, server: &Ctx, session: &Session) -> Result<bool, i32> {
    let pair = Pair::new(client, server, Some("localhost"));
    pair.client.set_session(session).unwrap();
    pair.handshake().0.map_err(|error| error.verify_error)?;
    Ok(pair.client.is_reused())
}

#[test]
fn it_ends_when_a_revocation_list_does() {
    for version in VERSIONS {
        let authority = Authority::new();
        let server = authority.server();
        // As short as the machine has time for the first connection.
        let (client, session, ended) = [2, 8, 32, 128]
            .into_iter()
            .find_map(|life| {
                let client = client(version);
                client.load_ca_mem(authority.pem().as_bytes()).unwrap();
                let list = authority.list(1, &[], (-60, life));
                let ended =
                    std::time::Instant::now() + std::time::Duration::from_secs(life as u64 + 1);
                client.load_ca_mem(list.as_bytes()).unwrap();
                set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF);
                first(&client, &server).ok().map(|session| (client, session, ended))
            })
            .expect("a connection within two minutes");
        std::thread::sleep(ended.saturating_duration_since(std::time::Instant::now()));
        assert_eq!(first(&client, &server).map(drop), Err(LIST_EXPIRED), "{version:x}");
        assert_eq!(resume(&client, &server, &session), Err(LIST_EXPIRED), "{version:x}");
    }
}

#[test]
fn it_ends_when_a_list_that_was_loaded_begins() {
    for version in VERSIONS {
        let authority = Authority::new();
        let server = authority.server();
        let client = client(version);
        client.load_ca_mem(authority.pem().as_bytes()).unwrap();
        // The later list says that the certificate was revoked. Both were there from the beginning.
        let (session, later) = [2, 8, 32, 128]
            .into_iter()
            .find_map(|wait| {
                let lists = [
                    authority.list(1, &[], (-60, 3600)),
                    authority.list(2, &[LEAF], (wait, 3600 + wait)),
                ];
                let begun =
                    std::time::Instant::now() + std::time::Duration::from_secs(wait as u64 + 1);
                client.load_ca_mem(lists.concat().as_bytes()).unwrap();
                set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF);
                first(&client, &server).ok().map(|session| (session, begun))
            })
            .expect("a connection within two minutes");
        std::thread::sleep(later.saturating_duration_since(std::time::Instant::now()));
        assert_eq!(first(&client, &server).map(drop), Err(REVOKED), "{version:x}");
        assert_eq!(resume(&client, &server, &session), Err(REVOKED), "{version:x}");
    }
}

#[test]
fn there_is_none_where_a_directory_brings_news() {
    for version in VERSIONS {
        let authority = Authority::new();
        let server = authority.server();
        let dir = pki(&format!("news-{version:x}"));
        authority.put(&dir, &authority.pem(), "0");
        authority.put(&dir, &authority.list(1, &[], (-120, 3600)), "r0");
        let client = client(version);
        let path = c_path(&dir);
        call(|err| unsafe { tlsw_ctx_load_ca_dir(client.0, path.as_ptr(), err) }).unwrap();
        set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF);
        let session = first(&client, &server).unwrap();
        assert_eq!(resume(&client, &server, &session), Ok(true), "{version:x}");
        let session = first(&client, &server).unwrap();
        authority.put(&dir, &authority.list(2, &[LEAF], (-60, 3600)), "r1");
        assert_eq!(first(&client, &server).map(drop), Err(REVOKED), "{version:x}");
        assert_eq!(resume(&client, &server, &session), Err(REVOKED), "{version:x}");
    }
}

#[test]
fn it_does_not_answer_for_other_settings() {
    type Change = fn(&Ctx, &Authority);
    let changes: [(&str, Change, i32); 3] = [
        (
            "a list",
            |ctx, by| {
                ctx.load_ca_mem(by.list(2, &[LEAF], (-60, 3600)).as_bytes()).map(drop).unwrap();
            },
            REVOKED,
        ),
        (
            "less trust",
            |ctx, _| {
                call(|err| unsafe { tlsw_ctx_clear_ca(ctx.0, err) }).map(drop).unwrap();
            },
            20,
        ),
        // There is none of the authority itself.
        ("flags", |ctx, _| set_flags(ctx, TLSW_VERIFY_CRL_CHECK_CHAIN), 3),
    ];
    for version in VERSIONS {
        for (what, change, code) in &changes {
            let authority = Authority::new();
            let server = authority.server();
            let client = client(version);
            client.load_ca_mem(authority.pem().as_bytes()).unwrap();
            let lists_of_leaf = *what == "a list";
            if lists_of_leaf {
                client.load_ca_mem(authority.list(1, &[], (-120, 3600)).as_bytes()).unwrap();
                set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF);
            }
            let session = first(&client, &server).unwrap();
            change(&client, &authority);
            assert_eq!(resume(&client, &server, &session), Err(*code), "{version:x} {what}");
        }
    }
}

#[test]
fn it_does_not_answer_where_common_names_no_longer_count() {
    let on = |ctx: &Ctx, on| {
        call(|err| unsafe { tlsw_ctx_set_hostname_checks_common_name(ctx.0, on, err) }).unwrap();
    };
    for version in VERSIONS {
        let server = Ctx::server("cn-only");
        let client = client(version);
        client.load_ca_file(&pki("root.pem")).unwrap();
        on(&client, 1);
        let session = first(&client, &server).unwrap();
        assert_eq!(resume(&client, &server, &session), Ok(true), "{version:x}");
        let session = first(&client, &server).unwrap();
        on(&client, 0);
        assert_eq!(resume(&client, &server, &session), Err(62), "{version:x}");
    }
}

#[test]
fn it_does_not_answer_at_another_level() {
    for version in VERSIONS {
        let server = Ctx::server("rsa");
        let client = client(version);
        client.load_ca_file(&pki("root.pem")).unwrap();
        let session = first(&client, &server).unwrap();
        let list = c("@SECLEVEL=3");
        call(|err| unsafe { tlsw_ctx_set_ciphers(client.0, list.as_ptr(), err) }).unwrap();
        assert_eq!(resume(&client, &server, &session), Err(66), "{version:x}");
    }
}
