//! A sale from the shop's side: reserve, push, wait, and never give up what may yet be paid.

use super::{Shop, end_of, phone_number};
use crate::fault::FaultKind;
use crate::plan::{Keeping, Sale};
use crate::promises::Promise;
use crate::time::HORIZON_MS;
use crate::world::order::End;
use lipia::payment::PaymentState;
use lipia::{Disposition, Error, GatewayName, PaymentHandle, StkPush, WaitOptions};
use std::time::Duration;

/// How long the shop waits before it pushes again what was not sent.
const PAUSE_BEFORE_PUSHING_AGAIN_MS: u64 = 5_000;

/// How long the shop waits before it offers a sale once more that PalPluss was asked for.
const PAUSE_BEFORE_OFFERING_ANEW_MS: u64 = 8_000;

/// Every wait but the first.
const LATER_WAIT_MS: u64 = 300_000;

/// Whether a payment's push left.
enum Pushed {
    /// It did, or may have.
    Yes,
    /// Nobody was prompted.
    No,
}

impl Shop {
    /// Serves a sale to its end.
    pub(super) async fn serve(&self, number: usize) {
        let Some(sale) = self.world.plan().sales.get(number) else {
            return;
        };
        let now_ms = self.world.now_ms();
        sleep_ms(sale.begins_at_ms.saturating_sub(now_ms)).await;
        loop {
            let end = if self.world.plan().keeping == Keeping::Nothing {
                self.collect(number, sale).await
            } else if self.world.plan().keeping == Keeping::Acceptance {
                self.push_and_ask(number, sale).await
            } else {
                let Some(payment) = self.payment_of(number).await else {
                    return;
                };
                match self.push(number, sale, &payment).await {
                    Pushed::Yes => self.wait(number, &payment).await,
                    Pushed::No => End::NotPrompted,
                }
            };
            let attempt = self
                .world
                .lock()
                .orders
                .get(&number)
                .map_or(0, |order| order.attempt);
            if end == End::NotPaid && sale.tries_again && attempt == 0 {
                self.pause_before_offering_anew().await;
                self.begin_anew(number).await;
                continue;
            }
            return self.end(number, end).await;
        }
    }

    /// PalPluss's list has nothing but the time to tell two pushes for one sale apart, and its clock is not this one:
    /// what was made within five seconds before a push may be that push's. A shop that offers the same sale again
    /// sooner, and loses the answer, can take the first prompt's end for the second's.
    async fn pause_before_offering_anew(&self) {
        if self.world.plan().gateway == GatewayName::PalPluss {
            sleep_ms(PAUSE_BEFORE_OFFERING_ANEW_MS).await;
        }
    }

    /// What is asked for.
    pub(super) fn ask(&self, number: usize) -> Option<StkPush> {
        let sale = self.world.plan().sales.get(number)?;
        let phone = phone_number(sale.customer);
        Some(StkPush::new(
            phone.as_str(),
            sale.amount,
            self.world.plan().reference_of(number).as_str(),
        ))
    }

    pub(super) fn reserve(&self, number: usize) -> Option<PaymentHandle> {
        let reserved = self.client.reserve(self.ask(number)?);
        reserved
            .inspect_err(|error| {
                self.world.broke(Promise::NothingLost, Some(number), || {
                    format!("a good sale cannot be reserved: {error}")
                });
            })
            .ok()
    }

    /// Pushes a payment that was not pushed, again where the shop is told that nobody was prompted.
    async fn push(&self, number: usize, sale: &Sale, payment: &PaymentHandle) -> Pushed {
        let mut pushes = 0;
        while payment.snapshot().state() == PaymentState::Reserved {
            if pushes > sale.pushes_again {
                return Pushed::No;
            }
            if pushes > 0 {
                sleep_ms(PAUSE_BEFORE_PUSHING_AGAIN_MS).await;
                // A callback may have settled the payment during the pause.
                if payment.snapshot().state() != PaymentState::Reserved {
                    break;
                }
            }
            pushes += 1;
            self.push_once(number, sale, payment).await;
        }
        if sale.pushes_once_more {
            self.push_once_more(number, payment).await;
        }
        Pushed::Yes
    }

    /// Pushes what was pushed, which must prompt nobody: the gateway's side sees to that.
    async fn push_once_more(&self, number: usize, payment: &PaymentHandle) {
        self.world.suffers(number, FaultKind::PushedOnceMore);
        let timeout_ms = self.world.plan().timeout_ms;
        let pushing = self.client.push(payment);
        let result = self.timed(Some(number), "push", timeout_ms, pushing).await;
        let code = result.as_ref().map_or_else(Error::code, |_| "accepted");
        self.world
            .tell(|| format!("sale {number} is pushed once more: {code}"));
        self.save(payment).await;
    }

    async fn push_once(&self, number: usize, sale: &Sale, payment: &PaymentHandle) {
        self.told(number, false);
        if self.world.plan().keeping == Keeping::Itself {
            if let Err(error) = payment.begin() {
                self.world.broke(Promise::NothingLost, Some(number), || {
                    format!("a reserved payment cannot begin: {error}")
                });
                return;
            }
            self.save(payment).await;
        }
        let pushing = self.client.push(payment);
        let timeout_ms = self.world.plan().timeout_ms;
        let pushing = self.timed(Some(number), "push", timeout_ms, pushing);
        let result = match sale.caller_leaves_after_ms {
            Some(leaves_ms) => {
                match tokio::time::timeout(Duration::from_millis(leaves_ms), pushing).await {
                    Ok(result) => result.map(|_| ()),
                    Err(_) => {
                        self.world.suffers(number, FaultKind::CallerLeft);
                        self.world
                            .tell(|| format!("the caller of sale {number} goes away"));
                        return self.after_leaving(number, payment).await;
                    }
                }
            }
            None => pushing.await.map(|_| ()),
        };
        if let Err(error) = &result {
            self.world.tell(|| {
                format!(
                    "the push of sale {number} ends: {}, {}",
                    error.disposition(),
                    error.code()
                )
            });
            self.mind_token(number, error);
            self.told(number, says_unsent(error));
            self.mind_guard(number, error);
        }
        self.save(payment).await;
    }

    /// A guard that holds everything back would keep its promise, too: it may not before there can be a reason.
    pub(super) fn mind_guard(&self, number: usize, error: &Error) {
        let has_reason = match error.code() {
            "guard_phone_closed" => self.may_count(number, true) >= 10,
            "guard_account_closed" => self.may_count(number, false) >= 49,
            "guard_gateway_ban" => self.world.lock().gateway.has_banned(),
            _ => return,
        };
        self.world.suffers(number, FaultKind::HeldBack);
        if !has_reason {
            self.world.broke(Promise::NeverBlocked, Some(number), || {
                format!("the guard holds a push back without any reason: {error}")
            });
        }
    }

    /// How many other payments the guard may count, to the same phone or in all: what is known as paid is none of them.
    fn may_count(&self, number: usize, of_the_phone: bool) -> usize {
        let plan = self.world.plan();
        let state = self.world.lock();
        // A process that dies may never have told the guard.
        let is_told = plan.crashes.is_empty();
        let customer = plan.sales.get(number).map(|sale| sale.customer);
        let counts = |(other, sale): (usize, &Sale)| {
            let is_meant = !of_the_phone || Some(sale.customer) == customer;
            let tried = 1 + usize::from(sale.tries_again);
            let order = state.orders.get(&other);
            let is_paid = order.is_some_and(|order| order.end == Some(End::Paid)) && is_told;
            let has_begun = order.is_some() || !is_told;
            match (is_meant && has_begun, is_paid) {
                (false, _) => 0,
                (true, true) => order.map_or(0, |order| order.attempt as usize),
                (true, false) => tried,
            }
        };
        let all: usize = plan.sales.iter().enumerate().map(counts).sum();
        all.saturating_sub(1)
    }

    /// The send goes on without its caller; what becomes of it stands in the payment.
    async fn after_leaving(&self, number: usize, payment: &PaymentHandle) {
        let timeout_ms = self.world.plan().timeout_ms;
        self.timed(Some(number), "at_rest", 2 * timeout_ms + 60_000, async {
            while payment.snapshot().state() == PaymentState::Sending {
                sleep_ms(500).await;
            }
        })
        .await;
        self.told(number, payment.snapshot().state() == PaymentState::Reserved);
        self.save(payment).await;
    }

    /// The token that never came may have been on its way for another sale already when this one began.
    pub(super) fn mind_token(&self, number: usize, error: &Error) {
        if error.code() == "no_token_in_time" {
            self.world.suffers(number, FaultKind::TokenFailed);
        }
    }

    /// Notes whether the shop was told that nobody was prompted.
    pub(super) fn told(&self, number: usize, unsent: bool) {
        self.world
            .lock()
            .orders
            .entry(number)
            .or_default()
            .was_told_unsent = unsent;
    }

    /// Waits for what was pushed until it is settled, however long that takes.
    pub(super) async fn wait(&self, number: usize, payment: &PaymentHandle) -> End {
        let (mut limit_ms, mut is_first) = (self.world.plan().first_wait_ms, true);
        loop {
            let left_ms = HORIZON_MS.saturating_sub(self.world.now_ms());
            if left_ms == 0 {
                return End::Open;
            }
            limit_ms = limit_ms.min(left_ms);
            let waited = self
                .timed(
                    Some(number),
                    "wait",
                    limit_ms,
                    self.client.wait(payment, options(limit_ms, is_first)),
                )
                .await;
            self.catch_up(payment);
            self.save(payment).await;
            match waited {
                Ok(known) if known.state() == PaymentState::Settled => {
                    return self.look_again(number, payment).await;
                }
                Ok(_) => {}
                Err(error) => {
                    self.world.broke(Promise::NothingLost, Some(number), || {
                        format!("a payment that was pushed cannot be waited for: {error}")
                    });
                    return End::Open;
                }
            }
            (limit_ms, is_first) = (LATER_WAIT_MS, false);
        }
    }

    /// One call for all of it, by a shop that keeps nothing.
    async fn collect(&self, number: usize, sale: &Sale) -> End {
        self.note_order(number);
        let Some(ask) = self.ask(number) else {
            return End::NotPrompted;
        };
        let wait_ms = self.world.plan().first_wait_ms;
        let limit_ms = self.world.plan().timeout_ms + wait_ms;
        let collecting = self.timed(
            Some(number),
            "collect",
            limit_ms,
            self.client.collect(ask, options(wait_ms, true)),
        );
        let result = match sale.caller_leaves_after_ms {
            Some(leaves_ms) => tokio::time::timeout(Duration::from_millis(leaves_ms), collecting)
                .await
                .ok(),
            None => Some(collecting.await),
        };
        let payment = match result {
            Some(Ok(payment)) => {
                self.look(&payment);
                let end = end_of(&payment);
                let is_settled = payment.state() == PaymentState::Settled;
                match self.client.resume(payment) {
                    Ok(payment) if is_settled => return self.look_again(number, &payment).await,
                    Err(_) if is_settled => return end,
                    resumed => resumed.ok(),
                }
            }
            Some(Err(error)) if says_unsent(&error) => {
                self.mind_token(number, &error);
                self.mind_guard(number, &error);
                self.told(number, true);
                return End::NotPrompted;
            }
            Some(Err(error)) => self.of_error(&error),
            None => {
                self.world.suffers(number, FaultKind::CallerLeft);
                self.world
                    .tell(|| format!("the caller of sale {number} goes away"));
                self.come_to_rest().await;
                self.claim(number).await
            }
        };
        match payment {
            // What nobody hands out was never sent.
            None => {
                self.told(number, true);
                End::NotPrompted
            }
            Some(payment) => {
                self.hold(number, &payment);
                if payment.snapshot().state() == PaymentState::Reserved {
                    self.told(number, true);
                    return End::NotPrompted;
                }
                self.wait(number, &payment).await
            }
        }
    }

    /// Waits for all sends, one caller after the other: several at once are woken in an order of chance.
    async fn come_to_rest(&self) {
        let _turn = self.resting.lock().await;
        self.client.drain().await;
    }

    /// The payment that an error names.
    pub(super) fn of_error(&self, error: &Error) -> Option<PaymentHandle> {
        self.client.find(error.payment_id()?)
    }

    /// The payment of a call whose caller went away.
    async fn claim(&self, number: usize) -> Option<PaymentHandle> {
        let mut unclaimed = self.unclaimed.lock().ok()?;
        unclaimed.extend(self.client.unclaimed());
        let place = unclaimed
            .iter()
            .position(|payment| self.world.lock().sale_of(&payment.snapshot()) == Some(number))?;
        Some(unclaimed.swap_remove(place))
    }
}

pub(super) fn says_unsent(error: &Error) -> bool {
    matches!(
        error.disposition(),
        Disposition::NotSent | Disposition::Rejected
    )
}

/// A first wait asks as the client does by itself, a later one once a minute.
fn options(limit_ms: u64, is_first: bool) -> WaitOptions {
    let options = WaitOptions::default().timeout(Duration::from_millis(limit_ms));
    if !is_first {
        let minute = Duration::from_secs(60);
        return options.query(minute, minute);
    }
    options
}

pub(super) async fn sleep_ms(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
