//! Properties of a payment, whatever comes in whatever order: no success is lost, nothing goes backwards, every change counts.

use super::*;
use crate::error::ids::CheckoutRequestId;
use crate::payment::flags::MAX_FLAGS;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Begin,
    Answer(Result<&'static str, Disposition>),
    Event(&'static str, &'static str, &'static str, &'static str),
    Failure(&'static str, &'static str),
    Status(Outcome, &'static str),
    Restart,
}

fn id() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(ID), 1 => Just(OTHER_ID)]
}

fn happens() -> impl Strategy<Value = Happens> {
    let disposition = prop_oneof![
        Just(Disposition::NotSent),
        Just(Disposition::Rejected),
        Just(Disposition::Unknown),
    ];
    let amount = prop_oneof![4 => Just("150"), 1 => Just("1"), 1 => Just("null")];
    let phone =
        prop_oneof![3 => Just(PHONE), 1 => Just("254712000222"), 1 => Just("\"2547***111\"")];
    let receipt =
        prop_oneof![4 => Just("\"SKL1234567\""), 1 => Just("\"SKL7654321\""), 1 => Just("null")];
    let code = prop_oneof![Just("1032"), Just("1037"), Just("7777"), Just("\"4999\"")];
    // Reversals are left out: they alone may undo a success.
    let outcome = prop_oneof![
        Just(Outcome::Success),
        Just(Outcome::Cancelled),
        Just(Outcome::Timeout),
        Just(Outcome::Pending),
        Just(Outcome::Unknown),
    ];
    prop_oneof![
        1 => Just(Happens::Begin),
        1 => Just(Happens::Answer(Ok(ID))),
        1 => disposition.prop_map(|disposition| Happens::Answer(Err(disposition))),
        3 => (id(), amount, phone, receipt).prop_map(|(id, amount, phone, receipt)| {
            Happens::Event(id, amount, phone, receipt)
        }),
        2 => (id(), code).prop_map(|(id, code)| Happens::Failure(id, code)),
        2 => (outcome, id()).prop_map(|(outcome, id)| Happens::Status(outcome, id)),
        1 => Just(Happens::Restart),
    ]
}

fn apply(payment: &mut Payment, step: &Happens, now: EatTime) -> Change {
    match step {
        Happens::Begin => payment.begin_sending(now).map_or(Unchanged, |()| Applied),
        Happens::Answer(Ok(id)) => payment.on_push_answer(Ok(acceptance(id)), at(1)),
        Happens::Answer(Err(disposition)) => {
            payment.on_push_answer(Err(error(*disposition)), at(1))
        }
        Happens::Event(id, amount, phone, receipt) => {
            payment.on_event(&paid_with(id, amount, phone, receipt), now)
        }
        Happens::Failure(id, code) => payment.on_event(&failed(id, code), now),
        Happens::Status(outcome, id) => {
            let status = Status {
                checkout_request_id: Some(CheckoutRequestId::as_stated(*id)),
                ..status(*outcome)
            };
            payment.on_status(&status, now)
        }
        Happens::Restart => {
            *payment = Payment::from_json(&payment.to_json()).unwrap();
            payment.after_restart();
            Unchanged
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_order_of_events_answers_and_statuses_loses_a_success_or_goes_backwards(
        steps in proptest::collection::vec(happens(), 1..40),
    ) {
        let mut payment = reserved();
        for (number, step) in steps.iter().enumerate() {
            let before = payment.clone();
            let change = apply(&mut payment, step, at(i64::try_from(number).unwrap()));
            let told = || format!("{step:?} on {before:?}");
            // A success is never lost, and neither is its receipt.
            prop_assert!(!before.is_paid() || payment.is_paid(), "{}", told());
            prop_assert!(before.receipt.is_none() || before.receipt == payment.receipt, "{}", told());
            prop_assert!(before.settled_at.is_none() || before.settled_at == payment.settled_at, "{}", told());
            // Only a push that was refused before acting leads back, and only from the sending itself.
            let refused = matches!(
                step,
                Happens::Answer(Err(Disposition::NotSent | Disposition::Rejected))
            ) && before.state == Sending;
            prop_assert!(payment.state >= before.state || refused, "{}", told());
            // What was sent once, and not refused, is not sent again.
            if matches!(step, Happens::Begin) {
                prop_assert_eq!(change == Applied, before.state == Reserved, "{}", told());
            }
            // A revision is a change, and a change is a revision.
            prop_assert!(payment.revision >= before.revision, "{}", told());
            prop_assert_eq!(
                payment.revision == before.revision,
                payment.to_json() == before.to_json(),
                "{}", told()
            );
            // Money is believed only from an event that fits or from the gateway's own answer.
            if payment.is_paid() && !before.is_paid() {
                let fits = match step {
                    Happens::Event(id, amount, phone, receipt) => {
                        *amount == "150" && *receipt != "null" && *phone != "254712000222"
                            && before.checkout_request_id().is_none_or(|known| known == *id)
                    }
                    Happens::Status(outcome, _) => *outcome == Outcome::Success,
                    _ => false,
                };
                prop_assert!(fits, "{}", told());
            }
            prop_assert!(payment.flags().len() <= MAX_FLAGS);
            prop_assert!(payment.state != Settled || payment.outcome.is_final(), "{}", told());
            prop_assert!(payment.state == Settled || !payment.outcome.is_final(), "{}", told());
        }
    }
}

/// A payment whose push was begun, and copies of it that went on separately.
fn copies(lives: &[Vec<Happens>]) -> Vec<Payment> {
    let copy = |steps: &Vec<Happens>| {
        let mut payment = sending();
        for (number, step) in steps.iter().enumerate() {
            apply(&mut payment, step, at(10 + i64::try_from(number).unwrap()));
        }
        payment
    };
    lives.iter().map(copy).collect()
}

fn merged(one: &Payment, other: &Payment) -> Payment {
    let mut merged = one.clone();
    merged.merge(other);
    merged
}

/// Everything but the revision.
fn content(payment: &Payment) -> String {
    let mut payment = payment.clone();
    payment.revision = 0;
    payment.to_json()
}

/// What happens to a payment of which all that is said agrees: there is one prompt with one receipt.
fn agrees(step: &Happens) -> bool {
    match step {
        Happens::Event(id, .., receipt) => *id == ID && *receipt != "\"SKL7654321\"",
        Happens::Failure(id, _) | Happens::Status(_, id) => *id == ID,
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn two_copies_merge_into_one_that_knows_what_both_knew(
        lives in proptest::collection::vec(proptest::collection::vec(happens(), 0..8), 2),
    ) {
        let copies = copies(&lives);
        let (one, other) = (&copies[0], &copies[1]);
        let both = merged(one, other);
        let told = || format!("{one:?} and {other:?} make {both:?}");
        prop_assert_eq!(content(&both), content(&merged(other, one)));
        prop_assert_eq!(content(&both), content(&merged(&both, other)));
        prop_assert_eq!(both.to_json(), merged(&both, &both).to_json());
        for copy in &copies {
            // Nothing is lost, and what changed has a later revision than what it came from.
            prop_assert!(!copy.is_paid() || both.is_paid(), "{}", told());
            prop_assert!(copy.acceptance.is_none() || both.acceptance.is_some(), "{}", told());
            prop_assert!(copy.last_error.is_none() || both.last_error.is_some(), "{}", told());
            for flag in copy.flags() {
                let kept = both.flags().iter().any(|kept| kept.reason == flag.reason && kept.body == flag.body);
                prop_assert!(kept, "{}", told());
            }
            for receipt in receipts(copy) {
                prop_assert!(both.to_json().contains(&receipt), "{}", told());
            }
            let same = content(copy) == content(&both);
            prop_assert!(both.revision > copy.revision || same && both.revision >= copy.revision, "{}", told());
        }
        let gain = one.clone().merge(other);
        prop_assert_eq!(gain == crate::payment::gain::Gain::Nothing, content(one) == content(&both), "{}", told());
        let again = Payment::from_json(&both.to_json()).unwrap();
        prop_assert_eq!(again.to_json(), both.to_json());
    }

    #[test]
    fn it_does_not_matter_in_which_order_copies_merge(
        lives in proptest::collection::vec(
            proptest::collection::vec(happens().prop_filter("contradicts", agrees), 0..8), 3
        ),
    ) {
        let copies = copies(&lives);
        let left = merged(&merged(&copies[0], &copies[1]), &copies[2]);
        let right = merged(&copies[0], &merged(&copies[1], &copies[2]));
        prop_assert_eq!(content(&left), content(&right), "{:?}", copies);
    }
}

/// The receipts that a copy has, believed or claimed.
fn receipts(payment: &Payment) -> Vec<String> {
    let known = [RECEIPT, "SKL7654321"];
    let json = payment.to_json();
    known
        .into_iter()
        .filter(|receipt| json.contains(receipt))
        .map(str::to_owned)
        .collect()
}
