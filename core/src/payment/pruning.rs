//! The pruned payment: what is left once its personal data are deleted.

use super::Payment;
use super::claims::Claims;

impl Payment {
    /// Whether its personal data were deleted: the phone numbers, the reference and the description, what the gateway said,
    /// and the bodies of flags. Outcome, amount, receipt and times are left. Its phone number reads `254000000000`, which
    /// nobody has, and its reference `pruned`.
    #[must_use]
    pub fn is_pruned(&self) -> bool {
        self.push.phone_number.is_erased()
    }

    /// Deletes its personal data. Who calls this knows that nothing more is to be learnt of the payment.
    pub(crate) fn prune(&mut self) {
        self.push.erase();
        self.acceptance = None;
        self.paid_by = None;
        self.claims = Claims::default();
        self.flags.erase_bodies();
        self.last_error = None;
        self.revision += 1;
    }
}
