//! The kinds of faults, by name.

use serde::{Deserialize, Serialize};

/// The kinds of faults; [`FAULTS`](crate::FAULTS) says what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "each variant is documented by its row in FAULTS, so that no two texts can disagree"
)]
pub enum FaultKind {
    AnswerLost,
    AnswerCut,
    ConnectionRefused,
    SlowBefore,
    SlowAfter,
    TruncatedJson,
    SystemBusy,
    SpikeArrest,
    Quota,
    TooManyRequests,
    TooManyRequestsRetryAfter,
    UnavailableHtml,
    FirewallHtml,
    InternalError,
    #[serde(rename = "invalid_token_404")]
    InvalidToken404,
    #[serde(rename = "invalid_token_401")]
    InvalidToken401,
    #[serde(rename = "invalid_token_400")]
    InvalidToken400,
    InvalidCredentials,
    #[serde(rename = "empty_200")]
    Empty200,
    #[serde(rename = "empty_400")]
    Empty400,
    #[serde(rename = "empty_500")]
    Empty500,
    #[serde(rename = "html_200")]
    Html200,
    ExpiresInMissing,
    ExpiresInGarbage,
    CallbackLost,
    CallbackTwice,
    StkTempBanned,
    RateLimited,
    InvalidApiKey,
    InsufficientScope,
    TenantInactive,
    AccountInactive,
    KycNotVerified,
    InsufficientServiceBalance,
    NoPaymentChannels,
    NoDefaultChannel,
    CredentialInactive,
    PlatformCredentialsNotConfigured,
    #[serde(rename = "status_404")]
    Status404,
    TokenRefused,
    LowServiceBalance,
    AccountNotReady,
    WholeAnswerUnderStatus,
    LateAnswer,
    LateAnswerAtNext,
    AnswerTwice,
    Echo,
    QueryWithoutIds,
    QueryWithOtherIds,
    BusyNamesPrompt,
    TokenRefusedNamesPrompt,
    ResponseCodeOdd,
    QueryV2Missing,
    ProviderCheckoutIdNull,
    TransactionIdMissing,
    AccountRestricted,
    StkBanned,
    StkAbuseProtection,
    ReferenceAlone,
    RestrictedForFourHours,
    AccountBlocked,
}
