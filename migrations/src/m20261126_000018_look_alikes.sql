-- What of each record is compared with others of its owner and day, written by the reconciler that compares, so that judging
-- pays nothing: the text in its normal form.
CREATE TABLE look_alike_key (
    record INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_scheme TEXT NOT NULL,
    owner TEXT NOT NULL,
    day TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX look_alike_key_by_day ON look_alike_key (kind, owner_scheme, owner, day, record);

-- How far the version log of a kind was compared, and by which rule: another rule begins again.
CREATE TABLE look_alike_walk (
    kind TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    position INTEGER NOT NULL
);

-- Two records that look like one registered twice: open until a person says that they are the same or two; gone when they
-- are no more alike.
CREATE TABLE look_alike (
    no INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    a INTEGER NOT NULL,
    b INTEGER NOT NULL,
    score INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    who TEXT,
    at INTEGER,
    UNIQUE (a, b)
);

CREATE INDEX look_alike_by_second ON look_alike (b);

CREATE INDEX look_alike_open ON look_alike (no) WHERE state = 'open';
