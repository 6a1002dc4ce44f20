-- How a configuration became the active one, by whose word, and when a service first worked by it.
ALTER TABLE activation ADD COLUMN how TEXT NOT NULL DEFAULT 'start';
ALTER TABLE activation ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE activation ADD COLUMN served INTEGER;
-- Versions of a part that a replay wrote for records that had one there already.
ALTER TABLE part ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
-- How far a source was derived again, and under which revision.
CREATE TABLE replay (
    source TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    since INTEGER NOT NULL,
    stage TEXT NOT NULL,
    head INTEGER NOT NULL,
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER
);
