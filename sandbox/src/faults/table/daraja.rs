//! Daraja's own faults.

use crate::faults::effect::{Change, Effect};
use crate::faults::kind::FaultKind;
use crate::faults::row::{
    FaultRow, OAUTH, PUSH, PUSH_AND_QUERY, QUERY, REQUESTS, around, daraja, only,
};
use crate::values::gateway::Gateway;

/// The path of version 2 of the query. Safaricom does not document it; programs of 2026 use it for the receipt.
pub(crate) const QUERY_V2_PATH: &str = "/mpesa/stkpushquery/v2/query";

pub(super) const DARAJA: &[FaultRow] = &[
    daraja(
        FaultKind::SystemBusy,
        "system_busy",
        "500 500.003.02: system is busy",
        REQUESTS,
        500,
        "500.003.02",
        "System is busy. Please try again in few minutes.",
    ),
    daraja(
        FaultKind::SpikeArrest,
        "spike_arrest",
        "500 500.003.02: spike arrest violation",
        REQUESTS,
        500,
        "500.003.02",
        "Error Occurred: Spike Arrest Violation",
    ),
    daraja(
        FaultKind::Quota,
        "quota",
        "500 500.003.03: quota violation",
        REQUESTS,
        500,
        "500.003.03",
        "Error Occurred: Quota Violation",
    ),
    daraja(
        FaultKind::InternalError,
        "internal_error",
        "500 500.003.1001: internal server error",
        REQUESTS,
        500,
        "500.003.1001",
        "Internal Server Error",
    ),
    daraja(
        FaultKind::InvalidToken404,
        "invalid_token_404",
        "404 404.001.03: invalid access token",
        PUSH_AND_QUERY,
        404,
        "404.001.03",
        "Invalid Access Token",
    ),
    daraja(
        FaultKind::InvalidToken401,
        "invalid_token_401",
        "401 401.002.01: invalid access token",
        PUSH_AND_QUERY,
        401,
        "401.002.01",
        "Error Occurred - Invalid Access Token",
    ),
    daraja(
        FaultKind::InvalidToken400,
        "invalid_token_400",
        "400 400.003.01: invalid access token",
        PUSH_AND_QUERY,
        400,
        "400.003.01",
        "Invalid Access Token",
    ),
    daraja(
        FaultKind::InvalidCredentials,
        "invalid_credentials",
        "400 400.008.01: invalid authentication passed",
        OAUTH,
        400,
        "400.008.01",
        "Invalid Authentication passed",
    ),
    only(
        Gateway::Daraja,
        around(
            FaultKind::ExpiresInMissing,
            "expires_in_missing",
            "a token without expires_in",
            OAUTH,
            Effect::ChangeMembers {
                names: &["expires_in"],
                change: Change::Remove,
            },
        ),
    ),
    only(
        Gateway::Daraja,
        around(
            FaultKind::ExpiresInGarbage,
            "expires_in_garbage",
            "a token whose expires_in is the word soon",
            OAUTH,
            Effect::ChangeMembers {
                names: &["expires_in"],
                change: Change::Text("soon"),
            },
        ),
    ),
    FaultRow {
        takes_status: true,
        ..only(
            Gateway::Daraja,
            around(
                FaultKind::BusyNamesPrompt,
                "busy_names_prompt",
                "500 500.003.02: system is busy, with every member of the acceptance beside it",
                PUSH,
                Effect::AddMembers {
                    status: 500,
                    members: &[
                        ("errorCode", "500.003.02"),
                        (
                            "errorMessage",
                            "System is busy. Please try again in few minutes.",
                        ),
                    ],
                },
            ),
        )
    },
    FaultRow {
        takes_status: true,
        ..only(
            Gateway::Daraja,
            around(
                FaultKind::TokenRefusedNamesPrompt,
                "token_refused_names_prompt",
                "404 404.001.03: invalid access token, with every member of the acceptance beside it",
                PUSH,
                Effect::AddMembers {
                    status: 404,
                    members: &[
                        ("errorCode", "404.001.03"),
                        ("errorMessage", "Invalid Access Token"),
                    ],
                },
            ),
        )
    },
    only(
        Gateway::Daraja,
        around(
            FaultKind::ResponseCodeOdd,
            "response_code_odd",
            "an acceptance whose ResponseCode is the word Success",
            PUSH,
            Effect::ChangeMembers {
                names: &["ResponseCode"],
                change: Change::Text("Success"),
            },
        ),
    ),
    FaultRow {
        path: Some(QUERY_V2_PATH),
        ..daraja(
            FaultKind::QueryV2Missing,
            "query_v2_missing",
            "404 404.001.01: version 2 of the query does not exist; version 1 goes on",
            QUERY,
            404,
            "404.001.01",
            "Resource not found",
        )
    },
];
