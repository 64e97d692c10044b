//! Exit statuses, which tell a script the result of a command.

use lipia::{Disposition, Error, ErrorKind, Outcome};

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done: answered, accepted or, with `--wait`, paid.
    Done,
    /// The command itself could not run: a file that cannot be read, a port that is taken.
    CouldNotRun,
    /// Refused before anything was sent: an argument or a setting.
    RefusedBeforeSending,
    /// Nothing was sent, or the gateway refused before acting.
    NotSent,
    /// The gateway said no.
    Rejected,
    /// A phone may have been prompted, and nobody knows what came of it yet.
    Unknown,
    /// The customer was asked and has not paid.
    NotPaid,
}

impl Exit {
    pub(crate) fn of_error(error: &Error) -> Self {
        match (error.kind(), error.disposition()) {
            (
                ErrorKind::InvalidInput | ErrorKind::Configuration | ErrorKind::PaymentState,
                Disposition::NotSent,
            ) => Self::RefusedBeforeSending,
            (_, Disposition::NotSent) => Self::NotSent,
            (_, Disposition::Rejected) => Self::Rejected,
            (_, Disposition::Unknown) => Self::Unknown,
        }
    }

    /// How a command ends that asked several questions: the one that most needs a look.
    pub(crate) fn or(self, other: Self) -> Self {
        if other.urgency() > self.urgency() {
            other
        } else {
            self
        }
    }

    fn urgency(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotPaid => 1,
            Self::Unknown => 2,
            Self::Rejected => 3,
            Self::NotSent => 4,
            Self::RefusedBeforeSending => 5,
            Self::CouldNotRun => 6,
        }
    }

    pub(crate) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Done,
            Outcome::Pending | Outcome::Unknown => Self::Unknown,
            _ => Self::NotPaid,
        }
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => 0,
            Exit::CouldNotRun => 1,
            Exit::RefusedBeforeSending => 2,
            Exit::NotSent => 3,
            Exit::Rejected => 4,
            Exit::Unknown => 5,
            Exit::NotPaid => 6,
        }
    }
}
