//! Answers that name a prompt and deny it, come late or twice, leave ids out, or repeat what was sent.

use std::time::Duration;

use lipia_sandbox::{Fault, FaultKind, Refused, SandboxOptions, Step};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::{OAUTH, PUSH, Reply, Shop, read_some, until, write_all};
use crate::till::{FIRST, PHONE, SECOND, STK};

/// A connection that is kept, and what came on it that was not looked at yet.
struct Kept {
    stream: TcpStream,
    address: String,
    seen: Vec<u8>,
}

impl Kept {
    async fn open(shop: &Shop) -> Self {
        let address = shop.sandbox.base_url().replace("http://", "");
        Self {
            stream: TcpStream::connect(&address).await.unwrap(),
            address,
            seen: Vec::new(),
        }
    }

    async fn send(&self, method: &str, path: &str, authorization: &str, body: &str) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        write_all(&self.stream, request.as_bytes()).await.unwrap();
    }

    async fn push(&self, shop: &Shop, phone: &str) {
        let bearer = format!("Bearer {}", shop.token);
        let body = shop.push_body(phone).to_string();
        self.send("POST", PUSH, &bearer, &body).await;
    }

    /// The next whole answer on the connection.
    async fn answer(&mut self) -> Reply {
        let reading = async {
            loop {
                if let Some(reply) = self.cut_answer() {
                    return reply;
                }
                let mut piece = [0; 4096];
                let read = read_some(&self.stream, &mut piece).await.unwrap();
                assert_ne!(read, 0, "closed after {:?}", self.seen);
                self.seen.extend_from_slice(&piece[..read]);
            }
        };
        tokio::time::timeout(Duration::from_secs(5), reading)
            .await
            .expect("an answer comes")
    }

    fn cut_answer(&mut self) -> Option<Reply> {
        let reply = Reply {
            raw: self.seen.clone(),
        };
        let length: usize = reply.header("content-length")?.parse().unwrap();
        let whole = self.seen.len() - reply.body().len() + length;
        if self.seen.len() < whole {
            return None;
        }
        let rest = self.seen.split_off(whole);
        let raw = std::mem::replace(&mut self.seen, rest);
        Some(Reply { raw })
    }
}

#[tokio::test]
async fn a_whole_acceptance_comes_under_any_status() {
    let shop = Shop::open().await;
    for (number, status) in [401, 408, 409, 423, 429, 500, 503].into_iter().enumerate() {
        let fault = Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus).status(status);
        shop.sandbox.inject(fault).unwrap();
        let reply = shop.push(&format!("25471234560{number}")).await;
        assert_eq!(reply.status(), status);
        assert_eq!(reply.json()["ResponseCode"], "0");
        let last = shop.sandbox.payments().pop().unwrap();
        assert_eq!(reply.json()["CheckoutRequestID"], last.checkout_request_id);
        assert_eq!(shop.sandbox.counters().prompts, number as u64 + 1);
    }
    for (path, fault) in [
        (
            STK,
            Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus),
        ),
        (
            FIRST,
            Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus),
        ),
        (
            SECOND,
            Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus),
        ),
    ] {
        shop.sandbox.inject(fault).unwrap();
        let reply = match path {
            STK => shop.palpluss_push("254712345671").await,
            _ => shop.upesipay_push(path, "254712345672").await,
        };
        assert_eq!(reply.status(), 429, "the usual one");
        assert_eq!(reply.json()["success"], true);
    }
}

#[tokio::test]
async fn a_status_is_chosen_only_where_a_fault_answers_with_one() {
    let shop = Shop::open().await;
    let busy = Fault::new(Step::Push, FaultKind::SystemBusy).status(429);
    shop.sandbox.inject(busy).unwrap();
    assert_eq!(shop.push(PHONE).await.error().0, 429);
    let lost = Fault::new(Step::Push, FaultKind::AnswerLost).status(429);
    let refused = shop.sandbox.inject(lost).unwrap_err();
    assert!(matches!(refused, Refused::Invalid(_)), "{refused}");
    for status in [100, 199, 600] {
        let fault = Fault::new(Step::Push, FaultKind::LateAnswer).status(status);
        assert!(shop.sandbox.inject(fault).is_err(), "{status}");
    }
    let body = json!({"step": "push", "kind": "whole_answer_under_status", "status": 408});
    let reply = shop.post("/_sandbox/faults", &body).await;
    assert_eq!(reply.status(), 200, "{reply:?}");
    assert_eq!(shop.push(PHONE).await.status(), 408);
}

#[tokio::test]
async fn a_refusal_can_name_the_prompt_that_it_denies() {
    for (kind, status, code) in [
        (FaultKind::BusyNamesPrompt, 500, "500.003.02"),
        (FaultKind::TokenRefusedNamesPrompt, 404, "404.001.03"),
    ] {
        let shop = Shop::open().await;
        shop.sandbox.inject(Fault::new(Step::Push, kind)).unwrap();
        let reply = shop.push(PHONE).await;
        let body = reply.json();
        assert_eq!((reply.status(), &body["errorCode"]), (status, &json!(code)));
        let last = shop.sandbox.payments().pop().unwrap();
        assert_eq!(body["CheckoutRequestID"], last.checkout_request_id);
    }
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::ResponseCodeOdd))
        .unwrap();
    let body = shop.push(PHONE).await.json();
    assert_eq!(body["ResponseCode"], "Success");
    assert!(body["CheckoutRequestID"].is_string());
}

#[tokio::test]
async fn a_late_answer_meets_the_next_request_on_its_connection() {
    let shop = Shop::open().await;
    let mut kept = Kept::open(&shop).await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::LateAnswerAtNext))
        .unwrap();
    kept.push(&shop, PHONE).await;
    assert_eq!(kept.answer().await.status(), 504);
    assert_eq!(shop.sandbox.counters().prompts, 1);
    kept.push(&shop, "254712345670").await;
    let (first, second) = (kept.answer().await.json(), kept.answer().await.json());
    let ids: Vec<_> = shop.sandbox.payments();
    assert_eq!(first["CheckoutRequestID"], ids[0].checkout_request_id);
    assert_eq!(second["CheckoutRequestID"], ids[1].checkout_request_id);
    assert!(kept.seen.is_empty());
}

#[tokio::test]
async fn a_late_answer_comes_without_a_request_too() {
    let shop = Shop::open().await;
    let mut kept = Kept::open(&shop).await;
    let late = Fault::new(Step::Push, FaultKind::LateAnswer).seconds(20.0);
    shop.sandbox.inject(late.status(502)).unwrap();
    kept.push(&shop, PHONE).await;
    assert_eq!(kept.answer().await.status(), 502);
    let late = kept.answer().await.json();
    let id = shop.sandbox.payments()[0].checkout_request_id.clone();
    assert_eq!(late["CheckoutRequestID"], id);
    // A client that hung up hears nothing, and nothing breaks.
    let fault = Fault::new(Step::Push, FaultKind::LateAnswer);
    shop.sandbox.inject(fault).unwrap();
    assert_eq!(shop.push("254712345670").await.status(), 504);
    assert_eq!(shop.good_oauth().await.status(), 200);
}

#[tokio::test]
async fn an_answer_is_said_twice_on_one_connection() {
    let shop = Shop::open().await;
    let mut kept = Kept::open(&shop).await;
    let always = Fault::new(Step::Oauth, FaultKind::AnswerTwice).forever();
    shop.sandbox.inject(always).unwrap();
    let basic = "Basic c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ=";
    let mut tokens = Vec::new();
    for _ in 0..3 {
        kept.send("GET", OAUTH, basic, "").await;
        for _ in 0..2 {
            let body = kept.answer().await.json();
            tokens.push(body["access_token"].as_str().unwrap().to_owned());
        }
    }
    for pair in tokens.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test]
async fn an_echo_repeats_every_secret_that_was_sent() {
    let shop = Shop::open().await;
    let inject = |step| {
        shop.sandbox
            .inject(Fault::new(step, FaultKind::Echo))
            .unwrap();
    };
    inject(Step::Push);
    let (status, _, message) = shop.push(PHONE).await.error();
    assert_eq!(status, 400);
    let sent = shop.push_body(PHONE);
    for secret in [
        shop.token.as_str(),
        sent["Password"].as_str().unwrap(),
        &shop.callback_url,
        PHONE,
    ] {
        assert!(message.contains(secret), "{secret}: {message}");
    }
    inject(Step::Query);
    assert!(shop.query("ws_CO_1").await.error().2.contains(&shop.token));
    inject(Step::Oauth);
    assert!(shop.good_oauth().await.error().2.contains("Basic c2Fu"));
    inject(Step::Push);
    let body = shop.palpluss_push(PHONE).await.json();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains(PHONE) && message.contains(&shop.callback_url));
    for path in [FIRST, SECOND] {
        inject(Step::Push);
        let text = shop.upesipay_push(path, PHONE).await.text();
        assert!(text.contains(PHONE) && text.contains("Basic sandbox-upesipay"));
    }
    assert_eq!(shop.sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn acceptances_leave_ids_out() {
    let shop = Shop::open().await;
    let inject = |kind| {
        shop.sandbox.inject(Fault::new(Step::Push, kind)).unwrap();
    };
    inject(FaultKind::ProviderCheckoutIdNull);
    let data = shop.palpluss_push(PHONE).await.json()["data"].clone();
    assert_eq!(data.get("providerCheckoutId"), Some(&Value::Null));
    assert!(data["transactionId"].is_string());
    inject(FaultKind::TransactionIdMissing);
    let data = shop.palpluss_push("254712345670").await.json()["data"].clone();
    assert_eq!(data.get("transactionId"), None);
    assert!(data["providerCheckoutId"].is_string());
    inject(FaultKind::ReferenceAlone);
    let body = shop.upesipay_push(FIRST, "254712345671").await.json();
    assert_eq!(body.get("CheckoutRequestID"), None);
    assert!(body["reference"].is_string());
}

#[tokio::test]
async fn queries_name_no_payment_or_another_one() {
    let shop = Shop::open().await;
    let id = shop.accepted(PHONE).await;
    let palpluss = shop.palpluss_accepted("254712345670").await;
    let upesipay = shop.upesipay_accepted(FIRST, "254712345671").await;
    until("all are paid", || {
        let payments = shop.sandbox.payments();
        payments.iter().all(|payment| payment.receipt.is_some())
    })
    .await;
    for (kind, names_one) in [
        (FaultKind::QueryWithoutIds, false),
        (FaultKind::QueryWithOtherIds, true),
    ] {
        let inject = || {
            shop.sandbox.inject(Fault::new(Step::Query, kind)).unwrap();
        };
        inject();
        let daraja = shop.query(&id).await.json();
        assert_eq!(daraja["ResultCode"], "0");
        inject();
        let transaction = shop.palpluss_status(&palpluss).await;
        assert_eq!(transaction["status"], "SUCCESS");
        inject();
        let status = shop.upesipay_status(&upesipay).await.json();
        assert_eq!(status["status"], "SUCCESS");
        for (named, asked) in [
            (&daraja["CheckoutRequestID"], &id),
            (&transaction["transaction_id"], &palpluss),
            (&status["reference"], &upesipay),
        ] {
            assert_eq!(named.is_string(), names_one, "{named}");
            assert_ne!(named.as_str(), Some(asked.as_str()));
            if let Some(other) = named.as_str() {
                assert_eq!(other.len(), asked.len(), "an id of the same form");
            }
        }
    }
}

#[tokio::test]
async fn announced_blocks_say_for_how_long_in_their_own_ways() {
    let shop = Shop::open().await;
    let inject = |kind| {
        shop.sandbox.inject(Fault::new(Step::Push, kind)).unwrap();
    };
    inject(FaultKind::AccountRestricted);
    let text = shop.palpluss_push(PHONE).await.text();
    assert!(text.contains("restricted for 4 hours"), "{text}");
    inject(FaultKind::StkBanned);
    let reply = shop.palpluss_push(PHONE).await;
    let details = reply.json()["error"]["details"].clone();
    assert_eq!(details, json!({ "retry_after_seconds": 3600 }));
    assert_eq!(reply.header("retry-after"), None, "the body alone says it");
    inject(FaultKind::StkAbuseProtection);
    let text = shop.palpluss_push(PHONE).await.text();
    assert!(text.contains("STK Abuse Protection"), "{text}");
    inject(FaultKind::RestrictedForFourHours);
    let text = shop.upesipay_push(FIRST, PHONE).await.text();
    assert!(text.contains("restricted for 4 hours"), "{text}");
    for path in [FIRST, SECOND] {
        inject(FaultKind::AccountBlocked);
        let reply = shop.upesipay_push(path, PHONE).await;
        let body = reply.json();
        assert_eq!(
            (reply.status(), &body["error_code"]),
            (403, &json!("ACCOUNT_BLOCKED"))
        );
        let seconds = body["retry_after_seconds"].as_u64();
        let seconds = seconds.or_else(|| body["details"]["retry_after_seconds"].as_u64());
        assert_eq!(seconds, Some(14_400), "{body}");
    }
    assert_eq!(shop.sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn a_refusal_is_overtaken_by_its_own_callback() {
    for (phone, code) in [("254712009005", 0), ("254712009018", 1032)] {
        for kind in [
            FaultKind::SystemBusy,
            FaultKind::TooManyRequests,
            FaultKind::InvalidToken404,
        ] {
            let shop = Shop::with(SandboxOptions::default()).await;
            let fault = Fault::new(Step::Push, kind).after_acting(true);
            shop.sandbox.inject(fault).unwrap();
            assert!(shop.push(phone).await.status() >= 400);
            assert_eq!(shop.callbacks()[0]["ResultCode"], code, "{kind:?}");
        }
    }
}
