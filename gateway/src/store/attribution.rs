//! Whose records are, as the roster stands now: a join by identifier and moment, made whenever it is asked and written nowhere.
//! The words are those of [`Crosswalk::whose`](crate::roster::Crosswalk::whose), in SQL.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, QueryResult};
use serde::Serialize;

use super::{Result, Store, moment, views::text_of};

/// The moment of a version `v` of a document `d`: its own, else that of its arrival.
const MOMENT: &str = "COALESCE(v.as_of, d.received_at, v.at)";
/// Standing merges followed to their end: each subject that goes under another's number, and that number.
pub(super) const ROOTS: &str = "up AS (SELECT subject, into_subject FROM subject_merge WHERE ended IS NULL \
     UNION SELECT u.subject, m.into_subject FROM up u JOIN subject_merge m ON m.subject = u.into_subject AND m.ended IS NULL), \
     root AS (SELECT subject, into_subject FROM up WHERE into_subject NOT IN (SELECT subject FROM subject_merge WHERE ended IS NULL))";

/// Whose a version `v` of a document `d` is: its identifier's own row, else that of the credit code it begins with.
pub(super) fn subject() -> String {
    let by = |scheme: &str, value: &str| {
        format!(
            "(SELECT MIN(i.subject) FROM identifier i WHERE i.ended IS NULL AND i.scheme = {scheme} AND i.value = {value} \
             AND i.from_at <= {MOMENT} AND {MOMENT} < i.to_at)"
        )
    };
    let own = by("v.owner_scheme", "v.owner");
    let begins = by("'uscc'", "REPLACE(REPLACE(UPPER(SUBSTR(v.owner, 1, 18)), 'O', '0'), 'I', '1')");
    format!("COALESCE({own}, {begins})")
}

/// An identifier that newest states name and the roster does not know on their day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OpenOwner {
    /// Its scheme.
    pub scheme: String,
    /// The code.
    pub value: String,
    /// Accepted records whose newest state names it.
    pub accepted: u64,
    /// Sources they are from.
    pub sources: u64,
    /// One of these.
    pub source: String,
    /// The day of the oldest of them.
    pub first: DateTime<Utc>,
    /// The day of the newest.
    pub last: DateTime<Utc>,
    /// Where they are, as one of them says.
    pub region: String,
    /// What its owner is called, as one of them says.
    pub name: String,
    /// The key of one of them.
    pub sample: String,
}

/// Whose a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributed {
    /// The version.
    pub seq: i64,
    /// The scheme and the code it names.
    pub owner: (String, String),
    /// Its moment.
    pub at: i64,
    /// The subject, under the number it goes by; none: nobody knows.
    pub subject: Option<i64>,
}

impl Store {
    /// Identifiers of newest states that the roster does not know, those of most records first. `names`: kinds and their
    /// fields that say what an owner is called.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_owners(&self, names: &[(&str, &str)], most: u32) -> Result<Vec<OpenOwner>> {
        let sql = format!(
            "SELECT v.owner_scheme, v.owner, COUNT(*), COUNT(DISTINCT h.source), MIN(h.source), MIN({MOMENT}), MAX({MOMENT}), \
             COALESCE(MAX(v.region), ''), COALESCE(MAX({}), ''), MIN(h.kind || '/' || h.id_space || '/' || h.id) \
             {} GROUP BY v.owner_scheme, v.owner ORDER BY 3 DESC, 1, 2 LIMIT $1",
            named(names, self.backend()),
            open()
        );
        self.all(&sql, vec![i64::from(most).into()]).await?.iter().map(open_owner).collect()
    }

    /// How many identifiers of newest states the roster does not know, and how many records name them; none before there is a roster.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_open_owners(&self) -> Result<(i64, i64)> {
        if self.roster_number().await? == 0 {
            return Ok((0, 0));
        }
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(x.records), 0) AS BIGINT) FROM ( \
             SELECT COUNT(*) AS records {} GROUP BY v.owner_scheme, v.owner) x",
            open()
        );
        let row = self.one(&sql, vec![]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
    }

    /// Whose the versions of a record are, those that name an owner.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn attributed(&self, record: i64) -> Result<Vec<Attributed>> {
        let sql = format!(
            "WITH RECURSIVE {ROOTS} SELECT x.seq, x.owner_scheme, x.owner, x.moment, COALESCE(r.into_subject, x.subject) FROM ( \
             SELECT v.seq, v.owner_scheme, v.owner, {MOMENT} AS moment, {} AS subject FROM version v \
             LEFT JOIN document d ON d.no = v.document WHERE v.record = $1 AND v.owner IS NOT NULL) x \
             LEFT JOIN root r ON r.subject = x.subject ORDER BY x.seq",
            subject()
        );
        self.all(&sql, vec![record.into()]).await?.iter().map(attributed).collect()
    }
}

/// The statement of a view: each newest state with its key, what it names as its owner, and whose it is at its moment. What is known
/// of a subject at that moment counts, else what was known of it last; a site has its enterprise beside it.
pub(super) fn view(name: &str) -> String {
    let known = |of: &str| {
        format!(
            "COALESCE((SELECT MIN(k.no) FROM subject k WHERE k.ended IS NULL AND k.subject = {of} \
             AND k.from_at <= o.moment AND o.moment < k.to_at), (SELECT k.no FROM subject k WHERE k.ended IS NULL \
             AND k.subject = {of} ORDER BY k.from_at DESC, k.to_at DESC LIMIT 1))"
        )
    };
    format!(
        "CREATE VIEW {name} AS WITH RECURSIVE {ROOTS}, \
         said AS (SELECT h.kind, h.id_space, h.id, h.source, v.seq, v.owner_scheme, v.owner, {MOMENT} AS moment, {} AS subject \
         FROM record h JOIN version v ON v.seq = h.head LEFT JOIN document d ON d.no = v.document), \
         own AS (SELECT o.kind, o.id_space, o.id, o.source, o.seq, o.owner_scheme, o.owner, o.moment, \
         COALESCE(r.into_subject, o.subject) AS subject FROM said o LEFT JOIN root r ON r.subject = o.subject) \
         SELECT o.kind, o.id_space, o.id, o.source, o.seq AS \"_version\", o.owner_scheme, o.owner, o.subject, s.name, s.sort, s.type, \
         s.region, s.industry, s.scale, s.state, COALESCE(p.into_subject, s.parent) AS parent, e.name AS parent_name \
         FROM own o LEFT JOIN subject s ON s.no = {} LEFT JOIN root p ON p.subject = s.parent \
         LEFT JOIN subject e ON e.no = {}",
        subject(),
        known("o.subject"),
        known("COALESCE(p.into_subject, s.parent)")
    )
}

/// Newest states whose owner the roster does not know.
fn open() -> String {
    format!(
        "FROM record h JOIN version v ON v.seq = h.head LEFT JOIN document d ON d.no = v.document \
         WHERE v.owner IS NOT NULL AND {} IS NULL",
        subject()
    )
}

/// What a newest state calls its owner.
fn named(names: &[(&str, &str)], backend: DbBackend) -> String {
    if names.is_empty() {
        return "NULL".to_owned();
    }
    let whens: Vec<String> = names
        .iter()
        .map(|(kind, field)| format!("WHEN '{}' THEN {}", kind.replace('\'', "''"), text_of(field, backend)))
        .collect();
    format!("CASE h.kind {} END", whens.join(" "))
}

fn open_owner(row: &QueryResult) -> Result<OpenOwner> {
    let count = |at: usize| -> Result<u64> {
        Ok(u64::try_from(row.try_get_by_index::<i64>(at)?).unwrap_or_default())
    };
    Ok(OpenOwner {
        scheme: row.try_get_by_index(0)?,
        value: row.try_get_by_index(1)?,
        accepted: count(2)?,
        sources: count(3)?,
        source: row.try_get_by_index(4)?,
        first: moment(row.try_get_by_index(5)?),
        last: moment(row.try_get_by_index(6)?),
        region: row.try_get_by_index(7)?,
        name: row.try_get_by_index(8)?,
        sample: row.try_get_by_index(9)?,
    })
}

fn attributed(row: &QueryResult) -> Result<Attributed> {
    Ok(Attributed {
        seq: row.try_get_by_index(0)?,
        owner: (row.try_get_by_index(1)?, row.try_get_by_index(2)?),
        at: row.try_get_by_index(3)?,
        subject: row.try_get_by_index(4)?,
    })
}
