//! The faults that wait to happen.

use super::{Effect, Fault};
use crate::gateway::Step;

/// The faults that wait to happen, in the order in which they were injected.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    waiting: Vec<Fault>,
}

impl FaultBook {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.waiting.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.waiting
    }

    /// The first fault that waits at a step, used up by one.
    pub(crate) fn take(&mut self, step: Step) -> Option<Fault> {
        let place = self.waiting.iter().position(|fault| fault.step == step)?;
        let waiting = self.waiting.get_mut(place)?;
        if let Some(times) = waiting.times.as_mut() {
            *times = times.saturating_sub(1);
        }
        let fault = *waiting;
        if fault.times == Some(0) {
            self.waiting.remove(place);
        }
        Some(fault)
    }

    /// Uses up the first fault at a step if it closes connections unread.
    pub(crate) fn take_refusal(&mut self, step: Step) -> bool {
        let first = self.waiting.iter().find(|fault| fault.step == step);
        first.is_some_and(|fault| fault.effect() == Effect::CloseUnread)
            && self.take(step).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultKind;

    #[test]
    fn faults_come_in_order_and_run_out() {
        let mut book = FaultBook::default();
        book.add(Fault::new(Step::Push, FaultKind::SystemBusy).times(2));
        book.add(Fault::new(Step::Query, FaultKind::Empty500));
        book.add(Fault::new(Step::Push, FaultKind::ConnectionRefused));
        let mut kinds = Vec::new();
        for _ in 0..2 {
            assert!(!book.take_refusal(Step::Push), "it is not its turn yet");
            kinds.push(book.take(Step::Push).unwrap().kind);
        }
        assert_eq!(kinds, [FaultKind::SystemBusy; 2]);
        assert!(book.take_refusal(Step::Push));
        assert_eq!(book.take(Step::Push), None);
        assert_eq!(book.all().len(), 1);
    }
}
