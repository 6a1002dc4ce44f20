//! A world in memory: a ledger, a manual clock, sources and receivers behind one fault switch, and the three
//! reconcilers driven by hand. It never waits: where a step says later, the clock is moved.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use adapters::{
    ManualClock,
    http::paging::PagingConfig,
    memory::{Ledger, MemoryDestination, MemoryPaging, MemorySource},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use gateway::{
    config::SourceFile,
    ledger::Audit,
    pipeline::{
        Context, Pinned, Step, StepError, forward, look_alikes,
        pull::{self, Asked},
        refine, retain,
    },
    proof::{Folder, Journal},
    store::{
        Store, StoreError,
        retention::{Gone, Rule, What},
    },
};

use crate::{
    Db, Files,
    disk::Disk,
    faults::{Breaker, FaultyDestination, FaultySource},
};

mod drive;

pub use drive::Ended;

/// What a step came to, the fault switch's doing told apart.
type Stepped = Result<Step, StepError>;

/// A world in memory.
#[derive(Debug)]
pub struct World {
    /// The fault switch over everything in it.
    pub breaker: Breaker,
    /// The disk its ledger lies on, as far as it knows.
    pub disk: Disk,
    /// Its time.
    pub clock: ManualClock,
    /// What the steps stand on; replaced by a restart.
    pub context: Context,
    /// The active revision.
    pub pinned: Arc<Pinned>,
    /// Its sources.
    pub sources: BTreeMap<String, MemorySource>,
    /// Its receivers.
    pub receivers: BTreeMap<String, MemoryDestination>,
    /// Whether a fault is a crash: what was in memory is gone after it.
    pub restarts: bool,
    journal: Option<Arc<Journal>>,
    checkpoints: Option<PathBuf>,
}

/// The moment every world begins: Monday 23 November 2026, 08:00 in Shanghai.
#[must_use]
pub fn beginning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap()
}

impl World {
    /// A world on an empty ledger, `files` active.
    pub async fn new(db: &Db, files: &Files) -> Self {
        let store = db.store().await;
        Self::on(store, Breaker::counting(), files).await
    }

    /// A world on this ledger, whose commits `breaker` can break; `files` are made active whatever it does.
    pub async fn on(store: Store, breaker: Breaker, files: &Files) -> Self {
        let clock = ManualClock::starting(beginning());
        let disk = Disk::default();
        let store = store.with_switch(Arc::new(breaker.clone())).with_gauge(Arc::new(disk.clone()));
        let context = Context::new(store, Arc::new(clock.clone()), "hub");
        let pinned = drive::activated(&context, files).await;
        let (sources, receivers) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self {
            breaker,
            disk,
            clock,
            context,
            pinned,
            sources,
            receivers,
            restarts: false,
            journal: None,
            checkpoints: None,
        };
        world.furnish();
        world
    }

    /// Makes other files the active revision.
    pub async fn activate(&mut self, files: &Files) {
        self.pinned = drive::activated(&self.context, files).await;
        self.furnish();
    }

    /// Every source and receiver of the revision that has no system in memory yet gets one.
    fn furnish(&mut self) {
        for source in &self.pinned.rules.sources {
            self.sources.entry(source.name.clone()).or_insert_with(|| offering(source));
        }
        for destination in &self.pinned.rules.destinations {
            let receiver = || {
                let receiver = MemoryDestination::new(&destination.verdicts).unwrap();
                receiver.set(|mood| mood.parents = parents());
                receiver
            };
            self.receivers.entry(destination.name.clone()).or_insert_with(receiver);
        }
    }

    /// The one source of the small world.
    #[must_use]
    pub fn park(&self) -> &MemorySource {
        self.sources.get("park").unwrap()
    }

    /// The one receiver of the small world.
    #[must_use]
    pub fn receiver(&self) -> &MemoryDestination {
        self.receivers.get("receiver").unwrap()
    }

    /// What the one receiver has.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.receiver().ledger()
    }

    /// The ledger.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.context.store
    }

    /// Keeps a journal from here on, over restarts too.
    pub fn keep_journal(&mut self, journal: Arc<Journal>) {
        self.journal = Some(journal);
        self.restart();
    }

    /// Keeps the whole proof in `folder` from here on, over restarts too.
    pub fn keep_proof(&mut self, folder: &Folder) {
        self.checkpoints = Some(folder.checkpoints("hub"));
        self.keep_journal(Arc::new(Journal::open(&folder.journal("hub"), "hub", 30).unwrap()));
    }

    /// Gives every connection back, so that its database can be exchanged.
    pub async fn close(&self) {
        self.store().clone().close().await.unwrap();
    }

    /// A start on what the database is now.
    pub async fn reopen(&mut self, db: &Db) {
        let store = Store::open(&db.url).await.unwrap();
        let store = store.with_switch(Arc::new(self.breaker.clone())).with_gauge(Arc::new(self.disk.clone()));
        self.context = Context::new(store, Arc::new(self.clock.clone()), "hub");
        self.restart();
    }

    /// A crash and a start: what was in memory is gone, the node keeps its name.
    pub fn restart(&mut self) {
        self.context = self.replica("hub");
    }

    /// A further replica on the same ledger.
    #[must_use]
    pub fn replica(&self, node: &str) -> Context {
        let context = Context::new(self.store().clone(), Arc::new(self.clock.clone()), node);
        let context = match &self.journal {
            Some(journal) => context.with_journal(Arc::clone(journal)),
            None => context,
        };
        match &self.checkpoints {
            Some(path) => context.with_checkpoints(path.clone()),
            None => context,
        }
    }

    /// Moves the clock on.
    pub fn wait(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Asks for a run of all services of a source.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn ask(&self, source: &str) -> Stepped {
        let source = self.pinned.rules.source(source).unwrap();
        let services: Vec<_> = source.services.iter().collect();
        pull::ask_for_run(&self.context, source, &services, Asked::default()).await
    }

    /// One step of pull.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn pull(&self, source: &str) -> Stepped {
        let file = self.pinned.rules.source(source).unwrap();
        let adapter = FaultySource::new(self.sources.get(source).unwrap().clone(), self.breaker.clone());
        pull::step(&self.context, &self.pinned, file, &adapter).await
    }

    /// One step of refine.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn refine(&self, source: &str) -> Stepped {
        refine::step(&self.context, source).await
    }

    /// One step of look-alikes.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn look_alikes(&self) -> Stepped {
        look_alikes::step(&self.context).await
    }

    /// One step of forward.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn forward(&self, destination: &str) -> Stepped {
        let file = self.pinned.rules.destination(destination).unwrap();
        let receiver = self.receivers.get(destination).unwrap().clone();
        let adapter = FaultyDestination::new(receiver, self.breaker.clone());
        forward::step(&self.context, &self.pinned, file, &adapter).await
    }

    /// Drops all that age may take, however young: rows by rule. The fault switch may break it.
    pub async fn age(&self) -> Vec<(What, Gone)> {
        self.wait(TimeDelta::milliseconds(1));
        let rule = |what| Rule { what, days: 1, older_than: self.context.now() };
        let rules = [What::Raw, What::Versions, What::Issues].map(rule);
        match retain::all(&self.context, self.pinned.no, &rules, &|| false).await {
            Ok(went) => went.into_iter().map(|(rule, gone)| (rule.what, gone)).collect(),
            Err(error) if is_fault(&error) => Vec::new(),
            Err(error) => panic!("age could not take anything: {error}"),
        }
    }

    /// The figures of both equations, whether or not they hold.
    pub async fn figures(&self) -> Audit {
        self.store().audit().await.unwrap()
    }

    /// The figures of both equations, which hold.
    pub async fn audit(&self) -> Audit {
        let audit = self.figures().await;
        assert!(audit.holds, "an equation is broken: {:#?}", audit.broken);
        audit
    }
}

/// Whether an error is the fault switch's doing.
#[must_use]
pub fn is_fault(error: &StepError) -> bool {
    matches!(error, StepError::Store(StoreError::Fault(_)))
}

fn offering(source: &SourceFile) -> MemorySource {
    let memory = MemorySource::new();
    for service in &source.services {
        let size = service.request.paging.size().map_or(4, |size| usize::try_from(size).unwrap());
        let overlap_s = service.request.paging.overlap_s();
        let keyset = MemoryPaging::Keyset { size, time: "t", id: "id", overlap_s };
        let paging = match service.request.paging {
            PagingConfig::Keyset { .. } => keyset,
            PagingConfig::Offset { .. } => MemoryPaging::Offset { size },
            PagingConfig::Next { .. } => MemoryPaging::Next { size },
            PagingConfig::None | PagingConfig::Page { .. } => MemoryPaging::Page { size },
        };
        memory.offer(&service.name, paging, 3);
    }
    memory
}

fn parents() -> BTreeMap<String, Vec<(String, String)>> {
    let above = |member: &str, path: &str| vec![(member.to_owned(), path.to_owned())];
    BTreeMap::from([
        ("t_tank".to_owned(), above("plantId", "t_plant")),
        ("t_alarm".to_owned(), above("tankId", "t_tank")),
    ])
}
