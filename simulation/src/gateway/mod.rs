//! A gateway as the wire notes have it: what it knows, what it does with a request, and what it says, truly or not.
//! It shares no code with the core.

pub(crate) mod daraja;

use crate::plan::{Behaviour, Plan, PushFault, QueryFault, Spoil, TokenFault};
use crate::promises::may_prompt;
use lipia::simulation::{Lost, Response};

/// What was opened on somebody's phone, and what came of it: the truth.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) sale: usize,
    pub(crate) checkout_request_id: String,
    pub(crate) merchant_request_id: String,
    pub(crate) amount: u32,
    pub(crate) phone_number: String,
    /// Where its result is posted.
    pub(crate) callback_path: String,
    pub(crate) receipt: String,
    pub(crate) behaviour: Behaviour,
    pub(crate) decided: Option<u32>,
    pub(crate) decided_at_ms: u64,
    /// Whether a stranger knows its address.
    pub(crate) address_leaked: bool,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Ask {
    Token,
    Push(PushAsk),
    /// By the prompt's id, with this header.
    Query {
        checkout_request_id: String,
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
}

impl Answered {
    fn new(what: &'static str, result: Option<Result<Response, Lost>>) -> Self {
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
        }
    }

    fn says(what: &'static str, response: Response) -> Self {
        Self::new(what, Some(Ok(response)))
    }

    /// The request never arrived; for the shop it is as if the answer were lost.
    pub(crate) fn lost() -> Self {
        Self::cut("never hears of it")
    }

    fn cut(what: &'static str) -> Self {
        Self::new(what, Some(Err(Lost)))
    }
}

#[derive(Debug)]
struct Token {
    header: String,
    ends_at_ms: u64,
}

/// The gateway.
#[derive(Debug, Default)]
pub(crate) struct Gateway {
    prompts: Vec<Prompt>,
    tokens: Vec<Token>,
    issued: u64,
}

impl Gateway {
    pub(crate) fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    pub(crate) fn prompt(&self, number: usize) -> Option<&Prompt> {
        self.prompts.get(number)
    }

    pub(crate) fn of_sale(&self, sale: usize) -> impl Iterator<Item = &Prompt> {
        self.prompts
            .iter()
            .filter(move |prompt| prompt.sale == sale)
    }

    /// The prompts that one payment's pushes opened: its callback's address is its own.
    pub(crate) fn of_payment<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Prompt> {
        self.prompts
            .iter()
            .filter(move |prompt| prompt.callback_path.contains(id))
    }

    pub(crate) fn by_checkout_id(&self, id: &str) -> Option<&Prompt> {
        self.prompts
            .iter()
            .find(|prompt| prompt.checkout_request_id == id)
    }

    pub(crate) fn end_all_tokens(&mut self) {
        self.tokens.clear();
    }

    /// The customer decides.
    pub(crate) fn decide(&mut self, number: usize, now_ms: u64) -> Option<&Prompt> {
        let prompt = self.prompts.get_mut(number)?;
        prompt.decided = Some(prompt.behaviour.code());
        prompt.decided_at_ms = now_ms;
        Some(prompt)
    }

    /// The address has become known.
    pub(crate) fn leak(&mut self, number: usize) {
        if let Some(prompt) = self.prompts.get_mut(number) {
            prompt.address_leaked = true;
        }
    }

    /// Does what it is asked, or not, and says so, or not.
    pub(crate) fn answer(
        &mut self,
        ask: &Ask,
        trouble: Trouble,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        match ask {
            Ask::Token => {
                let fault = match trouble {
                    Trouble::Token(fault) => Some(fault),
                    _ => None,
                };
                self.answer_token(fault, plan, now_ms)
            }
            Ask::Push(push) => {
                let fault = match trouble {
                    Trouble::Push(fault) => Some(fault),
                    _ => None,
                };
                let mut answered = self.answer_push(push, fault, plan, now_ms);
                answered.sale = Some(push.sale);
                answered
            }
            Ask::Query {
                checkout_request_id,
                header,
            } => {
                let fault = match trouble {
                    Trouble::Query(fault) => Some(fault),
                    _ => None,
                };
                let mut answered = self.answer_query(checkout_request_id, header, fault, now_ms);
                answered.sale = self
                    .by_checkout_id(checkout_request_id)
                    .map(|prompt| prompt.sale);
                answered
            }
            Ask::Nonsense => Answered::says("refuses what it does not know", daraja::not_found()),
        }
    }

    fn answer_token(&mut self, fault: Option<TokenFault>, plan: &Plan, now_ms: u64) -> Answered {
        match fault {
            Some(TokenFault::Busy) => {
                return Answered::says("is busy", daraja::busy(None));
            }
            Some(TokenFault::Spoiled(spoil)) => {
                return Answered::says("sends an error page", daraja::spoiled(spoil, None));
            }
            Some(TokenFault::KeysRefused) => {
                return Answered::says("refuses the keys", daraja::keys_refused());
            }
            Some(
                TokenFault::NotConnected | TokenFault::AnswerLost | TokenFault::AnswerLate { .. },
            )
            | None => {}
        }
        if plan.one_token {
            self.tokens.clear();
        }
        self.issued += 1;
        let value = format!("token{:022}", self.issued);
        let token = NewToken {
            header: format!("Bearer {value}"),
            lives_ms: plan.token_seconds * 1_000,
        };
        self.tokens.push(Token {
            header: token.header.clone(),
            ends_at_ms: now_ms + token.lives_ms,
        });
        if fault == Some(TokenFault::AnswerLost) {
            return Answered::cut("makes a token, and its answer is lost");
        }
        let mut answered =
            Answered::says("gives a token", daraja::token(&value, plan.token_seconds));
        answered.token = Some(token);
        if let Some(TokenFault::AnswerLate { by_ms }) = fault {
            answered.after_ms = by_ms;
        }
        answered
    }

    fn is_let_in(&self, header: &str, now_ms: u64) -> bool {
        self.tokens
            .iter()
            .any(|token| token.header == header && now_ms < token.ends_at_ms)
    }

    fn answer_push(
        &mut self,
        ask: &PushAsk,
        fault: Option<PushFault>,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        let refuses_token = fault == Some(PushFault::TokenRefused);
        if refuses_token || !self.is_let_in(&ask.header, now_ms) {
            let mut answered = Answered::says("refuses the token", daraja::push_token_refused());
            answered.refused = Some(ask.header.clone());
            return answered;
        }
        match fault {
            Some(PushFault::Busy {
                retry_after_seconds,
            }) => return Answered::says("is busy", daraja::busy(retry_after_seconds)),
            Some(PushFault::Refused) => {
                return Answered::says("refuses the request", daraja::refused());
            }
            Some(PushFault::NotDoneAndUnclear(spoil)) => {
                // Half of an acceptance is sent by nobody who has not accepted.
                let spoil = if spoil == Spoil::Half {
                    Spoil::Empty
                } else {
                    spoil
                };
                return Answered::says(
                    "does nothing and sends an error page",
                    daraja::spoiled(spoil, None),
                );
            }
            _ => {}
        }
        // Before the phone's own lock: that it happens to keep a second prompt away is no merit of the caller's.
        let wrong = may_prompt(self.of_sale(ask.sale)).err();
        let is_locked = self
            .prompts
            .iter()
            .any(|prompt| prompt.decided.is_none() && prompt.phone_number == ask.phone_number);
        if wrong.is_none() && (is_locked || fault == Some(PushFault::SubscriberBusy)) {
            let mut answered = Answered::says(
                "refuses, since another prompt is open on that phone",
                daraja::subscriber_busy(),
            );
            answered.phone_is_busy = true;
            return answered;
        }
        let number = self.open(ask, plan);
        let acceptance = self.prompts.get(number).map(daraja::acceptance);
        let accepts = || acceptance.clone().unwrap_or_else(daraja::not_found);
        let mut answered = match fault {
            Some(PushFault::AnswerLost) => {
                Answered::cut("prompts the phone, and its answer is lost")
            }
            Some(PushFault::Silence) => Answered::new("prompts the phone, and never answers", None),
            Some(PushFault::AnswerSpoiled(spoil)) => Answered::says(
                "prompts the phone, and an error page comes back",
                daraja::spoiled(spoil, Some(accepts())),
            ),
            Some(PushFault::AnswerLate { by_ms }) => {
                let mut answered = Answered::says("prompts the phone, and answers late", accepts());
                answered.after_ms = by_ms;
                answered
            }
            _ => Answered::says("prompts the phone, and accepts", accepts()),
        };
        answered.opened = Some(number);
        answered.wrong = wrong;
        answered
    }

    fn open(&mut self, ask: &PushAsk, plan: &Plan) -> usize {
        let number = self.prompts.len();
        let earlier = self.of_sale(ask.sale).count();
        let behaviour = plan
            .sales
            .get(ask.sale)
            .and_then(|sale| sale.behaviours.get(earlier).or(sale.behaviours.last()))
            .copied()
            .unwrap_or(Behaviour::Fails {
                after_ms: 60_000,
                code: 1037,
            });
        self.prompts.push(Prompt {
            sale: ask.sale,
            checkout_request_id: format!(
                "ws_CO_22112026{number:09}{}",
                daraja::national(&ask.phone_number)
            ),
            merchant_request_id: format!("29115-{number:08}-1"),
            amount: ask.amount,
            phone_number: ask.phone_number.clone(),
            callback_path: ask.callback_path.clone(),
            receipt: format!("SIM{number:07}"),
            behaviour,
            decided: None,
            decided_at_ms: 0,
            address_leaked: false,
        });
        number
    }

    fn answer_query(
        &self,
        checkout_request_id: &str,
        header: &str,
        fault: Option<QueryFault>,
        now_ms: u64,
    ) -> Answered {
        if fault == Some(QueryFault::TokenRefused) || !self.is_let_in(header, now_ms) {
            let mut answered = Answered::says("refuses the token", daraja::query_token_refused());
            answered.refused = Some(header.to_owned());
            return answered;
        }
        let truth = || match self.by_checkout_id(checkout_request_id) {
            Some(prompt) => daraja::status(prompt),
            None => daraja::does_not_exist(),
        };
        match fault {
            None | Some(QueryFault::TokenRefused | QueryFault::NotConnected) => {
                Answered::says("tells what is known", truth())
            }
            Some(QueryFault::AnswerLate { by_ms }) => {
                let mut answered = Answered::says("tells late what is known", truth());
                answered.after_ms = by_ms;
                answered
            }
            Some(QueryFault::AnswerLost) => Answered::cut("tells, and the answer is lost"),
            Some(QueryFault::StillProcessing) => Answered::says(
                "says that it is being processed",
                daraja::still_processing(),
            ),
            Some(QueryFault::StillProcessingOtherwise) => Answered::says(
                "says 4999, under processing",
                daraja::still_processing_otherwise(checkout_request_id),
            ),
            Some(QueryFault::NoInformation) => {
                Answered::says("says nothing in particular", daraja::no_information())
            }
            Some(QueryFault::DoesNotExist) => Answered::says(
                "says that there is no such prompt",
                daraja::does_not_exist(),
            ),
            Some(QueryFault::Busy) => Answered::says("is busy", daraja::busy(None)),
            Some(QueryFault::Spoiled(spoil)) => {
                Answered::says("sends an error page", daraja::spoiled(spoil, Some(truth())))
            }
        }
    }
}
