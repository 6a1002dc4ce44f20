//! Whose records are is a person's word where no rule says it: what nobody knows is listed, confirmed, merged, taken back; and
//! no record is touched or sent anew by any of it.

use std::{collections::BTreeSet, sync::Arc};

use gateway::{
    pipeline::{
        InForce,
        owners::{UnknownOwner, unknown_owners},
    },
    roster::{Change, Identifier, Merge, Roster, Said, Span, Subject, decide, undo},
    server::{self, gather},
    store::roster::Rows,
};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    http::{Peer, sample},
    on_both,
    process::Ended,
    rows::{self, id},
    stage::Stage,
    state::Asked,
    sweep::{Compared, sweep},
};

use super::{
    changed,
    commands::{USCC, known, workbook},
    day, enterprise, take,
};

/// What must be the same before and after: every version, every delivery.
async fn untouched(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let mut all: Vec<String> =
        asked.column("SELECT CAST(seq AS TEXT) || content_digest FROM version ORDER BY seq").await;
    all.extend(
        asked
            .column::<String>(
                "SELECT CAST(record AS TEXT) || state || CAST(version AS TEXT) FROM delivery ORDER BY 1",
            )
            .await,
    );
    asked.close().await;
    all
}

/// The number of the first subject of a name.
async fn subject(stage: &Stage, name: &str) -> i64 {
    let shown = stage.run(&["roster", "show", name, "--json"]).await.said(0);
    serde_json::from_str::<Value>(&shown).unwrap()["subject"].as_i64().unwrap()
}

async fn owners(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let sql = "SELECT DISTINCT COALESCE(name, '-') || ' ' || COALESCE(parent_name, '-') FROM v_attribution ORDER BY 1";
    let found = asked.column(sql).await;
    asked.close().await;
    found
}

/// Three records of nobody, and a roster of two that are one.
async fn two_of_one(db: &Db) -> Stage {
    let stage = Stage::new(&db.url, &sample::files(50)).await;
    stage.family(1).await;
    stage.finish().await;
    let first = stage.run(&["roster", "unknown"]).await.said(0);
    assert!(first.contains("名册还是空的") && first.contains("chem:410900017：3 条已接收"), "{first}");
    let lines = [
        ["甲化工有限公司", "企业", USCC, "410900018", "410928", "", "", ""],
        ["甲化工", "企业", "", "410900019", "410928", "", "", ""],
    ];
    let file = workbook(&stage, "名册.xlsx", &lines);
    let _ = stage.run(&["roster", "take", &file, "--yes"]).await.said(0);
    let _ = stage.run(&["views"]).await.said(0);
    assert_eq!(owners(db).await, ["- -"], "{}", db.name);
    stage
}

async fn confirm(stage: &Stage, subject: &str, more: &[&str]) -> Ended {
    let all = [&["roster", "confirm", "chem:410900017", subject], more, &["--why", "查过"]].concat();
    stage.run(&all).await
}

#[tokio::test]
async fn who_is_not_known_is_listed_and_confirmed() {
    on_both(async |db| {
        let stage = two_of_one(db).await;
        let before = untouched(db).await;
        let said = confirm(&stage, "甲化工", &[]).await.said(0);
        assert!(said.contains("chem:410900017 归“甲化工”") && said.contains("不重发"), "{said}");
        let unknown = stage.run(&["roster", "unknown"]).await.said(0);
        assert!(unknown.contains("没有名册不认识的编码"), "{unknown}");
        assert_eq!(owners(db).await, ["甲化工 -"], "{}", db.name);
        for (subject, days, told) in [
            ("甲化工", vec![], "那时已经归“甲化工”"),
            ("甲化工有限公司", vec![], "同一天归两个主体"),
            ("甲化工", vec!["--from", "2024-02-01", "--to", "2024-01-01"], "--to 早于 --from"),
        ] {
            let complained = confirm(&stage, subject, &days).await.complained(2);
            assert!(complained.contains(told), "{complained}");
        }
        stage.finish().await;
        assert_eq!(untouched(db).await, before, "{}: nothing is written, nothing is sent", db.name);
    })
    .await;
}

async fn taken_back(stage: &Stage, no: &str) -> Ended {
    stage.run(&["roster", "undo", no, "--why", "弄错了"]).await
}

#[tokio::test]
async fn two_found_to_be_one_are_merged_and_all_is_taken_back() {
    on_both(async |db| {
        let stage = two_of_one(db).await;
        let _ = confirm(&stage, "甲化工", &[]).await.said(0);
        let before = untouched(db).await;
        let into = format!("uscc:{USCC}");
        let merge = ["roster", "merge", "甲化工", &into, "--why", "同一家", "--by", "张三"];
        let said = stage.run(&merge).await.said(0);
        assert!(said.contains("“甲化工”") && said.contains("并入“甲化工有限公司”"), "{said}");
        assert_eq!(owners(db).await, ["甲化工有限公司 -"], "{}", db.name);
        let explained = stage.run(&["explain", "risk_unit", &unit(db).await]).await.said(0);
        let told =
            format!("归属：甲化工有限公司（名册第 {} 号主体，chem:410900017）", subject(&stage, &into).await);
        assert!(explained.contains(&told), "{explained}");

        let history = history(&stage).await;
        let numbers: Vec<String> = history.iter().map(|one| one["no"].to_string()).collect();
        assert_eq!((history[0]["how"].as_str(), history[0]["who"].as_str()), (Some("merge"), Some("张三")));
        let too_early = taken_back(&stage, &numbers[2]).await.complained(2);
        assert!(too_early.contains("名册里没有主体"), "{too_early}");
        assert!(too_early.contains(&format!("从上往下撤销：\n  第 {} 号 merge", numbers[0])), "{too_early}");
        for (no, then) in [(&numbers[0], "甲化工 -"), (&numbers[1], "- -")] {
            assert!(taken_back(&stage, no).await.said(0).contains("改动已撤销"));
            assert_eq!(owners(db).await, [then], "{}", db.name);
        }
        let again = taken_back(&stage, &numbers[1]).await.complained(2);
        assert!(again.contains("已经由第"), "{again}");
        let shown = stage.run(&["roster", "show"]).await.said(0);
        assert!(shown.contains("撤销") && shown.contains("弄错了"), "{shown}");
        let then = stage.run(&["roster", "show", "甲化工", "--under", &numbers[1]]).await.said(0);
        assert!(then.contains("编码 chem:410900017（roster confirm）"), "{then}");
        stage.finish().await;
        assert_eq!(untouched(db).await, before, "{}", db.name);
        holds(&stage).await;
    })
    .await;
}

async fn history(stage: &Stage) -> Vec<Value> {
    serde_json::from_str(&stage.run(&["roster", "show", "--json"]).await.said(0)).unwrap()
}

async fn holds(stage: &Stage) {
    let audit = stage.run(&["audit", "--deep", "--json"]).await.said(0);
    assert_eq!(serde_json::from_str::<Value>(&audit).unwrap()["holds"], Value::Bool(true), "{audit}");
}

async fn unit(db: &Db) -> String {
    let asked = Asked::open(db).await;
    let key: Vec<String> = asked.column("SELECT id FROM record WHERE kind = 'risk_unit'").await;
    asked.close().await;
    key[0].clone()
}

#[tokio::test]
async fn what_is_held_is_listed_too_and_a_confirmation_lets_it_go() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &known(sample::files(50))).await;
        stage.family(1).await;
        stage.finish().await;
        let line = ["甲化工", "企业", USCC, "", "410928", "", "", ""];
        let file = workbook(&stage, "名册.xlsx", &[line]);
        let _ = stage.run(&["roster", "take", &file, "--yes"]).await.said(0);
        let listed: Value =
            serde_json::from_str(&stage.run(&["roster", "unknown", "--json"]).await.said(0)).unwrap();
        assert_eq!((&listed[0]["value"], &listed[0]["held"]), (&json!("410900017"), &json!(1)), "{listed}");
        let confirm = ["roster", "confirm", "chem:410900017", "甲化工", "--why", "查过"];
        assert!(stage.run(&confirm).await.said(0).contains("自己放行"));
        stage.finish().await;
        let asked = Asked::open(db).await;
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        assert_eq!(asked.number(confirmed).await, 3, "{}", db.name);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_names_nobody_or_nothing_is_told() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.finish().await;
        let lines = [
            ["同名", "企业", USCC, "410900018", "", "", "", ""],
            ["同名", "企业", "", "410900019", "", "", "", ""],
            ["厂区甲", "厂区", "", "410900020", "", USCC, "", ""],
        ];
        let file = workbook(&stage, "名册.xlsx", &lines);
        let take = stage.run(&["roster", "take", &file, "--yes", "--why", "年报"]).await;
        let _ = take.said(0);
        let complained = async |words: &[&str]| {
            let all = [&["roster"], words, &["--why", "x"]].concat();
            stage.run(&all).await.complained(2)
        };
        for (words, told) in [
            (vec!["confirm", "410900017", "同名"], "写成 scheme:编码"),
            (vec!["confirm", "chem:41", "同名"], "不是 9 位数字"),
            (vec!["confirm", "foo:41", "同名"], "没有 foo 这种编码"),
            (vec!["confirm", "chem:410900017", "410900018"], "编码要写上种类，如 chem:410900018"),
            (vec!["confirm", "chem:410900017", "同名", "--from", "2024-13-01"], "不是日期，写成 2024-01-01"),
            (vec!["confirm", "chem:410900017", "同名"], "有几个“同名”"),
            (vec!["confirm", "chem:410900017", "没有的"], "名册里没有“没有的”"),
            (vec!["confirm", "chem:410900017", "999999"], "名册里没有主体 999999"),
            (vec!["merge", "chem:410900018", "chem:410900020"], "一个是企业，一个是场所"),
            (vec!["merge", "chem:410900018", "chem:410900018"], "已经是同一个主体"),
            (vec!["undo", "999999"], "名册没有第 999999 号改动"),
        ] {
            let said = complained(&words).await;
            assert!(said.contains(told), "{words:?}: {said}");
        }
        let empty = stage.run(&["roster", "merge", "1", "2", "--why", " "]).await.complained(2);
        assert!(empty.contains("--why 不能是空的"), "{empty}");
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM roster_change").await, 1, "{}", db.name);
        asked.close().await;
        let shown = stage.run(&["roster", "show", &format!("uscc:{USCC}")]).await.said(0);
        assert!(shown.contains("下属") && shown.contains("厂区甲"), "{shown}");
    })
    .await;
}

/// Plants whose name is what their owner is called, of owners in either scheme.
fn named() -> Files {
    let kind = "kinds/plant.toml";
    Files::keyset()
        .replacing(kind, "name = { ", "mineCode = { label = \"矿山编码\", type = \"text\", max = 50, owner = \"mine\" }\nname = { owner_name = true, ")
        .replacing("sources/park/plant.toml", "companyCode = \"corp\"", "companyCode = \"corp\"\nmineCode = \"mine\"")
}

/// A plant of an owner on a day in November; who has no chemical code is named by a mine's.
fn plant(n: u32, (corp, mine): (Option<&str>, Option<&str>), day: u32) -> Value {
    let t = format!("2026-11-{day:02}T10:00:00+08:00");
    json!({"id": id(n), "name": format!("企业{n}"), "corp": corp, "mine": mine, "t": t})
}

fn span(from: &str, to: &str) -> Span {
    Span::days(day(from), day(to), "Asia/Shanghai".parse().unwrap())
}

/// Three subjects, and codes that are theirs on some days.
fn some_days() -> Change {
    let known = |subject, name: &str| Subject {
        row: 0,
        subject,
        said: Said { name: name.into(), ..Said::default() },
        span: Span::EVER,
        source: String::new(),
    };
    let code = |scheme: &str, value: &str, subject, span| Identifier {
        row: 0,
        scheme: scheme.into(),
        value: value.into(),
        subject,
        span,
        source: String::new(),
    };
    Change {
        subjects: vec![known(-1, "甲"), known(-2, "乙"), known(-3, "丙")],
        identifiers: vec![
            code("chem", "410900017", -1, span("2026-11-03", "2026-11-09")),
            code("chem", "410900017", -2, span("2026-11-10", "2026-11-10")),
            code("mine", "M-1", -2, span("2026-11-20", "")),
            code("uscc", USCC, -3, span("", "2026-11-19")),
        ],
        ..Change::default()
    }
}

/// The code of a part of the enterprise that has the credit code.
fn part() -> String {
    format!("{}-02", USCC.to_lowercase())
}

/// Twelve plants of four owners on three days.
async fn twelve(db: &Db) -> World {
    let mut world = World::new(db, &named()).await;
    let part = part();
    let owners =
        [(Some("410900017"), None), (None, Some("M-1")), (None, Some(part.as_str())), (None, Some("M-2"))];
    for (n, (day, owner)) in
        (1..).zip([3, 10, 20].into_iter().flat_map(|day| owners.map(|owner| (day, owner))))
    {
        world.park().add("plants", plant(n, owner, day));
    }
    world.run().await;
    world
}

/// Those, under that roster with its first two subjects merged.
async fn merged_roster(db: &Db) -> World {
    let world = twelve(db).await;
    let number = take(&world, &some_days()).await;
    let roster = world.store().roster(number).await.unwrap();
    let [subject, into] = [0, 1].map(|at| roster.subjects[at].subject);
    let merge = Change { merges: vec![Merge { row: 0, subject, into }], ..Change::default() };
    changed(&world, &merge, "merge", None).await;
    world
}

/// What the database says, record by record, and what judging would.
async fn both(world: &World, records: &[i64]) -> Vec<(Option<i64>, Option<i64>)> {
    let roster = world.store().roster(world.store().roster_number().await.unwrap()).await.unwrap();
    let crosswalk = world.context.crosswalk().await.unwrap();
    let mut all = Vec::new();
    for record in records {
        for found in world.store().attributed(*record).await.unwrap() {
            let (scheme, value) = &found.owner;
            let judged = crosswalk.whose(scheme, value, found.at).map(|subject| roster.root(subject));
            all.push((found.subject, judged));
        }
    }
    all
}

/// A change that some number makes: a code more, two subjects one, or one merge less.
fn some_change(roster: &Roster, seed: u64) -> Option<Change> {
    let pick = |shift: u32, among: usize| usize::try_from(seed >> shift).unwrap() % among;
    let subjects: Vec<i64> = roster.subjects.iter().map(|row| row.subject).collect();
    let [one, other] = [8, 16].map(|shift| subjects[pick(shift, subjects.len())]);
    let codes = [("chem", "410900017"), ("mine", "M-1"), ("mine", "M-2"), ("uscc", USCC)];
    let begins = pick(24, 20) + 1;
    let days = span(&format!("2026-11-{begins:02}"), &format!("2026-11-{:02}", begins + pick(32, 10)));
    match pick(0, 4) {
        0 => decide::merge(roster, one, other).ok(),
        1 => roster.merges.first().map(|merge| Change { ended: vec![merge.row], ..Change::default() }),
        _ => decide::confirm(roster, codes[pick(40, 4)], roster.root(one), days, "x").ok(),
    }
}

#[tokio::test]
async fn the_database_says_the_same_as_judging_whose_a_record_is() {
    on_both(async |db| {
        let world = merged_roster(db).await;
        let asked = Asked::open(db).await;
        let records: Vec<i64> = asked.column("SELECT no FROM record ORDER BY no").await;
        assert!(world.store().make_views(&[]).await.unwrap().contains(&"v_attribution".to_owned()));
        let (mut digits, mut changes, mut seen) = (2_026_u64, 0, BTreeSet::new());
        for _ in 0..40 {
            let said = both(&world, &records).await;
            assert!(said.iter().all(|(one, other)| one == other), "{}: {said:?}", db.name);
            seen.extend(said.iter().map(|(one, _)| *one));
            let view: Vec<Option<i64>> = asked
                .column("SELECT a.subject FROM v_attribution a JOIN record h ON h.head = a.\"_version\" ORDER BY h.no")
                .await;
            assert_eq!(view, said.iter().map(|(one, _)| *one).collect::<Vec<_>>(), "{}", db.name);
            // the digits of a multiplicative generator: the same story every time
            digits = digits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roster = world.store().roster(world.store().roster_number().await.unwrap()).await.unwrap();
            if let Some(change) = some_change(&roster, digits >> 8) {
                changed(&world, &change, "confirm", None).await;
                changes += 1;
            }
        }
        assert!(changes > 10 && seen.len() == 4, "{}: {changes} {seen:?}", db.name);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_code_is_confirmed_for_some_days_only() {
    on_both(async |db| {
        let world = twelve(db).await;
        let number = take(&world, &some_days()).await;
        let roster = world.store().roster(number).await.unwrap();
        let stranger = roster.named("丙").unwrap();
        let days = span("2026-11-10", "2026-11-19");
        let confirm = decide::confirm(&roster, ("mine", "M-2"), stranger, days, "x").unwrap();
        changed(&world, &confirm, "confirm", None).await;
        let open = unknown_owners(&world.context, 100).await.unwrap();
        let left = open.iter().find(|own| own.named.value == "M-2").unwrap();
        let offset = chrono::FixedOffset::east_opt(8 * 3_600).unwrap();
        let days =
            [left.named.first, left.named.last].map(|at| at.with_timezone(&offset).date_naive().to_string());
        assert_eq!(
            (left.named.accepted, days),
            (2, ["2026-11-03".to_owned(), "2026-11-20".to_owned()]),
            "{}",
            db.name
        );
        assert_eq!((left.suggestions[0].subject, left.suggestions[0].score), (stranger, 100));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_knows_is_counted_named_and_shown_on_the_page() {
    on_both(async |db| {
        let world = merged_roster(db).await;
        let open = unknown_owners(&world.context, 100).await.unwrap();
        let told: Vec<(&str, u64, bool)> = open
            .iter()
            .map(|UnknownOwner { named, .. }| {
                (named.value.as_str(), named.accepted, named.name.starts_with("企业"))
            })
            .collect();
        let wanted = [("M-2", 3, true), ("M-1", 2, true), ("410900017", 1, true), (&part(), 1, true)];
        assert_eq!(told, wanted, "{}", db.name);
        assert_eq!(open[2].suggestions[0].by, "同一个编码，名册里是别的日子");
        let in_force = InForce::of(Arc::clone(&world.pinned));
        let clock = Arc::new(world.clock.clone());
        let page =
            Peer::serve(server::router(gather::figures(world.store().clone(), in_force, "hub", clock))).await;
        let status = page.json("/status.json").await;
        assert_eq!(
            (&status["unknown_owners"], &status["unattributed"]),
            (&json!(4), &json!(7)),
            "{}",
            db.name
        );
    })
    .await;
}

/// A person's words, one after the other, on what two plants and their tanks wait for.
async fn decided(world: &World) {
    let store = world.store();
    let before = store.roster_number().await.unwrap();
    let known = take(world, &enterprise("甲化工", "410900018", "", "")).await;
    assert!(known > before);
    let roster = store.roster(known).await.unwrap();
    let code = ("chem", "410900017");
    let confirm = decide::confirm(&roster, code, roster.subjects[0].subject, Span::EVER, "x").unwrap();
    let number = changed(world, &confirm, "confirm", None).await;
    let fresh = take(world, &enterprise("甲化工厂", "410900019", "", "")).await;
    let roster = store.roster(fresh).await.unwrap();
    let [one, two] = [0, 1].map(|at| roster.subjects[at].subject);
    changed(world, &decide::merge(&roster, one, two).unwrap(), "merge", None).await;
    let roster = store.roster(store.roster_number().await.unwrap()).await.unwrap();
    let made = store.roster_rows(number, Rows::Made).await.unwrap();
    let ended = store.roster_rows(number, Rows::Ended).await.unwrap();
    changed(world, &undo(&roster, &made, &ended).unwrap(), "undo", Some(number)).await;
}

/// What the roster says, whatever its rows are numbered.
async fn said(world: &World) -> Vec<String> {
    let store = world.store();
    let changes = store.roster_changes(100).await.unwrap();
    let told = changes.iter().rev().map(|one| match one.undone_by {
        Some(_) => format!("{} undone", one.how),
        None => one.how.clone(),
    });
    let roster = store.roster(store.roster_number().await.unwrap()).await.unwrap();
    let mut codes: Vec<String> = roster.identifiers.iter().map(|row| row.value.clone()).collect();
    codes.sort();
    told.chain(codes).collect()
}

#[tokio::test]
async fn whatever_breaks_once_a_word_is_said_once() {
    on_both(async |db| {
        let story = async |world: &mut World| {
            world.park().add("plants", rows::plant(1, 1, "一号"));
            world.park().add("tanks", rows::tank(11, 2, 1, "重大"));
            world.run().await;
            decided(world).await;
            world.until_idle().await;
            let wanted = ["take", "confirm undone", "take", "merge", "undo", "410900018", "410900019"];
            assert_eq!(said(world).await, wanted);
        };
        let swept = sweep(db, &super::known(), Compared { counts: true }, story).await;
        assert!(swept > 15, "{}: {swept}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_site_is_shown_with_its_enterprise_as_it_was_that_day() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        stage.finish().await;
        let lines = [
            ["甲化工", "企业", USCC, "", "410928", "", "", ""],
            ["旧厂区", "厂区", "", "410900017", "410928001", USCC, "", "2024-01-01"],
            ["新厂区", "厂区", "", "410900017", "410928002", USCC, "2024-01-02", ""],
        ];
        let file = workbook(&stage, "名册.xlsx", &lines);
        let _ = stage.run(&["roster", "take", &file, "--yes"]).await.said(0);
        let _ = stage.run(&["views"]).await.said(0);
        assert_eq!(owners(db).await, ["新厂区 甲化工"], "{}", db.name);
        let asked = Asked::open(db).await;
        let shown: Vec<String> = asked
            .column("SELECT DISTINCT type || ' ' || sort || ' ' || region FROM v_attribution WHERE owner = '410900017'")
            .await;
        assert_eq!(shown, ["site 厂区 410928002"], "{}", db.name);
        asked.close().await;
    })
    .await;
}
