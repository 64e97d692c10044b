//! The shop's door for callbacks.

use super::{Shop, sale_of};
use crate::fault::FaultKind;
use crate::plan::Keeping;
use crate::promises::Promise;
use crate::world::Post;
use lipia::{Confirm, IncomingCallback, Payment, PaymentState, Verdict};

impl Shop {
    /// Takes in what was posted.
    pub(super) async fn take_in(&self, post: Post) {
        let world = &self.world;
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
                post.sale,
                "receive_callback",
                world.plan().timeout_ms,
                self.client.receive_callback(incoming, confirm),
            )
            .await;
        let received = match received {
            Ok(received) => received,
            Err(error) => {
                world.tell(|| format!("{} is refused: {}", post.what, error.code()));
                if post.truth_about.is_some() {
                    world.broke(Promise::NothingLost, post.sale, || {
                        format!("a true callback is refused: {error}")
                    });
                }
                return;
            }
        };
        let live = self.client.find(&received.payment_id);
        let (payment, verdict) = match (live, received.verdict) {
            (Some(live), Some(verdict)) => (live, verdict),
            (live, _) => {
                // This process does not hold it: the shop has it saved, or keeps nothing.
                let saved = self.saved(received.payment_id.as_str());
                let resumed = saved.and_then(|saved| self.client.resume(saved).ok());
                let Some(payment) = live.or(resumed) else {
                    return;
                };
                let verdict = self
                    .timed(
                        post.sale,
                        "believe",
                        world.plan().timeout_ms,
                        self.client.believe(&payment, &received.event, confirm),
                    )
                    .await;
                (payment, verdict)
            }
        };
        let snapshot = payment.snapshot();
        world.tell(|| {
            format!(
                "{} reaches sale {}: {}",
                post.what,
                sale_of(&snapshot).unwrap_or_default(),
                verdict.as_str()
            )
        });
        self.save(&payment).await;
        // A duplicate may be of the payment before this one, in a shop that keeps no ids. And what a full disk did not
        // take is gone with the process.
        if post.truth_about.is_some()
            && verdict != Verdict::Duplicate
            && self.has_kept(&payment.snapshot())
            && let Some(order) = post
                .sale
                .and_then(|sale| world.lock().orders.get_mut(&sale).map(|_| sale))
        {
            self.note_truth(order, received.payment_id.as_str());
        }
    }

    /// A callback that comes while its own push has yet to be answered.
    fn notice_early(&self, post: &Post) {
        let Some(sale) = post.sale else { return };
        let is_sending = self.handles.lock().is_ok_and(|handles| {
            handles
                .get(&sale)
                .is_some_and(|handle| handle.snapshot().state() == PaymentState::Sending)
        });
        if is_sending {
            self.world.suffers(sale, FaultKind::CallbackFirst);
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
