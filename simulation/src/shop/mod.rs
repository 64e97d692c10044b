//! One process of the shop, which uses the client as the documentation says, and its saved data.

mod acceptance;
mod callbacks;
mod client;
pub(crate) mod ledger;
mod sale;
mod second_looks;
mod store;

use crate::plan::Plan;
use crate::promises::{Promise, check};
use crate::time::eat_time;
use crate::world::World;
use crate::world::delivered::Process;
use crate::world::order::{End, Order};
use crate::world::post::Post;
use lipia::values::{CheckoutRequestId, Clock, EatTime, Receipt};
use lipia::{Client, GatewayName, Payment, PaymentHandle};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How a settled payment ends its sale.
fn end_of(payment: &Payment) -> End {
    if payment.is_paid() {
        End::Paid
    } else {
        End::NotPaid
    }
}

/// The phone number of a customer.
pub(crate) fn phone_number(customer: u64) -> String {
    format!("2547{:08}", 12_000_000 + customer)
}

#[derive(Debug)]
struct WallClock(World);

impl Clock for WallClock {
    fn now(&self) -> EatTime {
        eat_time(self.0.now_ms())
    }
}

/// A shop, as what happens around it sees it.
pub(crate) trait Served {
    /// Somebody posts to it.
    fn is_posted_to(self: &Arc<Self>, post: Post);

    /// Whether all sales have ended and everything that was posted is taken in.
    fn is_done(&self) -> bool;

    /// Ends when that may have become so.
    fn done(&self) -> impl Future<Output = ()>;

    /// The world ends.
    fn end(&self) {}
}

/// One process of the shop.
pub(crate) struct Shop {
    world: World,
    client: Client,
    /// The client of another process that takes in what is posted, where the plan has one.
    door: Option<Client>,
    /// The payments that this process holds, by sale.
    handles: Mutex<BTreeMap<usize, PaymentHandle>>,
    /// Payments whose callers went away, until the sale that misses one takes it.
    unclaimed: Mutex<Vec<PaymentHandle>>,
    /// Held by whoever waits for all sends.
    resting: tokio::sync::Mutex<()>,
    in_flight: AtomicUsize,
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
        let door = plan
            .has_a_door()
            .then(|| client::build(world, life, Process::Door))
            .transpose()?;
        let shop = Arc::new(Self {
            world: world.clone(),
            client: client::build(world, life, Process::Till)?,
            door,
            handles: Mutex::default(),
            unclaimed: Mutex::default(),
            resting: tokio::sync::Mutex::default(),
            in_flight: AtomicUsize::new(0),
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

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        let work = work(Arc::clone(self));
        let shop = Arc::clone(self);
        tokio::spawn(async move {
            work.await;
            shop.in_flight.fetch_sub(1, Ordering::AcqRel);
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

impl Served for Shop {
    fn is_posted_to(self: &Arc<Self>, post: Post) {
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

    fn is_done(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) == 0
    }

    async fn done(&self) {
        self.done.notified().await;
    }
}

/// Checks a payment against what is true, and notes what it knows.
fn look(world: &World, payment: &Payment) {
    let plan = world.plan();
    let mut state = world.lock();
    let sale = state.sale_of(payment);
    let checked = check(payment, state.gateway.of_payment(payment.id().as_str()));
    if let Err((promise, what)) = checked {
        state.broke(promise, sale, || what);
    }
    if let Err(what) = own(&mut state.owners, payment) {
        state.broke(Promise::OneOwner, sale, || what);
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
        note_known(plan, order, payment);
    }
}

/// Notes what a payment knows of its prompt.
fn note_known(plan: &Plan, order: &mut Order, payment: &Payment) {
    // The first generation of UpesiPay cannot be asked by the prompt's id.
    let by_own_id = plan.gateway == GatewayName::UpesiPay && !plan.second_form;
    order.knows_prompt = payment
        .acceptance()
        .is_some_and(|acceptance| !by_own_id || acceptance.transaction_id.is_some());
    order.is_for_a_person = payment
        .flags()
        .iter()
        .any(|flag| flag.reason == "contradicts_claim");
}

/// Notes what a payment has. What one payment has, another is never given.
fn own(owners: &mut BTreeMap<String, String>, payment: &Payment) -> Result<(), String> {
    let acceptance = payment.acceptance();
    let things = [
        (
            "prompt",
            payment.checkout_request_id().map(CheckoutRequestId::as_str),
        ),
        (
            "transaction",
            acceptance.and_then(|acceptance| acceptance.transaction_id.as_deref()),
        ),
        ("receipt", payment.receipt().map(Receipt::as_str)),
    ];
    for (kind, thing) in things {
        let Some(thing) = thing else { continue };
        let owner = owners
            .entry(format!("{kind} {thing}"))
            .or_insert_with(|| payment.id().to_string());
        if owner != payment.id().as_str() {
            return Err(format!("one {kind} is given to two payments"));
        }
    }
    Ok(())
}
