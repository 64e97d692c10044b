//! The simulated gateway, written from the wire notes: its state, its work on a request, and its answers, true or not. It
//! shares no code with the core.

mod blocks;
mod daraja;
pub(crate) mod messages;
mod palpluss;
pub(crate) mod prompt;
pub(crate) mod protocol;
mod pushes;
mod queries;
mod responses;
mod upesipay;

use self::blocks::Blocks;
use self::messages::{Answered, Ask, NewToken, Question, Trouble};
use self::prompt::Prompt;
use self::protocol::{Protocol, spoiled};
use crate::plan::faults::{PushFault, QueryFault, TokenFault};
use crate::plan::{Plan, sale_of};
use lipia::GatewayName;

/// The protocol that a plan asks for.
pub(crate) fn protocol_of(plan: &Plan) -> &'static dyn Protocol {
    match plan.gateway {
        GatewayName::PalPluss if plan.second_form => &palpluss::PalPluss { snake_case: true },
        GatewayName::PalPluss => &palpluss::PalPluss { snake_case: false },
        GatewayName::UpesiPay if plan.second_form => &upesipay::UpesiPay { is_second: true },
        GatewayName::UpesiPay => &upesipay::UpesiPay { is_second: false },
        _ => &daraja::Daraja,
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
    banned_until_ms: u64,
    blocks: Blocks,
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

    /// The sale that somebody asks about.
    pub(crate) fn sale_asked_about(
        &self,
        protocol: &dyn Protocol,
        question: &Question,
    ) -> Option<usize> {
        match question {
            Question::Of(id) => self
                .prompts
                .iter()
                .find(|prompt| protocol.is_known_by(prompt, id))
                .map(|prompt| prompt.sale),
            Question::List(reference) => reference.as_deref().and_then(sale_of),
        }
    }

    /// What there is to tell about a question: of a list the latest first.
    fn meant(&self, protocol: &dyn Protocol, question: &Question, now_ms: u64) -> Vec<Prompt> {
        let known = self
            .prompts
            .iter()
            .filter(|prompt| prompt.made_at_ms + protocol.knows_after_ms(prompt) <= now_ms);
        match question {
            Question::Of(id) => known
                .filter(|prompt| protocol.is_known_by(prompt, id))
                .cloned()
                .collect(),
            // A search finds what contains the word: S1 is in S12.
            Question::List(reference) => known
                .rev()
                .filter(|prompt| {
                    reference
                        .as_ref()
                        .is_none_or(|text| prompt.reference.contains(text.as_str()))
                })
                .take(100)
                .cloned()
                .collect(),
        }
    }

    /// Whether it has ever said that it takes no pushes for a while.
    pub(crate) fn has_banned(&self) -> bool {
        self.banned_until_ms > 0
    }

    pub(crate) fn end_all_tokens(&mut self) {
        self.tokens.clear();
    }

    /// The customer pays although the prompt has ended: the books say so from now on. Returns whose sale it is.
    pub(crate) fn pay_after_all(&mut self, number: usize, now_ms: u64) -> Option<usize> {
        let prompt = self.prompts.get_mut(number)?;
        prompt.decided = Some(0);
        prompt.decided_at_ms = now_ms;
        prompt.is_paid_after_all = true;
        self.blocks.take_back(&prompt.phone_number);
        Some(prompt.sale)
    }

    /// The customer decides. Says also what the gateway blocks for it.
    pub(crate) fn decide(
        &mut self,
        number: usize,
        now_ms: u64,
    ) -> Option<(&Prompt, Option<&'static str>)> {
        let prompt = self.prompts.get_mut(number)?;
        prompt.decided = Some(prompt.behaviour.code());
        prompt.decided_at_ms = now_ms;
        let is_paid = prompt.is_paid();
        let blocked = self.blocks.count(&prompt.phone_number, is_paid);
        Some((prompt, blocked))
    }

    /// The shop has believed a callback about it.
    pub(crate) fn is_heard(&mut self, number: usize) {
        if let Some(prompt) = self.prompts.get_mut(number) {
            prompt.is_heard = true;
        }
    }

    /// An answer that names it has reached the shop.
    pub(crate) fn is_named(&mut self, number: usize) {
        if let Some(prompt) = self.prompts.get_mut(number) {
            prompt.is_named = true;
        }
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
        let protocol = protocol_of(plan);
        match ask {
            Ask::Token => {
                let fault = match trouble {
                    Trouble::Token(fault) => Some(fault),
                    _ => None,
                };
                self.answer_token(protocol, fault, plan, now_ms)
            }
            Ask::Push(push) => {
                let fault = match trouble {
                    Trouble::Push(fault) => Some(fault),
                    _ => None,
                };
                let refuses_token = fault == Some(PushFault::TokenRefused);
                let mut answered = if self.has_denied(&push.callback_path) {
                    Answered::cut("never answers what it has acted on and denied")
                } else if refuses_token || !self.is_let_in(protocol, &push.header, now_ms) {
                    refuses_header(protocol, ask, &push.header)
                } else {
                    self.answer_push(protocol, push, fault, plan, now_ms)
                };
                answered.sale = Some(push.sale);
                answered
            }
            Ask::Query { question, header } => {
                let fault = match trouble {
                    Trouble::Query(fault) => Some(fault),
                    _ => None,
                };
                let refuses_token = fault == Some(QueryFault::TokenRefused);
                let mut answered = if refuses_token || !self.is_let_in(protocol, header, now_ms) {
                    refuses_header(protocol, ask, header)
                } else {
                    self.answer_query(protocol, question, fault, now_ms)
                };
                answered.sale = self.sale_asked_about(protocol, question);
                answered
            }
            Ask::Nonsense => Answered::says("refuses what it does not know", protocol.not_found()),
        }
    }

    fn answer_token(
        &mut self,
        protocol: &dyn Protocol,
        fault: Option<TokenFault>,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        match fault {
            Some(TokenFault::Busy) => {
                return Answered::says("is busy", protocol.busy(None));
            }
            Some(TokenFault::Spoiled(spoil)) => {
                return Answered::says("sends an error page", spoiled(protocol, spoil, None));
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

    fn is_let_in(&self, protocol: &dyn Protocol, header: &str, now_ms: u64) -> bool {
        if let Some(fixed) = protocol.fixed_header() {
            return header == fixed;
        }
        self.tokens
            .iter()
            .any(|token| token.header == header && now_ms < token.ends_at_ms)
    }
}

fn refuses_header(protocol: &dyn Protocol, ask: &Ask, header: &str) -> Answered {
    let mut answered = Answered::says("refuses the token", protocol.header_refused(ask));
    answered.refused = Some(header.to_owned());
    answered
}
