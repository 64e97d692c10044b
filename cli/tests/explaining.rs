//! `lipia explain`: what a code means, for people and for programs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use support::run;

#[tokio::test]
async fn a_code_of_each_list_is_explained() {
    for (code, is) in [
        ("phone_too_short", "error_code"),
        ("sandbox_in_production", "error_code"),
        ("1032", "result_code"),
        ("404.001.03", "gateway_code"),
        ("stk_temp_banned", "gateway_code"),
        ("cancelled", "outcome"),
        ("not_confirmed", "verdict"),
        ("not_sent", "disposition"),
        ("find_out", "remedy"),
        ("provider_error", "outcome"),
        ("no_answer", "error_kind"),
        ("payment_state", "error_kind"),
        ("contradicts_claim", "payment_flag"),
        ("receipt_conflict", "event_warning"),
        ("callback_url_discouraged_word", "push_warning"),
    ] {
        let run = run(["explain", code, "--json"]).await;
        assert_eq!(run.status, 0, "{code}: {}", run.stderr);
        let line = &run.json()[0];
        assert_eq!(line["code"], code);
        assert_eq!(line["known"], true);
        assert_eq!(line["meanings"][0]["is"], is, "{line}");
    }
}

#[tokio::test]
async fn a_person_reads_what_it_means_and_what_to_do() {
    let run = run(["explain", "1032"]).await;
    assert_eq!(run.status, 0);
    assert!(
        run.stdout
            .starts_with("1032: M-Pesa result code, outcome cancelled\n  Meaning: "),
        "{}",
        run.stdout
    );
    for part in [
        "What to do: ",
        "To the customer: ",
        "In Swahili: ",
        "How sure: ",
    ] {
        assert!(run.stdout.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_code_that_is_not_known_gets_the_nearest_ones_and_two() {
    let run = run(["explain", "phone_to_short", "1032"]).await;
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("Nearest: phone_too_short."),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout.starts_with("1032"),
        "the others have their answer"
    );

    let run = support::run(["explain", "firewall", "--json"]).await;
    assert_eq!(
        run.json()[0]["nearest"],
        serde_json::json!(["firewall_page"])
    );

    let run = support::run(["explain", "zzz", "--json"]).await;
    assert_eq!(run.status, 2);
    assert_eq!(run.json()[0]["known"], false);
    assert_eq!(run.json()[0]["nearest"], serde_json::json!([]));
}
