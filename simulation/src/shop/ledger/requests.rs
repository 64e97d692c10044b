//! Requests of orders: the click with which a sale begins, and those that ask for the same order again.

use super::super::phone_number;
use super::super::sale::{says_unsent, sleep_ms};
use super::Servers;
use crate::fault::FaultKind;
use crate::plan::ledger::{Click, rests_between_prompts};
use crate::plan::{Plan, Sale};
use crate::promises::Promise;
use crate::time::at_ms;
use crate::world::World;
use crate::world::delivered::{Process, Server};
use lipia::payment::PaymentState;
use lipia::{Client, Error, Payment, StkPush, WaitOptions};
use std::sync::Arc;
use std::time::Duration;

/// How long the shop waits before it requests again what was not sent.
const PAUSE_BEFORE_REQUESTING_AGAIN_MS: u64 = 5_000;

/// How long it waits after a prompt of PalPluss's: see the other shop's sales.
const PAUSE_BETWEEN_PROMPTS_MS: u64 = 8_000;

/// A grace that ended so short a time ago may have held an order when the request looked.
const GRACE_TOLERANCE_MS: u64 = 3_000;

/// All requests of a sale: the one with which it begins first.
fn clicks(sale: &Sale) -> Vec<Click> {
    let first = Click {
        after_ms: 0,
        server: sale.server,
        waits: sale.waits,
    };
    std::iter::once(first)
        .chain(sale.clicks.iter().copied())
        .collect()
}

impl Servers {
    /// All requests of a process that have not ended.
    pub(super) fn request_all(self: &Arc<Self>, server: Server, client: &Client) {
        let plan = self.world.plan();
        for (number, sale) in plan.sales.iter().enumerate() {
            let mut is_waited_for = false;
            for (place, mut click) in clicks(sale).into_iter().enumerate() {
                let is_done = self
                    .world
                    .lock()
                    .ledger
                    .requests_done
                    .contains(&(number, place));
                if click.server % plan.servers.max(1) != server.number {
                    continue;
                }
                // Two waits of one process for one payment are woken in an order of chance.
                click.waits &= !is_waited_for;
                is_waited_for |= click.waits;
                if is_done {
                    continue;
                }
                let request = Request {
                    world: self.world.clone(),
                    server,
                    client: client.clone(),
                    number,
                };
                let sale = sale.clone();
                self.work(server, async move {
                    request.make(&sale, click).await;
                    let mut state = request.world.lock();
                    state.ledger.requests_done.insert((number, place));
                });
            }
        }
    }
}

/// A request of one sale's order by one process.
struct Request {
    world: World,
    server: Server,
    client: Client,
    number: usize,
}

impl Request {
    async fn make(&self, sale: &Sale, click: Click) {
        let begins_at_ms = sale.begins_at_ms + click.after_ms;
        sleep_ms(begins_at_ms.saturating_sub(self.world.now_ms())).await;
        for again in 0..=sale.pushes_again {
            if again > 0 {
                sleep_ms(PAUSE_BEFORE_REQUESTING_AGAIN_MS).await;
            }
            self.rest().await;
            let Some(push) = push(self.world.plan(), self.number) else {
                return;
            };
            let process = Process::Server(self.server);
            self.world.step_of(process, "an order is requested").await;
            let number = self.number;
            self.world.tell(|| {
                format!(
                    "process {} requests the order of sale {number}",
                    self.server.number
                )
            });
            let requesting = self.request(push, click.waits);
            let requested = match sale.caller_leaves_after_ms {
                Some(leaves_ms) => {
                    let time = Duration::from_millis(leaves_ms);
                    tokio::time::timeout(time, requesting).await.ok()
                }
                None => Some(requesting.await),
            };
            self.world.step_of(process, "a request is answered").await;
            match requested {
                None => {
                    self.world.suffers(number, FaultKind::CallerLeft);
                    return self
                        .world
                        .tell(|| format!("the caller of sale {number} goes away"));
                }
                Some(Ok(payment)) => return self.mind_payment(&payment),
                Some(Err(error)) => self.mind_error(&error),
            }
        }
    }

    /// The payment that the shop is given.
    async fn request(&self, push: StkPush, waits: bool) -> Result<Payment, Error> {
        if waits {
            let time = Duration::from_millis(self.world.plan().first_wait_ms);
            let options = WaitOptions::default().timeout(time);
            return self.client.collect(push, options).await;
        }
        let requested = self.client.request(push).await?;
        Ok(requested.payment().clone())
    }

    /// PalPluss's list tells two prompts that follow each other soon apart by nothing.
    async fn rest(&self) {
        if !rests_between_prompts(self.world.plan()) {
            return;
        }
        let until_ms = {
            let state = self.world.lock();
            let made = state
                .gateway
                .of_sale(self.number)
                .map(|prompt| prompt.made_at_ms);
            made.max()
                .map_or(0, |made_ms| made_ms + PAUSE_BETWEEN_PROMPTS_MS)
        };
        sleep_ms(until_ms.saturating_sub(self.world.now_ms())).await;
    }

    fn mind_error(&self, error: &Error) {
        let number = self.number;
        self.world.tell(|| {
            format!(
                "the request of sale {number} ends: {}, {}",
                error.disposition(),
                error.code()
            )
        });
        let mut state = self.world.lock();
        if let (true, Some(id)) = (says_unsent(error), error.payment_id()) {
            state.ledger.told_unsent.insert(id.to_string());
        }
        if error.code() == "order_busy" {
            state.broke(Promise::OrderFree, Some(number), || {
                "an order is claimed and freed all the time".to_owned()
            });
        }
    }

    /// A payment that keeps an order from being prompted for again is paid, open, or a failure whose grace runs.
    fn mind_payment(&self, payment: &Payment) {
        let number = self.number;
        self.world.tell(|| {
            let state = payment.state().as_str();
            format!(
                "the request of sale {number} ends: {state}, {}",
                payment.outcome()
            )
        });
        super::super::look(&self.world, payment);
        let is_failure = payment.state() == PaymentState::Settled && !payment.is_paid();
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let free_ms = payment.order_free_at().map_or(now_ms, at_ms);
        let could_ask = self.could_ask(&state.faults);
        if is_failure
            && !self.waits()
            && could_ask
            && !state.ledger.had_trouble
            && free_ms + GRACE_TOLERANCE_MS < now_ms
        {
            state.broke(Promise::OrderFree, Some(number), || {
                format!(
                    "an order is held by a payment that failed: {}",
                    payment.outcome()
                )
            });
        }
    }

    fn waits(&self) -> bool {
        let sale = self.world.plan().sales.get(self.number);
        sale.is_some_and(|sale| clicks(sale).iter().any(|click| click.waits))
    }

    /// Whether nothing keeps the gateway from being asked about a payment of the sale.
    fn could_ask(&self, faults: &[FaultKind]) -> bool {
        let plan = self.world.plan();
        let sale = plan.sales.get(self.number);
        let has_none = faults
            .get(self.number)
            .is_some_and(|faults| faults.is_none());
        has_none
            && sale.is_some_and(|sale| sale.query_faults.is_empty())
            && plan.token_faults.is_empty()
            && plan.store_ms < 100
    }
}

fn push(plan: &Plan, number: usize) -> Option<StkPush> {
    let sale = plan.sales.get(number)?;
    let phone = phone_number(sale.customer);
    let reference = plan.reference_of(number);
    let push = StkPush::new(phone.as_str(), sale.amount, reference.as_str());
    Some(push.order(crate::plan::order_of(number)))
}
