//! A PostgreSQL server of the tests' own: on loopback, in a folder that is thrown away.

use lipia::ledger::PostgresLedger;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The password of the user `shop`, which is written in an address as [`PASSWORD_IN_ADDRESS`].
pub const PASSWORD: &str = "Hemmeligt/42@?";
pub const PASSWORD_IN_ADDRESS: &str = "Hemmeligt%2F42%40%3F";

/// Longer than a server takes to start or to recover.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server. It ends with the program that started it, however that ends: its keeper reads from a pipe that closes then.
pub struct Server {
    folder: PathBuf,
    pub port: u16,
    keeper: Mutex<Child>,
}

/// The server that all tests share which leave it as it is.
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

/// A port of loopback that nobody listens on now.
pub fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").unwrap();
    probe.local_addr().unwrap().port()
}

/// A name that no other test of this server uses.
pub fn new_name(kind: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("{kind}_{}_{number}", std::process::id())
}

/// Where PostgreSQL's programs are.
pub fn program(name: &str) -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = installed
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|program| program.exists())
        .max();
    newest.unwrap_or_else(|| PathBuf::from(name))
}

/// A command as a user under which PostgreSQL runs: it refuses root.
pub fn as_a_user(program: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}. Install PostgreSQL with `.ci/postgresql`")
    });
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

impl Server {
    /// A new server with these settings, such as `ssl=on`.
    pub fn start(settings: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(new_name("lipia-postgresql"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("password"), PASSWORD).unwrap();
        let _unless_root = Command::new("chown")
            .args(["-R", "postgres"])
            .arg(&folder)
            .stderr(Stdio::null())
            .status();
        succeed(
            as_a_user(&program("initdb"))
                .args([
                    "--no-sync",
                    "-A",
                    "scram-sha-256",
                    "-U",
                    "shop",
                    "--locale=C.UTF-8",
                ])
                .arg(format!("--pwfile={}", folder.join("password").display()))
                .arg("-D")
                .arg(folder.join("data"))
                .current_dir(&folder),
        );
        let port = free_port();
        let mut options = vec![
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", folder.display()),
            "max_connections=60".to_owned(),
        ];
        options.extend(settings.iter().map(|setting| (*setting).to_owned()));
        let file = std::fs::OpenOptions::new()
            .append(true)
            .open(folder.join("data/postgresql.conf"));
        let mut file = file.unwrap();
        for option in options {
            let (name, value) = option.split_once('=').unwrap();
            writeln!(file, "{name} = '{value}'").unwrap();
        }
        let server = Self {
            keeper: Mutex::new(keep(&folder)),
            folder,
            port,
        };
        server.wait_until_it_answers();
        server
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a ledger in a schema.
    pub fn address(&self, schema: &str) -> String {
        format!(
            "postgres://shop:{PASSWORD_IN_ADDRESS}@127.0.0.1:{}/postgres?schema={schema}",
            self.port
        )
    }

    /// A ledger in a schema of its own.
    pub fn store(&self) -> PostgresLedger {
        PostgresLedger::at(&self.address(&new_name("ledger"))).unwrap()
    }

    /// Runs statements as the owner of everything, and gives what they print, without headings.
    pub fn sql(&self, statements: &str) -> String {
        self.sql_as("shop", PASSWORD, statements).unwrap()
    }

    pub fn sql_as(&self, user: &str, password: &str, statements: &str) -> Result<String, String> {
        let output = self.psql(user, password, statements).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }

    fn psql(&self, user: &str, password: &str, statements: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-U", user, "-d", "postgres", "-c", statements])
            .env("PGPASSWORD", password);
        psql
    }

    /// The process id of the server itself.
    pub fn pid(&self) -> u32 {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    }

    /// Kills the server itself with SIGKILL, as a crash of the machine would, and waits until it is gone.
    pub fn crash(&self) {
        let pid = self.pid();
        kill_9(pid);
        let began = Instant::now();
        while is_alive(pid) {
            assert!(began.elapsed() < START_LIMIT, "the server does not die");
            std::thread::sleep(Duration::from_millis(5));
        }
        // The keeper ends with the server. A wait would close the pipe first, at whose end it removes the folder.
        let mut keeper = self.keeper.lock().unwrap();
        let pipe = keeper.stdin.take();
        keeper.wait().unwrap();
        drop(pipe);
    }

    /// Starts the server again after a crash.
    pub fn start_again(&self) {
        let began = Instant::now();
        loop {
            let mut keeper = keep(&self.folder);
            std::thread::sleep(Duration::from_millis(100));
            // Processes of the crashed server may still have its memory, and then it does not start.
            if keeper.try_wait().unwrap().is_none() {
                *self.keeper.lock().unwrap() = keeper;
                break;
            }
            assert!(began.elapsed() < START_LIMIT, "the server does not start");
        }
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&self) {
        let began = Instant::now();
        while self.sql_as("shop", PASSWORD, "SELECT 1").is_err() {
            assert!(
                began.elapsed() < START_LIMIT,
                "the server does not start: {}",
                std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap();
        drop(keeper.stdin.take());
        let _ended = keeper.wait();
    }
}

pub fn kill_9(pid: u32) {
    succeed(Command::new("kill").args(["-9", &pid.to_string()]));
}

/// Whether a process runs; one that ended and was not waited for does not.
fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    status.is_ok_and(|status| !status.contains(") Z "))
}

/// Starts the server, and what ends it and removes its folder once this program is gone.
fn keep(folder: &Path) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .unwrap();
    // The keeper waits for two ends at once: that of the pipe, which is this program's, and that of the server.
    let script = r#"
        exec 3<&0
        "$@" </dev/null & server=$!
        { read -r _; touch ended; kill -INT "$(head -1 data/postmaster.pid)" 2>/dev/null; } <&3 & reader=$!
        wait "$server"
        if [ -e ended ]; then rm -rf "$PWD"; else kill "$reader"; fi"#;
    let mut server = as_a_user(&program("postgres"));
    server.arg("-D").arg(folder.join("data"));
    Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(server.get_program())
        .args(server.get_args())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
