//! Faults: what goes wrong on the way, how often, and where.

pub(crate) mod changes;
pub(crate) mod effect;
pub(crate) mod kind;
pub(crate) mod queue;
pub(crate) mod row;
pub(crate) mod table;

use self::effect::Effect;
use self::kind::FaultKind;
use serde::Serialize;

use crate::values::gateway::{Gateway, Step};

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
    /// The HTTP status to answer with; None is the kind's usual one.
    pub status: Option<u16>,
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
            status: None,
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

    /// Sets the HTTP status to answer with.
    ///
    /// ```
    /// use lipia_sandbox::{Fault, FaultKind, Step};
    ///
    /// let accepted_under_401 = Fault::new(Step::Push, FaultKind::WholeAnswerUnderStatus).status(401);
    /// ```
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn effect(&self) -> Effect {
        self.kind.row().effect
    }

    pub(crate) fn happens_at(&self, gateway: Gateway, step: Step, path: &str) -> bool {
        self.step == step
            && self.gateway.is_none_or(|own| own == gateway)
            && self.kind.row().path.is_none_or(|own| own == path)
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
        let speaks = self.gateway.map(Gateway::api);
        if let Some(gateway) = row.gateway.filter(|own| speaks != Some(*own)) {
            return Err(format!(
                "{} happens at this gateway: {}",
                row.name,
                gateway.name()
            ));
        }
        if !(self.seconds.is_finite() && (0.0..=1_000_000.0).contains(&self.seconds)) {
            return Err("seconds is a number from 0 to 1000000".to_owned());
        }
        if let Some(status) = self.status {
            if !row.takes_status {
                return Err(format!("{} has a status that cannot be chosen", row.name));
            }
            if !(200..=599).contains(&status) {
                return Err("status is a number from 200 to 599".to_owned());
            }
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
