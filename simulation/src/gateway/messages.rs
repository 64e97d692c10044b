//! Messages between the shop and a gateway: requests with the fault that each meets, and answers.

use crate::plan::faults::{PushFault, QueryFault, TokenFault};
use lipia::simulation::{Lost, Response};

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Ask {
    Token,
    Push(PushAsk),
    Query {
        question: Question,
        header: String,
    },
    /// Nothing that the gateway knows.
    Nonsense,
}

/// What somebody wants to know.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// What became of the prompt that has this id, whichever kind of id that is.
    Of(String),
    /// What was pushed lately, of that which mentions this reference.
    List(Option<String>),
}

#[derive(Debug)]
pub(crate) struct PushAsk {
    pub(crate) sale: usize,
    /// What the shop calls the sale; several may be called alike.
    pub(crate) reference: String,
    pub(crate) amount: u32,
    pub(crate) phone_number: String,
    pub(crate) callback_path: String,
    pub(crate) header: String,
}

/// What goes wrong with this request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    None,
    Push(PushFault),
    Query(QueryFault),
    Token(TokenFault),
}

/// A token that an answer brings.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub(crate) header: String,
    pub(crate) lives_ms: u64,
}

/// What comes back.
#[derive(Debug)]
pub(crate) struct Answered {
    /// `None`: nothing, ever.
    pub(crate) result: Option<Result<Response, Lost>>,
    pub(crate) after_ms: u64,
    /// What follows on the same connection, and how long after.
    pub(crate) second: Option<(u64, Response)>,
    pub(crate) token: Option<NewToken>,
    /// The token that it refuses.
    pub(crate) refused: Option<String>,
    /// Whether it refuses since another prompt is open on that phone.
    pub(crate) phone_is_busy: bool,
    /// For a reader.
    pub(crate) what: &'static str,
    pub(crate) sale: Option<usize>,
    /// The prompt that was opened.
    pub(crate) opened: Option<usize>,
    /// The prompt that the answer names.
    pub(crate) named: Option<usize>,
    /// Why it must never have been asked for that.
    pub(crate) wrong: Option<String>,
    /// Until when it takes no pushes, where it says so.
    pub(crate) banned_until_ms: Option<u64>,
    /// Whether the block was announced in words of the gateway's own.
    pub(crate) is_announced: bool,
}

impl Answered {
    pub(super) fn new(what: &'static str, result: Option<Result<Response, Lost>>) -> Self {
        Self {
            result,
            after_ms: 0,
            second: None,
            token: None,
            refused: None,
            phone_is_busy: false,
            what,
            sale: None,
            opened: None,
            named: None,
            wrong: None,
            banned_until_ms: None,
            is_announced: false,
        }
    }

    pub(super) fn says(what: &'static str, response: Response) -> Self {
        Self::new(what, Some(Ok(response)))
    }

    /// What follows an answer on its connection.
    pub(crate) fn second(response: Response) -> Self {
        Self::says("", response)
    }

    /// The request never arrived; for the shop it is as if the answer were lost.
    pub(crate) fn lost() -> Self {
        Self::cut("never hears of it")
    }

    pub(super) fn cut(what: &'static str) -> Self {
        Self::new(what, Some(Err(Lost)))
    }
}
