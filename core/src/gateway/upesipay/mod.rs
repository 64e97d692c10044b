//! UpesiPay: a gateway in front of Daraja, with a ready token and two generations of its interface.

mod callback;
mod error_codes;
mod push;
mod query;
mod settings;
mod transaction;
mod wire;

pub(crate) use callback::{event_of, recognises as recognises_callback};
pub use settings::{UpesiPay, UpesiPayBuilder, UpesiPayGeneration, UpesiPayKeys};
pub use transaction::UpesiPayTransaction;

use super::{
    Acceptance, Access, Answer, Authorization, Gateway, PushRules, Reading, Request, Subject, keys,
};
use crate::keys::Parts;
use crate::{
    AmountRules, EatTime, Error, Event, GatewayName, Guard, GuardLimits, Keys, Push, Secret, Status,
};
use std::sync::Arc;
use std::time::Duration;

/// How long a push whose outcome nobody tells counts for the guard.
const UNSETTLED_FOR: Duration = Duration::from_secs(15 * 60);

/// What an UpesiPay client knows of its merchant beside the keys.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    generation: UpesiPayGeneration,
    channel_id: Option<String>,
    credential_id: Option<String>,
}

/// The same with keys.
#[derive(Debug)]
struct Merchant {
    settings: Settings,
    /// `Basic …`, marked sensitive.
    authorization: Authorization,
}

impl Access for Merchant {
    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn push_request(&self, push: &Push, _now: EatTime) -> Request {
        push::request(&self.settings, push)
    }

    fn query_request(&self, subject: &Subject<'_>, _now: EatTime) -> Option<Request> {
        query::request(self.settings.generation, subject)
    }
}

/// What stands behind `Basic `: the token as it is, or what a user name and password make.
fn token(keys: &Keys) -> Result<Secret, Error> {
    match &keys.parts {
        Parts::UpesiPayLogin { username, password } => {
            let (username, password) = (username.expose(), password.expose());
            if username.is_empty() || password.is_empty() || username.contains(':') {
                return Err(Error::configuration(
                    "username_unreadable",
                    "The user name or password is empty, or the user name contains a colon.",
                )
                .with_field("username")
                .with_hint("Give both, or the ready token from the UpesiPay dashboard."));
            }
            Ok(keys::pair(username, password))
        }
        Parts::UpesiPay { auth_token } => {
            let text = auth_token.expose().trim();
            let (scheme, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let bare = if scheme.eq_ignore_ascii_case("basic") {
                rest
            } else {
                text
            };
            keys::checked("auth_token", "token", bare, Some(':'))
        }
        _ => Err(keys::of_another_gateway(GatewayName::UpesiPay, keys)),
    }
}

/// The names under which a push carries what only UpesiPay has.
pub(crate) mod options {
    /// The payment channel that is paid.
    pub(crate) const CHANNEL_ID: &str = "channel_id";
    /// Who pays, by name.
    pub(crate) const CUSTOMER_NAME: &str = "customer_name";
    /// The merchant's own Daraja credentials, kept at UpesiPay. Generation 1 alone.
    pub(crate) const CREDENTIAL_ID: &str = "credential_id";
}

impl Settings {
    fn channel_id<'a>(&'a self, push: &'a Push) -> Option<&'a str> {
        push.option(options::CHANNEL_ID)
            .or(self.channel_id.as_deref())
    }

    fn credential_id<'a>(&'a self, push: &'a Push) -> Option<&'a str> {
        push.option(options::CREDENTIAL_ID)
            .or(self.credential_id.as_deref())
    }
}

/// A channel's number; in generation 2 also the word `wallet`.
fn check_channel_id(generation: UpesiPayGeneration, id: &str) -> Result<(), Error> {
    let is_number = (1..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || (generation == UpesiPayGeneration::Two && id == "wallet") {
        return Ok(());
    }
    Err(Error::invalid(
        options::CHANNEL_ID,
        "channel_id_unreadable",
        "The channel_id is not the number of a payment channel.",
    )
    .with_hint("Copy it from the Payment Channels page of the UpesiPay dashboard. `wallet` is known to generation 2 alone."))
}

fn check_credential_id(generation: UpesiPayGeneration, id: &str) -> Result<(), Error> {
    if generation == UpesiPayGeneration::Two {
        return Err(Error::invalid(
            options::CREDENTIAL_ID,
            "credential_id_not_available",
            "Generation 2 of UpesiPay's interface has no credential_id.",
        )
        .with_hint("Leave it out, or use generation 1."));
    }
    check_text(options::CREDENTIAL_ID, id)
}

fn check_text(field: &str, text: &str) -> Result<(), Error> {
    let count = text.chars().count();
    if (1..=100).contains(&count) && !text.trim().is_empty() && !text.chars().any(char::is_control)
    {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        &format!("{field}_unreadable"),
        format!("The {field} is empty, too long, or contains a control character."),
    )
    .with_hint("Give 1 to 100 characters on one line."))
}

impl Gateway for Settings {
    fn name(&self) -> GatewayName {
        GatewayName::UpesiPay
    }

    fn rules(&self) -> PushRules {
        PushRules {
            amount: AmountRules::default(),
            account_reference_characters: 12,
            transaction_desc_characters: 13,
        }
    }

    fn check_options(&self, push: &Push) -> Result<(), Error> {
        match self.channel_id(push) {
            Some(id) => check_channel_id(self.generation, id)?,
            None => {
                return Err(Error::invalid(
                    options::CHANNEL_ID,
                    "channel_id_missing",
                    "UpesiPay needs to know which payment channel is paid.",
                )
                .with_hint("Set channel_id on the client (UPESIPAY_CHANNEL_ID), or as an option of the push."));
            }
        }
        if let Some(name) = push.option(options::CUSTOMER_NAME) {
            check_text(options::CUSTOMER_NAME, name)?;
        }
        if let Some(id) = push.option(options::CREDENTIAL_ID) {
            check_credential_id(self.generation, id)?;
        }
        keys::only_these_options(
            "UpesiPay",
            push,
            &[
                options::CHANNEL_ID,
                options::CUSTOMER_NAME,
                options::CREDENTIAL_ID,
            ],
        )
    }

    fn with_keys(&self, keys: &Keys) -> Result<Arc<dyn Access>, Error> {
        Ok(Arc::new(Merchant {
            settings: self.clone(),
            authorization: Authorization::Fixed(keys::basic(&token(keys)?)),
        }))
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn can_ask(&self, subject: &Subject<'_>) -> bool {
        query::request(self.generation, subject).is_some()
    }

    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(self.generation, subject, answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }

    /// It blocks phones and accounts after numbers that it publishes. A push whose outcome nobody ever tells (a
    /// program that only pushes) counts for a quarter of an hour: counted for ever, fifty sales a day would close it.
    fn usual_guard(&self) -> Option<Guard> {
        Some(Guard::new(
            GuardLimits::default().unsettled_for(UNSETTLED_FOR),
        ))
    }

    /// Its callbacks are unsigned, and those of generation 2 do not even say how much was paid.
    fn success_needs_query(&self) -> bool {
        true
    }
}
