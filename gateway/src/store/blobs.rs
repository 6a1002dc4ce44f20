//! Bytes, once by digest, compressed. What is known of them stays when age takes the bytes; landed again, they are there
//! again.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Result, Store, StoreError, Write, moment, ms};

const LEVEL: i32 = 3;
/// What `digest_alg` says of our digests.
pub(crate) const ALGORITHM: &str = "sha-256";

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // writing to a String cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
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
}

impl Store {
    /// The bytes of a digest, verified.
    ///
    /// # Errors
    /// When they are gone or are no longer what they were. [`StoreError::Dropped`]: by age, as the ledger was told.
    pub async fn blob(&self, wanted: &str) -> Result<Vec<u8>> {
        let sql = "SELECT p.bytes, r.at, r.days FROM blob b LEFT JOIN blob_bytes p ON p.no = b.no \
             LEFT JOIN retention_drop r ON r.no = b.dropped WHERE b.digest = $1";
        let row = self.one(sql, vec![wanted.into()]).await?;
        let missing = || StoreError::Corrupt(format!("原文 {wanted} 不在库中"));
        let row = row.ok_or_else(missing)?;
        if let (Some(at), Some(days)) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?) {
            return Err(StoreError::Dropped { what: format!("原文 {wanted}"), at: moment(at), days });
        }
        let packed: Vec<u8> = row.try_get_by_index::<Option<_>>(0)?.ok_or_else(missing)?;
        let bytes = zstd::decode_all(packed.as_slice())
            .map_err(|error| StoreError::Corrupt(format!("原文 {wanted} 解不开：{error}")))?;
        if digest(&bytes) == wanted {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt(format!("原文 {wanted} 与摘要不符")))
        }
    }
}
