//! Pairs of look-alikes as people see them: both records with what they say and where they are, and what was decided.
//! Leaves finding pairs to `look_alikes`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};

use super::{
    Result, Store, StoreError,
    look_alikes::{Fields, PairState},
    moment, ms,
    rows::{Bound, join, plain, row},
};

/// A pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagged {
    /// Its number.
    pub no: i64,
    /// How it stands.
    pub state: PairState,
    /// Per cent of the characters that both have in the same order.
    pub score: u8,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// What a person decided.
    pub settled: Option<Settled>,
    /// The one that came first, and the other.
    pub sides: [Side; 2],
}

/// A person's word on a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Why.
    pub why: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// One record of a pair as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its number.
    pub record: i64,
    /// Its key, `id_space/id`.
    pub key: String,
    /// Whose it is.
    pub source: String,
    /// When it came first; none when that version was dropped by age.
    pub came: Option<DateTime<Utc>>,
    /// Its owner, `scheme owner`.
    pub owner: String,
    /// The day or moment it names, as stored.
    pub day: String,
    /// What it says in the fields compared, in their order; empty where it says nothing.
    pub texts: Vec<String>,
    /// Where it was to go, and how it stands there.
    pub destinations: Vec<(String, String)>,
}

/// Which pairs are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'w> {
    /// Of which source one of the two is; none: of all.
    pub source: Option<&'w str>,
    /// Settled ones and those that are gone, too.
    pub all: bool,
    /// This one only.
    pub no: Option<i64>,
}

row! { RecordRow { record: i64 } }

impl Store {
    /// The pairs of a kind, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flagged(&self, fields: &Fields<'_>, which: &Which<'_>, limit: u32) -> Result<Vec<Flagged>> {
        let sql = self.flagged_sql(fields.text.len());
        let names = [fields.day].into_iter().chain(fields.text.iter().map(String::as_str));
        let before: [Value; 5] = [
            fields.kind.into(),
            which.source.unwrap_or_default().into(),
            i64::from(which.all || which.no.is_some()).into(),
            which.no.unwrap_or_default().into(),
            i64::from(limit).into(),
        ];
        let rows = self.all(&sql, before.into_iter().chain(names.map(Value::from)).collect()).await?;
        let mut found =
            rows.iter().map(|row| flagged(row, fields.text.len())).collect::<Result<Vec<Flagged>>>()?;
        let records: Vec<i64> =
            found.iter().flat_map(|pair| pair.sides.iter().map(|side| side.record)).collect();
        let mut states = self.states_of(&records).await?;
        for side in found.iter_mut().flat_map(|pair| &mut pair.sides) {
            side.destinations = states.get_mut(&side.record).cloned().unwrap_or_default();
        }
        Ok(found)
    }

    fn flagged_sql(&self, texts: usize) -> String {
        let side = |n: &str| {
            let says: Vec<String> =
                (6..7 + texts).map(|param| self.text_of(&format!("v{n}.content"), param)).collect();
            format!(
                "{n}.no, {n}.id_space || '/' || {n}.id, {n}.source, f{n}.at, v{n}.owner_scheme, v{n}.owner, {}",
                says.join(", ")
            )
        };
        let sources = |n: &str| {
            format!(
                "JOIN record {n} ON {n}.no = p.{n} JOIN version v{n} ON v{n}.seq = {n}.head LEFT JOIN version f{n} ON f{n}.seq = {n}.no"
            )
        };
        format!(
            "SELECT p.no, p.state, p.score, p.found_at, p.why, p.who, p.at, {}, {} FROM (SELECT * FROM look_alike l \
             WHERE l.kind = $1 AND ($3 = 1 OR l.state = 'open') AND ($4 = 0 OR l.no = $4)) p {} {} \
             WHERE $2 = '' OR a.source = $2 OR b.source = $2 ORDER BY p.no LIMIT $5",
            side("a"),
            side("b"),
            sources("a"),
            sources("b")
        )
    }

    /// How records stand at every destination that was to have them.
    async fn states_of(&self, records: &[i64]) -> Result<HashMap<i64, Vec<(String, String)>>> {
        let rows: Vec<RecordRow> = records.iter().map(|record| RecordRow { record: *record }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "SELECT DISTINCT y.record, y.destination, y.state FROM {} CROSS JOIN destination d {} ORDER BY 1, 2",
            bound.from,
            join(self.backend(), "delivery", "y", "y.destination = d.name AND y.record = r.record")
        );
        let mut states: HashMap<i64, Vec<(String, String)>> = HashMap::new();
        for row in self.all(&sql, bound.after([])).await? {
            let at = states.entry(row.try_get_by_index(0)?).or_default();
            at.push((row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
        Ok(states)
    }

    /// Of which kind a pair is; none: there is no such pair.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kind_of_pair(&self, no: i64) -> Result<Option<String>> {
        let row = self.one("SELECT kind FROM look_alike WHERE no = $1", vec![no.into()]).await?;
        row.map(|row| Ok(row.try_get_by_index(0)?)).transpose()
    }

    /// Pairs that nobody has looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_pairs(&self) -> Result<i64> {
        let row = self.one("SELECT COUNT(*) FROM look_alike WHERE state = 'open'", vec![]).await?;
        row.map_or(Ok(0), |row| Ok(row.try_get_by_index(0)?))
    }

    /// Writes a person's word on a pair over what was said of it before.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when there is no such pair.
    pub async fn settle_pair(&self, no: i64, state: PairState, said: &Settled) -> Result<()> {
        let write = self.write("look-alike-settle").await?;
        let sql = "UPDATE look_alike SET state = $2, why = $3, who = $4, at = $5 WHERE no = $1";
        let Settled { why, who, at } = said;
        let values =
            vec![no.into(), state.word().into(), plain(why).into(), plain(who).into(), ms(*at).into()];
        if write.run(sql, values).await? != 1 {
            return Err(StoreError::Moved("相似的记录"));
        }
        write.commit().await
    }
}

fn flagged(row: &QueryResult, texts: usize) -> Result<Flagged> {
    let (state, score): (String, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let (why, who): (Option<String>, Option<String>) = (row.try_get_by_index(4)?, row.try_get_by_index(5)?);
    let at: Option<i64> = row.try_get_by_index(6)?;
    let settled =
        at.map(|at| Settled { why: why.unwrap_or_default(), who: who.unwrap_or_default(), at: moment(at) });
    Ok(Flagged {
        no: row.try_get_by_index(0)?,
        state: PairState::read(&state),
        score: u8::try_from(score).unwrap_or_default(),
        found_at: moment(row.try_get_by_index(3)?),
        settled,
        sides: [side(row, 7, texts)?, side(row, 14 + texts, texts)?],
    })
}

fn side(row: &QueryResult, from: usize, texts: usize) -> Result<Side> {
    let text = |index: usize| -> Result<String> {
        Ok(row.try_get_by_index::<Option<String>>(from + index)?.unwrap_or_default())
    };
    let owner = format!("{} {}", text(4)?, text(5)?);
    Ok(Side {
        record: row.try_get_by_index(from)?,
        key: text(1)?,
        source: text(2)?,
        came: row.try_get_by_index::<Option<i64>>(from + 3)?.map(moment),
        owner: owner.trim().to_owned(),
        day: text(6)?,
        texts: (7..7 + texts).map(text).collect::<Result<Vec<String>>>()?,
        destinations: Vec::new(),
    })
}
