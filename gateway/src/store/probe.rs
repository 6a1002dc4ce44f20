//! What a server is and lacks, asked before anything is made in it: all of it in transactions that are rolled back.
//! Leaves what is asked to `checks`, and what a server says before a login to `greeting`.

mod asking;
mod checks;
mod greeting;
mod sqlite;

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement,
    sqlx::postgres::PgConnectOptions,
};
use serde::Serialize;

use super::{Place, Result, connect, transport, trouble};
pub use checks::{Answer, Finding};
use greeting::Greeting;
pub(super) use sqlite::MAGIC;

/// What a probe found.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// Its address, without the password.
    pub address: String,
    /// What it says it is; empty where nobody said.
    pub system: String,
    /// How it lets its users in.
    pub login: String,
    /// As whom the tables would be made, and where.
    pub account: String,
    /// All that was to be asked.
    pub findings: Vec<Finding>,
    /// What it comes to.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What a probe comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "why", rename_all = "snake_case")]
pub enum Verdict {
    /// A ledger can be there.
    Fit,
    /// None can: it is another kind of server, or lacks what is needed.
    Unfit(String),
    /// Nobody knows.
    Unreachable(String),
}

/// Words in a version, in lower case, and whose they are. What was made from PostgreSQL often keeps its name beside.
const MAKERS: [(&str, &str); 9] = [
    ("opengauss", "openGauss"),
    ("gaussdb", "GaussDB"),
    ("kingbase", "人大金仓 KingbaseES"),
    ("highgo", "瀚高"),
    ("vastbase", "海量 Vastbase"),
    ("gbase", "南大通用 GBase"),
    ("polardb", "PolarDB"),
    ("uxdb", "优炫 UXDB"),
    ("cockroach", "CockroachDB"),
];

/// Asks the server or file at `url`. Nothing remains there.
///
/// # Errors
/// When the address is none of a database we know.
pub async fn probe(url: &str) -> Result<Probe> {
    let address = match Place::of(url) {
        Some(Place::Sqlite(path)) => return Ok(sqlite::probe(url, &path).await),
        Some(Place::Postgres) => {
            url.parse::<PgConnectOptions>().map_err(|error| connect::unreached(&trouble::met(&error)))?
        }
        None => greeting::foreign(url).ok_or_else(|| connect::unknown(url))?,
    };
    let mut probe = Probe::unasked(url, checks::postgres());
    match greeting::of(&address).await {
        Ok(Greeting::Login(method)) => {
            probe.login = method;
            probe.through(url).await;
        }
        Ok(Greeting::Refused(words)) => {
            probe.login = format!("看不到：不加密的连接在登录之前就被拒绝（{words}）");
            probe.through(url).await;
        }
        Ok(Greeting::Unusable(method)) => {
            probe.verdict = Verdict::Unfit(format!("登录方式“{method}”本程序不支持"));
            probe.login = method;
        }
        Ok(Greeting::Foreign(what)) => {
            probe.verdict =
                Verdict::Unfit(format!("这是 {what}，账目只能放在 SQLite、PostgreSQL 或与它兼容的数据库里"));
            probe.system = what;
        }
        Err(error) => probe.verdict = Verdict::Unreachable(connect::unreached(&error).to_string()),
    }
    Ok(probe)
}

impl Probe {
    fn unasked(url: &str, findings: Vec<Finding>) -> Self {
        Self {
            address: connect::shown(url),
            system: String::new(),
            login: String::new(),
            account: String::new(),
            findings,
            verdict: Verdict::Unreachable(String::new()),
        }
    }

    /// Asks all there is to ask of a PostgreSQL.
    async fn through(&mut self, url: &str) {
        match session(url).await {
            Ok(session) => {
                (self.system, self.account) = introduced(&session).await;
                self.asked(&session).await;
                let _ended = session.close().await;
            }
            Err(error) => self.verdict = Verdict::Unreachable(error.to_string()),
        }
    }

    /// Asks everything and sums up.
    async fn asked(&mut self, session: &DatabaseConnection) {
        for finding in &mut self.findings {
            asking::ask(session, finding).await;
        }
        let count = |answer: fn(&Answer) -> bool| {
            self.findings.iter().filter(|found| found.check.needed && answer(&found.answer)).count()
        };
        let lacks = count(|answer| matches!(answer, Answer::Lacks(_)));
        let unknown = count(|answer| matches!(answer, Answer::NotRun(_)));
        self.verdict = match (lacks, unknown) {
            (0, 0) => Verdict::Fit,
            (0, unknown) => Verdict::Unfit(format!("有 {unknown} 项必需的没有试成")),
            (lacks, _) => Verdict::Unfit(format!("缺 {lacks} 项必需的")),
        };
    }
}

async fn session(url: &str) -> Result<DatabaseConnection> {
    let mode = transport::knock(url).await?;
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |postgres| postgres.ssl_mode(mode));
    Ok(Database::connect(options).await?)
}

/// What a PostgreSQL says it is, and who we are there.
async fn introduced(session: &DatabaseConnection) -> (String, String) {
    let version = text(session, "SELECT version()").await;
    let user = text(session, "SELECT current_user::text").await.unwrap_or_default();
    let schema = text(session, "SELECT current_schema()::text").await.unwrap_or_else(|_| "没有".into());
    let super_user = "SELECT rolname::text FROM pg_roles WHERE rolname = current_user AND rolsuper";
    let is_super = text(session, super_user).await.is_ok_and(|name| !name.is_empty());
    let advice = if is_super { "；是超级用户：能用，但用不着" } else { "" };
    let version = version.map_or_else(|error| format!("说不出版本：{error}"), |version| named(&version));
    (version, format!("{user}，模式 {schema}{advice}"))
}

fn named(version: &str) -> String {
    let lower = version.to_lowercase();
    match MAKERS.iter().find(|(word, _)| lower.contains(word)) {
        Some((_, maker)) => format!("{maker}，与 PostgreSQL 兼容的数据库：{version}"),
        None => version.to_owned(),
    }
}

async fn text(session: &DatabaseConnection, sql: &str) -> std::result::Result<String, DbErr> {
    let statement = Statement::from_string(session.get_database_backend(), sql);
    let row = session.query_one_raw(statement).await?;
    row.map(|row| row.try_get_by_index(0)).transpose().map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_database_is_named_whatever_else_its_version_says() {
        for (version, maker) in [
            ("PostgreSQL 9.2.4 (openGauss 5.0.0 build a07d57c3) on x86_64", "openGauss"),
            ("gaussdb (GaussDB Kernel V500R002C10) compiled", "GaussDB"),
            ("KingbaseES V008R006C008B0014 on x86_64-pc-linux-gnu", "人大金仓 KingbaseES"),
            ("PostgreSQL 9.2.4 (GBase8c 3.0.0) on x86_64", "南大通用 GBase"),
        ] {
            let named = named(version);
            assert!(
                named.starts_with(&format!("{maker}，与 PostgreSQL 兼容")) && named.ends_with(version),
                "{named}"
            );
        }
        assert_eq!(named("PostgreSQL 15.20 on x86_64"), "PostgreSQL 15.20 on x86_64");
    }

    #[tokio::test]
    async fn what_is_needed_and_lacks_or_was_not_run_is_unfit_and_the_rest_is_not() {
        let session = Database::connect("sqlite::memory:").await.unwrap();
        let mut probe = Probe::unasked("postgres://hub:secret@h/d", checks::sqlite());
        assert!(matches!(probe.verdict, Verdict::Unreachable(_)) && !probe.address.contains("secret"));
        probe.asked(&session).await;
        assert_eq!(probe.verdict, Verdict::Fit);
        // what SQLite cannot do, asked of it
        probe.findings = checks::postgres();
        probe.asked(&session).await;
        let lacks = |probe: &Probe| {
            probe.findings.iter().filter(|found| matches!(found.answer, Answer::Lacks(_))).count()
        };
        assert!(lacks(&probe) > 5, "{probe:?}");
        assert!(
            matches!(&probe.verdict, Verdict::Unfit(why) if why.starts_with("缺 ")),
            "{:?}",
            probe.verdict
        );
        for finding in &mut probe.findings {
            finding.check.needed = false;
        }
        probe.asked(&session).await;
        assert!(lacks(&probe) > 5 && probe.verdict == Verdict::Fit, "{probe:?}");
    }
}
