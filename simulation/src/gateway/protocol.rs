//! The protocol of a gateway: the bytes of its messages. The work on a request is the same for all gateways.

use super::messages::{Ask, Question};
use super::prompt::{Claims, Prompt};
use super::responses::{html, respond};
use crate::plan::faults::{BlockWords, Oddity, Spoil};
use lipia::simulation::{Request, Response};

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
pub(crate) trait Protocol: Sync {
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

    /// Whether it announces blocks in words of its own.
    fn announces_blocks(&self) -> bool {
        false
    }

    /// After how long, in milliseconds, it posts again what nobody has taken in: one pause for each further time.
    fn posts_again_after_ms(&self) -> &'static [u64];

    /// How long a prompt that was just opened cannot be asked about, in milliseconds.
    fn knows_after_ms(&self, prompt: &Prompt) -> u64;

    fn not_found(&self) -> Response;
    fn header_refused(&self, ask: &Ask) -> Response;
    fn push_header_refused(&self) -> Response;
    fn busy(&self, retry_after_seconds: Option<u64>) -> Response;
    fn banned(&self, seconds: Option<u64>) -> Response;
    fn refused(&self) -> Response;
    fn subscriber_busy(&self) -> Response;
    fn internal_error(&self) -> Response;
    fn acceptance(&self, prompt: &Prompt) -> Response;

    /// An acceptance that contradicts itself.
    fn odd_acceptance(&self, prompt: &Prompt, oddity: Oddity) -> Response;

    /// The announcement of a block.
    fn blocked(&self, words: BlockWords, seconds: Option<u64>) -> Response {
        let _ = words;
        self.banned(seconds)
    }

    /// An answer to a question that tells of a success, and of whose it does not.
    fn unnamed_success(&self, question: &Question) -> Response;

    /// The answer to a question about these prompts.
    fn tell(&self, question: &Question, prompts: &[Prompt], says: Says) -> Response;

    /// The truth about a prompt, as it is posted once it was decided.
    fn callback(&self, prompt: &Prompt, at_ms: u64) -> Vec<u8>;

    /// What is posted with a code that nobody knows.
    fn unknown_callback(&self, prompt: &Prompt, code: u32, at_ms: u64) -> Vec<u8>;

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

/// What stands in place of an answer. Proxies and firewalls look alike before every gateway.
pub(super) fn spoiled(protocol: &dyn Protocol, spoil: Spoil, answer: Option<Response>) -> Response {
    match spoil {
        Spoil::Unavailable => html(503, "503 Service Temporarily Unavailable"),
        Spoil::Firewall => html(403, "Request unsuccessful. Incapsula incident"),
        Spoil::InternalError => protocol.internal_error(),
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
