//! The options of UpesiPay and PayHero in a sandbox.

use crate::values::credentials::{
    PAYHERO_CHANNEL_ID, PAYHERO_TOKEN, UPESIPAY_CHANNEL_ID, UPESIPAY_PASSWORD, UPESIPAY_TOKEN,
    UPESIPAY_USERNAME,
};

const HOUR: u32 = 3600;

/// Where the status of the second generation tells the receipt. Clients in the wild disagree; no page documents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptField {
    /// In `mpesa_receipt_number`.
    MpesaReceiptNumber,
    /// In `receipt_number`.
    ReceiptNumber,
    /// In `id`, in place of UpesiPay's own.
    Id,
    /// Nowhere.
    Nowhere,
}

/// How UpesiPay, or PayHero, behaves. Start from the default and change what matters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UpesiPayOptions {
    /// The ready token that is accepted after `Basic`.
    pub token: String,
    /// The user name that is accepted, with the password, in the usual encoding of `Basic`.
    pub username: String,
    /// The password that belongs to the user name.
    pub password: String,
    /// The only payment channel that exists; the second generation also knows `"wallet"`.
    pub channel_id: u64,
    /// For how long after a push its status is answered with 404, in sandbox seconds.
    pub status_404_seconds: f64,
    /// Whether the outer `status` of the first generation's callback is true for failures too.
    pub outer_status_always_true: bool,
    /// Where the second generation's status tells the receipt.
    pub receipt_field: ReceiptField,
    /// After more than this many failed pushes to one phone, with none paid between them, the phone is blocked.
    pub phone_failures: u32,
    /// How long a phone is blocked, in sandbox seconds: 24 hours.
    pub phone_block_seconds: u32,
    /// The window in which the account's failed pushes are counted, in sandbox seconds: 6 hours.
    pub account_window_seconds: u32,
    /// The account's blocks, the mildest first: more than so many failures within the window, and for how many sandbox
    /// seconds the account is then blocked.
    pub account_blocks: Vec<(u32, u32)>,
}

impl Default for UpesiPayOptions {
    fn default() -> Self {
        Self {
            token: UPESIPAY_TOKEN.to_owned(),
            username: UPESIPAY_USERNAME.to_owned(),
            password: UPESIPAY_PASSWORD.to_owned(),
            channel_id: UPESIPAY_CHANNEL_ID,
            status_404_seconds: 0.0,
            outer_status_always_true: false,
            receipt_field: ReceiptField::MpesaReceiptNumber,
            phone_failures: 10,
            phone_block_seconds: 24 * HOUR,
            account_window_seconds: 6 * HOUR,
            account_blocks: vec![(50, 4 * HOUR), (500, 24 * HOUR), (1000, 72 * HOUR)],
        }
    }
}

impl UpesiPayOptions {
    /// PayHero's options. No page says that it blocks anybody, so it does not.
    #[must_use]
    pub fn payhero() -> Self {
        Self {
            token: PAYHERO_TOKEN.to_owned(),
            channel_id: PAYHERO_CHANNEL_ID,
            phone_failures: u32::MAX,
            account_blocks: Vec::new(),
            ..Self::default()
        }
    }

    /// Sets the ready token that is accepted.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// Sets the user name and password that are accepted.
    #[must_use]
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.username = username.into();
        self.password = password.into();
        self
    }

    /// Sets the payment channel that exists.
    #[must_use]
    pub fn channel_id(mut self, id: u64) -> Self {
        self.channel_id = id;
        self
    }

    /// Sets for how long after a push its status is answered with 404, in sandbox seconds.
    #[must_use]
    pub fn status_404_seconds(mut self, seconds: f64) -> Self {
        self.status_404_seconds = seconds;
        self
    }

    /// Sets whether the outer `status` of the first generation's callback is true for failures too.
    #[must_use]
    pub fn outer_status_always_true(mut self, always: bool) -> Self {
        self.outer_status_always_true = always;
        self
    }

    /// Sets where the second generation's status tells the receipt.
    #[must_use]
    pub fn receipt_field(mut self, field: ReceiptField) -> Self {
        self.receipt_field = field;
        self
    }

    /// Sets after how many successive failures a phone is blocked, and for how many sandbox seconds.
    #[must_use]
    pub fn phone_block(mut self, after_more_than: u32, seconds: u32) -> Self {
        self.phone_failures = after_more_than;
        self.phone_block_seconds = seconds;
        self
    }

    /// Sets the account's blocks: the window in sandbox seconds, and pairs of a number of failures and the sandbox
    /// seconds for which more of them block.
    #[must_use]
    pub fn account_blocks(
        mut self,
        window_seconds: u32,
        blocks: impl Into<Vec<(u32, u32)>>,
    ) -> Self {
        self.account_window_seconds = window_seconds;
        self.account_blocks = blocks.into();
        self
    }

    /// What makes no sense, if something does not.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        if self.token.is_empty() || self.username.contains(':') {
            return Some("upesipay: the token must not be empty, the user name not hold a colon");
        }
        if !(self.status_404_seconds.is_finite() && self.status_404_seconds >= 0.0) {
            return Some("upesipay.status_404_seconds must be a number from 0");
        }
        if !self.account_blocks.is_sorted() {
            return Some("upesipay.account_blocks must begin with the mildest");
        }
        None
    }
}
