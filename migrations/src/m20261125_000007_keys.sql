-- A record is found by its id in each space of its kind, of which there are few: its key's own index does. A second index
-- over every record cost a new one as much as its version.
DROP INDEX record_by_id;
