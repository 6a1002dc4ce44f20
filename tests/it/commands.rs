//! The commands as processes: what they print, how they end, and that killing one at any moment loses and doubles
//! nothing. Each process is this binary again, see `tests::process`.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use adapters::{
    SystemClock,
    sim::{ParkOptions, park, province},
};
use migrations::{Migrator, MigratorTrait as _};
use serde_json::{Value, json};
use tests::{
    Files,
    http::{Peer, hub_variables, province_options, running::until, sample},
    on_both,
    process::{Lianwang, become_lianwang, line_of, terminate},
    state::Asked,
};

/// The program, when this binary is started to be it; nothing otherwise.
#[test]
fn lianwang_process() {
    become_lianwang();
}

fn lianwang() -> Lianwang {
    Lianwang::new("commands::lianwang_process")
}

const DESTINATION_FILE: &str = "destinations/national/destination.toml";

/// The national park's configuration for the machine's clock: nothing that makes a test wait.
fn files() -> Files {
    sample::files(50).replacing(DESTINATION_FILE, "requests_per_s = 5.0", "requests_per_s = 500.0")
}

/// Both simulators, and the program with its references pointing at them.
struct Stage {
    park: Peer,
    province: Peer,
    program: Lianwang,
    config: String,
    store: String,
}

impl Stage {
    async fn new(db: &tests::Db, files: &Files) -> Self {
        let clock = Arc::new(SystemClock);
        let options = ParkOptions { records_dir: Some(sample::folder()), ..ParkOptions::default() };
        let park = Peer::serve(park::router(&options, clock.clone()).unwrap()).await;
        let province = Peer::serve(province::router(&province_options(), clock).unwrap()).await;
        let program = lianwang().with(hub_variables(&park.url, &province.url));
        let config = program.configure("hub", files).display().to_string();
        Self { park, province, program, config, store: db.url.clone() }
    }

    fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        [command, &["--config", &self.config, "--store", &self.store]].concat()
    }

    async fn run(&self, command: &[&str]) -> tests::process::Ended {
        self.program.run(&self.arguments(command)).await
    }

    async fn audit(&self, code: i32) -> Value {
        serde_json::from_str(&self.run(&["audit", "--json"]).await.said(code)).unwrap()
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn check_says_what_holds_and_where_what_does_not() {
    let program = lianwang();
    let good = program.configure("good", &files()).display().to_string();
    let said = program.run(&["check", &good]).await.said(0);
    assert!(
        said.contains("来源 national-park 样例园区，7 个服务") && said.ends_with("检查通过。\n"),
        "{said}"
    );

    let text = "kind = \"hazard\"\nid_space = \"uuid\"\nselect = { service = \"hazard\" }\n[fields]\nid = \"id\"\ndangerLevle = \"x\"\n";
    let bad = program
        .configure("bad", &files().with("sources/national-park/hazard.toml", text))
        .display()
        .to_string();
    let said = program.run(&["check", &bad]).await.said(1);
    assert!(said.contains("sources/national-park/hazard.toml:6:1"), "{said}");
    assert!(said.contains("dangerLevle") && said.contains("dangerLevel"), "did you mean: {said}");

    let complaint = program.run(&["check", "no-such-folder"]).await;
    assert!(complaint.out.contains("没有这个目录"), "{complaint:?}");
    assert_eq!(complaint.code, Some(2));
    assert_eq!(program.run(&["check"]).await.code, Some(0), "the demo's own");
    assert_eq!(program.run(&["chekc"]).await.code, Some(2));
}

#[tokio::test]
async fn the_path_by_commands_and_what_they_print_as_json() {
    on_both(async |db| {
        let stage = Stage::new(db, &files()).await;
        assert!(
            stage.run(&["audit", "--json"]).await.complained(2).contains("lianwang"),
            "nothing is migrated yet"
        );
        assert!(
            stage
                .run(&["migrate"])
                .await
                .said(0)
                .contains(&format!("执行了 {} 步", Migrator::migrations().len()))
        );
        assert_eq!(stage.run(&["migrate"]).await.said(0), "表结构已是最新\n");
        assert!(stage.run(&["pull", "national-park"]).await.said(0).contains("471 条"));
        assert!(stage.run(&["refine"]).await.said(0).contains("471 条"));
        assert!(stage.run(&["forward"]).await.said(0).contains("460 条"));
        assert!(stage.run(&["forward", "national"]).await.said(0).contains("0 条"));
        audit_json(&stage.audit(0).await);
        explain_json(&stage).await;
        wrong_names(&stage).await;
        broken(&stage, db).await;
    })
    .await;
}

fn audit_json(audit: &Value) {
    let expected = sample::expected();
    let found = ["found", "accepted", "unchanged", "rejected", "held"];
    let owed = ["owed", "confirmed", "refused", "superseded", "abandoned", "pending", "waiting", "excluded"];
    assert_eq!(
        keys(audit),
        [&found[..], &["kinds", "destinations", "holds", "broken", "one_field"]]
            .concat()
            .into_iter()
            .collect()
    );
    for (kind, figures) in audit["kinds"].as_object().unwrap() {
        assert_eq!(keys(figures), found.into_iter().collect());
        for figure in found {
            assert_eq!(figures[figure], expected["per_kind"][kind][figure], "{kind} {figure}");
        }
    }
    assert_eq!((&audit["found"], &audit["holds"], &audit["broken"]), (&json!(471), &json!(true), &json!([])));
    assert_eq!(keys(&audit["destinations"]), BTreeSet::from(["national"]));
    let national = &audit["destinations"]["national"];
    assert_eq!(keys(national), [&owed[..], &["kinds"]].concat().into_iter().collect());
    for figures in national["kinds"].as_object().unwrap().values() {
        assert_eq!(keys(figures), owed.into_iter().collect());
    }
    assert_eq!((&national["owed"], &national["waiting"]), (&json!(462), &json!(1)));
}

/// The hazard that came twice.
const TWICE: &str = "674f59958395562b8f26c02b303a12d1";

async fn explain_json(stage: &Stage) {
    let upper = TWICE.to_uppercase();
    let hyphens =
        format!("{}-{}-{}-{}-{}", &TWICE[..8], &TWICE[8..12], &TWICE[12..16], &TWICE[16..20], &TWICE[20..]);
    let mut same = BTreeSet::new();
    for spelled in [TWICE, &upper, &hyphens, &format!("uuid/{upper}")] {
        same.insert(stage.run(&["explain", "hazard", spelled, "--json"]).await.said(0));
    }
    assert_eq!(same.len(), 1, "in any spelling the same");
    let explained: Value = serde_json::from_str(same.first().unwrap()).unwrap();
    assert_eq!(keys(&explained), BTreeSet::from(["key", "versions", "derived_again"]));
    assert_eq!(
        (&explained["key"], &explained["derived_again"]),
        (&json!(format!("hazard/uuid/{TWICE}")), &json!(true))
    );
    let versions = explained["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    for version in versions {
        let members = ["seq", "document", "place", "revision", "fields", "issues", "deliveries"];
        assert_eq!(keys(version), members.into_iter().collect());
        assert_eq!(keys(&version["document"]), BTreeSet::from(["digest", "received_at", "service"]));
        assert_eq!(version["document"]["service"], "national-park/hazard");
        for field in version["fields"].as_object().unwrap().values() {
            assert_eq!(keys(field), BTreeSet::from(["raw", "place", "rule", "value"]));
        }
        let deliveries = version["deliveries"].as_array().unwrap();
        assert_eq!(keys(&deliveries[0]), BTreeSet::from(["destination", "state", "batch", "answer"]));
    }
    let registered = &versions[1]["fields"]["dangerState"];
    assert_eq!(
        (&registered["raw"], &registered["value"], &registered["place"]),
        (&json!("1"), &json!("1"), &json!("dangerState"))
    );
    assert_eq!(
        (&versions[0]["deliveries"][0]["state"], &versions[1]["deliveries"][0]["state"]),
        (&json!("superseded"), &json!("confirmed"))
    );
}

async fn wrong_names(stage: &Stage) {
    for command in
        [&["pull", "no-such-park"][..], &["forward", "no-such-place"], &["explain", "hazard", "ffff"]]
    {
        assert_eq!(stage.run(command).await.code, Some(2), "{command:?}");
    }
    assert_eq!(stage.run(&["pull"]).await.code, Some(2));
}

/// A second record of the same id in another space; then a count that nothing explains.
async fn broken(stage: &Stage, db: &tests::Db) {
    db.run(&format!(
        "INSERT INTO record (no, kind, id_space, id, source, head, document, place, source_digest, content_digest, as_of) \
         SELECT 1000000, kind, 'src:elsewhere', id, source, head, document, place, source_digest, \
         content_digest, as_of FROM record WHERE kind = 'hazard' AND id = '{TWICE}'"
    ))
    .await;
    let complaint = stage.run(&["explain", "hazard", TWICE]).await.complained(2);
    for key in [format!("hazard/uuid/{TWICE}"), format!("hazard/src:elsewhere/{TWICE}")] {
        assert!(complaint.contains(&key), "{complaint}");
    }
    db.run("DELETE FROM record WHERE no = 1000000").await;

    db.run("UPDATE part SET found = found + 1 WHERE kind = 'unit_outage'").await;
    db.run("DELETE FROM delivery WHERE kind = 'check_record' AND record = (SELECT MIN(record) FROM delivery WHERE kind = 'check_record')")
        .await;
    let audit = stage.audit(1).await;
    assert_eq!(audit["holds"], false);
    let broken = audit["broken"].as_array().unwrap();
    let of = |equation: &str| broken.iter().find(|one| one["equation"] == equation).unwrap();
    assert_eq!(keys(of("found")), BTreeSet::from(["equation", "document", "kind", "left", "right"]));
    assert_eq!(
        (&of("found")["kind"], &of("found")["left"], &of("found")["right"]),
        (&json!("unit_outage"), &json!(6), &json!(5))
    );
    assert_eq!(
        of("owed"),
        &json!({"equation": "owed", "destination": "national", "kind": "check_record", "left": 118, "right": 117})
    );
    assert_eq!(broken.len(), 2);
    assert!(stage.run(&["audit"]).await.complained(1).contains("等式不成立"));
}

#[tokio::test]
async fn a_source_that_cannot_be_reached_is_a_remote_failure() {
    let db = tests::Db::sqlite();
    let mut stage = Stage::new(&db, &files()).await;
    stage.program = stage.program.with(hub_variables("http://127.0.0.1:1", &stage.province.url));
    let complaint = stage.run(&["pull", "national-park"]).await.complained(3);
    assert!(complaint.contains("national-park · risk_unit"), "{complaint}");
    assert!(!complaint.contains("one for all"), "a secret is never printed");
    assert_eq!(stage.audit(0).await["found"], 0);
}

#[tokio::test]
async fn the_service_ends_well_when_told_and_leaves_no_half_step() {
    let db = tests::Db::sqlite();
    let scheduled = files().replacing(
        sample::SOURCE_FILE,
        "title = \"样例园区\"",
        "title = \"样例园区\"\nschedule = \"* * * * * *\"",
    );
    let stage = Stage::new(&db, &scheduled).await;
    let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
    let page = line_of(&mut service, "状态页 ").await;
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    until("half of it is sent", async || stage.province.ledger().await["distinct"].as_i64() >= Some(200))
        .await;
    let ended = terminate(service).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let asked = Asked::open(&db).await;
    let now = adapters::Clock::now(&SystemClock).timestamp_millis();
    assert_eq!(
        asked.number(&format!("SELECT COUNT(*) FROM lease WHERE until > {now}")).await,
        0,
        "its leases are given back"
    );
    assert_eq!(
        asked.number("SELECT COUNT(*) FROM batch WHERE state <> 'settled'").await,
        0,
        "no batch was left half-way"
    );
    asked.close().await;
    stage.audit(0).await;
    for command in [&["pull", "national-park"][..], &["refine"], &["forward"]] {
        assert_eq!(stage.run(command).await.code, Some(0), "{command:?}");
    }
    assert_eq!(stage.province.ledger().await["distinct"], 460);
}

#[tokio::test]
async fn beside_an_idle_service_a_command_works_at_once() {
    on_both(async |db| {
        let stage = Stage::new(db, &files()).await;
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        let asked = Asked::open(db).await;
        let held = "SELECT COUNT(*) FROM lease WHERE until > 0 AND name IN ('pull:national-park', 'forward:national')";
        until("it holds its leases", async || asked.number(held).await == 2).await;
        asked.close().await;
        let began = std::time::Instant::now();
        for command in [&["pull", "national-park"][..], &["refine"], &["forward", "national"]] {
            let ended = stage.run(command).await;
            assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no lease was waited out: {:?}", began.elapsed());
        until("all is sent", async || stage.province.ledger().await["distinct"] == 460).await;
        assert_eq!(terminate(service).await.code, Some(0));
        stage.audit(0).await;
    })
    .await;
}

#[tokio::test]
async fn a_command_that_works_on_a_ledger_makes_none() {
    let program = lianwang();
    for command in [
        &["apply", "--back", "--why", "试"][..],
        &["replay", "--yes"],
        &["refine"],
        &["forward"],
        &["pull", "national-park"],
        &["retention"],
        &["recover"],
        &["checkpoint"],
        &["audit"],
    ] {
        let complaint = program.run(command).await.complained(2);
        assert!(complaint.contains("没有账目文件"), "{command:?}: {complaint}");
        for folder in ["lianwang-demo", "data"] {
            assert!(!program.folder().join(folder).exists(), "{command:?} made {folder}");
        }
    }
}

#[tokio::test]
async fn somebody_elses_file_is_left_as_it_is() {
    let program = lianwang();
    let path = program.folder().join("theirs.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let theirs = sea_orm::Database::connect(&url).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&theirs, "CREATE TABLE letter (word TEXT)").await.unwrap();
    theirs.close().await.unwrap();
    std::fs::write(program.folder().join("letter.db"), "Dear Sir or Madam, this is no ledger").unwrap();
    let before = std::fs::read(&path).unwrap();
    let back = ["apply", "--back", "--why", "试"];
    for command in [&["audit"][..], &["revisions"], &["checkpoint"], &back] {
        let told = program.run(&[command, &["--store", "sqlite://theirs.db"]].concat()).await.complained(2);
        assert!(told.contains("里没有联网的账目"), "{command:?}: {told}");
        let told = program.run(&[command, &["--store", "sqlite://letter.db"]].concat()).await.complained(2);
        assert!(told.contains("不是 SQLite 的文件"), "{command:?}: {told}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(!program.folder().join("theirs.db-wal").exists());
}

#[tokio::test]
async fn what_is_mistaken_is_said_in_chinese_and_once() {
    let program = lianwang();
    let broken =
        program.configure("broken", &files().with("lianwang.toml", "node = = 1\n")).display().to_string();
    let missing = "没有这个目录";
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let good = program.configure("good", &files()).display().to_string();
    for (command, code, told) in [
        (&["apply", "no-such-folder", "--why", "试"][..], 2, missing),
        (&["diff", "no-such-folder"], 2, missing),
        (&["pull", "x", "--config", "no-such-folder"], 2, missing),
        (&["apply", &broken, "--why", "试"], 1, "配置有错，没有启用"),
        (&["diff", &broken], 1, "配置有错，没有比较"),
        (&["pull", "x", "--config", &broken], 1, "配置有错，没有运行"),
        (&["bench", "--config", &good, "--input", "nosuch.ndjson"], 2, "nosuch.ndjson：没有这个文件或目录"),
        (&["demo", "--listen", &taken], 2, "地址已被占用"),
        (&["chekc"], 2, "没有 chekc 这个命令"),
    ] {
        let ended = program.run(command).await;
        assert_eq!(ended.code, Some(code), "{command:?}: {ended:?}");
        assert!(ended.err.contains(told), "{command:?}: {ended:?}");
        assert_eq!(ended.err.matches("错误：").count(), 1, "{command:?}: {ended:?}");
        assert!(!ended.err.contains("os error") && !ended.err.contains("error:"), "{command:?}: {ended:?}");
        assert!(!ended.out.contains("已在本机运行"), "{command:?}: {ended:?}");
    }
    assert!(!program.folder().join("lianwang-demo").exists());
}

/// Processes killed at work.
const KILLS: u32 = 10;

/// Numbers that are the same every time (Knuth's MMIX generator).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[tokio::test]
async fn killed_at_any_moment_and_run_again_nothing_is_lost_or_doubled() {
    let db = tests::Db::sqlite();
    let scheduled = files()
        .replacing(
            sample::SOURCE_FILE,
            "title = \"样例园区\"",
            "title = \"样例园区\"\nschedule = \"* * * * * *\"",
        )
        .replacing(DESTINATION_FILE, "batch = 20", "batch = 3");
    let stage = Stage::new(&db, &scheduled).await;
    assert_eq!(stage.run(&["migrate"]).await.code, Some(0));
    let mut dice = Seeded(20_261_123);
    let (mut rounds, mut kills) = (0_u32, 0);
    while kills < KILLS {
        rounds += 1;
        assert!(rounds <= 5 * KILLS, "only {kills} were killed in time");
        let fresh: Vec<Value> = (1..=3).map(|n| sample::unit(1_000 + 10 * rounds + n)).collect();
        stage.park.post("/rows/risk_unit", &Value::from(fresh)).await;
        let one = usize::try_from(dice.below(4)).unwrap();
        let command: &[&str] =
            [&["run", "--listen", "127.0.0.1:0"][..], &["forward"], &["pull", "national-park"], &["refine"]]
                [one];
        kills += u32::from(is_killed_after(&stage, command, 250 + dice.below(500)).await);
        // a minute passes: leases of processes that are gone run out
        db.run("UPDATE lease SET until = 0").await;
    }
    for command in [&["pull", "national-park"][..], &["refine"], &["forward"]] {
        assert_eq!(stage.run(command).await.code, Some(0), "{command:?}");
    }
    let audit = stage.audit(0).await;
    let all = 462 + 3 * i64::from(rounds);
    assert_eq!(audit["accepted"], all);
    let national = &audit["destinations"]["national"];
    assert_eq!(
        (&national["pending"], &national["waiting"], &national["refused"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let ledger = stage.province.ledger().await;
    assert_eq!(
        (&ledger["distinct"], &ledger["two_spellings"], &ledger["out_of_order_parents"]),
        (&json!(all - 2), &json!(0), &json!(0))
    );
    let asked = Asked::open(&db).await;
    assert_eq!(
        asked.number("SELECT COUNT(*) FROM batch").await,
        ledger["batches"],
        "no batch went with other bytes"
    );
    assert_eq!(asked.number("SELECT COUNT(*) FROM delivery WHERE confirmed IS NOT NULL").await, all - 2);
    asked.close().await;
}

/// Kills a command after so long (SIGKILL); whether it was still at work.
async fn is_killed_after(stage: &Stage, command: &[&str], ms: u64) -> bool {
    let mut child = stage.program.start(&stage.arguments(command));
    let in_time = tokio::time::timeout(Duration::from_millis(ms), child.wait()).await;
    if in_time.is_err() {
        child.kill().await.unwrap();
    }
    in_time.is_err()
}

#[tokio::test]
async fn the_demo_twice_finds_nothing_new_and_its_two_ledgers_agree() {
    let program = lianwang();
    let first = program.run(&["demo", "--once"]).await.said(0);
    assert!(first.contains("两个等式都成立。"), "{first}");
    let audit =
        async || -> Value { serde_json::from_str(&program.run(&["audit", "--json"]).await.said(0)).unwrap() };
    let before = audit().await;
    let second = program.run(&["demo", "--once"]).await.said(0);
    let after = audit().await;
    assert_eq!(ledgers(&first), ledgers(&second));
    let (theirs, ours) = ledgers(&second);
    assert!(theirs == ours && theirs > 500, "{theirs} {ours}");
    for figure in ["accepted", "held"] {
        assert_eq!(before[figure], after[figure], "{figure}");
    }
    assert_eq!(before["destinations"], after["destinations"], "nothing went the second time");
    assert!(after["found"].as_i64() > before["found"].as_i64());
}

/// The last line but one: what the province has, what we say it has.
fn ledgers(said: &str) -> (u64, u64) {
    let line = said.lines().find(|line| line.starts_with("省平台自己的账")).unwrap();
    let mut numbers = line.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[tokio::test]
async fn the_demo_shows_three_industries_and_lets_go_what_it_decided() {
    let program = lianwang();
    let said = program.run(&["demo", "--once"]).await.said(0);
    for part in [
        "待定：demo-county 的“基本落实”",
        "待定：demo-mine 的“Ⅰ”",
        "待定：demo-park 的“特大隐患”",
        "9 条待定记录在等它：现在放行",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let sheet = said.split_once("lianwang take ").unwrap().1.split_whitespace().next().unwrap();
    assert!(program.folder().join(sheet).is_file() && sheet.starts_with("lianwang-demo/退回-"), "{said}");
    let looked = program.run(&["take", sheet, "--source", "demo-park", "--dry-run"]).await.said(0);
    assert!(looked.contains("退回 ") && looked.contains("在“周期单位为小时”时必填"), "{looked}");
    let table = program.folder().join("lianwang-demo/config/tables/demo-county-result.csv");
    assert!(
        std::fs::read_to_string(&table).unwrap().contains("基本落实,2,"),
        "the decision is in the directory"
    );
    let waiting: Value = serde_json::from_str(&program.run(&["codes", "--json"]).await.said(0)).unwrap();
    let sources: Vec<&str> =
        waiting.as_array().unwrap().iter().map(|word| word["source"].as_str().unwrap()).collect();
    assert!(!sources.contains(&"demo-county") && sources.contains(&"demo-mine"), "{sources:?}");

    // the demo's directory is one like any other: a word decided by hand, what waited let go and sent
    let map = ["codes", "map", "demo-mine", "demo-mine-risk-level", "Ⅰ", "重大风险", "--why", "与矿山核实"];
    assert!(program.run(&map).await.said(0).contains("→ 1"));
    let readme =
        include_str!("../../README.md").lines().find_map(|line| line.strip_prefix("lianwang codes map"));
    let words = readme.unwrap().split('#').next().unwrap().split_whitespace();
    let walk: Vec<&str> = ["codes", "map"].into_iter().chain(words).collect();
    assert!(program.run(&walk).await.said(0).contains("“特大隐患” → 1"), "the README's own line");
    assert!(program.run(&["refine"]).await.said(0).contains("研判"));
    let left = program.run(&["codes"]).await.said(0);
    assert!(!left.contains("“Ⅰ”") && left.contains("demo-mine 的“3”"), "{left}");
    let audit: Value =
        serde_json::from_str(&program.run(&["audit", "--json", "--deep"]).await.said(0)).unwrap();
    assert_eq!(audit["holds"], serde_json::json!(true));
    // the same demo again takes the directory as it was left
    let again = program.run(&["demo", "--once"]).await.said(0);
    assert!(!again.contains("demo-county 的“基本落实”") && !again.contains("demo-mine 的“Ⅰ”"), "{again}");
}
