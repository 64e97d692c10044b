//! The gateway's clock, as the `Date` of its answers tells it.

use crate::values::clock::EatTime;
use http::{HeaderMap, header};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

/// Stands for an answer that told no time.
const NOT_TOLD: i64 = i64::MIN;

/// How far this machine's clock is ahead of the gateway's, by the latest answer that told.
#[derive(Debug)]
pub(crate) struct GatewayClock {
    ahead_millis: AtomicI64,
}

impl Default for GatewayClock {
    fn default() -> Self {
        Self {
            ahead_millis: AtomicI64::new(NOT_TOLD),
        }
    }
}

impl GatewayClock {
    /// Learns from the headers of an answer that arrived now.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: EatTime) {
        let ahead = headers.get(header::DATE).and_then(|date| {
            let date = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
            let told = date.duration_since(UNIX_EPOCH).ok()?;
            // Its second has begun and not ended.
            let told = i64::try_from((told + Duration::from_millis(500)).as_millis()).ok()?;
            Some(now.unix_millis().saturating_sub(told))
        });
        if let Some(ahead) = ahead {
            self.ahead_millis.store(ahead, Ordering::Relaxed);
        }
    }

    /// Milliseconds that this machine's clock is ahead of the gateway's, to half a second and the time that an answer takes;
    /// negative where it is behind. `None` where no answer told the time.
    pub(crate) fn ahead_millis(&self) -> Option<i64> {
        let ahead = self.ahead_millis.load(Ordering::Relaxed);
        (ahead != NOT_TOLD).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_difference_is_told_by_the_date_of_an_answer_and_by_nothing_else() {
        let clock = GatewayClock::default();
        let mut headers = HeaderMap::new();
        let now = EatTime::parse_rfc3339("2026-11-29T10:00:40Z").unwrap();
        for date in ["", "yesterday", "2026-11-29T10:00:00Z"] {
            headers.insert(header::DATE, HeaderValue::from_static(date));
            clock.learn(&headers, now);
            assert_eq!(clock.ahead_millis(), None, "{date}");
        }
        let date = HeaderValue::from_static("Sun, 29 Nov 2026 10:00:00 GMT");
        headers.insert(header::DATE, date);
        clock.learn(&headers, now);
        assert_eq!(clock.ahead_millis(), Some(39_500));
    }
}
