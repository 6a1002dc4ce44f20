//! How the leases are spread over the nodes that run: who is there, and how many leases each holds. Every running node keeps
//! a lease of its own name; what it may hold is its share of all others. Leaves taking and giving back to `lease`.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Lease, Result, Store, ms};

/// How long a node counts as there after it was last heard of.
const THERE: TimeDelta = TimeDelta::seconds(60);

/// Whether a lease is spread over the nodes. Those of the night's work and of look-alikes are held a moment at a time.
#[must_use]
pub fn is_spread(name: &str) -> bool {
    !["retention", "look-alikes"].contains(&name)
}

/// How many hold how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Nodes that are there, this one among them.
    pub nodes: i64,
    /// Leases to be spread.
    pub leases: i64,
    /// Of them, those this node holds now.
    pub mine: i64,
}

impl Share {
    /// The most that one node holds while others are there.
    #[must_use]
    pub const fn most(&self) -> i64 {
        let nodes = if self.nodes > 1 { self.nodes } else { 1 };
        (self.leases + nodes - 1) / nodes
    }
}

impl Store {
    /// Says that a node is there, and hears how the leases are spread.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn share(&self, node: &str, now: DateTime<Utc>) -> Result<Share> {
        self.lease(&format!("node:{node}"), node, now, THERE).await?;
        let sql = "SELECT COUNT(CASE WHEN name LIKE 'node:%' AND until > $2 THEN 1 END), \
             COUNT(CASE WHEN name LIKE 'node:%' OR name IN ('retention', 'look-alikes') OR name LIKE 'wish:%' THEN NULL ELSE 1 END), \
             COUNT(CASE WHEN name LIKE 'node:%' OR name IN ('retention', 'look-alikes') OR name LIKE 'wish:%' OR holder <> $1 OR until <= $2 \
             THEN NULL ELSE 1 END) \
             FROM lease";
        let Some(row) = self.one(sql, vec![node.into(), ms(now).into()]).await? else {
            return Ok(Share::default());
        };
        Ok(Share {
            nodes: row.try_get_by_index(0)?,
            leases: row.try_get_by_index(1)?,
            mine: row.try_get_by_index(2)?,
        })
    }

    /// Gives one lease back, for another node to take.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_back(&self, lease: &Lease, now: DateTime<Utc>) -> Result<()> {
        let write = self.write("lease-release").await?;
        let sql = "UPDATE lease SET until = $4 WHERE name = $1 AND holder = $2 AND epoch = $3";
        let values = vec![
            lease.name.as_str().into(),
            lease.holder.as_str().into(),
            lease.epoch.into(),
            ms(now).into(),
        ];
        write.run(sql, values).await?;
        write.commit().await
    }

    /// Since when a lease is free: none where it is held, or was never taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn free_since(&self, name: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT until FROM lease WHERE name = $1 AND until <= $2";
        let row = self.one(sql, vec![name.into(), ms(now).into()]).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(super::moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up_so_that_nothing_is_left_over() {
        let most = |leases, nodes| Share { nodes, leases, mine: 0 }.most();
        assert_eq!((most(3, 1), most(3, 2), most(4, 2), most(0, 2), most(5, 0)), (3, 2, 2, 0, 5));
    }
}
