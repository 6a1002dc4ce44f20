-- One index finds a record by its key and by its id alone; two cost each new record a third of its writing.
CREATE TABLE record_by_key (
    no INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    id_space TEXT NOT NULL,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    head INTEGER NOT NULL,
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    source_digest TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    as_of INTEGER,
    UNIQUE (kind, id, id_space)
);

INSERT INTO record_by_key SELECT * FROM record;

DROP TABLE record;

ALTER TABLE record_by_key RENAME TO record;
