//! What a gateway is: pure functions from asks to requests and from answers to meanings.
//!
//! A gateway decides nothing about time, retries or storage and does no IO; [`crate::send`] and the verbs do that
//! for all of them alike. Each gateway is one folder with the same few files: `mod` (its settings), `push`,
//! `query`, `callback` and `wire` (the only place that knows what its bytes look like).

pub(crate) mod daraja;
pub(crate) mod reading;

use crate::json::{self, Json};
use crate::{AmountRules, EatTime, Error, ErrorKind, Event, GatewayName, Push, Status};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// One system that can prompt a phone. The trait is sealed by its types: only this crate can implement it.
pub(crate) trait Gateway: Send + Sync + fmt::Debug + 'static {
    /// Its name.
    fn name(&self) -> GatewayName;

    /// What it accepts in a push, beyond what is valid everywhere.
    fn rules(&self) -> PushRules;

    /// Settings of its own that a push names (`transaction_type` …), checked before the payment is reserved.
    fn check_options(&self, push: &Push) -> Result<(), Error>;

    /// How its calls are let in.
    fn authorization(&self) -> &Authorization;

    /// The request that prompts the phone.
    fn push_request(&self, push: &Push, now: EatTime) -> Request;

    /// What its answer to a push means.
    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance>;

    /// The request that asks what became of a push; `None` when what is known of it is not enough to ask.
    fn query_request(&self, subject: &Subject<'_>, now: EatTime) -> Option<Request>;

    /// What its answer to a query means.
    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status>;

    /// What a body that was posted to a callback URL says.
    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error>;

    /// Whether a success that an event reports must be seen in a query before it is believed.
    fn success_needs_query(&self) -> bool {
        false
    }

    /// What keeps the merchant from being blocked, where the gateway blocks.
    fn guard(&self) -> Option<&dyn crate::guard::PushGuard> {
        None
    }
}

/// How calls are let in.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// With a token that another request fetches, and that may be refused and renewed at any time.
    Token(TokenExchange),
    /// With the same header every time.
    #[allow(
        dead_code,
        reason = "the gateways without OAuth use it; Daraja has OAuth"
    )]
    Fixed(HeaderValue),
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Fixed(_) => "Fixed",
        })
    }
}

/// How a token is fetched and read.
#[derive(Clone)]
pub(crate) struct TokenExchange {
    /// The request, with its own authorization header.
    pub(crate) request: Request,
    /// What the answer means.
    pub(crate) read: fn(&Answer) -> Reading<FreshToken>,
}

/// A token as the gateway gives it.
pub(crate) struct FreshToken {
    pub(crate) value: crate::Secret,
    pub(crate) lifetime: Duration,
}

/// What a gateway accepts in a push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PushRules {
    pub(crate) amount: AmountRules,
    pub(crate) account_reference_characters: usize,
    pub(crate) transaction_desc_characters: usize,
}

/// A request, before the base URL and the token are added.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query, starting with `/`.
    pub(crate) path: Cow<'static, str>,
    /// JSON, or nothing.
    pub(crate) body: Option<Bytes>,
    /// Set where the request does not use the usual authorization.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Request {
    pub(crate) fn post(path: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(body.into()),
            authorization: None,
        }
    }

    pub(crate) fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: None,
            authorization: None,
        }
    }

    pub(crate) fn with_authorization(mut self, header: HeaderValue) -> Self {
        self.authorization = Some(header);
        self
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// `Retry-After` in seconds. The HTTP-date form is not used by any gateway seen and is read as absent.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }

    /// Whether the status says that the request was carried out.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// How each gateway's callbacks are told apart, and read.
struct Callbacks {
    gateway: GatewayName,
    /// Whether an object can be one of this gateway's, by the members at its top.
    recognises: fn(&Json<'_>) -> bool,
    parse: fn(&[u8]) -> Result<Event, Error>,
}

static CALLBACKS: &[Callbacks] = &[Callbacks {
    gateway: GatewayName::Daraja,
    recognises: daraja::recognises_callback,
    parse: daraja::Daraja::parse_callback,
}];

/// What a body that was posted to a callback URL says, whichever gateway sent it: `None` tells them apart by the
/// body's shape.
///
/// # Errors
/// `InvalidCallback`; `unrecognised_shape` where no gateway sends such a body.
///
/// ```
/// assert_eq!(lipia::parse_callback(None, b"{}").unwrap_err().code(), "unrecognised_shape");
/// ```
pub fn parse_callback(gateway: Option<GatewayName>, body: &[u8]) -> Result<Event, Error> {
    let callbacks = match gateway {
        Some(name) => CALLBACKS
            .iter()
            .find(|callbacks| callbacks.gateway == name)
            .ok_or_else(|| {
                Error::configuration(
                    "gateway_not_available",
                    format!("This version of Lipia does not read {name}'s callbacks."),
                )
            })?,
        None => {
            let json = json::read(body, json::MOST_BYTES).map_err(reading::not_readable)?;
            CALLBACKS
                .iter()
                .find(|callbacks| (callbacks.recognises)(&json))
                .ok_or_else(|| match json {
                    Json::Object(_) => reading::refused(
                        "unrecognised_shape",
                        "The body has the shape of no gateway's callback.",
                        "Name the gateway if you know who sent it, and look at the raw body.",
                    ),
                    _ => reading::not_an_object(),
                })?
        }
    };
    (callbacks.parse)(body)
}

/// What an answer means.
pub(crate) enum Reading<T> {
    /// It is what was asked for.
    Done(T),
    /// It is anything else.
    Refused(Refusal),
}

/// What a gateway meant by an answer that is not what was asked for. What follows from it is
/// [`crate::send::decide`]'s business.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) meaning: Meaning,
    pub(crate) kind: ErrorKind,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) http_status: u16,
}

/// The four things that an answer can mean for a request that was not carried out as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The token is not accepted; the gateway did not act.
    TokenRefused,
    /// The gateway refused before it acted and would take the same request later.
    Busy,
    /// The gateway read the request and said no.
    SaidNo,
    /// It may or may not have acted.
    Unclear,
}

/// What is known of a push when asking about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) checkout_request_id: Option<&'a str>,
    #[allow(
        dead_code,
        reason = "what a gateway with ids of its own, or with a list to search, asks by"
    )]
    pub(crate) payment: Option<&'a crate::Payment>,
}

/// The gateway's "accepted for processing". **Not** a payment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Acceptance {
    /// Who accepted it.
    pub gateway: GatewayName,
    /// The prompt's id; query and callback name it. It embeds the payer's phone number.
    pub checkout_request_id: String,
    /// The request's id, where the gateway gives one.
    pub merchant_request_id: Option<String>,
    /// The gateway's own id for the transaction, where it has one beside the two above.
    pub transaction_id: Option<String>,
    /// What the gateway says of the request, for a log.
    pub description: Option<String>,
    /// What the gateway suggests to show the customer.
    pub customer_message: Option<String>,
}

impl fmt::Debug for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptance")
            .field("gateway", &self.gateway)
            .field(
                "checkout_request_id",
                &crate::mask::checkout_request_id(&self.checkout_request_id),
            )
            .field("merchant_request_id", &self.merchant_request_id)
            .field("transaction_id", &self.transaction_id)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}
