//! Measuring: CPU time of this process, in rounds that take turns, so that a busy moment of the machine hits both.

use cpu_time::ProcessTime;
use std::time::Duration;

/// CPU time per piece of work, of the candidate and of the floor, and their ratio in each round.
pub struct Comparison {
    candidate: Vec<Duration>,
    floor: Vec<Duration>,
}

/// CPU time that `work` takes.
pub fn cpu(work: impl FnOnce()) -> Duration {
    let began = ProcessTime::now();
    work();
    began.elapsed()
}

impl Comparison {
    /// Lets both take turns, each `pieces` pieces of work a round.
    pub fn of(rounds: usize, pieces: u32, mut candidate: impl FnMut(u32), mut floor: impl FnMut(u32)) -> Self {
        // One round of each that does not count: connections, token, caches.
        candidate(pieces.div_ceil(4));
        floor(pieces.div_ceil(4));
        let mut comparison = Self { candidate: Vec::new(), floor: Vec::new() };
        for round in 0..rounds {
            // Whoever goes first in a round may find the caches as the other left them: they swap.
            if round % 2 == 0 {
                comparison.candidate.push(cpu(|| candidate(pieces)) / pieces);
                comparison.floor.push(cpu(|| floor(pieces)) / pieces);
            } else {
                comparison.floor.push(cpu(|| floor(pieces)) / pieces);
                comparison.candidate.push(cpu(|| candidate(pieces)) / pieces);
            }
        }
        comparison
    }

    /// Prints the median ratio, the range of the rounds, and what the two cost here and now.
    pub fn print(&self, name: &str, asked: &str) {
        let mut ratios: Vec<f64> = self
            .candidate
            .iter()
            .zip(&self.floor)
            .map(|(candidate, floor)| candidate.as_secs_f64() / floor.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let micros = |times: &[Duration]| {
            let mut times = times.to_vec();
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e6
        };
        println!(
            "{name:<58} {:>5.2}x  ({:.2} to {:.2} in {} rounds; {:.1} us against {:.1}) {asked}",
            ratios[ratios.len() / 2],
            ratios[0],
            ratios[ratios.len() - 1],
            ratios.len(),
            micros(&self.candidate),
            micros(&self.floor),
        );
    }
}
