//! Bytes, once by digest, compressed. What is known of them stays when age takes the bytes; landed again, they are there
//! again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, QueryResult};
use sha2::{Digest, Sha256};

use super::{
    Result, Store, StoreError, Write, moment, ms,
    rows::{Bound, join, left_join, row},
};

const LEVEL: i32 = 3;
/// What `digest_alg` says of our digests.
pub(crate) const ALGORITHM: &str = "sha-256";

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Write {
    /// Stores bytes unless they are there, and returns their digest. `no` is a number that this transaction took and no
    /// other bytes have; `now` keeps them from being dropped by an earlier use's age.
    pub(crate) async fn put_blob(&self, no: i64, bytes: &[u8], now: DateTime<Utc>) -> Result<String> {
        let digest = digest(bytes);
        let sql = "INSERT INTO blob (digest, digest_alg, no, length, used_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (digest) DO UPDATE SET no = COALESCE(blob.no, excluded.no), dropped = NULL, \
             used_at = CASE WHEN blob.used_at < excluded.used_at THEN excluded.used_at ELSE blob.used_at END RETURNING no";
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let values = vec![digest.as_str().into(), ALGORITHM.into(), no.into(), length.into(), ms(now).into()];
        let row = self.one(sql, values).await?;
        if row.map(|row| row.try_get_by_index::<i64>(0)).transpose()? == Some(no) {
            let packed =
                zstd::encode_all(bytes, LEVEL).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let sql = "INSERT INTO blob_bytes (no, bytes) VALUES ($1, $2)";
            self.run(sql, vec![no.into(), packed.into()]).await?;
        }
        Ok(digest)
    }

    /// The bytes of a digest as this transaction sees them, verified.
    pub(super) async fn blob(&self, wanted: &str) -> Result<Vec<u8>> {
        let bound = Bound::new(self.backend(), 1, &[DigestRow { digest: wanted }])?;
        let found = self.one(&sql(self.backend(), &bound), bound.after([])).await?;
        let found = found.ok_or_else(|| missing(wanted))?;
        Ok(packed(&found)?.opened()?.1)
    }
}

/// Bytes as they lie in the ledger, or what became of them.
#[derive(Debug)]
pub struct Packed {
    digest: String,
    bytes: Option<Vec<u8>>,
    /// When they were dropped by age, and the days they were to be kept.
    dropped: Option<(i64, i64)>,
    /// When a recovery noted that a restored dump did not have them.
    lost: Option<i64>,
}

impl Packed {
    /// Digest and bytes, verified.
    ///
    /// # Errors
    /// When they are gone or are no longer what they were. [`StoreError::Dropped`]: by age, as the ledger was told.
    pub fn opened(self) -> Result<(String, Vec<u8>)> {
        let wanted = self.digest;
        if let Some((at, days)) = self.dropped {
            return Err(StoreError::Dropped { what: format!("原文 {wanted}"), at: moment(at), days });
        }
        if let Some(at) = self.lost {
            return Err(StoreError::Lost { what: format!("原文 {wanted}"), at: moment(at) });
        }
        let packed = self.bytes.ok_or_else(|| missing(&wanted))?;
        let bytes = zstd::decode_all(packed.as_slice())
            .map_err(|error| StoreError::Corrupt(format!("原文 {wanted} 解不开：{error}")))?;
        if digest(&bytes) == wanted {
            Ok((wanted, bytes))
        } else {
            Err(StoreError::Corrupt(format!("原文 {wanted} 与摘要不符")))
        }
    }
}

fn missing(wanted: &str) -> StoreError {
    StoreError::Corrupt(format!("原文 {wanted} 不在库中"))
}

row! { DigestRow<'a> { digest: &'a str } }

impl Store {
    /// The bytes of a digest, verified.
    ///
    /// # Errors
    /// As [`Packed::opened`].
    pub async fn blob(&self, wanted: &str) -> Result<Vec<u8>> {
        let packed = self.packed([wanted].into_iter()).await?;
        let packed = packed.into_iter().next().ok_or_else(|| missing(wanted))?;
        Ok(packed.opened()?.1)
    }

    /// The bytes of these digests as they lie there, each once.
    ///
    /// # Errors
    /// When one was never there, or the database does not answer.
    pub async fn packed(&self, wanted: impl Iterator<Item = &str>) -> Result<Vec<Packed>> {
        let wanted: BTreeSet<&str> = wanted.collect();
        let rows: Vec<DigestRow<'_>> = wanted.iter().map(|digest| DigestRow { digest }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = sql(self.backend(), &bound);
        let found = self.all(&sql, bound.after([])).await?;
        let packed: Vec<Packed> = found.iter().map(packed).collect::<Result<_>>()?;
        if packed.len() == wanted.len() {
            return Ok(packed);
        }
        let absent = wanted.into_iter().find(|digest| packed.iter().all(|packed| packed.digest != *digest));
        Err(missing(absent.unwrap_or_default()))
    }
}

fn sql(backend: DbBackend, bound: &Bound) -> String {
    format!(
        "SELECT r.digest, p.bytes, g.at, g.days, y.at FROM {} {} {} LEFT JOIN retention_drop g ON g.no = b.dropped \
         LEFT JOIN recovery y ON y.no = b.dropped",
        bound.from,
        join(backend, "blob", "b", "b.digest = r.digest"),
        left_join(backend, "blob_bytes", "p", "p.no = b.no"),
    )
}

fn packed(row: &QueryResult) -> Result<Packed> {
    let (at, days): (Option<i64>, Option<i64>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let (digest, bytes) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Packed { digest, bytes, dropped: at.zip(days), lost: row.try_get_by_index(4)? })
}
