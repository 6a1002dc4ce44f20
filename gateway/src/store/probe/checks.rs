//! What is asked, one line a thing: only what the ledger's statements really use, in the form in which they use it.

use serde::Serialize;

/// One thing to ask: what is made first (where that fails, nothing was asked), then what must work. The last statement
/// must return a row.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
    /// Whether the ledger cannot do without.
    pub needed: bool,
    #[serde(skip)]
    pub(super) given: &'static [&'static str],
    #[serde(skip)]
    pub(super) asks: Asks,
}

/// How it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asks {
    /// In a transaction that is rolled back.
    Statements(&'static [&'static str]),
    /// A table made and taken back: whether we may, and whether nothing remains.
    Table,
    /// All our tables made and taken back.
    Ledger,
}

/// One thing that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What.
    #[serde(flatten)]
    pub check: Check,
    /// What came out.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What came out of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", content = "what", rename_all = "snake_case")]
pub enum Answer {
    /// It is there.
    Has,
    /// It is not: in the server's words.
    Lacks(String),
    /// It was not asked: why.
    NotRun(String),
}

const PROBE: &str =
    "CREATE TEMP TABLE lianwang_probe (id BIGINT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (id, word))";
const ROW: &str = "INSERT INTO lianwang_probe VALUES (1, 'a')";
/// What both databases are asked.
const COMMON: [Check; 7] = [
    check("在自己的模式里建表", "账目是一组普通的表；建了再撤销，看是否什么都不留下", &[], Asks::Table),
    check(
        "RETURNING",
        "编号在取号的同一句里取回",
        &[PROBE, ROW],
        Asks::Statements(&["UPDATE lianwang_probe SET id = id + 1 WHERE id = 1 RETURNING id"]),
    ),
    check(
        "ON CONFLICT 指名列",
        "同一条再来时改写而不重复",
        &[PROBE, ROW],
        Asks::Statements(&[
            "INSERT INTO lianwang_probe VALUES (1, 'a') ON CONFLICT (id, word) DO NOTHING",
            "INSERT INTO lianwang_probe VALUES (1, 'a') ON CONFLICT (id, word) DO UPDATE SET id = excluded.id + 1",
            "SELECT 1 FROM lianwang_probe WHERE id = 2",
        ]),
    ),
    check(
        "UPDATE … FROM",
        "一句改一批",
        &[PROBE, ROW],
        Asks::Statements(&[
            "UPDATE lianwang_probe AS t SET word = r.word FROM (SELECT 1 AS id, 'b' AS word) AS r WHERE t.id = r.id",
            "SELECT 1 FROM lianwang_probe WHERE word = 'b'",
        ]),
    ),
    check(
        "部分索引",
        "只索引待办的行",
        &[PROBE],
        Asks::Statements(&[
            "CREATE INDEX lianwang_probe_due ON lianwang_probe (id) WHERE word = 'due'",
            "SELECT 1",
        ]),
    ),
    check("窗口函数", "升级旧账目时编号", &[], Asks::Statements(&["SELECT row_number() OVER (ORDER BY 1)"])),
    check("全部表结构", "从空账目建到最新再全部撤销；已有账目的不试", &[], Asks::Ledger),
];

const POSTGRES: [Check; 10] = [
    check(
        "UTF8 编码",
        "中文不会变成问号",
        &[],
        Asks::Statements(&["SELECT 1 WHERE current_setting('server_encoding') = 'UTF8'"]),
    ),
    check(
        "COLLATE \"C\"",
        "文字按字节排序，两种数据库一致",
        &["CREATE TEMP TABLE lianwang_probe (word TEXT COLLATE \"C\" NOT NULL)"],
        Asks::Statements(&[
            "INSERT INTO lianwang_probe VALUES ('a'), ('B')",
            "SELECT 1 FROM lianwang_probe HAVING MIN(word) = 'B'",
        ]),
    ),
    check(
        "多个数组并排 unnest",
        "一批行绑定成几个数组，一句写入",
        &[],
        Asks::Statements(&["SELECT 1 FROM (SELECT unnest(ARRAY[1, 2]::bigint[]) AS n, \
             substr(NULLIF(unnest(ARRAY['=a', '']::text[]), ''), 2) AS word) AS r HAVING COUNT(*) = 2 AND MAX(word) = 'a'"]),
    ),
    check(
        "LATERAL … OFFSET 0",
        "逐行查索引，没有统计信息也不走全表",
        &[PROBE, ROW],
        Asks::Statements(&["SELECT h.id FROM (SELECT unnest(ARRAY[1]::bigint[]) AS n) AS r \
             CROSS JOIN LATERAL (SELECT * FROM lianwang_probe h WHERE h.id = r.n OFFSET 0) h"]),
    ),
    check(
        "按 ctid 更新",
        "一句改一批，先经索引找到行",
        &[PROBE, ROW],
        Asks::Statements(&[
            "UPDATE lianwang_probe AS t SET word = 'b' FROM (SELECT 1 AS n) AS r CROSS JOIN LATERAL \
             (SELECT t.ctid AS at FROM lianwang_probe t WHERE t.id = r.n OFFSET 0) x WHERE t.ctid = x.at",
            "SELECT 1 FROM lianwang_probe WHERE word = 'b'",
        ]),
    ),
    check(
        "声明式分区",
        "到期的数据整段清除，磁盘真的腾出来",
        &["CREATE TEMP TABLE lianwang_probe_0 (id BIGINT NOT NULL PRIMARY KEY)"],
        Asks::Statements(&[
            "CREATE TEMP TABLE lianwang_probe (LIKE lianwang_probe_0 INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE (id)",
            "ALTER TABLE lianwang_probe ADD PRIMARY KEY (id)",
            "ALTER TABLE lianwang_probe ATTACH PARTITION lianwang_probe_0 FOR VALUES FROM (MINVALUE) TO (8)",
            "CREATE TEMP TABLE lianwang_probe_8 (LIKE lianwang_probe INCLUDING ALL)",
            "ALTER TABLE lianwang_probe ATTACH PARTITION lianwang_probe_8 FOR VALUES FROM (8) TO (16)",
            "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = 'lianwang_probe'::regclass AND c.relname = 'lianwang_probe_8'",
        ]),
    ),
    check(
        "会话建议锁",
        "同名的服务只运行一个",
        &[],
        Asks::Statements(&[
            "SELECT pg_try_advisory_lock(hashtextextended('lianwang probe', 0))",
            "SELECT 1 WHERE pg_advisory_unlock(hashtextextended('lianwang probe', 0))",
        ]),
    ),
    check(
        "可重复读",
        "核对时看到的是同一刻",
        &[],
        Asks::Statements(&[
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT 1 WHERE current_setting('transaction_isolation') = 'repeatable read'",
        ]),
    ),
    check(
        "语句、锁、空闲事务的时限",
        "没人等的语句由服务器结束",
        &[],
        Asks::Statements(&[
            "SET LOCAL statement_timeout = '15min'",
            "SET LOCAL lock_timeout = '60s'",
            "SET LOCAL idle_in_transaction_session_timeout = '30s'",
            "SELECT 1",
        ]),
    ),
    Check {
        needed: false,
        ..check(
            "jsonb、SKIP LOCKED",
            "现在用不着，缺了不影响",
            &[PROBE, ROW],
            Asks::Statements(&["SELECT '{}'::jsonb FROM lianwang_probe FOR UPDATE SKIP LOCKED"]),
        )
    },
];

const SQLITE: [Check; 1] = [check(
    "json_each、->>",
    "一批行绑定成一个 JSON，一句写入",
    &[],
    Asks::Statements(&["SELECT 1 FROM json_each('[{\"n\":1}]') WHERE value ->> 'n' = 1"]),
)];

const fn check(name: &'static str, why: &'static str, given: &'static [&'static str], asks: Asks) -> Check {
    Check { name, why, needed: true, given, asks }
}

/// What a PostgreSQL is asked, nothing of it asked yet.
pub(super) fn postgres() -> Vec<Finding> {
    unasked(&POSTGRES)
}

/// What SQLite is asked.
pub(super) fn sqlite() -> Vec<Finding> {
    unasked(&SQLITE)
}

fn unasked(own: &[Check]) -> Vec<Finding> {
    let all = COMMON.iter().chain(own);
    all.map(|check| Finding { check: *check, answer: Answer::NotRun("没有走到这一步".into()) }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_asked_twice_and_all_limits_of_a_session_are_asked_for() {
        let all = [postgres(), sqlite()].concat();
        let names: BTreeSet<&str> = all.iter().map(|finding| finding.check.name).collect();
        assert_eq!(names.len(), COMMON.len() + POSTGRES.len() + SQLITE.len());
        let set = format!("{POSTGRES:?}");
        for (limit, value) in crate::store::connect::SERVER_LIMITS {
            assert!(set.contains(&format!("SET LOCAL {limit} = '{value}'")), "{limit}");
        }
    }
}
