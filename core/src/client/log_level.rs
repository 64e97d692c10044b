//! The level of the log, and the environment variable `LIPIA_LOG` that sets it.

use std::sync::OnceLock;
use tracing::Level;

/// The environment variable that sets the level.
const VARIABLE: &str = "LIPIA_LOG";

/// The level of the log: what is less important is not logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What a person should look at.
    Error,
    /// What is not as it should be, too.
    Warn,
    /// What is done, too, such as a push.
    Info,
    /// Everything.
    Debug,
}

/// What the variable says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    Level(LogLevel),
    /// A word that is not a level.
    Unknown,
}

impl LogLevel {
    /// Every level, each with all that stands before it.
    pub const ALL: [Self; 5] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// The level as a word: `off`, `error`, `warn`, `info` or `debug`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The level of one line.
    #[must_use]
    pub const fn of(line: Level) -> Self {
        match line {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warn,
            Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }

    /// The level that the environment variable `LIPIA_LOG` asks for, in capitals or small letters. It is read once in a process. A
    /// word that is not a level asks for `info`: whoever wrote it wants to see something, and the log says what is wrong with it.
    ///
    /// ```
    /// use lipia::client::LogLevel;
    /// // The operator's word goes before the program's.
    /// let level = LogLevel::of_environment().unwrap_or(LogLevel::Warn);
    /// assert!(LogLevel::ALL.contains(&level));
    /// ```
    #[must_use]
    pub fn of_environment() -> Option<Self> {
        match asked() {
            Asked::Nothing => None,
            Asked::Level(level) => Some(level),
            Asked::Unknown => Some(Self::Info),
        }
    }
}

/// What the environment asks for.
pub(super) fn asked() -> Asked {
    static ASKED: OnceLock<Asked> = OnceLock::new();
    *ASKED.get_or_init(|| match std::env::var_os(VARIABLE) {
        None => Asked::Nothing,
        Some(value) => read(&value.to_string_lossy()),
    })
}

fn read(value: &str) -> Asked {
    let word = value.trim();
    if word.is_empty() {
        return Asked::Nothing;
    }
    let is_word = |level: &LogLevel| level.as_str().eq_ignore_ascii_case(word);
    match LogLevel::ALL.into_iter().find(is_word) {
        Some(level) => Asked::Level(level),
        None => Asked::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, LogLevel, read};

    #[test]
    fn a_level_is_read_in_any_case_and_a_word_that_is_none_is_told_apart_from_nothing() {
        for level in LogLevel::ALL {
            let word = format!(" {} ", level.as_str().to_uppercase());
            assert_eq!(read(&word), Asked::Level(level));
        }
        assert_eq!(read(" "), Asked::Nothing);
        for word in ["verbose", "1", "trace", "debug,hyper=info"] {
            assert_eq!(read(word), Asked::Unknown, "{word}");
        }
    }

    #[test]
    fn a_level_takes_in_those_before_it() {
        assert!(LogLevel::ALL.is_sorted());
        assert_eq!(LogLevel::of(tracing::Level::TRACE), LogLevel::Debug);
    }
}
