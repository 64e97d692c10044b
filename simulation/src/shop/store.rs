//! The shop's store of payments and orders, which survives a restart.

use super::{Shop, look};
use crate::fault::FaultKind;
use crate::plan::Keeping;
use crate::promises::Promise;
use crate::world::World;
use crate::world::order::{End, Order};
use futures_util::future::BoxFuture;
use lipia::payment::{Flag, PaymentStore};
use lipia::{Payment, PaymentHandle};

/// The client's own way to the shop's database.
#[derive(Debug)]
pub(crate) struct ShopStore {
    world: World,
}

impl ShopStore {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }
}

impl PaymentStore for ShopStore {
    fn save<'a>(
        &'a self,
        payment: &'a Payment,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            let world = &self.world;
            world.step("the client is about to save a payment").await;
            look(world, payment);
            if fails(world, payment) {
                return Err("the shop's disk is full".into());
            }
            write(world, payment);
            world.step("the client has saved a payment").await;
            Ok(())
        })
    }
}

fn fails(world: &World, payment: &Payment) -> bool {
    let mut state = world.lock();
    let place = state.saves;
    state.saves += 1;
    let fails = world.plan().failing_saves.contains(&place);
    if let (true, Some(sale)) = (fails, state.sale_of(payment)) {
        state.suffers(sale, FaultKind::SaveFailed);
        state.tell(|| format!("the payment of sale {sale} cannot be saved"));
    }
    fails
}

/// Writes one row, whole.
fn write(world: &World, payment: &Payment) {
    let mut state = world.lock();
    let Some(sale) = state.sale_of(payment) else {
        return;
    };
    let order = state.orders.entry(sale).or_default();
    // A payment that the shop has given up and replaced keeps its own row, which nobody reads again.
    if order.payment_id.as_deref() != Some(payment.id().as_str()) {
        return;
    }
    // Where one process writes alone, the latest is all that is known.
    let stored = order
        .payment
        .as_deref()
        .filter(|_| world.plan().has_a_door());
    let merged = match stored.map(Payment::from_json) {
        Some(Ok(mut stored)) => {
            let before = stored.clone();
            stored.merge(payment);
            if let Err(what) = keeps(&stored, &[&before, payment]) {
                state.broke(Promise::NewsKept, Some(sale), || what);
            }
            stored
        }
        _ => payment.clone(),
    };
    let order = state.orders.entry(sale).or_default();
    order.payment = Some(merged.to_json());
    state.tell(|| {
        format!(
            "the shop saves the payment of sale {sale}: {}, {}",
            payment.state().as_str(),
            payment.outcome()
        )
    });
}

/// Whether a merged payment knows what its copies knew.
fn keeps(merged: &Payment, copies: &[&Payment]) -> Result<(), String> {
    for copy in copies {
        let has_flag = |flag: &Flag| {
            let is_same = |kept: &Flag| (&kept.reason, &kept.body) == (&flag.reason, &flag.body);
            merged.flags().iter().any(is_same)
        };
        let lost = if !copy.flags().iter().all(has_flag) {
            "a flag"
        } else if copy.receipt().is_some() && merged.receipt().is_none() {
            "a receipt"
        } else if copy.acceptance().is_some() && merged.acceptance().is_none() {
            "an acceptance"
        } else if copy.is_paid() && !merged.is_paid() {
            "a success"
        } else {
            continue;
        };
        return Err(format!("two copies of a payment merge, and {lost} is lost"));
    }
    Ok(())
}

impl Shop {
    /// Takes over what another process has learnt of a payment and saved.
    pub(super) fn catch_up(&self, payment: &PaymentHandle) {
        let Some(saved) = self
            .door
            .as_ref()
            .and_then(|_| self.saved(payment.id().as_str()))
        else {
            return;
        };
        let before = payment.snapshot();
        let Ok(live) = self.client.resume(saved.clone()) else {
            return;
        };
        let sale = self.world.lock().sale_of(&saved);
        if let Err(what) = keeps(&live.snapshot(), &[&before, &saved]) {
            self.world.broke(Promise::NewsKept, sale, || what);
        }
    }

    /// Saves a payment where saving is the shop's own work.
    pub(super) async fn save(&self, handle: &PaymentHandle) {
        let payment = handle.snapshot();
        self.look(&payment);
        if self.world.plan().keeping == Keeping::Itself {
            self.world.step("the shop is about to save a payment").await;
            write(&self.world, &handle.snapshot());
            self.world.step("the shop has saved a payment").await;
        }
    }

    /// The payment of an order: the one that was saved, or a new one, which is saved with the order before anything
    /// is sent. `None` where nothing can be made of what was saved.
    pub(super) async fn payment_of(&self, sale: usize) -> Option<PaymentHandle> {
        let saved = self
            .world
            .lock()
            .orders
            .get(&sale)
            .and_then(|order| order.payment.clone());
        let handle = match saved {
            Some(text) => {
                let resumed =
                    Payment::from_json(&text).and_then(|payment| self.client.resume(payment));
                resumed
                    .inspect_err(|error| {
                        self.world.broke(Promise::NothingLost, Some(sale), || {
                            format!("a saved payment cannot be taken up: {error}")
                        });
                    })
                    .ok()?
            }
            None => {
                let handle = self.reserve(sale)?;
                self.world.step("the shop is about to save an order").await;
                self.begin_order(sale, &handle.snapshot());
                self.world.step("the shop has saved an order").await;
                handle
            }
        };
        self.hold(sale, &handle);
        Some(handle)
    }

    fn begin_order(&self, sale: usize, payment: &Payment) {
        let mut state = self.world.lock();
        if self.world.plan().has_sales_alike() {
            let id = payment.id().to_string();
            state.sales_of_payments.insert(id, sale);
            if self.world.plan().is_like_another(sale) {
                state.suffers(sale, FaultKind::Alike);
            }
        }
        let order = state.orders.entry(sale).or_default();
        *order = Order {
            payment: Some(payment.to_json()),
            payment_id: Some(payment.id().to_string()),
            ..Order::of_attempt(order.attempt)
        };
        state.tell(|| format!("the shop reserves a payment for sale {sale}"));
    }

    /// An order that is kept nowhere but in memory.
    pub(super) fn note_order(&self, sale: usize) {
        let mut state = self.world.lock();
        let order = state.orders.entry(sale).or_default();
        *order = Order::of_attempt(order.attempt);
    }

    /// The order ends.
    pub(super) async fn end(&self, sale: usize, end: End) {
        self.world.step("the shop is about to close an order").await;
        let mut state = self.world.lock();
        state.tell(|| format!("sale {sale} ends for the shop: {end:?}"));
        state.orders.entry(sale).or_default().end = Some(end);
    }

    /// The order goes on with another payment.
    pub(super) async fn begin_anew(&self, sale: usize) {
        self.world.step("the shop is about to try again").await;
        let mut state = self.world.lock();
        state.tell(|| format!("the shop offers sale {sale} once more"));
        let order = state.orders.entry(sale).or_default();
        *order = Order::of_attempt(order.attempt + 1);
    }

    /// The saved payment of that id.
    pub(super) fn saved(&self, payment_id: &str) -> Option<Payment> {
        let state = self.world.lock();
        let order = state
            .orders
            .values()
            .find(|order| order.payment_id.as_deref() == Some(payment_id))?;
        Payment::from_json(order.payment.as_deref()?).ok()
    }
}
