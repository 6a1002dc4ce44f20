-- All tables and indexes as they stand after every step, in SQLite's words. Kept true by the tests:
-- LIANWANG_WRITE_SCHEMA=1 cargo test -p tests --test it schema   writes it anew.

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
, span INTEGER NOT NULL DEFAULT 4194304, ahead INTEGER NOT NULL DEFAULT 9223372036854775807);

CREATE TABLE revision (
    no INTEGER NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    engine INTEGER NOT NULL,
    files BLOB NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE activation (
    no INTEGER NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
, how TEXT NOT NULL DEFAULT 'start', who TEXT NOT NULL DEFAULT '', served INTEGER);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    until INTEGER NOT NULL
);

CREATE TABLE cursor (
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    settled_at INTEGER,
    settled_id TEXT,
    pass TEXT,
    writes INTEGER NOT NULL,
    due INTEGER NOT NULL,
    ran_for INTEGER,
    full_due INTEGER NOT NULL,
    full_for INTEGER,
    failures INTEGER NOT NULL,
    not_before INTEGER,
    last_error TEXT,
    last_error_at INTEGER,
    last_page_at INTEGER,
    last_whole_at INTEGER,
    PRIMARY KEY (source, service)
);

CREATE TABLE document (
    no INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    blob TEXT NOT NULL,
    digest_alg TEXT NOT NULL,
    cipher TEXT,
    key_id TEXT,
    length INTEGER NOT NULL,
    asked TEXT NOT NULL,
    located INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
, recovered INTEGER);

CREATE INDEX document_by_source ON document (source, no);

CREATE TABLE part (
    document INTEGER NOT NULL,
    part INTEGER NOT NULL,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    first INTEGER NOT NULL,
    located INTEGER NOT NULL,
    byte_from INTEGER NOT NULL,
    byte_to INTEGER NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER,
    found INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    held INTEGER NOT NULL,
    judged_at INTEGER, dropped INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document, part)
);

CREATE INDEX part_pending ON part (source, document, part) WHERE state = 'pending';

CREATE TABLE failed_fetch (
    no INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    what TEXT NOT NULL,
    blob TEXT,
    length INTEGER NOT NULL
);

CREATE TABLE record (
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
    as_of INTEGER, said TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, id_space, id)
);

CREATE TABLE version (
    seq INTEGER NOT NULL PRIMARY KEY,
    record INTEGER NOT NULL,
    kind TEXT NOT NULL,
    document INTEGER NOT NULL,
    part INTEGER NOT NULL,
    place INTEGER NOT NULL,
    byte_from INTEGER NOT NULL,
    byte_length INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    digest_alg TEXT NOT NULL,
    cipher TEXT,
    key_id TEXT,
    parents TEXT NOT NULL,
    inputs TEXT NOT NULL,
    owner_scheme TEXT,
    owner TEXT,
    region TEXT,
    industry TEXT,
    test INTEGER NOT NULL,
    as_of INTEGER,
    at INTEGER NOT NULL
, again INTEGER NOT NULL DEFAULT 0);

CREATE INDEX version_by_record ON version (record, seq);

CREATE INDEX version_by_document ON version (document, place);

CREATE INDEX version_by_kind ON version (kind, seq);

CREATE TABLE held (
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    part INTEGER NOT NULL,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    id_space TEXT NOT NULL,
    id TEXT NOT NULL,
    byte_from INTEGER NOT NULL,
    byte_length INTEGER NOT NULL,
    source_digest TEXT NOT NULL,
    revision INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    settled_at INTEGER, roster INTEGER NOT NULL DEFAULT 0, said TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (document, place)
);

CREATE INDEX held_open ON held (source, document, place) WHERE state = 'held';

CREATE INDEX held_by_key ON held (kind, id_space, id) WHERE state = 'held';

CREATE TABLE issue (
    no INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    document INTEGER NOT NULL,
    part INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id_space TEXT NOT NULL,
    id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    issues TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL
);

CREATE INDEX issue_by_place ON issue (document, place);

CREATE INDEX issue_by_id ON issue (kind, id);

CREATE TABLE rejection (
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    revision INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    issue INTEGER NOT NULL,
    last_document INTEGER NOT NULL,
    last_place INTEGER NOT NULL,
    PRIMARY KEY (source, kind, digest, revision)
);

CREATE TABLE destination (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    grouped INTEGER NOT NULL,
    revision INTEGER,
    failures INTEGER NOT NULL,
    not_before INTEGER,
    last_error TEXT,
    last_error_at INTEGER,
    last_answer_at INTEGER,
    created_at INTEGER NOT NULL
);

CREATE TABLE destination_kind (
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    rank INTEGER NOT NULL,
    takes_test INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    start_seq INTEGER NOT NULL,
    until_seq INTEGER, owner_scheme TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (destination, kind, start_seq)
);

CREATE TABLE delivery (
    destination TEXT NOT NULL,
    record INTEGER NOT NULL,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    grp TEXT NOT NULL,
    version INTEGER NOT NULL,
    next_version INTEGER,
    state TEXT NOT NULL,
    batch TEXT,
    split TEXT,
    reason TEXT,
    not_before INTEGER,
    waits_for TEXT,
    confirmed INTEGER,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (destination, record)
);

CREATE INDEX delivery_split ON delivery (split) WHERE split IS NOT NULL;

CREATE TABLE tally (
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    confirmed INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    superseded INTEGER NOT NULL,
    abandoned INTEGER NOT NULL,
    PRIMARY KEY (destination, kind)
);

CREATE TABLE batch (
    id TEXT NOT NULL PRIMARY KEY,
    no INTEGER NOT NULL UNIQUE,
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    lane TEXT NOT NULL,
    grp TEXT NOT NULL,
    state TEXT NOT NULL,
    size INTEGER NOT NULL,
    payload TEXT NOT NULL,
    revision INTEGER NOT NULL,
    split TEXT,
    attempts INTEGER NOT NULL,
    not_before INTEGER,
    frozen_at INTEGER NOT NULL,
    settled_at INTEGER
);

CREATE INDEX batch_open ON batch (destination, no) WHERE state <> 'settled';

CREATE TABLE batch_member (
    batch TEXT NOT NULL,
    ord INTEGER NOT NULL,
    record INTEGER NOT NULL,
    version INTEGER NOT NULL,
    wire_id TEXT NOT NULL,
    outcome TEXT,
    reason TEXT,
    PRIMARY KEY (batch, ord)
);

CREATE INDEX batch_member_by_version ON batch_member (version);

CREATE TABLE attempt (
    batch TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    sent_digest TEXT NOT NULL,
    sent_with TEXT NOT NULL,
    answer TEXT,
    outcome TEXT NOT NULL,
    what TEXT NOT NULL, no INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, n)
);

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

CREATE TABLE dropped_owed (
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    owed INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    PRIMARY KEY (destination, kind)
);

CREATE TABLE dropped_version (
    record INTEGER NOT NULL PRIMARY KEY,
    versions INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    dropped INTEGER NOT NULL
);

CREATE TABLE blob (
    digest TEXT NOT NULL PRIMARY KEY,
    digest_alg TEXT NOT NULL,
    no INTEGER,
    length INTEGER NOT NULL,
    cipher TEXT,
    key_id TEXT,
    used_at INTEGER NOT NULL,
    dropped INTEGER
);

CREATE INDEX blob_by_no ON blob (no) WHERE no IS NOT NULL;

CREATE TABLE blob_bytes (
    no INTEGER NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);

CREATE TABLE journal (
    node TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE checkpoint (
    node TEXT NOT NULL,
    no INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    head TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (node, no)
);

CREATE TABLE recovery (
    no INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    done_at INTEGER
);

CREATE INDEX part_counted ON part (counted);

CREATE INDEX attempt_by_no ON attempt (no);

CREATE INDEX delivery_due ON delivery (destination, kind, grp, version) WHERE state = 'due';

CREATE INDEX delivery_waiting ON delivery (destination, waits_for) WHERE waits_for IS NOT NULL;

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

CREATE TABLE sweep (
    no INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    revision INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    standing INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    cap INTEGER NOT NULL DEFAULT 0,
    unsure INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    retired INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER,
    released_at INTEGER,
    why TEXT,
    who TEXT
);

CREATE INDEX sweep_open ON sweep (source, no) WHERE state IN ('due', 'going', 'held');

CREATE INDEX sweep_by_service ON sweep (source, service, no);

CREATE INDEX sweep_counted ON sweep (counted);

CREATE INDEX record_by_source ON record (source, kind, no);

CREATE TABLE roster_change (
    no INTEGER NOT NULL PRIMARY KEY,
    how TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_by INTEGER
);

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

CREATE TABLE subject_merge (
    no INTEGER NOT NULL PRIMARY KEY,
    subject INTEGER NOT NULL,
    into_subject INTEGER NOT NULL,
    made INTEGER NOT NULL,
    ended INTEGER
);

CREATE INDEX subject_merge_by_subject ON subject_merge (subject);

CREATE TABLE version_image (
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (version, digest)
);

CREATE TABLE taken_file (
    document INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (source, service, digest)
);

CREATE TABLE correction (
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    of_document INTEGER NOT NULL,
    of_place INTEGER NOT NULL,
    of_digest TEXT NOT NULL,
    PRIMARY KEY (document, place)
);

CREATE INDEX correction_of ON correction (of_document, of_place);

CREATE TABLE "contribution" (
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    said TEXT NOT NULL,
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
    PRIMARY KEY (record, source, said)
);

CREATE TABLE "contribution_image" (
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    said TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (record, source, said, digest)
);

CREATE TABLE alias_walk (
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    aliases TEXT NOT NULL,
    revision INTEGER NOT NULL,
    stays INTEGER NOT NULL,
    PRIMARY KEY (source, kind)
);

CREATE TABLE look_alike_key (
    record INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_scheme TEXT NOT NULL,
    owner TEXT NOT NULL,
    day TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX look_alike_key_by_day ON look_alike_key (kind, owner_scheme, owner, day, record);

CREATE TABLE look_alike_walk (
    kind TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    position INTEGER NOT NULL
);

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

CREATE TABLE returned (
    no INTEGER NOT NULL PRIMARY KEY,
    record INTEGER NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    service TEXT NOT NULL,
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    field TEXT NOT NULL,
    issue TEXT NOT NULL,
    why TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_why TEXT,
    undone_who TEXT,
    undone_at INTEGER
);

CREATE INDEX returned_by_record ON returned (record);

CREATE TABLE fix_walk (
    source TEXT NOT NULL PRIMARY KEY,
    followed TEXT NOT NULL
);
