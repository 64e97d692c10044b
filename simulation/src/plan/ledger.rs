//! Several processes that share a ledger: who requests an order when, and what goes wrong with the ledger's store and with the
//! handler of outcomes.

use super::{Behaviour, Crash, Keeping, Plan, Sale};
use crate::chance::Chance;
use lipia::GatewayName;
use serde::{Deserialize, Serialize};

/// A further request of an order, beside the one with which its sale begins: a second click, a retried task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Click {
    /// How long after the sale begins.
    pub after_ms: u64,
    /// In which process.
    pub server: u32,
    /// Whether it waits for the outcome (`collect`) or not (`request`).
    pub waits: bool,
}

/// What goes wrong with one command of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreFault {
    /// Which command, counted from the first of those that matter, over all processes.
    pub at_command: u32,
    /// What goes wrong with it.
    pub trouble: StoreTrouble,
}

/// A process that stands still, as one that the system has stopped, and then goes on as if nothing had been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    /// At which step, counted as those of a crash are.
    pub at_step: u32,
    /// How long.
    pub for_ms: u64,
}

/// How a command of the ledger fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StoreTrouble {
    /// It fails, and nothing was written.
    Fails,
    /// It is carried out, and its answer is lost.
    AnswerLost,
    /// The store is away from now on: every command of every process fails.
    Away {
        /// How long.
        for_ms: u64,
    },
}

/// What the shop's handler does with one telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hearing {
    /// It notes the news, and goes on with other work for a while before it returns.
    Takes {
        /// How long.
        ms: u64,
    },
    /// It notes nothing, and returns an error.
    Fails,
}

impl Plan {
    /// Whether the shop's processes share a ledger.
    pub(crate) fn has_ledger(&self) -> bool {
        self.keeping == Keeping::Ledger
    }

    /// Several processes that share a ledger, in place of the one that keeps its payments itself.
    pub(super) fn draw_a_ledger(&mut self, chance: &mut Chance) {
        if !chance.percent(25) {
            return;
        }
        self.keeping = Keeping::Ledger;
        // What the guard keeps in a ledger is tested by itself (`core/tests/ledger_shared.rs`): these worlds are about orders.
        self.guarded = false;
        self.failing_saves.clear();
        self.sales.truncate(8);
        let count = self.sales.len() as u64;
        for forgery in &mut self.forgeries {
            forgery.sale %= self.sales.len().max(1);
        }
        self.servers = u32::try_from(chance.weighted(&[(2, 1), (5, 2), (3, 3)], 2)).unwrap_or(2);
        self.store_ms = chance.weighted(&[(3, 0), (3, 5), (2, 60), (1, 900)], 5);
        self.drops_wakes = chance.percent(30);
        self.crashes = drawn(chance, 45, 3, |chance| Crash {
            at_step: u32::try_from(chance.below(1 + 22 * count)).unwrap_or(0),
            down_ms: chance.below(60_000),
        });
        self.crashes.sort_by_key(|crash| crash.at_step);
        self.stalls = drawn(chance, 20, 2, |chance| Stall {
            at_step: u32::try_from(chance.below(1 + 22 * count)).unwrap_or(0),
            for_ms: chance.weighted(&[(2, 3_000), (3, 70_000), (1, 130_000)], 70_000),
        });
        self.store_faults = drawn(chance, 40, 4, |chance| {
            let for_ms = chance.weighted(&[(2, 2_000), (2, 20_000), (1, 60_000)], 20_000);
            StoreFault {
                at_command: u32::try_from(chance.below(1 + 14 * count)).unwrap_or(0),
                trouble: chance.weighted(
                    &[
                        (2, StoreTrouble::Fails),
                        (3, StoreTrouble::AnswerLost),
                        (1, StoreTrouble::Away { for_ms }),
                    ],
                    StoreTrouble::Fails,
                ),
            }
        });
        let servers = u64::from(self.servers);
        for sale in &mut self.sales {
            sale.draw_clicks(servers, chance);
        }
        if chance.percent(12) {
            self.leave_all_faults_out();
        }
    }

    /// A world in which nothing goes wrong but that orders are requested twice.
    fn leave_all_faults_out(&mut self) {
        self.token_faults.clear();
        self.tokens_end_at_ms.clear();
        self.one_token = false;
        self.token_seconds = 3_599;
        self.forgeries.clear();
        self.crashes.clear();
        self.stalls.clear();
        self.store_faults.clear();
        self.store_ms = self.store_ms.min(60);
        self.drops_wakes = false;
        for sale in &mut self.sales {
            *sale = Sale {
                begins_at_ms: sale.begins_at_ms,
                customer: sale.customer,
                amount: sale.amount,
                behaviours: std::mem::take(&mut sale.behaviours),
                server: sale.server,
                clicks: std::mem::take(&mut sale.clicks),
                ..Sale::default()
            };
        }
    }
}

impl Sale {
    fn draw_clicks(&mut self, servers: u64, chance: &mut Chance) {
        let mut server = || u32::try_from(chance.below(servers)).unwrap_or(0);
        self.server = server();
        let others = [server(), server(), server()];
        self.waits = chance.percent(40);
        self.clicks = others
            .into_iter()
            .take(
                usize::try_from(chance.weighted(&[(2, 0), (5, 1), (2, 2), (1, 3)], 1)).unwrap_or(1),
            )
            .map(|server| Click {
                after_ms: match chance.below(10) {
                    0..4 => chance.below(60),
                    4..6 => chance.below(5_000),
                    6..8 => chance.below(100_000),
                    _ => chance.below(400_000),
                },
                server,
                waits: chance.percent(30),
            })
            .collect();
        self.hearings = drawn(chance, 20, 3, |chance| {
            chance.weighted(
                &[
                    (3, Hearing::Fails),
                    (2, Hearing::Takes { ms: 400 }),
                    (1, Hearing::Takes { ms: 20_000 }),
                    (1, Hearing::Takes { ms: 65_000 }),
                ],
                Hearing::Fails,
            )
        });
        if chance.percent(6) {
            // The first telling is given up while the second one goes on.
            self.hearings = vec![Hearing::Takes { ms: 65_000 }, Hearing::Takes { ms: 20_000 }];
        }
        // After two minutes the ledger asks every five, and what the gateway knows must be learnt before the world ends.
        self.query_faults.truncate(2);
        // Asked for again by its clicks.
        self.tries_again = false;
        self.pushes_once_more = false;
        self.taken_in_elsewhere = false;
        if self.behaviours.is_empty() {
            self.behaviours = vec![Behaviour::Pays { after_ms: 10_000 }];
        }
    }
}

/// Whether a sale that PalPluss was asked for may be asked for once more: see the pause of the shop's other sales.
pub(crate) fn rests_between_prompts(plan: &Plan) -> bool {
    plan.gateway == GatewayName::PalPluss
}

fn drawn<T>(
    chance: &mut Chance,
    percent: u64,
    most: u64,
    mut draw: impl FnMut(&mut Chance) -> T,
) -> Vec<T> {
    if !chance.percent(percent) {
        return Vec::new();
    }
    (0..chance.from_to(1, most)).map(|_| draw(chance)).collect()
}
