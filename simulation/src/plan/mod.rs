//! What will happen in one world, as data: drawn from a seed before anything runs, so that a part of it can be left out
//! without moving the rest. Times are milliseconds.

mod draw;
mod saved;

use lipia::GatewayName;
use serde::{Deserialize, Serialize};

/// One shop, its sales, and all that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Where it was drawn from. The core draws ids and pauses from it, too.
    pub seed: u64,
    /// Whom the shop asks.
    pub gateway: GatewayName,
    /// Whether the gateway speaks the second of the two forms that are known of it: of PalPluss names with
    /// underscores, of UpesiPay the second generation.
    pub second_form: bool,
    /// How the shop keeps its payments.
    pub keeping: Keeping,
    /// Whether the shop has every success confirmed by a query.
    pub confirms: bool,
    /// Whether the client has the guard that counts failures.
    pub guarded: bool,
    /// The time that a call has, in milliseconds.
    pub timeout_ms: u64,
    /// How long the shop waits first, while the customer stands there, in milliseconds.
    pub first_wait_ms: u64,
    /// How long a token lives, in seconds.
    pub token_seconds: u64,
    /// Whether a new token ends the one before it, as one source says of Daraja.
    pub one_token: bool,
    /// What goes wrong with requests for a token, in the order in which they come.
    pub token_faults: Vec<TokenFault>,
    /// When all tokens become invalid.
    pub tokens_end_at_ms: Vec<u64>,
    /// The sales.
    pub sales: Vec<Sale>,
    /// What strangers post.
    pub forgeries: Vec<Forgery>,
    /// When the shop's process dies.
    pub crashes: Vec<Crash>,
    /// Which saves fail, counted from the first.
    pub failing_saves: Vec<u32>,
}

/// How a shop keeps its payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Keeping {
    /// The client has a `PaymentStore`.
    Store,
    /// The shop announces each push with `begin` and saves itself.
    Itself,
    /// The shop calls `collect` and keeps nothing.
    Nothing,
}

/// One sale: one customer who is to pay once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sale {
    /// When it begins.
    pub begins_at_ms: u64,
    /// Which customer, of those that the world has.
    pub customer: u64,
    /// How much, in whole KES.
    pub amount: u32,
    /// What the customer does with each prompt; the last one holds for all further ones.
    pub behaviours: Vec<Behaviour>,
    /// What goes wrong with its pushes, in the order in which they reach the network.
    pub push_faults: Vec<PushFault>,
    /// What the gateway says to questions, in their order; the truth once these are used up.
    pub query_faults: Vec<QueryFault>,
    /// How long after the customer's decision each callback is posted. Empty: none ever is.
    pub callbacks_after_ms: Vec<u64>,
    /// Whose URL the callback is posted to as well, by mistake.
    pub misdirected_to: Option<usize>,
    /// Whether a failure of what was paid is posted once the shop knows that it was.
    pub contradicted: bool,
    /// What a callback that came to the right URL says wrongly besides the true ones.
    pub spoiled: Option<Spoiled>,
    /// When the caller goes away, counted from the beginning of its call.
    pub caller_leaves_after_ms: Option<u64>,
    /// How often the shop pushes again when it was told that nobody was prompted.
    pub pushes_again: u32,
    /// Whether the shop pushes once more what was pushed, as an impatient cashier would.
    pub pushes_once_more: bool,
    /// Whether the shop prompts once more after an outcome that says that nothing was paid.
    pub tries_again: bool,
}

/// What a customer does with a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Behaviour {
    /// Pays after so long.
    Pays {
        /// How long it takes.
        after_ms: u64,
    },
    /// It ends unpaid after so long, with this result code.
    Fails {
        /// How long it takes.
        after_ms: u64,
        /// M-Pesa's code.
        code: u32,
    },
}

impl Behaviour {
    /// How long it takes, in milliseconds.
    #[must_use]
    pub fn after_ms(self) -> u64 {
        match self {
            Self::Pays { after_ms } | Self::Fails { after_ms, .. } => after_ms,
        }
    }

    /// M-Pesa's code for it.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::Pays { .. } => 0,
            Self::Fails { code, .. } => code,
        }
    }
}

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

/// What a stranger posts: a success, complete and of the right form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgery {
    /// When.
    pub at_ms: u64,
    /// Whose phone and amount it names.
    pub sale: usize,
    /// Where it is posted.
    pub path: ForgedPath,
}

/// What a stranger knows of the callback's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ForgedPath {
    /// Its form: an id and a seal of the right length, both made up.
    Form,
    /// The payment's id, with a seal made up.
    Id,
    /// A seal of another payment, behind this one's id.
    SealOfAnother,
    /// All of it, from somebody's log. Only shops that have successes confirmed are exposed to that.
    Leaked,
}

/// A death of the shop's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// At which step, counted from the first, of those at which something could be half done.
    pub at_step: u32,
    /// How long it is down.
    pub down_ms: u64,
}
