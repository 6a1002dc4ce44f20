-- A receiver of one industry takes the records of those it knows: by the scheme of the identifier that says whose they are.
ALTER TABLE destination_kind ADD COLUMN owner_scheme TEXT NOT NULL DEFAULT '';
