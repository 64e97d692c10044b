//! The prompt that an answer to a push names, wherever in the answer it stands.
//!
//! An answer that names a prompt is never read as "nobody was prompted", whatever its status and codes say.

use super::contract::PromptMembers;
use super::refusal::{Meaning, Reading, Refusal};
use crate::error::ErrorKind;
use crate::error::ids::{CheckoutRequestId, NamedPrompt};
use crate::gateway::contract::Gateway;
use crate::gateway::message::Answer;
use crate::json;
use crate::json::Json;
use crate::payment::acceptance::Acceptance;
use crate::values::push::Push;

/// What an answer to a push means. Every answer passes here: one that names a prompt is an acceptance or `unknown`, and
/// one that speaks of another sale is never an acceptance.
pub(crate) fn read_push_answer(
    gateway: &dyn Gateway,
    push: &Push,
    answer: &Answer,
) -> Reading<Acceptance> {
    let members = gateway.prompt_members();
    match gateway.read_push_answer(answer) {
        Reading::Done(_) if is_a_status(answer, members) => Reading::Refused(Refusal::unreadable(
            answer,
            "it is the answer to a question and not to a push",
        )),
        Reading::Done(acceptance) if gateway.is_another_sale(push, &acceptance) => {
            Reading::Refused(Refusal::unreadable(answer, "it speaks of another sale"))
        }
        Reading::Done(acceptance) => Reading::Done(acceptance),
        Reading::Refused(refusal) => Reading::Refused(match named_in(answer, members) {
            Mention::Nothing => refusal,
            Mention::Something => contradictory(refusal, None),
            Mention::Prompt(named) => contradictory(refusal, Some(named)),
        }),
    }
}

/// A refusal of an answer that names a prompt as well: nobody can tell which of the two is true but the gateway.
fn contradictory(refusal: Refusal, named: Option<NamedPrompt>) -> Refusal {
    let hint = "The gateway\u{2019}s answer names a prompt and does not accept the push.";
    Refusal {
        meaning: Meaning::Unclear,
        kind: ErrorKind::UnreadableAnswer,
        hint: Some(match refusal.hint {
            Some(first) if refusal.kind == ErrorKind::UnreadableAnswer => first,
            _ => hint.to_owned(),
        }),
        retry_after: None,
        named: named.map(Box::new),
        is_own_form: false,
        ..refusal
    }
}

/// How an answer mentions a prompt.
enum Mention {
    Nothing,
    /// It has the member, and not one id that can be asked about.
    Something,
    Prompt(NamedPrompt),
}

/// The most bytes in which a prompt is looked for.
const MAX_BYTES: usize = 512 * 1024;

fn named_in(answer: &Answer, members: PromptMembers) -> Mention {
    let Ok(json) = json::read(&answer.body, MAX_BYTES) else {
        return mentioned_in(&answer.body, members);
    };
    let mut found = Found::default();
    found.look_in(&json, members);
    let (checkouts, owns) = (found.checkouts, found.owns);
    if checkouts.is_empty() && owns.is_empty() {
        return Mention::Nothing;
    }
    match (checkouts.as_slice(), owns.as_slice()) {
        ([_, _, ..], _) | (_, [_, _, ..]) => Mention::Something,
        _ if found.is_a_status => Mention::Something,
        (checkout, own) => Mention::Prompt(NamedPrompt {
            checkout_request_id: checkout.first().copied().map(CheckoutRequestId::as_stated),
            transaction_id: own.first().map(|id| (*id).to_owned()),
        }),
    }
}

/// In a body that is not JSON (cut short, a member twice, too large) the name of the member alone counts.
fn mentioned_in(body: &[u8], members: PromptMembers) -> Mention {
    let text = plain(&String::from_utf8_lossy(body));
    let is_json = body.trim_ascii_start().first() == Some(&b'{');
    let names = |list: &[&str]| list.iter().any(|name| text.contains(name));
    if names(members.checkout) || is_json && names(members.own) {
        Mention::Something
    } else {
        Mention::Nothing
    }
}

fn is_a_status(answer: &Answer, members: PromptMembers) -> bool {
    let Ok(json) = json::read(&answer.body, MAX_BYTES) else {
        return false;
    };
    let mut found = Found::default();
    found.look_in(&json, members);
    found.is_a_status
}

#[derive(Default)]
struct Found<'j> {
    checkouts: Vec<&'j str>,
    owns: Vec<&'j str>,
    is_a_status: bool,
}

impl<'j> Found<'j> {
    fn look_in(&mut self, json: &'j Json<'j>, members: PromptMembers) {
        match json {
            Json::List(items) => items.iter().for_each(|item| self.look_in(item, members)),
            Json::Object(entries) => {
                for (name, value) in entries {
                    let name = plain(name);
                    let is = |list: &[&str]| list.contains(&name.as_str());
                    self.is_a_status |= members.only_in_a_status == Some(name.as_str());
                    match value.as_text_or_number().filter(|id| is_an_id(id)) {
                        Some(id) if is(members.checkout) => keep(&mut self.checkouts, id),
                        Some(id) if is(members.own) => keep(&mut self.owns, id),
                        _ => self.look_in(value, members),
                    }
                }
            }
            _ => {}
        }
    }
}

fn keep<'j>(ids: &mut Vec<&'j str>, id: &'j str) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

/// Whether a text can be an id: visible ASCII, and not one of the words for "nothing".
pub(crate) fn is_an_id(text: &str) -> bool {
    const NOTHING: [&str; 10] = [
        "null",
        "none",
        "nil",
        "undefined",
        "nan",
        "n/a",
        "na",
        "0",
        "-",
        "false",
    ];
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A name in lower case and without its separators.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect()
}
