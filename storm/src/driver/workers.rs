//! The shop's processes: started, asked, killed, stopped, and started again.

use crate::driver::counts::Counts;
use crate::worker::TIMEOUT;
use lipia_storm::{Chance, Command as StoreCommand, End, Moment, Place};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// For how long a process is stopped that is to miss the end of its lease: the call's time, the 15 seconds that a lease lasts
/// beyond it, and a little more.
const PAST_LEASE: Duration = Duration::from_secs(TIMEOUT.as_secs() + 15 + 3);

/// What a process answered to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The order has a payment.
    Payment,
    /// The order has a payment, and another amount or phone was asked for.
    Differs,
    /// Nobody was prompted by this request.
    Refused,
    /// The process died, or was stopped.
    Died,
}

/// How processes are started.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    pub(crate) ledger: String,
    pub(crate) base_url: String,
    pub(crate) callback_url: String,
    pub(crate) seed: u64,
    /// Whether processes end themselves at places, their clocks differ, and their handlers fail.
    pub(crate) is_calm: bool,
}

#[derive(Debug)]
struct Process {
    life: u64,
    child: Child,
    input: ChildStdin,
    port: Option<u16>,
    is_stopped: bool,
}

/// The processes of a run end when this is dropped, however the run ends.
#[derive(Debug)]
pub(crate) struct Closing(pub(crate) Arc<Workers>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Requests that were not answered yet: the life of their process, and who waits.
type Pending = HashMap<u64, (u64, oneshot::Sender<Answer>)>;

/// The processes of a run, by their slots.
#[derive(Debug)]
pub(crate) struct Workers {
    settings: Settings,
    pub(crate) counts: Counts,
    slots: Mutex<BTreeMap<usize, Process>>,
    pending: Mutex<Pending>,
    /// Which process claimed an order last.
    claimed: Mutex<HashMap<String, u64>>,
    troubled: Mutex<BTreeSet<u64>>,
    /// What should not have happened.
    complaints: Mutex<Vec<String>>,
    lives: AtomicU64,
    requests: AtomicU64,
    /// Whether processes are no longer made to end.
    is_settling: AtomicBool,
    is_closing: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workers {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            counts: Counts::default(),
            slots: Mutex::default(),
            pending: Mutex::default(),
            claimed: Mutex::default(),
            troubled: Mutex::default(),
            complaints: Mutex::default(),
            lives: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            is_settling: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
        }
    }

    /// Starts a process in a slot.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub(crate) fn start(self: &Arc<Self>, slot: usize) -> Result<(), String> {
        let life = self.lives.fetch_add(1, Ordering::AcqRel) + 1;
        let settings = &self.settings;
        let mut chance = Chance::of(settings.seed, life);
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .args(["worker", "--ledger", &settings.ledger])
            .args(["--base-url", &settings.base_url])
            .args(["--callback-url", &settings.callback_url])
            .args(["--life", &life.to_string()])
            .arg("--told")
            .arg(settings.folder.join(format!("told-{life}.jsonl")))
            // Callbacks that come while PostgreSQL is down are kept there.
            .env("STATE_DIRECTORY", &settings.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if !settings.is_calm {
            let ahead = match slot % 4 {
                0 => "600",
                1 => "-600",
                _ => "0",
            };
            command.args(["--clock-ahead", ahead, "--handler-fails", "3"]);
        }
        if !settings.is_calm
            && !self.is_settling.load(Ordering::Acquire)
            && let Some(place) = draw_place(&mut chance)
        {
            command.args(["--place", &place.to_string()]);
        }
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        self.counts.started.raise();
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a process has no pipes".to_owned());
        };
        let mut process = Process {
            life,
            child,
            input,
            port: None,
            is_stopped: false,
        };
        {
            let mut slots = lock(&self.slots);
            // One that was started while all were ended ends as well.
            if self.is_closing.load(Ordering::Acquire) {
                let _ended = process.child.kill();
            }
            slots.insert(slot, process);
        }
        let workers = Arc::clone(self);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                workers.hear(slot, life, &line);
            }
            workers.bury(slot, life);
        });
        Ok(())
    }

    fn hear(self: &Arc<Self>, slot: usize, life: u64, line: &str) {
        match *line.split(' ').collect::<Vec<_>>().as_slice() {
            ["ready", port] => {
                if let Some(process) = lock(&self.slots).get_mut(&slot) {
                    process.port = port.parse().ok();
                }
            }
            ["claimed", order] => {
                lock(&self.claimed).insert(order.to_owned(), life);
            }
            ["answered", request, "ok", ..] => self.answer(request, Answer::Payment),
            ["answered", request, "error", "order_asked_differently", ..] => {
                self.answer(request, Answer::Differs);
            }
            ["answered", request, "error", code, disposition] => {
                if self.settings.is_calm {
                    let complaint =
                        format!("a request without faults failed: {code}, {disposition}");
                    lock(&self.complaints).push(complaint);
                }
                self.counts.refused.raise();
                self.answer(request, Answer::Refused);
            }
            ["at", place] => match place.parse() {
                Ok(Place { end: End::Kill, .. }) => {
                    lock(&self.troubled).insert(life);
                    self.counts.killed_at_places.raise();
                }
                _ => self.note_stopped_past_lease(slot, life),
            },
            _ => lock(&self.complaints).push(format!("process {life} said {line:?}")),
        }
    }

    fn answer(&self, request: &str, answer: Answer) {
        let waiting = request.parse().ok();
        let waiting = waiting.and_then(|request: u64| lock(&self.pending).remove(&request));
        if let Some((_, waits)) = waiting {
            let _gone = waits.send(answer);
        }
    }

    fn note_stopped_past_lease(self: &Arc<Self>, slot: usize, life: u64) {
        lock(&self.troubled).insert(life);
        self.counts.stopped_past_lease.raise();
        self.mark_stopped(slot, life, true);
        let workers = Arc::clone(self);
        std::thread::spawn(move || {
            std::thread::sleep(PAST_LEASE);
            workers.signal(slot, life, Signal::CONT);
        });
    }

    /// A process has ended: whoever waits for its answers is told, and another one starts in its place.
    fn bury(self: &Arc<Self>, slot: usize, life: u64) {
        let process = lock(&self.slots).remove(&slot);
        let status = process.and_then(|mut process| process.child.wait().ok());
        let is_expected =
            lock(&self.troubled).contains(&life) || self.is_closing.load(Ordering::Acquire);
        if !is_expected {
            let complaint = format!("process {life} ended by itself: {status:?}");
            lock(&self.complaints).push(complaint);
            lock(&self.troubled).insert(life);
        }
        let mut pending = lock(&self.pending);
        let of_the_dead: Vec<u64> = pending
            .iter()
            .filter_map(|(request, (of, _))| (*of == life).then_some(*request))
            .collect();
        for request in of_the_dead {
            if let Some((_, waits)) = pending.remove(&request) {
                let _gone = waits.send(Answer::Died);
            }
        }
        drop(pending);
        if !self.is_closing.load(Ordering::Acquire)
            && let Err(error) = self.start(slot)
        {
            lock(&self.complaints).push(error);
        }
    }

    /// The lives of the processes that take requests, in the order of their slots.
    pub(crate) fn ready(&self) -> Vec<u64> {
        let slots = lock(&self.slots);
        let ready = slots
            .values()
            .filter(|process| process.port.is_some() && !process.is_stopped);
        ready.map(|process| process.life).collect()
    }

    /// The ports of the processes that take callbacks.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let slots = lock(&self.slots);
        let running = slots.values().filter(|process| !process.is_stopped);
        running.filter_map(|process| process.port).collect()
    }

    /// Gives a process a request, and waits for its answer; the error is a sentence about a process that lived on and did not
    /// answer.
    pub(crate) async fn request(
        &self,
        life: u64,
        order: &str,
        phone: &str,
        within: Duration,
    ) -> Result<Answer, String> {
        let request = self.requests.fetch_add(1, Ordering::AcqRel) + 1;
        let (sends, answer) = oneshot::channel();
        lock(&self.pending).insert(request, (life, sends));
        self.counts.requests.raise();
        if !self.write(life, &format!("push {request} {order} {phone}")) {
            lock(&self.pending).remove(&request);
            self.counts.died_unanswered.raise();
            return Ok(Answer::Died);
        }
        let answer = tokio::time::timeout(within, answer).await;
        let answer = match answer {
            Ok(answer) => answer.unwrap_or(Answer::Died),
            Err(_) if lock(&self.troubled).contains(&life) => Answer::Died,
            Err(_) => {
                return Err(format!(
                    "process {life} did not answer a request for {order} within {within:?}"
                ));
            }
        };
        if answer == Answer::Died {
            self.counts.died_unanswered.raise();
        }
        Ok(answer)
    }

    fn write(&self, life: u64, line: &str) -> bool {
        let mut slots = lock(&self.slots);
        let process = slots.values_mut().find(|process| process.life == life);
        process.is_some_and(|process| writeln!(process.input, "{line}").is_ok())
    }

    /// Kills a process.
    pub(crate) fn kill(&self, life: u64) -> bool {
        // Noted first: its end may be seen before this thread goes on.
        lock(&self.troubled).insert(life);
        let mut slots = lock(&self.slots);
        let process = slots.values_mut().find(|process| process.life == life);
        process.is_some_and(|process| process.child.kill().is_ok())
    }

    /// Stops a process for a while.
    pub(crate) fn stop_for(self: &Arc<Self>, life: u64, pause: Duration) {
        let slot = lock(&self.slots)
            .iter()
            .find_map(|(slot, process)| (process.life == life).then_some(*slot));
        let Some(slot) = slot else {
            return;
        };
        lock(&self.troubled).insert(life);
        self.counts.stopped.raise();
        self.mark_stopped(slot, life, true);
        self.signal(slot, life, Signal::STOP);
        let workers = Arc::clone(self);
        std::thread::spawn(move || {
            std::thread::sleep(pause);
            workers.signal(slot, life, Signal::CONT);
        });
    }

    fn mark_stopped(&self, slot: usize, life: u64, is_stopped: bool) {
        let mut slots = lock(&self.slots);
        if let Some(process) = slots.get_mut(&slot).filter(|process| process.life == life) {
            process.is_stopped = is_stopped;
        }
    }

    fn signal(&self, slot: usize, life: u64, signal: Signal) {
        let mut slots = lock(&self.slots);
        let process = slots.get_mut(&slot).filter(|process| process.life == life);
        let Some(process) = process else {
            return;
        };
        let pid = i32::try_from(process.child.id())
            .ok()
            .and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ended = kill_process(pid, signal);
        }
        if signal == Signal::CONT {
            process.is_stopped = false;
        }
    }

    /// The process that claimed an order last, where that process lives.
    pub(crate) fn claimer(&self, order: &str) -> Option<u64> {
        let life = *lock(&self.claimed).get(order)?;
        let slots = lock(&self.slots);
        slots
            .values()
            .any(|process| process.life == life)
            .then_some(life)
    }

    /// From now on no process is made to end.
    pub(crate) fn settle(&self) {
        self.is_settling.store(true, Ordering::Release);
        for process in lock(&self.slots).values_mut() {
            let _closed = writeln!(process.input, "calm");
        }
    }

    /// Ends all processes.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        for process in lock(&self.slots).values_mut() {
            lock(&self.troubled).insert(process.life);
            let _ended = process.child.kill();
        }
    }

    /// The processes that were killed or stopped, and what should not have happened.
    pub(crate) fn troubled(&self) -> BTreeSet<u64> {
        lock(&self.troubled).clone()
    }

    /// What should not have happened.
    pub(crate) fn complaints(&self) -> Vec<String> {
        lock(&self.complaints).clone()
    }
}

/// Where a new process is to end; `None` for one of four.
fn draw_place(chance: &mut Chance) -> Option<Place> {
    if chance.percent(6) {
        return Some(Place {
            command: StoreCommand::Claim,
            moment: Moment::After,
            nth: 1 + chance.below(2),
            end: End::Stop,
        });
    }
    if chance.percent(25) {
        return None;
    }
    let command = chance.one_of(&StoreCommand::ALL)?;
    let moment = match command {
        StoreCommand::Handler => chance.one_of(&[Moment::Before, Moment::After])?,
        _ => chance.one_of(&Moment::ALL)?,
    };
    // Leases of tellings are taken once a second by each process, whether or not anything is owed.
    let most = if command == StoreCommand::Owed && moment != Moment::After {
        20
    } else {
        4
    };
    Some(Place {
        command,
        moment,
        nth: 1 + chance.below(most),
        end: End::Kill,
    })
}
