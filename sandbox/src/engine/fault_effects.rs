//! The effects of a fault on an exchange: the answer is changed, late, sent twice, cut off or replaced.

use std::future::Future;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};

use super::Engine;
use super::contract::{ErrorText, PlayedGateway};
use crate::faults::Fault;
use crate::faults::changes::changed;
use crate::faults::effect::{Body, Effect, Late};
use crate::values::clock::seconds;
use crate::wire::answer::{Answer, HTML, JSON};
use crate::wire::request::Received;
use crate::wire::switch::ConnectionSwitch;

/// The page of a proxy whose gateway did not answer in time.
const TIMEOUT_PAGE: &str = "<html><head><title>504 Gateway Time-out</title></head>\
    <body><center><h1>504 Gateway Time-out</h1></center></body></html>";

/// A request whose answer a fault changes.
pub(super) struct FaultyExchange {
    pub(super) fault: Fault,
    pub(super) gateway: Arc<dyn PlayedGateway>,
    pub(super) switch: ConnectionSwitch,
    pub(super) request: Received,
}

impl FaultyExchange {
    /// Does a step's work, or not, and answers what the fault makes of it.
    pub(super) async fn answer(
        &self,
        engine: &Arc<Engine>,
        working: impl Future<Output = Answer> + Send,
    ) -> Answer {
        let fault = self.fault;
        if fault.effect() == Effect::WaitBefore {
            engine.clock.sleep(seconds(fault.seconds)).await;
        }
        let answer = if fault.after_acting {
            Some(working.await)
        } else {
            None
        };
        let whole =
            answer.unwrap_or_else(|| Answer::text(StatusCode::INTERNAL_SERVER_ERROR, JSON, ""));
        match fault.effect() {
            Effect::CloseUnread | Effect::CutBeforeAnswer => {
                self.switch.cut();
                whole
            }
            Effect::CutInBody => {
                self.switch.cut_in_body();
                whole
            }
            Effect::WaitAfter => {
                engine.clock.sleep(seconds(fault.seconds)).await;
                whole
            }
            Effect::Answer {
                status,
                body,
                retry_after,
            } => Answer {
                retry_after: retry_after.then(|| seconds(fault.seconds).as_secs()),
                ..self.instead(engine, self.status(status), body)
            },
            Effect::UnderStatus(status) => Answer {
                status: self.status(status),
                ..whole
            },
            Effect::AddMembers { status, members } => Answer {
                status: self.status(status),
                ..whole.with_added(members)
            },
            Effect::Late(late) => self.late(engine, late, &whole),
            Effect::SayTwice => {
                self.switch.say_after_answer(whole.raw());
                whole
            }
            Effect::TruncateBody => whole.truncated(),
            Effect::ChangeMembers { names, change } => changed(whole, names, change),
            Effect::WaitBefore | Effect::LoseCallback | Effect::DoubleCallback => whole,
        }
    }

    /// The status that the fault names, or its kind's usual one.
    fn status(&self, usual: u16) -> StatusCode {
        StatusCode::from_u16(self.fault.status.unwrap_or(usual))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// An answer in the place of the gateway's own.
    fn instead(&self, engine: &Engine, status: StatusCode, body: Body) -> Answer {
        let error = |code, message, block| {
            let error = ErrorText {
                status,
                code,
                message,
                block,
            };
            self.gateway.error_answer(engine, &self.request, &error)
        };
        match body {
            Body::Error { code, message } => error(code, message, None),
            Body::Block { code, message } => {
                error(Some(code), message, Some(seconds(self.fault.seconds)))
            }
            Body::Text { content_type, text } => Answer::text(status, content_type, text),
            Body::Echo => error(None, &self.echo(), None),
        }
    }

    /// A message that repeats what the request said.
    fn echo(&self) -> String {
        let authorization = self.request.headers.get(AUTHORIZATION);
        format!(
            "Bad Request - {} with Authorization: {} and body {}",
            self.request.uri,
            String::from_utf8_lossy(authorization.map_or(b"", HeaderValue::as_bytes)),
            String::from_utf8_lossy(&self.request.body)
        )
    }

    /// 504 now; the real answer goes out later on the same connection.
    fn late(&self, engine: &Arc<Engine>, late: Late, whole: &Answer) -> Answer {
        let raw = whole.raw();
        match late {
            Late::AtNextRequest => self.switch.say_before_next_answer(raw),
            Late::InTime => {
                let (wait, switch) = (seconds(self.fault.seconds), self.switch.clone());
                let engine_of_task = Arc::clone(engine);
                engine.background.spawn(async move {
                    engine_of_task.clock.sleep(wait).await;
                    switch.say_now(raw);
                });
            }
        }
        Answer::text(self.status(504), HTML, TIMEOUT_PAGE)
    }
}
