//! The gateways that speak this interface, each under its own name: all that differs between them, in one table.

use crate::values::gateway_name::GatewayName;

/// A gateway that speaks UpesiPay's interface.
#[derive(Debug)]
pub(crate) struct Brand {
    pub(crate) name: GatewayName,
    /// Its name, as people write it.
    pub(crate) title: &'static str,
    /// Its address; `None` where nobody has confirmed one, so that the merchant must give it.
    pub(crate) base_url: Option<&'static str>,
    /// Whether it has generation 2 of the interface as well.
    pub(crate) has_generation_two: bool,
    pub(crate) variables: Variables,
}

/// The environment variables that only this gateway reads.
#[derive(Debug)]
pub(crate) struct Variables {
    pub(crate) auth_token: &'static str,
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
    pub(crate) channel_id: &'static str,
    pub(crate) base_url: &'static str,
    /// `None` where there is only one generation.
    pub(crate) generation: Option<&'static str>,
}

pub(crate) static UPESIPAY: Brand = Brand {
    name: GatewayName::UpesiPay,
    title: "UpesiPay",
    base_url: Some("https://upesipay.com"),
    has_generation_two: true,
    variables: Variables {
        auth_token: "UPESIPAY_AUTH_TOKEN",
        username: "UPESIPAY_USERNAME",
        password: "UPESIPAY_PASSWORD",
        channel_id: "UPESIPAY_CHANNEL_ID",
        base_url: "UPESIPAY_BASE_URL",
        generation: Some("UPESIPAY_GENERATION"),
    },
};

/// Its documents show the first generation's paths and bodies. Neither its address nor how it takes the token was
/// confirmed by anybody who works on Lipia; see `docs/wire/payhero.md`.
pub(crate) static PAYHERO: Brand = Brand {
    name: GatewayName::PayHero,
    title: "PayHero",
    base_url: None,
    has_generation_two: false,
    variables: Variables {
        auth_token: "PAYHERO_AUTH_TOKEN",
        username: "PAYHERO_USERNAME",
        password: "PAYHERO_PASSWORD",
        channel_id: "PAYHERO_CHANNEL_ID",
        base_url: "PAYHERO_BASE_URL",
        generation: None,
    },
};

impl Default for &'static Brand {
    fn default() -> Self {
        &UPESIPAY
    }
}
