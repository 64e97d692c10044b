//! Daraja: Safaricom's own API.

pub(crate) mod callback;
pub(crate) mod endpoint;
pub(crate) mod error_codes;
mod front_door;
pub(crate) mod merchant;
pub(crate) mod options;
pub(crate) mod push;
pub(crate) mod query;
pub(crate) mod query_version;
pub(crate) mod transaction_type;
pub(crate) mod wire;

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::authorization;
use crate::gateway::contract::{
    Access, Authorization, Gateway, Payee, PromptMembers, QueryAddress,
};
use crate::gateway::message::{Answer, Request};
use crate::gateway::query_target::QueryTarget;
use crate::gateway::refusal::Reading;
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::values::amount::AmountRules;
use crate::values::clock::EatTime;
use crate::values::credentials::{Credentials, Parts};
use crate::values::daraja_credentials::{Secret, ShortCode};
use crate::values::fingerprint::Fingerprint;
use crate::values::gateway_name::GatewayName;
use crate::values::push::{Push, PushRules};
use merchant::{Merchant, Settings};
use query_version::QueryVersion;
use std::sync::Arc;
use transaction_type::TransactionType;

impl Access for Merchant {
    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn account(&self) -> Fingerprint {
        self.account
    }

    fn account_name(&self) -> String {
        format!("{}:{}", GatewayName::Daraja, self.short_code.as_str())
    }

    fn payee(&self) -> Payee<'_> {
        let store = self.short_code.as_str();
        let party_b = self.settings.party_b.as_ref().map(ShortCode::as_str);
        match (self.settings.transaction_type, party_b) {
            (TransactionType::PayBill, other) => Payee::PayBill {
                short_code: other.unwrap_or(store),
            },
            (TransactionType::BuyGoods, Some(till)) => Payee::Till { till, store },
            (TransactionType::BuyGoods, None) => Payee::TillWithoutNumber { store },
        }
    }

    fn pass_key(&self) -> Option<&Secret> {
        self.pass_key.as_ref().map(AsRef::as_ref)
    }

    fn push_request(&self, push: &Push, now: EatTime) -> Request {
        push::request(self, push, now)
    }

    fn query_request(
        &self,
        target: &QueryTarget<'_>,
        address: QueryAddress,
        now: EatTime,
    ) -> Option<Request> {
        target
            .checkout_request_id
            .map(|id| query::request(self, id, address, now))
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
            most_reference_characters: 14,
            transaction_desc_characters: 13,
        }
    }

    fn check_options(&self, push: &Push) -> Result<(), Error> {
        if let Some(word) = push.option(options::TRANSACTION_TYPE) {
            word.parse::<TransactionType>()?;
        }
        if let Some(number) = push.option(options::PARTY_B) {
            ShortCode::parse_as(number, options::PARTY_B, "till number")?;
        }
        let names_a_till = self.party_b.is_some() || push.option(options::PARTY_B).is_some();
        if self.transaction_type(push) == TransactionType::BuyGoods && !names_a_till {
            return Err(Error::invalid("party_b", ErrorCode::PartyBMissing, "Buy Goods needs the till number in `party_b`.")
                .with_hint("`short_code` is the head office or store number; `party_b` is the till that is paid."));
        }
        authorization::only_these_options(
            "Daraja",
            push,
            &[options::TRANSACTION_TYPE, options::PARTY_B],
        )
    }

    fn with_credentials(&self, credentials: &Credentials) -> Result<Arc<dyn Access>, Error> {
        Ok(Arc::new(match &credentials.parts {
            Parts::Daraja(credentials) => Merchant::with_credentials(self.clone(), credentials),
            Parts::AccessToken { token, short_code } => {
                Merchant::with_access_token(self.clone(), token, short_code)?
            }
            _ => return Err(authorization::of_another_gateway(self.name(), credentials)),
        }))
    }

    fn prompt_members(&self) -> PromptMembers {
        PromptMembers {
            checkout: &["checkoutrequestid"],
            own: &[],
            only_in_a_status: Some("resultcode"),
        }
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn can_ask(&self, target: &QueryTarget<'_>) -> bool {
        target.checkout_request_id.is_some()
    }

    fn query_address(&self) -> QueryAddress {
        match self.query_version {
            QueryVersion::V1 => QueryAddress::Usual,
            QueryVersion::V2 => QueryAddress::Newer,
        }
    }

    fn says_no_such_address(&self, answer: &Answer) -> bool {
        wire::says_no_such_address(answer)
    }

    fn read_query_answer(&self, target: &QueryTarget<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(target.checkout_request_id.unwrap_or_default(), answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }
}
