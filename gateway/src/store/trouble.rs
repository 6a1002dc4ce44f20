//! What a database's errors mean, for people and for the steps: told by their codes, never by their words.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use super::StoreError;

/// Codes of PostgreSQL (SQLSTATE, or the class it begins with) and of SQLite (primary), and what they mean.
const KNOWN: [(&str, &str); 22] = [
    ("53100", "数据库的磁盘满了：请腾出空间，之后自动继续"),
    ("53300", "数据库连接数用完：请调大 max_connections，或关掉多余的程序"),
    ("53", "数据库资源不足"),
    ("25006", "数据库只读：连到了备库，或被设为只读；恢复可写后自动继续"),
    ("57P01", "数据库把连接断开了（多半在重启），之后自动继续"),
    ("57P03", "数据库正在启动或停止，之后自动继续"),
    ("57014", "语句超时，本步放弃，之后重试"),
    ("55P03", "等别人的锁太久，本步放弃，之后重试"),
    ("40", "与别人的写入冲突，本步放弃，之后重试"),
    ("28P01", "口令不对，或没有这个账号"),
    ("28", "数据库不让登录：请检查账号、口令和 pg_hba.conf"),
    ("3D000", "没有这个数据库：请先建库，例如 CREATE DATABASE 库名 OWNER 账号"),
    ("42501", MAY_NOT),
    ("3F000", MAY_NOT),
    ("08", "与数据库的连接断了，之后自动继续"),
    ("s13", "账目所在的磁盘满了：请腾出空间，之后自动继续"),
    ("s8", "账目文件只读：请检查文件和目录的权限"),
    ("s14", "账目文件打不开：请检查路径，以及文件和目录的权限"),
    ("s26", "这个文件不是 SQLite 数据库：请检查地址"),
    ("s11", "账目文件损坏：请从备份还原，再运行 lianwang recover"),
    ("s5", "账目文件被别的程序占着，之后重试"),
    ("s10", "读写账目文件出错：请检查磁盘"),
];

/// What an account lacks that may not make tables: since PostgreSQL 15 only a database's owner may by default.
const MAY_NOT: &str = "数据库账号权限不够：请管理员执行 GRANT USAGE, CREATE ON SCHEMA public TO 账号，或 ALTER DATABASE 库名 OWNER TO 账号";

/// The error in words: what it means where that is known, then the database's own.
pub(super) fn said(error: &DbErr) -> String {
    let known = match cause(error).and_then(meant) {
        Some(meaning) => meaning,
        None if is_lost(error) => "连不上数据库，或连接断了、用完了；恢复后自动继续",
        None => return error.to_string(),
    };
    format!("{known}（{error}）")
}

/// The same of what a first connection meets.
pub(super) fn met(error: &sqlx::Error) -> String {
    match (meant(error), error) {
        (Some(meaning), _) => format!("{meaning}（{error}）"),
        (None, sqlx::Error::Io(error)) => adapters::os_error::said(error),
        (None, error) => error.to_string(),
    }
}

fn meant(error: &sqlx::Error) -> Option<&'static str> {
    let code = code(error)?;
    KNOWN
        .iter()
        .find(|(known, _)| code == *known || (known.len() == 2 && is_class(&code, known)))
        .map(|(_, words)| *words)
}

fn is_class(code: &str, class: &str) -> bool {
    code.len() == 5 && code.starts_with(class)
}

/// The connection is gone, was never made, or none came free in time.
fn is_lost(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_))
        || matches!(
            cause(error),
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_))
        )
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// SQLSTATE; of SQLite `s` and the primary code.
fn code(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code()?.into_owned();
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return code.parse::<u32>().ok().map(|extended| format!("s{}", extended & 0xff));
    }
    Some(code)
}

impl StoreError {
    /// Whether others held what was wanted for too long: it can be tried again.
    pub(super) fn is_contention(&self) -> bool {
        // lock_not_available, deadlock_detected
        let Self::Database(error) = self else { return false };
        cause(error).and_then(code).is_some_and(|code| ["55P03", "40P01"].contains(&code.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_before_its_class_and_a_class_is_not_another_code() {
        let words = |code: &str| KNOWN.iter().position(|(known, _)| *known == code).unwrap();
        assert!(words("53100") < words("53") && words("53300") < words("53"));
        assert!(is_class("53400", "53") && !is_class("s53", "53") && !is_class("25006", "53"));
    }

    #[test]
    fn an_error_nobody_knows_keeps_its_own_words() {
        assert_eq!(said(&DbErr::Custom("strange".into())), "Custom Error: strange");
        assert!(
            said(&DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout)).starts_with("连不上数据库")
        );
    }
}
