//! Rules of notes: what is written by version, and gone when its time is up.

use super::bench::{Bench, Broken, LONG, Rule, demand, failed, new_id, rule};
use crate::values::note::{Note, NoteWritten};
use futures_util::future::join_all;
use std::time::Duration;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_key_that_was_never_written_has_version_0),
        rule!(a_note_is_kept_as_it_was_given),
        rule!(of_many_who_write_a_note_one_does),
        rule!(a_note_ends_when_its_time_is_up),
    ]
}

/// A key that nothing else uses.
fn key() -> Result<String, Broken> {
    Ok(format!("conformance:{}", new_id()?))
}

async fn written(
    bench: &Bench<'_>,
    key: &str,
    version: u64,
    value: &str,
    lasts: Duration,
) -> Result<Note, Broken> {
    let written = bench.store.write_note(key, version, value, lasts);
    match written.await.map_err(failed)? {
        NoteWritten::Written(note) => Ok(note),
        NoteWritten::Stale(note) => Err(format!(
            "a note of version {} was not written as version {version}",
            note.version
        )),
    }
}

async fn a_key_that_was_never_written_has_version_0(bench: Bench<'_>) -> Result<(), Broken> {
    let key = key()?;
    let note = bench.store.note(&key).await.map_err(failed)?;
    let is_empty = note.version == 0 && note.value.is_none();
    demand!(is_empty, "a key that was never written has {note:?}");
    let ahead = bench.store.write_note(&key, 1, "text", LONG).await;
    let is_stale = matches!(ahead.map_err(failed)?, NoteWritten::Stale(_));
    demand!(
        is_stale,
        "a version that never was is taken for the stored one"
    );
    Ok(())
}

async fn a_note_is_kept_as_it_was_given(bench: Bench<'_>) -> Result<(), Broken> {
    let (key, other) = (key()?, key()?);
    let long = format!("ñ \u{1F4B8} \"{}\"", "x".repeat(200_000));
    for (version, value) in [(0, "first"), (1, ""), (2, long.as_str())] {
        let written = written(&bench, &key, version, value, LONG).await?;
        let stored = bench.store.note(&key).await.map_err(failed)?;
        for note in [&written, &stored] {
            demand!(
                note.version == version + 1,
                "version {version} became {}",
                note.version
            );
            demand!(note.value.as_deref() == Some(value), "a text was changed");
        }
    }
    let untouched = bench.store.note(&other).await.map_err(failed)?;
    demand!(untouched.version == 0, "a note was written to another key");
    Ok(())
}

async fn of_many_who_write_a_note_one_does(bench: Bench<'_>) -> Result<(), Broken> {
    let key = key()?;
    for version in 0..3 {
        let values: Vec<String> = (0..16).map(|n| format!("{version}-{n}")).collect();
        let writes =
            (values.iter()).map(|value| bench.store.write_note(&key, version, value, LONG));
        let mut winner = None;
        let mut lost = Vec::new();
        for written in join_all(writes).await {
            match written.map_err(failed)? {
                NoteWritten::Written(note) => {
                    demand!(winner.is_none(), "two wrote over one version of a note");
                    winner = note.value;
                }
                NoteWritten::Stale(note) => lost.push(note),
            }
        }
        demand!(winner.is_some(), "nobody could write a note");
        for note in lost {
            demand!(
                note.version == version + 1 && note.value == winner,
                "who was too late is handed another note than the one that is there"
            );
        }
    }
    Ok(())
}

async fn a_note_ends_when_its_time_is_up(bench: Bench<'_>) -> Result<(), Broken> {
    let key = key()?;
    written(&bench, &key, 0, "over", Duration::ZERO).await?;
    let over = bench.store.note(&key).await.map_err(failed)?;
    demand!(over.value.is_none(), "a note outlives its time");
    demand!(
        over.version == 1,
        "a note whose time is up has version {}",
        over.version
    );
    let early = bench.store.write_note(&key, 0, "again", LONG).await;
    let is_stale = matches!(early.map_err(failed)?, NoteWritten::Stale(_));
    demand!(is_stale, "a note whose time is up lost its version");
    let again = written(&bench, &key, 1, "again", LONG).await?;
    demand!(again.version == 2, "a note whose time was up begins anew");
    let stored = bench.store.note(&key).await.map_err(failed)?;
    demand!(stored.value.as_deref() == Some("again"), "a note is lost");
    Ok(())
}
