//! A sequence of calls: see program.rs.

/// Runs one input.
pub fn run(data: &[u8]) {
    super::program::run(data);
}
