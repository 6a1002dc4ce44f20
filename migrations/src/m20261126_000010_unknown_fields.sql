-- Source paths that no mapping names: how many records had them, and the form of a value, never a value.
CREATE TABLE unknown_field (
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    path TEXT NOT NULL,
    seen INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    sample TEXT NOT NULL,
    PRIMARY KEY (source, service, path)
);
