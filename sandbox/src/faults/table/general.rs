//! Faults that each gateway can have.

use crate::faults::effect::{Body, Change, Effect, Late};
use crate::faults::kind::FaultKind;
use crate::faults::row::{
    CALLBACK, EVERYWHERE, FIREWALL_PAGE, FaultRow, IDS_OF_QUERIES, PORTAL_PAGE, QUERY, REQUESTS,
    UNAVAILABLE_PAGE, around, instead, page, with_retry_after,
};
use crate::wire::answer::{JSON, PLAIN};

pub(super) const GENERAL: &[FaultRow] = &[
    FaultRow {
        acting_is_free: true,
        ..around(
            FaultKind::AnswerLost,
            "answer_lost",
            "the connection is closed without a byte of the answer",
            REQUESTS,
            Effect::CutBeforeAnswer,
        )
    },
    around(
        FaultKind::AnswerCut,
        "answer_cut",
        "the connection is closed in the middle of the answer's body",
        REQUESTS,
        Effect::CutInBody,
    ),
    FaultRow {
        after_acting: false,
        ..around(
            FaultKind::ConnectionRefused,
            "connection_refused",
            "the connection is closed before the request is read",
            REQUESTS,
            Effect::CloseUnread,
        )
    },
    around(
        FaultKind::SlowBefore,
        "slow_before",
        "waits `seconds`, then does its work; a client that hangs up does not stop it",
        EVERYWHERE,
        Effect::WaitBefore,
    ),
    around(
        FaultKind::SlowAfter,
        "slow_after",
        "does its work, waits `seconds`, then answers",
        REQUESTS,
        Effect::WaitAfter,
    ),
    around(
        FaultKind::TruncatedJson,
        "truncated_json",
        "half of the JSON body is missing, with a fitting length",
        EVERYWHERE,
        Effect::TruncateBody,
    ),
    instead(
        FaultKind::TooManyRequests,
        "too_many_requests",
        "429 without Retry-After",
        REQUESTS,
        429,
        Body::Text {
            content_type: PLAIN,
            text: "Too Many Requests",
        },
    ),
    with_retry_after(
        instead(
            FaultKind::TooManyRequestsRetryAfter,
            "too_many_requests_retry_after",
            "429 with Retry-After: `seconds`",
            REQUESTS,
            429,
            Body::Text {
                content_type: PLAIN,
                text: "Too Many Requests",
            },
        ),
        5.0,
    ),
    instead(
        FaultKind::UnavailableHtml,
        "unavailable_html",
        "503 with an HTML page",
        REQUESTS,
        503,
        page(UNAVAILABLE_PAGE),
    ),
    instead(
        FaultKind::FirewallHtml,
        "firewall_html",
        "403 with a web firewall's HTML page",
        REQUESTS,
        403,
        page(FIREWALL_PAGE),
    ),
    instead(
        FaultKind::Empty200,
        "empty_200",
        "200 with an empty JSON body",
        REQUESTS,
        200,
        Body::Text {
            content_type: JSON,
            text: "",
        },
    ),
    instead(
        FaultKind::Empty400,
        "empty_400",
        "400 with an empty text/plain body",
        REQUESTS,
        400,
        Body::Text {
            content_type: PLAIN,
            text: "",
        },
    ),
    instead(
        FaultKind::Empty500,
        "empty_500",
        "500 with an empty text/plain body",
        REQUESTS,
        500,
        Body::Text {
            content_type: PLAIN,
            text: "",
        },
    ),
    instead(
        FaultKind::Html200,
        "html_200",
        "200 with an HTML page",
        REQUESTS,
        200,
        page(PORTAL_PAGE),
    ),
    around(
        FaultKind::CallbackLost,
        "callback_lost",
        "the callback is not sent",
        CALLBACK,
        Effect::LoseCallback,
    ),
    around(
        FaultKind::CallbackTwice,
        "callback_twice",
        "the callback is sent twice",
        CALLBACK,
        Effect::DoubleCallback,
    ),
    FaultRow {
        takes_status: true,
        ..around(
            FaultKind::WholeAnswerUnderStatus,
            "whole_answer_under_status",
            "the whole answer under another HTTP status: `status` (429)",
            REQUESTS,
            Effect::UnderStatus(429),
        )
    },
    FaultRow {
        takes_status: true,
        seconds: 1.0,
        ..around(
            FaultKind::LateAnswer,
            "late_answer",
            "504 now, and the real answer on the same connection after `seconds` (1)",
            REQUESTS,
            Effect::Late(Late::InTime),
        )
    },
    FaultRow {
        takes_status: true,
        ..around(
            FaultKind::LateAnswerAtNext,
            "late_answer_at_next",
            "504 now, and the real answer ahead of the next answer on the same connection",
            REQUESTS,
            Effect::Late(Late::AtNextRequest),
        )
    },
    around(
        FaultKind::AnswerTwice,
        "answer_twice",
        "the answer is said twice on one connection",
        REQUESTS,
        Effect::SayTwice,
    ),
    instead(
        FaultKind::Echo,
        "echo",
        "400 whose message repeats the authorization, the path and the body of the request",
        REQUESTS,
        400,
        Body::Echo,
    ),
    around(
        FaultKind::QueryWithoutIds,
        "query_without_ids",
        "the answer names no id of the payment",
        QUERY,
        Effect::ChangeMembers {
            names: IDS_OF_QUERIES,
            change: Change::Remove,
        },
    ),
    around(
        FaultKind::QueryWithOtherIds,
        "query_with_other_ids",
        "the answer names the ids of another payment",
        QUERY,
        Effect::ChangeMembers {
            names: IDS_OF_QUERIES,
            change: Change::AnotherId,
        },
    ),
];
