//! Records in the national exchange's own words, clean unless a test makes them otherwise, and the fixture they imitate.

use std::path::PathBuf;

use gateway::config::directory;
use serde_json::{Value, json};

use crate::{
    Files,
    rows::{id, wire},
};

/// The services of the fixture, parents first.
pub const SERVICES: [&str; 7] =
    ["risk_unit", "risk_event", "control_measure", "check_task", "check_record", "hazard", "unit_outage"];

/// The folder of the national park's records and of what must come of them.
#[must_use]
pub fn folder() -> PathBuf {
    fixture("national-park")
}

/// What must come of the national park's records.
#[must_use]
pub fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join("expected.json")).unwrap()).unwrap()
}

/// The configuration that reads the national park, over everything that ships, with pages of `size`.
#[must_use]
pub fn files(size: u32) -> Files {
    let read = directory::read(&fixture("national-park-config")).unwrap();
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let files = read.files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    Files::shipped(files).replacing(SOURCE_FILE, "size = 50", &format!("size = {size}"))
}

/// The file that says how the national park is read.
pub const SOURCE_FILE: &str = "sources/national-park/source.toml";

/// The same configuration with one service read by (updateDate, id), pages of `size`, ten minutes of overlap.
#[must_use]
pub fn keyset(service: &str, size: u32) -> Files {
    let by_page = format!(
        "path = \"/api/{service}/list\"\nquery = {{ pageNo = \"{{page}}\", pageSize = \"{{size}}\" }}\n\
         list = \"data.records\"\ntotal = \"data.total\"\npaging = {{ kind = \"page\", size = {size} }}"
    );
    let by_time = format!(
        "path = \"/api/{service}/changes\"\nquery = {{ from = \"{{from}}\", until = \"{{until}}\", \
         afterTime = \"{{after_time}}\", afterId = \"{{after_id}}\", limit = \"{{size}}\" }}\n\
         list = \"data.records\"\ntotal = \"data.total\"\n\
         paging = {{ kind = \"keyset\", size = {size}, time = \"updateDate\", id = \"id\", overlap_s = 600 }}"
    );
    files(size).replacing(SOURCE_FILE, &by_page, &by_time)
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// `families` clean families: unit ← event ← measure ← task ← check ← hazard, and an outage of the unit.
/// Members of the `n`-th family have the ids `10 n`, `10 n + 1` … in the order of [`SERVICES`].
#[must_use]
pub fn clean(families: u32) -> [(&'static str, Vec<Value>); 7] {
    let all = |row: fn(u32) -> Value| (1..=families).map(|n| row(10 * n)).collect();
    [
        ("risk_unit", all(unit)),
        ("risk_event", all(|n| event(n + 1, n))),
        ("control_measure", all(|n| measure(n + 2, n + 1))),
        ("check_task", all(|n| task(n + 3, n + 2))),
        ("check_record", all(|n| check(n + 4, n + 3))),
        ("hazard", all(|n| hazard(n + 5, n + 2, n + 4))),
        ("unit_outage", all(|n| outage(n + 6, n))),
    ]
}

/// The first three of the `n`-th family: unit ← event ← measure.
#[must_use]
pub fn family(n: u32) -> [(&'static str, Value); 3] {
    [
        ("risk_unit", unit(10 * n)),
        ("risk_event", event(10 * n + 1, 10 * n)),
        ("control_measure", measure(10 * n + 2, 10 * n + 1)),
    ]
}

/// A unit.
#[must_use]
pub fn unit(n: u32) -> Value {
    row(
        n,
        &json!({"hazardCode": "410900017001", "hazardDep": "生产部", "hazardLiablePerson": "负责人",
        "riskUnitName": format!("罐区{n}")}),
    )
}

/// An event of a unit, which it names in another spelling than the unit's own id.
#[must_use]
pub fn event(n: u32, unit: u32) -> Value {
    row(n, &json!({"riskUnitId": wire(unit).to_uppercase(), "riskEventName": "泄漏"}))
}

/// A measure against an event.
#[must_use]
pub fn measure(n: u32, event: u32) -> Value {
    row(
        n,
        &json!({"riskEventId": wire(event), "dataSrc": "1", "riskMeasureDesc": "定期检查并记录", "classify1": "1",
        "classify2": "1-1", "classify3": "现场", "troubleshootContent": "检查液位计是否完好"}),
    )
}

/// The task to check a measure.
#[must_use]
pub fn task(n: u32, measure: u32) -> Value {
    row(
        n,
        &json!({"riskMeasureId": wire(measure), "troubleshootContent": "按清单检查", "checkCycle": 1,
        "checkCycleUnit": "天", "taskStartTime": "20240604080000", "workDayType": "0", "workType": "0"}),
    )
}

/// A check done.
#[must_use]
pub fn check(n: u32, task: u32) -> Value {
    row(
        n,
        &json!({"checkTaskId": wire(task), "checkTime": "20240605083000", "mobileMe": "860000000000000",
        "isDefend": "0", "checkStatus": "1", "createByMobile": "13800000000", "updateByMobile": "13800000000"}),
    )
}

/// A hazard found, not yet mended.
#[must_use]
pub fn hazard(n: u32, measure: u32, check: u32) -> Value {
    row(
        n,
        &json!({"hazardCode": "410900017001", "riskMeasureId": wire(measure), "checkRecordId": wire(check),
        "dangerName": format!("第{n}号安全阀校验过期"), "dangerLevel": "0", "registTime": "20240606080000",
        "registrant": "登记人", "dangerSrc": "1", "dangerManageType": "1", "hazardDangerType": "1",
        "dangerDesc": "现场检查发现，需整改", "dangerReason": "维护不到位", "hazardCategory": 0,
        "controlMeasures": "警戒、监护", "cost": "0.5", "liablePerson": "责任人",
        "dangerManageDeadline": "20240616180000", "dangerState": "0"}),
    )
}

/// A unit out of use.
#[must_use]
pub fn outage(n: u32, unit: u32) -> Value {
    row(
        n,
        &json!({"hazardCode": "410900017001", "riskUnitId": wire(unit), "stopStartTime": "20240607080000",
        "stopEndTime": "20240609180000", "stopReason": "检维修"}),
    )
}

/// The same row with other values; `null` takes a field away.
#[must_use]
pub fn with(mut row: Value, changes: &Value) -> Value {
    let fields = row.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    row
}

fn row(n: u32, own: &Value) -> Value {
    let common = json!({"id": id(n), "companyCode": "410900017", "deleted": "0", "createDate": "20240601080000",
        "createBy": "系统", "updateDate": "20240601080000", "updateBy": "系统"});
    with(common, own)
}
