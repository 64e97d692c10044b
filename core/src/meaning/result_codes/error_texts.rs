//! Sentences for the payer about an error.

use super::texts;
use super::texts::CustomerMessage;
use crate::error::{Disposition, Error, ErrorKind};

impl Error {
    /// A sentence or two for the payer, in English and in Swahili: safe to show to anybody. It is Lipia's own, and has
    /// nothing of what the gateway said. Where the payer may have been prompted, and where the call was only a
    /// question, it never invites to pay again.
    ///
    /// ```
    /// use lipia::PhoneNumber;
    /// let error = PhoneNumber::parse("0712 345").unwrap_err();
    /// assert!(error.customer_message().en.starts_with("This phone number"));
    /// ```
    #[must_use]
    pub fn customer_message(&self) -> CustomerMessage {
        let may_be_paid = self.disposition() == Disposition::Unknown || self.is_of_a_question();
        match self.kind() {
            ErrorKind::InvalidInput => match self.field() {
                Some("phone_number") => texts::PHONE,
                Some("amount") => texts::AMOUNT,
                _ if may_be_paid => texts::CHECKING,
                _ => texts::SHOP,
            },
            _ if may_be_paid => texts::CHECKING,
            ErrorKind::PaymentState => texts::CHECKING,
            ErrorKind::SubscriberBusy => texts::BUSY,
            ErrorKind::Blocked => texts::PAUSED,
            ErrorKind::RateLimited
            | ErrorKind::Connection
            | ErrorKind::NoAnswer
            | ErrorKind::ProviderError
            | ErrorKind::UnreadableAnswer
            | ErrorKind::Storage => texts::SYSTEM,
            ErrorKind::Configuration
            | ErrorKind::Authentication
            | ErrorKind::Credentials
            | ErrorKind::InvalidRequest
            | ErrorKind::InvalidCallback => texts::SHOP,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::codes::ErrorCode;
    use crate::error::{Disposition, Error, ErrorKind};
    use crate::meaning::result_codes::texts;
    use crate::meaning::result_codes::texts::CustomerMessage;

    const KINDS: [ErrorKind; 15] = [
        ErrorKind::InvalidInput,
        ErrorKind::Configuration,
        ErrorKind::PaymentState,
        ErrorKind::Authentication,
        ErrorKind::Credentials,
        ErrorKind::InvalidRequest,
        ErrorKind::SubscriberBusy,
        ErrorKind::RateLimited,
        ErrorKind::Blocked,
        ErrorKind::Connection,
        ErrorKind::NoAnswer,
        ErrorKind::ProviderError,
        ErrorKind::UnreadableAnswer,
        ErrorKind::InvalidCallback,
        ErrorKind::Storage,
    ];

    fn told(kind: ErrorKind, disposition: Disposition) -> CustomerMessage {
        Error::of_gateway(kind, disposition, "code", "the gateway's own prose").customer_message()
    }

    #[test]
    fn whoever_may_have_been_prompted_is_never_told_to_pay_again() {
        for kind in KINDS {
            assert_eq!(told(kind, Disposition::Unknown), texts::CHECKING, "{kind}");
            let question = Error::of_gateway(kind, Disposition::NotSent, "code", "message");
            let question = question.of_a_question().customer_message();
            assert_eq!(question, texts::CHECKING, "{kind}");
        }
        assert_eq!(
            told(ErrorKind::PaymentState, Disposition::NotSent),
            texts::CHECKING
        );
    }

    #[test]
    fn everybody_is_told_something_that_the_gateway_did_not_say() {
        for kind in KINDS {
            for disposition in [Disposition::NotSent, Disposition::Rejected] {
                let told = told(kind, disposition);
                assert!(told.en.ends_with('.') && told.sw.ends_with('.') && told.en != told.sw);
                assert!(!told.en.contains("prose"));
            }
        }
        for (field, wanted) in [
            ("phone_number", texts::PHONE),
            ("amount", texts::AMOUNT),
            ("account_reference", texts::SHOP),
        ] {
            assert_eq!(
                Error::invalid(field, ErrorCode::OptionUnknown, "message").customer_message(),
                wanted
            );
        }
    }
}
