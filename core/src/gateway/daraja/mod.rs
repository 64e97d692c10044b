//! Daraja: Safaricom's own API.

mod callback;
pub(crate) use callback::{event_of, recognises as recognises_callback};
mod error_codes;
#[cfg(fuzzing)]
pub mod fuzzing;
mod push;
mod query;
mod settings;
mod wire;

pub use settings::{Daraja, DarajaBuilder, DarajaKeys, TransactionType};

use super::{
    Acceptance, Answer, Authorization, Gateway, PushRules, Reading, Request, Subject,
    TokenExchange, keys,
};
use crate::{
    AmountRules, Credentials, EatTime, Error, Event, GatewayName, Push, Secret, ShortCode, Status,
    password,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a Daraja client knows of its merchant.
#[derive(Debug)]
pub(crate) struct Settings {
    credentials: Credentials,
    authorization: Authorization,
    transaction_type: TransactionType,
    party_b: Option<ShortCode>,
}

/// The names under which a push carries what only Daraja has.
pub(crate) mod options {
    /// `CustomerPayBillOnline` or `CustomerBuyGoodsOnline`.
    pub(crate) const TRANSACTION_TYPE: &str = "transaction_type";
    /// The till that receives the money.
    pub(crate) const PARTY_B: &str = "party_b";
}

impl Settings {
    fn new(
        credentials: Credentials,
        transaction_type: TransactionType,
        party_b: Option<ShortCode>,
    ) -> Self {
        let pair = format!(
            "{}:{}",
            credentials.consumer_key.expose(),
            credentials.consumer_secret.expose()
        );
        let basic = keys::basic(&STANDARD.encode(pair));
        let authorization = Authorization::Token(TokenExchange {
            request: Request::get(wire::TOKEN_PATH).with_authorization(basic),
            read: wire::read_token,
        });
        Self {
            credentials,
            authorization,
            transaction_type,
            party_b,
        }
    }

    fn password(&self, now: EatTime) -> Secret {
        password(
            &self.credentials.short_code,
            &self.credentials.pass_key,
            now,
        )
    }

    fn transaction_type(&self, push: &Push) -> TransactionType {
        push.option(options::TRANSACTION_TYPE)
            .and_then(|word| word.parse().ok())
            .unwrap_or(self.transaction_type)
    }

    /// For a pay bill the receiver is the short code itself; for a till it is another number.
    fn party_b<'a>(&'a self, push: &'a Push) -> &'a str {
        push.option(options::PARTY_B)
            .or(self.party_b.as_ref().map(ShortCode::as_str))
            .unwrap_or(self.credentials.short_code.as_str())
    }
}

impl Gateway for Settings {
    fn name(&self) -> GatewayName {
        GatewayName::Daraja
    }

    fn rules(&self) -> PushRules {
        PushRules {
            amount: AmountRules::default(),
            account_reference_characters: 12,
            transaction_desc_characters: 13,
        }
    }

    fn check_options(&self, push: &Push) -> Result<(), Error> {
        if let Some(word) = push.option(options::TRANSACTION_TYPE) {
            word.parse::<TransactionType>()?;
        }
        if let Some(number) = push.option(options::PARTY_B) {
            ShortCode::parse(number).map_err(|error| error.with_field(options::PARTY_B))?;
        }
        let names_a_till = self.party_b.is_some() || push.option(options::PARTY_B).is_some();
        if self.transaction_type(push) == TransactionType::BuyGoods && !names_a_till {
            return Err(Error::invalid("party_b", "party_b_missing", "Buy Goods needs the till number in `party_b`.")
                .with_hint("`short_code` is the head office or store number; `party_b` is the till that is paid."));
        }
        keys::only_these_options(
            "Daraja",
            push,
            &[options::TRANSACTION_TYPE, options::PARTY_B],
        )
    }

    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn push_request(&self, push: &Push, now: EatTime) -> Request {
        push::request(self, push, now)
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn query_request(&self, subject: &Subject<'_>, now: EatTime) -> Option<Request> {
        subject
            .checkout_request_id
            .map(|id| query::request(self, id, now))
    }

    /// Without making a request of it: a wait asks this at every step.
    fn can_ask(&self, subject: &Subject<'_>, _now: EatTime) -> bool {
        subject.checkout_request_id.is_some()
    }

    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(subject.checkout_request_id.unwrap_or_default(), answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }
}
