//! A hub over a configuration, and the two simulators it stands between; its steps driven by hand under a manual clock.

use std::sync::Arc;

use adapters::{
    Clock, Environment, ManualClock,
    sim::{OnBad, ParkOptions, ProvinceOptions, park, province},
};
use chrono::{DateTime, TimeDelta, Utc};
use gateway::{
    ledger::Audit,
    pipeline::{
        Context, Pinned, Result, Step,
        activate::activate,
        explain::{self, Explained},
        forward,
        pull::{self, Asked},
        refine,
    },
    scheduler::node::Node,
    store::{Store, cursors::Cursor},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Peer, sample};
use crate::{Db, Files, world::beginning};

/// The source's name in the fixture's configuration.
pub const SOURCE: &str = "national-park";
/// The destination's name in what ships.
pub const DESTINATION: &str = "national";

/// The simulated province's key and initial vector.
pub const KEY: &str = "0123456789abcdef";
/// The simulated province's password for every company.
pub const PASSWORD: &str = "one for all";

/// Steps after which a hub that is still busy is ill.
const STEPS: usize = 5_000;

/// What a hub begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its configuration.
    pub files: Files,
    /// What the province does with a batch that holds a bad record.
    pub on_bad: OnBad,
    /// Whether the park serves the fixture's records; else its services are empty.
    pub sample: bool,
}

impl Setup {
    /// A park without records, and a province that takes what is good.
    #[must_use]
    pub fn empty(files: Files) -> Self {
        Self { files, on_bad: OnBad::TakeRest, sample: false }
    }
}

/// A hub between two simulators.
#[derive(Debug)]
pub struct Hub {
    /// The hub itself; replaced by a restart.
    pub node: Node,
    /// Everybody's time.
    pub clock: ManualClock,
    /// The park.
    pub park: Peer,
    /// The province.
    pub province: Peer,
    /// Where the references of the configuration point.
    pub environment: Environment,
    pinned: Arc<Pinned>,
    _records: TempDir,
}

/// What came of steps repeated until nothing was to be done now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Records handled.
    pub records: u64,
    /// What the other systems did wrong, in order.
    pub failed: Vec<String>,
    /// When there is something to do again.
    pub later: Option<DateTime<Utc>>,
}

impl Hub {
    /// A hub on an empty ledger.
    pub async fn new(db: &Db, setup: Setup) -> Self {
        let clock = ManualClock::starting(beginning());
        let records = tempfile::tempdir().unwrap();
        let folder = if setup.sample { sample::folder() } else { records.path().to_owned() };
        let options = ParkOptions { records_dir: Some(folder), ..ParkOptions::default() };
        let park = Peer::serve(park::router(&options, Arc::new(clock.clone())).unwrap()).await;
        for service in sample::SERVICES {
            park.post(&format!("/rows/{service}"), &json!([])).await;
        }
        let options = ProvinceOptions { on_bad: setup.on_bad, ..province_options() };
        let province = Peer::serve(province::router(&options, Arc::new(clock.clone())).unwrap()).await;
        let environment = environment(&park.url, &province.url);
        let context = Context::new(db.store().await, Arc::new(clock.clone()), "hub");
        let pinned = activate(&context, &setup.files.revision(), "测试").await.unwrap();
        let node = Node::new(context, environment.clone());
        Self { node, clock, park, province, environment, pinned, _records: records }
    }

    /// Makes other files the active revision.
    pub async fn activate(&mut self, files: &Files) {
        self.pinned = activate(&self.node.context, &files.revision(), "测试").await.unwrap();
    }

    /// A crash and a start: what was in memory is gone, the node keeps its name.
    pub fn restart(&mut self) {
        self.node = self.another(Arc::new(self.clock.clone()), "hub");
    }

    /// A node beside, on the same ledger, with a clock of its own.
    #[must_use]
    pub fn another(&self, clock: Arc<dyn Clock>, name: &str) -> Node {
        Node::new(Context::new(self.store().clone(), clock, name), self.environment.clone())
    }

    /// The ledger.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.node.context.store
    }

    /// The active revision.
    #[must_use]
    pub const fn pinned(&self) -> &Arc<Pinned> {
        &self.pinned
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock to a moment.
    pub fn wait_until(&self, moment: DateTime<Utc>) {
        self.clock.advance((moment - self.now()).max(TimeDelta::milliseconds(1)));
    }

    /// Puts rows on offer at the park; a row of a known id replaces it.
    pub async fn offer(&self, service: &str, rows: &[Value]) {
        self.park.post(&format!("/rows/{service}"), &Value::from(rows)).await;
    }

    /// Asks for a run of every service, as a person does.
    pub async fn ask(&self) {
        let source = self.pinned.rules.source(SOURCE).unwrap();
        let services: Vec<_> = source.services.iter().collect();
        pull::ask_for_run(&self.node.context, source, &services, Asked::default()).await.unwrap();
    }

    /// One step of pull: a page.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn pull_step(&self) -> Result<Step> {
        let source = self.pinned.rules.source(SOURCE).unwrap();
        let adapter = self.node.source(source).unwrap();
        pull::step(&self.node.context, &self.pinned, source, &*adapter).await
    }

    /// One step of forward: a batch.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn forward_step(&self) -> Result<Step> {
        let destination = self.pinned.rules.destination(DESTINATION).unwrap();
        let adapter = self.node.destination(destination).unwrap();
        forward::step(&self.node.context, &self.pinned, destination, &*adapter).await
    }

    /// Asks for a run and reads until there is nothing to read now.
    pub async fn pull(&self) -> Told {
        self.ask().await;
        self.read_on().await
    }

    /// Reads what was asked for until there is nothing to read now.
    pub async fn read_on(&self) -> Told {
        self.repeat(async || self.pull_step().await).await
    }

    /// Judges everything landed.
    pub async fn refine(&self) -> Told {
        self.repeat(async || refine::step(&self.node.context, SOURCE).await).await
    }

    /// Sends everything due now.
    pub async fn forward(&self) -> Told {
        self.repeat(async || self.forward_step().await).await
    }

    /// Reads, judges and sends everything, moving the clock until nothing is due later either.
    pub async fn run(&self) -> Told {
        let mut told = self.pull().await;
        told.records = 0;
        for _ in 0..STEPS {
            let parts = [self.read_on().await, self.refine().await, self.forward().await];
            let later = parts.iter().filter_map(|part| part.later).min();
            for part in parts {
                told.records += part.records;
                told.failed.extend(part.failed);
            }
            match later {
                Some(moment) => self.wait_until(moment),
                None => return Told { later: None, ..told },
            }
        }
        panic!("not idle after {STEPS} rounds: {:?}", told.failed.last());
    }

    /// Repeats a step until it finds nothing to do now; where our own limit says when, the clock is moved.
    pub async fn repeat(&self, step: impl AsyncFn() -> Result<Step>) -> Told {
        let mut told = Told::default();
        for _ in 0..STEPS {
            match step().await.unwrap() {
                Step::Did(records) => told.records += records,
                Step::Failed(what) => told.failed.push(what),
                Step::Paced(moment) => self.wait_until(moment),
                Step::Idle => return told,
                Step::Later(moment) => return Told { later: Some(moment), ..told },
                Step::Elsewhere(holder, until) => panic!("{holder} has it until {until}"),
            }
        }
        panic!("not done after {STEPS} steps: {:?}", told.failed.last());
    }

    /// Where a service stands.
    pub async fn cursor(&self, service: &str) -> Cursor {
        self.store().cursor(SOURCE, service).await.unwrap()
    }

    /// The figures of both equations, which hold.
    pub async fn audit(&self) -> Audit {
        let audit = self.store().audit().await.unwrap();
        assert!(audit.holds, "an equation is broken: {:#?}", audit.broken);
        audit
    }

    /// One record's whole path, which comes out the same when derived again.
    pub async fn explain(&self, kind: &str, id: &str) -> Explained {
        let found = explain::find(&self.node.context, kind, id).await.unwrap();
        let [(key, record)] = found.as_slice() else { panic!("{kind} {id}: {found:?}") };
        let explained = explain::explain(&self.node.context, key, *record).await.unwrap();
        assert!(explained.derived_again, "{key} comes out otherwise from its bytes");
        explained
    }
}

/// The province as every hub here sends to it.
#[must_use]
pub fn province_options() -> ProvinceOptions {
    let key = KEY.as_bytes().try_into().unwrap();
    ProvinceOptions { password: Some(PASSWORD.to_owned()), ..ProvinceOptions::new(key, key) }
}

/// What the configuration's references point to.
#[must_use]
pub fn environment(park: &str, province: &str) -> Environment {
    hub_variables(park, province).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The same as a process is given it.
#[must_use]
pub fn hub_variables(park: &str, province: &str) -> [(&'static str, String); 5] {
    [
        ("LIANWANG_NATIONAL_PARK_URL", park.to_owned()),
        ("LIANWANG_NATIONAL_URL", province.to_owned()),
        ("LIANWANG_NATIONAL_KEY", KEY.to_owned()),
        ("LIANWANG_NATIONAL_IV", KEY.to_owned()),
        ("LIANWANG_NATIONAL_PASSWORD", PASSWORD.to_owned()),
    ]
}
