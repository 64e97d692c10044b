//! Places at which a process ends or stops itself, as its command line names them: `claim:after:3:kill`.

use std::fmt;
use std::str::FromStr;

/// A command of the store, or the shop's handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// The claim of an order.
    Claim,
    /// The write of what was learnt.
    Replace,
    /// The write of a callback.
    Keep,
    /// The right to ask.
    ClaimQuestion,
    /// The lease of what is owed to the shop.
    Owed,
    /// The acknowledgement of a telling.
    Told,
    /// The write of what processes share beside payments: a sealed token, a turn to ask.
    WriteNote,
    /// The shop's handler of outcomes.
    Handler,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 8] = [
        Self::Claim,
        Self::Replace,
        Self::Keep,
        Self::ClaimQuestion,
        Self::Owed,
        Self::Told,
        Self::WriteNote,
        Self::Handler,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Replace => "replace",
            Self::Keep => "keep",
            Self::ClaimQuestion => "claim_question",
            Self::Owed => "owed",
            Self::Told => "told",
            Self::WriteNote => "write_note",
            Self::Handler => "handler",
        }
    }
}

/// When, around the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// Before it begins.
    Before,
    /// Within the two milliseconds after it began: often in the middle of the commit.
    During,
    /// Once the store has answered.
    After,
}

impl Moment {
    /// Every moment.
    pub const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
        }
    }
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// By `SIGKILL`.
    Kill,
    /// It stops by `SIGSTOP`, until it is continued.
    Stop,
}

/// A place: the `nth` time that a process comes to a moment of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The command.
    pub command: Command,
    /// When, around the command.
    pub moment: Moment,
    /// How many times the process comes there; the first is 1.
    pub nth: u64,
    /// What happens then.
    pub end: End,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Kill => "kill",
            End::Stop => "stop",
        };
        let (command, moment) = (self.command.word(), self.moment.word());
        write!(f, "{command}:{moment}:{}:{end}", self.nth)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || format!("{text:?} is not a place such as claim:after:3:kill");
        let parts: Vec<&str> = text.split(':').collect();
        let [command, moment, nth, end] = parts.as_slice() else {
            return Err(unreadable());
        };
        let command = Command::ALL.into_iter().find(|it| it.word() == *command);
        let moment = Moment::ALL.into_iter().find(|it| it.word() == *moment);
        let end = match *end {
            "kill" => Some(End::Kill),
            "stop" => Some(End::Stop),
            _ => None,
        };
        Ok(Self {
            command: command.ok_or_else(unreadable)?,
            moment: moment.ok_or_else(unreadable)?,
            nth: nth.parse().map_err(|_| unreadable())?,
            end: end.ok_or_else(unreadable)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for command in Command::ALL {
            for moment in Moment::ALL {
                for end in [End::Kill, End::Stop] {
                    let place = Place {
                        command,
                        moment,
                        nth: 3,
                        end,
                    };
                    assert_eq!(place.to_string().parse(), Ok(place));
                }
            }
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "claim",
            "claim:after:x:kill",
            "claim:later:1:kill",
            "a:after:1:kill",
            "claim:after:1:x",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
