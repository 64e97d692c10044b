//! Shrinking of a world that breaks a promise to a story that a person can read. It leaves out every part of the plan without
//! which the same promise stays broken.

mod simpler;
mod story;

use crate::plan::{Crash, Forgery, Plan};
use crate::promises::{Broken, Promise};
use simpler::{Cost, simpler};
use std::io;

/// How many worlds are run at most to make one smaller.
const MAX_RUNS: usize = 4_000;

/// At which of the first steps a crash is tried once sales are left out: the steps before it are others then.
const FIRST_STEPS: u32 = 40;

/// And in place of which of the first saves one that fails.
const FIRST_SAVES: u32 = 8;

/// A plan that was made small.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// What is left of it.
    pub plan: Plan,
    /// How it breaks the promise.
    pub broken: Broken,
    /// How many worlds were run to find it.
    pub runs: usize,
}

/// What happened, in as few lines as will do.
///
/// # Errors
/// Where this machine gives no runtime.
pub fn explain(plan: &Plan, broken: &Broken) -> io::Result<String> {
    shrink(plan, broken)?.story(plan)
}

impl Shrunk {
    /// What happens in it, ready to be printed. `drawn` is the plan that it was made from.
    ///
    /// # Errors
    /// Where this machine gives no runtime.
    pub fn story(&self, drawn: &Plan) -> io::Result<String> {
        let trace = self.plan.run(true)?.trace;
        Ok(story::tell(drawn, self, &trace))
    }
}

/// A plan as small as still breaks the same promise in the same words.
///
/// # Errors
/// Where this machine gives no runtime.
pub fn shrink(plan: &Plan, broken: &Broken) -> io::Result<Shrunk> {
    let mut search = Search {
        kind: Kind::of(broken),
        best: Shrunk {
            plan: plan.clone(),
            broken: broken.clone(),
            runs: 0,
        },
    };
    search.leave_out_most_sales()?;
    loop {
        let before = search.cost();
        search.line_up()?;
        search.leave_out_sales()?;
        search.simplify()?;
        if search.cost() == before {
            return Ok(search.best);
        }
    }
}

/// What makes two broken promises the same: all but the numbers.
#[derive(PartialEq, Eq)]
struct Kind {
    promise: Promise,
    words: String,
}

impl Kind {
    fn of(broken: &Broken) -> Self {
        Self {
            promise: broken.promise,
            words: broken
                .what
                .chars()
                .filter(|character| !character.is_ascii_digit())
                .collect(),
        }
    }
}

struct Search {
    kind: Kind,
    best: Shrunk,
}

impl Search {
    fn cost(&self) -> Cost {
        Cost::of(&self.best.plan.unusual())
    }

    /// Whether a plan is smaller and breaks the same promise. Then it is the best.
    fn takes(&mut self, plan: Plan) -> io::Result<bool> {
        if self.best.runs >= MAX_RUNS || Cost::of(&plan.unusual()) >= self.cost() {
            return Ok(false);
        }
        self.best.runs += 1;
        let broken = plan.run(false)?.broken;
        let Some(broken) = broken.filter(|broken| Kind::of(broken) == self.kind) else {
            return Ok(false);
        };
        self.best.plan = plan;
        self.best.broken = broken;
        Ok(true)
    }

    /// The same, with what is counted from the beginning of the world moved to its beginning, too.
    fn takes_moved(&mut self, plan: &Plan) -> io::Result<bool> {
        if self.takes(plan.clone())? {
            return Ok(true);
        }
        let moved_crashes = plan.crashes.last().map(|crash| {
            let moved = |at_step| vec![Crash { at_step, ..*crash }];
            (0..FIRST_STEPS).map(moved).collect::<Vec<_>>()
        });
        let moved_saves = (!plan.failing_saves.is_empty())
            .then(|| (0..FIRST_SAVES).map(|save| vec![save]).collect::<Vec<_>>());
        for crashes in moved_crashes.iter().flatten() {
            let moved = Plan {
                crashes: crashes.clone(),
                ..plan.clone()
            };
            if self.takes(moved)? {
                return Ok(true);
            }
        }
        for failing_saves in moved_saves.iter().flatten() {
            let moved = Plan {
                failing_saves: failing_saves.clone(),
                ..plan.clone()
            };
            if self.takes(moved.clone())? {
                return Ok(true);
            }
            // Both at once are many worlds, for which these must be small.
            if plan.sales.len() > 1 {
                continue;
            }
            for crashes in moved_crashes.iter().flatten() {
                let moved = Plan {
                    crashes: crashes.clone(),
                    ..moved.clone()
                };
                if self.takes(moved)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Tries the sale that suffers alone, then with one other, then half of all.
    fn leave_out_most_sales(&mut self) -> io::Result<()> {
        let plan = self.best.plan.clone();
        let all: Vec<usize> = (0..plan.sales.len()).collect();
        let mut choices: Vec<Vec<usize>> = Vec::new();
        if let Some(sale) = self.best.broken.sale {
            choices.push(vec![sale]);
            let others = all.iter().filter(|other| **other != sale);
            choices.extend(others.map(|other| {
                let mut pair = vec![sale, *other];
                pair.sort_unstable();
                pair
            }));
        } else {
            choices.extend(all.iter().map(|sale| vec![*sale]));
        }
        let (first, second) = all.split_at(all.len() / 2);
        choices.extend([first.to_vec(), second.to_vec()]);
        for kept in choices {
            if self.takes_moved(&keeping(&plan, &kept))? {
                break;
            }
        }
        Ok(())
    }

    /// Leaves out one sale after the other.
    fn leave_out_sales(&mut self) -> io::Result<()> {
        let mut out = 0;
        while out < self.best.plan.sales.len() {
            let count = self.best.plan.sales.len();
            let kept: Vec<usize> = (0..count).filter(|sale| *sale != out).collect();
            let plan = keeping(&self.best.plan, &kept);
            if !self.takes_moved(&plan)? {
                out += 1;
            }
        }
        Ok(())
    }

    /// Lets what goes wrong with the pushes of all sales go wrong with the first of each: sales that meet at their second
    /// pushes meet there as well, and one after the other they would miss each other.
    fn line_up(&mut self) -> io::Result<()> {
        let mut plan = self.best.plan.clone();
        for sale in &mut plan.sales {
            sale.push_faults = sale.push_faults.pop().into_iter().collect();
            sale.pushes_again = 0;
        }
        self.takes(plan)?;
        Ok(())
    }

    /// Makes everything else simpler, one thing after the other.
    fn simplify(&mut self) -> io::Result<()> {
        let mut place = 0;
        loop {
            let candidates = simpler(&self.best.plan.unusual());
            let Some(candidate) = candidates.get(place) else {
                return Ok(());
            };
            // What is left of a fault without its name is no plan, and is passed over.
            let plan = serde_json::from_value(candidate.clone());
            let is_taken = match plan {
                Ok(plan) => self.takes(plan)?,
                Err(_) => false,
            };
            if !is_taken {
                place += 1;
            }
        }
    }
}

/// The plan with these sales alone, renumbered.
fn keeping(plan: &Plan, kept: &[usize]) -> Plan {
    let place = |sale: usize| kept.iter().position(|kept| *kept == sale);
    let mut plan = plan.clone();
    plan.sales = kept
        .iter()
        .filter_map(|sale| plan.sales.get(*sale).cloned())
        .collect();
    for sale in &mut plan.sales {
        sale.misdirected_to = sale.misdirected_to.and_then(place);
        sale.like = sale.like.and_then(place);
    }
    plan.forgeries = plan
        .forgeries
        .iter()
        .filter_map(|forgery| {
            let sale = place(forgery.sale)?;
            Some(Forgery { sale, ..*forgery })
        })
        .collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::keeping;
    use crate::plan::{ForgedPath, Forgery, Plan, Sale};

    #[test]
    fn sales_that_are_kept_are_renumbered_wherever_they_are_named() {
        let sale = |amount, misdirected_to| Sale {
            amount,
            misdirected_to,
            ..Sale::default()
        };
        let forgery = |sale| Forgery {
            at_ms: 5,
            sale,
            path: ForgedPath::Id,
        };
        let plan = Plan {
            sales: vec![
                sale(1, Some(2)),
                sale(2, Some(0)),
                sale(3, Some(1)),
                sale(4, None),
            ],
            forgeries: vec![forgery(0), forgery(1), forgery(3)],
            ..Plan::default()
        };
        let kept = keeping(&plan, &[1, 2, 3]);
        assert_eq!(kept.sales, [sale(2, None), sale(3, Some(0)), sale(4, None)]);
        assert_eq!(kept.forgeries, [forgery(0), forgery(2)]);
    }
}
