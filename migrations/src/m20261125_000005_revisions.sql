-- How a configuration became the active one, by whose word, and when a service first worked by it.
ALTER TABLE activation ADD COLUMN how TEXT NOT NULL DEFAULT 'start';
ALTER TABLE activation ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE activation ADD COLUMN served INTEGER;
-- Whether a replay wrote the version, for a record that had its verdict already: it is then no record found.
ALTER TABLE version ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
