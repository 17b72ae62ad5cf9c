//! Every option of a context as plain data, with its default and its check.

use std::borrow::Cow;
use std::ffi::CString;
use std::sync::Arc;

use super::identity::Identity;
use super::key_log::KeyLogFile;
use super::protocol::Protocol;
use super::trust::Trust;
use super::versions::{TLS_1_2, TLS_1_3, Versions};
use super::{cache, ciphers, groups, options};
use crate::bssl::buffer::Buffer;
use crate::bssl::cipher::Suite;
use crate::bssl::context::Staples;
use crate::bssl::psk::Imported;
use crate::bssl::stream::{Demand, Role};
use crate::error::{Error, Kind, Result};
use crate::hooks::{Hooks, Sessions, Sni};
use crate::verify::level::Level;

/// `X509_V_FLAG_TRUSTED_FIRST`: as BoringSSL always does.
const TRUSTED_FIRST: u32 = 0x8000;
/// `X509_V_FLAG_ALLOW_PROXY_CERTS`.
const ALLOW_PROXY_CERTS: u32 = 0x40;

/// The most tickets BoringSSL sends after one handshake.
const MOST_TICKETS: usize = 16;

/// The options of a context.
#[derive(Clone)]
pub struct Settings {
    /// What it was made for.
    pub protocol: Protocol,
    /// Which side its connections are; none where each may be either.
    pub role: Option<Role>,
    /// Whether the peer must show a certificate.
    pub demand: Demand,
    /// Whether a client checks that the certificate carries the server's name.
    pub check_hostname: bool,
    /// The protocol versions.
    pub versions: Versions,
    /// The suites below TLS 1.3, as BoringSSL's list text.
    pub ciphers: Arc<str>,
    /// The suites of TLS 1.3; none for BoringSSL's own choice.
    pub tls13_ciphers: Option<Arc<[u16]>>,
    /// How strong keys, signatures and suites must be.
    pub level: Level,
    /// The groups for the key exchange, the preferred first.
    pub groups: Arc<[u16]>,
    /// The one group of servers, where OpenSSL's old call for it was used.
    pub curve: Option<u16>,
    /// `SSL_OP_*`, as given.
    pub options: u64,
    /// `X509_V_FLAG_*`, as given.
    pub verify_flags: u32,
    /// Whether a host name may be in the common name where no DNS name is in a subjectAltName.
    pub common_name: bool,
    /// Pre-shared keys for TLS 1.3, the preferred of a server first.
    pub psks: Vec<Arc<Imported>>,
    /// The hint that a server gives to which identity of a pre-shared key it wants.
    pub psk_identity_hint: Option<CString>,
    /// How many tickets a server sends after a handshake of TLS 1.3.
    pub num_tickets: usize,
    /// The application protocols, as RFC 7301 lists them; empty for none.
    pub alpn: Arc<[u8]>,
    /// Whether the system's roots are trusted.
    pub system_roots: bool,
    /// Whether the caller asked for the system's roots by name; then they stay when he loads CAs.
    pub asked_for_system_roots: bool,
    /// Who else is trusted.
    pub trust: Arc<Trust>,
    /// Own chains with their keys.
    pub identities: Vec<Arc<Identity>>,
    /// Which of them was loaded last.
    pub newest: usize,
    /// Whether one that is loaded stays beside an earlier one with a key of the same type.
    pub keep_identities: bool,
    /// For how many seconds sessions can be resumed; none for BoringSSL's own choice.
    pub session_timeout: Option<u32>,
    /// How many sessions a server keeps; 0 for any number.
    pub session_cache_size: u32,
    /// Whether clients ask for an OCSP response.
    pub ask_ocsp: bool,
    /// Whether clients ask for signed certificate timestamps.
    pub ask_scts: bool,
    /// What is called while connections are driven.
    pub hooks: Hooks,
    /// Where secrets are logged.
    pub key_log: Option<Arc<KeyLogFile>>,
}

impl Settings {
    /// The safe defaults of a side.
    pub fn new(role: Role) -> Self {
        let client = role == Role::Client;
        let protocol = if client { Protocol::TlsClient } else { Protocol::TlsServer };
        Self { system_roots: client, common_name: false, ..Self::bare(protocol) }
    }

    /// What Python documents for contexts that are made by hand: nobody is trusted, and only a
    /// client's verifies.
    pub fn bare(protocol: Protocol) -> Self {
        let client = protocol == Protocol::TlsClient;
        Self {
            protocol,
            role: protocol.role(),
            demand: if client { Demand::Required } else { Demand::None },
            check_hostname: client,
            // As in OpenSSL, what a protocol insists on is not told as bounds.
            versions: match protocol.version() {
                Some(_) => Versions::open(),
                None => Versions::default(),
            },
            ciphers: Arc::from(ciphers::DEFAULT),
            tls13_ciphers: None,
            level: Level::default(),
            groups: Arc::from(groups::DEFAULT),
            curve: None,
            options: options::DEFAULT,
            verify_flags: TRUSTED_FIRST,
            common_name: true,
            psks: Vec::new(),
            psk_identity_hint: None,
            num_tickets: 2,
            alpn: Arc::from([]),
            system_roots: false,
            asked_for_system_roots: false,
            trust: Arc::default(),
            identities: Vec::new(),
            newest: 0,
            keep_identities: false,
            session_timeout: None,
            session_cache_size: cache::MOST,
            ask_ocsp: false,
            ask_scts: false,
            hooks: Hooks::default(),
            key_log: None,
        }
    }

    /// Makes it a context for one side alone.
    pub fn set_role(&mut self, role: Role) -> Result<()> {
        if self.role.is_some_and(|own| own != role) {
            return Err(Error::argument(
                "role: the protocol is for the other side; pass 0 for the protocol's own",
            ));
        }
        self.role = Some(role);
        Ok(())
    }

    /// The bounds of the versions, where the protocol leaves them open.
    pub fn bounds(&mut self) -> Result<&mut Versions> {
        if self.protocol.version().is_some() {
            return Err(Error::argument(
                "version: the context's protocol is one version alone, and its bounds cannot be \
                 changed",
            ));
        }
        Ok(&mut self.versions)
    }

    /// The lowest and the highest version.
    pub fn version_range(&self) -> Result<(u16, u16)> {
        match self.protocol.version() {
            Some(version) => Ok((version, version)),
            None => self.versions.range(),
        }
    }

    /// Sets whether the peer must show a certificate.
    pub fn set_demand(&mut self, demand: Demand) -> Result<()> {
        if demand == Demand::None && self.check_hostname {
            return Err(Error::state(
                "verification cannot be turned off while the host name is checked: turn \
                 check_hostname off first",
            ));
        }
        self.demand = demand;
        Ok(())
    }

    /// Sets whether a client checks the server's name. Turning it on turns verification on, for a
    /// name in a certificate that nobody verified says nothing.
    pub fn set_check_hostname(&mut self, on: bool) -> Result<()> {
        if on && self.role == Some(Role::Server) {
            return Err(Error::argument(
                "check_hostname is for clients: a client's certificate carries no host name to \
                 check",
            ));
        }
        if on && self.demand == Demand::None {
            self.demand = Demand::Required;
        }
        self.check_hostname = on;
        Ok(())
    }

    /// Trusts `more`. The first CAs a caller brings take the place of the system's roots, unless he
    /// asked for those too.
    pub fn add_trust(&mut self, more: &Trust) {
        if self.trust.is_empty() {
            self.system_roots = self.asked_for_system_roots;
        }
        self.trust = Arc::new(self.trust.and(more));
    }

    /// Trusts the system's roots, whatever else is or will be trusted.
    pub fn add_system_roots(&mut self) {
        self.system_roots = true;
        self.asked_for_system_roots = true;
    }

    /// Sets the suites below TLS 1.3, and the security level if the text says one. Nothing changes
    /// unless a suite is left.
    pub fn set_ciphers(&mut self, text: &str) -> Result<()> {
        let text = ciphers::Text::parse(text)?;
        let level = text.level.unwrap_or(self.level);
        let list = text.list.map_or_else(|| Arc::clone(&self.ciphers), Arc::from);
        ciphers::select(&list, level)?;
        (self.ciphers, self.level) = (list, level);
        Ok(())
    }

    /// Sets the suites of TLS 1.3.
    pub fn set_tls13_ciphers(&mut self, names: &str) -> Result<()> {
        self.tls13_ciphers = Some(Arc::from(ciphers::parse_tls13(names)?));
        Ok(())
    }

    /// The list of suites below TLS 1.3. One that nobody has set follows the versions.
    pub fn cipher_list(&self) -> Cow<'_, str> {
        let reaches_back = self.version_range().is_ok_and(|(min, _)| min < TLS_1_2);
        if reaches_back && *self.ciphers == *ciphers::DEFAULT {
            return Cow::Owned([ciphers::DEFAULT, ciphers::BELOW_TLS12].concat());
        }
        Cow::Borrowed(&self.ciphers)
    }

    /// The suites that are enabled, those of TLS 1.3 first.
    pub fn suites(&self) -> Result<Vec<Suite>> {
        let mut all = ciphers::tls13(self.tls13_ciphers.as_deref(), self.level);
        all.extend(ciphers::select(&self.cipher_list(), self.level)?);
        Ok(all)
    }

    /// Sets the groups for the key exchange.
    pub fn set_groups(&mut self, list: &str) -> Result<()> {
        self.groups = Arc::from(groups::parse(list)?);
        Ok(())
    }

    /// The groups that the security level takes; never none, for that would be BoringSSL's default.
    pub fn usable_groups(&self) -> Result<Vec<u16>> {
        let usable = groups::at_least(&self.groups, self.level.bits());
        if usable.is_empty() {
            return Err(self.too_weak("no group of the key exchange is left; set stronger ones"));
        }
        Ok(usable)
    }

    /// The one group of a side, if there is one: as strong as the security level asks.
    pub fn usable_curve(&self, role: Role) -> Result<Option<u16>> {
        let curve = self.curve.filter(|_| role == Role::Server);
        match curve {
            Some(curve) if groups::at_least(&[curve], self.level.bits()).is_empty() => {
                Err(self.too_weak("the curve of the server is too weak; set a stronger one"))
            }
            _ => Ok(curve),
        }
    }

    /// The suites of TLS 1.3 that the security level takes; never none where that version is among
    /// `versions`, for that would be BoringSSL's default.
    pub fn usable_tls13(&self, (_, max): (u16, u16)) -> Result<Vec<Suite>> {
        let usable = ciphers::tls13(self.tls13_ciphers.as_deref(), self.level);
        let is_spoken = max >= TLS_1_3 && options::allow(self.options, TLS_1_3);
        if usable.is_empty() && is_spoken {
            return Err(self.too_weak(
                "no cipher suite of TLS 1.3 is left; set stronger ones, or TLS 1.2 as the highest \
                 version",
            ));
        }
        Ok(usable)
    }

    /// The versions of the bounds that the security level takes. Below TLS 1.2 handshakes are
    /// signed with SHA-1, which the lower levels leave to whoever asks for such a version.
    pub fn usable_versions(&self) -> Result<(u16, u16)> {
        let (min, max) = self.version_range()?;
        if self.level.number() < 3 {
            return Ok((min, max));
        }
        if max < TLS_1_2 {
            return Err(self.too_weak("versions below TLS 1.2 sign with SHA-1; allow TLS 1.2"));
        }
        Ok((min.max(TLS_1_2), max))
    }

    fn too_weak(&self, what: &str) -> Error {
        let (level, bits) = (self.level.number(), self.level.bits());
        Error::state(format!("{what}: security level {level} wants {bits} bits of security"))
    }

    /// Sets the one group of servers, as OpenSSL's old call for it did.
    pub fn set_curve(&mut self, name: &str) -> Result<()> {
        self.curve = Some(groups::parse_one(name, "curve")?);
        Ok(())
    }

    /// The options for BoringSSL. From level 3 on there are no tickets, as in OpenSSL: what is in
    /// one is protected by the server's ticket key alone.
    pub fn boringssl_options(&self) -> u32 {
        let strict = if self.level.number() >= 3 { options::NO_TICKET } else { 0 };
        options::for_boringssl(self.options | strict)
    }

    /// Sets the options.
    pub fn set_options(&mut self, options: u64) -> Result<()> {
        options::check(options)?;
        self.options = options;
        Ok(())
    }

    /// Sets the flags of the verification.
    pub fn set_verify_flags(&mut self, flags: u32) -> Result<()> {
        if flags & ALLOW_PROXY_CERTS != 0 {
            return Err(Error::new(
                Kind::Unsupported,
                "verify_flags: proxy certificates (RFC 3820) are not supported",
            ));
        }
        self.verify_flags = flags;
        Ok(())
    }

    /// Adds an own chain with its key, if it is as strong as the security level asks. It takes the
    /// place of one with a key of the same type, as in OpenSSL, unless those are kept.
    pub fn add_identity(&mut self, identity: Arc<Identity>) -> Result<()> {
        self.level.check_own(identity.chain.iter().map(Buffer::bytes))?;
        let earlier = self.identities.iter().position(|own| own.key.id() == identity.key.id());
        let earlier = earlier.filter(|_| !self.keep_identities);
        self.newest = earlier.unwrap_or(self.identities.len());
        match self.identities.get_mut(self.newest) {
            Some(own) => *own = identity,
            None => self.identities.push(identity),
        }
        Ok(())
    }

    /// Has something shown besides the chain that was loaded last.
    pub fn staple(&mut self, put: impl FnOnce(&mut Staples)) -> Result<()> {
        let Some(last) = self.identities.get_mut(self.newest) else {
            return Err(Error::state("there is no certificate that it could be shown with"));
        };
        let mut identity = Identity::clone(last);
        put(&mut identity.staples);
        *last = Arc::new(identity);
        Ok(())
    }

    /// Trusts nobody any more.
    pub fn clear_trust(&mut self) {
        self.trust = Arc::default();
        self.system_roots = false;
        self.asked_for_system_roots = false;
    }

    /// Sets how many tickets a server sends after a handshake of TLS 1.3.
    pub fn set_num_tickets(&mut self, tickets: i32) -> Result<()> {
        if self.role == Some(Role::Client) {
            return Err(Error::argument(
                "tickets: a client sends no tickets; the context is a client's",
            ));
        }
        let tickets = usize::try_from(tickets)
            .map_err(|_| Error::argument(format!("tickets: {tickets} is negative")))?;
        self.num_tickets = tickets.min(MOST_TICKETS);
        Ok(())
    }

    /// Sets what is called with the name that a client asks for.
    pub fn set_sni_hook(&mut self, hook: Option<Arc<Sni>>) -> Result<()> {
        if self.role == Some(Role::Client) {
            return Err(Error::argument(
                "hook: clients ask for a name, and servers answer; the context is a client's",
            ));
        }
        self.hooks.sni = hook;
        Ok(())
    }

    /// Sets what is called with the sessions that servers give.
    pub fn set_session_hook(&mut self, hook: Option<Arc<Sessions>>) -> Result<()> {
        if self.role == Some(Role::Server) {
            return Err(Error::argument(
                "hook: sessions are given to clients; the context is a server's",
            ));
        }
        self.hooks.sessions = hook;
        Ok(())
    }

    /// Sets the application protocols.
    pub fn set_alpn(&mut self, list: &[u8]) -> Result<()> {
        let mut rest = list;
        while let Some((&len, after)) = rest.split_first() {
            if len == 0 {
                return Err(Error::argument(
                    "protocols: a protocol's name may not be empty (RFC 7301, section 3.1)",
                ));
            }
            rest = after.get(usize::from(len)..).ok_or_else(|| {
                Error::argument(format!(
                    "protocols: the list ends inside a name: {len} bytes are announced, {} are \
                     there (RFC 7301: each name after its length in one byte)",
                    after.len()
                ))
            })?;
        }
        if list.len() > 0xffff {
            return Err(Error::argument("protocols: the list is longer than 65,535 bytes"));
        }
        self.alpn = Arc::from(list);
        Ok(())
    }
}
