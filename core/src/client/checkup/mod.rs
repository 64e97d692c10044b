//! The checkup of a client's settings: whether its pushes can be paid, found out without prompting anybody.

pub(crate) mod lines;
pub(crate) mod probe;
pub(crate) mod settings;

use crate::error::Error;
use crate::error::spelling::Spelling;
use serde::Serialize;

word_list! {
    /// A part of a checkup. Each has a line, in this order.
    pub enum CheckPart {
        /// The settings as a whole: gateway, environment and address.
        Settings = "settings",
        /// The way to the gateway: name, network, proxy, TLS.
        Connection = "connection",
        /// The credentials: the gateway gives a token for them, or takes them as they are.
        Credentials = "credentials",
        /// Short code and pass key, which stand in every push.
        PassKey = "pass_key",
        /// This machine's clock, compared with the gateway's.
        Clock = "clock",
        /// Who is paid: a pay bill, a till, a channel.
        Till = "till",
        /// The callback URL.
        Callback = "callback",
        /// The ledger, where payments are kept.
        Ledger = "ledger",
    }
}

word_list! {
    /// What was found out about a part.
    pub enum CheckState {
        /// As it should be.
        Good = "ok",
        /// It works, and a person should look at it.
        Remarkable = "warning",
        /// It keeps the shop from being paid, or from hearing of it.
        Broken = "failed",
        /// It could not be found out, because of another line.
        NotChecked = "not_checked",
    }
}

/// One line of a checkup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckLine {
    /// What the line is about.
    #[serde(serialize_with = "by_word")]
    pub part: CheckPart,
    /// What was found.
    #[serde(serialize_with = "by_word")]
    pub state: CheckState,
    /// A sentence that says it.
    pub message: String,
    /// What to do about it, where there is something to do.
    pub hint: Option<String>,
    /// The code of the error that was met, as `lipia explain` knows it.
    pub code: Option<String>,
}

/// What [`Client::check`](crate::Client::check) found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checkup {
    /// A line for each part, in the order of [`CheckPart`].
    pub lines: Vec<CheckLine>,
}

impl Checkup {
    /// Whether nothing was found that keeps the shop from being paid.
    ///
    /// ```
    /// # use lipia::{Daraja, client::{Checkup, CheckPart}};
    /// let refused = Daraja::builder().consumer_key("a key with spaces").build().unwrap_err();
    /// let checkup = Checkup::of_refused_settings(&refused);
    /// assert!(!checkup.is_good());
    /// let broken: Vec<CheckPart> = checkup.broken().map(|line| line.part).collect();
    /// assert_eq!(broken, [CheckPart::Credentials]);
    /// ```
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The lines that keep the shop from being paid.
    pub fn broken(&self) -> impl Iterator<Item = &CheckLine> {
        self.lines
            .iter()
            .filter(|line| line.state == CheckState::Broken)
    }

    /// The same in the words of a language: its names of settings and options.
    #[must_use]
    pub fn spelled(mut self, spelling: Spelling) -> Self {
        for line in &mut self.lines {
            line.message = spelling.of(&line.message);
            line.hint = line.hint.as_deref().map(|hint| spelling.of(hint));
        }
        self
    }

    /// The checkup where no client could be made: the line that the error belongs to is broken, and no other was checked.
    #[must_use]
    pub fn of_refused_settings(error: &Error) -> Self {
        settings::of_refused(error)
    }
}

/// How a client is checked.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CheckOptions {
    pub(crate) reaches_callback: bool,
    pub(crate) reads_ledger_whole: bool,
}

impl CheckOptions {
    /// Sets whether the callback URL is posted to as well. The shop must be running, with Lipia's handler of callbacks; that
    /// handler knows the request by its token and keeps nothing of it. It shows that the URL can be reached from this machine, and not that
    /// the gateway can reach it.
    #[must_use]
    pub fn reach_callback(mut self, reaches_callback: bool) -> Self {
        self.reaches_callback = reaches_callback;
        self
    }

    /// Has the ledger say where it is, whether it is damaged and what it has. A SQLite file is read whole, which takes some seconds
    /// for a million payments; other look-ups of this process wait meanwhile.
    #[must_use]
    pub fn read_ledger_whole(mut self) -> Self {
        self.reads_ledger_whole = true;
        self
    }
}

impl CheckLine {
    pub(crate) fn new(part: CheckPart, state: CheckState, message: impl Into<String>) -> Self {
        Self {
            part,
            state,
            message: message.into(),
            hint: None,
            code: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The line of an error that keeps the part from working.
    pub(crate) fn broken(part: CheckPart, error: &Error) -> Self {
        Self::of_error(part, CheckState::Broken, error)
    }

    pub(crate) fn of_error(part: CheckPart, state: CheckState, error: &Error) -> Self {
        Self {
            hint: error.hint().map(str::to_owned),
            code: Some(error.code().to_owned()),
            ..Self::new(part, state, error.message())
        }
    }

    pub(crate) fn not_checked(part: CheckPart, because_of: CheckPart) -> Self {
        let message = format!("not checked: see {because_of}");
        Self::new(part, CheckState::NotChecked, message)
    }
}

fn by_word<S: serde::Serializer>(
    word: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(word)
}
