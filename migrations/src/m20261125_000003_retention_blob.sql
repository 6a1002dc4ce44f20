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

INSERT INTO blob (digest, digest_alg, no, length, cipher, key_id, used_at)
SELECT b.digest, b.digest_alg, c.seq + row_number() OVER (ORDER BY b.digest), b.length, b.cipher, b.key_id, COALESCE(u.at, 0)
FROM blob_was b JOIN counter c ON c.name = 'ledger' LEFT JOIN blob_used u ON u.digest = b.digest;

UPDATE counter SET seq = seq + (SELECT COUNT(*) FROM blob) WHERE name = 'ledger';

DROP TABLE blob_used;
