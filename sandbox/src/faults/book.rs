//! The faults that wait to happen.

use super::{Effect, Fault};
use crate::gateway::{Gateway, Step};

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

    /// The first fault that waits at a step of a gateway, used up by one.
    pub(crate) fn take(&mut self, gateway: Gateway, step: Step) -> Option<Fault> {
        let place = self
            .waiting
            .iter()
            .position(|fault| fault.happens_at(gateway, step))?;
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
    pub(crate) fn take_refusal(&mut self, gateway: Gateway, step: Step) -> bool {
        let mut waiting = self.waiting.iter();
        let first = waiting.find(|fault| fault.happens_at(gateway, step));
        first.is_some_and(|fault| fault.effect() == Effect::CloseUnread)
            && self.take(gateway, step).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultKind;

    const GATEWAY: Gateway = Gateway::Daraja;

    #[test]
    fn faults_come_in_order_and_run_out() {
        let mut book = FaultBook::default();
        book.add(Fault::new(Step::Push, FaultKind::SystemBusy).times(2));
        book.add(Fault::new(Step::Query, FaultKind::Empty500));
        book.add(Fault::new(Step::Push, FaultKind::ConnectionRefused));
        let mut kinds = Vec::new();
        for _ in 0..2 {
            assert!(
                !book.take_refusal(GATEWAY, Step::Push),
                "it is not its turn yet"
            );
            kinds.push(book.take(GATEWAY, Step::Push).unwrap().kind);
        }
        assert_eq!(kinds, [FaultKind::SystemBusy; 2]);
        assert!(book.take_refusal(GATEWAY, Step::Push));
        assert_eq!(book.take(GATEWAY, Step::Push), None);
        assert_eq!(book.all().len(), 1);
    }

    #[test]
    fn a_fault_waits_for_its_gateway() {
        let mut book = FaultBook::default();
        book.add(Fault::new(Step::Push, FaultKind::StkTempBanned));
        book.add(Fault::new(Step::Push, FaultKind::Empty500).gateway(Gateway::UpesiPay));
        assert_eq!(book.take(GATEWAY, Step::Push), None);
        let mut kind_at = |gateway| book.take(gateway, Step::Push).unwrap().kind;
        assert_eq!(kind_at(Gateway::UpesiPay), FaultKind::Empty500);
        assert_eq!(kind_at(Gateway::PalPluss), FaultKind::StkTempBanned);
    }
}
