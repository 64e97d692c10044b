//! How the guard says no.

use super::{ClosedBy, GuardRule, GuardTally};
use crate::{Disposition, EatTime, Error, ErrorKind};

/// One phone failed too often in a row.
pub(super) const PHONE_CLOSED: &str = "guard_phone_closed";
/// All phones together failed too often.
pub(super) const ACCOUNT_CLOSED: &str = "guard_account_closed";
/// The gateway itself has shut the door.
pub(super) const GATEWAY_BAN: &str = "guard_gateway_ban";

/// Whether an error is one of the guard's own.
pub(super) fn is_own(error: &Error) -> bool {
    [PHONE_CLOSED, ACCOUNT_CLOSED, GATEWAY_BAN].contains(&error.code())
}

pub(super) fn phone_closed(rules: &[GuardRule], tally: &GuardTally, now: EatTime) -> Error {
    let message = match reached(rules, tally) {
        Some(rule) => format!(
            "Nothing was sent: {} pushes in a row to this phone were not paid, and one more could make the gateway block it.",
            rule.failures
        ),
        None => "Nothing was sent: the gateway is closed for this phone.".to_owned(),
    };
    refusal(PHONE_CLOSED, message, tally, now)
}

pub(super) fn account_closed(rules: &[GuardRule], tally: &GuardTally, now: EatTime) -> Error {
    let closing = tally
        .closing
        .filter(|closing| Some(closing.until) == tally.opens_at());
    match (closing.map(|closing| closing.by), reached(rules, tally)) {
        (Some(ClosedBy::Gateway), _) => refusal(
            GATEWAY_BAN,
            "Nothing was sent: the gateway has banned this account's pushes for a while.".to_owned(),
            tally,
            now,
        ),
        (None, Some(rule)) => refusal(
            ACCOUNT_CLOSED,
            format!(
                "Nothing was sent: {} pushes of this account were not paid within {} hours, and one more could make the gateway block it.",
                rule.failures,
                rule.window.as_secs() / 3600
            ),
            tally,
            now,
        ),
        (Some(ClosedBy::Limits) | None, _) => refusal(
            ACCOUNT_CLOSED,
            "Nothing was sent: more pushes of this account failed than the gateway allows, and it has probably blocked the account.".to_owned(),
            tally,
            now,
        ),
    }
}

/// The rule that keeps the door shut longest.
fn reached<'a>(rules: &'a [GuardRule], tally: &GuardTally) -> Option<&'a GuardRule> {
    rules
        .iter()
        .zip(&tally.rules)
        .filter(|(_, counted)| counted.opens_at.is_some())
        .max_by_key(|(_, counted)| counted.opens_at)
        .map(|(rule, _)| rule)
}

fn refusal(code: &str, message: String, tally: &GuardTally, now: EatTime) -> Error {
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
    Error::new(ErrorKind::Blocked, Disposition::NotSent, code, message)
        .with_hint(hint)
        .with_retry_after(Some(retry_at.since(now)))
}

/// The next whole second: at the time that is shown the door is open.
fn whole_second_up(time: EatTime) -> EatTime {
    let millis = time.unix_millis();
    EatTime::from_unix_millis(millis.saturating_add((-millis).rem_euclid(1000)))
}
