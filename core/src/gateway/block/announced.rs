//! Whether an answer announces a block: by its code, else by the words of the vendors' documents.
//!
//! A rate limit passes in seconds; a block lasts for hours, and every push that meets it can make it longer. Whatever
//! is read as a block here is never resent.

use super::{Documented, read};
use crate::error::ErrorKind;
use crate::gateway::message::Answer;
use crate::gateway::refusal::{Meaning, Refusal};
use crate::json::Json;

/// The parts of an answer in which a block can stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    /// The answer's status, or the one that its body states.
    pub(crate) status: u16,
    pub(crate) code: &'a str,
    /// Whether the gateway's documents give this code another meaning: then its words cannot change it.
    pub(crate) is_known_code: bool,
    /// The body's object, where it has one.
    pub(crate) json: Option<&'a Json<'a>>,
}

/// The same refusal, unless the answer announces a block.
pub(crate) fn or_block(
    answer: &Answer,
    refusal: Refusal,
    said: Said<'_>,
    documented: Documented,
    hint: &str,
) -> Refusal {
    let words = words_of(answer, said.json);
    if !announces(said.status, said.code, said.is_known_code, &words) {
        return refusal;
    }
    let block = read(answer, said.json, said.code, &words, documented);
    let code = Some(said.code).filter(|code| !code.is_empty());
    Refusal {
        meaning: Meaning::SaidNo,
        kind: ErrorKind::Blocked,
        code: code.unwrap_or("blocked").to_owned(),
        hint: Some(hint.to_owned()),
        retry_after: Some(block.lasts),
        block: Some(block),
        ..refusal
    }
}

fn announces(status: u16, code: &str, is_known_code: bool, words: &str) -> bool {
    let by_code = tokens(code)
        .iter()
        .any(|token| is_strong(token) || is_weak(token));
    by_code || !is_known_code && (400..500).contains(&status) && speak_of_a_block(words)
}

/// Every text in the body's object, or the body itself where it is plain text.
fn words_of(answer: &Answer, json: Option<&Json<'_>>) -> String {
    const MAX_BYTES: usize = 4 * 1024;
    let mut words = String::new();
    match json {
        Some(json) => gather(json, &mut words),
        None => {
            let text = std::str::from_utf8(&answer.body).unwrap_or_default();
            if !text.trim_start().starts_with(['<', '{', '[']) && text.len() <= MAX_BYTES {
                words.push_str(text);
            }
        }
    }
    words
}

fn gather(json: &Json<'_>, words: &mut String) {
    match json {
        Json::Text(text) => {
            words.push_str(text);
            words.push('\n');
        }
        Json::List(items) => items.iter().for_each(|item| gather(item, words)),
        Json::Object(members) => members.iter().for_each(|(_, value)| gather(value, words)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn tokens(text: &str) -> Vec<String> {
    // `stkTempBanned` has its words told apart by case alone.
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut after_lower = false;
    for character in text.chars() {
        if after_lower && character.is_ascii_uppercase() {
            spaced.push(' ');
        }
        after_lower = character.is_ascii_lowercase();
        spaced.push(character.to_ascii_lowercase());
    }
    spaced
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A word that no rate limit uses.
fn is_strong(token: &str) -> bool {
    matches!(
        token,
        "ban"
            | "bans"
            | "banned"
            | "blocked"
            | "blacklisted"
            | "abuse"
            | "abusive"
            | "suspended"
            | "suspension"
    )
}

/// A word that a rate limit may use as well ("restricted to 60 requests a minute").
fn is_weak(token: &str) -> bool {
    matches!(
        token,
        "block" | "restricted" | "restriction" | "restrictions"
    )
}

fn speak_of_a_block(words: &str) -> bool {
    let tokens = tokens(words);
    let said = |word: &str| tokens.iter().any(|token| token == word);
    let pair = |first: &str, second: &str| {
        tokens
            .windows(2)
            .any(|two| matches!(two, [one, other] if one == first && other == second))
    };
    let of_rates = pair("rate", "limit")
        || pair("too", "many") && said("requests")
        || pair("per", "minute")
        || pair("a", "minute")
        || pair("per", "second");
    // An address or a scope that is restricted is a setting, not a block for a time.
    let of_a_setting = said("ip") || said("whitelist") || said("whitelisted") || said("scope");
    tokens.iter().any(|token| is_strong(token))
        || !of_rates && !of_a_setting && tokens.iter().any(|token| is_weak(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_told_from_a_rate_limit_by_its_code_and_by_the_words_of_the_documents() {
        for (status, code, words, wanted) in [
            (429, "STK_TEMP_BANNED", "", true),
            (429, "stk_temp_banned", "", true),
            (429, "stkTempBanned", "", true),
            (403, "STK_BANNED", "", true),
            (503, "STK_BANNED", "", true),
            (403, "ACCOUNT_RESTRICTED", "", true),
            (429, "account_blocked", "", true),
            (400, "PHONE_BLOCKED", "", true),
            (429, "STK_ABUSE", "", true),
            (429, "", "Your account is restricted for 4 hours", true),
            (403, "", "Account restricted: 24hrs", true),
            (429, "", "STK Abuse Protection: try later", true),
            (400, "", "This phone number is blocked for 24 hours", true),
            (403, "", "The number has been BANNED for a day", true),
            (429, "", "Restriction: many pushes failed", true),
            (403, "E1", "Too many requests: temporarily blocked", true),
            (
                429,
                "",
                "Too many requests. You are restricted to 60 requests per minute.",
                false,
            ),
            (403, "", "This IP address is restricted", false),
            (429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded", false),
            (429, "", "Too Many Requests", false),
            (400, "BANK_NOT_FOUND", "Unknown bank", false),
            (500, "", "Blocked by an upstream", false),
            (400, "", "Unblock the customer first", false),
        ] {
            assert_eq!(
                announces(status, code, false, words),
                wanted,
                "{status} {code} {words}"
            );
        }
        assert!(!announces(
            403,
            "INSUFFICIENT_SCOPE",
            true,
            "The key is blocked from this"
        ));
        assert!(announces(403, "STK_BANNED", true, ""));
    }
}
