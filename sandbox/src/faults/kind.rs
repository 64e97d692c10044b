//! The kinds of faults, and what each makes of an answer.

use serde::{Deserialize, Serialize};

use super::row::{FaultRow, NO_ROW};
use super::table::FAULTS;

/// The kinds of faults; [`FAULTS`] says what each does.
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
}

/// What a fault does, for the code that plays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The connection is closed before the request is read.
    CloseUnread,
    /// The connection is closed without a byte of the answer.
    CutBeforeAnswer,
    /// The connection is closed in the middle of the answer's body.
    CutInBody,
    /// The work starts late.
    WaitBefore,
    /// The answer comes late.
    WaitAfter,
    /// This is answered instead.
    Answer {
        status: u16,
        body: Body,
        retry_after: bool,
    },
    /// Half of the body is missing, and the length says so too.
    TruncateBody,
    /// A member of the answer is replaced, or removed.
    ChangeMember {
        name: &'static str,
        value: Option<&'static str>,
    },
    /// The callback is not sent.
    LoseCallback,
    /// The callback is sent twice.
    DoubleCallback,
}

/// The body of an answer that is given instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Daraja's error envelope.
    DarajaError {
        code: &'static str,
        message: &'static str,
    },
    /// PalPluss's error envelope.
    PalPlussError {
        code: &'static str,
        message: &'static str,
    },
    /// PalPluss's temporary ban, with the seconds that are left.
    PalPlussBan,
    /// UpesiPay's error body, in the generation of the request.
    UpesiPayError { message: &'static str },
    /// Anything else.
    Text {
        content_type: &'static str,
        text: &'static str,
    },
}

impl FaultKind {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static FaultRow {
        FAULTS
            .iter()
            .find(|row| row.kind == self)
            .unwrap_or(&NO_ROW)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        FAULTS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_row_under_its_own_name() {
        // The error of a name that is unknown lists the names that are known: serde's own list of the variants.
        let known = serde_json::from_str::<FaultKind>("\"?\"")
            .unwrap_err()
            .to_string();
        for row in FAULTS {
            assert_eq!(
                FAULTS.iter().filter(|other| other.kind == row.kind).count(),
                1,
                "{}",
                row.name
            );
            assert_eq!(
                serde_json::to_string(&row.kind).unwrap(),
                format!("\"{}\"", row.name)
            );
            assert!(known.contains(&format!("`{}`", row.name)));
        }
        let variants = known.matches('`').count() / 2 - 1;
        assert_eq!(variants, FAULTS.len(), "{known}");
    }
}
