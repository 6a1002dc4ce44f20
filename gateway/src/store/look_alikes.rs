//! What of each record is compared with others of its owner and day, how far that got, and the pairs it found.
//! Leaves comparing to `pipeline`, showing pairs to `alike_pairs`.

use sea_orm::{DbBackend, QueryResult, Value};

use super::{
    Result, Store, Write,
    rows::{Bound, join, row},
};

/// What of a record is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The record.
    pub record: i64,
    /// Which register its owner is known by.
    pub owner_scheme: String,
    /// Its owner there.
    pub owner: String,
    /// Its day, `2024-06-06`.
    pub day: String,
    /// Its text in the normal form.
    pub text: String,
}

/// How a pair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairState {
    /// Nobody has looked at it yet.
    Open,
    /// A person says that it is one thing registered twice.
    Same,
    /// A person says that they are two.
    Two,
    /// They are no more alike, or one of them is deleted.
    Gone,
}

impl PairState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Same, Self::Two, Self::Gone];

    /// The word in tables and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Same => "same",
            Self::Two => "two",
            Self::Gone => "gone",
        }
    }

    pub(super) fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.word() == word).unwrap_or(Self::Open)
    }
}

/// Two records that look alike; `a` came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Its number.
    pub no: i64,
    /// The record of the two that came first.
    pub a: i64,
    /// The other.
    pub b: i64,
    /// Per cent of the characters that both have in the same order.
    pub score: u8,
    /// How it stands.
    pub state: PairState,
}

/// How far the log of a kind was compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// By which rule.
    pub rule: String,
    /// The last version compared.
    pub position: i64,
}

/// Which fields of a kind are read.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'f> {
    /// The kind.
    pub kind: &'f str,
    /// Its texts.
    pub text: &'f [String],
    /// Its day.
    pub day: &'f str,
    /// The field and the code that say of a record that it is deleted; none where the kind cannot say so.
    pub gone: Option<(&'f str, &'f str)>,
}

/// A version of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub seq: i64,
    /// Its record.
    pub record: i64,
    /// Whose it is, `(scheme, owner)`.
    pub owner: Option<(String, String)>,
    /// What it says; none where a newer version of the record is in the log.
    pub says: Option<Says>,
}

/// What a version says in the fields that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Says {
    /// The day or moment as stored.
    pub day: Option<String>,
    /// Whether the record is deleted.
    pub is_deleted: bool,
    /// The texts, those that are there.
    pub texts: Vec<String>,
}

/// What a step writes.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// What is compared of its records from now on.
    pub keys: Vec<Key>,
    /// Records that are not compared any more.
    pub out: Vec<i64>,
    /// New pairs.
    pub new: Vec<Pair>,
    /// Pairs whose nearness is another: number, score, and open or gone.
    pub changed: Vec<(i64, u8, PairState)>,
}

row! { GroupRow<'a> { owner_scheme: &'a str, owner: &'a str, day: &'a str } }
row! { RecordRow { record: i64 } }
row! { KeyRow<'a> { record: i64, owner_scheme: &'a str, owner: &'a str, day: &'a str, text: &'a str } }
row! { PairRow { no: i64, a: i64, b: i64, score: i64 } }
row! { ChangedRow { no: i64, score: i64, state: &'static str } }

impl Store {
    /// How far the log of a kind was compared.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_alike_walk(&self, kind: &str) -> Result<Option<Walk>> {
        let sql = "SELECT rule, position FROM look_alike_walk WHERE kind = $1";
        let row = self.one(sql, vec![kind.into()]).await?;
        row.map(|row| Ok(Walk { rule: row.try_get_by_index(0)?, position: row.try_get_by_index(1)? }))
            .transpose()
    }

    /// Whether the log of a kind goes on after a version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn goes_on(&self, kind: &str, position: i64) -> Result<bool> {
        let sql = "SELECT seq FROM version WHERE kind = $1 AND seq > $2 ORDER BY seq LIMIT 1";
        Ok(self.one(sql, vec![kind.into(), position.into()]).await?.is_some())
    }

    /// The next versions of a kind after `position`, at most `limit`, in the order of the log. Only the fields are read:
    /// photos stay in the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logged(&self, fields: &Fields<'_>, position: i64, limit: u32) -> Result<Vec<Logged>> {
        let says: Vec<String> =
            (4..6 + fields.text.len()).map(|param| self.text_of("v.content", param)).collect();
        let sql = format!(
            "SELECT v.seq, v.record, v.owner_scheme, v.owner, CASE WHEN h.head = v.seq THEN 1 ELSE 0 END, {} FROM (SELECT seq, record, owner_scheme, \
             owner, content FROM version WHERE kind = $1 AND seq > $2 ORDER BY seq LIMIT $3) v {} ORDER BY v.seq",
            says.join(", "),
            join(self.backend(), "record", "h", "h.no = v.record")
        );
        let gone = fields.gone.map_or(fields.day, |(field, _)| field);
        let names = [fields.day, gone].into_iter().chain(fields.text.iter().map(String::as_str));
        let before: [Value; 3] = [fields.kind.into(), position.into(), i64::from(limit).into()];
        let values = before.into_iter().chain(names.map(Value::from)).collect();
        let rows = self.all(&sql, values).await?;
        rows.iter().map(|row| logged(row, fields)).collect()
    }

    /// A field of stored content whose name is a parameter.
    pub(super) fn text_of(&self, content: &str, param: usize) -> String {
        match self.backend() {
            DbBackend::Postgres => format!("({content}::json ->> ${param}::text)"),
            _ => format!("({content} ->> ${param})"),
        }
    }

    /// What is compared of the newest records, at most `most` of each, of the owners and days that `keys` name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_of_days<'k>(
        &self,
        kind: &str,
        keys: impl Iterator<Item = &'k Key>,
        most: usize,
    ) -> Result<Vec<Key>> {
        let row = |key: &'k Key| (key.owner_scheme.as_str(), key.owner.as_str(), key.day.as_str());
        let days: std::collections::BTreeSet<_> = keys.map(row).collect();
        let rows: Vec<GroupRow<'_>> = days
            .into_iter()
            .map(|(owner_scheme, owner, day)| GroupRow { owner_scheme, owner, day })
            .collect();
        let bound = Bound::new(self.backend(), 3, &rows)?;
        let newest = newest(self.backend());
        let sql =
            format!("SELECT k.record, k.owner_scheme, k.owner, k.day, k.text FROM {} {newest}", bound.from);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.all(&sql, bound.after([kind.into(), most.into()])).await?;
        rows.iter().map(key).collect()
    }

    /// What is compared of these records.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_of(&self, records: &[i64]) -> Result<Vec<Key>> {
        let bound = Bound::new(self.backend(), 1, &numbers(records))?;
        let sql = format!(
            "SELECT k.record, k.owner_scheme, k.owner, k.day, k.text FROM {} {}",
            bound.from,
            join(self.backend(), "look_alike_key", "k", "k.record = r.record")
        );
        self.all(&sql, bound.after([])).await?.iter().map(key).collect()
    }

    /// All pairs that one of these records is in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pairs_of(&self, records: &[i64]) -> Result<Vec<Pair>> {
        let bound = Bound::new(self.backend(), 1, &numbers(records))?;
        let side = |side: &str| {
            let found = join(self.backend(), "look_alike", "p", &format!("p.{side} = r.record"));
            format!("SELECT p.no, p.a, p.b, p.score, p.state FROM {} {found}", bound.from)
        };
        let sql = format!("{} UNION {}", side("a"), side("b"));
        self.all(&sql, bound.after([])).await?.iter().map(pair).collect()
    }

    /// The number after the last pair's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_pair(&self) -> Result<i64> {
        let row = self.one("SELECT COALESCE(MAX(no), 0) + 1 FROM look_alike", vec![]).await?;
        row.map_or(Ok(1), |row| Ok(row.try_get_by_index(0)?))
    }
}

impl Write {
    /// Writes what a step found out of a kind, and how far it came. The lease is fenced before: pairs are numbered by who
    /// has it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look_alikes(&self, kind: &str, turn: &Turn, walk: &Walk, at: i64) -> Result<()> {
        self.put_keys(kind, turn).await?;
        if !turn.new.is_empty() {
            let row = |pair: &Pair| PairRow { no: pair.no, a: pair.a, b: pair.b, score: pair.score.into() };
            let bound = Bound::new(self.backend(), 3, &turn.new.iter().map(row).collect::<Vec<_>>())?;
            let sql = format!(
                "INSERT INTO look_alike (no, kind, a, b, score, found_at, state) \
                 SELECT r.no, $1, r.a, r.b, r.score, $2, 'open' FROM {}",
                bound.from
            );
            self.run(&sql, bound.after([kind.into(), at.into()])).await?;
        }
        if !turn.changed.is_empty() {
            let row = |(no, score, state): &(i64, u8, PairState)| ChangedRow {
                no: *no,
                score: (*score).into(),
                state: state.word(),
            };
            let bound = Bound::new(self.backend(), 1, &turn.changed.iter().map(row).collect::<Vec<_>>())?;
            // a person may have settled it meanwhile
            let still = "t.state IN ('open', 'gone')";
            let sql = bound.update("look_alike", "score = r.score, state = r.state", "t.no = r.no", still);
            self.run(&sql, bound.after([])).await?;
        }
        let sql = "INSERT INTO look_alike_walk (kind, rule, position) VALUES ($1, $2, $3) ON CONFLICT (kind) DO UPDATE SET \
             rule = excluded.rule, position = excluded.position";
        self.run(sql, vec![kind.into(), walk.rule.as_str().into(), walk.position.into()]).await?;
        Ok(())
    }

    async fn put_keys(&self, kind: &str, turn: &Turn) -> Result<()> {
        if !turn.out.is_empty() {
            let bound = Bound::new(self.backend(), 1, &numbers(&turn.out))?;
            let sql =
                format!("DELETE FROM look_alike_key WHERE record IN (SELECT r.record FROM {})", bound.from);
            self.run(&sql, bound.after([])).await?;
        }
        if turn.keys.is_empty() {
            return Ok(());
        }
        let rows: Vec<KeyRow<'_>> = turn.keys.iter().map(key_row).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO look_alike_key (record, kind, owner_scheme, owner, day, text) \
             SELECT r.record, $1, r.owner_scheme, r.owner, r.day, r.text FROM {} WHERE true ON CONFLICT (record) DO UPDATE SET \
             owner_scheme = excluded.owner_scheme, owner = excluded.owner, day = excluded.day, text = excluded.text",
            bound.from
        );
        self.run(&sql, bound.after([kind.into()])).await?;
        Ok(())
    }
}

/// The newest `$2` keys of each owner and day, however many there are of it.
fn newest(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "CROSS JOIN LATERAL (SELECT * FROM look_alike_key k WHERE k.kind = $1 AND k.owner_scheme = r.owner_scheme \
         AND k.owner = r.owner AND k.day = r.day ORDER BY k.record DESC LIMIT $2) k"
    } else {
        "CROSS JOIN look_alike_key k ON k.record IN (SELECT x.record FROM look_alike_key x INDEXED BY look_alike_key_by_day WHERE x.kind = $1 \
         AND x.owner_scheme = r.owner_scheme AND x.owner = r.owner AND x.day = r.day ORDER BY x.record DESC LIMIT $2)"
    }
}

fn numbers(records: &[i64]) -> Vec<RecordRow> {
    records.iter().map(|record| RecordRow { record: *record }).collect()
}

fn key_row(key: &Key) -> KeyRow<'_> {
    let Key { record, owner_scheme, owner, day, text } = key;
    KeyRow { record: *record, owner_scheme, owner, day, text }
}

fn logged(row: &QueryResult, fields: &Fields<'_>) -> Result<Logged> {
    let (scheme, owner): (Option<String>, Option<String>) =
        (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let text = |index: usize| -> Result<Option<String>> { Ok(row.try_get_by_index(index)?) };
    let is_head: i32 = row.try_get_by_index(4)?;
    let says = if is_head == 1 {
        let texts: Result<Vec<Option<String>>> = (7..7 + fields.text.len()).map(text).collect();
        let says = text(6)?;
        let is_deleted = fields.gone.is_some_and(|(_, code)| says.as_deref() == Some(code));
        Some(Says { day: text(5)?, is_deleted, texts: texts?.into_iter().flatten().collect() })
    } else {
        None
    };
    let (seq, record) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Logged { seq, record, owner: scheme.zip(owner), says })
}

fn key(row: &QueryResult) -> Result<Key> {
    Ok(Key {
        record: row.try_get_by_index(0)?,
        owner_scheme: row.try_get_by_index(1)?,
        owner: row.try_get_by_index(2)?,
        day: row.try_get_by_index(3)?,
        text: row.try_get_by_index(4)?,
    })
}

fn pair(row: &QueryResult) -> Result<Pair> {
    let (score, state): (i64, String) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    Ok(Pair {
        no: row.try_get_by_index(0)?,
        a: row.try_get_by_index(1)?,
        b: row.try_get_by_index(2)?,
        score: u8::try_from(score).unwrap_or_default(),
        state: PairState::read(&state),
    })
}
