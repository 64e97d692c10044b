//! The state of a payment in PalPluss's words: its status, with M-Pesa's code and text.

use super::FEE;
use crate::engine::acceptance::ACCEPTED;
use crate::records::payment::Payment;
use crate::scenarios::Ending;
use crate::scenarios::endings::result;
use crate::scenarios::timeline::{InFlight, in_flight};

/// A status with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct State {
    pub(super) status: &'static str,
    /// The webhook's `event_type`.
    pub(super) event_type: &'static str,
    pub(super) result_code: Option<&'static str>,
    pub(super) result_desc: Option<&'static str>,
    /// Shown as 0 on what failed.
    pub(super) fee: f64,
}

/// The statuses that exist; `PROCESSING` and `REVERSED` among them are rare or never played here.
pub(super) const STATUSES: &[&str] = &[
    "PENDING",
    "PROCESSING",
    "SUCCESS",
    "FAILED",
    "CANCELLED",
    "EXPIRED",
    "REVERSED",
];

/// The truth about a payment.
pub(super) fn state(payment: &Payment) -> State {
    match payment.ending {
        Some(ending) => ended(ending),
        None => match in_flight(payment.scenario) {
            InFlight::BeingProcessed | InFlight::Unresolved => State {
                status: "PENDING",
                event_type: "transaction.updated",
                result_code: Some("0"),
                result_desc: Some(ACCEPTED),
                fee: FEE,
            },
            InFlight::UnderProcessing => State {
                status: "PROCESSING",
                event_type: "transaction.updated",
                result_code: None,
                result_desc: None,
                fee: FEE,
            },
        },
    }
}

/// An ending, true or not.
pub(super) fn ended(ending: Ending) -> State {
    let (status, event_type) = match ending {
        Ending::Pay => ("SUCCESS", "transaction.success"),
        Ending::Cancel | Ending::CancelOldCode => ("CANCELLED", "transaction.cancelled"),
        Ending::TimeOut | Ending::Unreachable | Ending::Expire => {
            ("EXPIRED", "transaction.expired")
        }
        _ => ("FAILED", "transaction.failed"),
    };
    let row = result(ending);
    State {
        status,
        event_type,
        result_code: Some(row.code),
        result_desc: Some(row.in_callback),
        fee: if ending == Ending::Pay { FEE } else { 0.0 },
    }
}
