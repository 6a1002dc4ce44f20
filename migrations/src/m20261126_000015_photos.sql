-- The images that versions name, by the digest of their bytes.
CREATE TABLE version_image (
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (version, digest)
);

-- Those that the words of several sources of one key name, which stand in no version.
CREATE TABLE contribution_image (
    record INTEGER NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (record, source, digest)
);
