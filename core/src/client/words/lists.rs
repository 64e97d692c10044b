//! The closed lists of words that have no table of their own: what each word means, and what to do.

use crate::callback::received::Verdict;
use crate::error::{Disposition, ErrorKind, Remedy};

/// The meaning of a verdict on a callback, and what to do.
pub(super) const fn of_verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Believed => (
            "The callback fits the payment, and the payment has moved forward.",
            "Look at the payment: hand over the goods if it is paid.",
        ),
        Verdict::Duplicate => (
            "The payment knew already what the callback says.",
            "Do nothing.",
        ),
        Verdict::Mismatch => (
            "The callback does not fit the payment. It is kept with the payment as a flag, and changed nothing.",
            "Let a person look at the payment's flags.",
        ),
        Verdict::NotConfirmed => (
            "The callback says that money came, and the gateway did not confirm that when asked.",
            "Wait for the payment, or ask about it later.",
        ),
        Verdict::NotUnderstood => (
            "The callback has a code that nobody knows, or contradicts itself. It is kept with the payment as a flag.",
            "Let a person look at the payment's flags.",
        ),
    }
}

/// The meaning of an error's disposition, and what to do.
pub(super) const fn of_disposition(disposition: Disposition) -> (&'static str, &'static str) {
    match disposition {
        Disposition::NotSent => (
            "Nothing left this machine, or the gateway refused before it acted. No phone was prompted.",
            "Mend what the error names, or try again where it is retryable.",
        ),
        Disposition::Rejected => (
            "The gateway refused the request. No phone was prompted.",
            "Change what the error names before you send again.",
        ),
        Disposition::Unknown => (
            "A phone may have been prompted.",
            "Find out: wait for the callback, or query. Do not send again.",
        ),
    }
}

/// The meaning of an error's remedy, and what to do.
pub(super) const fn of_remedy(remedy: Remedy) -> (&'static str, &'static str) {
    match remedy {
        Remedy::CorrectInput => (
            "An argument is not valid. Nothing was sent.",
            "Correct the argument that the error's field names.",
        ),
        Remedy::CorrectSettings => (
            "A setting or a credential is not valid, or the gateway does not accept it.",
            "Correct the settings.",
        ),
        Remedy::LookAtPayment => (
            "The step does not fit the payment as it is: it was pushed before, or not at all.",
            "Look at the payment, and do not push it again.",
        ),
        Remedy::FindOut => (
            "A phone may have been prompted.",
            "Wait for the callback or query, and do not send again.",
        ),
        Remedy::TryAgain => (
            "Nobody was prompted, and time alone may mend it.",
            "Send again, after the time that the error names where it names one.",
        ),
        Remedy::HoldBack => (
            "The gateway, or the guard ahead of it, refuses pushes for a while.",
            "Send nothing until the time that the error names.",
        ),
        Remedy::ChangeRequest => (
            "The gateway refused the request; as it stands it brings the same.",
            "Change what the error's message names.",
        ),
        Remedy::Disbelieve => (
            "The callback is not one, or not for us.",
            "Believe nothing of it; query the payment if it should have been one.",
        ),
    }
}

/// The meaning of an error's kind, and what to do.
pub(super) const fn of_kind(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::InvalidInput => (
            "An argument is not valid. Nothing was sent.",
            "Correct the argument that the error's field names.",
        ),
        ErrorKind::Configuration => (
            "A setting is missing or not valid. Nothing was sent.",
            "Correct the setting that the error's field names.",
        ),
        ErrorKind::PaymentState => (
            "The step does not fit the payment as it is: it was sent already, or is settled.",
            "Look at the payment, and do not push it again.",
        ),
        ErrorKind::Authentication => (
            "The gateway does not accept the credentials.",
            "Check the keys, and that they belong to this environment.",
        ),
        ErrorKind::Credentials => (
            "The gateway accepts the API credentials, but not the short code and pass key.",
            "Check the short code and its pass key.",
        ),
        ErrorKind::InvalidRequest => (
            "The gateway refused the request as it stands.",
            "Change what the error's message names.",
        ),
        ErrorKind::SubscriberBusy => (
            "The customer has another M-Pesa prompt open. No prompt was sent to the phone.",
            "Let the customer finish the other prompt, then push again.",
        ),
        ErrorKind::RateLimited => (
            "The gateway has had too many requests, and the call's time was too short to wait.",
            "Send again after the time that the error names.",
        ),
        ErrorKind::Blocked => (
            "The gateway, its firewall, or the guard ahead of the gateway refuses requests for a while.",
            "Send nothing until the time that the error names.",
        ),
        ErrorKind::Connection => (
            "The gateway could not be reached. No byte of the request left.",
            "Check the address, the network and the proxy, then send again.",
        ),
        ErrorKind::NoAnswer => (
            "The request left, and no whole answer came back in time.",
            "Find out: wait for the callback, or query. Do not push again.",
        ),
        ErrorKind::ProviderError => (
            "The gateway answered that it failed.",
            "Read the disposition: where it is unknown, find out before you push again.",
        ),
        ErrorKind::UnreadableAnswer => (
            "The gateway's answer fits no known shape.",
            "Find out: wait for the callback, or query. Check the base URL.",
        ),
        ErrorKind::InvalidCallback => (
            "A body is not a callback, or not one that can be trusted.",
            "Believe nothing of it; query the payment if it should have been one.",
        ),
        ErrorKind::Storage => (
            "The program's own store or credentials provider failed. Nothing was sent.",
            "Mend the store or the provider, then push again.",
        ),
    }
}
