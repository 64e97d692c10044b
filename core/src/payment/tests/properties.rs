//! Whatever comes in whatever order: no success is lost, nothing goes backwards, every change counts.

use super::*;
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
        Happens::Begin => payment.begin_sending(now).map_or(Nothing, |()| Moved),
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
                checkout_request_id: Some((*id).to_owned()),
                ..status(*outcome)
            };
            payment.on_status(&status, now)
        }
        Happens::Restart => {
            *payment = Payment::from_json(&payment.to_json()).unwrap();
            payment.after_restart();
            Nothing
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
                prop_assert_eq!(change == Moved, before.state == Reserved, "{}", told());
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
            prop_assert!(payment.flags.len() <= MOST_FLAGS);
            prop_assert!(payment.state != Settled || payment.outcome.is_final(), "{}", told());
            prop_assert!(payment.state == Settled || !payment.outcome.is_final(), "{}", told());
        }
    }
}
