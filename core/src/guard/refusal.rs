//! The guard's refusals as errors.

use super::store::{ClosedBy, Rule, RuleTally, Tally};
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::values::clock::EatTime;

/// Whether an error is one of the guard's own.
pub(super) fn is_own(error: &Error) -> bool {
    [
        ErrorCode::GuardPhoneClosed,
        ErrorCode::GuardAccountClosed,
        ErrorCode::GuardGatewayBan,
    ]
    .iter()
    .any(|code| code.as_str() == error.code())
}

pub(super) fn phone_closed(rules: &[Rule], tally: &Tally, now: EatTime) -> Error {
    match (shut_by(tally), reached(rules, tally)) {
        (None, Some((_, count))) => refusal(
            ErrorCode::GuardPhoneClosed,
            format!(
                "Nothing was sent: {} in a row to this phone, and one more could make the gateway block it.",
                counted(count)
            ),
            tally,
            now,
        ),
        _ => refusal(
            ErrorCode::GuardGatewayBan,
            "Nothing was sent: the gateway has blocked pushes to this phone for a while."
                .to_owned(),
            tally,
            now,
        ),
    }
}

pub(super) fn account_closed(rules: &[Rule], tally: &Tally, now: EatTime) -> Error {
    match (shut_by(tally), reached(rules, tally)) {
        (Some(ClosedBy::Gateway), _) => refusal(
            ErrorCode::GuardGatewayBan,
            "Nothing was sent: the gateway has banned this account's pushes for a while.".to_owned(),
            tally,
            now,
        ),
        (None, Some((rule, count))) => refusal(
            ErrorCode::GuardAccountClosed,
            format!(
                "Nothing was sent: {} of this account within {} hours, and one more could make the gateway block it.",
                counted(count),
                rule.window.as_secs() / 3600
            ),
            tally,
            now,
        ),
        (Some(ClosedBy::Limits) | None, _) => refusal(
            ErrorCode::GuardAccountClosed,
            "Nothing was sent: more pushes of this account failed than the gateway allows, and it has probably blocked the account.".to_owned(),
            tally,
            now,
        ),
    }
}

/// What was counted, without a claim about what is not known: of an open push nobody knows yet whether it is paid.
fn counted(count: &RuleTally) -> String {
    let RuleTally {
        counted, unsettled, ..
    } = *count;
    let failed = counted.saturating_sub(unsettled);
    match (failed, unsettled) {
        (_, 0) => format!("{counted} pushes failed"),
        (0, _) => format!("{counted} pushes are still open"),
        _ => format!("{counted} pushes are open or failed ({failed} failed)"),
    }
}

/// Who shut the door, where a closing keeps it shut the longest.
fn shut_by(tally: &Tally) -> Option<ClosedBy> {
    tally
        .closing
        .filter(|closing| Some(closing.until) == tally.opens_at())
        .map(|closing| closing.by)
}

/// The rule that keeps the door shut longest.
fn reached<'a>(rules: &'a [Rule], tally: &'a Tally) -> Option<(&'a Rule, &'a RuleTally)> {
    rules
        .iter()
        .zip(&tally.rules)
        .filter(|(_, counted)| counted.opens_at.is_some())
        .max_by_key(|(_, counted)| counted.opens_at)
}

fn refusal(code: ErrorCode, message: String, tally: &Tally, now: EatTime) -> Error {
    let opens_at = tally.opens_at().unwrap_or(now);
    let retry_at = tally.retry_at().unwrap_or(opens_at);
    let time = whole_second_up(opens_at).to_iso();
    let hint = if retry_at < opens_at {
        format!(
            "Some of these pushes are still open: each that is paid makes room at once. At the latest it opens at {time}, East Africa Time."
        )
    } else {
        format!(
            "It opens again at {time}, East Africa Time. A payment by another way is not affected."
        )
    };
    Error::new(code, Disposition::NotSent, message)
        .with_hint(hint)
        .with_retry_after(Some(retry_at.since(now)))
}

/// The next whole second: at the time that is shown the door is open.
fn whole_second_up(time: EatTime) -> EatTime {
    let millis = time.unix_millis();
    EatTime::from_unix_millis(millis.saturating_add((-millis).rem_euclid(1000)))
}
