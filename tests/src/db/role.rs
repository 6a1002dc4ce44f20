//! A user of PostgreSQL that owns one schema: what is done to it is done to nobody else, so that a test can lock it out.

use super::{Db, unprepared};

/// A user of its own.
#[derive(Debug)]
pub struct Role {
    name: String,
    server: String,
    /// The schema's address as this user.
    pub url: String,
}

impl Db {
    /// A user that owns this schema; none on SQLite.
    pub async fn role(&self) -> Option<Role> {
        let (server, schema) = self.schema.as_ref()?;
        let name = format!("r_{schema}");
        let sql = format!("CREATE ROLE {name} LOGIN; ALTER SCHEMA {schema} OWNER TO {name}");
        unprepared(server, &sql).await;
        let (protocol, rest) = self.url.split_once("://").unwrap();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        Some(Role { url: format!("{protocol}://{name}@{place}"), name, server: server.clone() })
    }
}

impl Role {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Changes the user and ends its sessions: the next ones are under the change.
    pub async fn alter(&self, how: &str) {
        let name = &self.name;
        unprepared(&self.server, &format!("ALTER ROLE {name} {how}")).await;
        // in a transaction of its own: who comes back before the first is committed would be let in as before
        let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'");
        unprepared(&self.server, &sql).await;
    }

    /// Takes the user away; what it made is the server's.
    pub async fn drop(self) {
        let name = &self.name;
        unprepared(
            &self.server,
            &format!("REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}"),
        )
        .await;
    }
}
