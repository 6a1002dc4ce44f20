-- Documents with more rejected records than their service allows: all their records are held until a person lets them go.
CREATE TABLE over_limit (
    document INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    found INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    allowed TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    released_at INTEGER,
    why TEXT,
    who TEXT
);
