//! One record's rows, for explaining where each value came from and where it went.

use chrono::{DateTime, Utc};
use mappings::{Issue, Key};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult};

use super::{
    Result, Store, StoreError,
    contributions::Heard,
    deep::Lost,
    entity::{attempt, batch_member, delivery, destination_kind, issue, record, version},
    moment, retire,
};

/// One accepted state as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its sequence number.
    pub seq: i64,
    /// Its document.
    pub document: i64,
    /// Its place in the document.
    pub place: u32,
    /// First byte in the document.
    pub from: u64,
    /// Bytes.
    pub length: u32,
    /// The revision that made it.
    pub revision: i64,
    /// Its content as JSON.
    pub content: String,
    /// Digest of its content, hex.
    pub content_digest: String,
    /// By what the hub deleted the record, where it is such a version: `sweep:17`.
    pub mark: Option<String>,
    /// What it was merged from, where more than one source speaks of its key.
    pub heard: Vec<Heard>,
}

/// What became of one version at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The destination.
    pub destination: String,
    /// `due`, `waiting`, `sent`, `confirmed`, `refused`, `abandoned`, `superseded`, `excluded`.
    pub state: String,
    /// The batch it last went in.
    pub batch: Option<String>,
    /// The receiver's words, or why it waits.
    pub answer: Option<String>,
}

/// A record without a version: held, rejected or stale, with its issues as they were noted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unversioned {
    /// Its document.
    pub document: i64,
    /// Its place in the document.
    pub place: u32,
    /// The verdict then.
    pub verdict: String,
    /// What became of a held one since: `held`, `accepted`, `unchanged`, `rejected`.
    pub state: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// All that was wrong.
    pub issues: Vec<Issue>,
}

impl Store {
    /// Keys of a kind that have one of these ids, with their record numbers, where they have one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        kind: &str,
        id_space: Option<&str>,
        ids: &[String],
    ) -> Result<Vec<(Key, Option<i64>)>> {
        let spaces = match id_space {
            Some(space) => vec![space.to_owned()],
            None => self.id_spaces(kind).await?,
        };
        let wanted = record::Entity::find()
            .filter(record::Column::Kind.eq(kind))
            .filter(record::Column::IdSpace.is_in(spaces))
            .filter(record::Column::Id.is_in(ids));
        let rows = wanted.order_by_asc(record::Column::IdSpace).all(&self.connection).await?;
        let mut found: Vec<(Key, Option<i64>)> = rows
            .into_iter()
            .map(|row| (Key { kind: row.kind, id_space: row.id_space, id: row.id }, Some(row.no)))
            .collect();
        let noted =
            issue::Entity::find().filter(issue::Column::Kind.eq(kind)).filter(issue::Column::Id.is_in(ids));
        for row in noted.all(&self.connection).await? {
            let key = Key { kind: row.kind, id_space: row.id_space, id: row.id };
            if id_space.is_none_or(|space| space == key.id_space)
                && !found.iter().any(|(known, _)| known == &key)
            {
                found.push((key, None));
            }
        }
        Ok(found)
    }

    /// The id spaces of a kind, each found by one look into the index of keys.
    async fn id_spaces(&self, kind: &str) -> Result<Vec<String>> {
        let mut spaces: Vec<String> = Vec::new();
        loop {
            let (after, values) = match spaces.last() {
                None => ("", vec![kind.into()]),
                Some(last) => (" AND id_space > $2", vec![kind.into(), last.as_str().into()]),
            };
            let sql = format!("SELECT MIN(id_space) FROM record WHERE kind = $1{after}");
            let row = self.one(&sql, values).await?;
            let next: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
            let Some(next) = next else { return Ok(spaces) };
            spaces.push(next);
        }
    }

    /// All versions of a record, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn versions(&self, record: i64) -> Result<Vec<Stored>> {
        let rows = version::Entity::find()
            .filter(version::Column::Record.eq(record))
            .order_by_asc(version::Column::Seq);
        Ok(rows.all(&self.connection).await?.into_iter().map(stored).collect())
    }

    /// What age took of a record's versions, in words, if anything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dropped_versions(&self, record: i64) -> Result<Option<String>> {
        let sql = "SELECT v.versions, v.first, v.last, d.at, d.days FROM dropped_version v \
             JOIN retention_drop d ON d.no = v.dropped WHERE v.record = $1";
        let Some(row) = self.one(sql, vec![record.into()]).await? else { return Ok(None) };
        let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
        let what = format!("更早的 {} 个版本（序号 {} 至 {}）", number(0)?, number(1)?, number(2)?);
        Ok(Some(StoreError::Dropped { what, at: moment(number(3)?), days: number(4)? }.to_string()))
    }

    /// The version a record stands at, by its own row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn head(&self, record: i64) -> Result<Option<i64>> {
        let row = record::Entity::find_by_id(record).one(&self.connection).await?;
        Ok(row.map(|row| row.head))
    }

    /// What was noted about the record at a place when `revision` accepted it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notes(&self, document: i64, place: u32, revision: i64) -> Result<Vec<Issue>> {
        let row = issue::Entity::find()
            .filter(issue::Column::Document.eq(document))
            .filter(issue::Column::Place.eq(i64::from(place)))
            .filter(issue::Column::Revision.eq(revision))
            .filter(issue::Column::Verdict.eq("accepted"))
            .order_by_desc(issue::Column::No)
            .one(&self.connection)
            .await?;
        row.map_or_else(|| Ok(Vec::new()), |row| parse(&row.issues))
    }

    /// Records of a key that made no version when they were judged, each with its newest issues, newest first, at
    /// most 50.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unversioned(&self, key: &Key) -> Result<Vec<Unversioned>> {
        let sql = "SELECT i.document, i.place, i.verdict, h.state, i.at, i.issues FROM issue i \
             LEFT JOIN held h ON h.document = i.document AND h.place = i.place \
             WHERE i.kind = $1 AND i.id_space = $2 AND i.id = $3 AND i.verdict <> 'accepted' AND NOT EXISTS ( \
             SELECT 1 FROM issue n WHERE n.document = i.document AND n.place = i.place AND n.verdict <> 'accepted' \
             AND n.no > i.no) ORDER BY i.no DESC LIMIT 50";
        let values = vec![key.kind.as_str().into(), key.id_space.as_str().into(), key.id.as_str().into()];
        self.all(sql, values).await?.iter().map(unversioned).collect()
    }

    /// Why the last that did not arrive at a destination did not, in words, while it is still to go again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_trouble(&self, destination: &str) -> Result<Option<String>> {
        let sql = "SELECT what FROM (SELECT a.what AS what, a.at AS at FROM attempt a JOIN batch b ON b.id = a.batch \
             WHERE b.destination = $1 AND b.state <> 'settled' AND a.what <> '' \
             UNION ALL SELECT d.reason AS what, d.changed_at AS at FROM delivery d \
             WHERE d.destination = $1 AND d.state = 'due' AND d.not_before IS NOT NULL AND d.reason IS NOT NULL) x \
             ORDER BY at DESC LIMIT 1";
        let row = self.one(sql, vec![destination.into()]).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }

    /// What became of a version of `record` at every destination.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliveries(&self, kind: &str, record: i64, seq: i64) -> Result<Vec<Delivered>> {
        let version = version::Entity::find_by_id(seq).one(&self.connection).await?;
        let test = version.as_ref().is_some_and(|row| row.test != 0);
        let scheme = version.and_then(|row| row.owner_scheme).unwrap_or_default();
        let spans = destination_kind::Entity::find().all(&self.connection).await?;
        let mut names: Vec<String> = spans.iter().map(|span| span.destination.clone()).collect();
        names.sort();
        names.dedup();
        let mut delivered = Vec::new();
        for destination in names {
            let covers = |span: &destination_kind::Model| {
                span.destination == destination
                    && span.kind == kind
                    && seq > span.from_seq
                    && (!test || span.takes_test != 0)
                    && (span.owner_scheme.is_empty() || span.owner_scheme == scheme)
                    && span.until_seq.is_none_or(|until| seq <= until)
            };
            if spans.iter().any(covers) {
                delivered.push(self.delivered(destination, record, seq).await?);
            } else {
                delivered.push(Delivered {
                    destination,
                    state: "excluded".into(),
                    batch: None,
                    answer: None,
                });
            }
        }
        Ok(delivered)
    }

    async fn delivered(&self, destination: String, record: i64, seq: i64) -> Result<Delivered> {
        let row = delivery::Entity::find_by_id((destination.clone(), record)).one(&self.connection).await?;
        let member = self.last_member(&destination, seq).await?;
        let answer = match &member {
            Some(member) => self.last_answer(member).await?,
            None => None,
        };
        let batch = member.as_ref().map(|member| member.batch.clone());
        let current = row.as_ref().filter(|row| row.version == seq);
        let (state, why) = match (current, &row, &member) {
            (Some(row), _, _) => (row.state.clone(), row.reason.clone().or_else(|| row.waits_for.clone())),
            (None, Some(row), _) if row.next_version == Some(seq) => ("due".to_owned(), None),
            (None, Some(row), _) if row.version < seq => ("due".to_owned(), None),
            (None, None, _) => ("due".to_owned(), None),
            // members of a batch that was settled without a word about one of them are confirmed
            (None, Some(_), Some(member)) if member.outcome.as_deref() != Some("again") => {
                (member.outcome.clone().unwrap_or_else(|| "confirmed".into()), member.reason.clone())
            }
            (None, Some(_), _) => ("superseded".to_owned(), None),
        };
        Ok(Delivered { destination, state, batch, answer: why.or(answer) })
    }

    async fn last_member(&self, destination: &str, seq: i64) -> Result<Option<batch_member::Model>> {
        let rows = batch_member::Entity::find()
            .filter(batch_member::Column::Version.eq(seq))
            .all(&self.connection)
            .await?;
        let prefix = format!("{destination}-");
        let number =
            |row: &batch_member::Model| row.batch.strip_prefix(&prefix).and_then(|no| no.parse::<i64>().ok());
        Ok(rows.into_iter().filter(|row| number(row).is_some()).max_by_key(number))
    }

    async fn last_answer(&self, member: &batch_member::Model) -> Result<Option<String>> {
        let row = attempt::Entity::find()
            .filter(attempt::Column::Batch.eq(&member.batch))
            .order_by_desc(attempt::Column::N)
            .one(&self.connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(digest) = row.answer else { return Ok(Some(row.what)) };
        let words = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).chars().take(ANSWER).collect();
        Ok(Some(self.original(&digest).await?.map_or_else(Lost::why, words)))
    }
}

/// Characters of an answer shown.
const ANSWER: usize = 2_000;

fn stored(row: version::Model) -> Stored {
    Stored {
        mark: retire::mark_of(&row.inputs),
        seq: row.seq,
        document: row.document,
        place: u32::try_from(row.place).unwrap_or_default(),
        from: u64::try_from(row.byte_from).unwrap_or_default(),
        length: u32::try_from(row.byte_length).unwrap_or_default(),
        revision: row.revision,
        content: row.content,
        content_digest: row.content_digest,
        heard: heard_in(&row.inputs),
    }
}

/// The contributions among a version's inputs; of one source alone, names are all that is listed. A mark may stand beside.
pub(super) fn heard_in(inputs: &str) -> Vec<Heard> {
    let inputs: Vec<serde_json::Value> = serde_json::from_str(inputs).unwrap_or_default();
    inputs.into_iter().filter_map(|input| serde_json::from_value(input).ok()).collect()
}

fn unversioned(row: &QueryResult) -> Result<Unversioned> {
    let issues: String = row.try_get_by_index(5)?;
    Ok(Unversioned {
        document: row.try_get_by_index(0)?,
        place: u32::try_from(row.try_get_by_index::<i64>(1)?).unwrap_or_default(),
        verdict: row.try_get_by_index(2)?,
        state: row.try_get_by_index(3)?,
        at: moment(row.try_get_by_index(4)?),
        issues: parse(&issues)?,
    })
}

fn parse(json: &str) -> Result<Vec<Issue>> {
    serde_json::from_str(json).map_err(|error| StoreError::Corrupt(format!("问题清单：{error}")))
}
