//! Source paths that no mapping names, counted by service. Leaves finding them to the rules.

use chrono::{DateTime, Utc};

use super::{
    Result, Store, Write, moment,
    rows::{Bound, row},
    verdicts::Under,
};

/// Paths kept of one service; what is more is counted under [`REST`].
const PATHS: i64 = 200;
/// Characters kept of a path: it must fit an index.
const PATH_CHARS: usize = 200;
/// Stands for all paths of a service beyond [`PATHS`].
pub const REST: &str = "…";

row! {
    /// A path of one service in the records of one judging.
    #[derive(Debug, Clone)]
    pub UnknownField {
        service: String,
        path: String,
        seen: u64,
        sample: String,
    }
}

/// A path of one service, as counted so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPath {
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// The path, or [`REST`].
    pub path: String,
    /// Records that had it.
    pub seen: i64,
    /// When it was judged first.
    pub first: DateTime<Utc>,
    /// When it was judged last.
    pub last: DateTime<Utc>,
    /// The form of a value; empty where none was seen.
    pub sample: String,
}

impl UnknownField {
    /// A path with its count; too long a path is cut.
    #[must_use]
    pub fn new(service: &str, path: &str, seen: u64, sample: String) -> Self {
        let path = match path.char_indices().nth(PATH_CHARS) {
            Some((end, _)) => format!("{}{REST}", path.get(..end).unwrap_or_default()),
            None => path.to_owned(),
        };
        Self { service: service.to_owned(), path, seen, sample }
    }

    /// The path as it is kept.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Adds the count of another part.
    pub fn add(&mut self, more: Self) {
        self.seen += more.seen;
        self.sample = more.sample.max(std::mem::take(&mut self.sample));
    }
}

impl Write {
    /// Adds to the counts; paths of a service beyond those it keeps go into one row.
    pub(super) async fn count_unknown(&self, under: &Under<'_>, fields: &[UnknownField]) -> Result<()> {
        if fields.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 3, fields)?;
        let sql = format!(
            "INSERT INTO unknown_field (source, service, path, seen, first_seen, last_seen, sample) \
             SELECT $1, s.service, s.path, CAST(SUM(s.seen) AS BIGINT), $2, $2, MAX(s.sample) FROM ( \
             SELECT k.service, k.seen, CASE WHEN k.stays THEN k.path ELSE '{REST}' END AS path, \
             CASE WHEN k.stays THEN k.sample ELSE '' END AS sample FROM ( \
             SELECT r.service, r.path, r.seen, r.sample, u.path IS NOT NULL OR r.path = '{REST}' OR \
             ROW_NUMBER() OVER (PARTITION BY r.service, u.path IS NULL ORDER BY r.path) + (SELECT COUNT(*) FROM unknown_field a \
             WHERE a.source = $1 AND a.service = r.service AND a.path <> '{REST}') <= {PATHS} AS stays \
             FROM {} LEFT JOIN unknown_field u ON u.source = $1 AND u.service = r.service AND u.path = r.path) k) s \
             WHERE true GROUP BY s.service, s.path ON CONFLICT (source, service, path) DO UPDATE SET \
             seen = unknown_field.seen + excluded.seen, last_seen = excluded.last_seen, \
             sample = CASE WHEN unknown_field.sample = '' THEN excluded.sample ELSE unknown_field.sample END",
            bound.from
        );
        self.run(&sql, bound.after([under.source.into(), under.at.into()])).await?;
        Ok(())
    }
}

impl Store {
    /// All paths that no mapping named when they were judged, of one source or of all; by service, the most frequent first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unknown_paths(&self, source: Option<&str>) -> Result<Vec<UnknownPath>> {
        let sql = "SELECT source, service, path, seen, first_seen, last_seen, sample FROM unknown_field \
             WHERE $1 = '' OR source = $1 ORDER BY source, service, seen DESC, path";
        let rows = self.all(sql, vec![source.unwrap_or_default().into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(UnknownPath {
                    source: row.try_get_by_index(0)?,
                    service: row.try_get_by_index(1)?,
                    path: row.try_get_by_index(2)?,
                    seen: row.try_get_by_index(3)?,
                    first: moment(row.try_get_by_index(4)?),
                    last: moment(row.try_get_by_index(5)?),
                    sample: row.try_get_by_index(6)?,
                })
            })
            .collect()
    }
}
