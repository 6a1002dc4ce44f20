-- What the source of a record says for its key, `id_space/id`, where an alias joins that to the key; else empty. One source may
-- know a record under several ids: each is a voice of its own.
ALTER TABLE record ADD COLUMN said TEXT NOT NULL DEFAULT '';

CREATE TABLE contribution_as_said (
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

INSERT INTO contribution_as_said (record, source, said, service, document, part, place, byte_from, byte_length, revision,
    source_digest, content, parents, owner, region, industry, test, as_of)
SELECT record, source, '', service, document, part, place, byte_from, byte_length, revision, source_digest, content, parents,
    owner, region, industry, test, as_of FROM contribution;

DROP TABLE contribution;

ALTER TABLE contribution_as_said RENAME TO contribution;

CREATE TABLE contribution_image_as_said (
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    said TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (record, source, said, digest)
);

INSERT INTO contribution_image_as_said (record, source, said, digest) SELECT record, source, '', digest FROM contribution_image;

DROP TABLE contribution_image;

ALTER TABLE contribution_image_as_said RENAME TO contribution_image;

-- Under which aliases a source's records of a kind stand, and how many could not be put there under that revision.
CREATE TABLE alias_walk (
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    aliases TEXT NOT NULL,
    revision INTEGER NOT NULL,
    stays INTEGER NOT NULL,
    PRIMARY KEY (source, kind)
);
