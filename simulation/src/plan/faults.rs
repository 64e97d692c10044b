//! The faults that a plan has: of a push, a query, a request for a token, a callback.

use serde::{Deserialize, Serialize};

/// What goes wrong with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PushFault {
    /// No connection stands.
    NotConnected,
    /// It leaves and never arrives, and the connection breaks.
    RequestLost,
    /// It arrives long after it left.
    RequestLate {
        /// How long after.
        by_ms: u64,
    },
    /// The gateway says that it is busy, and has done nothing.
    Busy {
        /// What its `Retry-After` says, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// The gateway says that the token is no longer valid, and has done nothing.
    TokenRefused,
    /// The customer has another prompt open; nothing was done.
    SubscriberBusy,
    /// The gateway refuses the request as it stands.
    Refused,
    /// The gateway takes no more pushes of this shop's for so long, and has done nothing.
    Banned {
        /// How long.
        seconds: u64,
        /// Whether its answer says how long.
        told: bool,
    },
    /// The prompt opens, and the answer is lost: the connection breaks.
    AnswerLost,
    /// The prompt opens, and no answer ever comes.
    Silence,
    /// The prompt opens, and the answer takes long.
    AnswerLate {
        /// How long.
        by_ms: u64,
    },
    /// The prompt opens, and what comes back is not the gateway's answer to it: the error page of a proxy, half a body.
    AnswerSpoiled(Spoil),
    /// Nothing was done, and what comes back does not say so.
    NotDoneAndUnclear(Spoil),
    /// The prompt opens, and the gateway says that it is busy and has done nothing.
    BusyThoughPrompted {
        /// What its `Retry-After` says, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// The prompt opens, and the gateway says that the token is no longer valid.
    TokenRefusedThoughPrompted,
    /// The prompt opens, and the whole acceptance comes under the HTTP status of a refusal.
    AcceptedUnder {
        /// The HTTP status.
        status: u16,
    },
    /// The prompt opens, and the acceptance contradicts itself.
    AcceptedOddly(Oddity),
    /// The gateway announces that it takes no pushes from this shop, and has done nothing.
    Blocked {
        /// How it says so.
        words: BlockWords,
        /// How long, where the answer says it.
        seconds: Option<u64>,
    },
    /// The prompt opens, a proxy answers 504, and the acceptance follows on the same connection.
    ProxyTimeout {
        /// How long after the 504.
        by_ms: u64,
    },
    /// The prompt opens, and the acceptance comes twice on the same connection.
    AnsweredTwice {
        /// How long after the first.
        by_ms: u64,
    },
}

/// How an acceptance contradicts itself. It names the prompt all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Oddity {
    /// The code of success as `0.0`.
    ZeroPointZero,
    /// The code of success as `-0`.
    MinusZero,
    /// A word in place of the code.
    Word,
    /// "Busy" beside it.
    Busy,
}

/// How a gateway announces a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BlockWords {
    /// A sentence: "restricted for 4 hours".
    Sentence,
    /// The code `ACCOUNT_RESTRICTED`.
    AccountRestricted,
    /// The code `STK_BANNED`, under HTTP 429.
    StkBanned,
    /// The same in small letters.
    SmallLetters,
}

/// What stands in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Spoil {
    /// HTTP 503 and HTML.
    Unavailable,
    /// HTTP 403 and the firewall's HTML.
    Firewall,
    /// HTTP 500 and the gateway's own "internal error".
    InternalError,
    /// HTTP 500 and nothing.
    Empty,
    /// HTTP 200 and HTML.
    Html,
    /// HTTP 200 and the first half of the acceptance.
    Half,
}

/// What goes wrong with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QueryFault {
    /// No connection stands.
    NotConnected,
    /// The answer is lost.
    AnswerLost,
    /// The answer takes long.
    AnswerLate {
        /// How long.
        by_ms: u64,
    },
    /// "Still being processed", whatever is true.
    StillProcessing,
    /// The same in the other shape that is known.
    StillProcessingOtherwise,
    /// No information, whatever is true.
    NoInformation,
    /// "Does not exist", whatever is true.
    DoesNotExist,
    /// Busy.
    Busy,
    /// The token is no longer valid.
    TokenRefused,
    /// Something else in place of an answer.
    Spoiled(Spoil),
    /// A proxy answers 504, and the true answer follows on the same connection.
    ProxyTimeout {
        /// How long after the 504.
        by_ms: u64,
    },
    /// The answer comes twice on the same connection.
    AnsweredTwice {
        /// How long after the first.
        by_ms: u64,
    },
    /// A success that names nothing.
    Unnamed,
    /// The answer about another prompt.
    OfAnother,
}

/// What goes wrong with a request for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenFault {
    /// No connection stands.
    NotConnected,
    /// The token is made, and the answer lost.
    AnswerLost,
    /// The answer takes long.
    AnswerLate {
        /// How long.
        by_ms: u64,
    },
    /// Busy.
    Busy,
    /// Something else in place of an answer.
    Spoiled(Spoil),
    /// The keys are refused, for once.
    KeysRefused,
}

/// What a callback says wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Spoiled {
    /// A success of another amount.
    Amount,
    /// A success by another phone.
    Phone,
    /// A success of another prompt.
    Prompt,
    /// A success without receipt and amount.
    Incomplete,
}
