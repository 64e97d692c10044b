//! The gateways this server plays, and the steps of a payment where something can go wrong.

use crate::{
    CONSUMER_KEY, CONSUMER_SECRET, PALPLUSS_API_KEY, PASS_KEY, SHORT_CODE, UPESIPAY_CHANNEL_ID,
    UPESIPAY_TOKEN,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A gateway that the sandbox plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Gateway {
    /// Safaricom's own API.
    Daraja,
    /// PalPluss, which pushes through Daraja for its customers.
    PalPluss,
    /// UpesiPay, which pushes through Daraja for its customers; both generations of its API.
    UpesiPay,
}

impl Gateway {
    /// The word used on the wire of the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Daraja => "daraja",
            Self::PalPluss => "palpluss",
            Self::UpesiPay => "upesipay",
        }
    }

    /// The keys that the sandbox accepts, by the names that clients have for them.
    #[must_use]
    pub fn keys(self) -> BTreeMap<&'static str, String> {
        match self {
            Self::Daraja => [
                ("consumer_key", CONSUMER_KEY.to_owned()),
                ("consumer_secret", CONSUMER_SECRET.to_owned()),
                ("short_code", SHORT_CODE.to_owned()),
                ("pass_key", PASS_KEY.to_owned()),
            ]
            .into(),
            Self::PalPluss => [("api_key", PALPLUSS_API_KEY.to_owned())].into(),
            Self::UpesiPay => [
                ("auth_token", UPESIPAY_TOKEN.to_owned()),
                ("channel_id", UPESIPAY_CHANNEL_ID.to_string()),
            ]
            .into(),
        }
    }

    /// The gateway of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Daraja, Self::PalPluss, Self::UpesiPay]
            .into_iter()
            .find(|gateway| gateway.name() == name)
    }
}

/// A step of a payment at which a fault can be injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Asking for an access token.
    Oauth,
    /// Asking for a prompt.
    Push,
    /// Asking what became of a prompt.
    Query,
    /// The sandbox calling the merchant back.
    Callback,
}

impl Step {
    /// The steps that are requests to the sandbox.
    pub(crate) const REQUESTS: &'static [Self] = &[Self::Oauth, Self::Push, Self::Query];

    /// The word used on the wire of the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Push => "push",
            Self::Query => "query",
            Self::Callback => "callback",
        }
    }

    /// The step of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Oauth, Self::Push, Self::Query, Self::Callback]
            .into_iter()
            .find(|step| step.name() == name)
    }
}
