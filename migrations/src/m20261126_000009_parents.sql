-- Whoever gave up waiting for a parent comes back when it is confirmed: found by what it waited for, whatever its state.
DROP INDEX delivery_waiting;

CREATE INDEX delivery_waiting ON delivery (destination, waits_for) WHERE waits_for IS NOT NULL;
