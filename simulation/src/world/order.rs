//! An order: the shop's saved data of one sale. It survives the shop's process.

/// How a sale ended for the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The money came.
    Paid,
    /// The customer was asked and did not pay.
    NotPaid,
    /// Nobody was prompted.
    NotPrompted,
    /// Nobody can say, and the shop still asks.
    Open,
}

/// What the shop has saved of one order, and what it was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// The payment, as the text that was saved.
    pub(crate) payment: Option<String>,
    /// The payment's id.
    pub(crate) payment_id: Option<String>,
    /// How many payments were made for it before this one.
    pub(crate) attempt: u32,
    pub(crate) end: Option<End>,
    /// Whether the shop was last told that nobody was prompted.
    pub(crate) was_told_unsent: bool,
    /// Whether the payment knows the prompt's id.
    pub(crate) knows_prompt: bool,
    /// Whether what is known of the payment contradicts itself, so that a person decides.
    pub(crate) is_for_a_person: bool,
    /// Whether the true callback was taken in.
    pub(crate) heard_truth: bool,
    /// Whether the world ends while the order is held for a look that is yet to come.
    pub(crate) is_held: bool,
}

impl Order {
    /// An order of which nothing is known but how many payments were made for it before.
    pub(crate) fn of_attempt(attempt: u32) -> Self {
        Self {
            attempt,
            ..Self::default()
        }
    }
}
