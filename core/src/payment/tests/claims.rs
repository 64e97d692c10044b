//! What an event claims before it is believed, and what does not undo what.

use super::*;

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
            receipt: Some(RECEIPT.to_owned()),
            ..status(Outcome::Success)
        },
        at(3),
    );
    assert_eq!(payment.receipt(), Some(RECEIPT));
}

#[test]
fn a_later_claim_that_says_less_does_not_replace_one_that_has_the_receipt() {
    let mut payment = accepted().confirming_successes(true);
    payment.on_event(&paid(), at(2));
    payment.on_event(&paid_with(ID, "150", PHONE, "null"), at(3));
    payment.on_status(&status(Outcome::Success), at(4));
    assert_eq!(payment.receipt(), Some(RECEIPT));
}
