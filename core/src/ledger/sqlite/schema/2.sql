-- What the processes of the ledger share beside payments: sealed tokens, counts, fingerprints. A text is there until `until`.
CREATE TABLE shared_notes (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE INDEX shared_notes_until ON shared_notes (until);
