-- Accepted records with a field that a person gave back to its sender: open until a newer state of the record comes from there.
CREATE TABLE returned (
    no INTEGER NOT NULL PRIMARY KEY,
    record INTEGER NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    field TEXT NOT NULL,
    issue TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_why TEXT,
    undone_who TEXT,
    undone_at INTEGER
);

CREATE INDEX returned_by_record ON returned (record);
