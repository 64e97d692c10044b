//! The shop's customers: every order is requested by two processes at the same moment, again where that failed, often a
//! little later, and once more at the end.

use crate::driver::trouble::Trouble;
use crate::driver::workers::{Answer, Workers};
use lipia_sandbox::{Ending, Sandbox, Scenario};
use lipia_storm::Chance;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a process that lives may take over a request. Above the call's own time: a request may wait for a lock, ask
/// about an earlier payment, and be stopped for a while.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// How often an order is requested whose requests failed.
const MAX_TRIES: u32 = 8;

/// What customers do, and how many times in a hundred.
const CUSTOMERS: [(u64, Scenario); 13] = [
    (16, Scenario::PaySoon),
    (12, Scenario::Ends(Ending::Pay)),
    (10, Scenario::PayCallbackFirst),
    (8, Scenario::PayCallbackTwice),
    (12, Scenario::PayWithoutCallback),
    (6, Scenario::TimeOutThenPay),
    (5, Scenario::PayThenLateFailure),
    (4, Scenario::PayLate),
    (9, Scenario::CancelSoon),
    (5, Scenario::CancelCallbackFirst),
    (5, Scenario::CancelWithoutCallback),
    (5, Scenario::Ends(Ending::NoMoney)),
    (3, Scenario::Ends(Ending::TimeOut)),
];

/// Customers whose prompts end, and whose callbacks say so.
const CALM_CUSTOMERS: [Scenario; 6] = [
    Scenario::PaySoon,
    Scenario::Ends(Ending::Pay),
    Scenario::PayCallbackFirst,
    Scenario::PayCallbackTwice,
    Scenario::CancelSoon,
    Scenario::Ends(Ending::NoMoney),
];

/// One shop.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) workers: Arc<Workers>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) trouble: Option<Arc<Trouble>>,
    pub(crate) seed: u64,
}

impl Shop {
    /// Sells one order; the error is what should not have happened.
    pub(crate) async fn sell(&self, number: u64) -> Result<(), String> {
        let mut chance = Chance::of(self.seed, 1_000_000 + number);
        let order = order(number);
        let phones = self.customers(number, &mut chance);
        let mut tries = 0;
        loop {
            tries += 1;
            if let Some(trouble) = &self.trouble {
                trouble.spoil(&order, &mut chance);
            }
            let (one, other) = self.two_ready().await?;
            let (one, other) = tokio::join!(
                self.workers.request(one, &order, &phones.0, ANSWER_WITHIN),
                self.workers
                    .request(other, &order, &phones.1, ANSWER_WITHIN),
            );
            let answers = [one?, other?];
            if answers.contains(&Answer::Payment) {
                break;
            }
            if tries == MAX_TRIES {
                return Ok(());
            }
            tokio::time::sleep(chance.pause(100, 600)).await;
        }
        for _ in 0..2 {
            if chance.percent(40) {
                tokio::time::sleep(chance.pause(50, 2_500)).await;
                self.request_again(&order, &phones).await?;
            }
        }
        Ok(())
    }

    /// Requests an order once more whose customer comes back after all leases have ended: what nobody knows the end of must
    /// still hold its order.
    pub(crate) async fn come_back(&self, number: u64) -> Result<(), String> {
        let mut chance = Chance::of(self.seed, 1_000_000 + number);
        let phones = self.customers(number, &mut chance);
        self.request_again(&order(number), &phones).await
    }

    async fn request_again(&self, order: &str, phones: &(String, String)) -> Result<(), String> {
        let (one, other) = self.two_ready().await?;
        let (one, other) = tokio::join!(
            self.workers.request(one, order, &phones.0, ANSWER_WITHIN),
            self.workers.request(other, order, &phones.1, ANSWER_WITHIN),
        );
        one.and(other).map(|_| ())
    }

    /// The phones of both requests. A third of the customers give another number at the second one: a second prompt would not
    /// be kept from them by a phone that is busy.
    fn customers(&self, number: u64, chance: &mut Chance) -> (String, String) {
        let phone = |second: u64| format!("25471{:07}", number * 2 + second);
        let customer = match self.trouble {
            None => chance.one_of(&CALM_CUSTOMERS),
            Some(_) => drawn(&CUSTOMERS, chance),
        };
        for second in [0, 1] {
            if let Some(customer) = customer {
                self.sandbox.script_phone(phone(second), customer);
            }
        }
        let is_other = chance.percent(33) && self.trouble.is_some();
        (phone(0), phone(u64::from(is_other)))
    }

    /// Two processes that take requests.
    async fn two_ready(&self) -> Result<(u64, u64), String> {
        let began = Instant::now();
        let mut chance = Chance::of(self.seed, u64::from(began.elapsed().subsec_nanos()));
        while began.elapsed() < ANSWER_WITHIN {
            let ready = self.workers.ready();
            let most = u64::try_from(ready.len()).unwrap_or(0);
            if most >= 2 {
                let one = chance.below(most);
                let other = (one + 1 + chance.below(most - 1)) % most;
                let at = |at: u64| {
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| ready.get(at))
                        .copied()
                };
                if let (Some(one), Some(other)) = (at(one), at(other)) {
                    return Ok((one, other));
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("no two processes were ready".to_owned())
    }
}

/// The order's name, which is the account reference too.
fn order(number: u64) -> String {
    format!("S{number:06}")
}

fn drawn(customers: &[(u64, Scenario)], chance: &mut Chance) -> Option<Scenario> {
    let mut at = chance.below(customers.iter().map(|(weight, _)| weight).sum());
    for (weight, customer) in customers {
        if at < *weight {
            return Some(*customer);
        }
        at -= weight;
    }
    None
}
