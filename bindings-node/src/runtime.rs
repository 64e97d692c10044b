//! The runtime of the process, with a thread of its own, made when it is first needed. All of Node's threads share it.
//!
//! That thread listens to its sockets all the time, so a connection that the gateway closed is gone from the pool before a
//! call takes one.

use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Handle};

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

/// The runtime, or the error that JavaScript is told in its place.
///
/// # Errors
/// As [`runtime`].
pub(crate) fn for_node() -> napi::Result<Handle> {
    runtime().map_err(|trouble| {
        napi::Error::from_reason(format!("Lipia could not start its runtime: {trouble}."))
    })
}

/// The runtime. It lives as long as the process: a thread of Node's that ends leaves it to the others.
///
/// # Errors
/// Where the system gives no thread or no file handle.
pub(crate) fn runtime() -> Result<Handle, std::io::Error> {
    let mut made = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = made.as_ref() {
        return Ok(runtime.clone());
    }
    // One thread drives it and does all of its work, which costs less for each call than handing over to a pool of one.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("lipia".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(made.insert(handle).clone())
}
