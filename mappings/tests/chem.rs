//! What the profile `chem` demands of each kind, one deviation from a good record at a time; and what the good
//! records look like at the national destination.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::Path;

use mappings::{Form, Mapped, Outcome, RuleFile, Rulebook, merge};

type Fields = Vec<(&'static str, &'static str)>;

const ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const PARENT: &str = "c4ba424edce85a0f9c3743961f28ab71";
const PARENT_HYPHENS: &str = "C4BA424E-DCE8-5A0F-9C37-43961F28AB71";

fn rulebook(kind: &str) -> Rulebook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "destinations/national"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.push(RuleFile {
                path: format!("{folder}/{name}"),
                text: std::fs::read_to_string(&path).unwrap(),
            });
        }
    }
    let shipped = Rulebook::compile(&files).0.unwrap();
    let fields: Vec<String> = shipped
        .kind(kind)
        .unwrap()
        .fields()
        .iter()
        .map(|field| format!("{0} = \"{0}\"\n", field.name()))
        .collect();
    let space = shipped.kind(kind).unwrap().id_space().unwrap_or("uuid").to_owned();
    let mapping = format!(
        "kind = \"{kind}\"\nid_space = \"{space}\"\nprofile = \"chem\"\nselect = {{ service = \"s\" }}\n[fields]\n{}",
        fields.concat()
    );
    let source = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"s\"\n";
    files.push(RuleFile { path: "sources/park/source.toml".into(), text: source.into() });
    files.push(RuleFile { path: "sources/park/mapping.toml".into(), text: mapping });
    Rulebook::compile(&files).0.unwrap()
}

fn mapped(book: &Rulebook, fields: &Fields) -> Mapped {
    let record: Vec<(String, String, Form)> =
        fields.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned(), Form::Text)).collect();
    book.mapping("park", "s").unwrap().map(&record, "2024-07-01T00:00:00Z".parse().unwrap())
}

/// `code field level` of every issue of a good record with some fields changed; an empty text removes one.
fn issues(book: &Rulebook, good: &Fields, changes: &[(&'static str, &'static str)]) -> Vec<String> {
    let mut fields = good.clone();
    for change in changes {
        fields.retain(|(path, _)| path != &change.0);
        fields.push(*change);
    }
    mapped(book, &fields)
        .issues
        .iter()
        .map(|issue| {
            format!("{} {} {}", issue.code, issue.field, serde_json::to_string(&issue.level).unwrap())
        })
        .collect()
}

fn with_common(own: Fields) -> Fields {
    let mut fields = vec![
        ("id", ID),
        ("companyCode", "410900017"),
        ("deleted", "0"),
        ("createDate", "20240606080000"),
        ("createBy", "系统"),
        ("updateDate", "20240606080000"),
        ("updateBy", "系统"),
    ];
    fields.extend(own);
    fields
}

fn unit() -> Fields {
    with_common(vec![
        ("hazardCode", "410900017001"),
        ("hazardDep", "生产部"),
        ("hazardLiablePerson", "负责人"),
        ("riskUnitName", "罐区"),
    ])
}

fn event() -> Fields {
    with_common(vec![("riskUnitId", PARENT_HYPHENS), ("riskEventName", "泄漏")])
}

fn measure() -> Fields {
    with_common(vec![("riskEventId", PARENT_HYPHENS), ("dataSrc", "1"), ("riskMeasureDesc", "定期检查")])
}

fn task() -> Fields {
    with_common(vec![
        ("riskMeasureId", PARENT_HYPHENS),
        ("troubleshootContent", "按清单检查"),
        ("checkCycle", "1"),
        ("checkCycleUnit", "天"),
        ("taskStartTime", "20240604080000"),
    ])
}

fn check() -> Fields {
    with_common(vec![
        ("checkTaskId", PARENT_HYPHENS),
        ("checkTime", "20240605083000"),
        ("mobileMe", "860000000000000"),
    ])
}

fn hazard() -> Fields {
    with_common(vec![
        ("hazardCode", "410900017001"),
        ("riskMeasureId", PARENT_HYPHENS),
        ("checkRecordId", PARENT_HYPHENS),
        ("dangerName", "安全阀校验过期"),
        ("dangerLevel", "0"),
        ("registTime", "20240606080000"),
        ("registrant", "登记人"),
        ("dangerSrc", "10"),
        ("dangerManageType", "1"),
        ("hazardDangerType", "7"),
        ("dangerDesc", "现场检查发现"),
        ("hazardCategory", "0"),
        ("liablePerson", "责任人"),
        ("dangerManageDeadline", "20240616180000"),
        ("dangerState", "0"),
    ])
}

fn outage() -> Fields {
    with_common(vec![
        ("hazardCode", "410900017001"),
        ("riskUnitId", PARENT_HYPHENS),
        ("stopStartTime", "20240607080000"),
        ("stopEndTime", "20240609180000"),
    ])
}

fn every_kind() -> [(&'static str, Fields); 7] {
    [
        ("risk_unit", unit()),
        ("risk_event", event()),
        ("control_measure", measure()),
        ("check_task", task()),
        ("check_record", check()),
        ("hazard", hazard()),
        ("unit_outage", outage()),
    ]
}

#[test]
fn the_good_records_are_good() {
    for (kind, good) in every_kind() {
        let mapped = mapped(&rulebook(kind), &good);
        assert_eq!((mapped.outcome, mapped.issues), (Outcome::Good, Vec::new()), "{kind}");
    }
}

#[test]
fn what_every_kind_demands() {
    for (kind, good) in every_kind() {
        let book = rulebook(kind);
        for field in ["id", "companyCode", "deleted", "createDate", "createBy", "updateDate", "updateBy"] {
            assert_eq!(
                issues(&book, &good, &[(field, "")]),
                [format!("required {field} \"reject\"")],
                "{kind}"
            );
        }
        assert_eq!(issues(&book, &good, &[("id", "17")]), ["bad-id id \"reject\""], "{kind}");
        assert_eq!(issues(&book, &good, &[("deleted", "2")]), ["unknown-code deleted \"hold\""], "{kind}");
        assert_eq!(
            issues(&book, &good, &[("updateDate", "20240230000000")]),
            ["bad-datetime updateDate \"reject\""]
        );
        assert_eq!(
            issues(&book, &good, &[("companyCode", "41090001X"), ("hazardCode", "")]).first().unwrap(),
            "pattern companyCode \"reject\""
        );
        // full-width figures are digits to a pattern that asks for any digit
        assert_eq!(
            issues(&book, &good, &[("companyCode", "４１０９０００１７"), ("hazardCode", "")])
                .first()
                .unwrap(),
            "pattern companyCode \"reject\""
        );
    }
}

#[test]
fn what_each_kind_demands_beyond_that() {
    let demanded: [(&str, &[&str]); 7] = [
        ("risk_unit", &["hazardCode", "hazardDep", "hazardLiablePerson", "riskUnitName"]),
        ("risk_event", &["riskUnitId", "riskEventName"]),
        ("control_measure", &["riskEventId", "dataSrc", "riskMeasureDesc"]),
        (
            "check_task",
            &["riskMeasureId", "troubleshootContent", "checkCycle", "checkCycleUnit", "taskStartTime"],
        ),
        ("check_record", &["checkTaskId", "checkTime"]),
        (
            "hazard",
            &[
                "hazardCode",
                "riskMeasureId",
                "checkRecordId",
                "dangerName",
                "dangerLevel",
                "registTime",
                "registrant",
                "dangerSrc",
                "dangerManageType",
                "hazardDangerType",
                "dangerDesc",
                "hazardCategory",
                "liablePerson",
                "dangerManageDeadline",
                "dangerState",
            ],
        ),
        ("unit_outage", &["riskUnitId"]),
    ];
    for ((kind, fields), (_, good)) in demanded.into_iter().zip(every_kind()) {
        let book = rulebook(kind);
        for field in fields {
            assert_eq!(
                issues(&book, &good, &[(field, "")]),
                [format!("required {field} \"reject\"")],
                "{kind}"
            );
        }
        let free = good.iter().map(|(field, _)| *field).skip(7).filter(|field| !fields.contains(field));
        for field in free.filter(|field| *field != "mobileMe") {
            assert_eq!(issues(&book, &good, &[(field, "")]), Vec::<String>::new(), "{kind} {field}");
        }
    }
}

#[test]
fn inferred_facts_only_warn() {
    let book = rulebook("risk_unit");
    let other = "hazard-code-of-another-company hazardCode \"warn\"";
    assert_eq!(issues(&book, &unit(), &[("hazardCode", "410600021001")]), [other]);
    assert_eq!(issues(&book, &unit(), &[("hazardCode", "4109000171")]), ["pattern hazardCode \"warn\""]);
    assert_eq!(issues(&book, &unit(), &[("hazardCode", "X")]), ["pattern hazardCode \"warn\"", other]);
    let book = rulebook("control_measure");
    assert_eq!(issues(&book, &measure(), &[("classify1", "1"), ("classify2", "1-5")]), Vec::<String>::new());
    assert_eq!(
        issues(&book, &measure(), &[("classify1", "1"), ("classify2", "2-3")]),
        ["class-2-outside-class-1 classify2 \"warn\""]
    );
    assert_eq!(issues(&book, &measure(), &[("classify2", "2-3")]), Vec::<String>::new());
    let book = rulebook("check_record");
    assert_eq!(issues(&book, &check(), &[("mobileMe", "")]), ["required mobileMe \"warn\""]);
}

#[test]
fn work_hours_go_with_hours_only() {
    let book = rulebook("check_task");
    let none = Vec::<String>::new();
    let both = [("workStartTime", "8:00:00"), ("workEndTime", "18:00:00")];
    let hours = ("checkCycleUnit", "小时");
    assert_eq!(issues(&book, &task(), &[hours, both[0], both[1]]), none);
    assert_eq!(
        issues(&book, &task(), &[hours]),
        ["required workStartTime \"reject\"", "required workEndTime \"reject\""]
    );
    assert_eq!(issues(&book, &task(), &[hours, both[0]]), ["required workEndTime \"reject\""]);
    assert_eq!(issues(&book, &task(), &both), ["work-hours-not-needed workStartTime \"warn\""]);
    // the unit itself unknown: nothing more can be said
    assert_eq!(
        issues(&book, &task(), &[("checkCycleUnit", "周"), both[0], both[1]]),
        ["unknown-code checkCycleUnit \"hold\""]
    );
    assert_eq!(
        issues(&book, &task(), &[hours, ("workStartTime", "25:00"), both[1]]),
        ["bad-time workStartTime \"reject\""]
    );
}

#[test]
fn task_numbers_go_with_the_persons_in_charge() {
    let book = rulebook("check_task");
    let task = task();
    let found = |kind: &'static str, number: &'static str| {
        issues(&book, &task, &[("workType", kind), ("taskNum", number)])
    };
    for kind in ["1", "2", "3"] {
        assert_eq!(found(kind, ""), ["required taskNum \"reject\""], "{kind}");
        assert_eq!(found(kind, "1"), Vec::<String>::new(), "{kind}");
        assert_eq!(found(kind, "9"), Vec::<String>::new(), "{kind}");
        assert_eq!(found(kind, "0"), ["out-of-range taskNum \"reject\""], "{kind}");
    }
    assert_eq!(found("1", "10"), ["task-number-outside-list taskNum \"reject\""]);
    assert_eq!(found("2", "10"), ["task-number-outside-list taskNum \"reject\""]);
    assert_eq!(found("3", "10"), Vec::<String>::new());
    assert_eq!(found("3", "11"), ["out-of-range taskNum \"reject\""]);
    assert_eq!(found("0", ""), Vec::<String>::new());
    assert_eq!(found("0", "3"), ["task-number-not-needed taskNum \"warn\""]);
    assert_eq!(found("", ""), Vec::<String>::new());
    assert_eq!(issues(&book, &task, &[("checkCycle", "0")]), ["cycle-not-positive checkCycle \"reject\""]);
    assert_eq!(issues(&book, &task, &[("checkCycle", "1.5")]), ["bad-number checkCycle \"reject\""]);
}

#[test]
fn an_accepted_hazard_has_an_acceptor_and_a_time() {
    let book = rulebook("hazard");
    let person = ("checkAcceptPerson", "验收人");
    let time = ("checkAcceptTime", "20240610100000");
    let found = |state: &'static str, more: &[(&'static str, &'static str)]| {
        let changes = [&[("dangerState", state)], more].concat();
        issues(&book, &hazard(), &changes)
    };
    assert_eq!(found("9", &[person, time]), Vec::<String>::new());
    assert_eq!(found("9", &[time]), ["required checkAcceptPerson \"reject\""]);
    assert_eq!(found("9", &[person]), ["required checkAcceptTime \"reject\""]);
    assert_eq!(found("1", &[]), Vec::<String>::new());
    assert_eq!(found("5", &[]), ["unknown-code dangerState \"hold\""]);
    assert_eq!(found("1", &[person, time]), Vec::<String>::new());
}

#[test]
fn a_deadline_before_the_registration_is_noticed() {
    let book = rulebook("hazard");
    let deadline = |text: &'static str| issues(&book, &hazard(), &[("dangerManageDeadline", text)]);
    assert_eq!(deadline("20240606080000"), Vec::<String>::new());
    assert_eq!(deadline("20240606075959"), ["deadline-before-registration dangerManageDeadline \"warn\""]);
    assert_eq!(
        deadline("2024-06-05 08:00:00"),
        ["deadline-before-registration dangerManageDeadline \"warn\""]
    );
    assert_eq!(
        issues(&book, &hazard(), &[("registTime", "20240631250000")]),
        ["bad-datetime registTime \"reject\""]
    );
}

#[test]
fn an_outage_ends_after_it_starts() {
    let book = rulebook("unit_outage");
    let ends = issues(&book, &outage(), &[("stopEndTime", "20240607075959")]);
    assert_eq!(ends, ["outage-ends-before-it-starts stopEndTime \"warn\""]);
    assert_eq!(issues(&book, &outage(), &[("stopEndTime", "")]), Vec::<String>::new());
}

#[test]
fn an_object_of_the_registration_system_is_known_by_its_code() {
    let book = rulebook("risk_object");
    let object = vec![
        ("id", "410900017001"),
        ("companyCode", "410900017"),
        ("hazardName", "中间罐区"),
        ("isTest", "1"),
    ];
    let good = mapped(&book, &object);
    assert_eq!(good.key.unwrap().to_string(), "risk_object/registered/410900017001");
    assert!(good.contribution.unwrap().test);
    assert_eq!(
        issues(&book, &object, &[("id", "410600021001")]),
        ["hazard-code-of-another-company id \"warn\""]
    );
    assert_eq!(issues(&book, &object, &[("id", "X")]).first().unwrap(), "pattern id \"warn\"");
}

fn wire(kind: &str, fields: &Fields) -> String {
    let book = rulebook(kind);
    let version = merge(book.kind(kind).unwrap(), mapped(&book, fields).contribution.unwrap()).unwrap();
    book.outlet("national", kind).unwrap().encode(&version.key, &version.content, &version.parents).unwrap()
}

const COMMON_WIRE: &str = r#"{"id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","companyCode":"410900017","deleted":"0","createDate":"20240606080000","createBy":"系统","updateDate":"20240606080000","updateBy":"系统""#;

#[test]
fn what_the_national_destination_is_told() {
    let expected = [
        r#""hazardCode":"410900017001","hazardDep":"生产部","hazardLiablePerson":"负责人","riskUnitName":"罐区"}"#.to_owned(),
        format!(r#""riskUnitId":"{PARENT}","riskEventName":"泄漏"}}"#),
        format!(r#""riskEventId":"{PARENT}","dataSrc":"1","riskMeasureDesc":"定期检查"}}"#),
        format!(
            r#""riskMeasureId":"{PARENT}","troubleshootContent":"按清单检查","checkCycle":1,"checkCycleUnit":"天","taskStartTime":"20240604080000"}}"#
        ),
        format!(r#""checkTaskId":"{PARENT}","checkTime":"20240605083000","mobileMe":"860000000000000"}}"#),
        format!(
            r#""hazardCode":"410900017001","riskMeasureId":"{PARENT}","checkRecordId":"{PARENT}","dangerName":"安全阀校验过期","dangerLevel":"0","registTime":"20240606080000","registrant":"登记人","dangerSrc":"10","dangerManageType":"1","hazardDangerType":"7","dangerDesc":"现场检查发现","hazardCategory":0,"liablePerson":"责任人","dangerManageDeadline":"20240616180000","dangerState":"0"}}"#
        ),
        format!(
            r#""hazardCode":"410900017001","riskUnitId":"{PARENT}","stopStartTime":"20240607080000","stopEndTime":"20240609180000"}}"#
        ),
    ];
    for ((kind, good), own) in every_kind().into_iter().zip(expected) {
        assert_eq!(wire(kind, &good), format!("{COMMON_WIRE},{own}"), "{kind}");
    }
}

#[test]
fn what_is_ours_alone_stays_here() {
    let mut fields = unit();
    fields.extend([
        ("isTest", "0"),
        ("region", "410927"),
        ("industry", "危险化学品"),
        ("riskLevel", "1"),
        ("assessMethod", "LEC"),
        ("lecL", "6"),
        ("lecE", "6"),
        ("lecC", "40"),
        ("lecD", "1440"),
        ("controlLevel", "公司"),
        ("assessPerson", "张三"),
        ("assessDate", "2024-06-01"),
        ("validUntil", "2025-06-01"),
    ]);
    assert_eq!(wire("risk_unit", &fields), wire("risk_unit", &unit()));
    let mut fields = outage();
    fields.extend([
        ("startStopType", "停车"),
        ("expireTime", "20240609180000"),
        ("startPersonMobile", "13800000000"),
    ]);
    assert_eq!(wire("unit_outage", &fields), wire("unit_outage", &outage()));
}

#[test]
fn times_of_day_lose_their_leading_zero_at_the_national_destination() {
    let mut fields = task();
    fields.retain(|(name, _)| *name != "checkCycleUnit");
    fields.extend([("checkCycleUnit", "小时"), ("workStartTime", "08:00"), ("workEndTime", "18:00:00")]);
    assert!(wire("check_task", &fields).contains(r#""workStartTime":"8:00:00","workEndTime":"18:00:00""#));
}
