//! Applies settings to the builder of their gateway: what each setting sets there, and what stands in for a missing variable.

use crate::callback::addresses::SourceAddresses;
use crate::client::Client;
use crate::client::builder::{ClientBuilder, CommonSettings, GuardChoice};
use crate::client::daraja::{Daraja, DarajaBuilder};
use crate::client::palpluss::{PalPluss, PalPlussBuilder};
use crate::client::settings::ClientSettings;
use crate::client::upesipay::UpesiPayBuilder;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::upesipay::brand::Brand;
use crate::guard::pace::QuestionPace;
use crate::ledger::address::LedgerChoice;
use crate::transport::tls::TlsRoots;
use crate::values::clock::seconds_of;
use crate::values::daraja_credentials::Secret;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

impl ClientSettings {
    pub(super) fn daraja(self) -> Result<Client, Error> {
        let given = [
            ("MPESA_CONSUMER_KEY", &self.consumer_key),
            ("MPESA_CONSUMER_SECRET", &self.consumer_secret),
            ("MPESA_SHORTCODE", &self.short_code),
            ("MPESA_PASSKEY", &self.pass_key),
            ("MPESA_TRANSACTION_TYPE", &self.transaction_type),
            ("MPESA_QUERY_VERSION", &self.query_version),
            ("MPESA_ENVIRONMENT", &self.environment),
            ("MPESA_CALLBACK_URL", &self.callback_url),
            ("MPESA_BASE_URL", &self.base_url),
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
        if let Some(version) = &self.query_version {
            builder = builder.query_version(version.parse()?);
        }
        self.common(&mut builder.common)?;
        builder.build()
    }

    pub(super) fn palpluss(self) -> Result<Client, Error> {
        let given = [
            ("PALPLUSS_API_KEY", &self.api_key),
            ("MPESA_ENVIRONMENT", &self.environment),
            ("MPESA_CALLBACK_URL", &self.callback_url),
            ("PALPLUSS_BASE_URL", &self.base_url),
        ];
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

    /// UpesiPay, or a gateway that speaks its interface.
    pub(super) fn of_brand(self, brand: &'static Brand) -> Result<Client, Error> {
        let given = [
            (brand.variables.auth_token, &self.auth_token),
            (brand.variables.username, &self.username),
            (brand.variables.password, &self.password),
            (brand.variables.base_url, &self.base_url),
            (brand.variables.channel_id, &self.channel_id),
            (
                brand.variables.generation.unwrap_or_default(),
                &self.generation,
            ),
            ("MPESA_ENVIRONMENT", &self.environment),
            ("MPESA_CALLBACK_URL", &self.callback_url),
        ];
        let mut builder = match self.variables.as_ref() {
            Some(variables) => UpesiPayBuilder::from_variables(brand, &lookup(variables, &given))?,
            None => UpesiPayBuilder::of(brand),
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
        set(
            &mut common.most_reference_characters,
            self.max_reference_characters,
        );
        set(&mut common.store, self.store.clone());
        set(
            &mut common.ledger,
            match &self.ledger_store {
                Some(store) => Some(LedgerChoice::Store(Arc::clone(store))),
                None => self.ledger.clone().map(LedgerChoice::At),
            },
        );
        set(&mut common.ledger_account, self.ledger_account.clone());
        set(&mut common.shop, self.shop.clone());
        set(&mut common.application, self.application.clone());
        if let Some(provider) = &self.credentials_provider {
            common.ask_for_credentials(Arc::clone(provider));
        }
        if let Some(hosts) = &self.cleartext_hosts {
            common.cleartext_hosts.clone_from(hosts);
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
        set(
            &mut common.pace,
            self.questions_per_minute.map(|most| match most {
                0 => QuestionPace::unlimited(),
                most => QuestionPace::per_minute(most),
            }),
        );
        if let Some(roots) = self.roots()? {
            common.tls_roots = roots;
        }
        Ok(())
    }

    fn addresses(&self) -> Result<Option<SourceAddresses>, Error> {
        let Some(list) = &self.source_addresses else {
            return match &self.trusted_proxies {
                None => Ok(None),
                Some(_) => Err(Error::configuration(
                    ErrorCode::SourceAddressesMissing,
                    "`trusted_proxies` says how to read the sender's address, and no address is checked.",
                )
                .with_field("trusted_proxies")
                .with_hint("Set `source_addresses` as well, or leave `trusted_proxies` out.")),
            };
        };
        let start = if list.iter().any(|address| address == PUBLISHED) {
            SourceAddresses::published()
        } else {
            SourceAddresses::none()
        };
        let addresses = list
            .iter()
            .filter(|address| *address != PUBLISHED)
            .try_fold(start, |addresses, address| addresses.allow(address))?;
        let mut proxies = self.trusted_proxies.iter().flatten();
        proxies
            .try_fold(addresses, |addresses, proxy| addresses.trust_proxy(proxy))
            .map(Some)
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
                    ErrorCode::CaBundleUnreadable,
                    format!("The file of certificates {shown} could not be read: {error}."),
                )
                .with_field("ca_bundle")
                .with_hint(
                    "Give the path of a file of certificates in PEM that this program may read.",
                )),
            },
            (Some(_), Some(_)) => Err(Error::configuration(
                ErrorCode::TlsRootsTwice,
                "`ca_bundle` and `tls_roots` exclude each other.",
            )
            .with_field("ca_bundle")),
            (None, Some("bundled")) => Ok(Some(TlsRoots::Bundled)),
            (None, Some("operating_system")) => Ok(Some(TlsRoots::OperatingSystem)),
            (None, Some(_)) => Err(Error::configuration(
                ErrorCode::TlsRootsUnknown,
                "This is not a set of TLS roots.",
            )
            .with_field("tls_roots")
            .with_hint("Write bundled or operating_system, or give a `ca_bundle`.")),
            (None, None) => Ok(None),
        }
    }
}

/// Stands for the addresses that circulate as Safaricom's.
const PUBLISHED: &str = "published";

/// The builder, with a value where there is one.
fn with<Own, Value>(
    builder: ClientBuilder<Own>,
    value: Option<Value>,
    set: impl FnOnce(ClientBuilder<Own>, Value) -> ClientBuilder<Own>,
) -> ClientBuilder<Own> {
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
