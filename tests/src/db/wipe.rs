//! Emptying a ledger without making its tables again: many worlds on one database, one after the other.

/// Deletes what every table holds. Numbers go on: rewritten partitions are named by them.
pub(super) fn sql() -> String {
    let schema = include_str!("../../../migrations/schema.sql");
    let tables = schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("));
    let deletes = tables.filter(|table| *table != "counter").map(|table| format!("DELETE FROM {table}; "));
    deletes.collect()
}
