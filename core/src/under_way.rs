//! What goes on in the background after its caller left: counted, so that a program can wait for it before it ends.

use tokio::sync::watch;

/// How many sends and token flights of one client are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay {
    count: watch::Sender<usize>,
}

impl UnderWay {
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
pub(crate) struct Counted(UnderWay);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.change(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::UnderWay;

    #[tokio::test]
    async fn waiting_ends_with_the_last_of_what_was_begun() {
        let under_way = UnderWay::default();
        under_way.until_none().await;
        let (first, second) = (under_way.begin(), under_way.begin());
        drop(first);
        assert!(!under_way.is_none());
        let waiting = tokio::spawn({
            let under_way = under_way.clone();
            async move { under_way.until_none().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.unwrap();
        assert!(under_way.is_none());
    }
}
