//! What is told: one record's path as it was and as it is, originals that are damaged, and what commands say when they
//! stop or wait.

use std::sync::Arc;

use adapters::{
    Clock as _, SystemClock,
    sim::{ParkOptions, park, province},
};
use gateway::pipeline::{
    self, Damaged, Deep,
    explain::{self, Explained},
};
use migrations::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    http::{Peer, hub_variables, province_options, sample},
    on_both,
    process::Lianwang,
    rows::{alarm, id, plant, tank},
    state::Asked,
};

async fn explained(world: &World, kind: &str, n: u32) -> Explained {
    let found = explain::find(&world.context, kind, &id(n)).await.unwrap();
    let [(key, record)] = found.as_slice() else { panic!("{kind} {n}: {found:?}") };
    explain::explain(&world.context, key, *record).await.unwrap()
}

async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let number = asked.number(sql).await;
    asked.close().await;
    number
}

fn codes(issues: &[mappings::Issue]) -> Vec<&str> {
    issues.iter().map(|issue| issue.code.as_str()).collect()
}

/// A tank's name is noted when it is odd.
fn noting() -> Files {
    Files::small().replacing(
        "kinds/tank.toml",
        "max = 20, required = true",
        "max = 20, required = true, pattern = { is = '^储罐', level = \"warn\" }",
    )
}

fn knowing(files: Files, word: &str) -> Files {
    files.replacing("tables/park-level.csv", "一般,3\n", &format!("一般,3\n{word},1\n"))
}

/// One tank of an unknown level and with an odd name, in a plant that is there.
async fn odd_tank(db: &Db) -> World {
    let mut world = World::new(db, &noting()).await;
    let mut odd = tank(11, 2, 1, "特大");
    odd["name"] = json!("罐甲");
    world.park().add("plants", plant(1, 1, "甲"));
    world.park().add("tanks", odd);
    world.run().await;
    world
}

#[tokio::test]
async fn a_released_record_has_the_notes_of_its_version_and_says_what_it_was_held_for() {
    on_both(async |db| {
        let mut world = odd_tank(db).await;
        let held = explained(&world, "tank", 11).await;
        assert_eq!((held.versions.len(), held.derived_again), (0, true));
        let [other] = held.others.as_slice() else { panic!("{:?}", held.others) };
        assert_eq!((other.verdict.as_str(), other.state.as_deref()), ("held", Some("held")));
        let mut both = codes(&other.issues);
        both.sort_unstable();
        assert_eq!(both, ["pattern", "unknown-code"]);

        world.activate(&knowing(noting(), "其他")).await;
        world.until_idle().await;
        let still = explained(&world, "tank", 11).await;
        assert_eq!(still.others.len(), 1, "one entry, whatever number of tables did not help");
        assert_eq!(number(db, "SELECT COUNT(*) FROM issue").await, 2);

        world.activate(&knowing(noting(), "特大")).await;
        world.until_idle().await;
        let released = explained(&world, "tank", 11).await;
        assert!(released.derived_again);
        let [version] = released.versions.as_slice() else { panic!("{:?}", released.versions) };
        assert_eq!(codes(&version.issues), ["pattern"], "nothing of what it was held for");
        let [other] = released.others.as_slice() else { panic!("{:?}", released.others) };
        assert_eq!((other.verdict.as_str(), other.state.as_deref()), ("held", Some("accepted")));
    })
    .await;
}

#[tokio::test]
async fn a_version_without_notes_shows_none_of_another_time() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.park().add("tanks", tank(11, 2, 1, "特大"));
        world.park().add("tanks", tank(12, 2, 1, "重大"));
        world.run().await;
        world.activate(&knowing(Files::small(), "特大")).await;
        world.until_idle().await;
        let released = explained(&world, "tank", 11).await;
        assert_eq!((released.versions.len(), codes(&released.versions[0].issues).len()), (1, 0));
        let neighbour = explained(&world, "tank", 12).await;
        assert_eq!((neighbour.versions.len(), neighbour.others.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_held_one_that_is_rejected_or_said_again_since_says_so() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        for (minute, level) in [(2, "较大"), (3, "特大"), (4, "较大")] {
            world.park().change("tanks", |rows| *rows = vec![tank(11, minute, 1, level)]);
            world.run().await;
        }
        world.park().change("tanks", |rows| *rows = vec![tank(12, 9, 1, "特大")]);
        world.run().await;
        let strict = knowing(Files::small(), "特大").replacing(
            "kinds/tank.toml",
            "max = 20, required = true",
            "max = 20, required = true, pattern = '^罐'",
        );
        world.activate(&strict).await;
        world.until_idle().await;
        let state = |explained: &Explained| {
            let states: Vec<_> =
                explained.others.iter().map(|other| (other.verdict.clone(), other.state.clone())).collect();
            states
        };
        let said_again = explained(&world, "tank", 11).await;
        assert_eq!(state(&said_again), [("held".to_owned(), Some("unchanged".to_owned()))]);
        let rejected = explained(&world, "tank", 12).await;
        assert_eq!(state(&rejected), [("rejected".to_owned(), Some("rejected".to_owned()))]);
        assert_eq!(codes(&rejected.others[0].issues), ["pattern"], "the newest issues");
    })
    .await;
}

/// What `delivery` of the newest version of a plant says.
fn standing(explained: &Explained) -> Vec<(&str, Option<&str>)> {
    let newest = explained.versions.last().unwrap();
    newest.deliveries.iter().map(|one| (one.state.as_str(), one.answer.as_deref())).collect()
}

#[tokio::test]
async fn what_became_of_it_at_its_destination() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let mut tested = plant(2, 1, "试验");
        tested["test"] = json!("1");
        world.park().add("plants", plant(1, 1, "甲"));
        world.park().add("plants", tested);
        world.park().add("alarms", alarm(21, 99, 8));
        world.land_all("park").await;
        world.refine_all("park").await;
        assert_eq!(standing(&explained(&world, "plant", 1).await), [("due", None)]);
        world.until_idle().await;
        assert_eq!(standing(&explained(&world, "plant", 1).await)[0].0, "confirmed");
        assert_eq!(standing(&explained(&world, "plant", 2).await), [("excluded", None)]);
        let (waits, on) =
            (explained(&world, "alarm", 21).await, format!("tank/uuid/{}", tests::rows::wire(99)));
        assert_eq!(standing(&waits), [("waiting", Some(on.as_str()))]);
    })
    .await;
}

/// Three documents, each its own bytes: two plants, a tank, an alarm.
async fn three_documents(db: &Db) -> World {
    let mut world = World::new(db, &Files::small()).await;
    world.park().add("plants", plant(1, 1, "甲"));
    world.park().add("plants", plant(2, 1, "乙"));
    world.park().add("tanks", tank(11, 2, 1, "特大"));
    world.park().add("alarms", alarm(21, 11, 7));
    world.run().await;
    world
}

async fn digest_of(db: &Db, service: &str) -> (i64, String) {
    let asked = Asked::open(db).await;
    let filter = format!("FROM document WHERE service = '{service}' ORDER BY no");
    let no = asked.number(&format!("SELECT no {filter}")).await;
    let digest = asked.column::<String>(&format!("SELECT blob {filter}")).await.swap_remove(0);
    asked.close().await;
    (no, digest)
}

/// The three ways an original is lost, and what is said of each.
fn losses(db: &Db, digest: &str) -> [(String, &'static str); 3] {
    let nonsense = if db.name == "SQLite" { "X'00010203'" } else { "'\\x00010203'::bytea" };
    let its = format!("(SELECT no FROM blob WHERE digest = '{digest}')");
    let other = format!("(SELECT bytes FROM blob_bytes WHERE no <> {its} ORDER BY no LIMIT 1)");
    [
        (format!("UPDATE blob_bytes SET bytes = {other} WHERE no = {its}"), "与摘要不符"),
        (format!("UPDATE blob_bytes SET bytes = {nonsense} WHERE no = {its}"), "解不开"),
        (format!("DELETE FROM blob WHERE digest = '{digest}'"), "不在库中"),
    ]
}

#[tokio::test]
async fn a_damaged_original_is_one_broken_document_and_the_rest_is_derived() {
    on_both(async |db| {
        let world = three_documents(db).await;
        let quiet = |_: usize, _: usize| {};
        let all_of_it = Deep { documents: 3, records: 4, ..Deep::default() };
        assert_eq!(pipeline::deep(&world.context, &quiet).await.unwrap(), all_of_it);
        let (document, digest) = digest_of(db, "plants").await;
        db.run("UPDATE part SET found = found + 1, unchanged = unchanged + 1 WHERE kind = 'alarm'").await;
        for (loss, said) in losses(db, &digest) {
            db.run(&loss).await;
            let Deep { differences, damaged, .. } = pipeline::deep(&world.context, &quiet).await.unwrap();
            let [Damaged { why, .. }] = damaged.as_slice() else { panic!("{damaged:?}") };
            assert!(why.contains(&digest) && why.contains(said), "{why}");
            let (kind, why) = ("plant".to_owned(), why.clone());
            assert_eq!(damaged, [Damaged { document, kind, why, found: 2 }]);
            let what: Vec<_> = differences.iter().map(|one| (one.kind.as_str(), one.what)).collect();
            assert_eq!(what, [("alarm", "found"), ("alarm", "unchanged")]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_whose_original_is_damaged_shows_what_is_stored_and_is_not_derived() {
    on_both(async |db| {
        let world = three_documents(db).await;
        let (_, plants) = digest_of(db, "plants").await;
        let (_, tanks) = digest_of(db, "tanks").await;
        let whole = explained(&world, "plant", 1).await;
        for (loss, said) in losses(db, &plants) {
            db.run(&loss).await;
            let explained = explained(&world, "plant", 1).await;
            assert!(!explained.derived_again);
            let version = &explained.versions[0];
            assert!(version.damaged.as_deref().is_some_and(|why| why.contains(said)), "{version:?}");
            let values = |explained: &Explained| -> Vec<(String, String)> {
                let fields = explained.versions[0].fields.iter();
                fields.filter_map(|(name, field)| Some((name.clone(), field.value.clone()?))).collect()
            };
            assert_eq!(values(&explained), values(&whole));
            assert_eq!(version.deliveries, whole.versions[0].deliveries);
        }
        db.run(&format!("DELETE FROM blob WHERE digest = '{tanks}'")).await;
        let held = explained(&world, "tank", 11).await;
        assert!(!held.derived_again && held.others[0].damaged.is_some(), "{held:?}");
    })
    .await;
}

#[tokio::test]
async fn a_head_without_its_version_is_not_called_the_same() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        for (minute, name) in [(1, "甲"), (2, "乙")] {
            world.park().change("plants", |rows| *rows = vec![plant(1, minute, name)]);
            world.run().await;
        }
        assert!(explained(&world, "plant", 1).await.derived_again);
        let head = number(db, "SELECT head FROM record").await;
        db.run(&format!("DELETE FROM version WHERE seq = {head}")).await;
        let shortened = explained(&world, "plant", 1).await;
        assert_eq!(
            (shortened.versions.len(), shortened.missing, shortened.derived_again),
            (1, Some(head), false)
        );
        db.run("DELETE FROM version").await;
        let bare = explained(&world, "plant", 1).await;
        assert_eq!((bare.versions.len(), bare.missing, bare.derived_again), (0, Some(head), false));
    })
    .await;
}

fn lianwang() -> Lianwang {
    Lianwang::new("commands::lianwang_process")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_commands_end_with_one_and_name_what_is_damaged() {
    on_both(async |db| {
        let world = three_documents(db).await;
        let program = lianwang();
        let config = program.configure("hub", &Files::small()).display().to_string();
        let place = ["--config", config.as_str(), "--store", db.url.as_str()];
        let run = async |command: &[&str]| program.run(&[command, &place].concat()).await;
        assert!(run(&["audit", "--deep"]).await.said(0).ends_with("两个等式都成立。\n"));
        let (document, digest) = digest_of(db, "plants").await;
        db.run(&format!("DELETE FROM blob WHERE digest = '{digest}'")).await;

        let deep = run(&["audit", "--deep"]).await.said(1);
        let line = format!(
            "不成立：文档 {document} plant：原文 {digest} 不在库中；记 2 条，无从推导\n等式不成立！\n"
        );
        assert!(deep.ends_with(&line), "{deep}");
        let json = parsed(&run(&["audit", "--deep", "--json"]).await.said(1));
        let broken =
            json!([{"equation": "found", "document": document, "kind": "plant", "left": 2, "right": 0}]);
        assert_eq!((&json["broken"], &json["holds"]), (&broken, &json!(false)));
        assert!(run(&["audit"]).await.said(0).ends_with("两个等式都成立。\n"), "its rows are all there");

        let told = run(&["explain", "plant", &id(1)]).await;
        assert!(told.err.contains("原文损坏，无从重新推导"), "{told:?}");
        let text = told.said(1);
        assert!(text.starts_with("装置 plant/uuid/") && text.contains("  名称 name：“甲”\n"), "{text}");
        let json = parsed(&run(&["explain", "plant", &id(1), "--json"]).await.said(1));
        assert_eq!(json["derived_again"], false);
        let unknown = run(&["explain", "plnat", &id(1)]).await.complained(2);
        assert!(unknown.contains("是不是 plant？") && unknown.contains("  alarm 报警"), "{unknown}");
        drop(world);
    })
    .await;
}

/// Both simulators and the program between them, nothing slowed down.
struct Between {
    province: Peer,
    program: Lianwang,
    config: String,
    store: String,
    _park: Peer,
}

impl Between {
    async fn new(db: &Db) -> Self {
        let clock = Arc::new(SystemClock);
        let options = ParkOptions { records_dir: Some(sample::folder()), ..ParkOptions::default() };
        let park = Peer::serve(park::router(&options, clock.clone()).unwrap()).await;
        let province = Peer::serve(province::router(&province_options(), clock).unwrap()).await;
        let program = lianwang().with(hub_variables(&park.url, &province.url));
        let path = "destinations/national/destination.toml";
        let files = sample::files(50).replacing(path, "requests_per_s = 5.0", "requests_per_s = 500.0");
        let config = program.configure("hub", &files).display().to_string();
        Self { province, program, config, store: db.url.clone(), _park: park }
    }

    async fn run(&self, command: &[&str]) -> tests::process::Ended {
        self.program.run(&[command, &["--config", &self.config, "--store", &self.store]].concat()).await
    }
}

#[tokio::test]
async fn pull_tells_pages_and_records_and_first_who_is_at_it() {
    let db = Db::sqlite();
    let between = Between::new(&db).await;
    let steps = Migrator::migrations().len();
    assert_eq!(between.run(&["migrate"]).await.said(0), format!("执行了 {steps} 步，表结构已是最新\n"));
    assert_eq!(between.run(&["migrate"]).await.said(0), "表结构已是最新\n");
    let until = SystemClock.now().timestamp_millis() + 3_000;
    db.run(&format!(
        "INSERT INTO lease (name, holder, epoch, until) VALUES ('pull:national-park', 'hub-9', 1, {until})"
    ))
    .await;
    let waited = between.run(&["pull", "national-park"]).await;
    assert!(waited.err.starts_with("读取 national-park：节点 hub-9 正在做，"), "{waited:?}");
    assert!(SystemClock.now().timestamp_millis() >= until);
    let pages = number(&db, "SELECT COUNT(*) FROM document").await;
    assert_eq!(waited.said(0), format!("读取 national-park：{pages} 页，471 条\n"));
    let again = between.run(&["refine"]).await;
    assert_eq!((again.err.as_str(), again.out.as_str()), ("", "研判：471 条\n"));
}

#[tokio::test]
async fn forward_tells_how_a_destination_stands_and_when_it_is_tried_again() {
    let db = Db::sqlite();
    let between = Between::new(&db).await;
    for command in [&["pull", "national-park"][..], &["refine"]] {
        assert_eq!(between.run(command).await.code, Some(0), "{command:?}");
    }
    between.province.fault(&json!({"kind": "cut_after_taking", "times": 1})).await;
    let cut = between.run(&["forward"]).await;
    assert_eq!(cut.code, Some(3), "{cut:?}");
    let lines: Vec<&str> = cut.out.lines().collect();
    let [standing, later] = lines.as_slice() else { panic!("{cut:?}") };
    assert_eq!(*standing, "转发 national：已确认 0，被拒 0，等上级 0，待发 461（本次确认 0 条）");
    assert!(later.starts_with("  下次可试 ") && later.contains("（上次："), "{later}");
    let quiet = between.run(&["forward"]).await.said(0);
    assert_eq!(quiet, cut.out, "nothing may be tried yet, and it says so again");

    db.run("UPDATE destination SET not_before = 0").await;
    db.run("UPDATE batch SET not_before = 0").await;
    let sent = between.run(&["forward"]).await.said(0);
    assert_eq!(sent, "转发 national：已确认 460，被拒 0，等上级 1，待发 0（本次确认 460 条）\n");
    assert_eq!(
        number(&db, "SELECT MAX(n) FROM attempt").await,
        2,
        "a batch went twice, its records count once"
    );
}
