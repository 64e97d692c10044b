//! A gateway's answers to queries about a prompt.

use super::Gateway;
use super::messages::{Answered, Question};
use super::prompt::Prompt;
use super::protocol::{Protocol, Says, spoiled};
use super::responses::proxy_timeout;
use crate::plan::faults::QueryFault;

impl Gateway {
    pub(super) fn answer_query(
        &self,
        protocol: &dyn Protocol,
        question: &Question,
        fault: Option<QueryFault>,
        now_ms: u64,
    ) -> Answered {
        let prompts = self.meant(protocol, question, now_ms);
        let tells = |says| protocol.tell(question, &prompts, says);
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
            Some(QueryFault::ProxyTimeout { by_ms }) => {
                let mut answered =
                    Answered::says("tells, and a proxy gives up on it", proxy_timeout());
                answered.second = Some((by_ms, tells(Says::Truth)));
                answered
            }
            Some(QueryFault::AnsweredTwice { by_ms }) => {
                let mut answered = Answered::says("tells twice what is known", tells(Says::Truth));
                answered.second = Some((by_ms, tells(Says::Truth)));
                answered
            }
            Some(QueryFault::Unnamed) => Answered::says(
                "tells of a success that names nothing",
                protocol.unnamed_success(question),
            ),
            Some(QueryFault::OfAnother) => {
                let is_meant = |prompt: &&Prompt| {
                    prompts.iter().any(|meant| {
                        meant.number == prompt.number
                            || (meant.amount, &meant.phone_number)
                                == (prompt.amount, &prompt.phone_number)
                    })
                };
                match self
                    .prompts
                    .iter()
                    .rfind(|prompt| prompt.is_paid() && !is_meant(prompt))
                {
                    Some(other) => Answered::says(
                        "tells of another prompt",
                        protocol.tell(question, std::slice::from_ref(other), Says::Truth),
                    ),
                    None => Answered::says("tells what is known", tells(Says::Truth)),
                }
            }
            Some(QueryFault::Busy) => Answered::says("is busy", protocol.busy(None)),
            Some(QueryFault::Spoiled(spoil)) => Answered::says(
                "sends an error page",
                spoiled(protocol, spoil, Some(tells(Says::Truth))),
            ),
        }
    }
}
