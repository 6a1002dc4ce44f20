-- What was dropped by age, and what it leaves behind so that both equations can still be recounted.
CREATE TABLE retention_drop (
    no INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    days INTEGER NOT NULL,
    older_than INTEGER NOT NULL,
    revision INTEGER
);

-- Dropped versions that a destination's scope took, or did not.
CREATE TABLE dropped_owed (
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    owed INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    PRIMARY KEY (destination, kind)
);

-- Records that lost versions: how many, from which to which number, and the drop that took the newest.
CREATE TABLE dropped_version (
    record INTEGER NOT NULL PRIMARY KEY,
    versions INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    dropped INTEGER NOT NULL
);

-- Versions of the part that were dropped.
ALTER TABLE part ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;

-- The numbers of one partition, and the first number that has none yet (SQLite has no partitions: never reached).
ALTER TABLE counter ADD COLUMN span INTEGER NOT NULL DEFAULT 4194304;

ALTER TABLE counter ADD COLUMN ahead INTEGER NOT NULL DEFAULT 9223372036854775807;

-- Bytes apart from what is known of them: those are dropped, this stays.
CREATE TABLE blob_used AS SELECT blob AS digest, MAX(at) AS at FROM (
    SELECT blob, received_at AS at FROM document
    UNION ALL SELECT payload, frozen_at FROM batch
    UNION ALL SELECT answer, at FROM attempt WHERE answer IS NOT NULL
    UNION ALL SELECT blob, at FROM failed_fetch WHERE blob IS NOT NULL
) x GROUP BY blob;

ALTER TABLE blob RENAME TO blob_was;
