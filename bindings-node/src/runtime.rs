//! The runtime of the process, with one thread, made when it is first needed. All of Node's threads share it.

use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime. It lives as long as the process: a thread of Node's that ends leaves it to the others.
///
/// # Errors
/// Where the system gives no thread or no file handle.
pub(crate) fn runtime() -> Result<&'static Runtime, std::io::Error> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("lipia")
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| made))
}

/// Gives the runtime two turns, in which it hears what happened on its sockets and acts on it: a connection that the
/// gateway closed is gone from the pool before a call takes one. Sent into a closed one, a push would be lost in a way
/// that looks like a lost answer.
pub(crate) async fn hear_of_closed_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}
