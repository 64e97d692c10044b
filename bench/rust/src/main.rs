//! The bench's gateway, its sandbox, and the peers in Rust. `bench/run` starts this program with all it needs.

mod gateway;
mod peers;
mod sandbox;
mod waits;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["worker", peer] => peers::run(peer),
        ["gateway"] => gateway::serve(),
        ["sandbox", time_scale] => match time_scale.parse() {
            Ok(time_scale) => sandbox::serve(time_scale),
            Err(_) => return complain("the time scale is no number"),
        },
        ["waits", base_url] => waits::measure(base_url),
        _ => {
            return complain(
                "lipia-bench worker PEER | gateway | sandbox TIME_SCALE | waits BASE_URL",
            );
        }
    }
    ExitCode::SUCCESS
}

fn complain(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// Ends this process with the one that started it, whichever way that ends: its standard input closes then.
fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().lines().count();
        std::process::exit(0);
    });
}
