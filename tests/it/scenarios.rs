//! Scenarios as TOML (`tests/scenarios/*.toml`): rows as senders write them, and the verdicts they come to, on the whole way
//! from a platform over HTTP to the ledger. One service a scenario; one run judges them all.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use adapters::{
    SystemClock,
    sim::{ParkOptions, park},
};
use mappings::Issue;
use serde::Deserialize;
use serde_json::Value;
use tests::{Db, Files, http::Peer, on_both, process::Lianwang, state::Asked};

const DIRTY: &str = include_str!("../scenarios/dirty-data.toml");

/// The source's tables: its words for yes and no, and the levels of risk of the coal exchange, the other way round.
const TABLES: [(&str, &str); 2] = [
    ("tables/dirt-yes-no.csv", "from,code\n是,1\n否,0\nY,1\nN,0\n1,1\n0,0\ntrue,1\nfalse,0\n"),
    ("tables/dirt-coal-risk.csv", "from,code\n4,1\n3,2\n2,3\n1,4\n"),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scenario: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    kind: String,
    id_space: Option<String>,
    fields: toml::Table,
    /// Fields whose text is JSON.
    #[serde(default)]
    embedded: Vec<String>,
    /// JSON objects, letter by letter.
    rows: Vec<String>,
    /// One a row.
    verdicts: Vec<String>,
    /// `code field` of every issue of every row, in any order.
    issues: Vec<String>,
    /// Of the newest version, some fields.
    #[serde(default)]
    content: BTreeMap<String, String>,
}

fn scenarios() -> Vec<Scenario> {
    toml::from_str::<Written>(DIRTY).unwrap().scenario
}

fn service(n: usize) -> String {
    format!("s{n:02}")
}

/// Everything that ships, and a source with one service and one mapping a scenario.
fn files(scenarios: &[Scenario]) -> Files {
    let mut source =
        "zone = \"Asia/Shanghai\"\n[connect]\ntype = \"rest\"\nbase_url = \"env:DIRT_URL\"\n".to_owned();
    let mut files = Files::shipped(TABLES).with("lianwang.toml", "node = \"hub\"\ndestinations = []\n");
    for (n, scenario) in scenarios.iter().enumerate() {
        let name = service(n);
        write!(
            source,
            "[[services]]\nname = \"{name}\"\n[services.request]\npath = \"/api/{name}/list\"\nlist = \"data.records\"\n\
             total = \"data.total\"\nquery = {{ pageNo = \"{{page}}\", pageSize = \"{{size}}\" }}\n\
             paging = {{ kind = \"page\", size = 50 }}\n"
        )
        .unwrap();
        let kind = &scenario.kind;
        let space = scenario.id_space.clone().unwrap_or_else(|| format!("src:{name}"));
        let fields =
            toml::to_string(&toml::Table::from_iter([("fields".to_owned(), scenario.fields.clone().into())]));
        let embedded = &scenario.embedded;
        let head = format!(
            "kind = \"{kind}\"\nid_space = \"{space}\"\nselect = {{ service = \"{name}\" }}\nembedded = {embedded:?}\n"
        );
        files.put(&format!("sources/dirt/{name}.toml"), &(head + &fields.unwrap()));
    }
    files.with("sources/dirt/source.toml", &source)
}

/// What the ledger says of one service.
#[derive(Debug, Default)]
struct Came {
    /// Verdict by place; those that left no row are unchanged.
    verdicts: BTreeMap<i64, String>,
    issues: Vec<String>,
    /// The newest version.
    content: BTreeMap<String, String>,
}

async fn came(db: &Db) -> BTreeMap<String, Came> {
    let mut all: BTreeMap<String, Came> = BTreeMap::new();
    let asked = Asked::open(db).await;
    let issues = asked.rows("SELECT service, place, verdict, issues FROM issue ORDER BY no").await;
    for row in issues {
        let one = all.entry(row.try_get_by_index(0).unwrap()).or_default();
        one.verdicts.insert(row.try_get_by_index(1).unwrap(), row.try_get_by_index(2).unwrap());
        let issues: Vec<Issue> = serde_json::from_str(&row.try_get_by_index::<String>(3).unwrap()).unwrap();
        one.issues.extend(issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)));
    }
    let versions = "SELECT p.service, v.place, v.content FROM version v JOIN part p ON p.document = v.document \
         AND p.part = v.part ORDER BY v.seq";
    for row in asked.rows(versions).await {
        let one = all.entry(row.try_get_by_index(0).unwrap()).or_default();
        one.verdicts.insert(row.try_get_by_index(1).unwrap(), "accepted".into());
        one.content = serde_json::from_str(&row.try_get_by_index::<String>(2).unwrap()).unwrap();
    }
    asked.close().await;
    all
}

#[tokio::test]
async fn dirty_data_comes_to_exactly_these_verdicts() {
    let scenarios = scenarios();
    on_both(async |db| {
        let records = tempfile::tempdir().unwrap();
        for (n, scenario) in scenarios.iter().enumerate() {
            let rows = format!("[{}]", scenario.rows.join(","));
            std::fs::write(records.path().join(format!("{}.json", service(n))), rows).unwrap();
        }
        let options =
            ParkOptions { records_dir: Some(records.path().to_path_buf()), ..ParkOptions::default() };
        let park = Peer::serve(park::router(&options, Arc::new(SystemClock)).unwrap()).await;
        let program = Lianwang::new("commands::lianwang_process").with([("DIRT_URL", park.url.clone())]);
        let config = program.configure("hub", &files(&scenarios)).display().to_string();
        let run = async |command: &[&str]| {
            program.run(&[command, &["--config", &config, "--store", &db.url]].concat()).await.said(0)
        };
        let _ = (run(&["pull", "dirt"]).await, run(&["refine"]).await);
        let audit: Value = serde_json::from_str(&run(&["audit", "--json", "--deep"]).await).unwrap();
        assert_eq!(audit["holds"], Value::Bool(true), "{audit}");
        let mut came = came(db).await;
        let differs: Vec<String> = scenarios
            .iter()
            .enumerate()
            .flat_map(|(n, scenario)| differences(scenario, &came.remove(&service(n)).unwrap_or_default()))
            .collect();
        assert!(differs.is_empty(), "{}:\n{}", db.name, differs.join("\n"));
    })
    .await;
}

/// What is otherwise than the scenario says.
fn differences(scenario: &Scenario, came: &Came) -> Vec<String> {
    assert_eq!(scenario.rows.len(), scenario.verdicts.len(), "{}: one verdict a row", scenario.name);
    let places = (0..).take(scenario.rows.len());
    let verdicts: Vec<&str> =
        places.map(|place| came.verdicts.get(&place).map_or("unchanged", String::as_str)).collect();
    let (mut found, mut expected) = (came.issues.clone(), scenario.issues.clone());
    found.sort();
    expected.sort();
    let mut differences = Vec::new();
    if verdicts != scenario.verdicts {
        differences.push(format!("{}\n  {verdicts:?}, not {:?}", scenario.name, scenario.verdicts));
    }
    if found != expected {
        differences.push(format!("{}\n  {found:?}, not {expected:?}", scenario.name));
    }
    for (field, text) in
        scenario.content.iter().filter(|(field, text)| came.content.get(*field) != Some(text))
    {
        differences.push(format!(
            "{}\n  {field}: {:?}, not {text:?}",
            scenario.name,
            came.content.get(field)
        ));
    }
    differences
}
