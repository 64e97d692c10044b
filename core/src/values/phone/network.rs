//! Networks of phone numbers, by the range that each was given: a hint, never a reason to refuse.

use serde::{Deserialize, Serialize};

word_list! {
    /// The network that a range of numbers was given to. Numbers are portable: a hint, never a reason to refuse.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum Network {
        /// Safaricom, whose subscribers have M-Pesa.
        Safaricom = "safaricom",
        /// Airtel Kenya.
        Airtel = "airtel",
    }
}

impl Network {
    /// The network that the first three national digits were given to.
    pub(super) const fn of_range(range: u16) -> Option<Self> {
        match range {
            700..=729
            | 740..=743
            | 745
            | 746
            | 748
            | 757..=759
            | 768
            | 769
            | 790..=799
            | 110..=115
            | 118
            | 119
            | 140..=143
            | 180..=182 => Some(Self::Safaricom),
            730..=739 | 750..=756 | 780..=789 | 100..=102 => Some(Self::Airtel),
            _ => None,
        }
    }
}
