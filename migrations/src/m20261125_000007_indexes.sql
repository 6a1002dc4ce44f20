-- A record is found by its id in each space of its kind, of which there are few: its key's own index does. A second index
-- over every record cost a new one as much as its version.
DROP INDEX record_by_id;

-- A queue is worked off group by group, and from where it was left.
DROP INDEX delivery_due;

CREATE INDEX delivery_due ON delivery (destination, kind, grp, version) WHERE state = 'due';
