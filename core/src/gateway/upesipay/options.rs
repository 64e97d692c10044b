//! The options of a push that only UpesiPay and PayHero have.

/// The payment channel that is paid.
pub(crate) const CHANNEL_ID: &str = "channel_id";
/// Who pays, by name.
pub(crate) const CUSTOMER_NAME: &str = "customer_name";
/// The merchant's own Daraja credentials, kept at the gateway. Generation 1 alone.
pub(crate) const CREDENTIAL_ID: &str = "credential_id";
