//! The caller's own read and write functions as a transport.

use super::Step;

/// A pair of functions that move bytes without waiting.
pub trait Calls: Send {
    /// Reads what is there now.
    fn read(&mut self, room: &mut [u8]) -> Step;
    /// Writes what fits now.
    fn write(&mut self, data: &[u8]) -> Step;
}
