//! What nobody sends any more: deleted once at the receiver, back when it is sent again, and never on a doubt.

mod stories;
mod told;

use chrono::TimeDelta;
use gateway::store::sweeps::{State, Sweep};
use serde_json::{Value, json};
use tests::{
    Db, Files, World, on_both,
    rows::{alarm, plant, tank, wire},
    state::Asked,
};

pub(crate) const SOURCE: &str = "sources/park/source.toml";

/// The small world read by page number; tanks are a snapshot, of which so many of a hundred may be missing.
pub(crate) fn snapshot(cap: u8) -> Files {
    marked(Files::paged())
        .replacing(
            SOURCE,
            "name = \"tanks\"\n",
            &format!("name = \"tanks\"\nsnapshot = true\nsweep_cap_percent = {cap}\n"),
        )
        .replacing(SOURCE, "path = \"/tanks\"\n", "path = \"/tanks\"\ntotal = \"total\"\n")
}

/// Tanks that can be said to be gone.
pub(crate) fn marked(files: Files) -> Files {
    let gone = "gone = { label = \"已拆除\", type = \"code\", table = \"gone\", gone = \"1\" }\nupdateDate";
    files
        .replacing("kinds/tank.toml", "updateDate = {", &format!("{gone} = {{"))
        .with("tables/gone.csv", "code,label\n0,在用\n1,已拆除\n")
}

/// A plant and ten tanks, 11 to 20.
pub(crate) fn ten(world: &World) {
    world.park().add("plants", plant(1, 1, "一号"));
    for n in 11..=20 {
        world.park().add("tanks", tank(n, n, 1, "重大"));
    }
}

pub(crate) fn take_away(world: &World, gone: &[u32]) {
    world.park().change("tanks", |rows| {
        rows.retain(|row| !gone.iter().any(|n| row["id"] == tests::rows::id(*n)));
    });
}

pub(crate) async fn night(world: &mut World) {
    world.wait(TimeDelta::days(1));
    world.run().await;
}

pub(crate) async fn sweeps(world: &World) -> Vec<Sweep> {
    let mut all = world.store().last_sweeps(100).await.unwrap();
    all.reverse();
    all
}

pub(crate) async fn states(world: &World) -> Vec<State> {
    sweeps(world).await.iter().map(|sweep| sweep.state).collect()
}

/// Tanks that the receiver has as gone, and those it has otherwise.
pub(crate) fn at_receiver(world: &World) -> (Vec<String>, Vec<String>) {
    let ledger = world.ledger();
    let entries = ledger.entries.iter().filter(|((path, _), _)| path == "t_tank");
    let (gone, there): (Vec<_>, Vec<_>) = entries.partition(|(_, entry)| {
        let body: Value = serde_json::from_str(&entry.body).unwrap();
        body["gone"] == "1"
    });
    let ids = |entries: Vec<(&(String, String), &_)>| entries.iter().map(|((_, id), _)| id.clone()).collect();
    (ids(gone), ids(there))
}

pub(crate) fn wires(ns: impl IntoIterator<Item = u32>) -> Vec<String> {
    ns.into_iter().map(wire).collect()
}

async fn versions(db: &Db, n: u32) -> i64 {
    let asked = Asked::open(db).await;
    let sql = format!(
        "SELECT COUNT(*) FROM version v JOIN record h ON h.no = v.record WHERE h.kind = 'tank' AND h.id = '{}'",
        wire(n)
    );
    let found = asked.number(&sql).await;
    asked.close().await;
    found
}

#[tokio::test]
async fn what_a_whole_pass_does_not_name_is_deleted_once_and_comes_back_when_sent_again() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(10)).await;
        ten(&world);
        night(&mut world).await;
        assert_eq!(states(&world).await, [State::Done]);
        take_away(&world, &[15]);
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(15)], "{}", db.name);
        let last = sweeps(&world).await.pop().unwrap();
        assert_eq!(
            (last.state, last.retired, last.count.standing, last.count.missing),
            (State::Done, 1, 10, 1)
        );
        for _ in 0..3 {
            night(&mut world).await;
        }
        assert_eq!(versions(db, 15).await, 2, "deleted once");
        let last = sweeps(&world).await.pop().unwrap();
        assert_eq!((last.retired, last.count.standing, last.count.missing), (0, 9, 0));
        world.audit().await;
        // word for word as it was: what was said before is not what stands now
        world.park().add("tanks", tank(15, 15, 1, "重大"));
        night(&mut world).await;
        assert_eq!(at_receiver(&world), (vec![], wires(11..=20)), "{}", db.name);
        assert_eq!(versions(db, 15).await, 3);
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!((tanks.accepted, tanks.rejected, tanks.held), (11, 0, 0), "{tanks:?}");
        take_away(&world, &[15]);
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(15)]);
        assert_eq!(versions(db, 15).await, 4, "gone again is deleted again");
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_read_by_window_is_swept_by_its_full_reads_alone() {
    on_both(async |db| {
        let unbounded = |files: Files| files.replacing(SOURCE, ", until = \"{until}\"", "");
        let files = marked(unbounded(Files::keyset())).replacing(
            SOURCE,
            "name = \"tanks\"\n",
            "name = \"tanks\"\nsnapshot = true\nsweep_cap_percent = 10\n",
        );
        let mut world = World::new(db, &files).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[15]);
        night(&mut world).await;
        night(&mut world).await;
        assert_eq!(sweeps(&world).await.len(), 1, "the first pass alone was from the beginning");
        assert_eq!(at_receiver(&world).0, [""; 0]);
        full_read(&world).await;
        world.until_idle().await;
        assert_eq!(at_receiver(&world).0, [wire(15)], "{}", db.name);
        assert_eq!(states(&world).await, [State::Done, State::Done]);
        world.audit().await;
    })
    .await;
}

async fn full_read(world: &World) {
    let source = world.pinned.rules.source("park").unwrap();
    let services: Vec<_> = source.services.iter().collect();
    let asked = gateway::pipeline::pull::Asked { fired: None, full: true };
    gateway::pipeline::pull::ask_for_run(&world.context, source, &services, asked).await.unwrap();
}

#[tokio::test]
async fn a_pass_that_did_not_come_to_its_end_says_nothing() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[11, 12]);
        world.ask("park").await.unwrap();
        // plants, then the first page of tanks
        for _ in 0..2 {
            world.pull("park").await.unwrap();
        }
        world.refine_all("park").await;
        assert_eq!(states(&world).await, [State::Done], "{}", db.name);
        // another process takes over: by page number it begins again, and that pass is whole
        world.restart();
        world.until_idle().await;
        assert_eq!(states(&world).await, [State::Done, State::Done]);
        assert_eq!(at_receiver(&world).0, wires([11, 12]));
        // the total moves under every pass: none is whole
        take_away(&world, &[13]);
        world.ask("park").await.unwrap();
        world.pull("park").await.unwrap();
        for n in 0..20 {
            world.park().add("tanks", tank(40 + n, 40, 1, "重大"));
            world.pull("park").await.unwrap();
        }
        world.refine_all("park").await;
        assert_eq!(states(&world).await.len(), 2);
        assert_eq!(at_receiver(&world).0, wires([11, 12]));
        world.until_idle().await;
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn a_bad_record_with_a_key_is_there_and_one_without_leaves_all_in_doubt() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        // 12 is rejected now, 13 held for its level, 14 is gone
        world.park().change("tanks", |rows| {
            rows[1]["name"] = "".into();
            rows[2]["level"] = "特大".into();
            rows.remove(3);
        });
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(14)], "{}", db.name);
        take_away(&world, &[16]);
        world.park().add("tanks", json!({"id": "不是主键", "name": "谁"}));
        night(&mut world).await;
        let last = sweeps(&world).await.pop().unwrap();
        assert_eq!((last.state, last.retired, last.count.unsure), (State::Unsure, 0, 1));
        assert_eq!(at_receiver(&world).0, [wire(14)]);
        world.park().change("tanks", |rows| drop(rows.pop()));
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, wires([14, 16]), "the next whole pass tells");
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn too_many_missing_are_held_and_a_person_or_the_next_pass_decides() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(20)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[11, 12, 13]);
        night(&mut world).await;
        let held = world.store().held_sweeps().await.unwrap();
        assert_eq!(
            (held.len(), held[0].count.standing, held[0].count.missing, held[0].count.cap),
            (1, 10, 3, 20)
        );
        assert_eq!(at_receiver(&world).0, [""; 0], "{}", db.name);
        // the list is whole again before anybody looked: nothing is left to decide
        for n in [11, 12] {
            world.park().add("tanks", tank(n, n, 1, "重大"));
        }
        night(&mut world).await;
        assert_eq!(states(&world).await, [State::Done, State::Superseded, State::Done]);
        assert_eq!(at_receiver(&world).0, [wire(13)]);
        let late = world.store().release_sweep(held[0].no, "晚了", "张三", world.context.now()).await;
        assert!(late.is_err(), "a later pass has answered");
        take_away(&world, &[14, 15, 16, 17]);
        night(&mut world).await;
        let held = world.store().held_sweeps().await.unwrap();
        // seen since, by whatever pass: it is there
        let no = held[0].no;
        world.store().release_sweep(no, "园区停产", "张三", world.context.now()).await.unwrap();
        world.until_idle().await;
        assert_eq!(at_receiver(&world).0, wires([13, 14, 15, 16, 17]), "{}", db.name);
        let last = sweeps(&world).await.pop().unwrap();
        assert_eq!((last.state, last.retired), (State::Done, 4));
        assert_eq!((last.why.as_deref(), last.who.as_deref()), (Some("园区停产"), Some("张三")));
        world.audit().await;
    })
    .await;
}

/// What waited for a code and stands since was not among what a person let go.
#[tokio::test]
async fn more_than_was_let_go_is_held_again() {
    on_both(async |db| {
        let files = snapshot(20);
        let mut world = World::new(db, &files).await;
        ten(&world);
        for n in 21..=24 {
            world.park().add("tanks", tank(n, n, 1, "特大"));
        }
        night(&mut world).await;
        take_away(&world, &[11, 12, 13, 21, 22, 23, 24]);
        night(&mut world).await;
        let let_go = async |world: &mut World, missing: u64| {
            let held = world.store().held_sweeps().await.unwrap();
            assert_eq!((held.len(), held[0].count.missing), (1, missing), "{}", db.name);
            let at = world.context.now();
            world.store().release_sweep(held[0].no, "园区停产", "张三", at).await.unwrap();
            world.until_idle().await;
        };
        let learnt = files.replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        crate::aliases::activate(&mut world, &learnt).await;
        let_go(&mut world, 3).await;
        assert_eq!(at_receiver(&world).0, [""; 0], "{}", db.name);
        let_go(&mut world, 7).await;
        assert_eq!(at_receiver(&world).0, wires([11, 12, 13, 21, 22, 23, 24]));
        assert_eq!(states(&world).await, [State::Done, State::Done]);
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_list_is_more_than_anybody_lets_go_unseen() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(99)).await;
        ten(&world);
        night(&mut world).await;
        world.park().change("tanks", Vec::clear);
        night(&mut world).await;
        assert_eq!(states(&world).await, [State::Done, State::Held], "{}", db.name);
        assert_eq!(at_receiver(&world).0, [""; 0]);
    })
    .await;
}

/// A second list of the same kind, beside `tanks`.
fn two_lists(second: &str) -> Files {
    let service = format!(
        "\n[[services]]\nname = \"old-tanks\"\n{second}[services.request]\npath = \"/old\"\nlist = \"rows\"\ntotal = \"total\"\n\
         paging = {{ kind = \"page\", size = 4 }}\nquery = {{ page = \"{{page}}\" }}\n"
    );
    let files = snapshot(50);
    let text = files.text(SOURCE).to_owned() + &service;
    let mapping =
        files.text("sources/park/tank.toml").replace("service = \"tanks\"", "service = \"old-tanks\"");
    files.with(SOURCE, &text).with("sources/park/old-tank.toml", &mapping)
}

#[tokio::test]
async fn one_list_never_deletes_what_another_of_its_kind_brought_or_names() {
    for second in ["", "snapshot = true\nsweep_cap_percent = 100\n"] {
        on_both(async |db| {
            let mut world = World::new(db, &two_lists(second)).await;
            ten(&world);
            for n in 31..=34 {
                world.park().add("old-tanks", tank(n, n, 1, "一般"));
            }
            night(&mut world).await;
            night(&mut world).await;
            assert_eq!(at_receiver(&world).0, [""; 0], "{}", db.name);
            // 11 moves from one list to the other as it is, 12 is gone
            take_away(&world, &[11, 12]);
            world.park().add("old-tanks", tank(11, 11, 1, "重大"));
            night(&mut world).await;
            assert_eq!(at_receiver(&world).0, [wire(12)], "{} {second}", db.name);
            // and 31 is gone from a list that may not be whole
            world.park().change("old-tanks", |rows| drop(rows.remove(0)));
            night(&mut world).await;
            let gone = if second.is_empty() { wires([12]) } else { wires([12, 31]) };
            assert_eq!(at_receiver(&world).0, gone, "{} {second}", db.name);
            world.audit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn children_of_a_deleted_record_go_on_as_they_were() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(10)).await;
        ten(&world);
        world.park().add("alarms", alarm(51, 15, 7));
        night(&mut world).await;
        take_away(&world, &[15]);
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(15)]);
        // the receiver keeps what refers to it, and takes more: it once confirmed that it knows the parent
        world.park().add("alarms", alarm(52, 15, 8));
        night(&mut world).await;
        for n in [51, 52] {
            assert!(world.ledger().entry("t_alarm", &wire(n)).is_some(), "{n} {}", db.name);
        }
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn a_configuration_that_takes_the_word_back_deletes_nothing_more() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[15]);
        world.land_all("park").await;
        world.activate(&marked(Files::paged())).await;
        world.until_idle().await;
        assert_eq!(states(&world).await, [State::Done, State::Superseded], "{}", db.name);
        assert_eq!(at_receiver(&world).0, [""; 0]);
    })
    .await;
}
