//! Errors of a payment's file that cannot be used. Nothing was sent in any of these cases.

use crate::exit::Exit;
use crate::refusal::Refusal;
use lipia::error::ErrorCode;
use lipia::{Error, Payment};
use std::io;
use std::path::Path;

fn refusal(code: ErrorCode, message: String, hint: impl Into<String>) -> Refusal {
    Refusal {
        code,
        field: "payment",
        message,
        hint: hint.into(),
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Box<Refusal> {
    let name = path.display();
    Box::new(match error.kind() {
        io::ErrorKind::InvalidInput => refusal(
            ErrorCode::PaymentFileNotRegular,
            format!("{name} cannot hold a payment: {error}."),
            "Give the path of a regular file, or of one that does not exist yet. Links are not followed.",
        ),
        io::ErrorKind::InvalidData => refusal(
            ErrorCode::PaymentUnreadable,
            format!("{name} does not hold a payment that Lipia saved: {error}."),
            "Give another file, and look into this one: it may be a damaged payment.",
        ),
        _ => refusal(
            ErrorCode::PaymentFileUnreadable,
            format!("{name} cannot be read: {error}."),
            "Give the path of a file that you may read and write.",
        ),
    })
}

pub(super) fn not_a_payment(path: &Path, error: &Error) -> Box<Refusal> {
    let message = format!("{}: {}", path.display(), error.message());
    let code = if error.code() == ErrorCode::PaymentFormUnknown.as_str() {
        ErrorCode::PaymentFormUnknown
    } else {
        ErrorCode::PaymentUnreadable
    };
    Box::new(refusal(
        code,
        message,
        "Give another file, and look into this one: it may be a damaged payment, or one of a later version of Lipia.",
    ))
}

pub(super) fn not_writable(path: &Path, error: &io::Error) -> Box<Refusal> {
    let name = path.display();
    if error.kind() == io::ErrorKind::InvalidInput {
        return unreadable(path, error);
    }
    Box::new(Refusal {
        exit: Exit::NotSent,
        ..refusal(
            ErrorCode::PaymentNotSaved,
            format!("The payment could not be saved to {name}: {error}."),
            "Give a path in a folder that exists and that you may write to. Nothing was sent.",
        )
    })
}

pub(super) fn already_sent(path: &Path, stored: &Payment) -> Box<Refusal> {
    let name = path.display();
    Box::new(Refusal {
        payment_id: Some(stored.id().to_string()),
        ..refusal(
            ErrorCode::PaymentAlreadySent,
            format!(
                "{name} holds a payment that is {} ({}). Nothing was sent.",
                stored.state().as_str(),
                stored.outcome()
            ),
            format!(
                "Ask what became of it: lipia wait --payment {name}. For another sale give another file."
            ),
        )
    })
}

pub(super) fn another_ask(path: &Path, stored: &Payment) -> Box<Refusal> {
    let name = path.display();
    Box::new(Refusal {
        payment_id: Some(stored.id().to_string()),
        ..refusal(
            ErrorCode::PaymentFileInUse,
            format!("{name} holds another payment, which was not sent yet. Nothing was sent."),
            "Give the same phone, amount, reference and options to push that payment, or give another file.",
        )
    })
}
