-- Whole passes of services that name everything, and what became of the records they did not name. `first` and `last` are
-- the pass's documents; `counted` is the number of the last decision, by which a checkpoint finds it.
CREATE TABLE sweep (
    no INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    revision INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    standing INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    cap INTEGER NOT NULL DEFAULT 0,
    unsure INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    retired INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER,
    released_at INTEGER,
    why TEXT,
    who TEXT
);

CREATE INDEX sweep_open ON sweep (source, no) WHERE state IN ('due', 'going', 'held');

CREATE INDEX sweep_by_service ON sweep (source, service, no);

CREATE INDEX sweep_counted ON sweep (counted);

-- what stands from one source, read in order
CREATE INDEX record_by_source ON record (source, kind, no);
