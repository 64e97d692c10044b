//! The reasons of flags: why something that was handed to a payment is not believed.

use crate::meaning::event::check::Mismatch;
use crate::values::explained::explained_words;

explained_words! {
    /// The reason of a flag. A saved payment may have one that a later version of Lipia gave, so a flag keeps it as text.
    pub(crate) enum FlagReason {
        AmountDiffers = "amount_differs",
            "A callback or an answer states another amount than was asked for.",
            "Let a person look for the money in the gateway's own list: it may be another sale's.";
        AmountUnreadable = "amount_unreadable",
            "A callback states an amount that cannot be read. A success is kept until the gateway confirms it.",
            "Ask about the payment: the gateway's answer decides.";
        PhoneDiffers = "phone_differs",
            "A callback states another phone number than was prompted.",
            "Let a person look for the money in the gateway's own list: it may be another sale's.";
        PhoneUnreadable = "phone_unreadable",
            "A callback states a phone number that cannot be read. A success is kept until the gateway confirms it.",
            "Ask about the payment: the gateway's answer decides.";
        CheckoutRequestIdDiffers = "checkout_request_id_differs",
            "A callback or an answer names another prompt than this payment's.",
            "Let a person compare both ids with the gateway's own list.";
        MerchantRequestIdDiffers = "merchant_request_id_differs",
            "A callback names another request than this payment's.",
            "Let a person compare both ids with the gateway's own list.";
        TransactionIdDiffers = "transaction_id_differs",
            "A callback or an answer names another transaction of the gateway than this payment's.",
            "Let a person compare both ids with the gateway's own list.";
        ReceiptDiffers = "receipt_differs",
            "A second receipt was stated for this payment.",
            "Let a person look up both receipts: the customer may have paid twice.";
        GatewayDiffers = "gateway_differs",
            "A callback has the form of another gateway than the payment's.",
            "Check who posts to this callback URL.";
        PaymentNotSent = "payment_not_sent",
            "A callback came for a payment that was never pushed.",
            "Check who knows the callback URL.";
        ReversalReported = "reversal_reported",
            "A callback says that the money went back to the customer. A callback alone does not undo a success.",
            "Ask about the payment, and let a person look before the goods are handed over.";
        SuccessIncomplete = "success_incomplete",
            "A callback says that the customer paid, without a usable receipt or amount.",
            "Ask about the payment: the gateway's answer decides.";
        SuccessNotConfirmed = "success_not_confirmed",
            "A callback says that the customer paid, and the gateway has not confirmed that yet.",
            "Ask about the payment: the gateway's answer decides.";
        ContradictsSuccess = "contradicts_success",
            "Something says that the payment failed after it was known to be paid. It stays paid.",
            "Let a person look up the receipt.";
        ContradictsReversal = "contradicts_reversal",
            "Something says that the customer paid after the money was known to be returned. It stays reversed.",
            "Let a person look up the receipt.";
        ContradictsClaim = "contradicts_claim",
            "A failure stands against a callback that says that the customer paid.",
            "Let a person look for the receipt in the gateway's own list, and do not prompt again before.";
        ContradictsItself = "contradicts_itself",
            "A callback says two things at once, such as a failure with the code of a success.",
            "Ask about the payment: the gateway's answer decides.";
        CodeUnknown = "code_unknown",
            "A callback has a result code that is not in the table.",
            "Read the gateway's own words in the flag, and ask about the payment.";
        PromptOfAnotherPayment = "prompt_of_another_payment",
            "A callback or an answer names the prompt of another payment.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        TransactionOfAnotherPayment = "transaction_of_another_payment",
            "A callback or an answer names the transaction of another payment.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        ReceiptOfAnotherPayment = "receipt_of_another_payment",
            "A callback or an answer names the receipt of another payment.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        TransactionOfTwoPayments = "transaction_of_two_payments",
            "The gateway has one transaction that could belong to two payments.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        OrderPaidTwice = "order_paid_twice",
            "Another payment of the same order was paid as well.",
            "Give one of the payments back to the customer.";
    }
}

impl FlagReason {
    /// The reason for an event that does not fit.
    pub(super) fn of_mismatch(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Differs("amount") => Self::AmountDiffers,
            Mismatch::Differs("phone") => Self::PhoneDiffers,
            Mismatch::Differs("merchant_request_id") => Self::MerchantRequestIdDiffers,
            Mismatch::Differs("transaction_id") => Self::TransactionIdDiffers,
            Mismatch::Differs(_) => Self::CheckoutRequestIdDiffers,
            Mismatch::Unreadable("amount") => Self::AmountUnreadable,
            Mismatch::Unreadable(_) => Self::PhoneUnreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FlagReason, Mismatch};

    #[test]
    fn a_mismatch_has_its_fields_reason() {
        for field in [
            "amount",
            "phone",
            "checkout_request_id",
            "merchant_request_id",
            "transaction_id",
        ] {
            let reason = FlagReason::of_mismatch(Mismatch::Differs(field));
            assert_eq!(reason.as_str(), format!("{field}_differs"));
        }
        for field in ["amount", "phone"] {
            let reason = FlagReason::of_mismatch(Mismatch::Unreadable(field));
            assert_eq!(reason.as_str(), format!("{field}_unreadable"));
        }
    }
}
