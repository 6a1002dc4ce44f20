//! Whole passes that name everything there is, and what became of what they did not name. Leaves looking for it to
//! `refine`.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;

use super::{
    Result, Store, StoreError, Write, documents::Origin, moment, ms, parts, parts::Pending, rows::plain,
};

/// What stands between a whole pass and the deletion of what it did not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not looked at yet, or let go by a person.
    Due,
    /// Some are deleted, some still to be.
    Going,
    /// Too many are missing: a person must look.
    Held,
    /// Not every record of the pass could be told: nothing was deleted.
    Unsure,
    /// A later pass came to its end first, or the service is no snapshot any more.
    Superseded,
    /// Everything missing is deleted.
    Done,
}

impl State {
    const WORDS: [(&'static str, Self); 6] = [
        ("due", Self::Due),
        ("going", Self::Going),
        ("held", Self::Held),
        ("unsure", Self::Unsure),
        ("superseded", Self::Superseded),
        ("done", Self::Done),
    ];

    /// The word in the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, own)| *own == self).map_or("", |(word, _)| word)
    }

    fn read(word: &str) -> Result<Self> {
        let known = Self::WORDS.iter().find(|(own, _)| *own == word);
        known.map(|(_, own)| *own).ok_or_else(|| StoreError::Corrupt(format!("清扫的状态 {word}")))
    }
}

/// What looking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Records that stood.
    pub standing: u64,
    /// Those of them that the pass did not name.
    pub missing: u64,
    /// Of a hundred, so many may be missing.
    pub cap: u8,
    /// Records of the pass whose key cannot be made.
    pub unsure: u64,
    /// Parts of the pass whose bytes cannot be read any more.
    pub unread: u64,
}

/// A whole pass, and what became of what it did not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Its number.
    pub no: i64,
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// The kind its mapping made of it.
    pub kind: String,
    /// The pass's first document.
    pub first: i64,
    /// The pass's last document.
    pub last: i64,
    /// When the pass came to its end.
    pub at: DateTime<Utc>,
    /// How far it is.
    pub state: State,
    /// What was counted.
    pub count: Count,
    /// Records deleted so far.
    pub retired: u64,
    /// When it was last decided; none: not looked at yet.
    pub decided_at: Option<DateTime<Utc>>,
    /// When a person let it go.
    pub released_at: Option<DateTime<Utc>>,
    /// Why.
    pub why: Option<String>,
    /// Who.
    pub who: Option<String>,
}

impl Sweep {
    /// What stands in versions and heads made by it.
    #[must_use]
    pub fn mark(&self) -> String {
        format!("{MARK}{}", self.no)
    }
}

/// How the mark of a sweep begins.
const MARK: &str = "sweep:";

/// The number in a mark, where a sweep made it.
#[must_use]
pub fn number_in(mark: &str) -> Option<i64> {
    mark.strip_prefix(MARK)?.parse().ok()
}

const COLUMNS: &str = "s.no, s.source, s.service, s.kind, s.first, s.last, s.at, s.state, s.standing, s.missing, s.cap, \
     s.unsure, s.unread, s.retired, s.decided_at, s.released_at, s.why, s.who";

/// As the partial index says it.
const OPEN: &str = "s.state IN ('due', 'going', 'held')";

impl Store {
    /// The oldest sweep of a source that can be made: all documents up to its last are judged.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due_sweep(&self, source: &str) -> Result<Option<Sweep>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sweep s WHERE s.source = $1 AND {OPEN} AND s.state <> 'held' AND NOT EXISTS ( \
             SELECT 1 FROM part p WHERE p.source = $1 AND p.state = 'pending' AND p.document <= s.last) \
             ORDER BY s.no LIMIT 1"
        );
        self.one(&sql, vec![source.into()]).await?.as_ref().map(read).transpose()
    }

    /// Sources that have something to sweep.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sources_to_sweep(&self) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT s.source FROM sweep s WHERE {OPEN} AND s.state <> 'held' ORDER BY s.source"
        );
        self.all(&sql, vec![]).await?.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// The newest whole pass of a service.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_sweep(&self, source: &str, service: &str) -> Result<Option<Sweep>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sweep s WHERE s.source = $1 AND s.service = $2 ORDER BY s.no DESC LIMIT 1"
        );
        self.one(&sql, vec![source.into(), service.into()]).await?.as_ref().map(read).transpose()
    }

    /// A sweep by its number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, no: i64) -> Result<Option<Sweep>> {
        let sql = format!("SELECT {COLUMNS} FROM sweep s WHERE s.no = $1");
        self.one(&sql, vec![no.into()]).await?.as_ref().map(read).transpose()
    }

    /// Sweeps that wait for a person, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_sweeps(&self) -> Result<Vec<Sweep>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sweep s WHERE {OPEN} AND s.state = 'held' ORDER BY s.source, s.service"
        );
        self.all(&sql, vec![]).await?.iter().map(read).collect()
    }

    /// The last sweeps, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_sweeps(&self, limit: u32) -> Result<Vec<Sweep>> {
        let sql = format!("SELECT {COLUMNS} FROM sweep s ORDER BY s.no DESC LIMIT $1");
        self.all(&sql, vec![i64::from(limit).into()]).await?.iter().map(read).collect()
    }

    /// Lets a held sweep go: what is missing then is deleted, unless that is more than was shown; then it is held again.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when it is no longer held: a later pass has come to its end.
    pub async fn release_sweep(&self, no: i64, why: &str, who: &str, at: DateTime<Utc>) -> Result<()> {
        let write = self.write("release-sweep").await?;
        let counted = write.numbers(1).await?;
        let sql = "UPDATE sweep SET state = 'due', released_at = $1, why = $2, who = $3, counted = $4 \
             WHERE no = $5 AND state = 'held'";
        let values = vec![ms(at).into(), plain(why).into(), plain(who).into(), counted.into(), no.into()];
        if write.run(sql, values).await? != 1 {
            return Err(StoreError::Moved("清扫"));
        }
        write.commit().await
    }

    /// All parts of a source after a part, judged or not, in landing order, at most 500.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parts_after(&self, source: &str, after: (i64, i64)) -> Result<Vec<Pending>> {
        let sql = "SELECT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind \
             FROM document d JOIN part p ON p.document = d.no WHERE d.source = $1 AND d.no >= $2 \
             AND (p.document, p.part) > ($2, $3) ORDER BY p.document, p.part LIMIT 500";
        let values = vec![source.into(), after.0.into(), after.1.into()];
        self.all(sql, values).await?.iter().map(parts::read).collect()
    }
}

impl Write {
    /// Notes that a pass from the beginning ended whole. What an earlier pass of the service left open is answered by it.
    /// Documents were landed in the same transaction, so the numbers' lock is taken.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_pass(&self, origin: &Origin<'_>, first: i64, last: i64) -> Result<()> {
        let no = self.numbers(1).await?;
        let sql = "UPDATE sweep SET state = 'superseded', decided_at = $1, counted = $2 WHERE source = $3 AND service = $4 \
             AND state IN ('due', 'going', 'held')";
        let of = || [origin.source.into(), origin.service.into()];
        self.run(sql, [vec![ms(origin.at).into(), no.into()], of().to_vec()].concat()).await?;
        let sql = "INSERT INTO sweep (source, service, no, kind, revision, first, last, at, state, counted) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $3)";
        let own = vec![
            no.into(),
            origin.kind.into(),
            origin.revision.into(),
            first.into(),
            last.into(),
            ms(origin.at).into(),
        ];
        self.run(sql, [of().to_vec(), own].concat()).await?;
        Ok(())
    }

    /// Notes how far a sweep is: `retired` more are deleted.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when it is no longer as it was read.
    pub async fn note_sweep(&self, was: &Sweep, to: &Sweep, retired: usize, at: i64) -> Result<()> {
        let counted = self.numbers(1).await?;
        let sql = "UPDATE sweep SET state = $1, standing = $2, missing = $3, cap = $4, unsure = $5, unread = $6, \
             retired = retired + $7, decided_at = $8, counted = $9 WHERE no = $10 AND state = $11";
        let n = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let values = vec![
            to.state.word().into(),
            n(to.count.standing).into(),
            n(to.count.missing).into(),
            i64::from(to.count.cap).into(),
            n(to.count.unsure).into(),
            n(to.count.unread).into(),
            i64::try_from(retired).unwrap_or(i64::MAX).into(),
            at.into(),
            counted.into(),
            was.no.into(),
            was.state.word().into(),
        ];
        if self.run(sql, values).await? == 1 { Ok(()) } else { Err(StoreError::Moved("清扫")) }
    }
}

fn read(row: &QueryResult) -> Result<Sweep> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let count = |index: usize| -> Result<u64> { Ok(u64::try_from(number(index)?).unwrap_or_default()) };
    let maybe = |index: usize| -> Result<Option<DateTime<Utc>>> {
        Ok(row.try_get_by_index::<Option<i64>>(index)?.map(moment))
    };
    Ok(Sweep {
        no: number(0)?,
        source: row.try_get_by_index(1)?,
        service: row.try_get_by_index(2)?,
        kind: row.try_get_by_index(3)?,
        first: number(4)?,
        last: number(5)?,
        at: moment(number(6)?),
        state: State::read(&row.try_get_by_index::<String>(7)?)?,
        count: Count {
            standing: count(8)?,
            missing: count(9)?,
            cap: u8::try_from(number(10)?).unwrap_or_default(),
            unsure: count(11)?,
            unread: count(12)?,
        },
        retired: count(13)?,
        decided_at: maybe(14)?,
        released_at: maybe(15)?,
        why: row.try_get_by_index(16)?,
        who: row.try_get_by_index(17)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_one_word() {
        for (word, state) in State::WORDS {
            assert_eq!((state.word(), State::read(word).unwrap()), (word, state));
            assert_eq!(serde_json::to_value(state).unwrap(), word);
        }
        assert!(State::read("gone").is_err());
    }

    #[test]
    fn a_mark_names_its_sweep() {
        assert_eq!(number_in("sweep:17"), Some(17));
        for other in ["alias:17", "sweep:", "sweep:x", "park"] {
            assert_eq!(number_in(other), None);
        }
    }
}
