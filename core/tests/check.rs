//! A client's check of its settings, over HTTP: it prompts nobody, and its probe of the callback URL leaves nothing behind.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, post};
use lipia::callback::Confirm;
use lipia::client::{CheckLine, CheckOptions, CheckPart, CheckState};
use lipia::event::accepted_reply;
use lipia::ledger::{LedgerStore, MemoryLedger, Scope};
use lipia::values::Environment;
use lipia::{Client, Daraja, IncomingCallback};
use lipia_sandbox::{Sandbox, SandboxOptions};
use std::sync::Arc;
use std::time::Duration;

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

fn client(sandbox: &Sandbox, callback_url: &str, ledger: &Arc<MemoryLedger>) -> Client {
    let options = SandboxOptions::default();
    Daraja::builder()
        .base_url(sandbox.base_url())
        .consumer_key(options.consumer_key)
        .consumer_secret(options.consumer_secret)
        .short_code(options.short_code)
        .pass_key(options.pass_key)
        .callback_url(callback_url)
        .ledger(Arc::clone(ledger) as _)
        .build()
        .unwrap()
}

fn line(lines: &[CheckLine], part: CheckPart) -> &CheckLine {
    lines.iter().find(|line| line.part == part).unwrap()
}

/// Serves routes on a port of this machine.
async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// A shop's handler of callbacks.
async fn take(State(client): State<Client>, uri: Uri, body: Bytes) -> Response {
    let incoming = IncomingCallback::new(uri.path(), &body);
    match client.receive_callback(incoming, Confirm::Never).await {
        Ok(_) => (
            [(header::CONTENT_TYPE, "application/json")],
            accepted_reply(),
        )
            .into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn a_probe_reaches_the_shops_handler_and_nothing_is_kept_of_it() {
    let (sandbox, ledger) = (sandbox().await, Arc::new(MemoryLedger::default()));
    let address = {
        let shop = client(&sandbox, "http://127.0.0.1:9/pay", &ledger);
        serve(
            Router::new()
                .route("/pay/{token}", post(take))
                .with_state(shop),
        )
        .await
    };
    let checked = client(&sandbox, &format!("{address}/pay"), &ledger);
    let checkup = checked
        .check(CheckOptions::default().reach_callback(true))
        .await;
    let callback = line(&checkup.lines, CheckPart::Callback);
    assert_eq!(callback.state, CheckState::Good, "{callback:?}");
    assert!(callback.message.contains("came back in"), "{callback:?}");
    assert!(checkup.is_good(), "{:?}", checkup.lines);

    let scope = Scope::default_of(Environment::Sandbox);
    assert_eq!(ledger.report(&scope).await.unwrap().payments, 0);
    let probed = "00000000000000000000000000000000".parse().unwrap();
    let kept = ledger.callbacks(&probed).await.unwrap();
    assert!(kept.is_empty(), "{kept:?}");
    let counted = sandbox.counters();
    assert_eq!((counted.prompts, counted.push_attempts), (0, 0));
    sandbox.stop().await;
}

#[tokio::test]
async fn what_answers_in_the_shops_place_is_told_apart() {
    let (sandbox, ledger) = (sandbox().await, Arc::new(MemoryLedger::default()));
    let address = serve(
        Router::new()
            .route("/login/{token}", any(|| async { StatusCode::FORBIDDEN }))
            .route("/page/{token}", any(|| async { "<html>Welcome</html>" }))
            .route(
                "/moved/{token}",
                any(|| async { Redirect::permanent("/pay/") }),
            )
            .route("/down/{token}", any(|| async { StatusCode::BAD_GATEWAY }))
            .route(
                "/slow/{token}",
                any(|| async { tokio::time::sleep(Duration::from_secs(60)).await }),
            ),
    )
    .await;
    for (path, state, words) in [
        ("login", CheckState::Broken, "CSRF"),
        ("page", CheckState::Remarkable, "not Lipia's handler"),
        ("moved", CheckState::Broken, "redirect"),
        ("down", CheckState::Broken, "not running"),
        ("absent", CheckState::Broken, "nothing is mounted"),
        ("slow", CheckState::Broken, "did not answer"),
    ] {
        let client = client(&sandbox, &format!("{address}/{path}"), &ledger);
        let checkup = client
            .check(CheckOptions::default().reach_callback(true))
            .await;
        let callback = line(&checkup.lines, CheckPart::Callback);
        assert_eq!(callback.state, state, "{path}: {callback:?}");
        assert!(callback.message.contains(words), "{path}: {callback:?}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_handler_with_other_secrets_does_not_answer_a_probe() {
    let (sandbox, ledger) = (sandbox().await, Arc::new(MemoryLedger::default()));
    let stranger = Daraja::builder()
        .consumer_key("another-key")
        .consumer_secret("another-secret")
        .short_code("174379")
        .pass_key(SandboxOptions::default().pass_key)
        .callback_url("http://127.0.0.1:9/pay")
        .callback_secrets(["a secret that no other shop has".to_owned()])
        .build()
        .unwrap();
    let address = serve(
        Router::new()
            .route("/pay/{token}", post(take))
            .with_state(stranger),
    )
    .await;
    let client = client(&sandbox, &format!("{address}/pay"), &ledger);
    let checkup = client
        .check(CheckOptions::default().reach_callback(true))
        .await;
    let callback = line(&checkup.lines, CheckPart::Callback);
    assert_eq!(callback.state, CheckState::Broken, "{callback:?}");
    assert!(
        callback.message.contains("another callback secret"),
        "{callback:?}"
    );
    sandbox.stop().await;
}
