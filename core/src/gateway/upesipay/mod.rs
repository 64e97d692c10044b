//! UpesiPay: a gateway in front of Daraja, with a ready token and two generations of its interface. PayHero speaks the
//! first of them under its own name: what differs between the two is `brand`'s.

pub(crate) mod brand;
pub(crate) mod callback;
pub(crate) mod error_codes;
pub(crate) mod generation;
pub(crate) mod merchant;
pub(crate) mod options;
pub(crate) mod push;
pub(crate) mod query;
pub(crate) mod transaction;
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
use crate::gateway::upesipay::merchant::{
    check_channel_id, check_credential_id, check_text, token,
};
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::values::amount::AmountRules;
use crate::values::clock::EatTime;
use crate::values::credentials::Credentials;
use crate::values::fingerprint::Fingerprint;
use crate::values::gateway_name::GatewayName;
use crate::values::push::{Push, PushRules};
use merchant::{Merchant, Settings};
use std::sync::Arc;
use transaction::UpesiPayTransaction;

impl Access for Merchant {
    fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    fn account(&self) -> Fingerprint {
        self.account
    }

    fn account_name(&self) -> String {
        let name = self.settings.brand.name;
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
        query::request(self.settings.generation, target)
    }
}

impl Gateway for Settings {
    fn name(&self) -> GatewayName {
        self.brand.name
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
        match self.channel_id(push) {
            Some(id) => check_channel_id(self.generation, id)?,
            None => {
                return Err(Error::invalid(
                    options::CHANNEL_ID,
                    ErrorCode::ChannelIdMissing,
                    format!(
                        "{} needs to know which payment channel is paid.",
                        self.brand.title
                    ),
                )
                .with_hint(format!(
                    "Set `channel_id` on the client ({}), or as an option of the push.",
                    self.brand.variables.channel_id
                )));
            }
        }
        if let Some(name) = push.option(options::CUSTOMER_NAME) {
            check_text(
                options::CUSTOMER_NAME,
                ErrorCode::CustomerNameUnreadable,
                name,
            )?;
        }
        if let Some(id) = push.option(options::CREDENTIAL_ID) {
            check_credential_id(self.generation, id)?;
        }
        authorization::only_these_options(
            self.brand.title,
            push,
            &[
                options::CHANNEL_ID,
                options::CUSTOMER_NAME,
                options::CREDENTIAL_ID,
            ],
        )
    }

    fn with_credentials(&self, credentials: &Credentials) -> Result<Arc<dyn Access>, Error> {
        let token = token(self.brand, credentials)?;
        Ok(Arc::new(Merchant {
            settings: self.clone(),
            authorization: Authorization::Fixed(authorization::basic(&token)),
            // A user name and password make the token that the dashboard shows ready made.
            account: Fingerprint::of(token.expose()),
        }))
    }

    fn prompt_members(&self) -> PromptMembers {
        PromptMembers {
            checkout: &["checkoutrequestid"],
            own: &["reference"],
            only_in_a_status: None,
        }
    }

    fn is_another_sale(&self, push: &Push, acceptance: &Acceptance) -> bool {
        let details = acceptance.details.as_deref().unwrap_or_default();
        UpesiPayTransaction::from_json(details)
            .is_ok_and(|transaction| query::is_another_sale(push, &transaction))
    }

    fn read_push_answer(&self, answer: &Answer) -> Reading<Acceptance> {
        push::read_answer(self.brand.name, answer)
    }

    fn can_ask(&self, target: &QueryTarget<'_>) -> bool {
        query::request(self.generation, target).is_some()
    }

    fn read_query_answer(&self, target: &QueryTarget<'_>, answer: &Answer) -> Reading<Status> {
        query::read_answer(self.generation, target, answer)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        callback::parse_callback(self.brand.name, body)
    }

    /// Its callbacks are unsigned, and those of generation 2 do not even say how much was paid.
    fn success_needs_query(&self) -> bool {
        true
    }
}
