-- What a held record's sender says for its key where an alias joined it, as in `record.said`.
ALTER TABLE held ADD COLUMN said TEXT NOT NULL DEFAULT '';
