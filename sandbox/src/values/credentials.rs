//! The credentials that each gateway of a sandbox accepts unless it is told otherwise.

use std::collections::BTreeMap;

use super::gateway::Gateway;

/// The consumer key a sandbox accepts unless it is told otherwise. Invented, and public.
pub const CONSUMER_KEY: &str = "sandbox-key";
/// The consumer secret a sandbox accepts unless it is told otherwise. Invented, and public.
pub const CONSUMER_SECRET: &str = "sandbox-secret";
/// The short code of Safaricom's own sandbox. Public.
pub const SHORT_CODE: &str = "174379";
/// The pass key of Safaricom's own sandbox. Public.
pub const PASS_KEY: &str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";

/// The API key that PalPluss accepts here unless it is told otherwise. Invented, and public.
pub const PALPLUSS_API_KEY: &str = "pp_live_sandbox";
/// The channel that exists at PalPluss here unless it is told otherwise. Invented.
pub const PALPLUSS_CHANNEL_ID: &str = "0c4a7e52-5d0e-4b1c-8a57-3f1e5b9d2c60";
/// The credential profile that exists at PalPluss here unless it is told otherwise. Invented.
pub const PALPLUSS_CREDENTIAL_ID: &str = "7b9d1f34-2a6c-4e8d-8b21-9c0e4d5f6a71";

/// The ready token that UpesiPay accepts here unless it is told otherwise. Invented, and public.
pub const UPESIPAY_TOKEN: &str = "sandbox-upesipay-token";
/// The user name that UpesiPay accepts here unless it is told otherwise. Invented, and public.
pub const UPESIPAY_USERNAME: &str = "sandbox-user";
/// The password that UpesiPay accepts here unless it is told otherwise. Invented, and public.
pub const UPESIPAY_PASSWORD: &str = "sandbox-password";
/// The payment channel that exists at UpesiPay here unless it is told otherwise. Invented.
pub const UPESIPAY_CHANNEL_ID: u64 = 1234;
/// The ready token that PayHero accepts here unless it is told otherwise. Invented, and public.
pub const PAYHERO_TOKEN: &str = "sandbox-payhero-token";
/// The payment channel that exists at PayHero here unless it is told otherwise. Invented.
pub const PAYHERO_CHANNEL_ID: u64 = 4321;

impl Gateway {
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
            Self::PayHero => [
                ("auth_token", PAYHERO_TOKEN.to_owned()),
                ("channel_id", PAYHERO_CHANNEL_ID.to_string()),
            ]
            .into(),
        }
    }
}
