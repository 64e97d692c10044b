//! Runs worlds until a promise is broken, or until so many payments were made and none was.
//!
//! ```text
//! first_broken 10000          10,000 payments, drawn from the seeds 0, 1, 2 …
//! first_broken kept.json      the plan of a file, as simulation/failed has them
//! ```
//!
//! Ends with 0 where every promise was kept; with 1 after a line of JSON and the story where one was not.
#![allow(clippy::print_stdout, reason = "a program that prints")]

use lipia_simulation::plan::Plan;
use lipia_simulation::shrink;
use serde::Deserialize;
use std::error::Error;
use std::process::ExitCode;

#[derive(Deserialize)]
struct Kept {
    plan: Plan,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let argument = std::env::args().nth(1).unwrap_or_default();
    let Ok(payments) = argument.parse::<usize>() else {
        let text = std::fs::read_to_string(&argument)
            .map_err(|error| format!("a number of payments or a file: {argument:?}: {error}"))?;
        let kept: Kept = serde_json::from_str(&text)?;
        return Ok(run(&kept.plan, 0)?.1);
    };
    let mut made = 0;
    for seed in 0.. {
        if made >= payments {
            break;
        }
        let (sales, code) = run(&Plan::of(seed), made)?;
        made += sales;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    println!(r#"{{"payments":{made}}}"#);
    Ok(ExitCode::SUCCESS)
}

/// How many payments were made, and how to end.
fn run(plan: &Plan, made_before: usize) -> Result<(usize, ExitCode), Box<dyn Error>> {
    let report = plan.run(false)?;
    let sales = report.sales.len();
    let Some(broken) = report.broken else {
        return Ok((sales, ExitCode::SUCCESS));
    };
    let shrunk = shrink(plan, &broken)?;
    let found = serde_json::json!({
        "payments": made_before + sales,
        "promise": broken.promise,
        "sales_left": shrunk.plan.sales.len(),
    });
    println!("{found}\n{}", shrunk.story(plan)?);
    Ok((sales, ExitCode::FAILURE))
}
