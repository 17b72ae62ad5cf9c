//! A path, and why one does not hold.

use boring::x509::X509;

use super::constraints::Breach;
use crate::bssl::x509::Trust;

/// One certificate of a path.
#[derive(Clone)]
pub(super) struct Step {
    /// The certificate.
    pub x509: X509,
    /// What it is trusted for, if it is of the trust store.
    pub trust: Option<Trust>,
}

/// What is wrong with a path.
#[derive(Clone)]
pub(super) struct Fault {
    /// `X509_V_ERR_*`, OpenSSL 3's number.
    pub code: i32,
    /// Which certificate it is about.
    pub depth: usize,
    /// What else is known of it.
    pub cause: Cause,
}

/// What a message says besides the code.
#[derive(Clone)]
pub(super) enum Cause {
    /// The code says it all.
    Itself,
    /// There is no way on from the last certificate; those of the issuer's name are not its issuer.
    NoIssuer(Namesakes),
    /// It has a key on BoringSSL's list.
    ListedKey,
    /// The trust store says that it is not to be used for this.
    Distrusted,
    /// Its names break the constraints of a CA.
    Constrained(Breach),
    /// It is longer than the depth that is allowed.
    TooLong(usize),
    /// So many paths were tried that the search was given up.
    GivenUp(usize),
}

/// Where certificates are that have the name of an issuer that was looked for, and another key.
#[derive(Clone, Copy, Default)]
pub(super) struct Namesakes {
    /// In the trust store.
    pub are_trusted: bool,
    /// Among what the peer sent.
    pub were_sent: bool,
}

/// A path that does not hold.
pub(super) struct Failed {
    /// The path, as far as it goes.
    pub path: Vec<Step>,
    /// Why it does not hold.
    pub fault: Fault,
    /// How many other paths were tried.
    pub others: usize,
}
