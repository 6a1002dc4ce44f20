//! Documents that a person brought as a file, and which of their records mend what earlier ones. Leaves what that means to
//! `pipeline::take` and `pipeline::rejections`.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;

use super::{
    Result, Store, Write, moment, ms,
    rows::{self, Bound, join, row},
};

/// Where a record lies: document and place.
pub type At = (i64, u32);

/// A file as a person brought it.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// Its source.
    pub source: &'a str,
    /// Its list.
    pub service: &'a str,
    /// Its name, without a path.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Why.
    pub why: &'a str,
    /// Who.
    pub who: &'a str,
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFile {
    /// Its document.
    pub document: i64,
    /// Its source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// SHA-256 of its bytes, hex.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// Why it was taken.
    pub why: String,
    /// Who took it.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A record that mends another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The mending one.
    pub by: At,
    /// The mended one.
    pub of: At,
    /// Digest of the mended one's bytes (hex); empty: age has taken them.
    pub digest: String,
}

row! { CorrectionRow<'a> { document: i64, place: i64, of_document: i64, of_place: i64, of_digest: &'a str } }

row! { PlaceRow { document: i64, place: i64 } }

/// Rows written or read with one statement.
const CHUNK: usize = 2_000;

const FILES: &str = "SELECT document, source, service, digest, name, why, who, at FROM taken_file";

impl Write {
    /// Keeps a file's bytes, and that a document was made of it; whether these bytes are new for this list.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_taken(&self, document: i64, brought: &Brought<'_>, at: DateTime<Utc>) -> Result<bool> {
        let no = self.numbers(1).await?;
        let digest = self.put_blob(no, brought.bytes, at).await?;
        let sql = "INSERT INTO taken_file (document, source, service, digest, name, why, who, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (source, service, digest) DO NOTHING";
        let values = vec![
            document.into(),
            brought.source.into(),
            brought.service.into(),
            digest.into(),
            rows::plain(brought.name).into(),
            rows::plain(brought.why).into(),
            rows::plain(brought.who).into(),
            ms(at).into(),
        ];
        Ok(self.run(sql, values).await? == 1)
    }

    /// Notes what records mend.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_corrections(&self, corrections: &[Correction]) -> Result<()> {
        for chunk in corrections.chunks(CHUNK) {
            let rows: Vec<CorrectionRow<'_>> = chunk.iter().map(CorrectionRow::of).collect();
            let bound = Bound::new(self.backend(), 1, &rows)?;
            let sql = format!(
                "INSERT INTO correction (document, place, of_document, of_place, of_digest) \
                 SELECT r.document, r.place, r.of_document, r.of_place, r.of_digest FROM {} WHERE true",
                bound.from
            );
            self.run(&sql, bound.after([])).await?;
        }
        Ok(())
    }
}

impl<'a> CorrectionRow<'a> {
    fn of(correction: &'a Correction) -> Self {
        Self {
            document: correction.by.0,
            place: correction.by.1.into(),
            of_document: correction.of.0,
            of_place: correction.of.1.into(),
            of_digest: &correction.digest,
        }
    }
}

impl Store {
    /// The file that a document was made of, if it was made of one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_file(&self, document: i64) -> Result<Option<TakenFile>> {
        let row = self.one(&format!("{FILES} WHERE document = $1"), vec![document.into()]).await?;
        row.as_ref().map(taken_file).transpose()
    }

    /// When the same bytes were taken for a list before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_before(&self, source: &str, service: &str, digest: &str) -> Result<Option<TakenFile>> {
        let sql = format!("{FILES} WHERE source = $1 AND service = $2 AND digest = $3");
        let row = self.one(&sql, vec![source.into(), service.into(), digest.into()]).await?;
        row.as_ref().map(taken_file).transpose()
    }

    /// Every file that was taken, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_files(&self) -> Result<Vec<TakenFile>> {
        self.all(&format!("{FILES} ORDER BY document"), vec![]).await?.iter().map(taken_file).collect()
    }

    /// What mends records of a source, of documents that are judged.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn judged_corrections(&self, source: &str) -> Result<Vec<Correction>> {
        let sql = "SELECT c.document, c.place, c.of_document, c.of_place, c.of_digest FROM taken_file t \
             JOIN correction c ON c.document = t.document WHERE t.source = $1 AND NOT EXISTS (SELECT 1 FROM part p \
             WHERE p.document = t.document AND p.state = 'pending') ORDER BY c.document, c.place";
        self.all(sql, vec![source.into()]).await?.iter().map(correction).collect()
    }

    /// What a record mends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn corrects(&self, at: At) -> Result<Option<At>> {
        let sql = "SELECT of_document, of_place FROM correction WHERE document = $1 AND place = $2";
        let row = self.one(sql, vec![at.0.into(), i64::from(at.1).into()]).await?;
        row.map(|row| self::at(&row, 0)).transpose()
    }

    /// What mends a record of a source, or one of the same bytes (hex digest) that came later, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn corrected_by(&self, source: &str, at: At, digest: &str) -> Result<Vec<At>> {
        let sql = "SELECT c.document, c.place FROM taken_file t JOIN correction c ON c.document = t.document \
             WHERE t.source = $1 AND (c.of_document = $2 AND c.of_place = $3 OR c.of_digest = $4 AND c.of_digest <> '' \
             AND (c.of_document, c.of_place) > ($2, $3)) ORDER BY c.document, c.place";
        let values = vec![source.into(), at.0.into(), i64::from(at.1).into(), digest.into()];
        self.all(sql, values).await?.iter().map(|row| self::at(row, 0)).collect()
    }

    /// Which of these places hold a record that made a version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accepted_at(&self, places: &[At]) -> Result<Vec<At>> {
        let mut accepted = Vec::new();
        for chunk in places.chunks(CHUNK) {
            let place = |at: &At| PlaceRow { document: at.0, place: at.1.into() };
            let rows: Vec<PlaceRow> = chunk.iter().map(place).collect();
            let bound = Bound::new(self.backend(), 1, &rows)?;
            let matching = "v.document = r.document AND v.place = r.place AND v.again = 0";
            let sql = format!(
                "SELECT r.document, r.place FROM {} {}",
                bound.from,
                join(self.backend(), "version", "v", matching)
            );
            for row in self.all(&sql, bound.after([])).await? {
                accepted.push(at(&row, 0)?);
            }
        }
        Ok(accepted)
    }
}

fn at(row: &QueryResult, from: usize) -> Result<At> {
    let place: i64 = row.try_get_by_index(from + 1)?;
    Ok((row.try_get_by_index(from)?, u32::try_from(place).unwrap_or_default()))
}

fn correction(row: &QueryResult) -> Result<Correction> {
    Ok(Correction { by: at(row, 0)?, of: at(row, 2)?, digest: row.try_get_by_index(4)? })
}

fn taken_file(row: &QueryResult) -> Result<TakenFile> {
    Ok(TakenFile {
        document: row.try_get_by_index(0)?,
        source: row.try_get_by_index(1)?,
        service: row.try_get_by_index(2)?,
        digest: row.try_get_by_index(3)?,
        name: row.try_get_by_index(4)?,
        why: row.try_get_by_index(5)?,
        who: row.try_get_by_index(6)?,
        at: moment(row.try_get_by_index(7)?),
    })
}
