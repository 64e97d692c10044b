//! The contract of a gateway: pure functions from pushes and queries to requests, and from answers to meanings.
//!
//! A gateway decides nothing about time, retries or storage and does no IO.

use super::message::{Answer, Request};
use super::query_target::QueryTarget;
use super::refusal::Reading;
use crate::error::Error;
use crate::meaning::event::Event;
use crate::meaning::redaction::{Redaction, Worded};
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::values::clock::EatTime;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::Secret;
use crate::values::fingerprint::Fingerprint;
use crate::values::gateway_name::GatewayName;
use crate::values::push::{Push, PushRules};
use http::HeaderValue;
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
    fn with_credentials(&self, credentials: &Credentials) -> Result<Arc<dyn Access>, Error>;

    /// The members by which its answers to a push name a prompt.
    fn prompt_members(&self) -> PromptMembers;

    /// Whether an acceptance states a phone or an amount that the push does not have.
    fn is_another_sale(&self, _push: &Push, _acceptance: &Acceptance) -> bool {
        false
    }

    /// What its answer to a push means by itself. Callers use [`read_push_answer`](super::named::read_push_answer), which
    /// looks for a prompt as well.
    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance>;

    /// Whether enough is known of a push to ask about it. A wait asks this at every step.
    fn can_ask(&self, target: &QueryTarget<'_>) -> bool;

    /// The address that a query goes to, as long as it is there.
    fn query_address(&self) -> QueryAddress {
        QueryAddress::Usual
    }

    /// Whether an answer says that there is nothing at the address that was asked.
    fn says_no_such_address(&self, _answer: &Answer) -> bool {
        false
    }

    /// What its answer to a query means.
    fn read_query_answer(&self, target: &QueryTarget<'_>, answer: &Answer) -> Reading<Status>;

    /// What a body that was posted to a callback URL says.
    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error>;

    /// Whether a success that an event reports must be seen in a query before it is believed.
    fn success_needs_query(&self) -> bool {
        false
    }
}

/// A gateway together with a merchant's keys: what makes requests.
pub(crate) trait Access: Send + Sync + fmt::Debug + 'static {
    /// How its calls are let in.
    fn authorization(&self) -> &Authorization;

    /// Tells the account apart from others at this gateway.
    fn account(&self) -> Fingerprint;

    /// The account in a ledger, the same in every process and without a secret: who has it can ask about its payments. Where
    /// the settings name what is paid (a short code, a channel) it stays when the credentials are renewed; else it is made of
    /// them.
    fn account_name(&self) -> String;

    /// Who is paid, as far as the settings say.
    fn payee(&self) -> Payee<'_>;

    /// The secret that stands in the bodies of requests, beside what authorizes them.
    fn pass_key(&self) -> Option<&Secret> {
        None
    }

    /// The request that prompts the phone.
    fn push_request(&self, push: &Push, now: EatTime) -> Request;

    /// The request that asks what became of a push; `None` when what is known of it is not enough to ask.
    fn query_request(
        &self,
        target: &QueryTarget<'_>,
        address: QueryAddress,
        now: EatTime,
    ) -> Option<Request>;
}

/// Who is paid by a merchant's pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payee<'a> {
    /// A pay bill.
    PayBill { short_code: &'a str },
    /// A till, and the store or head office that it belongs to.
    Till { till: &'a str, store: &'a str },
    /// A till whose number only each push names.
    TillWithoutNumber { store: &'a str },
    /// What the gateway has set up: a channel, or its only one.
    OfGateway { channel: Option<&'a str> },
}

/// Where a query goes, at a gateway that has more than one address for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryAddress {
    /// The address that exists everywhere.
    Usual,
    /// A newer address, which tells more and may be missing.
    Newer,
}

/// The members that name a prompt in a gateway's answers to a push, in lower case and without separators. Never a
/// request's id: ordinary refusals carry one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PromptMembers {
    /// M-Pesa's id.
    pub(crate) checkout: &'static [&'static str],
    /// The gateway's own id.
    pub(crate) own: &'static [&'static str],
    /// A member that only the answer to a question has: such an answer belongs to another request, and what it names is
    /// not this push's prompt.
    pub(crate) only_in_a_status: Option<&'static str>,
}

/// How calls are let in.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// With a token that another request fetches, and that may be refused and renewed at any time.
    Token(TokenExchange),
    /// With the same header every time.
    Fixed(HeaderValue),
}

impl Authorization {
    /// The header that the merchant's own keys make: of the request for a token, or of every request.
    pub(crate) fn own_header(&self) -> &HeaderValue {
        match self {
            Self::Token(exchange) => &exchange.header,
            Self::Fixed(header) => header,
        }
    }
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
    pub(crate) request: Request,
    /// The header of that request, which the merchant's own keys make.
    pub(crate) header: HeaderValue,
    /// What the answer means.
    pub(crate) read: fn(&Answer) -> Reading<FreshToken>,
}

/// A token as the gateway gives it.
pub(crate) struct FreshToken {
    pub(crate) value: Secret,
    pub(crate) lifetime: Duration,
}

impl Worded for FreshToken {
    fn redact(&mut self, _: &Redaction) {}
}
