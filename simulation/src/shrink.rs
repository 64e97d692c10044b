//! From a seed that breaks a promise to a story that a person can read.

use crate::plan::Plan;
use crate::promises::Broken;
use std::io;

/// What happened, in as few lines as will do.
///
/// # Errors
/// Where this machine gives no runtime.
pub fn explain(plan: &Plan, broken: &Broken) -> io::Result<String> {
    let report = plan.run(true)?;
    Ok(format!("{broken}\n{}\n", report.trace.join("\n")))
}
