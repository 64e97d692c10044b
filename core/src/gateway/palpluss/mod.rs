//! PalPluss: a gateway in front of Daraja, with an API key instead of OAuth.

mod callback;
mod error_codes;
mod push;
mod query;
mod settings;
mod transaction;
mod wire;

pub(crate) use callback::{event_of, recognises as recognises_callback};
pub use settings::{PalPluss, PalPlussBuilder, PalPlussKeys};
pub use transaction::PalPlussTransaction;

use super::{
    Acceptance, Access, Answer, Authorization, Gateway, PushRules, Reading, Request, Subject, keys,
};
use crate::keys::Parts;
use crate::{AmountRules, EatTime, Error, Event, GatewayName, Guard, Keys, Push, Secret, Status};
use std::sync::Arc;

/// What a PalPluss client knows of its merchant beside the key.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether the key is sent as it is.
    plain: bool,
    channel_id: Option<String>,
    credential_id: Option<String>,
}

/// The same with the key.
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
        query::request(subject)
    }
}

fn checked_api_key(api_key: &Secret) -> Result<Secret, Error> {
    keys::checked("api_key", "API key", api_key.expose(), Some(':'))
}

/// The names under which a push carries what only PalPluss has.
pub(crate) mod options {
    /// The payment channel that is paid; PalPluss's default channel where there is none.
    pub(crate) const CHANNEL_ID: &str = "channel_id";
    /// The merchant's own Daraja credentials, kept at PalPluss.
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

/// Their ids are UUIDs in all documents; whatever else is a plain token is left to PalPluss to judge.
fn check_id(field: &str, id: &str) -> Result<(), Error> {
    let fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        &format!("{field}_unreadable"),
        format!("The {field} is not one that PalPluss gives."),
    )
    .with_hint("Copy it from the PalPluss console; it is a UUID."))
}

impl Gateway for Settings {
    fn name(&self) -> GatewayName {
        GatewayName::PalPluss
    }

    fn rules(&self) -> PushRules {
        PushRules {
            amount: AmountRules::default(),
            account_reference_characters: 12,
            transaction_desc_characters: 13,
        }
    }

    fn check_options(&self, push: &Push) -> Result<(), Error> {
        let known = [options::CHANNEL_ID, options::CREDENTIAL_ID];
        for field in known {
            if let Some(id) = push.option(field) {
                check_id(field, id)?;
            }
        }
        keys::only_these_options("PalPluss", push, &known)
    }

    fn with_keys(&self, keys: &Keys) -> Result<Arc<dyn Access>, Error> {
        let Parts::PalPluss { api_key } = &keys.parts else {
            return Err(keys::of_another_gateway(self.name(), keys));
        };
        let api_key = checked_api_key(api_key)?;
        let header = if self.plain {
            keys::basic(&api_key)
        } else {
            keys::basic(&keys::pair(api_key.expose(), ""))
        };
        Ok(Arc::new(Merchant {
            settings: self.clone(),
            authorization: Authorization::Fixed(header),
        }))
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn can_ask(&self, subject: &Subject<'_>) -> bool {
        query::request(subject).is_some()
    }

    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(subject, answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }

    /// It bans a key at a number that it does not publish, so only the ban itself can be minded.
    fn usual_guard(&self) -> Option<Guard> {
        Some(Guard::ban_only())
    }

    /// Its webhooks are unsigned.
    fn success_needs_query(&self) -> bool {
        true
    }
}
