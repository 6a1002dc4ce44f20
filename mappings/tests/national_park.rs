//! A park's records in the national exchange's own words: what the shipped kinds and the profile `chem` make of them
//! is counted, named and reasoned in the sample's `expected.json`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it cannot go on")]

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use mappings::{Form, Mapped, Outcome, Record, RuleFile, Rulebook, Value, merge, normal_id};
use serde_json::{Value as Json, value::RawValue};

const KINDS: [&str; 7] =
    ["risk_unit", "risk_event", "control_measure", "check_task", "check_record", "hazard", "unit_outage"];

/// One JSON record, numbers as written.
struct JsonRecord(Vec<(String, String, Form)>);

impl Record for JsonRecord {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        for (path, text, form) in &self.0 {
            visit(path, Value { text, form: *form });
        }
    }
}

fn record(fields: BTreeMap<String, Box<RawValue>>) -> JsonRecord {
    let read = |(path, raw): (String, Box<RawValue>)| match raw.get().chars().next().unwrap() {
        '"' => (path, serde_json::from_str(raw.get()).unwrap(), Form::Text),
        'n' => (path, String::new(), Form::Null),
        't' | 'f' => (path, raw.get().to_owned(), Form::Bool),
        '[' | '{' => (path, raw.get().to_owned(), Form::Nested),
        _ => (path, raw.get().to_owned(), Form::Number),
    };
    JsonRecord(fields.into_iter().map(read).collect())
}

fn sample(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/national-park").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn records(kind: &str) -> Vec<JsonRecord> {
    let rows: Vec<BTreeMap<String, Box<RawValue>>> =
        serde_json::from_str(&sample(&format!("{kind}.json"))).unwrap();
    rows.into_iter().map(record).collect()
}

fn shipped() -> Vec<RuleFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "destinations/national"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let path = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            files.push(RuleFile { path, text });
        }
    }
    files
}

/// In the exchange's own words a mapping is the identity.
fn rulebook() -> Rulebook {
    let mut files = shipped();
    let kinds = Rulebook::compile(&files).0.unwrap();
    let services: String = KINDS.map(|kind| format!("[[services]]\nname = \"{kind}\"\n")).concat();
    let source = format!("zone = \"Asia/Shanghai\"\n{services}");
    files.push(RuleFile { path: "sources/park/source.toml".into(), text: source });
    for kind in KINDS {
        let fields = kinds.kind(kind).unwrap().fields().iter();
        let lines: Vec<String> = fields.map(|field| format!("{0} = \"{0}\"\n", field.name())).collect();
        let lines = lines.concat();
        let head = format!(
            "kind = \"{kind}\"\nid_space = \"uuid\"\nprofile = \"chem\"\nselect = {{ service = \"{kind}\" }}"
        );
        files.push(RuleFile {
            path: format!("sources/park/{kind}.toml"),
            text: format!("{head}\n[fields]\n{lines}"),
        });
    }
    let (rulebook, problems) = Rulebook::compile(&files);
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    rulebook.unwrap()
}

fn received() -> DateTime<Utc> {
    "2024-07-01T00:00:00Z".parse().unwrap()
}

fn mapped(rulebook: &Rulebook, kind: &str) -> Vec<Mapped> {
    let mapping = rulebook.mapping("park", kind).unwrap();
    records(kind).iter().map(|record| mapping.map(record, received())).collect()
}

/// The same judging a store does: a record whose content is its head's is unchanged.
fn counts(rulebook: &Rulebook, kind: &str) -> BTreeMap<&'static str, u64> {
    let mut heads = HashMap::new();
    let mut counts = BTreeMap::from([("accepted", 0), ("unchanged", 0), ("rejected", 0), ("held", 0)]);
    for mapped in mapped(rulebook, kind) {
        let verdict = match mapped.outcome {
            Outcome::Reject => "rejected",
            Outcome::Hold => "held",
            Outcome::Good => {
                let version = merge(rulebook.kind(kind).unwrap(), mapped.contribution.unwrap()).unwrap();
                let before = heads.insert(version.key, version.content_digest);
                if before == Some(version.content_digest) { "unchanged" } else { "accepted" }
            }
        };
        *counts.get_mut(verdict).unwrap() += 1;
    }
    counts
}

#[test]
fn every_kind_comes_to_the_expected_counts() {
    let expected: Json = serde_json::from_str(&sample("expected.json")).unwrap();
    let rulebook = rulebook();
    for kind in KINDS {
        let counts = counts(&rulebook, kind);
        for (verdict, count) in &counts {
            assert_eq!(expected["per_kind"][kind][verdict].as_u64(), Some(*count), "{kind} {verdict}");
        }
        assert_eq!(expected["per_kind"][kind]["found"].as_u64(), Some(counts.values().sum()), "{kind}");
    }
}

#[test]
fn every_planted_defect_is_found_for_its_reason_and_nothing_else_is_said() {
    let rulebook = rulebook();
    let mut found: Vec<(String, String, String)> = Vec::new();
    for kind in KINDS {
        for mapped in mapped(&rulebook, kind) {
            let id = mapped.key.map_or_else(String::new, |key| key.id);
            found.extend(mapped.issues.iter().map(|issue| {
                (id.clone(), format!("{} {} {}", issue.code, issue.field, issue.value), issue.message.clone())
            }));
        }
    }
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(id, issue, message)| (id.as_str(), issue.as_str(), message.as_str())).collect();
    assert_eq!(
        found,
        [
            (
                "88eb9c9b61e450d09b13988d332f5e86",
                "required workStartTime ",
                "工作开始时间在“周期单位为小时”时必填"
            ),
            (
                "88eb9c9b61e450d09b13988d332f5e86",
                "required workEndTime ",
                "工作结束时间在“周期单位为小时”时必填"
            ),
            (
                "0c0b2428156959deba774f5cbeedc6ec",
                "required taskNum ",
                "包保任务对应项在“任务类型为主要负责人、技术负责人或操作负责人”时必填"
            ),
            ("8839d356f7875a0b8010d454645c55f8", "required dangerName ", "隐患名称不能为空"),
            (
                "f977a2c99d705032820602c204050c82",
                "unknown-code dangerLevel 3",
                "隐患等级的值不在代码表 danger-level 里"
            ),
            // a 重大 one, accepted: what the national model has no field for is only told
            (
                "197f41e23cfe578bb6fa6f6400d834e3",
                "required majorBasis ",
                "重大隐患判定依据在“隐患等级为重大隐患”时必填"
            ),
            (
                "197f41e23cfe578bb6fa6f6400d834e3",
                "required emergencyPlan ",
                "应急预案在“隐患等级为重大隐患”时必填"
            ),
            (
                "a5497a6631c15271894fabb6bb4ba970",
                "required checkAcceptPerson ",
                "验收人在“隐患状态为已验收”时必填"
            ),
            (
                "401050b13e0b5055b91af0a38d343451",
                "bad-datetime registTime 20240631250000",
                "登记时间没有这个时刻，或写法不对"
            ),
            (
                "6fca01da50545027981816d8b0d70850",
                "unknown-code dangerState 5",
                "隐患状态的值不在代码表 danger-state 里"
            ),
        ]
    );
}

#[test]
fn every_accepted_record_goes_out_as_it_came_but_for_the_spelling_of_ids() {
    let rulebook = rulebook();
    let mut sent = 0;
    for kind in KINDS {
        let outlet = rulebook.outlet("national", kind).unwrap();
        let rows: Vec<BTreeMap<String, Json>> =
            serde_json::from_str(&sample(&format!("{kind}.json"))).unwrap();
        for (mapped, row) in mapped(&rulebook, kind).into_iter().zip(rows) {
            let Some(contribution) = mapped.contribution else { continue };
            let version = merge(rulebook.kind(kind).unwrap(), contribution).unwrap();
            let json = outlet.encode(&version.key, &version.content, &version.parents).unwrap();
            let out: BTreeMap<String, Json> = serde_json::from_str(&json).unwrap();
            let row: BTreeMap<String, Json> =
                row.into_iter().map(|(name, value)| spelled(name, value)).collect();
            assert_eq!(out, row, "{kind}");
            assert_eq!(out["id"].as_str(), Some(outlet.wire_id(&version.key).as_str()));
            sent += 1;
        }
    }
    assert_eq!(sent, 464);
}

/// Ids in the one spelling of the destination.
fn spelled(name: String, value: Json) -> (String, Json) {
    let plain = value.as_str().and_then(|text| normal_id("uuid", text));
    (name, plain.map_or(value, Json::from))
}

#[test]
fn a_touched_row_is_the_same_content_and_a_changed_one_is_not() {
    let rulebook = rulebook();
    let mapping = rulebook.mapping("park", "hazard").unwrap();
    let rows = records("hazard");
    let same = |id: &str| -> Vec<bool> {
        let of: Vec<&JsonRecord> = rows.iter().filter(|row| row.get("id").unwrap().text == id).collect();
        of.windows(2).map(|pair| mapping.source_digest(pair[0]) == mapping.source_digest(pair[1])).collect()
    };
    assert_eq!(same("c7fcd7aebd3d5654a6225421bd3d989d"), [true]);
    assert_eq!(same("9d1184d8b45255158621fcf39c314a4a"), [true]);
    assert_eq!(same("674f59958395562b8f26c02b303a12d1"), [false]);
}
