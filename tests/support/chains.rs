//! Certificates made for one test, and two judges of a chain: a client of ours in a handshake, and
//! `openssl verify`.
#![allow(dead_code, reason = "each test uses its own part")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::peers;
use crate::support::*;

/// Days from now, and half a day further.
pub fn from_now(days: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(days) + Duration::hours(12 * days.signum())
}

/// What a root or an intermediate asks for.
pub fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (from_now(-60), from_now(60));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// What a server asks for.
pub fn leaf(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "leaf");
    (params.not_before, params.not_after) = (from_now(-1), from_now(60));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// What somebody asks for who signs with his own key and is no CA.
pub fn loner(name: &str) -> CertificateParams {
    let mut params = leaf(&[name]);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

/// An extension of any content.
pub fn custom(oid: &[u64], is_critical: bool, content: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, content.to_vec());
    extension.set_criticality(is_critical);
    extension
}

/// One that signs.
pub struct Authority {
    pub params: CertificateParams,
    pub key: KeyPair,
    pub certificate: rcgen::Certificate,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        Self::of(authority(name))
    }

    pub fn of(params: CertificateParams) -> Self {
        Self::with_key(params, KeyPair::generate().unwrap())
    }

    pub fn with_key(params: CertificateParams, key: KeyPair) -> Self {
        Self { certificate: params.self_signed(&key).unwrap(), params, key }
    }

    pub fn under(issuer: &Self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self { certificate: issuer.issue(params.clone(), &key), params, key }
    }

    /// The same key, in a certificate that asks for something else.
    pub fn again(&self, params: CertificateParams) -> Self {
        Self::with_key(params, KeyPair::from_pem(&self.key.serialize_pem()).unwrap())
    }

    pub fn issue(&self, params: CertificateParams, key: &KeyPair) -> rcgen::Certificate {
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap()
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A client that trusts it.
    pub fn client(&self) -> Ctx {
        let client = Ctx::new(TLSW_CLIENT);
        client.load_ca_mem(self.pem().as_bytes()).unwrap();
        client
    }
}

/// A context that shows a chain given in memory.
pub fn showing(role: u32, chain: &[u8], key: &[u8]) -> Ctx {
    let ctx = Ctx::new(role);
    call(|err| unsafe {
        let (no_password, none) = (std::ptr::null(), 0);
        let (chain, key) = ((chain.as_ptr(), chain.len()), (key.as_ptr(), key.len()));
        tlsw_ctx_load_cert_chain_mem(ctx.0, chain.0, chain.1, key.0, key.1, no_password, none, err)
    })
    .unwrap();
    ctx
}

/// What both judges are asked.
#[derive(Clone)]
pub struct Case {
    /// PEM of what is trusted, revocation lists among it.
    pub trusted: String,
    /// PEM of what is sent, leaf first.
    pub sent: Vec<String>,
    /// PEM of the leaf's key.
    pub key: String,
    /// The name that the leaf has to carry.
    pub name: &'static str,
    /// `TLSW_VERIFY_*`.
    pub flags: u32,
    /// Whether the common name counts.
    pub common_name: bool,
}

/// A code and a depth; (0, -1) is none.
pub type Code = (i32, i32);
pub const HOLDS: Code = (0, -1);

impl Case {
    pub fn new(trusted: &[String], sent: &[String], key: &KeyPair, name: &'static str) -> Self {
        Self {
            trusted: trusted.concat(),
            sent: sent.to_vec(),
            key: key.serialize_pem(),
            name,
            flags: 0,
            common_name: false,
        }
    }

    pub fn flags(self, flags: u32) -> Self {
        Self { flags, ..self }
    }

    /// A client's verdict.
    pub fn handshake(&self) -> Result<(), Error> {
        let client = Ctx::new(TLSW_CLIENT);
        client.load_ca_mem(self.trusted.as_bytes()).unwrap();
        call(|err| unsafe { tlsw_ctx_set_verify_flags(client.0, self.flags, err) }).unwrap();
        let on = i32::from(self.common_name);
        call(|err| unsafe { tlsw_ctx_set_hostname_checks_common_name(client.0, on, err) }).unwrap();
        let server = showing(TLSW_SERVER, self.sent.concat().as_bytes(), self.key.as_bytes());
        Pair::new(&client, &server, Some(self.name)).handshake().0
    }

    /// The same as a code, and the message.
    pub fn ours(&self) -> (Code, String) {
        match self.handshake() {
            Ok(()) => (HOLDS, String::new()),
            Err(error) => {
                assert_eq!(error.status, TLSW_ERR_VERIFY, "{}", error.message);
                ((error.verify_error, error.verify_depth), error.message)
            }
        }
    }

    /// OpenSSL's verdict: the first that it finds wrong.
    pub fn openssl(&self) -> Code {
        let (trusted, leaf) = (file(&self.trusted), file(&self.sent[0]));
        let sent = file(&self.sent.concat());
        let which = if self.name.parse::<std::net::IpAddr>().is_ok() {
            "-verify_ip"
        } else {
            "-verify_hostname"
        };
        let mut arguments = vec!["verify", "-purpose", "sslserver", "-auth_level", "2"];
        arguments.extend([which, self.name]);
        for (flag, argument) in [
            (TLSW_VERIFY_X509_PARTIAL_CHAIN, "-partial_chain"),
            (TLSW_VERIFY_X509_STRICT, "-x509_strict"),
            (TLSW_VERIFY_CRL_CHECK_LEAF, "-crl_check"),
            (TLSW_VERIFY_CRL_CHECK_CHAIN & !TLSW_VERIFY_CRL_CHECK_LEAF, "-crl_check_all"),
        ] {
            if self.flags & flag != 0 {
                arguments.push(argument);
            }
        }
        let mut command = peers::openssl(&arguments);
        command.args(["-no-CApath", "-no-CAstore", "-CAfile"]).arg(trusted);
        command.arg("-untrusted").args([sent, leaf]);
        let ended = peers::Peer::start(command).end();
        if ended.status.success() {
            return HOLDS;
        }
        // "error 79 at 1 depth lookup: invalid CA certificate"
        let line = ended.stderr.lines().find_map(|line| {
            let (code, rest) = line.strip_prefix("error ")?.split_once(" at ")?;
            let (depth, _) = rest.split_once(" depth")?;
            Some((code.parse().ok()?, depth.parse().ok()?))
        });
        line.unwrap_or_else(|| panic!("openssl verify: {}", ended.stderr))
    }

    /// Both come to the same.
    #[track_caller]
    pub fn both(&self, code: Code) -> String {
        let (ours, message) = self.ours();
        assert_eq!((ours, self.openssl()), (code, code), "ours, OpenSSL's; {message}");
        message
    }
}

/// A file of its own for each content.
pub fn file(content: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let path = pki(&format!("chains-{}.pem", COUNT.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(&path, content).unwrap();
    path
}
