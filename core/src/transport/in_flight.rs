//! Work in flight in the background (pushes, requests for tokens, tellings of outcomes) that outlives its caller: counted, so
//! that a program can drain it before it ends.

use tokio::sync::watch;

/// How many sends, token flights and tellings of one client are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight {
    count: watch::Sender<usize>,
}

impl InFlight {
    /// Counts something until what is returned is dropped.
    pub(crate) fn begin(&self) -> Counted {
        self.change(|count| *count += 1);
        Counted(self.clone())
    }

    /// Tells whoever waits, and costs little where nobody does: one that begins to wait after the change sees it.
    fn change(&self, change: impl FnOnce(&mut usize)) {
        self.count.send_if_modified(|count| {
            change(count);
            false
        });
        if !self.count.is_closed() {
            self.count.send_modify(|_| {});
        }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_none(&self) -> bool {
        *self.count.borrow() == 0
    }

    /// Waits until nothing is.
    pub(crate) async fn until_none(&self) {
        // It fails only where the sender is gone, and `self` holds it.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// Something that is under way until this is dropped, by whatever way its task ends.
pub(crate) struct Counted(InFlight);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.change(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::InFlight;

    #[tokio::test]
    async fn waiting_ends_with_the_last_of_what_was_begun() {
        let in_flight = InFlight::default();
        in_flight.until_none().await;
        let (first, second) = (in_flight.begin(), in_flight.begin());
        drop(first);
        assert!(!in_flight.is_none());
        let waiting = tokio::spawn({
            let in_flight = in_flight.clone();
            async move { in_flight.until_none().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.unwrap();
        assert!(in_flight.is_none());
    }
}
