//! `make simulate`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints"
)]
use lipia_simulation::plan::Plan;

fn main() {
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(0);
    let worlds: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(100);
    let told = args.next().is_some();
    let began = std::time::Instant::now();
    let mut payments = 0;
    let mut ends = std::collections::BTreeMap::new();
    for seed in from..from + worlds {
        let report = Plan::of(seed).run(told).unwrap_or_else(|e| {
            eprintln!("{e}");
            std::process::exit(1)
        });
        payments += report.sales.len();
        for s in &report.sales {
            *ends.entry((format!("{:?}", s.end), s.is_paid)).or_insert(0) += 1;
        }
        if told {
            for line in &report.trace {
                println!("{line}");
            }
        }
        if let Some(broken) = report.broken {
            println!("seed {seed}: {broken} {:?} {}", broken.sale, broken.at_ms);
            if !told {
                break;
            }
        }
    }
    println!("{payments} in {:?} {ends:?}", began.elapsed());
}
