-- Which fixes a source's records follow: of each record that has some, its key and a digest of them.
CREATE TABLE fix_walk (
    source TEXT NOT NULL PRIMARY KEY,
    followed TEXT NOT NULL
);
