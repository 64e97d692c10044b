//! Everything a client can be made of, as plain data: what a binding hands over in one piece.

use crate::client_builder::{CommonSettings, GuardChoice, keys_twice};
use crate::clock::seconds_of;
use crate::{
    Client, ClientBuilder, Daraja, DarajaBuilder, Error, GatewayName, KeysProvider, PalPluss,
    PalPlussBuilder, PaymentStore, Secret, SourceAddresses, TlsRoots, UpesiPay, UpesiPayBuilder,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

/// The settings of a client of whichever gateway, as plain data. In Rust the builders are at hand
/// ([`Daraja::builder`] …); this is for whoever has a client's settings in a file or in another language.
///
/// What each one means stands with the builder's method of the same name. One that the gateway does not have is refused.
///
/// ```
/// use lipia::{ClientSettings, GatewayName};
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
    pub keys_provider: Option<Arc<dyn KeysProvider>>,
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
    /// `PalPluss`.
    pub api_key: Option<String>,
    /// `PalPluss`.
    pub plain_api_key: Option<bool>,
    /// `UpesiPay`.
    pub auth_token: Option<String>,
    /// `UpesiPay`.
    pub username: Option<String>,
    /// `UpesiPay`.
    pub password: Option<String>,
    /// `UpesiPay`: `1` or `2`.
    pub generation: Option<String>,
    /// `PalPluss` and `UpesiPay`.
    pub channel_id: Option<String>,
    /// `PalPluss` and `UpesiPay`.
    pub credential_id: Option<String>,
    /// All gateways, as the rest: `sandbox` or `production`.
    pub environment: Option<String>,
    /// Another address than the environment's.
    pub base_url: Option<String>,
    /// Where results are posted; each payment's own token is appended.
    pub callback_url: Option<String>,
    /// What seals callback URLs, newest first.
    pub callback_secrets: Option<Vec<String>>,
    /// Whether a payment's token is appended to the callback URL.
    pub callback_token: Option<bool>,
    /// Addresses and ranges that callbacks are taken from; the word `published` stands for
    /// [`SourceAddresses::published`].
    pub source_addresses: Option<Vec<String>>,
    /// How many proxies of one's own append to `X-Forwarded-For`.
    pub trusted_proxies: Option<usize>,
    /// The time for one call.
    pub timeout_seconds: Option<f64>,
    /// The most that one push may ask for, in whole KES.
    pub max_amount: Option<u32>,
    /// `false` for no guard; anything else is the gateway's usual one.
    pub guard: Option<bool>,
    /// Whom TLS trusts: `bundled` or `operating_system`.
    pub tls_roots: Option<String>,
    /// A file of certificates in PEM: TLS trusts these alone.
    pub ca_bundle: Option<String>,
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
            keys_provider: None,
            variables: None,
            consumer_key: None,
            consumer_secret: None,
            short_code: None,
            pass_key: None,
            transaction_type: None,
            party_b: None,
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
            guard: None,
            tls_roots: None,
            ca_bundle: None,
            store: None,
        }
    }

    /// The client.
    ///
    /// # Errors
    /// `Configuration` or `InvalidInput`, naming the setting that is missing, not valid, or not this gateway's.
    pub fn build(self) -> Result<Client, Error> {
        self.refuse_settings_of_other_gateways()?;
        if self.keys_provider.is_some() && self.variables.is_some() {
            return Err(keys_twice("variables"));
        }
        match self.gateway {
            GatewayName::Daraja => self.daraja(),
            GatewayName::PalPluss => self.palpluss(),
            GatewayName::UpesiPay => self.upesipay(),
        }
    }

    /// A setting that silently does nothing is worse than none.
    fn refuse_settings_of_other_gateways(&self) -> Result<(), Error> {
        use GatewayName::{Daraja, PalPluss, UpesiPay};
        let owned: [(&str, bool, &[GatewayName]); 14] = [
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
            ("api_key", self.api_key.is_some(), &[PalPluss]),
            ("plain_api_key", self.plain_api_key.is_some(), &[PalPluss]),
            ("auth_token", self.auth_token.is_some(), &[UpesiPay]),
            ("username", self.username.is_some(), &[UpesiPay]),
            ("password", self.password.is_some(), &[UpesiPay]),
            ("generation", self.generation.is_some(), &[UpesiPay]),
            (
                "channel_id",
                self.channel_id.is_some(),
                &[PalPluss, UpesiPay],
            ),
            (
                "credential_id",
                self.credential_id.is_some(),
                &[PalPluss, UpesiPay],
            ),
        ];
        match owned
            .iter()
            .find(|(_, is_set, owners)| *is_set && !owners.contains(&self.gateway))
        {
            Some((name, _, owners)) => Err(Error::configuration(
                "setting_of_another_gateway",
                format!("{} has no setting {name}.", self.gateway),
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

    fn daraja(self) -> Result<Client, Error> {
        let given = [
            ("MPESA_CONSUMER_KEY", &self.consumer_key),
            ("MPESA_CONSUMER_SECRET", &self.consumer_secret),
            ("MPESA_SHORTCODE", &self.short_code),
            ("MPESA_PASSKEY", &self.pass_key),
        ];
        let mut builder = match self.variables.as_ref() {
            Some(variables) => Daraja::builder_from_variables(lookup(variables, &given))?,
            None => Daraja::builder(),
        };
        builder = with(
            builder,
            self.consumer_key.as_deref(),
            DarajaBuilder::consumer_key,
        );
        builder = with(
            builder,
            self.consumer_secret.as_deref(),
            DarajaBuilder::consumer_secret,
        );
        builder = with(
            builder,
            self.short_code.as_deref(),
            DarajaBuilder::short_code,
        );
        builder = with(builder, self.pass_key.as_deref(), DarajaBuilder::pass_key);
        builder = with(builder, self.party_b.as_deref(), DarajaBuilder::party_b);
        if let Some(word) = &self.transaction_type {
            builder = builder.transaction_type(word.parse()?);
        }
        self.common(&mut builder.common)?;
        builder.build()
    }

    fn palpluss(self) -> Result<Client, Error> {
        let given = [("PALPLUSS_API_KEY", &self.api_key)];
        let mut builder = match self.variables.as_ref() {
            Some(variables) => PalPluss::builder_from_variables(lookup(variables, &given))?,
            None => PalPluss::builder(),
        };
        builder = with(builder, self.api_key.as_deref(), PalPlussBuilder::api_key);
        builder = with(builder, self.plain_api_key, PalPlussBuilder::plain_api_key);
        builder = with(
            builder,
            self.channel_id.as_deref(),
            PalPlussBuilder::channel_id,
        );
        builder = with(
            builder,
            self.credential_id.as_deref(),
            PalPlussBuilder::credential_id,
        );
        self.common(&mut builder.common)?;
        builder.build()
    }

    fn upesipay(self) -> Result<Client, Error> {
        let given = [
            ("UPESIPAY_AUTH_TOKEN", &self.auth_token),
            ("UPESIPAY_USERNAME", &self.username),
            ("UPESIPAY_PASSWORD", &self.password),
        ];
        let mut builder = match self.variables.as_ref() {
            Some(variables) => UpesiPay::builder_from_variables(lookup(variables, &given))?,
            None => UpesiPay::builder(),
        };
        builder = with(
            builder,
            self.auth_token.as_deref(),
            UpesiPayBuilder::auth_token,
        );
        builder = with(builder, self.username.as_deref(), UpesiPayBuilder::username);
        builder = with(builder, self.password.as_deref(), UpesiPayBuilder::password);
        if let Some(generation) = &self.generation {
            builder = builder.generation(generation.parse()?);
        }
        builder = with(
            builder,
            self.channel_id.as_deref(),
            UpesiPayBuilder::channel_id,
        );
        builder = with(
            builder,
            self.credential_id.as_deref(),
            UpesiPayBuilder::credential_id,
        );
        self.common(&mut builder.common)?;
        builder.build()
    }

    /// What every gateway has.
    fn common(&self, common: &mut CommonSettings) -> Result<(), Error> {
        fn set<Value>(place: &mut Option<Value>, value: Option<Value>) {
            if value.is_some() {
                *place = value;
            }
        }
        set(&mut common.environment, self.environment.clone());
        set(&mut common.base_url, self.base_url.clone());
        set(&mut common.callback_url, self.callback_url.clone());
        set(&mut common.callback_token, self.callback_token);
        set(&mut common.source_addresses, self.addresses()?);
        set(&mut common.most_amount, self.max_amount);
        set(&mut common.store, self.store.clone());
        if let Some(provider) = &self.keys_provider {
            common.ask_for_keys(Arc::clone(provider));
        }
        if let Some(secrets) = &self.callback_secrets {
            common.callback_secrets = secrets.iter().map(Secret::new).collect();
        }
        if let Some(seconds) = self.timeout_seconds {
            common.options = common.options.timeout(seconds_of("timeout", seconds)?);
        }
        if self.guard == Some(false) {
            common.guard = GuardChoice::None;
        }
        if let Some(roots) = self.roots()? {
            common.tls_roots = roots;
        }
        Ok(())
    }

    fn addresses(&self) -> Result<Option<SourceAddresses>, Error> {
        let Some(list) = &self.source_addresses else {
            return match self.trusted_proxies {
                None => Ok(None),
                Some(_) => Err(Error::configuration(
                    "source_addresses_missing",
                    "trusted_proxies says how to read the sender's address, and no address is checked.",
                )
                .with_field("trusted_proxies")
                .with_hint("Set source_addresses as well, or leave trusted_proxies out.")),
            };
        };
        let start = if list.iter().any(|address| address == PUBLISHED) {
            SourceAddresses::published()
        } else {
            SourceAddresses::none()
        };
        list.iter()
            .filter(|address| *address != PUBLISHED)
            .try_fold(start, |addresses, address| addresses.allow(address))
            .map(|addresses| Some(addresses.trusted_proxies(self.trusted_proxies.unwrap_or(0))))
    }

    fn roots(&self) -> Result<Option<TlsRoots>, Error> {
        let shown: String = self
            .ca_bundle
            .iter()
            .flat_map(|path| path.chars())
            .filter(|character| !character.is_control())
            .take(200)
            .collect();
        match (&self.ca_bundle, self.tls_roots.as_deref()) {
            (Some(path), None) => match std::fs::read(path) {
                Ok(pem) => Ok(Some(TlsRoots::Pem(pem))),
                Err(error) => Err(Error::configuration(
                    "ca_bundle_unreadable",
                    format!("The file of certificates {shown} could not be read: {error}."),
                )
                .with_field("ca_bundle")
                .with_hint(
                    "Give the path of a file of certificates in PEM that this program may read.",
                )),
            },
            (Some(_), Some(_)) => Err(Error::configuration(
                "tls_roots_twice",
                "ca_bundle and tls_roots exclude each other.",
            )
            .with_field("ca_bundle")),
            (None, Some("bundled")) => Ok(Some(TlsRoots::Bundled)),
            (None, Some("operating_system")) => Ok(Some(TlsRoots::OperatingSystem)),
            (None, Some(_)) => Err(Error::configuration(
                "tls_roots_unknown",
                "This is no set of TLS roots.",
            )
            .with_field("tls_roots")
            .with_hint("Write bundled or operating_system, or give a ca_bundle.")),
            (None, None) => Ok(None),
        }
    }
}

/// Stands for the addresses that circulate as Safaricom's.
const PUBLISHED: &str = "published";

/// The builder, with a value where there is one.
fn with<Keys, Value>(
    builder: ClientBuilder<Keys>,
    value: Option<Value>,
    set: impl FnOnce(ClientBuilder<Keys>, Value) -> ClientBuilder<Keys>,
) -> ClientBuilder<Keys> {
    match value {
        Some(value) => set(builder, value),
        None => builder,
    }
}

/// Looks a variable up, but what was given as a setting counts as set: a missing variable is only missed where
/// nothing stands in its place.
fn lookup<'a>(
    variables: &'a BTreeMap<String, String>,
    given: &'a [(&'a str, &'a Option<String>)],
) -> impl Fn(&str) -> Option<OsString> + 'a {
    move |name| {
        let setting = given
            .iter()
            .find(|(variable, _)| *variable == name)
            .and_then(|(_, value)| value.as_ref());
        setting.or_else(|| variables.get(name)).map(OsString::from)
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
                    trusted_proxies: Some(1),
                    ..daraja()
                },
                "source_addresses_missing",
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
        ] {
            assert_eq!(code(wrong), wanted);
        }
        let listed = ClientSettings {
            source_addresses: Some(vec!["published".to_owned(), "10.0.0.0/8".to_owned()]),
            trusted_proxies: Some(1),
            ..daraja()
        };
        listed.build().unwrap();
    }
}
