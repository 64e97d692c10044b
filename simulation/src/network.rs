//! The network: carries requests to the gateway and answers back, or loses them.

use crate::fault::FaultKind;
use crate::gateway::{Answered, Ask, NewToken, Question, Trouble, face_of};
use crate::plan::{PushFault, QueryFault, TokenFault};
use crate::promises::Promise;
use crate::world::{Event, World};
use futures_util::future::BoxFuture;
use lipia::simulation::{Lost, Network, Request, Response};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a connection that fails takes to do so.
const CONNECTION_FAILS_AFTER_MS: u64 = 80;

/// The shop's way to the gateway.
#[derive(Debug)]
pub(crate) struct Carrier {
    world: World,
}

impl Carrier {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }
}

impl Network for Carrier {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, Lost>> {
        let world = self.world.clone();
        Box::pin(async move {
            world.step("a request is about to leave").await;
            let ask = face_of(world.plan()).read(&request);
            let trouble = meet(&world, &ask);
            let fetching = matches!(ask, Ask::Token).then(|| Fetching::begin(&world));
            let (name, header) = (told_name(&ask), request.authorization.clone());
            if is_unconnected(trouble) {
                world.tell(|| format!("{name}: no connection"));
                tokio::time::sleep(Duration::from_millis(CONNECTION_FAILS_AFTER_MS)).await;
                return Err(Lost);
            }
            if matches!(ask, Ask::Push(_)) {
                mind_ban(&world);
            }
            request.depart();
            let (reply, answer) = oneshot::channel();
            let now_ms = world.now_ms();
            world.tell(|| format!("{name} leaves"));
            if matches!(trouble, Trouble::Push(PushFault::RequestLost)) {
                // The connection breaks after a while, as if the answer were lost.
                let answered = Answered::lost();
                world.schedule(now_ms + 3_000, Event::Answers { answered, reply });
            } else {
                let arrives_at_ms = now_ms + latency_ms(trouble, now_ms);
                let event = Event::Arrives {
                    ask,
                    trouble,
                    reply,
                };
                world.schedule(arrives_at_ms, event);
            }
            let Ok(delivered) = answer.await else {
                // Nothing ever comes: the caller's own time ends it.
                return std::future::pending().await;
            };
            world.step("an answer has arrived").await;
            if let (Some(fetching), Some(token)) = (fetching, &delivered.token) {
                fetching.brings(token);
            }
            if let (true, Some(header)) = (delivered.refuses_token, header) {
                world.lock().tokens.refused(&header);
            }
            if let Some(until_ms) = delivered.banned_until_ms {
                world.lock().told_banned_until_ms = until_ms;
            }
            delivered.result
        })
    }
}

/// What arrives at the shop.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) result: Result<Response, Lost>,
    pub(crate) token: Option<NewToken>,
    pub(crate) refuses_token: bool,
    pub(crate) banned_until_ms: Option<u64>,
}

/// Once this process was told of a ban, no push may leave before it ends.
fn mind_ban(world: &World) {
    let mut state = world.lock();
    let until_ms = state.told_banned_until_ms;
    if world.plan().guarded && state.now_ms() < until_ms {
        state.broke(Promise::NeverBlocked, None, || {
            format!(
                "a push leaves though the gateway has said that it takes none before {until_ms} ms"
            )
        });
    }
}

/// A request for a token, counted until it brings one or is given up.
struct Fetching {
    world: World,
    is_done: bool,
}

impl Fetching {
    fn begin(world: &World) -> Self {
        let now_ms = world.now_ms();
        let begun = world.lock().tokens.begin(now_ms);
        if let Err(what) = begun {
            world.broke(Promise::NoNeedlessToken, None, || what.to_owned());
        }
        Self {
            world: world.clone(),
            is_done: false,
        }
    }

    fn brings(mut self, token: &NewToken) {
        self.is_done = true;
        let now_ms = self.world.now_ms();
        let mut state = self.world.lock();
        state
            .tokens
            .arrive(token.header.clone(), now_ms, token.lives_ms);
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        if !self.is_done {
            self.world.lock().tokens.fail();
        }
    }
}

/// What the plan has for this request.
fn meet(world: &World, ask: &Ask) -> Trouble {
    let plan = world.plan();
    let mut state = world.lock();
    let next = |seen: &mut usize| {
        *seen += 1;
        *seen - 1
    };
    match ask {
        Ask::Token => {
            let place = next(&mut state.tokens_seen);
            match plan.token_faults.get(place) {
                Some(fault) => {
                    // Every sale that is under way may wait for it.
                    let open: Vec<usize> = state.open_sales().collect();
                    for sale in open {
                        state.suffers(sale, (*fault).into());
                    }
                    Trouble::Token(*fault)
                }
                None => Trouble::None,
            }
        }
        Ask::Push(push) => {
            let Some(sale) = plan.sales.get(push.sale) else {
                return Trouble::None;
            };
            let place = state.pushes_seen.get_mut(push.sale).map_or(0, next);
            match sale.push_faults.get(place) {
                Some(fault) => {
                    // What would go wrong at the gateway is noted there, where it comes to that.
                    if is_of_the_network(*fault) {
                        state.suffers(push.sale, FaultKind::from(*fault));
                    }
                    Trouble::Push(*fault)
                }
                None => Trouble::None,
            }
        }
        Ask::Query { question, .. } => {
            let asked_about = state.gateway.sale_asked_about(face_of(plan), question);
            let Some(number) = asked_about else {
                return Trouble::None;
            };
            let place = state.queries_seen.get_mut(number).map_or(0, next);
            let fault = plan
                .sales
                .get(number)
                .and_then(|sale| sale.query_faults.get(place));
            match fault {
                Some(fault) => {
                    state.suffers(number, FaultKind::from(*fault));
                    Trouble::Query(*fault)
                }
                None => Trouble::None,
            }
        }
        Ask::Nonsense => Trouble::None,
    }
}

fn is_of_the_network(fault: PushFault) -> bool {
    matches!(
        fault,
        PushFault::NotConnected | PushFault::RequestLost | PushFault::RequestLate { .. }
    )
}

fn is_unconnected(trouble: Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Push(PushFault::NotConnected)
            | Trouble::Query(QueryFault::NotConnected)
            | Trouble::Token(TokenFault::NotConnected)
    )
}

/// How long a request is on its way: not always as long, so that those that leave together arrive in many orders.
fn latency_ms(trouble: Trouble, now_ms: u64) -> u64 {
    match trouble {
        Trouble::Push(PushFault::RequestLate { by_ms }) => by_ms,
        _ => 20 + (now_ms * 37) % 90,
    }
}

fn told_name(ask: &Ask) -> String {
    match ask {
        Ask::Token => "a request for a token".to_owned(),
        Ask::Push(push) => format!("a push for sale {}", push.sale),
        Ask::Query {
            question: Question::Of(id),
            ..
        } => format!("a query for {id}"),
        Ask::Query {
            question: Question::List(Some(reference)),
            ..
        } => format!("a look through what mentions {reference}"),
        Ask::Query { .. } => "a look through all that was pushed".to_owned(),
        Ask::Nonsense => "a request that no gateway knows".to_owned(),
    }
}
