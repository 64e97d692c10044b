//! A block that a gateway announces, over HTTP: one request learns of it, and no push leaves until it ends.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::guard::ClosedBy;
use lipia::{Client, Disposition, ErrorKind, PhoneNumber, StkPush};
use support::*;

const HOUR: u64 = 3_600;

type ClientOf = fn(&str) -> Client;

/// Whose pushes are refused from here on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Closed {
    Account,
    Phone,
}

/// An answer that announces a block, and what follows from it.
struct Case {
    client: ClientOf,
    status: u16,
    retry_after: Option<&'static str>,
    body: &'static str,
    closed: Closed,
    seconds: u64,
}

const fn case(
    client: ClientOf,
    status: u16,
    retry_after: Option<&'static str>,
    body: &'static str,
    closed: Closed,
    seconds: u64,
) -> Case {
    Case {
        client,
        status,
        retry_after,
        body,
        closed,
        seconds,
    }
}

static CASES: &[Case] = &[
    case(
        palpluss_at,
        429,
        None,
        r#"{"success":false,"error":{"message":"Too many","code":"STK_TEMP_BANNED","details":{"retryAfterSeconds":1800}}}"#,
        Closed::Account,
        1_800,
    ),
    case(
        palpluss_at,
        429,
        Some("900"),
        r#"{"success":false,"error":{"message":"Too many","code":"STK_TEMP_BANNED"}}"#,
        Closed::Account,
        900,
    ),
    case(
        palpluss_at,
        429,
        None,
        r#"{"success":false,"error":{"message":"Too many","code":"STK_ABUSE","details":{"retry_after_seconds":"600"}}}"#,
        Closed::Account,
        600,
    ),
    case(
        palpluss_at,
        429,
        None,
        r#"{"success":false,"error":{"message":"Banned.","code":"STK_TEMP_BANNED"}}"#,
        Closed::Account,
        HOUR,
    ),
    // As long as nobody's documents allow.
    case(
        palpluss_at,
        429,
        Some("1000000000000"),
        r#"{"success":false,"error":{"message":"Banned.","code":"STK_TEMP_BANNED"}}"#,
        Closed::Account,
        72 * HOUR,
    ),
    case(
        upesipay_at,
        403,
        None,
        r#"{"success":false,"status_code":403,"message":"Your account is restricted for 24 hours","error_code":"E1"}"#,
        Closed::Account,
        24 * HOUR,
    ),
    case(
        upesipay_at,
        403,
        None,
        r#"{"error_message":"This account is blocked: too many failed requests"}"#,
        Closed::Account,
        4 * HOUR,
    ),
    case(
        upesipay_at,
        403,
        None,
        r#"{"error_message":"This phone number is blocked: too many failed requests"}"#,
        Closed::Phone,
        24 * HOUR,
    ),
    case(
        upesipay_at,
        429,
        Some("120"),
        r#"{"success":false,"message":"Blocked.","details":{"retry_after_seconds":90}}"#,
        Closed::Account,
        90,
    ),
];

#[tokio::test]
async fn one_request_learns_of_a_block_and_nineteen_pushes_stay_here() {
    for case in CASES {
        let server = RawServer::start(|_| {
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(case.retry_after.map(|seconds| ("retry-after", seconds)));
            Play::Say(answer(case.status, &headers, case.body.as_bytes()))
        })
        .await;
        let client = (case.client)(&server.base_url);
        for number in 0..20 {
            let error = client.stk_push(sale(PAYS)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Blocked, "{}: {error}", case.body);
            if number > 0 {
                assert_eq!(error.code(), "guard_gateway_ban", "{}", case.body);
                assert_eq!(error.disposition(), Disposition::NotSent);
                let seconds = error.retry_after().unwrap().as_secs();
                // The test itself takes a moment.
                assert!(
                    (case.seconds - 20..=case.seconds).contains(&seconds),
                    "{}: {seconds}",
                    case.body
                );
            }
        }
        assert_eq!(server.seen().len(), 1, "{}", case.body);
        let another = client.stk_push(StkPush::new("254712000222", 10, "INV-2"));
        let error = another.await.unwrap_err();
        let stays_here = error.code() == "guard_gateway_ban";
        assert_eq!(stays_here, case.closed == Closed::Account, "{}", case.body);
    }
}

#[tokio::test]
async fn what_a_block_closes_stands_in_the_standing() {
    let server = RawServer::start(|_| {
        Play::json(403, r#"{"error_message":"This phone number is blocked"}"#)
    })
    .await;
    let client = upesipay_at(&server.base_url);
    client.stk_push(sale(PAYS)).await.unwrap_err();
    let standing = client
        .guard_standing(&PhoneNumber::parse(PAYS).unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(!standing.is_open() && standing.closing.is_none());
    assert_eq!(standing.phone_closing.unwrap().by, ClosedBy::Gateway);
    let other = PhoneNumber::parse("254712000222").unwrap();
    let standing = client.guard_standing(&other).await.unwrap().unwrap();
    assert!(standing.is_open());
}
