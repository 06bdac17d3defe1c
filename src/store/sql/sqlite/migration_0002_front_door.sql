-- A light post's entry in Flow's event log, which holds the selection; why the person may not apply the plan.
ALTER TABLE runs ADD COLUMN light TEXT;
ALTER TABLE runs ADD COLUMN barred TEXT;

-- Each entry of the event log begins one run. Never emptied, as signatures are.
CREATE TABLE light_entries (
    entry INTEGER NOT NULL PRIMARY KEY,
    run   TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE
) STRICT;
