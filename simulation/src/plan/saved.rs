//! The text of a plan: only what differs from the usual. So a plan that was kept stays the same world when drawing
//! changes, and a reader sees what matters.

use super::{Behaviour, Keeping, Plan, Sale};
use lipia::GatewayName;
use serde_json::{Map, Value};

/// A world without a sale, in which nothing goes wrong. Plans that were kept stand on this and on the usual sale: change
/// neither, and give whatever is new a value that leaves these worlds as they are.
impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 0,
            gateway: GatewayName::Daraja,
            second_form: false,
            keeping: Keeping::Store,
            confirms: false,
            guarded: false,
            timeout_ms: 30_000,
            first_wait_ms: 120_000,
            token_seconds: 3_599,
            one_token: false,
            token_faults: Vec::new(),
            tokens_end_at_ms: Vec::new(),
            sales: Vec::new(),
            forgeries: Vec::new(),
            crashes: Vec::new(),
            failing_saves: Vec::new(),
            servers: 1,
            store_ms: 0,
            drops_wakes: false,
            stalls: Vec::new(),
            store_faults: Vec::new(),
        }
    }
}

/// A customer who pays after ten seconds, and one callback a second later.
impl Default for Sale {
    fn default() -> Self {
        Self {
            begins_at_ms: 0,
            customer: 0,
            amount: 100,
            behaviours: vec![Behaviour::Pays { after_ms: 10_000 }],
            push_faults: Vec::new(),
            query_faults: Vec::new(),
            callbacks_after_ms: vec![1_000],
            misdirected_to: None,
            like: None,
            pays_after_all_ms: None,
            ids_left_out: false,
            unknown_code: None,
            taken_in_elsewhere: false,
            contradicted: false,
            spoiled: None,
            caller_leaves_after_ms: None,
            pushes_again: 0,
            pushes_once_more: false,
            tries_again: false,
            server: 0,
            waits: false,
            clicks: Vec::new(),
            hearings: Vec::new(),
        }
    }
}

impl Plan {
    /// What is not usual in it, as JSON.
    ///
    /// ```
    /// use lipia_simulation::plan::Plan;
    /// let plan = Plan::of(7);
    /// let kept = plan.unusual().to_string();
    /// assert_eq!(serde_json::from_str::<Plan>(&kept).unwrap(), plan);
    /// ```
    #[must_use]
    pub fn unusual(&self) -> Value {
        let mut plan = beyond(self, &Self::default());
        let sales = self.sales.iter().map(|sale| beyond(sale, &Sale::default()));
        if !self.sales.is_empty() {
            let sales = sales.map(Value::Object).collect();
            plan.insert("sales".to_owned(), Value::Array(sales));
        }
        plan.insert("seed".to_owned(), self.seed.into());
        Value::Object(plan)
    }
}

/// The fields in which one struct differs from another.
fn beyond<T: serde::Serialize>(value: &T, usual: &T) -> Map<String, Value> {
    let fields = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let usual = fields(usual);
    fields(value)
        .into_iter()
        .filter(|(name, value)| usual.get(name) != Some(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::plan::Plan;

    #[test]
    fn a_plan_that_was_kept_is_the_same_plan() {
        for seed in 0..500 {
            let plan = Plan::of(seed);
            let kept = plan.unusual();
            let again: Plan = serde_json::from_value(kept).unwrap();
            assert_eq!(again, plan, "seed {seed}");
        }
    }

    #[test]
    fn what_no_plan_has_is_refused() {
        for (text, named) in [
            (r#"{"seed":1,"sails":[]}"#, "sails"),
            (r#"{"sales":[{"ammount":3}]}"#, "ammount"),
            (
                r#"{"sales":[{"push_faults":["answer_losst"]}]}"#,
                "answer_losst",
            ),
        ] {
            let error = serde_json::from_str::<Plan>(text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
