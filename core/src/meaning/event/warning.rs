//! Warnings about a callback whose body is odd and still readable.

use crate::values::explained::explained_words;
use std::fmt;

explained_words! {
    /// Something odd about a callback body that is still readable.
    ///
    /// ```
    /// use lipia::event::EventWarning;
    /// assert_eq!(EventWarning::ReceiptTrimmed.as_str(), "receipt_trimmed");
    /// ```
    pub enum EventWarning {
        MerchantRequestIdMissing = "merchant_request_id_missing",
            "The body does not have the request's id.",
            "Do nothing: the payment is found by its callback URL.";
        MetadataMissing = "metadata_missing",
            "A success came without any details.",
            "Query the payment: a success without a receipt and an amount is not believed.";
        MetadataJunkItems = "metadata_junk_items",
            "Some details have no name or are not objects. They are ignored.",
            "Do nothing.";
        MetadataOnFailure = "metadata_on_failure",
            "Details came with something that is not a success. They are ignored.",
            "Do nothing.";
        ReceiptMissing = "receipt_missing",
            "A success came without a receipt.",
            "Query the payment: a success without a receipt is not believed.";
        ReceiptTrimmed = "receipt_trimmed",
            "The receipt had white space around it, which was removed.",
            "Do nothing.";
        ReceiptUnreadable = "receipt_unreadable",
            "The receipt is not 6 to 20 capital letters and digits.",
            "Query the payment, and look at the raw body.";
        ReceiptConflict = "receipt_conflict",
            "The body has two different receipts. Neither is believed.",
            "Query the payment, and let a person look at the raw body.";
        AmountMissing = "amount_missing",
            "A success came without an amount.",
            "Query the payment: a success without an amount is not believed.";
        AmountUnreadable = "amount_unreadable",
            "The amount is not a number, or has more than two decimals.",
            "Query the payment, and look at the raw body.";
        AmountOutOfRange = "amount_out_of_range",
            "The amount is larger than can be held exactly.",
            "Query the payment, and look at the raw body.";
        AmountNotPositive = "amount_not_positive",
            "The amount is zero or negative.",
            "Query the payment, and look at the raw body.";
        AmountConflict = "amount_conflict",
            "The body has two different amounts. Neither is believed.",
            "Query the payment, and let a person look at the raw body.";
        PhoneMissing = "phone_missing",
            "A success came without a phone number.",
            "Do nothing: the amount and the ids are compared.";
        PhoneMasked = "phone_masked",
            "Some digits of the phone number are hidden.",
            "Do nothing: the digits that are visible are compared.";
        PhoneHashed = "phone_hashed",
            "The phone number is a hash of 64 hexadecimal digits.",
            "Do nothing: the amount and the ids are compared.";
        PhoneUnreadable = "phone_unreadable",
            "The phone number is not one that M-Pesa in Kenya could have.",
            "Query the payment, and let a person look at the raw body.";
        PhoneConflict = "phone_conflict",
            "The body has two different phone numbers. Neither is believed.",
            "Query the payment, and let a person look at the raw body.";
        DateMissing = "date_missing",
            "A success came without a date.",
            "Do nothing: take the time at which the callback came.";
        DateUnreadable = "date_unreadable",
            "The date does not exist, or has another form.",
            "Do nothing: take the time at which the callback came.";
        DateConflict = "date_conflict",
            "The body has two different dates. Neither is believed.",
            "Do nothing: take the time at which the callback came.";
        NotStk = "not_stk",
            "The event is not about an STK push.",
            "Never settle a sale with it.";
        StatusEventMismatch = "status_event_mismatch",
            "The gateway's status and the kind of its event contradict each other.",
            "Query the payment: nothing of the event is believed.";
        StatusCodeMismatch = "status_code_mismatch",
            "The gateway's status and M-Pesa's code contradict each other.",
            "Query the payment: nothing of the event is believed.";
    }
}

impl fmt::Display for EventWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
