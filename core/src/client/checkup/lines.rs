//! The lines of a checkup, decided from what was found. Pure.

use super::{CheckLine, CheckPart, CheckState};
use crate::error::codes::ErrorCode;
use crate::error::{Error, ErrorKind};
use crate::gateway::contract::{Authorization, Payee};
use crate::ledger::report::LedgerReport;
use crate::meaning::status::Status;
use crate::values::callback_url::{CallbackUrl, is_of_reach};
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use std::time::Duration;

/// How far two clocks may be apart without a word. Requests take a while, and `Date` has whole seconds.
const USUAL_DIFFERENCE: Duration = Duration::from_secs(30);

/// From here on a clock is plainly wrong: tokens look older or younger than they are, and dates of payments do not fit.
const WRONG_CLOCK: Duration = Duration::from_secs(300);

/// Which secrets the gateway has of a client: they decide what a question about a made-up prompt proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A token, and short code and pass key in every request.
    TokenAndPassKey,
    /// A header that is the same in every request.
    Header,
}

impl Proof {
    pub(crate) fn of(authorization: &Authorization, has_pass_key: bool) -> Self {
        match authorization {
            Authorization::Token(_) if has_pass_key => Self::TokenAndPassKey,
            Authorization::Token(_) | Authorization::Fixed(_) => Self::Header,
        }
    }
}

/// The settings as a whole.
pub(crate) fn of_settings(
    gateway: GatewayName,
    environment: Environment,
    origin: &str,
) -> CheckLine {
    let version = env!("CARGO_PKG_VERSION");
    let message = format!("{gateway}, {environment}, {origin}; lipia {version}");
    CheckLine::new(CheckPart::Settings, CheckState::Good, message)
}

/// Connection, credentials and pass key, by the answer to a question about a prompt that does not exist. Any answer of the
/// gateway's that does not refuse them proves them.
pub(crate) fn of_question(proof: Proof, answer: &Result<Status, Error>) -> [CheckLine; 3] {
    let connected = || good(CheckPart::Connection, "the gateway answers");
    let pass_key = || match proof {
        Proof::TokenAndPassKey => good(
            CheckPart::PassKey,
            "short code and pass key were not refused",
        ),
        Proof::Header => good(CheckPart::PassKey, "this gateway has none"),
    };
    let Err(error) = answer else {
        return [connected(), good_credentials(proof), pass_key()];
    };
    let unchecked = |part| CheckLine::not_checked(part, CheckPart::Connection);
    match error.kind() {
        ErrorKind::Authentication => [
            connected(),
            CheckLine::broken(CheckPart::Credentials, error),
            CheckLine::not_checked(CheckPart::PassKey, CheckPart::Credentials),
        ],
        ErrorKind::Credentials => [
            connected(),
            good_credentials(proof),
            CheckLine::broken(CheckPart::PassKey, error),
        ],
        ErrorKind::Storage | ErrorKind::Configuration => [
            CheckLine::not_checked(CheckPart::Connection, CheckPart::Credentials),
            CheckLine::broken(CheckPart::Credentials, error),
            CheckLine::not_checked(CheckPart::PassKey, CheckPart::Credentials),
        ],
        // The question's own: the gateway has read who asks.
        ErrorKind::InvalidRequest | ErrorKind::InvalidInput => {
            [connected(), good_credentials(proof), pass_key()]
        }
        ErrorKind::RateLimited if error.code() == ErrorCode::QuestionPaced.as_str() => [
            CheckLine::of_error(CheckPart::Connection, CheckState::NotChecked, error),
            unchecked(CheckPart::Credentials),
            unchecked(CheckPart::PassKey),
        ],
        _ => [
            CheckLine::broken(CheckPart::Connection, error),
            unchecked(CheckPart::Credentials),
            unchecked(CheckPart::PassKey),
        ],
    }
}

fn good_credentials(proof: Proof) -> CheckLine {
    let message = match proof {
        Proof::TokenAndPassKey => "the gateway gave a token for them, and took it",
        Proof::Header => "the gateway took them",
    };
    good(CheckPart::Credentials, message)
}

/// This machine's clock: `ahead_millis` is how far it is ahead of the gateway's, where an answer told.
pub(crate) fn of_clock(ahead_millis: Option<i64>) -> CheckLine {
    let Some(ahead) = ahead_millis else {
        let message = "not checked: no answer of the gateway told the time";
        return CheckLine::new(CheckPart::Clock, CheckState::NotChecked, message);
    };
    let apart = Duration::from_millis(ahead.unsigned_abs());
    let way = if ahead < 0 { "behind" } else { "ahead of" };
    let state = match apart {
        _ if apart >= WRONG_CLOCK => CheckState::Broken,
        _ if apart >= USUAL_DIFFERENCE => CheckState::Remarkable,
        _ => CheckState::Good,
    };
    let message = format!("{:.1} s {way} the gateway's", apart.as_secs_f64());
    let line = CheckLine::new(CheckPart::Clock, state, message);
    if state == CheckState::Good {
        return line;
    }
    line.with_hint("Let this machine keep its clock by NTP: a password has the time in it, and so has every payment.")
}

/// Who is paid, as far as the settings say.
pub(crate) fn of_payee(payee: &Payee<'_>, environment: Environment) -> CheckLine {
    let part = CheckPart::Till;
    match *payee {
        Payee::Till { till, store } => good(part, &format!("till {till} of store {store}")),
        Payee::TillWithoutNumber { store } => CheckLine::new(
            part,
            CheckState::Broken,
            format!("store {store} is set up for a till, and the till's number is not set"),
        )
        .with_hint("Set MPESA_TILL_NUMBER (party_b) to the till that is paid."),
        // Stores of tills have seven digits, and so have some pay bills.
        Payee::PayBill { short_code }
            if environment == Environment::Production && short_code.len() == 7 =>
        {
            let message = format!("short code {short_code} is pushed as a pay bill");
            CheckLine::new(part, CheckState::Remarkable, message).with_hint(
                "Right for a pay bill. For a till: MPESA_TRANSACTION_TYPE=CustomerBuyGoodsOnline MPESA_TILL_NUMBER=<the till>",
            )
        }
        Payee::PayBill { short_code } => good(part, &format!("pay bill {short_code}")),
        Payee::OfGateway {
            channel: Some(channel),
        } => good(part, &format!("channel {channel}")),
        Payee::OfGateway { channel: None } => good(part, "the gateway's own setting"),
    }
}

/// The callback URL, by its form. `is_called_from_here`: the developer's own sandbox is the gateway.
pub(crate) fn of_callback(base: Option<&CallbackUrl>, is_called_from_here: bool) -> CheckLine {
    let part = CheckPart::Callback;
    let Some(base) = base else {
        let message = "no callback URL is set: every push must name one";
        return CheckLine::new(part, CheckState::Remarkable, message)
            .with_hint("Set MPESA_CALLBACK_URL to the public https:// address below which Lipia's handler is mounted.");
    };
    let warnings = base.warnings();
    let told = warnings
        .iter()
        .find(|warning| !(is_called_from_here && is_of_reach(warning)));
    match told {
        None => good(part, &shown(base)),
        Some(warning) => CheckLine {
            code: Some(warning.code().to_owned()),
            ..CheckLine::new(part, CheckState::Remarkable, warning.message())
        },
    }
}

fn shown(base: &CallbackUrl) -> String {
    format!("{}/…", base.as_str().trim_end_matches('/'))
}

/// What came back of the request that was posted to the callback URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Probed {
    /// An answer: its status, whether it is the reply of a handler of Lipia's, and how long it took.
    Answered {
        status: u16,
        is_lipias: bool,
        took: Duration,
    },
    /// No answer, and why.
    NotReached { why: String, hint: Option<String> },
}

/// The callback URL, once it was posted to. `form` is its line as far as its form goes; `lists_sources`: the handler lets only the
/// addresses of a list in.
pub(crate) fn of_probe(
    base: &CallbackUrl,
    probed: &Probed,
    form: CheckLine,
    lists_sources: bool,
) -> CheckLine {
    let (state, what, hint) = match probed {
        Probed::Answered { status: 403, .. } if lists_sources => {
            let message = format!(
                "{} answers, and lets only the listed source addresses in",
                shown(base)
            );
            return CheckLine::new(form.part, CheckState::Remarkable, message)
                .with_hint("So this machine was refused. Without the list it is said whether Lipia's handler answers.");
        }
        Probed::Answered {
            status: 200..=299,
            is_lipias: true,
            took,
        } => {
            let answers = format!(
                "answers: came back in {:.2} s, from this machine, not from the gateway",
                took.as_secs_f64()
            );
            return match form.state {
                CheckState::Good => good(form.part, &format!("{} {answers}", shown(base))),
                _ => CheckLine {
                    message: format!("{} It {answers}.", form.message),
                    ..form
                },
            };
        }
        Probed::NotReached { why, hint } => (CheckState::Broken, why.clone(), hint.clone()),
        Probed::Answered { status, .. } => {
            let (state, what, hint) = of_foreign_answer(*status);
            let what = format!("{} answers {status}: {what}", shown(base));
            (state, what, Some(hint.to_owned()))
        }
    };
    CheckLine {
        hint,
        ..CheckLine::new(CheckPart::Callback, state, what)
    }
}

/// What an answer means that no handler of Lipia's gave to a request with its token.
fn of_foreign_answer(status: u16) -> (CheckState, &'static str, &'static str) {
    let (what, hint) = match status {
        200..=299 => {
            return (
                CheckState::Remarkable,
                "somebody answers, and it is not Lipia's handler",
                "Mount Lipia's handler where the callback URL points, or see to it that yours hands the whole path and body over.",
            );
        }
        300..=399 => (
            "a redirect, which gateways do not follow",
            "Set the callback URL to the address that the redirect leads to: https, with or without the slash at its end.",
        ),
        401 | 403 => (
            "a login, a CSRF check or a firewall stands before the handler",
            "Let POST requests below the callback URL through without a login or a CSRF token: the token in the URL is their proof.",
        ),
        404 | 410 => (
            "nothing is mounted there, or the shop has another callback secret than this command",
            "Route everything below the callback URL to Lipia's handler, and give both the same credentials and callback secrets.",
        ),
        405 => (
            "POST is not allowed there",
            "Mount Lipia's handler of callbacks where the callback URL points.",
        ),
        502..=504 => (
            "the shop behind the proxy or tunnel is not running",
            "Start the shop, then check again.",
        ),
        _ => ("the shop failed to answer it", "Look into the shop's log."),
    };
    (CheckState::Broken, what, hint)
}

/// The ledger. `is_given`: the settings name it; else payments are kept in this process's memory. `report`: what the ledger says of
/// itself, where it was read whole.
pub(crate) fn of_ledger(is_given: bool, report: &Result<Option<LedgerReport>, Error>) -> CheckLine {
    let part = CheckPart::Ledger;
    let report = match report {
        Ok(report) => report,
        Err(error) => return CheckLine::broken(part, error),
    };
    if !is_given {
        let message = "payments are kept in the memory of each process, and end with it";
        return CheckLine::new(part, CheckState::Remarkable, message).with_hint(
            "For a shop of several processes, or one that restarts: LIPIA_LEDGER=sqlite:///var/lib/shop/payments.db",
        );
    }
    let Some(report) = report else {
        return good(part, "the ledger answers");
    };
    match report.warnings.first() {
        Some(warning) => CheckLine::new(part, CheckState::Remarkable, warning),
        None => {
            let message = format!(
                "{}, {} payments, {} open, {} owed",
                report.place, report.payments, report.open, report.owed
            );
            good(part, &message)
        }
    }
}

fn good(part: CheckPart, message: &str) -> CheckLine {
    CheckLine::new(part, CheckState::Good, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off_in_either_direction() {
        for (ahead, state) in [
            (None, CheckState::NotChecked),
            (Some(0), CheckState::Good),
            (Some(-29_000), CheckState::Good),
            (Some(31_000), CheckState::Remarkable),
            (Some(-31_000), CheckState::Remarkable),
            (Some(-300_000), CheckState::Broken),
            (Some(86_400_000), CheckState::Broken),
            (Some(i64::MAX), CheckState::Broken),
        ] {
            let line = of_clock(ahead);
            assert_eq!(line.state, state, "{ahead:?}");
            let says_what_to_do = line.hint.is_some();
            let is_off = matches!(state, CheckState::Remarkable | CheckState::Broken);
            assert_eq!(says_what_to_do, is_off, "{ahead:?}");
        }
        assert!(of_clock(Some(-40_000)).message.contains("behind"));
    }

    #[test]
    fn a_store_of_seven_digits_may_be_a_tills_in_production() {
        let of = |short_code, environment| {
            let payee = Payee::PayBill { short_code };
            of_payee(&payee, environment).state
        };
        assert_eq!(
            of("3560959", Environment::Production),
            CheckState::Remarkable
        );
        assert_eq!(of("3560959", Environment::Sandbox), CheckState::Good);
        assert_eq!(of("174379", Environment::Production), CheckState::Good);
    }
}
