//! `make simulate`: a million payments under faults, as a table and as a picture; or one world, as a story.

use clap::Parser;
use lipia_simulation::plan::Plan;
use lipia_simulation::{
    BrokenWorld, Campaign, Ending, Failure, Tally, explain, grouped, picture, story, table,
};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// Money safety, simulated: payments under faults, by the core's own decisions on a virtual clock
#[derive(Debug, Parser)]
#[command(
    name = "simulate",
    max_term_width = 100,
    allow_negative_numbers = true,
    after_help = "Each seed is a world: one shop, one gateway, and some sales. The same seeds give the same result on every machine, with any \
    number of threads.\n\n\
    Exit status: 0 every promise held, 1 one was broken, 2 it could not run."
)]
struct Arguments {
    /// How many payments at least; the last world is run whole
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    payments: u64,
    /// The seed of the first world
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Tells the story of one world, and what became of its sales
    #[arg(long, value_name = "SEED", conflicts_with_all = ["payments", "seed", "threads", "svg", "quiet"])]
    world: Option<u64>,
    /// How many worlds run at the same time [default: as many as this machine has processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PICTURE)]
    svg: PathBuf,
    /// Does not tell how far it is
    #[arg(long)]
    quiet: bool,
}

const DEFAULT_PICTURE: &str = "target/simulation.svg";

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Held,
    Broken,
    CouldNotRun,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Held => 0,
            Exit::Broken => 1,
            Exit::CouldNotRun => 2,
        })
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let exit = match arguments.world {
        Some(seed) => tell_world(seed),
        None => run_campaign(&arguments),
    };
    exit.into()
}

fn tell_world(seed: u64) -> Exit {
    let plan = Plan::of(seed);
    let report = match plan.run(true) {
        Ok(report) => report,
        Err(error) => return complain(&format!("no runtime can be made: {error}")),
    };
    let told = story(&plan, &report);
    let Some(broken) = report.broken else {
        return print(&format!("{told}\nEvery promise held.\n"), Exit::Held);
    };
    match explain(&plan, &broken) {
        Ok(in_short) => print(&format!("{told}\nIn short:\n{in_short}"), Exit::Broken),
        Err(error) => complain(&format!("no runtime can be made: {error}")),
    }
}

fn run_campaign(arguments: &Arguments) -> Exit {
    let svg = &arguments.svg;
    if let Err(error) = check_writable(svg) {
        return complain(&format!(
            "the picture cannot be written to {}: {error}",
            svg.display()
        ));
    }
    let campaign = Campaign {
        first_seed: arguments.seed,
        payments: arguments.payments,
        threads: arguments
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
    };
    let mut progress = Progress::new(arguments.payments, arguments.quiet);
    let ending = campaign.run(|tally| progress.tell(tally));
    let took = progress.end();
    match ending {
        Ok(Ending {
            tally,
            broken: None,
        }) => show(&tally, svg, took),
        Ok(Ending {
            tally,
            broken: Some(world),
        }) => accuse(&tally, &world),
        Err(failure) => {
            complain(&failure.to_string());
            match failure {
                Failure::Panicked { seed } => print(&again(seed), Exit::Broken),
                Failure::NoThread(_) | Failure::NoRuntime(_) => Exit::CouldNotRun,
            }
        }
    }
}

/// The table, and the picture.
fn show(tally: &Tally, svg: &Path, took: Duration) -> Exit {
    if let Err(error) = fs::write(svg, picture(tally)) {
        return complain(&format!(
            "the picture cannot be written to {}: {error}",
            svg.display()
        ));
    }
    let text = format!(
        "{}\n{:.1} s, {} payments a second. The picture: {}\n",
        table(tally),
        took.as_secs_f64(),
        grouped(per_second(tally.total.payments, took)),
        svg.display()
    );
    print(&text, Exit::Held)
}

/// A broken promise, with its story.
fn accuse(tally: &Tally, world: &BrokenWorld) -> Exit {
    let seed = world.plan.seed;
    let in_short = match explain(&world.plan, &world.broken) {
        Ok(in_short) => in_short,
        Err(error) => return complain(&format!("no runtime can be made: {error}")),
    };
    let text = format!(
        "The world of seed {seed} breaks a promise, after {} payments: {}.\n\n{in_short}\n{}",
        grouped(tally.total.payments),
        world.broken.promise.text(),
        again(seed)
    );
    print(&text, Exit::Broken)
}

fn again(seed: u64) -> String {
    format!("To see all of it again: make simulate SIMULATE='--world {seed}'\n")
}

/// Says so before minutes are spent on a picture that cannot be written, and leaves what is there as it is.
fn check_writable(path: &Path) -> io::Result<()> {
    if path == Path::new(DEFAULT_PICTURE)
        && let Some(folder) = path.parent()
    {
        fs::create_dir_all(folder)?;
    }
    let is_new = !path.try_exists()?;
    OpenOptions::new().append(true).create(true).open(path)?;
    if is_new {
        fs::remove_file(path)
    } else {
        Ok(())
    }
}

/// How far it is, on stderr: a line that changes where a person is watching, else one now and then.
struct Progress {
    payments: u64,
    every: Option<Duration>,
    is_watched: bool,
    began: Instant,
    told: Instant,
}

impl Progress {
    fn new(payments: u64, is_quiet: bool) -> Self {
        let is_watched = io::stderr().is_terminal();
        let every = Duration::from_secs(if is_watched { 1 } else { 15 });
        let now = Instant::now();
        Self {
            payments,
            every: (!is_quiet).then_some(every),
            is_watched,
            began: now,
            told: now,
        }
    }

    fn tell(&mut self, tally: &Tally) {
        let is_due = self.every.is_some_and(|every| self.told.elapsed() >= every);
        if !is_due {
            return;
        }
        self.told = Instant::now();
        let done = tally.total.payments;
        let line = format!(
            "{} of {} payments, {} a second",
            grouped(done),
            grouped(self.payments),
            grouped(per_second(done, self.began.elapsed()))
        );
        let mut stderr = io::stderr().lock();
        // Who does not see how far it is sees what came of it.
        let _ = if self.is_watched {
            write!(stderr, "\r\u{1b}[K{line}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{line}")
        };
    }

    /// Takes its line away, so that the result begins on one of its own, and says how long it took.
    fn end(self) -> Duration {
        if self.is_watched && self.told > self.began {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
        self.began.elapsed()
    }
}

fn per_second(payments: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    payments.saturating_mul(1_000) / millis
}

/// Prints what came of it. A reader that went away (`| head`) is no reason to fail; a disk that is full is one.
fn print(text: &str, exit: Exit) -> Exit {
    let mut stdout = io::stdout().lock();
    let printed = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("the result cannot be printed: {error}"))
        }
        _ => exit,
    }
}

fn complain(what: &str) -> Exit {
    let _ = writeln!(io::stderr(), "simulate: {what}");
    Exit::CouldNotRun
}
