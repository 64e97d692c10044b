//! A copy of the sources to break: the core, the simulation, and the manifests that these need.

use lipia_simulation::Promise;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// What is copied besides the workspace's manifest. Cargo wants to see the sandbox, which the core's own tests need, and
/// these tests; neither is built.
const COPIED: [&str; 10] = [
    "Cargo.lock",
    "README.md",
    "core/Cargo.toml",
    "core/src",
    "sandbox/Cargo.toml",
    "sandbox/src",
    "simulation/Cargo.toml",
    "simulation/src",
    "simulation/examples",
    "simulation/tests",
];

/// Longer than any build or run takes, others waiting for the same folder included.
const LONGEST: Duration = Duration::from_secs(900);

/// What a run prints first where a promise is broken.
#[derive(Debug, Deserialize)]
pub(crate) struct Broken {
    pub(crate) payments: usize,
    pub(crate) promise: Promise,
    pub(crate) sales_left: usize,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ran {
    Kept { payments: usize },
    Broken { broken: Broken, story: String },
}

/// The copy.
pub(crate) struct Copy {
    folder: PathBuf,
    /// The workspace's own: what nobody changes is built already.
    target: PathBuf,
}

/// The file is as it was when this is dropped.
pub(crate) struct Changed {
    file: PathBuf,
    original: String,
}

impl Drop for Changed {
    fn drop(&mut self) {
        // The next run of this program copies everything anew.
        let _ = fs::write(&self.file, &self.original);
    }
}

/// The folder above this package.
pub(crate) fn workspace() -> PathBuf {
    let mut folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.pop();
    folder
}

impl Copy {
    /// Makes it, or makes an earlier one the same as the sources.
    pub(crate) fn make() -> Result<Self, Box<dyn Error>> {
        let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let target = scratch.parent().ok_or("no target folder")?.to_owned();
        let copy = Self {
            folder: scratch.join("mutants"),
            target,
        };
        for name in COPIED {
            mirror(&workspace().join(name), &copy.folder.join(name))?;
        }
        let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
        write(&copy.folder.join("Cargo.toml"), &of_few_members(&manifest)?)?;
        Ok(copy)
    }

    /// A file as the sources have it.
    pub(crate) fn original(&self, file: &Path) -> io::Result<String> {
        fs::read_to_string(workspace().join(file))
    }

    /// Writes another text into a file.
    pub(crate) fn change(&self, file: &Path, text: &str) -> io::Result<Changed> {
        let changed = Changed {
            file: self.folder.join(file),
            original: self.original(file)?,
        };
        fs::write(&changed.file, text)?;
        Ok(changed)
    }

    /// Builds it.
    pub(crate) fn build(&self) -> Result<(), Box<dyn Error>> {
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        cargo
            .args([
                "build",
                "--quiet",
                "--offline",
                "--package",
                "lipia-simulation",
            ])
            .args(["--example", "first_broken", "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", "1");
        // What cargo tells this program of its own package; a build that hears it takes itself for another one.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_"]
                .iter()
                .any(|of| text.starts_with(of))
            {
                cargo.env_remove(&name);
            }
        }
        let (is_success, said) = ended(&mut cargo)?;
        if is_success {
            Ok(())
        } else {
            Err(format!("it cannot be built:\n{said}").into())
        }
    }

    /// Runs so many payments, or the plan of a file.
    pub(crate) fn run(&self, what: &str) -> Result<Ran, Box<dyn Error>> {
        #[derive(Deserialize)]
        struct Kept {
            payments: usize,
        }
        let program = self.target.join("debug/examples/first_broken");
        let (is_success, said) = ended(Command::new(program).arg(what))?;
        let first = said.lines().next().unwrap_or_default();
        let unreadable = |error| format!("it says {said:?}: {error}");
        if is_success {
            let Kept { payments } = serde_json::from_str(first).map_err(unreadable)?;
            return Ok(Ran::Kept { payments });
        }
        let broken = serde_json::from_str(first).map_err(unreadable)?;
        Ok(Ran::Broken {
            broken,
            story: said,
        })
    }
}

/// How a program ended, and all that it said.
fn ended(command: &mut Command) -> Result<(bool, String), Box<dyn Error>> {
    let (reader, writer) = io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .map_err(|error| format!("{:?}: {error}", command.get_program()))?;
    // The command holds the ends that are written to: until they are gone nobody sees the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (tells, told) = mpsc::channel();
    std::thread::spawn(move || {
        // Where nobody listens any more, the child was stopped.
        let _ = tells.send(io::read_to_string(reader));
    });
    let Ok(said) = told.recv_timeout(LONGEST) else {
        child.kill()?;
        child.wait()?;
        return Err(format!("{command:?} goes on and on").into());
    };
    Ok((child.wait()?.success(), said?))
}

/// The workspace's manifest with those members alone that are copied, in a version of their own: both workspaces build
/// into one folder, and what cargo built of the same version here it would take for built there.
fn of_few_members(manifest: &str) -> Result<String, &'static str> {
    let mut is_cut = false;
    let mut is_marked = false;
    let lines: Vec<String> = manifest
        .lines()
        .map(|line| {
            let version = line.strip_prefix("version = \"");
            if line.starts_with("members = [") && line.ends_with(']') {
                is_cut = true;
                r#"members = ["core", "sandbox", "simulation"]"#.to_owned()
            } else if let Some(version) = version.and_then(|text| text.strip_suffix('"')) {
                is_marked = true;
                format!("version = \"{version}+mutants\"")
            } else {
                line.to_owned()
            }
        })
        .collect();
    match (is_cut, is_marked) {
        (true, true) => Ok(lines.join("\n")),
        (false, _) => Err("the workspace's members no longer stand on one line of Cargo.toml"),
        (_, false) => Err("the workspace's version no longer stands on a line of Cargo.toml"),
    }
}

/// Makes a file or folder the same as another; what is the same already keeps its time, and is not built again.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return write(to, &fs::read_to_string(from)?);
    }
    fs::create_dir_all(to)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        mirror(&from.join(&name), &to.join(&name))?;
        names.insert(name);
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if names.contains(&entry.file_name()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|written| written == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}
