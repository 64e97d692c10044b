//! Tests of second looks: which failures only say that nobody answered, when they are asked about again, and when
//! their orders are free.

use super::*;
use crate::error::ids::Receipt;

fn seconds(of: Option<EatTime>) -> Option<u64> {
    of.map(|time| time.since(at(1)).as_secs())
}

/// A failure by callback with a code and words.
fn said(code: &str, words: &str) -> Payment {
    let mut event = failed(ID, code);
    event.result_desc = Some(words.to_owned());
    settled_by(&event)
}

#[test]
fn a_failure_that_only_says_that_nobody_answered_holds_its_order_for_90_seconds_from_the_push() {
    let mut failures = Vec::new();
    for (code, words, holds) in [
        ("1037", "DS timeout user cannot be reached", true),
        ("1036", "", true),
        ("1019", "Transaction expired", true),
        ("2026", "", true),
        ("1032", "Request cancelled by user", false),
        ("1032", "[STK_CB - ]Request Cancelled by user.", false),
        ("1032", "The prompt timed out", true),
        ("1032", "Request EXPIRED", true),
        ("1031", "", false),
        ("2001", "The initiator information is invalid.", false),
        ("1", "The balance is insufficient", false),
        ("8006", "", false),
    ] {
        let payment = said(code, words);
        let found = (
            seconds(payment.order_free_at()),
            seconds(payment.look_again_at()),
        );
        let wanted = holds.then_some(90);
        if found != (wanted, wanted) {
            failures.push(format!("{code} {words:?}: {found:?}"));
        }
    }
    for code in ["1037", "1032", "2001"] {
        let mut payment = accepted();
        let told = Status {
            result_code: Some(code.to_owned()),
            ..status(Outcome::Cancelled)
        };
        payment.on_status(&told, at(20));
        if seconds(payment.order_free_at()) != Some(90) {
            failures.push(format!("{code} by query: {payment:?}"));
        }
        // The customer's own no, by callback, frees the order at once.
        payment.on_event(&failed(ID, "1032"), at(21));
        if payment.order_free_at().is_some() {
            failures.push(format!("{code} by query, then by callback: {payment:?}"));
        }
    }
    let mut of_thin_gateway = accepted().confirming_successes(true);
    of_thin_gateway.on_event(&failed(ID, "1032"), at(20));
    if seconds(of_thin_gateway.order_free_at()) != Some(90) {
        failures.push(format!("an unsigned webhook: {of_thin_gateway:?}"));
    }
    for (name, payment) in [
        ("open", accepted()),
        ("unknown", lost()),
        ("paid", settled_by(&paid())),
        ("reversed", reversed()),
        ("reserved", reserved()),
    ] {
        if payment.order_free_at().is_some() || payment.look_again_at().is_some() {
            failures.push(format!("{name}: {payment:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn it_is_looked_at_ever_more_seldom_until_an_hour_and_a_success_found_so_is_money() {
    let mut payment = said("1037", "");
    let mut looks = Vec::new();
    while let Some(due) = payment.look_again_at() {
        looks.push(due.since(at(1)).as_secs());
        let revision = payment.revision();
        // Every answer counts as a look, whichever failure it names.
        let told = [
            Outcome::Timeout,
            Outcome::Cancelled,
            Outcome::Unknown,
            Outcome::Pending,
        ];
        let told = Status {
            is_final: told[looks.len() % 4].is_final(),
            ..status(told[looks.len() % 4])
        };
        assert_eq!(payment.on_status(&told, due), Unchanged);
        assert!(payment.revision() > revision, "a store must hear of it");
        assert_eq!(payment.outcome(), Outcome::Timeout);
    }
    assert_eq!(looks, [90, 300, 900, 1_800, 3_600]);
    let again = Payment::from_json(&payment.to_json()).unwrap();
    assert_eq!(again.look_again_at(), None);
    assert_eq!(
        payment.on_status(&status(Outcome::Success), at(4_000)),
        Applied
    );
    assert!(payment.is_paid() && payment.order_free_at().is_none());
}

#[test]
fn a_failure_that_was_learnt_late_holds_its_order_for_25_seconds_more() {
    for (learnt, free) in [(61_i64, 90_u64), (66, 90), (67, 91), (101, 125), (270, 294)] {
        let mut payment = accepted();
        payment.on_event(&failed(ID, "1019"), at(learnt));
        let found = (
            seconds(payment.order_free_at()),
            seconds(payment.look_again_at()),
        );
        assert_eq!(found, (Some(free), Some(free)), "{learnt}");
        payment.on_status(&status(Outcome::Timeout), at(free.cast_signed() + 1));
        let next = seconds(payment.look_again_at()).unwrap();
        assert!(next > free, "{learnt}: {next}");
    }
}

#[test]
fn a_look_that_tells_nothing_frees_no_order_before_the_next_one() {
    let mut payment = said("1037", "");
    payment.on_status(&status(Outcome::Timeout), at(31));
    assert_eq!(seconds(payment.order_free_at()), Some(90), "too early");
    payment.on_status(&status(Outcome::Unknown), at(92));
    assert_eq!(seconds(payment.order_free_at()), Some(300));
    let again = Payment::from_json(&payment.to_json()).unwrap();
    assert_eq!(seconds(again.order_free_at()), Some(300));

    let mut told = payment.clone();
    told.on_status(&status(Outcome::Timeout), at(301));
    assert_eq!(seconds(told.order_free_at()), Some(90), "it was free then");
    told.on_status(&status(Outcome::Unknown), at(901));
    assert_eq!(seconds(told.order_free_at()), Some(90), "and stays so");
    let mut merged = payment.clone();
    merged.merge(&told);
    assert_eq!(seconds(merged.order_free_at()), Some(90));

    for second in [301, 901, 1_801, 3_601] {
        payment.on_status(&status(Outcome::Unknown), at(second));
    }
    assert_eq!(seconds(payment.order_free_at()), Some(3_600));
}

#[test]
fn a_failure_that_a_callback_contradicts_is_looked_at_again_whatever_its_code() {
    let mut payment = settled_by(&failed(ID, "2001"));
    assert_eq!(payment.look_again_at(), None);
    payment.on_unconfirmed(&paid(), at(30));
    assert_eq!(seconds(payment.look_again_at()), Some(90));
    payment.on_status(&status(Outcome::Success), at(95));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

#[test]
fn a_customer_is_shown_what_became_of_the_payment_and_until_when_its_order_is_held() {
    let lapsed = said("1037", "DS timeout user cannot be reached").for_customer();
    assert_eq!(lapsed.outcome, Outcome::Timeout);
    assert_eq!(seconds(lapsed.order_free_at), Some(90));
    let cancelled = said("1032", "Request cancelled by user").for_customer();
    assert_eq!(cancelled.order_free_at, None);
    assert!(cancelled.message.sw.starts_with("Umeghairi"));
    let shown = serde_json::to_string(&cancelled).unwrap();
    assert!(!shown.contains("2547"), "{shown}");
}

#[test]
fn a_customer_whose_push_was_refused_is_not_told_to_wait() {
    let mut payment = sending();
    payment.on_push_answer(Err(error(Disposition::NotSent)), at(1));
    assert_eq!(payment.state(), PaymentState::Reserved);
    let shown = payment.for_customer().message;
    assert_eq!(shown, error(Disposition::NotSent).customer_message());
    assert_ne!(shown, Outcome::Pending.customer_message());
}
