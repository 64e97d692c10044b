//! PalPluss's own faults.

use crate::faults::effect::{Body, Change, Effect};
use crate::faults::kind::FaultKind;
use crate::faults::row::{
    FaultRow, PUSH, PUSH_AND_QUERY, around, instead, only, palpluss, with_retry_after,
};
use crate::values::gateway::Gateway;

pub(super) const PALPLUSS: &[FaultRow] = &[
    with_retry_after(
        only(
            Gateway::PalPluss,
            instead(
                FaultKind::StkTempBanned,
                "stk_temp_banned",
                "429 STK_TEMP_BANNED, with `seconds` (an hour) left",
                PUSH,
                429,
                Body::Block {
                    code: "STK_TEMP_BANNED",
                    message: "STK push is temporarily banned: too many pushes with a low success rate",
                },
            ),
        ),
        3600.0,
    ),
    with_retry_after(
        palpluss(
            FaultKind::RateLimited,
            "rate_limited",
            PUSH_AND_QUERY,
            429,
            "RATE_LIMIT_EXCEEDED",
            "Too many requests: the limit per minute is reached",
        ),
        5.0,
    ),
    palpluss(
        FaultKind::InvalidApiKey,
        "invalid_api_key",
        PUSH_AND_QUERY,
        401,
        "INVALID_API_KEY",
        "API key not found or revoked",
    ),
    palpluss(
        FaultKind::InsufficientScope,
        "insufficient_scope",
        PUSH_AND_QUERY,
        403,
        "INSUFFICIENT_SCOPE",
        "The API key lacks a scope",
    ),
    palpluss(
        FaultKind::TenantInactive,
        "tenant_inactive",
        PUSH_AND_QUERY,
        401,
        "TENANT_INACTIVE",
        "Tenant is not ACTIVE",
    ),
    palpluss(
        FaultKind::AccountInactive,
        "account_inactive",
        PUSH_AND_QUERY,
        403,
        "ACCOUNT_INACTIVE",
        "Tenant status is not ACTIVE",
    ),
    palpluss(
        FaultKind::KycNotVerified,
        "kyc_not_verified",
        PUSH,
        403,
        "KYC_NOT_VERIFIED",
        "Tenant KYC is not APPROVED",
    ),
    palpluss(
        FaultKind::InsufficientServiceBalance,
        "insufficient_service_balance",
        PUSH,
        402,
        "INSUFFICIENT_SERVICE_BALANCE",
        "Service tokens below the required fee",
    ),
    palpluss(
        FaultKind::NoPaymentChannels,
        "no_payment_channels",
        PUSH,
        400,
        "NO_PAYMENT_CHANNELS",
        "No payment channel is configured",
    ),
    palpluss(
        FaultKind::NoDefaultChannel,
        "no_default_channel",
        PUSH,
        400,
        "NO_DEFAULT_CHANNEL",
        "No default channel is set",
    ),
    palpluss(
        FaultKind::CredentialInactive,
        "credential_inactive",
        PUSH,
        409,
        "CREDENTIAL_INACTIVE",
        "Credential profile disabled",
    ),
    palpluss(
        FaultKind::PlatformCredentialsNotConfigured,
        "platform_credentials_not_configured",
        PUSH,
        500,
        "PLATFORM_CREDENTIALS_NOT_CONFIGURED",
        "No Daraja credentials",
    ),
    only(
        Gateway::PalPluss,
        around(
            FaultKind::ProviderCheckoutIdNull,
            "provider_checkout_id_null",
            "an acceptance with \"providerCheckoutId\": null",
            PUSH,
            Effect::ChangeMembers {
                names: &["providerCheckoutId"],
                change: Change::Null,
            },
        ),
    ),
    only(
        Gateway::PalPluss,
        around(
            FaultKind::TransactionIdMissing,
            "transaction_id_missing",
            "an acceptance without transactionId",
            PUSH,
            Effect::ChangeMembers {
                names: &["transactionId"],
                change: Change::Remove,
            },
        ),
    ),
    palpluss(
        FaultKind::AccountRestricted,
        "account_restricted",
        PUSH,
        403,
        "ACCOUNT_RESTRICTED",
        "This account is restricted for 4 hours: too many STK pushes failed",
    ),
    FaultRow {
        seconds: 3600.0,
        ..only(
            Gateway::PalPluss,
            instead(
                FaultKind::StkBanned,
                "stk_banned",
                "403 STK_BANNED with `seconds` (an hour) in details.retry_after_seconds alone",
                PUSH,
                403,
                Body::Block {
                    code: "STK_BANNED",
                    message: "STK push is banned for this account",
                },
            ),
        )
    },
    palpluss(
        FaultKind::StkAbuseProtection,
        "stk_abuse_protection",
        PUSH,
        429,
        "TOO_MANY_REQUESTS",
        "STK Abuse Protection: too many STK pushes with a low success rate. Try again in 1 hour",
    ),
];
