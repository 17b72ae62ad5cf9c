//! Settings → BoringSSL's context. The only user of `SslContextBuilder`.

use std::sync::Arc;

use boring::ssl::{AlpnError, SslContext, SslContextBuilder, SslMode};

use super::settings::Settings;
use super::system;
use super::trust::Trust;
use crate::bssl::buffer::Buffer;
use crate::bssl::context::{self, group, signature};
use crate::bssl::stream::{Demand, Role};
use crate::bssl::{queue, stream};
use crate::error::{Error, Kind, Result};

/// Key exchange: post-quantum hybrid first. Named, because the crate's own default has an
/// experimental Kyber draft in it.
const GROUPS: [u16; 4] = [group::X25519MLKEM768, group::X25519, group::SECP256R1, group::SECP384R1];

/// TLS 1.2: forward secrecy and authenticated encryption only. (All suites of TLS 1.3 are such.)
const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
                       ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
                       ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Signatures accepted from the peer: BoringSSL's default without SHA-1, with Ed25519 and P-521.
const SIGNATURES: [u16; 10] = [
    signature::ECDSA_SECP256R1_SHA256,
    signature::RSA_PSS_RSAE_SHA256,
    signature::RSA_PKCS1_SHA256,
    signature::ED25519,
    signature::ECDSA_SECP384R1_SHA384,
    signature::RSA_PSS_RSAE_SHA384,
    signature::RSA_PKCS1_SHA384,
    signature::ECDSA_SECP521R1_SHA512,
    signature::RSA_PSS_RSAE_SHA512,
    signature::RSA_PKCS1_SHA512,
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
}

pub(super) fn seal(settings: &Settings, origin: u64) -> Result<Sealed> {
    let trust = match (settings.system_roots, settings.trust.is_empty()) {
        (false, _) => Arc::clone(&settings.trust),
        (true, true) => system::roots(),
        (true, false) => Arc::new(system::roots().and(&settings.trust)),
    };
    let mut builder = context::builder()?;
    context::set_versions(&mut builder, settings.min_version, settings.max_version)?;
    context::set_groups(&mut builder, &GROUPS)?;
    context::set_verify_algorithms(&mut builder, &SIGNATURES)?;
    builder.set_cipher_list(CIPHERS).map_err(failed)?;
    builder.set_mode(SslMode::ENABLE_PARTIAL_WRITE | SslMode::ACCEPT_MOVING_WRITE_BUFFER);
    builder.set_session_id_context(&settings.session_context).map_err(failed)?;
    if !settings.alpn.is_empty() {
        set_alpn(&mut builder, settings)?;
    }
    for identity in &settings.identities {
        context::add_credential(&mut builder, &identity.chain, &identity.key)?;
    }
    queue::clear();
    if settings.role == Role::Client {
        stream::collect_sessions(&mut builder);
        // A session may be older than the settings, so what it holds is judged by them.
        context::set_reverify(&mut builder, settings.demand != Demand::None);
    }
    Ok(Sealed {
        origin,
        context: builder.build(),
        role: settings.role,
        demand: settings.demand,
        check_hostname: settings.check_hostname,
        leaves: settings.identities.iter().filter_map(|own| own.chain.first().cloned()).collect(),
        trust,
    })
}

fn failed<T>(_: T) -> Error {
    queue::error(Kind::Tls, "the context cannot be set up")
}

fn set_alpn(builder: &mut SslContextBuilder, settings: &Settings) -> Result<()> {
    match settings.role {
        Role::Client => builder.set_alpn_protos(&settings.alpn).map_err(failed),
        Role::Server => {
            let ours = Arc::clone(&settings.alpn);
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
