//! What the receiver complains of, defect by defect.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sim::province::forms;

const HAZARD: &str = "sec_hidden_danger_info";

/// A good hazard (transport.md 8.1), some fields overwritten; null takes a field away.
fn hazard(changes: Value) -> Fields {
    let good = json!({
        "id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "companyCode": "410900017", "hazardCode": "410900017001",
        "riskMeasureId": "08dc6e70c9c8572c9dbf090ad74d6e3e", "checkRecordId": "65302320508a5745bef928044b23be17",
        "dangerName": "V-101 安全阀校验过期", "dangerLevel": "0", "registTime": "20240612093000",
        "registrant": "某某", "dangerSrc": "3", "dangerManageType": "1", "hazardDangerType": "7",
        "dangerDesc": "…", "hazardCategory": 0, "liablePerson": "某某",
        "dangerManageDeadline": "2024-06-19 18:00:00", "dangerState": "0", "deleted": "0",
        "createDate": "20240612093000", "createBy": "某某", "updateDate": "20240618100000", "updateBy": "某某",
    });
    let mut fields: Fields = serde_json::from_value(good).unwrap();
    fields.extend(serde_json::from_value::<Fields>(changes).unwrap());
    fields
}

fn texts(changes: Value) -> Vec<String> {
    let complaints = judge(forms::of(HAZARD).unwrap(), &hazard(changes), None, &|_, _| true);
    complaints.into_iter().map(|complaint| complaint.text).collect()
}

#[test]
fn a_good_record_has_no_complaint() {
    assert_eq!(texts(json!({})), Vec::<String>::new());
    assert_eq!(texts(json!({"id": "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"})), Vec::<String>::new());
}

#[test]
fn each_defect_has_its_own_complaint() {
    for (changes, complaint) in [
        (json!({"id": "17"}), "id 格式错误：应为32位或36位UUID"),
        (json!({"id": "gf1e2d3c4b5a69788796a5b4c3d2e1f0"}), "id 格式错误：应为32位或36位UUID"),
        (json!({"id": ""}), "id 不能为空"),
        (json!({"companyCode": "41090001"}), "companyCode 格式错误：应为9位数字"),
        (json!({"companyCode": 410_900_017_u64}), ""),
        (json!({"hazardCode": "41090001700X"}), "hazardCode 格式错误：应为12位数字"),
        (json!({"dangerName": "  "}), "dangerName 不能为空"),
        (json!({"updateBy": null}), "updateBy 不能为空"),
        (json!({"dangerLevel": "3"}), "dangerLevel 不在代码表中"),
        (json!({"deleted": "2"}), "deleted 不在代码表中"),
        (json!({"registTime": "20240631250000"}), "registTime 时间格式错误"),
        (json!({"registTime": "2024/6/12 9:30"}), "registTime 时间格式错误"),
        (json!({"dangerState": "9", "checkAcceptTime": "20240618100000"}), "checkAcceptPerson 不能为空"),
        (json!({"liablePerson": "某".repeat(101)}), "liablePerson 长度超过100"),
    ] {
        let expected: Vec<&str> = Some(complaint).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(texts(changes.clone()), expected, "{changes}");
    }
}

#[test]
fn all_complaints_are_told_not_the_first() {
    let told = texts(json!({"dangerName": null, "dangerLevel": "x", "companyCode": "1"}));
    assert_eq!(
        told,
        ["companyCode 格式错误：应为9位数字", "dangerName 不能为空", "dangerLevel 不在代码表中"]
    );
}

#[test]
fn hours_and_item_numbers_are_wanted_only_where_they_mean_something() {
    let form = forms::of("sec_hidden_check_mission").unwrap();
    let complaints = |unit: &str, kind: &str| {
        let fields: Fields =
            serde_json::from_value(json!({"checkCycleUnit": unit, "workType": kind})).unwrap();
        let told = judge(form, &fields, None, &|_, _| true);
        let wanted = |name: &str| told.iter().any(|complaint| complaint.text == format!("{name} 不能为空"));
        (wanted("workStartTime"), wanted("workEndTime"), wanted("taskNum"))
    };
    assert_eq!(complaints("小时", "0"), (true, true, false));
    assert_eq!(complaints("天", "3"), (false, false, true));
}

#[test]
fn a_parent_is_looked_up_at_its_own_path_in_one_spelling() {
    let fields = hazard(json!({"riskMeasureId": "08DC6E70-C9C8-572C-9DBF-090AD74D6E3E"}));
    let known = |path: &str, id: &str| {
        path == "sec_security_risk_control_measures" && id == "08dc6e70c9c8572c9dbf090ad74d6e3e"
    };
    let complaints = judge(forms::of(HAZARD).unwrap(), &fields, None, &known);
    assert_eq!(
        complaints,
        [Complaint { text: "checkRecordId 不存在，请先上传上级数据".to_owned(), orphan: true }]
    );
}

#[test]
fn a_record_of_another_company_than_the_one_logged_in_is_refused() {
    let form = forms::of(HAZARD).unwrap();
    assert_eq!(judge(form, &hazard(json!({})), Some("410900017"), &|_, _| true), []);
    assert_eq!(judge(form, &hazard(json!({})), Some("410600021"), &|_, _| true).len(), 1);
}

proptest! {
    #[test]
    fn no_record_is_too_strange_to_judge(name in "id|hazardCode|registTime|dangerState|x", value in ".{0,40}") {
        let mut changes = serde_json::Map::new();
        changes.insert(name, Value::String(value));
        let form = forms::of(HAZARD).unwrap();
        let told = judge(form, &hazard(Value::Object(changes)), None, &|_, _| true);
        prop_assert!(told.len() <= 4);
    }
}

/// A good record of each path, in the words of national-model.md §1.3–1.9.
fn good(path: &str) -> Fields {
    let own = match path {
        "sec_security_risk_unit" => json!({
            "hazardCode": "410900017001", "hazardDep": "生产部", "hazardLiablePerson": "某某", "riskUnitName": "罐区",
        }),
        "sec_security_risk_events" => json!({ "riskUnitId": ID, "riskEventName": "泄漏" }),
        "sec_security_risk_control_measures" => json!({
            "riskEventId": ID, "dataSrc": "1", "riskMeasureDesc": "联锁", "classify1": "2", "classify2": "2-3",
            "troubleshootContent": "检查",
        }),
        "sec_hidden_check_mission" => json!({
            "riskMeasureId": ID, "troubleshootContent": "检查", "checkCycle": 1, "checkCycleUnit": "小时",
            "taskStartTime": "20240604080000", "workStartTime": "8:00:00", "workEndTime": "18:00:00",
            "workDayType": "0", "workType": "3", "taskNum": 10,
        }),
        "sec_hidden_check_record" => json!({
            "checkTaskId": ID, "checkTime": "20240605083000", "mobileMe": "860000000000000", "isDefend": "0",
            "checkStatus": "1",
        }),
        "sec_deactivated_maintenance_record" => json!({
            "hazardCode": "410900017001", "riskUnitId": ID, "stopStartTime": "20240607080000",
            "stopEndTime": "20240609180000", "stopReason": "检维修",
        }),
        _ => return hazard(json!({})),
    };
    let mut fields = hazard(json!({}));
    fields.retain(|name, _| COMMON.required.contains(&name.as_str()));
    fields.extend(serde_json::from_value::<Fields>(own).unwrap());
    fields
}

const ID: &str = "08dc6e70c9c8572c9dbf090ad74d6e3e";
const PATHS: [&str; 7] = [
    "sec_security_risk_unit",
    "sec_security_risk_events",
    "sec_security_risk_control_measures",
    "sec_hidden_check_mission",
    "sec_hidden_check_record",
    HAZARD,
    "sec_deactivated_maintenance_record",
];

fn told_of(path: &str, fields: &Fields) -> Vec<String> {
    let complaints = judge(forms::of(path).unwrap(), fields, None, &|_, _| true);
    complaints.into_iter().map(|complaint| complaint.text).collect()
}

#[test]
fn a_good_record_of_every_path_is_taken() {
    for path in PATHS {
        assert_eq!(told_of(path, &good(path)), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn each_required_field_of_every_path_is_missed_by_name() {
    for path in PATHS {
        let form = forms::of(path).unwrap();
        for name in COMMON.required.iter().chain(form.required) {
            let mut fields = good(path);
            fields.insert((*name).to_owned(), Value::Null);
            assert_eq!(told_of(path, &fields), [format!("{name} 不能为空")], "{path}");
        }
    }
}

#[test]
fn each_code_of_every_path_is_looked_up() {
    for path in PATHS {
        let form = forms::of(path).unwrap();
        for (name, values) in form.codes {
            let mut fields = good(path);
            fields.insert((*name).to_owned(), json!("x1"));
            let told = told_of(path, &fields);
            assert_eq!(told, [format!("{name} 不在代码表中")], "{path}");
            for value in *values {
                fields.insert((*name).to_owned(), json!(value));
                let strange = format!("{name} 不在代码表中");
                assert!(!told_of(path, &fields).contains(&strange), "{path} {name} {value}");
            }
        }
    }
}

#[test]
fn each_parent_of_every_path_must_have_come_before() {
    for path in PATHS {
        let form = forms::of(path).unwrap();
        let complaints = judge(form, &good(path), None, &|_, _| false);
        let orphaned: Vec<&str> = complaints
            .iter()
            .filter(|one| one.orphan)
            .map(|one| one.text.split(' ').next().unwrap())
            .collect();
        let wanted: Vec<&str> = form.parents.iter().map(|(name, _)| *name).collect();
        assert_eq!(orphaned, wanted, "{path}");
        assert_eq!(orphaned.len(), complaints.len(), "{path}: nothing else is wrong");
    }
}

#[test]
fn each_length_is_counted_in_utf_16_units() {
    for path in PATHS {
        for (name, most) in forms::of(path).unwrap().lengths {
            let mut fields = good(path);
            fields.insert((*name).to_owned(), json!("某".repeat(*most)));
            assert_eq!(told_of(path, &fields), Vec::<String>::new(), "{path} {name}");
            fields.insert((*name).to_owned(), json!("𠀀".repeat(most / 2 + 1)));
            assert_eq!(told_of(path, &fields), [format!("{name} 长度超过{most}")], "{path}");
        }
    }
}
