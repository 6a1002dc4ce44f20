//! Records that stand from one list of a source, read in order: neither their source nor the hub has deleted them, and no
//! other source speaks of them.

use mappings::Key;
use sea_orm::DbBackend;

use super::{Result, Store};

/// Records read at a time.
const PAGE: i64 = 10_000;

/// Which records are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// Their source.
    pub source: &'a str,
    /// The list that their newest state came from.
    pub service: &'a str,
    /// Their kind.
    pub kind: &'a str,
    /// The kind's field and code of deletion.
    pub gone: (&'a str, &'a str),
}

/// A record that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stands {
    /// Its number.
    pub record: i64,
    /// Its key.
    pub key: Key,
    /// The document of its place in time.
    pub document: i64,
}

impl Store {
    /// Records that stand, with numbers after `after`, in order; and the number to go on from. No number: they were the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing_of(&self, of: &Of<'_>, after: i64) -> Result<(Vec<Stands>, Option<i64>)> {
        let find = if self.backend() == DbBackend::Postgres { "strpos" } else { "instr" };
        let sql = format!(
            "SELECT h.no, h.id_space, h.id, CASE WHEN d.service = $3 AND h.source_digest NOT LIKE '%:%' \
             AND {find}(v.content, $4) = 0 AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = h.no) THEN h.document ELSE -1 END FROM record h JOIN version v ON v.seq = h.head \
             JOIN document d ON d.no = v.document WHERE h.source = $1 AND h.kind = $2 AND h.no > $5 ORDER BY h.no LIMIT {PAGE}"
        );
        let values =
            vec![of.source.into(), of.kind.into(), of.service.into(), said(of.gone).into(), after.into()];
        let rows = self.all(&sql, values).await?;
        let mut standing = Vec::with_capacity(rows.len());
        let mut last = None;
        for row in &rows {
            let record = row.try_get_by_index(0)?;
            last = Some(record);
            let document: i64 = row.try_get_by_index(3)?;
            if document >= 0 {
                let key = Key {
                    kind: of.kind.to_owned(),
                    id_space: row.try_get_by_index(1)?,
                    id: row.try_get_by_index(2)?,
                };
                standing.push(Stands { record, key, document });
            }
        }
        Ok((standing, last))
    }
}

/// What the content of a deleted record has in it. Contents are written one way, without white space; inside a text the
/// quotes would be escaped.
fn said((field, code): (&str, &str)) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!("{}:{}", quoted(field), quoted(code))
}

#[cfg(test)]
mod tests {
    use mappings::Content;

    use super::*;

    #[test]
    fn a_deletion_is_found_in_a_content_and_nowhere_else() {
        let of = |json: &str| Content::from_json(json).unwrap().to_json();
        let gone = said(("deleted", "1"));
        assert!(of(r#"{ "a": "x", "deleted": "1" }"#).contains(&gone));
        for other in [
            r#"{"deleted":"0"}"#,
            r#"{"a":"\"deleted\":\"1\""}"#,
            r#"{"isdeleted":"1"}"#,
            r#"{"deleted":"10"}"#,
        ] {
            assert!(!of(other).contains(&gone), "{other}");
        }
    }
}
