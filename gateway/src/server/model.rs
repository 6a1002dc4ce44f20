//! What the status page, `/status.json` and `/metrics` say, as plain figures.
//! Filled from the store by `store::status`; leaves judging the figures to `view` and drawing them to the page.
//! Holds no personal data in clear: issues carry masked values.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Everything the page shows, read at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Status {
    /// This replica's name.
    pub node: String,
    /// The program's version.
    pub version: String,
    /// IANA zone the page's times are shown in.
    pub zone: String,
    /// When the figures were read, UTC.
    pub now: DateTime<Utc>,
    /// The active revision's hash, hex; none before the first is active.
    pub revision: Option<String>,
    /// Records found, by current verdict, over all sources.
    pub found: Found,
    /// The sources of the active revision, in their order.
    pub sources: Vec<SourceStatus>,
    /// The destinations of the active revision, in their order.
    pub destinations: Vec<DestinationStatus>,
    /// The latest issues, newest first; at most as many as the page should list.
    pub issues: Vec<IssueLine>,
    /// What is under way now.
    pub progress: Vec<Progress>,
    /// Both equations, as last computed.
    pub equations: Equations,
    /// Pairs of records that look like one registered twice, and nobody has looked at.
    pub look_alikes: u64,
    /// Identifiers of owners that newest states name and the roster, where there is one, does not know.
    pub unknown_owners: u64,
    /// Records whose newest state names one of them.
    pub unattributed: u64,
    /// Why nothing is read now, if so: the disk is filling.
    pub stopped: Option<String>,
    /// Why this replica does not work by the active revision; none when it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfit: Option<String>,
}

/// Records found and what became of them: `found = accepted + unchanged + rejected + held`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Found {
    /// Records found in documents judged or not.
    pub found: u64,
    /// Records with a version.
    pub accepted: u64,
    /// Records that needed none.
    pub unchanged: u64,
    /// Records refused here, with issues.
    pub rejected: u64,
    /// Records that a person or a table must decide.
    pub held: u64,
    /// Records landed but not judged yet: the difference while work is under way, never part of the equation.
    pub unjudged: u64,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SourceStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Its name for people; empty when none is configured.
    pub title: String,
    /// Its records, by current verdict.
    pub found: Found,
    /// Whether a replica is reading or judging it now.
    pub running: bool,
    /// When its last run ended.
    pub last_run: Option<DateTime<Utc>>,
    /// When it runs next; none when it has no schedule.
    pub next_run: Option<DateTime<Utc>>,
    /// Why its last run failed; none when it did not.
    pub last_error: Option<Failure>,
    /// Its services, in declared order.
    pub services: Vec<ServiceStatus>,
    /// Its documents that are held whole because too much of them is bad.
    pub over_limit: Vec<OverLimitLine>,
    /// Its whole passes that did not name too much of what stands: a person must let the deletions go.
    pub held_sweeps: Vec<SweepLine>,
}

/// A whole pass whose deletions wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SweepLine {
    /// Its number.
    pub no: i64,
    /// The service.
    pub service: String,
    /// When the pass came to its end.
    pub at: DateTime<Utc>,
    /// Records that stand.
    pub standing: u64,
    /// Records of them that the pass did not name.
    pub missing: u64,
    /// Of a hundred, so many may be missing.
    pub cap_percent: u8,
}

/// A document that is held whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OverLimitLine {
    /// Its number.
    pub document: i64,
    /// The service.
    pub service: String,
    /// Records found in it.
    pub found: u64,
    /// Records of it that would be refused here.
    pub rejected: u64,
    /// What is allowed, as the configuration says it.
    pub allowed: String,
    /// Its records that are still held for it.
    pub left: u64,
}

/// One list of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ServiceStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Its name for people; empty when none is configured.
    pub title: String,
    /// The kind its records become; empty when no mapping takes it.
    pub kind: String,
    /// Where reading has come to, for people (`2024-06-12 09:30:00`, `第 3 页`); none before the first page.
    pub cursor: Option<String>,
    /// Records found in it.
    pub found: u64,
    /// Paths in its records that its mapping did not name, as many as are told apart.
    pub unknown_fields: u64,
}

/// An operation that failed, in Chinese, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Failure {
    /// When it last happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub what: String,
}

/// One destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DestinationStatus {
    /// Its name in the configuration.
    pub name: String,
    /// Its name for people; empty when none is configured.
    pub title: String,
    /// All kinds together.
    pub total: Deliveries,
    /// Each kind it takes, parents first.
    pub kinds: Vec<KindDeliveries>,
    /// Batches that may or may not have arrived; they go again as they are.
    pub unknown_batches: u64,
    /// When it last confirmed something.
    pub last_confirmed: Option<DateTime<Utc>>,
    /// When something is tried again; none when nothing waits for a moment.
    pub next_attempt: Option<DateTime<Utc>>,
    /// Why the last attempt failed; none when it did not.
    pub last_error: Option<Failure>,
}

/// One kind at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct KindDeliveries {
    /// The kind's name.
    pub kind: String,
    /// The kind's name for people.
    pub label: String,
    /// Its figures.
    #[serde(flatten)]
    pub deliveries: Deliveries,
}

/// Versions owed and what became of them: `owed = confirmed + refused + superseded + abandoned + pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Deliveries {
    /// Versions in scope.
    pub owed: u64,
    /// Taken by the receiver.
    pub confirmed: u64,
    /// Refused by the receiver.
    pub refused: u64,
    /// Overtaken by a newer version before they went.
    pub superseded: u64,
    /// Given up, by a person.
    pub abandoned: u64,
    /// Still on the way: `due + waiting + sent`.
    pub pending: u64,
    /// To be sent.
    pub due: u64,
    /// Their parent is not confirmed there yet.
    pub waiting: u64,
    /// In a batch that was frozen or sent.
    pub sent: u64,
    /// Out of scope; not part of `owed`.
    pub excluded: u64,
}

/// One issue, as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct IssueLine {
    /// When it was raised.
    pub at: DateTime<Utc>,
    /// The source.
    pub source: String,
    /// The service.
    pub service: String,
    /// The kind's name for people.
    pub kind: String,
    /// The record's id as judged; empty when it has none.
    pub id: String,
    /// The issue's code.
    pub code: String,
    /// `reject`, `hold` or `warn`.
    pub level: String,
    /// The field's name for people, or its name.
    pub field: String,
    /// The value, masked where it is personal.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// Something under way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// What, for people (`读取 濮阳园区 · 隐患信息`).
    pub what: String,
    /// How far.
    pub done: u64,
    /// Of how many; none when nobody announced a total.
    pub total: Option<u64>,
}

/// Both equations' verdict.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Equations {
    /// When they were computed; none before the first time.
    pub checked: Option<DateTime<Utc>>,
    /// Where one does not hold; empty: both hold.
    pub broken: Vec<Broken>,
}

/// One place where an equation does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Broken {
    /// `found` or `owed`.
    pub equation: String,
    /// The document or the destination.
    pub of: String,
    /// The kind.
    pub kind: String,
    /// The left side.
    pub left: u64,
    /// The right side.
    pub right: u64,
}

/// What `/readyz` asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Readiness {
    /// Why the database does not answer; none when it does.
    pub database: Option<String>,
    /// Migrations not applied yet.
    pub pending_migrations: u32,
    /// Whether a revision is active.
    pub revision: bool,
}

impl Readiness {
    /// Why work cannot be taken, in Chinese; none when it can.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        if let Some(error) = &self.database {
            return Some(format!("数据库没有回答：{error}"));
        }
        if self.pending_migrations > 0 {
            return Some(format!("数据库还差 {} 个迁移，请运行 lianwang migrate", self.pending_migrations));
        }
        (!self.revision).then(|| "还没有生效的配置，请用 lianwang run --config 目录 启动".to_owned())
    }
}
