//! The life of a sandbox: start, stop, drop, its port and its tasks.

use std::time::{Duration, Instant};

use lipia_sandbox::{Sandbox, SandboxOptions};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

use crate::support::Shop;

pub(crate) fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn fifty_lives_leave_no_task_and_free_the_port() {
    let before = tasks();
    for _ in 0..50 {
        let started = Instant::now();
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5));
        let port = sandbox.port();
        // A connection that is left open does not hold anything up.
        let client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        tokio::task::yield_now().await;
        sandbox.stop().await;
        drop(client);
        TcpListener::bind(("127.0.0.1", port))
            .await
            .expect("the port is free");
    }
    assert_eq!(tasks(), before);
}

#[tokio::test]
async fn stopping_during_an_open_prompt_is_quick() {
    let shop = Shop::with(SandboxOptions::default()).await;
    let with_ear = tasks();
    shop.accepted("254712345678").await;
    let started = Instant::now();
    shop.sandbox.stop().await;
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(
        tasks() < with_ear,
        "the prompt's task is gone with the server's"
    );
}

#[tokio::test]
async fn dropping_ends_everything() {
    let before = tasks();
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let port = sandbox.port();
    drop(sandbox);
    for _ in 0..500 {
        if tasks() == before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(tasks(), before);
    TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the port is free");
}

#[test]
fn dropping_outside_of_a_runtime_does_not_hang() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime
        .block_on(Sandbox::start(SandboxOptions::default()))
        .unwrap();
    drop(runtime);
    drop(sandbox);
}

#[tokio::test]
async fn senseless_options_and_taken_ports_are_errors() {
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(
            Sandbox::start(SandboxOptions::default().time_scale(scale))
                .await
                .is_err()
        );
    }
    assert!(
        Sandbox::start(SandboxOptions::default().merchant("12", "x"))
            .await
            .is_err()
    );
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    assert!(
        Sandbox::start(SandboxOptions::default().port(sandbox.port()))
            .await
            .is_err()
    );
}
