//! Parts that wait to be judged, in landing order.

use sea_orm::QueryResult;

use super::{Result, Store, moment};

/// A part to judge, or the document of held records to judge again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its document.
    pub document: i64,
    /// Its number in the document.
    pub part: i64,
    /// The list it came from.
    pub service: String,
    /// The kind that landing expected of it.
    pub kind: String,
    /// Digest of the document's bytes.
    pub blob: String,
    /// Place of its first record.
    pub first: u32,
    /// Records that landing found in it.
    pub located: u32,
    /// First byte in the document.
    pub from: u64,
    /// Byte after the last.
    pub to: u64,
    /// When the document was received.
    pub received_at: chrono::DateTime<chrono::Utc>,
}

impl Store {
    /// The oldest parts of a source after `last` (document, part) that are not judged: at least one, at most `records`
    /// records and `bytes` bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_parts(
        &self,
        source: &str,
        last: Option<(i64, i64)>,
        records: u32,
        bytes: u64,
    ) -> Result<Vec<Pending>> {
        let sql = "SELECT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind \
             FROM part p JOIN document d ON d.no = p.document WHERE p.source = $1 AND p.state = 'pending' \
             AND (p.document, p.part) > ($2, $3) ORDER BY p.document, p.part LIMIT 500";
        let (document, part) = last.unwrap_or((i64::MIN, i64::MIN));
        let mut taken: Vec<Pending> = Vec::new();
        let (mut count, mut size) = (0, 0);
        for row in self.all(sql, vec![source.into(), document.into(), part.into()]).await? {
            let part = read(&row)?;
            count += part.located;
            size += part.to - part.from;
            if !taken.is_empty() && (count > records || size > bytes) {
                break;
            }
            taken.push(part);
        }
        Ok(taken)
    }

    /// Sources that have parts to judge, whether or not they are still configured.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sources_with_pending(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT source FROM part WHERE state = 'pending' UNION \
             SELECT DISTINCT source FROM held WHERE state = 'held' ORDER BY 1";
        let rows = self.all(sql, vec![]).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }
}

pub(super) fn read(row: &QueryResult) -> Result<Pending> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    Ok(Pending {
        document: number(0)?,
        part: number(1)?,
        service: row.try_get_by_index(2)?,
        blob: row.try_get_by_index(3)?,
        first: u32::try_from(number(4)?).unwrap_or_default(),
        located: u32::try_from(number(5)?).unwrap_or_default(),
        from: u64::try_from(number(6)?).unwrap_or_default(),
        to: u64::try_from(number(7)?).unwrap_or_default(),
        received_at: moment(number(8)?),
        kind: row.try_get_by_index(9)?,
    })
}
