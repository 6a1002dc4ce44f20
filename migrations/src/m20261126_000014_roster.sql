-- Whose records are. Nothing is deleted: a row stands from the change that made it up to the one that ended it, so what was
-- known under a number can be asked. from_at is the first moment of which a row is true, to_at the first of which it is not.
CREATE TABLE roster_change (
    no INTEGER NOT NULL PRIMARY KEY,
    how TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_by INTEGER
);
-- What is known of an enterprise (legal person) or a site of one; subject is its number, that of its first row.
CREATE TABLE subject (
    no INTEGER NOT NULL PRIMARY KEY,
    subject INTEGER NOT NULL,
    type TEXT NOT NULL,
    sort TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    industry TEXT NOT NULL,
    scale TEXT NOT NULL,
    state TEXT NOT NULL,
    parent INTEGER,
    source TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    made INTEGER NOT NULL,
    ended INTEGER
);
CREATE INDEX subject_by_number ON subject (subject);
-- What a subject is called by whom.
CREATE TABLE identifier (
    no INTEGER NOT NULL PRIMARY KEY,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    subject INTEGER NOT NULL,
    source TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    made INTEGER NOT NULL,
    ended INTEGER
);
CREATE INDEX identifier_by_value ON identifier (scheme, value);
-- Subjects found to be one.
CREATE TABLE subject_merge (
    no INTEGER NOT NULL PRIMARY KEY,
    subject INTEGER NOT NULL,
    into_subject INTEGER NOT NULL,
    made INTEGER NOT NULL,
    ended INTEGER
);

CREATE INDEX subject_merge_by_subject ON subject_merge (subject);
-- The roster's number under which a held record was judged.
ALTER TABLE held ADD COLUMN roster INTEGER NOT NULL DEFAULT 0;
