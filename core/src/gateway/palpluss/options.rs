//! The options of a push that only PalPluss has.

/// The payment channel that is paid; PalPluss's default channel where there is none.
pub(crate) const CHANNEL_ID: &str = "channel_id";
/// The merchant's own Daraja credentials, kept at PalPluss.
pub(crate) const CREDENTIAL_ID: &str = "credential_id";
