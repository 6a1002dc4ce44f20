//! Bytes, once by digest, compressed.

use sea_orm::{EntityTrait, IntoActiveModel};
use sha2::{Digest, Sha256};

use super::{Result, Store, StoreError, Write, entity::blob};

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
    /// Stores bytes unless they are there, and returns their digest.
    pub(crate) async fn put_blob(&self, bytes: &[u8]) -> Result<String> {
        let digest = digest(bytes);
        let row = blob::Model {
            digest: digest.clone(),
            digest_alg: ALGORITHM.into(),
            bytes: zstd::encode_all(bytes, LEVEL).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            cipher: None,
            key_id: None,
        };
        // there already is as good as inserted
        blob::Entity::insert(row.into_active_model())
            .on_conflict_do_nothing()
            .exec_without_returning(self.tx())
            .await?;
        Ok(digest)
    }
}

impl Store {
    /// The bytes of a digest, verified.
    ///
    /// # Errors
    /// When they are gone or are no longer what they were.
    pub async fn blob(&self, wanted: &str) -> Result<Vec<u8>> {
        let row = blob::Entity::find_by_id(wanted).one(&self.connection).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt(format!("原文 {wanted} 不在库中")))?;
        let bytes = zstd::decode_all(row.bytes.as_slice())
            .map_err(|error| StoreError::Corrupt(format!("原文 {wanted} 解不开：{error}")))?;
        if digest(&bytes) == wanted {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt(format!("原文 {wanted} 与摘要不符")))
        }
    }
}
