//! The golden corpus: rules and inputs as they were frozen under each number of `mappings::ENGINE`, with what they came to,
//! byte for byte. A change of meaning under the same number would make yesterday's ledger underivable without a word.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use adapters::{Decode as _, Part, Raw, SourceRecord, codec::JsonRecords};
use chrono::{DateTime, Utc};
use mappings::{ENGINE, Form, Issue, Mapped, Mapping, Record, RuleFile, Rulebook, Value, merge};
use serde_json::{Map, json};

/// When everything in the corpus was received.
const RECEIVED: &str = "2026-11-23T00:00:00Z";
/// Writes what the present engine derives, where nothing is frozen yet.
const WRITE: &str = "LIANWANG_WRITE_GOLDEN";

struct Seen<'r>(&'r SourceRecord<'r>);

impl Record for Seen<'_> {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        for (path, raw) in &self.0.fields {
            visit(path, Value { text: &raw.text, form: form(raw) });
        }
    }
}

fn form(raw: &Raw<'_>) -> Form {
    match raw.form {
        adapters::Form::Text => Form::Text,
        adapters::Form::Number => Form::Number,
        adapters::Form::Bool => Form::Bool,
        adapters::Form::Null => Form::Null,
        adapters::Form::Nested => Form::Nested,
    }
}

fn corpus(engine: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/engine-{engine}"))
}

/// Files below a folder, by path.
fn files(root: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().map(Result::unwrap) {
        let path = format!("{folder}/{}", entry.file_name().display());
        if entry.path().is_dir() {
            found.extend(files(root, &path));
        } else {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
    found
}

fn rulebook(corpus: &Path) -> Rulebook {
    let rules = files(corpus, "rules").into_iter();
    let rules: Vec<RuleFile> = rules
        .map(|(path, text)| RuleFile { path: path.trim_start_matches("rules/").to_owned(), text })
        .collect();
    let (rulebook, problems) = Rulebook::compile(&rules);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    rulebook.unwrap_or_else(|| panic!("{}", problems.join("\n")))
}

/// Every input of a corpus derived by the present engine: one line a record.
fn derived(corpus: &Path) -> BTreeMap<String, String> {
    let rulebook = rulebook(corpus);
    let inputs = files(corpus, "input").into_iter();
    inputs
        .map(|(path, text)| {
            let name = path.trim_start_matches("input/").trim_end_matches(".ndjson");
            let (source, service) = name.split_once('/').unwrap();
            let mapping = rulebook.mapping(source, service).unwrap_or_else(|| panic!("nobody maps {name}"));
            let part = Part { bytes: text.as_bytes(), first: 0, offset: 0 };
            let lines = JsonRecords.decode(&part).map(|record| match record {
                Ok(record) => line(&rulebook, mapping, &record),
                Err(bad) => json!({"place": bad.place, "unreadable": bad.what}).to_string(),
            });
            (format!("derived/{name}.ndjson"), lines.map(|line| line + "\n").collect())
        })
        .collect()
}

fn line(rulebook: &Rulebook, mapping: &Mapping, record: &SourceRecord<'_>) -> String {
    let seen = Seen(record);
    let received: DateTime<Utc> = RECEIVED.parse().unwrap();
    let Mapped { key, contribution, issues, outcome } = mapping.map(&seen, received);
    assert_eq!(mapping.key(&seen).ok(), key, "the first look and the mapping agree");
    let mut told = Map::new();
    told.insert("place".into(), record.place.into());
    told.insert("source_digest".into(), hex(&mapping.source_digest(&seen)).into());
    told.insert("key".into(), key.map(|key| key.to_string()).into());
    told.insert("outcome".into(), format!("{outcome:?}").into());
    told.insert("issues".into(), issues.iter().map(said).collect());
    let kind = rulebook.kind(mapping.kind()).unwrap();
    if let Some(version) = contribution.and_then(|contribution| merge(kind, contribution)) {
        told.insert("content".into(), version.content.to_json().into());
        told.insert("content_digest".into(), hex(&version.content_digest).into());
        told.insert("as_of".into(), version.as_of.map(|at| at.to_rfc3339()).into());
        let parents = version.parents.iter().map(|parent| json!([parent.field, parent.key().to_string()]));
        told.insert("parents".into(), parents.collect());
        let facets = json!([version.owner, version.test, version.region, version.industry]);
        told.insert("facets".into(), facets);
        let images = version.images.iter();
        let bytes = images.map(|image| (image.digest().to_owned(), image.bytes().to_vec())).collect();
        for destination in ["national", "receiver"] {
            let Some(outlet) = rulebook.outlet(destination, mapping.kind()) else { continue };
            let wire =
                outlet.encode(&version.key, &outlet.filled(&version.content, &bytes), &version.parents);
            let wire = wire.unwrap_or_else(|issues| issues.iter().map(|issue| said(issue) + ";").collect());
            told.insert(format!("to {destination} as {}", outlet.wire_id(&version.key)), wire.into());
        }
    }
    serde_json::Value::from(told).to_string()
}

/// An issue without its words for people, which may be bettered.
fn said(issue: &Issue) -> String {
    format!("{:?} {} {} {} = {}", issue.level, issue.code, issue.field, issue.place, issue.value)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the tests' own switch, read here alone")]
fn the_present_engine_derives_its_corpus_byte_for_byte() {
    let corpus = corpus(ENGINE);
    assert!(
        corpus.join("rules").is_dir(),
        "ENGINE 已升到 {ENGINE}，却没有它的样本：把 tests/golden/engine-{} 复制为 engine-{ENGINE}，删去其中的 derived，\
         再以 {WRITE}=1 运行本测试；看清与前一号的差别正是所要的改变，再一起提交",
        ENGINE - 1
    );
    let derived = derived(&corpus);
    if std::env::var(WRITE).is_ok_and(|value| value == "1") {
        for (path, text) in derived.iter().filter(|(path, _)| !corpus.join(path).exists()) {
            fs::create_dir_all(corpus.join(path).parent().unwrap()).unwrap();
            fs::write(corpus.join(path), text).unwrap();
        }
    }
    let frozen = files(&corpus, "derived");
    assert_eq!(frozen.keys().collect::<Vec<_>>(), derived.keys().collect::<Vec<_>>());
    for (path, text) in &derived {
        let differs = text.lines().zip(frozen[path].lines()).find(|(now, then)| now != then);
        assert!(
            text == &frozen[path],
            "推导的结果变了，而 ENGINE 仍是 {ENGINE}：已记账的版本将不能再推导出来。若不是有意的，改回去；若是有意的，\
             把 mappings::ENGINE 加一，并按 tests/golden/README.md 留下新号的样本（旧号的不改）。\n{path}\n从前：{}\n现在：{}",
            differs.map_or("（行数不同）", |(_, then)| then),
            differs.map_or("（行数不同）", |(now, _)| now),
        );
    }
}

#[test]
fn a_number_that_was_left_keeps_its_corpus() {
    for engine in 1..=ENGINE {
        let files = files(&corpus(engine), "derived");
        assert!(!files.is_empty(), "tests/golden/engine-{engine} 不见了：历史不删");
    }
    assert!(!corpus(ENGINE + 1).exists(), "有 engine-{} 的样本，而 ENGINE 还是 {ENGINE}", ENGINE + 1);
}

/// The words of the language, each ended by a bar.
const WORDS: &str = "\
epoch_s|epoch_ms|%.f|%z|%F|%T|%%|%-H|%-m|%-d|at = |digest = |const = |default = |\
id_space = \"registered\"|id_space = \"mine:|id_space = \"src:|id_space = \"uuid\"|facet = \"test\"|\
facet = \"region\"|facet = \"industry\"|owner = |personal = |required_if|pattern = |range = |min = |\
max = |level = \"warn\"|level = \"hold\"|starts_with| in (| present| absent|not | or | and |!=|==|<=|>=|\
 < | > |origin = \"elsewhere\"|abstract = true|extends = |uuid_form = \"hyphens\"|uuid_form = \"plain\"|\
number = true|omit = |type = \"text\"|type = \"id\"|type = \"code\"|type = \"int\"|type = \"decimal\"|\
type = \"datetime\"|type = \"date\"|type = \"time\"|type = \"image\"|owner_only = true|";

/// What the language offers, as far as a corpus can be asked whether it uses it.
#[test]
fn the_corpus_uses_what_the_language_offers() {
    let corpus = corpus(ENGINE);
    let all: String = files(&corpus, "derived").into_values().collect();
    let documented = include_str!("../../docs/mapping-language.md");
    let codes = documented.split("## Issue codes").nth(1).unwrap().lines();
    let codes: BTreeSet<&str> = codes
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|codes| codes.trim_end_matches('`').split("`, `"))
        // only a stored text of another revision can be the first; the others are said of a whole document and by the roster, not derived
        .filter(|code| !["unencodable", "error-limit", "unknown-owner"].contains(code))
        .collect();
    let unused: Vec<&&str> = codes.iter().filter(|code| !all.contains(&format!(" {code} "))).collect();
    assert!(codes.len() >= 15 && unused.is_empty(), "no record has the issue {unused:?}");

    let rules: String = files(&corpus, "rules").into_values().collect();
    let unused: Vec<&str> = WORDS.split_terminator('|').filter(|word| !rules.contains(word)).collect();
    assert!(unused.is_empty(), "no rule says {unused:?}");

    let rulebook = rulebook(&corpus);
    for kind in rulebook.kinds().iter().map(mappings::Kind::name) {
        let accepted =
            |line: &&str| line.contains(&format!("\"key\":\"{kind}/")) && line.contains("\"Good\"");
        assert!(all.lines().any(|line| accepted(&line)), "no {kind} is accepted");
    }
}
