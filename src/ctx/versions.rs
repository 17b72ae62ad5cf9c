//! The lowest and the highest protocol version, as given and as meant.

use crate::error::{Error, Kind, Result};

/// TLS 1.0, the lowest version BoringSSL speaks.
pub const TLS_1_0: u16 = 0x0301;
/// TLS 1.1.
pub const TLS_1_1: u16 = 0x0302;
/// TLS 1.2, the lowest version that is allowed by default.
pub const TLS_1_2: u16 = 0x0303;
/// TLS 1.3.
pub const TLS_1_3: u16 = 0x0304;

/// SSL 3.0, which has a number and nothing else.
const SSL_3_0: i32 = 0x0300;
/// CPython's `TLSVersion.MINIMUM_SUPPORTED`.
const MINIMUM_SUPPORTED: i32 = -2;
/// CPython's `TLSVersion.MAXIMUM_SUPPORTED`.
const MAXIMUM_SUPPORTED: i32 = -1;

/// The bounds. That the lowest is above the highest is not prevented: they are set one after the
/// other, and a handshake says it.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// The lowest, as it reads back.
    pub min: i32,
    /// The highest, as it reads back.
    pub max: i32,
}

impl Default for Versions {
    fn default() -> Self {
        Self { min: TLS_1_2.into(), max: MAXIMUM_SUPPORTED }
    }
}

impl Versions {
    /// No bounds but what BoringSSL speaks.
    pub fn open() -> Self {
        Self { min: MINIMUM_SUPPORTED, max: MAXIMUM_SUPPORTED }
    }

    /// Sets the lowest. "The highest there is" becomes its number, as in CPython.
    pub fn set_min(&mut self, version: i32) -> Result<()> {
        let meant = meant(version)?;
        self.min = if version == MAXIMUM_SUPPORTED { meant.into() } else { version };
        Ok(())
    }

    /// Sets the highest. "The lowest there is" becomes its number.
    pub fn set_max(&mut self, version: i32) -> Result<()> {
        let meant = meant(version)?;
        self.max = if version == MINIMUM_SUPPORTED { meant.into() } else { version };
        Ok(())
    }

    /// Both as numbers of versions.
    pub fn range(self) -> Result<(u16, u16)> {
        Ok((meant(self.min)?, meant(self.max)?))
    }
}

fn meant(version: i32) -> Result<u16> {
    match version {
        MINIMUM_SUPPORTED => Ok(TLS_1_0),
        MAXIMUM_SUPPORTED => Ok(TLS_1_3),
        SSL_3_0 => Err(Error::new(Kind::Unsupported, "version: SSL 3.0 is not available")),
        _ => u16::try_from(version)
            .ok()
            .filter(|version| (TLS_1_0..=TLS_1_3).contains(version))
            .ok_or_else(|| {
                Error::argument(format!(
                    "version: {version:#x} is not a TLS version that BoringSSL speaks \
                     (TLSW_TLS_1_0 to TLSW_TLS_1_3)"
                ))
            }),
    }
}
