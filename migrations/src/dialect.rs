//! One text for two databases: the steps are written for SQLite; PostgreSQL's words are put in here.

use sea_orm_migration::{
    prelude::SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Runs every statement of `sql` on the database at hand.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in statements(sql) {
        connection.execute_unprepared(&translate(&statement, connection.get_database_backend())).await?;
    }
    Ok(())
}

/// The statements of a text: comments dropped, split at the semicolons that end them.
fn statements(sql: &str) -> Vec<String> {
    let bare: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    bare.join("\n").split(';').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// Byte order for every text, so that both databases compare and sort alike; 64 bits for every number.
fn translate(statement: &str, backend: DbBackend) -> String {
    if backend != DbBackend::Postgres {
        return statement.to_owned();
    }
    statement
        .split_inclusive(|c: char| !c.is_ascii_uppercase())
        .map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_uppercase());
            let rest = piece.get(word.len()..).unwrap_or_default();
            match word {
                "TEXT" => format!("TEXT COLLATE \"C\"{rest}"),
                "INTEGER" => format!("BIGINT{rest}"),
                "BLOB" => format!("BYTEA{rest}"),
                _ => piece.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_statements_are_dropped() {
        let sql = "-- a; comment\nCREATE TABLE a (b TEXT); -- why\n\n;\nCREATE TABLE c (d INTEGER);\n";
        assert_eq!(statements(sql), ["CREATE TABLE a (b TEXT)", "CREATE TABLE c (d INTEGER)"]);
    }

    #[test]
    fn only_whole_type_words_are_translated_and_only_for_postgresql() {
        let sql = "CREATE TABLE t (a TEXT NOT NULL, b INTEGER, c BLOB, text_d TEXT)";
        assert_eq!(translate(sql, DbBackend::Sqlite), sql);
        assert_eq!(
            translate(sql, DbBackend::Postgres),
            "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL, b BIGINT, c BYTEA, text_d TEXT COLLATE \"C\")"
        );
    }
}
