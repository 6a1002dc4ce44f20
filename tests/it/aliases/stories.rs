//! Whatever is said under whatever id, joined and taken apart in whatever order: what stands is what the rules say of what each
//! voice said last. And what the hub's other doings make of joined keys.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use gateway::pipeline::{Step as Came, refine::replay::Walk};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use tests::{
    Files, World,
    faults::Breaker,
    on_both,
    rows::{plant, tank, wire},
};

use super::{
    activate, joined, number, plants, proven,
    sources::{files, offer_only},
    there,
};

const NAMES: [&str; 3] = ["甲", "乙", "丙"];

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A source says a name under an id, true at a minute.
    Say { source: usize, id: u32, minute: u32, name: usize },
    /// The first id means the second from now on, or no longer.
    Join(bool),
}

/// What each voice said last, in order of arrival: the rules, as simply as they can be put.
#[derive(Debug, Default)]
struct Model {
    /// Source, id, minute, name.
    said: Vec<(usize, u32, u32, usize)>,
    is_joined: bool,
}

impl Model {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Join(is_joined) => self.is_joined = is_joined,
            Step::Say { source, id, minute, name } => {
                let own = self.said.iter().position(|own| (own.0, own.1) == (source, id));
                let last = own.map(|at| self.said[at]);
                if last.is_some_and(|(_, _, newest, said)| newest > minute || said == name) {
                    return;
                }
                own.map(|at| self.said.remove(at));
                self.said.push((source, id, minute, name));
            }
        }
    }

    /// Who stands where.
    fn stands(&self, priorities: [i64; 2]) -> BTreeMap<String, String> {
        let mut standing: BTreeMap<u32, (usize, u32, u32, usize)> = BTreeMap::new();
        for word in &self.said {
            let key = if self.is_joined { 2 } else { word.1 };
            let weight = |word: &(usize, u32, u32, usize)| (priorities[word.0], word.2);
            let outweighs = standing.get(&key).is_none_or(|stands| weight(word) >= weight(stands));
            if outweighs {
                standing.insert(key, *word);
            }
        }
        standing.into_iter().map(|(key, word)| (wire(key), NAMES[word.3].to_owned())).collect()
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let say = (0..2_usize, 1..3_u32, 0..6_u32, 0..3_usize).prop_map(|(source, id, minute, name)| Step::Say {
        source,
        id,
        minute,
        name,
    });
    let step = prop_oneof![3 => say, 1 => any::<bool>().prop_map(Step::Join)];
    prop::collection::vec(step, 2..9)
}

#[tokio::test]
async fn whatever_is_said_joined_and_taken_apart_the_receiver_has_what_the_rules_say() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"two ids of one thing, two voices");
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let stories = (0..2_i64, 0..2_i64, steps());
    let stories: Vec<_> = (0..20).map(|_| stories.new_tree(&mut runner).unwrap().current()).collect();
    on_both(async |db| {
        let ledger = db.store().await;
        for (park, quarry, steps) in &stories {
            db.wipe().await;
            let files = files(Some(*park), Some(*quarry));
            let mut stage = World::on(ledger.clone(), Breaker::counting(), &files).await;
            let mut model = Model::default();
            for (n, step) in steps.iter().enumerate() {
                match *step {
                    Step::Say { source, id, minute, name } => {
                        offer_only(&stage, ["park", "quarry"][source], plant(id, minute, NAMES[name]));
                        stage.run().await;
                    }
                    Step::Join(true) => activate(&mut stage, &joined(&files)).await,
                    Step::Join(false) => activate(&mut stage, &files).await,
                }
                model.take(step);
                assert_eq!(
                    plants(&stage).0,
                    model.stands([*park, *quarry]),
                    "{} {park} {quarry} {:?}",
                    db.name,
                    &steps[..=n]
                );
            }
            proven(db, &stage).await;
            assert_eq!(stage.audit().await.sum.held, 0, "{steps:?}");
        }
    })
    .await;
}

/// A replay under an alias derives what stands alone, leaves joined keys to their voices, and what nobody speaks of alone.
#[tokio::test]
async fn deriving_again_puts_nobodys_word_over_anothers() {
    on_both(async |db| {
        let files = super::marked(Files::keyset());
        let mut world = World::new(db, &joined(&files)).await;
        for n in 1..=3 {
            world.park().add("plants", plant(n, n, NAMES[n as usize - 1]));
        }
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(2, "乙"), (3, "丙")]));
        let other =
            files.replacing("sources/park/plant.toml", "corp\"\n", "corp\"\nisTest = { const = \"0\" }\n");
        let other = other.replacing("sources/park/plant.toml", "isTest = \"test\"\n", "");
        activate(&mut world, &joined(&other)).await;
        let mut walk = Walk::new("park", None, false);
        while !matches!(walk.step(&world.context).await.unwrap(), Came::Idle) {}
        assert_eq!(walk.changes.versions, 1, "the third alone: {:?}", walk.changes);
        world.until_idle().await;
        activate(&mut world, &other).await;
        assert_eq!(plants(&world).0, there(&[(1, "甲"), (2, "乙"), (3, "丙")]));
        let mut walk = Walk::new("park", None, false);
        while !matches!(walk.step(&world.context).await.unwrap(), Came::Idle) {}
        assert_eq!(walk.changes.versions, 1, "the second: the first was derived on its way");
        proven(db, &world).await;
    })
    .await;
}

/// What a whole list no longer names is deleted under the key it stands under, and is nobody's once its alias is taken out.
#[tokio::test]
async fn what_was_swept_under_a_joined_key_is_free_for_whoever_comes() {
    on_both(async |db| {
        let files = crate::sweeping::snapshot(90);
        let line = format!("kind,id_space,id,to_space,to_id\ntank,uuid,{},uuid,{}\n", wire(11), wire(12));
        let joined = files.clone().with("aliases.csv", &line);
        let mut world = World::new(db, &joined).await;
        let park = world.park().clone();
        park.add("plants", plant(1, 1, "一号"));
        for n in [11, 13] {
            park.add("tanks", tank(n, n, 1, "重大"));
        }
        let tanks = |world: &World| crate::sweeping::at_receiver(world);
        crate::sweeping::night(&mut world).await;
        assert_eq!(tanks(&world), (vec![], vec![wire(12), wire(13)]));
        park.change("tanks", |rows| rows.retain(|row| row["id"] != tests::rows::id(11)));
        crate::sweeping::night(&mut world).await;
        assert_eq!(tanks(&world), (vec![wire(12)], vec![wire(13)]));
        activate(&mut world, &files).await;
        assert_eq!(tanks(&world), (vec![wire(12)], vec![wire(13)]), "nothing is said of either");
        assert_eq!(number(db, "SELECT COUNT(*) FROM record WHERE source_digest LIKE 'alias:%'").await, 1);
        park.add("tanks", tank(12, 20, 1, "一般"));
        park.add("tanks", tank(11, 21, 1, "重大"));
        world.wait(TimeDelta::days(1));
        world.run().await;
        assert_eq!(tanks(&world), (vec![], vec![wire(11), wire(12), wire(13)]));
        proven(db, &world).await;
    })
    .await;
}

/// Held for its document, it waits under the joined key, where a newer one takes its place; and under its own again.
#[tokio::test]
async fn what_waits_for_its_document_waits_under_the_key_it_would_have() {
    on_both(async |db| {
        let source = "sources/park/source.toml";
        let limited = "name = \"tanks\"\nerror_limit = { record = 1 }\n";
        let files = crate::sweeping::marked(Files::keyset()).replacing(source, "name = \"tanks\"\n", limited);
        let line = format!("kind,id_space,id,to_space,to_id\ntank,uuid,{},uuid,{}\n", wire(11), wire(12));
        let joined = files.clone().with("aliases.csv", &line);
        let mut world = World::new(db, &files).await;
        let park = world.park().clone();
        let nameless = |n: u32, minute: u32| {
            let mut row = tank(n, minute, 1, "重大");
            row["name"] = "".into();
            row
        };
        park.add("plants", plant(1, 1, "一号"));
        for row in [tank(11, 2, 1, "重大"), nameless(13, 3), nameless(14, 4)] {
            park.add("tanks", row);
        }
        world.run().await;
        let waits = async |n: u32| {
            number(db, &format!("SELECT COUNT(*) FROM held WHERE state = 'held' AND id = '{}'", wire(n)))
                .await
        };
        assert_eq!((waits(11).await, waits(12).await), (1, 0), "{}", db.name);
        activate(&mut world, &joined).await;
        assert_eq!((waits(11).await, waits(12).await), (0, 1));
        activate(&mut world, &files).await;
        assert_eq!((waits(11).await, waits(12).await), (1, 0));
        activate(&mut world, &joined).await;
        park.change("tanks", |rows| *rows = vec![tank(11, 30, 1, "一般")]);
        world.run().await;
        assert_eq!((waits(11).await, waits(12).await), (0, 0), "a newer one of its key took its place");
        assert_eq!(crate::sweeping::at_receiver(&world).1, [wire(12)]);
        proven(db, &world).await;
    })
    .await;
}
