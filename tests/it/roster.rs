//! Whose records are: held where nobody knows and the mapping wants to, let go by the roster, never sent anew for it.

mod commands;
mod deciding;

use chrono::NaiveDate;
use gateway::{
    ledger::Found,
    roster::{Change, Identifier, Said, Span, Subject},
    store::{StoreError, roster::Word},
};
use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank, wire},
    state::Asked,
    sweep::{Compared, sweep},
};

const MAPPING: &str = "sources/park/plant.toml";

/// The park's plants are taken only of enterprises that the roster knows.
fn known() -> Files {
    Files::keyset().replacing(MAPPING, "profile = \"small\"\n", "profile = \"small\"\nowner = \"known\"\n")
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// An enterprise of this name with a chemical code from a day to a day.
fn enterprise(name: &str, code: &str, from: &str, to: &str) -> Change {
    let span = Span::days(day(from), day(to), "Asia/Shanghai".parse().unwrap());
    let said = Said { sort: "企业".into(), name: name.into(), region: "410900".into(), ..Said::default() };
    let source = "名册.xlsx".to_owned();
    let identifier = Identifier {
        row: 0,
        scheme: "chem".into(),
        value: code.into(),
        subject: -1,
        span,
        source: source.clone(),
    };
    Change {
        subjects: vec![Subject { row: 0, subject: -1, said, span: Span::EVER, source }],
        identifiers: vec![identifier],
        ..Change::default()
    }
}

/// Changes the roster, again where the fault switch broke it.
async fn changed(world: &World, change: &Change, how: &str, undoes: Option<i64>) -> i64 {
    let said = Word { how, what: "名册.xlsx", why: "年报", who: "张三", undoes };
    let before = world.store().roster_number().await.unwrap();
    for _ in 0..3 {
        match world.store().change_roster(before, change, &said, world.context.now()).await {
            Ok(number) => return number,
            Err(error) => assert!(matches!(error, StoreError::Fault(_)), "{error}"),
        }
        let now = world.store().roster_number().await.unwrap();
        if now != before {
            return now;
        }
    }
    panic!("the fault switch breaks once");
}

async fn take(world: &World, change: &Change) -> i64 {
    changed(world, change, "take", None).await
}

async fn count(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let found = asked.number(sql).await;
    asked.close().await;
    found
}

fn found(accepted: i64, held: i64) -> Found {
    Found { found: accepted + held, accepted, held, ..Found::default() }
}

#[tokio::test]
async fn who_is_not_known_waits_and_comes_in_by_itself_once_it_is() {
    on_both(async |db| {
        let mut world = World::new(db, &known()).await;
        world.park().add("plants", plant(1, 1, "一号"));
        world.park().add("tanks", tank(11, 2, 1, "重大"));
        world.run().await;
        let audit = world.audit().await;
        assert_eq!(audit.kinds["plant"], found(0, 1), "{}", db.name);
        assert_eq!(audit.kinds["tank"], found(1, 0), "its mapping does not ask");
        let reason =
            "SELECT COUNT(*) FROM held WHERE state = 'held' AND reason = 'unknown-owner companyCode'";
        assert_eq!(count(db, reason).await, 1);

        // another enterprise changes nothing, and nothing is judged for ever
        let first = take(&world, &enterprise("甲化工", "410900018", "", "")).await;
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["plant"], found(0, 1));
        assert_eq!(count(db, "SELECT roster FROM held WHERE state = 'held'").await, first);

        take(&world, &enterprise("乙化工", "410900017", "", "")).await;
        world.until_idle().await;
        let audit = world.audit().await;
        assert_eq!(audit.kinds["plant"], found(1, 0), "{}", db.name);
        assert!(world.ledger().entry("t_plant", &wire(1)).is_some());
        assert_eq!(audit.destinations["receiver"].sum.confirmed, 2, "its tank waited for it");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_known_on_its_days_only() {
    on_both(async |db| {
        let mut world = World::new(db, &known()).await;
        // rows are of 2026-11-20
        take(&world, &enterprise("甲化工", "410900017", "2020-01-01", "2026-11-19")).await;
        world.park().add("plants", plant(1, 1, "一号"));
        world.run().await;
        assert_eq!(world.audit().await.kinds["plant"], found(0, 1), "{}", db.name);
        take(&world, &enterprise("乙化工", "410900017", "2026-11-20", "2026-11-20")).await;
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["plant"], found(1, 0));
        let crosswalk = world.context.crosswalk().await.unwrap();
        let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        let whose = |text| crosswalk.whose("chem", "410900017", at(text)).is_some();
        assert!(whose("2026-11-20T23:59:59+08:00") && !whose("2026-11-21T00:00:00+08:00"));
    })
    .await;
}

#[tokio::test]
async fn what_was_known_under_a_number_can_be_asked_and_an_end_holds_nothing_back() {
    on_both(async |db| {
        let mut world = World::new(db, &known()).await;
        let number = take(&world, &enterprise("甲化工", "410900017", "", "")).await;
        world.park().add("plants", plant(1, 1, "一号"));
        world.run().await;
        let versions = count(db, "SELECT COUNT(*) FROM version").await;
        let roster = world.store().roster(number).await.unwrap();
        assert_eq!(roster.said(roster.identifiers[0].subject, 0).unwrap().name, "甲化工");
        assert_eq!(roster.identifiers[0].subject, roster.subjects[0].row, "numbered by its first row");

        let ended =
            Change { ended: vec![roster.subjects[0].row, roster.identifiers[0].row], ..Change::default() };
        let after = changed(&world, &ended, "undo", Some(number)).await;
        world.until_idle().await;
        let knows =
            async |number| world.store().crosswalk(number).await.unwrap().knows(Some("chem:410900017"), 0);
        assert!(knows(number).await && !knows(after).await && !knows(number - 1).await);
        assert_eq!(count(db, "SELECT COUNT(*) FROM version").await, versions, "{}", db.name);
        assert_eq!(world.audit().await.kinds["plant"], found(1, 0), "what came in stays");

        // what is said anew is asked anew
        world.park().add("plants", plant(1, 5, "一号改"));
        world.run().await;
        let audit = world.audit().await;
        assert_eq!(audit.kinds["plant"], Found { found: 3, unchanged: 1, ..found(1, 1) });
        assert!(world.store().change_roster(after, &ended, &WORD, world.context.now()).await.is_err());
    })
    .await;
}

const WORD: Word<'_> = Word { how: "take", what: "", why: "", who: "", undoes: None };

#[tokio::test]
async fn a_roster_changed_while_it_is_judged_by_is_read_again() {
    on_both(async |db| {
        let world = World::new(db, &known()).await;
        let number = take(&world, &enterprise("甲化工", "410900018", "", "")).await;
        let stale =
            world.store().change_roster(number - 1, &Change::default(), &WORD, world.context.now()).await;
        assert!(stale.unwrap_err().to_string().contains("名册 已被改动"));
        let write = world.store().write("judge").await.unwrap();
        write.numbers(1).await.unwrap();
        assert!(write.is_roster(number).await.is_ok() && write.is_roster(number - 1).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_the_same_are_known_and_the_same_is_sent() {
    on_both(async |db| {
        let story = async |world: &mut World| {
            world.park().add("plants", plant(1, 1, "一号"));
            world.park().add("tanks", tank(11, 2, 1, "重大"));
            world.run().await;
            take(world, &enterprise("甲化工", "410900017", "", "")).await;
            world.until_idle().await;
            world.park().add("plants", plant(2, 3, "二号"));
            world.run().await;
        };
        let swept = sweep(db, &known(), Compared { counts: true }, story).await;
        assert!(swept > 15, "{}: {swept}", db.name);
    })
    .await;
}
