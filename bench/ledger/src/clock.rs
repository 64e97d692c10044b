//! Time and CPU of what is measured.

use std::time::{Duration, Instant};

/// The ticks of a second in `/proc`, which Linux gives programs the same everywhere.
const TICKS: u64 = 100;

/// A stretch of work: its time, and the CPU of this process and its threads meanwhile.
pub struct Stretch {
    began: Instant,
    cpu: Duration,
}

impl Stretch {
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            cpu: cpu(),
        }
    }

    pub fn end(self) -> (Duration, Duration) {
        (self.began.elapsed(), cpu().saturating_sub(self.cpu))
    }
}

/// User and system time of this process so far, to the hundredth of a second.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold spaces.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}

/// The value below which so many of a hundred are.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

/// Milliseconds, for people.
pub fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
