//! A PostgreSQL server of a program's own, which can be crashed and is started again.

use rustix::process::{Pid, Signal, kill_process};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The role that owns everything.
const ROLE: &str = "shop";

/// How long the server may take to start, after a crash too.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// What starts the server, and ends it and removes its folder once the pipe of this program is closed, however this program ends.
const KEEPER: &str = r#"
    exec 3<&0
    "$@" </dev/null & server=$!
    { read -r _; touch ended; kill -QUIT "$(head -1 data/postmaster.pid)" 2>/dev/null; } <&3 & reader=$!
    wait "$server"
    if [ -e ended ]; then rm -rf "$PWD"; else kill "$reader"; fi"#;

/// A PostgreSQL server on a free port of this machine. It ends when this is dropped, and with the program that started it.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    keeper: Mutex<Child>,
}

impl PostgresServer {
    /// The folder of PostgreSQL's programs; `None` where it is not installed.
    #[must_use]
    pub fn programs() -> Option<PathBuf> {
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
        newest
            .or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file()))
    }

    /// Makes a database and starts a server for it. `programs` is the folder of PostgreSQL's programs.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start(programs: PathBuf) -> Result<Self, String> {
        // Not within the folder of the build: the user that the server runs as may not reach that.
        let folder = std::env::temp_dir().join(format!("lipia-server-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(said)?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(said)?;
        let port = probe.local_addr().map_err(said)?.port();
        drop(probe);
        let mut made = as_owner(&programs.join("initdb"), &folder);
        let served = run(made
            .args(["-A", "trust", "-U", ROLE, "--no-sync", "-D"])
            .arg(folder.join("data")))
        .and_then(|()| serve(&programs, &folder, port));
        let keeper = Mutex::new(served.inspect_err(|_| {
            let _left = std::fs::remove_dir_all(&folder);
        })?);
        let server = Self {
            programs,
            folder,
            port,
            keeper,
        };
        server.wait()?;
        Ok(server)
    }

    /// The address of its database.
    #[must_use]
    pub fn address(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.port)
    }

    /// Carries out a statement, and returns what it prints.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, statement: &str) -> Result<String, String> {
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
    pub fn crash_backend(&self) -> Result<(), String> {
        let pid = self.sql(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
             ORDER BY random() LIMIT 1",
        )?;
        kill(&pid)?;
        self.wait()
    }

    /// The number of the server's own process.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn process(&self) -> Result<u32, String> {
        let file = self.folder.join("data").join("postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(said)?;
        text.lines()
            .next()
            .unwrap_or_default()
            .parse()
            .map_err(said)
    }

    /// Kills the server by `SIGKILL`, and starts it again.
    ///
    /// # Errors
    /// Why it was not killed, or does not start.
    pub fn crash(&self) -> Result<(), String> {
        kill(&self.process()?.to_string())?;
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        // The keeper ends with the server. A wait would close its pipe first, at whose end it removes the folder.
        let pipe = keeper.stdin.take();
        let _ended = keeper.wait();
        drop(pipe);
        let began = Instant::now();
        // Until its orphans have noticed, they keep the data from a new server.
        loop {
            *keeper = serve(&self.programs, &self.folder, self.port)?;
            while keeper.try_wait().map_err(said)?.is_none() {
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
            if self.has_ended() || began.elapsed() > STARTS_WITHIN {
                return Err(self.log());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn has_ended(&self) -> bool {
        let keeper = self.keeper.lock();
        let ended = keeper.unwrap_or_else(PoisonError::into_inner).try_wait();
        ended.is_ok_and(|status| status.is_some())
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
        let keeper = self.keeper.get_mut();
        // Closes the pipe first.
        let _ended = keeper.unwrap_or_else(PoisonError::into_inner).wait();
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

/// Starts the server and its keeper. They are a group of processes of their own, so that the interrupt of a terminal reaches
/// the program alone, which ends them.
fn serve(programs: &Path, folder: &Path, port: u16) -> Result<Child, String> {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .map_err(said)?;
    let mut server = as_owner(&programs.join("postgres"), folder);
    server
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "max_connections=200"]);
    Command::new("sh")
        .args(["-c", KEEPER, "sh"])
        .arg(server.get_program())
        .args(server.get_args())
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(said)
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
