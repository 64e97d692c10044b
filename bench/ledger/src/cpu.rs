//! CPU time: of this process, and of the processes of a PostgreSQL server.

use crate::place::Place;
use cpu_time::ProcessTime;
use std::time::Duration;

/// The length of a tick in which Linux counts the CPU time of processes.
const TICK: Duration = Duration::from_millis(10);

/// A moment in the CPU time of both.
pub(crate) struct Spent {
    here: ProcessTime,
    there: Duration,
}

impl Spent {
    pub(crate) fn now(place: &Place) -> Self {
        Self {
            here: ProcessTime::now(),
            there: of_server(place).unwrap_or_default(),
        }
    }

    /// The CPU time that this process has spent since.
    pub(crate) fn here(&self) -> Duration {
        self.here.elapsed()
    }

    /// The CPU time that the server has spent since; `None` where there is none, or the system does not tell.
    pub(crate) fn there(&self, place: &Place) -> Option<Duration> {
        of_server(place)?.checked_sub(self.there)
    }
}

/// The CPU time of the server's process and its children. A connection that was closed takes its own with it.
fn of_server(place: &Place) -> Option<Duration> {
    let Place::Postgres(server) = place else {
        return None;
    };
    let server = server.process().ok()?;
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // The name in parentheses may hold anything.
        let Some((start, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |place: usize| {
            fields
                .get(place)
                .and_then(|field| field.parse::<u64>().ok())
        };
        let own = start.split(' ').next().and_then(|own| own.parse().ok());
        if own == Some(server) || number(1) == Some(u64::from(server)) {
            ticks += number(11)? + number(12)?;
        }
    }
    Some(TICK * u32::try_from(ticks).ok()?)
}
