//! What the shop saves, and what it finds when it begins again.

use super::{End, Order, Shop, look, sale_of};
use crate::fault::FaultKind;
use crate::plan::Keeping;
use crate::promises::Promise;
use crate::world::World;
use futures_util::future::BoxFuture;
use lipia::{Payment, PaymentHandle, PaymentStore};

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
    if let (true, Some(sale)) = (fails, sale_of(payment)) {
        state.suffers(sale, FaultKind::SaveFailed);
        state.tell(|| format!("the payment of sale {sale} cannot be saved"));
    }
    fails
}

/// Writes one row, whole.
fn write(world: &World, payment: &Payment) {
    let Some(sale) = sale_of(payment) else {
        return;
    };
    let mut state = world.lock();
    let order = state.orders.entry(sale).or_default();
    // A payment that the shop has given up and replaced keeps its own row, which nobody reads again.
    if order.payment_id.as_deref() != Some(payment.id().as_str()) {
        return;
    }
    order.payment = Some(payment.to_json());
    state.tell(|| {
        format!(
            "the shop saves the payment of sale {sale}: {}, {}",
            payment.state().as_str(),
            payment.outcome()
        )
    });
}

impl Shop {
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
        let order = state.orders.entry(sale).or_default();
        *order = Order {
            payment: Some(payment.to_json()),
            payment_id: Some(payment.id().to_string()),
            attempt: order.attempt,
            ..Order::default()
        };
        state.tell(|| format!("the shop reserves a payment for sale {sale}"));
    }

    /// An order that is kept nowhere but in memory.
    pub(super) fn note_order(&self, sale: usize) {
        let mut state = self.world.lock();
        let order = state.orders.entry(sale).or_default();
        *order = Order {
            attempt: order.attempt,
            ..Order::default()
        };
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
        *order = Order {
            attempt: order.attempt + 1,
            ..Order::default()
        };
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
