//! Numbers and times for which each language has types of its own.

use lipia::values::EatTime;
use std::time::{Duration, SystemTime};

/// A time span: `kotlin.time.Duration`, in Swift a `TimeInterval` in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

uniffi::custom_type!(Seconds, f64, {
    lower: |seconds| seconds.0,
    try_lift: |seconds| Ok(Seconds(seconds)),
});

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

/// An amount in KES, to the cent: `java.math.BigDecimal`, in Swift a `Decimal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money(pub i64);

uniffi::custom_type!(Money, i64, {
    lower: |money| money.0,
    try_lift: |cents| Ok(Money(cents)),
});

impl From<lipia::values::Money> for Money {
    fn from(money: lipia::values::Money) -> Self {
        Self(money.cents())
    }
}

/// Whole KES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shillings(pub i64);

uniffi::custom_type!(Shillings, i64, {
    lower: |shillings| shillings.0,
    try_lift: |shillings| Ok(Shillings(shillings)),
});

impl Shillings {
    /// The amount as a limit. A limit that does not fit is far above any real one, and a limit of 0 refuses every push.
    pub(crate) fn limit(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }
}

/// A small whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeNumber(pub i32);

uniffi::custom_type!(WholeNumber, i32, {
    lower: |number| number.0,
    try_lift: |number| Ok(WholeNumber(number)),
});

impl WholeNumber {
    /// The number as a limit. Less than nothing is nothing.
    pub(crate) fn limit(self) -> u32 {
        u32::try_from(self.0).unwrap_or_default()
    }
}

/// The instant, to the millisecond.
pub(crate) fn instant(time: EatTime) -> SystemTime {
    let milliseconds = Duration::from_millis(time.unix_millis().unsigned_abs());
    let instant = if time.unix_millis() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(milliseconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(milliseconds)
    };
    instant.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Rounded down to the millisecond, before 1970 as well.
pub(crate) fn unix_milliseconds(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(error) => {
            let before = error.duration().as_nanos().div_ceil(1_000_000);
            i64::try_from(before).map_or(i64::MIN, |before| -before)
        }
    }
}
