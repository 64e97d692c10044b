//! How close a phone and its account are to being refused.

use super::limits::Limits;
use super::store::{Closing, Rule, Tally};
use crate::values::clock::EatTime;
use serde::{Deserialize, Serialize};

/// The guard's standing: how close a phone and its account are to being refused. It is what
/// [`Guard::standing`](crate::guard::Guard::standing) tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Standing {
    /// The phone's run; `None` where phones are not counted.
    pub phone: Option<Count>,
    /// The account's failures, one entry for each rung of the limits.
    pub account: Vec<Count>,
    /// What shuts the whole account, whatever is counted: a gateway's ban, say.
    pub closing: Option<Closing>,
    /// What shuts the phone, whatever is counted: a gateway's block of it.
    #[serde(default)]
    pub phone_closing: Option<Closing>,
}

/// How close one count is to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Count {
    /// How many pushes count: those that failed, and those whose outcome is not known.
    pub counted: u32,
    /// How many of them have no known outcome.
    pub unsettled: u32,
    /// How many are let happen.
    pub limit: u32,
    /// Whether it is near its limit, or there.
    pub warning: bool,
    /// Where it is at its limit: when it opens again, at the latest.
    pub opens_at: Option<EatTime>,
}

impl Standing {
    pub(super) fn new(
        limits: &Limits,
        (phone_rules, phone): (&[Rule], &Tally),
        (account_rules, account): (&[Rule], &Tally),
    ) -> Self {
        Self {
            phone: counts(limits, phone_rules, phone).next(),
            account: counts(limits, account_rules, account).collect(),
            closing: account.closing,
            phone_closing: phone.closing,
        }
    }

    /// Whether a push to this phone would be let through now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opens_at().is_none()
    }

    /// When a push to this phone is let through again, at the latest; `None` where it is now.
    #[must_use]
    pub fn opens_at(&self) -> Option<EatTime> {
        self.phone
            .iter()
            .chain(&self.account)
            .filter_map(|count| count.opens_at)
            .chain(self.closing.map(|closing| closing.until))
            .chain(self.phone_closing.map(|closing| closing.until))
            .max()
    }

    /// Whether any count is near its limit, or there.
    #[must_use]
    pub fn warning(&self) -> bool {
        self.phone
            .iter()
            .chain(&self.account)
            .any(|count| count.warning)
    }
}

fn counts<'a>(
    limits: &'a Limits,
    rules: &'a [Rule],
    tally: &'a Tally,
) -> impl Iterator<Item = Count> + 'a {
    rules.iter().zip(&tally.rules).map(|(rule, counted)| Count {
        counted: counted.counted,
        unsettled: counted.unsettled,
        limit: rule.failures,
        warning: counted.counted >= limits.warns_at(rule),
        opens_at: counted.opens_at,
    })
}
