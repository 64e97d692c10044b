//! News for listeners.

use std::sync::mpsc::Receiver;

use lipia_sandbox::{Fault, FaultKind, News, Step};
use serde_json::json;

use crate::support::{PUSH, Shop, until};

struct Heard {
    waiting: Vec<News>,
    receiver: Receiver<News>,
}

impl Heard {
    fn of(shop: &Shop) -> Self {
        Self {
            waiting: Vec::new(),
            receiver: shop.sandbox.news(),
        }
    }

    /// The next piece of news; waits for it.
    async fn next(&mut self) -> News {
        until("news comes", || {
            self.waiting.extend(self.receiver.try_iter());
            !self.waiting.is_empty()
        })
        .await;
        self.waiting.remove(0)
    }

    /// The next one, which must be this and say that.
    async fn says(&mut self, event: &str, pieces: &[&str]) {
        let news = self.next().await;
        assert_eq!(news.event, event, "{news}");
        for piece in pieces {
            assert!(news.to_string().contains(piece), "{piece}: {news}");
        }
    }
}

#[tokio::test]
async fn a_payment_is_told_from_its_prompt_to_its_callback() {
    let shop = Shop::open().await;
    let mut heard = Heard::of(&shop);
    let id = shop.accepted("254712345678").await;
    heard
        .says(
            "prompted",
            &["254712345678", "KES 450", "INV-7", &id, "pays after 17 s"],
        )
        .await;
    heard.says("settled", &[&id, "is paid: receipt "]).await;
    heard
        .says("called_back", &[&shop.callback_url, ": 200"])
        .await;
    let id = shop.accepted("254712001032").await;
    heard.says("prompted", &["cancels"]).await;
    heard
        .says("settled", &[&id, "not paid: cancel, code 1032"])
        .await;
}

#[tokio::test]
async fn a_callback_that_nobody_takes_says_what_to_do() {
    let shop = Shop::open().await;
    for (status, piece) in [
        (404, "is that the path where your program takes callbacks"),
        (403, "let them in"),
        (301, "redirect"),
        (500, "see your program's log"),
    ] {
        let mut heard = Heard::of(&shop);
        shop.answer_with(&[status]);
        shop.accepted("254712009019").await;
        heard.says("prompted", &[]).await;
        heard.says("settled", &[]).await;
        let status = format!("refused with {status}");
        heard
            .says("callback_refused", &[&status, "Accepted", piece])
            .await;
    }
    for (url, event, piece) in [
        (
            "http://127.0.0.1:9/pay",
            "callback_refused",
            "nobody listens there; start your program",
        ),
        (
            "https://shop.example/pay",
            "callback_not_sent",
            "set MPESA_CALLBACK_URL to one",
        ),
    ] {
        let mut heard = Heard::of(&shop);
        let mut body = shop.push_body("254712009019");
        body["CallBackURL"] = json!(url);
        assert_eq!(shop.post(PUSH, &body).await.status(), 200);
        heard.says("prompted", &[]).await;
        heard.says("settled", &[]).await;
        heard.says(event, &[url, piece]).await;
    }
    let mut heard = Heard::of(&shop);
    shop.sandbox
        .inject(Fault::new(Step::Callback, FaultKind::CallbackLost))
        .unwrap();
    shop.accepted("254712009019").await;
    heard.says("prompted", &[]).await;
    heard.says("settled", &[]).await;
    heard.says("callback_not_sent", &["a fault"]).await;
}

#[tokio::test]
async fn a_refused_push_is_told_with_its_answer() {
    let shop = Shop::open().await;
    let mut heard = Heard::of(&shop);
    let mut body = shop.push_body("254712345678");
    body["Amount"] = json!(0);
    shop.post(PUSH, &body).await;
    heard
        .says("refused", &["refused a push: 400", "Invalid Amount"])
        .await;
    shop.oauth("wrong", "keys").await;
    heard
        .says("refused", &["refused a token: 400", "400.008.01"])
        .await;
}

#[tokio::test]
async fn a_listener_that_does_not_read_stops_nobody() {
    let shop = Shop::open().await;
    let silent = shop.sandbox.news();
    drop(shop.sandbox.news());
    for _ in 0..1100 {
        shop.sandbox
            .script_phone("254712345678", lipia_sandbox::Scenario::PaySoon);
        shop.oauth("wrong", "keys").await;
    }
    assert_eq!(shop.sandbox.counters().oauth_refused, 1100);
    assert_eq!(silent.try_iter().count(), 1024);
}
