//! Tests of the state machine by itself: every transition, and what never happens.

mod claims;
mod looks;
mod properties;

use super::*;
use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
use crate::error::{Disposition, ErrorKind};
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::values::amount::Amount;
use crate::values::callback_url::CallbackUrl;
use crate::values::environment::Environment;
use crate::values::push::StkPush;
use crate::values::reference::AccountReference;
use Change::{Applied, Suspicious, Unchanged};
use PaymentState::{Accepted, Reserved, Sending, Settled};

const ID: &str = "ws_CO_21112026101112000712000111";
const OTHER_ID: &str = "ws_CO_21112026101112000712000999";
const PHONE: &str = "254712000111";
const RECEIPT: &str = "SKL1234567";

fn at(second: i64) -> EatTime {
    EatTime::from_unix_millis(1_795_000_000_000 + second * 1_000)
}

/// A payment of 150 shillings, not sent.
fn reserved() -> Payment {
    let url = CallbackUrl::parse("https://shop.example/pay", Environment::Sandbox).unwrap();
    let rules = crate::values::push::PushRules {
        amount: crate::values::amount::AmountRules::default(),
        account_reference_characters: 12,
        most_reference_characters: 12,
        transaction_desc_characters: 13,
    };
    let push = StkPush::new(PHONE, 150, "INV-001")
        .check(&rules, url)
        .unwrap();
    let id = "00112233445566778899aabbccddeeff".parse().unwrap();
    Payment::reserve(id, GatewayName::Daraja, push, at(0))
}

/// The same, read from storage: whoever saved it may have pushed it since.
fn stored() -> Payment {
    let mut payment = Payment::from_json(&reserved().to_json()).unwrap();
    payment.after_restart();
    payment
}

fn sending() -> Payment {
    let mut payment = reserved();
    payment.begin_sending(at(1)).unwrap();
    payment
}

fn acceptance(id: &str) -> Acceptance {
    Acceptance {
        merchant_request_id: Some(MerchantRequestId::as_stated("1-2-3")),
        ..Acceptance::new(GatewayName::Daraja, id)
    }
}

fn accepted() -> Payment {
    let mut payment = sending();
    payment.on_push_answer(Ok(acceptance(ID)), at(1));
    payment
}

fn refused() -> Payment {
    let mut payment = sending();
    payment.on_push_answer(Err(error(Disposition::Rejected)), at(1));
    payment
}

fn error(disposition: Disposition) -> Error {
    Error::of_gateway(ErrorKind::ProviderError, disposition, "x", "x")
}

fn lost() -> Payment {
    let mut payment = sending();
    payment.on_push_answer(Err(error(Disposition::Unknown)), at(1));
    payment
}

fn read(body: &str) -> Event {
    crate::gateway::daraja::callback::parse_callback(body.as_bytes()).unwrap()
}

fn paid_with(id: &str, amount: &str, phone: &str, receipt: &str) -> Event {
    read(&format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"{id}","ResultCode":0,"ResultDesc":"ok","CallbackMetadata":{{"Item":[{{"Name":"Amount","Value":{amount}}},{{"Name":"MpesaReceiptNumber","Value":{receipt}}},{{"Name":"TransactionDate","Value":20261121102115}},{{"Name":"PhoneNumber","Value":{phone}}}]}}}}}}}}"#
    ))
}

/// The success that fits.
fn paid() -> Event {
    paid_with(ID, "150", PHONE, "\"SKL1234567\"")
}

fn failed(id: &str, code: &str) -> Event {
    read(&format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"{id}","ResultCode":{code},"ResultDesc":"no"}}}}}}"#
    ))
}

fn reversal() -> Event {
    let mut event = failed(ID, "1");
    event.outcome = Outcome::Reversed;
    event
}

fn status(outcome: Outcome) -> Status {
    Status {
        checkout_request_id: Some(CheckoutRequestId::as_stated(ID)),
        ..Status::new(outcome)
    }
}

fn settled_by(event: &Event) -> Payment {
    let mut payment = accepted();
    assert_eq!(payment.on_event(event, at(9)), Applied);
    payment
}

fn reversed() -> Payment {
    let mut payment = settled_by(&paid());
    assert_eq!(
        payment.on_status(&status(Outcome::Reversed), at(20)),
        Applied
    );
    payment
}

/// Something that happens to a payment.
type Step = fn(&mut Payment) -> Change;

#[rustfmt::skip]
#[test]
fn every_step_from_every_state_leads_where_the_table_says() {
    use Outcome::{Cancelled, Pending, Success, Timeout, Unknown};
    let accept: Step = |p| p.on_push_answer(Ok(acceptance(ID)), at(1));
    let not_sent: Step = |p| p.on_push_answer(Err(error(Disposition::NotSent)), at(1));
    let refuse: Step = |p| p.on_push_answer(Err(error(Disposition::Rejected)), at(1));
    let lose: Step = |p| p.on_push_answer(Err(error(Disposition::Unknown)), at(1));
    let restart: Step = |p| { p.after_restart(); Unchanged };
    let pays: Step = |p| p.on_event(&paid(), at(10));
    let cancels: Step = |p| p.on_event(&failed(ID, "1032"), at(10));
    let new_code: Step = |p| p.on_event(&failed(ID, "7777"), at(10));
    let reverses: Step = |p| p.on_event(&reversal(), at(10));
    let less: Step = |p| p.on_event(&paid_with(ID, "149", PHONE, "\"SKL1234567\""), at(10));
    let cents: Step = |p| p.on_event(&paid_with(ID, "150.01", PHONE, "\"SKL1234567\""), at(10));
    let other_phone: Step = |p| p.on_event(&paid_with(ID, "150", "254712000222", "\"SKL1234567\""), at(10));
    let other_mask: Step = |p| p.on_event(&paid_with(ID, "150", "\"254712***112\"", "\"SKL1234567\""), at(10));
    let masked: Step = |p| p.on_event(&paid_with(ID, "150", "\"254712***111\"", "\"SKL1234567\""), at(10));
    let other_id: Step = |p| p.on_event(&paid_with(OTHER_ID, "150", PHONE, "\"SKL1234567\""), at(10));
    let other_failure: Step = |p| p.on_event(&failed(OTHER_ID, "1032"), at(10));
    let other_receipt: Step = |p| p.on_event(&paid_with(ID, "150", PHONE, "\"SKL7654321\""), at(10));
    let incomplete: Step = |p| p.on_event(&paid_with(ID, "150", PHONE, "null"), at(10));
    let other_gateway: Step = |p| { p.gateway = GatewayName::PalPluss; let change = p.on_event(&paid(), at(10)); p.gateway = GatewayName::Daraja; change };
    let says_paid: Step = |p| p.on_status(&status(Success), at(10));
    let says_cancelled: Step = |p| p.on_status(&status(Cancelled), at(10));
    let says_pending: Step = |p| p.on_status(&status(Pending), at(10));
    let says_nothing: Step = |p| p.on_status(&status(Unknown), at(10));
    let says_reversed: Step = |p| p.on_status(&status(Outcome::Reversed), at(10));
    let says_other: Step = |p| p.on_status(&Status { checkout_request_id: Some(CheckoutRequestId::as_stated(OTHER_ID)), ..status(Success) }, at(10));
    let says_less: Step = |p| p.on_status(&Status { amount: Some(Money::from_cents(100)), ..status(Success) }, at(10));
    let success = || settled_by(&paid());
    let failure = || settled_by(&failed(ID, "1037"));
    let queried = || { let mut p = accepted(); p.on_status(&status(Success), at(9)); p };
    let lost_state = PaymentState::Unknown;
    let rows: Vec<(&str, Payment, Step, Change, PaymentState, Outcome)> = vec![
        ("accept", sending(), accept, Applied, Accepted, Pending),
        ("not sent", sending(), not_sent, Applied, Reserved, Pending),
        ("refuse", sending(), refuse, Applied, Reserved, Pending),
        ("lose", sending(), lose, Applied, lost_state, Unknown),
        ("restart while reserved", reserved(), restart, Unchanged, Reserved, Pending),
        ("restart while sending", sending(), restart, Unchanged, lost_state, Unknown),
        ("restart when accepted", accepted(), restart, Unchanged, Accepted, Pending),
        ("late acceptance of a lost one", lost(), accept, Applied, Accepted, Pending),
        ("acceptance after a success", success(), accept, Applied, Settled, Success),
        ("acceptance after a failure", failure(), accept, Applied, Settled, Timeout),
        ("lost answer after a success", success(), lose, Applied, Settled, Success),
        ("refusal after an acceptance", accepted(), refuse, Applied, Accepted, Pending),
        ("pays while sending", sending(), pays, Applied, Settled, Success),
        ("pays after a lost answer", lost(), pays, Applied, Settled, Success),
        ("pays", accepted(), pays, Applied, Settled, Success),
        ("pays twice", success(), pays, Unchanged, Settled, Success),
        ("pays after a failure", failure(), pays, Applied, Settled, Success),
        ("pays after the query said so", queried(), pays, Applied, Settled, Success),
        ("masked phone", accepted(), masked, Applied, Settled, Success),
        ("cancels", accepted(), cancels, Applied, Settled, Cancelled),
        ("cancels after a lost answer", lost(), cancels, Applied, Settled, Cancelled),
        ("cancels after paying", success(), cancels, Suspicious, Settled, Success),
        ("cancels after the query said paid", queried(), cancels, Suspicious, Settled, Success),
        ("a second failure", failure(), cancels, Unchanged, Settled, Timeout),
        ("a code nobody knows", accepted(), new_code, Suspicious, Accepted, Pending),
        ("a code nobody knows after a lost answer", lost(), new_code, Suspicious, Accepted, Pending),
        ("a code nobody knows after paying", success(), new_code, Suspicious, Settled, Success),
        ("still processing", accepted(), |p| p.on_event(&failed(ID, "\"4999\""), at(10)), Unchanged, Accepted, Pending),
        ("pays though never sent", reserved(), pays, Suspicious, Reserved, Pending),
        ("cancels though never sent", reserved(), cancels, Suspicious, Reserved, Pending),
        ("pays, sent by a process that saved it before and died", stored(), pays, Applied, Settled, Success),
        ("cancels, sent by a process that saved it before and died", stored(), cancels, Applied, Settled, Cancelled),
        ("less, sent by a process that saved it before and died", stored(), less, Suspicious, Reserved, Pending),
        ("pays after a refusal", refused(), pays, Applied, Settled, Success),
        ("a phone that cannot be read", accepted(), |p| p.on_event(&paid_with(ID, "150", "\"ext 5\"", "\"SKL1234567\""), at(10)), Suspicious, Accepted, Pending),
        ("two phones", accepted(), |p| p.on_event(&paid_with(ID, "150", "1},{\"Name\":\"PhoneNumber\",\"Value\":254712000111", "\"SKL1234567\""), at(10)), Suspicious, Accepted, Pending),
        ("an amount that cannot be read", accepted(), |p| p.on_event(&paid_with(ID, "\"150 bob\"", PHONE, "\"SKL1234567\""), at(10)), Suspicious, Accepted, Pending),
        ("query: cancelled after a failure", failure(), says_cancelled, Unchanged, Settled, Timeout),
        ("reversed by event", success(), reverses, Suspicious, Settled, Success),
        ("reversed by event while open", accepted(), reverses, Suspicious, Accepted, Pending),
        ("reversed by status", success(), says_reversed, Applied, Settled, Outcome::Reversed),
        ("pays after a reversal", reversed(), pays, Suspicious, Settled, Outcome::Reversed),
        ("less", accepted(), less, Suspicious, Accepted, Pending),
        ("a cent more", accepted(), cents, Suspicious, Accepted, Pending),
        ("less after a lost answer", lost(), less, Suspicious, lost_state, Unknown),
        ("another phone", accepted(), other_phone, Suspicious, Accepted, Pending),
        ("another masked phone", accepted(), other_mask, Suspicious, Accepted, Pending),
        ("another id", accepted(), other_id, Suspicious, Accepted, Pending),
        ("another id fails", accepted(), other_failure, Suspicious, Accepted, Pending),
        ("another receipt", success(), other_receipt, Suspicious, Settled, Success),
        ("no receipt", accepted(), incomplete, Suspicious, Accepted, Pending),
        ("another gateway", accepted(), other_gateway, Suspicious, Accepted, Pending),
        ("query: paid", accepted(), says_paid, Applied, Settled, Success),
        ("query: paid, known", success(), says_paid, Unchanged, Settled, Success),
        ("query: paid after a failure", failure(), says_paid, Applied, Settled, Success),
        ("query: paid after a lost answer", lost(), says_paid, Applied, Settled, Success),
        ("query: cancelled", accepted(), says_cancelled, Applied, Settled, Cancelled),
        ("query: cancelled after paying", success(), says_cancelled, Suspicious, Settled, Success),
        ("query: pending", accepted(), says_pending, Unchanged, Accepted, Pending),
        ("query: pending after a lost answer", lost(), says_pending, Applied, Accepted, Pending),
        ("query: pending after paying", success(), says_pending, Unchanged, Settled, Success),
        ("query: nothing", accepted(), says_nothing, Unchanged, Accepted, Pending),
        ("query: nothing after a lost answer", lost(), says_nothing, Unchanged, lost_state, Unknown),
        ("query: nothing after paying", success(), says_nothing, Unchanged, Settled, Success),
        ("query: another id", accepted(), says_other, Suspicious, Accepted, Pending),
        ("query: less", accepted(), says_less, Suspicious, Accepted, Pending),
    ];
    let mut failures = Vec::new();
    for (name, mut payment, step, change, state, outcome) in rows {
        let revision = payment.revision();
        let before = payment.to_json();
        let found = (step(&mut payment), payment.state(), payment.outcome());
        if found != (change, state, outcome) {
            failures.push(format!("{name}: {found:?}, not {:?}", (change, state, outcome)));
        }
        if (payment.to_json() == before) != (payment.revision() == revision) {
            failures.push(format!("{name}: it changed without a new revision, or the other way round"));
        }
        let again = Payment::from_json(&payment.to_json()).unwrap();
        if again.to_json() != payment.to_json() {
            failures.push(format!("{name}: JSON does not bring it back"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn only_what_is_reserved_can_be_sent() {
    let mut failures = Vec::new();
    for (name, mut payment, may) in [
        ("reserved", reserved(), true),
        ("sending", sending(), false),
        ("lost", lost(), false),
        ("accepted", accepted(), false),
        ("paid", settled_by(&paid()), false),
        ("failed", settled_by(&failed(ID, "1032")), false),
        ("reversed", reversed(), false),
    ] {
        let before = payment.to_json();
        match payment.begin_sending(at(30)) {
            Ok(()) if may => {}
            Err(error) if !may => {
                assert_eq!(error.code(), "payment_already_sent");
                assert_eq!(error.disposition(), Disposition::NotSent);
                assert!(!error.retryable());
                assert_eq!(payment.to_json(), before);
            }
            other => failures.push(format!("{name}: {other:?}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_refused_payment_can_be_sent_again_and_keeps_the_reason_until_then() {
    let mut payment = sending();
    payment.on_push_answer(Err(error(Disposition::Rejected)), at(1));
    assert!(payment.last_error().is_some() && payment.sent_at().is_none());
    payment.begin_sending(at(40)).unwrap();
    assert_eq!(
        (payment.last_error().is_some(), payment.sent_at()),
        (false, Some(at(40)))
    );
}

#[test]
fn a_success_keeps_what_the_event_says_and_the_first_moment_it_was_known() {
    let mut payment = settled_by(&failed(ID, "1037"));
    payment.on_event(&paid(), at(12));
    assert_eq!(payment.receipt().map(Receipt::as_str), Some(RECEIPT));
    assert_eq!(payment.paid_amount(), Some(Money::from_cents(15_000)));
    assert_eq!(payment.paid_by().map(PhoneNumber::as_str), Some(PHONE));
    assert_eq!(payment.paid_at(), EatTime::parse_wire("20261121102115"));
    assert_eq!(payment.settled_at(), Some(at(9)));
    assert_eq!(payment.result_code(), Some("0"));
}

#[test]
fn flags_name_their_reason_are_kept_once_and_cannot_fill_a_disk() {
    let mut payment = accepted();
    let wrong = paid_with(ID, "1", PHONE, "\"SKL1234567\"");
    for _ in 0..3 {
        assert_eq!(payment.on_event(&wrong, at(10)), Suspicious);
    }
    assert_eq!(payment.flags().len(), 1);
    assert_eq!(payment.flags()[0].reason, "amount_differs");
    assert!(
        payment.flags()[0]
            .body
            .as_deref()
            .unwrap()
            .contains("SKL1234567")
    );
    let revision = payment.revision();
    for amount in 1_000..1_100 {
        let text = format!("{amount}{}", " ".repeat(50_000));
        payment.on_event(&paid_with(ID, &text, PHONE, "\"SKL1234567\""), at(10));
    }
    assert_eq!(payment.flags().len(), 16);
    assert_eq!(payment.revision(), revision + 100);
    assert_eq!(payment.flags_dropped(), 85, "and it says so");
    assert!(
        payment.flags()[15]
            .body
            .as_deref()
            .unwrap()
            .contains("1099"),
        "the newest stay"
    );
    assert!(
        payment.to_json().len() < 100_000,
        "{}",
        payment.to_json().len()
    );
}

#[test]
fn what_no_version_of_ours_saved_is_refused() {
    let saved = accepted().to_json();
    let mut failures = Vec::new();
    for (name, text, code) in [
        ("nothing", String::new(), "payment_unreadable"),
        ("null", "null".to_owned(), "payment_unreadable"),
        ("an empty object", "{}".to_owned(), "payment_unreadable"),
        (
            "half of it",
            saved[..saved.len() / 2].to_owned(),
            "payment_unreadable",
        ),
        (
            "form alone",
            r#"{"form":1}"#.to_owned(),
            "payment_unreadable",
        ),
        (
            "a later form",
            saved.replacen("\"form\":1", "\"form\":2", 1),
            "payment_form_unknown",
        ),
        (
            "no state",
            saved.replacen("accepted", "perhaps", 1),
            "payment_unreadable",
        ),
        (
            "no id",
            saved.replacen("00112233", "../../..", 1),
            "payment_unreadable",
        ),
        (
            "no phone",
            saved.replacen(PHONE, "254", 1),
            "payment_unreadable",
        ),
    ] {
        match Payment::from_json(&text) {
            Err(error) if error.code() == code && error.field() == Some("payment") => {}
            other => failures.push(format!("{name}: {other:?}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn values_keep_their_rules_when_they_come_from_storage() {
    let saved = reserved().to_json();
    let reference = AccountReference::parse("INV-001").unwrap();
    assert!(saved.contains(reference.as_str()));
    assert_eq!(reserved().push().amount, Amount::new(150).unwrap());
    for wrong in ["\"amount\":0", "\"amount\":-1", "\"amount\":1.5"] {
        assert!(saved.contains("\"amount\":150"), "{saved}");
        let text = saved.replacen("\"amount\":150", wrong, 1);
        assert!(Payment::from_json(&text).is_err(), "{wrong}");
    }
}

#[test]
fn a_payment_with_flags_and_claims_shows_nobodys_number() {
    let mut payment = accepted();
    payment.on_event(&paid_with(ID, "151", PHONE, "\"SKL1234567\""), at(2));
    payment.on_event(&paid_with(ID, "150", PHONE, "null"), at(3));
    assert_eq!(payment.flags().len(), 2);
    let shown = format!("{payment:?}");
    assert!(!shown.contains(PHONE) && !shown.contains(ID), "{shown}");
}

#[test]
fn a_payment_whose_acceptance_was_saved_before_it_had_an_id_of_its_own_is_read() {
    let payment = accepted();
    let saved: serde_json::Value = serde_json::from_str(&payment.to_json()).unwrap();
    let mut before = saved.clone();
    before["acceptance"].as_object_mut().unwrap().remove("id");
    let read = Payment::from_json(&before.to_string()).unwrap();
    assert_eq!(read.acceptance().unwrap().id(), ID);
    assert_eq!(read.to_json(), payment.to_json());
    assert_eq!(saved["acceptance"]["id"], ID);
}
