//! What a checkpoint covers, read by number: a number is taken under one lock, so what is committed up to the last one is
//! all there will ever be of it. Leaves files and comparing to others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde_json::Value;

use super::{Result, Store, Write, ms};
use crate::proof::checkpoints::{Leaf, Sealed};

/// A column of a leaf.
enum Says {
    Text(&'static str),
    Number(&'static str),
}
use Says::{Number, Text};

/// A table whose rows are proven: how its leaves are called, its rows by number, what they say.
struct Proven {
    what: &'static str,
    /// The number, the key as text.
    key: (&'static str, &'static str),
    table: &'static str,
    says: &'static [Says],
}

const PART: Proven = Proven {
    what: "part",
    key: ("counted", "CAST(document AS TEXT) || '/' || CAST(part AS TEXT)"),
    table: "part",
    says: &[
        Text("source"),
        Text("service"),
        Text("kind"),
        Number("found"),
        Number("accepted"),
        Number("unchanged"),
        Number("rejected"),
        Number("held"),
        Number("revision"),
    ],
};

const PROVEN: [Proven; 8] = [
    Proven {
        what: "document",
        key: ("no", "CAST(no AS TEXT)"),
        table: "document",
        says: &[
            Text("source"),
            Text("service"),
            Text("blob"),
            Number("length"),
            Number("located"),
            Number("received_at"),
            Number("revision"),
            Number("recovered"),
        ],
    },
    PART,
    Proven {
        what: "batch",
        key: ("no", "id"),
        table: "batch",
        says: &[
            Text("destination"),
            Text("kind"),
            Text("path"),
            Number("size"),
            Text("payload"),
            Number("frozen_at"),
            Number("revision"),
        ],
    },
    Proven {
        what: "attempt",
        key: ("no", "batch || '/' || CAST(n AS TEXT)"),
        table: "attempt",
        says: &[Number("at"), Number("status"), Text("outcome"), Text("answer"), Text("sent_digest")],
    },
    Proven {
        what: "revision",
        key: ("no", "CAST(no AS TEXT)"),
        table: "revision",
        says: &[Text("hash"), Number("engine")],
    },
    Proven {
        what: "activation",
        key: ("no", "CAST(no AS TEXT)"),
        table: "activation",
        says: &[Number("revision"), Text("how"), Text("who"), Text("why"), Number("at")],
    },
    Proven {
        what: "retention",
        key: ("no", "CAST(no AS TEXT)"),
        table: "retention_drop",
        says: &[
            Text("what"),
            Number("low"),
            Number("high"),
            Number("gone"),
            Number("bytes"),
            Number("days"),
            Number("older_than"),
            Number("at"),
        ],
    },
    Proven {
        what: "recovery",
        key: ("no", "CAST(no AS TEXT)"),
        table: "recovery",
        says: &[Text("node"), Number("low"), Number("high"), Number("at")],
    },
];

/// What the ledger remembers of the last checkpoint of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub no: i64,
    /// The last number it covers.
    pub upto: i64,
    /// Digest of its head line.
    pub head: String,
}

/// Numbers that a restored ledger lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostNumbers {
    /// After this one …
    pub low: i64,
    /// … up to this one.
    pub high: i64,
}

impl Store {
    /// Everything that is proven with a number after `after`, in order, and the last number taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leaves(&self, after: i64) -> Result<(Vec<Leaf>, i64)> {
        let snapshot = self.snapshot().await?;
        let row = snapshot.one("SELECT seq FROM counter WHERE name = 'ledger'", vec![]).await?;
        let upto = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok((snapshot.leaves(after, upto).await?, upto))
    }

    /// Everything that is proven with a number after `after` up to `upto`, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leaves_between(&self, after: i64, upto: i64) -> Result<Vec<Leaf>> {
        self.snapshot().await?.leaves(after, upto).await
    }

    /// A part as it counts now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn part_leaf(&self, key: &str) -> Result<Option<Leaf>> {
        let Some((document, part)) = key.split_once('/') else { return Ok(None) };
        let sql = format!("{} WHERE document = $1 AND part = $2", PART.select());
        let values = [document, part].map(|n| n.parse::<i64>().unwrap_or(-1).into()).to_vec();
        self.one(&sql, values).await?.as_ref().map(|row| PART.leaf(row)).transpose()
    }

    /// The last checkpoint of a node.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_checkpoint(&self, node: &str) -> Result<Option<Known>> {
        Ok(self.checkpoints(node).await?.pop_last().map(|(_, known)| known))
    }

    /// The checkpoints of a node by number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn checkpoints(&self, node: &str) -> Result<BTreeMap<i64, Known>> {
        let rows =
            self.all("SELECT no, upto, head FROM checkpoint WHERE node = $1", vec![node.into()]).await?;
        rows.iter()
            .map(|row| {
                let no = row.try_get_by_index(0)?;
                Ok((no, Known { no, upto: row.try_get_by_index(1)?, head: row.try_get_by_index(2)? }))
            })
            .collect()
    }

    /// The numbers that restored ledgers lost.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lost_numbers(&self) -> Result<Vec<LostNumbers>> {
        let rows = self.all("SELECT low, high FROM recovery ORDER BY no", vec![]).await?;
        let lost = |row: &QueryResult| {
            Ok(LostNumbers { low: row.try_get_by_index(0)?, high: row.try_get_by_index(1)? })
        };
        rows.iter().map(lost).collect()
    }

    /// Remembers a checkpoint that is in its file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remember_checkpoint(&self, sealed: &Sealed, now: DateTime<Utc>) -> Result<()> {
        let write = self.write("checkpoint").await?;
        let sql = "INSERT INTO checkpoint (node, no, upto, head, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (node, no) DO NOTHING";
        let values = vec![
            sealed.head.node.as_str().into(),
            sealed.head.checkpoint.into(),
            sealed.head.upto.into(),
            sealed.digest.as_str().into(),
            ms(now).into(),
        ];
        write.run(sql, values).await?;
        write.commit().await
    }
}

impl Write {
    async fn leaves(&self, after: i64, upto: i64) -> Result<Vec<Leaf>> {
        let mut leaves = Vec::new();
        for proven in &PROVEN {
            let no = proven.key.0;
            let sql = format!("{} WHERE {no} > $1 AND {no} <= $2", proven.select());
            for row in self.all(&sql, vec![after.into(), upto.into()]).await? {
                leaves.push(proven.leaf(&row)?);
            }
        }
        leaves.sort_by(|one, other| (one.no, &one.what, &one.key).cmp(&(other.no, &other.what, &other.key)));
        Ok(leaves)
    }
}

impl Proven {
    fn select(&self) -> String {
        let columns = self.says.iter().map(|(Text(name) | Number(name))| *name);
        let columns: Vec<&str> = [self.key.0, self.key.1].into_iter().chain(columns).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.table)
    }

    fn leaf(&self, row: &QueryResult) -> Result<Leaf> {
        let mut says = BTreeMap::new();
        for (index, column) in (2..).zip(self.says) {
            let (name, value) = match column {
                Text(name) => (name, row.try_get_by_index::<Option<String>>(index)?.map(Value::from)),
                Number(name) => (name, row.try_get_by_index::<Option<i64>>(index)?.map(Value::from)),
            };
            if let Some(value) = value {
                says.insert((*name).to_owned(), value);
            }
        }
        let (no, key) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        Ok(Leaf { no, what: self.what.to_owned(), key, says })
    }
}
