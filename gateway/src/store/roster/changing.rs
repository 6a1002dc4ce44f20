//! Changing the roster: the rows made and ended, and who said so, in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{ENTERPRISE, SITE};
use crate::roster::{Change, Identifier, Merge, Subject};
use crate::store::{
    Result, Store, Write, ms,
    rows::{Bound, plain, row},
    verdicts::all,
};

/// How, of what, why and by whose word the roster changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// `take`, `confirm`, `merge` or `undo`.
    pub how: &'a str,
    /// The file, the identifier, the subjects, the change undone.
    pub what: &'a str,
    /// Why.
    pub why: &'a str,
    /// Who.
    pub who: &'a str,
    /// The change this one undoes.
    pub undoes: Option<i64>,
}

row! { SubjectRow<'a> {
    no: i64,
    subject: i64,
    what: &'static str,
    sort: &'a str,
    name: &'a str,
    region: &'a str,
    industry: &'a str,
    scale: &'a str,
    state: &'a str,
    parent: Option<i64>,
    source: &'a str,
    from_at: i64,
    to_at: i64,
} }

row! { IdentifierRow<'a> {
    no: i64,
    scheme: &'a str,
    code: &'a str,
    subject: i64,
    source: &'a str,
    from_at: i64,
    to_at: i64,
} }

row! { MergeRow {
    no: i64,
    subject: i64,
    into_subject: i64,
} }

row! { EndedRow { no: i64 } }

/// The tables whose rows end.
const TABLES: [&str; 3] = ["subject", "identifier", "subject_merge"];

impl Store {
    /// Changes the roster of this number; returns the new one. A subject below 0 gets a number: that of its first row.
    ///
    /// # Errors
    /// [`Moved`](crate::store::StoreError::Moved) when the roster was changed meanwhile, or a row to end had ended.
    pub async fn change_roster(
        &self,
        number: i64,
        change: &Change,
        word: &Word<'_>,
        at: DateTime<Utc>,
    ) -> Result<i64> {
        let write = self.write("roster").await?;
        let new = write.numbers(change.made() + 1).await?;
        write.is_roster(number).await?;
        let numbers = Numbers::of(new, change);
        write.put_subjects(&numbers).await?;
        write.put_identifiers(&numbers).await?;
        write.put_merges(&numbers).await?;
        write.end_rows(&numbers).await?;
        write.note_change(new, word, at).await?;
        write.commit().await?;
        Ok(new)
    }
}

/// The numbers a change's rows get, in their order, after that of the change itself.
struct Numbers<'c> {
    new: i64,
    change: &'c Change,
    /// Those of new subjects.
    subjects: HashMap<i64, i64>,
}

impl<'c> Numbers<'c> {
    fn of(new: i64, change: &'c Change) -> Self {
        let mut subjects = HashMap::new();
        for (no, known) in (new + 1..).zip(&change.subjects).filter(|(_, known)| known.subject < 0) {
            subjects.entry(known.subject).or_insert(no);
        }
        Self { new, change, subjects }
    }

    fn rows(&self, before: usize) -> impl Iterator<Item = i64> + use<> {
        self.new + 1 + i64::try_from(before).unwrap_or_default()..
    }

    fn subject(&self, subject: i64) -> i64 {
        self.subjects.get(&subject).copied().unwrap_or(subject)
    }
}

impl Write {
    async fn put_subjects(&self, numbers: &Numbers<'_>) -> Result<()> {
        let row = |(no, known): (i64, &'_ Subject)| -> (i64, i64, Option<i64>) {
            (no, numbers.subject(known.subject), known.said.parent.map(|parent| numbers.subject(parent)))
        };
        let all = &numbers.change.subjects;
        let rows: Vec<SubjectRow<'_>> =
            numbers.rows(0).zip(all).map(|(no, known)| subject_row(known, row((no, known)))).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO subject (no, subject, type, sort, name, region, industry, scale, state, parent, source, from_at, to_at, made) \
             SELECT no, subject, what, sort, name, region, industry, scale, state, parent, source, from_at, to_at, $1 FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([numbers.new.into()])).await?;
        Ok(())
    }

    async fn put_identifiers(&self, numbers: &Numbers<'_>) -> Result<()> {
        let all = &numbers.change.identifiers;
        let row = |(no, known): (i64, &'_ Identifier)| (no, numbers.subject(known.subject));
        let rows: Vec<IdentifierRow<'_>> = numbers
            .rows(numbers.change.subjects.len())
            .zip(all)
            .map(|(no, known)| identifier_row(known, row((no, known))))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO identifier (no, scheme, value, subject, source, from_at, to_at, made) \
             SELECT no, scheme, code, subject, source, from_at, to_at, $1 FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([numbers.new.into()])).await?;
        Ok(())
    }

    async fn put_merges(&self, numbers: &Numbers<'_>) -> Result<()> {
        let change = numbers.change;
        let row =
            |(no, merge): (i64, &Merge)| MergeRow { no, subject: merge.subject, into_subject: merge.into };
        let before = change.subjects.len() + change.identifiers.len();
        let rows: Vec<MergeRow> = numbers.rows(before).zip(&change.merges).map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO subject_merge (no, subject, into_subject, made) SELECT no, subject, into_subject, $1 FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([numbers.new.into()])).await?;
        Ok(())
    }

    async fn end_rows(&self, numbers: &Numbers<'_>) -> Result<()> {
        let rows: Vec<EndedRow> = numbers.change.ended.iter().map(|no| EndedRow { no: *no }).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let mut ended = 0;
        for table in TABLES {
            let sql = bound.update(table, "ended = $1", "t.no = r.no", "t.ended IS NULL");
            ended += self.run(&sql, bound.after([numbers.new.into()])).await?;
        }
        all(ended, rows.len(), "名册里的行")
    }

    async fn note_change(&self, new: i64, word: &Word<'_>, at: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO roster_change (no, how, what, why, who, at) VALUES ($1, $2, $3, $4, $5, $6)";
        let [what, why, who] = [word.what, word.why, word.who].map(plain);
        self.run(sql, vec![new.into(), word.how.into(), what.into(), why.into(), who.into(), ms(at).into()])
            .await?;
        let Some(undone) = word.undoes else { return Ok(()) };
        let sql = "UPDATE roster_change SET undone_by = $1 WHERE no = $2 AND undone_by IS NULL";
        all(self.run(sql, vec![new.into(), undone.into()]).await?, 1, "要撤销的改动")
    }
}

fn subject_row(known: &Subject, (no, subject, parent): (i64, i64, Option<i64>)) -> SubjectRow<'_> {
    let Subject { said, span, source, .. } = known;
    SubjectRow {
        no,
        subject,
        what: if said.is_site { SITE } else { ENTERPRISE },
        sort: &said.sort,
        name: &said.name,
        region: &said.region,
        industry: &said.industry,
        scale: &said.scale,
        state: &said.state,
        parent,
        source,
        from_at: span.from,
        to_at: span.to,
    }
}

fn identifier_row(known: &Identifier, (no, subject): (i64, i64)) -> IdentifierRow<'_> {
    let Identifier { scheme, value, span, source, .. } = known;
    IdentifierRow { no, scheme, code: value, subject, source, from_at: span.from, to_at: span.to }
}
