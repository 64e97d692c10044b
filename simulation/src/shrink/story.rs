//! The text of a small world's story.

use super::Shrunk;
use crate::plan::Plan;
use serde_json::Value;

/// How many lines at most are looked at as one thing that happens again and again.
const LONGEST_REFRAIN: usize = 8;

/// The whole story, ready to be printed.
pub(super) fn tell(drawn: &Plan, shrunk: &Shrunk, trace: &[String]) -> String {
    let broken = &shrunk.broken;
    let mut lines = vec![format!("seed {}: {broken}", drawn.seed)];
    lines.push(format!(
        "{}, after {} s; {} of {} sales are left of the plan ({} worlds were run for that)",
        broken
            .sale
            .map_or_else(|| "no sale's own".to_owned(), |sale| format!("sale {sale}")),
        broken.at_ms / 1_000,
        shrunk.plan.sales.len(),
        drawn.sales.len(),
        shrunk.runs,
    ));
    let unusual = shrunk.plan.unusual();
    lines.push(String::new());
    lines.push("What is not usual in it:".to_owned());
    lines.extend(plan_lines(&unusual));
    lines.push(String::new());
    lines.push("What happens:".to_owned());
    lines.extend(folded(trace));
    lines.push(String::new());
    lines.push("The plan, to be kept as a file in simulation/failed:".to_owned());
    let kept = serde_json::json!({
        "found": "what was wrong, in a sentence",
        "promise": broken.promise,
        "plan": unusual,
    });
    lines.push(kept.to_string());
    lines.push(String::new());
    lines.join("\n")
}

fn plan_lines(unusual: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let Value::Object(fields) = unusual else {
        return lines;
    };
    for (name, value) in fields {
        if !matches!(name.as_str(), "seed" | "sales") {
            lines.push(format!("  {}: {}", words(name), text(value)));
        }
    }
    let sales = fields.get("sales").and_then(Value::as_array);
    for (number, sale) in sales.into_iter().flatten().enumerate() {
        let fields = sale.as_object().into_iter().flatten();
        let told: Vec<String> = fields
            .map(|(name, value)| format!("{}: {}", words(name), text(value)))
            .collect();
        let told = if told.is_empty() {
            "nothing".to_owned()
        } else {
            told.join("; ")
        };
        lines.push(format!("  sale {number}: {told}"));
    }
    lines
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(name) => words(name),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{} {}", words(name), text(value)))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// What happens again and again, once.
fn folded(trace: &[String]) -> Vec<String> {
    let happened = |line: &String| line.split_once(" s  ").map(|(_, what)| what.to_owned());
    let whats: Vec<Option<String>> = trace.iter().map(happened).collect();
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(line) = trace.get(at) {
        let (length, times) = refrain(&whats, at);
        if times < 3 {
            lines.push(line.clone());
            at += 1;
            continue;
        }
        lines.extend(trace.iter().skip(at).take(length).cloned());
        lines.push(format!("             … and so {} times more", times - 1));
        at += length * times;
    }
    lines
}

/// How many of the next lines come again right away, and how often they come in all: what saves the most lines.
fn refrain(whats: &[Option<String>], at: usize) -> (usize, usize) {
    let mut best = (1, 1);
    let rest = whats.get(at..).unwrap_or_default();
    for length in 1..=LONGEST_REFRAIN {
        let mut chunks = rest.chunks_exact(length);
        let Some(first) = chunks.next() else { break };
        let times = 1 + chunks.take_while(|chunk| *chunk == first).count();
        if length * (times - 1) > best.0 * (best.1 - 1) {
            best = (length, times);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{folded, plan_lines};
    use serde_json::json;

    #[test]
    fn what_happens_again_and_again_is_told_once() {
        let mut trace = vec!["    0.000 s  it begins".to_owned()];
        for minute in 1..=9 {
            trace.push(format!("   {minute}0.000 s  a query leaves"));
            trace.push(format!("   {minute}0.050 s  nothing is known"));
        }
        trace.push("  100.000 s  it ends".to_owned());
        assert_eq!(
            folded(&trace),
            [
                "    0.000 s  it begins",
                "   10.000 s  a query leaves",
                "   10.050 s  nothing is known",
                "             … and so 8 times more",
                "  100.000 s  it ends",
            ]
        );
        assert_eq!(folded(&trace[..5]), trace[..5], "twice is not often");
    }

    #[test]
    fn a_plan_is_told_by_what_is_not_usual_in_it() {
        let plan = json!({"seed": 3, "confirms": true, "sales": [{}, {"callbacks_after_ms": [], "push_faults": ["answer_lost", {"answer_late": {"by_ms": 40_000}}]}]});
        assert_eq!(
            plan_lines(&plan),
            [
                "  confirms: yes",
                "  sale 0: nothing",
                "  sale 1: callbacks after ms: none; push faults: answer lost, answer late by ms 40000",
            ]
        );
    }
}
