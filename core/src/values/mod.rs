//! Values that are checked once, when they are made: a value that exists is valid.

pub(crate) mod amount;
pub(crate) mod callback_url;
pub(crate) mod cleartext_hosts;
pub(crate) mod clock;
pub(crate) mod credentials;
pub(crate) mod daraja_credentials;
pub(crate) mod deadline;
pub(crate) mod entropy;
pub(crate) mod environment;
pub(crate) mod explained;
pub(crate) mod fingerprint;
pub(crate) mod gateway_name;
pub(crate) mod hexadecimal;
pub(crate) mod ids;
pub(crate) mod key_text;
pub(crate) mod money;
pub(crate) mod note;
pub(crate) mod phone;
pub(crate) mod process;
pub(crate) mod public_credentials;
pub(crate) mod push;
pub(crate) mod reachability;
pub(crate) mod reference;
pub(crate) mod url_fault;
pub(crate) mod warning;
pub(crate) mod zeroizing;

pub use crate::error::ids::{CheckoutRequestId, MerchantRequestId, Receipt};
pub use amount::{Amount, AmountRules};
pub use callback_url::CallbackUrl;
pub use clock::{Clock, EatTime, ManualClock, SystemClock};
pub use credentials::Credentials;
pub use daraja_credentials::{
    ConsumerKey, ConsumerSecret, DarajaCredentials, PassKey, Secret, ShortCode, password,
};
pub use environment::Environment;
pub use money::Money;
pub use phone::PhoneNumber;
pub use phone::network::Network;
pub use process::ProcessMark;
pub use push::{Push, StkPush};
pub use reference::{AccountReference, Fit, TransactionDesc};
pub use warning::Warning;
