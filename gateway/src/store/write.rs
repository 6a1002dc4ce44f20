//! One transaction: numbers first, then the fence, then the rows, then one commit.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
};

use super::{Lease, Result, Store, StoreError, Switch, Trip, ms};

/// A transaction that will change the ledger. Dropped without [`Write::commit`], it changes nothing.
#[derive(Debug)]
pub struct Write {
    tx: DatabaseTransaction,
    point: &'static str,
    switch: Arc<dyn Switch>,
    /// The last number it took; 0: none.
    taken: AtomicI64,
    /// The last number that this process committed.
    reached: Arc<AtomicI64>,
}

impl Store {
    /// Begins a transaction; `point` names its boundary for tests. On SQLite it takes the write lock at once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&self, point: &'static str) -> Result<Write> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.connection.begin_with_options(options).await?;
        Ok(self.begun(tx, point))
    }
}

impl Store {
    /// A transaction that only reads, all of it as of one moment. Never committed.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn snapshot(&self) -> Result<Write> {
        let options = TransactionOptions {
            isolation_level: (self.backend() == DbBackend::Postgres)
                .then_some(IsolationLevel::RepeatableRead),
            ..TransactionOptions::default()
        };
        let tx = self.connection.begin_with_options(options).await?;
        Ok(self.begun(tx, "snapshot"))
    }

    fn begun(&self, tx: DatabaseTransaction, point: &'static str) -> Write {
        let (switch, reached) = (Arc::clone(&self.switch), Arc::clone(&self.reached));
        Write { tx, point, switch, taken: AtomicI64::default(), reached }
    }
}

impl Write {
    /// Takes `n` sequence numbers and returns the first; where they go beyond the last partition, makes the next. The counter's lock, kept to the commit, makes the order
    /// of numbers the order of commits; so this comes before any other write.
    ///
    /// # Errors
    /// When the counter row is missing; [`StoreError::WentBack`] when this process has committed higher numbers.
    pub async fn numbers(&self, n: usize) -> Result<i64> {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let sql = "UPDATE counter SET seq = seq + $1 WHERE name = 'ledger' RETURNING seq, ahead";
        let row =
            self.one(sql, vec![n.into()]).await?.ok_or_else(|| StoreError::Corrupt("没有计数器".into()))?;
        let (last, ahead): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if last - n < self.reached.load(Ordering::Acquire) {
            return Err(StoreError::WentBack);
        }
        self.taken.fetch_max(last, Ordering::AcqRel);
        if last >= ahead {
            self.make_partitions(last).await?;
        }
        Ok(last - n + 1)
    }

    /// Fails unless the lease is still ours, and extends it.
    ///
    /// # Errors
    /// [`StoreError::LostLease`] when another holder has it.
    pub async fn fence(&self, lease: &Lease) -> Result<()> {
        let sql = "UPDATE lease SET until = $1 WHERE name = $2 AND holder = $3 AND epoch = $4";
        let values = vec![
            ms(lease.until).into(),
            lease.name.as_str().into(),
            lease.holder.as_str().into(),
            lease.epoch.into(),
        ];
        if self.run(sql, values).await? == 1 {
            Ok(())
        } else {
            Err(StoreError::LostLease(lease.name.clone()))
        }
    }

    /// Makes it so.
    ///
    /// # Errors
    /// When the database refuses, or a test says so.
    pub async fn commit(self) -> Result<()> {
        let trip = self.switch.trip(self.point);
        if trip == Trip::Before {
            self.tx.rollback().await?;
            return Err(StoreError::Fault(self.point));
        }
        self.switch.reaching(self.point);
        self.tx.commit().await?;
        self.reached.fetch_max(self.taken.into_inner(), Ordering::AcqRel);
        self.switch.passed(self.point);
        if trip == Trip::After { Err(StoreError::Fault(self.point)) } else { Ok(()) }
    }

    pub(crate) fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    pub(crate) async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.tx.execute_raw(statement).await?.rows_affected())
    }

    pub(crate) async fn one(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.tx.query_one_raw(statement).await?)
    }

    pub(crate) async fn all(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.tx.query_all_raw(statement).await?)
    }
}
