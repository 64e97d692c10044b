//! The comparison of a client's callback secrets with those of the other processes of a ledger. Pure.

use serde::{Deserialize, Serialize};

/// What the ledger knows of the callback secrets of one account's clients in a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownSecrets {
    /// Fingerprints, newest first.
    pub(crate) fingerprints: Vec<String>,
    /// Whether they follow from the gateway's own secret, so that they change with it.
    pub(crate) derived: bool,
}

/// What a client's secrets are to those that the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// They have one in common, or the ledger knows none.
    Common,
    /// Both follow from the gateway's own secret, and that was changed.
    Renewed,
    /// They have none in common.
    Strangers,
}

impl KnownSecrets {
    /// What a note says. One that cannot be read says nothing.
    pub(crate) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The text of the note.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How a client's own secrets fit these.
    pub(crate) fn fit(&self, own: &Self) -> Fit {
        let is_known = |own: &String| self.fingerprints.contains(own);
        if self.fingerprints.is_empty() || own.fingerprints.iter().any(is_known) {
            Fit::Common
        } else if self.derived && own.derived {
            Fit::Renewed
        } else {
            Fit::Strangers
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(fingerprints: &[&str], derived: bool) -> KnownSecrets {
        KnownSecrets {
            fingerprints: fingerprints.iter().map(ToString::to_string).collect(),
            derived,
        }
    }

    #[test]
    fn secrets_are_rotated_with_one_in_common_at_each_step() {
        let old = secrets(&["old"], false);
        let both = secrets(&["new", "old"], false);
        let new = secrets(&["new"], false);
        for (known, own, fit) in [
            (&KnownSecrets::default(), &old, Fit::Common),
            (&old, &both, Fit::Common),
            (&both, &old, Fit::Common),
            (&both, &new, Fit::Common),
            (&old, &new, Fit::Strangers),
        ] {
            assert_eq!(known.fit(own), fit, "{known:?} {own:?}");
            assert_eq!(KnownSecrets::read(Some(&known.text())), *known);
        }
    }

    #[test]
    fn secrets_that_follow_from_the_gateways_own_may_change_with_it() {
        let (one, other) = (secrets(&["1"], true), secrets(&["2"], true));
        assert_eq!(one.fit(&other), Fit::Renewed);
        assert_eq!(one.fit(&secrets(&["2"], false)), Fit::Strangers);
        assert_eq!(secrets(&["2"], false).fit(&one), Fit::Strangers);
    }
}
