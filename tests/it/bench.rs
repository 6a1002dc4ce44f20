//! The benchmark as a process: its object, and that what it measures is the work it says, counted in the ledger.

use std::{fmt::Write as _, path::Path};

use gateway::config::embedded;
use serde_json::{Value, json};
use tests::{
    Files, on_both,
    process::{Lianwang, become_lianwang},
};

/// The program, when this binary is started to be it; nothing otherwise.
#[test]
fn lianwang_process() {
    become_lianwang();
}

fn lianwang() -> Lianwang {
    Lianwang::new("bench::lianwang_process")
}

/// Rows of one night: sent again (49 of 50), bad (57 of 100), changed the next night (7 of 100).
const RECORDS: u64 = 250;
const AGAIN: u64 = 5;
const BAD: u64 = 2;
const CHANGED: u64 = 3;

async fn object(program: &Lianwang, arguments: &[&str]) -> Value {
    let said = program.run(arguments).await.said(0);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("not one object: {error}: {said}"))
}

/// Phase → records; every other figure is there and is one.
fn records(report: &Value) -> Vec<(&str, u64)> {
    let mut names: Vec<&String> = report.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["peak_rss_mb", "phases", "stored_bytes_per_record"]);
    assert!(report["peak_rss_mb"].as_f64().unwrap() > 1.0, "{report}");
    assert!(report["stored_bytes_per_record"].as_f64().unwrap() > 500.0, "{report}");
    let phases = report["phases"].as_array().unwrap().iter();
    phases
        .map(|phase| {
            assert_eq!(phase.as_object().unwrap().len(), 4, "{phase}");
            assert!(phase["seconds"].is_f64() && phase["records_per_s"].is_f64(), "{phase}");
            (phase["name"].as_str().unwrap(), phase["records"].as_u64().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn four_phases_of_known_work_and_a_ledger_that_adds_up() {
    on_both(async |db| {
        let program = lianwang();
        let count = RECORDS.to_string();
        let report = object(&program, &["bench", "--records", &count, "--json", "--store", &db.url]).await;
        let good = RECORDS - AGAIN - BAD;
        assert_eq!(
            records(&report),
            [("land", RECORDS), ("refine", RECORDS), ("repush", RECORDS), ("forward", good)],
            "{}",
            db.name
        );
        let audit = object(&program, &["audit", "--json", "--store", &db.url]).await;
        let found =
            ["found", "accepted", "unchanged", "rejected", "held"].map(|figure| audit[figure].as_u64());
        let unchanged = AGAIN + RECORDS - BAD - CHANGED;
        assert_eq!(
            found,
            [2 * RECORDS, good + CHANGED, unchanged, 2 * BAD, 0].map(Some),
            "{} {audit}",
            db.name
        );
        let sent = &audit["destinations"]["national"];
        assert_eq!(
            ["owed", "confirmed", "superseded", "refused", "pending"].map(|figure| sent[figure].as_u64()),
            [good + CHANGED, good, CHANGED, 0, 0].map(Some),
            "{} {audit}",
            db.name
        );
        let again = program.run(&["bench", "--records", "1", "--store", &db.url]).await.complained(2);
        assert!(again.contains("已有账目"), "{again}");
    })
    .await;
}

#[tokio::test]
async fn for_people_it_prints_lines_and_leaves_nothing_behind() {
    let program = lianwang();
    let said = program.run(&["bench", "--records", "20"]).await.said(0);
    for line in ["land", "refine", "repush", "forward", "内存峰值", "两个等式都成立。"] {
        assert!(said.contains(line), "{said}");
    }
    let ledger = said.split_once("sqlite://").unwrap().1.split_once('，').unwrap().0;
    assert!(!Path::new(ledger).exists(), "{ledger}");
}

const SOURCE: &str = r#"
title = "别人的平台"
zone = "Asia/Shanghai"
schedule = "@daily"
[connect]
type = "rest"
base_url = "env:THEIR_URL"
auth = { kind = "bearer", token = "env:THEIR_TOKEN" }
[[services]]
name = "risks"
[services.request]
path = "/theirs"
list = "rows"
"#;

const MAPPING: &str = r#"
kind = "risk_unit"
id_space = "uuid"
profile = "chem"
select = { service = "risks" }
[fields]
id = "uid"
companyCode = "firm"
hazardCode = "object"
hazardDep = "dept"
hazardLiablePerson = "who"
riskUnitName = "title"
deleted = { from = "gone", table = "demo-park-yes-no" }
createDate = { from = "made", formats = ["%Y/%m/%d %H:%M"] }
createBy = "maker"
updateDate = { from = "touched", formats = ["%Y%m%d%H%M%S"] }
updateBy = "maker"
"#;

fn their_rows(count: u32) -> String {
    (0..count).fold(String::new(), |mut rows, number| {
        let row = json!({
            "uid": format!("{number:032x}"), "firm": "410900017", "object": "410900017002", "dept": "储运部",
            "who": "王伟", "title": format!("罐区 {number}"), "gone": "否", "made": "2024/6/3 6:16", "maker": "系统",
            "touched": "20240603061600",
        });
        writeln!(rows, "{row}").unwrap();
        rows
    })
}

#[tokio::test]
async fn records_of_others_are_measured_by_their_own_mapping() {
    let program = lianwang();
    let files =
        Files::shipped([("sources/theirs/source.toml", SOURCE), ("sources/theirs/risk_unit.toml", MAPPING)]);
    let config = program.configure("theirs", &files).display().to_string();
    let input = program.folder().join("rows.ndjson").display().to_string();
    std::fs::write(&input, their_rows(120)).unwrap();
    let store = format!("sqlite://{}", program.folder().join("bench.db").display());
    let arguments = ["bench", "--json", "--input", &input, "--config", &config, "--store", &store];
    let report = object(&program, &arguments).await;
    assert_eq!(records(&report), [("land", 120), ("refine", 120), ("repush", 120), ("forward", 120)]);
    let audit = object(&program, &["audit", "--json", "--store", &store]).await;
    // rows 7 and 107 changed in the second night; every row was touched in its own spelling
    assert_eq!(
        ["accepted", "unchanged", "rejected", "held"].map(|figure| audit[figure].as_u64()),
        [122, 118, 0, 0].map(Some),
        "{audit}"
    );
}

fn hazard_row(number: u32) -> String {
    let row = json!({
        "ID": format!("{number:032x}"), "CORP_CODE": "410900017", "HAZARD_CODE": "410900017002",
        "MEASURE_ID": "e1fcbed21a254ed5b1164cb53930876e", "RECORD_ID": "f9803db9cff7449698900d32f114a648",
        "DANGER_NAME": "可燃气体报警器示值漂移", "DANGER_LEVEL": "重大隐患", "REGIST_TIME": "2024/6/3 6:16",
        "REGISTRANT": "黄晓明", "DANGER_SRC": "管控措施失效", "MANAGE_TYPE": "限期整改", "DANGER_TYPE": "仪表",
        "DANGER_DESC": "已告知属地负责人", "DANGER_REASON": "交接班未说明", "CATEGORY": "主要负责人登记",
        "LIABLE_PERSON": "宋海燕", "DEADLINE": "20240613061600", "DANGER_STATE": "整改中", "DEL_FLAG": "否",
        "CREATE_TIME": "2024/6/2 7:50", "CREATE_BY": "李国庆", "UPDATE_TIME": "2024-06-02 07:57:00", "UPDATE_BY": "系统",
    });
    format!("{row}\n")
}

#[tokio::test]
async fn a_whole_source_is_measured_by_its_hazards_and_its_other_lists_are_empty() {
    let program = lianwang();
    let park = embedded::demo();
    let park = park.iter().filter(|file| file.path.starts_with("sources/demo-park/"));
    let files = Files::shipped(park.map(|file| (file.path.as_str(), file.text.as_str())));
    let config = program.configure("park", &files).display().to_string();
    let input = program.folder().join("hazards.ndjson").display().to_string();
    std::fs::write(&input, (0..12).map(hazard_row).collect::<String>()).unwrap();
    let arguments = ["bench", "--json", "--records", "9", "--input", &input, "--config", &config];
    let report = object(&program, &arguments).await;
    assert_eq!(records(&report), [("land", 9), ("refine", 9), ("repush", 9), ("forward", 9)]);
}
