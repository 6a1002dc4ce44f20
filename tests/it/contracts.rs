//! Contracts over the whole path: held until the mapping says otherwise, left out on the way to the receiver.

use gateway::ledger::Found;
use serde_json::{Value, json};
use tests::{
    Db, Files, World, on_both,
    rows::{alarm, id, plant, tank, wire},
    state::Asked,
    sweep::{Compared, sweep},
};

const TANK: &str = "sources/park/tank.toml";
const ALARM: &str = "sources/park/alarm.toml";

/// Tanks without a name are held, values of alarms that are no numbers left out.
fn lenient() -> Files {
    Files::keyset()
        .replacing(TANK, "name = \"name\"", "name = { from = \"name\", contract = \"hold\" }")
        .replacing(ALARM, "value = \"value\"", "value = { from = \"value\", contract = \"warn\" }")
}

fn nameless(n: u32, minute: u32) -> Value {
    let mut row = tank(n, minute, 1, "一般");
    row["name"] = " ".into();
    row
}

fn mumbled(n: u32, tank: u32) -> Value {
    let mut row = alarm(n, tank, 0);
    row["value"] = "七".into();
    row
}

fn fill(world: &World) {
    let park = world.park();
    park.add("plants", plant(1, 1, "一号"));
    park.add("tanks", nameless(11, 2));
    park.add("tanks", tank(12, 3, 1, "重大"));
    park.add("tanks", json!({"id": "不是主键", "t": tests::rows::at(4)}));
    park.add("alarms", alarm(21, 12, 7));
    park.add("alarms", mumbled(22, 12));
}

async fn reasons(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let reasons = asked.column("SELECT reason FROM held WHERE state = 'held' ORDER BY document, place").await;
    asked.close().await;
    reasons
}

#[tokio::test]
async fn what_a_contract_holds_waits_and_what_it_leaves_out_goes_on() {
    on_both(async |db| {
        let mut world = World::new(db, &lenient()).await;
        fill(&world);
        world.run().await;
        let audit = world.audit().await;
        let tanks = Found { found: 3, accepted: 1, rejected: 1, held: 1, ..Found::default() };
        assert_eq!(audit.kinds["tank"], tanks, "{}", db.name);
        assert_eq!(audit.kinds["alarm"], Found { found: 2, accepted: 2, ..Found::default() });
        assert_eq!(reasons(db).await, ["required name; contract name"]);
        let sent: Value =
            serde_json::from_str(&world.ledger().entry("t_alarm", &wire(22)).unwrap().body).unwrap();
        assert_eq!(sent.get("value"), None, "{sent}");
        let asked = Asked::open(db).await;
        let noted: String =
            asked.column("SELECT issues FROM issue WHERE verdict = 'accepted'").await.remove(0);
        asked.close().await;
        assert!(noted.contains("bad-number") && noted.contains("没有采用"), "{noted}");
    })
    .await;
}

#[tokio::test]
async fn a_changed_mapping_lets_go_what_a_contract_held() {
    on_both(async |db| {
        let mut world = World::new(db, &lenient()).await;
        fill(&world);
        world.run().await;
        for (contract, accepted, rejected) in [("warn", 2, 1), ("strict", 2, 1)] {
            world
                .activate(&lenient().replacing(
                    TANK,
                    "contract = \"hold\"",
                    &format!("contract = \"{contract}\""),
                ))
                .await;
            world.until_idle().await;
            let wanted = Found { found: 3, accepted, rejected, ..Found::default() };
            assert_eq!(world.audit().await.kinds["tank"], wanted, "{contract} {}", db.name);
        }
        assert!(world.ledger().entry("t_tank", &wire(11)).is_some());
    })
    .await;
}

#[tokio::test]
async fn what_was_held_is_rejected_where_the_mapping_becomes_strict() {
    on_both(async |db| {
        let mut world = World::new(db, &lenient()).await;
        fill(&world);
        world.run().await;
        world.activate(&Files::keyset()).await;
        world.until_idle().await;
        let wanted = Found { found: 3, accepted: 1, rejected: 2, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted);
        assert_eq!(reasons(db).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_mended_row_comes_in_while_the_bad_one_waits() {
    on_both(async |db| {
        let mut world = World::new(db, &lenient()).await;
        fill(&world);
        world.run().await;
        world.park().add("tanks", tank(11, 30, 1, "较大"));
        world.run().await;
        assert_eq!(world.audit().await.kinds["tank"].accepted, 2);
        world.activate(&lenient().replacing(TANK, "contract = \"hold\"", "contract = \"warn\"")).await;
        world.until_idle().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!((tanks.accepted, tanks.held), (2, 0), "the nameless one is older now: {tanks:?}");
        let body = world.ledger().entry("t_tank", &wire(11)).unwrap().body.clone();
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["name"], "储罐11");
        assert!(body.contains(&wire(11)) && !body.contains(&id(11)));
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_contracts_end_the_same() {
    let story = async |world: &mut World| {
        fill(world);
        world.run().await;
        world.activate(&lenient().replacing(TANK, "contract = \"hold\"", "contract = \"warn\"")).await;
        world.until_idle().await;
    };
    let db = Db::sqlite();
    let swept = sweep(&db, &lenient(), Compared { counts: true }, story).await;
    assert!(swept > 20, "{swept}");
    db.close().await;
}
