//! Scenarios as TOML (`tests/scenarios/*.toml`): rows as senders write them, and the verdicts they come to, on the whole way
//! from a platform over HTTP to the ledger. One service a scenario; one run judges them all.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use axum::{Router, extract::Path, http::header::CONTENT_TYPE, response::IntoResponse as _, routing::get};
use mappings::Issue;
use serde::Deserialize;
use serde_json::Value;
use tests::{Db, Files, http::Peer, on_both, process::Lianwang, state::Asked};

const DIRTY: &str = include_str!("../scenarios/dirty-data.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Lines of dirty-data.md that speak of protocols, or of them, too.
    line: Vec<Line>,
    /// The source's tables: `its word,ours;…`.
    tables: BTreeMap<String, String>,
    scenario: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: u32,
    #[expect(dead_code, reason = "for readers")]
    about: String,
    /// Functions that show it.
    tests: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    kind: String,
    id_space: Option<String>,
    profile: Option<String>,
    #[serde(default)]
    labels: bool,
    /// How its page is written.
    #[serde(default)]
    written: Encoding,
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

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    #[default]
    Plain,
    Bom,
    Gbk,
}

fn written() -> Written {
    toml::from_str(DIRTY).unwrap()
}

/// Each service's page, byte by byte.
fn pages(scenarios: &[Scenario]) -> Router {
    let page = |scenario: &Scenario| {
        let (count, rows) = (scenario.rows.len(), scenario.rows.join(","));
        let text = format!("{{\"code\":0,\"data\":{{\"total\":{count},\"records\":[{rows}]}}}}");
        match scenario.written {
            Encoding::Plain => text.into_bytes(),
            Encoding::Bom => format!("\u{feff}{text}").into_bytes(),
            Encoding::Gbk => encoding_rs::GBK.encode(&text).0.into_owned(),
        }
    };
    let pages: Arc<BTreeMap<String, Vec<u8>>> =
        Arc::new(scenarios.iter().enumerate().map(|(n, scenario)| (service(n), page(scenario))).collect());
    let answer = async move |Path(name): Path<String>| {
        ([(CONTENT_TYPE, "application/json")], pages[&name].clone()).into_response()
    };
    Router::new().route("/api/{name}/list", get(answer))
}

fn service(n: usize) -> String {
    format!("s{n:02}")
}

/// Everything that ships, and a source with one service and one mapping a scenario.
fn files(Written { tables, scenario: scenarios, .. }: &Written) -> Files {
    let mut source =
        "zone = \"Asia/Shanghai\"\n[connect]\ntype = \"rest\"\nbase_url = \"env:DIRT_URL\"\n".to_owned();
    let mut files = Files::shipped([]).with("lianwang.toml", "node = \"hub\"\ndestinations = []\n");
    for (name, lines) in tables {
        files.put(&format!("tables/dirt-{name}.csv"), &format!("from,code\n{}\n", lines.replace(';', "\n")));
    }
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
        let profile =
            scenario.profile.as_ref().map_or_else(String::new, |name| format!("profile = {name:?}\n"));
        let labels = if scenario.labels { "labels = true\n" } else { "" };
        let head = format!(
            "kind = \"{kind}\"\nid_space = \"{space}\"\nselect = {{ service = \"{name}\" }}\nembedded = {embedded:?}\n\
             {profile}{labels}"
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
    let written = written();
    let scenarios = &written.scenario;
    on_both(async |db| {
        let park = Peer::serve(pages(scenarios)).await;
        let program = Lianwang::new("commands::lianwang_process").with([("DIRT_URL", park.url.clone())]);
        let config = program.configure("hub", &files(&written)).display().to_string();
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

/// The lines of dirty-data.md §9 are numbered to 22, of which 4 and 17 are missing there.
#[test]
fn every_line_has_a_scenario_or_a_test() {
    let Written { line, scenario, .. } = written();
    let left_out: Vec<u32> = (1..=22)
        .filter(|n| ![4, 17].contains(n))
        .filter(|n| !line.iter().any(|line| line.number == *n))
        .filter(|n| !scenario.iter().any(|scenario| scenario.name.starts_with(&format!("{n}: "))))
        .collect();
    assert_eq!(left_out, Vec::<u32>::new());
    let sources = sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("it"));
    for test in line.iter().flat_map(|line| &line.tests) {
        assert!(sources.contains(&format!("async fn {test}() {{")), "{test}");
    }
}

fn sources(folder: &std::path::Path) -> String {
    let read = |path: std::path::PathBuf| {
        if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap() }
    };
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap().path())).collect()
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
