//! SQLite comes with the program, so what it can do is asked in memory; of the file only what can be seen without
//! opening it as a database, which would leave files beside it.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use adapters::os_error::{about, said};
use sea_orm::{ConnectOptions, Database};

use super::{Probe, Verdict, checks, text};

/// What every file of SQLite begins with.
pub(in crate::store) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Asks SQLite, and looks at the place of its file.
pub(super) async fn probe(url: &str, path: &Path) -> Probe {
    let mut probe = Probe::unasked(url, checks::sqlite());
    "文件，不用登录".clone_into(&mut probe.login);
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    match Database::connect(options).await {
        Ok(session) => {
            let version = text(&session, "SELECT sqlite_version()").await.unwrap_or_default();
            probe.system = format!("SQLite {version}，随程序自带");
            probe.asked(&session).await;
        }
        Err(error) => probe.verdict = Verdict::Unreachable(error.to_string()),
    }
    match place(path) {
        Ok(state) => probe.account = state,
        Err(error) => probe.verdict = Verdict::Unfit(format!("{}：{}", path.display(), said(&error))),
    }
    probe
}

/// The state of a file that could be a ledger's, or why it could not.
fn place(path: &Path) -> io::Result<String> {
    let mut folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    let folder = folders.find(|folder| folder.exists()).unwrap_or(Path::new("."));
    // nameless: gone as soon as it is closed
    tempfile::tempfile_in(folder).map_err(|error| {
        // the crate's own words name its file
        about(&io::Error::from(error.kind()), &format!("目录 {} 里写不了文件", folder.display()))
    })?;
    let missing = path.parent().filter(|own| !own.as_os_str().is_empty() && !own.exists());
    match missing {
        Some(own) => {
            return Ok(format!("目录 {} 和文件都还没有，首次运行时新建；要在别处就改地址", own.display()));
        }
        None if !path.exists() => return Ok("文件还没有，首次运行时新建".to_owned()),
        None => {}
    }
    let mut first = [0; 16];
    let read = File::options().read(true).append(true).open(path)?.take(16).read(&mut first)?;
    match (read, fs::metadata(path)?.len()) {
        (_, 0) => Ok("空文件".to_owned()),
        _ if first == MAGIC => Ok("已是 SQLite 的文件".to_owned()),
        _ => Err(io::Error::other("已有别的文件，不是 SQLite 的")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_looked_at_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, bytes) in
            [("empty", &b""[..]), ("ledger", b"SQLite format 3\0 and more"), ("letter", b"Dear")]
        {
            fs::write(at(name), bytes).unwrap();
        }
        assert_eq!(place(&at("new.db")).unwrap(), "文件还没有，首次运行时新建");
        let deep = place(&at("deep/er/new.db")).unwrap();
        assert!(deep.starts_with(&format!("目录 {} 和文件都还没有", at("deep/er").display())), "{deep}");
        assert_eq!(place(&at("empty")).unwrap(), "空文件");
        assert_eq!(place(&at("ledger")).unwrap(), "已是 SQLite 的文件");
        assert!(place(&at("letter")).unwrap_err().to_string().contains("不是 SQLite"));
        assert!(place(&at("letter/new.db")).is_err(), "a file is no folder");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
