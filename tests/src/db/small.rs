//! A database on a disk of a few megabytes that a test fills: a file system in memory, where this machine lets us mount one.

use std::{io::Write, path::Path, process::Command};

use tempfile::TempDir;

use super::{Db, unprepared};

/// Megabytes: a ledger of a few records and what PostgreSQL makes at once.
const SIZE_MB: usize = 48;

/// A mounted disk; dropping it unmounts it.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// An empty disk; none where nothing can be mounted, said loudly.
    #[must_use]
    pub fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={SIZE_MB}m,mode=0777");
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        let told = "\n*** A FULL DISK WAS NOT TESTED: nothing can be mounted here (it takes root) ***\n\n";
        let _told = std::io::stderr().write_all(told.as_bytes());
        None
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all room there is.
    pub fn fill(&self) {
        let mut ballast = std::fs::File::create(self.path().join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }

    /// Gives it back.
    pub fn empty(&self) {
        std::fs::remove_file(self.path().join("ballast")).unwrap();
    }

    /// A ledger of SQLite on it.
    #[must_use]
    pub fn sqlite(&self) -> Db {
        let folder = tempfile::tempdir_in(self.path()).unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        Db { name: "SQLite", url, folder: Some(folder), schema: None }
    }

    /// Lets what a user of PostgreSQL makes lie on it; the name of the tablespace, to be dropped at the end.
    pub async fn keep_for(&self, db: &Db, role: &super::Role) -> String {
        let (server, schema) = db.schema.as_ref().unwrap();
        let (space, folder) = (format!("s_{schema}"), self.path().join("space"));
        std::fs::create_dir(&folder).unwrap();
        // the server runs as a user of its own
        let owned = Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
        assert!(owned.success(), "chown postgres: {owned}");
        let user = role.name();
        unprepared(
            server,
            &format!("CREATE TABLESPACE {space} OWNER {user} LOCATION '{}'", folder.display()),
        )
        .await;
        unprepared(server, &format!("ALTER ROLE {user} SET default_tablespace = {space}")).await;
        space
    }

    /// Takes a tablespace and the database whose tables are on it away.
    pub async fn forget(&self, db: Db, space: &str) {
        let server = db.schema.as_ref().unwrap().0.clone();
        db.close().await;
        unprepared(&server, &format!("DROP TABLESPACE {space}")).await;
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
