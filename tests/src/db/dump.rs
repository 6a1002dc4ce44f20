//! A backup of a database and its restoring, as a province does them: a copy of the file, `pg_dump` and `pg_restore`.

use tempfile::TempDir;

use super::{Db, server, unprepared};

/// A backup.
#[derive(Debug)]
pub struct Dump(TempDir);

impl Db {
    /// A backup of it as it is.
    pub async fn dump(&self) -> Dump {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dump").display().to_string();
        match &self.schema {
            None => self.run(&format!("VACUUM INTO '{file}'")).await,
            Some((at, schema)) => {
                server::client("pg_dump", &["-d", at, "-n", schema, "-Fc", "-f", &file]).unwrap();
            }
        }
        Dump(folder)
    }

    /// What was since is gone. Nobody has it open.
    pub async fn restore(&self, dump: &Dump) {
        let file = dump.0.path().join("dump");
        match &self.schema {
            None => {
                let ledger = self.folder.as_ref().unwrap().path().join("ledger.db");
                for beside in ["-wal", "-shm"] {
                    let _absent = std::fs::remove_file(format!("{}{beside}", ledger.display()));
                }
                std::fs::copy(file, ledger).unwrap();
            }
            Some((at, schema)) => {
                unprepared(at, &format!("DROP SCHEMA {schema} CASCADE")).await;
                server::client("pg_restore", &["-d", at, "-O", &file.display().to_string()]).unwrap();
            }
        }
    }
}
