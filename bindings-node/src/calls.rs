//! Calls in flight, whose results are brought back to a thread of Node's.
//!
//! That thread is woken once for however many results have come since it last looked, not once for each, and it stays
//! alive for as long as one of its calls is in flight and no longer.

use crate::answer::{Shown, answer, json};
use crate::ledger::LedgerData;
use crate::telling::ToldData;
use crate::{log, runtime, telemetry};
use lipia::client::LedgerPayment;
use lipia::{Client, Error, PaymentHandle};
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use std::collections::HashMap;
use std::fmt::Write;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// Wakes a thread of Node's. Weak: by itself it does not keep the thread alive.
type Wake = ThreadsafeFunction<(), (), String, Status, false, true>;

/// Keeps a thread of Node's alive while it is referred to, and is never called. It is another function than the one that
/// wakes, because to refer to that one it would have to be locked, at the very moment at which it is called.
type Hold = ThreadsafeFunction<(), (), (), Status, false, true>;

/// The calls of one thread of Node's.
#[napi]
pub struct NativeCalls {
    thread: Thread,
}

/// Where the results of a client's calls go.
#[derive(Clone)]
pub(crate) struct Thread {
    pub(crate) shared: Arc<Shared>,
    wake: Arc<Wake>,
}

pub(crate) struct Shared {
    state: Mutex<State>,
    /// Whether the thread was told that something has arrived.
    told: AtomicBool,
    /// From which level on this thread wants the log.
    log_level: AtomicU8,
    /// The number of this thread, from 1.
    number: u32,
    calling: telemetry::Calling,
    /// Touched by this thread of Node's alone.
    hold: Mutex<Holding>,
}

/// Whether a thread of Node's is kept alive.
struct Holding {
    hold: Hold,
    holds: bool,
}

#[derive(Default)]
pub(crate) struct State {
    in_flight: HashMap<u32, InFlight>,
    arrived: Vec<Arrived>,
    /// Tellings of which the thread was not told yet: the number of each, its handler's, and the payment.
    pub(crate) to_tell: Vec<(u32, u32, LedgerPayment)>,
    /// Tellings whose handlers have not ended.
    pub(crate) telling: HashMap<u32, oneshot::Sender<std::result::Result<(), String>>>,
    pub(crate) last_telling: u32,
    /// The clients that have a handler in this thread, by the handler's number.
    pub(crate) clients: HashMap<u32, Client>,
    /// Whether the thread has ended, as a worker does that is terminated.
    pub(crate) has_ended: bool,
}

impl State {
    /// Whether the thread has to stay: for a call, or for a handler that has begun.
    fn is_needed(&self) -> bool {
        !self.in_flight.is_empty() || !self.telling.is_empty()
    }
}

/// A call whose result has not reached its caller.
struct InFlight {
    /// What runs for nobody but the caller. A push runs for its payment, and goes on.
    abort: Option<AbortHandle>,
}

/// Whom to tell what a call came to.
struct Told {
    thread: Thread,
    call: u32,
}

impl Told {
    fn tell<T: Shown>(self, result: std::result::Result<T, Error>) {
        self.thread.arrive(Arrived {
            call: self.call,
            answer: answer(result.as_ref().map(T::shown)),
        });
    }
}

/// A result, as JSON text of an answer.
struct Arrived {
    call: u32,
    answer: String,
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread has ended: nobody waits in it, and its clients tell nobody any more. What is owed is for other threads to tell.
    fn end(&self) {
        telemetry::observe(self.number, false);
        let ended = {
            let mut state = self.state();
            let ended = State {
                has_ended: true,
                ..State::default()
            };
            std::mem::replace(&mut *state, ended)
        };
        for call in ended.in_flight.into_values() {
            if let Some(abort) = call.abort {
                abort.abort();
            }
        }
        for client in ended.clients.into_values() {
            // It is told at once; nobody waits for what it has begun.
            drop(client.stop());
        }
    }

    /// Keeps the thread alive while one of its calls is in flight, and lets it end when none is.
    fn hold(&self, env: &Env, is_needed: bool) -> Result<()> {
        let mut holding = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        if holding.holds == is_needed {
            return Ok(());
        }
        #[allow(
            deprecated,
            reason = "clones keep a thread alive for as long as they exist; what is wanted is for as long as calls do"
        )]
        if is_needed {
            holding.hold.refer(env)?;
        } else {
            holding.hold.unref(env)?;
        }
        holding.holds = is_needed;
        Ok(())
    }

    /// What has arrived, as JSON text: pairs of a call's number and its answer. The callers have it now.
    fn take(&self) -> (String, bool) {
        self.told.store(false, Ordering::Release);
        let (arrived, to_tell, is_needed) = {
            let mut state = self.state();
            let arrived = std::mem::take(&mut state.arrived);
            for result in &arrived {
                state.in_flight.remove(&result.call);
            }
            let mut to_tell = std::mem::take(&mut state.to_tell);
            // A thread that was busy for long: the shop may know more by now, so these are told again.
            to_tell.retain(|(number, _, payment)| {
                let is_due = !payment.is_overdue();
                if !is_due {
                    state.telling.remove(number);
                }
                is_due
            });
            (arrived, to_tell, state.is_needed())
        };
        let mut text = String::from("[");
        for message in log::taken(self.log_level.load(Ordering::Relaxed)) {
            push_pair(&mut text, LOG, &json(&message));
        }
        for record in telemetry::taken(self.number) {
            push_pair(&mut text, TELEMETRY, &json(&record));
        }
        for (number, handler, payment) in &to_tell {
            let told = ToldData(*number, *handler, LedgerData::new(payment));
            push_pair(&mut text, TELLING, &json(&told));
        }
        for Arrived { call, answer } in arrived {
            push_pair(&mut text, i64::from(call), &answer);
        }
        text.push(']');
        (text, is_needed)
    }
}

/// What stands in the place of a call's number before a line of the log, a telling, and a span or a count.
const LOG: i64 = 0;
const TELLING: i64 = -1;
const TELEMETRY: i64 = -2;

/// The number of the thread whose calls were opened last.
static LAST_THREAD: AtomicU32 = AtomicU32::new(0);

fn push_pair(text: &mut String, call: i64, answer: &str) {
    if text.len() > 1 {
        text.push(',');
    }
    // Writing to a String never fails.
    let _ = write!(text, "[{call},{answer}]");
}

/// Opens the calls of this thread; `deliver` is given what has arrived.
#[napi]
pub fn open_calls(env: Env, deliver: Function<'_, String, ()>) -> Result<NativeCalls> {
    let hold = deliver
        .build_threadsafe_function::<()>()
        .weak::<true>()
        .build_callback(|_| Ok(()))?;
    let shared = Arc::new(Shared {
        state: Mutex::default(),
        told: AtomicBool::new(false),
        log_level: AtomicU8::new(log::level_of_thread(None)),
        number: LAST_THREAD.fetch_add(1, Ordering::Relaxed) + 1,
        calling: telemetry::Calling::default(),
        hold: Mutex::new(Holding { hold, holds: false }),
    });
    let arriving = Arc::clone(&shared);
    let wake = deliver
        .build_threadsafe_function::<()>()
        .weak::<true>()
        .build_callback(move |context| {
            let (text, is_needed) = arriving.take();
            // A handler that is about to begin may have nothing else that keeps the thread.
            arriving.hold(&context.env, is_needed)?;
            Ok(text)
        })?;
    let ending = Arc::clone(&shared);
    env.add_env_cleanup_hook(ending, |ending| ending.end())?;
    log::listen();
    Ok(NativeCalls {
        thread: Thread {
            shared,
            wake: Arc::new(wake),
        },
    })
}

#[napi]
impl NativeCalls {
    /// The caller of this call leaves. A push goes on all the same.
    #[napi]
    pub fn cancel(&self, env: Env, call: u32) -> Result<()> {
        let (left, is_needed) = {
            let mut state = self.thread.shared.state();
            let left = state.in_flight.remove(&call);
            state.arrived.retain(|result| result.call != call);
            (left, state.is_needed())
        };
        if let Some(InFlight { abort: Some(abort) }) = left {
            abort.abort();
        }
        self.thread.shared.hold(&env, is_needed)
    }

    /// The handler of a telling has ended: `trouble` says why it did not take the news.
    #[napi]
    pub fn heard(&self, env: Env, telling: u32, trouble: Option<String>) -> Result<()> {
        let (heard, is_needed) = {
            let mut state = self.thread.shared.state();
            (state.telling.remove(&telling), state.is_needed())
        };
        if let Some(heard) = heard {
            // Where nobody listens any more, the telling took too long and is told again.
            let _late = heard.send(trouble.map_or(Ok(()), Err));
        }
        self.thread.shared.hold(&env, is_needed)
    }

    /// The level from which on this thread's program wants the log: 0 for nothing, 1 for errors, 4 for everything.
    #[napi]
    pub fn set_log_level(&self, level: u8) {
        let level = log::level_of_thread(Some(level));
        self.thread.shared.log_level.store(level, Ordering::Relaxed);
    }
}

#[napi]
impl NativeCalls {
    /// Spans and counts come to this thread from now on, or no longer.
    #[napi]
    pub fn observe(&self, observes: bool) {
        telemetry::observe(self.thread.shared.number, observes);
    }

    /// The span within which the next calls begin, as this thread's observer names it.
    #[napi]
    pub fn call_within(&self, span: Option<String>) {
        self.thread.shared.calling.set(span);
    }

    /// What has arrived, without waiting for a turn of the event loop. Results wait for theirs.
    #[napi]
    pub fn take_telemetry(&self) -> String {
        json(&telemetry::taken(self.thread.shared.number))
    }
}

impl NativeCalls {
    pub(crate) fn thread(&self) -> Thread {
        self.thread.clone()
    }
}

impl Thread {
    /// Runs a future of the core for a call.
    pub(crate) fn start<T: Shown>(
        &self,
        env: &Env,
        call: u32,
        work: impl Future<Output = std::result::Result<T, Error>> + Send + 'static,
    ) -> Result<()> {
        self.begin(env, call, |told| {
            let caller = self.shared.calling.caller();
            let running = tokio::spawn(async move {
                told.tell(caller.run(pin!(work)).await);
            });
            Some(running.abort_handle())
        })
    }

    /// Begins a push, which tells its result itself.
    pub(crate) fn start_push(
        &self,
        env: &Env,
        call: u32,
        client: &Client,
        payment: &PaymentHandle,
    ) -> Result<()> {
        self.begin(env, call, |told| {
            let caller = self.shared.calling.caller();
            caller.call(|| client.push_and_tell(payment, |result| told.tell(result)));
            None
        })
    }

    fn begin(
        &self,
        env: &Env,
        call: u32,
        begin: impl FnOnce(Told) -> Option<AbortHandle>,
    ) -> Result<()> {
        let runtime = runtime::for_node()?;
        let told = Told {
            thread: self.clone(),
            call,
        };
        // Locked until the call is noted: its result may come before that.
        let mut state = self.shared.state();
        let abort = {
            let _runtime = runtime.enter();
            begin(told)
        };
        state.in_flight.insert(call, InFlight { abort });
        drop(state);
        // Also where a telling is on its way: the thread holds for that one only once it has heard of it.
        self.shared.hold(env, true)
    }

    fn arrive(&self, arrived: Arrived) {
        {
            let mut state = self.shared.state();
            if !state.in_flight.contains_key(&arrived.call) {
                // Its caller left in this moment.
                return;
            }
            state.arrived.push(arrived);
        }
        self.wake_up();
    }

    pub(crate) fn wake_up(&self) {
        if self.shared.told.swap(true, Ordering::AcqRel) {
            return;
        }
        let told = self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        if told != Status::Ok {
            // That thread of Node's has ended.
            self.shared.told.store(false, Ordering::Release);
            self.shared.end();
        }
    }
}
