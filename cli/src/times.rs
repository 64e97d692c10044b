//! Ages and instants as people write them on the command line.

use lipia::values::{Clock, EatTime, SystemClock};
use std::time::Duration;

/// Letters of ages, and the seconds that each means.
const UNITS: [(char, u64); 5] = [
    ('s', 1),
    ('m', 60),
    ('h', 3_600),
    ('d', 24 * 3_600),
    ('w', 7 * 24 * 3_600),
];

/// A hundred years: no payment is older.
const MAX_SECONDS: u64 = 100 * 366 * 24 * 3_600;

/// Reads an age such as `90d`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let refused = || "give a number and a letter: s, m, h, d or w, as in 90d".to_owned();
    let letter = text.chars().last().ok_or_else(refused)?;
    let (_, seconds) = UNITS
        .into_iter()
        .find(|(unit, _)| *unit == letter)
        .ok_or_else(refused)?;
    let number = text.strip_suffix(letter).ok_or_else(refused)?;
    // `parse` would take a plus sign as well.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    let number: u64 = number.parse().map_err(|_| refused())?;
    let seconds = number.saturating_mul(seconds);
    if seconds > MAX_SECONDS {
        return Err("give an age of at most a hundred years".to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

/// Reads an instant: a day, a day with a time and an offset, or an age before now.
pub(crate) fn instant(text: &str) -> Result<EatTime, String> {
    let day = || EatTime::parse_rfc3339(&format!("{text}T00:00:00+03:00"));
    if let Some(instant) = EatTime::parse_rfc3339(text).or_else(day) {
        return Ok(instant);
    }
    let age = age(text).map_err(|_| {
        "give a day (2026-11-29), a time (2026-11-29T10:00:00+03:00) or an age (12h)".to_owned()
    })?;
    Ok(before(SystemClock.now(), age))
}

/// The instant that much earlier.
pub(crate) fn before(now: EatTime, age: Duration) -> EatTime {
    let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    EatTime::from_unix_millis(now.unix_millis().saturating_sub(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_letter() {
        for (text, seconds) in [
            ("0s", 0),
            ("45s", 45),
            ("30m", 1_800),
            ("12h", 43_200),
            ("90d", 7_776_000),
            ("2w", 1_209_600),
        ] {
            assert_eq!(age(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "", "d", "90", "-1d", "+1d", "1.5d", "90 d", "90y", "ad", "1é", "99999w",
        ] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_instant_is_a_day_a_time_or_an_age() {
        let at = |text| instant(text).unwrap().to_iso();
        assert_eq!(at("2026-11-29"), "2026-11-29T00:00:00+03:00");
        assert_eq!(at("2026-11-29T07:00:00Z"), "2026-11-29T10:00:00+03:00");
        let ago = SystemClock.now().since(instant("2h").unwrap());
        assert!((7_200..7_260).contains(&ago.as_secs()), "{ago:?}");
        for text in ["", "yesterday", "2026-13-01", "29.11.2026"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
