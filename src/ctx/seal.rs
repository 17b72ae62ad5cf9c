//! Settings → BoringSSL's context. The only user of `SslContextBuilder`.

use std::sync::{Arc, Weak};

use boring::ssl::{SslContext, SslContextBuilder, SslMode};

use super::cache::Cache;
use super::settings::Settings;
use super::stats::Stats;
use super::trust::Trust;
use super::{Snapshot, Source, ciphers, options};
use crate::bssl::buffer::Buffer;
use crate::bssl::cipher::Suite;
use crate::bssl::context::{self, signature};
use crate::bssl::digest::random;
use crate::bssl::stream::{Demand, Role};
use crate::bssl::terms::Terms;
use crate::bssl::{observe, queue};
use crate::error::{Error, Kind, Result};
use crate::verify::unusable;

/// Signatures in handshakes, accepted and made, with their bits of security: BoringSSL's default
/// with Ed25519 and P-521. SHA-1 is for level 0 alone.
const SIGNATURES: [(u16, u32); 12] = [
    (signature::ECDSA_SECP256R1_SHA256, 128),
    (signature::RSA_PSS_RSAE_SHA256, 128),
    (signature::RSA_PKCS1_SHA256, 128),
    (signature::ED25519, 128),
    (signature::ECDSA_SECP384R1_SHA384, 192),
    (signature::RSA_PSS_RSAE_SHA384, 192),
    (signature::RSA_PKCS1_SHA384, 192),
    (signature::ECDSA_SECP521R1_SHA512, 256),
    (signature::RSA_PSS_RSAE_SHA512, 256),
    (signature::RSA_PKCS1_SHA512, 256),
    (signature::ECDSA_SHA1, 63),
    (signature::RSA_PKCS1_SHA1, 63),
];

/// Signatures that are made besides, with keys for no others.
const OWN_SIGNATURES: [(u16, u32); 3] =
    [(signature::ML_DSA_44, 128), (signature::ML_DSA_65, 192), (signature::ML_DSA_87, 256)];

/// Those that have at least so many bits. There is one at every level.
fn strong<'a>(signatures: impl IntoIterator<Item = &'a (u16, u32)>, bits: u32) -> Vec<u16> {
    signatures.into_iter().filter(|(_, has)| *has >= bits).map(|(id, _)| *id).collect()
}

/// What connections are made from.
pub struct Sealed {
    /// The context it was made from; weak, for its settings hold this.
    pub(super) source: Weak<Source>,
    /// The state of that context that it was made from, or has caught up to.
    pub(super) seen: Weak<Snapshot>,
    /// The settings.
    pub settings: Settings,
    /// The number of the context it was made from.
    pub origin: u64,
    /// That context's numbers.
    pub stats: Arc<Stats>,
    /// Sessions that servers keep.
    pub cache: Arc<Cache>,
    /// The cipher suites that are enabled, those of TLS 1.3 first.
    pub suites: Vec<Suite>,
    /// BoringSSL's context.
    pub context: SslContext,
    /// Which side connections are.
    pub role: Role,
    /// What connections take over from it.
    pub terms: Terms,
    /// Whether a client checks the server's name.
    pub check_hostname: bool,
    /// The leaf of each chain of its own.
    pub leaves: Vec<Buffer>,
    /// Who is trusted.
    pub trust: Arc<Trust>,
}

impl Sealed {
    /// Those of its cipher suites that are among `offered`, two bytes each, as CPython's
    /// `shared_ciphers()`: in the order of its own preference.
    pub fn shared_ciphers_json(&self, offered: &[u8]) -> String {
        let is_offered = |suite: &&Suite| {
            let id = suite.id().to_be_bytes();
            offered.chunks_exact(2).any(|offer| offer == id)
        };
        ciphers::list(self.suites.iter().filter(is_offered))
    }

    /// The first of its application protocols that is among `offered`, both lists of RFC 7301.
    pub fn choose_protocol<'a>(&self, offered: &'a [u8]) -> Option<&'a [u8]> {
        protocols(&self.settings.alpn)
            .find_map(|want| protocols(offered).find(|offer| *offer == want))
    }
}

pub(super) fn seal(
    settings: &Settings,
    role: Role,
    snapshot: &Arc<Snapshot>,
    source: &Arc<Source>,
) -> Result<Sealed> {
    let trust = snapshot.trust();
    let mut builder = context::builder()?;
    let terms = terms(settings, role)?;
    let (min, max) = terms.versions;
    context::set_versions(&mut builder, min, max)?;
    context::set_options(&mut builder, terms.options);
    context::set_groups(&mut builder, &terms.groups)?;
    context::set_verify_algorithms(&mut builder, &terms.signatures)?;
    context::set_tls13_ciphers(&mut builder, &terms.tls13)?;
    set_ciphers(&mut builder, settings)?;
    context::set_num_tickets(&mut builder, settings.num_tickets);
    builder.set_mode(SslMode::ENABLE_PARTIAL_WRITE | SslMode::ACCEPT_MOVING_WRITE_BUFFER);
    if role == Role::Server {
        // It tells the sessions of this state of a context from all others: what was resumable under
        // one virtual host, or before its settings changed, is not under another, or afterwards.
        // Clients may bring sessions from an earlier run of the program, and know whose they are.
        builder.set_session_id_context(&random::<32>()).map_err(failed)?;
    }
    if !settings.alpn.is_empty() {
        set_alpn(&mut builder, role, &settings.alpn)?;
    }
    // Before certificates: a client that has a key is taken by it.
    for psk in &settings.psks {
        psk.add_to(&mut builder)?;
    }
    let signatures = strong(OWN_SIGNATURES.iter().chain(&SIGNATURES), settings.level.bits());
    for identity in &settings.identities {
        let chain = identity.sent_chain(&trust)?;
        // The level may be higher than when it was loaded, and trust have completed it.
        settings.level.check_own(chain.iter().map(Buffer::bytes))?;
        let (key, staples) = (&identity.key, &identity.staples);
        context::add_credential(&mut builder, &chain, key, &signatures, staples)
            .map_err(|error| explain(error, chain.first()))?;
    }
    if let Some(seconds) = settings.session_timeout {
        context::set_session_timeout(&mut builder, seconds);
    }
    queue::clear();
    let cache = Arc::new(Cache::new(settings.session_cache_size, Arc::clone(&source.stats)));
    match role {
        Role::Client => {
            observe::collect_sessions(&mut builder);
            // A session may be older than the settings, so what it holds is judged by them.
            let judges = settings.demand != Demand::None || settings.hooks.verify.is_some();
            context::set_reverify(&mut builder, judges);
        }
        Role::Server => {
            observe::read_hellos(&mut builder);
            observe::keep_sessions(&mut builder);
            if settings.hooks.sni.is_some() {
                observe::acknowledge_names(&mut builder);
            }
        }
    }
    if settings.hooks.key_log.is_some() || settings.key_log.is_some() {
        observe::log_keys(&mut builder);
    }
    Ok(Sealed {
        source: Arc::downgrade(source),
        seen: Arc::downgrade(snapshot),
        settings: settings.clone(),
        origin: source.number,
        stats: Arc::clone(&source.stats),
        cache,
        suites: settings.suites()?,
        context: builder.build(),
        role,
        terms,
        check_hostname: settings.check_hostname && role == Role::Client,
        leaves: settings.identities.iter().filter_map(|own| own.chain.first().cloned()).collect(),
        trust,
    })
}

fn terms(settings: &Settings, role: Role) -> Result<Terms> {
    let versions = settings.versions_for(role)?;
    let tls13 = settings.usable_tls13(versions)?;
    let is_choice = settings.tls13_ciphers.is_some() || tls13.len() < Suite::tls13().count();
    Ok(Terms {
        versions,
        options: settings.boringssl_options(),
        groups: settings.usable_groups()?,
        curve: settings.usable_curve(role)?,
        signatures: strong(&SIGNATURES, settings.level.bits()),
        tls13: tls13.into_iter().filter(|_| is_choice).map(Suite::id).collect(),
        alpn: settings.alpn.to_vec(),
        demand: settings.demand,
        keys_alone: settings.takes_keys_alone(),
        psk: settings.has_psk_hook(role),
        psk_hint: settings.psk_identity_hint.clone(),
        asks_ocsp: settings.ask_ocsp,
        asks_scts: settings.ask_scts,
        renegotiates: settings.options & options::NO_RENEGOTIATION == 0,
    })
}

fn failed<T>(_: T) -> Error {
    queue::error(Kind::Tls, "the context cannot be set up")
}

fn set_ciphers(builder: &mut SslContextBuilder, settings: &Settings) -> Result<()> {
    let list = settings.cipher_list();
    context::set_ciphers(builder, &list)?;
    // The list keeps its groups of equal preference unless the security level takes suites out.
    let suites = ciphers::select(&list, settings.level)?;
    if !ciphers::is_whole(&list, &suites) {
        let names: Vec<_> = suites.iter().map(|suite| suite.name()).collect();
        context::set_ciphers(builder, &names.join(":"))?;
    }
    Ok(())
}

fn set_alpn(builder: &mut SslContextBuilder, role: Role, alpn: &Arc<[u8]>) -> Result<()> {
    match role {
        Role::Client => builder.set_alpn_protos(alpn).map_err(failed),
        Role::Server => {
            observe::choose_protocols(builder);
            Ok(())
        }
    }
}

/// The names in a list of RFC 7301.
fn protocols(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&len, rest) = list.split_first()?;
        let name = rest.get(..usize::from(len))?;
        list = rest.get(usize::from(len)..)?;
        Some(name)
    })
}

/// Says more about a chain that BoringSSL does not take, if there is more to say.
fn explain(error: Error, leaf: Option<&Buffer>) -> Error {
    let more = leaf.and_then(|leaf| unusable::explain_own(&error.detail().reason, leaf.bytes()));
    match more {
        Some(more) => error.reworded(|text| format!("{text}; {more}")),
        None => error,
    }
}
