//! The settings of a client as plain data: what a binding hands over in one piece.

use crate::client::Client;
use crate::client::builder::building::keys_twice;
use crate::client::credentials::CredentialsProvider;
use crate::client::variables;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::upesipay::brand::{PAYHERO, UPESIPAY};
use crate::ledger::contract::LedgerStore;
use crate::payment::handle::PaymentStore;
use crate::values::gateway_name::GatewayName;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The settings of a client of whichever gateway, as plain data. In Rust the builders are at hand
/// ([`Daraja::builder`](crate::Daraja::builder) …); this is for whoever has a client's settings in a file or in another language.
///
/// What each one means stands with the builder's method of the same name. One that the gateway does not have is refused.
///
/// ```
/// use lipia::GatewayName;
/// use lipia::client::ClientSettings;
/// let mut settings = ClientSettings::new(GatewayName::PalPluss);
/// settings.api_key = Some("pk_1".to_owned());
/// settings.pass_key = Some("of another gateway".to_owned());
/// assert_eq!(settings.build().unwrap_err().field(), Some("pass_key"));
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ClientSettings {
    /// Whom the client speaks to.
    pub gateway: GatewayName,
    /// Whom the keys are asked of when they are first needed. It stands instead of all the keys below, and of
    /// `variables`, which have keys too. Being no data, it is in no file.
    #[serde(skip)]
    pub credentials_provider: Option<Arc<dyn CredentialsProvider>>,
    /// Environment variables to start from, as `from_env` does; the settings below go before them.
    pub variables: Option<BTreeMap<String, String>>,
    /// Daraja.
    pub consumer_key: Option<String>,
    /// Daraja.
    pub consumer_secret: Option<String>,
    /// Daraja.
    pub short_code: Option<String>,
    /// Daraja.
    pub pass_key: Option<String>,
    /// Daraja.
    pub transaction_type: Option<String>,
    /// Daraja.
    pub party_b: Option<String>,
    /// Daraja: `v1` or `v2`.
    pub query_version: Option<String>,
    /// `PalPluss`.
    pub api_key: Option<String>,
    /// `PalPluss`.
    pub plain_api_key: Option<bool>,
    /// `UpesiPay` and `PayHero`.
    pub auth_token: Option<String>,
    /// `UpesiPay` and `PayHero`.
    pub username: Option<String>,
    /// `UpesiPay` and `PayHero`.
    pub password: Option<String>,
    /// `UpesiPay`: `1` or `2`.
    pub generation: Option<String>,
    /// `PalPluss`, `UpesiPay` and `PayHero`.
    pub channel_id: Option<String>,
    /// `PalPluss`, `UpesiPay` and `PayHero`.
    pub credential_id: Option<String>,
    /// All gateways, as the rest: `sandbox` or `production`.
    pub environment: Option<String>,
    /// Another address than the environment's. `PayHero` has none of its own: it must be given.
    pub base_url: Option<String>,
    /// Where results are posted; each payment's own token is appended.
    pub callback_url: Option<String>,
    /// What seals callback URLs, newest first.
    pub callback_secrets: Option<Vec<String>>,
    /// Whether a payment's token is appended to the callback URL.
    pub callback_token: Option<bool>,
    /// Addresses and ranges that callbacks are taken from; the word `published` stands for
    /// [`SourceAddresses::published`](crate::callback::SourceAddresses::published).
    pub source_addresses: Option<Vec<String>>,
    /// Addresses and ranges of one's own proxies, which append to `X-Forwarded-For`.
    pub trusted_proxies: Option<Vec<String>>,
    /// The time for one call.
    pub timeout_seconds: Option<f64>,
    /// The most that one push may ask for, in whole KES.
    pub max_amount: Option<u32>,
    /// The most characters of an account reference, up to what the gateway is known to take.
    pub max_reference_characters: Option<u32>,
    /// `false` for no guard; anything else is the gateway's usual one.
    pub guard: Option<bool>,
    /// How many questions a minute all clients of the account ask together; 0 for as many as they like.
    pub questions_per_minute: Option<u32>,
    /// Whom TLS trusts: `bundled` or `operating_system`.
    pub tls_roots: Option<String>,
    /// A file of certificates in PEM: TLS trusts these alone.
    pub ca_bundle: Option<String>,
    /// The address of the ledger, such as `sqlite:///var/lib/shop/payments.db`. Default: this process's memory.
    pub ledger: Option<String>,
    /// The ledger's store itself, instead of its address. Being no data, it is in no file.
    #[serde(skip)]
    pub ledger_store: Option<Arc<dyn LedgerStore>>,
    /// The shop whose orders the client requests. Default: `default`.
    pub shop: Option<String>,
    /// Where payments are saved.
    #[serde(skip)]
    pub store: Option<Arc<dyn PaymentStore>>,
}

impl fmt::Debug for ClientSettings {
    /// Most of it is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("gateway", &self.gateway)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl ClientSettings {
    /// No settings yet.
    #[must_use]
    pub fn new(gateway: GatewayName) -> Self {
        Self {
            gateway,
            credentials_provider: None,
            variables: None,
            consumer_key: None,
            consumer_secret: None,
            short_code: None,
            pass_key: None,
            transaction_type: None,
            party_b: None,
            query_version: None,
            api_key: None,
            plain_api_key: None,
            auth_token: None,
            username: None,
            password: None,
            generation: None,
            channel_id: None,
            credential_id: None,
            environment: None,
            base_url: None,
            callback_url: None,
            callback_secrets: None,
            callback_token: None,
            source_addresses: None,
            trusted_proxies: None,
            timeout_seconds: None,
            max_amount: None,
            max_reference_characters: None,
            guard: None,
            questions_per_minute: None,
            tls_roots: None,
            ca_bundle: None,
            ledger: None,
            ledger_store: None,
            shop: None,
            store: None,
        }
    }

    /// Whether `variables` should hold the environment variable of this name: Lipia reads it, or points it out as
    /// another name of one that it reads.
    #[must_use]
    pub fn wants_variable(name: &str) -> bool {
        variables::is_wanted(name)
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing, not valid, or not this gateway's.
    pub fn build(self) -> Result<Client, Error> {
        self.refuse_settings_of_other_gateways()?;
        if self.credentials_provider.is_some() && self.variables.is_some() {
            return Err(keys_twice("variables"));
        }
        match self.gateway {
            GatewayName::Daraja => self.daraja(),
            GatewayName::PalPluss => self.palpluss(),
            GatewayName::UpesiPay => self.of_brand(&UPESIPAY),
            GatewayName::PayHero => self.of_brand(&PAYHERO),
        }
    }

    /// A setting that silently does nothing is worse than none.
    fn refuse_settings_of_other_gateways(&self) -> Result<(), Error> {
        use GatewayName::{Daraja, PalPluss, PayHero, UpesiPay};
        let owned: [(&str, bool, &[GatewayName]); 15] = [
            ("consumer_key", self.consumer_key.is_some(), &[Daraja]),
            ("consumer_secret", self.consumer_secret.is_some(), &[Daraja]),
            ("short_code", self.short_code.is_some(), &[Daraja]),
            ("pass_key", self.pass_key.is_some(), &[Daraja]),
            (
                "transaction_type",
                self.transaction_type.is_some(),
                &[Daraja],
            ),
            ("party_b", self.party_b.is_some(), &[Daraja]),
            ("query_version", self.query_version.is_some(), &[Daraja]),
            ("api_key", self.api_key.is_some(), &[PalPluss]),
            ("plain_api_key", self.plain_api_key.is_some(), &[PalPluss]),
            (
                "auth_token",
                self.auth_token.is_some(),
                &[UpesiPay, PayHero],
            ),
            ("username", self.username.is_some(), &[UpesiPay, PayHero]),
            ("password", self.password.is_some(), &[UpesiPay, PayHero]),
            ("generation", self.generation.is_some(), &[UpesiPay]),
            (
                "channel_id",
                self.channel_id.is_some(),
                &[PalPluss, UpesiPay, PayHero],
            ),
            (
                "credential_id",
                self.credential_id.is_some(),
                &[PalPluss, UpesiPay, PayHero],
            ),
        ];
        match owned
            .iter()
            .find(|(_, is_set, owners)| *is_set && !owners.contains(&self.gateway))
        {
            Some((name, _, owners)) => Err(Error::configuration(
                ErrorCode::SettingOfAnotherGateway,
                format!("{} has no setting `{name}`.", self.gateway),
            )
            .with_field(name)
            .with_hint(format!(
                "It belongs to {}. Leave it out, or choose that gateway.",
                owners
                    .iter()
                    .map(|owner| owner.as_str())
                    .collect::<Vec<_>>()
                    .join(" and ")
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daraja() -> ClientSettings {
        ClientSettings {
            consumer_key: Some("key".to_owned()),
            consumer_secret: Some("secret".to_owned()),
            short_code: Some("174379".to_owned()),
            pass_key: Some("pass".to_owned()),
            ..ClientSettings::new(GatewayName::Daraja)
        }
    }

    fn code(settings: ClientSettings) -> String {
        settings.build().unwrap_err().code().to_owned()
    }

    #[test]
    fn settings_go_before_variables_and_fill_their_gaps() {
        let variables = [
            ("MPESA_CONSUMER_KEY", "key"),
            ("MPESA_CONSUMER_SECRET", "secret"),
            ("MPESA_SHORTCODE", "174379"),
            ("MPESA_ENVIRONMENT", "nonsense"),
        ];
        let mut settings = ClientSettings::new(GatewayName::Daraja);
        settings.variables = Some(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        );
        assert_eq!(code(settings.clone()), "variable_missing");
        settings.pass_key = Some("pass".to_owned());
        assert_eq!(code(settings.clone()), "environment_unknown");
        settings.environment = Some("production".to_owned());
        settings.build().unwrap();
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        daraja().build().unwrap();
        for (wrong, wanted) in [
            (
                ClientSettings {
                    api_key: Some("x".to_owned()),
                    ..daraja()
                },
                "setting_of_another_gateway",
            ),
            (
                ClientSettings {
                    timeout_seconds: Some(f64::NAN),
                    ..daraja()
                },
                "seconds_unreadable",
            ),
            (
                ClientSettings {
                    timeout_seconds: Some(-1.0),
                    ..daraja()
                },
                "seconds_unreadable",
            ),
            (
                ClientSettings {
                    trusted_proxies: Some(vec!["10.0.0.0/8".to_owned()]),
                    ..daraja()
                },
                "source_addresses_missing",
            ),
            (
                ClientSettings {
                    source_addresses: Some(vec!["published".to_owned()]),
                    trusted_proxies: Some(vec!["1".to_owned()]),
                    ..daraja()
                },
                "trusted_proxy_unreadable",
            ),
            (
                ClientSettings {
                    source_addresses: Some(vec!["x".to_owned()]),
                    ..daraja()
                },
                "source_address_unreadable",
            ),
            (
                ClientSettings {
                    tls_roots: Some("x".to_owned()),
                    ..daraja()
                },
                "tls_roots_unknown",
            ),
            (
                ClientSettings {
                    ca_bundle: Some("/nowhere/at.all".to_owned()),
                    ..daraja()
                },
                "ca_bundle_unreadable",
            ),
            (
                ClientSettings {
                    ledger: Some("payments.db".to_owned()),
                    ..daraja()
                },
                "ledger_address_unknown",
            ),
            (
                ClientSettings {
                    shop: Some(String::new()),
                    ..daraja()
                },
                "order_unreadable",
            ),
        ] {
            assert_eq!(code(wrong), wanted);
        }
        let listed = ClientSettings {
            source_addresses: Some(vec!["published".to_owned(), "10.0.0.0/8".to_owned()]),
            trusted_proxies: Some(vec!["10.0.0.0/8".to_owned()]),
            ..daraja()
        };
        listed.build().unwrap();
    }
}
