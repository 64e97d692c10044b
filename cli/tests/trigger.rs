//! `lipia trigger` and `lipia replay`: callbacks that a shop with Lipia takes for the gateway's, and where they are refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod support;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use lipia::callback::Confirm;
use lipia::{Client, Daraja, IncomingCallback};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, Scenario};
use std::sync::{Arc, Mutex};
use support::app::{App, CREDENTIALS, Relay, free_port};
use support::{Books, Run, command, push, run_with, sandbox, until};
use tokio::net::TcpListener;

/// A shop with Lipia's handler, which shares a ledger with the command line.
struct Shop {
    client: Client,
    port: u16,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

type Memory = (Client, Arc<Mutex<Vec<Vec<u8>>>>);

impl Shop {
    async fn open(sandbox: &Sandbox, books: &Books, port: u16) -> Self {
        let client = Daraja::builder()
            .consumer_key(CONSUMER_KEY)
            .consumer_secret(CONSUMER_SECRET)
            .short_code(SHORT_CODE)
            .pass_key(PASS_KEY)
            .environment("sandbox")
            .base_url(sandbox.base_url())
            .callback_url(format!("http://127.0.0.1:{port}/pay"))
            .ledger_at(&books.url)
            .build()
            .unwrap();
        let socket = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let bodies = Arc::default();
        let memory: Memory = (client.clone(), Arc::clone(&bodies));
        let router = Router::new().fallback(callback).with_state(memory);
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        Self {
            client,
            port,
            bodies,
        }
    }

    fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap().clone()
    }

    async fn outcome(&self, id: &str) -> String {
        let payment = self.client.payments().get(id).await.unwrap();
        payment.outcome().as_str().to_owned()
    }
}

async fn callback(State((client, bodies)): State<Memory>, uri: Uri, body: Bytes) -> StatusCode {
    bodies.lock().unwrap().push(body.to_vec());
    let incoming = IncomingCallback::new(uri.path(), &body);
    match client.receive_callback(incoming, Confirm::Never).await {
        Ok(received) if received.is_kept() => StatusCode::OK,
        Ok(_) => StatusCode::SERVICE_UNAVAILABLE,
        Err(_) => StatusCode::NOT_FOUND,
    }
}

/// Runs the command with the shop's credentials and ledger at a sandbox.
async fn lipia(books: &Books, sandbox: &Sandbox, arguments: &[&str], more: &[(&str, &str)]) -> Run {
    let mut command = command();
    command.envs(CREDENTIALS);
    command.env("MPESA_BASE_URL", sandbox.base_url());
    command.env("LIPIA_LEDGER", &books.url);
    command.envs(more.iter().copied());
    run_with(command.args(arguments).arg("--json")).await
}

/// Pushes a payment whose customer does nothing, and returns its id.
async fn pushed(books: &Books, sandbox: &Sandbox, port: u16, last: usize) -> String {
    let phone = format!("25471234{last:04}");
    sandbox.script_phone(&phone, Scenario::Silent);
    let url = sandbox.base_url();
    let mut arguments = push(&url, &[]);
    arguments[2] = &phone;
    arguments.pop();
    let callback_url = format!("http://127.0.0.1:{port}/pay");
    let more = [("MPESA_CALLBACK_URL", callback_url.as_str())];
    let run = lipia(books, sandbox, &arguments, &more).await;
    assert_eq!(run.status, 0, "{run:?}");
    run.last()["payment_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_outcome_arrives_as_a_shop_understands_it() {
    let (books, sandbox) = (Books::new("trigger-all"), sandbox().await);
    let shop = Shop::open(&sandbox, &books, free_port().await).await;
    let outcomes = [
        ("success", "success"),
        ("paid", "success"),
        ("cancelled", "cancelled"),
        ("timed-out", "timeout"),
        ("insufficient-funds", "insufficient_funds"),
        ("wrong-pin", "wrong_pin"),
        ("limit", "limit"),
        ("expired", "expired"),
        ("push_not_delivered", "push_not_delivered"),
        ("subscriber_busy", "subscriber_busy"),
        ("customer_locked", "customer_locked"),
        ("customer_account_state", "customer_account_state"),
        ("merchant_config", "merchant_config"),
        ("provider_error", "provider_error"),
    ];
    for (last, (word, outcome)) in outcomes.into_iter().enumerate() {
        let id = pushed(&books, &sandbox, shop.port, last).await;
        let arguments = ["trigger", word, "--payment", &id[..8]];
        let run = lipia(&books, &sandbox, &arguments, &[]).await;
        assert_eq!(run.status, 0, "{word}: {run:?}");
        let line = run.last();
        assert_eq!(line["payment_id"], id);
        assert_eq!(line["outcome"], outcome);
        assert_eq!(
            (&line["taken"], &line["sandbox"]),
            (&true.into(), &true.into())
        );
        assert!(!run.stdout.contains(&format!("{id}-")), "the seal was told");
        assert_eq!(shop.outcome(&id).await, outcome);
    }
    let run = lipia(
        &books,
        &sandbox,
        &["trigger", "won", "--payment", "12345678"],
        &[],
    )
    .await;
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("insufficient_funds"), "{}", run.stderr);
    sandbox.stop().await;
}

#[tokio::test]
async fn without_a_payment_the_newest_that_waits_for_its_customer_is_meant() {
    let (books, sandbox) = (Books::new("trigger-newest"), sandbox().await);
    let shop = Shop::open(&sandbox, &books, free_port().await).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(pushed(&books, &sandbox, shop.port, number).await);
    }
    for id in ids.iter().rev() {
        let run = lipia(&books, &sandbox, &["trigger", "cancelled"], &[]).await;
        assert_eq!(
            (run.status, &run.last()["payment_id"]),
            (0, &id.as_str().into())
        );
        assert_eq!(shop.outcome(id).await, "cancelled");
    }
    let run = lipia(&books, &sandbox, &["trigger", "cancelled"], &[]).await;
    assert_eq!(
        (run.status, &run.error()["code"]),
        (2, &"payment_not_sent".into())
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_replay_posts_what_came_byte_for_byte_and_changes_nothing() {
    let (books, sandbox) = (Books::new("replay"), sandbox().await);
    let shop = Shop::open(&sandbox, &books, free_port().await).await;
    let id = pushed(&books, &sandbox, shop.port, 1).await;
    let nothing = lipia(&books, &sandbox, &["replay", &id], &[]).await;
    assert_eq!(nothing.status, 2, "{nothing:?}");
    assert_eq!(nothing.error()["code"], "nothing_to_replay");
    let arguments = ["trigger", "paid", "--payment", &id];
    assert_eq!(lipia(&books, &sandbox, &arguments, &[]).await.status, 0);
    let receipt = shop.client.payments().get(&id).await.unwrap();
    let run = lipia(&books, &sandbox, &["replay", &id[..8]], &[]).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.last()["source"], "callback");
    let bodies = shop.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    let again = shop.client.payments().get(&id).await.unwrap();
    assert_eq!(again.receipt(), receipt.receipt());
    assert!(again.flags().is_empty());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_callback_that_was_not_believed_is_not_replayed() {
    let (books, sandbox) = (Books::new("replay-mismatch"), sandbox().await);
    let shop = Shop::open(&sandbox, &books, free_port().await).await;
    sandbox.script_phone("254712345678", Scenario::PayWrongAmount);
    let url = sandbox.base_url();
    let mut arguments = push(&url, &[]);
    arguments.pop();
    let callback_url = format!("http://127.0.0.1:{}/pay", shop.port);
    let more = [("MPESA_CALLBACK_URL", callback_url.as_str())];
    let run = lipia(&books, &sandbox, &arguments, &more).await;
    let id = run.last()["payment_id"].as_str().unwrap().to_owned();
    until("the gateway is answered", || {
        sandbox.counters().callbacks_acknowledged == 1
    })
    .await;
    let run = lipia(&books, &sandbox, &["replay", &id], &[]).await;
    assert_eq!(run.error()["code"], "nothing_to_replay", "{run:?}");
    assert!(run.stderr.contains("left out"), "{}", run.stderr);
    assert_eq!(shop.bodies().len(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_trigger_is_refused_wherever_money_may_move() {
    let (books, sandbox) = (Books::new("trigger-production"), sandbox().await);
    let shop = Shop::open(&sandbox, &books, free_port().await).await;
    let id = pushed(&books, &sandbox, shop.port, 1).await;
    for more in [
        [("MPESA_ENVIRONMENT", "production")],
        [("MPESA_ENV", "live")],
        [("MPESA_BASE_URL", "https://api.safaricom.co.ke")],
    ] {
        for outcome in ["paid", "cancelled"] {
            let arguments = ["trigger", outcome, "--payment", &id];
            let run = lipia(&books, &sandbox, &arguments, &more).await;
            assert_eq!(run.status, 2, "{more:?} {run:?}");
            assert_eq!(run.error()["code"], "trigger_in_production");
        }
    }
    assert!(shop.bodies().is_empty());
    assert_eq!(shop.outcome(&id).await, "pending");
    sandbox.stop().await;
}

#[tokio::test]
async fn callbacks_are_posted_to_this_machine_and_the_end_says_what_came_of_it() {
    let (books, sandbox) = (Books::new("trigger-hosts"), sandbox().await);
    let port = free_port().await;
    let id = pushed(&books, &sandbox, port, 1).await;
    let trigger = ["trigger", "cancelled", "--payment", &id];
    let nobody = lipia(&books, &sandbox, &trigger, &[]).await;
    assert_eq!(nobody.status, 3, "{nobody:?}");
    assert_eq!(nobody.last()["taken"], false);
    let far = [&trigger[..], &["--to", "http://10.1.2.3:8000"]].concat();
    let far = lipia(&books, &sandbox, &far, &[]).await;
    assert_eq!(far.status, 2);
    assert_eq!(far.error()["code"], "post_address_refused");
    let hint = far.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("--allow-host 10.1.2.3"), "{hint}");
    let refuses = App::with(0, |_| support::app::Answer::Status(404)).await;
    let below = format!("{}/below", refuses.url());
    let to = [&trigger[..], &["--to", &below]].concat();
    let refused = lipia(&books, &sandbox, &to, &[]).await;
    assert_eq!(
        (refused.status, &refused.last()["status"]),
        (4, &404.into())
    );
    assert!(refuses.paths()[0].starts_with(&format!("/below/pay/{id}-")));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_payment_of_production_is_replayed_and_never_triggered() {
    let (books, sandbox) = (Books::new("replay-production"), sandbox().await);
    let url = sandbox.base_url();
    let production = [
        ("MPESA_ENVIRONMENT", "production"),
        ("MPESA_CALLBACK_URL", "https://shop.example.co.ke/pay"),
    ];
    let mut arguments = push(&url, &[]);
    arguments.pop();
    let run = lipia(&books, &sandbox, &arguments, &production).await;
    assert_eq!(run.status, 0, "{run:?}");
    let id = run.last()["payment_id"].as_str().unwrap().to_owned();
    // The customer pays within two seconds of the sandbox's, and its callback cannot leave this machine.
    let mut paid = false;
    for _ in 0..200 {
        let ask = ["payments", "ask", &id, "--query-version", "v2"];
        let asked = lipia(&books, &sandbox, &ask, &production).await;
        paid = asked.last()["paid"] == true;
        if paid {
            break;
        }
    }
    assert!(paid);
    let elsewhere = lipia(&books, &sandbox, &["replay", &id], &production).await;
    assert_eq!(elsewhere.status, 2, "{elsewhere:?}");
    assert!(elsewhere.error()["hint"].as_str().unwrap().contains("--to"));
    let app = App::start().await;
    let replay = ["replay", &id, "--to", &app.url()];
    let run = lipia(&books, &sandbox, &replay, &production).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        (&run.last()["source"], &run.last()["sandbox"]),
        (&"ledger".into(), &false.into())
    );
    let shown = lipia(&books, &sandbox, &["payments", "show", &id], &production).await;
    let event = lipia::parse_callback(None, &app.seen()[0].body).unwrap();
    assert_eq!(event.receipt.unwrap().as_str(), shown.last()["receipt"]);
    assert_eq!(event.outcome.as_str(), "success");
    let trigger = ["trigger", "paid", "--payment", &id, "--to", &app.url()];
    let refused = lipia(&books, &sandbox, &trigger, &production).await;
    assert_eq!(refused.error()["code"], "trigger_in_production");
    assert_eq!(app.seen().len(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_shop_that_was_down_learns_of_a_payment_from_the_relay_before_it() {
    let (books, sandbox) = (Books::new("relay-shop"), sandbox().await);
    let port = free_port().await;
    let forward = format!("http://127.0.0.1:{port}");
    let mut relay = Relay::start(&books.folder, &forward, &[]);
    let url = sandbox.base_url();
    let mut arguments = push(&url, &[]);
    arguments.pop();
    let callback_url = format!("http://{}/pay", relay.address);
    let more = [("MPESA_CALLBACK_URL", callback_url.as_str())];
    let run = lipia(&books, &sandbox, &arguments, &more).await;
    let id = run.last()["payment_id"].as_str().unwrap().to_owned();
    until("the gateway calls back", || {
        !relay.events("kept").is_empty()
    })
    .await;
    assert_eq!(relay.events("kept")[0]["payment_id"], id);
    let shop = Shop::open(&sandbox, &books, port).await;
    until("the shop has it", || !relay.events("forwarded").is_empty()).await;
    assert_eq!(shop.outcome(&id).await, "success");
    assert_eq!(relay.end().await, 0);
    sandbox.stop().await;
}
