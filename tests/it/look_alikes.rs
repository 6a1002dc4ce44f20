//! Records of one owner and day that say the same under two ids: flagged once, for a person, and nothing else is touched.

use std::sync::Arc;

use gateway::{
    config::embedded,
    pipeline::InForce,
    server::{self, gather},
    store::{StoreError, alike_pairs::Settled, look_alikes::PairState},
};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    faults::Breaker,
    http::{Peer, sample},
    on_both,
    rows::id,
    stage::Stage,
    state::Asked,
    sweep::{Compared, sweep},
};

const KIND: &str = "kinds/plant.toml";
const MAPPING: &str = "sources/park/plant.toml";

/// Plants whose names are compared, and which may be deleted.
fn compared() -> Files {
    let rule = "as_of = \"updateDate\"\n[look_alike]\ntext = \"name\"\nday = \"day\"\nsimilarity = 85";
    Files::keyset()
        .replacing(KIND, "as_of = \"updateDate\"", rule)
        .replacing(KIND, "isTest = {", "deleted = { label = \"删除\", type = \"code\", table = \"deleted\", gone = \"1\" }\nday = { label = \"登记日期\", type = \"date\" }\nisTest = {")
        .with("tables/deleted.csv", "code,label\n0,否\n1,是\n")
        .replacing(MAPPING, "isTest = \"test\"", "isTest = \"test\"\ndeleted = \"deleted\"\nday = \"d\"")
}

/// A plant of an owner, registered on a day in November, as the park has it on that day.
fn named(n: u32, name: &str, corp: &str, day: u32) -> Value {
    let (d, t) = (format!("2026-11-{day:02}"), format!("2026-11-{day:02}T10:{:02}:00+08:00", n % 60));
    json!({"id": id(n), "name": name, "corp": corp, "d": d, "t": t})
}

/// The same plant as it is an hour, or several, later.
fn later(hours: u32, mut row: Value) -> Value {
    row["t"] = row["t"].as_str().unwrap().replace("T10:", &format!("T{}:", 10 + hours)).into();
    row
}

const OURS: &str = "410900017";

/// What is flagged: both ids' last digits, score, state.
async fn pairs(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let found = asked
        .column(
            "SELECT substr(a.id, 31) || ' ' || substr(b.id, 31) || ' ' || CAST(p.score AS TEXT) || ' ' || p.state \
             FROM look_alike p JOIN record a ON a.no = p.a JOIN record b ON b.no = p.b ORDER BY 1",
        )
        .await;
    asked.close().await;
    found
}

async fn run(world: &mut World, rows: impl IntoIterator<Item = Value>) {
    for row in rows {
        world.park().add("plants", row);
    }
    world.run().await;
}

#[tokio::test]
async fn one_thing_under_two_ids_is_flagged_once_and_nothing_else_is_touched() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let twice = [named(1, "3号罐液位计失灵。", OURS, 20), named(2, "３号罐 液位计失灵", OURS, 20)];
        run(&mut world, twice).await;
        assert_eq!(pairs(db).await, ["01 02 100 open"], "{}", db.name);
        let sum = world.audit().await.destinations["receiver"].sum;
        assert_eq!((sum.owed, sum.confirmed), (2, 2), "both went out");
        // a night in which nothing new comes, and one in which one of them changes
        world.run().await;
        run(&mut world, [later(1, named(2, "3号罐的液位计失灵", OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 94 open"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn others_are_not_flagged() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "喷漆室探测器超期未检定";
        run(
            &mut world,
            [
                named(1, name, OURS, 19),
                named(2, name, OURS, 20),
                named(3, name, "410900018", 20),
                named(4, "消火栓被遮挡", OURS, 20),
                named(5, "1号喷漆室探测器超期未检定", OURS, 20),
            ],
        )
        .await;
        // the same id again is a version, not another
        run(&mut world, [later(1, named(2, "喷漆室的探测器超期未检定", OURS, 20))]).await;
        assert_eq!(pairs(db).await, Vec::<String>::new(), "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn two_reports_of_one_place_and_month_are_flagged_on_whatever_days_they_were_held() {
    let of_the_park = "kind = \"safety_day_report\"\nid_space = \"uuid\"\nselect = { service = \"plants\" }\n[fields]\nid = \"id\"\ntitle = \"name\"\n\
        companyCode = \"corp\"\nactivityDate = \"d\"\nmonth = \"month\"\nsiteId = { from = \"site\", id_space = \"src:park\" }\n";
    let shipped = embedded::shipped();
    let shipped =
        shipped.iter().filter(|file| file.path.starts_with("kinds/") || file.path.starts_with("tables/"));
    let files = shipped
        .fold(Files::keyset().with(MAPPING, of_the_park), |files, file| files.with(&file.path, &file.text));
    let report = |n: u32, site: &str, month: &str, day: u32| {
        let mut row = named(n, &format!("第{n}期"), OURS, day);
        row["month"] = month.into();
        row["site"] = site.into();
        row
    };
    on_both(async |db| {
        let mut world = World::new(db, &files).await;
        let first =
            [report(1, "A1", "2026-11", 5), report(2, "A2", "2026-11", 5), report(3, "A1", "2026-10", 5)];
        run(&mut world, first).await;
        assert_eq!(pairs(db).await, Vec::<String>::new(), "{}", db.name);
        run(&mut world, [report(4, "A1", "2026-11", 20)]).await;
        assert_eq!(pairs(db).await, ["01 04 100 open"], "{}", db.name);
        // it was the report of October, made up for
        run(&mut world, [later(1, report(4, "A1", "2026-12", 20))]).await;
        assert_eq!(pairs(db).await, ["01 04 100 gone"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn across_nights_and_in_any_order_the_pairs_are_the_same() {
    let names = ["除尘器未设泄爆装置", "除尘器没设泄爆装置", "除尘器未设泄爆装置。", "配电箱门未关闭"];
    on_both(async |db| {
        let ledger = db.store().await;
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            db.wipe().await;
            let mut world = World::on(ledger.clone(), Breaker::counting(), &compared()).await;
            for (night, n) in order.into_iter().enumerate() {
                let hours = u32::try_from(night).unwrap();
                run(&mut world, [later(hours, named(u32::try_from(n).unwrap(), names[n], OURS, 20))]).await;
            }
            let mut found: Vec<String> = pairs(db).await;
            for pair in &mut found {
                let mut ids: Vec<&str> = pair.split(' ').take(2).collect();
                ids.sort_unstable();
                *pair = format!("{} {}", ids.join(" "), pair.split(' ').nth(2).unwrap());
            }
            found.sort();
            assert_eq!(found, ["00 01 88", "00 02 100", "01 02 88"], "{} {order:?}", db.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_pair_goes_when_one_is_deleted_or_says_something_else_and_comes_back() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "液氨储罐区未设围堰";
        run(&mut world, [named(1, name, OURS, 20), named(2, name, OURS, 20), named(3, name, OURS, 20)]).await;
        assert_eq!(pairs(db).await, ["01 02 100 open", "01 03 100 open", "02 03 100 open"]);
        let mut deleted = later(1, named(2, name, OURS, 20));
        deleted["deleted"] = "1".into();
        run(&mut world, [deleted]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 open", "02 03 100 gone"], "{}", db.name);
        run(&mut world, [later(2, named(3, "消火栓被遮挡", OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
        run(&mut world, [later(3, named(2, name, OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 100 open", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
        // registered on another day, as it turns out
        run(&mut world, [named(1, name, OURS, 21)]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_comes_later_or_changes_compares_all_there_is() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::keyset()).await;
        run(&mut world, [named(1, "液氨储罐区未设围堰", OURS, 20), named(2, "液氨储罐区没设围堰", OURS, 20)])
            .await;
        assert_eq!(pairs(db).await, Vec::<String>::new());
        world.activate(&compared()).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 open"], "{}", db.name);
        world.activate(&compared().replacing(KIND, "similarity = 85", "similarity = 95")).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 gone"], "{}", db.name);
        world.activate(&compared()).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 open"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_the_pairs_are_the_same() {
    on_both(async |db| {
        let story = async |world: &mut World| {
            let name = "液氨储罐区未设围堰";
            for n in [1, 2] {
                world.park().add("plants", named(n, name, OURS, 20));
            }
            world.run().await;
            world.park().add("plants", later(1, named(2, "液氨储罐区没设围堰", OURS, 20)));
            world.run().await;
            world.until_idle().await;
        };
        let swept = sweep(db, &compared(), Compared { counts: true }, story).await;
        assert!(swept > 10, "{}: {swept}", db.name);
    })
    .await;
}

fn said(world: &World, why: &str) -> Settled {
    Settled { why: why.to_owned(), who: "张三".to_owned(), at: world.context.now() }
}

#[tokio::test]
async fn a_persons_word_stays_whatever_comes() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "液氨储罐区未设围堰";
        run(&mut world, [named(1, name, OURS, 20), named(2, name, OURS, 20), named(3, name, OURS, 20)]).await;
        world.store().settle_pair(1, PairState::Two, &said(&world, "两个罐区")).await.unwrap();
        world.store().settle_pair(2, PairState::Same, &said(&world, "补录")).await.unwrap();
        let before = pairs(db).await;
        assert_eq!(before, ["01 02 100 two", "01 03 100 same", "02 03 100 open"], "{}", db.name);
        let refused = world.store().settle_pair(9, PairState::Two, &said(&world, "没有")).await;
        assert!(matches!(refused, Err(StoreError::Moved(_))), "{refused:?}");
        // one says something else for a while
        run(&mut world, [later(1, named(1, "消火栓被遮挡", OURS, 20))]).await;
        run(&mut world, [later(2, named(1, name, OURS, 20))]).await;
        assert_eq!(pairs(db).await, before, "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_while_a_person_says_what_a_pair_is_it_is_said_once_asked_again() {
    on_both(async |db| {
        let ledger = db.store().await;
        for after in [false, true] {
            db.wipe().await;
            let breaker = Breaker::counting();
            let mut world = World::on(ledger.clone(), breaker.clone(), &compared()).await;
            let name = "液氨储罐区未设围堰";
            run(&mut world, [named(1, name, OURS, 20), named(2, name, OURS, 20)]).await;
            breaker.arm(1, after);
            let told = said(&world, "两个罐区");
            let broken = world.store().settle_pair(1, PairState::Two, &told).await;
            assert!(matches!(broken, Err(StoreError::Fault("look-alike-settle"))), "{broken:?}");
            let state = if after { "two" } else { "open" };
            assert_eq!(pairs(db).await, [format!("01 02 100 {state}")], "{}", db.name);
            world.store().settle_pair(1, PairState::Two, &told).await.unwrap();
            assert_eq!(pairs(db).await, ["01 02 100 two"], "{}", db.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_log_is_compared_step_by_step_and_a_restart_goes_on() {
    on_both(async |db| {
        let files = compared().replacing("sources/park/source.toml", "size = 4", "size = 1000");
        let mut world = World::new(db, &files).await;
        // many owners, and of each two records far apart in the log
        for n in 1..=600 {
            world
                .park()
                .add("plants", named(n, "安全阀过期未校验", &format!("{}", 410_900_000 + n % 300), 20));
        }
        world.land_all("park").await;
        world.refine_all("park").await;
        let first = world.look_alikes().await.unwrap();
        assert_eq!(first, gateway::pipeline::Step::Did(500));
        let half = pairs(db).await.len();
        world.restart();
        while world.look_alikes().await.unwrap() != gateway::pipeline::Step::Idle {}
        let all = pairs(db).await.len();
        assert!(half > 0 && half < all, "{}: {half}", db.name);
        assert_eq!(all, 300, "{}", db.name);
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn the_page_says_how_many_wait() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "液氨储罐区未设围堰";
        run(&mut world, [named(1, name, OURS, 20), named(2, name, OURS, 20)]).await;
        let in_force = InForce::of(Arc::clone(&world.pinned));
        let clock = Arc::new(world.clock.clone());
        let page =
            Peer::serve(server::router(gather::figures(world.store().clone(), in_force, "hub", clock))).await;
        assert_eq!(page.json("/status.json").await["look_alikes"], json!(1), "{}", db.name);
    })
    .await;
}

/// A whole family, and its hazard registered twice on one day, said nearly the same.
async fn registered_twice(stage: &Stage) {
    for (service, rows) in sample::clean(1) {
        stage.park.post(&format!("/rows/{service}"), &Value::from(rows)).await;
    }
    let hazards: Vec<Value> = [(18, "卸车区静电接地夹损坏"), (19, "卸车区的静电接地夹损坏")]
        .into_iter()
        .map(|(n, name)| sample::with(sample::hazard(n, 12, 14), &json!({"dangerName": name})))
        .collect();
    stage.park.post("/rows/hazard", &json!(hazards)).await;
    stage.finish().await;
}

#[tokio::test]
async fn people_see_both_and_say_what_they_are() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        registered_twice(&stage).await;
        let told: Value = serde_json::from_str(&stage.run(&["look-alikes", "--json"]).await.said(0)).unwrap();
        let pair = &told[0];
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        assert_eq!(
            (&pair["kind"], &pair["state"], &pair["score"]),
            (&json!("hazard"), &json!("open"), &json!(97))
        );
        assert_eq!(pair["first"]["owner"], "chem 410900017");
        assert_eq!(pair["first"]["texts"][0], json!(["dangerName", "卸车区静电接地夹损坏"]));
        assert_eq!(pair["second"]["destinations"], json!([["national", "confirmed"]]), "{}", db.name);
        let shown =
            stage.run(&["look-alikes", "--kind", "hazard", "--source", "national-park"]).await.said(0);
        for words in [
            "第 1 对 隐患信息 97%：chem 410900017，2024-06-06",
            "隐患名称：先到 卸车区【】静电接地夹损坏",
            "隐患名称：后到 卸车区【的】静电接地夹损坏",
            "national 已确认",
            "look-alikes settle 1 same|two --why",
        ] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let settle = ["look-alikes", "settle", "1", "same", "--why", "班组补录", "--by", "张三"];
        let settled = stage.run(&settle).await.said(0);
        let (first, second) =
            (pair["first"]["key"].as_str().unwrap(), pair["second"]["key"].as_str().unwrap());
        assert!(
            settled.contains(&format!("把后到的 {second} 标为删除后重发（留先到的 {first}）")),
            "{settled}"
        );
        let command = format!("lianwang alias hazard '{second}' '{first}' --why");
        assert!(settled.contains(&command), "{settled}");
        assert!(stage.run(&["look-alikes"]).await.said(0).contains("没有疑似重复登记的记录"));
        let all = stage.run(&["look-alikes", "--all"]).await.said(0);
        assert!(all.contains("同一件事：") && all.contains("张三 班组补录"), "{all}");
        let settle = ["look-alikes", "settle", "1", "two", "--why", "问过了，是两处", "--by", "李四"];
        let again = stage.run(&settle).await.said(0);
        assert!(again.contains("记为两件事"), "{again}");
        let earlier = again.lines().next().is_some_and(|line| line.starts_with("此前记为同一件事："));
        assert!(earlier && again.contains("张三 班组补录；现以这一次为准"), "{again}");
        let audit: Value = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_settled_or_listed_says_why() {
    let stage = Stage::new("sqlite://alike.db", &sample::files(50)).await;
    stage.finish().await;
    for (asked, told) in [
        (&["look-alikes", "settle", "7", "same", "--why", "x"][..], "没有第 7 对"),
        (&["look-alikes", "settle", "7", "two", "--why", " "], "--why 不能是空的"),
        (&["look-alikes", "--kind", "hazrd"], "没有对象 hazrd"),
        (&["look-alikes", "--kind", "risk_unit"], "没有 [look_alike]"),
        (&["look-alikes", "--source", "nowhere"], "没有来源 nowhere"),
    ] {
        let complained = stage.run(asked).await.complained(2);
        assert!(complained.contains(told), "{told}: {complained}");
    }
    assert_eq!(stage.run(&["look-alikes", "settle", "7", "three", "--why", "x"]).await.code, Some(2));
}
