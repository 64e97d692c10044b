//! PayHero: UpesiPay's first generation under a path of its own.

use lipia_sandbox::{
    Fault, FaultKind, Gateway, PAYHERO_CHANNEL_ID, PAYHERO_TOKEN, Step, UPESIPAY_TOKEN,
};
use serde_json::{Value, json};

use crate::support::{Reply, Shop};
use crate::till::{FIRST, PHONE, SECOND, upesipay_error};

impl Shop {
    async fn payhero(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let path = format!("/payhero{path}");
        self.ask(&format!("Basic {PAYHERO_TOKEN}"), method, &path, body)
            .await
    }

    async fn payhero_push(&self, phone: &str) -> Reply {
        let mut body = self.upesipay_body(phone);
        body["channel_id"] = json!(PAYHERO_CHANNEL_ID);
        self.payhero("POST", FIRST, Some(&body)).await
    }
}

#[tokio::test]
async fn it_speaks_the_first_generation_under_a_path_of_its_own() {
    let shop = Shop::open().await;
    let pushed = shop.payhero_push(PHONE).await;
    assert_eq!(pushed.status(), 201, "{pushed:?}");
    let accepted = pushed.json();
    assert_eq!(accepted["status"], "QUEUED");
    let callback = shop.body().await;
    assert_eq!(callback["response"]["ResultCode"], 0);
    let reference = accepted["reference"].as_str().unwrap();
    let path = format!("/api/v2/transaction-status?reference={reference}");
    let status = shop.payhero("GET", &path, None).await.json();
    assert_eq!(status["status"], "SUCCESS");
    assert_eq!(shop.sandbox.payments()[0].gateway, Gateway::PayHero);
    let counters = shop.sandbox.counters();
    assert_eq!(
        (counters.payhero.prompts, counters.upesipay.prompts),
        (1, 0)
    );
    // UpesiPay knows nothing of it.
    let elsewhere = shop.upesipay_status(reference).await;
    assert_eq!(upesipay_error(&elsewhere, FIRST).0, 404);
}

#[tokio::test]
async fn its_keys_are_its_own_and_there_is_no_second_generation() {
    let shop = Shop::open().await;
    let foreign = format!("Basic {UPESIPAY_TOKEN}");
    let refused = shop
        .ask(&foreign, "GET", "/payhero/api/v2/transactions", None)
        .await;
    assert_eq!(upesipay_error(&refused, FIRST).0, 401);
    let body = shop.upesipay_body(PHONE);
    let wrong_channel = shop.payhero("POST", FIRST, Some(&body)).await;
    assert_eq!(upesipay_error(&wrong_channel, FIRST).0, 400);
    let second = shop.payhero("POST", SECOND, Some(&body)).await;
    assert_eq!(second.status(), 404, "{second:?}");
    assert_eq!(shop.sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn it_blocks_nobody_and_upesipays_faults_can_be_played_at_it() {
    let shop = Shop::open().await;
    for _ in 0..12 {
        let pushed = shop.payhero_push("254712009020").await;
        assert_eq!(pushed.status(), 201, "{pushed:?}");
        shop.body().await;
    }
    let fault = Fault::new(Step::Push, FaultKind::AccountBlocked).gateway(Gateway::PayHero);
    shop.sandbox.inject(fault).unwrap();
    let pushed = shop.upesipay_push(FIRST, "254712345670").await;
    assert_eq!(pushed.status(), 201, "it waits for PayHero: {pushed:?}");
    assert_eq!(shop.payhero_push(PHONE).await.status(), 403);
}
