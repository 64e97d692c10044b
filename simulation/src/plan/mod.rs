//! The plan of one world, as data: drawn from a seed before anything runs, so that a part of it can be left out without moving
//! the rest. Times are milliseconds.

mod draw;
pub mod faults;
mod later;
pub mod ledger;
mod saved;

use self::faults::{PushFault, QueryFault, Spoiled, TokenFault};
use self::ledger::{Click, Hearing, Stall, StoreFault};
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
    /// How many processes of the shop share a ledger.
    pub servers: u32,
    /// How long a command of the ledger takes at most, before and after it is carried out, in milliseconds.
    pub store_ms: u64,
    /// Whether nobody is woken by what others write to the ledger.
    pub drops_wakes: bool,
    /// When one of these processes stands still.
    pub stalls: Vec<Stall>,
    /// What goes wrong with the ledger's store.
    pub store_faults: Vec<StoreFault>,
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
    /// The shop calls `stk_push`, keeps the acceptance alone, and asks with `stk_query`.
    Acceptance,
    /// Several processes of the shop share a ledger, and request orders of it.
    Ledger,
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
    /// The sale whose phone, amount and reference this one has as well.
    pub like: Option<usize>,
    /// The customer pays so long after the prompt ended unanswered, and no callback says so.
    pub pays_after_all_ms: Option<u64>,
    /// The gateway leaves an id out of its answers where its documents allow that.
    pub ids_left_out: bool,
    /// The result code, in no table, of a callback that comes before the true ones.
    pub unknown_code: Option<u32>,
    /// Another process of the shop takes in what is posted.
    pub taken_in_elsewhere: bool,
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
    /// In which process it begins, where several share a ledger.
    pub server: u32,
    /// Whether the request with which it begins waits for the outcome, where it is one of a ledger.
    pub waits: bool,
    /// Further requests of the same order.
    pub clicks: Vec<Click>,
    /// What the handler of outcomes does with the tellings of this sale, in their order; it takes them once these are used up.
    pub hearings: Vec<Hearing>,
}

impl Plan {
    /// Whether another process of the shop takes in what is posted about some sales.
    pub(crate) fn has_a_door(&self) -> bool {
        self.sales.iter().any(|sale| sale.taken_in_elsewhere)
    }

    /// Whether several sales are called alike.
    pub(crate) fn has_sales_alike(&self) -> bool {
        self.sales.iter().any(|sale| sale.like.is_some())
    }

    /// Whether a sale is called like another.
    pub(crate) fn is_like_another(&self, sale: usize) -> bool {
        let mut like = self.sales.iter().map(|sale| sale.like);
        like.clone().nth(sale).flatten().is_some() || like.any(|like| like == Some(sale))
    }

    /// Whether a prompt of this sale's can be taken for another's: PalPluss finds one whose id is not known by phone, amount
    /// and reference alone.
    pub(crate) fn is_anybodys(&self, sale: usize) -> bool {
        self.gateway == GatewayName::PalPluss && self.is_like_another(sale)
    }

    /// What the shop calls a sale: as it calls the one that this one is like.
    pub(crate) fn reference_of(&self, sale: usize) -> String {
        let like = self.sales.get(sale).and_then(|sale| sale.like);
        reference(like.unwrap_or(sale))
    }
}

/// What the shop calls a sale, `S7`: the gateway itself has no notion of one.
fn reference(sale: usize) -> String {
    format!("S{sale}")
}

/// The order of a sale in the ledger: each sale has one of its own.
pub(crate) fn order_of(sale: usize) -> String {
    reference(sale)
}

/// The sale that is called so.
pub(crate) fn sale_of(reference: &str) -> Option<usize> {
    reference.strip_prefix('S')?.parse().ok()
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

    /// The same, after so long at most.
    #[must_use]
    pub(crate) fn within_ms(self, most_ms: u64) -> Self {
        let after_ms = self.after_ms().min(most_ms);
        match self {
            Self::Pays { .. } => Self::Pays { after_ms },
            Self::Fails { code, .. } => Self::Fails { after_ms, code },
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
