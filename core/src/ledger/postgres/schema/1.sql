-- `{schema}` is the ledger's schema. Times are the clock of the database server. Texts are compared byte by byte, so that what an
-- id begins with is a range of its index.
CREATE TABLE {schema}.payments (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" NOT NULL UNIQUE,
    version bigint NOT NULL,
    environment text COLLATE "C" NOT NULL,
    shop text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    order_name text COLLATE "C",
    holds_order boolean NOT NULL,
    -- Parts of the payment, for indexes and for people: the payment's JSON is what is read.
    gateway text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    is_paid boolean NOT NULL,
    amount bigint NOT NULL,
    phone text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    checkout_request_id text COLLATE "C",
    receipt text COLLATE "C",
    reserved_at timestamptz NOT NULL,
    settled_at timestamptz,
    -- The ledger's own.
    lease_until timestamptz,
    ask_after timestamptz,
    asked_at timestamptz,
    asks bigint NOT NULL,
    news bigint NOT NULL,
    told bigint NOT NULL,
    owed_after timestamptz NOT NULL,
    attempts bigint NOT NULL,
    trouble text,
    released_at timestamptz,
    -- `news` when the telling of this number of attempts was begun: what `acknowledge` acknowledges.
    telling bigint NOT NULL DEFAULT 0,
    payment jsonb NOT NULL
) WITH (
    -- A payment's row is written some ten times within a minute and seldom after. By PostgreSQL's own factor of 0.2 a table of a
    -- million rows would carry 200,000 dead ones in every index before they are removed.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.02
);

-- One payment holds an order: what keeps the second prompt away.
CREATE UNIQUE INDEX payments_claim ON {schema}.payments (environment, shop, order_name)
    WHERE holds_order AND order_name IS NOT NULL;
CREATE INDEX payments_order ON {schema}.payments (environment, shop, order_name, seq) WHERE order_name IS NOT NULL;
CREATE INDEX payments_receipt ON {schema}.payments (receipt, seq) WHERE receipt IS NOT NULL;
CREATE INDEX payments_phone ON {schema}.payments (phone, seq);
CREATE INDEX payments_reference ON {schema}.payments (reference, seq);
CREATE INDEX payments_leased ON {schema}.payments (environment, shop, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX payments_due ON {schema}.payments (environment, shop, account, ask_after) WHERE ask_after IS NOT NULL;
CREATE INDEX payments_owed ON {schema}.payments (environment, shop, owed_after) WHERE news > told;
CREATE INDEX payments_open ON {schema}.payments (environment, shop, state, seq) WHERE state <> 'settled';

-- What names a payment at its gateway, as digests: two payments never have one name.
CREATE TABLE {schema}.names (
    name text COLLATE "C" PRIMARY KEY,
    payment text COLLATE "C" NOT NULL
);

CREATE TABLE {schema}.callbacks (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    payment text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL,
    verdict text,
    UNIQUE (payment, digest)
);

CREATE INDEX callbacks_waiting ON {schema}.callbacks (number) WHERE verdict IS NULL;

-- What the ledger knows of itself: `version` counts the steps of these tables, and `readable_from` is the earliest version whose
-- programs may use them.
CREATE TABLE {schema}.notes (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);

-- What the processes of the ledger share beside payments: sealed tokens, counts, fingerprints. A text is there until `until`.
CREATE TABLE {schema}.shared_notes (
    key text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    value text NOT NULL,
    until timestamptz NOT NULL
);

CREATE INDEX shared_notes_until ON {schema}.shared_notes (until);

-- Acknowledges a telling within the shop's own transaction: what the shop wrote and "the shop was told" are committed together.
-- Fails, and so undoes that transaction, where another telling has begun since: its handler does the work.
CREATE FUNCTION {schema}.acknowledge(payment_id text, attempt bigint) RETURNS void LANGUAGE plpgsql AS $acknowledge$
BEGIN
    UPDATE {schema}.payments
    SET told = GREATEST(told, telling), owed_after = now(), trouble = NULL, version = version + 1
    WHERE id = payment_id AND attempts = attempt;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payment % was told again since attempt %, or is not in the ledger', payment_id, attempt
            USING ERRCODE = 'LP001', HINT = 'Roll back: the handler of the later telling does the work.';
    END IF;
END
$acknowledge$;
