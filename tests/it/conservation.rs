//! Conservation: whatever comes, in whatever order, whatever is answered, broken or restarted, both equations hold after
//! every step, and at the end the receiver has every record once, in its newest state. Random, from fixed seeds.

use adapters::memory::{OnBad, Reply};
use chrono::TimeDelta;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use tests::{
    Db, Files, World,
    faults::Breaker,
    rows::{alarm, at, id, plant, tank, wire},
    state::Asked,
};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Event {
    /// A plant is written: number, name.
    Plant(u32, u8),
    /// A tank is written: number, plant, level.
    Tank(u32, u32, u8),
    /// An alarm is written: number, tank, value.
    Alarm(u32, u32, u8),
    /// A row that is no record: of a service.
    Rubbish(u8),
    /// Everything written so far is read and judged, or as much as a fault lets through.
    Read,
    Ask,
    Pull,
    Refine,
    Forward,
    /// The receiver's next answer.
    Answer(Reply),
    /// The receiver refuses this record from now on, or no longer.
    Refuse(u32, bool),
    OnBad(OnBad),
    Restart,
    Wait(u16),
    /// The table is mended, or as it was.
    Mend(bool),
    /// A boundary from here breaks, after it happened or before.
    Break(u64, bool),
    /// Age takes everything it may.
    Age,
    /// A person lets go every document that is held whole.
    LetGo,
}

fn event() -> impl Strategy<Value = Event> {
    let reply = prop_oneof![
        Just(Reply::Busy(None)),
        Just(Reply::Busy(Some(90))),
        Just(Reply::Mumble),
        Just(Reply::MumbleAfter),
        Just(Reply::Cut),
        Just(Reply::Down),
        Just(Reply::Ill),
    ];
    prop_oneof![
        3 => (1..4_u32, 0..4_u8).prop_map(|(n, name)| Event::Plant(n, name)),
        3 => (11..15_u32, 1..4_u32, 0..4_u8).prop_map(|(n, plant, level)| Event::Tank(n, plant, level)),
        2 => (21..24_u32, 11..15_u32, 0..3_u8).prop_map(|(n, tank, value)| Event::Alarm(n, tank, value)),
        1 => (0..3_u8).prop_map(Event::Rubbish),
        6 => Just(Event::Read),
        2 => Just(Event::Ask),
        3 => Just(Event::Pull),
        2 => Just(Event::Refine),
        8 => Just(Event::Forward),
        2 => reply.prop_map(Event::Answer),
        1 => (1..24_u32, any::<bool>()).prop_map(|(n, refuses)| Event::Refuse(n, refuses)),
        1 => prop_oneof![Just(OnBad::TakeRest), Just(OnBad::RefuseAll)].prop_map(Event::OnBad),
        1 => Just(Event::Restart),
        1 => (1..4_000_u16).prop_map(Event::Wait),
        1 => any::<bool>().prop_map(Event::Mend),
        1 => (1..6_u64, any::<bool>()).prop_map(|(n, after)| Event::Break(n, after)),
        1 => Just(Event::Age),
        1 => Just(Event::LetGo),
    ]
}

struct Story {
    world: World,
    minute: u32,
}

impl Story {
    /// Writes a row over the one of its id, as a source does.
    fn write(&mut self, service: &str, n: u32, row: serde_json::Value) {
        let mut row = row;
        row["t"] = at(self.minute).into();
        self.minute += 1;
        self.world.park().change(service, |rows| {
            rows.retain(|old| old["id"] != id(n).as_str());
            rows.push(row);
        });
    }

    async fn play(&mut self, event: &Event) {
        match event {
            Event::Plant(n, name) => {
                self.write("plants", *n, plant(*n, 0, ["", "甲", "乙", "丙"][usize::from(*name)]));
            }
            Event::Tank(n, above, level) => {
                let level = ["特大", "重大", "较大", "一般"][usize::from(*level)];
                self.write("tanks", *n, tank(*n, 0, *above, level));
            }
            Event::Alarm(n, above, value) => self.write("alarms", *n, alarm(*n, *above, i64::from(*value))),
            Event::Rubbish(service) => {
                let row = serde_json::json!({"id": "不是主键", "t": at(self.minute)});
                self.world.park().add(["plants", "tanks", "alarms"][usize::from(*service)], row);
            }
            Event::Answer(reply) => self.world.receiver().set(|mood| mood.next.push_back(*reply)),
            Event::Refuse(n, true) => {
                self.world.receiver().set(|mood| drop(mood.refuses.insert(wire(*n), "不收".into())));
            }
            Event::Refuse(n, false) => self.world.receiver().set(|mood| drop(mood.refuses.remove(&wire(*n)))),
            Event::OnBad(on_bad) => self.world.receiver().set(|mood| mood.on_bad = *on_bad),
            Event::Restart => self.world.restart(),
            Event::Wait(minutes) => self.world.wait(TimeDelta::minutes(i64::from(*minutes))),
            Event::Mend(mends) => self.world.activate(&files(*mends)).await,
            Event::Break(n, after) => self.world.breaker.arm(*n, *after),
            Event::Age => drop(self.world.age().await),
            Event::LetGo => self.let_go().await,
            Event::Read => self.read().await,
            Event::Ask | Event::Pull | Event::Refine | Event::Forward => self.step(event).await,
        }
    }

    async fn let_go(&self) {
        let store = self.world.store();
        for over in store.over_limit(false).await.unwrap().iter().filter(|over| over.released_at.is_none()) {
            if let Err(error) = store.release(&[over.document], "放行", "", self.world.context.now()).await
            {
                assert!(matches!(error, gateway::store::StoreError::Fault(_)), "{error}");
            }
        }
    }

    async fn read(&self) {
        self.step(&Event::Ask).await;
        for _ in 0..6 {
            self.step(&Event::Pull).await;
        }
        self.step(&Event::Refine).await;
    }

    async fn step(&self, event: &Event) {
        let stepped = match event {
            Event::Ask => self.world.ask("park").await,
            Event::Pull => self.world.pull("park").await,
            Event::Refine => self.world.refine("park").await,
            _ => self.world.forward("receiver").await,
        };
        if let Err(error) = stepped {
            assert!(tests::world::is_fault(&error), "{error}");
        }
    }
}

fn files(mends: bool) -> Files {
    let files = Files::small();
    let files = ["plants", "tanks"].into_iter().fold(files, |files, service| {
        let name = format!("name = \"{service}\"\n");
        files.replacing("sources/park/source.toml", &name, &format!("{name}error_limit = {{ record = 1 }}\n"))
    });
    if mends { files.replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n") } else { files }
}

async fn tell(db: &Db, store: gateway::store::Store, events: &[Event]) {
    db.wipe().await;
    let world = World::on(store, Breaker::counting(), &files(false)).await;
    let mut tale = Story { world, minute: 0 };
    for event in events {
        tale.play(event).await;
        tale.world.audit().await;
    }
    tale.world.breaker.arm(u64::MAX, false);
    tale.world.receiver().set(|mood| mood.next.clear());
    tale.world.run().await;
    let audit = tale.world.audit().await;
    let owed = audit.destinations["receiver"].sum;
    assert_eq!(owed.pending, owed.waiting, "nothing is due at the end: {owed:?}");
    assert_eq!(audit.sum.found, audit.sum.judged());
    nothing_doubled(&tale.world);
    newest_everywhere(db, &tale.world).await;
}

fn nothing_doubled(world: &World) {
    let ledger = world.ledger();
    assert!(ledger.doubled().is_empty(), "{:?}", ledger.doubled());
    assert!(ledger.changed_batches().is_empty(), "{:?}", ledger.changed_batches());
}

/// What is confirmed lies at the receiver in exactly the state that is newest here.
async fn newest_everywhere(db: &Db, world: &World) {
    let asked = Asked::open(db).await;
    let sql = "SELECT d.kind, h.id, v.content, CASE WHEN h.head = d.version THEN 1 ELSE 0 END FROM delivery d \
         JOIN record h ON h.no = d.record JOIN version v ON v.seq = d.version WHERE d.state = 'confirmed'";
    for row in asked.rows(sql).await {
        let (kind, id, content): (String, String, String) = (
            row.try_get_by_index(0).unwrap(),
            row.try_get_by_index(1).unwrap(),
            row.try_get_by_index(2).unwrap(),
        );
        assert_eq!(row.try_get_by_index::<i32>(3).unwrap(), 1, "{kind} {id} is confirmed in an old state");
        let ours: serde_json::Value = serde_json::from_str(&content).unwrap();
        let ledger = world.ledger();
        let entry = ledger
            .entry(&format!("t_{kind}"), &id)
            .unwrap_or_else(|| panic!("the receiver lacks {kind} {id}"));
        let theirs: serde_json::Value = serde_json::from_str(&entry.body).unwrap();
        for member in ["name", "level", "plantId", "tankId"] {
            assert_eq!(ours.get(member), theirs.get(member), "{kind} {id} {member}");
        }
    }
    asked.close().await;
}

fn tell_many(db: &Db, runtime: &tokio::runtime::Runtime, cases: u32) {
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let store = runtime.block_on(db.store());
    let told = runner.run(&prop::collection::vec(event(), 5..60), |events| {
        let tale = std::panic::AssertUnwindSafe(|| runtime.block_on(tell(db, store.clone(), &events)));
        std::panic::catch_unwind(tale).map_err(|why| TestCaseError::fail(said(why.as_ref())))
    });
    if let Err(error) = told {
        panic!("{}: {error}", db.name);
    }
}

fn said(why: &(dyn std::any::Any + Send)) -> String {
    let text = why.downcast_ref::<String>().cloned();
    text.or_else(|| why.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

#[test]
fn both_equations_hold_after_every_step_on_sqlite() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    tell_many(&Db::sqlite(), &runtime, 64);
}

#[test]
fn both_equations_hold_after_every_step_on_postgresql() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(db) = runtime.block_on(Db::postgres()) {
        tell_many(&db, &runtime, 12);
        runtime.block_on(db.close());
    }
}
