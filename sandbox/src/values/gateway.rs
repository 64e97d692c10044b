//! The gateways this server plays, and the steps of a payment where something can go wrong.

use serde::{Deserialize, Serialize};

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
    /// PayHero, which speaks the first generation of UpesiPay's API.
    PayHero,
}

impl Gateway {
    /// Every gateway.
    pub const ALL: [Self; 4] = [Self::Daraja, Self::PalPluss, Self::UpesiPay, Self::PayHero];

    /// What a client's base URL has after the sandbox's address. PayHero's paths are UpesiPay's, so the sandbox tells the
    /// two apart by where they begin.
    #[must_use]
    pub fn base_path(self) -> &'static str {
        match self {
            Self::Daraja | Self::UpesiPay => "",
            Self::PalPluss => "/v1",
            Self::PayHero => "/payhero",
        }
    }

    /// The gateway whose API it speaks.
    pub(crate) fn api(self) -> Self {
        match self {
            Self::PayHero => Self::UpesiPay,
            own => own,
        }
    }

    /// The word used on the wire of the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Daraja => "daraja",
            Self::PalPluss => "palpluss",
            Self::UpesiPay => "upesipay",
            Self::PayHero => "payhero",
        }
    }

    /// The gateway of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gateway| gateway.name() == name)
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

/// A step at a gateway: what one request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) gateway: Gateway,
    pub(crate) step: Step,
}
