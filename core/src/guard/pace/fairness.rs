//! Who asks next where several wait: people first, and nobody never.

use super::Asker;

/// After how many questions of others in a row a kind of asker goes next, though others would go first: the first is for people,
/// who are ahead of everybody whose turn has not come, so that a person waits for one question of others at most.
const TURNS: [(Asker, usize); 3] = [(Asker::Person, 1), (Asker::Wait, 2), (Asker::Look, 4)];

/// The kind of asker that asks next. `waits`: who waits and may ask now. `recent`: who asked, the latest first, for as long as the
/// gateway counts it.
pub(super) fn asks_next(
    waits: &[Asker],
    recent: impl Iterator<Item = Asker> + Clone,
) -> Option<Asker> {
    let passed_over = |kind: Asker| recent.clone().take_while(|asker| *asker != kind).count();
    let is_due =
        |(kind, turn): &&(Asker, usize)| waits.contains(kind) && passed_over(*kind) >= *turn;
    let due = TURNS.iter().find(is_due).map(|(kind, _)| *kind);
    due.or_else(|| waits.iter().min().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn askers(letters: &str) -> Vec<Asker> {
        let of = |letter| match letter {
            'p' => Asker::Person,
            'w' => Asker::Wait,
            _ => Asker::Look,
        };
        letters.chars().map(of).collect()
    }

    #[test]
    fn people_go_first_and_everybody_comes_through() {
        // Who asked, the latest last; who waits; who asks next.
        for (recent, waits, next) in [
            ("", "", ""),
            ("", "l", "l"),
            ("", "wl", "w"),
            ("", "pwl", "p"),
            // A wait goes after two questions of others.
            ("p", "pw", "p"),
            ("pp", "pw", "w"),
            ("pp", "p", "p"),
            ("wpp", "pw", "w"),
            ("wp", "pw", "p"),
            ("ll", "wl", "w"),
            // A look goes after four.
            ("www", "wl", "w"),
            ("wwww", "wl", "l"),
            ("lwww", "wl", "w"),
            ("lwwww", "wl", "l"),
            ("pppp", "pl", "l"),
            // A person waits for one question of others at most.
            ("ppw", "pwl", "p"),
            ("ppwp", "pwl", "l"),
            ("wwww", "pwl", "p"),
            ("ppwpl", "pwl", "p"),
            ("ppwplp", "pwl", "w"),
        ] {
            let (before, waiting) = (askers(recent), askers(waits));
            let found = asks_next(&waiting, before.iter().rev().copied());
            assert_eq!(found, askers(next).first().copied(), "{recent}, {waits}");
        }
    }

    #[test]
    fn whoever_always_waits_is_passed_over_a_few_times_at_most() {
        for (waits, limit) in [
            ("pwl", [2, 4, 7]),
            ("pw", [2, 3, 0]),
            ("wl", [0, 2, 5]),
            ("pl", [2, 0, 5]),
        ] {
            let waiting = askers(waits);
            let mut asked: Vec<Asker> = Vec::new();
            for _ in 0..200 {
                // As many as Daraja's sandbox counts.
                let recent = asked.iter().rev().take(5).copied();
                asked.extend(asks_next(&waiting, recent));
            }
            for kind in &waiting {
                let limit = limit[*kind as usize];
                let longest = asked.split(|asker| asker == kind).map(<[_]>::len).max();
                assert!(
                    longest < Some(limit),
                    "{waits}: {kind:?} waits for {longest:?}: {asked:?}"
                );
            }
        }
    }
}
