//! Settings → BoringSSL's context. The only user of `SslContextBuilder`.

use std::sync::Arc;

use boring::ssl::{AlpnError, SslContext, SslContextBuilder, SslMode};

use super::ciphers;
use super::settings::Settings;
use super::trust::Trust;
use crate::bssl::buffer::Buffer;
use crate::bssl::cipher::Suite;
use crate::bssl::context::{self, signature};
use crate::bssl::stream::{Demand, Role};
use crate::bssl::{queue, stream};
use crate::error::{Error, Kind, Result};
use crate::verify::level::Level;

/// Signatures accepted from the peer, with their bits of security: BoringSSL's default with Ed25519
/// and P-521. SHA-1 is for level 0 alone.
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

/// What connections are made from.
pub struct Sealed {
    /// The number of the context it was made from.
    pub origin: u64,
    /// BoringSSL's context.
    pub context: SslContext,
    /// Which side connections are.
    pub role: Role,
    /// Whether the peer must show a certificate.
    pub demand: Demand,
    /// Whether a client checks the server's name.
    pub check_hostname: bool,
    /// The leaf of each chain of its own.
    pub leaves: Vec<Buffer>,
    /// Who is trusted.
    pub trust: Arc<Trust>,
    /// `SSL_OP_*`, for what connections do about them.
    pub options: u64,
    /// The one group of servers, if there is one.
    pub curve: Option<u16>,
    /// `X509_V_FLAG_*`.
    pub verify_flags: u32,
    /// Whether a host name may be in the common name.
    pub common_name: bool,
    /// How strong the peer's keys and signatures must be.
    pub level: Level,
}

pub(super) fn seal(
    settings: &Settings,
    role: Role,
    trust: &Arc<Trust>,
    origin: u64,
) -> Result<Sealed> {
    let mut builder = context::builder()?;
    let (min, max) = settings.version_range()?;
    context::set_versions(&mut builder, min, max)?;
    context::set_options(&mut builder, settings.boringssl_options());
    context::set_groups(&mut builder, &settings.usable_groups()?)?;
    let bits = settings.level.bits();
    let signatures: Vec<u16> =
        SIGNATURES.iter().filter(|(_, has)| *has >= bits).map(|(id, _)| *id).collect();
    context::set_verify_algorithms(&mut builder, &signatures)?;
    set_ciphers(&mut builder, settings)?;
    context::set_num_tickets(&mut builder, settings.num_tickets);
    builder.set_mode(SslMode::ENABLE_PARTIAL_WRITE | SslMode::ACCEPT_MOVING_WRITE_BUFFER);
    if role == Role::Server {
        // Clients may bring sessions from an earlier run of the program, and know whose they are.
        builder.set_session_id_context(&settings.session_context).map_err(failed)?;
    }
    if !settings.alpn.is_empty() {
        set_alpn(&mut builder, role, &settings.alpn)?;
    }
    for identity in &settings.identities {
        context::add_credential(&mut builder, &identity.chain, &identity.key)?;
    }
    queue::clear();
    if role == Role::Client {
        stream::collect_sessions(&mut builder);
        // A session may be older than the settings, so what it holds is judged by them.
        context::set_reverify(&mut builder, settings.demand != Demand::None);
    }
    Ok(Sealed {
        origin,
        context: builder.build(),
        role,
        demand: settings.demand,
        check_hostname: settings.check_hostname && role == Role::Client,
        leaves: settings.identities.iter().filter_map(|own| own.chain.first().cloned()).collect(),
        trust: Arc::clone(trust),
        options: settings.options,
        curve: settings.curve,
        verify_flags: settings.verify_flags,
        common_name: settings.common_name,
        level: settings.level,
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
    let tls13 = ciphers::tls13(settings.tls13_ciphers.as_deref(), settings.level);
    if settings.tls13_ciphers.is_some() || tls13.len() < Suite::tls13().count() {
        let ids: Vec<_> = tls13.into_iter().map(Suite::id).collect();
        context::set_tls13_ciphers(builder, &ids)?;
    }
    Ok(())
}

fn set_alpn(builder: &mut SslContextBuilder, role: Role, alpn: &Arc<[u8]>) -> Result<()> {
    match role {
        Role::Client => builder.set_alpn_protos(alpn).map_err(failed),
        Role::Server => {
            let ours = Arc::clone(alpn);
            // The server's order decides; where nothing fits the connection goes on without.
            builder.set_alpn_select_callback(move |_, theirs| {
                protocols(&ours)
                    .find_map(|want| protocols(theirs).find(|offer| *offer == want))
                    .ok_or(AlpnError::NOACK)
            });
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
