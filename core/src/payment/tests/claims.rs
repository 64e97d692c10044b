//! Tests of claims: what an event says before it is believed, and what a claim does not undo.

use super::*;
use crate::error::ids::{CheckoutRequestId, Receipt};

#[test]
fn an_acceptance_that_names_another_prompt_than_the_event_before_it_is_flagged() {
    let mut payment = sending();
    payment.on_event(&paid_with(OTHER_ID, "150", PHONE, "\"SKL1234567\""), at(2));
    payment.on_push_answer(Ok(acceptance(ID)), at(3));
    assert_eq!(payment.flags().len(), 1, "{payment:?}");
}

#[test]
fn a_reversal_is_not_undone_by_a_query() {
    for outcome in [Outcome::Success, Outcome::Cancelled] {
        let mut payment = reversed();
        payment.on_status(&status(outcome), at(30));
        assert_eq!(payment.outcome(), Outcome::Reversed);
    }
}

#[test]
fn a_claim_counts_as_a_change() {
    let mut payment = accepted();
    let incomplete = paid_with(ID, "150", PHONE, "null");
    payment.on_event(&incomplete, at(2));
    payment.on_event(&paid(), at(3));
    let (json, revision) = (payment.to_json(), payment.revision());
    payment.on_event(&incomplete, at(4));
    assert!(payment.to_json() == json || payment.revision() > revision);
}

#[test]
fn a_receipt_that_the_gateway_itself_gives_beats_one_that_an_event_claimed() {
    let mut payment = accepted().confirming_successes(true);
    payment.on_event(&paid_with(ID, "150", PHONE, "\"FORGED0001\""), at(2));
    payment.on_status(
        &Status {
            receipt: Some(Receipt::as_stated(RECEIPT)),
            ..status(Outcome::Success)
        },
        at(3),
    );
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

#[test]
fn a_later_claim_that_says_less_does_not_replace_one_that_has_the_receipt() {
    let mut payment = accepted().confirming_successes(true);
    payment.on_event(&paid(), at(2));
    payment.on_event(&paid_with(ID, "150", PHONE, "null"), at(3));
    payment.on_status(&status(Outcome::Success), at(4));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

#[test]
fn a_prompt_that_an_event_alone_named_is_not_the_payments_own_because_it_is_open() {
    let mut payment = lost().confirming_successes(true);
    payment.on_event(&paid_with(OTHER_ID, "150", PHONE, "\"FORGED0001\""), at(3));
    let open = Status {
        is_final: false,
        checkout_request_id: Some(CheckoutRequestId::as_stated(OTHER_ID)),
        ..status(Outcome::Pending)
    };
    assert_eq!(payment.on_status(&open, at(4)), Unchanged);
    assert_eq!(payment.state(), PaymentState::Unknown);
    assert!(payment.acceptance().is_none());
    payment.on_event(&paid(), at(5));
    payment.on_status(&status(Outcome::Success), at(6));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

/// The gateway knows nothing of what it was asked about.
fn no_information(checkout_request_id: &str) -> Status {
    Status {
        is_final: false,
        checkout_request_id: Some(CheckoutRequestId::as_stated(checkout_request_id)),
        ..Status::new(Outcome::Unknown)
    }
}

#[test]
fn a_success_that_could_not_be_confirmed_tells_what_to_ask_about() {
    let mut payment = lost();
    payment.on_unconfirmed(&paid(), at(2));
    assert_eq!(payment.outcome(), Outcome::Unknown);
    assert_eq!(payment.checkout_request_id(), None, "a claim binds nothing");
    assert_eq!(
        payment.id_to_ask_by().map(CheckoutRequestId::as_str),
        Some(ID)
    );
    payment.on_status(&status(Outcome::Success), at(3));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

#[test]
fn a_made_up_claim_does_not_stand_before_a_true_one_for_good() {
    let mut payment = lost();
    payment.on_unconfirmed(&paid_with(OTHER_ID, "150", PHONE, "\"FORGED0001\""), at(2));
    payment.on_unconfirmed(&paid(), at(3));
    assert_eq!(
        payment.id_to_ask_by().map(CheckoutRequestId::as_str),
        Some(OTHER_ID)
    );
    payment.on_status(&no_information(OTHER_ID), at(4));
    assert_eq!(
        payment.id_to_ask_by().map(CheckoutRequestId::as_str),
        Some(ID)
    );
    payment.on_status(&status(Outcome::Success), at(5));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

/// Asks about a row three times, each time by a copy that then merges with the row, and returns what was asked about.
fn asked_thrice(mut row: Payment, answer: impl Fn(&mut Payment)) -> Vec<String> {
    let mut asked = Vec::new();
    for _ in 0..3 {
        let mut copy = row.clone();
        asked.extend(copy.id_to_ask_by().map(|id| id.as_str().to_owned()));
        answer(&mut copy);
        row.merge(&copy);
    }
    asked
}

#[test]
fn each_claim_has_its_turn_though_copies_merge_between_the_questions() {
    for first_is_true in [true, false] {
        let mut row = lost();
        let mut claims = [paid(), paid_with(OTHER_ID, "150", PHONE, "\"FORGED0001\"")];
        if !first_is_true {
            claims.reverse();
        }
        for event in &claims {
            row.on_unconfirmed(event, at(2));
        }
        let asked = asked_thrice(row, Payment::on_not_told);
        assert!(asked.contains(&ID.to_owned()), "{asked:?}");
        assert!(asked.contains(&OTHER_ID.to_owned()), "{asked:?}");
    }
}

#[test]
fn a_claim_that_was_dropped_and_is_still_in_the_row_stands_before_a_true_one_for_two_questions_at_most()
 {
    for other_id in ["ws_CO_0", "ws_CO_9"] {
        let mut row = lost();
        row.on_unconfirmed(&paid_with(other_id, "150", PHONE, "null"), at(2));
        row.on_unconfirmed(&paid(), at(3));
        let asked = asked_thrice(row, |payment| {
            let asked = payment.id_to_ask_by().cloned();
            let of_another_sale = Status {
                checkout_request_id: asked.filter(|id| id.as_str() == other_id),
                amount: Some(crate::values::money::Money::from_cents(99_900)),
                ..Status::new(Outcome::Pending)
            };
            payment.on_status(&of_another_sale, at(4));
        });
        assert!(asked.contains(&ID.to_owned()), "{asked:?}");
    }
}

#[test]
fn a_question_that_brings_no_answer_is_followed_by_one_about_the_next_claim() {
    let mut payment = lost();
    payment.on_unconfirmed(&paid_with(OTHER_ID, "150", PHONE, "\"FORGED0001\""), at(2));
    payment.on_unconfirmed(&paid(), at(3));
    let before = payment.revision();
    payment.on_not_told();
    assert_eq!(
        payment.id_to_ask_by().map(CheckoutRequestId::as_str),
        Some(ID)
    );
    assert!(payment.revision() > before);
}

#[test]
fn a_claim_about_a_prompt_over_another_amount_is_dropped_while_it_is_open_and_once_it_is_paid() {
    for outcome in [Outcome::Pending, Outcome::Success] {
        let mut payment = lost();
        payment.on_unconfirmed(&paid_with(OTHER_ID, "150", PHONE, "null"), at(2));
        payment.on_unconfirmed(&paid(), at(3));
        let of_another_sale = Status {
            checkout_request_id: Some(CheckoutRequestId::as_stated(OTHER_ID)),
            amount: Some(crate::values::money::Money::from_cents(99_900)),
            ..Status::new(outcome)
        };
        payment.on_status(&of_another_sale, at(4));
        assert_eq!(payment.checkout_request_id(), None, "{outcome}");
        assert_eq!(
            payment.id_to_ask_by().map(CheckoutRequestId::as_str),
            Some(ID),
            "{outcome}"
        );
        payment.on_status(&status(Outcome::Success), at(5));
        assert!(payment.is_paid(), "{outcome}");
    }
}

#[test]
fn of_a_gateway_whose_word_is_the_last_a_claim_about_a_prompt_that_was_not_paid_is_false() {
    let mut payment = lost().confirming_successes(true);
    payment.on_unconfirmed(&paid(), at(2));
    payment.on_status(&status(Outcome::Cancelled), at(3));
    assert_eq!(payment.state(), PaymentState::Unknown);
    assert_eq!(payment.id_to_ask_by(), None);
}

#[test]
fn a_query_that_contradicts_a_claim_settles_nothing_and_a_later_one_may_confirm_it() {
    for (before, open) in [
        (lost(), PaymentState::Unknown),
        (accepted(), PaymentState::Accepted),
    ] {
        let mut payment = before;
        payment.on_unconfirmed(&paid(), at(2));
        for second in [3, 4] {
            assert_eq!(
                payment.on_status(&status(Outcome::Timeout), at(second)),
                Suspicious
            );
        }
        assert_eq!((payment.state(), payment.receipt()), (open, None));
        let reasons: Vec<&str> = payment
            .flags()
            .iter()
            .map(|flag| flag.reason.as_str())
            .collect();
        assert_eq!(reasons, ["success_not_confirmed", "contradicts_claim"]);
        assert_eq!(
            payment.id_to_ask_by().map(CheckoutRequestId::as_str),
            Some(ID),
            "it is asked about again"
        );
        payment.on_status(&status(Outcome::Success), at(6));
        assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
    }
}

#[test]
fn a_failure_by_callback_settles_a_payment_with_a_claim_and_it_is_looked_at_again() {
    let mut payment = accepted();
    payment.on_unconfirmed(&paid(), at(2));
    assert_eq!(payment.on_event(&failed(ID, "1032"), at(5)), Applied);
    assert_eq!(payment.outcome(), Outcome::Cancelled);
    assert_eq!(payment.flags().len(), 2);
    assert!(payment.look_again_at().is_some() && payment.order_free_at().is_some());
    payment.on_status(&status(Outcome::Success), at(6));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
}

#[test]
fn claims_are_saved_and_their_number_is_limited() {
    let mut payment = lost();
    for number in 0..12 {
        let id = format!("ws_CO_22112026{number}");
        payment.on_unconfirmed(&paid_with(&id, "150", PHONE, "\"SKL1234567\""), at(2));
    }
    let mut payment = Payment::from_json(&payment.to_json()).unwrap();
    let mut asked = std::collections::BTreeSet::new();
    for second in 3..40 {
        let id = payment.id_to_ask_by().unwrap().as_str().to_owned();
        payment.on_status(&no_information(&id), at(second));
        asked.insert(id);
    }
    assert_eq!(asked.len(), 8, "{asked:?}");
}
