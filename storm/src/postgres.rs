//! A PostgreSQL server of the storm's own, which is crashed and started again.

use rustix::process::{Pid, Signal, kill_process};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The role that owns everything.
const ROLE: &str = "shop";

/// How long the server may take to start, after a crash too.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server on a free port of this machine. Dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(crate) struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    child: Mutex<Child>,
}

/// The folder of PostgreSQL's programs; `None` where it is not installed.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = found.pop().map(|(_, folder)| folder);
    newest.or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file()))
}

impl PostgresServer {
    /// Makes a database and starts a server for it. `programs` is the folder of PostgreSQL's programs.
    ///
    /// # Errors
    /// Why it does not start.
    pub(crate) fn start(programs: PathBuf) -> Result<Self, String> {
        // Not within the folder of the build: the user that the server runs as may not reach that.
        let folder = std::env::temp_dir().join(format!("lipia-storm-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(said)?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(said)?;
        let port = probe.local_addr().map_err(said)?.port();
        drop(probe);
        let mut made = as_owner(&programs.join("initdb"), &folder);
        run(made
            .args(["-A", "trust", "-U", ROLE, "--no-sync", "-D"])
            .arg(folder.join("data")))?;
        let child = Mutex::new(serve(&programs, &folder, port)?);
        let server = Self {
            programs,
            folder,
            port,
            child,
        };
        server.wait()?;
        Ok(server)
    }

    /// The ledger's address.
    pub(crate) fn address(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.port)
    }

    /// Carries out a statement, and returns what it prints.
    ///
    /// # Errors
    /// What the server says.
    pub(crate) fn sql(&self, statement: &str) -> Result<String, String> {
        let output = Command::new(self.programs.join("psql"))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                ROLE,
                "-d",
                "postgres",
            ])
            .args(["-At", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .output()
            .map_err(said)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Kills the process of one connection by `SIGKILL`. The server then ends all its connections and recovers.
    ///
    /// # Errors
    /// Why it was not killed.
    pub(crate) fn crash_backend(&self) -> Result<(), String> {
        let pid = self.sql(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
             ORDER BY random() LIMIT 1",
        )?;
        kill(&pid)?;
        self.wait()
    }

    /// Kills the server by `SIGKILL`, and starts it again.
    ///
    /// # Errors
    /// Why it was not killed, or does not start.
    pub(crate) fn crash(&self) -> Result<(), String> {
        let file = self.folder.join("data").join("postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(said)?;
        kill(text.lines().next().unwrap_or_default())?;
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ended = child.wait();
        let began = Instant::now();
        // Until its orphans have noticed, they keep the data from a new server.
        loop {
            *child = serve(&self.programs, &self.folder, self.port)?;
            while child.try_wait().map_err(said)?.is_none() {
                if self.is_ready() {
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            if began.elapsed() > STARTS_WITHIN {
                return Err(self.log());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn wait(&self) -> Result<(), String> {
        let began = Instant::now();
        while !self.is_ready() {
            if began.elapsed() > STARTS_WITHIN {
                return Err(self.log());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let ready = Command::new(self.programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .status();
        ready.is_ok_and(|status| status.success())
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        format!("PostgreSQL does not start: {log}")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let mut stop = as_owner(&self.programs.join("pg_ctl"), &self.folder);
        let _stopped = run(stop
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.folder.join("data")));
        let _ended = self
            .child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wait();
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

fn serve(programs: &Path, folder: &Path, port: u16) -> Result<Child, String> {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .map_err(said)?;
    let mut command = as_owner(&programs.join("postgres"), folder);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=200",
        ])
        .stdout(Stdio::null())
        .stderr(log);
    command.spawn().map_err(said)
}

/// A command that runs as somebody whom PostgreSQL accepts: it refuses to run as root.
fn as_owner(program: &Path, folder: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(said)?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn kill(pid: &str) -> Result<(), String> {
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw);
    let pid = pid.ok_or("there is no such process of PostgreSQL")?;
    kill_process(pid, Signal::KILL).map_err(said)
}

fn said(error: impl ToString) -> String {
    error.to_string()
}
