//! What the log says of orders that are claimed in memory: in a process of its own, because what is listened to is decided once
//! for a whole process.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::ledger::MemoryLedger;
use lipia_sandbox::Sandbox;
use std::io::Write;
use std::sync::{Arc, Mutex};
use support::*;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// How often an error says that an order is claimed in memory.
    fn errors(&self) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let is_it = |line: &&str| line.contains("ERROR") && line.contains("LIPIA_LEDGER");
        text.lines().filter(is_it).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn an_order_that_is_claimed_in_memory_in_production_is_an_error_in_the_log_once() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let of = |environment: &str| builder(&sandbox.base_url()).environment(environment);
    let push = |number| sale(&paying_phone(number)).order(format!("order {number}"));

    let testing = of("sandbox").build().unwrap();
    testing.request(push(1)).await.unwrap();
    let without_order = of("production").build().unwrap();
    without_order.request(sale(&paying_phone(2))).await.unwrap();
    let elsewhere: Arc<TroubledLedger> = Arc::default();
    let kept = of("production").ledger(elsewhere).build().unwrap();
    kept.request(push(3)).await.unwrap();
    assert_eq!(log.errors(), 0, "nothing is lost there");

    let client = of("production").build().unwrap();
    for number in 4..7 {
        client.request(push(number)).await.unwrap();
    }
    assert_eq!(log.errors(), 1);
    let given = of("production").ledger(Arc::new(MemoryLedger::default()));
    given.build().unwrap().request(push(7)).await.unwrap();
    assert_eq!(log.errors(), 2, "each client says it once");
}
