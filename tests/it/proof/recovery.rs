//! A dump from an hour ago is restored: what was sent since is brought forward from the journal, what was only received is
//! read again; both equations hold, the receiver has everything once and its newest state.

mod commands;
mod stories;

use std::sync::Arc;

use adapters::memory::Reply;
use chrono::TimeDelta;
use gateway::{
    pipeline::{Recovered, Restored, StepError, against, checkpoint, deep, explain, recover, restored},
    proof::{
        Folder, Journal,
        journal::{Fact, Lines},
    },
    store::StoreError,
};
use tempfile::TempDir;
use tests::{
    Db, Dump, Files, World, on_both,
    rows::{alarm, id, plant, tank, wire},
    state::{Asked, final_state},
};

/// A world that had a disaster.
struct Disaster {
    world: World,
    folder: Folder,
    _home: TempDir,
}

/// Two in a batch, two destinations.
fn files() -> Files {
    Files::small().receiver("receiver", 2).receiver("second", 3)
}

impl Disaster {
    /// A world with its proof on a disk that costs nothing, where the system offers one.
    async fn awaited(db: &Db, files: &Files) -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let folder = Folder::new(home.path(), &db.url).unwrap();
        let mut world = World::new(db, files).await;
        world.keep_proof(&folder);
        Self { world, folder, _home: home }
    }

    /// Before the dump: records sent, one page landed and not judged, one batch whose answer was lost.
    async fn begun(db: &Db) -> (Self, Dump) {
        let mut disaster = Self::awaited(db, &files()).await;
        let world = &mut disaster.world;
        (1..=3).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.park().add("plants", plant(9, 3, ""));
        world.park().add("tanks", tank(11, 4, 1, "重大"));
        world.park().add("tanks", tank(12, 4, 1, "特大"));
        world.run().await;
        checkpoint(&world.context).await.unwrap();
        world.receiver().set(|mood| mood.next = [Reply::Cut].into());
        world.park().add("plants", plant(4, 6, "乙"));
        world.land_all("park").await;
        world.refine_all("park").await;
        world.forward("receiver").await.unwrap();
        world.park().add("plants", plant(5, 7, "丙"));
        world.park().add("plants", plant(1, 8, "甲改"));
        world.land_all("park").await;
        let dump = db.dump().await;
        (disaster, dump)
    }

    /// The hour that is lost: what waited is judged and sent, more comes, one state after the other of one record, a
    /// refusal, and at its end an answer that never came.
    async fn hour(&mut self) {
        self.world.wait(TimeDelta::minutes(10));
        self.world.until_idle().await;
        self.world.park().add("plants", plant(2, 20, "二改"));
        self.world.park().add("plants", plant(6, 21, "丁"));
        self.world.park().add("tanks", tank(13, 22, 6, "一般"));
        self.world.receiver().set(|mood| {
            mood.refuses.insert(wire(6), "名称不对".into());
        });
        self.world.run().await;
        checkpoint(&self.world.context).await.unwrap();
        self.world.receiver().set(|mood| mood.refuses.clear());
        self.world.park().add("plants", plant(2, 30, "二再改"));
        self.world.park().add("plants", plant(6, 31, "丁改"));
        self.world.run().await;
        self.world.park().add("plants", plant(7, 40, "戊"));
        self.world.park().add("plants", plant(3, 41, "三改"));
        self.world.land_all("park").await;
        self.world.refine_all("park").await;
        self.world.receiver().set(|mood| mood.next = [Reply::Cut].into());
        self.world.forward("receiver").await.unwrap();
    }

    async fn back(&mut self, db: &Db, dump: &Dump) {
        self.world.close().await;
        db.restore(dump).await;
        self.world.reopen(db).await;
    }

    async fn lacks(&self) -> Restored {
        restored(&self.world.context, &self.folder).await.unwrap().unwrap()
    }

    async fn recover(&self) -> Recovered {
        recover(&self.world.context, &self.lacks().await, &|_| {}).await.unwrap()
    }

    /// Restored once more, brought forward with the `n`-th commit broken, and again. False: there are not so many.
    async fn broken_at(&mut self, db: &Db, dump: &Dump, n: u64, after: bool, wanted: &[String]) -> bool {
        self.back(db, dump).await;
        let lacks = self.lacks().await;
        self.world.breaker.arm(n, after);
        let broken = recover(&self.world.context, &lacks, &|_| {}).await;
        if let Err(error) = &broken {
            assert!(matches!(error, StepError::Store(StoreError::Fault("recover"))), "{error}");
        }
        self.world.restart();
        // the last commit may have happened
        if restored(&self.world.context, &self.folder).await.unwrap().is_some() {
            assert!(self.world.context.older().await.unwrap().is_some(), "it is not worked on yet");
            self.recover().await;
        }
        let state = final_state(db, &self.world, true).await;
        assert_eq!(state, wanted, "{} commit {n} after={after}", db.name);
        broken.is_err()
    }

    /// Everything is read again and sent; what there is must be right.
    async fn whole(&mut self, db: &Db) -> Vec<String> {
        self.world.until_idle().await;
        self.world.run().await;
        let state = final_state(db, &self.world, false).await;
        let audit = self.world.audit().await;
        for owed in audit.destinations.values() {
            assert_eq!(owed.sum.pending, owed.sum.waiting, "{owed:?}");
        }
        let again = deep(&self.world.context, &|_, _| {}).await.unwrap();
        assert_eq!((again.differences, again.damaged), (vec![], vec![]));
        assert!(restored(&self.world.context, &self.folder).await.unwrap().is_none());
        self.world.close().await;
        self.world.reopen(db).await;
        assert_eq!(self.world.context.older().await.unwrap(), None);
        state
    }
}

/// The newest state of each key where it is to be, whoever sent it how often.
fn newest(state: &[String]) -> Vec<&String> {
    let kept = ["delivery ", "has ", "held ", "rejected ", "open "];
    state.iter().filter(|line| kept.iter().any(|word| line.starts_with(word))).collect()
}

#[tokio::test]
async fn a_dump_from_an_hour_ago_ends_as_if_it_had_never_been_restored() {
    on_both(async |db| {
        let (mut never, _dump) = Disaster::begun(db).await;
        never.hour().await;
        let wanted = never.whole(db).await;
        never.world.close().await;
        db.wipe().await;
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        let before = disaster.world.ledger().arrivals.len();
        disaster.back(db, &dump).await;
        assert!(disaster.world.context.older().await.unwrap().unwrap().batches > 0);
        let lacks = disaster.lacks().await;
        assert_eq!((lacks.absent.len(), lacks.gaps.len(), lacks.resumes), (0, 0, false));
        let recovered = disaster.recover().await;
        assert!(recovered.batches > 5 && recovered.settled + 1 >= recovered.batches, "{recovered:?}");
        assert_eq!(recovered.strangers.len(), 0);
        disaster.world.audit().await;
        let state = disaster.whole(db).await;
        assert_eq!(newest(&state), newest(&wanted));
        // what was answered did not go again, what was not went as it was
        let arrivals = disaster.world.ledger().arrivals;
        let again: Vec<&str> = arrivals[before..].iter().map(|arrival| arrival.batch.as_str()).collect();
        let sent: Vec<&str> = arrivals[..before].iter().map(|arrival| arrival.batch.as_str()).collect();
        assert_eq!(again.first(), sent.last(), "{again:?}");
        assert!(again.iter().skip(1).all(|batch| !sent.contains(batch)), "{again:?}");
        disaster.world.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_hour_lost_is_told_by_the_checkpoints_and_nothing_else() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        let taken = disaster.world.store().last_number().await.unwrap();
        disaster.back(db, &dump).await;
        let file = disaster.folder.checkpoints("hub");
        let held = against(&disaster.world.context, &file, &disaster.folder, &|_| {}).await.unwrap();
        assert!(held.apart.unwrap().told.contains("账目比文件旧"));
        let error = checkpoint(&disaster.world.context).await.unwrap_err().to_string();
        assert!(error.contains("lianwang recover"), "{error}");
        disaster.recover().await;
        disaster.whole(db).await;
        checkpoint(&disaster.world.context).await.unwrap();
        let held = against(&disaster.world.context, &file, &disaster.folder, &|_| {}).await.unwrap();
        assert_eq!((held.apart, held.checkpoints), (None, 3));
        // the hour's documents, counts and answers; its batches are there
        let lost: Vec<&str> = held.lost.keys().map(String::as_str).collect();
        assert_eq!(lost, ["attempt", "document", "part"]);
        // no number that was ever taken is another thing now
        let asked = Asked::open(db).await;
        let low = asked.number("SELECT low FROM recovery").await;
        let reused = format!("SELECT COUNT(*) FROM document WHERE no > {low} AND no <= {taken}");
        assert_eq!(asked.number(&reused).await, 0);
        asked.close().await;
        db.run("DELETE FROM document WHERE no = (SELECT MIN(no) FROM document)").await;
        let held = against(&disaster.world.context, &file, &disaster.folder, &|_| {}).await.unwrap();
        assert!(held.apart.unwrap().told.contains("账目里没有"));
        disaster.world.close().await;
    })
    .await;
}

/// A recovery broken at a commit, before or after it, and made again leaves what one leaves that was not broken.
#[tokio::test]
async fn a_recovery_broken_off_anywhere_ends_the_same() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        disaster.back(db, &dump).await;
        disaster.recover().await;
        let wanted = final_state(db, &disaster.world, true).await;
        // the same code: every commit is swept where a restore costs nothing
        let every = if db.name == "SQLite" { 1 } else { 7 };
        let mut n = 0;
        while disaster.broken_at(db, &dump, 1 + n * every, n % 2 == 0, &wanted).await {
            n += 1;
        }
        assert!(n * every > 20, "{n}");
        let whole = disaster.whole(db).await;
        assert!(whole.iter().any(|line| line.starts_with("has ")));
        disaster.world.close().await;
    })
    .await;
}

/// An answer's line that is lost as well: that the next batch of the record was frozen says that there was one.
#[tokio::test]
async fn a_record_in_two_batches_without_the_first_one_s_answer_goes_in_its_newest_state() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        let newest = disaster.world.ledger().entry("t_plant", &wire(2)).unwrap().body.clone();
        disaster.back(db, &dump).await;
        without_outcomes(&disaster.folder.journal("hub"));
        disaster.world.keep_proof(&disaster.folder.clone());
        let recovered = disaster.recover().await;
        assert_eq!(recovered.settled, 0);
        disaster.world.audit().await;
        disaster.whole(db).await;
        assert_eq!(disaster.world.ledger().entry("t_plant", &wire(2)).unwrap().body, newest);
        disaster.world.close().await;
    })
    .await;
}

/// Writes a journal anew without what was answered.
fn without_outcomes(folder: &std::path::Path) {
    let lines: Vec<_> = Lines::after(folder, 0).unwrap().map(Result::unwrap).collect();
    std::fs::remove_dir_all(folder).unwrap();
    let journal = Journal::open(folder, "hub", 30).unwrap();
    let position = lines.iter().map(|line| line.n).max().unwrap();
    for line in lines {
        match line.fact {
            // its place is taken by a line that says nothing
            Fact::Outcome(_) => journal.append(Fact::Torn { bytes: 1 }, line.at, false).unwrap(),
            Fact::Segment { .. } => continue,
            fact => journal.append(fact, line.at, false).unwrap(),
        };
    }
    assert_eq!(journal.position(), position);
}

/// A destination that the lost hour brought: what went there is named and not made again; declared anew, it is served.
#[tokio::test]
async fn a_destination_that_the_dump_does_not_know_is_named() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        let third = files().receiver("third", 2);
        disaster.world.activate(&third).await;
        disaster.hour().await;
        disaster.world.run().await;
        disaster.back(db, &dump).await;
        let recovered = disaster.recover().await;
        assert_eq!(recovered.revisions.len(), 1, "{recovered:?}");
        assert!(recovered.strangers.get("third").is_some_and(|batches| batches.len() > 1), "{recovered:?}");
        disaster.world.activate(&third).await;
        disaster.whole(db).await;
        disaster.world.close().await;
    })
    .await;
}

/// The journals of two nodes: one that is not here is asked for; with it, everything is brought forward.
#[tokio::test]
async fn another_node_s_journal_is_needed_and_used() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        let own = disaster.folder.journal("hub");
        let elsewhere = disaster.folder.path().join("elsewhere");
        disaster.hour().await;
        // what the hour sent was sent by another node
        std::fs::rename(&own, &elsewhere).unwrap();
        disaster.back(db, &dump).await;
        let other = Journal::open(&disaster.folder.journal("other"), "other", 30).unwrap();
        let context = disaster.world.replica("other").with_journal(Arc::new(other));
        let lacks = restored(&context, &disaster.folder).await.unwrap();
        assert_eq!(lacks.unwrap().absent, ["hub"], "its checkpoints say that something is missing");
        std::fs::rename(&elsewhere, &own).unwrap();
        let lacks = restored(&context, &disaster.folder).await.unwrap().unwrap();
        assert_eq!((lacks.absent.len(), lacks.older.len()), (0, 1));
        recover(&context, &lacks, &|_| {}).await.unwrap();
        disaster.world.restart();
        disaster.whole(db).await;
        disaster.world.close().await;
    })
    .await;
}

/// A state that was sent and whose document is lost says so; read again in the same bytes, it is derived from them again.
#[tokio::test]
async fn what_was_made_again_is_explained_and_its_bytes_come_again() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.world.until_idle().await;
        // the page that brings it is the same whenever it is read
        disaster.world.park().add("alarms", alarm(31, 11, 5));
        disaster.world.run().await;
        disaster.back(db, &dump).await;
        disaster.recover().await;
        let context = &disaster.world.context;
        let (key, record) = explain::find(context, "alarm", &id(31)).await.unwrap().remove(0);
        let told = explain::explain(context, &key, record).await.unwrap();
        let lost = told.versions[0].dropped.clone().unwrap();
        assert!(lost.contains("随数据库还原丢失") && told.derived_again, "{lost}");
        assert_eq!(told.versions[0].fields["value"].value.as_deref(), Some("5"));
        disaster.whole(db).await;
        let context = &disaster.world.context;
        let told = explain::explain(context, &key, record).await.unwrap();
        assert_eq!((told.versions.len(), &told.versions[0].dropped, told.derived_again), (1, &None, true));
        disaster.world.close().await;
    })
    .await;
}

/// Numbers go on behind all that were taken, over the ends of partitions that the restored ledger does not have.
#[tokio::test]
async fn the_numbers_of_a_recovery_have_their_partitions() {
    on_both(async |db| {
        db.store().await.close().await.unwrap();
        db.narrow(300_000).await;
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        let taken = disaster.world.store().last_number().await.unwrap();
        disaster.back(db, &dump).await;
        let low = disaster.world.store().last_number().await.unwrap();
        disaster.recover().await;
        let now = disaster.world.store().last_number().await.unwrap();
        assert!(low < taken && taken + 1_000_000 <= now, "{low} {taken} {now}");
        disaster.whole(db).await;
        disaster.world.close().await;
    })
    .await;
}

/// Somebody worked on a restored ledger under another name, with another journal: its numbers mean other things now, and that is said.
#[tokio::test]
async fn a_ledger_that_was_worked_on_since_is_not_brought_forward() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        disaster.back(db, &dump).await;
        let elsewhere = tempfile::tempdir().unwrap();
        let journal = Journal::open(elsewhere.path(), "another", 30).unwrap();
        let own = disaster.folder.clone();
        disaster.world.keep_journal(Arc::new(journal));
        // other batches take the numbers of those that were sent
        (40..60).for_each(|n| disaster.world.park().add("plants", plant(n, n, "别的")));
        disaster.world.run().await;
        disaster.world.keep_proof(&own);
        let lacks = disaster.lacks().await;
        let error = recover(&disaster.world.context, &lacks, &|_| {}).await.unwrap_err().to_string();
        assert!(error.contains("在账上是另一份内容") && error.contains("重新还原"), "{error}");
        disaster.world.close().await;
    })
    .await;
}

/// A journal that does not go back to the restored state: what is missing of it is said before anything is done.
#[tokio::test]
async fn lines_that_age_took_before_they_were_needed_are_told() {
    on_both(async |db| {
        let (mut disaster, dump) = Disaster::begun(db).await;
        disaster.hour().await;
        disaster.back(db, &dump).await;
        let position = disaster.world.store().journal_position("hub").await.unwrap();
        let folder = disaster.folder.journal("hub");
        std::fs::remove_dir_all(&folder).unwrap();
        let journal = Journal::open(&folder, "hub", 30).unwrap();
        journal.go_on_after(position + 5);
        journal.append(Fact::Torn { bytes: 1 }, disaster.world.context.now(), true).unwrap();
        let lacks = disaster.lacks().await;
        let wanted = format!("从第 {} 行才有，缺第 {} 行起的", position + 6, position + 1);
        assert!(lacks.older.is_empty() && lacks.gaps[0].contains(&wanted), "{lacks:?}");
        // its checkpoints still keep the numbers
        disaster.recover().await;
        disaster.world.audit().await;
        disaster.world.close().await;
    })
    .await;
}
