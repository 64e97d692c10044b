//! Waiting for the core in the calling thread, with the GIL released and Ctrl-C heard.

use crate::{log, runtime};
use lipia::Client;
use pyo3::prelude::*;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How long the interpreter waits at most until it may act on a signal.
const SLICE: Duration = Duration::from_millis(50);

/// Drives a future to its end. On Ctrl-C it is dropped, or its result is, which in the core means that a push goes on in the background
/// and that its payment is kept.
pub(crate) fn block_on<T: Send>(
    py: Python<'_>,
    client: Option<&Client>,
    future: impl Future<Output = T> + Send,
) -> PyResult<T> {
    let blocking = runtime::blocking()?;
    log::look_at_level(py);
    blocking.enter();
    let result = {
        let mut future = pin!(async {
            runtime::hear_of_closed_connections().await;
            future.await
        });
        loop {
            let outcome = py.detach(|| {
                blocking
                    .runtime
                    .block_on(async { tokio::time::timeout(SLICE, future.as_mut()).await })
            });
            log::pass_on(py);
            match outcome {
                // Of a signal that came meanwhile Python hears as soon as this returns, and the result would be gone
                // with nobody told.
                Ok(value) => break py.check_signals().map(|()| value),
                Err(_) => {
                    if let Err(interrupt) = py.check_signals() {
                        break Err(interrupt);
                    }
                }
            }
        }
    };
    blocking.leave(client, result.is_err());
    result
}
