//! Instants in East Africa Time, and the clock they come from.
//!
//! Kenya keeps +03:00 all year, so the offset is a constant here: neither the host's time zone nor a time-zone
//! database can move a timestamp that a gateway checks a password against.

use crate::error::codes::ErrorCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// The first and the last millisecond that four digits of year can show: years 1 to 9999 at +03:00.
const FIRST_MILLIS: i64 = -62_135_607_600_000;
const LAST_MILLIS: i64 = 253_402_289_999_999;

const EAST_AFRICA: UtcOffset = match UtcOffset::from_hms(3, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// An instant, to the millisecond, always shown in East Africa Time (+03:00).
///
/// ```
/// use lipia::values::EatTime;
/// let paid = EatTime::parse_wire("20191219102115").unwrap();
/// assert_eq!(paid.to_iso(), "2019-12-19T10:21:15+03:00");
/// assert_eq!(paid.to_wire(), "20191219102115");
/// assert_eq!(EatTime::parse_rfc3339("2019-12-19T07:21:15Z"), Some(paid));
/// assert_eq!(EatTime::parse_wire("20191319102115"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EatTime {
    unix_millis: i64,
}

impl EatTime {
    /// The instant that many milliseconds after 1970-01-01T00:00:00Z. An instant outside the years 1 to 9999
    /// (at +03:00) becomes the nearest one inside, because no wire format can write another.
    #[must_use]
    pub const fn from_unix_millis(unix_millis: i64) -> Self {
        let held = if unix_millis < FIRST_MILLIS {
            FIRST_MILLIS
        } else if unix_millis > LAST_MILLIS {
            LAST_MILLIS
        } else {
            unix_millis
        };
        Self { unix_millis: held }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.unix_millis
    }

    /// The fourteen digits `YYYYMMDDHHmmss` that Daraja wants, at +03:00; the milliseconds are dropped.
    #[must_use]
    pub fn to_wire(self) -> String {
        let civil = self.civil();
        // Written by hand: every push makes two of these, and `format!` showed in the profile of a push.
        let mut digits = String::with_capacity(14);
        push_digits(&mut digits, civil.year().unsigned_abs(), 1_000);
        for part in [
            u8::from(civil.month()),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
        ] {
            push_digits(&mut digits, u32::from(part), 10);
        }
        digits
    }

    /// Reads fourteen ASCII digits `YYYYMMDDHHmmss` as East Africa Time. `None` for anything else, for a date or
    /// time that does not exist, and for the year 0.
    #[must_use]
    pub fn parse_wire(text: &str) -> Option<Self> {
        if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i32 = text.get(0..4)?.parse().ok()?;
        let part = |from: usize| -> Option<u8> { text.get(from..from + 2)?.parse().ok() };
        let date =
            Date::from_calendar_date(year, Month::try_from(part(4)?).ok()?, part(6)?).ok()?;
        let time = Time::from_hms(part(8)?, part(10)?, part(12)?).ok()?;
        Self::from_instant(PrimitiveDateTime::new(date, time).assume_offset(EAST_AFRICA))
    }

    /// ISO 8601 with the offset and whole seconds: `2019-12-19T10:21:15+03:00`.
    #[must_use]
    pub fn to_iso(self) -> String {
        let civil = self.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+03:00",
            civil.year(),
            u8::from(civil.month()),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second()
        )
    }

    /// Reads an RFC 3339 instant with any offset; what is finer than a millisecond is dropped. `None` for
    /// anything else and outside the years 1 to 9999 (at +03:00).
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let instant =
            OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        Self::from_instant(instant)
    }

    /// Reads ISO 8601 text as programs write it: with `T` or a space, with or without seconds' fractions, and with any
    /// spelling of an offset. `zone` holds where there is no offset. `None` for a date without a time, and for anything
    /// else.
    pub(crate) fn parse_iso(text: &str, zone: DateZone) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let time_length = rest
            .find(|character: char| !(character.is_ascii_digit() || ":.".contains(character)))
            .unwrap_or(rest.len());
        let (time, offset) = rest.split_at_checked(time_length)?;
        let seconds = if time.len() == 5 { ":00" } else { "" };
        let offset = match (offset.trim(), zone) {
            ("", DateZone::EastAfrica) => "+03:00".to_owned(),
            ("", DateZone::Utc) | ("Z" | "z" | "UTC" | "GMT", _) => "Z".to_owned(),
            (offset, _) => {
                let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
                let (hours, minutes) = digits.split_at_checked(2)?;
                let minutes = if minutes.is_empty() { "00" } else { minutes };
                format!("{}{hours}:{minutes}", offset.get(..1)?)
            }
        };
        Self::parse_rfc3339(&format!("{date}T{time}{seconds}{offset}"))
    }

    /// The instant this much later, held at the end of the year 9999.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_unix_millis(self.unix_millis.saturating_add(millis))
    }

    /// The time from `earlier` to this instant; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.unix_millis.saturating_sub(earlier.unix_millis);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    fn from_instant(instant: OffsetDateTime) -> Option<Self> {
        // A whole second and what follows it: before 1970 too, the milliseconds count upwards.
        let millis = instant.unix_timestamp() * 1000 + i64::from(instant.millisecond());
        (FIRST_MILLIS..=LAST_MILLIS)
            .contains(&millis)
            .then_some(Self {
                unix_millis: millis,
            })
    }

    /// The civil date and time at +03:00. The constructor holds every instant inside what `time` can show, so the
    /// epoch is never really used.
    fn civil(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.unix_millis.div_euclid(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(EAST_AFRICA)
    }

    /// RFC 3339 with milliseconds: what is saved, so that nothing is lost on the way.
    fn to_rfc3339_millis(self) -> String {
        let civil = self.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+03:00",
            civil.year(),
            u8::from(civil.month()),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            self.unix_millis.rem_euclid(1000)
        )
    }
}

/// The zone of a time that is written without an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateZone {
    /// M-Pesa's own, +03:00.
    EastAfrica,
    /// As `PalPluss` documents its times.
    Utc,
}

/// Writes `number` with as many digits as `place`, the value of its first one, has.
fn push_digits(text: &mut String, number: u32, place: u32) {
    let mut place = place;
    while place > 0 {
        text.push(char::from_digit(number / place % 10, 10).unwrap_or('0'));
        place /= 10;
    }
}

impl fmt::Display for EatTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_iso())
    }
}

impl fmt::Debug for EatTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339_millis())
    }
}

impl Serialize for EatTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339_millis())
    }
}

impl<'de> Deserialize<'de> for EatTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text)
            .ok_or_else(|| serde::de::Error::custom("not an RFC 3339 instant"))
    }
}

/// A clock, from which the time comes. Everything that waits, expires or signs asks a clock, so that tests need no sleep.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> EatTime;
}

/// The computer's own clock.
///
/// ```
/// use lipia::values::{Clock, EatTime, SystemClock};
/// assert!(SystemClock.now() > EatTime::parse_wire("20200101000000").unwrap());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> EatTime {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis)
            }
        };
        EatTime::from_unix_millis(millis)
    }
}

/// A clock that stands still until it is moved: for tests, yours as well as Lipia's. Clones share one time.
///
/// ```
/// use lipia::values::{Clock, EatTime, ManualClock};
/// use std::time::Duration;
/// let clock = ManualClock::new(EatTime::parse_wire("20261121093000").unwrap());
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_wire(), "20261121093130");
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    unix_millis: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn new(now: EatTime) -> Self {
        Self {
            unix_millis: Arc::new(AtomicI64::new(now.unix_millis())),
        }
    }

    /// Moves the clock to this time, forward or back.
    pub fn set(&self, now: EatTime) {
        self.unix_millis.store(now.unix_millis(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let _before = self
            .unix_millis
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                Some(now.saturating_add(millis))
            });
    }
}

impl Clock for ManualClock {
    fn now(&self) -> EatTime {
        EatTime::from_unix_millis(self.unix_millis.load(Ordering::SeqCst))
    }
}

/// A time that a caller gives in seconds.
///
/// # Errors
/// `seconds_unreadable` where it is not a time: negative, not a number, without end.
pub(crate) fn seconds_of(field: &str, seconds: f64) -> Result<Duration, crate::error::Error> {
    Duration::try_from_secs_f64(seconds).map_err(|source| {
        crate::error::Error::invalid(
            field,
            ErrorCode::SecondsUnreadable,
            "This is not a length of time in seconds.",
        )
        .with_hint("Give a number of seconds that is zero or more.")
        .with_source(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_time_can_be_written_and_read_back() {
        let first = EatTime::from_unix_millis(i64::MIN);
        let last = EatTime::from_unix_millis(i64::MAX);
        assert_eq!(first.to_wire(), "00010101000000");
        assert_eq!(last.to_wire(), "99991231235959");
        assert_eq!(EatTime::parse_wire("00010101000000"), Some(first));
        assert_eq!(
            EatTime::parse_wire("99991231235959"),
            Some(EatTime::from_unix_millis(LAST_MILLIS - 999))
        );
        assert_eq!(
            EatTime::parse_rfc3339("0001-01-01T00:00:00Z")
                .unwrap()
                .to_wire(),
            "00010101030000"
        );
        assert_eq!(EatTime::parse_rfc3339("9999-12-31T23:59:59Z"), None);
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in [
            "00000101000000",
            "20230229000000",
            "20191300000000",
            "20191231240000",
            "20191231236000",
            "20191231235960",
            "2019121910211",
            "201912191021155",
            "2019121910211 ",
            "+2019121910211",
            "２0191219102115",
            "",
        ] {
            assert_eq!(EatTime::parse_wire(text), None, "{text:?}");
        }
        assert!(EatTime::parse_wire("20240229000000").is_some());
    }

    #[test]
    fn saved_time_keeps_its_milliseconds() {
        for millis in [0, 1, 999, -1, 1_576_740_075_123] {
            let time = EatTime::from_unix_millis(millis);
            let saved = serde_json::to_string(&time).unwrap();
            assert_eq!(
                serde_json::from_str::<EatTime>(&saved).unwrap(),
                time,
                "{saved}"
            );
        }
        let saved = serde_json::to_string(&EatTime::from_unix_millis(1_576_740_075_123)).unwrap();
        assert_eq!(saved, "\"2019-12-19T10:21:15.123+03:00\"");
        assert!(serde_json::from_str::<EatTime>("\"20191219102115\"").is_err());
    }

    #[test]
    fn time_passes_only_when_it_is_moved_and_never_backwards_by_itself() {
        let start = EatTime::from_unix_millis(1_000);
        let clock = ManualClock::new(start);
        let same = clock.clone();
        same.advance(Duration::from_millis(500));
        assert_eq!(clock.now().since(start), Duration::from_millis(500));
        assert_eq!(start.since(clock.now()), Duration::ZERO);
        same.set(start.plus(Duration::MAX));
        assert_eq!(clock.now(), EatTime::from_unix_millis(i64::MAX));
    }
}
