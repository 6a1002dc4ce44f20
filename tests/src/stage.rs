//! The real program between two simulators that this process serves: what process tests stand on. Its park is empty at
//! first and filled by the test. Leaves what must hold to the tests.

use std::{collections::BTreeMap, sync::Arc};

use adapters::{
    SystemClock,
    sim::{ParkOptions, park, province},
};
use gateway::ledger::Audit;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Db, Files,
    http::{Peer, hub_variables, province_options, sample},
    process::{Ended, Lianwang},
    state::Asked,
};

/// The shipped destination's file.
pub const DESTINATION_FILE: &str = "destinations/national/destination.toml";
/// The test that becomes the program.
const PROGRAM: &str = "commands::lianwang_process";

/// Both simulators, and the program with its references pointing at them.
#[derive(Debug)]
pub struct Stage {
    /// What it reads.
    pub park: Peer,
    /// What it sends to.
    pub province: Peer,
    /// The program.
    pub program: Lianwang,
    /// Its configuration, as `--config` takes it.
    pub config: String,
    /// Its ledger, as `--store` takes it.
    pub store: String,
    _records: TempDir,
}

/// The national park's configuration for the machine's clock: read every second, sent in threes, nothing that makes a
/// test wait.
#[must_use]
pub fn eager() -> Files {
    sample::files(50)
        .replacing(
            sample::SOURCE_FILE,
            "title = \"样例园区\"",
            "title = \"样例园区\"\nschedule = \"* * * * * *\"",
        )
        .replacing(DESTINATION_FILE, "requests_per_s = 5.0", "requests_per_s = 1000.0")
        .replacing(DESTINATION_FILE, "batch = 20", "batch = 3")
        .replacing(DESTINATION_FILE, "retry = [\"10s\", \"1m\", \"5m\", \"30m\"]", "retry = [\"200ms\"]")
}

impl Stage {
    /// An empty park, a province that takes what is good, and the program on this ledger.
    pub async fn new(store: &str, files: &Files) -> Self {
        let records = tempfile::tempdir().unwrap();
        for service in sample::SERVICES {
            std::fs::write(records.path().join(format!("{service}.json")), "[]").unwrap();
        }
        let options =
            ParkOptions { records_dir: Some(records.path().to_path_buf()), ..ParkOptions::default() };
        let clock = Arc::new(SystemClock);
        let park = Peer::serve(park::router(&options, clock.clone()).unwrap()).await;
        let province = Peer::serve(province::router(&province_options(), clock).unwrap()).await;
        let program = Lianwang::new(PROGRAM).with(hub_variables(&park.url, &province.url));
        let config = program.configure("hub", files).display().to_string();
        Self { park, province, program, config, store: store.to_owned(), _records: records }
    }

    /// A command with its configuration and ledger.
    #[must_use]
    pub fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        [command, &["--config", &self.config, "--store", &self.store]].concat()
    }

    /// Runs a command to its end.
    pub async fn run(&self, command: &[&str]) -> Ended {
        self.program.run(&self.arguments(command)).await
    }

    /// Adds the `n`-th family of records to the park.
    pub async fn family(&self, n: u32) {
        for (service, row) in sample::family(n) {
            self.park.post(&format!("/rows/{service}"), &Value::from(vec![row])).await;
        }
    }

    /// Everything read, judged and sent, by the commands.
    pub async fn finish(&self) {
        for command in [&["pull", "national-park"][..], &["refine"], &["forward"]] {
            let ended = self.run(command).await;
            assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        }
    }
}

/// What each record of the park that was to be sent came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Records confirmed.
    pub confirmed: usize,
    /// Batches there ever were.
    pub batches: i64,
}

/// Both equations hold; each record has one outcome; the province has exactly what we say it has, from exactly the batches
/// we say it took: no other bytes under one id, nothing twice as two things, no child before its parent.
pub async fn agree(db: &Db, stage: &Stage, audit: &Audit) -> Agreed {
    assert!(audit.holds, "{:#?}", audit.broken);
    let asked = Asked::open(db).await;
    let ours: Vec<String> = asked
        .column(
            "SELECT h.kind || ' ' || h.id FROM delivery d JOIN record h ON h.no = d.record \
             WHERE d.state = 'confirmed' ORDER BY 1",
        )
        .await;
    let unsettled = asked.number("SELECT COUNT(*) FROM batch WHERE state <> 'settled'").await;
    let others = asked.number("SELECT COUNT(*) FROM delivery WHERE state <> 'confirmed'").await;
    let records = asked.number("SELECT COUNT(*) FROM record").await;
    let batches = asked.number("SELECT COUNT(*) FROM batch").await;
    // a record that says again what it once said may make the same bytes twice
    let contents = asked.number("SELECT COUNT(DISTINCT payload) FROM batch").await;
    asked.close().await;
    let ledger = stage.province.ledger().await;
    let theirs: BTreeMap<String, Value> =
        serde_json::from_value(ledger.get("last").unwrap().clone()).unwrap();
    let mut ids: Vec<&str> = ours.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    ids.sort_unstable();
    assert_eq!(ids, theirs.keys().map(String::as_str).collect::<Vec<_>>(), "their ledger is ours");
    assert_eq!((unsettled, others), (0, 0), "every record has its outcome");
    assert_eq!(i64::try_from(ours.len()).unwrap(), records);
    let count = |name: &str| ledger.get(name).unwrap().as_i64().unwrap();
    assert_eq!((count("two_spellings"), count("out_of_order_parents")), (0, 0));
    assert_eq!(count("batches"), contents, "a batch went with other bytes");
    Agreed { confirmed: ours.len(), batches }
}
