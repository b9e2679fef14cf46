//! Points and lengths of time. Each clock has its own type, so that a clock that can jump is never mistaken for one that
//! cannot.

use std::fmt;
use std::ops::{Add, Div, Mul, Sub};

/// A length of time in milliseconds; infinite for no limit.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Millis(pub f64);

/// A point in time on a monotonic clock, in milliseconds since an origin that the host chooses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Instant(pub f64);

/// A point in time on the calendar clock, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct UnixTime(pub f64);

impl Millis {
    /// Zero.
    pub const ZERO: Millis = Millis(0.0);
    /// No limit.
    pub const FOREVER: Millis = Millis(f64::INFINITY);

    /// The longer of the two.
    pub fn max(self, other: Millis) -> Millis {
        Millis(self.0.max(other.0))
    }

    /// The shorter of the two.
    pub fn min(self, other: Millis) -> Millis {
        Millis(self.0.min(other.0))
    }
}

impl Instant {
    /// A point in time that never comes.
    pub const NEVER: Instant = Instant(f64::INFINITY);

    /// The earlier of the two.
    pub fn min(self, other: Instant) -> Instant {
        Instant(self.0.min(other.0))
    }

    /// The later of the two.
    pub fn max(self, other: Instant) -> Instant {
        Instant(self.0.max(other.0))
    }
}

/// On one line, in plans of the simulation and in failed assertions.
impl fmt::Debug for Millis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Millis::FOREVER { formatter.write_str("forever") } else { write!(formatter, "{} ms", self.0) }
    }
}

/// Like that of [`Millis`].
impl fmt::Debug for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Instant::NEVER { formatter.write_str("never") } else { write!(formatter, "at {} ms", self.0) }
    }
}

impl Add for Millis {
    type Output = Millis;

    fn add(self, other: Millis) -> Millis {
        Millis(self.0 + other.0)
    }
}

impl Sub for Millis {
    type Output = Millis;

    fn sub(self, other: Millis) -> Millis {
        Millis(self.0 - other.0)
    }
}

impl Mul<f64> for Millis {
    type Output = Millis;

    fn mul(self, factor: f64) -> Millis {
        Millis(self.0 * factor)
    }
}

impl Div<f64> for Millis {
    type Output = Millis;

    fn div(self, divisor: f64) -> Millis {
        Millis(self.0 / divisor)
    }
}

impl Add<Millis> for Instant {
    type Output = Instant;

    fn add(self, length: Millis) -> Instant {
        Instant(self.0 + length.0)
    }
}

impl Sub for Instant {
    type Output = Millis;

    fn sub(self, earlier: Instant) -> Millis {
        Millis(self.0 - earlier.0)
    }
}

impl Sub for UnixTime {
    type Output = Millis;

    fn sub(self, earlier: UnixTime) -> Millis {
        Millis(self.0 - earlier.0)
    }
}

impl Add<Millis> for UnixTime {
    type Output = UnixTime;

    fn add(self, length: Millis) -> UnixTime {
        UnixTime(self.0 + length.0)
    }
}

impl Sub<Millis> for UnixTime {
    type Output = UnixTime;

    fn sub(self, length: Millis) -> UnixTime {
        UnixTime(self.0 - length.0)
    }
}
