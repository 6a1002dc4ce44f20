//! Taking a change of the roster back: what it made ends, what it ended stands again, as rows of a new change.

use super::{Change, Identifier, Merge, Roster, Subject};

/// The change that takes another back; `made` and `ended` are that one's rows.
///
/// # Errors
/// In Chinese, when a later change built on it: that one is taken back first.
pub fn undo(roster: &Roster, made: &Roster, ended: &Roster) -> Result<Change, String> {
    let mut later = Vec::new();
    let mut over: Vec<i64> = Vec::new();
    let mut note = |found: Option<i64>, what: String| match found {
        Some(row) => over.push(row),
        None => later.push(what),
    };
    for row in &made.subjects {
        let own = roster.subjects.iter().find(|own| says_same(own, row));
        note(own.map(|own| own.row), format!("“{}”", row.said.name));
    }
    for row in &made.identifiers {
        let own = roster.identifiers.iter().find(|own| is_same(own, row));
        note(own.map(|own| own.row), format!("编码 {}:{}", row.scheme, row.value));
    }
    for row in &made.merges {
        let own = roster.merges.iter().find(|own| (own.subject, own.into) == (row.subject, row.into));
        note(own.map(|own| own.row), format!("{} 并入 {}", row.subject, row.into));
    }
    if !later.is_empty() {
        return Err(format!(
            "后来的改动动过它写的 {}：先撤销那一次（lianwang roster show）",
            later.join("、")
        ));
    }
    roster.holding(Change {
        subjects: ended.subjects.iter().map(|row| Subject { row: 0, ..row.clone() }).collect(),
        identifiers: ended.identifiers.iter().map(|row| Identifier { row: 0, ..row.clone() }).collect(),
        merges: ended.merges.iter().map(|row| Merge { row: 0, ..*row }).collect(),
        ended: over,
    })
}

fn says_same(own: &Subject, row: &Subject) -> bool {
    (own.subject, &own.said, own.span) == (row.subject, &row.said, row.span)
}

fn is_same(own: &Identifier, row: &Identifier) -> bool {
    (&own.scheme, &own.value, own.subject, own.span) == (&row.scheme, &row.value, row.subject, row.span)
}

#[cfg(test)]
mod tests;
