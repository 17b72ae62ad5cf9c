//! The chain of an own certificate, completed from who is trusted.

use super::path::Step;
use super::{Anchors, issuers, search};
use crate::bssl::buffer::Buffer;
use crate::bssl::x509::{self, Purpose};
use crate::error::Result;

/// How long a chain may become.
const MOST: usize = 100;

/// Finds the chain that leads from `leaf` through what is trusted, as far as there is one. Whether
/// it verifies is the peer's question.
pub fn complete(leaf: &Buffer, anchors: &dyn Anchors) -> Result<Vec<Buffer>> {
    let mut path = vec![Step { x509: x509::parse(leaf)?, trust: None }];
    let mut chain = vec![leaf.clone()];
    while let Some(last) = path.last()
        && path.len() < MOST
        && !x509::is_self_signed(&last.x509)
    {
        let found = issuers::of(&path, &[], anchors, Purpose::Server, search::now())?;
        let mut candidates = found.candidates.into_iter().rev();
        let Some(issuer) = candidates.find(|issuer| x509::has_signed(&issuer.x509, &last.x509))
        else {
            break;
        };
        chain.push(Buffer::new(&x509::der(&issuer.x509)?)?);
        path.push(issuer);
    }
    Ok(chain)
}
