-- What each source says of a key that more than one speaks of: its newest good state. Keys of one source have no row.
CREATE TABLE contribution (
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    document INTEGER NOT NULL,
    part INTEGER NOT NULL,
    place INTEGER NOT NULL,
    byte_from INTEGER NOT NULL,
    byte_length INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    source_digest TEXT NOT NULL,
    content TEXT NOT NULL,
    parents TEXT NOT NULL,
    owner TEXT,
    region TEXT,
    industry TEXT,
    test INTEGER NOT NULL,
    as_of INTEGER,
    PRIMARY KEY (record, source)
);
