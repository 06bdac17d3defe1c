-- Instants are milliseconds since 1970. Columns named after a type of amigo's hold it as JSON.

CREATE TABLE runs (
    id           TEXT    NOT NULL PRIMARY KEY,  -- a capability: whoever knows it may act
    view         TEXT    NOT NULL UNIQUE,
    action       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    parent       TEXT,                          -- the view of the run this one replaces
    options      TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    site         TEXT    NOT NULL,
    session_uuid TEXT,
    selection    TEXT    NOT NULL,
    projects     TEXT    NOT NULL,
    ticks        TEXT    NOT NULL,
    failure      TEXT,
    calls        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    entered_at   INTEGER NOT NULL,              -- when the run came into its state
    owner        TEXT,                          -- who works on it now
    beat_at      INTEGER,                       -- when the owner last said so
    last_event   INTEGER NOT NULL               -- number of the newest event, deleted ones included
) STRICT;

CREATE INDEX runs_by_state ON runs (state, entered_at);

-- Apart from runs, because SQLite writes a row anew as a whole, and a heartbeat must not rewrite megabytes.
CREATE TABLE plans (
    run    TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    plan   TEXT NOT NULL,
    memory TEXT NOT NULL
) STRICT;

CREATE TABLE run_events (
    run    TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    phase  TEXT,                                -- of a progress event only
    body   TEXT    NOT NULL,
    PRIMARY KEY (run, number)
) STRICT;

CREATE TABLE outcomes (
    run       TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    operation TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    message   TEXT,
    PRIMARY KEY (run, operation)
) STRICT;

-- Never emptied: a signature leads to its run at any later time.
CREATE TABLE signatures (
    action    TEXT NOT NULL,
    signature TEXT NOT NULL,
    run       TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (action, signature)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    project TEXT    NOT NULL PRIMARY KEY,       -- site/flow project id
    run     TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
