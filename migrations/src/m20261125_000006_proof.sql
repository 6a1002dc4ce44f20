-- What is proven outside the database, as far as the database knows of it. See docs/proof.md.

-- How far each node's journal had got when this state of the ledger was committed.
CREATE TABLE journal (
    node TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL
);

-- Checkpoints: what they reach to, and their line in the file once it is written there. `lost`: the recovery that found
-- it in the file only.
CREATE TABLE checkpoint (
    no INTEGER NOT NULL PRIMARY KEY,
    upto INTEGER NOT NULL,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    line TEXT,
    lost INTEGER
);

-- Restored ledgers brought forward: the numbers that had been lost, and what was made again.
CREATE TABLE recovery (
    no INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    done_at INTEGER
);

-- The checkpoint that has a row's present state. What changes such a row must set it to NULL again.
ALTER TABLE part ADD COLUMN proven INTEGER;

ALTER TABLE attempt ADD COLUMN proven INTEGER;

-- The recovery that made a document's row again; its bytes are not here, and only what was sent of it is.
ALTER TABLE document ADD COLUMN recovered INTEGER;

CREATE INDEX part_proven ON part (proven, document, part);

CREATE INDEX attempt_proven ON attempt (proven, batch, n);
