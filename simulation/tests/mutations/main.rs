//! Breaks the core on purpose, one way at a time, and demands that the simulation finds each within 10,000 payments.
//!
//! A copy of the sources is changed as `mutations.json` says, built, and run. `cargo test --test mutations -- seal` tries
//! those alone whose names contain `seal`.
#![allow(clippy::print_stdout, reason = "a program that prints what it found")]

mod copy;
mod mutation;

use copy::{Copy, Ran};
use lipia_simulation::Promise;
use mutation::Mutation;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

/// Within so many payments a break must be found.
const PAYMENTS: usize = 10_000;

/// So many sales are left at most of a world that shows one, for a person to read.
const MAX_SALES_LEFT: usize = 2;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_chosen =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter));
    let copy = Copy::make()?;
    let mut failures = Vec::new();
    println!(
        "{:32} {:>8}  {:18} took",
        "broken on purpose", "payments", "promise"
    );
    let all = mutation::read()?;
    for mutation in all.iter().filter(|mutation| is_chosen(&mutation.name)) {
        let began = Instant::now();
        let line = match found(&copy, mutation) {
            Ok(found) => found,
            Err(error) => {
                failures.push(format!("{}: {error}", mutation.name));
                "NOT FOUND".to_owned()
            }
        };
        println!(
            "{:32} {line} {} s",
            mutation.name,
            began.elapsed().as_secs()
        );
    }
    if is_chosen("nothing") {
        let began = Instant::now();
        match copy.build().and_then(|()| copy.run(&PAYMENTS.to_string())) {
            Ok(Ran::Kept { payments }) if payments >= PAYMENTS => {
                println!(
                    "{:32} {payments:>8}  {:18} {} s",
                    "nothing",
                    "all kept",
                    began.elapsed().as_secs()
                );
            }
            Ok(other) => failures.push(format!("nothing is broken, and yet: {other:?}")),
            Err(error) => failures.push(format!("nothing is broken, and yet: {error}")),
        }
    }
    for failure in &failures {
        println!("\n{failure}");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How soon a mutation was found, and by which promise.
fn found(copy: &Copy, mutation: &Mutation) -> Result<String, Box<dyn Error>> {
    let mutated = mutation.apply(&copy.original(&mutation.file)?)?;
    let _until_dropped = copy.change(&mutation.file, &mutated)?;
    copy.build()?;
    let (broken, story) = match copy.run(&PAYMENTS.to_string())? {
        Ran::Broken { broken, story } => (broken, story),
        Ran::Kept { payments } => {
            return Err(format!("not found within {payments} payments").into());
        }
    };
    if !mutation.breaks.contains(&broken.promise) {
        let promise = broken.promise.text();
        return Err(format!("it breaks another promise, {promise}:\n{story}").into());
    }
    let most_sales_left = mutation.most_sales_left.unwrap_or(MAX_SALES_LEFT);
    if broken.sales_left > most_sales_left {
        return Err(format!("{} sales are too many to read:\n{story}", broken.sales_left).into());
    }
    if let Some(missing) = mutation.tells.iter().find(|text| !story.contains(*text)) {
        return Err(format!("the story does not tell {missing:?}:\n{story}").into());
    }
    if let Some(kept) = &mutation.kept {
        let file = copy::workspace().join("simulation/failed").join(kept);
        match copy.run(&file.display().to_string())? {
            Ran::Broken { broken, .. } if mutation.breaks.contains(&broken.promise) => {}
            other => return Err(format!("{kept} no longer shows it: {other:?}").into()),
        }
    }
    Ok(format!(
        "{:>8}  {:18}",
        broken.payments,
        word(broken.promise)
    ))
}

fn word(promise: Promise) -> String {
    let word = serde_json::to_value(promise).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}
