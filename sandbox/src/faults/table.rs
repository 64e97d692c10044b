//! THE table of faults: one row each. To add one, add a variant and a row.

use super::kind::{Body, Effect, FaultKind};
use crate::answer::{HTML, JSON, PLAIN};
use crate::gateway::Step;

/// A row of [`FAULTS`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FaultRow {
    /// The kind.
    pub kind: FaultKind,
    /// Its name in the control API.
    pub name: &'static str,
    /// For people.
    pub about: &'static str,
    /// The steps it can happen at.
    pub steps: &'static [Step],
    /// Whether the gateway does its work, unless the fault says otherwise.
    pub after_acting: bool,
    /// Whether the fault may say otherwise.
    pub acting_is_free: bool,
    /// The seconds of a fault that does not name them.
    pub seconds: f64,
    pub(crate) effect: Effect,
}

const REQUESTS: &[Step] = Step::REQUESTS;
const EVERYWHERE: &[Step] = &[Step::Oauth, Step::Push, Step::Query, Step::Callback];
const PUSH_AND_QUERY: &[Step] = &[Step::Push, Step::Query];
const OAUTH: &[Step] = &[Step::Oauth];
const CALLBACK: &[Step] = &[Step::Callback];

const UNAVAILABLE_PAGE: &str = "<html><head><title>503 Service Temporarily Unavailable</title></head>\
    <body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>";
const FIREWALL_PAGE: &str = "<html style=\"height:100%\"><head><META NAME=\"ROBOTS\" CONTENT=\"NOINDEX, NOFOLLOW\">\
    </head><body style=\"margin:0px;height:100%\"><iframe id=\"main-iframe\" \
    src=\"/_Incapsula_Resource?CWUDNSAI=1&incident_id=0-0\" width=\"100%\" height=\"100%\">\
    Request unsuccessful. Incapsula incident ID: 0-0</iframe></body></html>";
const PORTAL_PAGE: &str =
    "<!DOCTYPE html><html><head><title>Safaricom</title></head><body>Please wait</body></html>";

/// A fault around an answer that is otherwise the gateway's own.
const fn around(
    kind: FaultKind,
    name: &'static str,
    about: &'static str,
    steps: &'static [Step],
    effect: Effect,
) -> FaultRow {
    FaultRow {
        kind,
        name,
        about,
        steps,
        after_acting: true,
        acting_is_free: false,
        seconds: 30.0,
        effect,
    }
}

/// A fault that answers something else: by default a refusal before acting.
const fn instead(
    kind: FaultKind,
    name: &'static str,
    about: &'static str,
    steps: &'static [Step],
    status: u16,
    body: Body,
) -> FaultRow {
    let effect = Effect::Answer {
        status,
        body,
        retry_after: false,
    };
    FaultRow {
        kind,
        name,
        about,
        steps,
        after_acting: false,
        acting_is_free: true,
        seconds: 0.0,
        effect,
    }
}

const fn error(code: &'static str, message: &'static str) -> Body {
    Body::DarajaError { code, message }
}

const fn page(text: &'static str) -> Body {
    Body::Text {
        content_type: HTML,
        text,
    }
}

/// Every fault.
pub const FAULTS: &[FaultRow] = &[
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
        FaultKind::SystemBusy,
        "system_busy",
        "500 500.003.02: system is busy",
        REQUESTS,
        500,
        error(
            "500.003.02",
            "System is busy. Please try again in few minutes.",
        ),
    ),
    instead(
        FaultKind::SpikeArrest,
        "spike_arrest",
        "500 500.003.02: spike arrest violation",
        REQUESTS,
        500,
        error("500.003.02", "Error Occurred: Spike Arrest Violation"),
    ),
    instead(
        FaultKind::Quota,
        "quota",
        "500 500.003.03: quota violation",
        REQUESTS,
        500,
        error("500.003.03", "Error Occurred: Quota Violation"),
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
    FaultRow {
        seconds: 5.0,
        effect: Effect::Answer {
            status: 429,
            body: Body::Text {
                content_type: PLAIN,
                text: "Too Many Requests",
            },
            retry_after: true,
        },
        ..instead(
            FaultKind::TooManyRequestsRetryAfter,
            "too_many_requests_retry_after",
            "429 with Retry-After: `seconds`",
            REQUESTS,
            429,
            Body::Text {
                content_type: PLAIN,
                text: "",
            },
        )
    },
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
        FaultKind::InternalError,
        "internal_error",
        "500 500.003.1001: internal server error",
        REQUESTS,
        500,
        error("500.003.1001", "Internal Server Error"),
    ),
    instead(
        FaultKind::InvalidToken404,
        "invalid_token_404",
        "404 404.001.03: invalid access token",
        PUSH_AND_QUERY,
        404,
        error("404.001.03", "Invalid Access Token"),
    ),
    instead(
        FaultKind::InvalidToken401,
        "invalid_token_401",
        "401 401.002.01: invalid access token",
        PUSH_AND_QUERY,
        401,
        error("401.002.01", "Error Occurred - Invalid Access Token"),
    ),
    instead(
        FaultKind::InvalidToken400,
        "invalid_token_400",
        "400 400.003.01: invalid access token",
        PUSH_AND_QUERY,
        400,
        error("400.003.01", "Invalid Access Token"),
    ),
    instead(
        FaultKind::InvalidCredentials,
        "invalid_credentials",
        "400 400.008.01: invalid authentication passed",
        OAUTH,
        400,
        error("400.008.01", "Invalid Authentication passed"),
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
        FaultKind::ExpiresInMissing,
        "expires_in_missing",
        "a token without expires_in",
        OAUTH,
        Effect::ChangeMember {
            name: "expires_in",
            value: None,
        },
    ),
    around(
        FaultKind::ExpiresInGarbage,
        "expires_in_garbage",
        "a token whose expires_in is the word soon",
        OAUTH,
        Effect::ChangeMember {
            name: "expires_in",
            value: Some("soon"),
        },
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
];

/// What a kind without a row would do. A test sees to it that there is none.
pub(super) const NO_ROW: FaultRow = instead(FaultKind::Empty500, "", "", REQUESTS, 500, page(""));
