//! SIGKILL at every named boundary, before and after it, and at random statements and boundaries: each round is a process
//! that dies, and the next one goes on from what it left. `LIANWANG_KILL_ROUNDS` asks for so many rounds on each database.

use std::{collections::BTreeSet, os::unix::process::ExitStatusExt, time::Duration};

use gateway::store::{POINTS, Store};
use serde_json::json;
use tests::{
    Db, Files,
    http::sample,
    process::{line_of, tell},
    stage::{Stage, agree, eager},
    state::Asked,
};
use tokio::process::Child;

/// How often in one life a boundary is reached before the kill: the first, the second time.
const NAMED: [u32; 2] = [1, 2];
/// Rounds on each database unless the environment asks for more.
const ROUNDS: u32 = 80;
/// The mapping in which the two configurations differ.
const UNIT: &str = "sources/national-park/risk_unit.toml";
/// Longest that a process may take to reach its end.
const PATIENCE: Duration = Duration::from_mins(1);

/// Numbers that are the same every time (Knuth's MMIX generator).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One database's torture.
struct Torture {
    stage: Stage,
    store: Store,
    asked: Asked,
    /// The same hub with another title and another mapping: to run it is to activate another revision.
    other: String,
    rounds: u32,
}

impl Torture {
    async fn on(db: &Db) -> Self {
        let stage = Stage::new(&db.url, &titled("")).await;
        // what one of them accepted, the other would derive otherwise
        let other = titled("改名").replacing(UNIT, "= \"riskUnitName\"", "= \"hazardDep\"");
        let other = stage.program.configure("other", &other).display().to_string();
        let store = db.store().await;
        let asked = Asked::open(db).await;
        Self { stage, store, asked, other, rounds: 0 }
    }

    /// One life: new records, one process that dies as ordered, both equations.
    async fn round(&mut self, order: &str) {
        self.rounds += 1;
        self.stage.family(self.rounds).await;
        // who died while replaying wants nothing any more
        self.asked.rows("UPDATE lease SET until = 0 WHERE name LIKE 'wish:%' RETURNING until").await;
        // somebody asks for a run: nobody has the patience for the schedule's next second
        if !order.starts_with("ask") {
            self.asked.rows("UPDATE cursor SET due = 1 RETURNING due").await;
        }
        let config = self.config();
        let command: &[&str] = match order.split(':').next() {
            Some("retain") => &["retention"],
            Some("views") => &["views"],
            Some("checkpoint" | "checkpoint-file") => &["checkpoint"],
            Some("replay") => &["replay", "--yes"],
            _ => &["run", "--listen", "127.0.0.1:0"],
        };
        let arguments = [command, &["--config", config, "--store", &self.stage.store]].concat();
        let mut child = self.stage.program.start_with(&arguments, &[("LIANWANG_KILL_AT", order)]);
        if order.starts_with("lease-release") {
            line_of(&mut child, "状态页 ").await;
            tell(&child, "TERM").await;
        }
        killed(child, order).await;
        let audit = self.store.audit().await.unwrap();
        assert!(audit.holds, "{order}: {:#?}", audit.broken);
    }

    /// The configuration of this life: another one than the life before had.
    fn config(&self) -> &str {
        if self.rounds.is_multiple_of(2) { &self.other } else { &self.stage.config }
    }

    /// What makes a boundary come about that a quiet night does not reach.
    async fn provoke(&mut self, point: &str, nth: u32) {
        match point {
            "failed-fetch" => self.stage.park.fault(&json!({"kind": "down", "times": nth})).await,
            "postpone" => self.stage.province.fault(&json!({"kind": "down", "times": nth})).await,
            // all that was ever received is old
            "retain" => {
                self.asked.rows("UPDATE blob SET used_at = 0 RETURNING used_at").await;
                self.asked.rows("UPDATE lease SET until = 0 WHERE name = 'retention' RETURNING until").await;
            }
            // something was judged under the other configuration; leases of those who died are free
            "replay" => {
                self.asked.rows("UPDATE lease SET until = 0 RETURNING until").await;
                for command in [&["pull", "national-park"][..], &["refine"]] {
                    let place = ["--config", self.config(), "--store", &self.stage.store];
                    let ended = self.stage.program.run(&[command, &place].concat()).await;
                    assert_eq!(ended.code, Some(0), "{ended:?}");
                }
            }
            // something that no checkpoint has yet
            "checkpoint" => self.round("land:1:after").await,
            // a batch that an earlier life left is sent only after the lease was renewed
            "lease-renew" => self.round("deliver:1:after").await,
            _ => {}
        }
    }
}

/// The hub under another title, so that age takes what it received.
fn titled(title: &str) -> Files {
    let text = format!("node = \"national-park\"\ntitle = \"{title}\"\n[retention]\nraw_days = 1\n");
    // read to its end, each whole list is compared with what stands
    eager().with("lianwang.toml", &text).replacing(
        sample::SOURCE_FILE,
        "name = \"risk_unit\"\n",
        "name = \"risk_unit\"\nsnapshot = true\n",
    )
}

/// Waits for a process to be killed, which it must be.
async fn killed(child: Child, order: &str) {
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{order} was never reached")).unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.signal(), Some(9), "{order}: {said}");
}

/// These die elsewhere: a recovery in `proof::recovery` on a ledger that was restored, the others in the sweeps of
/// `waiting`, `error_limit`, `look_alikes`, `sweeping` and `roster` and in `taking` and `returning`, whose configurations or files they need.
const ELSEWHERE: [&str; 12] = [
    "alias",
    "fix",
    "recover",
    "give-up",
    "release",
    "look-alikes",
    "look-alike-settle",
    "take",
    "release-sweep",
    "roster",
    "return",
    "return-undo",
];

/// Boundaries of which a life passes one only.
const ONCE: [&str; 11] = [
    "views",
    "migrate",
    "activate",
    "serve",
    "ask",
    "replay",
    "lease-renew",
    "lease-release",
    "retain",
    "checkpoint-file",
    "checkpoint",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_named_boundary_and_at_random_on_sqlite() {
    let db = Db::sqlite();
    torture(&db).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_named_boundary_and_at_random_on_postgres() {
    let Some(db) = Db::postgres().await else { return };
    torture(&db).await;
    db.close().await;
}

async fn torture(db: &Db) {
    let mut torture = Torture::on(db).await;
    named(&mut torture).await;
    random(&mut torture).await;
    // a minute passes: what failed may be tried again, leases of commands that never were are free
    db.run("UPDATE lease SET until = 0; UPDATE cursor SET not_before = NULL").await;
    torture.stage.finish().await;
    let audit = torture.store.audit().await.unwrap();
    let agreed = agree(db, &torture.stage, &audit).await;
    proven(&torture.stage).await;
    assert_eq!(agreed.confirmed, 3 * usize::try_from(torture.rounds).unwrap());
    torture.asked.close().await;
    assert!(torture.rounds >= wanted_rounds(), "{}", torture.rounds);
}

/// Whatever died while it was written, the file of checkpoints is whole and says what the ledger does.
async fn proven(stage: &Stage) {
    let said = stage.run(&["checkpoint"]).await.said(0);
    let file = said.trim_end().rsplit_once("已写入 ").unwrap().1;
    let audit = stage.run(&["audit", "--against", file]).await.said(0);
    assert!(audit.contains("与账目一致"), "{audit}");
}

async fn named(torture: &mut Torture) {
    for nth in NAMED {
        for point in POINTS {
            if ELSEWHERE.contains(&point) || nth > 1 && ONCE.contains(&point) {
                continue;
            }
            for side in ["before", "after"] {
                torture.provoke(point, nth).await;
                torture.round(&format!("{point}:{nth}:{side}")).await;
            }
        }
    }
}

async fn random(torture: &mut Torture) {
    let mut dice = Seeded(20_261_125);
    while torture.rounds < wanted_rounds() {
        let (point, most) = if dice.below(2) == 0 { ("*", 30) } else { ("statement", 150) };
        let side = if point == "*" && dice.below(2) == 0 { "before" } else { "after" };
        let nth = 1 + dice.below(most);
        torture.round(&format!("{point}:{nth}:{side}")).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own switch, read here alone")]
fn wanted_rounds() -> u32 {
    std::env::var("LIANWANG_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

/// The list of boundaries is what the sources name.
#[test]
fn every_boundary_in_the_sources_is_a_named_one() {
    let mut named = BTreeSet::new();
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/src");
    read(&sources, &mut named);
    // tried and always rolled back: no boundary
    named.remove("judge-trial");
    assert_eq!(named, POINTS.into_iter().map(str::to_owned).collect());
}

fn read(folder: &std::path::Path, named: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, named);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in [".write(\"", ".reaching(\""] {
                let found = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                named.extend(found.map(str::to_owned));
            }
        }
    }
}
