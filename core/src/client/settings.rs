//! The settings of a client as plain data: what a binding hands over in one piece.

use crate::client::Client;
use crate::client::builder::building::keys_twice;
use crate::client::credentials::CredentialsProvider;
use crate::client::parameters::Kind::{
    Count, Flag, Ledger, Numbers, Path, Seconds, Text, TextOrNumber, Texts, Words,
};
use crate::client::parameters::{Parameter, TRANSACTION_TYPES};
use crate::client::variables;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::gateway::upesipay::brand::{PAYHERO, UPESIPAY};
use crate::ledger::contract::LedgerStore;
use crate::payment::handle::PaymentStore;
use crate::transport::http::origin::Origin;
use crate::values::cleartext_hosts::CleartextHosts;
use crate::values::gateway_name::GatewayName::{self, Daraja, PalPluss, PayHero, UpesiPay};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Declares [`ClientSettings`]. A row has a setting's meaning, name, type and kind, the gateways that have the setting (none for all of
/// them), those that need it, and what it means with one gateway where that is not the same.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty = $kind:expr, [$($owner:ident),*], [$($needy:ident),*], [$($gateway:ident: $own:literal,)*];
    )+) => {
        /// The settings of a client of whichever gateway, as plain data. In Rust the builders are at hand
        /// ([`Daraja::builder`](crate::Daraja::builder) …); this is for whoever has a client's settings in a file or in another
        /// language. A setting that the gateway does not have is refused.
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
            /// The gateway that the client speaks to.
            pub gateway: GatewayName,
            /// The provider that is asked for credentials when they are first needed. It stands in place of all credentials below,
            /// and of `variables`, which have credentials too. Being no data, it is in no file.
            #[serde(skip)]
            pub credentials_provider: Option<Arc<dyn CredentialsProvider>>,
            /// Environment variables to start from, as `from_env` does; the settings below go before them.
            pub variables: Option<BTreeMap<String, String>>,
            /// The ledger's store itself, in place of its address. Being no data, it is in no file.
            #[serde(skip)]
            pub ledger_store: Option<Arc<dyn LedgerStore>>,
            /// The name of the account in the ledger: see
            /// [`ClientBuilder::ledger_account`](crate::client::ClientBuilder::ledger_account).
            #[serde(skip)]
            pub ledger_account: Option<String>,
            /// The store in which payments are saved.
            #[serde(skip)]
            pub store: Option<Arc<dyn PaymentStore>>,
            $($(#[doc = $doc])+ pub $name: Option<$type>,)+
        }

        impl ClientSettings {
            /// No settings yet.
            #[must_use]
            pub const fn new(gateway: GatewayName) -> Self {
                Self {
                    gateway,
                    credentials_provider: None,
                    variables: None,
                    ledger_store: None,
                    ledger_account: None,
                    store: None,
                    $($name: None,)+
                }
            }

            /// Whether the setting of this name is given.
            fn has(&self, name: &str) -> bool {
                match name {
                    $(stringify!($name) => self.$name.is_some(),)+
                    _ => false,
                }
            }
        }

        const SETTINGS: &[Parameter] = &[$(Parameter {
            name: stringify!($name),
            kind: $kind,
            owners: &[$($owner),*],
            needed_by: &[$($needy),*],
            doc: concat!($($doc, "\n"),+),
            doc_of: &[$(($gateway, $own)),*],
        }),+];
    };
}

settings! {
    /// The app's consumer key.
    consumer_key: String = Text, [Daraja], [Daraja], [];
    /// The app's consumer secret.
    consumer_secret: String = Text, [Daraja], [Daraja], [];
    /// The pay bill number; for a till, the head office or store number.
    short_code: String = TextOrNumber, [Daraja], [Daraja], [];
    /// The pass key that Safaricom gave for the short code.
    pass_key: String = Text, [Daraja], [Daraja], [];
    /// Pay bill (the default) or till.
    transaction_type: String = Words(TRANSACTION_TYPES), [Daraja], [], [];
    /// The number that receives the money. A till needs it: its till number. Default: `short_code`.
    party_b: String = TextOrNumber, [Daraja], [], [];
    /// The version of Daraja's STK query. Default: `v1`. With `v2` a payment that a query settles has its receipt. Safaricom
    /// does not document `v2`; where its address does not exist, the client goes on with `v1`.
    query_version: String = Words(&["v1", "v2"]), [Daraja], [], [];
    /// The key from PalPluss's dashboard.
    api_key: String = Text, [PalPluss], [PalPluss], [];
    /// Whether the key is sent as `Basic <key>`. By default it is sent as the user name of HTTP Basic authentication.
    plain_api_key: bool = Flag, [PalPluss], [], [];
    /// The ready token from UpesiPay's dashboard, with or without `Basic` before it.
    auth_token: String = Text, [UpesiPay, PayHero], [], [
        PayHero: "The ready token from PayHero's dashboard, with or without `Basic` before it.",
    ];
    /// The user name, in place of a ready token.
    username: String = Text, [UpesiPay, PayHero], [], [];
    /// The password, in place of a ready token.
    password: String = Text, [UpesiPay, PayHero], [], [];
    /// The generation of UpesiPay's interface that pushes use. Default: 1.
    generation: String = Numbers(&["1", "2"]), [UpesiPay], [], [];
    /// The payment channel that receives the money. Default: the default channel of the account.
    channel_id: String = TextOrNumber, [PalPluss, UpesiPay, PayHero], [], [
        UpesiPay: "The payment channel that receives the money: its number, or in generation 2 the word `wallet`.",
        PayHero: "The number of the payment channel that receives the money.",
    ];
    /// The id at PalPluss of the merchant's own Daraja credentials.
    credential_id: String = Text, [PalPluss, UpesiPay, PayHero], [], [
        UpesiPay: "The id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only.",
        PayHero: "The id at PayHero of the merchant's own Daraja credentials.",
    ];
    /// `sandbox` or `production`: how strictly callback URLs are checked. Default: `production`, and `sandbox` where
    /// `base_url` is on this machine or at a cleartext host.
    environment: String = Words(&["sandbox", "production"]), [], [], [
        Daraja: "`sandbox` (the default) or `production`. It chooses the address.",
    ];
    /// An address in place of the usual one: `https`, or `http` on this machine and at `cleartext_hosts`.
    base_url: String = Text, [], [PayHero], [
        PayHero: "PayHero's address: `https`, or `http` on this machine and at `cleartext_hosts`. Lipia has no default, because \
            its authors could not confirm the address and its authorization.",
    ];
    /// The hosts besides this machine that `base_url` may name with `http`: whole names or IP addresses, without port. For a
    /// developer's own sandbox, such as `sandbox` (a container) or `10.0.2.2` (the machine that runs an Android emulator). There
    /// the sandbox's public credentials are taken alone; others are refused before anything is sent. Default: none.
    cleartext_hosts: Vec<String> = Texts, [], [], [];
    /// The URL that results are posted to. Each payment's own token is appended as one more path segment, so route everything
    /// below it.
    callback_url: String = Text, [], [], [];
    /// The secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that is derived from the
    /// client's own secret at the gateway.
    callback_secrets: Vec<String> = Texts, [], [], [];
    /// Whether each payment's token is appended to the callback URL. Default: `true`. Without it, anybody who learns the URL
    /// can forge a callback.
    callback_token: bool = Flag, [], [], [];
    /// The addresses and ranges that may send callbacks; `published` stands for those that circulate as Safaricom's. Default:
    /// every address.
    source_addresses: Vec<String> = Texts, [], [], [];
    /// The addresses and ranges of your own proxies, such as `10.0.0.0/8`. `X-Forwarded-For` is read only where the
    /// connection comes from one of them, or over a Unix socket.
    trusted_proxies: Vec<String> = Texts, [], [], [];
    /// Seconds for one call: token, request, answer and resends. Default: 30.
    timeout_seconds: f64 = Seconds, [], [], [];
    /// The largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
    max_amount: u32 = Count, [], [], [];
    /// The most characters of an account reference. Default: 12, as documented. Production is known to take 14: enough for
    /// the account number that a bank's pay bill wants.
    max_reference_characters: u32 = Count, [], [], [
        PalPluss: "The most characters of an account reference. Default: 12, as documented. Production is known to take 120: \
            enough for the account number that a bank's pay bill wants.",
    ];
    /// Whether the gateway's usual guard keeps the merchant from being blocked. Default: `true`.
    guard: bool = Flag, [], [], [];
    /// The most questions about payments in a minute, of all clients of the account together; 0 for no limit. Clients count together in
    /// this process and, with a shared ledger, in all processes that share it. Default: what is known of the gateway, and no
    /// limit where `base_url` is on this machine or at a cleartext host.
    questions_per_minute: u32 = Count, [], [], [];
    /// The root certificates for TLS: `bundled` (the default), which is Mozilla's list, or `operating_system`.
    tls_roots: String = Words(&["bundled", "operating_system"]), [], [], [];
    /// A file of certificates in PEM. TLS trusts these alone.
    ca_bundle: String = Path, [], [], [];
    /// The name of the program, with its version, such as `duka/2.1`. It stands after Lipia's in the user agent of requests.
    application: String = Text, [], [], [];
    /// The address of the ledger of payments: `sqlite:///var/lib/shop/payments.db` for the processes of one machine,
    /// `postgres://…` for many machines. Clients that share a ledger have one payment for one order. Default: the memory of
    /// this client alone.
    ledger: String = Ledger, [], [], [];
    /// The name of the shop, where several merchants share a ledger. They do not see each other's payments. Default:
    /// `default`.
    shop: String = Text, [], [], [];
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
    /// The settings, as the languages declare them, in the order of the documentation. The times of waits are not among them: they are
    /// handed over apart.
    #[must_use]
    pub const fn parameters() -> &'static [Parameter] {
        SETTINGS
    }

    /// Whether `variables` should hold the environment variable of this name: Lipia reads it, or points it out as
    /// another name of one that it reads.
    #[must_use]
    pub fn wants_variable(name: &str) -> bool {
        variables::is_wanted(name)
    }

    /// Whether a base URL is plain `http` to one of these `cleartext_hosts`, and not to this machine: a developer's own sandbox.
    ///
    /// # Errors
    /// `cleartext_host_unreadable`, as a client with these hosts would be refused.
    pub fn is_cleartext(base_url: &str, cleartext_hosts: &[String]) -> Result<bool, Error> {
        let hosts = CleartextHosts::parse(cleartext_hosts)?;
        Ok(Origin::parse_with(base_url, &hosts).is_ok_and(|origin| origin.is_cleartext()))
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
            Daraja => self.daraja(),
            PalPluss => self.palpluss(),
            UpesiPay => self.of_brand(&UPESIPAY),
            PayHero => self.of_brand(&PAYHERO),
        }
    }

    /// A setting that silently does nothing is worse than none.
    fn refuse_settings_of_other_gateways(&self) -> Result<(), Error> {
        let gateway = self.gateway;
        match SETTINGS
            .iter()
            .find(|setting| !setting.belongs_to(gateway) && self.has(setting.name))
        {
            Some(Parameter { name, owners, .. }) => Err(Error::configuration(
                ErrorCode::SettingOfAnotherGateway,
                format!("{gateway} has no setting `{name}`."),
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
