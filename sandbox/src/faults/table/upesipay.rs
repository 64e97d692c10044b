//! UpesiPay's own faults.

use crate::faults::effect::{Body, Change, Effect};
use crate::faults::kind::FaultKind;
use crate::faults::row::{FaultRow, PUSH, PUSH_AND_QUERY, QUERY, around, instead, only, upesipay};
use crate::values::gateway::Gateway;

pub(super) const UPESIPAY: &[FaultRow] = &[
    upesipay(
        FaultKind::Status404,
        "status_404",
        QUERY,
        404,
        "Transaction not found",
    ),
    upesipay(
        FaultKind::TokenRefused,
        "token_refused",
        PUSH_AND_QUERY,
        401,
        "Invalid auth token",
    ),
    upesipay(
        FaultKind::LowServiceBalance,
        "low_service_balance",
        PUSH,
        402,
        "Insufficient service balance",
    ),
    upesipay(
        FaultKind::AccountNotReady,
        "account_not_ready",
        PUSH,
        412,
        "Account not ready for collections",
    ),
    only(
        Gateway::UpesiPay,
        around(
            FaultKind::ReferenceAlone,
            "reference_alone",
            "an acceptance of generation 1 with `reference` and without CheckoutRequestID",
            PUSH,
            Effect::ChangeMembers {
                names: &["CheckoutRequestID"],
                change: Change::Remove,
            },
        ),
    ),
    upesipay(
        FaultKind::RestrictedForFourHours,
        "restricted_for_four_hours",
        PUSH,
        403,
        "Your account has been restricted for 4 hours due to too many failed requests",
    ),
    FaultRow {
        seconds: 14_400.0,
        ..only(
            Gateway::UpesiPay,
            instead(
                FaultKind::AccountBlocked,
                "account_blocked",
                "403 ACCOUNT_BLOCKED with `seconds` (4 hours) in retry_after_seconds alone",
                PUSH,
                403,
                Body::Block {
                    code: "ACCOUNT_BLOCKED",
                    message: "This account is blocked",
                },
            ),
        )
    },
];
