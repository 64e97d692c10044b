//! What a gateway is: pure functions from asks to requests and from answers to meanings.
//!
//! A gateway decides nothing about time, retries or storage and does no IO; [`crate::send`] and the verbs do that
//! for all of them alike. Each gateway is one folder with the same few files: `mod` (its settings), `push`,
//! `query`, `callback` and `wire` (the only place that knows what its bytes look like).

pub(crate) mod daraja;
mod flat;
mod keys;
pub(crate) mod palpluss;
pub(crate) mod reading;
mod refusal;
pub(crate) mod upesipay;

pub(crate) use keys::bearer;
pub(crate) use refusal::{Meaning, Reading, Refusal};

use crate::json::{self, Json};
use crate::token::TokenCache;
use crate::wiped::Wiped;
use crate::{
    AmountRules, Client, EatTime, Error, Event, GatewayName, Guard, Keys, Payment, Push, Status,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One system that can prompt a phone, as far as no keys are needed. The trait is sealed by its types: only this crate
/// can implement it.
pub(crate) trait Gateway: Send + Sync + fmt::Debug + 'static {
    /// Its name.
    fn name(&self) -> GatewayName;

    /// What it accepts in a push, beyond what is valid everywhere.
    fn rules(&self) -> PushRules;

    /// Settings of its own that a push names (`transaction_type` …), checked before the payment is reserved.
    fn check_options(&self, push: &Push) -> Result<(), Error>;

    /// What makes requests with a merchant's keys.
    ///
    /// # Errors
    /// `Configuration`: the keys are another gateway's, or one of them cannot be one.
    fn with_keys(&self, keys: &Keys) -> Result<Arc<dyn Access>, Error>;

    /// What its answer to a push means.
    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance>;

    /// Whether enough is known of a push to ask about it. A wait asks this at every step.
    fn can_ask(&self, subject: &Subject<'_>) -> bool;

    /// What its answer to a query means.
    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status>;

    /// What a body that was posted to a callback URL says.
    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error>;

    /// Whether a success that an event reports must be seen in a query before it is believed.
    fn success_needs_query(&self) -> bool {
        false
    }

    /// What keeps the merchant from being blocked unless the builder says otherwise, where the gateway blocks.
    fn usual_guard(&self) -> Option<Guard> {
        None
    }
}

/// A gateway together with a merchant's keys: what makes requests.
pub(crate) trait Access: Send + Sync + fmt::Debug + 'static {
    /// How its calls are let in.
    fn authorization(&self) -> &Authorization;

    /// The request that prompts the phone.
    fn push_request(&self, push: &Push, now: EatTime) -> Request;

    /// The request that asks what became of a push; `None` when what is known of it is not enough to ask.
    fn query_request(&self, subject: &Subject<'_>, now: EatTime) -> Option<Request>;
}

/// How calls are let in.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// With a token that another request fetches, and that may be refused and renewed at any time.
    Token(TokenExchange),
    /// With the same header every time.
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
    /// The token that these keys brought. With the keys it is forgotten.
    pub(crate) tokens: TokenCache,
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
    /// With a JSON body. A struct of texts and numbers always serialises; were it ever not to, every gateway
    /// refuses an empty body.
    pub(crate) fn post(path: impl Into<Cow<'static, str>>, body: &impl Serialize) -> Self {
        // A push has some 650 bytes: one allocation instead of four.
        let mut bytes = Wiped::with_capacity(1024);
        let written = serde_json::to_writer(&mut bytes, body);
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(written.map_or_else(|_| Bytes::new(), |()| bytes.into_bytes())),
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

/// One gateway, as what is common to all of them knows it. A new gateway is one more row.
struct Entry {
    name: GatewayName,
    from_env: fn() -> Result<Client, Error>,
    /// Whether an object can be one of its callbacks, by the members at its top.
    recognises_callback: fn(&Json<'_>) -> bool,
    event_of: fn(&Json<'_>, &[u8]) -> Result<Event, Error>,
}

/// In the order in which a callback without a name is tried.
static GATEWAYS: &[Entry] = &[
    Entry {
        name: GatewayName::Daraja,
        from_env: daraja::Daraja::from_env,
        recognises_callback: daraja::recognises_callback,
        event_of: daraja::event_of,
    },
    Entry {
        name: GatewayName::PalPluss,
        from_env: palpluss::PalPluss::from_env,
        recognises_callback: palpluss::recognises_callback,
        event_of: palpluss::event_of,
    },
    Entry {
        name: GatewayName::UpesiPay,
        from_env: upesipay::UpesiPay::from_env,
        recognises_callback: upesipay::recognises_callback,
        event_of: upesipay::event_of,
    },
];

fn entry(name: GatewayName) -> Result<&'static Entry, Error> {
    GATEWAYS
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            Error::configuration(
                "gateway_not_available",
                format!("This version of Lipia does not speak to {name}."),
            )
        })
}

/// A client for whichever gateway, from that gateway's environment variables: what its own `from_env` makes.
///
/// # Errors
/// `Configuration`, naming the variable that is missing or not valid.
///
/// ```no_run
/// # fn example() -> Result<(), lipia::Error> {
/// let name = std::env::var("PAY_WITH").unwrap_or_default();
/// let client = lipia::client_from_env(name.parse()?)?;
/// # let _ = client; Ok(()) }
/// ```
pub fn client_from_env(gateway: GatewayName) -> Result<Client, Error> {
    (entry(gateway)?.from_env)()
}

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
    let named = gateway.map(entry).transpose()?;
    let json = json::read(body, json::MOST_BYTES).map_err(reading::not_readable)?;
    let entry = match named {
        Some(entry) => entry,
        None => GATEWAYS
            .iter()
            .find(|entry| (entry.recognises_callback)(&json))
            .ok_or_else(|| match json {
                Json::Object(_) => reading::unrecognised_shape(),
                _ => reading::not_an_object(),
            })?,
    };
    (entry.event_of)(&json, body)
}

/// What is known of a push when asking about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The prompt's id: the acceptance's, or where that was lost the one that an event claims.
    pub(crate) checkout_request_id: Option<&'a str>,
    /// The receipt that an event names, where the gateway has yet to confirm it.
    pub(crate) receipt: Option<&'a str>,
    /// Everything else: the gateway's own id, and what a list can be searched for.
    pub(crate) payment: Option<&'a Payment>,
}

impl<'a> Subject<'a> {
    /// A prompt of which nothing is known but its id.
    pub(crate) fn prompt(id: &'a str) -> Self {
        Self {
            checkout_request_id: Some(id),
            receipt: None,
            payment: None,
        }
    }

    /// A payment, and what an event about it says where the payment does not know it yet.
    pub(crate) fn payment(payment: &'a Payment, event: Option<&'a Event>) -> Self {
        Self {
            checkout_request_id: payment
                .checkout_request_id()
                .or(event.and_then(|event| event.checkout_request_id.as_deref()))
                .or(payment.id_to_ask_by()),
            receipt: event
                .and_then(|event| event.receipt.as_deref())
                .or(payment.claimed_receipt()),
            payment: Some(payment),
        }
    }
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
    /// What only this gateway tells of the transaction (fee, provider ids, timestamps …), as JSON text for that
    /// gateway's own type to read: [`PalPlussTransaction::from_json`](crate::PalPlussTransaction::from_json),
    /// [`UpesiPayTransaction::from_json`](crate::UpesiPayTransaction::from_json). Daraja tells nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl Acceptance {
    /// An acceptance of which nothing is known but the prompt's id.
    pub(crate) fn new(gateway: GatewayName, checkout_request_id: impl Into<String>) -> Self {
        Self {
            gateway,
            checkout_request_id: checkout_request_id.into(),
            merchant_request_id: None,
            transaction_id: None,
            description: None,
            customer_message: None,
            details: None,
        }
    }
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
