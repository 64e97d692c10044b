//! A gateway as the wire notes have it: what it knows, what it does with a request, and what it says, truly or not.
//! It shares no code with the core.

mod asked;
mod blocks;
mod daraja;
mod face;
mod palpluss;
mod prompt;
mod upesipay;

pub(crate) use asked::{Answered, Ask, NewToken, PushAsk, Trouble};
pub(crate) use face::{Face, Question, face_of};
pub(crate) use prompt::{Claims, Prompt};

use crate::plan::{Behaviour, Plan, PushFault, QueryFault, Spoil, TokenFault};
use crate::promises::may_prompt;
use blocks::Blocks;
use face::{Says, national, spoiled};
use lipia::GatewayName;

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
    pub(crate) fn sale_asked_about(&self, face: &dyn Face, question: &Question) -> Option<usize> {
        match question {
            Question::Of(id) => self
                .prompts
                .iter()
                .find(|prompt| face.is_known_by(prompt, id))
                .map(|prompt| prompt.sale),
            Question::List(reference) => reference.as_deref().and_then(face::sale_of),
        }
    }

    /// What there is to tell about a question: of a list the latest first.
    fn meant(&self, face: &dyn Face, question: &Question, now_ms: u64) -> Vec<Prompt> {
        let known = self
            .prompts
            .iter()
            .filter(|prompt| prompt.made_at_ms + face.knows_after_ms(prompt) <= now_ms);
        match question {
            Question::Of(id) => known
                .filter(|prompt| face.is_known_by(prompt, id))
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

    pub(crate) fn end_all_tokens(&mut self) {
        self.tokens.clear();
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
        let is_paid = prompt.decided == Some(0);
        let blocked = self.blocks.count(&prompt.phone_number, is_paid);
        Some((prompt, blocked))
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
        let face = face_of(plan);
        match ask {
            Ask::Token => {
                let fault = match trouble {
                    Trouble::Token(fault) => Some(fault),
                    _ => None,
                };
                self.answer_token(face, fault, plan, now_ms)
            }
            Ask::Push(push) => {
                let fault = match trouble {
                    Trouble::Push(fault) => Some(fault),
                    _ => None,
                };
                let refuses_token = fault == Some(PushFault::TokenRefused);
                let mut answered = if refuses_token || !self.is_let_in(face, &push.header, now_ms) {
                    refuses_header(face, ask, &push.header)
                } else {
                    self.answer_push(face, push, fault, plan, now_ms)
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
                let mut answered = if refuses_token || !self.is_let_in(face, header, now_ms) {
                    refuses_header(face, ask, header)
                } else {
                    self.answer_query(face, question, fault, now_ms)
                };
                answered.sale = self.sale_asked_about(face, question);
                answered
            }
            Ask::Nonsense => Answered::says("refuses what it does not know", face.not_found()),
        }
    }

    fn answer_token(
        &mut self,
        face: &dyn Face,
        fault: Option<TokenFault>,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        match fault {
            Some(TokenFault::Busy) => {
                return Answered::says("is busy", face.busy(None));
            }
            Some(TokenFault::Spoiled(spoil)) => {
                return Answered::says("sends an error page", spoiled(face, spoil, None));
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

    fn is_let_in(&self, face: &dyn Face, header: &str, now_ms: u64) -> bool {
        if let Some(fixed) = face.fixed_header() {
            return header == fixed;
        }
        self.tokens
            .iter()
            .any(|token| token.header == header && now_ms < token.ends_at_ms)
    }

    fn answer_push(
        &mut self,
        face: &dyn Face,
        ask: &PushAsk,
        fault: Option<PushFault>,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        if let Some(PushFault::Banned { seconds, .. }) = fault {
            if !face.bans() {
                return Answered::says("is busy", face.busy(None));
            }
            self.banned_until_ms = self.banned_until_ms.max(now_ms + seconds * 1_000);
        }
        if now_ms < self.banned_until_ms {
            let says_so = !matches!(fault, Some(PushFault::Banned { told: false, .. }));
            let seconds = (self.banned_until_ms - now_ms).div_ceil(1_000);
            let mut answered = Answered::says(
                "takes no pushes of this shop's for a while",
                face.banned(says_so.then_some(seconds)),
            );
            answered.banned_until_ms = Some(self.banned_until_ms);
            return answered;
        }
        if face.blocks() && self.blocks.holds(&ask.phone_number) {
            return Answered::says("blocks the phone, or the shop", face.banned(None));
        }
        match fault {
            Some(PushFault::Busy {
                retry_after_seconds,
            }) => return Answered::says("is busy", face.busy(retry_after_seconds)),
            Some(PushFault::Refused) => {
                return Answered::says("refuses the request", face.refused());
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
                    spoiled(face, spoil, None),
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
                face.subscriber_busy(),
            );
            answered.phone_is_busy = true;
            return answered;
        }
        let number = self.open(ask, plan, now_ms);
        let acceptance = self
            .prompts
            .get(number)
            .map(|prompt| face.acceptance(prompt));
        let accepts = || acceptance.clone().unwrap_or_else(|| face.not_found());
        let mut answered = match fault {
            Some(PushFault::AnswerLost) => {
                Answered::cut("prompts the phone, and its answer is lost")
            }
            Some(PushFault::Silence) => Answered::new("prompts the phone, and never answers", None),
            Some(PushFault::AnswerSpoiled(spoil)) => Answered::says(
                "prompts the phone, and an error page comes back",
                spoiled(face, spoil, Some(accepts())),
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

    fn open(&mut self, ask: &PushAsk, plan: &Plan, now_ms: u64) -> usize {
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
            number,
            sale: ask.sale,
            own_id: own_id(plan, number),
            reference: format!("S{}", ask.sale),
            made_at_ms: now_ms,
            checkout_request_id: format!(
                "ws_CO_22112026{number:09}{}",
                national(&ask.phone_number)
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
        face: &dyn Face,
        question: &Question,
        fault: Option<QueryFault>,
        now_ms: u64,
    ) -> Answered {
        let prompts = self.meant(face, question, now_ms);
        let tells = |says| face.tell(question, &prompts, says);
        match fault {
            None | Some(QueryFault::TokenRefused | QueryFault::NotConnected) => {
                Answered::says("tells what is known", tells(Says::Truth))
            }
            Some(QueryFault::AnswerLate { by_ms }) => {
                let mut answered = Answered::says("tells late what is known", tells(Says::Truth));
                answered.after_ms = by_ms;
                answered
            }
            Some(QueryFault::AnswerLost) => Answered::cut("tells, and the answer is lost"),
            Some(QueryFault::StillProcessing) => Answered::says(
                "says that it is being processed",
                tells(Says::StillProcessing),
            ),
            Some(QueryFault::StillProcessingOtherwise) => Answered::says(
                "says in other words that it is being processed",
                tells(Says::StillProcessingOtherwise),
            ),
            Some(QueryFault::NoInformation) => {
                Answered::says("says nothing in particular", tells(Says::NoInformation))
            }
            Some(QueryFault::DoesNotExist) => Answered::says(
                "says that there is no such prompt",
                tells(Says::DoesNotExist),
            ),
            Some(QueryFault::Busy) => Answered::says("is busy", face.busy(None)),
            Some(QueryFault::Spoiled(spoil)) => Answered::says(
                "sends an error page",
                spoiled(face, spoil, Some(tells(Says::Truth))),
            ),
        }
    }
}

fn refuses_header(face: &dyn Face, ask: &Ask, header: &str) -> Answered {
    let mut answered = Answered::says("refuses the token", face.header_refused(ask));
    answered.refused = Some(header.to_owned());
    answered
}

/// The id that the gateway itself gives a prompt.
fn own_id(plan: &Plan, number: usize) -> String {
    match plan.gateway {
        GatewayName::PalPluss => format!("fa98a577-0000-4000-8000-{number:012x}"),
        // It looks like a receipt, and is none.
        _ => format!("UPE{number:07}"),
    }
}
