//! Two sources that speak of one key: whose word stands, what is kept beside, and that the receiver has one thing.

mod beside;

use gateway::{
    ledger::Found,
    pipeline::{
        Step, deep,
        explain::{self, Explained},
        refine::replay::Walk,
    },
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::Value;
use tests::{
    Db, Files, World,
    faults::Breaker,
    on_both,
    rows::{id, plant, wire},
    state::Asked,
    sweep::{Compared, sweep},
};

/// Two sources with these priorities; none: nobody has said.
fn files(park: Option<i64>, quarry: Option<i64>) -> Files {
    prioritized(Files::small(), park, quarry)
}

fn prioritized(files: Files, park: Option<i64>, quarry: Option<i64>) -> Files {
    let mut files = files.source("quarry");
    for (name, priority) in [("park", park), ("quarry", quarry)] {
        if let Some(priority) = priority {
            let path = format!("sources/{name}/source.toml");
            files = files.replacing(&path, "title = ", &format!("priority = {priority}\ntitle = "));
        }
    }
    files
}

/// What a source offers from now on.
fn offer(world: &World, source: &str, rows: &[Value]) {
    world.sources[source].change("plants", |shelf| *shelf = rows.to_vec());
}

/// What the receiver has of the first plant.
fn name(world: &World) -> String {
    let body: Value = serde_json::from_str(&world.ledger().entry("t_plant", &wire(1)).unwrap().body).unwrap();
    body["name"].as_str().unwrap().to_owned()
}

async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let number = asked.number(sql).await;
    asked.close().await;
    number
}

async fn issues(db: &Db, code: &str) -> i64 {
    number(db, &format!("SELECT COUNT(*) FROM issue WHERE issues LIKE '%\"{code}\"%'")).await
}

async fn explained(world: &World) -> Explained {
    let found = explain::find(&world.context, "plant", &id(1)).await.unwrap();
    let [(key, record)] = found.as_slice() else { panic!("{found:?}") };
    explain::explain(&world.context, key, *record).await.unwrap()
}

#[tokio::test]
async fn the_lower_word_is_kept_beside_and_repeated_in_silence() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(2), Some(1))).await;
        offer(&world, "park", &[plant(1, 1, "甲")]);
        offer(&world, "quarry", &[plant(1, 9, "乙")]);
        world.run().await;
        world.run().await;
        assert_eq!((name(&world), issues(db, "outranked").await), ("甲".to_owned(), 1));
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 2);
        offer(&world, "quarry", &[plant(1, 10, "丁")]);
        world.run().await;
        assert_eq!((name(&world), issues(db, "outranked").await), ("甲".to_owned(), 2));
        offer(&world, "park", &[plant(1, 3, "丙")]);
        world.run().await;
        assert_eq!(name(&world), "丙", "its own later word, however much older than the other's");
        assert_eq!(number(db, "SELECT COUNT(*) FROM record").await, 1);
        assert!(world.ledger().doubled().is_empty());
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_higher_word_takes_the_place_of_what_stands_and_the_lower_no_longer_counts() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(2))).await;
        offer(&world, "park", &[plant(1, 5, "甲")]);
        world.run().await;
        offer(&world, "quarry", &[plant(1, 1, "乙")]);
        world.run().await;
        assert_eq!(name(&world), "乙");
        offer(&world, "park", &[plant(1, 20, "丙")]);
        world.run().await;
        assert_eq!((name(&world), issues(db, "outranked").await), ("乙".to_owned(), 1));
        assert_eq!(world.audit().await.sum.accepted, 2);
        let told = explained(&world).await;
        assert!(told.derived_again, "{told:#?}");
        let says: Vec<_> = told.sources.iter().map(|says| (says.service.as_str(), says.stands)).collect();
        assert_eq!(says, [("quarry/plants", true), ("park/plants", false)]);
        assert_eq!(told.sources[1].differs["name"], ("丙".to_owned(), "乙".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn who_says_the_same_and_weighs_more_holds_the_key_from_then_on() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(2))).await;
        offer(&world, "park", &[plant(1, 5, "甲")]);
        world.run().await;
        offer(&world, "quarry", &[plant(1, 6, "甲")]);
        world.run().await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, 1, "nothing new was said");
        offer(&world, "park", &[plant(1, 7, "丙")]);
        world.run().await;
        assert_eq!((name(&world), number(db, "SELECT COUNT(*) FROM version").await), ("甲".to_owned(), 1));
    })
    .await;
}

#[tokio::test]
async fn of_equals_the_newer_stands() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(1))).await;
        for (source, minute, said, stands) in [
            ("park", 5, "甲", "甲"),
            ("quarry", 3, "乙", "甲"),
            ("quarry", 8, "丙", "丙"),
            ("park", 7, "丁", "丙"),
            ("park", 9, "戊", "戊"),
        ] {
            offer(&world, source, &[plant(1, minute, said)]);
            world.run().await;
            assert_eq!(name(&world), stands, "after {source} said {said}");
        }
        assert!(explained(&world).await.derived_again);
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_a_word_goes_on_when_the_priorities_are_declared() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), None)).await;
        offer(&world, "park", &[plant(1, 1, "甲")]);
        world.run().await;
        offer(&world, "quarry", &[plant(1, 2, "乙")]);
        world.run().await;
        assert!(world.audit().await.sum.held > 0);
        assert_eq!(name(&world), "甲");
        world.activate(&files(Some(1), Some(2))).await;
        world.until_idle().await;
        let audit = world.audit().await;
        assert_eq!((name(&world), audit.sum.held), ("乙".to_owned(), 0));
        assert!(audit.broken.is_empty());
        assert!(explained(&world).await.derived_again);
    })
    .await;
}

#[tokio::test]
async fn a_register_is_settled_field_by_field() {
    on_both(async |db| {
        let registry = |files: Files| {
            files.replacing("kinds/plant.toml", "label = \"装置\"", "label = \"装置\"\nregistry = true")
        };
        let mut world = World::new(db, &registry(files(Some(2), Some(1)))).await;
        let mut park = plant(1, 5, "甲");
        park.as_object_mut().unwrap().remove("corp");
        offer(&world, "park", &[park.clone()]);
        offer(&world, "quarry", &[plant(1, 6, "乙")]);
        world.run().await;
        let body: Value =
            serde_json::from_str(&world.ledger().entry("t_plant", &wire(1)).unwrap().body).unwrap();
        assert_eq!((&body["name"], &body["companyCode"]), (&"甲".into(), &"410900017".into()));
        park["name"] = "丙".into();
        park["t"] = tests::rows::at(9).into();
        offer(&world, "park", &[park]);
        world.run().await;
        assert_eq!(name(&world), "丙");
        let told = explained(&world).await;
        assert!(told.derived_again, "{told:#?}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM version WHERE owner = '410900017'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn three_sources_are_weighed_together() {
    on_both(async |db| {
        let third = files(Some(1), Some(1)).copied("park", "county");
        let third = third.replacing("sources/county/source.toml", "priority = 1", "priority = 3");
        let mut world = World::new(db, &third).await;
        for (source, minute, said, stands) in [
            ("park", 5, "甲", "甲"),
            ("county", 1, "乙", "乙"),
            ("quarry", 9, "丙", "乙"),
            ("park", 10, "丁", "乙"),
            ("county", 2, "戊", "戊"),
        ] {
            offer(&world, source, &[plant(1, minute, said)]);
            world.run().await;
            assert_eq!(name(&world), stands, "after {source} said {said}");
        }
        let told = explained(&world).await;
        assert!(told.derived_again && told.sources.len() == 3, "{told:#?}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM record").await, 1);
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

/// What stands of a shared key is no single record's doing: deriving one source again must not put its word there.
#[tokio::test]
async fn deriving_again_leaves_shared_keys_and_its_own_alone_come_anew() {
    on_both(async |db| {
        let files = files(Some(1), Some(2));
        let mut world = World::new(db, &files).await;
        offer(&world, "park", &[plant(1, 1, "甲"), plant(2, 2, "独")]);
        offer(&world, "quarry", &[plant(1, 3, "乙")]);
        world.run().await;
        let other =
            files.replacing("sources/park/plant.toml", "name = \"name\"", "name = { const = \"丑\" }");
        world.activate(&other).await;
        world.until_idle().await;
        let mut walk = Walk::new("park", None, false);
        while !matches!(walk.step(&world.context).await.unwrap(), Step::Idle) {}
        assert_eq!(walk.changes.versions, 1, "the park's own alone: {:?}", walk.changes);
        world.until_idle().await;
        assert_eq!(name(&world), "乙");
        let deep = deep(&world.context, &|_, _| {}).await.unwrap();
        assert!(deep.differences.is_empty() && deep.damaged.is_empty(), "{deep:?}");
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_bad_word_changes_nothing_of_what_stands() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(2))).await;
        offer(&world, "park", &[plant(1, 1, "甲")]);
        offer(&world, "quarry", &[plant(1, 2, "")]);
        world.run().await;
        assert_eq!(name(&world), "甲");
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 0);
        assert_eq!(world.audit().await.sum.rejected, 1);
    })
    .await;
}

/// One says it, then the other outweighs it and says something of its own. One source a night: which of two that speak
/// at once is heard first is a fault's to decide, and so how many states there were.
async fn story(world: &mut World) {
    offer(world, "park", &[plant(1, 1, "甲")]);
    world.run().await;
    offer(world, "quarry", &[plant(1, 7, "丁"), plant(3, 8, "石")]);
    world.run().await;
}

#[tokio::test]
async fn whatever_breaks_once_two_sources_end_the_same() {
    on_both(async |db| {
        let files = prioritized(Files::keyset(), Some(1), Some(2));
        let swept = sweep(db, &files, Compared { counts: true }, story).await;
        assert!(swept > 30, "{swept}");
    })
    .await;
}

/// What one source says at one moment.
#[derive(Debug, Clone)]
struct Word {
    source: usize,
    minute: u32,
    name: usize,
}

/// What stands after all this was said: by the rules, as simply as they can be put.
fn model(priorities: [i64; 2], words: &[Word]) -> usize {
    let mut newest: [Option<&Word>; 2] = [None, None];
    let (mut order, mut stands) = (Vec::new(), None);
    for word in words {
        let own = &mut newest[word.source];
        if own.is_some_and(|own| own.minute > word.minute || own.name == word.name) {
            continue;
        }
        *own = Some(word);
        order.retain(|source| *source != word.source);
        order.push(word.source);
        stands = order.iter().copied().reduce(|standing, later| {
            let weight = |source: usize| (priorities[source], newest[source].unwrap().minute);
            if weight(later) >= weight(standing) { later } else { standing }
        });
    }
    newest[stands.unwrap()].unwrap().name
}

#[tokio::test]
async fn whatever_is_said_in_whatever_order_the_ledger_has_what_the_rules_say() {
    let word = (0..2_usize, 0..6_u32, 0..3_usize);
    let word = word.prop_map(|(source, minute, name)| Word { source, minute, name });
    let stories = (0..2_i64, 0..2_i64, prop::collection::vec(word, 1..7));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"two sources, one key, and a rule");
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let stories: Vec<_> = (0..24).map(|_| stories.new_tree(&mut runner).unwrap().current()).collect();
    on_both(async |db| {
        let ledger = db.store().await;
        for (park, quarry, words) in &stories {
            db.wipe().await;
            let files = files(Some(*park), Some(*quarry));
            let mut stage = World::on(ledger.clone(), Breaker::counting(), &files).await;
            for (n, word) in words.iter().enumerate() {
                let row = plant(1, word.minute, ["甲", "乙", "丙"][word.name]);
                offer(&stage, ["park", "quarry"][word.source], &[row]);
                stage.run().await;
                let stands = ["甲", "乙", "丙"][model([*park, *quarry], &words[..=n])];
                assert_eq!(name(&stage), stands, "{park} {quarry} {:?}", &words[..=n]);
            }
            let audit = stage.audit().await;
            assert!(audit.broken.is_empty(), "{words:?}");
            assert_eq!(audit.sum, Found { held: 0, rejected: 0, ..audit.sum });
            assert!(stage.ledger().doubled().is_empty());
            assert!(explained(&stage).await.derived_again, "{words:?}");
        }
    })
    .await;
}
