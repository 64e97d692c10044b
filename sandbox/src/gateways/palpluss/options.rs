//! The options of PalPluss in a sandbox.

use crate::values::credentials::{PALPLUSS_API_KEY, PALPLUSS_CHANNEL_ID, PALPLUSS_CREDENTIAL_ID};

/// The limit per minute that the real one has.
const REAL_LIMIT: u32 = 60;
/// A limit that nobody reaches.
const NO_LIMIT: u32 = 1_000_000;

/// How the read endpoints spell their members. The documentation and the SDKs disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadCasing {
    /// `transaction_id`, `phone_number`, `external_reference`: as the SDKs have it.
    SnakeCase,
    /// `transactionId`, `phone`, `accountReference`: as the documentation shows it.
    CamelCase,
}

/// How PalPluss behaves. Start from the default and change what matters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PalPlussOptions {
    /// The API key that is accepted.
    pub api_key: String,
    /// The only channel that exists, besides the default one that is used where none is named.
    pub channel_id: String,
    /// The only credential profile that exists.
    pub credential_id: String,
    /// How the read endpoints spell their members.
    pub read_casing: ReadCasing,
    /// Whether the read endpoints tell the receipt, which no source shows them to do.
    pub receipt_in_reads: bool,
    /// How many requests a minute of sandbox time the key may make. None: 60, as the real one; a million where the
    /// time scale is above 1, so that no test meets the limit by accident.
    pub requests_per_minute: Option<u32>,
    /// How many pushes must have ended within [`ban_window_seconds`](Self::ban_window_seconds) before a low success
    /// rate is a ban. The real threshold is not published: this one is invented.
    pub ban_pushes: u32,
    /// The window that is looked at, in sandbox seconds. Invented.
    pub ban_window_seconds: u32,
    /// The success rate below which it is a ban, in percent. Invented.
    pub ban_below_percent: u32,
    /// How long a ban lasts, in sandbox seconds: an hour, as documented.
    pub ban_seconds: u32,
}

impl Default for PalPlussOptions {
    fn default() -> Self {
        Self {
            api_key: PALPLUSS_API_KEY.to_owned(),
            channel_id: PALPLUSS_CHANNEL_ID.to_owned(),
            credential_id: PALPLUSS_CREDENTIAL_ID.to_owned(),
            read_casing: ReadCasing::SnakeCase,
            receipt_in_reads: false,
            requests_per_minute: None,
            ban_pushes: 50,
            ban_window_seconds: 600,
            ban_below_percent: 20,
            ban_seconds: 3600,
        }
    }
}

impl PalPlussOptions {
    /// Sets the API key that is accepted.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Sets the channel that exists.
    #[must_use]
    pub fn channel_id(mut self, id: impl Into<String>) -> Self {
        self.channel_id = id.into();
        self
    }

    /// Sets the credential profile that exists.
    #[must_use]
    pub fn credential_id(mut self, id: impl Into<String>) -> Self {
        self.credential_id = id.into();
        self
    }

    /// Sets how the read endpoints spell their members.
    #[must_use]
    pub fn read_casing(mut self, casing: ReadCasing) -> Self {
        self.read_casing = casing;
        self
    }

    /// Sets whether the read endpoints tell the receipt.
    #[must_use]
    pub fn receipt_in_reads(mut self, tells: bool) -> Self {
        self.receipt_in_reads = tells;
        self
    }

    /// Sets how many requests a minute the key may make.
    #[must_use]
    pub fn requests_per_minute(mut self, requests: u32) -> Self {
        self.requests_per_minute = Some(requests);
        self
    }

    /// Sets when a ban begins: once this many pushes ended within the window and fewer than so many percent were paid.
    #[must_use]
    pub fn ban_after(mut self, pushes: u32, window_seconds: u32, below_percent: u32) -> Self {
        self.ban_pushes = pushes;
        self.ban_window_seconds = window_seconds;
        self.ban_below_percent = below_percent;
        self
    }

    /// Sets how long a ban lasts, in sandbox seconds.
    #[must_use]
    pub fn ban_seconds(mut self, seconds: u32) -> Self {
        self.ban_seconds = seconds;
        self
    }

    /// The limit per minute at a time scale.
    pub(super) fn limit(&self, time_scale: f64) -> u32 {
        let usual = if time_scale > 1.0 {
            NO_LIMIT
        } else {
            REAL_LIMIT
        };
        self.requests_per_minute.unwrap_or(usual)
    }

    /// What makes no sense, if something does not.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        if self.api_key.is_empty() || self.api_key.contains(':') {
            return Some("palpluss.api_key must be a text without a colon");
        }
        if self.requests_per_minute == Some(0) {
            return Some("palpluss.requests_per_minute must be at least 1");
        }
        if self.ban_pushes == 0 || self.ban_below_percent > 100 {
            return Some("palpluss: a ban needs at least 1 push and at most 100 percent");
        }
        None
    }
}
