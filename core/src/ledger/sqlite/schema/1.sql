-- Times are milliseconds since 1970, in UTC, by the clock of the machine.
-- A rowid table: a random key on rows of some 1.5 KB would split pages.
CREATE TABLE payments (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    environment TEXT NOT NULL,
    shop TEXT NOT NULL,
    account TEXT NOT NULL,
    order_name TEXT,
    holds_order INTEGER NOT NULL,
    -- Parts of the payment, for indexes and for people: the payment's JSON is what is read.
    gateway TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    is_paid INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    phone TEXT NOT NULL,
    reference TEXT NOT NULL,
    checkout_request_id TEXT,
    receipt TEXT,
    reserved_at INTEGER NOT NULL,
    settled_at INTEGER,
    -- The ledger's own.
    lease_until INTEGER,
    ask_after INTEGER,
    asked_at INTEGER,
    asks INTEGER NOT NULL,
    news INTEGER NOT NULL,
    told INTEGER NOT NULL,
    owed_after INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    trouble TEXT,
    released_at INTEGER,
    payment TEXT NOT NULL
) STRICT;

-- One payment holds an order: what keeps the second prompt away.
CREATE UNIQUE INDEX payments_claim ON payments (environment, shop, order_name)
    WHERE holds_order = 1 AND order_name IS NOT NULL;
CREATE INDEX payments_order ON payments (environment, shop, order_name, seq) WHERE order_name IS NOT NULL;
CREATE INDEX payments_receipt ON payments (receipt, seq) WHERE receipt IS NOT NULL;
CREATE INDEX payments_phone ON payments (phone, seq);
CREATE INDEX payments_reference ON payments (reference, seq);
CREATE INDEX payments_leased ON payments (environment, shop, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX payments_due ON payments (environment, shop, account, ask_after) WHERE ask_after IS NOT NULL;
CREATE INDEX payments_owed ON payments (environment, shop, owed_after) WHERE news > told;
CREATE INDEX payments_open ON payments (environment, shop, state, seq) WHERE state <> 'settled';

-- What names a payment at its gateway, as digests: two payments never have one name.
CREATE TABLE names (
    name TEXT PRIMARY KEY,
    payment TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE callbacks (
    number INTEGER PRIMARY KEY,
    payment TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    verdict TEXT,
    UNIQUE (payment, digest)
) STRICT;

CREATE INDEX callbacks_waiting ON callbacks (number) WHERE verdict IS NULL;

-- What the ledger knows of itself: `readable_from` is the earliest version of the tables whose programs may use the file.
CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
