//! Tests of a ledger's decisions, case by case.

use crate::client::daraja::Daraja;
use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, Receipt};
use crate::error::{Disposition, Error};
use crate::ledger::engine::asking::{ask_next, may_ask};
use crate::ledger::engine::claiming::{Decision, Looked, decide};
use crate::ledger::engine::learning;
use crate::ledger::engine::pruning::{Prune, prune};
use crate::ledger::engine::telling::{Tell, pause_after_failure, tell};
use crate::ledger::row::{Row, Telling};
use crate::ledger::scope::{Order, Scope};
use crate::meaning::event::Event;
use crate::meaning::outcome::Outcome;
use crate::meaning::status::Status;
use crate::payment::Payment;
use crate::payment::PaymentState::{Accepted, Reserved, Sending, Settled, Unknown};
use crate::payment::acceptance::Acceptance;
use crate::payment::gain::Gain;
use crate::values::clock::EatTime;
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use crate::values::push::StkPush;
use std::sync::LazyLock;
use std::time::Duration;

const ACCOUNT: &str = "daraja:174379";
const PROMPT: &str = "ws_CO_21112026102115000712345678";

fn at(seconds: u64) -> EatTime {
    EatTime::parse_wire("20261121102115")
        .unwrap()
        .plus(Duration::from_secs(seconds))
}

fn draft(amount: u32, phone: &str) -> Payment {
    let client = Daraja::builder()
        .consumer_key("of-a-test-of-ledgers")
        .consumer_secret("of-a-test-of-ledgers")
        .short_code("174379")
        .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
        .callback_url("https://shop.example.co.ke/pay")
        .build()
        .unwrap();
    client
        .draft(StkPush::new(phone, amount, "INV-001"))
        .unwrap()
}

fn wanted() -> Payment {
    draft(150, "0712345678")
}

/// A claimed row whose push is on its way since second 0, with a lease of 45 seconds. The same payment each time.
fn sending() -> Row {
    static ROW: LazyLock<Row> = LazyLock::new(claimed);
    ROW.clone()
}

fn claimed() -> Row {
    let mut payment = wanted();
    payment.begin_sending(at(0)).unwrap();
    let scope = Scope::default_of(Environment::Sandbox);
    let order = Some(Order::parse("17").unwrap());
    Row {
        seq: 1,
        version: 1,
        lease_until: Some(at(45)),
        ..Row::new(payment, scope, ACCOUNT.to_owned(), order, at(0))
    }
}

/// The row as it is read then.
fn read(row: &Row, seconds: u64) -> Row {
    Row {
        read_at: at(seconds),
        ..row.clone()
    }
}

/// The row once it has learnt what a step of its payment says, at that second.
fn after(row: &Row, seconds: u64, step: impl FnOnce(&mut Payment)) -> Row {
    let row = read(row, seconds);
    let mut learnt = row.payment.clone();
    step(&mut learnt);
    learning::learn(&row, &learnt).unwrap_or(row)
}

fn accepted() -> Row {
    after(&sending(), 1, |payment| {
        payment.on_push_answer(Ok(Acceptance::new(GatewayName::Daraja, PROMPT)), at(1));
    })
}

fn told_by_query(row: &Row, seconds: u64, outcome: Outcome) -> Row {
    let status = Status {
        checkout_request_id: Some(CheckoutRequestId::as_stated(PROMPT)),
        ..Status::new(outcome)
    };
    after(row, seconds, |payment| {
        payment.on_status(&status, at(seconds));
    })
}

/// The callback of a success.
fn success() -> Event {
    let body = format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"{PROMPT}","ResultCode":0,"ResultDesc":"x"}}}}}}"#
    );
    Daraja::parse_callback(body.as_bytes()).unwrap()
}

fn not_sent() -> Error {
    Error::new(
        ErrorCode::NotConnected,
        Disposition::NotSent,
        "No connection.",
    )
}

/// What a decision is, in a word.
fn word(decision: &Decision) -> String {
    match decision {
        Decision::Claim { over: None } => "claim".to_owned(),
        Decision::Claim { over: Some(_) } => "claim over".to_owned(),
        Decision::Existing(row) => format!("existing {}", row.payment.state().as_str()),
        Decision::LookFirst(_) => "look".to_owned(),
        Decision::SenderDied(_) => "sender died".to_owned(),
        Decision::Refused(error) => error.code().to_owned(),
    }
}

#[test]
fn an_order_is_claimed_only_where_no_payment_of_it_may_be_paid() {
    let unknown = learning::forget_sender(&read(&sending(), 46)).unwrap();
    let paid = told_by_query(&accepted(), 20, Outcome::Success);
    let failed = told_by_query(&accepted(), 20, Outcome::Timeout);
    let confirmed = told_by_query(&failed, 91, Outcome::Timeout);
    let reversed = told_by_query(&paid, 30, Outcome::Reversed);
    let released = learning::release(&accepted()).unwrap();
    let refused = after(&sending(), 2, |payment| {
        payment.on_push_answer(Err(not_sent()), at(2));
    });
    let of_other = Row {
        account: "palpluss:0a1b2c".to_owned(),
        ..accepted()
    };
    let late = |row: &Row| read(row, 95);
    let just_asked = Row {
        asked_at: Some(at(93)),
        ..late(&failed)
    };
    let (first, dearer, elsewhere) = (wanted(), draft(151, "0712345678"), draft(150, "0712345679"));
    let cases: Vec<(&str, Vec<Row>, &Payment, Looked, &str)> = vec![
        ("nothing yet", vec![], &first, Looked::NotYet, "claim"),
        (
            "being sent",
            vec![read(&sending(), 44)],
            &first,
            Looked::NotYet,
            "existing sending",
        ),
        (
            "the sender died",
            vec![read(&sending(), 45)],
            &first,
            Looked::NotYet,
            "sender died",
        ),
        (
            "nobody knows",
            vec![unknown.clone()],
            &first,
            Looked::NotYet,
            "existing unknown",
        ),
        (
            "a day later",
            vec![read(&unknown, 86_400)],
            &first,
            Looked::NotYet,
            "existing unknown",
        ),
        (
            "open",
            vec![accepted()],
            &first,
            Looked::NotYet,
            "existing accepted",
        ),
        (
            "open, dearer",
            vec![accepted()],
            &dearer,
            Looked::NotYet,
            "order_asked_differently",
        ),
        (
            "open, elsewhere",
            vec![accepted()],
            &elsewhere,
            Looked::NotYet,
            "order_asked_differently",
        ),
        (
            "of another account",
            vec![of_other],
            &first,
            Looked::NotYet,
            "order_of_another_account",
        ),
        (
            "paid",
            vec![paid.clone()],
            &first,
            Looked::NotYet,
            "existing settled",
        ),
        (
            "paid, dearer",
            vec![paid.clone()],
            &dearer,
            Looked::NotYet,
            "order_paid_differently",
        ),
        (
            "paid by another phone",
            vec![paid.clone()],
            &elsewhere,
            Looked::NotYet,
            "existing settled",
        ),
        (
            "reversed",
            vec![reversed],
            &first,
            Looked::NotYet,
            "existing settled",
        ),
        (
            "in the grace",
            vec![read(&failed, 30)],
            &first,
            Looked::NotYet,
            "look",
        ),
        (
            "in the grace, still failed",
            vec![read(&failed, 30)],
            &first,
            Looked::Answered,
            "existing settled",
        ),
        (
            "after the grace",
            vec![late(&failed)],
            &first,
            Looked::NotYet,
            "look",
        ),
        (
            "after the grace, asked just now",
            vec![just_asked],
            &first,
            Looked::NotYet,
            "existing settled",
        ),
        (
            "after the grace, still failed",
            vec![late(&failed)],
            &first,
            Looked::Answered,
            "claim over",
        ),
        (
            "after the grace, in vain",
            vec![late(&failed)],
            &first,
            Looked::InVain,
            "existing settled",
        ),
        (
            "a failure that was confirmed",
            vec![confirmed],
            &first,
            Looked::NotYet,
            "claim",
        ),
        ("refused", vec![refused], &first, Looked::NotYet, "claim"),
        (
            "released",
            vec![released.clone()],
            &first,
            Looked::NotYet,
            "claim",
        ),
        (
            "a released one was paid",
            vec![accepted(), told_by_query(&released, 40, Outcome::Success)],
            &first,
            Looked::NotYet,
            "existing settled",
        ),
    ];
    for (case, rows, wanted, looked, expected) in cases {
        let now = rows.first().map_or(at(0), |row| row.read_at);
        let decision = decide(&rows, wanted, ACCOUNT, looked, now);
        assert_eq!(word(&decision), expected, "{case}");
    }
}

#[test]
fn a_row_follows_its_payment() {
    let paid = told_by_query(&accepted(), 20, Outcome::Success);
    let failed = told_by_query(&accepted(), 20, Outcome::Timeout);
    let confirmed = told_by_query(&failed, 91, Outcome::Timeout);
    let unknown = learning::forget_sender(&read(&sending(), 46)).unwrap();
    let (claimed_row, open) = (sending(), accepted());
    // Row, state, holds its order, leased, news, when to ask.
    let cases = [
        ("sending", &claimed_row, Sending, true, true, 0, None),
        ("accepted", &open, Accepted, true, false, 0, Some(11)),
        ("unknown", &unknown, Unknown, true, false, 0, Some(76)),
        ("paid", &paid, Settled, true, false, 1, None),
        ("failed", &failed, Settled, true, false, 1, Some(90)),
        (
            "failed for good",
            &confirmed,
            Settled,
            false,
            false,
            1,
            Some(300),
        ),
    ];
    for (case, row, state, holds, leased, news, ask) in cases {
        assert_eq!(row.payment.state(), state, "{case}");
        assert_eq!(row.holds_order, holds, "{case}: holds its order");
        assert_eq!(row.lease_until.is_some(), leased, "{case}: leased");
        assert_eq!(row.news, news, "{case}: news");
        assert_eq!(row.ask_after, ask.map(at), "{case}: when to ask");
    }
}

#[test]
fn the_senders_late_refusal_is_taken_unless_a_callback_came() {
    let refuse = |payment: &mut Payment| {
        payment.on_push_answer(Err(not_sent()), at(50));
    };
    let mut senders_copy = sending().payment;
    refuse(&mut senders_copy);
    let forgotten = learning::forget_sender(&read(&sending(), 46)).unwrap();
    let row = learning::learn(&read(&forgotten, 50), &senders_copy).unwrap();
    assert_eq!((row.payment.state(), row.holds_order), (Reserved, false));
    assert_eq!(row.ask_after, None);

    let heard = after(&sending(), 3, |payment| {
        payment.flag_paid_twice(at(3));
    });
    let row = learning::learn(&read(&heard, 50), &senders_copy).unwrap();
    assert_eq!((row.payment.state(), row.holds_order), (Unknown, true));

    let row = learning::learn(&read(&accepted(), 50), &senders_copy).unwrap_or(accepted());
    assert_eq!((row.payment.state(), row.holds_order), (Accepted, true));
}

#[test]
fn a_guess_does_not_overturn_the_senders_refusal_and_a_callback_does() {
    let refused = after(&sending(), 2, |payment| {
        payment.on_push_answer(Err(not_sent()), at(2));
    });
    let mut guess = sending().payment;
    guess.after_restart();
    assert!(learning::learn(&read(&refused, 3), &guess).is_none());
    let mut senders_copy = refused.payment.clone();
    assert_eq!(senders_copy.take_over(&guess), Gain::Nothing);
    assert_eq!(senders_copy.state(), Reserved);

    guess.flag_paid_twice(at(3));
    let row = learning::learn(&read(&refused, 4), &guess).unwrap();
    assert_eq!(row.payment.state(), Unknown);
    senders_copy.take_over(&guess);
    assert_eq!(senders_copy.state(), Unknown);
}

#[test]
fn another_process_does_not_guess_while_the_sender_lives() {
    let mut others_copy = sending().payment;
    others_copy.after_restart();
    assert!(learning::learn(&read(&sending(), 10), &others_copy).is_none());
    let row = learning::learn(&read(&sending(), 50), &others_copy).unwrap();
    assert_eq!(row.payment.state(), Unknown);
}

#[test]
fn a_sender_learns_nothing_from_a_row_that_takes_it_for_dead() {
    let mut senders_copy = sending().payment;
    let forgotten = learning::forget_sender(&read(&sending(), 46)).unwrap();
    // A wait is woken by what is learnt, and reads the row again.
    assert_eq!(senders_copy.catch_up(&forgotten.payment), Gain::Nothing);
    assert_eq!(senders_copy.state(), Sending);
    let paid = told_by_query(&accepted(), 20, Outcome::Success);
    assert_eq!(senders_copy.catch_up(&paid.payment), Gain::Forward);
}

#[test]
fn a_sender_is_forgotten_once_and_not_before_its_lease_ends() {
    assert!(learning::forget_sender(&read(&sending(), 44)).is_none());
    let forgotten = learning::forget_sender(&read(&sending(), 45)).unwrap();
    assert!(learning::forget_sender(&forgotten).is_none());
}

#[test]
fn two_successes_of_an_order_are_flagged_once_and_told() {
    let paid = told_by_query(&accepted(), 20, Outcome::Success);
    let rows = [paid.clone(), paid.clone(), accepted()];
    assert_eq!(learning::paid_twice(&rows).len(), 2);
    assert!(learning::paid_twice(&rows[1..]).is_empty());
    let flagged = learning::flag_paid_twice(&paid).unwrap();
    assert_eq!(flagged.news, paid.news + 1);
    assert!(learning::flag_paid_twice(&flagged).is_none());
}

#[test]
fn a_failure_that_was_overtaken_is_not_told() {
    let paid = told_by_query(&accepted(), 20, Outcome::Success);
    let failed = told_by_query(&accepted(), 20, Outcome::Timeout);
    let unknown = learning::forget_sender(&read(&sending(), 45)).unwrap();
    let refused = after(&sending(), 2, |payment| {
        payment.on_push_answer(Err(not_sent()), at(2));
    });
    // The row, whether its order is paid, another payment of it, whether that one came later, and whether it holds the order.
    type Case<'a> = (&'a Row, bool, Option<&'a Row>, bool, bool, Tell);
    let cases: [Case<'_>; 13] = [
        (&paid, true, None, false, false, Tell::Say),
        (&paid, true, Some(&accepted()), true, true, Tell::Say),
        (&failed, false, None, false, false, Tell::Say),
        (&failed, true, None, false, false, Tell::Superseded),
        (&failed, true, Some(&paid), false, true, Tell::Superseded),
        (
            &failed,
            false,
            Some(&accepted()),
            true,
            true,
            Tell::Superseded,
        ),
        (&failed, false, Some(&failed), true, true, Tell::Superseded),
        (&failed, false, Some(&failed), true, false, Tell::Superseded),
        (&failed, false, Some(&failed), false, false, Tell::Say),
        // Whether these were sent is not known yet.
        (&failed, false, Some(&sending()), true, true, Tell::NotYet),
        (&failed, false, Some(&unknown), true, true, Tell::NotYet),
        // A person released it.
        (&failed, false, Some(&unknown), true, false, Tell::Say),
        (&failed, false, Some(&refused), true, false, Tell::Say),
    ];
    for (number, (row, order_is_paid, other, is_later, held, expected)) in
        cases.into_iter().enumerate()
    {
        let row = Row {
            seq: 5,
            ..row.clone()
        };
        let other = other.map(|other| Row {
            seq: if is_later { 6 } else { 4 },
            ..other.clone()
        });
        let of_order: Vec<Row> = std::iter::once(row.clone()).chain(other).collect();
        let telling = Telling {
            row,
            order_is_paid,
            order_is_held_by_another: held,
        };
        assert_eq!(tell(&telling, &of_order), expected, "case {number}");
    }
}

#[test]
fn pauses_grow_and_end() {
    let pause_after = |attempts, told| {
        let row = Row {
            attempts,
            told,
            ..accepted()
        };
        pause_after_failure(&row)
    };
    let seconds: Vec<u64> = (1..=12)
        .map(|attempt| pause_after(attempt, 0).as_secs())
        .collect();
    assert_eq!(
        seconds,
        [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]
    );
    assert_eq!(pause_after(u32::MAX, 0).as_secs(), 3_600);
    let after_ten_successes = [(11, 10), (12, 10), (3, u64::MAX)];
    let seconds = after_ten_successes.map(|(attempts, told)| pause_after(attempts, told).as_secs());
    assert_eq!(seconds, [5, 10, 5]);
    let open = |age| ask_next(&read(&accepted(), age)).map(|next| next.since(at(age)).as_secs());
    let pauses = [1, 20, 120, 3_600, 86_400, 86_401].map(open);
    assert_eq!(
        pauses,
        [Some(10), Some(15), Some(30), Some(300), Some(3_600), None]
    );
    let asked = Row {
        asked_at: Some(at(5)),
        ..accepted()
    };
    assert!(!may_ask(&read(&asked, 9), Duration::from_secs(5)));
    assert!(may_ask(&read(&asked, 10), Duration::from_secs(5)));
}

#[test]
fn the_reason_of_a_failure_that_the_shop_was_told_stays_whatever_another_copy_heard() {
    let cancelled = told_by_query(&accepted(), 20, Outcome::Cancelled);
    let mut copy = told_by_query(&accepted(), 21, Outcome::Failed).payment;
    assert_eq!((cancelled.news, copy.outcome()), (1, Outcome::Failed));
    let row = learning::learn(&cancelled, &copy).unwrap_or_else(|| cancelled.clone());
    assert_eq!((row.news, row.payment.outcome()), (1, Outcome::Cancelled));
    copy.catch_up(&row.payment);
    assert_eq!(copy.outcome(), Outcome::Cancelled);
    assert!(learning::learn(&row, &copy).is_none(), "nothing is new");
}

#[test]
fn a_callback_that_waits_for_the_gateways_word_has_it_asked_soon_whatever_the_payments_age() {
    let claimed = after(&accepted(), 600, |payment| {
        payment.on_unconfirmed(&success(), at(600));
    });
    let next = |age| ask_next(&read(&claimed, age)).map(|next| next.since(at(age)).as_secs());
    let pauses = [600, 615, 700, 4_000].map(next);
    assert_eq!(pauses, [Some(10), Some(15), Some(30), Some(300)]);
}

#[test]
fn a_look_that_brought_no_answer_is_repeated_after_a_pause_and_given_up_in_the_end() {
    let failed = told_by_query(&accepted(), 20, Outcome::Timeout);
    // Due at 90 and not looked at since; `age` is when a question failed.
    let next = |age| {
        let asked =
            learning::asked(&read(&failed, age)).map_or(failed.ask_after, |row| row.ask_after);
        asked.map(|next| next.since(at(0)).as_secs())
    };
    let found = [89, 90, 100, 600, 3_600, 7_289, 7_290].map(next);
    let expected = [
        Some(90),
        Some(120),
        Some(130),
        Some(900),
        Some(3_900),
        Some(10_889),
        None,
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_person_settles_what_is_open_alone() {
    let unknown = learning::forget_sender(&read(&sending(), 46)).unwrap();
    let paid = learning::resolve(&unknown, Some(&Receipt::as_stated("SKL1234567"))).unwrap();
    assert_eq!(
        (paid.payment.receipt().map(Receipt::as_str), paid.news),
        (Some("SKL1234567"), 1)
    );
    let failed = learning::resolve(&read(&unknown, 90), None).unwrap();
    assert!(failed.payment.is_failed() && !failed.holds_order);
    assert!(learning::resolve(&paid, None).is_none());
    assert!(learning::resolve(&failed, None).is_none());
}

/// What a request for the order comes to at that second.
fn asked_for(row: &Row, seconds: u64, looked: Looked) -> String {
    let row = read(row, seconds);
    word(&decide(&[row], &wanted(), ACCOUNT, looked, at(seconds)))
}

#[test]
fn an_order_that_a_person_calls_not_paid_is_held_while_its_prompt_may_be_open() {
    let resolved = learning::resolve(&read(&accepted(), 2), None).unwrap();
    assert!(resolved.payment.is_failed() && resolved.holds_order);
    assert_eq!(resolved.news, 1, "the shop is told");
    assert_eq!(resolved.ask_after, Some(at(90)), "it is asked about again");
    assert_eq!(resolved.payment.order_free_at(), Some(at(90)));
    for (seconds, looked, expected) in [
        (3, Looked::NotYet, "look"),
        (3, Looked::Answered, "existing settled"),
        (89, Looked::Answered, "existing settled"),
        (95, Looked::InVain, "existing settled"),
        (95, Looked::Answered, "claim over"),
    ] {
        let decision = asked_for(&resolved, seconds, looked);
        assert_eq!(decision, expected, "at {seconds}, {looked:?}");
    }
    let confirmed = told_by_query(&resolved, 91, Outcome::Timeout);
    assert!(!confirmed.holds_order);
}

#[test]
fn a_success_behind_a_persons_not_paid_is_taken_and_told_whenever_it_comes() {
    for resolved_at in [2, 100, 7_200] {
        let resolved = learning::resolve(&read(&accepted(), resolved_at), None).unwrap();
        let due = resolved.ask_after.unwrap();
        assert!(due >= resolved.read_at, "resolved at {resolved_at}");
        let paid = told_by_query(&resolved, resolved_at + 200, Outcome::Success);
        assert!(paid.payment.is_paid() && paid.holds_order);
        assert_eq!(paid.news, 2, "resolved at {resolved_at}");
    }
}

#[test]
fn an_order_is_free_at_once_where_its_prompt_cannot_be_open_when_a_person_calls_it_not_paid() {
    let before = learning::resolve(&read(&accepted(), 89), None).unwrap();
    let after = learning::resolve(&read(&accepted(), 90), None).unwrap();
    assert!(before.holds_order && !after.holds_order);
    assert_eq!(after.payment.order_free_at(), Some(at(90)));
    assert_eq!(after.ask_after, Some(at(115)), "it is asked about again");
}

#[test]
fn an_order_whose_callback_claims_money_is_held_until_the_gateway_says_that_it_was_not_paid() {
    let claimed = after(&accepted(), 100, |payment| {
        payment.on_unconfirmed(&success(), at(100));
    });
    let resolved = learning::resolve(&read(&claimed, 120), None).unwrap();
    assert!(resolved.payment.is_failed() && resolved.holds_order);
    let unasked = asked_for(&resolved, 500, Looked::InVain);
    assert_eq!(unasked, "existing settled");
    assert!(!told_by_query(&resolved, 150, Outcome::Cancelled).holds_order);
}

#[test]
fn an_order_that_nobody_can_ask_about_is_free_once_its_prompt_cannot_be_open() {
    let unknown = learning::forget_sender(&read(&sending(), 46)).unwrap();
    let resolved = learning::resolve(&read(&unknown, 47), None).unwrap();
    assert!(resolved.holds_order);
    for (seconds, expected) in [(89, "look"), (90, "claim over")] {
        assert_eq!(asked_for(&resolved, seconds, Looked::NotYet), expected);
    }
    for (seconds, holds) in [(89, true), (90, false)] {
        let row = read(&resolved, seconds);
        let asked = learning::asked(&row).unwrap_or(row);
        assert_eq!(asked.holds_order, holds, "asked at {seconds}");
    }
    let asked = learning::asked(&read(&accepted(), 95)).unwrap();
    assert!(asked.holds_order, "an open payment");
}

#[test]
fn a_person_settles_what_its_sender_left_behind_once_the_lease_has_ended() {
    assert!(learning::resolve(&read(&sending(), 44), None).is_none());
    let receipt = Receipt::as_stated("SKL1234567");
    let row = read(&sending(), 45);
    let lapsed = [&read(&sending(), 44), &row, &accepted()].map(Row::was_cut_off);
    assert_eq!(lapsed, [false, true, false]);
    let paid = learning::resolve(&row, Some(&receipt)).unwrap();
    assert!(paid.payment.is_paid() && paid.lease_until.is_none());
    let failed = learning::resolve(&row, None).unwrap();
    assert!(failed.payment.is_failed() && failed.lease_until.is_none());
    assert!(failed.holds_order, "the push may have left");
}

fn is_pruned(row: &Row, seconds: u64, age: u64) -> &'static str {
    match prune(&read(row, seconds), Duration::from_secs(age)) {
        Prune::Write(next) => {
            assert!(next.payment.is_pruned() && next.order == row.order);
            assert_eq!(next.holds_order, row.holds_order);
            "pruned"
        }
        Prune::Unfinished => "unfinished",
        Prune::Leave => "left",
    }
}

#[test]
fn only_what_is_settled_told_and_old_is_pruned() {
    let told = |row: Row| Row {
        told: row.news,
        ..row
    };
    let owed = told_by_query(&accepted(), 10, Outcome::Success);
    let paid = told(owed.clone());
    assert_eq!(is_pruned(&paid, 110, 100), "pruned");
    assert_eq!(is_pruned(&paid, 109, 100), "left", "too young");
    assert_eq!(is_pruned(&owed, 110, 100), "unfinished");
    for open in [sending(), accepted()] {
        assert_eq!(is_pruned(&open, 10_000, 0), "left");
    }
    // A failure that a query told is looked at again, and holds its order until then.
    let failed = told(told_by_query(&accepted(), 10, Outcome::Timeout));
    assert_eq!(is_pruned(&failed, 110, 100), "unfinished");
    let asked = Row {
        ask_after: None,
        ..failed
    };
    assert_eq!(is_pruned(&asked, 110, 100), "unfinished");
    let free = Row {
        holds_order: false,
        ..asked
    };
    assert_eq!(is_pruned(&free, 110, 100), "pruned");
}

#[test]
fn a_pruned_row_stays_pruned_whatever_is_learnt() {
    let paid = told_by_query(&accepted(), 10, Outcome::Success);
    let told = Row {
        told: paid.news,
        ..paid.clone()
    };
    let Prune::Write(pruned) = prune(&read(&told, 20), Duration::ZERO) else {
        panic!("it is not pruned");
    };
    assert!(learning::learn(&pruned, &paid.payment).is_none());
    let mut reversed = paid.payment.clone();
    let status = Status {
        checkout_request_id: Some(CheckoutRequestId::as_stated(PROMPT)),
        ..Status::new(Outcome::Reversed)
    };
    reversed.on_status(&status, at(30));
    let learnt = learning::learn(&pruned, &reversed).unwrap();
    assert_eq!(learnt.payment.outcome(), Outcome::Reversed);
    assert!(learnt.payment.is_pruned() && learnt.is_owed());
    assert!(!learnt.payment.to_json().contains("254712345678"));
}
