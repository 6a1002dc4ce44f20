//! The images that versions name: each stored once by its digest, kept as long as a version that names it.
//! Leaves reading and writing Base64 to the rules.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use mappings::{Content, Image};
use serde_json::Value;

use super::{
    Result, StoreError, Write,
    blobs::ALGORITHM,
    contributions::Settling,
    ms,
    rows::{Bound, row},
    verdicts::NewVersion,
};

row! { ImageRow<'a> {
    version: i64,
    digest: &'a str,
} }

row! { SaidRow<'a> {
    record: i64,
    source: &'a str,
    said: &'a str,
    digest: &'a str,
} }

impl Write {
    /// Stores the images of these versions, numbered from `first`. What a version was settled from may be here already.
    pub(super) async fn put_images(
        &self,
        first: i64,
        versions: &[NewVersion],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let images = by_digest(versions.iter().flat_map(|new| &new.version.images));
        let named: BTreeSet<(i64, &str)> = (first..)
            .zip(versions)
            .flat_map(|(seq, new)| names(&new.version.content).map(move |digest| (seq, digest)))
            .collect();
        self.keep_images(images, now).await?;
        self.name_images(named).await
    }

    /// Stores the images of what sources say of shared keys: who is outweighed now may stand later.
    pub(super) async fn put_said_images<'a>(
        &self,
        shared: &[Settling<'a>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let said = |own: &Settling<'a>| own.key.said.iter().map(|said| &said.contribution);
        let images = by_digest(shared.iter().flat_map(said).flat_map(|own| &own.images));
        let (mut rows, mut records) = (Vec::new(), Vec::new());
        for own in shared {
            let record = own.record;
            records.push(RecordRow { record });
            // what one alone says its version keeps
            for of in said(own).filter(|_| own.key.said.len() > 1) {
                let digests: BTreeSet<&str> = names(&of.content).collect();
                rows.extend(digests.into_iter().map(|digest| SaidRow {
                    record,
                    source: &of.source,
                    said: &of.said,
                    digest,
                }));
            }
        }
        self.keep_images(images, now).await?;
        if !records.is_empty() {
            let bound = Bound::new(self.backend(), 1, &records)?;
            let sql =
                format!("DELETE FROM contribution_image WHERE record IN (SELECT record FROM {})", bound.from);
            self.run(&sql, bound.after([])).await?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "INSERT INTO contribution_image (record, source, said, digest) SELECT record, source, said, digest FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([])).await.map(drop)
    }

    /// Makes the images of versions again that a batch brings back: what went out in its payload is there again, the others
    /// are known to be lost, and by what, until somebody sends them anew.
    pub(super) async fn images_again(
        &self,
        recovery: i64,
        versions: &[(i64, &str)],
        payload: &[u8],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let contents: Vec<(i64, Content)> =
            versions.iter().filter_map(|(seq, content)| Some((*seq, Content::from_json(content)?))).collect();
        let named: BTreeSet<(i64, &str)> = contents
            .iter()
            .flat_map(|(seq, content)| names(content).map(move |digest| (*seq, digest)))
            .collect();
        if named.is_empty() {
            return Ok(());
        }
        let there = sent(payload);
        let wanted: BTreeSet<&str> = named.iter().map(|(_, digest)| *digest).collect();
        self.keep_images(by_digest(wanted.iter().filter_map(|digest| there.get(*digest))), now).await?;
        for digest in wanted.into_iter().filter(|digest| !there.contains_key(*digest)) {
            let sql = "INSERT INTO blob (digest, digest_alg, length, used_at, dropped) VALUES ($1, $2, 0, $3, $4) \
                 ON CONFLICT (digest) DO NOTHING";
            let values = vec![digest.into(), ALGORITHM.into(), ms(now).into(), recovery.into()];
            self.run(sql, values).await?;
        }
        self.name_images(named).await
    }

    /// Each once, whoever names it.
    async fn keep_images(&self, bytes: BTreeMap<&str, &[u8]>, now: DateTime<Utc>) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let first = self.numbers(bytes.len()).await?;
        for (no, bytes) in (first..).zip(bytes.into_values()) {
            self.put_blob(no, bytes, now).await?;
        }
        Ok(())
    }

    async fn name_images(&self, named: BTreeSet<(i64, &str)>) -> Result<()> {
        if named.is_empty() {
            return Ok(());
        }
        let rows: Vec<ImageRow<'_>> =
            named.into_iter().map(|(version, digest)| ImageRow { version, digest }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql =
            format!("INSERT INTO version_image (version, digest) SELECT version, digest FROM {}", bound.from);
        self.run(&sql, bound.after([])).await.map(drop)
    }

    /// The bytes of an image, verified; or in words why they are not to be had.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn image(&self, digest: &str) -> Result<std::result::Result<Vec<u8>, String>> {
        match self.blob(digest).await {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(error @ (StoreError::Corrupt(_) | StoreError::Dropped { .. } | StoreError::Lost { .. })) => {
                Ok(Err(error.to_string()))
            }
            Err(error) => Err(error),
        }
    }
}

row! { RecordRow { record: i64 } }

fn by_digest<'i>(images: impl Iterator<Item = &'i Image>) -> BTreeMap<&'i str, &'i [u8]> {
    images.map(|image| (image.digest(), image.bytes())).collect()
}

/// Digests of the images that a content names.
fn names(content: &Content) -> impl Iterator<Item = &str> {
    content.iter().filter_map(|(_, text)| Image::named(text))
}

/// Every image in a payload, by digest.
fn sent(payload: &[u8]) -> BTreeMap<String, Image> {
    let mut found = BTreeMap::new();
    let mut left: Vec<Value> = serde_json::from_slice(payload).into_iter().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(members) => left.extend(members.into_values()),
            Value::String(text) => {
                found.extend(Image::read(&text).map(|image| (image.digest().to_owned(), image)));
            }
            _ => {}
        }
    }
    found
}
