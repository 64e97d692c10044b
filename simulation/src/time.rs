//! The time of a world: it begins at nine in the morning in Nairobi, and ends after twenty minutes.

use lipia::values::EatTime;

/// After so long the world ends. What is open then has been asked about for many times as long as any prompt lives.
pub(crate) const HORIZON_MS: u64 = 1_200_000;

/// What the clocks on the walls show when a world begins: 2026-11-22, nine in the morning in Nairobi.
const BEGINS_AT_UNIX_MS: i64 = 1_795_327_200_000;

/// The time on the walls.
pub(crate) fn eat_time(at_ms: u64) -> EatTime {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    EatTime::from_unix_millis(BEGINS_AT_UNIX_MS.saturating_add(at_ms))
}

/// The milliseconds since the world began at a time on the walls.
pub(crate) fn at_ms(time: EatTime) -> u64 {
    u64::try_from(time.unix_millis() - BEGINS_AT_UNIX_MS).unwrap_or(0)
}
