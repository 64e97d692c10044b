//! The background tasks of a sandbox, so that stopping it ends all of them.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// The tasks of one sandbox. Dropping it, or ending it, aborts them.
#[derive(Debug)]
pub(crate) struct Background {
    runtime: Handle,
    /// None once it ended: a task that is just being aborted cannot start another one that nobody would abort.
    tasks: Mutex<Option<JoinSet<()>>>,
}

impl Background {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            tasks: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// Starts a task, unless the sandbox has ended.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tasks) = tasks.as_mut() {
            // Finished tasks leave a result behind; collecting them here keeps the set as small as what is running.
            while tasks.try_join_next().is_some() {}
            tasks.spawn_on(task, &self.runtime);
        }
    }

    /// Runs a future to its end even if the caller goes away; None if the sandbox ended first.
    pub(crate) async fn run_to_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        self.spawn(async move {
            // Nobody may be left to hear it: a client that hung up does not undo what the gateway did.
            sender.send(work.await).ok();
        });
        receiver.await.ok()
    }

    /// Aborts every task without waiting.
    pub(crate) fn abort(&self) {
        drop(self.take());
    }

    /// Aborts every task and waits until each is gone.
    pub(crate) async fn end(&self) {
        if let Some(mut tasks) = self.take() {
            tasks.shutdown().await;
        }
    }

    fn take(&self) -> Option<JoinSet<()>> {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
