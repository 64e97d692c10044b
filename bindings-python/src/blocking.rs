//! Blocking calls: wait for the core in the calling thread, with the GIL released and Ctrl-C heard.

use crate::{ending, log, runtime, telemetry};
use lipia::Client;
use pyo3::prelude::*;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How long the interpreter waits at most until it may act on a signal.
const SLICE: Duration = Duration::from_millis(50);

/// Drives a future to its end. On Ctrl-C it is dropped, which in the core means that a push goes on in the background
/// and that its payment is kept.
pub(crate) fn block_on<T: Send>(
    py: Python<'_>,
    client: Option<&Client>,
    future: impl Future<Output = T> + Send,
) -> PyResult<T> {
    let blocking = runtime::blocking()?;
    log::look_at_level(py);
    let caller = telemetry::caller(py);
    blocking.enter();
    let result = {
        let future = pin!(async {
            runtime::hear_of_closed_connections().await;
            future.await
        });
        let mut future = caller.run(future);
        loop {
            let (outcome, inside) = py.detach(|| {
                let outcome = blocking
                    .runtime
                    .block_on(async { tokio::time::timeout(SLICE, &mut future).await });
                (outcome, ending::enter_or_stay())
            });
            drop(inside);
            log::pass_on(py);
            // Also where the call has just ended: what is raised between here and the caller loses its result, and
            // whoever called must know before it calls a payment claimed.
            if let Err(interrupt) = py.check_signals() {
                break Err(interrupt);
            }
            if let Ok(value) = outcome {
                break Ok(value);
            }
        }
    };
    blocking.leave(client, result.is_err());
    result
}
