//! Fields of accepted records that a person gave back to their sender, and whether the sender has answered. Nothing of a
//! record, its versions or its verdict is touched. Leaves what may be given back to the command.

use chrono::{DateTime, Utc};
use mappings::{Issue, Key};
use sea_orm::{QueryResult, Value};
use serde::Serialize;

use super::{Result, Store, StoreError, moment, ms, rows::plain};

/// A field to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return<'a> {
    /// The record's number.
    pub record: i64,
    /// The version it is said of.
    pub version: i64,
    /// Who made that version, and from which list.
    pub sender: (&'a str, &'a str),
    /// Where its bytes lie: document and place.
    pub place: (i64, u32),
    /// What the sender is told.
    pub issue: Issue,
    /// Why.
    pub why: &'a str,
    /// Who.
    pub who: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    /// The sender has not said anything newer.
    Open,
    /// A newer state of the record came from the sender.
    Answered,
    /// The hub deleted the record: nobody sends it any more.
    Gone,
    /// Who gave it back took it back.
    Undone,
}

/// A field that was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Its number.
    pub no: i64,
    /// Whose field.
    pub key: Key,
    /// The record's number.
    pub record: i64,
    /// The version it was said of.
    pub version: i64,
    /// The revision of that.
    pub revision: i64,
    /// Who is to mend it.
    pub source: String,
    /// By which list.
    pub service: String,
    /// Where the version's bytes lie.
    pub place: (i64, u32),
    /// When they were received.
    pub received_at: DateTime<Utc>,
    /// What the sender is told.
    pub issue: Issue,
    /// Why, who and when.
    pub word: (String, String, DateTime<Utc>),
    /// Why, who and when it was taken back.
    pub undone: Option<(String, String, DateTime<Utc>)>,
    /// How it stands.
    pub state: ReturnState,
}

impl ReturnState {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Gone => "gone",
            Self::Undone => "undone",
        }
    }

    fn read(word: &str) -> Self {
        [Self::Answered, Self::Gone, Self::Undone]
            .into_iter()
            .find(|state| state.word() == word)
            .unwrap_or(Self::Open)
    }
}

/// A version that the hub made itself answers nothing: its sender has not spoken. Nor is a record answered that came to say
/// the same again as when it was given back.
const STATE: &str = "CASE WHEN r.undone_at IS NOT NULL THEN 'undone' WHEN EXISTS (SELECT 1 FROM version n JOIN document d \
     ON d.no = n.document WHERE n.record = r.record AND n.seq > r.version AND n.again = 0 AND d.source = r.source) \
     AND NOT EXISTS (SELECT 1 FROM version s JOIN version w ON w.seq = h.head WHERE s.seq = r.version AND s.seq <> w.seq \
     AND s.content_digest = w.content_digest) THEN 'answered' \
     WHEN h.source_digest LIKE '%:%' THEN 'gone' ELSE 'open' END";

impl Store {
    /// Everything that was given back, oldest first: to a source, of a record; 0 and the empty name are all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn returned(&self, source: &str, record: i64) -> Result<Vec<Returned>> {
        let sql = format!(
            "SELECT r.no, h.kind, h.id_space, h.id, r.record, r.version, COALESCE(v.revision, 0), r.source, r.service, r.document, \
             r.place, r.issue, r.why, r.who, r.at, r.undone_why, r.undone_who, r.undone_at, {STATE}, COALESCE(o.received_at, r.at) FROM returned r \
             JOIN record h ON h.no = r.record LEFT JOIN version v ON v.seq = r.version LEFT JOIN document o ON o.no = r.document \
             WHERE ($1 = '' OR r.source = $1) AND ($2 = 0 OR r.record = $2) ORDER BY r.no"
        );
        self.all(&sql, vec![source.into(), record.into()]).await?.iter().map(returned).collect()
    }

    /// Gives a field back; the number of that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn return_to_sender(&self, own: &Return<'_>) -> Result<i64> {
        let write = self.write("return").await?;
        let no = write.numbers(1).await?;
        let issue =
            serde_json::to_string(&own.issue).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let values: Vec<Value> = vec![
            no.into(),
            own.record.into(),
            own.version.into(),
            own.sender.0.into(),
            own.sender.1.into(),
            own.place.0.into(),
            i64::from(own.place.1).into(),
            own.issue.field.as_str().into(),
            plain(&issue).into(),
            plain(own.why).into(),
            plain(own.who).into(),
            ms(own.at).into(),
        ];
        let sql = "INSERT INTO returned (no, record, version, source, service, document, place, field, issue, why, who, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        write.run(sql, values).await?;
        write.commit().await?;
        Ok(no)
    }

    /// Takes a return back.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when there is none of this number that was not taken back.
    pub async fn undo_return(&self, no: i64, why: &str, who: &str, at: DateTime<Utc>) -> Result<()> {
        let write = self.write("return-undo").await?;
        let sql = "UPDATE returned SET undone_why = $2, undone_who = $3, undone_at = $4 WHERE no = $1 AND undone_at IS NULL";
        if write.run(sql, vec![no.into(), plain(why).into(), plain(who).into(), ms(at).into()]).await? != 1 {
            return Err(StoreError::Moved("退回的字段"));
        }
        write.commit().await
    }
}

fn returned(row: &QueryResult) -> Result<Returned> {
    let text = |index: usize| -> Result<String> { Ok(row.try_get_by_index(index)?) };
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let undone: Option<i64> = row.try_get_by_index(17)?;
    let said = |index: usize| -> Result<String> {
        Ok(row.try_get_by_index::<Option<String>>(index)?.unwrap_or_default())
    };
    Ok(Returned {
        no: number(0)?,
        key: Key { kind: text(1)?, id_space: text(2)?, id: text(3)? },
        record: number(4)?,
        version: number(5)?,
        revision: number(6)?,
        source: text(7)?,
        service: text(8)?,
        place: (number(9)?, u32::try_from(number(10)?).unwrap_or_default()),
        received_at: moment(number(19)?),
        issue: serde_json::from_str(&text(11)?).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        word: (text(12)?, text(13)?, moment(number(14)?)),
        undone: undone.map(|at| Ok::<_, StoreError>((said(15)?, said(16)?, moment(at)))).transpose()?,
        state: ReturnState::read(&text(18)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for state in [ReturnState::Open, ReturnState::Answered, ReturnState::Gone, ReturnState::Undone] {
            assert_eq!(ReturnState::read(state.word()), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.word(), "the same word for programs");
            assert!(state == ReturnState::Open || STATE.contains(&format!("'{}'", state.word())));
        }
    }
}
