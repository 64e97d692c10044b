//! The two generations of UpesiPay's API.

use http::Uri;

use crate::records::payment::Payment;
use crate::wire::request::parameter;

pub(super) const STATUS_PATH: &str = "/api/v2/transaction-status";

/// A generation of UpesiPay's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Generation {
    /// As the vendor's pages have it: `/api/v2/payments`.
    First,
    /// As clients in the wild use it: `/api/v2/collections/initiate/`.
    Second,
}

impl Generation {
    /// 1 or 2.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The generation that a payment was pushed with.
    pub(super) fn of(payment: &Payment) -> Self {
        match payment.generation {
            Some(2) => Self::Second,
            _ => Self::First,
        }
    }

    /// The generation whose errors a request is answered with, by its path below the base path. Both share the status
    /// path: there a reference in M-Pesa's form, as only the second asks with, tells.
    pub(super) fn of_request(path: &str, uri: &Uri) -> Self {
        let is_second = match path {
            STATUS_PATH => {
                parameter(uri, "reference").is_some_and(|reference| reference.starts_with("ws_CO_"))
            }
            path => path.starts_with("/api/v2/collections"),
        };
        if is_second { Self::Second } else { Self::First }
    }
}
