//! The time one call may take.

use std::time::{Duration, Instant};

/// When a call must end.
#[derive(Clone, Copy, Debug)]
pub enum Deadline {
    /// Never.
    Never,
    /// At once: it may not wait at all.
    Now,
    /// At this moment.
    At(Instant),
}

impl Deadline {
    /// From a timeout: negative is for ever, 0 is never wait, else milliseconds from now.
    pub fn after(milliseconds: i64) -> Self {
        match u64::try_from(milliseconds) {
            Err(_) => Self::Never,
            Ok(0) => Self::Now,
            // A moment too far to be told is never.
            Ok(ms) => {
                Instant::now().checked_add(Duration::from_millis(ms)).map_or(Self::Never, Self::At)
            }
        }
    }

    /// The milliseconds left, as `poll` wants them: -1 for ever; rounded up, so that a wait never
    /// ends just before its deadline and spins; `None` when the moment has passed.
    pub fn left(&self) -> Option<i32> {
        match self {
            Self::Never => Some(-1),
            Self::Now => None,
            Self::At(moment) => {
                let left = moment.checked_duration_since(Instant::now())?;
                let ms = left.as_nanos().div_ceil(1_000_000);
                if ms == 0 {
                    return None;
                }
                Some(i32::try_from(ms).unwrap_or(i32::MAX))
            }
        }
    }
}
