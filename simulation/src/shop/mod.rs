//! The shop: one process of it, which uses the client as its documentation says, and what it has saved.

mod callbacks;
mod client;
mod keeping;
mod sale;

use crate::promises::{Promise, check};
use crate::world::{Post, World, eat_time};
use lipia::{Client, Clock, EatTime, Payment, PaymentHandle};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How a sale ended for the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The money came.
    Paid,
    /// The customer was asked and did not pay.
    NotPaid,
    /// Nobody was prompted.
    NotPrompted,
    /// Nobody can say, and the shop still asks.
    Open,
}

/// What the shop has saved of one order, and what it was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// The payment, as the text that was saved.
    pub(crate) payment: Option<String>,
    /// The payment's id.
    pub(crate) payment_id: Option<String>,
    /// How many payments were made for it before this one.
    pub(crate) attempt: u32,
    pub(crate) end: Option<End>,
    /// Whether the shop was last told that nobody was prompted.
    pub(crate) was_told_unsent: bool,
    /// Whether the payment knows the prompt's id.
    pub(crate) knows_prompt: bool,
    /// Whether the true callback was taken in.
    pub(crate) heard_truth: bool,
}

/// The phone number of a customer.
pub(crate) fn phone_number(customer: u64) -> String {
    format!("2547{:08}", 12_000_000 + customer)
}

/// The sale that a payment is for.
fn sale_of(payment: &Payment) -> Option<usize> {
    payment
        .push()
        .account_reference
        .as_str()
        .strip_prefix('S')?
        .parse()
        .ok()
}

#[derive(Debug)]
struct WallClock(World);

impl Clock for WallClock {
    fn now(&self) -> EatTime {
        eat_time(self.0.now_ms())
    }
}

/// One process of the shop.
pub(crate) struct Shop {
    world: World,
    client: Client,
    /// The payments that this process holds, by sale.
    handles: Mutex<BTreeMap<usize, PaymentHandle>>,
    /// Payments whose callers went away, until the sale that misses one takes it.
    unclaimed: Mutex<Vec<PaymentHandle>>,
    /// Held by whoever waits for all sends.
    resting: tokio::sync::Mutex<()>,
    under_way: AtomicUsize,
    done: Notify,
}

impl Shop {
    /// Begins: takes up what is saved, and serves all sales that have not ended.
    ///
    /// # Errors
    /// Why there is no client.
    pub(crate) fn begin(world: &World) -> Result<Arc<Self>, lipia::Error> {
        let plan = world.plan();
        let life = world.lock().lives;
        let shop = Arc::new(Self {
            world: world.clone(),
            client: client::build(world, life)?,
            handles: Mutex::default(),
            unclaimed: Mutex::default(),
            resting: tokio::sync::Mutex::default(),
            under_way: AtomicUsize::new(0),
            done: Notify::new(),
        });
        for number in 0..plan.sales.len() {
            let has_ended = world
                .lock()
                .orders
                .get(&number)
                .is_some_and(|order| order.end.is_some());
            if !has_ended {
                shop.spawn(|shop| async move { shop.serve(number).await });
            }
        }
        Ok(shop)
    }

    /// Somebody posts to it.
    pub(crate) fn is_posted_to(self: &Arc<Self>, post: Post) {
        let mut state = self.world.lock();
        let number = state.posted;
        state.posted += 1;
        if !post.again_after_ms.is_empty() {
            state.unacknowledged.insert(number, post.clone());
        }
        drop(state);
        self.spawn(|shop| async move {
            shop.take_in(post).await;
            shop.world.lock().unacknowledged.remove(&number);
        });
    }

    /// Whether all sales have ended and everything that was posted is taken in.
    pub(crate) fn is_done(&self) -> bool {
        self.under_way.load(Ordering::Acquire) == 0
    }

    /// Ends when that may have become so.
    pub(crate) async fn done(&self) {
        self.done.notified().await;
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let work = work(Arc::clone(self));
        let shop = Arc::clone(self);
        tokio::spawn(async move {
            work.await;
            shop.under_way.fetch_sub(1, Ordering::AcqRel);
            shop.done.notify_one();
        });
    }

    /// A call that must end within its time, give or take a tenth of a second of the network's.
    async fn timed<T>(
        &self,
        sale: Option<usize>,
        what: &str,
        limit_ms: u64,
        call: impl Future<Output = T>,
    ) -> T {
        let began_ms = self.world.now_ms();
        let result = call.await;
        let took_ms = self.world.now_ms().saturating_sub(began_ms);
        if took_ms > limit_ms + 100 {
            self.world.broke(Promise::InTime, sale, || {
                format!("{what} had {limit_ms} ms and took {took_ms}")
            });
        }
        result
    }

    /// Looks at a payment, as the shop's owner would: does it say what is true?
    fn look(&self, payment: &Payment) {
        look(&self.world, payment);
    }

    fn hold(&self, sale: usize, handle: &PaymentHandle) {
        self.handles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(sale, handle.clone());
    }
}

/// Checks a payment against what is true, and notes what it knows.
fn look(world: &World, payment: &Payment) {
    let sale = sale_of(payment);
    let mut state = world.lock();
    let checked = check(payment, state.gateway.of_payment(payment.id().as_str()));
    if let Err((promise, what)) = checked {
        state.broke(promise, sale, || what);
    }
    let is_current = |order: &&mut Order| {
        order
            .payment_id
            .as_deref()
            .is_none_or(|id| id == payment.id().as_str())
    };
    if let Some(order) = sale
        .and_then(|sale| state.orders.get_mut(&sale))
        .filter(is_current)
    {
        order.knows_prompt = payment.checkout_request_id().is_some();
    }
}
