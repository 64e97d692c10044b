//! The tally of payments: their outcomes, counted by the faults that they met.

use crate::fault::FaultKind;
use crate::run::{Report, SaleReport};
use crate::world::order::End;
use lipia::GatewayName;

/// How so many payments ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many there were.
    pub payments: u64,
    /// The customer paid, and the shop knows.
    pub paid: u64,
    /// The customer was asked and did not pay, and the shop knows.
    pub not_paid: u64,
    /// Nobody was prompted, and the shop knows.
    pub not_prompted: u64,
    /// Nobody can say, and the shop still asks.
    pub open: u64,
    /// Of those that are open: the customer paid.
    pub open_and_paid: u64,
}

impl Counts {
    fn add(&mut self, sale: &SaleReport) {
        self.payments += 1;
        match sale.end {
            End::Paid => self.paid += 1,
            End::NotPaid => self.not_paid += 1,
            End::NotPrompted => self.not_prompted += 1,
            End::Open => {
                self.open += 1;
                self.open_and_paid += u64::from(sale.is_paid);
            }
        }
    }

    /// Those that are open and that nobody paid.
    #[must_use]
    pub fn open_and_not_paid(&self) -> u64 {
        self.open.saturating_sub(self.open_and_paid)
    }
}

/// What became of all payments of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The seed of the first world.
    pub first_seed: u64,
    /// How many worlds were counted, one a seed.
    pub worlds: u64,
    /// All payments.
    pub total: Counts,
    /// The payments that met each kind of fault, in the order of [`FaultKind::ALL`]. One that met several is in each.
    pub by_fault: Vec<(&'static str, Counts)>,
    /// How many payments went through each gateway.
    pub by_gateway: Vec<(GatewayName, u64)>,
    /// How often a phone was prompted.
    pub prompts: u64,
    /// How many sales were prompted for once more after they had ended unpaid.
    pub tried_again: u64,
    /// The most prompts that one payment opened.
    pub most_prompts_of_one_payment: usize,
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new(first_seed: u64) -> Self {
        Self {
            first_seed,
            worlds: 0,
            total: Counts::default(),
            by_fault: FaultKind::ALL
                .iter()
                .map(|(_, name)| (*name, Counts::default()))
                .collect(),
            by_gateway: GatewayName::ALL.iter().map(|name| (*name, 0)).collect(),
            prompts: 0,
            tried_again: 0,
            most_prompts_of_one_payment: 0,
        }
    }

    /// Counts a world.
    pub fn add(&mut self, gateway: GatewayName, report: &Report) {
        self.worlds += 1;
        for sale in &report.sales {
            self.total.add(sale);
            for ((kind, _), (_, counts)) in FaultKind::ALL.iter().zip(&mut self.by_fault) {
                if met(sale, *kind) {
                    counts.add(sale);
                }
            }
            for (name, payments) in &mut self.by_gateway {
                *payments += u64::from(*name == gateway);
            }
            self.prompts += u64::try_from(sale.prompts).unwrap_or(u64::MAX);
            self.tried_again += u64::from(sale.prompts > sale.most_prompts_of_one_payment);
            self.most_prompts_of_one_payment = self
                .most_prompts_of_one_payment
                .max(sale.most_prompts_of_one_payment);
        }
    }

    /// The seed of the last world, where there was one.
    #[must_use]
    pub fn last_seed(&self) -> Option<u64> {
        self.first_seed.checked_add(self.worlds.checked_sub(1)?)
    }
}

fn met(sale: &SaleReport, kind: FaultKind) -> bool {
    if kind == FaultKind::Nothing {
        sale.faults.is_none()
    } else {
        sale.faults.has(kind)
    }
}
