//! Blocks that gateways announce: whose pushes are refused, and for how long.

pub(crate) mod announced;

use super::{flat, reading};
use crate::error::block::{Block, BlockScope};
use crate::gateway::message::Answer;
use crate::json::Json;
use std::time::Duration;

/// How long a gateway's blocks last, as its documents say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documented {
    pub(crate) account: Duration,
    pub(crate) phone: Duration,
}

/// Reads the block that a refusal announces. `json` is the answer's object, where it has one.
fn read(
    answer: &Answer,
    json: Option<&Json<'_>>,
    code: &str,
    message: &str,
    documented: Documented,
) -> Block {
    let scope = scope(code, message);
    let lasts = json
        .and_then(told_in_members)
        .or_else(|| answer.retry_after())
        .or_else(|| told_in_words(message))
        // "Try again at once" is not how long a block lasts.
        .filter(|time| !time.is_zero())
        .unwrap_or(match scope {
            BlockScope::Account => documented.account,
            BlockScope::Phone => documented.phone,
        });
    Block { scope, lasts }
}

/// A refusal that names the account, or nobody, closes the account: every further push would be one more offence.
fn scope(code: &str, message: &str) -> BlockScope {
    let text = format!("{code} {message}").to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if names(&[
        "phone",
        "msisdn",
        "mobile number",
        "this number",
        "subscriber",
    ]) && !names(&["account", "api key", "merchant", "tenant"])
    {
        BlockScope::Phone
    } else {
        BlockScope::Account
    }
}

/// The seconds that a member tells, at the top of the answer or in one of the objects that hold an error's details.
pub(crate) fn told_in_members(json: &Json<'_>) -> Option<Duration> {
    const NAMES: [&str; 4] = [
        "retryAfterSeconds",
        "retry_after_seconds",
        "retryAfter",
        "retry_after",
    ];
    let error = json.object("error");
    [
        error.and_then(|error| error.object("details")),
        json.object("details"),
        error,
        json.object("data"),
        Some(json),
    ]
    .into_iter()
    .flatten()
    .find_map(|object| {
        flat::get(object, &NAMES)
            .and_then(Json::as_text_or_number)
            .and_then(whole_seconds)
    })
}

/// Whole seconds, rounded up; a month at most, so that nothing overflows further on.
pub(crate) fn whole_seconds(text: &str) -> Option<Duration> {
    const MAX_SECONDS: u64 = 31 * 24 * 3_600;
    const MAX_DIGITS: usize = 15;
    let text = text.trim();
    let plain = reading::integer(text).filter(|digits| digits.len() <= MAX_DIGITS);
    let text = plain.as_deref().unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let more = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    let seconds = whole
        .parse::<u64>()
        .unwrap_or(MAX_SECONDS)
        .saturating_add(more);
    Some(Duration::from_secs(seconds.min(MAX_SECONDS)))
}

/// The time that the words tell, such as "for 4 hours": the longest, where they tell several.
fn told_in_words(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    let words: Vec<&str> = message
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words
        .iter()
        .zip(words.iter().skip(1).map(Some).chain([None]));
    pairs
        .filter_map(|(word, next)| {
            let digits = word.bytes().take_while(u8::is_ascii_digit).count();
            let (number, unit) = word.split_at(digits);
            let number = match number {
                "" if matches!(*word, "an" | "one" | "a") => 1,
                number => number.parse::<u64>().ok()?,
            };
            let unit = if digits == 0 || unit.is_empty() {
                *next?
            } else {
                unit
            };
            let seconds = match unit {
                "s" | "sec" | "secs" | "second" | "seconds" => 1,
                "m" | "min" | "mins" | "minute" | "minutes" => 60,
                "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
                "d" | "day" | "days" => 86_400,
                _ => return None,
            };
            Some(Duration::from_secs(number.saturating_mul(seconds)))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_how_long_a_block_lasts() {
        for (words, seconds) in [
            ("Your account is restricted for 4 hours", Some(14_400)),
            ("Blocked for 24hrs.", Some(86_400)),
            ("Try again in 30 minutes", Some(1_800)),
            ("STK Abuse Protection: banned for one hour", Some(3_600)),
            ("banned for an hour", Some(3_600)),
            (
                "too many (51) failed pushes in 6 hours: blocked for 24 HOURS",
                Some(86_400),
            ),
            ("blocked for 72h", Some(259_200)),
            ("51 requests failed", None),
            ("This account is blocked", None),
            ("99999999999999999999 hours", None),
            ("", None),
        ] {
            assert_eq!(
                told_in_words(words),
                seconds.map(Duration::from_secs),
                "{words}"
            );
        }
    }

    #[test]
    fn a_refusal_that_names_the_phone_alone_blocks_the_phone() {
        for (code, message, expected) in [
            (
                "PHONE_BLOCKED",
                "too many failed requests",
                BlockScope::Phone,
            ),
            ("", "This phone number is blocked", BlockScope::Phone),
            (
                "",
                "This number is blocked for this account",
                BlockScope::Account,
            ),
            ("ACCOUNT_RESTRICTED", "", BlockScope::Account),
            ("STK_TEMP_BANNED", "Too many requests", BlockScope::Account),
        ] {
            assert_eq!(scope(code, message), expected, "{code} {message}");
        }
    }
}
