//! The spool: callbacks that are kept in files of this machine while the ledger's store is away, since a gateway posts once.
//!
//! One file a callback, readable by its owner alone, on the disk before it counts as kept. The seal over a file is made with the
//! secrets of the callback URLs, so that what another program puts there is not believed.

use crate::error::ids::PaymentId;
use crate::ledger::contract::MAX_CALLBACKS;
use crate::values::hexadecimal::hexadecimal;
use ring::digest::{SHA256, digest};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How many callbacks are kept, and how many bytes they take: somebody who knows a payment's URL could otherwise fill a disk.
const MAX_FILES: usize = 10_000;
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The first line of a file: its form. A later version may write another number.
const FORM: &str = "lipia callback 1";
const FORM_OF_ANY_VERSION: &str = "lipia callback ";

const EXTENSION: &str = "callback";
const DRAFT: &str = "draft";
/// The extension of a file that was set aside: it is not what a process wrote, and a person has to look at it.
const DAMAGED: &str = "damaged";

/// How often a file is written anew because another process moved what stood in its place.
const MAX_TRIES: u32 = 8;

/// After what time a draft was left behind by a process that died.
const DRAFT_LIVES: Duration = Duration::from_secs(3_600);

/// A folder of callbacks, which several processes share.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
}

/// A callback in the spool.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Spooled {
    /// The payment that the URL's token names.
    pub(crate) payment: PaymentId,
    /// The seal over payment and body, as hexadecimal digits.
    pub(crate) seal: String,
    /// Whether a success is believed only once the gateway was asked.
    pub(crate) confirms: bool,
    /// The body, byte for byte.
    pub(crate) body: Vec<u8>,
}

/// What is in a file of the spool.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A callback.
    Callback(Spooled),
    /// Something in the form of a later version, which takes it in.
    OfLaterVersion,
    /// Something that no process wrote like that: a disk or a person damaged it.
    Damaged,
}

impl Spool {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a callback. Once this returns, it survives a crash of the machine. One that is there already is kept once.
    ///
    /// # Errors
    /// Why it is not kept: the folder cannot be written to, or is full.
    pub(crate) fn keep(&self, callback: &Spooled) -> io::Result<()> {
        self.make_folder()?;
        let name = name_of(callback);
        let place = self.folder.join(&name);
        for _ in 0..MAX_TRIES {
            match self.read(&place)? {
                Some(Content::Callback(_) | Content::OfLaterVersion) => {
                    // The process that wrote it may not have come to this yet.
                    return sync_folder(&self.folder);
                }
                Some(Content::Damaged) => {
                    self.set_aside(&place)?;
                }
                None => {}
            }
            self.check_room(callback)?;
            let draft = self.folder.join(unique(&name, DRAFT));
            let placed =
                write_whole(&draft, &text_of(callback)).and_then(|()| place_new(&draft, &place));
            // Once it has its name the draft is only another name for it.
            let _removed = fs::remove_file(&draft);
            match placed {
                Ok(()) => return sync_folder(&self.folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(
            "other processes changed the spool all the time",
        ))
    }

    /// The files of callbacks. None where there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in self.entries()? {
            let path = entry?.path();
            if path.extension() == Some(OsStr::new(DRAFT)) {
                remove_where_left_behind(&path);
            } else if path.extension() == Some(OsStr::new(EXTENSION)) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// What is in a file; `None` where it is gone: another process has taken it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(&self, file: &Path) -> io::Result<Option<Content>> {
        let read = fs::symlink_metadata(file).and_then(|metadata| {
            // A link or a folder is nothing that a process wrote, wherever it leads.
            metadata.is_file().then(|| fs::read(file)).transpose()
        });
        match read {
            Ok(Some(bytes)) => Ok(Some(parse(file, &bytes))),
            Ok(None) => Ok(Some(Content::Damaged)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives a damaged file another name, under which no process looks for callbacks. Says so in the log, and where it is;
    /// `None` where another process was quicker.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub(crate) fn set_aside(&self, file: &Path) -> io::Result<Option<PathBuf>> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let aside = self.folder.join(unique(&name, DAMAGED));
        match fs::rename(file, &aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            renamed => renamed?,
        }
        // Another process may have set the damaged file aside first, and this has moved what was written in its place.
        if let Content::Callback(_) | Content::OfLaterVersion = parse_renamed(file, &aside) {
            match place_new(&aside, file) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let _removed = fs::remove_file(&aside);
            sync_folder(&self.folder)?;
            return Ok(None);
        }
        sync_folder(&self.folder)?;
        tracing::error!(target: "lipia", file = %aside.display(), "a callback in the spool is damaged, and was set aside: look at the payment that begins its name, and ask about it");
        Ok(Some(aside))
    }

    /// Removes a file whose callback is kept elsewhere.
    ///
    /// # Errors
    /// It is there, and cannot be removed.
    pub(crate) fn remove(&self, file: &Path) -> io::Result<()> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The entries of the folder; none where there is no folder.
    fn entries(&self) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(entries.into_iter().flatten())
    }

    fn make_folder(&self) -> io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.folder) {
            // Another process was quicker.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        match self.folder.parent() {
            Some(parent) => sync_folder(parent),
            None => Ok(()),
        }
    }

    /// Refuses a callback for which there is no room.
    fn check_room(&self, callback: &Spooled) -> io::Result<()> {
        let own = format!("{}-", callback.payment.as_str());
        let (mut files, mut bytes, mut of_payment) = (0_usize, 0_u64, 0_usize);
        for entry in self.entries()? {
            let entry = entry?;
            files += 1;
            // A file that was just taken away counts for nothing.
            bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            let name = entry.file_name();
            of_payment += usize::from(name.to_string_lossy().starts_with(&own));
        }
        let body = u64::try_from(callback.body.len()).unwrap_or(u64::MAX);
        if files >= MAX_FILES
            || bytes.saturating_add(body) > MAX_BYTES
            || of_payment >= MAX_CALLBACKS
        {
            return Err(io::Error::other(
                "the spool has as many callbacks as it keeps",
            ));
        }
        Ok(())
    }
}

fn name_of(callback: &Spooled) -> String {
    let digest = hexadecimal(digest(&SHA256, &callback.body).as_ref());
    format!("{}-{digest}.{EXTENSION}", callback.payment.as_str())
}

/// The name with an addition that no other process and thread makes.
fn unique(name: &str, extension: &str) -> String {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let number = NAMES.fetch_add(1, Ordering::Relaxed);
    // Two containers with one folder may have processes of one number.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = now.map_or(0, |since| since.as_nanos());
    format!("{name}.{}-{nanos}-{number}.{extension}", std::process::id())
}

fn text_of(callback: &Spooled) -> Vec<u8> {
    let asks = if callback.confirms {
        "asks"
    } else {
        "believes"
    };
    let head = format!("{FORM}\n{}\n{asks}\n", callback.seal);
    [head.as_bytes(), &callback.body].concat()
}

fn parse(file: &Path, bytes: &[u8]) -> Content {
    if let Some(callback) = parse_callback(file, bytes) {
        return Content::Callback(callback);
    }
    let form = bytes.split_inclusive(|byte| *byte == b'\n').next();
    let form = form.and_then(|line| line.strip_suffix(b"\n"));
    let number = form.and_then(|form| form.strip_prefix(FORM_OF_ANY_VERSION.as_bytes()));
    match number {
        Some(number) if form != Some(FORM.as_bytes()) && is_number(number) => {
            Content::OfLaterVersion
        }
        _ => Content::Damaged,
    }
}

fn is_number(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// What is in a file that had the name `file`, and has another one now. What cannot be read is damaged.
fn parse_renamed(file: &Path, now: &Path) -> Content {
    fs::read(now).map_or(Content::Damaged, |bytes| parse(file, &bytes))
}

fn parse_callback(file: &Path, bytes: &[u8]) -> Option<Spooled> {
    let name = file.file_stem()?.to_str()?;
    let (payment, digest_of_body) = name.split_once('-')?;
    let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
    let (form, seal, asks, body) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let callback = Spooled {
        payment: payment.parse().ok()?,
        seal: String::from_utf8(seal.to_vec()).ok()?,
        confirms: asks == b"asks",
        body: body.to_vec(),
    };
    let is_whole = hexadecimal(digest(&SHA256, body).as_ref()) == digest_of_body;
    (form == FORM.as_bytes() && is_whole).then_some(callback)
}

/// Gives a file a name that no file has. It keeps its own name as well, where the disk can do that.
///
/// # Errors
/// `AlreadyExists`, where a file has that name.
fn place_new(file: &Path, place: &Path) -> io::Result<()> {
    match fs::hard_link(file, place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A disk without links, such as a memory card. What another process puts there in this moment is the same callback:
        // the name has the digest of the body.
        Err(_) if fs::symlink_metadata(place).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(file, place),
        Ok(()) => Ok(()),
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // A file or a link that is there already is not followed.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes to the disk which files a folder has. Other systems than Unix do so with the file.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn remove_where_left_behind(draft: &Path) {
    let modified = fs::metadata(draft).and_then(|metadata| metadata.modified());
    let is_old = modified.is_ok_and(|then| then.elapsed().is_ok_and(|age| age > DRAFT_LIVES));
    if is_old {
        // A process that is quicker removes it as well.
        let _removed = fs::remove_file(draft);
    }
}
