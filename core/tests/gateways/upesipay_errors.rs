//! UpesiPay's refusals: what each means for the money.

use crate::server::Told;
use crate::upesipay::*;
use lipia::client::CallOptions;
use lipia::{Disposition, ErrorKind};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_error_is_a_no_only_where_that_is_known() {
    use Disposition::{NotSent, Rejected, Unknown};
    let gen1 = json!({ "error_message": "Invalid request" }).to_string();
    let gen2 = |status: u16| {
        json!({ "success": false, "status_code": status, "message": "No.", "error_code": "E1", "details": null }).to_string()
    };
    for (status, body, kind, code, disposition) in [
        (
            400,
            gen1.clone(),
            ErrorKind::InvalidRequest,
            "http_400",
            Rejected,
        ),
        (400, gen2(400), ErrorKind::InvalidRequest, "E1", Rejected),
        (401, gen2(401), ErrorKind::Authentication, "E1", Rejected),
        (402, gen2(402), ErrorKind::InvalidRequest, "E1", Rejected),
        (412, gen2(412), ErrorKind::InvalidRequest, "E1", Rejected),
        (200, gen2(402), ErrorKind::InvalidRequest, "E1", Rejected),
        (200, gen2(200), ErrorKind::ProviderError, "E1", Unknown),
        (
            404,
            gen1.clone(),
            ErrorKind::ProviderError,
            "refused",
            Unknown,
        ),
        (409, gen2(409), ErrorKind::ProviderError, "E1", Unknown),
        (500, gen2(500), ErrorKind::ProviderError, "E1", Unknown),
        (500, gen2(400), ErrorKind::ProviderError, "E1", Unknown),
        (
            429,
            gen1.clone(),
            ErrorKind::RateLimited,
            "http_429",
            NotSent,
        ),
        (
            429,
            String::new(),
            ErrorKind::RateLimited,
            "http_429",
            NotSent,
        ),
        (
            429,
            json!({ "error_message": "This phone is blocked for 24 hours" }).to_string(),
            ErrorKind::Blocked,
            "blocked",
            Rejected,
        ),
        (
            400,
            json!({ "error_message": "Account restricted" }).to_string(),
            ErrorKind::Blocked,
            "blocked",
            Rejected,
        ),
        (
            400,
            "<html>".to_owned(),
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            Unknown,
        ),
        (
            400,
            r#"{"detail":"?"}"#.to_owned(),
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            Unknown,
        ),
        (
            401,
            String::new(),
            ErrorKind::Authentication,
            "http_401",
            Rejected,
        ),
        (
            402,
            "[]".to_owned(),
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            Unknown,
        ),
        (
            502,
            "<html>".to_owned(),
            ErrorKind::ProviderError,
            "http_5xx",
            Unknown,
        ),
        (
            503,
            "<html>Request unsuccessful. Incapsula incident ID: 1-1</html>".to_owned(),
            ErrorKind::Blocked,
            "firewall_page",
            Unknown,
        ),
        (
            200,
            json!({ "success": true, "status": "QUEUED" }).to_string(),
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            Unknown,
        ),
        (
            200,
            json!({ "success": false, "CheckoutRequestID": CHECKOUT }).to_string(),
            ErrorKind::UnreadableAnswer,
            "unreadable_answer",
            Unknown,
        ),
    ] {
        let (server, client) = first([Told::new(status, body.clone())]);
        let client =
            client.with_options(CallOptions::default().timeout(Duration::from_millis(400)));
        let error = client.stk_push(push()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.disposition()),
            (kind, code, disposition),
            "{status} {body}"
        );
        assert_eq!(
            (server.asked().len(), error.http_status()),
            (1, Some(status)),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    let (server, client) = second([Told::new(429, "").header("retry-after", "1"), sent()]);
    client.stk_push(push()).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}
