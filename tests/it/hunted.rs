//! What a hunt for lost and doubled records found, held for good: each of these once lost, doubled, stopped or miscounted
//! something. Leaves here what the stories share: a receiver that is told its answers, and doing one thing between two
//! statements of another.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use adapters::{
    AdapterError, Answer, Batch, Blame, Certainty, Destination, EncodeError, Payload, Receipt, WireRecord,
    destination::Reader, memory::MemoryDestination,
};
use chrono::{DateTime, Utc};
use gateway::{
    ledger::Owed,
    pipeline::{Result, Step, forward},
    store::Store,
};
use serde_json::Value;
use tests::{Db, Files, World, state::Asked};

mod halving;
mod judging;
mod reading;
mod restoring;
mod scope;
mod sending;
mod stale;

const RECEIVER: &str = "destinations/receiver/destination.toml";

/// An answer given in the receiver's place; none: the receiver's own.
type Given = Option<Delivered>;

/// What a delivery comes to.
type Delivered = std::result::Result<Answer, AdapterError>;

/// A receiver that a test may answer for, read by the rules of the revision at hand. It remembers each batch that came.
struct Told<A> {
    inner: MemoryDestination,
    reader: Reader,
    answer: A,
    came: Mutex<Vec<Came>>,
}

/// A batch that came.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Came {
    id: String,
    group: String,
    members: Vec<String>,
}

impl<A: Fn(&Batch<'_>) -> Given + Sync> Told<A> {
    fn new(world: &World, answer: A) -> Self {
        let file = world.pinned.rules.destination("receiver").unwrap();
        let reader = file.adapter().reader().unwrap();
        Self { inner: world.receiver().clone(), reader, answer, came: Mutex::default() }
    }

    fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One step of forward towards it.
    async fn forward(&self, world: &World) -> Result<Step> {
        let file = world.pinned.rules.destination("receiver").unwrap();
        forward::step(&world.context, &world.pinned, file, self).await
    }

    /// Steps until nothing is to be done now; what the last one said.
    async fn forward_now(&self, world: &World) -> Step {
        for _ in 0..50 {
            let step = self.forward(world).await.unwrap();
            if matches!(step, Step::Idle | Step::Later(_)) {
                return step;
            }
        }
        panic!("still at it after 50 steps: {:?}", self.came());
    }
}

impl<A: Fn(&Batch<'_>) -> Given + Sync> Destination for Told<A> {
    fn encode(&self, records: &[WireRecord]) -> std::result::Result<Payload, EncodeError> {
        self.inner.encode(records)
    }

    async fn deliver(&self, batch: &Batch<'_>) -> std::result::Result<Answer, AdapterError> {
        let came = Came { id: batch.id.into(), group: batch.group.into(), members: batch.members.to_vec() };
        self.came.lock().unwrap_or_else(PoisonError::into_inner).push(came);
        match (self.answer)(batch) {
            Some(given) => given,
            None => self.inner.deliver(batch).await,
        }
    }

    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        self.reader.read(batch, answer)
    }

    fn remember_sent(&self, _last: DateTime<Utc>) {}
}

#[expect(clippy::unnecessary_wraps, reason = "an answer is one of the things a delivery comes to")]
fn answer(status: u16, body: &str) -> Delivered {
    Ok(Answer { status, body: body.into(), ..Answer::default() })
}

/// What a refused credential comes to.
fn refused_credential() -> Delivered {
    let refused = AdapterError::remote("对方不接受凭据", Certainty::NotReceived);
    Err(AdapterError { blame: Blame::Config, ..refused })
}

/// The same ledger; right after the first statement that has `words`, `act` is done once, by a thread of its own.
fn meanwhile(store: Store, words: &'static str, act: impl FnOnce() + Send + 'static) -> Store {
    let act = Mutex::new(Some(act));
    store.watched(move |statement| {
        if statement.sql.contains(words) {
            let act = act.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(act) = act {
                thread::spawn(act).join().unwrap();
            }
        }
    })
}

/// Runs something to its end in this thread.
fn by_itself<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// The small world with the receiver taking plants alone; `more` is added to its `[send]`.
fn plants_only(more: &str) -> Files {
    Files::small().replacing(RECEIVER, "batch = 3", &format!("batch = 3\nkinds = [\"plant\"]\n{more}"))
}

/// Puts rows on offer in the place of what was there.
fn set(world: &World, service: &str, rows: &[Value]) {
    world.park().change(service, |shelf| *shelf = rows.to_vec());
}

/// Lands what is on offer and judges it.
async fn take(world: &World) {
    world.land_all("park").await;
    world.refine_all("park").await;
}

async fn owed(world: &World) -> Owed {
    world.audit().await.destinations["receiver"].sum
}

async fn column(db: &Db, sql: &str) -> Vec<String> {
    let asked = Asked::open(db).await;
    let texts = asked.column(sql).await;
    asked.close().await;
    texts
}
