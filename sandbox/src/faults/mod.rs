//! Faults: what goes wrong on the way, how often, and where.

mod book;
mod kind;
mod row;
mod table;

pub(crate) use book::FaultBook;
pub use kind::FaultKind;
pub(crate) use kind::{Body, Effect};
pub use row::FaultRow;
pub use table::FAULTS;

use serde::Serialize;

use crate::gateway::{Gateway, Step};

/// Something that goes wrong at one step.
///
/// ```
/// use lipia_sandbox::{Fault, FaultKind, Step};
///
/// let twice = Fault::new(Step::Push, FaultKind::AnswerLost).times(2);
/// let always = Fault::new(Step::Query, FaultKind::UnavailableHtml).forever();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// Where.
    pub step: Step,
    /// What.
    pub kind: FaultKind,
    /// At which gateway; None is at whichever comes first, of those that the kind happens at.
    pub gateway: Option<Gateway>,
    /// How many more times; None is for ever.
    pub times: Option<u32>,
    /// For kinds that take time, how long, in sandbox seconds; for `Retry-After`, its value as it is.
    pub seconds: f64,
    /// Whether the gateway does its work (prompts the phone, issues the token) although the answer is spoilt.
    pub after_acting: bool,
}

impl Fault {
    /// A fault that happens once, with the kind's usual settings.
    #[must_use]
    pub fn new(step: Step, kind: FaultKind) -> Self {
        let row = kind.row();
        Self {
            step,
            kind,
            gateway: row.gateway,
            times: Some(1),
            seconds: row.seconds,
            after_acting: row.after_acting,
        }
    }

    /// Makes it wait for a request to this gateway.
    #[must_use]
    pub fn gateway(mut self, gateway: Gateway) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// Makes it happen this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Makes it happen until faults are cleared.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.times = None;
        self
    }

    /// Sets how long it takes, in sandbox seconds, or the value of `Retry-After`.
    #[must_use]
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Sets whether the gateway does its work although the answer is spoilt.
    #[must_use]
    pub fn after_acting(mut self, acts: bool) -> Self {
        self.after_acting = acts;
        self
    }

    pub(crate) fn effect(&self) -> Effect {
        self.kind.row().effect
    }

    pub(crate) fn happens_at(&self, gateway: Gateway, step: Step) -> bool {
        self.step == step && self.gateway.is_none_or(|own| own == gateway)
    }

    /// Refuses what cannot happen; the text says what can.
    pub(crate) fn check(&self) -> Result<(), String> {
        let row = self.kind.row();
        if !row.steps.contains(&self.step) {
            let steps: Vec<_> = row.steps.iter().map(|step| step.name()).collect();
            return Err(format!(
                "{} happens at these steps: {}",
                row.name,
                steps.join(", ")
            ));
        }
        if let Some(gateway) = row.gateway.filter(|own| self.gateway != Some(*own)) {
            return Err(format!(
                "{} happens at this gateway: {}",
                row.name,
                gateway.name()
            ));
        }
        if !(self.seconds.is_finite() && (0.0..=1_000_000.0).contains(&self.seconds)) {
            return Err("seconds is a number from 0 to 1000000".to_owned());
        }
        if self.after_acting != row.after_acting && !row.acting_is_free {
            return Err(format!(
                "{} is always after_acting = {}",
                row.name, row.after_acting
            ));
        }
        Ok(())
    }
}
