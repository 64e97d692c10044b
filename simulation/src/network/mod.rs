//! The network: carries requests to the gateway and answers back, or loses them.

pub(crate) mod connections;

use self::connections::Connections;
use crate::fault::FaultKind;
use crate::gateway::messages::{Answered, Ask, NewToken, PushAsk, Question, Trouble};
use crate::gateway::protocol_of;
use crate::plan::faults::{PushFault, QueryFault, TokenFault};
use crate::promises::Promise;
use crate::world::World;
use crate::world::delivered::{Delivered, Process};
use crate::world::schedule::{Event, Reply};
use futures_util::future::BoxFuture;
use lipia::simulation::{Lost, Network, Request, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a connection that fails takes to do so.
const CONNECTION_FAILS_AFTER_MS: u64 = 80;

/// The connections of one process to the gateway.
#[derive(Debug)]
pub(crate) struct Carrier {
    world: World,
    process: Process,
    connections: Arc<Connections>,
}

impl Carrier {
    pub(crate) fn new(world: World, process: Process) -> Self {
        Self {
            world,
            process,
            connections: Arc::default(),
        }
    }
}

impl Network for Carrier {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, Lost>> {
        let (world, process) = (self.world.clone(), self.process);
        let connections = Arc::clone(&self.connections);
        Box::pin(async move {
            world.step_of(process, "a request is about to leave").await;
            let ask = read(&world, &request);
            let trouble = meet(&world, &ask);
            let fetching = matches!(ask, Ask::Token).then(|| Fetching::begin(&world, process));
            let (name, header) = (told_name(&ask), request.authorization.clone());
            if is_unconnected(trouble) {
                world.tell(|| format!("{name}: no connection"));
                tokio::time::sleep(Duration::from_millis(CONNECTION_FAILS_AFTER_MS)).await;
                return Err(Lost);
            }
            if let Ask::Push(push) = &ask {
                mind_ban(&world);
                mind_news(&world, push);
            }
            let number = request.connection;
            let mut connection = connections.take(number);
            request.depart();
            world.lock().has_left((process, number));
            if let Ask::Push(push) = &ask {
                note_push(&world, push);
            }
            let (to_answer, answer) = oneshot::channel();
            let (to_second, second) = oneshot::channel();
            let now_ms = world.now_ms();
            world.tell(|| format!("{name} leaves"));
            if matches!(trouble, Trouble::Push(PushFault::RequestLost)) {
                // The connection breaks after a while, as if the answer were lost.
                world.schedule(now_ms + 3_000, Event::answer(Answered::lost(), to_answer));
            } else {
                let arrives_at_ms = now_ms + latency_ms(trouble, now_ms);
                let event = Event::Arrives {
                    ask,
                    trouble,
                    reply: Reply {
                        answer: to_answer,
                        second: to_second,
                        connection: (process, number),
                    },
                };
                world.schedule(arrives_at_ms, event);
            }
            connection.expects([answer, second]);
            let Some(delivered) = connection.next().await else {
                // Nothing ever comes: the caller's own time ends it.
                return std::future::pending().await;
            };
            world.step_of(process, "an answer has arrived").await;
            if let (Some(fetching), Some(token)) = (fetching, &delivered.token) {
                fetching.brings(token);
            }
            if let (true, Some(header)) = (delivered.refuses_token, header) {
                world.lock().tokens_of(process).refused(&header);
            }
            hear(&world, &delivered);
            let response = delivered.result?;
            connections.put_back(number, connection);
            Ok(response)
        })
    }
}

/// What a request asks for. Where the shop calls several sales alike, the callback's address tells which one is meant.
fn read(world: &World, request: &Request) -> Ask {
    let mut ask = protocol_of(world.plan()).read(request);
    if let Ask::Push(push) = &mut ask
        && let Some(sale) = world.lock().sale_of_path(&push.callback_path)
    {
        push.sale = sale;
    }
    ask
}

/// What an answer tells this process beyond its own question.
fn hear(world: &World, delivered: &Delivered) {
    let mut state = world.lock();
    if let Some(until_ms) = delivered.banned_until_ms {
        state.told_banned_until_ms = state.told_banned_until_ms.max(until_ms);
        state.told_blocked |= delivered.is_announced;
    }
    if let Some(prompt) = delivered.named {
        state.gateway.is_named(prompt);
    }
}

/// What was learnt wins over what was planned: nothing is sent for a payment once a callback about it was believed.
fn mind_news(world: &World, push: &PushAsk) {
    let mut state = world.lock();
    let is_known = state
        .heard_of
        .iter()
        .any(|id| push.callback_path.contains(id.as_str()));
    if is_known {
        state.broke(Promise::OnePrompt, Some(push.sale), || {
            "a push leaves after a callback about its own payment was believed".to_owned()
        });
    }
}

/// A push has left: nobody can say any more that nothing was sent for its payment.
fn note_push(world: &World, push: &PushAsk) {
    let mut state = world.lock();
    let mut ids = state.sales_of_payments.keys();
    let id = ids
        .find(|id| push.callback_path.contains(id.as_str()))
        .cloned();
    state.ledger.pushed.extend(id);
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
    process: Process,
    is_done: bool,
}

impl Fetching {
    fn begin(world: &World, process: Process) -> Self {
        let now_ms = world.now_ms();
        let begun = world.lock().tokens_of(process).begin(now_ms);
        if let Err(what) = begun {
            world.broke(Promise::NoNeedlessToken, None, || what.to_owned());
        }
        Self {
            world: world.clone(),
            process,
            is_done: false,
        }
    }

    fn brings(mut self, token: &NewToken) {
        self.is_done = true;
        let now_ms = self.world.now_ms();
        let mut state = self.world.lock();
        state
            .tokens_of(self.process)
            .arrive(token.header.clone(), now_ms, token.lives_ms);
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        if !self.is_done {
            self.world.lock().tokens_of(self.process).fail();
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
                    // Every sale that is in flight may wait for it.
                    state.all_open_suffer(FaultKind::from(*fault));
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
            let asked_about = state.gateway.sale_asked_about(protocol_of(plan), question);
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
