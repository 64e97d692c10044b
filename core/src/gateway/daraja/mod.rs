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
    Acceptance, Access, Answer, Authorization, Gateway, PushRules, Reading, Request, Subject,
    TokenExchange, keys,
};
use crate::keys::Parts;
use crate::token::TokenCache;
use crate::{
    AmountRules, Credentials, EatTime, Error, Event, GatewayName, Keys, PassKey, Push, Secret,
    ShortCode, Status, password,
};
use std::sync::Arc;

/// What a Daraja client knows of its merchant beside the keys.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    transaction_type: TransactionType,
    party_b: Option<ShortCode>,
}

/// The same with keys.
#[derive(Debug)]
struct Merchant {
    settings: Settings,
    authorization: Authorization,
    short_code: ShortCode,
    /// The merchant's own server has it where the app has a token for that server.
    pass_key: Option<PassKey>,
}

/// The names under which a push carries what only Daraja has.
pub(crate) mod options {
    /// `CustomerPayBillOnline` or `CustomerBuyGoodsOnline`.
    pub(crate) const TRANSACTION_TYPE: &str = "transaction_type";
    /// The till that receives the money.
    pub(crate) const PARTY_B: &str = "party_b";
}

impl Settings {
    fn transaction_type(&self, push: &Push) -> TransactionType {
        push.option(options::TRANSACTION_TYPE)
            .and_then(|word| word.parse().ok())
            .unwrap_or(self.transaction_type)
    }
}

impl Merchant {
    fn with_credentials(settings: Settings, credentials: &Credentials) -> Self {
        let basic = keys::basic(&keys::pair(
            credentials.consumer_key.expose(),
            credentials.consumer_secret.expose(),
        ));
        Self {
            settings,
            authorization: Authorization::Token(TokenExchange {
                request: Request::get(wire::TOKEN_PATH).with_authorization(basic),
                read: wire::read_token,
                tokens: TokenCache::default(),
            }),
            short_code: credentials.short_code.clone(),
            pass_key: Some(credentials.pass_key.clone()),
        }
    }

    fn with_access_token(
        settings: Settings,
        token: &Secret,
        short_code: &ShortCode,
    ) -> Result<Self, Error> {
        let unreadable = || {
            Error::configuration(
                "access_token_unreadable",
                "The access token cannot stand in an HTTP header.",
            )
            .with_field("access_token")
            .with_hint("Hand it over as the server gave it, without `Bearer` before it.")
        };
        let token = keys::checked("access_token", "access token", token.expose(), None)?;
        Ok(Self {
            settings,
            authorization: Authorization::Fixed(keys::bearer(&token).ok_or_else(unreadable)?),
            short_code: short_code.clone(),
            pass_key: None,
        })
    }

    fn password(&self, now: EatTime) -> Option<Secret> {
        let pass_key = self.pass_key.as_ref()?;
        Some(password(&self.short_code, pass_key, now))
    }

    /// For a pay bill the receiver is the short code itself; for a till it is another number.
    fn party_b<'a>(&'a self, push: &'a Push) -> &'a str {
        push.option(options::PARTY_B)
            .or(self.settings.party_b.as_ref().map(ShortCode::as_str))
            .unwrap_or(self.short_code.as_str())
    }
}

impl Access for Merchant {
    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn push_request(&self, push: &Push, now: EatTime) -> Request {
        push::request(self, push, now)
    }

    fn query_request(&self, subject: &Subject<'_>, now: EatTime) -> Option<Request> {
        subject
            .checkout_request_id
            .map(|id| query::request(self, id, now))
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

    fn with_keys(&self, keys: &Keys) -> Result<Arc<dyn Access>, Error> {
        Ok(Arc::new(match &keys.parts {
            Parts::Daraja(credentials) => Merchant::with_credentials(self.clone(), credentials),
            Parts::AccessToken { token, short_code } => {
                Merchant::with_access_token(self.clone(), token, short_code)?
            }
            _ => return Err(keys::of_another_gateway(self.name(), keys)),
        }))
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn can_ask(&self, subject: &Subject<'_>) -> bool {
        subject.checkout_request_id.is_some()
    }

    fn read_query_answer(&self, subject: &Subject<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(subject.checkout_request_id.unwrap_or_default(), answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }
}
