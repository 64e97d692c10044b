//! The sandbox clock: real time, stretched by the time scale, and told in East Africa Time.

use std::time::{Duration, Instant};

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// A clock that started when the sandbox did and runs `time_scale` times as fast as a real one.
#[derive(Debug)]
pub(crate) struct SandboxClock {
    started: Instant,
    started_at: OffsetDateTime,
    time_scale: f64,
}

impl SandboxClock {
    pub(crate) fn start(time_scale: f64) -> Self {
        Self {
            started: Instant::now(),
            started_at: OffsetDateTime::now_utc(),
            time_scale,
        }
    }

    /// A clock that started at an instant, for what has happened elsewhere.
    pub(crate) fn started(at: OffsetDateTime) -> Self {
        Self {
            started_at: at,
            ..Self::start(1.0)
        }
    }

    /// Sandbox time since the start.
    pub(crate) fn now(&self) -> Duration {
        seconds(self.started.elapsed().as_secs_f64() * self.time_scale)
    }

    /// Nairobi's wall clock at an instant of sandbox time.
    pub(crate) fn nairobi(&self, at: Duration) -> OffsetDateTime {
        let offset = UtcOffset::from_hms(3, 0, 0).unwrap_or(UtcOffset::UTC);
        let passed = time::Duration::try_from(at).unwrap_or(time::Duration::ZERO);
        self.started_at.saturating_add(passed).to_offset(offset)
    }

    /// The time in UTC at an instant of sandbox time, as gateways write it: `2026-03-01T08:00:00.000Z`.
    pub(crate) fn utc_text(&self, at: Duration) -> String {
        let at = self.nairobi(at).to_offset(UtcOffset::UTC);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }

    /// How long a stretch of sandbox time takes in real time.
    pub(crate) fn real(&self, sandbox: Duration) -> Duration {
        seconds(sandbox.as_secs_f64() / self.time_scale)
    }

    /// How much sandbox time passes in a stretch of real time.
    pub(crate) fn sandbox(&self, real: Duration) -> Duration {
        seconds(real.as_secs_f64() * self.time_scale)
    }

    /// Waits until the sandbox clock shows `at`.
    pub(crate) async fn sleep_until(&self, at: Duration) {
        let left = at.saturating_sub(self.now());
        if !left.is_zero() {
            tokio::time::sleep(self.real(left)).await;
        }
    }

    /// Waits for a stretch of sandbox time.
    pub(crate) async fn sleep(&self, sandbox: Duration) {
        tokio::time::sleep(self.real(sandbox)).await;
    }
}

/// Seconds as a duration; what no duration can hold is clamped to about thirty years, which timers still accept.
pub(crate) fn seconds(seconds: f64) -> Duration {
    const LONGEST: Duration = Duration::from_secs(1_000_000_000);
    if seconds.is_nan() || seconds <= 0.0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(seconds).map_or(LONGEST, |duration| duration.min(LONGEST))
}

/// `YYYYMMDDHHmmss`, the form of transaction dates.
pub(crate) fn year_first(at: OffsetDateTime) -> String {
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `DDMMYYYYHHmmss`, the form inside request ids.
pub(crate) fn day_first(at: OffsetDateTime) -> String {
    format!(
        "{:02}{:02}{:04}{:02}{:02}{:02}",
        at.day(),
        u8::from(at.month()),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Whether a text is `YYYYMMDDHHmmss` and names a moment that exists.
pub(crate) fn is_timestamp(text: &str) -> bool {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let part = |from: usize, to: usize| {
        text.get(from..to)
            .and_then(|digits| digits.parse::<u16>().ok())
    };
    let small =
        |from: usize, to: usize| part(from, to).and_then(|number| u8::try_from(number).ok());
    let read = || {
        let month = Month::try_from(small(4, 6)?).ok()?;
        Date::from_calendar_date(i32::from(part(0, 4)?), month, small(6, 8)?).ok()?;
        Time::from_hms(small(8, 10)?, small(10, 12)?, small(12, 14)?).ok()
    };
    read().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_name_a_moment_that_exists() {
        for good in ["20261121235959", "20240229000000"] {
            assert!(is_timestamp(good), "{good}");
        }
        for bad in [
            "",
            "2026112123595",
            "20261321000000",
            "20260229000000",
            "20261121240000",
            "2026112100006a",
        ] {
            assert!(!is_timestamp(bad), "{bad}");
        }
    }

    #[test]
    fn impossible_stretches_of_time_are_clamped() {
        assert_eq!(seconds(f64::NAN), Duration::ZERO);
        assert_eq!(seconds(-1.0), Duration::ZERO);
        assert_eq!(seconds(f64::INFINITY), Duration::from_secs(1_000_000_000));
    }

    #[test]
    fn the_clock_tells_nairobi_time() {
        let clock = SandboxClock {
            started: Instant::now(),
            started_at: OffsetDateTime::from_unix_timestamp(1_780_331_764).unwrap(),
            time_scale: 1.0,
        };
        let at = clock.nairobi(Duration::ZERO);
        assert_eq!(year_first(at), "20260601193604");
        assert_eq!(day_first(at), "01062026193604");
        let later = clock.utc_text(Duration::from_millis(1_007));
        assert_eq!(later, "2026-06-01T16:36:05.007Z");
    }
}
