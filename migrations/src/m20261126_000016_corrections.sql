-- Documents that a person brought as a file: whose, which, why. Its bytes lie under their digest while the document's do.
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

-- Records of such documents and what they mend; the digest is that of the mended record's bytes, empty where age took them.
CREATE TABLE correction (
    document INTEGER NOT NULL,
    place INTEGER NOT NULL,
    of_document INTEGER NOT NULL,
    of_place INTEGER NOT NULL,
    of_digest TEXT NOT NULL,
    PRIMARY KEY (document, place)
);

CREATE INDEX correction_of ON correction (of_document, of_place);
