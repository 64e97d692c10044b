//! The queue of faults that wait to happen.

use super::Fault;
use super::effect::Effect;
use crate::values::gateway::{Gateway, Step};

/// The faults that wait to happen, in the order in which they were injected.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue {
    waiting: Vec<Fault>,
}

impl FaultQueue {
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

    /// The first fault that waits at a step of a gateway on this path, used up by one.
    pub(crate) fn take(&mut self, gateway: Gateway, step: Step, path: &str) -> Option<Fault> {
        let place = self
            .waiting
            .iter()
            .position(|fault| fault.happens_at(gateway, step, path))?;
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
    pub(crate) fn take_refusal(&mut self, gateway: Gateway, step: Step, path: &str) -> bool {
        let mut waiting = self.waiting.iter();
        let first = waiting.find(|fault| fault.happens_at(gateway, step, path));
        first.is_some_and(|fault| fault.effect() == Effect::CloseUnread)
            && self.take(gateway, step, path).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::kind::FaultKind;

    const GATEWAY: Gateway = Gateway::Daraja;

    #[test]
    fn faults_come_in_order_and_run_out() {
        let mut queue = FaultQueue::default();
        queue.add(Fault::new(Step::Push, FaultKind::SystemBusy).times(2));
        queue.add(Fault::new(Step::Query, FaultKind::Empty500));
        queue.add(Fault::new(Step::Push, FaultKind::ConnectionRefused));
        let mut kinds = Vec::new();
        for _ in 0..2 {
            assert!(
                !queue.take_refusal(GATEWAY, Step::Push, ""),
                "it is not its turn yet"
            );
            kinds.push(queue.take(GATEWAY, Step::Push, "").unwrap().kind);
        }
        assert_eq!(kinds, [FaultKind::SystemBusy; 2]);
        assert!(queue.take_refusal(GATEWAY, Step::Push, ""));
        assert_eq!(queue.take(GATEWAY, Step::Push, ""), None);
        assert_eq!(queue.all().len(), 1);
    }

    #[test]
    fn a_fault_waits_for_its_gateway() {
        let mut queue = FaultQueue::default();
        queue.add(Fault::new(Step::Push, FaultKind::StkTempBanned));
        queue.add(Fault::new(Step::Push, FaultKind::Empty500).gateway(Gateway::UpesiPay));
        assert_eq!(queue.take(GATEWAY, Step::Push, ""), None);
        let mut kind_at = |gateway| queue.take(gateway, Step::Push, "").unwrap().kind;
        assert_eq!(kind_at(Gateway::UpesiPay), FaultKind::Empty500);
        assert_eq!(kind_at(Gateway::PalPluss), FaultKind::StkTempBanned);
    }
}
