//! PalPluss: a gateway in front of Daraja, with an API key instead of OAuth.

pub(crate) mod callback;
pub(crate) mod error_codes;
pub(crate) mod merchant;
pub(crate) mod options;
pub(crate) mod push;
pub(crate) mod query;
pub(crate) mod transaction;
pub(crate) mod wire;

use crate::error::Error;
use crate::gateway::authorization;
use crate::gateway::contract::{
    Access, Authorization, Gateway, Payee, PromptMembers, QueryAddress,
};
use crate::gateway::message::{Answer, Request};
use crate::gateway::palpluss::merchant::{check_id, checked_api_key};
use crate::gateway::query_target::QueryTarget;
use crate::gateway::refusal::Reading;
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::values::amount::AmountRules;
use crate::values::clock::EatTime;
use crate::values::credentials::{Credentials, Parts};
use crate::values::fingerprint::Fingerprint;
use crate::values::gateway_name::GatewayName;
use crate::values::push::{Push, PushRules};
use merchant::{Merchant, Settings};
use std::sync::Arc;
use transaction::PalPlussTransaction;

impl Access for Merchant {
    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn account(&self) -> Fingerprint {
        self.account
    }

    fn account_name(&self) -> String {
        let name = GatewayName::PalPluss;
        match &self.settings.channel_id {
            Some(channel) => format!("{name}:channel:{channel}"),
            None => format!("{name}:{}", self.account.lasting()),
        }
    }

    fn payee(&self) -> Payee<'_> {
        Payee::OfGateway {
            channel: self.settings.channel_id.as_deref(),
        }
    }

    fn push_request(&self, push: &Push, _now: EatTime) -> Request {
        push::request(&self.settings, push)
    }

    fn query_request(
        &self,
        target: &QueryTarget<'_>,
        _address: QueryAddress,
        _now: EatTime,
    ) -> Option<Request> {
        query::request(target)
    }
}

impl Gateway for Settings {
    fn name(&self) -> GatewayName {
        GatewayName::PalPluss
    }

    fn rules(&self) -> PushRules {
        PushRules {
            amount: AmountRules::default(),
            account_reference_characters: 12,
            most_reference_characters: 120,
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
        authorization::only_these_options("PalPluss", push, &known)
    }

    fn with_credentials(&self, credentials: &Credentials) -> Result<Arc<dyn Access>, Error> {
        let Parts::PalPluss { api_key } = &credentials.parts else {
            return Err(authorization::of_another_gateway(self.name(), credentials));
        };
        let api_key = checked_api_key(api_key)?;
        let header = if self.plain {
            authorization::basic(&api_key)
        } else {
            authorization::basic(&authorization::pair(api_key.expose(), ""))
        };
        Ok(Arc::new(Merchant {
            settings: self.clone(),
            authorization: Authorization::Fixed(header),
            account: Fingerprint::of(api_key.expose()),
        }))
    }

    fn prompt_members(&self) -> PromptMembers {
        PromptMembers {
            checkout: &["providercheckoutid", "checkoutrequestid"],
            own: &["transactionid"],
            only_in_a_status: None,
        }
    }

    fn is_another_sale(&self, push: &Push, acceptance: &Acceptance) -> bool {
        let details = acceptance.details.as_deref().unwrap_or_default();
        PalPlussTransaction::from_json(details)
            .is_ok_and(|transaction| query::is_another_sale(push, &transaction))
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(answer)
    }

    fn can_ask(&self, target: &QueryTarget<'_>) -> bool {
        query::request(target).is_some()
    }

    fn read_query_answer(&self, target: &QueryTarget<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(target, answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(body)
    }

    /// Its webhooks are unsigned.
    fn success_needs_query(&self) -> bool {
        true
    }
}
