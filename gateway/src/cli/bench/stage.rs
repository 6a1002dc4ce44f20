//! What the bench runs on: an empty ledger, a park and a province of its own as child processes, and a configuration that
//! joins them: its own, or somebody else's with its simulators in the place of theirs.

mod foreign;

use std::{path::Path, sync::Arc};

use mappings::RuleFile;
use tempfile::TempDir;

use super::super::{
    Failure,
    arguments::{BenchArguments, Place},
    children::Child,
    open, run,
    sim::DEMO_KEY,
};
use crate::{
    config::{self, Compiled, Revision, directory, embedded, hub},
    scheduler::node::Node,
    store::{Store, presence::Presence},
};

/// The destination that everything is sent to: the shipped outlets are its own.
pub(super) const DESTINATION: &str = "national";

const SOURCE: &str = "bench";
const HUB: &str = include_str!("hub.toml");
const SOURCE_FILE: &str = include_str!("source.toml");
const MAPPING: &str = include_str!("hazard.toml");
const DESTINATION_FILE: &str = include_str!("destination.toml");

/// Records, unless told how many.
const RECORDS: u64 = 200_000;

/// Everything the bench runs on; dropping it ends the simulators and removes its folder: the journal, and the ledger unless
/// another was named.
pub(super) struct Stage {
    pub(super) node: Arc<Node>,
    pub(super) url: String,
    /// The source that is read.
    pub(super) source: String,
    /// Records of one night.
    pub(super) records: u64,
    _alone: Presence,
    _children: [Child; 2],
    _folder: TempDir,
}

/// What is read, and how its nights go.
struct Reading {
    compiled: Compiled,
    source: String,
    /// What tells the park which rows to serve.
    rows: Vec<String>,
}

impl Stage {
    pub(super) async fn set(place: &Place, arguments: &BenchArguments) -> Result<Self, Failure> {
        let mut reading = reading(place, arguments)?;
        let folder = TempDir::new()?;
        let url = ledger(place, folder.path()).await?;
        // what another run wrote of a database of this name must not stand against a new one
        reading.compiled.hub.proof.dir = Some(folder.path().join("proof"));
        let park = park(&reading).await?;
        let province = Child::start(&["sim", "province", "--with-parent", "--parents-elsewhere"]).await?;
        let environment = open::surroundings(place.config.as_deref())
            .with("LIANWANG_BENCH_PARK_URL", &park.url)
            .with("LIANWANG_BENCH_PROVINCE_URL", &province.url)
            .with("LIANWANG_NATIONAL_KEY", DEMO_KEY)
            .with("LIANWANG_NATIONAL_IV", DEMO_KEY);
        let records = rows_of(&park).await?;
        let node = Arc::new(
            open::node(&reading.compiled.hub, Some(&reading.compiled.revision), &url, environment, "")
                .await?,
        );
        let alone = run::alone(&node, &url).await?;
        let source = reading.source;
        Ok(Self { node, url, source, records, _alone: alone, _children: [park, province], _folder: folder })
    }
}

fn reading(place: &Place, arguments: &BenchArguments) -> Result<Reading, Failure> {
    match (&place.config, &arguments.input) {
        (Some(directory), Some(input)) => {
            let mut reading = foreign::reading(directory, input)?;
            if let Some(records) = arguments.records {
                reading.rows.extend(["--records".to_owned(), records.to_string()]);
            }
            Ok(reading)
        }
        (None, None) => Ok(Reading {
            compiled: compiled(own())?,
            source: SOURCE.to_owned(),
            rows: vec!["--records".to_owned(), arguments.records.unwrap_or(RECORDS).to_string()],
        }),
        _ => Err(Failure::Usage("--input 与 --config 要一起写：别人的记录要用别人的映射来读".into())),
    }
}

/// The bench's own park over the shipped rules.
fn own() -> Vec<RuleFile> {
    let mut files = vec![
        file(hub::FILE, HUB),
        file(&format!("sources/{SOURCE}/source.toml"), SOURCE_FILE),
        file(&format!("sources/{SOURCE}/hazard.toml"), MAPPING),
    ];
    files.push(file(&format!("destinations/{DESTINATION}/destination.toml"), DESTINATION_FILE));
    directory::lay_over(embedded::shipped(), files)
}

fn file(path: &str, text: &str) -> RuleFile {
    RuleFile { path: path.to_owned(), text: text.to_owned() }
}

fn compiled(files: Vec<RuleFile>) -> Result<Compiled, Failure> {
    let (compiled, problems) = config::compile(Revision::new(files));
    compiled.ok_or_else(|| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::Check(format!("配置有错，不能测速：\n{}", problems.join("\n")))
    })
}

/// The ledger's URL: the one named, if nothing is in it, else a file in the bench's own folder.
async fn ledger(place: &Place, folder: &Path) -> Result<String, Failure> {
    let Some(url) = &place.store else {
        return Ok(format!("sqlite://{}", folder.join("bench.db").display()));
    };
    let store = Store::open(url).await?;
    let untouched = store.is_untouched().await?;
    store.close().await?;
    if untouched {
        return Ok(url.clone());
    }
    let shown = crate::store::shown(url);
    Err(Failure::Usage(format!("{shown} 里已有账目：测速要一个空的数据库，请新建一个，或不写 --store")))
}

async fn park(reading: &Reading) -> Result<Child, Failure> {
    let mut arguments = vec!["sim", "bulk", "--with-parent"];
    arguments.extend(reading.rows.iter().map(String::as_str));
    Child::start(&arguments).await
}

/// How many records the park has for a night.
async fn rows_of(park: &Child) -> Result<u64, Failure> {
    let ledger = adapters::sim::peek::ledger(&park.url).await.map_err(|error| Failure::Remote(error.what))?;
    Ok(ledger.get("rows").and_then(serde_json::Value::as_u64).unwrap_or(0))
}

#[cfg(test)]
mod tests;
