//! The options of Daraja in a sandbox.

/// How Daraja behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DarajaOptions {
    pub(crate) consumer_key: String,
    pub(crate) consumer_secret: String,
    /// The only short code that exists.
    pub(crate) short_code: String,
    /// The pass key that passwords are made with.
    pub(crate) pass_key: String,
    /// In sandbox seconds.
    pub(crate) token_lifetime_seconds: u32,
    /// Whether a new token invalidates the older ones.
    pub(crate) new_token_kills_old: bool,
    /// Whether `expires_in` is text or a number.
    pub(crate) expires_in_as_text: bool,
}
