//! What a gateway is asked, and what comes back.

use super::face::Question;
use crate::plan::{PushFault, QueryFault, TokenFault};
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

#[derive(Debug)]
pub(crate) struct PushAsk {
    pub(crate) sale: usize,
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
    /// Why it must never have been asked for that.
    pub(crate) wrong: Option<String>,
    /// Until when it takes no pushes, where it says so.
    pub(crate) banned_until_ms: Option<u64>,
}

impl Answered {
    pub(super) fn new(what: &'static str, result: Option<Result<Response, Lost>>) -> Self {
        Self {
            result,
            after_ms: 0,
            token: None,
            refused: None,
            phone_is_busy: false,
            what,
            sale: None,
            opened: None,
            wrong: None,
            banned_until_ms: None,
        }
    }

    pub(super) fn says(what: &'static str, response: Response) -> Self {
        Self::new(what, Some(Ok(response)))
    }

    /// The request never arrived; for the shop it is as if the answer were lost.
    pub(crate) fn lost() -> Self {
        Self::cut("never hears of it")
    }

    pub(super) fn cut(what: &'static str) -> Self {
        Self::new(what, Some(Err(Lost)))
    }
}
