//! Tests of the retry rule: every way in which a request can end, in one table.

mod named;
mod properties;

use super::*;
use crate::client::Client;
use crate::client::credentials::source::CredentialSource;
use crate::client::daraja::Daraja;
use crate::error::codes::ErrorCode;
use crate::gateway::contract::Authorization;
use crate::gateway::named::read_push_answer;
use crate::gateway::query_target::QueryTarget;
use crate::gateway::refusal::Meaning;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use std::time::Duration;

const LEFT: Duration = Duration::from_secs(30);
const FRESH: Spent = Spent {
    tokens_spent: false,
    resends: 0,
    remaining: LEFT,
};

/// How an attempt ended.
enum Came {
    Answer(Answer),
    NotConnected,
    BytesLeft,
}

/// What was made of it.
#[derive(Clone, Debug, PartialEq)]
enum Made {
    /// It is what was asked for.
    Done,
    /// A question's answer that settles nothing.
    Open(Outcome),
    /// Sent again after a pause between these milliseconds.
    Again(u128, u128),
    Renew,
    Stop(Disposition, ErrorKind, bool),
}

use crate::meaning::outcome::Outcome;
use Call::{Push, Query, Token};
use Disposition::{NotSent, Rejected, Unknown};
use ErrorKind::{
    Authentication, Blocked, Connection, Credentials, InvalidRequest, NoAnswer, ProviderError,
    RateLimited, SubscriberBusy, UnreadableAnswer,
};
use Made::{Again, Done, Open, Renew, Stop};

fn client() -> Client {
    Daraja::builder()
        .consumer_key("key")
        .consumer_secret("secret")
        .short_code("174379")
        .pass_key("pass")
        .build()
        .unwrap()
}

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn envelope(status: u16, code: &str, message: &str) -> Answer {
    answer(
        status,
        &format!(r#"{{"requestId":"1-2-3","errorCode":"{code}","errorMessage":"{message}"}}"#),
    )
}

fn too_many(retry_after: &'static str) -> Answer {
    let mut answer = answer(429, "Too Many Requests");
    let value = HeaderValue::from_static(retry_after);
    answer.headers.insert(RETRY_AFTER, value);
    answer
}

const ACCEPTANCE: &str = r#"{"MerchantRequestID":"1-2-3","CheckoutRequestID":"ws_CO_1","ResponseCode":"0","ResponseDescription":"ok","CustomerMessage":"ok"}"#;

/// A push of 150 shillings.
fn push(client: &Client) -> crate::values::push::Push {
    let sale = crate::values::push::StkPush::new("0712000111", 150, "INV-001")
        .callback_url("https://shop.example/pay");
    client
        .reserve(sale)
        .unwrap()
        .read(|payment| payment.push().clone())
}

/// What an answer means to a call; `None` where it is what was asked for.
fn refusal(client: &Client, call: Call, answer: &Answer) -> Result<Made, Box<Refusal>> {
    let gateway = &client.shared.gateway;
    let CredentialSource::Fixed(merchant) = &client.shared.credentials else {
        panic!("the builder has the keys");
    };
    match call {
        Push => match read_push_answer(gateway.as_ref(), &push(client), answer) {
            Reading::Done(_) => Ok(Done),
            Reading::Refused(refusal) => Err(Box::new(refusal)),
        },
        Query => {
            let target = QueryTarget::prompt("ws_CO_1");
            match gateway.read_query_answer(&target, answer) {
                Reading::Done(status) if status.is_final => Ok(Done),
                Reading::Done(status) => Ok(Open(status.outcome)),
                Reading::Refused(refusal) => Err(Box::new(refusal)),
            }
        }
        Token => {
            let Authorization::Token(exchange) = merchant.access.authorization() else {
                panic!("Daraja has tokens");
            };
            match (exchange.read)(answer) {
                Reading::Done(_) => Ok(Done),
                Reading::Refused(refusal) => Err(Box::new(refusal)),
            }
        }
    }
}

fn failure(bytes_left: bool) -> Failure {
    Failure::Unanswered(TransportFailure {
        bytes_left,
        code: if bytes_left {
            ErrorCode::AnswerLost
        } else {
            ErrorCode::NotConnected
        },
        message: "x".to_owned(),
        hint: None,
        source: crate::transport::http::TransportCause::Client(Error::invalid(
            "x",
            ErrorCode::OptionUnknown,
            "x",
        )),
    })
}

/// What is made of an attempt, with the least and the most of chance.
fn make(client: &Client, call: Call, came: &Came, spent: Spent) -> Made {
    let read = || match came {
        Came::Answer(answer) => refusal(client, call, answer)
            .map_or_else(|refusal| Ok(Failure::Answered(*refusal)), Err),
        Came::NotConnected => Ok(failure(false)),
        Came::BytesLeft => Ok(failure(true)),
    };
    let failed = match read() {
        Ok(failed) => failed,
        Err(made) => return made,
    };
    let least = decide(call, failed.reached(), spent, 0.0);
    let most = decide(call, failed.reached(), spent, 1.0);
    match (least, most) {
        (Decision::Resend { after: least }, Decision::Resend { after: most }) => {
            Again(least.as_millis(), most.as_millis())
        }
        (Decision::RenewToken, Decision::RenewToken) => Renew,
        (Decision::Fail { disposition }, Decision::Fail { .. }) => {
            let error = failed.into_error(call, disposition);
            assert_eq!(error.disposition(), disposition);
            let warned = error
                .hint()
                .is_some_and(|hint| hint.contains("Do not push again"));
            assert_eq!(warned, call == Push && disposition == Unknown, "{error}");
            Stop(disposition, error.kind(), error.retryable())
        }
        mixed => panic!("chance decides between {mixed:?}"),
    }
}

/// A code of Daraja's, under a status, with a message: what a push, a query and a token request make of it.
type Row = (u16, &'static str, &'static str, [Made; 3]);

const BUSY: Made = Again(500, 1_000);
const SOON: Made = Again(100, 200);

const fn no(kind: ErrorKind) -> [Made; 3] {
    [
        Stop(Rejected, kind, false),
        Stop(Rejected, kind, false),
        Stop(Rejected, kind, false),
    ]
}

/// The gateway failed, and whether it acted is not known: a push stops, a question may be asked again, a token is
/// fetched again.
const fn unclear(kind: ErrorKind, passes: bool) -> [Made; 3] {
    [
        Stop(Unknown, kind, false),
        Stop(Unknown, kind, passes),
        SOON,
    ]
}

const FAILED: [Made; 3] = unclear(ProviderError, true);
const NO_SHAPE: [Made; 3] = unclear(UnreadableAnswer, true);
const RENEWED: [Made; 3] = [Renew, Renew, Renew];
const PAUSED: [Made; 3] = [BUSY, BUSY, BUSY];

#[rustfmt::skip]
fn codes() -> Vec<Row> {
    let locked = Stop(Rejected, SubscriberBusy, true);
    let [unsure, asks, soon] = FAILED;
    vec![
        (404, "404.001.03", "Invalid Access Token", RENEWED),
        (400, "400.003.01", "Invalid Access Token", RENEWED),
        (401, "401.002.01", "Error Occurred - Invalid Access Token", RENEWED),
        (401, "401.003.01", "Invalid Access Token", RENEWED),
        (500, "500.003.02", "System is busy. Please try again in few minutes.", PAUSED),
        (503, "500.003.02", "Error Occurred: Spike Arrest Violation", PAUSED),
        (200, "500.003.02", "System is busy", PAUSED),
        (500, "500.003.03", "Error Occurred: Quota Violation", PAUSED),
        (429, "429", "Too many requests", PAUSED),
        (400, "400.008.01", "Invalid Authentication passed", no(Authentication)),
        (400, "400.008.02", "Invalid grant type passed.", no(Authentication)),
        (404, "404.001.04", "Invalid Authentication Header", no(Authentication)),
        (400, "400.002.02", "Bad Request - Invalid PhoneNumber", no(InvalidRequest)),
        (200, "400.002.02", "Bad Request - Invalid Amount", no(InvalidRequest)),
        (400, "400.002.05", "Invalid Request Payload", no(InvalidRequest)),
        (400, "400.003.02", "Bad Request", no(InvalidRequest)),
        (404, "404.001.01", "Resource not found", no(InvalidRequest)),
        (404, "404.003.01", "Resource not found", no(InvalidRequest)),
        (405, "405.001", "Method Not Allowed", no(InvalidRequest)),
        (500, "500.001.1001", "Wrong credentials", no(Credentials)),
        (500, "500.001.1001", "[MerchantValidate] - Wrong credentials", no(Credentials)),
        (500, "500.001.1001", "Merchant does not exist", no(Credentials)),
        (500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber",
            [locked, asks.clone(), soon.clone()]),
        (500, "500.001.1001", "The transaction is being processed", [unsure.clone(), Open(Outcome::Pending), soon.clone()]),
        (500, "500.001.1001", "The transaction does not Exist", [unsure.clone(), Open(Outcome::Unknown), soon.clone()]),
        (500, "500.001.1001", "", [unsure.clone(), Open(Outcome::Unknown), soon.clone()]),
        (200, "500.001.1001", "", [unsure, Open(Outcome::Unknown), soon]),
        (500, "500.001.1001", "Something new", FAILED),
        (400, "400.002.02", "Bad Request - Invalid CheckoutRequestID",
            [Stop(Rejected, InvalidRequest, false), Open(Outcome::Unknown), Stop(Rejected, InvalidRequest, false)]),
        (500, "500.003.1001", "Internal Server Error", FAILED),
        (500, "500.002.1001", "Duplicate", FAILED),
        // Codes that no list has: the status decides.
        (400, "400.999.99", "New", no(InvalidRequest)),
        (404, "STK_NEW", "New", no(InvalidRequest)),
        (401, "401.999.99", "New", RENEWED),
        (429, "429.999.99", "New", PAUSED),
        (500, "500.999.99", "New", FAILED),
        (503, "503.999.99", "New", FAILED),
        (200, "200.999.99", "New", FAILED),
    ]
}

#[test]
fn every_error_code_is_decided_as_the_table_says_on_every_address() {
    let client = client();
    let mut failures = Vec::new();
    for (status, code, message, wanted) in codes() {
        for (call, wanted) in [Push, Query, Token].into_iter().zip(wanted) {
            let came = Came::Answer(envelope(status, code, message));
            let made = make(&client, call, &came, FRESH);
            if made != wanted {
                failures.push(format!(
                    "{call:?} {status} {code} {message:?}: {made:?}, not {wanted:?}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_row_of_the_table_of_codes_is_tried_here() {
    let source = include_str!("../../gateway/daraja/error_codes.rs");
    let table = source
        .split_once("static ERROR_CODES")
        .and_then(|(_, rest)| rest.split_once("];"))
        .map(|(table, _)| table)
        .unwrap();
    let in_table: Vec<&str> = table
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(in_table.len(), table.matches("row(").count());
    let tried = codes();
    let untried: Vec<_> = in_table
        .iter()
        .filter(|code| tried.iter().all(|row| row.1 != **code))
        .collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[rustfmt::skip]
#[test]
fn every_answer_without_an_error_code_is_decided_by_its_status_and_never_taken_for_an_acceptance() {
    let keys = Stop(Rejected, Authentication, false);
    let [push, query, soon] = NO_SHAPE;
    let client = client();
    let html = "<html><body>503</body></html>";
    // At the token's address a firewall that is asked again at once only counts one more.
    let [push_blocked, query_blocked, _] = unclear(Blocked, false);
    let firewall = [push_blocked, query_blocked, Stop(Rejected, Blocked, false)];
    let is_push = |made: Made| [made, query.clone(), soon.clone()];
    let mut failures = Vec::new();
    for (name, answer, wanted) in [
        ("401 without a body", answer(401, ""), [Renew, Renew, keys.clone()]),
        ("401 HTML", answer(401, html), [Renew, Renew, keys.clone()]),
        ("400 without a body", answer(400, ""), [push.clone(), query.clone(), keys]),
        ("400 HTML", answer(400, html), NO_SHAPE),
        ("403 HTML", answer(403, html), firewall),
        ("404 HTML", answer(404, html), NO_SHAPE),
        ("404 JSON of no shape", answer(404, "{}"), NO_SHAPE),
        ("429 without Retry-After", answer(429, "Too Many Requests"), PAUSED),
        ("429 with Retry-After", too_many("7"), [Again(7_000, 7_000), Again(7_000, 7_000), Again(7_000, 7_000)]),
        ("429 with a date", too_many("Wed, 21 Oct 2026 07:28:00 GMT"), PAUSED),
        ("429 with a negative Retry-After", too_many("-1"), PAUSED),
        ("429, come back after the deadline", too_many("30"),
            [Stop(NotSent, RateLimited, true), Stop(NotSent, RateLimited, true), Stop(NotSent, RateLimited, true)]),
        ("429, come back never", too_many("18446744073709551615"),
            [Stop(NotSent, RateLimited, true), Stop(NotSent, RateLimited, true), Stop(NotSent, RateLimited, true)]),
        ("500 without a body", answer(500, ""), FAILED),
        ("502 HTML", answer(502, html), FAILED),
        ("503 HTML", answer(503, html), FAILED),
        ("504 text", answer(504, "timeout"), FAILED),
        ("500 with an acceptance", answer(500, ACCEPTANCE), [push.clone(), FAILED[1].clone(), FAILED[2].clone()]),
        ("302", answer(302, ""), NO_SHAPE),
        ("204", answer(204, ""), NO_SHAPE),
        ("200 without a body", answer(200, ""), NO_SHAPE),
        ("200 HTML", answer(200, html), NO_SHAPE),
        ("200 truncated", answer(200, ACCEPTANCE.get(..60).unwrap()), NO_SHAPE),
        ("200 null", answer(200, "null"), NO_SHAPE),
        ("200 list", answer(200, &format!("[{ACCEPTANCE}]")), NO_SHAPE),
        ("200 twice the same member", answer(200, r#"{"ResponseCode":"0","ResponseCode":"0","CheckoutRequestID":"ws_CO_1"}"#), NO_SHAPE),
        ("an acceptance", answer(200, ACCEPTANCE), [Done, query.clone(), soon.clone()]),
        ("an acceptance under 201", answer(201, ACCEPTANCE), is_push(Done)),
        ("an acceptance with a number", answer(200, r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":0}"#), is_push(Done)),
        ("ResponseCode 1", answer(200, r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":"1"}"#), is_push(push.clone())),
        ("ResponseCode 1 without an id", answer(200, r#"{"ResponseCode":"1"}"#), is_push(Stop(Rejected, InvalidRequest, false))),
        ("ResponseCode Success without an id", answer(200, r#"{"ResponseCode":"Success"}"#), NO_SHAPE),
        ("ResponseCode 0 without an id", answer(200, r#"{"ResponseCode":"0"}"#), NO_SHAPE),
        ("ResponseCode 0 with an id that is none", answer(200, r#"{"ResponseCode":"0","CheckoutRequestID":"a b"}"#), NO_SHAPE),
        ("ResponseCode 0 with a number for an id", answer(200, r#"{"ResponseCode":"0","CheckoutRequestID":7}"#), NO_SHAPE),
        ("an id without a ResponseCode", answer(200, r#"{"CheckoutRequestID":"ws_CO_1"}"#), NO_SHAPE),
        ("a ResponseCode that is a list", answer(200, r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":[0]}"#), NO_SHAPE),
        ("a query's answer", answer(200, r#"{"ResponseCode":"0","ResultCode":"0","CheckoutRequestID":"ws_CO_1"}"#), [push.clone(), Done, soon.clone()]),
        ("a query's answer about another", answer(200, r#"{"ResultCode":"0","CheckoutRequestID":"ws_CO_2"}"#), NO_SHAPE),
        ("under processing", answer(200, r#"{"ResultCode":"4999","CheckoutRequestID":"ws_CO_1"}"#), [push.clone(), Open(Outcome::Pending), soon]),
        ("a token", answer(200, r#"{"access_token":"t","expires_in":"3599"}"#), [push.clone(), query.clone(), Done]),
        ("a blank token", answer(200, r#"{"access_token":" "}"#), NO_SHAPE),
    ] {
        for (call, wanted) in [Push, Query, Token].into_iter().zip(wanted) {
            let made = make(&client, call, &Came::Answer(answer.clone()), FRESH);
            if made != wanted {
                failures.push(format!("{call:?} {name}: {made:?}, not {wanted:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[rustfmt::skip]
#[test]
fn what_a_call_has_used_up_decides_whether_it_goes_on() {
    let client = client();
    let resent = |resends| Spent { resends, ..FRESH };
    let remaining = |millis| Spent { remaining: Duration::from_millis(millis), ..FRESH };
    let renewed = Spent { tokens_spent: true, ..FRESH };
    let busy = || Came::Answer(envelope(500, "500.003.02", "busy"));
    let token = || Came::Answer(envelope(404, "404.001.03", "Invalid Access Token"));
    let broken = || Came::Answer(answer(503, ""));
    let out_of_reach = Stop(NotSent, Connection, true);
    let mut failures = Vec::new();
    for (name, call, came, spent, wanted) in [
        ("not connected", Push, Came::NotConnected, FRESH, Again(100, 200)),
        ("not connected twice", Push, Came::NotConnected, resent(1), Again(200, 400)),
        ("not connected three times", Push, Came::NotConnected, resent(2), out_of_reach.clone()),
        ("not connected, no time", Push, Came::NotConnected, remaining(50), out_of_reach.clone()),
        ("not connected, out of time", Push, Came::NotConnected, remaining(0), out_of_reach.clone()),
        ("not connected", Query, Came::NotConnected, resent(2), out_of_reach.clone()),
        ("not connected", Token, Came::NotConnected, resent(2), out_of_reach),
        ("bytes left", Push, Came::BytesLeft, FRESH, Stop(Unknown, NoAnswer, false)),
        ("bytes left", Query, Came::BytesLeft, FRESH, Stop(Unknown, NoAnswer, true)),
        ("bytes left", Token, Came::BytesLeft, FRESH, SOON),
        ("bytes left twice", Token, Came::BytesLeft, resent(2), Stop(NotSent, NoAnswer, true)),
        ("busy", Push, busy(), resent(3), Again(4_000, 8_000)),
        ("busy to the end", Push, busy(), resent(4), Stop(NotSent, RateLimited, true)),
        ("busy, no time", Push, busy(), remaining(500), Stop(NotSent, RateLimited, true)),
        ("a token refused again", Push, token(), renewed, Stop(Rejected, Authentication, false)),
        ("a token refused again", Query, token(), renewed, Stop(Rejected, Authentication, false)),
        ("a token refused after resends", Push, token(), resent(4), Renew),
        ("busy after a new token", Push, busy(), renewed, Again(500, 1_000)),
        ("broken", Push, broken(), FRESH, Stop(Unknown, ProviderError, false)),
        ("broken after a new token", Push, broken(), renewed, Stop(Unknown, ProviderError, false)),
        ("broken to the end", Token, broken(), resent(2), Stop(NotSent, ProviderError, true)),
    ] {
        let made = make(&client, call, &came, spent);
        if made != wanted {
            failures.push(format!("{call:?} {name}: {made:?}, not {wanted:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
