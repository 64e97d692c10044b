//! Simpler plans than a given one, in order of size. They are made from its text, so that any part of a plan can be left out.

use serde_json::Value;

/// Numbers that are usual or as they are: names of things, and settings.
const FIXED: [&str; 6] = [
    "code",
    "unknown_code",
    "sale",
    "timeout_ms",
    "first_wait_ms",
    "token_seconds",
];

/// How much a reader has to take in: sales, then things that are not usual, then digits, then the numbers themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    sales: usize,
    things: usize,
    digits: usize,
    sum: u64,
}

impl Cost {
    pub(super) fn of(plan: &Value) -> Self {
        let mut cost = Self {
            sales: plan
                .get("sales")
                .and_then(Value::as_array)
                .map_or(0, Vec::len),
            ..Self::default()
        };
        cost.add(plan);
        cost
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => fields.values().for_each(|value| self.add(value)),
            Value::Array(values) => {
                self.things += 1;
                values.iter().for_each(|value| self.add(value));
            }
            Value::Number(number) => {
                self.things += 1;
                let text = number.to_string();
                self.digits += text.trim_end_matches('0').len();
                self.sum = self.sum.saturating_add(number.as_u64().unwrap_or(0));
            }
            Value::Null | Value::Bool(_) | Value::String(_) => self.things += 1,
        }
    }
}

/// Every plan that has one thing less, or one number rounder; the largest steps first.
pub(super) fn simpler(plan: &Value) -> Vec<Value> {
    let Value::Object(fields) = plan else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in fields {
        if !matches!(name.as_str(), "seed" | "sales") {
            found.extend(field(plan, name, value));
        }
    }
    // Leaving out a sale renumbers the others, which is not done here.
    if let Some(Value::Array(sales)) = fields.get("sales") {
        let sales = within(sales).into_iter();
        found.extend(sales.map(|sales| with(plan, "sales", sales)));
    }
    found
}

fn of(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, inner)| field(value, name, inner))
            .collect(),
        Value::Array(values) => {
            let mut found = Vec::new();
            if !values.is_empty() {
                found.push(Value::Array(Vec::new()));
            }
            if values.len() > 1 {
                found.extend((0..values.len()).map(|out| {
                    let mut values = values.clone();
                    values.remove(out);
                    Value::Array(values)
                }));
            }
            found.extend(within(values));
            found
        }
        Value::Number(number) => number
            .as_u64()
            .map(smaller)
            .unwrap_or_default()
            .into_iter()
            .map(Value::from)
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => Vec::new(),
    }
}

/// A struct without a field, which makes that usual, or with a simpler one.
fn field(whole: &Value, name: &str, value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    if let Value::Object(fields) = whole {
        let mut fields = fields.clone();
        fields.remove(name);
        found.push(Value::Object(fields));
    }
    if !FIXED.contains(&name) {
        // A customer does something, and nothing is simpler than the usual.
        let is_emptied =
            |simpler: &Value| name == "behaviours" && *simpler == Value::Array(Vec::new());
        let simpler = of(value).into_iter().filter(|simpler| !is_emptied(simpler));
        found.extend(simpler.map(|simpler| with(whole, name, simpler)));
    }
    found
}

fn with(whole: &Value, name: &str, value: Value) -> Value {
    let mut whole = whole.clone();
    if let Value::Object(fields) = &mut whole {
        fields.insert(name.to_owned(), value);
    }
    whole
}

/// A list with one of its members simpler.
fn within(values: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for (place, value) in values.iter().enumerate() {
        for simpler in of(value) {
            let mut values = values.to_vec();
            if let Some(value) = values.get_mut(place) {
                *value = simpler;
            }
            found.push(Value::Array(values));
        }
    }
    found
}

/// Smaller and rounder numbers.
fn smaller(number: u64) -> Vec<u64> {
    if number <= 20 {
        return (0..number).collect();
    }
    let power = 10_u64.pow(number.ilog10());
    let mut found = vec![0, number / power * power];
    if number > 1_000 {
        found.push(number / 1_000 * 1_000);
        // A little more may do where a little less does not.
        found.push(number.div_ceil(1_000) * 1_000);
    }
    found.push(number / 2);
    found.push(number - 1);
    found
}

#[cfg(test)]
mod tests {
    use super::{Cost, simpler};
    use serde_json::json;

    #[test]
    fn a_plan_can_lose_each_thing_and_each_number_can_become_rounder() {
        let plan = json!({"seed": 7, "confirms": true, "sales": [{"push_faults": ["busy", {"answer_late": {"by_ms": 41_234}}]}]});
        let found = simpler(&plan);
        for wanted in [
            json!({"seed": 7, "sales": plan["sales"]}),
            json!({"seed": 7, "confirms": true, "sales": [{}]}),
            json!({"seed": 7, "confirms": true, "sales": [{"push_faults": ["busy"]}]}),
            json!({"seed": 7, "confirms": true, "sales": [{"push_faults": ["busy", {"answer_late": {"by_ms": 40_000}}]}]}),
        ] {
            assert!(found.contains(&wanted), "{wanted}");
            assert!(Cost::of(&wanted) < Cost::of(&plan), "{wanted}");
        }
        let names_seven = |plan: &serde_json::Value| plan["seed"] == 7;
        assert!(found.iter().all(names_seven), "the seed stays");
        let has_one_sale = |plan: &serde_json::Value| plan["sales"].as_array().unwrap().len() == 1;
        assert!(found.iter().all(has_one_sale), "sales stay");
    }
}
