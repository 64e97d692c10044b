//! Commands over every gateway: each works the same whichever gateway it speaks to.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use lipia_sandbox::{Fault, FaultKind, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID, Step};
use serde_json::Value;
use support::{Run, command, push, run, run_with, sandbox, url_of};

#[tokio::test]
async fn every_gateway_is_pushed_waited_for_and_asked_alike() {
    for gateway in ["daraja", "palpluss", "upesipay", "payhero"] {
        let sandbox = sandbox().await;
        let url = url_of(&sandbox, gateway);
        let pushed = run(push(
            &url,
            &["--gateway", gateway, "--wait", "--query-every", "0.05"],
        ))
        .await;
        assert_eq!(
            pushed.status, 0,
            "{gateway}: {}{}",
            pushed.stdout, pushed.stderr
        );
        assert_eq!(pushed.json()[0]["gateway"], gateway);
        assert_eq!(pushed.json()[1]["outcome"], "success");

        let cancelled = run([
            "push",
            "--phone",
            "0712341032",
            "--amount",
            "10",
            "--reference",
            "INV-2",
            "--base-url",
            &url,
            "--gateway",
            gateway,
            "--json",
            "--wait",
        ])
        .await;
        assert_eq!(
            cancelled.status, 6,
            "{gateway}: {}{}",
            cancelled.stdout, cancelled.stderr
        );
        assert_eq!(cancelled.json()[1]["outcome"], "cancelled", "{gateway}");
        assert_eq!(sandbox.counters().prompts, 2);
        sandbox.stop().await;
    }
}

/// What the last push asked for, as it stood on the wire.
fn sent(sandbox: &lipia_sandbox::Sandbox) -> Value {
    let requests = sandbox.requests();
    let last = requests
        .iter()
        .rev()
        .find(|request| request.method == "POST");
    serde_json::from_str(&last.unwrap().body).unwrap()
}

#[tokio::test]
async fn every_option_of_a_push_reaches_its_gateway() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let palpluss = format!("{url}/v1");
    let pushed = run(push(
        &palpluss,
        &[
            "--gateway",
            "palpluss",
            "--channel-id",
            PALPLUSS_CHANNEL_ID,
            "--credential-id",
            PALPLUSS_CREDENTIAL_ID,
        ],
    ))
    .await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    let body = sent(&sandbox);
    assert_eq!(body["channelId"], PALPLUSS_CHANNEL_ID);
    assert!(body.to_string().contains(PALPLUSS_CREDENTIAL_ID), "{body}");
    for generation in ["1", "2"] {
        let phone = format!("071234567{generation}");
        let pushed = run([
            "push",
            "--phone",
            &phone,
            "--amount",
            "10",
            "--reference",
            "INV-1",
            "--base-url",
            &url,
            "--json",
            "--gateway",
            "upesipay",
            "--channel-id",
            "1234",
            "--customer-name",
            "Achieng Odhiambo",
            "--generation",
            generation,
        ])
        .await;
        assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
        let body = sent(&sandbox);
        assert_eq!(body["customer_name"], "Achieng Odhiambo", "{body}");
        assert_eq!(body["channel_id"], 1234);
    }
    assert!(
        sandbox
            .requests()
            .iter()
            .any(|request| request.path.contains("collections"))
    );
    let till = run([
        "push",
        "--phone",
        "0712345673",
        "--amount",
        "10.4",
        "--round",
        "--reference",
        "INVOICE-00001-LONG",
        "--truncate",
        "--base-url",
        &url,
        "--json",
        "--till",
        "567890",
    ])
    .await;
    assert_eq!(till.status, 0, "{}{}", till.stdout, till.stderr);
    let body = sent(&sandbox);
    assert_eq!(
        (&body["PartyB"], &body["TransactionType"]),
        (&"567890".into(), &"CustomerBuyGoodsOnline".into())
    );
    assert_eq!(body["AccountReference"], "INVOICE-0000");
    let pushed = run([
        "push",
        "--phone",
        "0712345674",
        "--amount",
        "10",
        "--reference",
        "12345678901234",
        "--max-reference",
        "14",
        "--base-url",
        &url,
        "--json",
    ])
    .await;
    assert_eq!(pushed.status, 0, "{}{}", pushed.stdout, pushed.stderr);
    assert_eq!(sent(&sandbox)["AccountReference"], "12345678901234");
    // Another gateway's option is refused, and so is a wrong one.
    for (arguments, field) in [
        (&["--channel-id", "x"][..], "channel_id"),
        (&["--customer-name", "x"], "customer_name"),
        (&["--gateway", "upesipay", "--till", "567890"], "party_b"),
        (
            &["--gateway", "upesipay", "--channel-id", "main"],
            "channel_id",
        ),
        (
            &["--gateway", "upesipay", "--generation", "3"],
            "generation",
        ),
    ] {
        let refused = run(push(&url, arguments)).await;
        assert_eq!(refused.status, 2, "{arguments:?}: {}", refused.stdout);
        assert_eq!(refused.error()["field"], field, "{arguments:?}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn an_acceptance_is_printed_with_all_ids_and_each_can_be_asked_by() {
    for gateway in ["daraja", "palpluss", "upesipay", "payhero"] {
        let sandbox = sandbox().await;
        let url = url_of(&sandbox, gateway);
        let pushed = run(push(&url, &["--gateway", gateway])).await;
        let line = &pushed.json()[0];
        let known = sandbox.payments().pop().unwrap();
        assert_eq!(line["checkout_request_id"], known.checkout_request_id);
        assert_eq!(
            line["transaction_id"].as_str(),
            known.transaction_id.as_deref()
        );
        assert_eq!(
            line["id"],
            known.transaction_id.unwrap_or(known.checkout_request_id)
        );
        let id = line["id"].as_str().unwrap();
        let waited = run([
            "wait",
            id,
            "--gateway",
            gateway,
            "--base-url",
            &url,
            "--json",
            "--query-every",
            "0.05",
        ])
        .await;
        assert_eq!(
            waited.status, 0,
            "{gateway}: {}{}",
            waited.stdout, waited.stderr
        );
        let asked = run([
            "query",
            id,
            "--gateway",
            gateway,
            "--base-url",
            &url,
            "--json",
        ])
        .await;
        assert_eq!((asked.status, &asked.json()[0]["id"]), (0, &line["id"]));
        if gateway == "palpluss" {
            assert_eq!(line["fee"], "2.5");
            assert!(line["request_id"].is_string(), "{line}");
            assert_eq!(line["merchant_request_id"], known.merchant_request_id);
            assert!(line["details"].is_object(), "{line}");
        }
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn an_acceptance_without_the_prompts_id_is_printed_and_waited_for() {
    for (gateway, kind) in [
        ("palpluss", FaultKind::ProviderCheckoutIdNull),
        ("upesipay", FaultKind::ReferenceAlone),
    ] {
        let sandbox = sandbox().await;
        let url = url_of(&sandbox, gateway);
        sandbox.inject(Fault::new(Step::Push, kind)).unwrap();
        let pushed = run(push(
            &url,
            &["--gateway", gateway, "--wait", "--query-every", "0.05"],
        ))
        .await;
        assert_eq!(
            pushed.status, 0,
            "{gateway}: {}{}",
            pushed.stdout, pushed.stderr
        );
        let lines = pushed.json();
        assert_eq!(lines.last().unwrap()["paid"], true);
        for line in lines.iter().filter(|line| line["accepted"] == true) {
            assert_eq!(line["checkout_request_id"], Value::Null);
            assert!(line["transaction_id"].is_string(), "{line}");
        }
        assert_eq!(sandbox.counters().prompts, 1);
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn warnings_reach_stderr_and_the_line() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let warned = run([
        "push",
        "--phone",
        "0712345678",
        "--amount",
        "10",
        "--reference",
        "INV#1",
        "--base-url",
        &url,
        "--json",
        "--callback-url",
        "http://127.0.0.1:9/mpesa/cmd",
    ])
    .await;
    assert_eq!(warned.status, 0, "{}{}", warned.stdout, warned.stderr);
    let warnings = warned.json()[0]["warnings"].clone();
    let codes: Vec<_> = warnings
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].clone())
        .collect();
    assert!(
        codes.contains(&"account_reference_unusual_character".into()),
        "{warnings}"
    );
    assert!(
        codes.contains(&"callback_url_discouraged_word".into()),
        "{warnings}"
    );
    assert!(
        warned.stderr.contains("warning: ") && warned.stderr.contains("'#'"),
        "{}",
        warned.stderr
    );
    sandbox.stop().await;
}

/// Everything a query prints, as text.
async fn asked(url: &str, ids: &[&str]) -> Run {
    run([&["query", "--base-url", url][..], ids].concat()).await
}

#[tokio::test]
async fn a_query_says_the_gateways_sentence_and_ends_as_the_outcome_says() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    let unknown = asked(&url, &["ws_CO_1"]).await;
    assert_eq!(unknown.status, 5, "{}", unknown.stdout);
    assert!(
        unknown.stdout.contains("The transaction does not Exist"),
        "{}",
        unknown.stdout
    );
    assert!(
        unknown
            .stdout
            .contains("check the id, the gateway and MPESA_ENVIRONMENT"),
        "{}",
        unknown.stdout
    );
    let mut ids = Vec::new();
    for (phone, status, said) in [
        ("0712349001", 5, "The transaction is being processed"),
        ("0712001032", 6, "Request cancelled by user"),
        ("0712347777", 5, "Something new"),
        (
            "0712345678",
            0,
            "The service request is processed successfully.",
        ),
    ] {
        let pushed = run([
            "push",
            "--phone",
            phone,
            "--amount",
            "10",
            "--reference",
            "INV-1",
            "--base-url",
            &url,
            "--json",
        ])
        .await;
        let id = pushed.json()[0]["id"].as_str().unwrap().to_owned();
        if phone != "0712349001" {
            support::until("it is decided", || {
                sandbox.payments().last().unwrap().ending.is_some()
            })
            .await;
        }
        let asked = asked(&url, &[&id]).await;
        assert_eq!(asked.status, status, "{phone}: {}", asked.stdout);
        assert!(asked.stdout.contains(said), "{phone}: {}", asked.stdout);
        assert_eq!(asked.stdout.contains("What to do: "), status != 0);
        ids.push(id);
    }
    let [silent, cancelled, _, paid] = ids.try_into().unwrap();
    for (ids, status) in [
        (vec![paid.as_str(), cancelled.as_str()], 6),
        (vec![cancelled.as_str(), silent.as_str(), paid.as_str()], 5),
        (vec![paid.as_str(), "not an id", silent.as_str()], 2),
    ] {
        assert_eq!(asked(&url, &ids).await.status, status, "{ids:?}");
    }
    sandbox.stop().await;
}

/// A push whose customer pays and whose callback never comes.
async fn without_callback(url: &str, more: &[&str]) -> Run {
    let arguments = [
        "push",
        "--phone",
        "0712009003",
        "--amount",
        "10",
        "--reference",
        "INV-1",
        "--base-url",
        url,
        "--json",
        "--wait",
        "--query-every",
        "0.05",
    ];
    run([&arguments[..], more].concat()).await
}

#[tokio::test]
async fn version_2_of_the_query_tells_the_receipt_and_is_darajas_alone() {
    let sandbox = sandbox().await;
    let url = sandbox.base_url();
    for (arguments, has_one) in [
        (&[][..], false),
        (&["--query-version", "v1"], false),
        (&["--query-version", "v2"], true),
    ] {
        let paid = without_callback(&url, arguments).await;
        assert_eq!(paid.status, 0, "{}{}", paid.stdout, paid.stderr);
        let receipt = &paid.json()[1]["receipt"];
        assert_eq!(receipt.is_string(), has_one, "{arguments:?}: {receipt}");
    }
    let id = sandbox.payments().pop().unwrap().checkout_request_id;
    let asked = [
        "query",
        &id,
        "--base-url",
        &url,
        "--json",
        "--query-version",
        "2",
    ];
    assert!(run(asked).await.json()[0]["receipt"].is_string());
    for (arguments, code) in [
        (&["--query-version", "v3"][..], "query_version_unknown"),
        (
            &["--query-version", "v2", "--gateway", "upesipay"],
            "setting_of_another_gateway",
        ),
    ] {
        let refused = without_callback(&url, arguments).await;
        assert_eq!(refused.status, 2, "{}{}", refused.stdout, refused.stderr);
        assert_eq!(refused.error()["code"], code);
        assert_eq!(refused.error()["field"], "query_version");
    }
    assert_eq!(sandbox.counters().prompts, 3);
    sandbox.stop().await;
}

#[tokio::test]
async fn payhero_wants_its_address() {
    let keys = [
        ("PAYHERO_AUTH_TOKEN", "token"),
        ("PAYHERO_CHANNEL_ID", "4321"),
    ];
    let arguments = [
        "push",
        "--phone",
        "0712345678",
        "--amount",
        "10",
        "--reference",
        "INV-1",
        "--json",
        "--gateway",
        "payhero",
    ];
    let refused = run_with(command().args(arguments).envs(keys)).await;
    assert_eq!(refused.status, 2, "{}{}", refused.stdout, refused.stderr);
    assert_eq!(refused.error()["code"], "base_url_missing");
}
