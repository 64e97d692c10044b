//! Daraja's pushes.

use serde_json::{Value, json};

use crate::support::{PUSH, Shop, item, send, until};

#[tokio::test]
async fn a_push_is_accepted_paid_and_called_back() {
    let shop = Shop::open().await;
    let reply = shop.push("254712345678").await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("content-type").unwrap(), "application/json");
    let answer = reply.json();
    let mut names: Vec<_> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let documented = [
        "CheckoutRequestID",
        "CustomerMessage",
        "MerchantRequestID",
        "ResponseCode",
        "ResponseDescription",
    ];
    assert_eq!(names, documented);
    assert_eq!(answer["ResponseCode"], "0");
    let id = answer["CheckoutRequestID"].as_str().unwrap();
    assert_eq!(id.len(), "ws_CO_".len() + 14 + 3 + 9);
    assert!(
        id.starts_with("ws_CO_") && id.ends_with("712345678"),
        "{id}"
    );

    let callback = shop.callback().await;
    assert_eq!(callback["CheckoutRequestID"], id);
    assert_eq!(callback["MerchantRequestID"], answer["MerchantRequestID"]);
    assert_eq!(callback["ResultCode"], 0);
    assert_eq!(item(&callback, "Amount"), Some(json!(450)));
    assert_eq!(
        item(&callback, "PhoneNumber"),
        Some(json!(254_712_345_678_u64))
    );
    assert!(
        item(&callback, "TransactionDate")
            .unwrap()
            .as_u64()
            .unwrap()
            > 20_260_000_000_000
    );
    assert_eq!(
        item(&callback, "Balance"),
        None,
        "the item is there, without a value"
    );
    assert_eq!(
        callback["CallbackMetadata"]["Item"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    let receipt = item(&callback, "MpesaReceiptNumber").unwrap();
    let receipt = receipt.as_str().unwrap();
    assert!(
        receipt.len() == 10
            && receipt
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    );

    let (headers, _) = shop.raw_callbacks()[0].clone();
    assert_eq!(headers["content-type"], "application/json;charset=UTF-8");
    assert_eq!(headers["businessshortcode"], "174379");

    let payment = shop.sandbox.payments()[0].clone();
    assert_eq!(payment.receipt.as_deref(), Some(receipt));
    assert_eq!((payment.amount, payment.reference.as_str()), (450, "INV-7"));
    assert_eq!(payment.description.as_deref(), Some("Books"));
    until("the acknowledgement", || {
        shop.sandbox.counters().callbacks_acknowledged == 1
    })
    .await;
    let counters = shop.sandbox.counters();
    assert_eq!(
        (
            counters.push_attempts,
            counters.prompts,
            counters.callbacks_sent
        ),
        (1, 1, 1)
    );
    assert_eq!(counters.prompts_by_phone["254712345678"], 1);
}

#[tokio::test]
async fn fields_are_checked() {
    let shop = Shop::open().await;
    let invalid = |what: &str| {
        (
            400,
            "400.002.02".to_owned(),
            format!("Bad Request - Invalid {what}"),
        )
    };
    let server = |message: &str| (500, "500.001.1001".to_owned(), message.to_owned());
    let wrong_password = || server("[MerchantValidate] - Wrong credentials");
    let table = [
        (
            "BusinessShortCode",
            json!(null),
            invalid("BusinessShortCode"),
        ),
        (
            "BusinessShortCode",
            json!("1234"),
            invalid("BusinessShortCode"),
        ),
        (
            "BusinessShortCode",
            json!("12345678"),
            invalid("BusinessShortCode"),
        ),
        (
            "BusinessShortCode",
            json!("17437a"),
            invalid("BusinessShortCode"),
        ),
        (
            "BusinessShortCode",
            json!(600_000),
            server("Merchant does not exist"),
        ),
        ("Password", json!(""), invalid("Password")),
        ("Password", json!("abc"), wrong_password()),
        ("Timestamp", json!("2026112110111"), invalid("Timestamp")),
        ("Timestamp", json!("20261321101112"), invalid("Timestamp")),
        ("Timestamp", json!("20261121101113"), wrong_password()),
        (
            "TransactionType",
            json!("PayBill"),
            invalid("TransactionType"),
        ),
        ("Amount", json!("0"), invalid("Amount")),
        ("Amount", json!(0), invalid("Amount")),
        ("Amount", json!(-1), invalid("Amount")),
        ("Amount", json!("1.5"), invalid("Amount")),
        ("Amount", json!(1.5), invalid("Amount")),
        ("Amount", json!(250_001), invalid("Amount")),
        ("Amount", json!(true), invalid("Amount")),
        ("PartyA", json!("0712345678"), invalid("PartyA")),
        ("PartyB", json!("x"), invalid("PartyB")),
        ("PhoneNumber", json!("0712345678"), invalid("PhoneNumber")),
        ("PhoneNumber", json!("254212345678"), invalid("PhoneNumber")),
        ("PhoneNumber", json!("+25471234567"), invalid("PhoneNumber")),
        (
            "PhoneNumber",
            json!("2547123456789"),
            invalid("PhoneNumber"),
        ),
        (
            "CallBackURL",
            json!("shop.example/paid"),
            invalid("CallBackURL"),
        ),
        (
            "CallBackURL",
            json!("https://Shop.example/paid"),
            invalid("CallBackURL"),
        ),
        ("AccountReference", json!(""), invalid("AccountReference")),
        (
            "AccountReference",
            json!(["a"]),
            invalid("AccountReference"),
        ),
    ];
    let mut refused = 0;
    for (field, value, expected) in table {
        let mut body = shop.push_body("254712345678");
        body[field] = value.clone();
        assert_eq!(
            shop.post(PUSH, &body).await.error(),
            expected,
            "{field} = {value}"
        );
        refused += 1;
    }
    let counters = shop.sandbox.counters();
    assert_eq!(
        (
            counters.push_attempts,
            counters.push_refused,
            counters.prompts
        ),
        (refused, refused, 0)
    );

    let mut body = shop.push_body("254112345678");
    body.as_object_mut().unwrap().remove("TransactionDesc");
    body["Amount"] = json!(250_000);
    body["TransactionType"] = json!("CustomerBuyGoodsOnline");
    assert_eq!(
        shop.post(PUSH, &body).await.status(),
        200,
        "what is left out here may be"
    );
}

#[tokio::test]
async fn bodies_of_any_bytes_get_an_answer() {
    let shop = Shop::open().await;
    let bearer = format!("Bearer {}", shop.token);
    let authorized = ("Authorization", bearer.as_str());
    let json_type = ("Content-Type", "application/json");
    let mut long = shop.push_body("254712345678");
    long["Padding"] = Value::String("x".repeat(64 * 1024));
    let bodies: [Vec<u8>; 8] = [
        Vec::new(),
        b"\xff\xfe\x00\x01".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"{".to_vec(),
        vec![b'['; 60_000],
        vec![b'x'; 900_000],
        long.to_string().into_bytes(),
    ];
    let url = shop.sandbox.base_url();
    for body in bodies {
        let (status, code, _) = send(&url, "POST", PUSH, &[authorized, json_type], &body)
            .await
            .error();
        assert_eq!(
            (status, code.as_str()),
            (400, "400.002.02"),
            "{} bytes",
            body.len()
        );
    }
    let good = shop.push_body("254712345678").to_string();
    for headers in [
        &[authorized][..],
        &[authorized, ("Content-Type", "text/plain")],
    ] {
        assert_eq!(
            send(&url, "POST", PUSH, headers, good.as_bytes())
                .await
                .error()
                .1,
            "400.002.02"
        );
    }
    assert_eq!(
        send(
            &url,
            "POST",
            PUSH,
            &[authorized, json_type],
            &vec![b'x'; 2_000_000]
        )
        .await
        .status()
            % 413,
        0
    );
    assert_eq!(shop.sandbox.counters().prompts, 0);
    let with_charset = ("Content-Type", "application/json; charset=utf-8");
    assert_eq!(
        send(
            &url,
            "POST",
            PUSH,
            &[authorized, with_charset],
            good.as_bytes()
        )
        .await
        .status(),
        200
    );
}

#[tokio::test]
async fn a_phone_has_one_prompt_at_a_time() {
    let shop = Shop::open().await;
    let phone = "254712009000";
    let id = shop.accepted(phone).await;
    let (status, code, message) = shop.push(phone).await.error();
    assert_eq!((status, code.as_str()), (500, "500.001.1001"));
    assert!(
        message.starts_with("Unable to lock subscriber"),
        "{message}"
    );
    shop.accepted("254713009000").await;
    shop.sandbox
        .act(&id, lipia_sandbox::Ending::Cancel)
        .unwrap();
    assert_ne!(shop.accepted(phone).await, id);
    assert_eq!(shop.sandbox.counters().prompts_by_phone[phone], 2);
}

#[tokio::test]
async fn there_is_no_idempotency_and_ids_are_unlike_each_other() {
    let shop = Shop::open().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let id = shop.accepted("254712009000").await;
        shop.sandbox.act(&id, lipia_sandbox::Ending::Pay).unwrap();
        ids.insert(id);
    }
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn wrong_paths_and_methods_are_refused() {
    let shop = Shop::open().await;
    assert_eq!(shop.get("/mpesa/nothing").await.error().1, "404.001.01");
    assert_eq!(shop.get("/").await.error().0, 404);
    assert_eq!(shop.get(PUSH).await.error().1, "405.001");
    assert_eq!(shop.sandbox.counters().push_attempts, 0);
}

#[tokio::test]
async fn nothing_is_ever_sent_beyond_this_machine() {
    let shop = Shop::open().await;
    for (place, url) in [
        "https://shop.example/paid",
        "http://192.0.2.1/paid",
        "https://127.0.0.1/x",
    ]
    .iter()
    .enumerate()
    {
        let mut body = shop.push_body(&format!("25471234500{place}"));
        body["CallBackURL"] = json!(url);
        assert_eq!(shop.post(PUSH, &body).await.status(), 200);
    }
    until("the callbacks are due", || {
        shop.sandbox.counters().callbacks_not_loopback == 3
    })
    .await;
    assert_eq!(shop.sandbox.counters().callbacks_sent, 0);
}

#[tokio::test]
async fn an_unreachable_merchant_gets_no_second_callback() {
    let shop = Shop::open().await;
    let mut body = shop.push_body("254712345678");
    // Port 1 is reserved and closed.
    body["CallBackURL"] = json!("http://127.0.0.1:1/paid");
    shop.post(PUSH, &body).await;
    until("it failed", || {
        shop.sandbox.counters().callbacks_failed == 1
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(shop.sandbox.counters().callbacks_sent, 1);
}
