//! What one gateway has that the others do not: its bytes. What it does with a request is the same for all.

use super::{Ask, Claims, Prompt};
use crate::plan::{Plan, Spoil};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use lipia::GatewayName;
use lipia::simulation::{Request, Response};

/// What somebody wants to know.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// What became of the prompt that has this id, whichever kind of id that is.
    Of(String),
    /// What was pushed lately, of that which mentions this reference.
    List(Option<String>),
}

/// What a gateway says when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Truth,
    /// "Being processed", whatever is true.
    StillProcessing,
    /// The same in other words.
    StillProcessingOtherwise,
    NoInformation,
    DoesNotExist,
}

/// A gateway's bytes.
pub(crate) trait Face: Sync {
    /// What a request asks for.
    fn read(&self, request: &Request) -> Ask;

    /// The header that lets every request in; `None` where tokens do.
    fn fixed_header(&self) -> Option<&'static str>;

    /// Whether a prompt is known by that id.
    fn is_known_by(&self, prompt: &Prompt, id: &str) -> bool;

    /// Whether it bans shops by a rule that it does not publish.
    fn bans(&self) -> bool {
        false
    }

    /// Whether it blocks phones and shops for pushes that nobody paid, by a rule that it publishes.
    fn blocks(&self) -> bool {
        false
    }

    /// After how long, in milliseconds, it posts again what nobody has taken in: one pause for each further time.
    fn posts_again_after_ms(&self) -> &'static [u64];

    /// How long a prompt that was just opened cannot be asked about, in milliseconds.
    fn knows_after_ms(&self, prompt: &Prompt) -> u64;

    fn not_found(&self) -> Response;
    fn header_refused(&self, ask: &Ask) -> Response;
    fn busy(&self, retry_after_seconds: Option<u64>) -> Response;
    fn banned(&self, seconds: Option<u64>) -> Response;
    fn refused(&self) -> Response;
    fn subscriber_busy(&self) -> Response;
    fn internal_error(&self) -> Response;
    fn acceptance(&self, prompt: &Prompt) -> Response;

    /// The answer to a question about these prompts.
    fn tell(&self, question: &Question, prompts: &[Prompt], says: Says) -> Response;

    /// The truth about a prompt, as it is posted once it was decided.
    fn callback(&self, prompt: &Prompt, at_ms: u64) -> Vec<u8>;

    /// What is posted while a prompt is open, where anything is.
    fn early_callback(&self, prompt: &Prompt, at_ms: u64) -> Option<Vec<u8>>;

    /// A success, as complete as it gets.
    fn success(&self, claims: &Claims<'_>, at_ms: u64) -> Vec<u8>;

    /// A success that says nothing of the money.
    fn bare_success(&self, claims: &Claims<'_>, at_ms: u64) -> Vec<u8>;

    /// Whether everything that it posts names amount and phone, failures too.
    fn names_the_money(&self) -> bool;

    /// Whether its successes do.
    fn successes_name_the_money(&self) -> bool {
        true
    }
}

/// The face that a plan asks for.
pub(crate) fn face_of(plan: &Plan) -> &'static dyn Face {
    match plan.gateway {
        GatewayName::PalPluss if plan.second_form => {
            &super::palpluss::PalPluss { snake_case: true }
        }
        GatewayName::PalPluss => &super::palpluss::PalPluss { snake_case: false },
        GatewayName::UpesiPay if plan.second_form => &super::upesipay::UpesiPay { is_second: true },
        GatewayName::UpesiPay => &super::upesipay::UpesiPay { is_second: false },
        _ => &super::daraja::Daraja,
    }
}

/// Sales are numbered in their references, `S7`: the gateway itself has no notion of one.
pub(super) fn sale_of(reference: &str) -> Option<usize> {
    reference.strip_prefix('S')?.parse().ok()
}

/// The path of an address.
pub(super) fn path_of(url: &str) -> String {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    behind_scheme
        .find('/')
        .and_then(|at| behind_scheme.get(at..))
        .unwrap_or("/")
        .to_owned()
}

/// A number's nine national digits.
pub(super) fn national(phone_number: &str) -> &str {
    phone_number.strip_prefix("254").unwrap_or(phone_number)
}

/// What M-Pesa says of its code.
pub(super) fn description(code: u32) -> &'static str {
    match code {
        0 => "The service request is processed successfully.",
        1 => "The balance is insufficient for the transaction.",
        1032 => "Request cancelled by user",
        1037 => "DS timeout user cannot be reached",
        2001 => "The initiator information is invalid.",
        _ => "The transaction failed",
    }
}

/// The time in UTC. A world is over long before its hour is.
pub(super) fn utc(at_ms: u64) -> String {
    let (minutes, seconds, millis) = (at_ms / 60_000, at_ms / 1_000 % 60, at_ms % 1_000);
    format!("2026-11-22T06:{minutes:02}:{seconds:02}.{millis:03}Z")
}

pub(super) fn json(status: u16, body: String) -> Response {
    respond(status, "application/json", body)
}

pub(super) fn html(status: u16, text: &str) -> Response {
    respond(
        status,
        "text/html",
        format!("<html><body><h1>{text}</h1></body></html>"),
    )
}

pub(super) fn respond(status: u16, content_type: &'static str, body: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response {
        status,
        headers,
        body: Bytes::from(body),
    }
}

pub(super) fn retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What stands in place of an answer. Proxies and firewalls look alike before every gateway.
pub(super) fn spoiled(face: &dyn Face, spoil: Spoil, answer: Option<Response>) -> Response {
    match spoil {
        Spoil::Unavailable => html(503, "503 Service Temporarily Unavailable"),
        Spoil::Firewall => html(403, "Request unsuccessful. Incapsula incident"),
        Spoil::InternalError => face.internal_error(),
        Spoil::Empty => respond(500, "text/plain", String::new()),
        Spoil::Html => html(200, "It works"),
        Spoil::Half => match answer {
            Some(mut answer) => {
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            None => respond(200, "application/json", "{".to_owned()),
        },
    }
}
