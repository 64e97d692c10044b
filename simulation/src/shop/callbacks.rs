//! The shop's route for callbacks.

use super::Shop;
use crate::fault::FaultKind;
use crate::plan::Keeping;
use crate::promises::Promise;
use crate::world::post::Post;
use lipia::callback::Confirm;
use lipia::payment::PaymentState;
use lipia::{Client, IncomingCallback, Payment, Verdict};

impl Shop {
    /// Takes in what was posted.
    pub(super) async fn take_in(&self, post: Post) {
        let world = &self.world;
        let client = self.takes_in(post.sale);
        world.step("something was posted").await;
        let confirm = if world.plan().confirms {
            Confirm::Successes
        } else {
            Confirm::Never
        };
        self.notice_early(&post);
        let incoming = IncomingCallback::new(&post.path, &post.body);
        let received = self
            .timed(
                Some(post.sale),
                "receive_callback",
                world.plan().timeout_ms,
                client.receive_callback(incoming, confirm),
            )
            .await;
        let received = match received {
            Ok(received) => received,
            Err(error) => {
                world.tell(|| format!("{} is refused: {}", post.what, error.code()));
                if post.truth_about.is_some() {
                    world.broke(Promise::NothingLost, Some(post.sale), || {
                        format!("a true callback is refused: {error}")
                    });
                }
                return;
            }
        };
        let live = client.find(&received.payment_id);
        let (payment, verdict) = match (live, received.verdict) {
            (Some(live), Some(verdict)) => (live, verdict),
            (live, _) => {
                // This process does not hold it: the shop has it saved, or keeps nothing.
                let saved = self.saved(received.payment_id.as_str());
                let resumed = saved.and_then(|saved| client.resume(saved).ok());
                let Some(payment) = live.or(resumed) else {
                    return;
                };
                let verdict = self
                    .timed(
                        Some(post.sale),
                        "believe",
                        world.plan().timeout_ms,
                        client.believe(&payment, &received.event, confirm),
                    )
                    .await;
                (payment, verdict)
            }
        };
        let snapshot = payment.snapshot();
        self.mind_news(&post, &snapshot, verdict);
        let sale = world.lock().sale_of(&snapshot);
        world.tell(|| {
            format!(
                "{} reaches sale {}: {}",
                post.what,
                sale.unwrap_or_default(),
                verdict.as_str()
            )
        });
        self.save(&payment).await;
        // A duplicate may be of the payment before this one, in a shop that keeps no ids. And what a full disk did not
        // take is gone with the process.
        if post.truth_about.is_some()
            && verdict != Verdict::Duplicate
            && self.has_kept(&payment.snapshot())
        {
            self.note_truth(post.sale, received.payment_id.as_str());
        }
    }

    /// The client that takes in what is posted about a sale.
    fn takes_in(&self, sale: usize) -> &Client {
        let plan = self.world.plan();
        let is_elsewhere = plan
            .sales
            .get(sale)
            .is_some_and(|sale| sale.taken_in_elsewhere);
        match self.door.as_ref().filter(|_| is_elsewhere) {
            Some(door) => {
                self.world.suffers(sale, FaultKind::Elsewhere);
                door
            }
            None => &self.client,
        }
    }

    /// What was posted is kept, whether or not it was believed; and once a callback was believed, this process knows what
    /// came of the push.
    fn mind_news(&self, post: &Post, payment: &Payment, verdict: Verdict) {
        if let Some(news) = &post.news {
            let is_kept = payment.flags().iter().any(|flag| {
                let body = flag.body.as_deref().unwrap_or_default();
                body.contains(news.as_str())
            });
            if verdict == Verdict::Duplicate || !is_kept {
                self.world.broke(Promise::NewsKept, Some(post.sale), || {
                    format!(
                        "{} is {} and not kept",
                        post.what,
                        verdict.as_str().replace('_', " ")
                    )
                });
            }
        }
        let is_here = std::ptr::eq(self.takes_in(post.sale), &self.client);
        if verdict != Verdict::Believed || !is_here {
            return;
        }
        let mut state = self.world.lock();
        let has_ended = state
            .orders
            .get(&post.sale)
            .is_some_and(|order| order.end.is_some());
        if has_ended {
            return;
        }
        state.heard_of.insert(payment.id().to_string());
        if let Some(prompt) = post.truth_about {
            state.gateway.is_heard(prompt);
        }
    }

    /// A callback that comes while its own push has yet to be answered.
    fn notice_early(&self, post: &Post) {
        let is_sending = self.handles.lock().is_ok_and(|handles| {
            handles
                .get(&post.sale)
                .is_some_and(|handle| handle.snapshot().state() == PaymentState::Sending)
        });
        if is_sending {
            self.world.suffers(post.sale, FaultKind::CallbackFirst);
        }
    }

    /// Whether what is known of a payment outlives this process, where the shop means it to.
    fn has_kept(&self, payment: &Payment) -> bool {
        self.world.plan().keeping == Keeping::Nothing
            || self
                .saved(payment.id().as_str())
                .is_some_and(|saved| saved.revision() >= payment.revision())
    }

    fn note_truth(&self, sale: usize, payment_id: &str) {
        let mut state = self.world.lock();
        if let Some(order) = state.orders.get_mut(&sale)
            && order
                .payment_id
                .as_deref()
                .is_none_or(|id| id == payment_id)
        {
            order.heard_truth = true;
        }
    }
}
