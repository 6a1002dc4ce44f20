//! Stories of chance: at some moment a dump is made, at some later one it is restored. The numbers that choose are the same
//! every time.

use adapters::memory::Reply;
use gateway::pipeline::{Step, StepError};
use tests::{
    Db, World, on_both,
    rows::{alarm, plant, tank, wire},
};

use super::{Disaster, files, newest};

/// Stories on SQLite, where one takes a second or two; every fourth is told on PostgreSQL as well.
const STORIES: u64 = 8;
/// Turns of a story.
const TURNS: u64 = 50;

/// Numbers that are the same every time (Knuth's MMIX generator).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn small(&mut self, n: u32) -> u32 {
        u32::try_from(self.below(n.into())).unwrap()
    }
}

/// What the sender or a receiver does at a turn; the same whether there is a disaster or not.
fn happens(world: &World, dice: &mut Seeded, minute: u32) {
    let name = ["甲", "乙", "丙", "", "丁"][usize::try_from(dice.below(5)).unwrap()];
    let level = ["一般", "重大", "特大"][usize::try_from(dice.below(3)).unwrap()];
    match dice.below(5) {
        0 | 1 => {
            let n = 1 + dice.small(5);
            let name = if name.is_empty() { String::new() } else { format!("{name}{minute}") };
            world.park().add("plants", plant(n, minute, &name));
        }
        2 => {
            let n = dice.small(5);
            world.park().add("tanks", tank(11 + n, minute, 1 + n, level));
        }
        3 => {
            let n = dice.small(4);
            world.park().add("alarms", alarm(100 + minute, 11 + n, i64::from(minute)));
        }
        _ => {
            let reply = [Reply::Cut, Reply::MumbleAfter, Reply::Busy(None), Reply::Mumble];
            let reply = reply[usize::try_from(dice.below(4)).unwrap()];
            world.receivers["second"].set(|mood| mood.next.push_back(reply));
            world.receiver().set(|mood| {
                if mood.refuses.remove(&wire(3)).is_none() {
                    mood.refuses.insert(wire(3), "名称不对".into());
                }
            });
        }
    }
}

/// What the hub does at a turn.
async fn step(world: &World, dice: &mut Seeded) {
    let stepped: Result<Step, StepError> = match dice.below(6) {
        0 => world.ask("park").await,
        1 | 2 => world.pull("park").await,
        3 => world.refine("park").await,
        4 => world.forward("receiver").await,
        _ => world.forward("second").await,
    };
    stepped.unwrap();
}

/// One story; with `restored`, its dump comes back at its end. The newest state of everything, after all was done.
async fn told(db: &Db, seed: u64, restored: bool) -> Vec<String> {
    db.store().await.close().await.unwrap();
    db.wipe().await;
    let mut story = Disaster::awaited(db, &files()).await;
    let (mut sender, mut hub) = (Seeded(seed), Seeded(seed ^ 0xABCD));
    let moment = 5 + sender.below(TURNS - 20);
    let mut dump = None;
    for turn in 0..TURNS {
        happens(&story.world, &mut sender, u32::try_from(turn).unwrap());
        for _ in 0..4 {
            step(&story.world, &mut hub).await;
        }
        if turn == moment && restored {
            dump = Some(db.dump().await);
        }
    }
    if let Some(dump) = dump {
        story.back(db, &dump).await;
        if story.world.context.older().await.unwrap().is_some() {
            story.recover().await;
            story.world.audit().await;
        }
    }
    for receiver in story.world.receivers.values() {
        receiver.set(|mood| {
            mood.refuses.clear();
            mood.next.clear();
        });
    }
    // every plant once more in a last state, so that no refusal of before is the end of it
    (1..=5).for_each(|n| story.world.park().add("plants", plant(n, 200 + n, "末")));
    story.world.run().await;
    let state = story.whole(db).await;
    story.world.close().await;
    newest(&state).into_iter().cloned().collect()
}

#[tokio::test]
async fn whatever_happens_before_and_after_a_dump_its_restoring_changes_nothing_in_the_end() {
    on_both(async |db| {
        let every = if db.name == "SQLite" { 1 } else { 4 };
        for seed in (1..=STORIES).step_by(every) {
            let (wanted, is) = (told(db, seed, false).await, told(db, seed, true).await);
            assert!(wanted.iter().filter(|line| line.starts_with("has ")).count() > 5);
            let missing: Vec<_> = wanted.iter().filter(|line| !is.contains(line)).collect();
            let more: Vec<_> = is.iter().filter(|line| !wanted.contains(line)).collect();
            assert!(wanted == is, "{} story {seed}: missing {missing:#?}, more {more:#?}", db.name);
        }
    })
    .await;
}
