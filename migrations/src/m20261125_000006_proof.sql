-- What is proven outside the database, as far as the database knows of it. See docs/proof.md.

-- How far each node's journal had got when this state of the ledger was committed.
CREATE TABLE journal (
    node TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL
);

-- Checkpoints each node wrote into its file: the last number they cover, and the digest of their head line there.
CREATE TABLE checkpoint (
    node TEXT NOT NULL,
    no INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    head TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (node, no)
);

-- Restored ledgers brought forward: the numbers from after low up to high may have been taken and lost.
CREATE TABLE recovery (
    no INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    done_at INTEGER
);

-- The lost document that a row stands for, made again by a recovery: only what was sent of it is here.
ALTER TABLE document ADD COLUMN recovered INTEGER;

-- The number under which a part's counts were last changed; 0: not judged.
ALTER TABLE part ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;

UPDATE part SET counted = document WHERE state = 'judged';

CREATE INDEX part_counted ON part (counted);

-- An attempt's own number.
ALTER TABLE attempt ADD COLUMN no INTEGER NOT NULL DEFAULT 0;

UPDATE attempt SET no = COALESCE((SELECT b.no FROM batch b WHERE b.id = attempt.batch), 0);

CREATE INDEX attempt_by_no ON attempt (no);
