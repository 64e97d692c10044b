//! The kinds of faults, as the table of results counts them: one table of kinds and their names.

use crate::plan::ForgedPath;
use crate::plan::faults::{PushFault, QueryFault, Spoiled, TokenFault};
use std::ops::{BitOr, BitOrAssign};

/// A set of kinds of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultKind(u64);

macro_rules! kinds {
    ($($name:ident = $text:literal,)*) => {
        #[allow(clippy::upper_case_acronyms, reason = "constants, counted up below")]
        #[repr(u32)]
        enum Bit { $($name,)* }
        impl FaultKind {
            $(
                #[doc = $text]
                #[allow(non_upper_case_globals, reason = "each is one member of a set, named like a variant")]
                pub const $name: Self = Self(1 << Bit::$name as u32);
            )*
            /// Every kind with its name, in the order of the table.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $text),)*];
        }
    };
}

kinds! {
    Nothing = "nothing went wrong",
    NotConnected = "push: no connection",
    RequestLost = "push: the request is lost",
    RequestLate = "push: the request arrives late",
    Busy = "push: busy",
    TokenRefused = "push: token no longer valid",
    SubscriberBusy = "push: another prompt is open",
    Refused = "push: refused",
    Banned = "push: the shop is banned for a while",
    HeldBack = "push: the guard holds it back",
    AnswerLost = "push: the answer is lost",
    AnswerLate = "push: the answer is late",
    AnswerSpoiled = "push: an error page instead of the answer",
    NotDoneAndUnclear = "push: not done, and an error page",
    Denied = "push: busy or token refused, though prompted",
    AcceptedOddly = "push: accepted, and refused in one answer",
    Blocked = "push: the gateway announces a block",
    IdsLeftOut = "push: the answer leaves an id out",
    Stray = "push, query: an answer late or twice on its connection",
    QueryFailed = "query: no answer, or an error page",
    QueryVague = "query: vague or contradictory",
    QueryOfAnother = "query: names nothing, or another prompt",
    PaidAfterAll = "customer: pays after the prompt has timed out",
    TokenFailed = "token: no answer, refused, busy",
    TokensEnd = "token: all invalid at once",
    NoCallback = "callback: none comes",
    ManyCallbacks = "callback: two or more",
    LateCallback = "callback: minutes late",
    CallbackFirst = "callback: before the push's own answer",
    Misdirected = "callback: another sale's",
    Spoiled = "callback: wrong amount, phone, prompt, or half",
    UnknownCode = "callback: a code that nobody knows",
    Contradicted = "callback: a failure of what was paid",
    Forged = "callback: forged, seal made up",
    Leaked = "callback: forged, address known",
    Alike = "shop: sales of equal phone, amount, reference",
    ByAcceptance = "shop: keeps the acceptance alone, and asks",
    Elsewhere = "shop: another process takes the callback in",
    CallerLeft = "shop: the caller went away",
    PushedOnceMore = "shop: pushes once more what was pushed",
    SaveFailed = "shop: saving failed",
    Crashed = "shop: its process died",
}

impl FaultKind {
    /// No kind at all.
    pub const NONE: Self = Self(0);

    /// Whether it has this kind.
    #[must_use]
    pub fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for FaultKind {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for FaultKind {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl From<PushFault> for FaultKind {
    fn from(fault: PushFault) -> Self {
        match fault {
            PushFault::NotConnected => Self::NotConnected,
            PushFault::RequestLost => Self::RequestLost,
            PushFault::RequestLate { .. } => Self::RequestLate,
            PushFault::Busy { .. } => Self::Busy,
            PushFault::TokenRefused => Self::TokenRefused,
            PushFault::SubscriberBusy => Self::SubscriberBusy,
            PushFault::Refused => Self::Refused,
            PushFault::Banned { .. } => Self::Banned,
            PushFault::AnswerLost | PushFault::Silence => Self::AnswerLost,
            PushFault::AnswerLate { .. } => Self::AnswerLate,
            PushFault::AnswerSpoiled(_) => Self::AnswerSpoiled,
            PushFault::NotDoneAndUnclear(_) => Self::NotDoneAndUnclear,
            PushFault::BusyThoughPrompted { .. } | PushFault::TokenRefusedThoughPrompted => {
                Self::Denied
            }
            PushFault::AcceptedUnder { .. } | PushFault::AcceptedOddly(_) => Self::AcceptedOddly,
            PushFault::Blocked { .. } => Self::Blocked,
            PushFault::ProxyTimeout { .. } | PushFault::AnsweredTwice { .. } => Self::Stray,
        }
    }
}

impl From<QueryFault> for FaultKind {
    fn from(fault: QueryFault) -> Self {
        match fault {
            QueryFault::StillProcessing
            | QueryFault::StillProcessingOtherwise
            | QueryFault::NoInformation
            | QueryFault::DoesNotExist => Self::QueryVague,
            QueryFault::NotConnected
            | QueryFault::AnswerLost
            | QueryFault::AnswerLate { .. }
            | QueryFault::Busy
            | QueryFault::TokenRefused
            | QueryFault::Spoiled(_) => Self::QueryFailed,
            QueryFault::ProxyTimeout { .. } | QueryFault::AnsweredTwice { .. } => Self::Stray,
            QueryFault::Unnamed | QueryFault::OfAnother => Self::QueryOfAnother,
        }
    }
}

impl From<TokenFault> for FaultKind {
    fn from(_: TokenFault) -> Self {
        Self::TokenFailed
    }
}

impl From<Spoiled> for FaultKind {
    fn from(_: Spoiled) -> Self {
        Self::Spoiled
    }
}

impl From<ForgedPath> for FaultKind {
    fn from(path: ForgedPath) -> Self {
        match path {
            ForgedPath::Leaked => Self::Leaked,
            ForgedPath::Form | ForgedPath::Id | ForgedPath::SealOfAnother => Self::Forged,
        }
    }
}
